//! The archive on a day, as expressions ask for it: fields, references, history, approvals, posts.
//! Notes down what was read. Never decides what is wrong, nor who may know.

mod approved;
mod cell;
mod index;
mod links;
mod people;
mod standing;
mod state;
#[cfg(test)]
mod tests;

pub use index::FactIndex;
pub use standing::{disposed, is_about_the_same};
pub use state::{ArchiveState, RestsOn, Touched};

use crate::{
    approval::{Approvals, Subject},
    archive::{Archive, FieldSays, Record},
    diagnostic::{Reads, Search},
    policy::{
        FieldType, History, Policy, Status, Value,
        expression::{Drafts, Stop, World},
    },
    source::{ArchivePath, REGISTER, RecordId},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Answers expressions about an archive on a day. One a thread: it notes down reads, for whoever
/// witnesses them. Making one is cheap; [`Facts::sharing`] has many of them share what one has
/// worked out.
#[derive(Debug)]
pub struct Facts<'a> {
    pub archive: &'a Archive,
    pub approvals: &'a Approvals,
    /// The day of which it speaks.
    today: Cell<NaiveDate>,
    /// The day on which is asked.
    now: NaiveDate,
    /// Whether a day was named: then a field with a history says what it said on that day, and not
    /// what is written.
    is_day_named: Cell<bool>,
    index: Arc<FactIndex>,
    reads: RefCell<Reads>,
    /// For whoever wants to know what a change must touch.
    touched: RefCell<Option<Touched>>,
    /// Steps that nobody has paid for yet.
    toil: Cell<u64>,
    asking: approved::ChainsAsked,
    strangers: Strangers,
    /// The settings with which an example is played.
    settings: Option<&'a BTreeMap<Arc<str>, Value>>,
    among: Option<Among<'a>>,
}

/// Which records of a type are looked for.
#[derive(Clone, Copy, Debug)]
enum Sought<'s> {
    All,
    /// Those that refer to a record.
    Linked(&'s RecordId),
    /// Those that have these values in these fields.
    Equal(&'s [(Arc<str>, Value)]),
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
    /// He is on staff, and stands under nobody (in the examples of policies, where people need no
    /// record, nor a day of joining).
    OnStaff,
}

impl<'a> Facts<'a> {
    pub fn new(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate) -> Facts<'a> {
        Facts::sharing(archive, approvals, today, Arc::default())
    }

    /// As many as are asked for, which share what one of them has worked out.
    pub fn many(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate) -> impl Fn() -> Facts<'a> + Sync {
        let index = Arc::new(FactIndex::default());
        move || Facts::sharing(archive, approvals, today, index.clone())
    }

    /// With an index that others of the same archive use too.
    pub fn sharing(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate, index: Arc<FactIndex>) -> Facts<'a> {
        let (strangers, among) = (Strangers::Unknown, None);
        Facts {
            archive,
            approvals,
            today: Cell::new(today),
            now: today,
            is_day_named: Cell::new(false),
            index,
            reads: RefCell::default(),
            touched: RefCell::default(),
            toil: Cell::default(),
            asking: approved::ChainsAsked::default(),
            strangers,
            settings: None,
            among,
        }
    }

    /// As many more of the same archive and day as are asked for, for other threads. Not of an
    /// example, nor among some records alone.
    pub fn more(&self) -> impl Fn() -> Facts<'a> + Sync + use<'a> {
        debug_assert!(self.among.is_none() && self.settings.is_none(), "more of the whole archive");
        let (archive, approvals, today, index) = (self.archive, self.approvals, self.today(), self.index.clone());
        move || Facts::sharing(archive, approvals, today, index.clone())
    }

    /// Of an example in a policy, played with these settings in the place of the policy's own: the
    /// people whom it names need no record.
    pub fn of_example(
        archive: &'a Archive,
        approvals: &'a Approvals,
        today: NaiveDate,
        settings: &'a BTreeMap<Arc<str>, Value>,
    ) -> Facts<'a> {
        Facts { strangers: Strangers::OnStaff, settings: Some(settings), ..Facts::new(archive, approvals, today) }
    }

    /// The same where no other records are there than some, and the one that asks: what the others
    /// say neither opens nor shuts anything.
    pub fn among(&self, some: &'a BTreeSet<RecordId>, own: &RecordId) -> Facts<'a> {
        let among = Some(Among { some, own: Some(own.clone()) });
        Facts { among, ..Facts::sharing(self.archive, self.approvals, self.today(), self.index.clone()) }
    }

    /// The day of which it speaks.
    pub fn today(&self) -> NaiveDate {
        self.today.get()
    }

    /// Runs with the archive as it was on another day, as far as dates and approvals tell.
    pub fn as_of<T>(&self, day: NaiveDate, run: impl FnOnce() -> T) -> T {
        let (before, was_named) = (self.today.replace(day), self.is_day_named.replace(true));
        let result = run();
        self.today.set(before);
        self.is_day_named.set(was_named);
        result
    }

    /// Whether it speaks of a day that was named.
    pub fn is_day_named(&self) -> bool {
        self.is_day_named.get()
    }

    /// What `ask` answers, and all that was read for it: the witness of one judgement. Nothing of
    /// that counts as read by whoever asks, unless they say so ([`Facts::note_all`]).
    pub fn witnessed<T>(&self, ask: impl FnOnce() -> T) -> (T, Reads) {
        let outside = self.reads.take();
        let answer = ask();
        (answer, self.reads.replace(outside))
    }

    /// Notes down what an answer rests on that was witnessed apart.
    pub fn note_all(&self, reads: &Reads) {
        self.reads.borrow_mut().extend(reads);
    }

    fn work(&self, steps: usize) {
        self.toil.set(self.toil.get() + steps as u64);
    }

    /// Notes down that a record was read: that it is there, its approvals, its title.
    pub fn note(&self, record: &RecordId) {
        self.work(1);
        self.touch_record(record);
        self.reads.borrow_mut().add_record(record);
    }

    /// Notes down that it was asked whether something is there.
    fn note_subject(&self, subject: &Subject) {
        match subject {
            Subject::Record(id) => self.note(id),
            Subject::Policy(path) => self.note_path(path),
            Subject::Paper(paper) => self.note_path(&paper.path()),
        }
    }

    /// Notes down that a file was read that is no record. A change of any but the register touches
    /// everything.
    fn note_path(&self, path: &ArchivePath) {
        self.work(1);
        self.reads.borrow_mut().add_path(path);
    }

    /// Notes down that a field was read, by its name on the record's top level.
    pub fn note_field(&self, record: &RecordId, field: &str) {
        self.note(record);
        let name = field.split('.').next().unwrap_or(field);
        self.reads.borrow_mut().add_field(record, name);
    }

    /// Notes down that records of a type were looked for: who is told must know of the search, and
    /// the answer rests on it.
    fn note_search(&self, record_type: &str, sought: Sought<'_>) {
        let linked_to = match sought {
            Sought::Linked(to) => Some(to.clone()),
            Sought::All | Sought::Equal(_) => None,
        };
        let search = Search { record_type: record_type.into(), linked_to };
        self.touch_search(&search.record_type, sought);
        self.reads.borrow_mut().add_search(search);
    }

    fn known(&self, record: &RecordId) -> Result<&'a Record, Stop> {
        self.touch_record(record);
        self.archive.record(record).filter(|_| self.is_there(record)).ok_or(Stop::Unknown)
    }

    fn is_there(&self, record: &RecordId) -> bool {
        self.among.as_ref().is_none_or(|among| among.some.contains(record) || among.own.as_ref() == Some(record))
    }

    fn is_kept(&self, record: &Record, drafts: Drafts) -> bool {
        drafts == Drafts::In || self.counts(record)
    }

    /// A field as the record's own type has it; unknown where it has none of that name.
    fn own_field(&self, record: &RecordId, name: &str) -> Result<Value, Stop> {
        self.note_field(record, name);
        relied_on(self.known(record)?, name)
    }

    /// Whether another version of the record's type has a field of that name, and its own does not:
    /// what the record could not say is missing.
    fn is_of_another_version(&self, record: &Record, name: &str) -> bool {
        let Some(own) = &record.record_type else { return false };
        let has = |own: &crate::policy::RecordType| own.fields.iter().any(|field| &*field.name == name);
        !has(own) && self.archive.policies.versions_of(&own.id).any(|other| has(other))
    }
}

impl World for Facts<'_> {
    fn today(&self) -> NaiveDate {
        self.today.get()
    }

    fn setting(&self, name: &str) -> Option<Value> {
        self.settings?.get(name).cloned()
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
            // Of a day that was named, what a field said then.
            _ if self.is_day_named() && self.has_history(record, name) => match self.on(record, name, self.today())? {
                Value::Missing => Err(Stop::Unknown),
                value => Ok(value),
            },
            _ => self.written(record, name),
        }
    }

    fn is_unreadable(&self, record: &RecordId, name: &str) -> bool {
        self.note_field(record, name);
        self.known(record).is_ok_and(|record| record.says(name) == Some(FieldSays::Unreadable))
    }

    fn linked(&self, record: &RecordId, record_type: &str, drafts: Drafts) -> Result<Vec<RecordId>, Stop> {
        self.note_search(record_type, Sought::Linked(record));
        let found = self.index.links(self.archive).to(self.archive, record, record_type);
        let mut linked = Vec::new();
        for (from, field) in found.filter(|(from, _)| self.is_there(&from.id)) {
            self.work(1);
            if self.is_kept(from, drafts) {
                self.note_field(&from.id, field);
                linked.push(from.id.clone());
            }
        }
        Ok(linked)
    }

    fn records(&self, record_type: &str, equal: &[(Arc<str>, Value)], drafts: Drafts) -> Result<Vec<RecordId>, Stop> {
        // That a record was not found tells of its field: where the field is kept from some
        // readers, it counts as read.
        let mut hidden = equal.iter().filter(|(field, _)| self.archive.policies.hides(record_type, field)).peekable();
        self.note_search(record_type, if hidden.peek().is_some() { Sought::All } else { Sought::Equal(equal) });
        for (field, _) in hidden {
            self.archive.of_type(record_type).for_each(|record| self.note_field(&record.id, field));
        }
        let mut found = self.index.find(self.archive, record_type, equal);
        found.retain(|id| self.known(id).is_ok_and(|record| self.is_kept(record, drafts)));
        for record in &found {
            self.note(record);
            equal.iter().for_each(|(field, _)| self.note_field(record, field));
        }
        Ok(found)
    }

    fn previous(&self, record: &RecordId) -> Result<Option<RecordId>, Stop> {
        let known = self.known(record)?;
        let own = known.record_type.as_ref().ok_or(Stop::Unknown)?;
        let like = match standing::subject_field(own) {
            None => self.records(&own.id, &[], Drafts::Out)?,
            Some(field) => match self.field(record, field)? {
                Value::Record(target) => self.linked(&target, &own.id, Drafts::Out)?,
                _ => return Ok(None),
            },
        };
        let is_before = |id: &RecordId| self.archive.record(id).is_some_and(|other| (other.date, id) < (known.date, record));
        Ok(like.into_iter().rfind(|id| is_before(id)))
    }

    fn on(&self, record: &RecordId, field: &str, day: NaiveDate) -> Result<Value, Stop> {
        let known = self.known(record)?;
        let own = known.record_type.as_ref().ok_or(Stop::Unknown)?;
        let history = own.history.get(field).ok_or(Stop::Unknown)?;
        // What was approved later, or took effect later, has changed nothing on that day.
        match self.as_of(day.min(self.today()), || self.last_change(record, history, day))? {
            Some(change) => self.own_field(&change, &history.value),
            None if !self.as_of(self.now, || self.changes(record, history))?.is_empty() => Ok(Value::Missing),
            None => self.written(record, field),
        }
    }

    fn approved(&self, record: &RecordId, day: Option<NaiveDate>) -> Result<bool, Stop> {
        self.chain_complete(record, day.unwrap_or(self.today()))
    }

    fn approval(&self, record: &RecordId, step: &str) -> Result<Option<(RecordId, DateTime<FixedOffset>)>, Stop> {
        self.note(record);
        let chain = self.approvals.of_record(record).filter(|_| self.is_there(record));
        let entry = chain.and_then(|chain| chain.step(step));
        Ok(entry.map(|entry| (entry.by.clone(), entry.at)))
    }

    fn holds_post(&self, person: &RecordId, post: &str, day: NaiveDate) -> bool {
        self.archive.policies.posts.holds(person, post, day) && self.staff_on(person, day) == Ok(true)
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
        self.head_today(department)
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
        binding.filter(|version| version.effective <= self.today()).map(row).collect()
    }

    fn record_exists(&self, id: &str) -> bool {
        let subject = Subject::named(id);
        self.note_subject(&subject);
        let is_hidden = |id: &RecordId| self.archive.record(id).is_some() && !self.is_there(id);
        subject.is_in(self.archive) && !subject.record().is_some_and(is_hidden)
    }

    fn registered(&self) -> Vec<Value> {
        // What is not in the register tells as much as what is: only who reads the folder may know.
        self.touch_register();
        self.note_path(&REGISTER.into());
        let lines = self.approvals.register.lines().map(|line| {
            self.note_subject(&line.subject);
            people::pair(&line.subject.to_string().into(), "seal", Some(Value::Text(line.seal.to_string().into())))
        });
        lines.collect()
    }

    fn toil(&self) -> u64 {
        self.toil.take()
    }
}

impl Facts<'_> {
    /// What is written in a field.
    fn written(&self, record: &RecordId, name: &str) -> Result<Value, Stop> {
        self.note_field(record, name);
        let known = self.known(record)?;
        let value = if self.is_of_another_version(known, name) { Value::Missing } else { relied_on(known, name)? };
        self.work(length(&value));
        Ok(value)
    }

    fn has_history(&self, record: &RecordId, field: &str) -> bool {
        self.touch_record(record);
        let own = self.archive.record(record).and_then(|record| record.record_type.as_ref());
        own.is_some_and(|own| own.history.contains_key(field))
    }

    /// The days that a record tells of itself, and that of its approval.
    pub fn days_of(&self, id: &RecordId) -> Vec<NaiveDate> {
        self.touch_record(id);
        let Some(record) = self.archive.record(id) else { return Vec::new() };
        let fields = record.record_type.iter().flat_map(|own| &own.fields).filter(|field| field.field_type == FieldType::Date);
        let days = fields.filter_map(|field| match record.value(&field.name) {
            Some(Value::Date(day)) => Some(day),
            _ => None,
        });
        days.chain(self.approved_since(id)).collect()
    }

    /// The days on which a field of a record with a history changed.
    pub fn turns(&self, record: &Record) -> Vec<NaiveDate> {
        let Some(own) = &record.record_type else { return Vec::new() };
        let mut turns = Vec::new();
        for history in own.history.values() {
            for change in self.linked(&record.id, &history.from, Drafts::In).unwrap_or_default() {
                if let Ok(Value::Date(at)) = self.field(&change, &history.at) {
                    turns.push(self.approved_since(&change).map_or(at, |since| since.max(at)));
                }
            }
        }
        turns
    }

    /// The approved records that a field's history is made of.
    fn changes(&self, record: &RecordId, history: &History) -> Result<Vec<RecordId>, Stop> {
        let mut changes = self.linked(record, &history.from, Drafts::Out)?;
        let mut approved = Vec::with_capacity(changes.len());
        for change in &changes {
            approved.push(self.approved(change, None)?);
        }
        let mut approved = approved.into_iter();
        changes.retain(|_| approved.next() == Some(true));
        Ok(changes)
    }

    /// The last of them in effect on a day.
    fn last_change(&self, record: &RecordId, history: &History, day: NaiveDate) -> Result<Option<RecordId>, Stop> {
        let mut latest: Option<(NaiveDate, RecordId)> = None;
        for change in self.changes(record, history)? {
            let Value::Date(at) = self.own_field(&change, &history.at)? else { return Err(Stop::Unknown) };
            if at <= day && latest.as_ref().is_none_or(|(before, _)| *before <= at) {
                latest = Some((at, change));
            }
        }
        Ok(latest.map(|(_, change)| change))
    }
}

/// What an expression may rely on of a field: `Missing` for an optional one that says nothing;
/// unknown where it must be there and says nothing, or where it cannot be read.
fn relied_on(record: &Record, name: &str) -> Result<Value, Stop> {
    match record.says(name) {
        Some(FieldSays::Value(value)) => Ok(value),
        Some(FieldSays::Nothing { must: false }) => Ok(Value::Missing),
        Some(FieldSays::Nothing { must: true } | FieldSays::Unreadable) | None => Err(Stop::Unknown),
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
