//! A block of a policy as it is written: a YAML tree that nobody has read yet.

use crate::{diagnostic::Citation, document::Node, policy::Keyword, source::Span};
use std::sync::Arc;

/// A block as written.
#[derive(Clone, Debug)]
pub(super) struct RawBlock {
    pub kind: Keyword,
    pub node: Node,
    pub citation: Citation,
    pub span: Span,
    /// The info string.
    pub head: Span,
    pub line: u32,
}

impl RawBlock {
    /// Where it says its id, or its info string.
    pub fn id_span(&self) -> Span {
        self.node.get("id").map_or(self.head, |id| id.span)
    }

    pub fn for_span(&self) -> Span {
        self.node.get("for").map_or(self.head, |n| n.span)
    }

    /// The first type that it is for.
    pub fn first_type(&self) -> Option<Arc<str>> {
        let named = self.node.get("for")?;
        named.list().map_or(Some(named), <[Node]>::first)?.text().map(|text| text.trim().into())
    }
}

/// A block that cannot be read at all.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// That it is, or is meant to be.
    pub kind: Keyword,
    /// As one of its lines has it.
    pub id: Option<Arc<str>>,
    pub citation: Citation,
    pub span: Span,
    /// The info string.
    pub head: Span,
    pub line: u32,
}
