//! The expression language: the syntax and meaning of CEL as far as they go
//! (github.com/google/cel-spec), with names in any script, decimal numbers and calendar durations.
//! An expression is parsed and typed when the policy is read; its evaluation asks a [`World`] and
//! is bounded by a [`Budget`].

mod calendar;
mod check;
mod evaluate;
mod forms;
mod functions;
mod lexer;
mod mistake;
mod operand;
mod parser;
mod presence;
mod tree;
mod types;

#[cfg(test)]
mod tests;

pub use functions::reference;

use self::{operand::Evaluation, tree::Typed};
use super::{CalendarDuration, Posts, RecordType, Value};
use crate::{
    diagnostic::Words,
    source::{RecordId, Span, trial},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

/// A type of values of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum Type {
    Bool,
    Number,
    Text,
    /// Text out of a closed list.
    Enumeration(Arc<[Arc<str>]>),
    Post,
    Department,
    Date,
    Time,
    Timestamp,
    Days,
    Months,
    /// Months and days together.
    Calendar,
    List(Box<Type>),
    Table(Arc<BTreeMap<Arc<str>, Type>>),
    /// A reference; `None` to a record of any type.
    Record(Option<Arc<str>>),
    /// A value that may be missing.
    Optional(Box<Type>),
    /// Person or post.
    PersonOrPost,
    /// Of the empty list's elements.
    Never,
}

/// What an expression may name.
#[derive(Clone, Debug)]
pub struct Schema<'a> {
    pub types: &'a BTreeMap<Arc<str>, Arc<RecordType>>,
    pub posts: &'a Posts,
    pub settings: &'a BTreeMap<Arc<str>, Value>,
}

/// What stands around an expression.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The type of `self`, whose fields stand under their bare names; `None` in `for: archive`.
    pub record: Option<Arc<str>>,
    /// Further variables (of `each`, `it`), the outer ones first; their values are given to
    /// [`Expression::evaluate`] in this order.
    pub variables: Vec<(Arc<str>, Type)>,
    /// Optional paths (`due`, `o.due`) that a `when` has already asked for with has().
    pub present: Vec<String>,
}

/// Where the text of an expression stands in its file.
#[derive(Clone, Copy, Debug)]
pub struct ExpressionPlace {
    /// The value's span in the file.
    pub span: Span,
    /// The text stands verbatim from this byte on; else every mistake points at the whole span.
    pub verbatim_from: Option<u32>,
}

/// A mistake in an expression, at its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Mistake {
    pub span: Span,
    pub message: Words,
}

/// A parsed and typed expression.
#[derive(Clone, Debug)]
pub struct Expression {
    pub source: Arc<str>,
    pub span: Span,
    pub result: Type,
    tree: Arc<Typed>,
    variables: Arc<[Arc<str>]>,
    present: Vec<String>,
    choices: BTreeSet<Choice>,
}

/// A value of an enumeration, in the enumeration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Choice {
    pub of: Arc<[Arc<str>]>,
    pub name: Arc<str>,
}

/// Whether a search gives those records too that count for nothing yet, or no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Drafts {
    In,
    Out,
}

/// Why an evaluation has no value.
#[derive(Clone, PartialEq, Debug)]
pub enum Stop {
    /// A field that must be there is missing or unreadable, or a reference dangles: other findings
    /// say so.
    Unknown,
    /// The budget ran out.
    Budget,
    /// A value is out of range (division by zero, an index outside its list, a date that does not
    /// exist), at a byte range of the source.
    Fault(Range<usize>, Words),
}

/// The steps that an evaluation may take.
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    left: Cell<u64>,
}

impl Budget {
    pub fn new(steps: u64) -> Budget {
        Budget { steps, left: Cell::new(steps) }
    }

    /// # Errors
    /// [`Stop::Budget`] where fewer are left: then none is.
    pub fn spend(&self, steps: u64) -> Result<(), Stop> {
        trial::judged(steps);
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or_default());
        left.map(drop).ok_or(Stop::Budget)
    }

    /// The steps that were taken.
    pub fn spent(&self) -> u64 {
        self.steps - self.left.get()
    }
}

/// What an expression may ask. Whoever answers notes down what was read.
pub trait World {
    fn today(&self) -> NaiveDate;
    /// The value of a setting where it is another than the policy's own: in an example that says
    /// so.
    fn setting(&self, _: &str) -> Option<Value> {
        None
    }
    /// `Value::Missing` for an optional field that is not there; `Stop::Unknown` for one that must
    /// be there and is not, or cannot be read. `id` and `type` are fields of every record.
    fn field(&self, record: &RecordId, name: &str) -> Result<Value, Stop>;
    /// Whether something is written in a field that cannot be read as its type demands.
    fn is_unreadable(&self, record: &RecordId, name: &str) -> bool;
    /// The records of a type that refer to this one, by date, then id.
    fn linked(&self, record: &RecordId, record_type: &str, drafts: Drafts) -> Result<Vec<RecordId>, Stop>;
    /// The records of a type, by date, then id; `equal` are equalities (field, value) that the
    /// caller's filter demands anyway.
    fn records(&self, record_type: &str, equal: &[(Arc<str>, Value)], drafts: Drafts) -> Result<Vec<RecordId>, Stop>;
    fn previous(&self, record: &RecordId) -> Result<Option<RecordId>, Stop>;
    /// The value of a field with a `history` on a day.
    fn on(&self, record: &RecordId, field: &str, day: NaiveDate) -> Result<Value, Stop>;
    fn approved(&self, record: &RecordId, day: Option<NaiveDate>) -> Result<bool, Stop>;
    fn approval(&self, record: &RecordId, step: &str) -> Result<Option<(RecordId, DateTime<FixedOffset>)>, Stop>;
    fn holds_post(&self, person: &RecordId, post: &str, day: NaiveDate) -> bool;
    fn on_staff(&self, person: &RecordId, day: NaiveDate) -> Result<bool, Stop>;
    fn department(&self, person: &RecordId, day: NaiveDate) -> Result<Option<Arc<str>>, Stop>;
    fn superior(&self, person: &RecordId, day: NaiveDate) -> Result<Option<RecordId>, Stop>;
    fn head(&self, department: &str) -> Option<RecordId>;
    /// `{id, reports_to?}` each.
    fn posts(&self) -> Vec<Value>;
    /// `{id, head?}` each.
    fn departments(&self) -> Vec<Value>;
    /// In some version; with a day, in force on it.
    fn policy_exists(&self, policy: &str, day: Option<NaiveDate>) -> bool;
    /// A heading of some version; with a day, an article of the version in force on it.
    fn article_exists(&self, policy: &str, article: &str, day: Option<NaiveDate>) -> bool;
    /// `{id, title, effective, passed_at?}` each.
    fn policies(&self) -> Vec<Value>;
    fn record_exists(&self, id: &str) -> bool;
    /// `{id, seal}` each.
    fn registered(&self) -> Vec<Value>;
    /// The steps that answering has taken since this was last asked: whoever asks pays for them.
    fn toil(&self) -> u64 {
        0
    }
}

impl Expression {
    /// Parses and types a text. `expected` is the type its place demands.
    ///
    /// # Errors
    /// Every mistake found, each with its place and, where a name is near to a known one, a
    /// suggestion.
    pub fn compile(
        text: &str,
        place: ExpressionPlace,
        scope: &Scope,
        schema: &Schema<'_>,
        expected: Option<&Type>,
    ) -> Result<Expression, Vec<Mistake>> {
        let (checked, choices) = check::check(text, scope, schema, expected)
            .map_err(|slips| slips.into_iter().map(|slip| slip.at(place)).collect::<Vec<_>>())?;
        Ok(Expression {
            source: text.into(),
            span: place.span,
            present: check::present_paths(&checked.when_true, scope),
            result: checked.result,
            tree: Arc::new(checked.tree),
            variables: scope.variables.iter().map(|(name, _)| name.clone()).collect(),
            choices,
        })
    }

    /// Evaluates it for the record `this` with the values of the scope's variables.
    ///
    /// # Errors
    /// See [`Stop`].
    pub fn evaluate(&self, this: Option<&RecordId>, variables: &[Value], world: &dyn World, budget: &Budget) -> Result<Value, Stop> {
        debug_assert_eq!(variables.len(), self.variables.len(), "one value for each variable of the scope");
        let mut variables = variables.to_vec();
        variables.resize(self.variables.len(), Value::Missing);
        let value = Evaluation { this, world, budget, variables }.value(&self.tree)?;
        budget.spend(world.toil())?;
        Ok(value)
    }

    /// Optional paths of the scope that are surely there where this holds (for the `require` behind
    /// a `when`).
    pub fn asserts_present(&self) -> Vec<String> {
        self.present.clone()
    }

    /// The values of enumerations of which it speaks: those that are written out, and those that
    /// lie on the side of an order that it asks for.
    pub fn choices(&self) -> &BTreeSet<Choice> {
        &self.choices
    }

    /// The settings that it names, each as often as it stands there.
    pub fn settings(&self) -> Vec<&Arc<str>> {
        self.tree.settings()
    }

    /// The dates that are written out in it, those of the settings that it names among them: on
    /// them its value may change as time goes on.
    pub fn dates(&self) -> Vec<NaiveDate> {
        self.tree.dates()
    }

    /// The first field of the record (`["credit_limit"]`, `["contact", "phone"]`), or of a row by
    /// its variable (`["o", "due"]`), that it reads; behind a reference, the reference.
    pub fn first_path(&self) -> Option<Vec<Arc<str>>> {
        self.tree.first_path(&self.variables)
    }
}
