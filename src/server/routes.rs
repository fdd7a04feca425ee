//! The table of routes, and the layers that every answer passes.

use super::{
    account, api, arrival, ask, calendar, condition,
    destination::{LANGUAGES, LIVE},
    inbox,
    intranet::Intranet,
    live, pages, sight, sign_in, welcome, whole,
};
use crate::render;
use axum::{
    Router,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, get, post},
};
use std::{sync::Arc, time::Duration};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
};

const TIMEOUT: Duration = Duration::from_secs(30);

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

/// All that is answered. The router is made of this table, and `tests/noninterference` asks for
/// every line of it, filled with what the reader may not know of: no route is there that is not
/// tried.
#[rustfmt::skip] // a line a route
pub const ROUTES: &[Route] = &[
    Route { path: "/sign-in", before: LANGUAGES, fields: &["name", "password", "next"], handlers: || get(sign_in::form).post(sign_in::sign_in) },
    Route { path: "/sign-out", before: LANGUAGES, fields: &[], handlers: || post(sign_in::sign_out) },
    // Whatever stands behind `/welcome/` and `/calendar/` is taken here, and not through a view: a
    // page that is not found is in the access log with its address, and these addresses are keys.
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
    Route { path: LIVE, before: ONCE, fields: &[], handlers: || get(live::live) },
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
