//! What still waits for approval, and who could give it today: for the terminal of whoever reads
//! the folder.

use super::Office;
use crate::{
    approval::{Approvable, Subject},
    facts::Facts,
    policy::{Status, Step},
    source::{ArchivePath, RecordId},
};
use std::sync::Arc;

/// A document of which steps of its chain are still to be taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Pending {
    pub subject: Subject,
    pub path: ArchivePath,
    /// In their order, the next one first.
    pub steps: Vec<Outstanding>,
    /// Errors that are to be mended before.
    pub faults: usize,
}

/// A step that is still to be taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Outstanding {
    pub post: Arc<str>,
    /// Who holds the post today.
    pub holders: Vec<RecordId>,
    /// Those of them whose approval would count: neither the author, nor whoever has taken another
    /// step.
    pub able: Vec<RecordId>,
}

impl Office {
    /// Policies that are no drafts, then records, in the order of their ids; whatever has been
    /// superseded or disposed of waits no more.
    pub fn pending(&self) -> Vec<Pending> {
        let facts = self.facts();
        let policies = self.archive.policies.versions.iter().filter(|policy| policy.status != Status::Draft);
        let records = self.archive.records.iter().filter(|record| !record.is_twin());
        let subjects = policies.map(|policy| Subject::of_policy(&policy.document)).chain(records.map(|record| (&record.id).into()));
        subjects.filter_map(|subject| self.pending_by(&subject, &facts)).collect()
    }

    /// The same of one document; `None` where it waits for nobody.
    pub fn pending_of(&self, subject: &Subject) -> Option<Pending> {
        self.pending_by(subject, &self.facts())
    }

    fn pending_by(&self, subject: &Subject, facts: &Facts<'_>) -> Option<Pending> {
        let chain = self.approvals.of(subject)?;
        let left: Vec<&Step> = self.steps_left(chain, subject, facts).collect();
        let is_over = subject.record().is_some_and(|id| facts.ends(id).into_iter().any(|end| facts.takes_effect(end)));
        if left.is_empty() || is_over {
            return None;
        }
        let approvable = Approvable::named(subject, &self.archive, self.today)?;
        let author = approvable.record.and_then(|record| record.author.as_ref());
        let signed: Vec<&RecordId> = chain.entries.iter().filter(|entry| entry.valid).map(|entry| &entry.by).collect();
        let outstanding = |step: &Step| {
            let holders = self.holders(&step.post);
            let may = |person: &&RecordId| author != Some(*person) && !signed.contains(person);
            Outstanding { post: step.post.clone(), able: holders.iter().filter(may).cloned().collect(), holders }
        };
        let steps = left.into_iter().map(outstanding).collect();
        Some(Pending { subject: subject.clone(), path: approvable.document.path.clone(), steps, faults: self.faults(subject).len() })
    }
}
