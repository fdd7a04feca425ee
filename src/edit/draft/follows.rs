//! What follows for a new record from what was given, by the `given` of its type and by who writes
//! it.

use super::{DraftForm, Given};
use crate::{
    access::{Follows, Reader},
    policy::{RecordType, Value},
    source::ArchivePath,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is known of a record before the writer begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    pub given: Given,
    /// The expression by which a field was filled in.
    pub by: BTreeMap<Vec<Arc<str>>, Arc<str>>,
    /// Fields that may be left out, but for a rule.
    pub demanded: BTreeSet<Arc<str>>,
}

/// `write` gives the path and the text of the record with what is known so far.
pub(super) fn filled(form: &DraftForm<'_>, write: impl Fn(&Filled) -> (ArchivePath, String)) -> Filled {
    let own = form.record_type;
    let mut filled = Filled { given: form.given.clone(), ..Filled::default() };
    let Some(view) = form.view else { return filled };
    if let (Reader::Person(writer), Some(author)) = (view.reader(), &own.author) {
        filled.given.add(own, std::slice::from_ref(author), &Value::Record(writer.clone()));
    }
    // What was filled in may let more follow; each time around there is a field less.
    loop {
        let (path, text) = write(&filled);
        let Follows { given, demanded } = view.follows(&path.0, &text);
        let more = given.into_iter().filter(|(path, value)| filled.given.add(own, &path.0, value)).map(|(path, _)| path);
        let more: Vec<_> = more.collect();
        if more.is_empty() {
            return Filled { demanded, ..filled };
        }
        filled.by.extend(more.into_iter().filter_map(|path| Some((path.0.clone(), source(own, &path.0)?))));
    }
}

fn source(own: &RecordType, path: &[Arc<str>]) -> Option<Arc<str>> {
    own.given.iter().find(|(given, _)| given.0 == path).map(|(_, expression)| expression.source.clone())
}
