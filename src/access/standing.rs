//! The people whose files were changed after their approval: until the change is approved, what
//! they hold follows from what was approved last. An edit that nobody has approved gives nobody
//! anything, and takes nothing but what it ends: of whoever has left by it, it counts.

use super::gate::Gate;
use crate::{
    approval::{self, AllowedSigners, Approvals, Paperwork, Remembered},
    archive::{Archive, Tenure},
    facts::{FactIndex, Facts},
    source::{ArchivePath, RecordId},
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

/// The archive with those files as they were approved.
#[derive(Debug)]
pub(super) struct ApprovedState {
    /// The files that count as they were.
    pub files: Vec<ArchivePath>,
    archive: Archive,
    approvals: Approvals,
    index: Arc<FactIndex>,
}

impl ApprovedState {
    /// `None` where every file counts as it is.
    pub fn of(
        archive: &Archive,
        approvals: &Approvals,
        signers: &AllowedSigners,
        remembered: &Remembered,
        today: NaiveDate,
    ) -> Option<ApprovedState> {
        let changed = remembered.people.iter().filter(|(id, was)| is_changed(archive, approvals, id, was, today));
        let changed: Vec<&Paperwork> = changed.map(|(_, was)| was).collect();
        let files: Vec<ArchivePath> = changed.iter().map(|was| was.path.clone()).collect();
        changed.first()?;
        let sources = changed.iter().fold((*archive.sources).clone(), |sources, was| sources.with(&was.path.0, &*was.text));
        let standing = Archive::build(Arc::new(sources), archive.policies.clone(), archive.settings.clone());
        let standing = approval::settled(standing, signers, remembered, today);
        let approvals = Approvals::judge_by(&standing, today, signers, remembered);
        Some(ApprovedState { files, archive: standing, approvals, index: Arc::default() })
    }

    pub fn facts(&self, today: NaiveDate) -> Facts<'_> {
        Facts::sharing(&self.archive, &self.approvals, today, self.index.clone())
    }
}

/// Whether a file that was approved stands there otherwise, without approval, and does not end what
/// the person holds.
fn is_changed(archive: &Archive, approvals: &Approvals, id: &RecordId, was: &Paperwork, today: NaiveDate) -> bool {
    let is_there = archive.sources.by_path(&was.path.0).is_some_and(|file| file.text != was.text);
    let is_approved = approvals.of_record(id).is_some_and(approval::Chain::is_whole);
    let ends = archive.records.iter().filter(|record| record.document.path == was.path || record.id == *id).any(|record| {
        let left = Tenure::of(record).map(|tenure| tenure.left);
        left.is_none_or(|left| left.is_some_and(|day| day <= today))
    });
    is_there && !is_approved && !ends
}

/// The gates of an archive's records as another has them, wherever that has the record too.
pub(super) fn aligned(archive: &Archive, own: Vec<Arc<Gate>>, other: &Archive, gates: Vec<Arc<Gate>>) -> Vec<Arc<Gate>> {
    let mut gates: BTreeMap<&RecordId, Arc<Gate>> = other.records.iter().map(|record| &record.id).zip(gates).collect();
    archive.records.iter().zip(own).map(|(record, own)| gates.remove(&record.id).unwrap_or(own)).collect()
}
