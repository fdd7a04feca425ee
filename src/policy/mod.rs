//! The rulebooks, compiled: types, rules, duties, approvals, access, styles, posts and settings,
//! each with its citation, and the expression language, parsed and typed. Never looks at a record.

pub mod article;
pub mod block;
pub mod codes;
mod compile;
mod compiled;
pub mod difference;
mod eras;
pub mod expression;
pub mod field_type;
pub mod figure;
pub mod list;
pub mod posts;
pub mod sense;
mod unwatched;
pub mod value;

pub use article::{Article, Unenforced};
pub use block::{
    AccessRule, ApprovalRule, Block, BlockKind, Cadence, Duty, DutyDue, DutyNeed, Each, Example, Expected, Failing, Judged, Keyword, Party,
    Rule, Say, SayPiece, Step, Style, StyleDemand,
};
pub use difference::{Change, Difference};
pub use eras::{TypeEra, TypeEras};
pub use expression::Expression;
pub use field_type::{Field, FieldPath, FieldType, History, Member, RecordType, Role, Target};
pub use figure::{Figure, Source};
pub use posts::{Department, Holding, Post, Posts};
pub use unwatched::{Unwatched, UnwatchedArticle, UnwatchedValue};
pub use value::{CalendarDuration, Value};

use crate::{
    diagnostic::Finding,
    document::Document,
    source::{ArchivePath, FileId, Sources, Span},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Draft,
    Trial,
    InForce,
    Withdrawn,
}

/// One document of a policy: a version of it.
#[derive(Clone, Debug)]
pub struct Policy {
    pub id: Arc<str>,
    pub title: Arc<str>,
    pub status: Status,
    pub effective: NaiveDate,
    /// The day whose other rulebooks its blocks are read with: today, the last day of a version
    /// that has ended, the first of one to come.
    pub read_on: NaiveDate,
    /// The department that interprets it.
    pub owner: Option<Arc<str>>,
    pub supersedes: Option<Arc<str>>,
    /// The id of the record of the meeting that passed it.
    pub passed_at: Option<Arc<str>>,
    pub refers_to: Vec<(Arc<str>, crate::source::Span)>,
    /// The articles that are prose on purpose, each with where it is named and why.
    pub unenforced: Vec<(Arc<str>, crate::source::Span, Unenforced)>,
    pub file: FileId,
    pub document: Arc<Document>,
    pub articles: Vec<Article>,
    pub blocks: Vec<Block>,
    /// What stands in its text with a mistake, and binds nobody.
    pub failing: Vec<Failing>,
    pub settings: BTreeMap<Arc<str>, Value>,
    /// The settings as they are written, and who fixed them.
    pub figures: BTreeMap<Arc<str>, Figure>,
}

impl Policy {
    /// The article, or other heading, of that key.
    pub fn article(&self, key: &str) -> Option<&Article> {
        self.articles.iter().find(|article| &*article.key == key)
    }

    /// Why an article has no block.
    pub fn why_unenforced(&self, article: &str) -> Option<Unenforced> {
        self.unenforced.iter().find(|(key, ..)| **key == *article).map(|(.., why)| *why)
    }

    /// Whether it has ended the versions before it by that day: to bind in their place, or,
    /// withdrawn, so that nothing does.
    pub fn stands_on(&self, day: NaiveDate) -> bool {
        self.status != Status::Draft && self.effective <= day
    }
}

/// A document that is read as if it stood in the place of another version of its policy: it takes
/// effect on that version's day, and a draft is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandIn {
    pub path: ArchivePath,
    pub effective: NaiveDate,
}

/// A block of [`Policies`]: which version's, and which of that version's blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlockPlace {
    version: usize,
    block: usize,
}

impl BlockPlace {
    /// The place of its version in [`Policies::versions`].
    pub fn version(self) -> usize {
        self.version
    }
}

/// All rulebooks of an archive. Frozen.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Every version of every policy, by id, then by effective date.
    pub versions: Vec<Arc<Policy>>,
    /// The record types of the versions in force today; one that none of these declares any more,
    /// as it last stood.
    pub types: BTreeMap<Arc<str>, Arc<RecordType>>,
    /// The same on other days.
    pub eras: TypeEras,
    /// Posts and departments, of the version in force today.
    pub posts: Posts,
    /// What is wrong with the policies, and with the text of their documents.
    pub findings: Vec<Finding>,
    /// What is declared today with a mistake.
    pub unsound: Unsound,
}

/// Types and posts of today whose declaration has a mistake: what rests on them is not judged, and
/// that is told once.
#[derive(Clone, Debug, Default)]
pub struct Unsound {
    pub types: BTreeSet<Arc<str>>,
    pub posts: bool,
    /// The info strings of their blocks.
    pub heads: Vec<Span>,
    /// The front matter of policies that does not say whether they bind.
    pub fronts: Vec<Span>,
}

impl Unsound {
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty() && self.fronts.is_empty()
    }
}

impl Policies {
    /// Compiles the policy documents of an archive. A block with a mistake is a finding and is left
    /// out; the others stand.
    pub fn compile(sources: &Sources, today: NaiveDate) -> Policies {
        compile::compile(sources, today, &[])
    }

    /// The same, with some documents read as if each stood in the place of another version.
    pub fn compile_standing_in(sources: &Sources, today: NaiveDate, standing_in: &[StandIn]) -> Policies {
        compile::compile(sources, today, standing_in)
    }

    /// For each policy the version that binds records of that day; none where it was withdrawn.
    pub fn in_force(&self, day: NaiveDate) -> impl Iterator<Item = &Arc<Policy>> {
        self.standing(day).filter(|policy| policy.status != Status::Withdrawn)
    }

    /// For each policy the last version to have taken effect by that day, the one that withdraws it
    /// too.
    pub fn standing(&self, day: NaiveDate) -> impl Iterator<Item = &Arc<Policy>> {
        let mut last: BTreeMap<&Arc<str>, &Arc<Policy>> = BTreeMap::new();
        for policy in self.versions.iter().filter(|policy| policy.stands_on(day)) {
            last.insert(&policy.id, policy);
        }
        last.into_values()
    }

    /// The block at a place.
    pub fn block(&self, place: BlockPlace) -> &Block {
        &self.versions[place.version].blocks[place.block]
    }

    /// The places of a version's blocks, in their order.
    pub fn places(&self, policy: &Arc<Policy>) -> impl Iterator<Item = BlockPlace> {
        let version = self.versions.iter().position(|version| Arc::ptr_eq(version, policy));
        version.into_iter().flat_map(|version| (0..self.versions[version].blocks.len()).map(move |block| BlockPlace { version, block }))
    }

    /// Whether a rule or duty of that id stands in some version with a mistake, and binds nobody
    /// there.
    pub fn fails(&self, id: &str) -> bool {
        self.versions.iter().flat_map(|policy| &policy.failing).any(|failing| failing.id.as_deref() == Some(id))
    }

    /// The type of that id.
    pub fn record_type(&self, id: &str) -> Option<&Arc<RecordType>> {
        self.types.get(id)
    }

    /// Whether some version keeps a field of a type, or a part of it, from some who may read the
    /// record.
    pub fn hides(&self, record_type: &str, field: &str) -> bool {
        let blocks = self.versions.iter().flat_map(|policy| &policy.blocks);
        let mut rules = blocks.filter_map(|block| match &block.kind {
            BlockKind::Access(rule) if rule.judged.iter().any(|judged| &**judged == record_type) => Some(rule),
            _ => None,
        });
        rules.any(|rule| rule.hide.iter().any(|(path, _)| &*path.0[0] == field))
    }

    /// The type that plays a part which the program itself knows.
    pub fn role(&self, role: Role) -> Option<&Arc<RecordType>> {
        self.types.values().find(|t| t.role == Some(role))
    }
}
