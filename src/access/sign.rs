//! An approval of what lies in an archive, or is to lie there, signed and still to be written.

use super::Office;
use crate::{
    approval::{Approvable, PrivateKey, Registered, Seal, SigningError, Subject, entry},
    archive::{Archive, Record},
    diagnostic::Finding,
    document::Document,
    policy::{Role, Status, Value, expression::World},
    source::{ArchivePath, RecordId, Sources},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::sync::Arc;

/// A document, and the signed entry that is to be added to it.
#[derive(Debug)]
pub struct Signed {
    pub sources: Arc<Sources>,
    pub document: Arc<Document>,
    /// Its keys and values, in the order in which they are written.
    pub entry: Vec<(&'static str, String)>,
    /// The lines by which this content comes into force in the register; none where it is.
    pub lines: Vec<String>,
}

/// Who approves as what, when, and with which key.
#[derive(Clone, Copy)]
pub struct Hand<'a> {
    pub step: &'a str,
    pub by: &'a RecordId,
    pub at: DateTime<FixedOffset>,
    pub key: &'a PrivateKey,
}

/// What an authorisation lets somebody read.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub reader: &'a RecordId,
    pub record: &'a RecordId,
    pub from: NaiveDate,
    pub until: NaiveDate,
}

#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    #[error("there is no record {0}")]
    Unknown(Subject),
    #[error("the authorisation would not say what was asked for")]
    Otherwise,
    /// What is wrong with it is mended first.
    #[error("{} errors are to be mended before it is approved", .0.len())]
    Faulty(Vec<Finding>),
    /// Another content was approved after this one, and what was succeeded does not come back.
    #[error("this content of {0} was approved before, and another after it; change something in it (a date, say), then approve")]
    Superseded(Subject),
    #[error(transparent)]
    Key(#[from] SigningError),
    #[error("the attachments of what is to be approved cannot be read: {0}")]
    Attachment(std::io::Error),
}

/// What waits for somebody's approval, as it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Awaiting {
    pub subject: Subject,
    pub path: ArchivePath,
    pub title: String,
    pub step: Arc<str>,
    pub seal: Seal,
    /// Errors that are to be mended before.
    pub faults: usize,
}

impl Office {
    /// The people for whom a key signs, as far as they are named.
    pub fn signs_for(&self, key: &PrivateKey, at: DateTime<FixedOffset>) -> Vec<RecordId> {
        self.signers.named(key.public_key().key_data(), at).into_iter().map(RecordId::from).collect()
    }

    /// What a person may approve today, whoever may read it: policies that are no drafts, then
    /// records, in the order of their ids.
    pub fn awaiting(&self, by: &RecordId) -> Vec<Awaiting> {
        let facts = self.facts();
        let one = |subject: Subject, title: &str, author: Option<&RecordId>| {
            let (step, signed) = self.next_step(&subject, &facts)?;
            let may = self.authority().holds_post(by, &step, self.today) && !signed.contains(by) && author != Some(by);
            let approvable = Approvable::named(&subject, &self.archive, self.today).filter(|_| may)?;
            let seal = approvable.seal(&self.archive).ok()?;
            let faults = self.faults(&subject).len();
            Some(Awaiting { path: approvable.document.path.clone(), subject, title: title.to_owned(), step, seal, faults })
        };
        let policies = self.archive.policies.versions.iter().filter(|policy| policy.status != Status::Draft);
        let policies = policies.filter_map(|policy| one(Subject::of_policy(&policy.document), &policy.title, None));
        let records = self.archive.records.iter().filter(|record| !record.is_twin());
        let records = records.filter_map(|record| one((&record.id).into(), &record.title, record.author.as_ref()));
        policies.chain(records).collect()
    }

    /// Whether an approval by that key counts for a person at a time.
    pub fn trusts(&self, key: &PrivateKey, by: &RecordId, at: DateTime<FixedOffset>) -> bool {
        self.signers.allows(&by.0, key.public_key().key_data(), at)
    }

    /// Signs an approval of a record or of a policy document.
    ///
    /// # Errors
    /// Where there is no such thing, something is wrong with it, or the key cannot sign.
    pub fn signed(&self, subject: &Subject, hand: Hand<'_>) -> Result<Signed, NotSigned> {
        let faults = self.faults(subject);
        if !faults.is_empty() {
            return Err(NotSigned::Faulty(faults.into_iter().cloned().collect()));
        }
        sign(&self.archive, self, subject, hand)
    }

    /// Signs an approval of an authorisation whose text is to lie at a path: it must grant that,
    /// and nothing else.
    ///
    /// # Errors
    /// Where it does not, or the key cannot sign.
    pub fn signed_grant(&self, path: &str, text: &str, grant: Grant<'_>, hand: Hand<'_>) -> Result<Signed, NotSigned> {
        let sources = Arc::new(self.archive.sources.with(path, text));
        let archive = self.archive.with(sources);
        let record = archive.record_at(&path.into()).filter(|record| says(record, grant)).ok_or(NotSigned::Otherwise)?;
        sign(&archive, self, &(&record.id).into(), hand)
    }
}

/// Whether a record is an authorisation of that, and of nothing more.
fn says(record: &Record, grant: Grant<'_>) -> bool {
    let only = |field: &str, id: &RecordId| match record.value(field) {
        Some(Value::List(values)) => *values == [Value::Record(id.clone())],
        _ => false,
    };
    record.record_type.as_ref().is_some_and(|own| own.role == Some(Role::Authorisation))
        && only("readers", grant.reader)
        && only("covers", grant.record)
        && record.value("from") == Some(Value::Date(grant.from))
        && record.value("until") == Some(Value::Date(grant.until))
        && !record.fields.contains_key("revoked")
}

fn sign(archive: &Archive, office: &Office, subject: &Subject, hand: Hand<'_>) -> Result<Signed, NotSigned> {
    let approvable = Approvable::named(subject, archive, office.today).ok_or_else(|| NotSigned::Unknown(subject.clone()))?;
    let seal = approvable.seal(archive).map_err(NotSigned::Attachment)?;
    let lines = office.approvals.register.succession(subject, &seal).ok_or_else(|| NotSigned::Superseded(subject.clone()))?;
    // A statement has a line for each of its parts, and the register one for each approval: what
    // could not be read again is not written.
    if subject.to_string().chars().any(char::is_control)
        || lines.iter().any(|line| Registered::read(&line.to_string()).as_ref() != Some(line))
    {
        return Err(NotSigned::Unknown(subject.clone()));
    }
    let entry = entry(subject, hand.step, hand.by, hand.at, &seal, hand.key)?;
    let lines = lines.iter().map(Registered::to_string).collect();
    Ok(Signed { sources: archive.sources.clone(), document: approvable.document.clone(), entry: entry.into(), lines })
}
