//! How a request came: from which address, and whether the reader's browser speaks TLS. Worked out
//! once, before anything else.

use super::{cookie::CookieKind, door::network, intranet::Intranet};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc};

/// RFC 6797: for a year, a browser comes back over TLS alone.
const COME_BACK_OVER_TLS: &str = "max-age=31536000";

/// Where no address is known.
const NOWHERE: &str = "-";

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Arrival {
    /// For the log.
    pub address: String,
    /// For the limits of sign-in: what counts as one address.
    pub network: String,
    pub is_secure: bool,
}

impl Arrival {
    /// The kind of cookie for its answer: one that demands TLS wherever there is some.
    pub(super) fn cookie(&self, intranet: &Intranet) -> CookieKind {
        if self.is_secure { CookieKind::Host } else { intranet.plain_cookie }
    }
}

/// Notes it down for whoever handles the request.
pub(super) async fn note(State(intranet): State<Arc<Intranet>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let from = peer.map(|peer| intranet.front.address(peer, request.headers()));
    let [address, network] = [from, from.map(network)].map(|from| from.map_or_else(|| NOWHERE.to_owned(), |from| from.to_string()));
    let is_secure = intranet.front.is_secure(peer, request.headers());
    request.extensions_mut().insert(Arrival { address, network, is_secure });
    let mut response = next.run(request).await;
    if is_secure {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(COME_BACK_OVER_TLS));
    }
    response
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Arrival, Infallible> {
        let noted = parts.extensions.get::<Arrival>().cloned();
        Ok(noted.unwrap_or_else(|| Arrival { address: NOWHERE.to_owned(), network: NOWHERE.to_owned(), is_secure: false }))
    }
}
