//! The seal: a digest of exactly what was approved.
//!
//! The sealed text is the document without its `approvals` and its `later` fields (whole lines,
//! with the comments and blank lines that follow them) and its `later` sections (each from its
//! heading to the next of its level or above, less the lines that define links), with line ends as
//! LF and one at its end, and no blanks before it (see [`tidied`]). The digests of its attachments
//! follow, a line each. Where the front matter cannot be read, nothing is taken out.

use super::Seal;
use crate::{
    document::{Document, Key, Node, NodeValue},
    policy::{ApprovalRule, RecordType},
    source::{ArchivePath, MAX_DIGESTED, Sources, is_of_the_file, trial},
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io, ops::Range};

/// The seal of a document: see this module.
///
/// # Errors
/// Where an attachment cannot be read for a reason that passes (see [`crate::source::Failure`]);
/// [`io::ErrorKind::FileTooLarge`] where all together are larger than [`MAX_DIGESTED`], so that
/// whoever lays files into a folder keeps no core busy with them.
pub fn seal(document: &Document, record_type: Option<&RecordType>, rule: Option<&ApprovalRule>, sources: &Sources) -> io::Result<Seal> {
    let mut digest = Sha256::new();
    digest.update(sealed_text(document, record_type, rule, sources));
    let sealed = Sealed::of(document, record_type, rule);
    for line in sealed.digests(sources)? {
        digest.update(line);
    }
    Ok(Seal(digest.finalize().into()))
}

/// How many bytes of attachments a seal is of, as they lie there.
pub(super) fn sealed_bytes(document: &Document, record_type: Option<&RecordType>, rule: Option<&ApprovalRule>, sources: &Sources) -> u64 {
    attached_bytes(Sealed::of(document, record_type, rule).beside.values(), sources)
}

/// Whether the seal of a document is of files beside it too, be they there or not.
pub(super) fn has_attachments(document: &Document, record_type: Option<&RecordType>, rule: Option<&ApprovalRule>) -> bool {
    !Sealed::of(document, record_type, rule).names.is_empty()
}

/// The text that the seal is of, without the digests of attachments.
pub fn sealed_text(document: &Document, record_type: Option<&RecordType>, rule: Option<&ApprovalRule>, sources: &Sources) -> String {
    let text = &*sources.file(document.file).text;
    trial::count(1 + text.len() / trial::PIECE);
    let outside = Outside { text, document, record_type, rule };
    let (head, body) = if document.readable { outside.kept() } else { (String::new(), text.to_owned()) };
    let mut sealed = tidied(&head, false) + &tidied(&body, true);
    sealed.truncate(sealed.trim_end_matches('\n').len());
    sealed.push('\n');
    sealed.push_str(&outside.aliases());
    sealed
}

/// With line ends as LF and without spaces and tabs before them: editors tidy those away, and they
/// say nothing. But in the body two spaces or more behind words that go on in the next line break
/// it (CommonMark 6.7), and count as two; and what stands behind a backslash stays, which would
/// speak for the line end instead.
fn tidied(text: &str, is_body: bool) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut tidied = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let words = line.trim_end_matches([' ', '\t']);
        let blanks = &line[words.len()..];
        tidied.push_str(words);
        if words.ends_with('\\') {
            tidied.push_str(blanks);
        } else if is_body && blanks.ends_with("  ") && !words.is_empty() && lines.peek().is_some_and(|next| !next.trim().is_empty()) {
            tidied.push_str("  ");
        }
        tidied.extend(lines.peek().map(|_| '\n'));
    }
    tidied
}

/// What stands outside the seal.
struct Outside<'a> {
    text: &'a str,
    document: &'a Document,
    record_type: Option<&'a RecordType>,
    rule: Option<&'a ApprovalRule>,
}

impl Outside<'_> {
    /// What stays of the front matter, and of the body.
    fn kept(&self) -> (String, String) {
        let body = self.document.body.span.start as usize;
        (self.without(0..body, self.entries().collect()), self.without(body..self.text.len(), self.sections().collect()))
    }

    fn without(&self, whole: Range<usize>, mut ranges: Vec<Range<usize>>) -> String {
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut kept = String::with_capacity(whole.len());
        let mut from = whole.start;
        for range in ranges.into_iter().filter(|range| range.start < range.end) {
            if from < range.start {
                kept.push_str(&self.text[from..range.start]);
            }
            from = from.max(range.end);
        }
        kept.push_str(&self.text[from..whole.end]);
        kept
    }

    fn is_outside(&self, key: &Key) -> bool {
        &*key.text == "approvals" || self.is_later(&key.text)
    }

    /// Whether a field, by its key or a label, is written after approval.
    fn is_later(&self, name: &str) -> bool {
        let field = self.record_type.and_then(|record_type| record_type.field(name)).map_or(name, |field| &field.name);
        self.names_later(field)
    }

    fn names_later(&self, name: &str) -> bool {
        self.rule.is_some_and(|rule| rule.later.iter().any(|later| &**later == name))
    }

    fn entries(&self) -> impl Iterator<Item = Range<usize>> {
        let entries = self.document.front.entries();
        let flow = self.text.get(self.document.front.span.start as usize..).is_some_and(|rest| rest.starts_with('{'));
        let outside = entries.iter().enumerate().filter(|(_, (key, _))| self.is_outside(key));
        outside.map(
            move |(place, _)| {
                if flow { self.flow_entry(entries, place) } else { self.lines_of(&entries[place].0, &entries[place].1) }
            },
        )
    }

    /// In a block mapping: from the line of the key to that in which the value ends, with the
    /// comments and blank lines behind it.
    fn lines_of(&self, key: &Key, value: &Node) -> Range<usize> {
        let start = line_start(self.text, key.span.start as usize);
        let mut end = line_after(self.text, value.span.end.max(key.span.end) as usize);
        while end < self.text.len() && says_nothing(&self.text[end..line_after(self.text, end)]) {
            end = line_after(self.text, end);
        }
        start..end
    }

    /// In a flow mapping, whose entries may share a line: the entry and the comma that sets it off.
    fn flow_entry(&self, entries: &[(Key, Node)], place: usize) -> Range<usize> {
        let (key, value) = &entries[place];
        match (place.checked_sub(1), entries.get(place + 1)) {
            (Some(before), _) => entries[before].1.span.end as usize..value.span.end as usize,
            (None, Some((next, _))) => key.span.start as usize..next.span.start as usize,
            (None, None) => key.span.start as usize..value.span.end as usize,
        }
    }

    fn sections(&self) -> impl Iterator<Item = Range<usize>> {
        let headings = &self.document.body.headings;
        let later = headings.iter().enumerate().filter(|(_, heading)| heading.level == 2 && self.names_later(heading.text.trim()));
        later.flat_map(move |(place, heading)| {
            let next = headings[place + 1..].iter().find(|next| next.level <= 2);
            let start = line_start(self.text, heading.span.start as usize);
            let end = next.map_or(self.text.len(), |next| line_start(self.text, next.span.start as usize));
            without_definitions(self.text, start..end)
        })
    }

    /// The values that sealed fields take from an anchor, written out: what the anchor marks may
    /// stand outside the seal.
    fn aliases(&self) -> String {
        let sealed = self.document.front.entries().iter().filter(|(key, _)| !self.is_outside(key));
        let aliased = sealed.filter(|(_, value)| self.has_alias(value));
        aliased.map(|(key, value)| format!("{}\n", serde_json::json!({ &*key.text: without_places(value) }))).collect()
    }

    /// A plain scalar never begins with an asterisk, so what does is an alias.
    fn has_alias(&self, node: &Node) -> bool {
        let here = self.text.get(node.span.start as usize..).is_some_and(|rest| rest.starts_with('*'));
        here || node.list().is_some_and(|nodes| nodes.iter().any(|node| self.has_alias(node)))
            || node.entries().iter().any(|(_, value)| self.has_alias(value))
    }
}

/// A range of lines less those that may define links, which speak for the whole document.
fn without_definitions(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut from, mut at, mut open) = (range.start, range.start, false);
    for line in text[range.clone()].split_inclusive('\n') {
        let end = at + line.len();
        if open || line.contains("]:") {
            ranges.push(from..at);
            from = end;
        }
        open = line.trim_end().ends_with("]:");
        at = end;
    }
    ranges.push(from..range.end);
    ranges
}

/// A blank line or a comment.
fn says_nothing(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

/// Where the next line begins.
fn line_after(text: &str, byte: usize) -> usize {
    match text[byte..].find(['\n', '\r']) {
        Some(at) if text[byte + at..].starts_with("\r\n") => byte + at + 2,
        Some(at) => byte + at + 1,
        None => text.len(),
    }
}

fn line_start(text: &str, byte: usize) -> usize {
    text[..byte].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// A tree as it reads, wherever it stands.
pub fn without_places(node: &Node) -> serde_json::Value {
    match &node.value {
        NodeValue::Scalar { text, .. } => serde_json::Value::String(text.to_string()),
        NodeValue::List(nodes) => nodes.iter().map(without_places).collect(),
        NodeValue::Map(entries) => entries.iter().map(|(key, value)| (key.text.to_string(), without_places(value))).collect(),
    }
}

/// The attachments that a seal is of.
#[derive(Default)]
struct Sealed<'d> {
    /// In the order of the field; none where that stands outside the seal.
    names: Vec<&'d str>,
    /// Where each lies. One that is named twice is read once.
    beside: BTreeMap<&'d str, ArchivePath>,
}

impl<'d> Sealed<'d> {
    fn of(document: &'d Document, record_type: Option<&RecordType>, rule: Option<&ApprovalRule>) -> Sealed<'d> {
        if rule.is_some_and(|rule| rule.later.iter().any(|later| &**later == "attachments")) {
            return Sealed::default();
        }
        let is_field = |key: &Key| record_type.and_then(|t| t.field(&key.text)).map_or(&*key.text, |f| &f.name) == "attachments";
        let field = document.front.entries().iter().find(|(key, _)| is_field(key));
        let names = field.and_then(|(_, node)| node.list()).unwrap_or_default();
        let names: Vec<&str> = names.iter().filter_map(Node::text).map(|name| &**name).collect();
        let beside = names.iter().filter_map(|name| Some((*name, beside(&document.path, name)?))).collect();
        Sealed { names, beside }
    }

    /// A line for each of them.
    fn digests(&self, sources: &Sources) -> io::Result<Vec<String>> {
        if attached_bytes(self.beside.values(), sources) > MAX_DIGESTED {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut lines: BTreeMap<&str, String> = BTreeMap::new();
        for (name, path) in &self.beside {
            lines.insert(name, digest(path, sources)?.map_or_else(|| MISSING.to_owned(), |digest| format!("{}\n", Seal(digest))));
        }
        Ok(self.names.iter().map(|name| lines.get(name).map_or(MISSING, String::as_str).to_owned()).collect())
    }
}

/// Stands for a file that is not there.
const MISSING: &str = "missing\n";

/// How many bytes of attachments together a seal is of, or would be: no more than [`MAX_DIGESTED`].
pub fn attached_bytes<'p>(paths: impl IntoIterator<Item = &'p ArchivePath>, sources: &Sources) -> u64 {
    paths.into_iter().filter_map(|path| sources.attachment_length(path)).fold(0, u64::saturating_add)
}

/// The path of a file beside a document. Of one in another folder nobody is told anything, not even
/// by a seal: it is none of the document's attachments.
pub fn beside(document: &ArchivePath, name: &str) -> Option<ArchivePath> {
    crate::archive::link::path_from(document, name).filter(|_| !name.contains('/'))
}

/// `None` where there is no such file, or none that can be read.
fn digest(path: &ArchivePath, sources: &Sources) -> io::Result<Option<[u8; 32]>> {
    match sources.attachment_digest(path) {
        Some(Err(error)) if error.kind() == io::ErrorKind::FileTooLarge || !is_of_the_file(&error) => Err(error),
        found => Ok(found.and_then(Result::ok)),
    }
}
