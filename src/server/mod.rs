//! HTTP: the same pages for who is signed in, each through his own view. Never decides access itself, never knows the time: a clock is
//! handed in.

mod account;
mod answer;
mod api;
mod calendar;
mod guard;
mod hashing;
mod limit;
mod office;
mod pages;
mod sign_in;
mod welcome;

pub use guard::CookieKind;
pub use office::{Clock, Opener};

use crate::{
    render::{self, Theme},
    store::{AccessLog, Password, Store, StoreError},
};
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    routing::{get, post},
};
use limit::Limits;
use office::Offices;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
    time::sleep,
};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer,
    set_header::SetResponseHeaderLayer, timeout::TimeoutLayer,
};

/// No form of ours is larger.
const BODY_BYTES: usize = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(30);
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
    #[error(transparent)]
    Search(#[from] crate::search::SearchError),
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}

/// What the intranet is made of.
pub struct Parts {
    pub opener: Opener,
    pub clock: Clock,
    pub theme: Theme,
    pub store: Store,
    pub log: AccessLog,
    pub cookie: CookieKind,
    /// Accounts shown on the sign-in page of a demonstration: name, and what they are.
    pub demo: Vec<(String, String)>,
}

/// The intranet: everything that its handlers share.
pub struct Intranet {
    offices: Offices,
    theme: Theme,
    store: Store,
    log: AccessLog,
    clock: Clock,
    cookie: CookieKind,
    demo: Vec<(String, String)>,
    limits: Limits,
    hashing: Arc<Semaphore>,
    /// Verified where the name is unknown, so that the work is the same.
    stranger: Password,
}

impl Intranet {
    /// # Errors
    /// Where the archive cannot be opened or indexed.
    pub fn new(parts: Parts) -> Result<Intranet, ServerError> {
        let Parts { opener, clock, theme, store, log, cookie, demo } = parts;
        let offices = Offices::open(opener, clock.today())?;
        let stranger = Password::new("nobody's")?;
        let (limits, hashing) = (Limits::default(), Arc::new(Semaphore::new(hashing::AT_ONCE)));
        Ok(Intranet { offices, theme, store, log, clock, cookie, demo, limits, hashing, stranger })
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
        .route("/assets/{*name}", get(pages::asset))
        .route("/", get(pages::page))
        .route("/{*path}", get(pages::page))
        .with_state(intranet)
        .layer(CsrfLayer::new())
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .layer(CompressionLayer::new())
        .layer(always(header::CONTENT_SECURITY_POLICY, render::CONTENT_SECURITY_POLICY))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "same-origin"))
        .layer(always(header::CACHE_CONTROL, "private, no-store"))
        .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(always(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(CatchPanicLayer::new())
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
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let service = router(intranet).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = Arc::new(Notify::new());
    let told = stopping.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        told.notify_one();
    });
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        () = async { stopping.notified().await; sleep(PATIENCE).await } => Ok(()),
    }
}
