//! HTTP: the same pages for who is signed in, each through his own view. Never decides access itself, never knows the time: a clock is
//! handed in.

mod account;
mod answer;
mod api;
mod arrival;
mod ask;
mod attachment;
mod blocking;
mod calendar;
mod condition;
mod door;
mod front;
mod guard;
mod guest;
mod hashing;
mod inbox;
mod limit;
mod live;
mod office;
mod pages;
mod sight;
mod sign_in;
mod tls;
mod welcome;
mod whole;

pub use door::raise_descriptors;
pub use front::{Config, ConfigError, Front};
pub use guard::CookieKind;
pub use inbox::SigningDesk;
pub use office::{Clock, Trust};
pub use tls::{Pem, PemReader, Tls, TlsError};

use crate::{
    access::Awaited,
    approval::Untrusted,
    render::{self, Theme},
    source::{Origin, RecordId},
    store::{AccessLog, Password, Store, StoreError},
};
use arrival::Arrival;
use attachment::Turns;
use axum::{
    Router,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, get, post},
};
use axum_server::{Handle, accept::Accept, tls_rustls::RustlsAcceptor};
use door::{Door, Room};
use guest::Guest;
use hashing::Hashing;
use limit::Limits;
use office::Offices;
use std::{
    future::{Ready, ready},
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpStream;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
};

const TIMEOUT: Duration = Duration::from_secs(30);
/// Who has not sent the head of a request by then, or has nothing to ask for so long, makes room for others.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A head is no longer, in bytes: with as many connections as are held, what has come of their heads must fit into memory.
const HEAD_LENGTH: usize = 32 << 10;
/// Asked to stop, the server waits no longer than this for what is under way.
const PATIENCE: Duration = Duration::from_secs(6);
/// What stands before the addresses of either language: one of them is the archive's own, which needs none.
const LANGUAGES: &[&str] = &["", "/zh", "/en"];

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the archive cannot be opened: {0}")]
    Archive(std::io::Error),
    #[error("what no trusted signature stands behind: {}", .0.iter().map(|one| one.path.to_string()).collect::<Vec<_>>().join(", "))]
    Untrusted(Vec<Untrusted>),
    #[error(transparent)]
    Looked(#[from] Arc<ServerError>),
    #[error(transparent)]
    Search(#[from] crate::search::SearchError),
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}

/// What the intranet is made of.
pub struct Parts {
    pub origin: Origin,
    pub trust: Trust,
    pub clock: Clock,
    pub theme: Theme,
    pub store: Store,
    pub log: AccessLog,
    /// For who comes without TLS: a proxy of ours aside, from loopback or not.
    pub cookie: CookieKind,
    pub front: Front,
    /// Accounts shown on the sign-in page of a demonstration: name, and what they are.
    pub demo: Vec<(String, String)>,
    /// None where nothing is decided in the browser.
    pub desk: Option<SigningDesk>,
}

/// The intranet: everything that its handlers share.
pub struct Intranet {
    offices: Offices,
    theme: Theme,
    store: Arc<Store>,
    log: AccessLog,
    clock: Clock,
    plain_cookie: CookieKind,
    front: Front,
    demo: Vec<(String, String)>,
    desk: Option<SigningDesk>,
    limits: Limits,
    hashing: Hashing,
    turns: Turns,
    door: Arc<Door>,
    /// Verified where the name is unknown, so that the work is the same.
    stranger: Password,
}

impl Intranet {
    /// # Errors
    /// Where the archive cannot be opened or indexed.
    pub fn new(parts: Parts) -> Result<Intranet, ServerError> {
        let Parts { origin, trust, clock, theme, store, log, cookie: plain_cookie, front, demo, desk } = parts;
        let store = Arc::new(store);
        let offices = Offices::open(origin, trust, store.clone(), clock.today())?;
        let stranger = Password::new("nobody's")?;
        let (limits, hashing) = (Limits::default(), Hashing::default());
        let Room { connections, attachments } = Room::found();
        let (door, turns) = (Arc::new(Door::new(connections)), Turns::new(attachments, offices.digests()));
        Ok(Intranet { offices, theme, store, log, clock, plain_cookie, front, demo, desk, limits, hashing, turns, door, stranger })
    }

    /// Whose accounts are open, and let nobody in: their records are not approved, or they are not on staff.
    ///
    /// # Errors
    /// Where the archive or the store fails.
    pub fn kept_out(&self) -> Result<Vec<RecordId>, ServerError> {
        let open = self.offices.of(self.clock.today(), &Awaited::default())?;
        let accounts = self.store.accounts()?.into_iter().filter(|account| !account.disabled).map(|account| account.person);
        Ok(accounts.filter(|person| !open.office.staff().contains(person)).collect())
    }

    /// The kind of cookie for a request: one that demands TLS wherever there is some.
    fn cookie(&self, arrival: &Arrival) -> CookieKind {
        if arrival.is_secure { CookieKind::Host } else { self.plain_cookie }
    }
}

/// A line of the table of routes.
pub struct Route {
    /// As axum writes it: `/api/records/{id}`.
    path: &'static str,
    /// What stands before it: nothing, or every language too.
    before: &'static [&'static str],
    /// What its query or its form may hold; the test that asks for every route fills these.
    pub fields: &'static [&'static str],
    handlers: fn() -> MethodRouter<Arc<Intranet>>,
}

/// For what has no language, or finds it in its address itself.
const ONCE: &[&str] = &[""];

/// All that is answered. The router is made of this table, and `tests/noninterference` asks for every line of it, filled with what the
/// reader may not know of: no route is there that is not tried.
#[rustfmt::skip] // a line a route
pub const ROUTES: &[Route] = &[
    Route { path: "/sign-in", before: LANGUAGES, fields: &["name", "password", "next"], handlers: || get(sign_in::form).post(sign_in::sign_in) },
    Route { path: "/sign-out", before: LANGUAGES, fields: &[], handlers: || post(sign_in::sign_out) },
    // Whatever stands behind `/welcome/` and `/calendar/` is taken here, and not through a view: a page that is not found is in the access
    // log with its address, and these addresses are keys.
    Route { path: "/welcome/", before: LANGUAGES, fields: &[], handlers: || get(welcome::form) },
    Route { path: "/welcome/{*token}", before: LANGUAGES, fields: &["name", "new", "again"], handlers: || get(welcome::form).post(welcome::accept) },
    Route { path: "/account/", before: LANGUAGES, fields: &["done"], handlers: || get(account::page) },
    Route { path: "/account/password", before: LANGUAGES, fields: &["current", "new", "again"], handlers: || post(account::change_password) },
    Route { path: "/account/sign-out-everywhere", before: LANGUAGES, fields: &[], handlers: || post(account::sign_out_everywhere) },
    Route { path: "/account/calendar", before: LANGUAGES, fields: &[], handlers: || post(account::new_calendar) },
    Route { path: "/calendar/{*name}", before: LANGUAGES, fields: &["lang"], handlers: || get(calendar::calendar) },
    Route { path: "/api/search", before: ONCE, fields: &["q", "offset", "limit"], handlers: || get(api::search) },
    Route { path: "/api/records/{id}", before: ONCE, fields: &[], handlers: || get(api::record) },
    Route { path: "/api/due", before: ONCE, fields: &[], handlers: || get(api::due) },
    Route { path: "/api/findings", before: ONCE, fields: &[], handlers: || get(api::findings) },
    Route { path: "/ask", before: ONCE, fields: &["id", "purpose", "until", "back"], handlers: || post(ask::ask) },
    Route { path: "/inbox/", before: ONCE, fields: &["action", "id", "step", "seal", "ask", "back"], handlers: || get(pages::page).post(inbox::decide) },
    Route { path: "/view-as", before: ONCE, fields: &["person"], handlers: || post(sight::change) },
    Route { path: live::ADDRESS, before: ONCE, fields: &[], handlers: || get(live::live) },
    Route { path: "/assets/{*name}", before: ONCE, fields: &[], handlers: || get(pages::asset) },
    Route { path: "/", before: ONCE, fields: &["done"], handlers: || get(pages::page) },
    Route { path: "/{*path}", before: ONCE, fields: &["q", "page", "done"], handlers: || get(pages::page) },
];

impl Route {
    /// Its paths: one, or one a language too.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.before.iter().map(|lang| format!("{lang}{}", self.path))
    }
}

/// The routes, with the layers that every answer passes.
pub fn router(intranet: Arc<Intranet>) -> Router {
    let all = ROUTES.iter().flat_map(|route| route.paths().map(move |path| (path, route)));
    let routes = all.fold(Router::new(), |router, (path, route)| router.route(&path, (route.handlers)()));
    routes
        .with_state(intranet.clone())
        .layer(from_fn(condition::pages))
        .layer(intranet.front.csrf())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .layer(from_fn_with_state(intranet.clone(), whole::whole))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(compressible)))
        .layer(always(header::CONTENT_SECURITY_POLICY, render::CONTENT_SECURITY_POLICY))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "same-origin"))
        .layer(always(header::CACHE_CONTROL, "private, no-store"))
        .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(always(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(intranet, arrival::note))
}

/// What nobody has said it of is sent as it is.
fn compressible(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<condition::Compressible>().is_some()
}

/// A header that every answer bears, unless its handler said otherwise.
fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Serves until `stop`; requests under way are answered first. Who has begun one and does not go on is waited for only so long.
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
        ready(self.0.door.let_in(stream, is_proxy).map(|guest| (guest, service)))
    }
}
