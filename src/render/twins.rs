//! The two pages of a record in the static site, one in each language: where they differ in their
//! frame alone, the text is made of its Markdown once.

use serde::Serialize;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Prose as HTML, and its headings.
#[derive(Clone, Default, Debug)]
pub(super) struct Prose {
    pub html: String,
    pub headings: Vec<Anchor>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Anchor {
    pub anchor: String,
    pub text: String,
    pub level: u8,
}

/// Texts that wait for the page in the other language, by the number of their record in the view.
#[derive(Default, Debug)]
pub(super) struct Twins(Mutex<HashMap<usize, Prose>>);

impl Twins {
    /// The text of a record: the one that waits, or else one that is made, and waits where it holds
    /// nothing that is the language's own.
    pub fn prose(&self, record: usize, make: impl FnOnce() -> (Prose, Wording)) -> Prose {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prose) = kept().remove(&record) {
            return prose;
        }
        let (prose, wording) = make();
        if wording == Wording::Same {
            kept().insert(record, prose.clone());
        }
        prose
    }
}

/// Whether a text is the same in both languages: words and addresses of the page's own may stand in
/// it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wording {
    Same,
    Own,
}
