//! What rests on a type or on posts whose block has a mistake is not judged: the mistake is told where it was made, and what follows from it
//! in one line.

use super::{Due, Report};
use crate::{
    archive::Archive,
    diagnostic::{Finding, Words},
    document::Node,
    policy::{Block, BlockKind, DutyNeed, Expression, Judged, Reader, RecordType, Role, Unsound},
    source::Span,
};
use std::{collections::BTreeSet, sync::Arc};

/// Words of expressions whose answers rest on posts, on the people on file, and on what they have approved.
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

/// Leaves out what follows from mistakes in types and posts, and tells how much is not judged.
pub(super) fn leave_out(report: Report, archive: &Archive) -> Report {
    let unsound = &archive.policies.unsound;
    if unsound.is_empty() {
        return report;
    }
    let resting = Resting::of(unsound, archive);
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
        Finding::warning("policy.unjudged", *head, message).with_fix(Words::new("先更正这一段", "mend this block first"))
    }));
    let duties = report.duties.into_iter().filter(|due: &Due| !resting.blocks.contains(&due.duty)).collect();
    let superseded = report.superseded.into_iter().filter(|(_, finding)| !resting.explains(finding)).collect();
    Report { findings: super::in_order(findings, &archive.sources), past: kept(report.past), superseded, duties, ..report }
}

/// What is not told for the mistakes in an archive's types and posts.
pub(super) struct Silenced<'a>(Option<Resting<'a>>);

impl<'a> Silenced<'a> {
    pub fn of(archive: &'a Archive) -> Silenced<'a> {
        let unsound = &archive.policies.unsound;
        Silenced((!unsound.is_empty()).then(|| Resting::of(unsound, archive)))
    }

    pub fn explains(&self, finding: &Finding) -> bool {
        self.0.as_ref().is_some_and(|resting| resting.explains(finding))
    }

    pub fn carries(&self, block: &str) -> bool {
        self.0.as_ref().is_some_and(|resting| resting.blocks.contains(block))
    }
}

/// What rests on what is unsound.
struct Resting<'a> {
    unsound: &'a Unsound,
    archive: &'a Archive,
    /// People are not known as they should be, nor is what they have approved.
    of_people: bool,
    /// The types whose records a search may miss, or find though another has taken their place.
    searched: BTreeSet<Arc<str>>,
    /// The fields that refer to one of the unsound types, as they stand before what is asked of it: `term.`.
    referring: BTreeSet<String>,
    /// The ids of rules and duties.
    blocks: BTreeSet<Arc<str>>,
}

impl<'a> Resting<'a> {
    fn of(unsound: &'a Unsound, archive: &'a Archive) -> Resting<'a> {
        // A type that has a role and is unsound stands for nobody in that role.
        let of_people = unsound.posts || archive.policies.role(Role::Person).is_none();
        let blocks = || archive.policies.versions.iter().flat_map(|policy| &policy.blocks);
        let approved = blocks().filter_map(|block| match &block.kind {
            BlockKind::Approval(rule) if of_people => Some(&rule.judged),
            _ => None,
        });
        let searched = unsound.types.iter().chain(approved.flatten()).cloned().collect();
        let types = archive.policies.types.values();
        let refers = |own: &'a Arc<RecordType>| unsound.types.iter().flat_map(|id| own.referring_to(id)).map(|field| format!("{field}."));
        let referring = types.flat_map(refers).collect();
        let mut resting = Resting { unsound, archive, of_people, searched, referring, blocks: BTreeSet::new() };
        resting.blocks = blocks().filter(|block| resting.carries(block)).map(|block| block.id.clone()).collect();
        resting
    }

    fn carries(&self, block: &Block) -> bool {
        match &block.kind {
            BlockKind::Rule(rule) => self.is_of(&rule.judged) || rule.expressions().any(|expression| self.names(expression)),
            BlockKind::Duty(duty) => {
                let needed = matches!(&duty.need, DutyNeed::Record(id) if self.unsound.types.contains(id));
                let by_office = duty.approved || duty.who.iter().any(|who| matches!(who, Reader::Post(_) | Reader::Department(_)));
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
            || self.referring.iter().any(is_asked)
            || (self.of_people && OF_PEOPLE.iter().any(|word| source.contains(word)))
    }

    /// Whether a finding follows from what is unsound.
    fn explains(&self, finding: &Finding) -> bool {
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
                let read = finding.reads.records.iter().filter_map(|id| self.archive.record(id));
                self.of_people || read.into_iter().any(|record| self.is_untyped(record))
            }
            // Departments and posts are among what a field may hold.
            "structure.wrong-type" => self.unsound.posts,
            "policy.approved" => self.of_people,
            // A post may be named where a record is.
            "reference.dangling" => self.unsound.posts,
            "records.vanished" => self.of_people || self.archive.policies.role(Role::Disposal).is_none(),
            // What a note deals with may be among what is not judged.
            "records.idle-note" => true,
            "sense.not-on-staff" => self.of_people,
            // What stands outside a seal is said by the type.
            _ if family == "approval" => {
                self.of_people
                    || finding.record.as_ref().and_then(|id| self.archive.record(id)).is_some_and(|record| self.is_untyped(record))
            }
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
