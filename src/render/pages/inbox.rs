//! What waits for the approval of whoever is signed in.

use super::{Kind, Shows, is};
use crate::{
    access::View,
    render::{
        asked::{Asked, Entry},
        shown::Told,
    },
};
use serde::Serialize;

/// The static site has none: nobody is signed in.
pub(super) const KIND: Kind = Kind { addresses: |_| Vec::new(), page };

#[derive(Serialize)]
pub(super) struct Waiting {
    entry: Entry,
    step: String,
}

#[derive(Serialize)]
struct Inbox {
    waiting: Vec<Waiting>,
}

pub(super) fn waiting(asked: &Asked<'_>, view: &View<'_>) -> Vec<Waiting> {
    view.waiting().into_iter().map(|(seen, step)| Waiting { entry: asked.entry(seen), step: asked.post(&step) }).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "inbox") || asked.me().is_none() {
        return Ok(None);
    }
    let page = Inbox { waiting: waiting(asked, view) };
    asked.page("/inbox/", Told::new("inbox.html", asked.word("waits"), page)).map(Some)
}
