//! What would change if drafts stood in the place of the present versions of their policies: what
//! their texts say otherwise, and which findings would be new or cease. All of them are tried at
//! once, since what one demands may rest on what another declares. Each is taken as in force from
//! the day of the version in whose place it stands, so that the records which that version judges
//! today are those that the draft is tried on; one that withdraws its policy, as if it did so
//! today. Their own approvals do not matter yet. Never writes anything.

mod comparison;
mod effect;
mod lines;

pub use effect::{Effect, OfPerson, Stopped, TypeEffect};

use super::{Report, check, examples};
use crate::{
    approval::{self, AllowedSigners, Approvals, Remembered},
    archive::{Archive, Settings},
    diagnostic::{Finding, Severity},
    document,
    facts::Facts,
    policy::{Difference, Policies, Policy, StandIn},
    source::{ArchivePath, Sources},
};
use chrono::NaiveDate;
use comparison::Comparison;
use std::{collections::BTreeSet, sync::Arc};

/// What drafts would change.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// In the order in which they were proposed.
    pub drafts: Vec<DraftPolicy>,
    /// What is wrong with the drafts themselves.
    pub mistakes: ToldFindings,
    /// The findings that would be new, and those that would cease.
    pub begun: ToldFindings,
    pub ended: ToldFindings,
    /// Breaches that are over, and would be told or no longer be told.
    pub past_begun: ToldFindings,
    pub past_ended: ToldFindings,
    /// Findings of today that nobody could judge by these drafts, for the mistakes in them.
    pub unjudged: ToldFindings,
    pub effect: Effect,
    /// As they would be.
    pub policies: Arc<Policies>,
}

/// A draft in the place of a version.
#[derive(Clone, Debug)]
pub struct DraftPolicy {
    /// The path under which a person knows it.
    pub shown: String,
    /// `None` where the document does not say which policy it is: then there are mistakes only.
    pub policy: Option<Arc<Policy>>,
    /// The day from which the draft is to take effect, as it says.
    pub effective: String,
    /// The day from which it is tried.
    pub from: NaiveDate,
    /// The version in whose place it stands: the one in force, or the one that withdrew the policy.
    pub present: Option<Arc<Policy>>,
    pub difference: Difference,
}

/// Findings, with the texts in which they are shown.
#[derive(Clone, Debug)]
pub struct ToldFindings {
    pub findings: Vec<Finding>,
    pub sources: Sources,
}

/// A document that lies anywhere.
#[derive(Clone, Debug)]
pub struct Proposed<'a> {
    /// The path under which a person knows it.
    pub shown: &'a str,
    pub bytes: Vec<u8>,
}

/// Two drafts of one policy: one of them only can stand in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TwoDrafts {
    pub policy: Arc<str>,
    /// The paths of both.
    pub shown: [String; 2],
}

/// An archive with what is found in it.
struct Judged {
    archive: Archive,
    report: Report,
}

/// A draft, and where it stands in.
struct Placed<'a> {
    proposed: &'a Proposed<'a>,
    front: Front,
    standing: Option<Arc<Policy>>,
    stand_in: StandIn,
}

/// Tries drafts on an archive, all of them together.
///
/// # Errors
/// Where two of them are of one policy.
pub fn amend(sources: &Sources, settings: &Settings, today: NaiveDate, proposed: &[Proposed<'_>]) -> Result<Amendment, TwoDrafts> {
    let present = Policies::compile(sources, today);
    let placed = place(&present, sources, today, proposed)?;
    let paths: BTreeSet<ArchivePath> = placed.iter().map(|draft| draft.stand_in.path.clone()).collect();
    let before = Judged::of(Arc::new(sources.clone()), present, settings, today, &paths);
    let (with_drafts, policies) = standing_in(sources, today, &placed);
    let after = Judged::of(Arc::new(with_drafts), policies, settings, today, &paths);
    let compared = Comparison::of(&before, &after, &placed);
    let (begun, ended) = compared.findings();
    let (past_begun, mut past_ended) = compared.past();
    past_ended.retain(|finding| compared.is_judged(finding));
    let (ended, unjudged): (Vec<Finding>, Vec<Finding>) = ended.into_iter().partition(|finding| compared.is_judged(finding));
    let drafts: Vec<DraftPolicy> = placed.iter().map(|draft| compared.draft(draft)).collect();
    let effect = Effect::of(&compared, &drafts, today, [&begun, &ended, &past_begun, &past_ended]);
    Ok(Amendment {
        mistakes: compared.told(compared.mistakes()),
        begun: compared.told(begun),
        ended: compared.told_before(ended),
        past_begun: compared.told(past_begun),
        past_ended: compared.told_before(past_ended),
        unjudged: compared.told_before(unjudged),
        drafts,
        effect,
        policies: after.archive.policies.clone(),
    })
}

/// What is wrong with a draft itself, its examples among it, in the place of the present version of
/// its policy. No record is judged.
pub fn proof(sources: &Sources, settings: &Settings, today: NaiveDate, proposed: &Proposed<'_>) -> ToldFindings {
    let draft = Placed::of(&Policies::compile(sources, today), sources, today, proposed);
    let path = draft.stand_in.path.clone();
    let (with_draft, policies) = standing_in(sources, today, &[draft]);
    let tried = examples::try_those(&policies, settings, |policy| policy.document.path == path).into_iter().flat_map(|tried| tried.failed);
    let findings = policies.findings.iter().filter(|finding| lies_at(finding, &path, &with_draft)).cloned().chain(tried);
    let findings = super::in_order(findings.collect(), &with_draft);
    ToldFindings { findings, sources: with_draft.shown_as(&path.0, proposed.shown) }
}

fn place<'a>(present: &Policies, sources: &Sources, today: NaiveDate, proposed: &'a [Proposed<'a>]) -> Result<Vec<Placed<'a>>, TwoDrafts> {
    let (mut placed, mut taken): (Vec<Placed<'_>>, Sources) = (Vec::new(), sources.clone());
    for proposed in proposed {
        let draft = Placed::of(present, &taken, today, proposed);
        let other = placed.iter().find(|other| other.front.id.is_some() && other.front.id == draft.front.id);
        if let (Some(other), Some(policy)) = (other, &draft.front.id) {
            let shown = [other.proposed.shown, proposed.shown].map(str::to_owned);
            return Err(TwoDrafts { policy: policy.clone(), shown });
        }
        taken = taken.with(&draft.stand_in.path.0, proposed.bytes.clone());
        placed.push(draft);
    }
    Ok(placed)
}

/// The archive with the drafts in it.
fn standing_in(sources: &Sources, today: NaiveDate, placed: &[Placed<'_>]) -> (Sources, Policies) {
    let put = |sources: Sources, draft: &Placed<'_>| sources.with(&draft.stand_in.path.0, draft.proposed.bytes.clone());
    let with_drafts = placed.iter().fold(sources.clone(), put);
    let standing_in: Vec<StandIn> = placed.iter().map(|draft| draft.stand_in.clone()).collect();
    let policies = Policies::compile_standing_in(&with_drafts, today, &standing_in);
    (with_drafts, policies)
}

/// What a draft says of itself, as written.
struct Front {
    id: Option<Arc<str>>,
    effective: String,
    withdraws: bool,
}

impl Front {
    fn of(proposed: &Proposed<'_>) -> Front {
        let alone = Sources::from_memory([("policies/draft.md", proposed.bytes.clone())]);
        let document = document::parse(&alone.files[0]);
        let said = |key: &str| document.front.get(key).and_then(|node| node.text()).map_or("", |text| text.trim()).to_owned();
        let id = Some(said("policy")).filter(|id| !id.is_empty()).map(Arc::from);
        Front { id, effective: said("effective"), withdraws: said("status") == "withdrawn" }
    }
}

impl<'a> Placed<'a> {
    /// The version that stands, and where the draft stands in.
    fn of(present: &Policies, sources: &Sources, today: NaiveDate, proposed: &'a Proposed<'a>) -> Placed<'a> {
        let front = Front::of(proposed);
        let standing = front.id.as_ref().and_then(|id| present.standing(today).find(|policy| policy.id == *id).cloned());
        let stand_in = match &standing {
            Some(policy) if !front.withdraws => StandIn { path: policy.document.path.clone(), effective: policy.effective },
            // What withdraws a policy replaces no text: it is one more document, and the records of
            // earlier days stay bound.
            Some(_) => StandIn { path: free_path(sources, front.id.as_deref()), effective: today },
            // A policy that is new is tried on every record.
            None => StandIn { path: free_path(sources, front.id.as_deref()), effective: NaiveDate::MIN },
        };
        Placed { proposed, front, standing, stand_in }
    }
}

/// Where nothing lies yet.
fn free_path(sources: &Sources, id: Option<&str>) -> ArchivePath {
    let name = id.filter(|id| id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or("draft");
    let paths = (0..).map(|n| format!("policies/{name}{}.md", "-draft".repeat(n)));
    let mut free = paths.filter(|path| sources.by_path(path).is_none());
    ArchivePath::from(&*free.next().expect("an archive has not every path"))
}

impl Judged {
    /// The approvals of the documents at `proposed` are left out.
    fn of(sources: Arc<Sources>, policies: Policies, settings: &Settings, today: NaiveDate, proposed: &BTreeSet<ArchivePath>) -> Judged {
        let archive = Archive::build(sources.clone(), Arc::new(policies), settings.clone());
        let signers = AllowedSigners::of(&archive);
        let archive = approval::settled(archive, &signers, &Remembered::default(), today);
        let mut approvals = Approvals::judge(&archive, today);
        approvals.findings.retain(|finding| !proposed.iter().any(|path| lies_at(finding, path, &sources)));
        let report = check(Facts::many(&archive, &approvals, today));
        Judged { archive, report }
    }

    fn sources(&self) -> &Sources {
        &self.archive.sources
    }

    fn policies(&self) -> &Policies {
        &self.archive.policies
    }
}

fn lies_at(finding: &Finding, path: &ArchivePath, sources: &Sources) -> bool {
    finding.span.is_some_and(|span| sources.file(span.file).path == *path)
}

impl Amendment {
    /// Whether a draft has a mistake, or a record would newly break, that is an error.
    pub fn has_errors(&self) -> bool {
        self.mistakes.findings.iter().chain(&self.begun.findings).any(|finding| finding.severity == Severity::Error)
    }

    /// Whether none of the drafts says anything else, so that nothing comes of them.
    pub fn changes_nothing(&self) -> bool {
        self.drafts.iter().all(|draft| draft.difference.is_empty())
    }

    /// Whether one of the drafts says which policy it is, so that something can be compared.
    pub fn is_compared(&self) -> bool {
        self.drafts.iter().any(|draft| draft.policy.is_some())
    }
}
