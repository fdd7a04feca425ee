//! Pages for who is signed in, through his own view. A restricted one goes out only after its line is in the access log.

use super::{Intranet, ServerError, answer, guard::SignedIn, office::Open};
use crate::{
    access::View,
    render::{self, Page, RenderError, Session},
    store::AccessLine,
};
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// An address in the log is no longer than this.
const LOGGED_ADDRESS: usize = 512;

/// The query of a search; pages are counted from 1.
#[derive(serde::Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    page: Option<usize>,
}

/// What a handler works out for a view, off the asynchronous threads.
pub(super) struct Shown {
    pub status: StatusCode,
    pub page: Page,
    /// It waits for its line in the access log.
    pub restricted: bool,
}

/// Any page of the site.
pub(super) async fn page(State(intranet): State<Arc<Intranet>>, who: SignedIn, uri: Uri) -> Response {
    let asked = Query::try_from_uri(&uri).map_or_else(|_| Asked::default(), |Query(asked)| asked);
    let logged = logged(&uri);
    let person = who.clone();
    let shown = look(&intranet, move |intranet, open| show(intranet, open, &person, uri.path(), &asked)).await;
    match shown {
        Ok(shown) => deliver(&intranet, &who, logged, shown).await,
        Err(error) => answer::failure(&error),
    }
}

/// An address as the access log has it: encoded as it came, so that it is one line, and no longer than that.
pub(super) fn logged(uri: &Uri) -> String {
    uri.path_and_query().map_or("/", |address| address.as_str()).chars().take(LOGGED_ADDRESS).collect()
}

/// A file of the theme, the same for everybody: its address carries its version.
pub(super) async fn asset(State(intranet): State<Arc<Intranet>>, uri: Uri) -> Response {
    match intranet.theme.asset(uri.path()) {
        Some(asset) => {
            let mut response = answer::page(StatusCode::OK, asset);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Runs what reads the archive on a thread that may block.
pub(super) async fn look<T: Send + 'static>(
    intranet: &Arc<Intranet>,
    work: impl FnOnce(&Intranet, &Open) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let intranet = intranet.clone();
    let task = tokio::task::spawn_blocking(move || {
        let open = intranet.offices.of(intranet.clock.today())?;
        work(&intranet, &open)
    });
    task.await.map_err(|_| PageError::Panicked)?
}

#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Search(#[from] crate::search::SearchError),
    #[error("a page panicked")]
    Panicked,
}

fn show(intranet: &Intranet, open: &Open, who: &SignedIn, address: &str, asked: &Asked) -> Result<Shown, PageError> {
    let view = open.office.view(who.reader());
    let session = session(intranet, &view, who);
    let lang = render::lang_of(address, view.settings().language);
    if render::is_search(address, view.settings().language) && !asked.q.trim().is_empty() {
        let number = asked.page.unwrap_or(1).clamp(1, 10_000);
        let hits = open.index.search(&asked.q, &view, (number - 1) * render::A_PAGE, render::A_PAGE)?;
        let page = render::search(lang, &asked.q, number, &hits, &view, &intranet.theme, &session)?;
        return Ok(Shown { status: StatusCode::OK, page, restricted: true });
    }
    match render::page(address, &view, &intranet.theme, Some(&session))? {
        Some(page) => Ok(Shown { status: StatusCode::OK, restricted: restricted(&view, &page), page }),
        None => {
            let page = render::not_found(lang, Some(&view), view.settings(), &intranet.theme, Some(&session))?;
            Ok(Shown { status: StatusCode::NOT_FOUND, page, restricted: false })
        }
    }
}

/// Whether a page shows a record that not all staff may read, or not all of.
fn restricted(view: &View<'_>, page: &Page) -> bool {
    page.record.as_ref().and_then(|id| view.record(id)).is_some_and(|seen| seen.restricted())
}

pub(super) fn session(intranet: &Intranet, view: &View<'_>, who: &SignedIn) -> Session {
    let name = view.record(&who.person).map_or_else(|| who.person.to_string(), |person| person.title().to_owned());
    Session { name, is_demo: !intranet.demo.is_empty(), messages: Vec::new() }
}

/// Sends a page: a restricted one when its line is written, another at once (what was not found is noted down all the same).
pub(super) async fn deliver(intranet: &Intranet, who: &SignedIn, what: String, shown: Shown) -> Response {
    let allowed = shown.status == StatusCode::OK;
    if shown.restricted || !allowed {
        let (at, who, origin) = (intranet.clock.now(), who.person.to_string(), who.origin.clone());
        let pending = intranet.log.write(AccessLine { at, who, what, origin, allowed });
        if shown.restricted
            && let Err(error) = pending.await.unwrap_or_else(|gone| Err(gone.to_string()))
        {
            return answer::unavailable(&error);
        }
    }
    answer::page(shown.status, shown.page)
}
