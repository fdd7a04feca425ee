//! Which of several documents of one id is the record: the one that is approved, and registered,
//! under it. So whoever writes another document over an id that is taken takes nothing from
//! anybody.

use super::{AllowedSigners, Approvable, Chain, Register, Remembered, chain_for, judge::chain_by};
use crate::{
    archive::{Archive, IdHolder, Record},
    policy::{BlockKind, Party},
};
use chrono::NaiveDate;
use std::sync::Arc;

/// The archive in which every id that several documents give themselves belongs to the one that is
/// approved under it; to nobody, where several are that do not say the same. Where none is, nothing
/// tells them apart: one is taken for the record for one must, and nothing is lent on its word.
pub fn settled(archive: Archive, signers: &AllowedSigners, remembered: &Remembered, today: NaiveDate) -> Archive {
    let contested = archive.contested();
    if contested.is_empty() {
        return archive;
    }
    let (register, _) = Register::of(&archive.sources, remembered);
    let desk = Desk { archive: &archive, signers, register, today };
    let holders = contested.iter().map(|(id, records)| ((*id).clone(), desk.holder(records))).collect();
    archive.giving(holders)
}

struct Desk<'a> {
    archive: &'a Archive,
    signers: &'a AllowedSigners,
    register: Arc<Register>,
    today: NaiveDate,
}

impl Desk<'_> {
    fn holder(&self, records: &[&Record]) -> IdHolder {
        let path = |record: &Record| record.document.path.clone();
        let approved: Vec<&Record> = records.iter().copied().filter(|record| self.is_approved(record)).collect();
        match self.original(&approved) {
            Some(original) => IdHolder::Approved(path(original)),
            None if approved.is_empty() => IdHolder::Presumed(path(self.presumed(records))),
            None => IdHolder::Nobody(approved.into_iter().map(path).collect()),
        }
    }

    /// Of documents that are approved, the one of which all others are copies, by the names of their
    /// files and word for word: a sync program that meets a file twice leaves such. `None` where
    /// there is no such one, or no document at all.
    fn original<'r>(&self, approved: &[&'r Record]) -> Option<&'r Record> {
        let first = *approved.iter().min_by_key(|record| (record.name_fit(), &record.document.path))?;
        let text = |record: &Record| self.archive.sources.by_path(&record.document.path.0).map(|file| &file.text);
        let mut others = approved.iter().filter(|other| other.document.path != first.document.path);
        others.all(|other| other.is_copy_of(first) && text(other) == text(first)).then_some(first)
    }

    /// Of several that nobody has approved as they stand, one that was approved under the id once
    /// goes first, then one that needs no approval, then one that is no secret: what is kept from
    /// somebody must not take the place of what he reads. Then the one whose file is named by the
    /// id: the copies that sync programs make are called otherwise.
    fn presumed<'r>(&self, records: &[&'r Record]) -> &'r Record {
        let order = |record: &&&Record| {
            let was_approved = self.chain(record).entries.iter().any(|entry| entry.signed);
            (!was_approved, self.lacks_chain(record), !self.opens_to_all(record), record.name_fit(), record.document.path.clone())
        };
        records.iter().min_by_key(order).expect("an id is contested by records")
    }

    /// Whether a document is approved and registered under the id that it gives itself, as far as
    /// can be told of it alone: steps that are demanded on a condition may be lacking. A valid
    /// approval is of what the register has last.
    fn is_approved(&self, record: &Record) -> bool {
        let chain = self.chain(record);
        let todays = record.record_type.as_ref().and_then(|own| chain_for(&self.archive.policies, &own.id, self.today));
        chain.entries.iter().any(|entry| entry.valid)
            && chain.rule.iter().chain(&todays).all(|rule| chain.gives(rule, |step| step.when.is_some()))
            && self.register.knows(&(&record.named).into())
    }

    /// The approvals of a document under the id that it gives itself.
    fn chain(&self, record: &Record) -> Chain {
        let approvable = Approvable::of_record(record, &self.archive.policies, self.today);
        chain_by(self.archive, self.today, &approvable, self.signers, &self.register)
    }

    fn lacks_chain(&self, record: &Record) -> bool {
        record.record_type.as_ref().is_none_or(|own| chain_for(&self.archive.policies, &own.id, self.today).is_some())
    }

    fn opens_to_all(&self, record: &Record) -> bool {
        let blocks = self.archive.policies.in_force(self.today).flat_map(|policy| &policy.blocks);
        let mut rules = blocks.filter_map(|block| match &block.kind {
            BlockKind::Access(rule) if rule.when.is_none() => Some(rule),
            _ => None,
        });
        let of_its_type = |judged: &[Arc<str>]| record.record_type.as_ref().is_some_and(|own| judged.contains(&own.id));
        rules.any(|rule| of_its_type(&rule.judged) && rule.readers.iter().any(|reader| matches!(reader, Party::Everyone)))
    }
}
