//! Article by article, what of the policies in force is enforced, and how many records that
//! touches. For whoever can read the whole archive: it never asks who reads, and so never goes near
//! a page.

use super::Office;
use crate::{
    approval::{Chain, Subject},
    check::{self, Costs, Tally},
    policy::{ApprovalRule, Article, Block, BlockKind, BlockPlace, Judged, Policy, RecordType, Unenforced, expression::World},
    source::Span,
};
use std::{sync::Arc, time::Duration};

/// A policy in force, with those of its headings under which something stands.
#[derive(Clone, Debug)]
pub struct Covered<'o> {
    pub policy: &'o Policy,
    pub articles: Vec<Clause<'o>>,
}

/// An article with the blocks under it; with none it is prose.
#[derive(Clone, Debug)]
pub struct Clause<'o> {
    pub article: &'o Article,
    pub blocks: Vec<Enforced<'o>>,
    /// Why it has none. `None` where nobody says so: then nobody may be watching over it.
    pub unenforced: Option<Unenforced>,
}

/// A block, and how many records or rows it judges today. `None` where it is of a kind that judges
/// none.
#[derive(Clone, Copy, Debug)]
pub struct Enforced<'o> {
    pub block: &'o Block,
    pub judged: Option<usize>,
    /// Those that break it: overdue, or without a complete chain, as the kind of the block has it.
    pub broken: Option<usize>,
    /// For a duty those that are due, and not overdue.
    pub due: Option<usize>,
    /// Breaches that are over.
    pub past: usize,
    /// For a duty, how often in a hundred times it was done in time.
    pub punctuality: Option<usize>,
}

/// The policies in force today, by their ids, each in the order of its text.
pub fn coverage(office: &Office) -> Vec<Covered<'_>> {
    office.archive.policies.in_force(office.today).map(|policy| Covered { policy, articles: clauses(office, policy) }).collect()
}

impl Office {
    /// What the judgements take, each by itself, and on what very many of them rest. `clock`: the
    /// time that has passed since any moment.
    pub fn costs(&self, clock: &(dyn Fn() -> Duration + Sync)) -> Costs {
        check::costs(|| self.facts(), clock)
    }
}

fn clauses<'o>(office: &'o Office, policy: &'o Arc<Policy>) -> Vec<Clause<'o>> {
    let articles = policy.articles.iter().enumerate();
    let clause = |(i, article): (usize, &'o Article)| {
        let end = policy.articles.get(i + 1).map_or(u32::MAX, |next| next.span.start);
        let below = article.span.start..end;
        let places = office.archive.policies.places(policy).zip(&policy.blocks);
        let own = places.filter(|(_, block)| below.contains(&block.span.start));
        let blocks: Vec<Enforced<'_>> = own.map(|(place, block)| enforced(office, place, block)).collect();
        let says_something = !blocks.is_empty() || has_text(office, policy, article.span.end, end);
        says_something.then(|| Clause { article, blocks, unenforced: policy.why_unenforced(&article.key) })
    };
    articles.filter_map(clause).collect()
}

/// A chapter's heading has but articles below it.
fn has_text(office: &Office, policy: &Policy, from: u32, to: u32) -> bool {
    let text = &office.archive.sources.file(policy.file).text;
    let to = (to as usize).min(text.len());
    text.get(from as usize..to).is_some_and(|text| !text.trim().is_empty())
}

fn enforced<'o>(office: &'o Office, place: BlockPlace, block: &'o Block) -> Enforced<'o> {
    let tally @ Tally { judged, broken, due, past, .. } = office.report.tallies.get(place);
    let counted = |judged, broken| Enforced { block, judged, broken, due: None, past, punctuality: None };
    match &block.kind {
        BlockKind::Duty(_) => Enforced { due: Some(due), punctuality: tally.punctuality(), ..counted(Some(judged), Some(broken)) },
        // What is built in is judged of the whole archive at once, unless the article names types.
        BlockKind::Rule(rule) if rule.builtin.is_some() && rule.judged == Judged::Archive => counted(None, Some(broken)),
        BlockKind::Rule(_) | BlockKind::Style(_) => counted(Some(judged), Some(broken)),
        BlockKind::Approval(rule) => {
            let (needed, incomplete) = chains(office, rule);
            counted(Some(needed), Some(incomplete))
        }
        BlockKind::Access(rule) => {
            counted(Some(office.rights().gates.iter().flat_map(|gate| &gate.blocks).filter(|id| **id == rule.id).count()), None)
        }
        BlockKind::Type(own) => counted(Some(of_type(office, own)), None),
        BlockKind::Posts | BlockKind::Settings => counted(None, None),
    }
}

/// The records, and the policies that have taken effect, that need a chain; and those of them whose
/// chain is not complete.
fn chains(office: &Office, rule: &Arc<ApprovalRule>) -> (usize, usize) {
    let facts = office.facts();
    let needs = |chain: Option<&Chain>| chain.and_then(|chain| chain.rule.as_ref()).is_some_and(|own| Arc::ptr_eq(own, rule));
    let records = office.archive.records.iter().filter(|record| needs(office.approvals.of_record(&record.id)));
    let records = records.map(|record| facts.approved(&record.id, None) != Ok(true));
    let policies = office.archive.policies.versions.iter().filter(|policy| policy.stands_on(office.today));
    let policies = policies.filter(|policy| needs(office.approvals.of(&Subject::of_policy(&policy.document))));
    let policies = policies.map(|policy| {
        let told = |span: Span| span.file == policy.file;
        office.approvals.findings.iter().any(|finding| &*finding.code == "policy.approved" && finding.span.is_some_and(told))
    });
    records.chain(policies).fold((0, 0), |(needed, incomplete), is_incomplete| (needed + 1, incomplete + usize::from(is_incomplete)))
}

fn of_type(office: &Office, own: &Arc<RecordType>) -> usize {
    office.archive.records.iter().filter(|record| record.record_type.as_ref().is_some_and(|known| Arc::ptr_eq(known, own))).count()
}

impl Covered<'_> {
    /// `{"policy","article","title","line","block","kind","judged","broken","past","punctuality"}`
    /// for each block, in the order of the text; for an article of prose
    /// `{"policy","article","title","line","kind":"prose","why"}`. The line is the article's.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.articles.iter().flat_map(Clause::json).collect()
    }
}

impl Clause<'_> {
    fn json(&self) -> Vec<serde_json::Value> {
        let Article { key, title, citation, .. } = self.article;
        let (policy, line) = (&*citation.policy, citation.line);
        if self.blocks.is_empty() {
            let why = self.unenforced.map(Unenforced::name);
            return vec![
                serde_json::json!({ "policy": policy, "article": &**key, "title": &**title, "line": line, "kind": "prose", "why": why }),
            ];
        }
        let block = |enforced: &Enforced<'_>| {
            serde_json::json!({
                "policy": policy, "article": &**key, "title": &**title, "line": line, "block": &*enforced.block.id,
                "kind": enforced.block.kind.keyword(), "judged": enforced.judged, "broken": enforced.broken,
                "past": enforced.past, "punctuality": enforced.punctuality,
            })
        };
        self.blocks.iter().map(block).collect()
    }
}
