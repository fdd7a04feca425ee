//! Serves over the network, with TLS or without, until it is asked to stop.

use super::{error::ServerError, guest::Guest, intranet::Intranet, routes::router, tls::Tls};
use axum_server::{Handle, accept::Accept, tls_rustls::RustlsAcceptor};
use std::{
    future::{Ready, ready},
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpStream;

/// Who has not sent the head of a request by then, or has nothing to ask for so long, makes room
/// for others.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A head is no longer, in bytes: with as many connections as are held, what has come of their
/// heads must fit into memory.
const HEAD_LENGTH: usize = 32 << 10;
/// Asked to stop, the server waits no longer than this for what is under way.
const PATIENCE: Duration = Duration::from_secs(6);

/// Serves until `stop`; requests under way are answered first. Who has begun one and does not go on
/// is waited for only so long.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(
    intranet: Arc<Intranet>,
    listener: TcpListener,
    tls: Option<Tls>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let usher = Usher(intranet.clone());
    let service = router(intranet).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let told = handle.clone();
    tokio::spawn(async move {
        stop.await;
        told.graceful_shutdown(Some(PATIENCE));
    });
    let mut server = axum_server::from_tcp(listener)?.handle(handle).http1_only();
    server.http_builder().http1().header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_LENGTH);
    let Some(tls) = tls else { return Ok(server.acceptor(usher).serve(service).await?) };
    let server = server.acceptor(RustlsAcceptor::new(tls.config.clone()).handshake_timeout(HEAD_TIMEOUT).acceptor(usher));
    tokio::select! {
        served = server.serve(service) => Ok(served?),
        () = tls.renew() => Ok(()),
    }
}

/// Lets connections in, as far as there is room for them.
#[derive(Clone)]
struct Usher(Arc<Intranet>);

impl<S> Accept<TcpStream, S> for Usher {
    type Stream = Guest;
    type Service = S;
    type Future = Ready<io::Result<(Guest, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let is_proxy = stream.peer_addr().is_ok_and(|peer| self.0.front.trusts(peer.ip().to_canonical()));
        ready(self.0.door.let_in(stream, is_proxy).map(|held| (Guest::new(held), service)))
    }
}
