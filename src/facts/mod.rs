//! The archive on a day, as expressions ask for it: fields, references, history, approvals, posts. Notes down what was read. Never
//! decides what is wrong, nor who may know.

mod approved;
mod index;
mod people;
mod reading;
#[cfg(test)]
mod tests;

pub use index::Index;

use crate::{
    approval::Approvals,
    archive::{Archive, Record},
    diagnostic::{Reads, Search},
    policy::{
        FieldType, Policy, Status, Target, Value,
        expression::{Stop, World},
    },
    source::{REGISTER, RecordId},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    sync::Arc,
};

/// Answers expressions about an archive on a day. One a thread: it notes down reads. Making one is cheap; [`Facts::sharing`] has many
/// of them share what one has worked out.
#[derive(Debug)]
pub struct Facts<'a> {
    pub archive: &'a Archive,
    pub approvals: &'a Approvals,
    pub today: NaiveDate,
    index: Arc<Index>,
    reads: RefCell<Reads>,
    /// Steps that nobody has paid for yet.
    toil: Cell<u64>,
    asking: approved::Asking,
    strangers: Strangers,
    among: Option<Among<'a>>,
}

/// Which records there are for whoever asks: some, and his own.
#[derive(Clone, Debug)]
struct Among<'a> {
    some: &'a BTreeSet<RecordId>,
    own: Option<RecordId>,
}

/// What is known of a person who is named and has no record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Strangers {
    /// Nothing: the reference dangles.
    Unknown,
    /// He is on staff, and stands under nobody (in the examples of policies, where people need no record).
    OnStaff,
}

impl<'a> Facts<'a> {
    pub fn new(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate) -> Facts<'a> {
        Facts::sharing(archive, approvals, today, Arc::default())
    }

    /// With an index that others of the same archive use too.
    pub fn sharing(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate, index: Arc<Index>) -> Facts<'a> {
        let (strangers, among) = (Strangers::Unknown, None);
        Facts {
            archive,
            approvals,
            today,
            index,
            reads: RefCell::default(),
            toil: Cell::default(),
            asking: approved::Asking::default(),
            strangers,
            among,
        }
    }

    /// Of an example in a policy: the people whom it names need no record.
    pub fn of_example(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate) -> Facts<'a> {
        Facts { strangers: Strangers::OnStaff, ..Facts::new(archive, approvals, today) }
    }

    /// The same where no other records are there than some, and the one that asks: what the others say neither opens nor shuts anything.
    pub fn among(&self, some: &'a BTreeSet<RecordId>, own: &RecordId) -> Facts<'a> {
        let among = Some(Among { some, own: Some(own.clone()) });
        Facts { among, ..Facts::sharing(self.archive, self.approvals, self.today, self.index.clone()) }
    }

    /// What has been read since the last call.
    pub fn take_reads(&self) -> Reads {
        self.reads.take()
    }

    /// Notes down again what was taken.
    pub fn note_all(&self, reads: &Reads) {
        self.reads.borrow_mut().extend(reads);
    }

    fn work(&self, steps: usize) {
        self.toil.set(self.toil.get() + steps as u64);
    }

    /// Notes down that a record was read: that it is there, its approvals, its title.
    pub fn note(&self, record: &RecordId) {
        self.work(1);
        let mut reads = self.reads.borrow_mut();
        if !reads.records.contains(record) {
            reads.records.insert(record.clone());
        }
    }

    /// Notes down that a field was read, by its name on the record's top level.
    pub fn note_field(&self, record: &RecordId, field: &str) {
        self.note(record);
        let name = field.split('.').next().unwrap_or(field);
        self.reads.borrow_mut().fields.insert((record.clone(), name.into()));
    }

    fn note_search(&self, record_type: &str, linked_to: Option<&RecordId>) {
        let search = Search { record_type: record_type.into(), linked_to: linked_to.cloned() };
        self.reads.borrow_mut().searches.insert(search);
    }

    fn known(&self, record: &RecordId) -> Result<&'a Record, Stop> {
        self.archive.record(record).filter(|_| self.is_there(record)).ok_or(Stop::Unknown)
    }

    fn is_there(&self, record: &RecordId) -> bool {
        self.among.as_ref().is_none_or(|among| among.some.contains(record) || among.own.as_ref() == Some(record))
    }

    /// The records of a type that refer to this one in a field that is meant for such, with the field, by date, then id. A record of another
    /// type, named where it does not belong, is nobody's to count by: a hidden record may name there what it likes.
    fn referring(&self, record: &RecordId, record_type: &str) -> Vec<(&'a Record, Arc<str>)> {
        let mut found: Vec<(&Record, Arc<str>)> = Vec::new();
        self.work(self.archive.incoming(record).len());
        let target = self.archive.record(record).and_then(|record| record.record_type.as_ref()).map_or("", |own| &own.id);
        let meant = self.archive.policies.record_type(record_type).map(|hits| hits.referring_to(target)).unwrap_or_default();
        for reference in self.archive.incoming(record) {
            let Some(field) = reference.field.as_ref().filter(|field| meant.contains(field)) else { continue };
            let Ok(from) = self.known(&reference.from) else { continue };
            if from.record_type.as_ref().is_some_and(|t| &*t.id == record_type) {
                found.push((from, field.clone()));
            }
        }
        found.sort_by(|(a, _), (b, _)| (a.date, &a.id).cmp(&(b.date, &b.id)));
        found.dedup_by(|(a, _), (b, _)| a.id == b.id);
        found
    }

    /// The field by which a record stands in a sequence of its like: the first reference of its type.
    fn sequence_field(record: &Record) -> Option<&crate::policy::Field> {
        let own = record.record_type.as_ref()?;
        let refers = |t: &FieldType| matches!(t, FieldType::Reference(Target::Type(_)));
        own.fields.iter().find(|field| refers(&field.field_type))
    }
}

impl World for Facts<'_> {
    fn today(&self) -> NaiveDate {
        self.today
    }

    fn field(&self, record: &RecordId, name: &str) -> Result<Value, Stop> {
        match name {
            "id" => {
                self.note(record);
                Ok(Value::Text(self.known(record)?.id.0.clone()))
            }
            "type" => {
                self.note(record);
                self.known(record)?.record_type.as_ref().map(|t| Value::Text(t.id.clone())).ok_or(Stop::Unknown)
            }
            _ => {
                self.note_field(record, name);
                let value = reading::field(self.known(record)?, name)?;
                self.work(length(&value));
                Ok(value)
            }
        }
    }

    fn is_unreadable(&self, record: &RecordId, name: &str) -> bool {
        self.note_field(record, name);
        self.known(record).is_ok_and(|record| reading::is_unreadable(record, name))
    }

    fn linked(&self, record: &RecordId, record_type: &str) -> Result<Vec<RecordId>, Stop> {
        self.note_search(record_type, Some(record));
        let found = self.referring(record, record_type);
        found.iter().for_each(|(from, field)| self.note_field(&from.id, field));
        Ok(found.into_iter().map(|(from, _)| from.id.clone()).collect())
    }

    fn records(&self, record_type: &str, equal: &[(Arc<str>, Value)]) -> Result<Vec<RecordId>, Stop> {
        self.note_search(record_type, None);
        // That a record was not found tells of its field: where the field is kept from some readers, it counts as read.
        for (field, _) in equal.iter().filter(|(field, _)| self.archive.policies.hides(record_type, field)) {
            self.archive.of_type(record_type).for_each(|record| self.note_field(&record.id, field));
        }
        let mut found = self.index.find(self.archive, record_type, equal);
        found.retain(|record| self.is_there(record));
        for record in &found {
            self.note(record);
            equal.iter().for_each(|(field, _)| self.note_field(record, field));
        }
        Ok(found)
    }

    fn previous(&self, record: &RecordId) -> Result<Option<RecordId>, Stop> {
        let known = self.known(record)?;
        let own = known.record_type.as_ref().ok_or(Stop::Unknown)?;
        let like = match Self::sequence_field(known) {
            None => self.records(&own.id, &[])?,
            Some(field) => match self.field(record, &field.name)? {
                Value::Record(target) => self.linked(&target, &own.id)?,
                _ => return Ok(None),
            },
        };
        let before = like.iter().position(|id| id == record).and_then(|i| i.checked_sub(1));
        Ok(before.map(|i| like[i].clone()))
    }

    fn on(&self, record: &RecordId, field: &str, day: NaiveDate) -> Result<Value, Stop> {
        let known = self.known(record)?;
        let own = known.record_type.as_ref().ok_or(Stop::Unknown)?;
        let history = own.history.get(field).ok_or(Stop::Unknown)?;
        let (mut any, mut latest) = (false, None);
        for change in self.linked(record, &history.from)? {
            if !self.approved(&change, None)? {
                continue;
            }
            any = true;
            let Value::Date(at) = self.field(&change, &history.at)? else { return Err(Stop::Unknown) };
            if at <= day && latest.as_ref().is_none_or(|(before, _)| *before <= at) {
                latest = Some((at, change));
            }
        }
        match latest {
            Some((_, change)) => self.field(&change, &history.value),
            None if any => Ok(Value::Missing),
            None => self.field(record, field),
        }
    }

    fn approved(&self, record: &RecordId, day: Option<NaiveDate>) -> Result<bool, Stop> {
        self.chain_complete(record, day.unwrap_or(self.today))
    }

    fn approval(&self, record: &RecordId, step: &str) -> Result<Option<(RecordId, DateTime<FixedOffset>)>, Stop> {
        self.note(record);
        let chain = self.approvals.chains.get(record).filter(|_| self.is_there(record));
        let entry = chain.and_then(|chain| chain.step(step));
        Ok(entry.map(|entry| (entry.by.clone(), entry.at)))
    }

    fn holds_post(&self, person: &RecordId, post: &str, day: NaiveDate) -> bool {
        self.archive.policies.posts.holds(person, post, day)
    }

    fn on_staff(&self, person: &RecordId, day: NaiveDate) -> Result<bool, Stop> {
        self.staff_on(person, day)
    }

    fn department(&self, person: &RecordId, day: NaiveDate) -> Result<Option<Arc<str>>, Stop> {
        self.reporting_row(person, day)?.map(people::department_of).transpose()
    }

    fn superior(&self, person: &RecordId, day: NaiveDate) -> Result<Option<RecordId>, Stop> {
        Ok(self.reporting_row(person, day)?.and_then(people::superior_of))
    }

    fn head(&self, department: &str) -> Option<RecordId> {
        self.archive.policies.posts.departments.get(department)?.head.clone()
    }

    fn posts(&self) -> Vec<Value> {
        let posts = self.archive.policies.posts.posts.values();
        posts.map(|post| people::pair(&post.id, "reports_to", post.reports_to.clone().map(Value::Text))).collect()
    }

    fn departments(&self) -> Vec<Value> {
        let departments = self.archive.policies.posts.departments.values();
        departments.map(|department| people::pair(&department.id, "head", department.head.clone().map(Value::Record))).collect()
    }

    fn policy_exists(&self, policy: &str, day: Option<NaiveDate>) -> bool {
        match day {
            None => self.archive.policies.versions.iter().any(|version| &*version.id == policy),
            Some(day) => self.archive.policies.in_force(day).any(|version| &*version.id == policy),
        }
    }

    fn article_exists(&self, policy: &str, article: &str, day: Option<NaiveDate>) -> bool {
        let policies = &self.archive.policies;
        match day {
            None => policies.versions.iter().any(|version| &*version.id == policy && version.article(article).is_some()),
            Some(day) => {
                let version = policies.in_force(day).find(|version| &*version.id == policy);
                version.and_then(|version| version.article(article)).is_some_and(|article| article.is_citable)
            }
        }
    }

    fn policies(&self) -> Vec<Value> {
        let binding = self.archive.policies.versions.iter().filter(|version| matches!(version.status, Status::Trial | Status::InForce));
        let row = |version: &Arc<Policy>| {
            let text = |text: &str| Value::Text(text.into());
            let columns = [("id", text(&version.id)), ("title", text(&version.title)), ("effective", Value::Date(version.effective))];
            let columns = columns.into_iter().chain([("passed_at", version.passed_at.as_deref().map_or(Value::Missing, text))]);
            Value::Table(Arc::new(columns.map(|(name, value)| (name.into(), value)).collect()))
        };
        binding.filter(|version| version.effective <= self.today).map(row).collect()
    }

    fn record_exists(&self, id: &str) -> bool {
        let id = RecordId::from(id);
        self.note(&id);
        self.archive.holds(&id) && (self.is_there(&id) || self.archive.record(&id).is_none())
    }

    fn registered(&self) -> Vec<Value> {
        // What is not in the register tells as much as what is: only who reads the folder may know.
        self.note(&RecordId::from(REGISTER));
        let lines = self.approvals.register.lines().map(|line| {
            self.note(&line.id);
            people::pair(&line.id.0, "seal", Some(Value::Text(line.seal.to_string().into())))
        });
        lines.collect()
    }

    fn toil(&self) -> u64 {
        self.toil.take()
    }
}

/// Of how many values a value is made.
fn length(value: &Value) -> usize {
    match value {
        Value::List(values) => values.iter().map(|value| 1 + length(value)).sum(),
        Value::Table(columns) => columns.len(),
        _ => 0,
    }
}
