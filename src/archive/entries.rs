//! What is written in the fields of a record or of a table.

use super::Entry;
use std::sync::Arc;

/// Entries by the key of their field, in the order of the keys. There are few, and they never
/// change: a slice holds them in half the memory of a tree.
#[derive(Clone, Default, Debug)]
pub struct Entries(Box<[(Arc<str>, Entry)]>);

impl Entries {
    pub fn get(&self, field: &str) -> Option<&Entry> {
        let at = self.0.binary_search_by(|(key, _)| (**key).cmp(field)).ok()?;
        Some(&self.0[at].1)
    }

    pub fn contains_key(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Entry)> {
        self.0.iter().map(|(key, entry)| (key, entry))
    }

    pub fn values(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter().map(|(_, entry)| entry)
    }
}

impl FromIterator<(Arc<str>, Entry)> for Entries {
    /// Of fields that each stand there once.
    fn from_iter<T: IntoIterator<Item = (Arc<str>, Entry)>>(entries: T) -> Entries {
        let mut entries: Box<[(Arc<str>, Entry)]> = entries.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Entries(entries)
    }
}
