//! Pages for who is signed in, through their own view. A restricted one goes out only after its
//! line is in the access log.

use super::{
    answer,
    condition::Conditions,
    desk,
    destination::{AddressKind, Destination},
    disclosure::Disclosure,
    entry::LogEntry,
    error::PageError,
    intranet::Intranet,
    look::look,
    office::OpenOffice,
    page_cache::PageKey,
    rendered::Rendered,
    signed_in::SignedIn,
    tag::Tag,
};
use crate::{
    access::{Awaited, Reader, View},
    leak::{Leak, leaks},
    render::{self, Page, RenderError, Session, ShownAttachment},
    source::RecordId,
    store::{Ask, Consultation, Wait},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{io::ErrorKind, sync::Arc};

/// The query of a search, whose pages are counted from 1; what has just been done.
#[derive(serde::Deserialize, Default)]
struct PageQuery {
    #[serde(default)]
    q: String,
    page: Option<usize>,
    #[serde(default)]
    done: String,
}

/// What a handler works out for a view, off the asynchronous threads.
pub(super) struct Prepared {
    pub page: Arc<Rendered>,
    pub disclosure: Disclosure,
}

impl Prepared {
    pub fn of(page: Page, disclosure: Disclosure) -> Prepared {
        Prepared { page: Arc::new(page.into()), disclosure }
    }
}

/// What stands at an address.
enum Found {
    Page(Prepared),
    Attachment(ShownAttachment, Disclosure),
}

/// Any page of the site, or an attachment.
pub(super) async fn page(
    State(intranet): State<Arc<Intranet>>,
    who: SignedIn,
    method: Method,
    destination: Destination,
    headers: HeaderMap,
) -> Response {
    if destination.place == AddressKind::File {
        return handed_over(&intranet, &who, destination, &Conditions::new(&method, &headers)).await;
    }
    let (logged, person) = (destination.logged(), who.clone());
    match look(&intranet, move |intranet, open| show(intranet, open, &person, destination.path(), &destination.query())).await {
        Ok(prepared) => deliver(&intranet, &who, logged, prepared).await,
        Err(error) => answer::failure(&error),
    }
}

/// An attachment, in its turn; or the answer to an address like one.
async fn handed_over(intranet: &Arc<Intranet>, who: &SignedIn, destination: Destination, conditions: &Conditions) -> Response {
    let Some(turn) = intranet.turns.turn(&who.person).await else { return answer::busy() };
    let (person, what) = (who.clone(), destination.logged());
    let found = look(intranet, move |intranet, open| match attachment(intranet, open, &person, destination.path())? {
        Some(found) => Ok(found),
        None => show(intranet, open, &person, destination.path(), &PageQuery::default()).map(Found::Page),
    });
    let (attachment, disclosure) = match found.await {
        Ok(Found::Attachment(attachment, disclosure)) => (attachment, disclosure),
        Ok(Found::Page(prepared)) => return deliver(intranet, who, what, prepared).await,
        Err(error) => return answer::failure(&error),
    };
    let record = Some(attachment.record.clone());
    let tagged = match intranet.turns.tagged(attachment, turn).await {
        Ok(tagged) => tagged,
        Err(error) => return answer::failure(&error),
    };
    match (LogEntry { what, record, disclosure }).made(intranet, who).await {
        Ok(()) => tagged.answer(conditions),
        Err(refused) => refused,
    }
}

/// A file of the theme, the same for everybody: its address carries its version.
pub(super) async fn asset(State(intranet): State<Arc<Intranet>>, destination: Destination) -> Response {
    match intranet.theme.asset(destination.path()) {
        Some(asset) => {
            let mut response = answer::page(StatusCode::OK, asset);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The attachment at an address. What has gone since the archive was read is as if it had never
/// been.
fn attachment(intranet: &Intranet, open: &OpenOffice, who: &SignedIn, address: &str) -> Result<Option<Found>, PageError> {
    let view = open.view(who)?;
    let attachment = match render::attachment(address, &view) {
        Err(RenderError::Attachment(_, error)) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
            let session = session(intranet, open, &view, who, address, "")?;
            return Ok(Some(Found::Page(absent(intranet, &view, &session, address)?)));
        }
        found => found?,
    };
    let Some(attachment) = attachment else { return Ok(None) };
    let disclosure = disclosure(&view, Some(&attachment.record));
    Ok(Some(Found::Attachment(attachment, disclosure)))
}

fn show(intranet: &Intranet, open: &OpenOffice, who: &SignedIn, address: &str, query: &PageQuery) -> Result<Prepared, PageError> {
    let view = open.view(who)?;
    let session = session(intranet, open, &view, who, address, &query.done)?;
    let lang = render::lang_of(address, view.settings().language);
    if render::is_search(address, view.settings().language) && !query.q.trim().is_empty() {
        let number = query.page.unwrap_or(1).clamp(1, 10_000);
        let hits = open.index.search(&query.q, &view, (number - 1) * render::A_PAGE, render::A_PAGE)?;
        let page = render::search(lang, &query.q, number, &hits, &view, &intranet.theme, &session)?;
        return Ok(Prepared::of(page, Disclosure::Restricted));
    }
    let key = PageKey { reader: view.reader().clone(), address: address.to_owned(), session };
    if let Some((page, disclosure)) = open.pages.get(&key) {
        return Ok(Prepared { page, disclosure });
    }
    let Some(page) = render::page(address, &view, &intranet.theme, Some(&key.session))? else {
        return absent(intranet, &view, &key.session, address);
    };
    let disclosure = disclosure(&view, page.record.as_ref());
    let prepared = Prepared::of(page, disclosure);
    open.pages.keep(key, prepared.page.clone(), disclosure);
    Ok(prepared)
}

fn absent(intranet: &Intranet, view: &View<'_>, session: &Session, address: &str) -> Result<Prepared, PageError> {
    let lang = render::lang_of(address, view.settings().language);
    let page = render::not_found(lang, Some(view), view.settings(), &intranet.theme, Some(session))?;
    Ok(Prepared::of(page, Disclosure::Nothing))
}

/// The one answer to what is not there, or not for this reader.
pub(super) async fn not_found(intranet: &Arc<Intranet>, who: &SignedIn) -> Response {
    let person = who.clone();
    let prepared = look(intranet, move |intranet, open| {
        let view = open.view(&person)?;
        absent(intranet, &view, &session(intranet, open, &view, &person, "/", "")?, "/")
    });
    match prepared.await {
        Ok(prepared) => deliver(intranet, who, "/".to_owned(), prepared).await,
        Err(error) => answer::failure(&error),
    }
}

/// Restricted is what shows a record that not all staff may read, or not all of.
fn disclosure(view: &View<'_>, record: Option<&RecordId>) -> Disclosure {
    let is_restricted = record.and_then(|id| view.record(id)).is_some_and(|seen| seen.restricted());
    if is_restricted { Disclosure::Restricted } else { Disclosure::Open }
}

/// What a page says of the session: as whom, what happened, what waits, and who has read the record
/// that it shows.
pub(super) fn session(
    intranet: &Intranet,
    open: &OpenOffice,
    view: &View<'_>,
    who: &SignedIn,
    address: &str,
    done: &str,
) -> Result<Session, PageError> {
    let lang = render::lang_of(address, view.settings().language);
    let name = |id: &RecordId| view.record(id).map_or_else(|| id.to_string(), |person| person.title().to_owned());
    let told = render::shown_at(address, view).and_then(|seen| Some((seen.id(), seen.tells_readings_since()?)));
    // Where the log cannot be read it cannot be written: the page waits for that in vain.
    let consultations = told.map(|(id, since)| {
        let all = intranet.stores.log.consultations(id, render::READINGS).wait().unwrap_or_default();
        all.into_iter().filter(move |one| one.at >= since)
    });
    let zone = view.settings().zone();
    let reading = |one: Consultation| render::Reading { who: one.who, at: one.at.with_timezone(&zone).fixed_offset() };
    let asking =
        |ask: Ask| render::Asking { number: ask.number, person: ask.person, record: ask.record, purpose: ask.purpose, until: ask.until };
    Ok(Session {
        name: name(&who.person),
        is_demo: !intranet.demo.is_empty(),
        messages: render::Done::message(done, lang).into_iter().collect(),
        live: live(view),
        sight: matches!(view.reader(), Reader::As { .. }),
        signs: desk::signs(intranet, open, &who.person),
        asks: desk::asks(intranet, view)?.into_iter().map(asking).collect(),
        readings: consultations.map(|all| all.map(reading).collect()),
    })
}

/// What a page bears, and asks for again while it is open.
pub(super) fn live(view: &View<'_>) -> String {
    view.digest()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a page, after its line where it must wait for that.
pub(super) async fn deliver(intranet: &Intranet, who: &SignedIn, what: String, prepared: Prepared) -> Response {
    let Prepared { page, disclosure } = prepared;
    let status = if disclosure == Disclosure::Nothing { StatusCode::NOT_FOUND } else { StatusCode::OK };
    match (LogEntry { what, record: page.record.clone(), disclosure }).made(intranet, who).await {
        Ok(()) => leaking(intranet, answer::rendered(status, page)),
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
