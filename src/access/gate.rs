//! The gate of a record: to whom it opens, and why. Worked out once from the access blocks, the
//! record's own people, the records from which it inherits, and the authorisations that count
//! today. What is read from another record counts as [`Lending`] says.
//!
//! A field that is written after an approval (`later`) is approved by nobody: what rests on one
//! opens nothing, be it the record's own.
//!
//! A record that lacks the approval which its type needs says what its author likes. The blocks
//! that speak of every record of its type open it as ever, to whom he names too: they read what he
//! wrote and no more. But a condition that holds on its own word opens it only to its author and to
//! whoever is to approve it, and lifts no veil; and nobody is told who has read it.

use super::{Reason, Why, condition::STEPS, lending::Lending};
use crate::{
    approval::{chain_for, is_revoked},
    archive::{Archive, Record},
    diagnostic::Reads,
    facts::{ArchiveState, Facts, RestsOn, Touched},
    policy::{
        AccessRule, BlockKind, Expression, FieldPath, Party, Policies, Policy, Role, Value,
        expression::{Budget, Type},
    },
    source::RecordId,
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a reader holds, and what a gate opens to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum GateKey {
    Everyone,
    Post(Arc<str>),
    Department(Arc<str>),
    Person(RecordId),
}

/// To whom one record opens.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate {
    pub keys: Keys,
    /// Those of the keys that open it for more than reading: for what lies beside it, and for
    /// taking it away.
    pub exports: KeySet,
    /// Fields that do not show but to holders of a key of every one of these sets.
    pub hidden: Vec<(FieldPath, KeySet)>,
    /// Who is told by whom the record has been read.
    pub told_readings: KeySet,
    /// The types (`as: authorisation`) whose approved records open it.
    pub authorised_by: BTreeSet<Arc<str>>,
    /// The access blocks that speak of the record.
    pub blocks: Vec<Arc<str>>,
}

impl Gate {
    fn open(&mut self, key: GateKey, why: Why, exports: bool) {
        if exports {
            self.exports.insert(key.clone());
        }
        self.keys.insert(key, why);
    }

    /// Without room to grow: there is one for every record.
    fn settled(mut self) -> Gate {
        self.keys.0.shrink_to_fit();
        self.exports.0.shrink_to_fit();
        self.hidden.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self
    }
}

/// The keys that open a gate, each with why, in order and once each: there are few, and a slice
/// holds them in a tenth of the memory of trees.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Vec<(GateKey, Why)>);

impl Keys {
    fn insert(&mut self, key: GateKey, why: Why) {
        let entry = (key, why);
        if let Err(place) = self.0.binary_search(&entry) {
            self.0.insert(place, entry);
        }
    }

    /// Once each.
    pub fn each(&self) -> impl Iterator<Item = &GateKey> {
        self.0.chunk_by(|(key, _), (next, _)| key == next).map(|alike| &alike[0].0)
    }

    /// Why a key opens the gate; nothing where it does not.
    pub fn reasons(&self, key: &GateKey) -> impl Iterator<Item = &Why> {
        let begin = self.0.partition_point(|(own, _)| own < key);
        self.0[begin..].iter().take_while(move |(own, _)| own == key).map(|(_, why)| why)
    }

    pub fn contains(&self, key: &GateKey) -> bool {
        self.reasons(key).next().is_some()
    }
}

/// Keys in order, once each.
#[derive(Clone, Debug, Default)]
pub(super) struct KeySet(Vec<GateKey>);

impl KeySet {
    fn insert(&mut self, key: GateKey) {
        if let Err(place) = self.0.binary_search(&key) {
            self.0.insert(place, key);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &GateKey> {
        self.0.iter()
    }

    pub fn contains(&self, key: &GateKey) -> bool {
        self.0.binary_search(key).is_ok()
    }
}

impl FromIterator<GateKey> for KeySet {
    fn from_iter<T: IntoIterator<Item = GateKey>>(keys: T) -> KeySet {
        let mut keys: Vec<GateKey> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        keys.shrink_to_fit();
        KeySet(keys)
    }
}

/// A gate before inheritance and authorisations.
#[derive(Clone, Default, Debug)]
struct Draft {
    gate: Arc<Gate>,
    /// The records from which it inherits, if they lend.
    inherits: BTreeSet<RecordId>,
}

/// What was drafted for a record, and what a change must touch to have it drafted anew.
#[derive(Clone)]
struct KnownDraft {
    draft: Arc<Draft>,
    rests_on: Arc<RestsOn>,
}

/// The drafts of a state of an archive that is read again.
struct KeptDrafts {
    state: Arc<ArchiveState>,
    lending: Arc<Lending>,
    records: Vec<Arc<Record>>,
    drafts: Vec<KnownDraft>,
}

/// Access blocks by the type they speak of.
type ByType = BTreeMap<Arc<str>, Vec<Arc<AccessRule>>>;

/// The access blocks by which records are read: who reads one is for those in force today to say;
/// what is kept from a reader, for them and for those of the version that binds the record. So a
/// field that has gone out of use stays hidden where it was written. With a policy that is
/// withdrawn go its access blocks of any day.
#[derive(Debug)]
pub(super) struct Rules {
    today: ByType,
    /// Blocks that hide something and are not in force today, from each day on which a version
    /// takes effect; empty where there are none.
    hiding: Vec<(NaiveDate, ByType)>,
}

impl Rules {
    pub fn of(policies: &Policies, today: NaiveDate) -> Rules {
        let current: BTreeMap<&Arc<str>, *const Policy> =
            policies.in_force(today).map(|policy| (&policy.id, Arc::as_ptr(policy))).collect();
        let days: BTreeSet<NaiveDate> = policies.versions.iter().map(|version| version.effective).collect();
        let is_other = |policy: &&Arc<Policy>| current.get(&policy.id).is_some_and(|current| *current != Arc::as_ptr(policy));
        let other = |day| policies.in_force(day).filter(is_other);
        let mut hiding: Vec<_> = days.into_iter().map(|day| (day, by_type(other(day), |rule| !rule.hide.is_empty()))).collect();
        if hiding.iter().all(|(_, rules)| rules.is_empty()) {
            hiding.clear();
        }
        Rules { today: by_type(policies.in_force(today), |_| true), hiding }
    }

    /// The blocks in force today.
    pub fn today(&self, record_type: &str) -> impl Iterator<Item = &Arc<AccessRule>> {
        self.today.get(record_type).into_iter().flatten()
    }

    /// Those that hide fields of a record of that day, and are not in force today.
    fn hiding_on(&self, record_type: &str, day: Option<NaiveDate>) -> impl Iterator<Item = &Arc<AccessRule>> {
        let after = day.map_or(0, |day| self.hiding.partition_point(|(from, _)| *from <= day));
        let era = after.checked_sub(1).map(|era| &self.hiding[era].1);
        era.and_then(|rules| rules.get(record_type)).into_iter().flatten()
    }

    /// Those that hide fields of some record of the type.
    pub fn hiding(&self, record_type: &str) -> impl Iterator<Item = &Arc<AccessRule>> {
        self.today(record_type).chain(self.hiding.iter().filter_map(|(_, rules)| rules.get(record_type)).flatten())
    }
}

fn by_type<'p>(versions: impl Iterator<Item = &'p Arc<Policy>>, wanted: impl Fn(&AccessRule) -> bool) -> ByType {
    let mut rules = ByType::new();
    for block in versions.flat_map(|policy| &policy.blocks) {
        if let BlockKind::Access(rule) = &block.kind
            && wanted(rule)
        {
            for judged in &rule.judged {
                rules.entry(judged.clone()).or_default().push(rule.clone());
            }
        }
    }
    rules
}

/// The gate of every record, in the order of the archive's records.
pub(super) fn gates(facts: &Facts<'_>, rules: &Rules, lending: &Arc<Lending>) -> Vec<Arc<Gate>> {
    let mut drafts: Vec<Arc<Draft>> = drafts(facts, rules, lending).into_iter().map(|known| known.draft).collect();
    authorise(&mut drafts, facts, lending);
    inherit(&drafts, facts.archive, lending)
}

/// What the access blocks say of each record. Where the archive is read again, one is drafted anew
/// only if something has changed that was read for it, be it that a record lends or no longer does.
fn drafts(facts: &Facts<'_>, rules: &Rules, lending: &Arc<Lending>) -> Vec<KnownDraft> {
    let (records, sources) = (&facts.archive.records, &facts.archive.sources);
    let drafted = |facts: &Facts<'_>, record: &Arc<Record>| {
        let (draft, rests_on) = Desk::of(record, facts, lending).drafted(rules);
        KnownDraft { draft: Arc::new(draft), rests_on: Arc::new(rests_on) }
    };
    if !sources.is_followed() {
        return records.par_iter().map_init(facts.more(), |facts, record| drafted(facts, record)).collect();
    }
    let state = facts.state();
    let before = sources.kept().last::<KeptDrafts>();
    let before = before.and_then(|before| Some((before.touched(&state, lending)?, before)));
    let draft = |facts: &mut Facts<'_>, (at, record): (usize, &Arc<Record>)| {
        let known = before.as_ref().and_then(|(touched, before)| before.holding(record, at, touched));
        known.cloned().unwrap_or_else(|| drafted(facts, record))
    };
    let drafts: Vec<KnownDraft> = records.par_iter().enumerate().map_init(facts.more(), draft).collect();
    sources.kept().keep(KeptDrafts { state, lending: lending.clone(), records: records.clone(), drafts: drafts.clone() });
    drafts
}

impl KeptDrafts {
    /// What has changed since: also whose word counts, of whom a gate may read.
    fn touched(&self, state: &ArchiveState, lending: &Lending) -> Option<Touched> {
        let mut touched = state.touched_since(&self.state)?;
        for id in lending.differing(&self.lending) {
            self.state.touch(id, &mut touched);
            state.touch(id, &mut touched);
        }
        Some(touched)
    }

    /// What was drafted for a record, where it still holds. `near`: where it may stand.
    fn holding(&self, record: &Arc<Record>, near: usize, touched: &Touched) -> Option<&KnownDraft> {
        let known = &self.drafts[record.place_among(&self.records, near)?];
        let is_touched = touched.records.contains(&record.id) || known.rests_on.is_touched(touched);
        (!is_touched).then_some(known)
    }
}

/// Where the blocks that speak of a record are applied to it.
struct Desk<'d> {
    record: &'d Record,
    /// The record itself, and those that lend.
    world: Facts<'d>,
    budget: Budget,
    lending: &'d Lending,
    /// Whoever has to do with it while it is a draft; `None` where it is none.
    concerned: Option<BTreeSet<GateKey>>,
}

/// Whether the condition of a block holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    /// A draft says so itself.
    OnItsWord,
    /// It cannot be known, or a draft itself says that it does not.
    Unknown,
}

impl<'d> Desk<'d> {
    fn of(record: &'d Record, facts: &Facts<'d>, lending: &'d Lending) -> Desk<'d> {
        let world = facts.among(lending.lenders(), &record.id);
        let concerned = lending.is_draft(&record.id).then(|| concerned(record, facts));
        Desk { record, world, budget: Budget::new(STEPS), lending, concerned }
    }

    /// What the blocks say of the record, and what that rests on.
    fn drafted(&self, rules: &Rules) -> (Draft, RestsOn) {
        let (draft, touched) = self.world.touching(|| {
            let (mut gate, mut inherits) = (Gate::default(), BTreeSet::new());
            self.draft(rules, &mut gate, &mut inherits);
            Draft { gate: Arc::new(gate.settled()), inherits }
        });
        (draft, touched.into())
    }

    fn draft(&self, rules: &Rules, gate: &mut Gate, inherits: &mut BTreeSet<RecordId>) {
        let Some(record_type) = &self.record.record_type else { return };
        for rule in rules.hiding_on(&record_type.id, self.record.date) {
            self.hide(rule, self.holds_when(rule), gate);
        }
        for rule in rules.today(&record_type.id) {
            let holds = self.holds_when(rule);
            self.hide(rule, holds, gate);
            if holds == Holds::No {
                continue;
            }
            // What cannot be known opens nothing, and hides what it may hide.
            if holds == Holds::Unknown {
                continue;
            }
            gate.blocks.push(rule.id.clone());
            for (key, reason) in self.reasoned_keys(&rule.readers) {
                if holds == Holds::Yes || self.concerned.as_ref().is_some_and(|concerned| concerned.contains(&key)) {
                    gate.open(key, Why { reason, citation: Some(rule.citation.clone()) }, true);
                }
            }
            if holds == Holds::Yes {
                self.lend(rule, gate, inherits);
            }
        }
    }

    fn hide(&self, rule: &AccessRule, holds: Holds, gate: &mut Gate) {
        if holds != Holds::No {
            gate.hidden.extend(rule.hide.iter().map(|(path, readers)| (path.clone(), self.keys(readers))));
        }
    }

    /// What a block says besides who reads the record.
    fn lend(&self, rule: &AccessRule, gate: &mut Gate, inherits: &mut BTreeSet<RecordId>) {
        if self.lending.lends(&self.record.id) {
            self.keys(&rule.readings).0.into_iter().for_each(|key| gate.told_readings.insert(key));
            gate.authorised_by.extend(rule.authorised_by.clone());
        }
        let field = rule.inherits.as_ref().filter(|field| !self.lending.leaves_open(&self.record.id, field));
        if let Some(Value::Record(target)) = field.and_then(|field| self.record.value(field)) {
            inherits.insert(target);
        }
    }

    fn holds_when(&self, rule: &AccessRule) -> Holds {
        let Some(when) = &rule.when else { return Holds::Yes };
        let (value, reads) = self.evaluate(when);
        let own_word = reads.fields().any(|(id, _)| *id == self.record.id);
        match value {
            Some(Value::Bool(holds)) if self.concerned.is_none() || !own_word => {
                if holds {
                    Holds::Yes
                } else {
                    Holds::No
                }
            }
            Some(Value::Bool(true)) => Holds::OnItsWord,
            _ => Holds::Unknown,
        }
    }

    /// A value of the record, and what was read for it; `None` where it cannot be known, or rests
    /// on what no approval seals.
    fn evaluate(&self, expression: &Expression) -> (Option<Value>, Reads) {
        let evaluate = || expression.evaluate(Some(&self.record.id), &[], &self.world, &self.budget);
        let (value, reads) = self.world.witnessed(evaluate);
        let is_sealed = !reads.fields().any(|(id, field)| self.lending.leaves_open(id, field));
        (value.ok().filter(|_| is_sealed), reads)
    }

    fn keys(&self, readers: &[Party]) -> KeySet {
        self.reasoned_keys(readers).into_iter().map(|(key, _)| key).collect()
    }

    fn reasoned_keys(&self, readers: &[Party]) -> Vec<(GateKey, Reason)> {
        let mut keys = Vec::new();
        for reader in readers {
            match reader {
                Party::Everyone => keys.push((GateKey::Everyone, Reason::Everyone)),
                Party::Post(post) => keys.push((GateKey::Post(post.clone()), Reason::Post(post.clone()))),
                Party::Department(department) => {
                    keys.push((GateKey::Department(department.clone()), Reason::Department(department.clone())))
                }
                Party::Path(path) => {
                    if let (Some(value), _) = self.evaluate(path) {
                        collect(&value, &path.result, &path.source, &mut keys);
                    }
                }
            }
        }
        keys
    }
}

/// The author of a draft, and the posts that are to approve it.
fn concerned(record: &Record, facts: &Facts<'_>) -> BTreeSet<GateKey> {
    let todays = record.record_type.as_ref().and_then(|own| chain_for(&facts.archive.policies, &own.id, facts.today()));
    let rules = facts.approval_rule(record).into_iter().chain(todays);
    let posts = rules.flat_map(|rule| rule.steps.iter().map(|step| GateKey::Post(step.post.clone())).collect::<Vec<_>>());
    posts.chain(record.author.clone().map(GateKey::Person)).collect()
}

/// A person, a post or a department that an expression gave, or a list of them.
fn collect(value: &Value, kind: &Type, path: &Arc<str>, keys: &mut Vec<(GateKey, Reason)>) {
    match (value, kind) {
        (_, Type::Optional(inner)) => collect(value, inner, path, keys),
        (Value::List(values), Type::List(inner)) => values.iter().for_each(|value| collect(value, inner, path, keys)),
        (Value::Record(person), _) => keys.push((GateKey::Person(person.clone()), Reason::Named(path.clone()))),
        (Value::Text(id), Type::Department) => keys.push((GateKey::Department(id.clone()), Reason::Department(id.clone()))),
        (Value::Text(id), _) => keys.push((GateKey::Post(id.clone()), Reason::Post(id.clone()))),
        _ => {}
    }
}

/// Lets the authorisations that are approved, in their dates and not revoked open what they cover.
fn authorise(drafts: &mut [Arc<Draft>], facts: &Facts<'_>, lending: &Lending) {
    let Some(role) = facts.archive.policies.role(Role::Authorisation) else { return };
    // One whose place another took opens nothing as long as the other stands; what ends it for good
    // is that it is revoked.
    let of_today = |record: &&Record| lending.lends(&record.id) && is_of(record, facts, lending) && facts.ended_by(&record.id).is_none();
    for record in facts.archive.of_type(&role.id).filter(of_today) {
        let sealed = |field: &str| record.value(field).filter(|_| !lending.leaves_open(&record.id, field));
        let (given, exports) = (given(record, facts), sealed("may_export") == Some(Value::Bool(true)));
        for covered in listed(sealed("covers")) {
            let Value::Record(id) = covered else { continue };
            let was_there = |place: &usize| was_there(&facts.archive.records[*place], given, facts, lending);
            let place = lender(&id, facts.archive, lending).filter(was_there);
            let Some(draft) = place.map(|place| &mut drafts[place]) else { continue };
            if !draft.gate.authorised_by.contains(&role.id) {
                continue;
            }
            for key in listed(sealed("readers")).into_iter().filter_map(reader) {
                let gate = Arc::make_mut(&mut Arc::make_mut(draft).gate);
                gate.open(key, Why { reason: Reason::Authorised(record.id.clone()), citation: None }, exports);
            }
        }
    }
}

/// A person or a post, as a field names one.
fn reader(value: Value) -> Option<GateKey> {
    match value {
        Value::Record(person) => Some(GateKey::Person(person)),
        Value::Text(post) => Some(GateKey::Post(post)),
        _ => None,
    }
}

/// When the last valid step of a record's chain was taken.
fn given(record: &Record, facts: &Facts<'_>) -> Option<DateTime<FixedOffset>> {
    let chain = facts.approvals.of_record(&record.id);
    chain.into_iter().flat_map(|chain| &chain.entries).filter(|entry| entry.valid).map(|entry| entry.at).max()
}

/// Whether what an authorisation covers was there when it was given, as far as anybody has to sign
/// that. What nobody signs has no time but the one that its author writes.
fn was_there(record: &Record, given: Option<DateTime<FixedOffset>>, facts: &Facts<'_>, lending: &Lending) -> bool {
    lending.there_since(record, facts).is_none_or(|since| given.is_some_and(|given| since <= given))
}

/// Whether an authorisation is of a day: in its dates, not revoked.
fn is_of(record: &Record, facts: &Facts<'_>, lending: &Lending) -> bool {
    let date = |field: &str| match record.value(field) {
        Some(Value::Date(date)) if !lending.leaves_open(&record.id, field) => Some(date),
        _ => None,
    };
    let is_revoked = is_revoked(record, facts.today()) || facts.approvals.ended.contains(&record.id);
    date("from").is_some_and(|from| from <= facts.today()) && date("until").is_some_and(|until| facts.today() <= until) && !is_revoked
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::List(values)) => values.to_vec(),
        _ => Vec::new(),
    }
}

/// The place of a record, if it lends.
fn lender(id: &RecordId, archive: &Archive, lending: &Lending) -> Option<usize> {
    archive.place_of(id).filter(|_| lending.lends(id))
}

/// Adds to each gate the keys of those from which it inherits, at any remove.
fn inherit(drafts: &[Arc<Draft>], archive: &Archive, lending: &Lending) -> Vec<Arc<Gate>> {
    let above = |draft: &Draft| draft.inherits.iter().filter_map(|id| lender(id, archive, lending)).collect::<BTreeSet<usize>>();
    let inherited = |(i, draft): (usize, &Arc<Draft>)| {
        let (mut met, mut next) = (BTreeSet::from([i]), above(draft));
        if next.is_empty() {
            return draft.gate.clone();
        }
        let mut gate = Gate::clone(&draft.gate);
        while let Some(place) = next.pop_first() {
            if !met.insert(place) {
                continue;
            }
            let why = Why { reason: Reason::Inherited(archive.records[place].id.clone()), citation: None };
            let lender = &drafts[place].gate;
            for key in lender.keys.each() {
                gate.open(key.clone(), why.clone(), lender.exports.contains(key));
            }
            next.extend(above(&drafts[place]));
        }
        Arc::new(gate.settled())
    };
    drafts.par_iter().enumerate().map(inherited).collect()
}
