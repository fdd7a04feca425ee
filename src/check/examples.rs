//! The examples of policies: each is a little archive of its own, in which one rule, duty or style
//! is judged. An example that comes out otherwise than it says is a finding in the policy.

mod papers;
mod scene;

use super::{
    builtins, duties,
    law::Validity,
    references, rules, sense,
    share::{Share, Tab},
    style::{self, WordsOfRecord},
};
use crate::{
    archive::{Archive, Record, Settings},
    diagnostic::{Finding, Lang, Reads, Words},
    facts::Facts,
    policy::{Block, BlockKind, Duty, Example, Expected, Policies, Policy, Rule, Status, Style, expression::Stop, expression::World},
    source::RecordId,
    structure,
};
use rayon::prelude::*;
use scene::{ExampleStage, Scene};
use std::sync::Arc;

/// The examples of one block, and what came of them.
#[derive(Clone, Debug)]
pub struct Tried<'p> {
    pub block: &'p Block,
    pub holds: usize,
    pub breaks: usize,
    pub late: usize,
    /// Whether nobody can tell that the block works when it has none.
    pub needed: bool,
    /// Those that came out otherwise than they say.
    pub failed: Vec<Finding>,
}

impl Tried<'_> {
    /// Whether there should be examples, and are none.
    pub fn lacks_examples(&self) -> bool {
        self.needed && self.holds + self.breaks + self.late == 0
    }

    /// `{"id","policy","article","path","line","holds","breaks","late","failed":[messages]}`
    pub fn json(&self, lang: Lang) -> serde_json::Value {
        let cited = &self.block.citation;
        serde_json::json!({
            "id": &*self.block.id, "policy": &*cited.policy, "article": &*cited.article, "path": &*cited.path.0, "line": self.block.line,
            "holds": self.holds, "breaks": self.breaks, "late": self.late,
            "failed": self.failed.iter().map(|finding| finding.message.get(lang)).collect::<Vec<_>>(),
        })
    }
}

/// Runs every example of every policy that is not withdrawn: one answer for each block that may
/// have any, in the order of the policies.
pub fn try_all<'p>(policies: &'p Policies, settings: &Settings) -> Vec<Tried<'p>> {
    try_those(policies, settings, |_| true)
}

/// The same of some of them.
pub(super) fn try_those<'p>(policies: &'p Policies, settings: &Settings, wanted: impl Fn(&Policy) -> bool) -> Vec<Tried<'p>> {
    let standing = policies.versions.iter().filter(|policy| policy.status != Status::Withdrawn && wanted(policy));
    let standing: Vec<&Arc<Policy>> = standing.collect();
    let subjects = standing.iter().flat_map(|policy| &policy.blocks).filter_map(TriedBlock::of);
    let examples = subjects.map(|subject| subject.examples().len()).sum();
    let stages: Vec<_> = standing.into_iter().map(|policy| (policy, ExampleStage::of(policy, policies, settings, examples))).collect();
    let of_policy = |(policy, stage): &(&'p Arc<Policy>, ExampleStage)| {
        let blocks = policy.blocks.par_iter();
        blocks.filter_map(|block| TriedBlock::of(block).map(|subject| tried(block, subject, stage))).collect::<Vec<_>>()
    };
    stages.iter().flat_map(of_policy).collect()
}

/// What was found of the examples of some policies.
struct Found {
    policies: Arc<Policies>,
    settings: Settings,
    findings: Arc<[Finding]>,
}

/// The findings alone. Examples rest on nothing but the policies and the settings: those that were
/// tried before are not tried again.
pub(super) fn judge(archive: &Archive) -> Arc<[Finding]> {
    let (policies, settings) = (&archive.policies, &archive.settings);
    let fits = |found: &Found| Arc::ptr_eq(&found.policies, policies) && found.settings == *settings;
    let findings = || try_all(policies, settings).into_iter().flat_map(|tried| tried.failed).collect();
    let make = || Found { policies: policies.clone(), settings: settings.clone(), findings: findings() };
    archive.sources.kept().or_made(fits, make).findings.clone()
}

fn tried<'p>(block: &'p Block, subject: TriedBlock<'p>, stage: &ExampleStage) -> Tried<'p> {
    let examples = subject.examples();
    let count = |expected| examples.iter().filter(|example| example.expected == expected).count();
    let failed = examples.par_iter().filter_map(|example| Trial { stage, block, subject, example }.run()).collect();
    Tried {
        block,
        holds: count(Expected::Holds),
        breaks: count(Expected::Breaks),
        late: count(Expected::Late),
        needed: matches!(subject, TriedBlock::Rule(_)),
        failed,
    }
}

/// One example, with what it is to try.
struct Trial<'a> {
    stage: &'a ExampleStage,
    block: &'a Block,
    subject: TriedBlock<'a>,
    example: &'a Example,
}

#[derive(Clone, Copy)]
enum TriedBlock<'a> {
    Rule(&'a Rule),
    Builtin(&'a Rule),
    Duty(&'a Duty),
    Style(&'a Style),
}

impl<'a> TriedBlock<'a> {
    /// `None` where a block of its kind has no examples.
    fn of(block: &'a Block) -> Option<TriedBlock<'a>> {
        match &block.kind {
            BlockKind::Rule(rule) if rule.builtin.is_some() => Some(TriedBlock::Builtin(rule)),
            BlockKind::Rule(rule) => Some(TriedBlock::Rule(rule)),
            BlockKind::Duty(duty) => Some(TriedBlock::Duty(duty)),
            BlockKind::Style(style) => Some(TriedBlock::Style(style)),
            _ => None,
        }
    }

    fn examples(self) -> &'a [Example] {
        match self {
            TriedBlock::Rule(rule) | TriedBlock::Builtin(rule) => &rule.examples,
            TriedBlock::Duty(duty) => &duty.examples,
            TriedBlock::Style(style) => &style.examples,
        }
    }
}

/// What came of trying an example.
enum Came {
    /// Nothing was wrong; `elsewhere` where the block did not speak of the record at all.
    Held {
        elsewhere: bool,
    },
    Broke(Words),
    /// It was done, and too late.
    Late(Words),
}

impl Trial<'_> {
    /// A finding where it comes out otherwise than it says.
    fn run(&self) -> Option<Finding> {
        let otherwise = match Scene::of(self.example, self.types(), self.sections(), self.stage).and_then(|scene| self.play(&scene)) {
            Ok(Came::Held { .. }) if self.example.expected == Expected::Holds => return None,
            Ok(Came::Broke(_)) if self.example.expected == Expected::Breaks => return None,
            Ok(Came::Late(_)) if self.example.expected == Expected::Late => return None,
            Ok(Came::Broke(message) | Came::Late(message)) => {
                let (zh, en) = self.should();
                Words::new(format!("例子应当{zh}，却得到：{}", message.zh), format!("the example should {en}, and got: {}", message.en))
            }
            Ok(Came::Held { elsewhere }) => {
                let (zh, en) = self.should();
                match elsewhere {
                    true => Words::new(
                        format!("例子应当{zh}，却不在这一条所说的范围内"),
                        format!("the example should {en}, and is not among what the block speaks of"),
                    ),
                    false => Words::new(format!("例子应当{zh}，却没有发现问题"), format!("the example should {en}, and nothing was found")),
                }
            }
            Err(why) => why,
        };
        Some(self.finding(&otherwise))
    }

    fn should(&self) -> (&'static str, &'static str) {
        match self.example.expected {
            Expected::Holds => ("符合", "hold"),
            Expected::Breaks => ("违反", "break it"),
            Expected::Late => ("算作做迟了", "be late"),
        }
    }

    fn finding(&self, otherwise: &Words) -> Finding {
        let id = &self.block.id;
        let message = Words::new(format!("{id} 的{}", otherwise.zh), format!("{id}: {}", otherwise.en));
        let fix = Words::new("改正例子，或改正这一条", "mend the example, or the block");
        let finding = Finding::error("policy.example", self.example.node.span, message).with_fix(fix);
        Finding { citation: Some(self.block.citation.clone()), ..finding }
    }

    fn types(&self) -> &[Arc<str>] {
        match self.subject {
            TriedBlock::Rule(Rule { judged, .. }) | TriedBlock::Builtin(Rule { judged, .. }) | TriedBlock::Duty(Duty { judged, .. }) => {
                judged.types()
            }
            TriedBlock::Style(style) => &style.judged,
        }
    }

    /// The sections of which a style speaks.
    fn sections(&self) -> &[Arc<str>] {
        match self.subject {
            TriedBlock::Style(style) => &style.sections,
            _ => &[],
        }
    }

    fn play(&self, scene: &Scene) -> Result<Came, Words> {
        let facts = scene.facts();
        let (record, share) = (scene.record(), Share::of_example(self.stage.examples));
        let share = Tab::of(&share);
        match self.subject {
            TriedBlock::Builtin(rule) => return self.builtin(rule, scene),
            _ => well_formed(&scene.archive)?,
        }
        match self.subject {
            TriedBlock::Rule(rule) => came_of_rule(&rules::judge(rule, Validity::UNENDING, record, &facts, &share), &facts),
            TriedBlock::Duty(duty) => {
                came_of_duty(&duties::judge(duty, Validity::UNENDING, record, &facts, &share, duties::Wanted::Report), &facts)
            }
            TriedBlock::Style(style) => {
                let record = record.ok_or_else(|| Words::new("例子里没有记录", "the example has no record"))?;
                let words = WordsOfRecord::of(record, &facts);
                let outcome = style::judge(style, record, &words.passages(), &facts, &share);
                fault(&outcome.faults)?;
                Ok(first(&outcome.findings).unwrap_or(Came::Held { elsewhere: !outcome.judged }))
            }
            TriedBlock::Builtin(_) => unreachable!("played above"),
        }
    }

    /// Tries a check that is built in.
    fn builtin(&self, rule: &Rule, scene: &Scene) -> Result<Came, Words> {
        let code = rule.builtin.as_deref().unwrap_or(&rule.id);
        let of_records = |judge: fn(&Record, &Archive) -> Vec<Finding>| {
            scene.archive.records.iter().flat_map(|record| judge(record, &scene.archive)).collect::<Vec<Finding>>()
        };
        let findings = match code.split('.').next().unwrap_or_default() {
            "structure" => of_records(structure::judge),
            "sense" => scene.archive.records.iter().flat_map(|record| sense::judge(record, &scene.facts())).collect(),
            "reference" => of_records(|record, archive| references::judge(record, archive, references::LOOKED_FOR, None)),
            "records" => builtins::judge(&scene.archive),
            "approval" | "policy" => papers::findings(self.example, self.stage, scene.today)?,
            _ => return Err(Words::new(format!("“{code}”不能用例子试"), format!("“{code}” cannot be tried by an example"))),
        };
        let found: Vec<Finding> = findings.into_iter().filter(|finding| &*finding.code == code).collect();
        Ok(first(&found).unwrap_or(Came::Held { elsewhere: false }))
    }
}

fn first(findings: &[Finding]) -> Option<Came> {
    findings.first().map(|finding| Came::Broke(finding.message.clone()))
}

fn late(findings: &[Finding]) -> Option<Came> {
    findings.first().map(|finding| Came::Late(finding.message.clone()))
}

fn came_of_rule(outcome: &rules::RuleOutcome, facts: &Facts<'_>) -> Result<Came, Words> {
    fault(&outcome.faults)?;
    let once = || outcome.once.first().map(|(_, finding)| Came::Broke(finding.message.clone()));
    match first(&outcome.findings).or_else(once) {
        Some(broke) => Ok(broke),
        None => outcome.unknown.as_ref().map_or(Ok(Came::Held { elsewhere: outcome.judged == 0 }), |asked| Err(unknown(asked, facts))),
    }
}

fn came_of_duty(outcome: &duties::DutyOutcome, facts: &Facts<'_>) -> Result<Came, Words> {
    fault(&outcome.faults)?;
    let open = outcome.findings.iter().find(|finding| finding.state.ended().is_none());
    match open.map(|open| Came::Broke(open.message.clone())).or_else(|| late(&outcome.findings)) {
        Some(came) => Ok(came),
        None => outcome.unknown.as_ref().map_or(Ok(Came::Held { elsewhere: false }), |asked| Err(unknown(asked, facts))),
    }
}

fn fault(faults: &[Finding]) -> Result<(), Words> {
    faults.first().map_or(Ok(()), |fault| Err(fault.message.clone()))
}

/// Which fields were asked for and not given.
fn unknown(asked: &Reads, facts: &Facts<'_>) -> Words {
    let unread = |(id, field): &(RecordId, Arc<str>)| (facts.field(id, field) == Err(Stop::Unknown)).then(|| format!("{id}.{field}"));
    let mut missing: Vec<String> = asked.fields().filter_map(unread).collect();
    missing.sort_unstable();
    if missing.is_empty() {
        return Words::new("例子无法判断：所读的内容例子没有写全", "the example cannot be judged: it does not give all that is read");
    }
    Words::new(
        format!("例子无法判断：没有写 {}", missing.join("、")),
        format!("the example cannot be judged: it does not give {}", missing.join(", ")),
    )
}

/// An example gives the fields that matter; what it gives must be fields of its types, and of the
/// right form.
fn well_formed(archive: &Archive) -> Result<(), Words> {
    let slips = ["structure.type", "structure.unknown-field", "structure.wrong-type", "structure.duplicate-field"];
    let findings = archive.records.iter().flat_map(|record| structure::judge(record, archive));
    let mut slip = findings.filter(|finding| slips.contains(&&*finding.code));
    slip.next().map_or(Ok(()), |finding| {
        Err(Words::new(format!("例子写错了：{}", finding.message.zh), format!("the example is mistaken: {}", finding.message.en)))
    })
}
