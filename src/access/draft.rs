//! What an archive says of a record that is being written, as far as the writer may know what it
//! rests on.

use super::{Office, View, condition::evaluated};
use crate::{
    archive::Record,
    check::{self, Due},
    facts::Facts,
    policy::{BlockKind, Expression, Field, FieldPath, Judged, Rule, Value, expression::World},
    source::{ArchivePath, RecordId},
    structure,
};
use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

/// What follows for a record from what stands in it so far.
#[derive(Clone, Debug, Default)]
pub struct Follows {
    /// The fields that its type's `given` works out, in the order of the block.
    pub given: Vec<(FieldPath, Value)>,
    /// The fields that may be left out, but for a rule that is in force for it.
    pub demanded: BTreeSet<Arc<str>>,
}

impl View<'_> {
    /// What follows for a record whose text is to lie at a path.
    pub fn follows(&self, path: &str, text: &str) -> Follows {
        let own = &self.office().archive;
        let sources = Arc::new(own.sources.with(path, text));
        let archive = own.with(sources);
        let Some(record) = archive.record_at(&path.into()) else { return Follows::default() };
        let facts = Facts::new(&archive, &self.office().approvals, self.today());
        let desk = Desk { view: self, record, facts: &facts };
        Follows { given: desk.given(), demanded: desk.demanded() }
    }

    /// The duties of a record that a record of type `needed` would do, however far ahead they fall
    /// due.
    pub fn awaits(&self, record: &RecordId, needed: &str) -> Vec<Cow<'_, Due>> {
        let facts = self.office().facts();
        let seen = self.record(record).map(|seen| seen.record());
        let all = seen.map_or_else(Vec::new, |record| check::awaited(record, needed, &facts));
        all.into_iter().filter_map(|due| self.told(Cow::Owned(due))).collect()
    }

    /// The fields of a record whose past follows from other records, with what holds today.
    pub fn standing(&self, record: &RecordId) -> Vec<(&Field, Value)> {
        let Some(own) = self.record(record).and_then(|seen| seen.record_type()) else {
            return Vec::new();
        };
        let facts = self.office().facts();
        let today = |field: &str| {
            let (value, reads) = facts.witnessed(|| facts.on(record, field, self.today()));
            value.ok().filter(|_| self.knows(&reads, Some(record)))
        };
        let past = own.fields.iter().filter(|field| own.history.contains_key(&field.name));
        past.filter_map(|field| Some((field, today(&field.name).filter(|value| *value != Value::Missing)?))).collect()
    }
}

impl Office {
    /// Whether an id is a record's, or was one's: what the register knows, or a record names, is
    /// given to no other.
    pub fn is_taken(&self, id: &RecordId) -> bool {
        let archive = &self.archive;
        let is_named = || archive.records.iter().flat_map(|record| &record.references).any(|reference| reference.to == *id);
        archive.record(id).is_some() || archive.holder(id).is_some() || self.approvals.register.knows(&id.into()) || is_named()
    }

    /// Whether what lies at a path is written to the end. That it breaks a rule is no matter here:
    /// it may tell of what has happened.
    pub fn is_written_out(&self, path: &ArchivePath) -> bool {
        self.archive.record_at(path).is_some_and(|record| structure::is_filled_in(record, &self.archive))
    }
}

/// Where a record is written.
struct Desk<'d> {
    view: &'d View<'d>,
    record: &'d Record,
    facts: &'d Facts<'d>,
}

impl Desk<'_> {
    fn given(&self) -> Vec<(FieldPath, Value)> {
        let given = self.record.record_type.iter().flat_map(|own| &own.given);
        let worked_out = given.filter_map(|(path, expression)| Some((path.clone(), self.value(expression)?)));
        worked_out.filter(|(_, value)| *value != Value::Missing).collect()
    }

    fn demanded(&self) -> BTreeSet<Arc<str>> {
        let Some(own) = &self.record.record_type else { return BTreeSet::new() };
        let policies = self.facts.archive.policies.in_force(self.record.date.unwrap_or(self.facts.today()));
        let rules = policies.flat_map(|policy| &policy.blocks).filter_map(|block| match &block.kind {
            BlockKind::Rule(rule) if judges(rule, &own.id) => Some(rule),
            _ => None,
        });
        let holds = |when: &Expression| self.value(when) == Some(Value::Bool(true));
        let binding = rules.filter(|rule| rule.each.is_empty() && rule.when.as_ref().is_none_or(holds));
        let asked: Vec<String> = binding.filter_map(|rule| rule.require.as_ref()).flat_map(Expression::asserts_present).collect();
        own.fields.iter().filter(|field| !field.must && asked.iter().any(|path| **path == *field.name)).map(|f| f.name.clone()).collect()
    }

    /// A value that the writer may know. What stands in the record he has written himself.
    fn value(&self, expression: &Expression) -> Option<Value> {
        let (value, reads) = self.facts.witnessed(|| evaluated(expression, Some(&self.record.id), self.facts));
        value.ok().filter(|_| self.view.knows(&reads.without(&self.record.id), None))
    }
}

fn judges(rule: &Rule, record_type: &str) -> bool {
    matches!(&rule.judged, Judged::Types(types) if types.iter().any(|id| **id == *record_type))
}
