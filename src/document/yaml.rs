//! YAML as a tree in which every key and value has its span. Scalars stay text: the type block
//! decides how one is read.

mod place;
mod slips;
mod stop;
mod tree;

use crate::{diagnostic::Finding, source::Span};
use place::YamlPlace;
use std::sync::Arc;
use stop::YamlStop;

/// More nodes than this, those that aliases stand for included, are in no document that a person
/// wrote.
pub const MAX_NODES: usize = 50_000;

/// Nor are more levels.
pub const MAX_DEPTH: usize = 64;

/// What stands without quotes for nothing.
pub const NULLS: [&str; 4] = ["~", "null", "Null", "NULL"];

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
    /// In the order written; keys are unique (the first of equal keys is kept, and a finding tells
    /// of the others).
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Key {
    pub text: Arc<str>,
    pub span: Span,
}

/// What was read of a piece of YAML.
#[derive(Clone, Debug)]
pub struct YamlReading {
    /// What was written; where it breaks off, what stands before that. An empty text is a blank
    /// scalar.
    pub node: Node,
    pub findings: Vec<Finding>,
    /// Whether it was read to its end.
    pub readable: bool,
}

/// Reads the YAML that stands at `span` of a file's text; every span in the answer is one of that
/// file.
///
/// Slips of the input method (a full-width colon after a key, an ideographic space, a tab as
/// indentation) are told at their own line and read as what was meant: a parser alone would blame
/// the line after them.
pub fn read(text: &str, span: Span) -> YamlReading {
    let source = text.get(span.start as usize..span.end as usize).unwrap_or_default();
    let place = YamlPlace { file: span.file, base: span.start as usize, written: source };
    // Of zeros the document tells as a whole; here they only must not hide the rest. The
    // replacement has the same length.
    let mut draft = source.replace('\0', " ");
    let mut tree = tree::parse(&draft, place);
    let mut findings = Vec::new();
    for _ in 0..rounds(source) {
        let slips = slips::in_doubt(&draft, &tree);
        if slips.is_empty() {
            break;
        }
        let mended = slips::mended(&draft, &slips);
        let next = tree::parse(&mended, place);
        let is_better = next.is_better_than(&tree);
        if is_better || tree.stop.is_none() {
            findings.extend(slips.iter().map(|slip| slip.finding(&draft, place)));
        }
        if !is_better {
            break;
        }
        (draft, tree) = (mended, next);
    }
    let readable = tree.stop.is_none();
    findings.extend(tree.findings);
    findings.extend(tree.stop.map(|stop| stop.finding(&draft, place)));
    findings.sort_by_key(|finding| finding.span.map(Span::bytes));
    YamlReading { node: tree.root, findings, readable }
}

/// Each round mends all slips at one place and reads again; a text too large to be written by hand
/// gets fewer.
fn rounds(source: &str) -> usize {
    if source.len() < 64 << 10 { 64 } else { 2 }
}

impl Node {
    /// A mapping of nothing.
    pub fn empty_map(span: Span) -> Node {
        Node { span, value: NodeValue::Map(Vec::new()) }
    }

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

    /// Nothing was written (`key:`), only white space, or that there is nothing (YAML 1.2.2,
    /// 10.2.1.1).
    pub fn is_blank(&self) -> bool {
        match &self.value {
            NodeValue::Scalar { text, plain } => text.trim().is_empty() || (*plain && NULLS.contains(&text.trim())),
            NodeValue::List(_) | NodeValue::Map(_) => false,
        }
    }
}
