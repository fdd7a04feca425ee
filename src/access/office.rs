//! An archive with all that follows from it on a day.

use super::{
    Reader, View, Why,
    attached::{Attached, attached},
    condition::evaluated,
    fault::Faults,
    gate::{self, Gate, GateKey, Rules},
    lending::Lending,
    order::by_name,
    standing::{ApprovedState, aligned},
    view::Sight,
    worked_out::WorkedOut,
};
use crate::{
    approval::{self, AllowedSigners, Approvals, Chain, News, Register, Remembered, Subject, Untrusted, Weighed, chain_for},
    archive::{Archive, Settings},
    check::{self, Report},
    facts::{FactIndex, Facts},
    policy::{Expression, Policies, Role, Step, Value, expression::World},
    source::{ArchivePath, RecordId, Sources},
};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock},
};

/// Whom a server trusts outside the archive, and what it remembers.
#[derive(Clone, Copy)]
pub struct Trusting<'a> {
    pub signers: &'a AllowedSigners,
    pub remembered: &'a Remembered,
}

impl Trusting<'_> {
    /// Who may sign the approvals of an archive.
    fn all_signers(self, archive: &Archive, today: NaiveDate) -> AllowedSigners {
        let (register, _) = Register::of(&archive.sources, self.remembered);
        AllowedSigners::trusting(archive, self.signers, &register, today)
    }

    /// What may be said of the policy documents. Seals and signatures decide: nothing that a block
    /// says is worked out for any record.
    pub fn weigh(self, sources: &Sources, settings: &Settings, today: NaiveDate) -> Weighed {
        let policies = Policies::of(sources, today);
        let bare = Archive::from_documents(Vec::new(), Arc::new(sources.aside()), policies, settings.clone());
        let approvals = Approvals::judge_by(&bare, today, &self.all_signers(&bare, today), self.remembered);
        approval::weigh(&bare, &approvals, self.signers, today)
    }

    /// The policy documents that are approved by the register, and gone.
    pub fn gone(self, sources: &Sources) -> Vec<Untrusted> {
        approval::gone(sources, &Register::of(sources, self.remembered).0)
    }
}

/// An archive with all that follows from it on a day. Frozen.
#[derive(Debug)]
pub struct Office {
    pub archive: Archive,
    pub today: NaiveDate,
    pub(super) approvals: Approvals,
    pub(super) report: Report,
    /// Who may sign approvals.
    pub(super) signers: AllowedSigners,
    /// What all who ask of facts share.
    index: Arc<FactIndex>,
    /// The people whose files were changed without approval, as they were approved.
    standing: Option<ApprovedState>,
    /// Worked out for the first who asks through a reader's eyes.
    rights: WorkedOut<Rights>,
    /// What keeps what from being approved, worked out for the first who asks.
    faults: OnceLock<Faults>,
    /// The records of each type by name, worked out for the first who sees a list.
    lists: WorkedOut<BTreeMap<Arc<str>, Vec<usize>>>,
    /// What each reader sees, kept: nothing in an office changes.
    sights: Mutex<BTreeMap<Reader, Arc<Sight>>>,
}

/// Who reads what.
#[derive(Debug)]
pub(super) struct Rights {
    pub rules: Rules,
    pub lending: Arc<Lending>,
    staff: BTreeSet<RecordId>,
    /// Who stands above each of the staff today: superiors, theirs, and so on.
    pub lines: BTreeMap<RecordId, BTreeSet<RecordId>>,
    pub gates: Vec<Arc<Gate>>,
    /// Whose each attachment is.
    pub attached: BTreeMap<ArchivePath, Attached>,
}

impl Rights {
    /// Of an archive; what its people hold, by another where their files have been changed.
    fn of(facts: &Facts<'_>, standing: Option<&Facts<'_>>) -> Rights {
        let rules = Rules::of(&facts.archive.policies, facts.today());
        let lending = Arc::new(Lending::of(facts));
        let gates = gate::gates(facts, &rules, &lending);
        let attached = attached(facts, &lending);
        let Some(standing) = standing else {
            let staff = staff(facts, &lending);
            return Rights { lines: lines(facts, &staff, &lending), rules, staff, gates, attached, lending };
        };
        let lent = Arc::new(Lending::of(standing));
        let gates = aligned(facts.archive, gates, standing.archive, gate::gates(standing, &rules, &lent));
        let staff = staff(standing, &lent);
        Rights { lines: lines(standing, &staff, &lent), rules, staff, gates, attached, lending }
    }
}

impl Office {
    /// Each time that a duty was to be done, whoever may know.
    pub(super) fn history(&self) -> Vec<check::Occasion> {
        check::history(|| self.facts())
    }

    /// Reads the policies and records of `sources`, and checks them, on a day. Whoever the archive
    /// itself lists may sign approvals.
    pub fn open(sources: Sources, settings: Settings, today: NaiveDate) -> Office {
        Office::open_remembering(sources, settings, today, &Remembered::default())
    }

    /// The same by what a server remembers of the archive: what it no longer has of that is a
    /// finding.
    pub fn open_remembering(sources: Sources, settings: Settings, today: NaiveDate, remembered: &Remembered) -> Office {
        let archive = built(sources, settings, today);
        let signers = AllowedSigners::of(&archive);
        let archive = approval::settled(archive, &signers, remembered, today);
        let approvals = Approvals::judge_remembering(&archive, today, remembered);
        Office::of(archive, approvals, signers, today, remembered)
    }

    /// The same where only they may sign who are trusted outside the archive, and those whom they
    /// trust.
    pub fn open_trusting(sources: Sources, settings: Settings, today: NaiveDate, trust: Trusting<'_>) -> Office {
        let archive = built(sources, settings, today);
        let signers = trust.all_signers(&archive, today);
        let archive = approval::settled(archive, &signers, trust.remembered, today);
        let approvals = Approvals::judge_by(&archive, today, &signers, trust.remembered);
        Office::of(archive, approvals, signers, today, trust.remembered)
    }

    /// What is seen here for the first time, of what a server remembers.
    pub fn news(&self, remembered: &Remembered) -> News {
        News::of(&self.archive, &self.approvals, self.today, remembered)
    }

    fn of(archive: Archive, approvals: Approvals, signers: AllowedSigners, today: NaiveDate, remembered: &Remembered) -> Office {
        let standing = ApprovedState::of(&archive, &approvals, &signers, remembered, today);
        let index = Arc::new(FactIndex::default());
        let report = check::check(|| Facts::sharing(&archive, &approvals, today, index.clone()));
        let (rights, faults, lists, sights) = Default::default();
        Office { archive, approvals, report, today, signers, index, standing, rights, faults, lists, sights }
    }

    pub(super) fn rights(&self) -> &Rights {
        self.rights.get_or_make(|| {
            let standing = self.standing.as_ref().map(|standing| standing.facts(self.today));
            Rights::of(&self.facts(), standing.as_ref())
        })
    }

    pub(super) fn all_faults(&self) -> &Faults {
        self.faults.get_or_init(|| Faults::of(&self.report, &self.archive.policies))
    }

    /// The records that name a type, whoever may see them, in the order of their ids as people look
    /// for them.
    pub(super) fn list(&self, record_type: &str) -> &[usize] {
        self.all_lists().get(record_type).map_or(&[], Vec::as_slice)
    }

    /// The types that records name, whoever may see them.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Arc<str>> {
        self.all_lists().keys()
    }

    fn all_lists(&self) -> &BTreeMap<Arc<str>, Vec<usize>> {
        self.lists.get_or_make(|| {
            let records = &self.archive.records;
            let mut lists: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
            for (place, record) in records.iter().enumerate() {
                if let Some(own) = &record.record_type {
                    lists.entry(own.id.clone()).or_default().push(place);
                }
            }
            lists.values_mut().for_each(|list| list.par_sort_by(|a, b| by_name(&records[*a].id.0, &records[*b].id.0)));
            lists
        })
    }

    /// The office itself, where everything that it was judged by could be read. What could not, for
    /// want of descriptors, memory or the disk, was judged as if it were not there.
    ///
    /// # Errors
    /// What the reading met: see [`crate::source::Failure`].
    pub fn whole(self) -> std::io::Result<Office> {
        self.archive.sources.failure().check()?;
        Ok(self)
    }

    /// What was found and what is due, for whoever may see everything; a reader is told of it by a
    /// [`View`].
    pub fn whole_report(&self) -> &Report {
        &self.report
    }

    /// The chains and the register, for whoever may see everything; a reader is told of them by a
    /// [`View`].
    pub fn whole_approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// How many lines the register lacks that were seen in it.
    pub fn missing_from_register(&self) -> usize {
        self.approvals.register.missing().count()
    }

    pub fn view(&self, reader: Reader) -> View<'_> {
        // Worked out on all cores, and so while nobody waits for the sights.
        self.rights();
        let mut sights = self.sights.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let sight = sights.entry(reader.clone()).or_insert_with(|| Arc::new(Sight::of(self, &reader))).clone();
        View::new(self, reader, sight)
    }

    /// Everybody on file who is on staff today, in the order of their ids.
    pub fn staff(&self) -> &BTreeSet<RecordId> {
        &self.rights().staff
    }

    /// Whether somebody would be on staff today, were the record approved.
    pub fn lacks_approval(&self, person: &RecordId) -> bool {
        !self.staff().contains(person) && self.facts().on_staff(person, self.today) == Ok(true)
    }

    /// Who holds a post and is on staff today.
    pub fn holders(&self, post: &str) -> Vec<RecordId> {
        self.authority().holders(post, self.today)
    }

    /// The next step of a record's chain, and who has signed the ones before; `None` where nothing
    /// waits.
    pub(super) fn next_step(&self, subject: &Subject, facts: &Facts<'_>) -> Option<(Arc<str>, Vec<RecordId>)> {
        let chain = self.approvals.of(subject)?;
        let next = self.steps_left(chain, subject, facts).next()?;
        let signed = chain.rule.iter().flat_map(|rule| &rule.steps).filter_map(|step| chain.step(&step.post));
        Some((next.post.clone(), signed.map(|entry| entry.by.clone()).collect()))
    }

    /// The steps that are demanded and not taken, in their order. Whether one is demanded is asked
    /// of the facts when it is its turn.
    pub(super) fn steps_left<'c>(&self, chain: &'c Chain, subject: &Subject, facts: &Facts<'_>) -> impl Iterator<Item = &'c Step> {
        let is_demanded = |step: &Step| {
            let holds = |when: &Expression| evaluated(when, subject.record(), facts) == Ok(Value::Bool(true));
            step.when.as_ref().is_none_or(holds)
        };
        let steps = chain.rule.iter().flat_map(|rule| &rule.steps);
        steps.filter(move |step| is_demanded(step) && chain.step(&step.post).is_none())
    }

    /// Whether a person's approval of his own record is the next: it counts for nothing before, and
    /// so he sees nothing yet.
    pub fn awaits_own(&self, id: &RecordId, step: &str, person: &RecordId) -> bool {
        let holds = self.authority().holds_post(person, step, self.today);
        let next = self.next_step(&id.into(), &self.facts());
        id == person && holds && next.is_some_and(|(post, signed)| *post == *step && !signed.contains(person))
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts::sharing(&self.archive, &self.approvals, self.today, self.index.clone())
    }

    /// What is asked of people where it is for them to read or to decide.
    pub(super) fn authority(&self) -> Facts<'_> {
        self.standing.as_ref().map_or_else(|| self.facts(), |standing| standing.facts(self.today))
    }

    /// The files of people that were changed without approval, and open what they opened before.
    pub fn standing(&self) -> &[ArchivePath] {
        self.standing.as_ref().map_or(&[], |standing| &standing.files)
    }

    /// What whoever asks holds today, a set for each person through whose eyes it is seen.
    pub(super) fn keys(&self, reader: &Reader) -> Vec<BTreeSet<GateKey>> {
        match reader {
            Reader::Folder => Vec::new(),
            Reader::Everyone => vec![BTreeSet::from([GateKey::Everyone])],
            Reader::Person(person) => vec![self.keys_of(person)],
            Reader::As { person, shown_to } => vec![self.keys_of(person), self.keys_of(shown_to)],
        }
    }

    /// What a person holds today: nothing where he is not, or no longer, on staff.
    fn keys_of(&self, person: &RecordId) -> BTreeSet<GateKey> {
        if !self.staff().contains(person) {
            return BTreeSet::new();
        }
        let posts = &self.archive.policies.posts;
        let held = posts.posts.keys().filter(|post| posts.holds(person, post, self.today)).cloned().map(GateKey::Post);
        let department = self.authority().department(person, self.today).ok().flatten().map(GateKey::Department);
        [GateKey::Everyone, GateKey::Person(person.clone())].into_iter().chain(held).chain(department).collect()
    }

    pub fn settings(&self) -> &Settings {
        &self.archive.settings
    }

    /// Whether a person decides on access: holds the post that is the first to approve an
    /// authorisation today.
    pub fn grants(&self, person: &RecordId) -> bool {
        self.first_step().is_some_and(|post| self.keys_of(person).contains(&GateKey::Post(post)))
    }

    /// The post that is the first to approve an authorisation today.
    pub fn first_step(&self) -> Option<Arc<str>> {
        let role = self.archive.policies.role(Role::Authorisation)?;
        let rule = chain_for(&self.archive.policies, &role.id, self.today)?;
        rule.steps.first().map(|step| step.post.clone())
    }

    fn reasons(&self, record: usize, keys: &BTreeSet<GateKey>) -> BTreeSet<Why> {
        keys.iter().flat_map(|key| self.rights().gates[record].keys.reasons(key)).cloned().collect()
    }
}

fn built(sources: Sources, settings: Settings, today: NaiveDate) -> Archive {
    let sources = Arc::new(sources);
    let policies = Policies::of(&sources, today);
    Archive::build(sources, policies, settings)
}

/// Those on staff today, by a record that counts: anybody may have written one that does not.
fn staff(facts: &Facts<'_>, lending: &Lending) -> BTreeSet<RecordId> {
    let Some(role) = facts.archive.policies.role(Role::Person) else { return BTreeSet::new() };
    let people = facts.archive.of_type(&role.id).map(|record| &record.id).filter(|id| lending.lends(id));
    people.filter(|person| facts.on_staff(person, facts.today()) == Ok(true)).cloned().collect()
}

/// The line above each of the staff, by what their records say that count, and in them by what is
/// sealed. Whoever is on staff no longer ends it.
fn lines(facts: &Facts<'_>, staff: &BTreeSet<RecordId>, lending: &Lending) -> BTreeMap<RecordId, BTreeSet<RecordId>> {
    let superior = |person: &RecordId| {
        let (superior, reads) = facts.witnessed(|| facts.superior(person, facts.today()));
        let is_sealed = !reads.fields().any(|(id, field)| lending.leaves_open(id, field));
        superior.ok().flatten().filter(|superior| is_sealed && staff.contains(superior))
    };
    let direct: BTreeMap<&RecordId, RecordId> = staff.iter().filter_map(|person| Some((person, superior(person)?))).collect();
    let line = |person: &RecordId| {
        let mut line = BTreeSet::new();
        let mut next = direct.get(person);
        while let Some(above) = next.filter(|above| *above != person && line.insert((*above).clone())) {
            next = direct.get(above);
        }
        (person.clone(), line)
    };
    staff.iter().map(line).collect()
}

/// For `chancery who`: who may read a record, and why.
pub fn who(office: &Office, id: &RecordId) -> BTreeMap<RecordId, Vec<Why>> {
    let Some(record) = office.archive.records.iter().position(|record| record.id == *id) else { return BTreeMap::new() };
    let readers = office.staff().iter().map(|person| {
        let keys = office.keys_of(person);
        (person.clone(), office.reasons(record, &keys).into_iter().collect::<Vec<_>>())
    });
    readers.filter(|(_, why)| !why.is_empty()).collect()
}

/// For `chancery sees`: what a person may read, and why.
pub fn sees(office: &Office, person: &RecordId) -> BTreeMap<RecordId, Vec<Why>> {
    let keys = office.keys_of(person);
    let records = office.archive.records.iter().enumerate();
    let seen = records.map(|(i, record)| (record.id.clone(), office.reasons(i, &keys).into_iter().collect::<Vec<_>>()));
    seen.filter(|(_, why)| !why.is_empty()).collect()
}
