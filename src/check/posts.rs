//! Posts and departments against the people on file: who holds a post is a person, and is on staff
//! as long as the block says; and a post on which something rests has somebody who holds it.

use super::{meant::meant, wording};
use crate::{
    archive::{Archive, Record, Tenure},
    diagnostic::{Citation, Finding, Words, did_you_mean},
    facts::Facts,
    policy::{Block, BlockKind, Department, Holding, Party, Post, Role},
    source::{RecordId, Span},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How many blocks that rest on a vacant post are pointed at, of each kind.
const POINTED_AT: usize = 4;

pub(super) fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let posts = &facts.archive.policies.posts;
    let Some(role) = facts.archive.policies.role(Role::Person) else { return Vec::new() };
    let people: Vec<&Record> = facts.archive.of_type(&role.id).collect();
    // Nobody is on file where an archive is still being founded.
    let Some(citation) = posts.citation.clone().filter(|_| !people.is_empty()) else { return Vec::new() };
    let judge = Judge { facts, people, citation };
    let of_row = |post: &Post, row: &Holding| judge.cited(|| judge.holding(post, row));
    let of_post = |post: &Post| post.held_by.iter().filter_map(|row| of_row(post, row)).collect::<Vec<_>>();
    // Where nobody holds any post the block still waits to be filled in.
    let is_begun = posts.posts.values().any(|post| !post.held_by.is_empty());
    let resting = if is_begun { resting(facts) } else { BTreeMap::new() };
    let vacant = posts.posts.values().filter_map(|post| judge.cited(|| judge.vacant(post, resting.get(&post.id)?)));
    let heads = posts.departments.values().filter_map(|department| judge.cited(|| judge.head(department)));
    posts.posts.values().flat_map(of_post).chain(vacant).chain(heads).collect()
}

/// The posts that are said to be held by somebody who is not on file, each with the row that says
/// so.
pub(super) fn strangers(archive: &Archive) -> Vec<(&Arc<str>, Span)> {
    let Some(role) = archive.policies.role(Role::Person) else { return Vec::new() };
    let people: BTreeSet<&RecordId> = archive.of_type(&role.id).map(|person| &person.id).collect();
    let rows = archive.policies.posts.posts.values().flat_map(|post| post.held_by.iter().map(move |holding| (&post.id, holding)));
    // Nobody is on file where an archive is still being founded.
    let unknown = rows.filter(|(_, holding)| !people.is_empty() && !people.contains(&holding.person));
    unknown.map(|(post, holding)| (post, holding.span)).collect()
}

struct Judge<'a, 'f> {
    facts: &'a Facts<'f>,
    people: Vec<&'a Record>,
    citation: Citation,
}

impl<'a> Judge<'a, '_> {
    /// What is found, with the article and with all that it rests on.
    fn cited(&self, judge: impl FnOnce() -> Option<Finding>) -> Option<Finding> {
        let (finding, reads) = self.facts.witnessed(judge);
        Some(Finding { citation: Some(self.citation.clone()), reads, ..finding? })
    }

    fn holding(&self, post: &Post, holding: &Holding) -> Option<Finding> {
        let Some(record) = self.on_file(&holding.person) else {
            let post = wording::post(&post.id, self.facts);
            let message = Words::new(
                format!("岗位“{}”写明由 {} 担任，人员档案中没有此人", post.zh, holding.person),
                format!("the post “{}” is held by {}, who is not on file", post.en, holding.person),
            );
            return Some(self.unknown(&holding.person, holding.span, message));
        };
        let tenure = Tenure::of(record)?;
        let late = tenure.joined.filter(|joined| holding.from < *joined);
        // A post that ends on the very day of leaving ends in time: on that day it counts for
        // nothing.
        let today = self.facts.today();
        let long = tenure.left.filter(|left| *left <= today && holding.until.is_none_or(|until| *left < until));
        (late.is_some() || long.is_some()).then(|| self.not_on_staff(post, holding, tenure, long.is_some()))
    }

    fn not_on_staff(&self, post: &Post, holding: &Holding, tenure: Tenure, is_long: bool) -> Finding {
        let (post, who) = (wording::post(&post.id, self.facts), wording::record(&holding.person, self.facts));
        let (message, fix) = match (tenure.left.filter(|_| is_long), tenure.joined) {
            (Some(left), _) => {
                let last = left.pred_opt().unwrap_or(left);
                let message = Words::new(
                    format!("岗位“{}”写明由{}担任，此人已于 {left} 离职，自该日起不算担任", post.zh, who.zh),
                    format!("the post “{}” is held by {}, who left on {left}: from that day on it counts for nothing", post.en, who.en),
                );
                let fix = Words::new(
                    format!("在这一行写明 until，不迟于 {last}；有接任者的另写一行；离职日期有误的，先更正人员档案"),
                    format!(
                        "give this row an until, {last} at the latest, and the successor a row; if the day of leaving is wrong, mend that first"
                    ),
                );
                (message, fix)
            }
            (None, joined) => {
                let joined = joined.unwrap_or(holding.from);
                let message = Words::new(
                    format!("岗位“{}”写明自 {} 起由{}担任，此人 {joined} 才入职", post.zh, holding.from, who.zh),
                    format!("the post “{}” is held by {} from {}, but the person joined on {joined}", post.en, who.en, holding.from),
                );
                let fix = Words::new(
                    format!("将 from 改为 {joined} 或以后；入职日期有误的，先更正人员档案"),
                    format!("set from to {joined} or later; if the day of joining is wrong, mend that first"),
                );
                (message, fix)
            }
        };
        Finding::error("posts.not-on-staff", holding.span, message).with_fix(fix)
    }

    /// A head who is on file and not on staff is for a rule to tell of: not every archive demands
    /// one.
    fn head(&self, department: &Department) -> Option<Finding> {
        let head = department.head.as_ref().filter(|head| self.on_file(head).is_none())?;
        let label = wording::department(&department.id, self.facts);
        let message = Words::new(
            format!("部门“{}”写明由 {head} 负责，人员档案中没有此人", label.zh),
            format!("the department “{}” is headed by {head}, who is not on file", label.en),
        );
        Some(self.unknown(head, department.span, message))
    }

    fn vacant(&self, post: &Post, resting: &Resting<'_>) -> Option<Finding> {
        // That a holder is not on file is told at his row.
        let is_unknown = |holding: &Holding| self.on_file(&holding.person).is_none();
        if !self.facts.holders(&post.id, self.facts.today()).is_empty() || post.held_by.iter().any(is_unknown) {
            return None;
        }
        let label = wording::post(&post.id, self.facts);
        let counted = resting.counted();
        let message = Words::new(
            format!("岗位“{}”今天没有在职的人担任，而{}落在这一岗位上", label.zh, counted.zh),
            format!("nobody on staff holds the post “{}” today, and {} rest on it", label.en, counted.en),
        );
        let fix = Words::new(
            "在这一岗位的 held_by 中写上任职的人和起始日期；不再设置的，修订落在它上面的各条",
            "add who holds it, and from when, to held_by; where the post is no more, amend what rests on it",
        );
        Some(Finding { related: resting.places(), ..Finding::warning("posts.vacant", post.span, message).with_fix(fix) })
    }

    fn unknown(&self, person: &RecordId, span: Span, message: Words) -> Finding {
        let fix = meant(&person.0, self.people.iter().copied()).map_or_else(
            || Words::new("核对人员编号；人员档案尚未建立的，先建立", "check the id; where the person has no file yet, write it first"),
            |near| did_you_mean(&person.0, near),
        );
        Finding::error("posts.unknown-person", span, message).with_fix(fix)
    }

    fn on_file(&self, person: &RecordId) -> Option<&'a Record> {
        ["joined", "left"].iter().for_each(|field| self.facts.note_field(person, field));
        self.people.iter().copied().find(|record| record.id == *person)
    }
}

/// What rests on one post: the places of the blocks in force today, by what they are.
#[derive(Default)]
struct Resting<'p> {
    approvals: Vec<&'p Block>,
    duties: Vec<&'p Block>,
    access: Vec<&'p Block>,
}

impl Resting<'_> {
    fn kinds(&self) -> [(&[&Block], Words); 3] {
        [
            (&self.approvals, Words::new("审批程序", "approvals")),
            (&self.duties, Words::new("职责", "duties")),
            (&self.access, Words::new("查阅规定", "access blocks")),
        ]
    }

    fn counted(&self) -> Words {
        let kinds = self.kinds().into_iter().filter(|(blocks, _)| !blocks.is_empty());
        let (zh, en): (Vec<_>, Vec<_>) =
            kinds.map(|(blocks, kind)| (format!("{} {} 处", kind.zh, blocks.len()), format!("{} {}", blocks.len(), kind.en))).unzip();
        Words::new(zh.join("、"), en.join(", "))
    }

    fn places(&self) -> Vec<(Span, Words)> {
        let of_kind =
            |(blocks, kind): (&[&Block], Words)| blocks.iter().take(POINTED_AT).map(|block| (block.span, kind.clone())).collect::<Vec<_>>();
        self.kinds().into_iter().flat_map(of_kind).collect()
    }
}

fn resting<'f>(facts: &Facts<'f>) -> BTreeMap<Arc<str>, Resting<'f>> {
    let mut resting: BTreeMap<Arc<str>, Resting<'f>> = BTreeMap::new();
    let posts = |readers: &[Party]| {
        let post = |reader: &Party| match reader {
            Party::Post(post) => Some(post.clone()),
            _ => None,
        };
        readers.iter().filter_map(post).collect::<Vec<_>>()
    };
    for block in facts.archive.policies.in_force(facts.today()).flat_map(|policy| &policy.blocks) {
        match &block.kind {
            BlockKind::Approval(rule) => {
                rule.steps.iter().for_each(|step| resting.entry(step.post.clone()).or_default().approvals.push(block));
            }
            BlockKind::Duty(duty) => posts(&duty.who).into_iter().for_each(|post| resting.entry(post).or_default().duties.push(block)),
            BlockKind::Access(rule) => {
                posts(&rule.readers).into_iter().for_each(|post| resting.entry(post).or_default().access.push(block))
            }
            _ => {}
        }
    }
    resting
}
