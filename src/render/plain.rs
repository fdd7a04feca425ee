//! Plain words that the terminal and calendars share with the pages: what is due, what about, and
//! who is to do it; kinds of blocks.

use super::{boxes, words};
use crate::{access::View, check::Due, diagnostic::Lang, policy::Keyword, source::RecordId};

/// A kind of block as pages call it.
pub fn block_kind(kind: Keyword, lang: Lang) -> &'static str {
    words::word(boxes::label_of(kind), lang)
}

/// The title of what a duty is about: as the reader sees it, or as he is told it where he does not.
pub fn subject<'v>(view: &'v View<'_>, due: &Due) -> Option<&'v str> {
    let seen = due.record.as_ref().and_then(|id| view.record(id));
    seen.map(|seen| seen.title()).or_else(|| view.subject(due))
}

/// The record that a duty is about, by its id and title; nothing for a duty of the archive.
pub fn about(view: &View<'_>, due: &Due) -> String {
    let id = due.record.as_ref().map_or("", |id| &id.0);
    let subject = subject(view, due).filter(|subject| *subject != id);
    [id].into_iter().chain(subject).collect::<Vec<_>>().join(" ")
}

/// Who is to do it, by their names where they are seen; where there is nobody, the post or
/// department by its label.
pub fn who(view: &View<'_>, due: &Due, lang: Lang) -> String {
    if due.who.is_empty() {
        return due.office.as_ref().map_or_else(String::new, |id| view.policies().posts.label(id, lang).to_owned());
    }
    due.who.iter().map(|id| name(view, id)).collect::<Vec<_>>().join(words::word("comma", lang))
}

fn name(view: &View<'_>, id: &RecordId) -> String {
    view.record(id).map_or_else(|| id.to_string(), |seen| seen.title().to_owned())
}
