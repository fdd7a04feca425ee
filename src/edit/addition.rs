//! One more entry in a document's `approvals`, in memory. The text is edited losslessly and then
//! proved: it must be the old one with one insertion, and read as the old tree with the entry
//! added.

use super::EditError;
use crate::{
    approval::{sealed_text, without_places},
    document::{self, Document, yaml::NULLS},
    source::{SourceFile, Sources},
};
use serde_json::Value;
use std::str::FromStr;
use yaml_edit::MappingBuilder;

/// A document's text with one more entry in its `approvals`.
///
/// # Errors
/// Where the entry cannot be added, or not without touching something else.
pub fn with_approval(sources: &Sources, document: &Document, entry: &[(&str, String)]) -> Result<String, EditError> {
    let file = sources.file(document.file);
    if let Some(fault) = &file.fault {
        return Err(EditError::Fault(file.path.clone(), fault.clone()));
    }
    if !document.readable {
        return Err(EditError::Unreadable(file.path.clone()));
    }
    let text = match document.front.get("approvals") {
        None => at_the_end(&file.text, document, entry),
        Some(node) if node.is_blank() => under_the_key(&file.text, document, entry),
        Some(node) if node.list().is_some() => in_the_list(&file.text, document, entry),
        Some(_) => return Err(EditError::NotAList(file.path.clone())),
    };
    let proved = text.filter(|text| is_proved(sources, document, entry, text));
    proved.ok_or_else(|| EditError::Form(file.path.clone()))
}

/// `approvals` as the last key of the front matter.
fn at_the_end(text: &str, document: &Document, entry: &[(&str, String)]) -> Option<String> {
    let fence = front_end(text, document);
    let column = document.front.entries().first().map_or(0, |(key, _)| column_of(text, key.span.start as usize));
    let indent = " ".repeat(column);
    let line_end = line_end(text);
    Some(inserted(text, fence, &format!("{indent}approvals:{line_end}{}", item(&indent, line_end, entry))))
}

/// The first entry under an `approvals:` with nothing behind it.
fn under_the_key(text: &str, document: &Document, entry: &[(&str, String)]) -> Option<String> {
    let (key, _) = document.front.entries().iter().find(|(key, _)| &*key.text == "approvals")?;
    let start = key.span.start as usize;
    let next_line = start + text[start..].find(line_end(text))? + line_end(text).len();
    let indent = " ".repeat(column_of(text, start));
    Some(inserted(text, next_line, &item(&indent, line_end(text), entry)))
}

/// An entry of a block list, its lines ended.
fn item(indent: &str, line_end: &str, entry: &[(&str, String)]) -> String {
    let lines = entry.iter().enumerate().map(|(place, (key, value))| {
        let mark = if place == 0 { "- " } else { "  " };
        format!("{indent}{mark}{key}: {}{line_end}", scalar(value))
    });
    lines.collect()
}

/// A value as YAML: plain where the proof will take it so, else quoted.
pub(super) fn scalar(value: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || "-_.+/=:".contains(c);
    let plain = value.starts_with(char::is_alphanumeric) && value.chars().all(safe) && !value.ends_with(':') && !NULLS.contains(&value);
    if plain { value.to_owned() } else { Value::from(value).to_string() }
}

/// One more entry in a list that is there, block or flow, by a lossless editor.
fn in_the_list(text: &str, document: &Document, entry: &[(&str, String)]) -> Option<String> {
    let fence = document.front_span.start as usize;
    let start = fence + text[fence..].find(line_end(text))? + line_end(text).len();
    let end = front_end(text, document);
    let yaml = yaml_edit::Document::from_str(text.get(start..end)?).ok()?;
    let list = yaml.as_mapping()?.get_sequence("approvals")?;
    let addition = entry.iter().fold(MappingBuilder::new(), |mapping, (key, value)| mapping.pair(*key, value.as_str()));
    list.push(addition.build_document().as_mapping()?);
    Some(format!("{}{yaml}{}", &text[..start], &text[end..]))
}

/// Where the line begins that closes the front matter.
fn front_end(text: &str, document: &Document) -> usize {
    let front = text[..document.front_span.end as usize].trim_end();
    line_start(text, front.len())
}

fn column_of(text: &str, byte: usize) -> usize {
    byte - line_start(text, byte)
}

fn line_start(text: &str, byte: usize) -> usize {
    text[..byte].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") {
        "\r\n"
    } else if text.contains('\r') && !text.contains('\n') {
        "\r"
    } else {
        "\n"
    }
}

fn inserted(text: &str, at: usize, piece: &str) -> String {
    format!("{}{piece}{}", &text[..at], &text[at..])
}

/// Whether a text is the document's with the entry added and nothing else: one insertion; the same
/// tree, body and sealed text.
fn is_proved(sources: &Sources, document: &Document, entry: &[(&str, String)], text: &str) -> bool {
    let file = sources.file(document.file);
    let alone = Sources::from_memory([(file.path.to_string(), text)]);
    let Some(anew) = alone.files.first().map(document::parse) else { return false };
    is_one_insertion(&file.text, text)
        && anew.readable
        && anew.findings.len() <= document.findings.len()
        && Some(without_places(&anew.front)) == tree_with(document, entry)
        && body(file, document) == body(&alone.files[0], &anew)
        && sealed_text(document, None, None, sources) == sealed_text(&anew, None, None, &alone)
}

fn is_one_insertion(old: &str, new: &str) -> bool {
    let head = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    new.len() > old.len() && new.as_bytes().ends_with(&old.as_bytes()[head..])
}

fn body<'t>(file: &'t SourceFile, document: &Document) -> Option<&'t str> {
    file.text.get(document.body.span.start as usize..document.body.span.end as usize)
}

fn tree_with(document: &Document, entry: &[(&str, String)]) -> Option<Value> {
    let mut tree = without_places(&document.front);
    let approvals = tree.as_object_mut()?.entry("approvals").or_insert_with(|| Value::Array(Vec::new()));
    if approvals.is_string() {
        *approvals = Value::Array(Vec::new());
    }
    let addition = entry.iter().map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str()))).collect();
    approvals.as_array_mut()?.push(Value::Object(addition));
    Some(tree)
}
