//! Which record was probably meant by a name that is no record's id: people write what a record is
//! called, or its id with something around it.

use crate::{
    archive::{Archive, Record},
    diagnostic::nearest,
    source::{RecordId, trial},
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use unicode_normalization::UnicodeNormalization;

/// What people put around an id or a name.
const AROUND: &[char] =
    &['[', ']', '【', '】', '《', '》', '「', '」', '“', '”', '"', '\'', '<', '>', '(', ')', '（', '）', '#', ' ', '\u{3000}'];

/// What stands between an id and a name that is written with it.
const BETWEEN: &[char] =
    &[' ', '\u{3000}', '(', ')', '（', '）', '[', ']', ',', '，', '、', ':', '：', '|', '｜', '/', '《', '》', '“', '”', '"'];

/// Nothing longer is compared with what records are called, in bytes.
const LONGEST: usize = 400;

/// Of these records the one that was meant, where there is one alone: whose id stands in what is
/// written, or which is called so; else the one whose id is near enough for a slip.
pub(super) fn meant<'a>(written: &str, records: impl Iterator<Item = &'a Record> + Clone) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let bare: String = written.nfkc().collect();
    let bare = bare.trim_matches(AROUND);
    let bare = bare.strip_suffix(".md").unwrap_or(bare).trim_matches(AROUND);
    let named: Vec<&str> =
        bare.split(BETWEEN).map(|word| word.strip_suffix(".md").unwrap_or(word)).filter(|word| !word.is_empty()).collect();
    let (mut by_id, mut called) = (Found::default(), Found::default());
    for record in records.clone() {
        trial::count(1);
        let id = &*record.id.0;
        if id.eq_ignore_ascii_case(bare) || named.iter().any(|word| id.eq_ignore_ascii_case(word)) {
            by_id.add(id);
        }
        if record.title == bare {
            called.add(id);
        }
    }
    by_id.alone().or_else(|| called.alone()).or_else(|| nearest(written, records.map(|record| &*record.id.0)))
}

/// What names were probably meant for in an archive that is read again and again: as long as its
/// records are of the same ids, types and titles, nothing else is meant by them (a memo).
pub(super) struct Meanings {
    names: [u8; 32],
    known: Mutex<HashMap<Asked, Option<RecordId>>>,
}

/// What is written, and the type of which it should be.
type Asked = (Box<str>, Option<Arc<str>>);

/// So many are kept: more than lead nowhere in any archive, and fewer than somebody could write who
/// means to fill the memory.
const KEPT: usize = 10_000;

impl Meanings {
    /// `None` for an archive that is read once.
    pub fn of(archive: &Archive) -> Option<Arc<Meanings>> {
        if !archive.sources.has_memory() {
            return None;
        }
        let names = names(archive);
        let make = || Meanings { names, known: Mutex::default() };
        Some(archive.sources.kept().or_made(|known: &Meanings| known.names == names, make))
    }

    /// The one that was meant, of all records or of a type.
    pub fn meant(&self, written: &str, record_type: Option<&Arc<str>>, archive: &Archive) -> Option<RecordId> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = (written.into(), record_type.cloned());
        if let Some(answer) = known().get(&asked) {
            return answer.clone();
        }
        let answer = meant_of(written, record_type, archive).cloned();
        let mut known = known();
        if known.len() < KEPT && written.len() <= LONGEST {
            known.insert(asked, answer.clone());
        }
        answer
    }
}

/// The record that was meant by a name, of all records or of a type.
pub(super) fn meant_of<'a>(written: &str, record_type: Option<&Arc<str>>, archive: &'a Archive) -> Option<&'a RecordId> {
    let id = match record_type {
        Some(own) => meant(written, archive.of_type(own)),
        None => meant(written, archive.each_record()),
    };
    id.and_then(|id| archive.record(&RecordId::from(id))).map(|record| &record.id)
}

/// A digest of the ids, types and titles of all records.
fn names(archive: &Archive) -> [u8; 32] {
    let mut digest = Sha256::new();
    for record in &archive.records {
        // Of a record that is a twin the type is not asked for.
        let own = record.record_type.as_ref().filter(|_| !record.is_twin()).map_or("", |own| &own.id);
        for part in [&*record.id.0, own, &record.title] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    digest.finalize().into()
}

/// What was found, as long as it is one.
#[derive(Default)]
struct Found<'a> {
    first: Option<&'a str>,
    count: usize,
}

impl<'a> Found<'a> {
    fn add(&mut self, id: &'a str) {
        self.first = self.first.or(Some(id));
        self.count += 1;
    }

    fn alone(&self) -> Option<&'a str> {
        self.first.filter(|_| self.count == 1)
    }
}
