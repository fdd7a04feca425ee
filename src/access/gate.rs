//! The gate of a record: to whom it opens, and why. Worked out once from the access blocks, the record's own people, the records from
//! which it inherits, and the authorisations that count today.
//!
//! Whoever may write a record may write any id over it. So what is read of an id that two documents bear opens nothing: otherwise a
//! second customer of that id would hand out what belongs to the first.

use super::{Reason, Why, office::People};
use crate::{
    approval::{Approvals, chain_for, is_revoked},
    archive::{Archive, Record},
    facts::Facts,
    policy::{
        AccessRule, BlockKind, Expression, FieldPath, Reader as Named, Role, Step, Value,
        expression::{Budget, Type, World},
    },
    source::RecordId,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Steps that the `when` and the readers of one record's blocks may take together.
pub(super) const STEPS: u64 = 100_000;

/// What a reader holds, and what a gate opens to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Key {
    Everyone,
    Post(Arc<str>),
    Department(Arc<str>),
    Person(RecordId),
}

/// To whom one record opens.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate {
    pub keys: BTreeMap<Key, BTreeSet<Why>>,
    /// Fields that do not show but to holders of a key of every one of these sets.
    pub hidden: Vec<(FieldPath, BTreeSet<Key>)>,
    /// Who is told by whom the record has been read.
    pub told_readings: BTreeSet<Key>,
    /// The types (`as: authorisation`) whose approved records open it.
    pub authorised_by: BTreeSet<Arc<str>>,
    /// The access blocks that speak of the record.
    pub blocks: Vec<Arc<str>>,
}

/// A gate before inheritance and authorisations.
#[derive(Default)]
struct Draft {
    gate: Gate,
    inherits: BTreeSet<usize>,
}

/// The access blocks in force on a day, by the type they speak of.
pub(super) type Rules = BTreeMap<Arc<str>, Vec<Arc<AccessRule>>>;

pub(super) fn rules(archive: &Archive, today: NaiveDate) -> Rules {
    let mut rules = Rules::new();
    for block in archive.policies.in_force(today).flat_map(|policy| &policy.blocks) {
        if let BlockKind::Access(rule) = &block.kind {
            for judged in &rule.judged {
                rules.entry(judged.clone()).or_default().push(rule.clone());
            }
        }
    }
    rules
}

/// The gate of every record, in the order of the archive's records.
pub(super) fn gates(archive: &Archive, approvals: &Approvals, today: NaiveDate, rules: &Rules, people: &People) -> Vec<Gate> {
    let facts = Facts::new(archive, approvals, today);
    let alone = |(_, record): &(usize, &Record)| archive.all_of(&record.id).len() == 1;
    let index: BTreeMap<&RecordId, usize> = archive.records.iter().enumerate().filter(alone).map(|(i, r)| (&r.id, i)).collect();
    let mut drafts: Vec<Draft> = archive.records.iter().map(|record| Desk { facts: &facts, people }.draft(record, rules, &index)).collect();
    authorise(&mut drafts, archive, &facts, people, &index);
    inherit(drafts, archive)
}

/// Where the blocks that speak of a record are applied to it.
#[derive(Clone, Copy)]
struct Desk<'d> {
    facts: &'d Facts<'d>,
    people: &'d People,
}

impl Desk<'_> {
    fn draft(self, record: &Record, rules: &Rules, index: &BTreeMap<&RecordId, usize>) -> Draft {
        let mut draft = Draft::default();
        let Some(record_type) = &record.record_type else { return draft };
        let budget = Budget::new(STEPS);
        for rule in rules.get(&record_type.id).into_iter().flatten() {
            let holds = rule.when.as_ref().map_or(Some(true), |when| self.holds(when, record, &budget));
            if holds == Some(false) {
                continue;
            }
            for (path, readers) in &rule.hide {
                draft.gate.hidden.push((path.clone(), self.keys(readers, record, &budget)));
            }
            // What cannot be known opens nothing, and hides what it may hide.
            if holds.is_none() {
                continue;
            }
            draft.gate.blocks.push(rule.id.clone());
            for (key, reason) in self.reasoned_keys(&rule.readers, record, &budget) {
                let why = Why { reason, citation: Some(rule.citation.clone()) };
                draft.gate.keys.entry(key).or_default().insert(why);
            }
            draft.gate.told_readings.extend(self.keys(&rule.readings, record, &budget));
            draft.gate.authorised_by.extend(rule.authorised_by.clone());
            if let Some(Value::Record(target)) = rule.inherits.as_ref().and_then(|field| record.value(field)) {
                draft.inherits.extend(index.get(&target));
            }
        }
        draft
    }

    /// `None` where it cannot be known.
    fn holds(self, when: &Expression, record: &Record, budget: &Budget) -> Option<bool> {
        match self.evaluate(when, record, budget)? {
            Value::Bool(holds) => Some(holds),
            _ => None,
        }
    }

    /// A value of a record; `None` where it cannot be known, or rests on an id that is not one record's alone, or on a person's record
    /// that lacks its approval.
    fn evaluate(self, expression: &Expression, record: &Record, budget: &Budget) -> Option<Value> {
        self.facts.take_reads();
        let value = expression.evaluate(Some(&record.id), &[], self.facts, budget).ok()?;
        let counts = |id: &RecordId| self.facts.archive.all_of(id).len() < 2 && !self.people.unapproved.contains(id);
        self.facts.take_reads().records.iter().all(counts).then_some(value)
    }

    fn keys(self, readers: &[Named], record: &Record, budget: &Budget) -> BTreeSet<Key> {
        self.reasoned_keys(readers, record, budget).into_iter().map(|(key, _)| key).collect()
    }

    fn reasoned_keys(self, readers: &[Named], record: &Record, budget: &Budget) -> Vec<(Key, Reason)> {
        let mut keys = Vec::new();
        for reader in readers {
            match reader {
                Named::Everyone => keys.push((Key::Everyone, Reason::Everyone)),
                Named::Post(post) => keys.push((Key::Post(post.clone()), Reason::Post(post.clone()))),
                Named::Department(department) => keys.push((Key::Department(department.clone()), Reason::Department(department.clone()))),
                Named::Path(path) => {
                    if let Some(value) = self.evaluate(path, record, budget) {
                        collect(&value, &path.result, &path.source, &mut keys);
                    }
                }
            }
        }
        keys
    }
}

/// A person, a post or a department that an expression gave, or a list of them.
fn collect(value: &Value, kind: &Type, path: &Arc<str>, keys: &mut Vec<(Key, Reason)>) {
    match (value, kind) {
        (_, Type::Optional(inner)) => collect(value, inner, path, keys),
        (Value::List(values), Type::List(inner)) => values.iter().for_each(|value| collect(value, inner, path, keys)),
        (Value::Record(person), _) => keys.push((Key::Person(person.clone()), Reason::Named(path.clone()))),
        (Value::Text(id), Type::Department) => keys.push((Key::Department(id.clone()), Reason::Department(id.clone()))),
        (Value::Text(id), _) => keys.push((Key::Post(id.clone()), Reason::Post(id.clone()))),
        _ => {}
    }
}

/// Lets the authorisations that are approved, in their dates and not revoked open what they cover.
fn authorise(drafts: &mut [Draft], archive: &Archive, facts: &Facts<'_>, people: &People, index: &BTreeMap<&RecordId, usize>) {
    let Some(role) = archive.policies.role(Role::Authorisation) else { return };
    for record in archive.of_type(&role.id).filter(|record| counts(record, facts, people)) {
        for covered in listed(record.value("covers")) {
            let Some(draft) = (match covered {
                Value::Record(id) => index.get(&id).map(|&i| &mut drafts[i]),
                _ => None,
            }) else {
                continue;
            };
            if !draft.gate.authorised_by.contains(&role.id) {
                continue;
            }
            for reader in listed(record.value("readers")) {
                let key = match reader {
                    Value::Record(person) => Key::Person(person),
                    Value::Text(post) => Key::Post(post),
                    _ => continue,
                };
                let why = Why { reason: Reason::Authorised(record.id.clone()), citation: None };
                draft.gate.keys.entry(key).or_default().insert(why);
            }
        }
    }
}

/// Whether an authorisation counts today: approved, in its dates, not revoked.
fn counts(record: &Record, facts: &Facts<'_>, people: &People) -> bool {
    let date = |field: &str| match record.value(field) {
        Some(Value::Date(date)) => Some(date),
        _ => None,
    };
    let today = facts.today;
    let is_revoked = is_revoked(record, today) || facts.approvals.ended.contains(&record.id);
    date("from").is_some_and(|from| from <= today)
        && date("until").is_some_and(|until| today <= until)
        && !is_revoked
        && is_approved(record, facts, people)
}

/// Whether a record is one of its id and approved, by the chain that is demanded today too: its author chooses its date, and with it the
/// policies by which it is judged, and before the first of them nothing needed approval.
pub(super) fn is_approved(record: &Record, facts: &Facts<'_>, people: &People) -> bool {
    let given = |step: &Step| facts.approvals.chains.get(&record.id).is_some_and(|chain| chain.step(&step.post).is_some());
    let needed =
        |step: &&Step| step.when.as_ref().is_none_or(|when| Desk { facts, people }.holds(when, record, &Budget::new(STEPS)) != Some(false));
    let today = record.record_type.as_ref().and_then(|own| chain_for(&facts.archive.policies, &own.id, facts.today));
    facts.archive.all_of(&record.id).len() == 1
        && facts.approved(&record.id, None) == Ok(true)
        && today.is_none_or(|rule| rule.steps.iter().filter(needed).all(given))
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::List(values)) => values.to_vec(),
        _ => Vec::new(),
    }
}

/// Adds to each gate the keys of those from which it inherits, at any remove.
fn inherit(drafts: Vec<Draft>, archive: &Archive) -> Vec<Gate> {
    (0..drafts.len())
        .map(|i| {
            let mut gate = drafts[i].gate.clone();
            let (mut met, mut next) = (BTreeSet::from([i]), drafts[i].inherits.clone());
            while let Some(above) = next.pop_first() {
                if !met.insert(above) {
                    continue;
                }
                let why = Why { reason: Reason::Inherited(archive.records[above].id.clone()), citation: None };
                for key in drafts[above].gate.keys.keys() {
                    gate.keys.entry(key.clone()).or_default().insert(why.clone());
                }
                next.extend(&drafts[above].inherits);
            }
            gate
        })
        .collect()
}
