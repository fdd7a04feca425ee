//! HTTP: the same pages for who is signed in, each through his own view. Never decides access itself, never knows the time: a clock is
//! handed in.

mod account;
mod answer;
mod api;
mod arrival;
mod ask;
mod attachment;
mod calendar;
mod condition;
mod front;
mod guard;
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

pub use front::{Config, ConfigError, Front};
pub use guard::CookieKind;
pub use inbox::SigningDesk;
pub use office::{Clock, Trust};
pub use tls::{Pem, PemReader, Tls, TlsError};

use crate::{
    approval::Untrusted,
    render::{self, Theme},
    source::Origin,
    store::{AccessLog, Password, Store, StoreError},
};
use arrival::Arrival;
use axum::{
    Router,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use axum_server::{Handle, tls_rustls::RustlsAcceptor};
use limit::Limits;
use office::Offices;
use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Semaphore;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate},
    limit::RequestBodyLimitLayer,
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
};

/// No form of ours is larger.
const BODY_BYTES: usize = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(30);
/// Who has not sent the head of a request by then, or has nothing to ask for so long, makes room for others.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Asked to stop, the server waits no longer than this for what is under way: service managers kill after ten seconds or more.
const PATIENCE: Duration = Duration::from_secs(8);
/// What stands before the addresses of either language: one of them is the archive's own, which needs none.
const LANGUAGES: [&str; 3] = ["", "/zh", "/en"];

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the archive cannot be opened: {0}")]
    Archive(std::io::Error),
    #[error("policies in force that no trusted signature stands behind: {}", .0.iter().map(|one| one.path.to_string()).collect::<Vec<_>>().join(", "))]
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
    store: Store,
    log: AccessLog,
    clock: Clock,
    plain_cookie: CookieKind,
    front: Front,
    demo: Vec<(String, String)>,
    desk: Option<SigningDesk>,
    limits: Limits,
    hashing: Arc<Semaphore>,
    /// Verified where the name is unknown, so that the work is the same.
    stranger: Password,
}

impl Intranet {
    /// # Errors
    /// Where the archive cannot be opened or indexed.
    pub fn new(parts: Parts) -> Result<Intranet, ServerError> {
        let Parts { origin, trust, clock, theme, store, log, cookie: plain_cookie, front, demo, desk } = parts;
        let offices = Offices::open(origin, trust, clock.today())?;
        let stranger = Password::new("nobody's")?;
        let (limits, hashing) = (Limits::default(), Arc::new(Semaphore::new(hashing::AT_ONCE)));
        Ok(Intranet { offices, theme, store, log, clock, plain_cookie, front, demo, desk, limits, hashing, stranger })
    }

    /// The kind of cookie for a request: one that demands TLS wherever there is some.
    fn cookie(&self, arrival: &Arrival) -> CookieKind {
        if arrival.is_secure { CookieKind::Host } else { self.plain_cookie }
    }
}

/// The routes, with the layers that every answer passes.
pub fn router(intranet: Arc<Intranet>) -> Router {
    LANGUAGES
        .iter()
        .fold(Router::new(), |router, lang| ways_in(router, lang))
        .route("/api/search", get(api::search))
        .route("/api/records/{id}", get(api::record))
        .route("/api/due", get(api::due))
        .route("/api/findings", get(api::findings))
        .route("/ask", post(ask::ask))
        .route("/inbox/", get(pages::page).post(inbox::decide))
        .route("/view-as", post(sight::change))
        .route(live::ADDRESS, get(live::live))
        .route("/assets/{*name}", get(pages::asset))
        .route("/", get(pages::page))
        .route("/{*path}", get(pages::page))
        .with_state(intranet.clone())
        .layer(from_fn(condition::pages))
        .layer(intranet.front.csrf())
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
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

/// What has to do with accounts: in either language, and not through a view. Whatever stands behind `/welcome/` and `/calendar/` is taken
/// here, for a page that is not found is in the access log with its address, and these addresses are keys.
fn ways_in(router: Router<Arc<Intranet>>, lang: &str) -> Router<Arc<Intranet>> {
    router
        .route(&format!("{lang}/sign-in"), get(sign_in::form).post(sign_in::sign_in))
        .route(&format!("{lang}/sign-out"), post(sign_in::sign_out))
        .route(&format!("{lang}/welcome/"), get(welcome::form))
        .route(&format!("{lang}/welcome/{{*token}}"), get(welcome::form).post(welcome::accept))
        .route(&format!("{lang}/account/"), get(account::page))
        .route(&format!("{lang}/account/password"), post(account::change_password))
        .route(&format!("{lang}/account/sign-out-everywhere"), post(account::sign_out_everywhere))
        .route(&format!("{lang}/account/calendar"), post(account::new_calendar))
        .route(&format!("{lang}/calendar/{{*name}}"), get(calendar::calendar))
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
    let service = router(intranet).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let told = handle.clone();
    tokio::spawn(async move {
        stop.await;
        told.graceful_shutdown(Some(PATIENCE));
    });
    let mut server = axum_server::from_tcp(listener)?.handle(handle).http1_only();
    server.http_builder().http1().header_read_timeout(HEAD_TIMEOUT);
    let Some(tls) = tls else { return Ok(server.serve(service).await?) };
    let server = server.acceptor(RustlsAcceptor::new(tls.config.clone()));
    tokio::select! {
        served = server.serve(service) => Ok(served?),
        () = tls.renew() => Ok(()),
    }
}
