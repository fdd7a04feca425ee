//! An archive with all that follows from it on a day.

use super::{
    Reader, View, Why,
    gate::{self, Gate, Key, Rules, STEPS},
    view::Sight,
};
use crate::{
    approval::Approvals,
    archive::{Archive, Settings},
    check::{self, Report},
    facts::Facts,
    policy::{
        Expression, Policies, Role, Step, Value,
        expression::{Budget, World},
    },
    source::{ArchivePath, RecordId, Sources},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// An archive with all that follows from it on a day. Frozen.
#[derive(Debug)]
pub struct Office {
    pub archive: Archive,
    pub approvals: Approvals,
    pub report: Report,
    pub today: NaiveDate,
    pub(super) gates: Vec<Gate>,
    pub(super) rules: Rules,
    /// The records that name an attachment, by their places in the archive.
    pub(super) naming: BTreeMap<ArchivePath, Vec<usize>>,
    /// What each reader sees, kept: nothing in an office changes.
    sights: Mutex<BTreeMap<Reader, Arc<Sight>>>,
}

impl Office {
    /// Reads the policies and records of `sources`, checks them, and works out who reads what, on a day.
    pub fn open(sources: Sources, settings: Settings, today: NaiveDate) -> Office {
        let sources = Arc::new(sources);
        let policies = Arc::new(Policies::compile(&sources, today));
        let archive = Archive::build(sources, policies, settings);
        let approvals = Approvals::judge(&archive, today);
        let report = check::check(&archive, &approvals, today);
        let rules = gate::rules(&archive, today);
        let gates = gate::gates(&archive, &approvals, today, &rules);
        let naming = naming(&archive);
        Office { archive, approvals, report, today, gates, rules, naming, sights: Mutex::default() }
    }

    pub fn view(&self, reader: Reader) -> View<'_> {
        let mut sights = self.sights.lock().expect("a reader's sight is worked out without panic");
        let sight = sights.entry(reader.clone()).or_insert_with(|| Arc::new(Sight::of(self, &reader))).clone();
        View::new(self, reader, sight)
    }

    /// Everybody on file who is on staff today, in the order of their ids.
    pub fn staff(&self) -> Vec<&RecordId> {
        let Some(role) = self.archive.policies.role(Role::Person) else { return Vec::new() };
        let facts = self.facts();
        let people: BTreeSet<&RecordId> = self.archive.of_type(&role.id).map(|record| &record.id).collect();
        people.into_iter().filter(|person| facts.on_staff(person, self.today) == Ok(true)).collect()
    }

    /// The next step of a record's chain, and who has signed the ones before; `None` where nothing waits.
    pub(super) fn next_step(&self, id: &RecordId, facts: &Facts<'_>) -> Option<(Arc<str>, Vec<RecordId>)> {
        let chain = self.approvals.chains.get(id);
        let rule = chain.and_then(|chain| chain.rule.clone())?;
        let demanded = |step: &&Step| {
            let holds = |when: &Expression| matches!(when.evaluate(Some(id), &[], facts, &Budget::new(STEPS)), Ok(Value::Bool(true)));
            step.when.as_ref().is_none_or(holds)
        };
        let signed = |step: &Step| chain.and_then(|chain| chain.step(&step.post));
        let next = rule.steps.iter().filter(demanded).find(|step| signed(step).is_none())?;
        Some((next.post.clone(), rule.steps.iter().filter_map(signed).map(|entry| entry.by.clone()).collect()))
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts::new(&self.archive, &self.approvals, self.today)
    }

    /// What a person holds today: nothing where he is not, or no longer, on staff.
    pub(super) fn keys(&self, reader: &Reader) -> BTreeSet<Key> {
        let person = match reader {
            Reader::Folder => return BTreeSet::new(),
            Reader::Everyone => return BTreeSet::from([Key::Everyone]),
            Reader::Person(person) => person,
        };
        let facts = self.facts();
        let is_known = self.archive.all_of(person).len() == 1;
        if !is_known || facts.on_staff(person, self.today) != Ok(true) {
            return BTreeSet::new();
        }
        let posts = &self.archive.policies.posts;
        let held = posts.posts.keys().filter(|post| posts.holds(person, post, self.today)).cloned().map(Key::Post);
        let department = facts.department(person, self.today).ok().flatten().map(Key::Department);
        [Key::Everyone, Key::Person(person.clone())].into_iter().chain(held).chain(department).collect()
    }

    fn reasons(&self, record: usize, keys: &BTreeSet<Key>) -> BTreeSet<Why> {
        keys.iter().filter_map(|key| self.gates[record].keys.get(key)).flatten().cloned().collect()
    }
}

/// The records that name each attachment that lies beside one.
fn naming(archive: &Archive) -> BTreeMap<ArchivePath, Vec<usize>> {
    let mut naming: BTreeMap<ArchivePath, Vec<usize>> = BTreeMap::new();
    for (index, record) in archive.records.iter().enumerate() {
        let Some(Value::List(names)) = record.value("attachments") else { continue };
        let folder = record.document.path.0.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in names.iter() {
            if let Value::Text(name) = name {
                naming.entry(ArchivePath::from(format!("{folder}/{name}").as_str())).or_default().push(index);
            }
        }
    }
    naming
}

/// For `chancery who`: who may read a record, and why.
pub fn who(office: &Office, id: &RecordId) -> BTreeMap<RecordId, Vec<Why>> {
    let Some(record) = office.archive.records.iter().position(|record| record.id == *id) else { return BTreeMap::new() };
    let readers = office.staff().into_iter().map(|person| {
        let keys = office.keys(&Reader::Person(person.clone()));
        (person.clone(), office.reasons(record, &keys).into_iter().collect::<Vec<_>>())
    });
    readers.filter(|(_, why)| !why.is_empty()).collect()
}

/// For `chancery sees`: what a person may read, and why.
pub fn sees(office: &Office, person: &RecordId) -> BTreeMap<RecordId, Vec<Why>> {
    let keys = office.keys(&Reader::Person(person.clone()));
    let records = office.archive.records.iter().enumerate();
    let seen = records.map(|(i, record)| (record.id.clone(), office.reasons(i, &keys).into_iter().collect::<Vec<_>>()));
    seen.filter(|(_, why)| !why.is_empty()).collect()
}
