//! People on a day: the row of their reporting that was in force, and whether they were on staff.

use super::{Among, Facts, Sought, Strangers, index::Members, relied_on};
use crate::{
    archive::Tenure,
    policy::{
        Role, Value,
        expression::{Drafts, Stop, World},
    },
    source::RecordId,
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

/// A row of a person's `reporting`.
pub(super) type ReportingRow = Arc<BTreeMap<Arc<str>, Value>>;

impl Facts<'_> {
    /// The row in force on a day: the latest that begins by then; of two that begin together, the
    /// lower one. None for whoever is not on staff on that day: who has left stands in no
    /// department, and under nobody.
    pub(super) fn reporting_row(&self, person: &RecordId, day: NaiveDate) -> Result<Option<ReportingRow>, Stop> {
        self.note_field(person, "reporting");
        let Ok(record) = self.known(person) else { return self.stranger(None) };
        if !self.staff_on(person, day)? {
            return Ok(None);
        }
        let Value::List(rows) = relied_on(record, "reporting")? else { return Ok(None) };
        self.work(rows.len());
        let mut in_force: Option<(NaiveDate, ReportingRow)> = None;
        for row in rows.iter() {
            let Value::Table(row) = row else { return Err(Stop::Unknown) };
            let Some(Value::Date(from)) = row.get("from") else { return Err(Stop::Unknown) };
            if *from <= day && in_force.as_ref().is_none_or(|(before, _)| before <= from) {
                in_force = Some((*from, row.clone()));
            }
        }
        Ok(in_force.map(|(_, row)| row))
    }

    /// Whether a person had joined by a day, and left after it.
    pub fn staff_on(&self, person: &RecordId, day: NaiveDate) -> Result<bool, Stop> {
        ["joined", "left"].iter().for_each(|field| self.note_field(person, field));
        let Ok(record) = self.known(person) else { return self.stranger(true) };
        let tenure = Tenure::of(record).ok_or(Stop::Unknown)?;
        match tenure.joined {
            None if self.strangers == Strangers::Unknown => Err(Stop::Unknown),
            _ => Ok(tenure.covers(day)),
        }
    }

    /// Who holds a post on a day and is on staff, in the order of the block.
    pub fn holders(&self, post: &str, day: NaiveDate) -> Vec<RecordId> {
        let posts = &self.archive.policies.posts;
        posts.holders(post, day).filter(|person| self.staff_on(person, day) == Ok(true)).cloned().collect()
    }

    /// Who heads a department and is on staff today.
    pub(super) fn head_today(&self, department: &str) -> Option<RecordId> {
        let head = self.archive.policies.posts.departments.get(department)?.head.clone()?;
        (self.staff_on(&head, self.today()) == Ok(true)).then_some(head)
    }

    /// Who belongs to a department today, in the order of their ids. They are worked out once for
    /// all threads.
    pub fn members(&self, department: &Arc<str>) -> Vec<RecordId> {
        let Some(role) = self.archive.policies.role(Role::Person) else { return Vec::new() };
        let members = self.index.members(self.today(), || self.departments_of_staff(&role.id));
        let people = members.get(department).cloned().unwrap_or_default();
        self.note_search(&role.id, Sought::All);
        for person in &people {
            ["reporting", "joined", "left"].iter().for_each(|field| self.note_field(person, field));
        }
        people
    }

    fn departments_of_staff(&self, person: &str) -> Members {
        // With reads of its own: `members` notes for each who asks what his answer rests on.
        let among = self.among.clone().map(|among| Among { own: None, ..among });
        let facts = Facts { among, ..Facts::sharing(self.archive, self.approvals, self.today(), self.index.clone()) };
        let mut members = Members::new();
        let mut staff = facts.records(person, &[], Drafts::In).unwrap_or_default();
        staff.retain(|person| facts.on_staff(person, facts.today()) == Ok(true));
        staff.sort();
        for person in staff {
            if let Ok(Some(department)) = facts.department(&person, facts.today()) {
                members.entry(department).or_default().push(person);
            }
        }
        members
    }

    fn stranger<T>(&self, answer: T) -> Result<T, Stop> {
        match self.strangers {
            Strangers::Unknown => Err(Stop::Unknown),
            Strangers::OnStaff => Ok(answer),
        }
    }
}

pub(super) fn department_of(row: ReportingRow) -> Result<Arc<str>, Stop> {
    match row.get("department") {
        Some(Value::Text(department)) => Ok(department.clone()),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn superior_of(row: ReportingRow) -> Option<RecordId> {
    match row.get("superior") {
        Some(Value::Record(superior)) => Some(superior.clone()),
        _ => None,
    }
}

/// `{id, name?}`
pub(super) fn pair(id: &Arc<str>, name: &str, value: Option<Value>) -> Value {
    let columns = [("id".into(), Value::Text(id.clone())), (name.into(), value.unwrap_or(Value::Missing))];
    Value::Table(Arc::new(BTreeMap::from(columns)))
}
