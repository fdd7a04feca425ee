//! Which optional values are known to be there: flow typing for has().

use std::collections::BTreeSet;

/// Keys of values that are surely there; `None` in a case that cannot arise, where everything may
/// be said.
///
/// A key is the text of a value with every name resolved, so that equal keys are equal values
/// (expressions have no effects).
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Known(Option<BTreeSet<String>>);

impl Known {
    pub fn nothing() -> Known {
        Known(Some(BTreeSet::new()))
    }

    pub fn impossible() -> Known {
        Known(None)
    }

    pub fn of(keys: impl IntoIterator<Item = String>) -> Known {
        Known(Some(keys.into_iter().collect()))
    }

    /// What is known where both hold.
    pub fn both(&self, other: &Known) -> Known {
        Known(self.0.as_ref().zip(other.0.as_ref()).map(|(a, b)| a | b))
    }

    /// What is known where one of them holds.
    pub fn either(&self, other: &Known) -> Known {
        Known(match (&self.0, &other.0) {
            (Some(a), Some(b)) => Some(a & b),
            (one, None) | (None, one) => one.clone(),
        })
    }

    pub fn has(&self, key: &str) -> bool {
        self.0.as_ref().is_none_or(|keys| keys.contains(key))
    }

    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flatten()
    }

    /// What is known of a value's parts (`.due`), behind its key.
    pub fn parts_of(&self, key: &str) -> BTreeSet<String> {
        let behind = self.keys().filter_map(|known| known.strip_prefix(key));
        behind.filter(|rest| rest.starts_with('.')).map(str::to_owned).collect()
    }
}
