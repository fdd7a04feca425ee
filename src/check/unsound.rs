//! What rests on a type or on posts whose block has a mistake, or on a post that a stranger is said
//! to hold, is not judged: the mistake is told where it was made, and what follows from it in one
//! line.

use super::{Due, Report, posts};
use crate::{
    archive::Archive,
    diagnostic::{Finding, Words},
    document::Node,
    policy::{Block, BlockKind, DutyNeed, Expression, Judged, Party, RecordType, Role, Unsound},
    source::Span,
};
use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

/// Words of expressions whose answers rest on posts, on the people on file, and on what they have
/// approved.
const OF_PEOPLE: [&str; 12] = [
    "holds_post(",
    "on_staff(",
    "department(",
    "superior(",
    "superiors(",
    "head(",
    "line(",
    "cycle(",
    "posts()",
    "departments()",
    "approv",
    ".on(",
];

const UNJUDGED: &str = "policy.unjudged";

/// Leaves out what follows from mistakes in types and posts, and tells how much is not judged.
pub(super) fn leave_out(report: Report, archive: &Archive) -> Report {
    leave_out_resting(report, archive, Resting::of_policies(archive))
}

/// Leaves out what follows from it that a post is said to be held by a stranger. For whoever reads
/// the whole archive: what anybody else is told must not hang on who is on file.
pub fn told_once<'r>(report: &'r Report, archive: &Archive) -> Cow<'r, Report> {
    let strangers = posts::strangers(archive);
    if strangers.is_empty() {
        return Cow::Borrowed(report);
    }
    let mut report = report.clone();
    // It is told anew, with what rests on strangers.
    report.findings.retain(|finding| &*finding.code != UNJUDGED);
    Cow::Owned(leave_out_resting(report, archive, Resting::of(archive, strangers)))
}

fn leave_out_resting(report: Report, archive: &Archive, resting: Option<Resting<'_>>) -> Report {
    let Some(resting) = resting else { return report };
    let unsound = &resting.unsound;
    let kept = |findings: Vec<Finding>| -> Vec<Finding> { findings.into_iter().filter(|finding| !resting.explains(finding)).collect() };
    let mut findings = kept(report.findings);
    let places = if unsound.fronts.is_empty() { &unsound.heads } else { &unsound.fronts };
    findings.extend(places.iter().map(|head| {
        let count = resting.blocks.len();
        let message = match unsound.fronts.is_empty() {
            true if count == 0 => Words::new("这一段更正以前，用到它的规定暂不核对", "until this is mended, what uses it is not judged"),
            true => Words::new(
                format!("这一段更正以前，依它判断的 {count} 项规定、有关的例子和审批暂不核对"),
                format!("until this is mended, what rests on it is not judged: {count} provisions, and examples and approvals"),
            ),
            false => Words::new(
                "不知道这项制度是否施行，更正以前，全部规定暂不核对",
                "whether this policy is in force cannot be told; until it is mended, nothing is judged by any policy",
            ),
        };
        Finding::warning(UNJUDGED, *head, message).with_fix(Words::new("先更正这一段", "mend this block first"))
    }));
    let duties = report.duties.into_iter().filter(|due: &Due| !resting.bears(&due.duty)).collect();
    let superseded = report.superseded.into_iter().filter(|(_, finding)| !resting.explains(finding)).collect();
    Report { findings: super::in_order(findings, &archive.sources), past: kept(report.past), superseded, duties, ..report }
}

/// What rests on what is unsound.
pub(super) struct Resting<'a> {
    unsound: Unsound,
    archive: &'a Archive,
    /// The posts that a stranger is said to hold.
    posts: BTreeSet<&'a Arc<str>>,
    /// People are not known as they should be, nor is what they have approved.
    of_people: bool,
    /// The types whose records a search may miss, or find though another has taken their place.
    searched: BTreeSet<Arc<str>>,
    /// The fields that refer to one of the unsound types, as they stand before what is asked of it
    /// (`term.`), and those whose past values follow from it (`grade.on(`).
    referring: BTreeSet<String>,
    /// The ids of rules and duties.
    blocks: BTreeSet<Arc<str>>,
}

impl<'a> Resting<'a> {
    /// What rests on mistakes in the policies alone; `None` where there are none.
    pub fn of_policies(archive: &'a Archive) -> Option<Resting<'a>> {
        Resting::of(archive, Vec::new())
    }

    /// `None` where nothing is unsound. `strangers`: posts that are said to be held by one, each
    /// with the row.
    fn of(archive: &'a Archive, strangers: Vec<(&'a Arc<str>, Span)>) -> Option<Resting<'a>> {
        if archive.policies.unsound.is_empty() && strangers.is_empty() {
            return None;
        }
        let mut unsound = archive.policies.unsound.clone();
        unsound.heads.extend(strangers.iter().map(|(_, row)| *row));
        let posts: BTreeSet<&Arc<str>> = strangers.into_iter().map(|(post, _)| post).collect();
        // What such a post has approved may be approved, and may not.
        for rule in archive.policies.versions.iter().flat_map(|policy| &policy.blocks).filter_map(Block::approval) {
            if rule.steps.iter().any(|step| posts.contains(&step.post)) {
                unsound.posts |=
                    rule.judged.iter().any(|id| archive.policies.role(Role::Person).is_none_or(|own| own.id == *id) || &**id == "policy");
                unsound.types.extend(rule.judged.iter().cloned());
            }
        }
        // A type that has a role and is unsound stands for nobody in that role.
        let of_people = unsound.posts || archive.policies.role(Role::Person).is_none();
        let blocks = || archive.policies.versions.iter().flat_map(|policy| &policy.blocks);
        let approved = blocks().filter_map(Block::approval).filter(|_| of_people).map(|rule| &rule.judged);
        let searched = unsound.types.iter().chain(approved.flatten()).cloned().collect();
        let types = archive.policies.types.values();
        let refers = |own: &'a Arc<RecordType>| unsound.types.iter().flat_map(|id| own.referring_to(id)).map(|field| format!("{field}."));
        let histories = archive.policies.types.values().flat_map(|own| &own.history);
        let followed = histories.filter(|(_, history)| unsound.types.contains(&history.from)).map(|(field, _)| format!("{field}.on("));
        let referring = types.flat_map(refers).chain(followed).collect();
        let mut resting = Resting { unsound, archive, posts, of_people, searched, referring, blocks: BTreeSet::new() };
        resting.blocks = blocks().filter(|block| resting.carries(block)).map(|block| block.id.clone()).collect();
        Some(resting)
    }

    fn carries(&self, block: &Block) -> bool {
        match &block.kind {
            BlockKind::Rule(rule) => self.is_of(&rule.judged) || rule.expressions().any(|expression| self.names(expression)),
            BlockKind::Duty(duty) => {
                let needed = matches!(&duty.need, DutyNeed::Record(id) if self.unsound.types.contains(id));
                let by_office = duty.approved || duty.who.iter().any(|who| matches!(who, Party::Post(_) | Party::Department(_)));
                needed
                    || (self.of_people && by_office)
                    || self.is_of(&duty.judged)
                    || duty.expressions().any(|expression| self.names(expression))
            }
            _ => false,
        }
    }

    fn is_of(&self, judged: &Judged) -> bool {
        matches!(judged, Judged::Types(types) if types.iter().any(|id| self.unsound.types.contains(id)))
    }

    fn names(&self, expression: &Expression) -> bool {
        let source = &*expression.source;
        let quoted = |id: &Arc<str>| source.contains(&format!("\"{id}\"")) || source.contains(&format!("'{id}'"));
        let is_asked = |field: &String| source.contains(field.as_str());
        self.searched.iter().any(quoted)
            || self.posts.iter().copied().any(quoted)
            || self.referring.iter().any(is_asked)
            || (self.of_people && OF_PEOPLE.iter().any(|word| source.contains(word)))
    }

    /// Whether a rule or duty of that id rests on it.
    pub fn bears(&self, block: &str) -> bool {
        self.blocks.contains(block)
    }

    /// Whether a finding follows from what is unsound.
    pub fn explains(&self, finding: &Finding) -> bool {
        let family = finding.code.split('.').next().unwrap_or_default();
        if !self.unsound.fronts.is_empty() {
            let lies_in = |front: &Span| {
                finding.span.is_some_and(|span| span.file == front.file && front.start <= span.start && span.end <= front.end)
            };
            return family != "document" && !(family == "policy" && self.unsound.fronts.iter().any(lies_in));
        }
        match &*finding.code {
            "policy.example" => true,
            "structure.type" => {
                finding.record.as_ref().and_then(|id| self.archive.record(id)).is_some_and(|record| self.is_untyped(record))
            }
            "reference.wrong-type" => {
                let read = finding.reads.records().filter_map(|id| self.archive.record(id));
                self.of_people || read.into_iter().any(|record| self.is_untyped(record))
            }
            // Departments and posts are among what a field may hold.
            "structure.wrong-type" => self.unsound.posts,
            "policy.approved" => self.of_people,
            // A post may be named where a record is.
            "reference.dangling" => self.unsound.posts,
            "records.vanished" => {
                let disposal = self.archive.policies.role(Role::Disposal);
                self.of_people || disposal.is_none_or(|own| self.unsound.types.contains(&own.id))
            }
            // What a note deals with may be among what is not judged.
            "records.idle-note" => true,
            "sense.not-on-staff" => self.of_people,
            // What stands outside a seal is said by the type.
            _ if family == "approval" => {
                self.of_people
                    || finding.record.as_ref().and_then(|id| self.archive.record(id)).is_some_and(|record| self.is_untyped(record))
            }
            // That is what the others follow from.
            "posts.unknown-person" => self.of_people && self.posts.is_empty(),
            _ if family == "posts" => self.of_people,
            code => self.blocks.contains(code),
        }
    }

    /// Whether its type is one of those that are unsound.
    fn is_untyped(&self, record: &crate::archive::Record) -> bool {
        let written = record.document.front.get("type").and_then(Node::text);
        written.is_some_and(|id| self.unsound.types.contains(id.trim()))
    }
}
