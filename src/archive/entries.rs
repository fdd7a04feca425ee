//! What is written in the fields of a record or of a table.

use super::FieldEntry;
use std::sync::Arc;

/// So many are looked through one by one.
const A_FEW: usize = 32;

/// Entries by the key of their field, in the order of the keys. There are few, and they never
/// change: a slice holds them in half the memory of a tree.
#[derive(Clone, Default, Debug)]
pub struct Entries(Box<[(Arc<str>, FieldEntry)]>);

impl Entries {
    pub fn get(&self, field: &str) -> Option<&FieldEntry> {
        // Of a few, most are of another length, and need not be compared.
        if self.0.len() <= A_FEW {
            return self.0.iter().find(|(key, _)| **key == *field).map(|(_, entry)| entry);
        }
        let at = self.0.binary_search_by(|(key, _)| (**key).cmp(field)).ok()?;
        Some(&self.0[at].1)
    }

    pub fn contains_key(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &FieldEntry)> {
        self.0.iter().map(|(key, entry)| (key, entry))
    }

    pub fn values(&self) -> impl Iterator<Item = &FieldEntry> {
        self.0.iter().map(|(_, entry)| entry)
    }
}

impl FromIterator<(Arc<str>, FieldEntry)> for Entries {
    /// Of fields that each stand there once.
    fn from_iter<T: IntoIterator<Item = (Arc<str>, FieldEntry)>>(entries: T) -> Entries {
        let mut entries: Box<[(Arc<str>, FieldEntry)]> = entries.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Entries(entries)
    }
}
