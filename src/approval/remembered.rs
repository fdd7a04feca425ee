//! What a server has seen of approvals, and keeps outside the archive: so that no right that has
//! ended comes back because somebody puts an old signed text in its place, takes a line out of the
//! register, or takes out the words that ended it. Never written here.

use super::{Approvals, Chain, Paper, Registered, Seal, Subject, paper_seal};
use crate::{
    archive::{Archive, Record},
    policy::{Role, Value},
    source::{ArchivePath, RecordId},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Lines that are remembered, at most: no register is longer, and somebody who writes new ones day
/// by day must not fill the store.
const MOST_LINES: usize = 1_000_000;

/// What was seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Remembered {
    /// Of the register, in the order in which they were seen.
    pub lines: Vec<Registered>,
    /// The content of each that was approved last.
    pub approved: BTreeMap<Subject, Approved>,
    /// The authorisations that were revoked, by an approval of that.
    pub ended: BTreeSet<RecordId>,
    /// The file of each person as it was approved last.
    pub people: BTreeMap<RecordId, Paperwork>,
}

/// A document as it stood there once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paperwork {
    pub path: ArchivePath,
    pub text: Arc<str>,
}

/// A content that was approved, and when the last approval of it was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Approved {
    pub seal: Seal,
    pub at: DateTime<FixedOffset>,
    /// Bytes of attachments that the seal is of.
    pub attached: u64,
}

/// What is seen for the first time: to be kept before anything is shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct News(Remembered);

impl News {
    /// What an archive and its approvals tell that is not remembered.
    pub fn of(archive: &Archive, approvals: &Approvals, today: NaiveDate, remembered: &Remembered) -> News {
        let known: BTreeSet<&Registered> = remembered.lines.iter().collect();
        let mut room = MOST_LINES.saturating_sub(remembered.lines.len());
        let papers = papers(archive);
        let counts = |line: &Registered| {
            papers.iter().any(|(paper, seal)| line.subject == *paper && line.seal == *seal)
                || approvals.of(&line.subject).is_some_and(|chain| enters(line, chain))
        };
        let seen = approvals.register.lines().cloned().chain(unregistered(approvals)).filter(|line| !known.contains(line));
        // Whoever has filled the room with lines of nothing keeps none out by which something
        // counts.
        let mut has_room = || room.checked_sub(1).map(|left| room = left).is_some();
        let lines = seen.filter(|line| counts(line) || has_room()).collect();
        let is_new = |subject: &Subject, now: &Approved| remembered.approved.get(subject).is_none_or(|was| was != now && was.at <= now.at);
        let approved = approvals.chains.iter().filter_map(|(subject, chain)| Some((subject.clone(), chain.approved()?)));
        let approved = approved.filter(|(subject, now)| is_new(subject, now)).collect();
        let ended = revoked(archive, approvals, today).filter(|id| !remembered.ended.contains(id)).collect();
        let people = approved_people(archive, approvals).filter(|(id, now)| remembered.people.get(id) != Some(now)).collect();
        News(Remembered { lines, approved, ended, people })
    }

    pub fn is_empty(&self) -> bool {
        *self == News::default()
    }

    pub fn seen(&self) -> &Remembered {
        &self.0
    }
}

impl Remembered {
    pub fn learn(&mut self, News(seen): News) {
        self.lines.extend(seen.lines);
        self.approved.extend(seen.approved);
        self.ended.extend(seen.ended);
        self.people.extend(seen.people);
    }
}

/// Whether a line is of what is approved by a chain.
fn enters(line: &Registered, chain: &Chain) -> bool {
    chain.approved().is_some_and(|approved| approved.seal == line.seal)
}

/// The papers as they stand there, each with its seal.
fn papers(archive: &Archive) -> Vec<(Subject, Seal)> {
    let papers = [Paper::Settings, Paper::Signers].into_iter();
    papers.filter_map(|paper| Some((paper.clone().into(), paper_seal(&archive.sources.by_path(&paper.path().0)?.text)))).collect()
}

/// What is approved without a line in the register, as archives older than it have it: remembered
/// as if it had one.
pub fn unregistered(approvals: &Approvals) -> impl Iterator<Item = Registered> {
    let without = approvals.chains.iter().filter(|(subject, _)| !approvals.register.knows(subject));
    without.filter_map(|(subject, chain)| Some(Registered { subject: subject.clone(), seal: chain.approved()?.seal, after: None }))
}

/// The authorisations that say, with an approval of it, that they have been revoked.
fn revoked(archive: &Archive, approvals: &Approvals, today: NaiveDate) -> impl Iterator<Item = RecordId> {
    let role = archive.policies.role(Role::Authorisation);
    let all = role.into_iter().flat_map(|role| archive.of_type(&role.id));
    let approved = all.filter(|record| approvals.of_record(&record.id).is_some_and(|chain| chain.approved().is_some()));
    approved.filter(move |record| is_revoked(record, today)).map(|record| record.id.clone())
}

/// The files of people that are approved as they stand there.
fn approved_people(archive: &Archive, approvals: &Approvals) -> impl Iterator<Item = (RecordId, Paperwork)> {
    let role = archive.policies.role(Role::Person);
    let all = role.into_iter().flat_map(|role| archive.of_type(&role.id));
    let approved = all.filter(|record| approvals.of_record(&record.id).is_some_and(Chain::is_whole));
    approved.map(|record| {
        let document = &record.document;
        let text = archive.sources.file(document.file).text.clone();
        (record.id.clone(), Paperwork { path: document.path.clone(), text })
    })
}

/// Whether an authorisation says that it was revoked by a day; what it says of that and cannot be
/// read says so too.
pub fn is_revoked(record: &Record, today: NaiveDate) -> bool {
    let date = record.value("revoked");
    record.fields.contains_key("revoked") && !matches!(date, Some(Value::Date(day)) if day > today)
}
