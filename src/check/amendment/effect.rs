//! What drafts come to, for whoever decides on them: which records they bind, how many of these
//! would break or mend, whom it touches, and what nobody would watch over any more.

use super::{DraftPolicy, comparison::Comparison};
use crate::{
    archive::Record,
    check::Due,
    diagnostic::Finding,
    policy::{Block, BlockKind, Failing, Keyword, Party, Policy, Status, Unwatched},
    source::RecordId,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// By type, those of which something is changed or found.
    pub types: BTreeMap<Arc<str>, TypeEffect>,
    /// Whose records break or mend, or who has more or less to do: by their ids.
    pub people: BTreeMap<RecordId, OfPerson>,
    /// The posts and departments that what is changed names: who approves, who has to do something.
    pub offices: BTreeSet<Arc<str>>,
    /// Duties that would be due or overdue and are not, those that would no longer be, and those
    /// that would be on another day.
    pub duties_begun: usize,
    pub duties_ended: usize,
    pub duties_moved: usize,
    /// What would be watched over by nobody, and is watched over today or is not there yet.
    pub unwatched: Unwatched,
    /// What other policies demand and could not any more, since the drafts take away what it rests
    /// on.
    pub stopped: Vec<Stopped>,
}

/// What becomes of the records of a type.
#[derive(Clone, Debug, Default)]
pub struct TypeEffect {
    /// The records that something changed is for.
    pub bound: usize,
    /// The records that break a rule which they keep today; those that break the same as today, of
    /// which something else is told; those that keep one which they break today, and break none
    /// more.
    pub breaks: usize,
    pub stays: usize,
    pub mends: usize,
    /// Breaches that are over.
    pub past_begun: usize,
    pub past_ended: usize,
}

/// What becomes of a person's work.
#[derive(Clone, Debug, Default)]
pub struct OfPerson {
    pub name: String,
    /// The records written by this person, as [`TypeEffect`] has them.
    pub breaks: usize,
    pub mends: usize,
    /// Duties more, and less.
    pub duties_begun: usize,
    pub duties_ended: usize,
}

/// What stands in a policy that is no draft, and fails with the drafts.
#[derive(Clone, Debug)]
pub struct Stopped {
    pub policy: Arc<str>,
    pub title: Arc<str>,
    pub failing: Failing,
}

impl Effect {
    /// `found`: what begins and what ends, then the same of breaches that are over.
    pub(super) fn of(compared: &Comparison<'_>, drafts: &[DraftPolicy], today: NaiveDate, found: [&[Finding]; 4]) -> Effect {
        let mut effect = Effect { stopped: stopped(compared, drafts, today), ..Effect::default() };
        let unwatched = |judged: &super::Judged| Unwatched::of(judged.policies(), judged.sources(), today);
        effect.unwatched = unwatched(compared.after).beyond(&unwatched(compared.before));
        drafts.iter().for_each(|draft| effect.bind(compared, draft));
        effect.find(compared, found);
        effect.owe(compared);
        effect
    }

    /// Notes down what the changed blocks of a draft are for.
    fn bind(&mut self, compared: &Comparison<'_>, draft: &DraftPolicy) {
        let blocks = changed(draft);
        self.offices.extend(blocks.iter().flat_map(|block| offices(block)));
        let types: BTreeSet<&Arc<str>> = blocks.iter().flat_map(|block| block.kind.types()).collect();
        for id in types {
            let is_bound = |record: &&Record| record.date.is_none_or(|day| day >= draft.from);
            let bound = compared.after.archive.of_type(id).filter(is_bound).count();
            if bound > 0 {
                self.of_type(id).bound = bound;
            }
        }
    }

    fn find(&mut self, compared: &Comparison<'_>, [begun, ended, past_begun, past_ended]: [&[Finding]; 4]) {
        let (begun, ended) = (broken(begun), broken(ended));
        let records =
            |rules: &mut dyn Iterator<Item = &(&RecordId, &Arc<str>)>| rules.map(|(id, _)| (*id).clone()).collect::<BTreeSet<_>>();
        let breaks = records(&mut begun.difference(&ended));
        let mends = &records(&mut ended.difference(&begun)) - &breaks;
        let stays = &(&records(&mut begun.intersection(&ended)) - &breaks) - &mends;
        self.count(compared, breaks.iter(), |of_type| of_type.breaks += 1);
        self.count(compared, stays.iter(), |of_type| of_type.stays += 1);
        self.count(compared, mends.iter(), |of_type| of_type.mends += 1);
        self.count(compared, past_begun.iter().filter_map(|finding| finding.record.as_ref()), |of_type| of_type.past_begun += 1);
        self.count(compared, past_ended.iter().filter_map(|finding| finding.record.as_ref()), |of_type| of_type.past_ended += 1);
        for id in &breaks {
            self.of_author(compared, id, |person| person.breaks += 1);
        }
        for id in &mends {
            self.of_author(compared, id, |person| person.mends += 1);
        }
    }

    fn count<'r>(&mut self, compared: &Comparison<'_>, records: impl Iterator<Item = &'r RecordId>, add: impl Fn(&mut TypeEffect)) {
        for id in records {
            if let Some(own) = record(compared, id).and_then(|record| record.record_type.clone()) {
                add(self.of_type(&own.id));
            }
        }
    }

    fn of_type(&mut self, id: &Arc<str>) -> &mut TypeEffect {
        self.types.entry(id.clone()).or_default()
    }

    fn of_author(&mut self, compared: &Comparison<'_>, id: &RecordId, add: impl Fn(&mut OfPerson)) {
        if let Some(author) = record(compared, id).and_then(|record| record.author.clone()) {
            add(self.of_person(compared, &author));
        }
    }

    fn of_person(&mut self, compared: &Comparison<'_>, id: &RecordId) -> &mut OfPerson {
        let name = || record(compared, id).map_or_else(|| id.to_string(), |person| person.title.clone());
        self.people.entry(id.clone()).or_insert_with(|| OfPerson { name: name(), ..OfPerson::default() })
    }

    /// What is due, or overdue, by the drafts and not today, and the other way round.
    fn owe(&mut self, compared: &Comparison<'_>) {
        let [before, after] = [compared.before, compared.after].map(|judged| &judged.report.duties);
        let (begun, mut ended) = (only_in(after, before), only_in(before, after));
        ended.retain(|due| compared.is_judged_duty(due));
        self.duties_begun = begun.len();
        self.duties_ended = ended.len();
        let days: BTreeMap<Owed<'_>, NaiveDate> = before.iter().map(|due| (owed(due), due.due)).collect();
        self.duties_moved = after.iter().filter(|due| days.get(&owed(due)).is_some_and(|day| *day != due.due)).count();
        for who in begun.iter().flat_map(|due| &due.who) {
            self.of_person(compared, who).duties_begun += 1;
        }
        for who in ended.iter().flat_map(|due| &due.who) {
            self.of_person(compared, who).duties_ended += 1;
        }
    }
}

/// The records that findings are about, each with the rule that it breaks.
fn broken(findings: &[Finding]) -> BTreeSet<(&RecordId, &Arc<str>)> {
    findings.iter().filter_map(|finding| Some((finding.record.as_ref()?, &finding.code))).collect()
}

/// A duty, whatever day it is due.
type Owed<'d> = (&'d Arc<str>, Option<&'d RecordId>, super::super::Which);

fn owed(due: &Due) -> Owed<'_> {
    (&due.duty, due.record.as_ref(), due.which)
}

fn only_in<'d>(some: &'d [Due], others: &[Due]) -> Vec<&'d Due> {
    let known: BTreeSet<Owed<'_>> = others.iter().map(owed).collect();
    some.iter().filter(|due| !known.contains(&owed(due))).collect()
}

fn record<'a>(compared: &'a Comparison<'_>, id: &RecordId) -> Option<&'a Record> {
    compared.after.archive.record(id).or_else(|| compared.before.archive.record(id))
}

/// The blocks that a draft changes, adds or takes away, those that it takes out of force by a
/// mistake among them, and those that ask for a setting which it changes.
fn changed(draft: &DraftPolicy) -> Vec<&Block> {
    let Some(policy) = &draft.policy else { return Vec::new() };
    let difference = &draft.difference;
    let failing =
        draft.present.iter().flat_map(|present| &present.blocks).filter(|block| difference.failing.iter().any(|own| own.is(block)));
    let is_moved = |block: &&Block| {
        let named: Vec<&Arc<str>> = block.kind.expressions().into_iter().flat_map(|expression| expression.settings()).collect();
        difference.settings.iter().any(|setting| named.contains(&&setting.name))
    };
    let moved = policy.blocks.iter().filter(is_moved);
    difference.blocks.iter().map(|(_, block)| block).chain(failing).chain(moved).collect()
}

/// The posts and departments that a block names as those who approve or have to do something.
fn offices(block: &Block) -> Vec<Arc<str>> {
    match &block.kind {
        BlockKind::Approval(rule) => rule.steps.iter().map(|step| step.post.clone()).collect(),
        BlockKind::Duty(duty) => {
            let named = |who: &Party| match who {
                Party::Post(id) | Party::Department(id) => Some(id.clone()),
                Party::Everyone | Party::Path(_) => None,
            };
            duty.who.iter().filter_map(named).collect()
        }
        _ => Vec::new(),
    }
}

/// What fails with the drafts in the policies of today that are no drafts.
fn stopped(compared: &Comparison<'_>, drafts: &[DraftPolicy], today: NaiveDate) -> Vec<Stopped> {
    let is_draft = |policy: &Policy| drafts.iter().any(|draft| draft.policy.as_ref().is_some_and(|own| own.id == policy.id));
    let failed_before: BTreeSet<_> = compared.before.policies().in_force(today).flat_map(|policy| &policy.failing).map(key).collect();
    let others = compared.after.policies().in_force(today).filter(|policy| policy.status != Status::Draft && !is_draft(policy));
    let failing = others.flat_map(|policy| policy.failing.iter().map(move |failing| (policy, failing)));
    let new = failing.filter(|(_, failing)| !failed_before.contains(&key(failing)));
    new.map(|(policy, failing)| Stopped { policy: policy.id.clone(), title: policy.title.clone(), failing: failing.clone() }).collect()
}

fn key(failing: &Failing) -> (Keyword, Option<&Arc<str>>, u32) {
    (failing.kind, failing.id.as_ref(), failing.line)
}
