//! What is wrong, as far as the reader may know.

use super::{Kind, Shows, is};
use crate::{
    access::{Seen, View},
    policy::Value,
    render::{
        asked::{Asked, Wrong},
        shown::Told,
    },
    source::RecordId,
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { templates: &["/findings/"], addresses: |_| vec!["/findings/".to_owned()], page };

#[derive(Serialize)]
struct Findings {
    findings: Vec<Wrong>,
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "findings") {
        return Ok(None);
    }
    let findings = view.findings().into_iter().map(|finding| asked.wrong(finding)).collect();
    asked.page("/findings/", Told::new("findings.html", asked.word("findings"), Findings { findings })).map(Some)
}

/// Those in records that the reader wrote.
pub(super) fn mine(asked: &Asked<'_>, view: &View<'_>) -> Vec<Wrong> {
    let Some(me) = asked.me() else { return Vec::new() };
    let is_mine = |id: &RecordId| view.record(id).is_some_and(|seen| author(seen).as_ref() == Some(me));
    let findings = view.findings().into_iter().filter(|finding| finding.record.as_ref().is_some_and(is_mine));
    findings.map(|finding| asked.wrong(finding)).collect()
}

/// The author, as the field says that the reader sees.
fn author(seen: Seen<'_>) -> Option<RecordId> {
    let name = seen.record_type()?.author.clone()?;
    seen.fields().into_iter().find_map(|(field, value)| match value {
        Value::Record(id) if field.name == name => Some(id),
        _ => None,
    })
}
