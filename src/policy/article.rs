//! The articles of a policy: every heading is one, and its key is its anchor.

use crate::{diagnostic::Citation, source::Span};
use std::sync::Arc;

#[derive(Clone, PartialEq, Debug)]
pub struct Article {
    /// What stands before the first ideographic space of the heading, or before the first white space.
    pub key: Arc<str>,
    /// The words after the key.
    pub title: Arc<str>,
    pub level: u8,
    pub span: Span,
    pub citation: Citation,
}
