//! A person's due dates for his calendar program, which cannot sign in: whoever holds the secret
//! address is answered.

use super::{
    answer,
    arrival::Arrival,
    destination::{AddressKind, Destination},
    disclosure::Disclosure,
    intranet::Intranet,
    look::look,
    pages::{Prepared, deliver},
    signed_in::SignedIn,
};
use crate::{
    access::Reader,
    diagnostic::Lang,
    render::{self, Page},
};
use axum::{extract::State, http::StatusCode, response::Response};
use std::sync::Arc;

/// The address as the access log has it: without the secret.
const LOGGED: &str = "/calendar/";

#[derive(serde::Deserialize, Default)]
struct CalendarQuery {
    lang: Option<String>,
}

/// The calendar; or the one answer to every address that is none, or no longer.
pub(super) async fn calendar(State(intranet): State<Arc<Intranet>>, arrival: Arrival, destination: Destination) -> Response {
    let AddressKind::Calendar(secret) = &destination.place else { return answer::page(StatusCode::NOT_FOUND, none()) };
    let holder = match intranet.stores.calendars.calendar(secret).await {
        Ok(holder) => holder,
        Err(error) => return answer::failure(&error.into()),
    };
    let Some(person) = holder else { return answer::page(StatusCode::NOT_FOUND, none()) };
    let who = SignedIn { person, sight: None, origin: arrival.address };
    let (holder, asked) = (who.person.clone(), language(&destination.query()));
    let page = look(&intranet, move |_, open| {
        if !open.office.staff().contains(&holder) {
            return Ok(None);
        }
        let view = open.view_of(Reader::Person(holder));
        Ok(Some(render::calendar(&view, asked.unwrap_or(view.settings().language))))
    });
    match page.await {
        Ok(text) => deliver(&intranet, &who, LOGGED.to_owned(), text.map_or_else(left, found)).await,
        Err(error) => answer::failure(&error),
    }
}

fn language(query: &CalendarQuery) -> Option<Lang> {
    match query.lang.as_deref() {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        _ => None,
    }
}

fn found(text: String) -> Prepared {
    let page = Page { address: LOGGED.to_owned(), content_type: "text/calendar; charset=utf-8", body: text.into_bytes(), record: None };
    Prepared::of(page, Disclosure::Restricted)
}

/// Its owner is not on staff any more.
fn left() -> Prepared {
    Prepared::of(none(), Disclosure::Nothing)
}

fn none() -> Page {
    let body = "没有这个日历，或者地址已经作废。 There is no such calendar, or its address has ended.\n".as_bytes().to_vec();
    Page { address: LOGGED.to_owned(), content_type: "text/plain; charset=utf-8", body, record: None }
}
