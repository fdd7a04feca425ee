//! Pieces of a rulebook's text, and what takes their place.

use crate::{
    document::{Document, Fence, Node, yaml},
    source::SourceFile,
};
use std::ops::Range;

/// What takes the place of a piece of text.
pub(super) type Splice = (Range<usize>, String);

/// The blocks of a kind.
pub(super) fn fences<'d>(document: &'d Document, file: &'d SourceFile, kind: &str) -> impl Iterator<Item = (&'d Fence, Node)> {
    let of_kind = document.body.fences.iter().filter(move |fence| fence.info.split_whitespace().eq(["yaml", kind]));
    of_kind.map(|fence| (fence, yaml::read(&file.text, fence.content).node))
}

/// Where a key and its value stand.
pub(super) fn entry(node: &Node, key: &str) -> Option<Range<usize>> {
    let (key, value) = node.entries().iter().find(|(known, _)| &*known.text == key)?;
    Some(key.span.start as usize..value.span.end.max(key.span.end) as usize)
}

/// The whole lines on which a piece of text stands.
pub(super) fn lines(text: &str, range: Range<usize>) -> Range<usize> {
    let end = text[..range.end].trim_end().len();
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    start..text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut whole = text.to_owned();
    for (range, piece) in splices {
        let end = whole[..range.end].trim_end_matches([' ', '\n', '\r']).len().max(range.start);
        // A block's value may end behind its line; a cut line takes its end with it.
        let end = if piece.is_empty() { range.end } else { end };
        whole.replace_range(range.start..end, &piece);
    }
    whole
}
