//! Checks that no policy need say: ids, and what a record supersedes. And the articles that demand
//! what is built in: a `builtin` rule gives every finding of its code the article under which it
//! stands.

use super::{
    Tally,
    law::{Bound, Laws},
    meant::meant,
    row::Case,
    share::{Shares, Tab},
    wording,
};
use crate::{
    approval::Approvals,
    archive::{Archive, FieldEntry, FieldReading, IdHolder, Record},
    diagnostic::{Finding, Severity, Words, did_you_mean},
    document::Node,
    facts::{Facts, disposed, is_about_the_same},
    policy::{BlockPlace, Judged, Rule, Value},
    source::{ArchivePath, REGISTER, RecordId, Span, trial},
};
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub(super) fn judge(archive: &Archive) -> Vec<Finding> {
    let mut superseding = Superseding { archive, circles: circles(archive), left: LOOKED_FOR };
    let supersedes = archive.records.iter().filter_map(|record| superseding.judge(record));
    let kept = archive.records.iter().flat_map(|record| still_there(record, archive));
    duplicate_ids(archive).into_iter().chain(supersedes).chain(kept).collect()
}

/// What a record says was disposed of, and is there.
fn still_there(disposal: &Record, archive: &Archive) -> Vec<Finding> {
    let rows = disposal.fields.get("disposed").filter(|_| !disposed(disposal).is_empty()).map(|entry| &entry.reading);
    let Some(FieldReading::Rows(rows)) = rows else { return Vec::new() };
    let kept = |row: &FieldEntry| {
        let FieldReading::Value(Value::Text(id)) = &row.reading else { return None };
        let record = archive.record(&RecordId::named(id.trim())).filter(|record| record.id != disposal.id)?;
        let message = Words::new(
            format!("{} 写明已经销毁，却还在档案中", record.id),
            format!("{} is said to be disposed of, and is still there", record.id),
        );
        let fix =
            Words::new("编号写错的，改正；没有销毁的，从 disposed 中去掉", "mend the id; take out of disposed what was not disposed of");
        let mut finding = Finding::error("records.still-there", row.span, message).of(&disposal.id).with_fix(fix);
        [disposal, record].into_iter().for_each(|one| finding.reads.add_record(&one.id));
        finding.reads.add_field(&disposal.id, "disposed");
        finding.related.push((place_of_id(record), Words::new("在这里", "here")));
        Some(finding)
    };
    rows.iter().filter_map(kept).collect()
}

/// The records over an id under which something else was approved.
pub(super) fn reused_ids(archive: &Archive, approvals: &Approvals) -> Vec<Finding> {
    archive.records.iter().filter_map(|record| reused_id(record, approvals)).collect()
}

/// Of several documents of one id each is told but the one that has it.
fn duplicate_ids(archive: &Archive) -> Vec<Finding> {
    let contested = archive.contested();
    let of_one_id = |(id, records): (&&RecordId, &Vec<&Record>)| -> Vec<Finding> {
        let twins = records.iter().filter(|record| record.is_twin());
        twins.filter_map(|twin| duplicate_id(twin, archive.holder(id)?, records)).collect()
    };
    contested.iter().flat_map(of_one_id).collect()
}

/// A document over an id that is another's, or that none has for several are approved under it. It
/// rests on those alone: what else gives itself the id, hidden or not, changes no word of it.
fn duplicate_id(twin: &Record, holder: &IdHolder, all: &[&Record]) -> Option<Finding> {
    let id = &twin.named;
    let at = |path: &ArchivePath| all.iter().copied().find(|other| other.document.path == *path && other.id != twin.id);
    let (others, place): (Vec<&Record>, _) = match holder {
        IdHolder::Approved(path) | IdHolder::Presumed(path) => {
            (at(path).into_iter().collect(), Words::new("先有的记录", "the record that has it"))
        }
        IdHolder::Nobody(paths) => (paths.iter().filter_map(at).collect(), Words::new("另一份", "the other")),
    };
    let paths: Vec<&str> = others.iter().map(|other| &*other.document.path.0).collect();
    let message = match holder {
        IdHolder::Nobody(_) => Words::new(
            format!("编号“{id}”下另有已批准的 {}，哪一份都不作数", paths.join("、")),
            format!("{}, approved too, gives itself the id “{id}”: none of them counts", paths.join(", ")),
        ),
        _ => Words::new(format!("编号“{id}”已由 {} 使用", paths.first()?), format!("the id “{id}” is already that of {}", paths.first()?)),
    };
    let fix = others.iter().find_map(|other| as_copies(twin, other)).unwrap_or_else(|| {
        Words::new("换一个编号；更正原记录的，用 supersedes 写明", "choose another id; to correct a record, name it in supersedes")
    });
    let mut finding = Finding::error("records.duplicate-id", place_of_id(twin), message).of(&twin.id).with_fix(fix);
    others.iter().for_each(|other| finding.reads.add_record(&other.id));
    finding.related.extend(others.iter().map(|other| (place_of_id(other), place.clone())));
    Some(finding)
}

/// What to do where, by the names of their files, one of two documents is a copy of the other.
fn as_copies(twin: &Record, other: &Record) -> Option<Words> {
    let path = &other.document.path;
    if twin.is_copy_of(other) {
        return Some(Words::new(
            format!("对照两份，这一份里要保留的写进 {path}，再删去这一份副本"),
            format!("compare the two, carry over into {path} what is to be kept, then remove this copy"),
        ));
    }
    other.is_copy_of(twin).then(|| {
        Words::new(
            format!("对照这一份和副本 {path}，删去不要的一份，留下的用原来的文件名"),
            format!("compare this one with the copy {path}, remove the one that is not wanted, and let the other have the name without an addition"),
        )
    })
}

/// A record without any approval over an id under which other content was approved. One that has
/// approvals is told by those.
fn reused_id(record: &Record, approvals: &Approvals) -> Option<Finding> {
    let is_bare = record.document.front.get("approvals").and_then(Node::list).is_none_or(<[Node]>::is_empty);
    if record.is_twin() || !is_bare || !approvals.register.knows(&(&record.id).into()) {
        return None;
    }
    let message = Words::new(
        "登记簿中这一编号获得过批准，这一份却没有任何批准，不作为其他档案的查阅依据",
        "by the register something was approved under this id; this has no approval at all, and opens no other record to anybody",
    );
    let fix = Words::new(
        "另立档案的，换一个编号；确是同一份档案的，重新审批",
        "give another record another id; have it approved where it is the same record",
    );
    let mut finding = Finding::error("approval.superseded", place_of_id(record), message).of(&record.id).with_fix(fix);
    // What is in the register is nobody's to know but who reads the folder's.
    finding.reads.add_path(&REGISTER.into());
    Some(finding)
}

/// Where a record says its id, or its head.
pub(super) fn place_of_id(record: &Record) -> Span {
    record.document.front.get("id").map_or_else(|| record.head(), |node| node.span)
}

/// Names that lead nowhere for which a likely meaning is looked for: every id of the archive is
/// compared with each.
const LOOKED_FOR: usize = 64;

/// What records supersede.
struct Superseding<'a> {
    archive: &'a Archive,
    circles: BTreeSet<&'a RecordId>,
    left: usize,
}

impl Superseding<'_> {
    /// A record supersedes another of its own type that is there; nothing supersedes itself, round
    /// a circle either.
    fn judge(&mut self, record: &Record) -> Option<Finding> {
        let entry = record.fields.get("supersedes")?;
        let to = named(entry)?;
        let found = self.archive.record(to);
        let message = match found {
            None => Words::new(format!("所取代的记录“{to}”不存在"), format!("there is no record “{to}” to supersede")),
            Some(other) if other.record_type.as_ref().map(|t| &t.id) != record.record_type.as_ref().map(|t| &t.id) => Words::new(
                format!("{to} 与本记录类型不同，本记录取代不了它"),
                format!("{to} is of another type, and cannot be superseded by this record"),
            ),
            Some(_) if self.circles.contains(&record.id) => {
                Words::new(format!("{} 不能取代它自己", record.id), format!("{} cannot supersede itself", record.id))
            }
            Some(other) if !is_about_the_same(record, other) => Words::new(
                format!("{to} 的首个引用与本记录不同，本记录取代不了它"),
                format!("{to} is about another record (its first reference differs), so this record does not supersede it"),
            ),
            Some(other) if record.date < other.date => Words::new(
                format!("{to} 晚于本记录，本记录取代不了它"),
                format!("{to} is of a later day, so this record does not supersede it"),
            ),
            Some(_) => return None,
        };
        let fix = match found.is_none().then(|| self.meant(to, record)).flatten() {
            Some(near) => did_you_mean(&to.0, near),
            None => Words::new("写明被取代的记录的编号", "name the record that this one corrects"),
        };
        let mut finding = Finding::error("records.supersedes-known", entry.span, message).of(&record.id).with_fix(fix);
        [&record.id, to].into_iter().for_each(|id| finding.reads.add_record(id));
        finding.reads.add_field(&record.id, "supersedes");
        Some(finding)
    }

    fn meant(&mut self, to: &RecordId, record: &Record) -> Option<&str> {
        self.left = self.left.checked_sub(1)?;
        meant(&to.0, self.archive.each_record().filter(|other| other.id != record.id))
    }
}

fn named(entry: &FieldEntry) -> Option<&RecordId> {
    match &entry.reading {
        FieldReading::Value(Value::Record(to)) => Some(to),
        _ => None,
    }
}

/// The ids from which what a record supersedes, and what that supersedes, leads back to it. Each
/// record is met once, by the walk that comes to it first.
fn circles(archive: &Archive) -> BTreeSet<&RecordId> {
    let next = |at: &Record| at.fields.get("supersedes").and_then(named).and_then(|to| archive.record(to));
    let mut met: BTreeMap<&RecordId, &RecordId> = BTreeMap::new();
    let mut circles = BTreeSet::new();
    for begun in archive.each_record() {
        let mut at = Some(begun);
        while let Some(here) = at.filter(|here| !met.contains_key(&here.id)) {
            trial::count(1);
            met.insert(&here.id, &begun.id);
            at = next(here);
        }
        // The walk has met itself: from there on it goes round.
        let mut round = at.filter(|here| met.get(&here.id) == Some(&&begun.id));
        while let Some(here) = round.filter(|here| circles.insert(&here.id)) {
            round = next(here);
        }
    }
    circles
}

/// Gives findings of built-in checks the articles that demand them.
pub(super) fn cite(findings: &mut [Finding], laws: &Laws, facts: &Facts<'_>, shares: &Shares) {
    for finding in findings.iter_mut().filter(|finding| finding.citation.is_none()) {
        let record = finding.record.as_ref().and_then(|id| facts.archive.record(id));
        let day = record.and_then(|record| record.date).unwrap_or(facts.today());
        let speaking = laws.on(day).builtin.iter().filter(|rule| speaks_of(&rule.law, finding, record));
        // A rule for some types goes before one for all.
        if let Some(Bound { block, law, .. }) = speaking.min_by_key(|rule| rule.law.judged == Judged::Archive) {
            put(law, finding, Case::new(record, facts, &Tab::of(shares.get(*block))));
        }
    }
}

/// The records of which a finding bears an article's id, counted for that article's block.
pub(super) fn broken(findings: &[Finding], laws: &Laws) -> Vec<(BlockPlace, Tally)> {
    let blocks: BTreeMap<_, _> = laws.builtin().map(|rule| ((&rule.law.id, &rule.law.citation), rule.block)).collect();
    let block = |finding: &Finding| blocks.get(&(&finding.code, finding.citation.as_ref()?)).copied();
    // A record that breaks it in two places is one record; what lies in no record counts by itself.
    let places: HashSet<_> =
        findings.iter().filter_map(|f| Some((block(f)?, f.record.as_ref(), f.record.is_none().then_some(f.span)))).collect();
    places.into_iter().map(|(block, ..)| (block, Tally { broken: 1, ..Tally::default() })).collect()
}

fn speaks_of(rule: &Rule, finding: &Finding, record: Option<&Record>) -> bool {
    let own = record.and_then(|record| record.record_type.as_ref()).map(|own| &own.id);
    rule.builtin.as_ref() == Some(&finding.code)
        && match &rule.judged {
            Judged::Types(types) => own.is_some_and(|own| types.contains(own)),
            Judged::Archive => true,
        }
}

fn put(rule: &Rule, finding: &mut Finding, case: Case<'_>) {
    let words = || [&rule.say, &rule.fix].map(|say| say.as_ref().map(|say| wording::fill(say, case, &[])));
    let ([say, fix], reads) = case.facts.witnessed(words);
    finding.code = rule.id.clone();
    finding.citation = Some(rule.citation.clone());
    // An article may make less of what is built in; that it says nothing makes nothing worse.
    if rule.severity == Severity::Warning {
        finding.severity = Severity::Warning;
    }
    if let Some(say) = say {
        finding.message = said(say, &finding.message);
    }
    finding.fix = fix.or_else(|| finding.fix.take());
    finding.reads.extend(&reads);
}

/// What the article says, and what was found: the one alone would not tell which section is empty.
fn said(article: Words, found: &Words) -> Words {
    if article == *found {
        return article;
    }
    Words::new(format!("{}：{}", article.zh, found.zh), format!("{}: {}", article.en, found.en))
}
