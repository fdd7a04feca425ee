//! Approvals: the seal of a document, the state of each entry of its chain, and signed entries. Never decides who may read.

use crate::{
    archive::Archive,
    diagnostic::Finding,
    document::Document,
    policy::{ApprovalRule, RecordType},
    source::{RecordId, Sources, Span},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// The SHA-256 of what was approved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Seal(pub [u8; 32]);

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// The seal of a document: its text without `approvals` and the `later` fields and sections, line ends as LF, followed by the
/// digests of its attachments.
pub fn seal(document: &Document, record_type: Option<&RecordType>, rule: Option<&ApprovalRule>, sources: &Sources) -> Seal {
    let _ = (document, record_type, rule, sources);
    todo!()
}

/// The text that a signature signs.
pub fn statement(record: &RecordId, step: &str, by: &RecordId, at: &str, seal: &Seal) -> String {
    format!("chancery approval v1\nrecord: {record}\nstep: {step}\nby: {by}\nat: {at}\nseal: {seal}\n")
}

/// `policies/allowed_signers` in OpenSSH's format: who may sign with which key.
#[derive(Clone, Debug, Default)]
pub struct AllowedSigners {
    // (principals pattern, public key, valid-after, valid-before)
}

/// The state of every approval in the archive, at its own time: an entry is judged by the posts of its own day.
#[derive(Clone, Debug, Default)]
pub struct Approvals {
    pub chains: BTreeMap<RecordId, Chain>,
    /// `approval.*`
    pub findings: Vec<Finding>,
}

/// The approvals that stand in one document. A policy document's id is its path without `.md`.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub entries: Vec<Entry>,
    pub rule: Option<Arc<ApprovalRule>>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub step: Arc<str>,
    pub by: RecordId,
    pub at: DateTime<FixedOffset>,
    pub span: Span,
    /// No flaw was found: the seal is of what stands there, the signature is good, the post was held, nobody signed twice or out of turn.
    pub valid: bool,
}

impl Approvals {
    pub fn judge(archive: &Archive, today: NaiveDate) -> Approvals {
        let _ = (archive, today);
        todo!()
    }
}

impl Chain {
    /// The valid entry of a step.
    pub fn step(&self, post: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.valid && &*e.step == post)
    }
}
