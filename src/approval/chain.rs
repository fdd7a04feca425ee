//! The documents that may be approved, the chains that they need, and their entries as written.

use super::{AllowedSigners, Seal, Subject, seal, sealed_text};
use crate::{
    archive::{Archive, Record, shape},
    diagnostic::{Finding, Words},
    document::{Document, Node},
    policy::{ApprovalRule, BlockKind, Policies, Policy, RecordType, Status},
    source::{RecordId, Room, Span},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::sync::Arc;

/// The keys of an entry, in the order in which they are written.
pub const ENTRY_KEYS: [&str; 5] = ["step", "by", "at", "seal", "signature"];

/// What a chain of approvals is of: a record, or a policy document.
#[derive(Clone, Debug)]
pub struct Approvable<'a> {
    /// What the statements name.
    pub subject: Subject,
    /// `None` for a policy document.
    pub record: Option<&'a Record>,
    pub document: &'a Arc<Document>,
    pub record_type: Option<&'a RecordType>,
    /// The chain that it needs, by the policies that bind it on its own day.
    pub rule: Option<Arc<ApprovalRule>>,
}

impl<'a> Approvable<'a> {
    /// A record, under the chain that binds it on its own date; one without a date, today's.
    pub fn of_record(record: &'a Record, policies: &Policies, today: NaiveDate) -> Approvable<'a> {
        let record_type = record.record_type.as_deref();
        let rule = record_type.and_then(|t| chain_for(policies, &t.id, record.date.unwrap_or(today)));
        Approvable { subject: (&record.named).into(), record: Some(record), document: &record.document, record_type, rule }
    }

    /// A policy document, under the chain for policies that binds on the day when it takes effect.
    /// One that withdraws its policy, and with it perhaps that chain, is approved by the chain of
    /// the day before.
    pub fn of_policy(policy: &'a Policy, policies: &Policies) -> Approvable<'a> {
        let before = policy.effective.pred_opt().filter(|_| policy.status == Status::Withdrawn);
        let rule = chain_for(policies, "policy", before.unwrap_or(policy.effective));
        Approvable { subject: Subject::of_policy(&policy.document), record: None, document: &policy.document, record_type: None, rule }
    }

    /// The record or the policy document that it is; `None` for a paper, which bears no approvals.
    /// What bears another's id is not to be approved under it.
    pub fn named(subject: &Subject, archive: &'a Archive, today: NaiveDate) -> Option<Approvable<'a>> {
        match subject {
            Subject::Record(id) => {
                let record = archive.record(id).filter(|record| !record.is_twin())?;
                Some(Approvable::of_record(record, &archive.policies, today))
            }
            Subject::Policy(path) => {
                let policy = archive.policies.versions.iter().find(|policy| policy.document.path == *path)?;
                Some(Approvable::of_policy(policy, &archive.policies))
            }
            Subject::Paper(_) => None,
        }
    }

    /// Every record and policy document of an archive.
    pub fn all(archive: &'a Archive, today: NaiveDate) -> Vec<Approvable<'a>> {
        let records = archive.records.iter().map(|record| Approvable::of_record(record, &archive.policies, today));
        records.chain(archive.policies.versions.iter().map(|policy| Approvable::of_policy(policy, &archive.policies))).collect()
    }

    /// A record as its document spells the id, where that is not in form NFC: approvals of older
    /// versions are of that.
    pub(super) fn as_written(&self) -> Option<Subject> {
        let (named, written) = (&self.record?.named, crate::archive::id_as_written(self.document));
        (written != *named && RecordId::named(&written.0) == *named).then_some(Subject::Record(written))
    }

    /// The seal of what stands there.
    ///
    /// # Errors
    /// Where its attachments cannot be read, or are too large: see [`seal`].
    pub fn seal(&self, archive: &Archive) -> std::io::Result<Seal> {
        seal(self.document, self.record_type, self.rule.as_deref(), &archive.sources)
    }

    /// The text that its seal is of, without the digests of its attachments.
    pub fn sealed_text(&self, archive: &Archive) -> String {
        sealed_text(self.document, self.record_type, self.rule.as_deref(), &archive.sources)
    }

    /// How many bytes of attachments its seal is of, as they lie there.
    pub(super) fn sealed_bytes(&self, archive: &Archive) -> u64 {
        seal::sealed_bytes(self.document, self.record_type, self.rule.as_deref(), &archive.sources)
    }

    /// Whether its seal is of files beside it too.
    pub(super) fn has_attachments(&self) -> bool {
        seal::has_attachments(self.document, self.record_type, self.rule.as_deref())
    }

    pub(super) fn has_approvals(&self) -> bool {
        self.approvals().and_then(Node::list).is_some_and(|entries| !entries.is_empty())
    }

    pub(super) fn approvals(&self) -> Option<&'a Node> {
        self.document.front.get("approvals").filter(|node| !node.is_blank())
    }
}

/// The chain for a type (or `policy`) by the policies that bind on a day.
pub fn chain_for(policies: &Policies, judged: &str, day: NaiveDate) -> Option<Arc<ApprovalRule>> {
    let blocks = policies.in_force(day).flat_map(|policy| policy.blocks.iter());
    let mut rules = blocks.filter_map(|block| match &block.kind {
        BlockKind::Approval(rule) if rule.judged.iter().any(|t| &**t == judged) => Some(rule.clone()),
        _ => None,
    });
    rules.next()
}

impl AllowedSigners {
    /// The signers that an archive itself lists.
    pub fn of(archive: &Archive) -> AllowedSigners {
        let text = archive.sources.in_room(Room::Signers).next().map_or("", |file| &file.text);
        AllowedSigners::parse(text, archive.settings.zone()).for_archive(archive)
    }
}

/// An entry as written.
#[derive(Clone, Debug)]
pub(super) struct WrittenEntry {
    /// The id of the post.
    pub step: Arc<str>,
    pub by: RecordId,
    pub at: DateTime<FixedOffset>,
    /// As the statement has them.
    pub step_text: Arc<str>,
    pub at_text: Arc<str>,
    pub seal: Option<Seal>,
    pub signature: Option<Arc<str>>,
    pub spans: Spans,
}

/// Where the parts of an entry stand; the whole entry for what is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spans {
    pub entry: Span,
    pub step: Span,
    pub by: Span,
    pub at: Span,
    pub seal: Span,
    pub signature: Span,
}

impl WrittenEntry {
    /// Reads an entry.
    ///
    /// # Errors
    /// `approval.form`, at what cannot be read.
    pub fn read(node: &Node, policies: &Policies) -> Result<WrittenEntry, Box<Finding>> {
        known_keys(node)?;
        let part = |key: &str| node.get(key).filter(|node| !node.is_blank());
        let text = |key: &str| needed(node, key);
        let span = |key: &str| part(key).map_or(node.span, |part| part.span);
        let (step_text, by, at_text) = (text("step")?, text("by")?, text("at")?);
        let at = shape::timestamp(&at_text).ok_or_else(|| not_a_moment(span("at")))?;
        let seal = part("seal").map(|node| read_seal(node).ok_or_else(|| not_a_seal(node.span))).transpose()?;
        Ok(WrittenEntry {
            step: policies.posts.post_called(&step_text).map_or_else(|| step_text.clone(), |post| post.id.clone()),
            by: RecordId(by),
            at,
            step_text,
            at_text,
            seal,
            signature: part("signature").map(|node| node.text().cloned().unwrap_or_default()),
            spans: Spans {
                entry: node.span,
                step: span("step"),
                by: span("by"),
                at: span("at"),
                seal: span("seal"),
                signature: span("signature"),
            },
        })
    }
}

fn known_keys(node: &Node) -> Result<(), Box<Finding>> {
    if !node.is_map() {
        let message = Words::new("审批记录不是由键和值组成", "this approval is not made of keys and values");
        return Err(form(node.span, message));
    }
    match node.entries().iter().find(|(key, _)| !ENTRY_KEYS.contains(&&*key.text)) {
        Some((key, _)) => {
            Err(form(key.span, Words::new(format!("审批记录里没有“{}”这一项", key.text), format!("an approval has no `{}`", key.text))))
        }
        None => Ok(()),
    }
}

/// The text of a key that must be there, on one line: a statement has a line for each.
fn needed(node: &Node, key: &str) -> Result<Arc<str>, Box<Finding>> {
    let part = node.get(key).filter(|part| !part.is_blank());
    let Some(part) = part else {
        return Err(form(node.span, Words::new(format!("审批记录缺少 {key}"), format!("this approval lacks `{key}`"))));
    };
    match part.text() {
        Some(text) if !text.chars().any(char::is_control) && text.trim() == &**text => Ok(text.clone()),
        _ => Err(form(part.span, Words::new(format!("{key} 须是一行文字"), format!("`{key}` must be one line of text")))),
    }
}

fn read_seal(node: &Node) -> Option<Seal> {
    Seal::read(node.text()?)
}

fn not_a_moment(span: Span) -> Box<Finding> {
    form(
        span,
        Words::new("审批时间须写作 2026-03-05T10:22:31+08:00 的形式", "the time of an approval is written like 2026-03-05T10:22:31+08:00"),
    )
}

fn not_a_seal(span: Span) -> Box<Finding> {
    form(span, Words::new("封签须写作 sha256: 加 64 位十六进制数", "a seal is written as sha256: and 64 hexadecimal digits"))
}

pub(super) fn form(span: Span, message: Words) -> Box<Finding> {
    Box::new(
        Finding::error("approval.form", span, message).with_fix(Words::new(
            "删去这条记录，用 chancery approve 重新审批",
            "delete this entry and approve anew with `chancery approve`",
        )),
    )
}
