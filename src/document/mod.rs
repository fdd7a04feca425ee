//! A text as a document: front matter as a tree with the span of every key and value; a body with
//! its headings, links, fences, tables and plain prose, each with its place. Never knows what a
//! type is.

pub mod body;
mod fault;
mod front;
pub mod markdown;
mod odd_space;
mod passage;
mod unseen;
pub mod yaml;

pub use body::{Body, Fence, Heading, Link, LinkKind, ProseRun, Section, Writing};
pub use fault::fault;
pub use passage::Passage;
pub use yaml::{Key, Node, NodeValue};

use crate::{
    diagnostic::{Finding, Words},
    source::{ArchivePath, Fault, FileId, SourceFile, Span},
};

/// A document. What is wrong with its text stands in `findings`; the rest of it is there all the
/// same.
#[derive(Clone, Debug)]
pub struct Document {
    pub file: FileId,
    pub path: ArchivePath,
    /// A mapping; empty where there is no front matter that can be read.
    pub front: Node,
    /// From the first `---` to the last, or the head of the file.
    pub front_span: Span,
    pub body: Body,
    pub findings: Vec<Finding>,
    /// Whether the front matter could be read.
    pub readable: bool,
}

/// Parses a text. Never fails: what is wrong is in [`Document::findings`].
pub fn parse(file: &SourceFile) -> Document {
    let mut findings = fault::findings(file);
    let has_text = matches!(file.fault, None | Some(Fault::Encoding { .. }));
    let front = if has_text { front::split(&file.text) } else { front::FrontLines::none() };
    let span = |range| Span::new(file.id, range);
    let reading = yaml::read(&file.text, span(front.yaml.clone()));
    let mut readable = reading.readable;
    if has_text && let Some(finding) = front.finding(file.id, &file.text) {
        findings.push(finding);
        readable = false;
    } else {
        findings.extend(reading.findings);
    }
    if has_text {
        findings.extend(unseen::findings(file.id, &file.text, &reading.node));
    }
    let front_node = as_mapping(reading.node, &mut findings);
    readable = readable && has_text && front_node.is_some();
    let body = Body::read(&file.text, span(front.whole.end..file.text.len()));
    if has_text {
        findings.extend(odd_space::finding(file.id, &file.text, &body));
    }
    findings.sort_by_key(|finding| finding.span.map(Span::bytes));
    Document {
        file: file.id,
        path: file.path.clone(),
        front: front_node.unwrap_or_else(|| Node::empty_map(span(front.yaml.clone()))),
        front_span: span(front.whole.clone()),
        body,
        findings,
        readable,
    }
}

/// Front matter without a word is a mapping of nothing; a list or a bare value is none.
fn as_mapping(node: Node, findings: &mut Vec<Finding>) -> Option<Node> {
    if node.is_map() || node.is_blank() {
        return Some(if node.is_map() { node } else { Node::empty_map(node.span) });
    }
    if findings.iter().all(|finding| &*finding.code != "document.yaml" && &*finding.code != "document.front-matter") {
        let message = Words::new("文件头须由“键: 值”组成", "the front matter must consist of ‘key: value’");
        let fix = Words::new("每行写一个字段，如“type: …”", "write one field a line, such as ‘type: …’");
        findings.push(Finding::error("document.front-matter", node.span, message).with_fix(fix));
    }
    None
}

#[cfg(test)]
mod tests;
