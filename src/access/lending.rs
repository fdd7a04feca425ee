//! On whose word others are opened. What a gate reads from another record (whoever it names, what
//! it says of its state, who may read it) counts if that record is approved, wherever its type
//! needs approval today; for its author chooses what it says, and its date, and with that the
//! policies by which it is judged. A document that bears an id which is another's lends nothing,
//! nor does one over an id that the register knows with other content: neither has been approved
//! under that id as it stands.

use super::condition::evaluated;
use crate::{
    approval::{Chain, chain_for},
    archive::{IdHolder, Record},
    facts::Facts,
    policy::{ApprovalRule, Step, Value},
    source::RecordId,
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// How far a record's word goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lent {
    /// By every chain that it needs.
    Approved,
    /// Nobody has to approve it.
    Free,
    /// It needs a chain that it has not, or is not the one to bear its id.
    Lacking,
}

/// The records that lend, and those whom their own word does not open either.
#[derive(Debug, Default)]
pub(super) struct Lending {
    lenders: BTreeSet<RecordId>,
    approved: BTreeSet<RecordId>,
    /// Of a type that needs approval, and without it.
    drafts: BTreeSet<RecordId>,
    /// The fields of what is approved that are written after it (`later`): of those no approval
    /// says anything.
    open: BTreeMap<RecordId, BTreeSet<Arc<str>>>,
}

/// The chains that a record needs: its own day's, and today's.
type Needed = Vec<Arc<ApprovalRule>>;

impl Lending {
    pub fn of(facts: &Facts<'_>) -> Lending {
        let mut todays = TodaysChains::default();
        let (mut admitted, mut left) = (Vec::new(), Vec::new());
        for record in facts.archive.each_record() {
            let needed = todays.needed(record, facts);
            match word(record, &needed, facts, |_| false) {
                Lent::Lacking => left.push((record, needed)),
                word => admitted.push((record, word, needed)),
            }
        }
        // The records stand in the order of their ids: to make a set of all of them at once is much
        // less than to put in one after the other.
        let is_approved = |(_, word, _): &&(&Record, Lent, Needed)| *word == Lent::Approved;
        let approved = admitted.iter().filter(is_approved).map(|(record, ..)| record.id.clone()).collect();
        let firm: BTreeSet<RecordId> = admitted.iter().map(|(record, ..)| record.id.clone()).collect();
        let mut lending = Lending { approved, ..Lending::default() };
        admitted.iter().for_each(|(record, word, needed)| lending.leave_open(record, *word, needed));
        // A step that is demanded on a condition may be lacking where that does not hold, as far as
        // those say who lend without it.
        let mut others = Vec::new();
        for (record, needed) in left {
            let world = facts.among(&firm, &record.id);
            let spared =
                |step: &Step| step.when.as_ref().is_some_and(|when| evaluated(when, Some(&record.id), &world) == Ok(Value::Bool(false)));
            let word = word(record, &needed, facts, spared);
            lending.leave_open(record, word, &needed);
            match word {
                Lent::Lacking if !needed.is_empty() => drop(lending.drafts.insert(record.id.clone())),
                Lent::Approved => drop(lending.approved.insert(record.id.clone())),
                Lent::Lacking | Lent::Free => {}
            }
            others.extend((word != Lent::Lacking).then(|| record.id.clone()));
        }
        lending.lenders = firm;
        lending.lenders.extend(others);
        lending
    }

    /// Notes what no approval of a record says anything of.
    fn leave_open(&mut self, record: &Record, word: Lent, needed: &Needed) {
        let open: BTreeSet<Arc<str>> = needed.iter().flat_map(|rule| rule.later.iter().cloned()).collect();
        if word == Lent::Approved && !open.is_empty() {
            self.open.insert(record.id.clone(), open);
        }
    }

    /// Whether a field of an approved record stands outside its seal: anybody may have written it
    /// since.
    pub fn leaves_open(&self, id: &RecordId, field: &str) -> bool {
        self.open.get(id).is_some_and(|open| open.contains(field))
    }

    /// The records whose word goes further, or less far, than by another.
    pub fn differing<'l>(&'l self, other: &'l Lending) -> BTreeSet<&'l RecordId> {
        let sets = [(&self.lenders, &other.lenders), (&self.approved, &other.approved), (&self.drafts, &other.drafts)];
        let open = self.open.keys().chain(other.open.keys()).filter(|id| self.open.get(*id) != other.open.get(*id));
        sets.into_iter().flat_map(|(one, other)| one.symmetric_difference(other)).chain(open).collect()
    }

    /// Whether others are opened on the word of a record.
    pub fn lends(&self, id: &RecordId) -> bool {
        self.lenders.contains(id)
    }

    /// Those who lend.
    pub fn lenders(&self) -> &BTreeSet<RecordId> {
        &self.lenders
    }

    /// Whether a record lacks the approval that its type needs: what it says of itself then opens
    /// it to no more than whoever has to do with it.
    pub fn is_draft(&self, id: &RecordId) -> bool {
        self.drafts.contains(id)
    }

    /// Whether a chain of approvals seals what a record says.
    pub fn is_approved(&self, id: &RecordId) -> bool {
        self.approved.contains(id)
    }

    /// Since when it is signed that a record which lends is there: by an approval, be it of what
    /// stood there once, or by the date that the approved text bears. `None` where nobody has to
    /// sign it.
    pub fn there_since(&self, record: &Record, facts: &Facts<'_>) -> Option<DateTime<FixedOffset>> {
        let signed = self.signed_since(&record.id, facts)?;
        let dated = dated(record, facts).and_then(|day| facts.archive.settings.begin(day));
        Some(dated.map_or(signed, |dated| dated.min(signed)))
    }

    /// Since when approvals of a record that lends are signed; `None` where nobody has to approve
    /// it.
    pub fn signed_since(&self, id: &RecordId, facts: &Facts<'_>) -> Option<DateTime<FixedOffset>> {
        let chain = facts.approvals.of_record(id).filter(|_| self.is_approved(id));
        chain.into_iter().flat_map(|chain| &chain.entries).filter(|entry| entry.signed).map(|entry| entry.at).min()
    }
}

/// The date of a record, where its approval is of that too.
fn dated(record: &Record, facts: &Facts<'_>) -> Option<NaiveDate> {
    let field = record.record_type.as_ref()?.date.as_ref()?;
    let rule = facts.approval_rule(record)?;
    record.date.filter(|_| !rule.later.contains(field))
}

/// The chains that the types need today, each looked for once.
#[derive(Default)]
struct TodaysChains(HashMap<Arc<str>, Option<Arc<ApprovalRule>>>);

impl TodaysChains {
    fn needed(&mut self, record: &Record, facts: &Facts<'_>) -> Needed {
        let Some(own) = &record.record_type else { return facts.approval_rule(record).into_iter().collect() };
        let looked_for = || chain_for(&facts.archive.policies, &own.id, facts.today());
        let todays = self.0.entry(own.id.clone()).or_insert_with(looked_for).clone();
        facts.approval_rule(record).into_iter().chain(todays).collect()
    }
}

fn word(record: &Record, needed: &[Arc<ApprovalRule>], facts: &Facts<'_>, spared: impl Fn(&Step) -> bool) -> Lent {
    let none = Chain::default();
    let chain = facts.approvals.of_record(&record.id).unwrap_or(&none);
    let is_given = needed.iter().all(|rule| chain.gives(rule, &spared));
    match is_given && bears_its_id(record, chain, facts) {
        false => Lent::Lacking,
        true if needed.is_empty() => Lent::Free,
        true => Lent::Approved,
    }
}

/// Whether the id is the record's alone, and the register does not know it with other content. A
/// valid approval is of what stands there and of what the register has last.
fn bears_its_id(record: &Record, chain: &Chain, facts: &Facts<'_>) -> bool {
    let is_its_own = !record.is_twin() && matches!(facts.archive.holder(&record.id), None | Some(IdHolder::Approved(_)));
    is_its_own && (!facts.approvals.register.knows(&(&record.id).into()) || chain.entries.iter().any(|entry| entry.valid))
}
