//! The kinds of page: one list. Each knows its addresses in a view and what it shows at one.

pub(super) mod account;
pub(super) mod search;
pub(super) mod surface;

mod due;
mod findings;
mod home;
mod inbox;
mod list;
mod people;
mod person;
mod policies;
mod policy;
mod record;
mod types;

use super::{Page, RenderError, address, asked::Asked, theme::content_type};
use crate::{
    access::{Seen, View},
    source::RecordId,
};

/// What is shown at an address of a kind of page: nothing where the address is not one of its own, or not for this reader.
type Shows = Result<Option<Page>, RenderError>;

struct Kind {
    /// Every address of this kind in a view, without a language.
    addresses: fn(&View<'_>) -> Vec<String>,
    /// The page at the segments of an address.
    page: fn(&Asked<'_>, &View<'_>, &[&str]) -> Shows,
}

const KINDS: [Kind; 13] = [
    home::KIND,
    types::KIND,
    list::KIND,
    record::KIND,
    policies::KIND,
    policy::KIND,
    policy::VERSION,
    people::KIND,
    person::KIND,
    due::KIND,
    findings::KIND,
    inbox::KIND,
    search::KIND,
];

/// The addresses of all pages of a view, without a language.
pub(super) fn addresses(view: &View<'_>) -> Vec<String> {
    KINDS.iter().flat_map(|kind| (kind.addresses)(view)).collect()
}

/// The addresses of what is not a page: attachments, and what the static site searches.
pub(super) fn files(view: &View<'_>) -> Vec<String> {
    let attachments = view.records().flat_map(|seen| {
        let id = seen.id().clone();
        seen.attachments().into_iter().map(move |name| address::attachment(&id, name)).collect::<Vec<_>>()
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
    let segments: Vec<&str> = path.split('/').collect();
    let ["", "records", id, "files", name] = segments[..] else { return Ok(None) };
    let Some(seen) = seen(view, id) else { return Ok(None) };
    let Some(name) = address::name(name, seen.attachments().into_iter()) else { return Ok(None) };
    let Some(bytes) = seen.attachment(&name) else { return Ok(None) };
    let body = bytes.map_err(|e| RenderError::Attachment(path.to_owned(), e))?;
    // A picture that can hold a program is saved, not opened.
    let content_type = if content_type(&name) == "image/svg+xml" { "application/octet-stream" } else { content_type(&name) };
    Ok(Some(Page { address: path.to_owned(), content_type, body, record: Some(seen.id().clone()) }))
}

/// The record that a segment names, where this reader sees it.
fn seen<'v>(view: &'v View<'_>, segment: &str) -> Option<Seen<'v>> {
    if segment.starts_with('~') {
        return view.records().find(|seen| address::segment(&seen.id().0) == segment);
    }
    view.record(&RecordId::from(address::name(segment, std::iter::empty())?.as_str()))
}

/// A kind that has one page.
fn is(segments: &[&str], name: &str) -> bool {
    segments == [name]
}
