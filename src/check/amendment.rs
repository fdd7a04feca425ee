//! What would change if a draft stood in the place of the present version of its policy: what the text says otherwise, and which findings
//! would be new or cease. The draft is taken as in force from that version's day on, so that the records which that version judges today
//! are those that the draft is tried on; one that withdraws the policy, as if it did so today. Its own approvals do not matter yet. Never
//! writes anything.

use super::{Report, check, examples};
use crate::{
    approval::{self, AllowedSigners, Approvals, Remembered},
    archive::{Archive, Settings},
    diagnostic::{Finding, Lang, Severity, Words, codes, json},
    document,
    facts::Facts,
    policy::{Difference, Policies, Policy, StandIn, difference::Version},
    source::{ArchivePath, RecordId, Sources},
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// What a draft would change.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// `None` where the document does not say which policy it is: then there are mistakes only.
    pub draft: Option<Arc<Policy>>,
    /// The day from which the draft is to take effect, as it says.
    pub effective: String,
    /// The day from which it is tried.
    pub from: NaiveDate,
    /// The version in whose place it stands: the one in force, or the one that withdrew the policy.
    pub present: Option<Arc<Policy>>,
    pub difference: Difference,
    /// What is wrong with the draft itself.
    pub mistakes: Told,
    /// The findings that would be new, and those that would cease.
    pub begun: Told,
    pub ended: Told,
}

/// Findings, with the texts in which they are shown.
#[derive(Clone, Debug)]
pub struct Told {
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

/// An archive with what is found in it.
struct Judged {
    sources: Arc<Sources>,
    policies: Arc<Policies>,
    report: Report,
}

/// Tries a draft on an archive.
pub fn amend(sources: &Sources, settings: &Settings, today: NaiveDate, proposed: &Proposed<'_>) -> Amendment {
    let front = Front::of(proposed);
    let present = Policies::compile(sources, today);
    let (standing, stand_in) = front.place(&present, sources, today);
    let before = Judged::of(Arc::new(sources.clone()), present, settings, today, &stand_in.path);
    let with_draft = Arc::new(sources.with(&stand_in.path.0, proposed.bytes.clone()));
    let policies = Policies::compile_standing_in(&with_draft, today, &stand_in);
    let after = Judged::of(with_draft, policies, settings, today, &stand_in.path);
    let compared = Comparison { before: &before, after: &after, path: &stand_in.path, shown: proposed.shown };
    let draft = after.policies.versions.iter().find(|policy| policy.document.path == stand_in.path).cloned();
    Amendment {
        difference: draft.as_ref().map(|draft| compared.difference(standing.as_deref(), draft)).unwrap_or_default(),
        mistakes: compared.told(compared.mistakes()),
        begun: compared.told(compared.begun()),
        ended: compared.ended(),
        present: standing,
        draft,
        effective: front.effective,
        from: stand_in.effective,
    }
}

/// What is wrong with a draft itself, its examples among it, in the place of the present version of its policy. No record is judged.
pub fn proof(sources: &Sources, settings: &Settings, today: NaiveDate, proposed: &Proposed<'_>) -> Told {
    let (_, stand_in) = Front::of(proposed).place(&Policies::compile(sources, today), sources, today);
    let with_draft = sources.with(&stand_in.path.0, proposed.bytes.clone());
    let policies = Policies::compile_standing_in(&with_draft, today, &stand_in);
    let is_of_draft = |policy: &Policy| policy.document.path == stand_in.path;
    let tried = examples::try_those(&policies, settings, is_of_draft).into_iter().flat_map(|tried| tried.failed);
    let findings = policies.findings.iter().filter(|finding| lies_at(finding, &stand_in.path, &with_draft)).cloned().chain(tried);
    let findings = super::in_order(findings.collect(), &with_draft);
    Told { findings, sources: with_draft.shown_as(&stand_in.path.0, proposed.shown) }
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

    /// The version that stands, and where the draft stands in.
    fn place(&self, present: &Policies, sources: &Sources, today: NaiveDate) -> (Option<Arc<Policy>>, StandIn) {
        let standing = self.id.as_ref().and_then(|id| present.standing(today).find(|policy| policy.id == *id).cloned());
        let stand_in = match &standing {
            Some(policy) if !self.withdraws => StandIn { path: policy.document.path.clone(), effective: policy.effective },
            // What withdraws a policy replaces no text: it is one more document, and the records of earlier days stay bound.
            Some(_) => StandIn { path: free_path(sources, self.id.as_deref()), effective: today },
            // A policy that is new is tried on every record.
            None => StandIn { path: free_path(sources, self.id.as_deref()), effective: NaiveDate::MIN },
        };
        (standing, stand_in)
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
    /// The approvals of the document at `proposed` are left out.
    fn of(sources: Arc<Sources>, policies: Policies, settings: &Settings, today: NaiveDate, proposed: &ArchivePath) -> Judged {
        let policies = Arc::new(policies);
        let archive = Archive::build(sources.clone(), policies.clone(), settings.clone());
        let signers = AllowedSigners::of(&archive);
        let archive = approval::settled(archive, &signers, &Remembered::default(), today);
        let mut approvals = Approvals::judge(&archive, today);
        approvals.findings.retain(|finding| !lies_at(finding, proposed, &sources));
        let report = check(Facts::many(&archive, &approvals, today));
        Judged { sources, policies, report }
    }
}

fn lies_at(finding: &Finding, path: &ArchivePath, sources: &Sources) -> bool {
    finding.span.is_some_and(|span| sources.file(span.file).path == *path)
}

/// What the two say, and what is found by the one and not by the other.
struct Comparison<'a> {
    before: &'a Judged,
    after: &'a Judged,
    /// Where the draft stands in.
    path: &'a ArchivePath,
    shown: &'a str,
}

impl Comparison<'_> {
    fn difference(&self, present: Option<&Policy>, draft: &Policy) -> Difference {
        let before = present.map(|policy| Version { policy, sources: &self.before.sources });
        Difference::between(before, Version { policy: draft, sources: &self.after.sources })
    }

    /// Whether a finding is about the draft itself: no rule has judged anything.
    fn is_mistake(&self, finding: &Finding) -> bool {
        let is_built_in = codes::BUILT_IN.iter().any(|known| *known.code == *finding.code);
        is_built_in && finding.record.is_none() && lies_at(finding, self.path, &self.after.sources)
    }

    fn mistakes(&self) -> Vec<Finding> {
        self.after.report.findings.iter().filter(|finding| self.is_mistake(finding)).cloned().collect()
    }

    fn begun(&self) -> Vec<Finding> {
        let begun = only_in(self.after, self.before, self.path).into_iter();
        begun.filter(|finding| !self.is_mistake(finding)).collect()
    }

    /// Findings under the draft, shown where a person knows it.
    fn told(&self, findings: Vec<Finding>) -> Told {
        let citing = |mut finding: Finding| {
            if let Some(citation) = finding.citation.as_mut().filter(|citation| citation.path == *self.path) {
                citation.path = self.shown.into();
            }
            finding
        };
        Told { findings: findings.into_iter().map(citing).collect(), sources: self.after.sources.shown_as(&self.path.0, self.shown) }
    }

    fn ended(&self) -> Told {
        Told { findings: only_in(self.before, self.after, self.path), sources: (*self.before.sources).clone() }
    }
}

/// What one finding has that another of the same would have too. In the document that was replaced places do not compare.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'f> {
    code: &'f str,
    severity: Severity,
    record: Option<&'f RecordId>,
    message: &'f Words,
    path: Option<&'f ArchivePath>,
    place: Option<(u32, u32)>,
}

impl<'f> Likeness<'f> {
    fn of(finding: &'f Finding, sources: &'f Sources, replaced: &ArchivePath) -> Likeness<'f> {
        let Finding { code, severity, record, message, span, .. } = finding;
        let path = span.map(|span| &sources.file(span.file).path);
        let place = span.filter(|_| path != Some(replaced)).map(|span| (span.start, span.end));
        Likeness { code, severity: *severity, record: record.as_ref(), message, path, place }
    }
}

/// The findings of the one that the other has not, or has not as often.
fn only_in(one: &Judged, other: &Judged, replaced: &ArchivePath) -> Vec<Finding> {
    let mut known: BTreeMap<Likeness<'_>, usize> = BTreeMap::new();
    for finding in &other.report.findings {
        *known.entry(Likeness::of(finding, &other.sources, replaced)).or_default() += 1;
    }
    let mut found = Vec::new();
    for finding in &one.report.findings {
        match known.get_mut(&Likeness::of(finding, &one.sources, replaced)) {
            Some(left @ 1..) => *left -= 1,
            _ => found.push(finding.clone()),
        }
    }
    found
}

impl Amendment {
    /// Whether the draft has a mistake, or a record would newly break, that is an error.
    pub fn has_errors(&self) -> bool {
        self.mistakes.findings.iter().chain(&self.begun.findings).any(|finding| finding.severity == Severity::Error)
    }

    /// Each on a line of its own: `{"what":"mistake", …}`, then `{"what":"article","change","id","title"}`,
    /// `{"what":"block","change","id","kind","article"}`, `{"what":"setting","change","id","before","after"}`, then
    /// `{"what":"finding","change":"new|ceased", …}`; `…` is a finding as `check` gives it.
    pub fn json(&self, lang: Lang) -> Vec<Value> {
        let told = |told: &Told, head: Value| -> Vec<Value> {
            let line = |finding| joined(&head, json::object(finding, &told.sources, lang));
            told.findings.iter().map(line).collect()
        };
        let Difference { articles, blocks, settings } = &self.difference;
        let articles = articles
            .iter()
            .map(|(change, article)| json!({ "what": "article", "change": change.name(), "id": &*article.key, "title": &*article.title }));
        let blocks = blocks.iter().map(|(change, block)| {
            let article = &*block.citation.article;
            json!({ "what": "block", "change": change.name(), "id": &*block.id, "kind": block.kind.name(), "article": article })
        });
        let settings = settings.iter().map(|setting| {
            let (before, after) = (setting.before.as_deref(), setting.after.as_deref());
            json!({ "what": "setting", "change": setting.change().name(), "id": &*setting.name, "before": before, "after": after })
        });
        let mistakes = told(&self.mistakes, json!({ "what": "mistake" })).into_iter();
        let begun = told(&self.begun, json!({ "what": "finding", "change": "new" }));
        let ended = told(&self.ended, json!({ "what": "finding", "change": "ceased" }));
        mistakes.chain(articles).chain(blocks).chain(settings).chain(begun).chain(ended).collect()
    }
}

fn joined(head: &Value, rest: Value) -> Value {
    let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
    Value::Object(entries(head).into_iter().chain(entries(&rest)).collect())
}
