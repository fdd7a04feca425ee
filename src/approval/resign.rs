//! For developers: the approvals of a whole archive sealed and signed anew with one key, but for
//! those that are signed already by a key that the archive lists. Rewrites only the seals and
//! signatures of entries, and writes nothing to disk.

use super::{AllowedSigners, Approvable, PrivateKey, Seal, SigningError, sign, statement, without_places};
use crate::{
    archive::{Archive, shape::timestamp},
    diagnostic::Words,
    document::{self, Document, Node},
    source::{ArchivePath, RecordId, SourceFile, Sources, Span},
};
use chrono::NaiveDate;
use std::ops::Range;

/// A document with its approvals signed anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resigned {
    pub path: ArchivePath,
    pub text: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ResignError {
    #[error("{path}: approval {place} has no {key} that can be signed")]
    Entry { path: ArchivePath, place: usize, key: &'static str },
    #[error("{0}: the seals and signatures cannot be written there without touching something else")]
    Form(ArchivePath),
    #[error("{0}: {1}")]
    Key(ArchivePath, SigningError),
    #[error("{0}: an attachment cannot be read: {1}")]
    Attachment(ArchivePath, std::io::Error),
}

impl ResignError {
    /// What is wrong, in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            ResignError::Entry { place, key, .. } => format!("第 {place} 条批准没有可以签署的 {key}"),
            ResignError::Form(_) => "批准写成这样，无法签署".to_owned(),
            ResignError::Key(..) => "密钥不能签署".to_owned(),
            ResignError::Attachment(..) => "附件无法读取".to_owned(),
        };
        Words::new(zh, self.to_string())
    }
}

/// Seals and signs anew every approval entry of an archive that is not signed as it stands; gives
/// the documents that change by it. An entry need have no more than `step`, `by` and `at`.
///
/// # Errors
/// At the first entry that cannot be signed.
pub fn resign(archive: &Archive, today: NaiveDate, key: &PrivateKey) -> Result<Vec<Resigned>, ResignError> {
    let signers = AllowedSigners::of(archive);
    let mut resigned = Vec::new();
    for approvable in Approvable::all(archive, today).into_iter().filter(Approvable::has_approvals) {
        let entries = approvable.approvals().and_then(Node::list).unwrap_or_default();
        let file = archive.sources.file(approvable.document.file);
        let seal = approvable.seal(archive).map_err(|error| ResignError::Attachment(file.path.clone(), error))?;
        let text = signed_anew(&approvable, entries, file, &seal, (key, &signers))?;
        if *text != *file.text {
            resigned.push(Resigned { path: file.path.clone(), text });
        }
    }
    Ok(resigned)
}

fn signed_anew(
    approvable: &Approvable<'_>,
    entries: &[Node],
    file: &SourceFile,
    seal: &Seal,
    (key, signers): (&PrivateKey, &AllowedSigners),
) -> Result<String, ResignError> {
    let mut splices = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let part = |key: &'static str| {
            let text = entry.get(key).and_then(Node::text).filter(|text| !text.trim().is_empty());
            text.ok_or_else(|| ResignError::Entry { path: file.path.clone(), place: place + 1, key })
        };
        let (step, by, at) = (part("step")?, part("by")?, part("at")?);
        let by = RecordId(by.clone());
        let statement = statement(&approvable.subject, step, &by, at, seal);
        let written = |key| entry.get(key).and_then(Node::text).map_or("", |text| text);
        // What is signed stays, with whichever key.
        let is_sealed = written("seal") == seal.to_string();
        if is_sealed && timestamp(at).is_some_and(|at| signers.verify(written("signature"), &statement, &by, at).is_ok()) {
            continue;
        }
        let signature = sign(&statement, key).map_err(|error| ResignError::Key(file.path.clone(), error))?;
        splices.extend(entry_splices(&file.text, entry, &[("seal", seal.to_string()), ("signature", signature)]));
    }
    let text = spliced(&file.text, splices).ok_or_else(|| ResignError::Form(file.path.clone()))?;
    if text == *file.text || only_entries_changed(approvable.document, file, &text) {
        Ok(text)
    } else {
        Err(ResignError::Form(file.path.clone()))
    }
}

/// A piece of text, and what it takes the place of.
type Splice = (Range<usize>, String);

fn entry_splices(text: &str, entry: &Node, values: &[(&str, String)]) -> Vec<Splice> {
    let mut splices = Vec::new();
    let mut added = String::new();
    for (key, value) in values {
        match entry.entries().iter().find(|(k, _)| *k.text == **key) {
            Some((_, node)) if !bytes(node.span).is_empty() => splices.push((bytes(node.span), value.clone())),
            Some((k, _)) => {
                let colon = text[k.span.end as usize..].find(':').map_or(k.span.end as usize, |at| k.span.end as usize + at + 1);
                splices.push((colon..colon, format!(" {value}")));
            }
            None => added.push_str(&addition(text, entry, key, value)),
        }
    }
    if !added.is_empty() {
        let at = addition_place(text, entry);
        splices.push((at..at, added));
    }
    splices
}

fn is_flow(text: &str, entry: &Node) -> bool {
    text.get(entry.span.start as usize..).is_some_and(|rest| rest.starts_with('{'))
}

fn addition(text: &str, entry: &Node, key: &str, value: &str) -> String {
    if is_flow(text, entry) {
        return format!(", {key}: {value}");
    }
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let column = entry.entries().first().map_or(0, |(first, _)| {
        let start = first.span.start as usize;
        start - text[..start].rfind('\n').map_or(0, |end| end + 1)
    });
    format!("{line_end}{}{key}: {value}", " ".repeat(column))
}

/// Behind the last value of an entry; in a block, at the end of its line.
fn addition_place(text: &str, entry: &Node) -> usize {
    let end = entry.entries().last().map_or(entry.span.end, |(key, value)| value.span.end.max(key.span.end)) as usize;
    if is_flow(text, entry) { end } else { text[end..].find(['\r', '\n']).map_or(text.len(), |at| end + at) }
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::new();
    let mut from = 0;
    for (range, piece) in splices {
        out.push_str(text.get(from..range.start)?);
        out.push_str(&piece);
        from = range.end;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

/// Whether a text reads as the document, but for the seals and signatures of its approvals.
fn only_entries_changed(document: &Document, file: &SourceFile, text: &str) -> bool {
    let alone = Sources::from_memory([(file.path.to_string(), text)]);
    let Some(anew) = alone.files.first().map(document::parse) else { return false };
    let bare = |document: &Document| {
        let mut tree = without_places(&document.front);
        let entries = tree.get_mut("approvals").and_then(serde_json::Value::as_array_mut);
        for entry in entries.into_iter().flatten().filter_map(serde_json::Value::as_object_mut) {
            entry.retain(|key, _| key != "seal" && key != "signature");
        }
        tree
    };
    anew.readable && bare(&anew) == bare(document) && anew.findings.len() <= document.findings.len()
}
