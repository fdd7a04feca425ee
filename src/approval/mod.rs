//! Approvals: the seal of a document, the state of each entry of its chain, and signed entries.
//! Never decides who may read.

mod chain;
mod entries;
mod holder;
mod judge;
mod kept;
mod moved;
mod papers;
mod register;
mod remembered;
mod resign;
mod seal;
mod signature;
mod signers;
mod subject;
mod trust;
mod verified;

pub use chain::{Approvable, ENTRY_KEYS, chain_for};
pub use holder::settled;
pub use papers::{Paper, TrustedSettings, lack_of_signers, manifest, trusted_settings};
pub use register::{Register, Registered, Standing, paper_seal, register_anew};
pub use remembered::{Approved, News, Paperwork, Remembered, is_revoked, unregistered};
pub use resign::{ResignError, Resigned, resign};
pub use seal::{attached_bytes, beside, seal, sealed_text, without_places};
pub use signature::{NAMESPACE, SigningError, Unsigned, armoured, entry, key_of_examples, read_key, sign, written};
pub use signers::{AllowedSigners, Refusal, RefusedLine};
pub use ssh_key::PrivateKey;
pub use subject::Subject;
pub use trust::{Untrusted, Weighed, gone, weigh};

use crate::{
    diagnostic::{Finding, Words},
    policy::{ApprovalRule, Step},
    source::{RecordId, Span},
};
use chrono::{DateTime, FixedOffset};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// The SHA-256 of what was approved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Seal(pub [u8; 32]);

impl Seal {
    /// Reads `sha256:` and 64 digits, as it is written.
    pub fn read(text: &str) -> Option<Seal> {
        let digits = text.strip_prefix("sha256:")?;
        let fits = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let byte = |at: usize| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).ok();
        let bytes: Vec<u8> = fits.then(|| (0..32).map_while(byte).collect())?;
        bytes.try_into().ok().map(Seal)
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// The text that a signature signs.
pub fn statement(subject: &Subject, step: &str, by: &RecordId, at: &str, seal: &Seal) -> String {
    format!("chancery approval v1\nrecord: {subject}\nstep: {step}\nby: {by}\nat: {at}\nseal: {seal}\n")
}

/// The state of every approval in the archive, at its own time: an entry is judged by the posts of
/// its own day.
#[derive(Clone, Debug, Default)]
pub struct Approvals {
    pub chains: BTreeMap<Subject, Arc<Chain>>,
    /// What was once approved.
    pub register: Arc<Register>,
    /// Authorisations that were revoked once, whatever stands in them now.
    pub ended: BTreeSet<RecordId>,
    /// `approval.*`
    pub findings: Vec<Finding>,
}

/// The approvals that stand in one document.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub entries: Vec<Entry>,
    pub rule: Option<Arc<ApprovalRule>>,
    /// Bytes of attachments that the valid entries are of.
    pub attached: u64,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    pub step: Arc<str>,
    pub by: RecordId,
    pub at: DateTime<FixedOffset>,
    /// As stated.
    pub seal: Option<Seal>,
    pub span: Span,
    /// The signature is good, be it of what stands there or of what stood there once.
    pub signed: bool,
    /// No flaw was found: the seal is of what stands there, the signature is good, the post was
    /// held, nobody signed twice or out of turn.
    pub valid: bool,
    /// Why it is not.
    pub void: Vec<Words>,
}

impl Approvals {
    /// The approvals of a record or of a policy document: none where it needs none and has none.
    pub fn of(&self, subject: &Subject) -> Option<&Chain> {
        self.chains.get(subject).map(|chain| &**chain)
    }

    pub fn of_record(&self, id: &RecordId) -> Option<&Chain> {
        self.of(&id.into())
    }
}

impl Chain {
    /// Whether it says the same as another, under the same policies.
    pub fn is_like(&self, other: &Chain) -> bool {
        let rule = |chain: &Chain| chain.rule.as_ref().map(Arc::as_ptr);
        self.entries == other.entries && self.attached == other.attached && rule(self) == rule(other)
    }

    /// What was approved, and when the last of its valid entries was given.
    pub fn approved(&self) -> Option<Approved> {
        let valid = self.entries.iter().filter(|entry| entry.valid);
        let given = valid.filter_map(|entry| Some(Approved { at: entry.at, seal: entry.seal?, attached: self.attached }));
        given.max_by_key(|approved| approved.at)
    }

    /// The valid entry of a step.
    pub fn step(&self, post: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.valid && &*e.step == post)
    }

    /// Whether it needs steps, and has all of them but for those that are demanded on a condition.
    pub fn is_whole(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| self.gives(rule, |step| step.when.is_some()))
    }

    /// Whether every step of a chain has its valid entry, but for those that `may_lack` one.
    pub fn gives(&self, rule: &ApprovalRule, may_lack: impl Fn(&Step) -> bool) -> bool {
        rule.steps.iter().all(|step| self.step(&step.post).is_some() || may_lack(step))
    }
}

#[cfg(test)]
mod tests;
