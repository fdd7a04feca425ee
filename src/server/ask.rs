//! Asks for access to what a reader does not see. Whether it is there or not: the same answer, the
//! same work, the same quota, the same line in the log. What comes of it he sees only as access
//! that is there, or not.

use super::{
    answer::{self, back},
    entry::note,
    error::PageError,
    intranet::Intranet,
    look::look,
    signed_in::SignedIn,
};
use crate::{
    render::{Done, LONGEST_ASK},
    source::RecordId,
    store::NewAsk,
};
use axum::{Form, extract::State, response::Response};
use chrono::{Months, NaiveDate};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// Nobody asks for longer.
const LONGEST: Months = Months::new(12);

#[derive(serde::Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    id: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    until: String,
    back: Option<String>,
}

/// POST `id`, `purpose`, `until`.
pub(super) async fn ask(State(intranet): State<Arc<Intranet>>, who: SignedIn, Form(wish): Form<AskForm>) -> Response {
    let me = who.clone();
    if let Err(error) = look(&intranet, move |_, open| open.view(&me).map(|_| ())).await {
        return answer::failure(&error);
    }
    let record = RecordId::named(wish.id.trim());
    let what = format!("/ask {}", utf8_percent_encode(&record.0.chars().take(LONGEST_ASK).collect::<String>(), NON_ALPHANUMERIC));
    if let Err(error) = note(&intranet, &who, what, None, false).await {
        return answer::unavailable(&error);
    }
    match asked(&intranet, &who, record, &wish).await {
        Ok(done) => back(wish.back, "/ask/", done),
        Err(error) => answer::failure(&error),
    }
}

async fn asked(intranet: &Intranet, who: &SignedIn, record: RecordId, wish: &AskForm) -> Result<Done, PageError> {
    let fits = |text: &str| !text.is_empty() && text.chars().count() <= LONGEST_ASK;
    let purpose: String = wish.purpose.split(char::is_control).map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned();
    let until = until(&wish.until, intranet.clock.today());
    let Some(until) = until.filter(|_| who.sight.is_none() && fits(&record.0) && fits(&purpose)) else {
        return Ok(Done::AskedIncompletely);
    };
    let asked = NewAsk { person: who.person.clone(), record, purpose, until };
    let kept = intranet.stores.asks.ask(asked, intranet.clock.now()).await?;
    Ok(if kept { Done::Asked } else { Done::AskedTooOften })
}

/// A day from today on, within a year.
fn until(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text)?;
    (day >= today && day <= today.checked_add_months(LONGEST)?).then_some(day)
}
