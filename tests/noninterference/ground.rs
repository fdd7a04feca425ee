//! V: what a reader may read, byte for byte, and what he is told on purpose besides. Of two archives with the same V, whatever answers
//! differently leaks.

use chancery::{
    access::{Office, Reader, Seen, View},
    source::RecordId,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(PartialEq)]
pub struct Ground {
    /// Each record by its id and path: its visible fields, its text, its attachments with the bytes of those that open.
    seen: BTreeMap<(RecordId, String), String>,
    /// The duties that name the reader, with their subjects' ids and titles and their days.
    told: BTreeSet<(String, Option<RecordId>, Option<String>, String)>,
}

impl Ground {
    pub fn of(office: &Office, reader: &Reader) -> Ground {
        let view = office.view(reader.clone());
        let seen = view.records().map(|seen| ((seen.id().clone(), seen.path().to_string()), bytes(seen))).collect();
        Ground { seen, told: told(&view, reader) }
    }

    /// The records in which the two differ.
    pub fn differing(&self, other: &Ground) -> BTreeSet<RecordId> {
        let seen = self.seen.iter().filter(|(key, bytes)| other.seen.get(*key) != Some(*bytes)).map(|((id, _), _)| id);
        let only = other.seen.keys().filter(|key| !self.seen.contains_key(*key)).map(|(id, _)| id);
        let told = self.told.symmetric_difference(&other.told).filter_map(|(_, id, ..)| id.as_ref());
        seen.chain(only).chain(told).cloned().collect()
    }

    /// The hidden records of which the reader is told that they are there.
    pub fn subjects(&self) -> BTreeSet<RecordId> {
        self.told.iter().filter_map(|(_, id, ..)| id.clone()).filter(|id| !self.sees(id)).collect()
    }

    pub fn sees(&self, id: &RecordId) -> bool {
        self.seen.range((id.clone(), String::new())..).next().is_some_and(|((known, _), _)| known == id)
    }

    pub fn ids(&self) -> Vec<RecordId> {
        let mut ids: Vec<RecordId> = self.seen.keys().map(|(id, _)| id.clone()).collect();
        ids.dedup();
        ids
    }

    pub fn paths(&self) -> BTreeSet<&str> {
        self.seen.keys().map(|(_, path)| path.as_str()).collect()
    }
}

fn bytes(seen: Seen<'_>) -> String {
    let fields: Vec<_> = seen.fields().into_iter().map(|(field, value)| (field.name.clone(), value)).collect();
    let open = seen.open_attachments().into_iter();
    let attached: Vec<_> = open.map(|name| (name, seen.open_attachment(name).unwrap().unwrap().read(0, usize::MAX).unwrap())).collect();
    format!("{fields:?}\n{:?}\n{attached:?}\n{}", seen.attachments(), seen.body())
}

fn told(view: &View<'_>, reader: &Reader) -> BTreeSet<(String, Option<RecordId>, Option<String>, String)> {
    let Some(person) = reader.person() else { return BTreeSet::new() };
    let own = view.duties().into_iter().filter(|due| due.who.contains(person));
    own.map(|due| (due.duty.to_string(), due.record.clone(), view.subject(&due).map(str::to_owned), due.due.to_string())).collect()
}
