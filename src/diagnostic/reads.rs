//! What an answer rests on.

use crate::source::{ArchivePath, RecordId, interned};
use std::{collections::BTreeSet, sync::Arc};

/// The records, fields and other files that were read for an answer, and the searches made, each of
/// which another record could have answered. What many answers rest on alike, as the rows of one list do,
/// is kept once and shared by them.
#[derive(Clone, Default, Debug)]
pub struct Reads {
    own: OwnReads,
    /// What other answers rest on too: nothing of it is among this one's own.
    shared: Option<Arc<Reads>>,
}

/// What one answer rests on besides what it shares.
#[derive(Clone, Default, Debug)]
pub struct OwnReads {
    pub records: BTreeSet<RecordId>,
    /// Each of a record that was read; a reader from whom one is hidden is not told.
    pub fields: BTreeSet<(RecordId, Arc<str>)>,
    pub searches: BTreeSet<Search>,
    /// What is no record, by the path where it lies, or does not lie: the register, a policy. Few
    /// answers rest on any.
    paths: Option<Box<FilesRead>>,
}

/// Files that are no records.
#[derive(Clone, Default, Debug)]
struct FilesRead(BTreeSet<ArchivePath>);

/// A search for the records of a type, or for those of them that refer to a record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Search {
    pub record_type: Arc<str>,
    pub linked_to: Option<RecordId>,
}

impl Reads {
    /// Adds a record: that it is there, its title, its approvals.
    pub fn add_record(&mut self, record: &RecordId) {
        if !self.has_record(record) {
            self.own.records.insert(record.clone());
        }
    }

    /// Adds a field on the top level of a record.
    pub fn add_field(&mut self, record: &RecordId, field: &str) {
        let read = (record.clone(), interned(field));
        if !self.has_field(&read) {
            self.own.fields.insert(read);
        }
    }

    /// Adds what is no record: that it lies at a path, or does not, and what it says.
    pub fn add_path(&mut self, path: &ArchivePath) {
        if !self.has_path(path) {
            self.own.paths.get_or_insert_default().0.insert(path.clone());
        }
    }

    pub fn add_search(&mut self, search: Search) {
        if !self.has_search(&search) {
            self.own.searches.insert(search);
        }
    }

    /// Adds all that another answer rests on; what that one shares is shared with this one too,
    /// where nothing else is.
    pub fn extend(&mut self, other: &Reads) {
        match (&self.shared, &other.shared) {
            (_, None) => {}
            (None, Some(shared)) => self.share(shared.clone()),
            (Some(own), Some(shared)) if Arc::ptr_eq(own, shared) => {}
            (Some(_), Some(shared)) => self.extend(&Arc::clone(shared)),
        }
        other.own.records.iter().for_each(|record| self.add_record(record));
        for read in &other.own.fields {
            if !self.has_field(read) {
                self.own.fields.insert(read.clone());
            }
        }
        other.own.searches.iter().for_each(|search| self.add_search(search.clone()));
        other.own.paths().for_each(|path| self.add_path(path));
    }

    /// Rests on all of `shared` too, which is kept where it is. Another that was shared before
    /// becomes this answer's own.
    pub fn share(&mut self, shared: Arc<Reads>) {
        if self.shared.as_ref().is_some_and(|own| Arc::ptr_eq(own, &shared)) || shared.count() == 0 {
            return;
        }
        if let Some(before) = self.shared.take() {
            self.extend(&before);
        }
        self.own.records.retain(|record| !shared.has_record(record));
        self.own.fields.retain(|read| !shared.has_field(read));
        self.own.searches.retain(|search| !shared.has_search(search));
        if let Some(paths) = &mut self.own.paths {
            paths.0.retain(|path| !shared.has_path(path));
        }
        self.shared = Some(shared);
    }

    /// What it rests on besides what it shares.
    pub fn own(&self) -> &OwnReads {
        &self.own
    }

    /// What it rests on too, and is kept once for several answers.
    pub fn shared(&self) -> Option<&Arc<Reads>> {
        self.shared.as_ref()
    }

    fn parts(&self) -> impl Iterator<Item = &OwnReads> {
        std::iter::successors(Some(self), |part| part.shared.as_deref()).map(|part| &part.own)
    }

    /// Each once, in no order that means anything.
    pub fn records(&self) -> impl Iterator<Item = &RecordId> {
        self.parts().flat_map(|part| &part.records)
    }

    /// Each once, in no order that means anything.
    pub fn fields(&self) -> impl Iterator<Item = &(RecordId, Arc<str>)> {
        self.parts().flat_map(|part| &part.fields)
    }

    /// Each once, in no order that means anything.
    pub fn searches(&self) -> impl Iterator<Item = &Search> {
        self.parts().flat_map(|part| &part.searches)
    }

    /// Each once, in no order that means anything.
    pub fn paths(&self) -> impl Iterator<Item = &ArchivePath> {
        self.parts().flat_map(OwnReads::paths)
    }

    pub fn has_record(&self, record: &RecordId) -> bool {
        self.parts().any(|part| part.records.contains(record))
    }

    fn has_field(&self, read: &(RecordId, Arc<str>)) -> bool {
        self.parts().any(|part| part.fields.contains(read))
    }

    fn has_search(&self, search: &Search) -> bool {
        self.parts().any(|part| part.searches.contains(search))
    }

    fn has_path(&self, path: &ArchivePath) -> bool {
        self.parts().any(|part| part.paths.as_ref().is_some_and(|files| files.0.contains(path)))
    }

    /// How many records and other files it rests on.
    pub fn file_count(&self) -> usize {
        self.parts().map(|part| part.records.len() + part.paths().count()).sum()
    }

    /// How much was read.
    pub fn count(&self) -> usize {
        self.parts().map(OwnReads::count).sum()
    }

    /// Whether all that was read here was read there too.
    pub fn within(&self, other: &Reads) -> bool {
        let is_of_other = |part: &OwnReads| other.parts().any(|own| std::ptr::eq(own, part));
        self.parts().filter(|part| !is_of_other(part)).all(|part| {
            part.records.iter().all(|record| other.has_record(record))
                && part.fields.iter().all(|read| other.has_field(read))
                && part.searches.iter().all(|search| other.has_search(search))
                && part.paths().all(|path| other.has_path(path))
        })
    }

    /// Without what was read of a record.
    pub fn without(&self, record: &RecordId) -> Reads {
        let mut rest = Reads::default();
        rest.own.records.extend(self.records().filter(|read| *read != record).cloned());
        rest.own.fields.extend(self.fields().filter(|(read, _)| read != record).cloned());
        rest.own.searches.extend(self.searches().cloned());
        self.paths().for_each(|path| rest.add_path(path));
        rest
    }
}

impl OwnReads {
    pub fn paths(&self) -> impl Iterator<Item = &ArchivePath> {
        self.paths.iter().flat_map(|files| &files.0)
    }

    /// How much was read.
    pub fn count(&self) -> usize {
        self.records.len() + self.fields.len() + self.searches.len() + self.paths().count()
    }
}

/// The same was read, wherever it is kept.
impl PartialEq for Reads {
    fn eq(&self, other: &Reads) -> bool {
        self.count() == other.count() && self.within(other)
    }
}

impl Eq for Reads {}

impl FromIterator<RecordId> for Reads {
    /// Records that were read.
    fn from_iter<T: IntoIterator<Item = RecordId>>(records: T) -> Reads {
        let own = OwnReads { records: records.into_iter().collect(), ..OwnReads::default() };
        Reads { own, shared: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(records: &[&str]) -> Reads {
        let mut reads: Reads = records.iter().map(|id| RecordId::from(*id)).collect();
        records.iter().for_each(|id| reads.add_field(&RecordId::from(*id), "name"));
        records.iter().for_each(|id| reads.add_path(&ArchivePath::from(*id)));
        reads
    }

    fn names(reads: &Reads) -> Vec<&str> {
        let mut names: Vec<&str> = reads.records().map(|id| &*id.0).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_is_shared_counts_as_read_and_is_kept_once() {
        let list = Arc::new(reads(&["a", "b"]));
        let mut row = reads(&["b", "c"]);
        row.share(list.clone());
        assert_eq!(names(&row), ["a", "b", "c"]);
        assert_eq!((row.count(), row.own().count(), row.file_count()), (9, 3, 6));
        row.add_record(&"a".into());
        row.add_field(&"a".into(), "name");
        row.add_path(&"a".into());
        assert_eq!(row.own().count(), 3, "what is shared is not kept again");
        assert!(list.within(&row) && !row.within(&list) && row == reads(&["a", "b", "c"]));
        let mut other = reads(&["d"]);
        other.extend(&row);
        assert_eq!((names(&other), other.own().count()), (vec!["a", "b", "c", "d"], 6));
        other.share(Arc::new(reads(&["a", "e"])));
        assert_eq!(other, reads(&["a", "b", "c", "d", "e"]), "what was shared before is its own");
        let without = other.without(&"a".into());
        assert_eq!((names(&without), without.paths().count()), (vec!["b", "c", "d", "e"], 5), "a file is no record");
    }

    #[test]
    fn two_that_share_different_lists_rest_on_both() {
        let mut one = reads(&["a"]);
        one.share(Arc::new(reads(&["b"])));
        let mut other = reads(&["c"]);
        other.share(Arc::new(reads(&["d"])));
        one.extend(&other);
        assert_eq!(one, reads(&["a", "b", "c", "d"]));
    }
}
