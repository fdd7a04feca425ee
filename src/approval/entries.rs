//! The entries of one document together: which counts of each step, who has signed which, and the
//! seal of what stands there. Each is worked out once, for a document may have thousands of
//! entries.

use super::{Approvable, Approved, Seal, chain::WrittenEntry};
use crate::{archive::Archive, source::RecordId};
use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap},
    ops::Deref,
    sync::Arc,
};

pub(super) struct CountedEntries {
    written: Vec<WrittenEntry>,
    /// The last of each step: the one that counts.
    last: HashMap<Arc<str>, usize>,
    /// The entries that count, by person.
    by: BTreeMap<RecordId, Vec<usize>>,
}

impl CountedEntries {
    pub fn new(written: Vec<WrittenEntry>) -> CountedEntries {
        let last: HashMap<_, _> = written.iter().enumerate().map(|(place, entry)| (entry.step.clone(), place)).collect();
        let mut by: BTreeMap<RecordId, Vec<usize>> = BTreeMap::new();
        for (place, entry) in written.iter().enumerate().filter(|(place, entry)| last[&entry.step] == *place) {
            by.entry(entry.by.clone()).or_default().push(place);
        }
        CountedEntries { written, last, by }
    }

    /// Whether no later entry is of the same step.
    pub fn is_current(&self, place: usize) -> bool {
        self.last[&self.written[place].step] == place
    }

    pub fn last_of(&self, step: &str) -> Option<&WrittenEntry> {
        self.last.get(step).map(|&place| &self.written[place])
    }

    /// The first entry above that counts, by the same person and of another step.
    pub fn other_step_by_the_same(&self, place: usize) -> Option<&WrittenEntry> {
        let entry = &self.written[place];
        let own = self.by.get(&entry.by).into_iter().flatten().take_while(|&&at| at < place).map(|&at| &self.written[at]);
        // Those that count are each of a step of its own: the first or the second is of another.
        own.take(2).find(|earlier| earlier.step != entry.step)
    }
}

impl Deref for CountedEntries {
    type Target = [WrittenEntry];

    fn deref(&self) -> &[WrittenEntry] {
        &self.written
    }
}

/// What is approved, as it stands.
pub(super) struct Content<'a> {
    approvable: &'a Approvable<'a>,
    archive: &'a Archive,
    /// What was approved under its id last, as it is remembered.
    known: Option<Approved>,
    attached: OnceCell<u64>,
    seal: OnceCell<Option<Seal>>,
}

impl<'a> Content<'a> {
    pub fn of(approvable: &'a Approvable<'a>, archive: &'a Archive, known: Option<Approved>) -> Content<'a> {
        Content { approvable, archive, known, attached: OnceCell::new(), seal: OnceCell::new() }
    }

    /// How many bytes of attachments the seal is of.
    pub fn attached(&self) -> u64 {
        *self.attached.get_or_init(|| self.approvable.sealed_bytes(self.archive))
    }

    /// Whether this is its seal. Files of another length than those that were approved are read by
    /// nobody: whoever may write them would keep everybody waiting, and it costs him nothing to
    /// make them long. What cannot be sealed has none; whoever judges the archive hears of it by
    /// its sources' failure.
    pub fn is_sealed_by(&self, seal: &Seal) -> bool {
        if self.known.is_some_and(|known| known.seal == *seal && known.attached != self.attached()) {
            return false;
        }
        let sealed = || self.approvable.seal(self.archive).inspect_err(|error| self.archive.sources.failure().note(error)).ok();
        self.seal.get_or_init(sealed).as_ref() == Some(seal)
    }
}
