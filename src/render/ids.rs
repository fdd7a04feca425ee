//! The ids of the prose of a page: each once, and none of the page's own. What they are made of:
//! [`address::fragment`].

use super::address;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Ids {
    taken: BTreeSet<String>,
    /// How often an id was wanted.
    wanted: BTreeMap<String, usize>,
    /// By the label in small letters, in which `[^A]` and `[^a]` are one.
    footnotes: BTreeMap<String, String>,
    defined: BTreeSet<String>,
}

impl Ids {
    pub fn heading(&mut self, anchor: &str) -> String {
        self.once(address::fragment(anchor))
    }

    /// Of a footnote, where it is referred to.
    pub fn footnote(&mut self, label: &str) -> String {
        let key = label.to_lowercase();
        if let Some(id) = self.footnotes.get(&key) {
            return id.clone();
        }
        let id = self.once(address::footnote(&key));
        self.footnotes.insert(key, id.clone());
        id
    }

    /// Of a footnote, where it stands: a second one of a label has an id of its own.
    pub fn definition(&mut self, label: &str) -> String {
        let id = self.footnote(label);
        if self.defined.insert(id.clone()) { id } else { self.once(id) }
    }

    fn once(&mut self, id: String) -> String {
        if self.taken.insert(id.clone()) {
            return id;
        }
        let count = self.wanted.entry(id.clone()).or_insert(1);
        loop {
            *count += 1;
            let numbered = format!("{id}-{count}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}
