//! Pages for who is signed in, through his own view. A restricted one goes out only after its line is in the access log.

use super::{
    Intranet, ServerError, answer,
    blocking::while_awaited,
    condition::{Asked as Wanted, Tag},
    guard::SignedIn,
    inbox,
    office::Open,
};
use crate::{
    access::{Awaited, Reader, View},
    leak::{Leak, leaks},
    render::{self, Attachment, Page, RenderError, Session},
    source::RecordId,
    store::{AccessLine, Ask, Reading},
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use std::{io::ErrorKind, sync::Arc};

/// An address in the log is no longer than this.
pub(super) const LOGGED_ADDRESS: usize = 512;

/// The query of a search, whose pages are counted from 1; what has just been done.
#[derive(serde::Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    page: Option<usize>,
    #[serde(default)]
    done: String,
}

/// What a handler works out for a view, off the asynchronous threads.
pub(super) struct Shown {
    pub status: StatusCode,
    pub page: Page,
    /// It waits for its line in the access log.
    pub restricted: bool,
}

/// What stands at an address.
enum Found {
    Page(Shown),
    Attachment { attachment: Attachment, restricted: bool },
}

/// Any page of the site, or an attachment.
pub(super) async fn page(State(intranet): State<Arc<Intranet>>, who: SignedIn, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if uri.path().contains("/files/") {
        return handed_over(&intranet, &who, &uri, &Wanted::new(&method, &headers)).await;
    }
    let asked = Query::try_from_uri(&uri).map_or_else(|_| Asked::default(), |Query(asked)| asked);
    let (logged, person) = (logged(&uri), who.clone());
    match look(&intranet, move |intranet, open| show(intranet, open, &person, uri.path(), &asked)).await {
        Ok(shown) => deliver(&intranet, &who, logged, shown).await,
        Err(error) => answer::failure(&error),
    }
}

/// An attachment, in its turn; or the answer to an address like one.
async fn handed_over(intranet: &Arc<Intranet>, who: &SignedIn, uri: &Uri, wanted: &Wanted) -> Response {
    let Some(turn) = intranet.turns.turn(&who.person).await else { return answer::busy() };
    let (person, address) = (who.clone(), uri.path().to_owned());
    let found = look(intranet, move |intranet, open| match attachment(intranet, open, &person, &address)? {
        Some(found) => Ok(found),
        None => show(intranet, open, &person, &address, &Asked::default()).map(Found::Page),
    });
    let (attachment, restricted) = match found.await {
        Ok(Found::Attachment { attachment, restricted }) => (attachment, restricted),
        Ok(Found::Page(shown)) => return deliver(intranet, who, logged(uri), shown).await,
        Err(error) => return answer::failure(&error),
    };
    let record = attachment.record.clone();
    let tagged = match intranet.turns.tagged(attachment, turn).await {
        Ok(tagged) => tagged,
        Err(error) => return answer::failure(&error),
    };
    match enter(intranet, who, logged(uri), Some(record), restricted, true).await {
        Ok(()) => tagged.answer(wanted),
        Err(refused) => refused,
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

/// Runs what reads the archive on a thread that may block, as long as its answer is waited for.
pub(super) async fn look<T: Send + 'static>(
    intranet: &Arc<Intranet>,
    work: impl FnOnce(&Intranet, &Open) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let intranet = intranet.clone();
    let looked = while_awaited(move |awaited| {
        let open = opened(&intranet, awaited)?;
        work(&intranet, &open.while_awaited(awaited))
    });
    looked.await.map_err(|_| PageError::Panicked)?
}

/// The same for what changes something: once it has begun it is done to its end, whoever waits for it.
pub(super) async fn act<T: Send + 'static>(
    intranet: &Arc<Intranet>,
    work: impl FnOnce(&Intranet, &Open) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let intranet = intranet.clone();
    let acted = while_awaited(move |awaited| work(&intranet, &*opened(&intranet, awaited)?));
    acted.await.map_err(|_| PageError::Panicked)?
}

/// The office as the archive stands now, for what is decided while nobody else can write.
pub(super) fn afresh(intranet: &Intranet) -> Result<Arc<Open>, PageError> {
    opened(intranet, &Awaited::default())
}

fn opened(intranet: &Intranet, awaited: &Awaited) -> Result<Arc<Open>, PageError> {
    intranet.offices.it_is(intranet.clock.now());
    Ok(intranet.offices.of(intranet.clock.today(), awaited).map_err(ServerError::from)?)
}

#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Search(#[from] crate::search::SearchError),
    #[error("an attachment cannot be read: {0}")]
    Attachment(std::io::Error),
    #[error(transparent)]
    Edit(#[from] crate::edit::EditError),
    #[error("an approval could not be signed: {0}")]
    Unsigned(String),
    /// Not there, or not for this reader.
    #[error("not found")]
    NotThere,
    /// Whoever has the session is not on staff any more.
    #[error("not on staff")]
    Left,
    /// Too many wait for what only a few may do at once.
    #[error("too many wait")]
    Busy,
    #[error("a page panicked")]
    Panicked,
}

/// The attachment at an address. What has gone since the archive was read is as if it had never been.
fn attachment(intranet: &Intranet, open: &Open, who: &SignedIn, address: &str) -> Result<Option<Found>, PageError> {
    let view = open.view(who)?;
    let attachment = match render::attachment(address, &view) {
        Err(RenderError::Attachment(_, error)) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
            let session = session(intranet, open, &view, who, address, "")?;
            return Ok(Some(Found::Page(absent(intranet, &view, &session, address)?)));
        }
        found => found?,
    };
    let Some(attachment) = attachment else { return Ok(None) };
    let restricted = view.record(&attachment.record).is_some_and(|seen| seen.restricted());
    Ok(Some(Found::Attachment { attachment, restricted }))
}

fn show(intranet: &Intranet, open: &Open, who: &SignedIn, address: &str, asked: &Asked) -> Result<Shown, PageError> {
    let view = open.view(who)?;
    let session = session(intranet, open, &view, who, address, &asked.done)?;
    let lang = render::lang_of(address, view.settings().language);
    if render::is_search(address, view.settings().language) && !asked.q.trim().is_empty() {
        let number = asked.page.unwrap_or(1).clamp(1, 10_000);
        let hits = open.index.search(&asked.q, &view, (number - 1) * render::A_PAGE, render::A_PAGE)?;
        let page = render::search(lang, &asked.q, number, &hits, &view, &intranet.theme, &session)?;
        return Ok(Shown { status: StatusCode::OK, page, restricted: true });
    }
    match render::page(address, &view, &intranet.theme, Some(&session))? {
        Some(page) => Ok(Shown { status: StatusCode::OK, restricted: restricted(&view, &page), page }),
        None => absent(intranet, &view, &session, address),
    }
}

fn absent(intranet: &Intranet, view: &View<'_>, session: &Session, address: &str) -> Result<Shown, PageError> {
    let lang = render::lang_of(address, view.settings().language);
    let page = render::not_found(lang, Some(view), view.settings(), &intranet.theme, Some(session))?;
    Ok(Shown { status: StatusCode::NOT_FOUND, page, restricted: false })
}

/// The one answer to what is not there, or not for this reader.
pub(super) async fn not_found(intranet: &Arc<Intranet>, who: &SignedIn) -> Response {
    let person = who.clone();
    let shown = look(intranet, move |intranet, open| {
        let view = open.view(&person)?;
        absent(intranet, &view, &session(intranet, open, &view, &person, "/", "")?, "/")
    });
    match shown.await {
        Ok(shown) => deliver(intranet, who, "/".to_owned(), shown).await,
        Err(error) => answer::failure(&error),
    }
}

/// Whether a page shows a record that not all staff may read, or not all of.
fn restricted(view: &View<'_>, page: &Page) -> bool {
    page.record.as_ref().and_then(|id| view.record(id)).is_some_and(|seen| seen.restricted())
}

/// What a page says of the session: as whom, what happened, what waits, and who has read the record that it shows.
pub(super) fn session(
    intranet: &Intranet,
    open: &Open,
    view: &View<'_>,
    who: &SignedIn,
    address: &str,
    done: &str,
) -> Result<Session, PageError> {
    let lang = render::lang_of(address, view.settings().language);
    let name = |id: &RecordId| view.record(id).map_or_else(|| id.to_string(), |person| person.title().to_owned());
    let told = render::shown_at(address, view).and_then(|seen| Some((seen.id(), seen.tells_readings_since()?)));
    // Where the log cannot be read it cannot be written: the page waits for that in vain.
    let readings = told.map(|(id, since)| {
        let all = intranet.log.readings(id, render::READINGS).unwrap_or_default();
        all.into_iter().filter(move |reading| reading.at >= since)
    });
    let zone = view.settings().zone();
    let reading = |reading: Reading| render::Reading { who: reading.who, at: reading.at.with_timezone(&zone).fixed_offset() };
    let asking =
        |ask: Ask| render::Asking { number: ask.number, person: ask.person, record: ask.record, purpose: ask.purpose, until: ask.until };
    Ok(Session {
        name: name(&who.person),
        is_demo: !intranet.demo.is_empty(),
        messages: render::Done::message(done, lang).into_iter().collect(),
        live: live(view),
        sight: matches!(view.reader(), Reader::As { .. }),
        signs: inbox::signs(intranet, open, &who.person),
        asks: inbox::asks(intranet, view)?.into_iter().map(asking).collect(),
        readings: readings.map(|all| all.map(reading).collect()),
    })
}

/// What a page bears, and asks for again while it is open.
pub(super) fn live(view: &View<'_>) -> String {
    view.digest()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a page: a restricted one when its line is written, another at once (what was not found is noted down all the same). Whatever is
/// seen through the eyes of somebody else is noted down before.
pub(super) async fn deliver(intranet: &Intranet, who: &SignedIn, what: String, shown: Shown) -> Response {
    let record = shown.page.record.clone();
    match enter(intranet, who, what, record, shown.restricted, shown.status == StatusCode::OK).await {
        Ok(()) => leaking(intranet, answer::page(shown.status, shown.page)),
        Err(refused) => refused,
    }
}

/// The answer as it is; where that leak is open, under the tag of the whole archive.
fn leaking(intranet: &Intranet, mut answer: Response) -> Response {
    if leaks(Leak::Etag)
        && let Ok(open) = intranet.offices.of(intranet.clock.today(), &Awaited::default())
    {
        answer.headers_mut().insert(header::ETAG, Tag::strong(open.office.view(Reader::Folder).digest()).value());
    }
    answer
}

/// Enters a line in the access log where there is to be one, and waits for it where it is of something restricted or seen through the
/// eyes of somebody else; else the answer that goes out instead.
async fn enter(
    intranet: &Intranet,
    who: &SignedIn,
    what: String,
    record: Option<RecordId>,
    restricted: bool,
    allowed: bool,
) -> Result<(), Response> {
    let waits = restricted || who.sight.is_some();
    if !waits && allowed {
        return Ok(());
    }
    let what = who.sight.as_ref().map_or(what.clone(), |person| format!("as {person} {what}"));
    let pending = note(intranet, who, what, record.filter(|_| allowed), allowed);
    if !waits {
        return Ok(());
    }
    pending.await.map_err(|error| answer::unavailable(&error))
}

/// Hands a line to the access log; done when it is on the disk.
pub(super) fn note(
    intranet: &Intranet,
    who: &SignedIn,
    what: String,
    record: Option<RecordId>,
    allowed: bool,
) -> impl Future<Output = Result<(), String>> + use<> {
    let (at, who, origin) = (intranet.clock.now(), who.person.to_string(), who.origin.clone());
    let pending = intranet.log.write(AccessLine { at, who, what, origin, record, allowed });
    async { pending.await.unwrap_or_else(|gone| Err(gone.to_string())) }
}
