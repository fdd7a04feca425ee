//! A text as a document: front matter as a tree with the span of every key and value; a body with its headings, links, fences,
//! tables and plain prose, each with its place. Never knows what a type is.

pub mod body;
pub mod markdown;
pub mod yaml;

pub use body::{Body, Fence, Heading, Link, LinkKind, Prose};
pub use yaml::{Key, Node, NodeValue};

use crate::{
    diagnostic::Finding,
    source::{ArchivePath, FileId, SourceFile, Span},
};

/// A document. What is wrong with its text stands in `findings`; the rest of it is there all the same.
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
    let _ = file;
    todo!()
}
