//! Whose the files are that lie beside the records. Whoever may write a record may name any file of
//! its folder. So one that is sealed by an approval belongs to the records under whose approvals it
//! is, and others name it in vain, hidden or not; one that nothing seals is there for whoever reads
//! all that name it: naming it must not open it.

use super::lending::Lending;
use crate::{
    archive::Record,
    facts::Facts,
    policy::Value,
    source::{ArchivePath, RecordId, Sources},
};
use std::collections::BTreeMap;

/// The records whose an attachment is, by their places in the archive.
#[derive(Debug)]
pub(super) enum Attached {
    /// Each of them opens it.
    Sealed(Vec<usize>),
    /// All of them together do.
    Named(Vec<usize>),
}

/// Whose each attachment is that a record names.
pub(super) fn attached(facts: &Facts<'_>, lending: &Lending) -> BTreeMap<ArchivePath, Attached> {
    let mut naming: BTreeMap<ArchivePath, Vec<usize>> = BTreeMap::new();
    for (place, record) in facts.archive.records.iter().enumerate() {
        names(record, &facts.archive.sources).into_iter().for_each(|path| naming.entry(path).or_default().push(place));
    }
    let whose = |places: Vec<usize>| {
        let sealing: Vec<usize> = places.iter().copied().filter(|&place| seals(&facts.archive.records[place], facts, lending)).collect();
        if sealing.is_empty() { Attached::Named(places) } else { Attached::Sealed(sealing) }
    };
    naming.into_iter().map(|(path, places)| (path, whose(places))).collect()
}

/// The paths as the archive keeps them: a file that two records name in two forms is one.
fn names(record: &Record, sources: &Sources) -> Vec<ArchivePath> {
    let Some(Value::List(names)) = record.value("attachments") else { return Vec::new() };
    let folder = record.document.path.0.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = |name: &Value| match name {
        Value::Text(name) => Some(ArchivePath::from(format!("{folder}/{name}").as_str())),
        _ => None,
    };
    let kept = |path: ArchivePath| sources.attached(&path).cloned().unwrap_or(path);
    names.iter().filter_map(path).map(kept).collect()
}

/// Whether a record's approval is of its attachments too.
fn seals(record: &Record, facts: &Facts<'_>, lending: &Lending) -> bool {
    let later = |id: &RecordId| {
        let rule = facts.approvals.of_record(id).and_then(|chain| chain.rule.as_ref());
        rule.is_none_or(|rule| rule.later.iter().any(|later| &**later == "attachments"))
    };
    lending.is_approved(&record.id) && !later(&record.id)
}
