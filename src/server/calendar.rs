//! A person's due dates for his calendar program, which cannot sign in: whoever holds the secret address is answered.

use super::{
    Intranet, answer,
    arrival::Arrival,
    guard::SignedIn,
    pages::{self, Shown, deliver},
};
use crate::{
    access::Reader,
    diagnostic::Lang,
    render::{self, Page},
    store::Token,
};
use axum::{
    extract::{Query, Request, State},
    http::{StatusCode, Uri},
    response::Response,
};
use std::sync::Arc;

/// The address as the access log has it: without the secret.
const LOGGED: &str = "/calendar/";

#[derive(serde::Deserialize, Default)]
struct Asked {
    lang: Option<String>,
}

/// The calendar; or the one answer to every address that is none, or no longer.
pub(super) async fn calendar(State(intranet): State<Arc<Intranet>>, arrival: Arrival, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let holder = match intranet.store.calendar(&secret(&parts.uri)) {
        Ok(holder) => holder,
        Err(error) => return answer::failure(&error),
    };
    let Some(person) = holder else { return answer::page(StatusCode::NOT_FOUND, none()) };
    let who = SignedIn { person, sight: None, origin: arrival.address };
    let (holder, asked) = (who.person.clone(), language(&parts.uri));
    let page = pages::look(&intranet, move |_, open| {
        if !open.office.staff().contains(&holder) {
            return Ok(None);
        }
        let view = open.view_of(Reader::Person(holder));
        Ok(Some(render::calendar(&view, asked.unwrap_or(view.settings().language))))
    });
    match page.await {
        Ok(Some(text)) => deliver(&intranet, &who, LOGGED.to_owned(), found(text)).await,
        Ok(None) => {
            deliver(&intranet, &who, LOGGED.to_owned(), Shown { status: StatusCode::NOT_FOUND, page: none(), restricted: false }).await
        }
        Err(error) => answer::failure(&error),
    }
}

/// What stands between `/calendar/` and `.ics`; anything else is nobody's.
fn secret(uri: &Uri) -> Token {
    let name = uri.path().strip_prefix("/calendar/").and_then(|name| name.strip_suffix(".ics"));
    Token::given(name.unwrap_or_default())
}

fn language(uri: &Uri) -> Option<Lang> {
    let Query(Asked { lang }) = Query::try_from_uri(uri).unwrap_or_default();
    match lang.as_deref() {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        _ => None,
    }
}

fn found(text: String) -> Shown {
    let page = Page { address: LOGGED.to_owned(), content_type: "text/calendar; charset=utf-8", body: text.into_bytes(), record: None };
    Shown { status: StatusCode::OK, page, restricted: true }
}

fn none() -> Page {
    let body = "没有这个日历，或者地址已经作废。 There is no such calendar, or its address has ended.\n".as_bytes().to_vec();
    Page { address: LOGGED.to_owned(), content_type: "text/plain; charset=utf-8", body, record: None }
}
