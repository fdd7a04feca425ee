//! The kinds of page: one list. Each knows its addresses in a view and what it shows at one.

pub(super) mod account;
pub(super) mod attachment;
pub(super) mod form;
pub(super) mod search;
pub(super) mod surface;

mod ask;
mod changes;
mod due;
mod findings;
mod home;
mod inbox;
mod list;
mod pager;
mod people;
mod person;
mod policies;
mod policy;
mod record;
mod types;

pub(super) use policy::paper;

use super::{Page, RenderError, address, asked::Asked};
use crate::{
    access::{Seen, View},
    source::RecordId,
};

/// What is shown at an address of a kind of page: nothing where the address is not one of its own,
/// or not for this reader.
type Shows = Result<Option<Page>, RenderError>;

struct PageKind {
    /// Its addresses with names for what is filled in; the test that asks for every kind of page
    /// fills them.
    templates: &'static [&'static str],
    /// Every address of this kind in a view, without a language.
    addresses: fn(&View<'_>) -> Vec<String>,
    /// The page at the segments of an address.
    page: fn(&Asked<'_>, &View<'_>, &[&str]) -> Shows,
}

const KINDS: [PageKind; 16] = [
    home::KIND,
    types::KIND,
    list::KIND,
    record::KIND,
    form::KIND,
    policies::KIND,
    policy::KIND,
    policy::VERSION,
    changes::KIND,
    people::KIND,
    person::KIND,
    due::KIND,
    findings::KIND,
    inbox::KIND,
    ask::KIND,
    search::KIND,
];

/// The addresses of all pages of a view, without a language.
pub(super) fn addresses(view: &View<'_>) -> Vec<String> {
    KINDS.iter().flat_map(|kind| (kind.addresses)(view)).collect()
}

/// The addresses of all kinds of page and of attachments, with names for what is filled in.
pub(super) fn templates() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|kind| kind.templates).copied().chain(std::iter::once("/records/{id}/files/{name}"))
}

/// The addresses of what is not a page: attachments, and what the static site searches.
pub(super) fn files(view: &View<'_>) -> Vec<String> {
    let attachments = view.records().flat_map(|seen| {
        let id = seen.id().clone();
        seen.open_attachments().into_iter().map(move |name| address::attachment(&id, name)).collect::<Vec<_>>()
    });
    attachments.chain(search::files(view)).collect()
}

/// What is shown at a path (an address without its language).
pub(super) fn page(path: &str, view: &View<'_>, asked: &Asked<'_>) -> Shows {
    if let Some(file) = file(path, view, asked)? {
        return Ok(Some(file));
    }
    let Some(segments) = address::segments(path) else { return Ok(None) };
    for kind in &KINDS {
        if let Some(page) = (kind.page)(asked, view, &segments)? {
            return Ok(Some(page));
        }
    }
    Ok(None)
}

fn file(path: &str, view: &View<'_>, asked: &Asked<'_>) -> Shows {
    if let Some(data) = search::file(path, view, asked) {
        return Ok(Some(data));
    }
    attachment::page(path, view)
}

/// The record that a segment names, where this reader sees it.
pub(super) fn seen<'v>(view: &'v View<'_>, segment: &str) -> Option<Seen<'v>> {
    if segment.starts_with('~') {
        return view.records().find(|seen| address::segment(&seen.id().0) == segment);
    }
    let written = address::name(segment, std::iter::empty())?;
    view.record(&RecordId::named(&written)).or_else(|| view.record(&RecordId::from(written.as_str())))
}

/// A kind that has one page.
fn is(segments: &[&str], name: &str) -> bool {
    segments == [name]
}
