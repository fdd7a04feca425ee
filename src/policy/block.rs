//! The blocks under the articles, as typed values.

use super::{Expression, FieldPath, RecordType, Value};
use crate::{
    diagnostic::{Citation, Severity},
    document::Node,
    source::Span,
};
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, sync::Arc};

/// A block with its place and its article.
#[derive(Clone, Debug)]
pub struct Block {
    /// The full id: `credit.d-no-credit`, `credit.approval-limit-request`, `customer`.
    pub id: Arc<str>,
    pub kind: BlockKind,
    pub citation: Citation,
    pub span: Span,
    /// The line of the fence, 1-based.
    pub line: u32,
}

#[derive(Clone, Debug)]
pub enum BlockKind {
    Type(Arc<RecordType>),
    Rule(Arc<Rule>),
    Duty(Arc<Duty>),
    Approval(Arc<ApprovalRule>),
    Access(Arc<AccessRule>),
    Style(Arc<Style>),
    Posts,
    Settings,
}

/// The word behind `yaml` in the info string of a block's fence, which says what kind of block it
/// is. There is no other list of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Keyword {
    Type,
    Rule,
    Duty,
    Approval,
    Access,
    Style,
    Posts,
    Settings,
}

impl Keyword {
    /// In the order in which they are told.
    pub const ALL: [Keyword; 8] = [
        Keyword::Type,
        Keyword::Rule,
        Keyword::Duty,
        Keyword::Approval,
        Keyword::Access,
        Keyword::Style,
        Keyword::Posts,
        Keyword::Settings,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Keyword::Type => "type",
            Keyword::Rule => "rule",
            Keyword::Duty => "duty",
            Keyword::Approval => "approval",
            Keyword::Access => "access",
            Keyword::Style => "style",
            Keyword::Posts => "posts",
            Keyword::Settings => "settings",
        }
    }

    /// The one that is written so.
    pub fn named(name: &str) -> Option<Keyword> {
        Keyword::ALL.into_iter().find(|keyword| keyword.name() == name)
    }

    /// The one behind `yaml` in an info string.
    pub fn of_info(info: &str) -> Option<Keyword> {
        let mut words = info.split_whitespace();
        words.next().filter(|language| *language == "yaml").and_then(|_| Keyword::named(words.next()?))
    }
}

impl Serialize for Keyword {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl BlockKind {
    /// What its info string says.
    pub fn keyword(&self) -> Keyword {
        match self {
            BlockKind::Type(_) => Keyword::Type,
            BlockKind::Rule(_) => Keyword::Rule,
            BlockKind::Duty(_) => Keyword::Duty,
            BlockKind::Approval(_) => Keyword::Approval,
            BlockKind::Access(_) => Keyword::Access,
            BlockKind::Style(_) => Keyword::Style,
            BlockKind::Posts => Keyword::Posts,
            BlockKind::Settings => Keyword::Settings,
        }
    }
}

/// A block, or a row of the settings, with a mistake: it stands in the text, and binds nobody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failing {
    pub kind: Keyword,
    /// The id that it would have, of a row of the settings its name; `None` where it cannot be
    /// told.
    pub id: Option<Arc<str>>,
    pub citation: Citation,
    pub span: Span,
    /// 1-based.
    pub line: u32,
}

impl Failing {
    /// Whether it keeps a setting from being read: the row of that name, or the whole block.
    pub fn is_setting(&self, name: &str) -> bool {
        let is_whole = || self.id.as_ref().is_some_and(|id| **id == *format!("{}.settings", self.citation.policy));
        self.kind == Keyword::Settings && (self.id.as_deref() == Some(name) || is_whole())
    }

    /// Whether it is what became of a block of another version: of the same id, or, where it does
    /// not tell its own, of the same kind under the same article.
    pub fn is(&self, block: &Block) -> bool {
        match &self.id {
            Some(id) => *id == block.id,
            None => self.kind == block.kind.keyword() && self.citation.article == block.citation.article,
        }
    }
}

impl Block {
    pub fn approval(&self) -> Option<&Arc<ApprovalRule>> {
        match &self.kind {
            BlockKind::Approval(rule) => Some(rule),
            _ => None,
        }
    }
}

impl BlockKind {
    /// The types of which it speaks: those that it is for, and the one that it declares or asks
    /// for.
    pub fn types(&self) -> Vec<&Arc<str>> {
        match self {
            BlockKind::Type(own) => vec![&own.id],
            BlockKind::Rule(rule) => rule.judged.types().iter().collect(),
            BlockKind::Duty(duty) => {
                let needed = if let DutyNeed::Record(id) = &duty.need { Some(id) } else { None };
                duty.judged.types().iter().chain(needed).collect()
            }
            BlockKind::Approval(rule) => rule.judged.iter().collect(),
            BlockKind::Access(rule) => rule.judged.iter().collect(),
            BlockKind::Style(style) => style.judged.iter().collect(),
            BlockKind::Posts | BlockKind::Settings => Vec::new(),
        }
    }

    /// What it asks, without what it says.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            BlockKind::Rule(rule) => rule.expressions().collect(),
            BlockKind::Duty(duty) => duty.expressions().collect(),
            BlockKind::Approval(rule) => rule.steps.iter().filter_map(|step| step.when.as_ref()).collect(),
            BlockKind::Access(rule) => rule.when.iter().chain(rule.readers.iter().filter_map(Party::expression)).collect(),
            BlockKind::Style(style) => style.demand.figures_max.iter().collect(),
            BlockKind::Type(_) | BlockKind::Posts | BlockKind::Settings => Vec::new(),
        }
    }
}

impl Rule {
    /// What it asks, without what it says.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let own = [&self.on, &self.until, &self.when, &self.require, &self.once_for, &self.also];
        self.each.iter().map(|each| &each.list).chain(own.into_iter().flatten())
    }
}

impl Duty {
    /// What it asks, without what it says.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let own = [&self.condition, &self.matches, &self.done, &self.grace];
        let due: Vec<&Expression> = match &self.due {
            DutyDue::By { day, from } => std::iter::once(day).chain(from).collect(),
            DutyDue::Every { from, period, until } => {
                let periods: Vec<&Expression> = match period {
                    Cadence::Fixed(period) => vec![period],
                    Cadence::By { periods, .. } => periods.values().collect(),
                };
                std::iter::once(from).chain(until).chain(periods).collect()
            }
        };
        let who = self.who.iter().filter_map(Party::expression);
        self.each.iter().map(|each| &each.list).chain(own.into_iter().flatten()).chain(due).chain(who)
    }
}

/// What a rule, duty or style judges.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Judged {
    Types(Vec<Arc<str>>),
    Archive,
}

impl Judged {
    /// The types whose records are judged; none where it is the archive.
    pub fn types(&self) -> &[Arc<str>] {
        match self {
            Judged::Types(types) => types,
            Judged::Archive => &[],
        }
    }
}

/// The variables over which a block is judged one by one: the outer ones first.
#[derive(Clone, Debug)]
pub struct Each {
    pub name: Arc<str>,
    pub list: Expression,
    /// The field of the record that holds the rows, where `list` is one.
    pub field: Option<Arc<str>>,
}

/// Words with expressions in braces, in both languages.
#[derive(Clone, Debug)]
pub struct Say {
    pub zh: Vec<SayPiece>,
    pub en: Vec<SayPiece>,
}

impl Say {
    /// Whether a word stands in one of its expressions.
    pub fn names(&self, word: &str) -> bool {
        let named = |piece: &SayPiece| matches!(piece, SayPiece::Expression(expression) if expression.source.contains(word));
        self.zh.iter().chain(&self.en).any(named)
    }
}

#[derive(Clone, Debug)]
pub enum SayPiece {
    Text(Arc<str>),
    Expression(Expression),
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub id: Arc<str>,
    pub citation: Citation,
    /// The info string of its fence: pointed at where nothing in the archive stands for what is
    /// wrong.
    pub head: Span,
    pub judged: Judged,
    pub each: Vec<Each>,
    /// The day of which it is judged, with the archive as it was then; `None`: today.
    pub on: Option<Expression>,
    /// The day on which what is wrong has ended. Without it, what was wrong `on` a day was of that
    /// day alone.
    pub until: Option<Expression>,
    pub when: Option<Expression>,
    /// `None`: the check is built into the program (`builtin`).
    pub require: Option<Expression>,
    /// `builtin: structure.section` names the family that this rule cites; `builtin: true` the
    /// rule's own id.
    pub builtin: Option<Arc<str>>,
    /// What is pointed at: the first of these that stands; a variable of `each` may be its first
    /// part.
    pub at: Vec<FieldPath>,
    pub once_for: Option<Expression>,
    /// Records whose places belong to what is found.
    pub also: Option<Expression>,
    /// What it asks, in one plain line of the rulebook's page.
    pub short: Option<Say>,
    pub say: Option<Say>,
    pub fix: Option<Say>,
    pub severity: Severity,
    pub examples: Vec<Example>,
}

#[derive(Clone, Debug)]
pub struct Duty {
    pub id: Arc<str>,
    pub citation: Citation,
    /// As [`Rule::head`].
    pub head: Span,
    pub judged: Judged,
    pub each: Vec<Each>,
    /// `where`.
    pub condition: Option<Expression>,
    pub need: DutyNeed,
    pub matches: Option<Expression>,
    /// What is needed counts only when it is approved.
    pub approved: bool,
    /// When it was done, where the fields that are needed bear no date.
    pub done: Option<Expression>,
    pub due: DutyDue,
    /// Where the duty comes again, `last` is the day from which the period runs, here and in `say`
    /// and `fix`.
    pub grace: Option<Expression>,
    /// Days it shows before it is due.
    pub ahead: u32,
    pub who: Vec<Party>,
    /// What it asks, in one plain line of the rulebook's page.
    pub short: Option<Say>,
    pub say: Option<Say>,
    pub fix: Option<Say>,
    pub severity: Severity,
    pub examples: Vec<Example>,
}

#[derive(Clone, Debug)]
pub enum DutyNeed {
    Record(Arc<str>),
    /// Fields of the record or (with a variable of `each` first) of the row, all of them to be
    /// filled, each with the expression that reads it.
    Fields(Vec<(FieldPath, Expression)>),
}

#[derive(Clone, Debug)]
pub enum DutyDue {
    /// Again and again: `from`, then the date of the latest, plus the period; up to the day
    /// `until`, where it is written.
    Every { from: Expression, period: Cadence, until: Option<Expression> },
    /// Once: `by`, or `from` + `within`, as an expression of a date. What was done before `from`
    /// does not count.
    By { day: Expression, from: Option<Expression> },
}

#[derive(Clone, Debug)]
pub enum Cadence {
    Fixed(Expression),
    /// By the value of a field of the record.
    By {
        field: Arc<str>,
        periods: BTreeMap<Arc<str>, Expression>,
    },
}

#[derive(Clone, Debug)]
pub struct ApprovalRule {
    pub citation: Citation,
    /// A type's id, or `policy` for the policies themselves.
    pub judged: Vec<Arc<str>>,
    pub steps: Vec<Step>,
    /// Names of fields and sections that stand outside the seal.
    pub later: Vec<Arc<str>>,
    /// The field of the day on which what is approved was written, or done: no approval counts that
    /// was given before.
    pub not_before: Option<Arc<str>>,
    /// Ids of rules of which a finding keeps nobody from approving.
    pub despite: Vec<Arc<str>>,
    pub readers_see_approved: bool,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub post: Arc<str>,
    pub when: Option<Expression>,
}

#[derive(Clone, Debug)]
pub struct AccessRule {
    pub id: Arc<str>,
    pub citation: Arc<Citation>,
    pub judged: Vec<Arc<str>>,
    pub when: Option<Expression>,
    pub readers: Vec<Party>,
    /// Who is told by whom the record has been read.
    pub readings: Vec<Party>,
    /// A reference field: whoever reads the record named there reads this one.
    pub inherits: Option<Arc<str>>,
    /// The type (`as: authorisation`) whose approved records open it.
    pub authorised_by: Option<Arc<str>>,
    pub hide: Vec<(FieldPath, Vec<Party>)>,
}

/// To whom something is shown, or who has to do something.
#[derive(Clone, Debug)]
pub enum Party {
    Everyone,
    Post(Arc<str>),
    Department(Arc<str>),
    /// A person, a list of people, a post or a department.
    Path(Expression),
}

impl Party {
    /// What it asks for who it is.
    pub fn expression(&self) -> Option<&Expression> {
        match self {
            Party::Path(path) => Some(path),
            Party::Everyone | Party::Post(_) | Party::Department(_) => None,
        }
    }
}

/// How prose is written. Its `say` and `fix` may name two variables: `found`, the word that is to
/// be avoided, and `share`, the figures in per cent.
#[derive(Clone, Debug)]
pub struct Style {
    pub id: Arc<str>,
    pub citation: Citation,
    pub judged: Vec<Arc<str>>,
    pub sections: Vec<Arc<str>>,
    pub demand: StyleDemand,
    /// What it asks, in one plain line of the rulebook's page.
    pub short: Option<Say>,
    pub say: Option<Say>,
    pub fix: Option<Say>,
    pub severity: Severity,
    pub examples: Vec<Example>,
}

#[derive(Clone, Debug)]
pub struct StyleDemand {
    pub avoid: Vec<Arc<str>>,
    pub figures_max: Option<Expression>,
}

/// How an example comes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    Holds,
    Breaks,
    /// It was done, and too late.
    Late,
}

impl Expected {
    pub const ALL: [(&str, Expected); 3] = [("holds", Expected::Holds), ("breaks", Expected::Breaks), ("late", Expected::Late)];

    /// The key under which the example's record stands.
    pub fn key(self) -> &'static str {
        Expected::ALL.iter().find(|(_, expected)| *expected == self).map_or("", |(key, _)| key)
    }
}

/// A policy's own test.
#[derive(Clone, Debug)]
pub struct Example {
    pub expected: Expected,
    /// The whole example, as written (`holds`, `breaks` or `late`, `with`, `approved`, `posts`,
    /// `departments`, `on`).
    pub node: Node,
    /// The settings with which it is played: its own, then those of its block. The policy's are for
    /// the others.
    pub settings: BTreeMap<Arc<str>, Value>,
}
