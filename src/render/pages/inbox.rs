//! What waits for the approval of whoever is signed in.

use super::{PageKind, Shows, is};
use crate::{
    access::{Seen, View},
    render::{
        Asking,
        asked::{Asked, ListEntry},
        frame::PageModel,
        link::ShownLink,
    },
};
use serde::Serialize;
use std::sync::Arc;

/// The static site has none: nobody is signed in.
pub(super) const KIND: PageKind = PageKind { templates: &["/inbox/"], addresses: |_| Vec::new(), page };

#[derive(Serialize)]
pub(super) struct InboxEntry {
    entry: ListEntry,
    step: String,
}

/// Access that somebody asks for.
#[derive(Serialize)]
pub(super) struct Wish {
    number: i64,
    person: ShownLink,
    record: ShownLink,
    id: String,
    purpose: String,
    until: String,
}

#[derive(Serialize)]
struct Inbox {
    waiting: Vec<InboxEntry>,
    asks: Vec<Wish>,
    /// Whether it can be decided here; else in the terminal.
    signs: bool,
    back: String,
}

/// A record, and the step that is to be taken next.
pub(super) fn waiting(asked: &Asked<'_>, (seen, step): (Seen<'_>, Arc<str>)) -> InboxEntry {
    InboxEntry { entry: asked.entry(seen), step: asked.post(&step) }
}

pub(super) fn asks(asked: &Asked<'_>) -> Vec<Wish> {
    let all = asked.session.iter().flat_map(|session| &session.asks);
    let wish = |ask: &Asking| Wish {
        number: ask.number,
        person: asked.named(&ask.person),
        record: asked.named(&ask.record),
        id: ask.record.to_string(),
        purpose: ask.purpose.clone(),
        until: ask.until.to_string(),
    };
    all.map(wish).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "inbox") || asked.me().is_none() {
        return Ok(None);
    }
    let signs = asked.session.is_some_and(|session| session.signs);
    let waiting = view.waiting().into_iter().map(|waits| waiting(asked, waits)).collect();
    let page = Inbox { waiting, asks: asks(asked), signs, back: asked.href("/inbox/") };
    asked.page("/inbox/", PageModel::new("inbox.html", asked.word("waits"), page)).map(Some)
}
