//! What two archives say, and what is found in the one and not in the other.

use super::{DraftPolicy, Judged, Placed, ToldFindings, lies_at};
use crate::{
    check::{Due, unsound::Resting},
    diagnostic::{Finding, FoundIn, codes},
    policy::{Difference, Policy, difference::PolicyVersion},
    source::ArchivePath,
};
use std::{collections::BTreeSet, sync::Arc};

/// Findings of the one, and findings of the other.
pub(super) type FindingSides = (Vec<Finding>, Vec<Finding>);

pub(super) struct Comparison<'a> {
    pub before: &'a Judged,
    pub after: &'a Judged,
    placed: &'a [Placed<'a>],
    resting: Option<Resting<'a>>,
    /// The ids of what stands in a text with a mistake.
    failing: BTreeSet<&'a Arc<str>>,
}

impl<'a> Comparison<'a> {
    pub fn of(before: &'a Judged, after: &'a Judged, placed: &'a [Placed<'a>]) -> Comparison<'a> {
        let failing = after.policies().versions.iter().flat_map(|policy| &policy.failing).filter_map(|failing| failing.id.as_ref());
        Comparison { before, after, placed, resting: Resting::of_policies(&after.archive), failing: failing.collect() }
    }

    pub fn draft(&self, placed: &Placed<'_>) -> DraftPolicy {
        let versions = &self.after.policies().versions;
        let policy = versions.iter().find(|policy| policy.document.path == placed.stand_in.path).cloned();
        let difference = policy.as_ref().map(|draft| self.difference(placed.standing.as_deref(), draft)).unwrap_or_default();
        DraftPolicy {
            shown: placed.proposed.shown.to_owned(),
            policy,
            effective: placed.front.effective.clone(),
            from: placed.stand_in.effective,
            present: placed.standing.clone(),
            difference,
        }
    }

    fn difference(&self, present: Option<&Policy>, draft: &Policy) -> Difference {
        let before = present.map(|policy| PolicyVersion { policy, sources: self.before.sources() });
        Difference::between(before, PolicyVersion { policy: draft, sources: self.after.sources() })
    }

    /// Whether a finding is about a draft itself: no rule has judged anything.
    fn is_mistake(&self, finding: &Finding) -> bool {
        let is_built_in = codes::BUILT_IN.iter().any(|known| *known.code == *finding.code);
        let in_draft = || self.placed.iter().any(|draft| lies_at(finding, &draft.stand_in.path, self.after.sources()));
        is_built_in && finding.record.is_none() && in_draft()
    }

    /// In the order of the drafts.
    pub fn mistakes(&self) -> Vec<Finding> {
        let mut mistakes: Vec<Finding> = self.after.report.findings.iter().filter(|finding| self.is_mistake(finding)).cloned().collect();
        let draft = |finding: &Finding| self.placed.iter().position(|draft| lies_at(finding, &draft.stand_in.path, self.after.sources()));
        mistakes.sort_by_key(draft);
        mistakes
    }

    /// What is found after and not before, and the other way round.
    pub fn findings(&self) -> FindingSides {
        let (before, after) = (&self.before.report.findings, &self.after.report.findings);
        let begun = self.only_in([(self.after, after), (self.before, before)]).into_iter();
        let ended = self.only_in([(self.before, before), (self.after, after)]);
        (begun.filter(|finding| !self.is_mistake(finding)).collect(), ended)
    }

    /// The same, of breaches that are over.
    pub fn past(&self) -> FindingSides {
        let (before, after) = ((self.before, &self.before.report.past), (self.after, &self.after.report.past));
        (self.only_in([after, before]), self.only_in([before, after]))
    }

    /// Whether what is found today would be judged by the drafts: no mistake of theirs keeps it
    /// from being so.
    pub fn is_judged(&self, finding: &Finding) -> bool {
        !self.failing.contains(&finding.code) && !self.resting.as_ref().is_some_and(|resting| resting.explains(finding))
    }

    /// The same of what is due.
    pub fn is_judged_duty(&self, due: &Due) -> bool {
        !self.failing.contains(&due.duty) && !self.resting.as_ref().is_some_and(|resting| resting.bears(&due.duty))
    }

    /// Findings under the drafts, shown where a person knows these.
    pub fn told(&self, findings: Vec<Finding>) -> ToldFindings {
        let shown = |path: &ArchivePath| self.placed.iter().find(|draft| draft.stand_in.path == *path);
        let citing = |mut finding: Finding| {
            if let Some(citation) = &mut finding.citation
                && let Some(draft) = shown(&citation.path)
            {
                citation.path = draft.proposed.shown.into();
            }
            finding
        };
        let sources = self.after.sources().clone();
        let sources = self.placed.iter().fold(sources, |sources, draft| sources.shown_as(&draft.stand_in.path.0, draft.proposed.shown));
        ToldFindings { findings: findings.into_iter().map(citing).collect(), sources }
    }

    pub fn told_before(&self, findings: Vec<Finding>) -> ToldFindings {
        ToldFindings { findings, sources: self.before.sources().clone() }
    }

    /// In the documents that were replaced places do not compare.
    fn only_in(&self, [one, other]: [(&Judged, &Vec<Finding>); 2]) -> Vec<Finding> {
        let is_replaced = |path: &ArchivePath| self.placed.iter().any(|draft| *path == draft.stand_in.path);
        let [one, other] = [one, other].map(|(judged, findings)| FoundIn { findings, sources: judged.sources() });
        one.but_not_in(other, is_replaced).into_iter().cloned().collect()
    }
}
