//! YAML as a tree in which every key and value has its span. Scalars stay text: the type block decides how one is read.

use crate::source::Span;
use std::sync::Arc;

#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    pub span: Span,
    pub value: NodeValue,
}

#[derive(Clone, PartialEq, Debug)]
pub enum NodeValue {
    /// `plain`: written without quotes and not as a block.
    Scalar {
        text: Arc<str>,
        plain: bool,
    },
    List(Vec<Node>),
    /// In the order written; keys are unique (the first of equal keys is kept, and a finding tells of the others).
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Key {
    pub text: Arc<str>,
    pub span: Span,
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| &*k.text == key).map(|(_, v)| v)
    }

    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            NodeValue::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            NodeValue::List(nodes) => Some(nodes),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&Arc<str>> {
        match &self.value {
            NodeValue::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub fn is_map(&self) -> bool {
        matches!(self.value, NodeValue::Map(_))
    }

    /// Nothing was written (`key:`), or only white space.
    pub fn is_blank(&self) -> bool {
        self.text().is_some_and(|t| t.trim().is_empty())
    }
}
