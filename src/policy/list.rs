//! The blocks of the policies as a list, for people and for other programs.

use super::{ApprovalRule, Block, BlockKind, Example, Expected, Judged, Keyword, Policies, Say, SayPiece};
use crate::source::ArchivePath;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A block as `policy list` tells of it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed<'p> {
    pub id: &'p str,
    pub kind: Keyword,
    pub policy: &'p str,
    pub article: &'p str,
    /// What it is for: a type, several types, or `archive`; nothing where a block declares
    /// something.
    #[serde(rename = "for")]
    pub judged: Option<For<'p>>,
    #[serde(serialize_with = "as_text")]
    pub path: &'p ArchivePath,
    pub line: u32,
    pub examples: Examples,
    pub say: Option<Said>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum For<'p> {
    One(&'p str),
    Several(Vec<&'p str>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Examples {
    pub holds: usize,
    pub breaks: usize,
    /// Of duties: done, and too late.
    #[serde(skip_serializing_if = "is_none")]
    pub late: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The words as written, expressions in braces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    pub zh: String,
    pub en: String,
}

/// Every block that stands, of every version, in the order of the policies and of their articles.
pub fn list(policies: &Policies) -> impl Iterator<Item = Listed<'_>> {
    policies.versions.iter().flat_map(|policy| policy.blocks.iter()).map(listed)
}

fn listed(block: &Block) -> Listed<'_> {
    let (judged, examples, say): (_, &[Example], _) = match &block.kind {
        BlockKind::Rule(rule) => (Some(judged(&rule.judged)), &rule.examples, rule.say.as_ref()),
        BlockKind::Duty(duty) => (Some(judged(&duty.judged)), &duty.examples, duty.say.as_ref()),
        BlockKind::Approval(rule) => (Some(chain(rule)), &[], None),
        BlockKind::Access(rule) => (Some(types(&rule.judged)), &[], None),
        BlockKind::Style(style) => (Some(types(&style.judged)), &style.examples, style.say.as_ref()),
        BlockKind::Type(_) | BlockKind::Posts | BlockKind::Settings => (None, &[], None),
    };
    let count = |expected| examples.iter().filter(|example| example.expected == expected).count();
    Listed {
        id: &block.id,
        kind: block.kind.keyword(),
        policy: &block.citation.policy,
        article: &block.citation.article,
        judged,
        path: &block.citation.path,
        line: block.line,
        examples: Examples { holds: count(Expected::Holds), breaks: count(Expected::Breaks), late: count(Expected::Late) },
        say: say.map(said),
    }
}

fn judged(judged: &Judged) -> For<'_> {
    match judged {
        Judged::Archive => For::One("archive"),
        Judged::Types(ids) => types(ids),
    }
}

fn chain(rule: &ApprovalRule) -> For<'_> {
    types(&rule.judged)
}

fn types(ids: &[Arc<str>]) -> For<'_> {
    match ids {
        [one] => For::One(one),
        several => For::Several(several.iter().map(|id| &**id).collect()),
    }
}

fn said(say: &Say) -> Said {
    Said { zh: written(&say.zh), en: written(&say.en) }
}

fn written(pieces: &[SayPiece]) -> String {
    let piece = |piece: &SayPiece| match piece {
        SayPiece::Text(text) => text.to_string(),
        SayPiece::Expression(expression) => format!("{{{}}}", expression.source),
    };
    pieces.iter().map(piece).collect()
}

fn as_text<S: Serializer>(path: &&ArchivePath, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.0)
}
