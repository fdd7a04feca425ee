//! Who is to do a duty, on the day of which is spoken.

use crate::{
    check::{
        NamedBy,
        row::{Case, Row},
        wording,
    },
    diagnostic::Words,
    facts::Facts,
    policy::{Expression, Party, Value, expression::Type},
    source::RecordId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Who is to do it.
#[derive(Default)]
pub(super) struct Doers {
    pub people: Vec<RecordId>,
    /// Those of them that were named themselves, not by a post or department.
    named: Vec<RecordId>,
    pub named_by: BTreeMap<RecordId, NamedBy>,
    by_office: BTreeSet<RecordId>,
    pub offices: Vec<(Arc<str>, Words)>,
}

impl Doers {
    pub fn of(readers: &[Party], case: Case<'_>, row: &Row) -> Doers {
        let mut doers = Doers::default();
        for reader in readers {
            match reader {
                Party::Everyone => {}
                Party::Post(post) => doers.holders(post, case),
                Party::Department(department) => doers.members(department, case),
                Party::Path(path) => doers.path(path, case, row),
            }
        }
        // Whose office it is to do it is named by nobody.
        let Doers { by_office, named_by, .. } = &mut doers;
        named_by.retain(|person, _| !by_office.contains(person));
        let mut met = BTreeSet::new();
        doers.people.retain(|person| met.insert(person.clone()));
        doers
    }

    /// Whom an expression names, with what it has read to name them.
    fn path(&mut self, path: &Expression, case: Case<'_>, row: &Row) {
        let (value, reads) = case.facts.witnessed(|| case.evaluate(path, &row.values));
        let known = self.named.len();
        if let Ok(value) = value {
            self.value(&value, &path.result, case);
        }
        for person in &self.named[known..] {
            let by = self.named_by.entry(person.clone()).or_default();
            by.records.extend(reads.records().cloned());
            by.files |= reads.paths().next().is_some();
        }
        case.facts.note_all(&reads);
    }

    fn value(&mut self, value: &Value, kind: &Type, case: Case<'_>) {
        match (value, kind) {
            (_, Type::Optional(inner)) => self.value(value, inner, case),
            (Value::List(values), Type::List(element)) => values.iter().for_each(|value| self.value(value, element, case)),
            (Value::Record(person), _) => {
                self.people.push(person.clone());
                self.named.push(person.clone());
            }
            (Value::Text(id), Type::Department) => self.members(id, case),
            (Value::Text(id), _) => self.holders(id, case),
            _ => {}
        }
    }

    fn holders(&mut self, post: &Arc<str>, case: Case<'_>) {
        self.offices.push((post.clone(), wording::post(post, case.facts)));
        self.hold(case.facts.holders(post, case.facts.today()));
    }

    fn members(&mut self, department: &Arc<str>, case: Case<'_>) {
        self.offices.push((department.clone(), wording::department(department, case.facts)));
        self.hold(case.facts.members(department));
    }

    fn hold(&mut self, people: Vec<RecordId>) {
        self.by_office.extend(people.iter().cloned());
        self.people.extend(people);
    }

    /// The posts and departments by their labels, the people by their names.
    pub fn words(&self, facts: &Facts<'_>) -> Option<Words> {
        let offices = self.offices.iter().map(|(_, label)| label.clone());
        let all: Vec<Words> = offices.chain(self.named.iter().map(|person| wording::record(person, facts))).collect();
        let joined = |each: fn(&Words) -> &str, between: &str| all.iter().map(each).collect::<Vec<_>>().join(between);
        (!all.is_empty()).then(|| Words::new(joined(|name| &name.zh, "、"), joined(|name| &name.en, ", ")))
    }
}
