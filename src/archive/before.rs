//! An archive that is read again after a change: most of its documents are as they were, and so are
//! the records that were read from them. Where all that has changed keeps its id, type and date, each
//! record stands where it stood.

use super::{Archive, Directory, Incoming, Record, identity::Holders};
use crate::{
    diagnostic::Lang,
    document::Document,
    policy::Policies,
    source::{AttachmentPaths, Sources},
};
use rayon::prelude::*;
use std::sync::Arc;

/// What was read before, under the same policies.
pub(super) struct ArchiveBefore {
    policies: Arc<Policies>,
    language: Lang,
    attachments: AttachmentPaths,
    /// In the order of their paths, each with the place of its record.
    documents: Vec<(Arc<Document>, u32)>,
    records: Vec<Arc<Record>>,
    /// As nothing but the documents tells.
    holders: Holders,
    directory: Arc<Directory>,
    incoming: Arc<Incoming>,
}

impl ArchiveBefore {
    pub fn of(sources: &Sources, policies: &Arc<Policies>, language: Lang) -> Option<Arc<ArchiveBefore>> {
        let before = sources.has_memory().then(|| sources.kept().last::<ArchiveBefore>())??;
        (Arc::ptr_eq(&before.policies, policies) && before.language == language).then_some(before)
    }

    /// The record that was read from a document. What bears another's id is called otherwise here
    /// than its document alone tells.
    pub fn record_of(&self, document: &Arc<Document>) -> Option<Arc<Record>> {
        let at = self.documents.binary_search_by(|(known, _)| known.path.cmp(&document.path)).ok()?;
        let (known, place) = &self.documents[at];
        let record = &self.records[*place as usize];
        (Arc::ptr_eq(known, document) && !record.is_twin()).then(|| record.clone())
    }

    /// The archive of these documents, in the order of their paths, where each of its records stands
    /// where the one of that path stood.
    pub fn with(&self, documents: &[Arc<Document>], sources: &Arc<Sources>, settings: &super::Settings) -> Option<Archive> {
        if documents.len() != self.documents.len() || sources.attachment_paths() != self.attachments {
            return None;
        }
        let mut all = self.documents.clone();
        let mut archive = Archive {
            sources: sources.clone(),
            policies: self.policies.clone(),
            settings: settings.clone(),
            records: self.records.clone(),
            holders: self.holders.clone(),
            directory: self.directory.clone(),
            incoming: self.incoming.clone(),
        };
        let changed = documents.iter().zip(&mut all).filter(|(document, (known, _))| !Arc::ptr_eq(document, known));
        let mut is_linked_otherwise = false;
        for (document, (known, place)) in changed {
            let was = &self.records[*place as usize];
            let mut record = Record::of_document(document.clone(), &self.policies, self.language);
            if document.path != known.path || !stands_like(&record, was) {
                return None;
            }
            record.references = archive.references_of(&record);
            is_linked_otherwise |= !refers_like(&record, was);
            archive.records[*place as usize] = Arc::new(record);
            *known = document.clone();
        }
        let archive = if is_linked_otherwise { archive.indexed() } else { archive };
        archive.keep(|| all);
        Some(archive)
    }
}

impl Record {
    /// Its place in a state before, whose records stand in the order of their ids, if it is there
    /// as it is. `near`: where it may stand.
    pub fn place_among(self: &Arc<Record>, before: &[Arc<Record>], near: usize) -> Option<usize> {
        let is_own = |at: &usize| before.get(*at).is_some_and(|known| Arc::ptr_eq(known, self));
        let by_id = || before.binary_search_by(|known| known.id.cmp(&self.id)).ok();
        Some(near).filter(is_own).or_else(by_id).filter(is_own)
    }
}

/// Whether what tells one record's place among the others is as it was.
fn stands_like(record: &Record, was: &Record) -> bool {
    let own = |record: &Record| record.record_type.as_ref().map(Arc::as_ptr);
    !was.is_twin() && record.named == was.named && own(record) == own(was) && record.date == was.date
}

fn refers_like(record: &Record, was: &Record) -> bool {
    let ends =
        |record: &Record| record.references.iter().map(|made| (made.to.clone(), made.field.clone(), made.resolved)).collect::<Vec<_>>();
    ends(record) == ends(was)
}

impl Archive {
    /// In the order of their paths, each with the place of its record.
    pub(super) fn documents(&self) -> Vec<(Arc<Document>, u32)> {
        let mut documents: Vec<(Arc<Document>, u32)> = self.records.iter().map(|record| record.document.clone()).zip(0..).collect();
        documents.par_sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        documents
    }

    /// Keeps it for the next time that it is read, where there will be one. `documents`: see
    /// [`Archive::documents`].
    pub(super) fn keep(&self, documents: impl FnOnce() -> Vec<(Arc<Document>, u32)>) {
        let sources = &self.sources;
        if sources.is_followed() {
            sources.kept().keep(ArchiveBefore {
                policies: self.policies.clone(),
                language: self.settings.language,
                attachments: sources.attachment_paths(),
                documents: documents(),
                records: self.records.clone(),
                holders: self.holders.clone(),
                directory: self.directory.clone(),
                incoming: self.incoming.clone(),
            });
        }
    }
}
