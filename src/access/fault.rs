//! What keeps a document from being approved: what is wrong with it itself. Decided here alone, for
//! the terminal and for the browser.

use super::{Office, Seen};
use crate::{
    approval::{Approvable, Subject},
    check::Report,
    diagnostic::{Finding, Severity},
    policy::{BlockKind, Policies},
    source::{FileId, RecordId},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// The errors of one look by what they are found in, as places in the list of findings.
#[derive(Debug)]
pub(super) struct Faults {
    of_records: BTreeMap<RecordId, Vec<usize>>,
    /// Of policy documents.
    of_files: HashMap<FileId, Vec<usize>>,
}

impl Faults {
    pub fn of(report: &Report, policies: &Policies) -> Faults {
        let mut faults = Faults { of_records: BTreeMap::new(), of_files: HashMap::new() };
        let no_faults = no_faults(policies);
        let is_fault =
            |finding: &Finding| finding.severity == Severity::Error && !is_of_approval(&finding.code) && !no_faults.contains(&finding.code);
        for (place, finding) in report.findings.iter().enumerate().filter(|(_, finding)| is_fault(finding)) {
            match (&finding.record, finding.span) {
                (Some(record), _) => faults.of_records.entry(record.clone()).or_default().push(place),
                (None, Some(span)) => faults.of_files.entry(span.file).or_default().push(place),
                (None, None) => {}
            }
        }
        faults
    }
}

/// Whether a finding of this code tells of an approval, and not of a text.
fn is_of_approval(code: &str) -> bool {
    code.starts_with("approval.") || code == "policy.approved"
}

/// The ids of blocks whose findings are no fault of the text: duties, for what is still to be done
/// about a record is nothing that is wrong in it, and the articles about approvals, for a new
/// approval mends what they tell.
fn no_faults(policies: &Policies) -> BTreeSet<&Arc<str>> {
    let blocks = policies.versions.iter().flat_map(|policy| &policy.blocks).filter(|block| match &block.kind {
        BlockKind::Duty(_) => true,
        BlockKind::Rule(rule) => rule.builtin.as_ref().is_some_and(|code| is_of_approval(code)),
        _ => false,
    });
    blocks.map(|block| &block.id).collect()
}

impl Office {
    /// What is wrong with a record or a policy document, and must be mended before anybody approves it. A chain may name rules in spite of which its documents
    /// are approved.
    pub fn faults(&self, subject: &Subject) -> Vec<&Finding> {
        let Some(approvable) = Approvable::named(subject, &self.archive, self.today) else { return Vec::new() };
        let faults = self.all_faults();
        let places = match approvable.record {
            Some(record) => faults.of_records.get(&record.id),
            None => faults.of_files.get(&approvable.document.file),
        };
        let despite = approvable.rule.as_ref().map_or(&[][..], |rule| &rule.despite);
        let found = places.into_iter().flatten().map(|&place| &self.report.findings[place]);
        found.filter(|finding| !despite.contains(&finding.code)).collect()
    }
}

impl<'v> Seen<'v> {
    /// What is wrong with it, as far as this reader may know: as long as anything is, it waits for
    /// nobody.
    pub fn faults(&self) -> Vec<&'v Finding> {
        let view = self.view();
        view.office().faults(&self.id().into()).into_iter().filter(|finding| view.may_know(finding)).collect()
    }

    /// Why it does not wait for approval yet, for its author and for whoever is to approve it next:
    /// what is wrong with it.
    pub fn held_up(&self) -> Vec<&'v Finding> {
        let is_mine = self.is_by_reader() && self.awaits_somebody();
        if is_mine || self.is_next() { self.faults() } else { Vec::new() }
    }
}
