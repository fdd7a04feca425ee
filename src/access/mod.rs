//! Who may read what: an [`Office`] (an archive with all that follows from it on a day) as one reader may see it is a [`View`], and
//! nothing reaches a reader but through one. Never renders.

use crate::{
    approval::{Approvals, Chain},
    archive::{Archive, Record, Settings},
    check::{Due, Report},
    diagnostic::{Finding, Words},
    policy::{Policies, Policy, RecordType, Value},
    source::{ArchivePath, Position, RecordId, Span},
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

/// An archive with all that follows from it on a day.
#[derive(Debug)]
pub struct Office {
    pub archive: Archive,
    pub approvals: Approvals,
    pub report: Report,
    pub today: NaiveDate,
    access: Access,
}

/// Who reads each record, and why: worked out once.
#[derive(Debug, Default)]
struct Access {}

/// Who asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reader {
    /// Whoever can read the folder: the terminal without `--as`.
    Folder,
    /// All staff, no name: the static site.
    Everyone,
    Person(RecordId),
}

/// The archive as one reader may see it.
#[derive(Clone, Debug)]
pub struct View<'a> {
    office: &'a Office,
    reader: Reader,
    /// Bit i: record i of the archive is seen.
    seen: Vec<bool>,
}

/// A record in a view: its visible fields, and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'v> {
    view: &'v View<'v>,
    record: &'v Record,
}

/// Why somebody may read a record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Why {
    pub words: Words,
}

impl Office {
    /// Reads the policies and records of `sources`, checks them, and works out who reads what, on a day.
    pub fn open(sources: crate::source::Sources, settings: Settings, today: NaiveDate) -> Office {
        let _ = (sources, settings, today);
        todo!()
    }

    pub fn view(&self, reader: Reader) -> View<'_> {
        let _ = reader;
        todo!()
    }
}

impl<'a> View<'a> {
    pub fn today(&self) -> NaiveDate {
        self.office.today
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub fn settings(&self) -> &'a Settings {
        &self.office.archive.settings
    }

    /// Policies are read by everyone.
    pub fn policies(&self) -> &'a Policies {
        &self.office.archive.policies
    }

    /// The approvals of a policy document, by its path.
    pub fn policy_approvals(&self, policy: &Policy) -> Option<&'a Chain> {
        let _ = policy;
        todo!()
    }

    /// In the order of their ids.
    pub fn records(&self) -> impl Iterator<Item = Seen<'_>> {
        let _ = &self.seen;
        std::iter::empty()
    }

    pub fn record(&self, id: &RecordId) -> Option<Seen<'_>> {
        let _ = id;
        todo!()
    }

    /// By date (the latest first), then id.
    pub fn of_type(&self, record_type: &str) -> Vec<Seen<'_>> {
        let _ = record_type;
        todo!()
    }

    /// The record whose document lies at that path.
    pub fn record_at(&self, path: &ArchivePath) -> Option<Seen<'_>> {
        let _ = path;
        todo!()
    }

    /// The whole text of a policy's document, to which its spans belong.
    pub fn policy_text(&self, policy: &Policy) -> &'a str {
        let _ = policy;
        todo!()
    }

    /// Where something stands that a finding of this view points at.
    pub fn place(&self, span: Span) -> (&'a ArchivePath, Position) {
        let _ = span;
        todo!()
    }

    /// The title of a duty's subject; the reader may be told it though he does not see the record.
    pub fn subject(&self, due: &Due) -> Option<&'a str> {
        let _ = due;
        todo!()
    }

    /// The records whose next approval the reader may give today, with the step; by date (the latest first), then id.
    pub fn waiting(&self) -> Vec<(Seen<'_>, Arc<str>)> {
        todo!()
    }

    /// The findings that this reader may know of.
    pub fn findings(&self) -> Vec<&'a Finding> {
        todo!()
    }

    /// The duties that this reader may know of; those that name him are always among them.
    pub fn duties(&self) -> Vec<&'a Due> {
        todo!()
    }

    /// A digest of all that this view shows: equal views have equal ones. For ETags and caches.
    pub fn digest(&self) -> [u8; 32] {
        todo!()
    }
}

impl<'v> Seen<'v> {
    pub fn id(&self) -> &'v RecordId {
        &self.record.id
    }

    pub fn title(&self) -> &'v str {
        &self.record.title
    }

    pub fn record_type(&self) -> Option<&'v Arc<RecordType>> {
        self.record.record_type.as_ref()
    }

    pub fn path(&self) -> &'v ArchivePath {
        &self.record.document.path
    }

    pub fn date(&self) -> Option<NaiveDate> {
        self.record.date
    }

    /// The fields that this reader may see, in the order of the type; hidden ones are as if never written.
    pub fn fields(&self) -> Vec<(&'v crate::policy::Field, Value)> {
        todo!()
    }

    /// The Markdown of the body.
    pub fn body(&self) -> &'v str {
        todo!()
    }

    /// Whether the page may go out only after its line is in the access log: `everyone` may not read it.
    pub fn restricted(&self) -> bool {
        todo!()
    }

    pub fn approvals(&self) -> Option<&'v Chain> {
        self.view.office.approvals.chains.get(&self.record.id)
    }

    /// The visible records that refer to this one, by type, then date (latest first), then id.
    pub fn incoming(&self) -> Vec<Seen<'v>> {
        todo!()
    }

    /// The same records, each with the field that refers to this one (`None`: in the body), once a field; hidden fields give none.
    pub fn backlinks(&self) -> Vec<(Seen<'v>, Option<Arc<str>>)> {
        todo!()
    }

    pub fn findings(&self) -> Vec<&'v Finding> {
        todo!()
    }

    pub fn duties(&self) -> Vec<&'v Due> {
        todo!()
    }

    /// The names of its attachments that exist.
    pub fn attachments(&self) -> Vec<&'v str> {
        todo!()
    }

    /// The bytes of one of them.
    pub fn attachment(&self, name: &str) -> Option<std::io::Result<Vec<u8>>> {
        let _ = name;
        todo!()
    }
}

/// For `chancery who`: who may read a record, and why.
pub fn who(office: &Office, id: &RecordId) -> BTreeMap<RecordId, Vec<Why>> {
    let _ = (office, id);
    todo!()
}

/// For `chancery sees`: what a person may read, and why.
pub fn sees(office: &Office, person: &RecordId) -> BTreeMap<RecordId, Vec<Why>> {
    let _ = (office, person);
    todo!()
}
