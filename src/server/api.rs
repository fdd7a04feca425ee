//! The same as JSON, for whoever is signed in. What is hidden and what never was get one answer.

use super::{
    answer,
    destination::Destination,
    disclosure::Disclosure,
    error::PageError,
    intranet::Intranet,
    look::look,
    pages::{Prepared, deliver},
    signed_in::SignedIn,
};
use crate::{access::View, diagnostic, policy::Value, render::Page, search::Hit, source::RecordId};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Hits of one answer.
const MOST: usize = 100;

#[derive(serde::Deserialize)]
pub(super) struct SearchQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub(super) async fn search(
    State(intranet): State<Arc<Intranet>>,
    who: SignedIn,
    destination: Destination,
    Query(asked): Query<SearchQuery>,
) -> Response {
    let reader = who.clone();
    let found = look(&intranet, move |_, open| {
        let view = open.view(&reader)?;
        let hits = open.index.search(&asked.q, &view, asked.offset, asked.limit.unwrap_or(20).min(MOST))?;
        Ok(Some(json!({ "total": hits.total, "hits": hits.hits.iter().map(|hit| told(&view, hit)).collect::<Vec<_>>() })))
    });
    respond(&intranet, &who, destination.logged(), found.await, Disclosure::Restricted, None).await
}

pub(super) async fn record(
    State(intranet): State<Arc<Intranet>>,
    who: SignedIn,
    destination: Destination,
    Path(id): Path<String>,
) -> Response {
    let reader = who.clone();
    let id = RecordId::named(id.as_str());
    let wanted = id.clone();
    let found = look(&intranet, move |_, open| Ok(shown_record(&open.view(&reader)?, &wanted)));
    respond(&intranet, &who, destination.logged(), found.await, Disclosure::Restricted, Some(id)).await
}

pub(super) async fn due(State(intranet): State<Arc<Intranet>>, who: SignedIn) -> Response {
    let reader = who.clone();
    let found = look(&intranet, move |_, open| {
        let view = open.view(&reader)?;
        let lang = view.settings().language;
        Ok(Some(Json::Array(view.exported_duties().into_iter().map(|due| due.json(lang)).collect())))
    });
    respond(&intranet, &who, "/api/due".to_owned(), found.await, Disclosure::Open, None).await
}

pub(super) async fn findings(State(intranet): State<Arc<Intranet>>, who: SignedIn) -> Response {
    let reader = who.clone();
    let found = look(&intranet, move |_, open| {
        let view = open.view(&reader)?;
        let lang = view.settings().language;
        let found = view.exported_findings().into_iter().map(|finding| view.finding_json(finding, lang));
        Ok(Some(Json::Array(found.collect())))
    });
    respond(&intranet, &who, "/api/findings".to_owned(), found.await, Disclosure::Open, None).await
}

/// A hit; of what is for reading alone that it is one, and none of its text.
fn told(view: &View<'_>, hit: &Hit) -> Json {
    let is_kept = view.record(&RecordId(hit.id.clone())).is_some_and(|seen| !seen.may_export());
    if is_kept { Hit { snippet: Vec::new(), ..hit.clone() }.json() } else { hit.json() }
}

fn shown_record(view: &View<'_>, id: &RecordId) -> Option<Json> {
    let seen = view.record(id).filter(|seen| seen.may_export())?;
    let fields: Map<String, Json> = seen.fields().into_iter().map(|(field, value)| (field.name.to_string(), plain(&value))).collect();
    Some(json!({
        "id": &*seen.id().0, "type": seen.record_type().map(|t| &*t.id), "title": seen.title(),
        "date": seen.date().map(|date| date.to_string()),
        "fields": fields, "body": seen.body(),
    }))
}

/// A value in JSON: numbers as text, for they are decimal.
fn plain(value: &Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Bool(yes) => Json::Bool(*yes),
        Value::List(values) => values.iter().map(plain).collect(),
        Value::Table(table) => Json::Object(table.iter().map(|(name, value)| (name.to_string(), plain(value))).collect()),
        other => Json::String(other.words(diagnostic::Lang::En)),
    }
}

async fn respond(
    intranet: &Intranet,
    who: &SignedIn,
    what: String,
    found: Result<Option<Json>, PageError>,
    disclosure: Disclosure,
    record: Option<RecordId>,
) -> Response {
    let (disclosure, body) = match found {
        Err(error) => return answer::failure(&error),
        Ok(None) => (Disclosure::Nothing, json!({ "error": "not found" })),
        Ok(Some(body)) => (disclosure, body),
    };
    let page = Page { address: "/api/".to_owned(), content_type: "application/json", body: body.to_string().into_bytes(), record };
    deliver(intranet, who, what, Prepared::of(page, disclosure)).await
}
