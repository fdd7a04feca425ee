//! V: what a reader may read, byte for byte, and what he is told on purpose besides. Of two
//! archives with the same V, whatever answers differently leaks.

use chancery::{
    access::{Office, Reader, Seen, View},
    check::Due,
    diagnostic::Words,
    source::RecordId,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(PartialEq)]
pub struct Ground {
    /// Each record by its id and path: its visible fields, its text, its attachments with the bytes
    /// of those that open.
    seen: BTreeMap<(RecordId, String), String>,
    /// What is told on purpose of the duties that are the reader's to do, or of those below him.
    told: BTreeMap<Told, BTreeSet<RecordId>>,
}

/// A duty as it is told to whoever may not know what it rests on: its id, its subject with the
/// title, whom he is told of, the day, the sentence in both languages; and which of those that are
/// alike.
type Told = (String, Option<RecordId>, Option<String>, Vec<RecordId>, String, Words, usize);

impl Ground {
    pub fn of(office: &Office, reader: &Reader) -> Ground {
        let view = office.view(reader.clone());
        let seen = view.records().map(|seen| ((seen.id().clone(), seen.path().to_string()), bytes(seen))).collect();
        Ground { seen, told: told(office, &view) }
    }

    /// The records in which the two differ.
    pub fn differing(&self, other: &Ground) -> BTreeSet<RecordId> {
        let seen = self.seen.iter().filter(|(key, bytes)| other.seen.get(*key) != Some(*bytes)).map(|((id, _), _)| id);
        let only = other.seen.keys().filter(|key| !self.seen.contains_key(*key)).map(|(id, _)| id);
        // What is told may differ for any of the records that were read for it.
        let told = |one: &Ground, another: &Ground| {
            let only = one.told.iter().filter(|(told, _)| !another.told.contains_key(*told));
            only.flat_map(|(_, reads)| reads).cloned().collect::<Vec<_>>()
        };
        seen.chain(only).cloned().chain(told(self, other)).chain(told(other, self)).collect()
    }

    /// The hidden records of which the reader is told that they are there.
    pub fn subjects(&self) -> BTreeSet<RecordId> {
        self.told.keys().filter_map(|(_, id, ..)| id.clone()).filter(|id| !self.sees(id)).collect()
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

/// Each with the records that those of the office rest on.
fn told(office: &Office, view: &View<'_>) -> BTreeMap<Told, BTreeSet<RecordId>> {
    let mut all: BTreeMap<Told, BTreeSet<RecordId>> = BTreeMap::new();
    for due in view.duties().into_iter().filter(|due| view.reader().person().is_some_and(|own| due.who.contains(own)) || view.oversees(due))
    {
        let named = |number| {
            let Due { duty, record, who, due: day, message, .. } = &*due;
            (duty.to_string(), record.clone(), view.subject(&due).map(str::to_owned), who.clone(), day.to_string(), message.clone(), number)
        };
        let number = (0..).find(|number| !all.contains_key(&named(*number))).expect("they end");
        let same = office.whole_report().duties.iter().filter(|own| (&own.duty, &own.record) == (&due.duty, &due.record));
        let reads = same.flat_map(|own| own.reads.records().chain(&own.record)).cloned().collect();
        all.insert(named(number), reads);
    }
    all
}
