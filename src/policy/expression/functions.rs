//! The one list of functions, methods and macros: the checker, the evaluator and the reference in
//! docs/policies.md come from it.

use super::{
    Stop, Type, Value,
    calendar::{first_days, monday, mondays},
    operand::{Evaluation, date, fault, integer, list, missing_or, no_date, number, record, text, timestamp, too_large, unsigned_zero},
    types::table,
};
use crate::{diagnostic::Words, policy::CalendarDuration, source::RecordId};
use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use std::{collections::BTreeMap, ops::Range, sync::Arc};
use unicode_normalization::UnicodeNormalization;

/// What belongs together: a line of the reference.
pub(super) struct Family {
    pub written: &'static str,
    pub gives: &'static str,
    pub functions: &'static [Function],
}

#[derive(Debug)]
pub(super) struct Function {
    pub name: &'static str,
    /// How it is called, for mistakes that say so.
    pub usage: &'static str,
    pub style: CallStyle,
    pub shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CallStyle {
    /// `f(x)`
    Plain,
    /// `x.f()`
    Method,
    Both,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// Typed by rules of its own.
    Form(SpecialForm),
    /// Typed by its signatures, which differ in the number of parameters.
    Signatures(&'static [Signature]),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SpecialForm {
    Has,
    OrValue,
    Bind,
    Linked,
    Records,
    Drafts,
    Latest,
    On,
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    Count,
    SortBy,
}

#[derive(Debug)]
pub(super) struct Signature {
    pub parameters: &'static [Sort],
    pub result: Sort,
    pub run: Run,
}

/// Works a call out from the values of its arguments; the range is the call's.
pub(super) type Run = fn(&Evaluation<'_>, &[Value], &Range<usize>) -> Result<Value, Stop>;

/// A type in a signature. `Element`, `Ordered` and `Record` are bound by the first argument in
/// which they stand; `Bound` is what they stand for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sort {
    Bool,
    Number,
    Text,
    Date,
    Timestamp,
    Days,
    Months,
    Post,
    Department,
    Person,
    /// A person or a list of people.
    People,
    /// A record of any type.
    Record,
    /// One value that can be written as text.
    Scalar,
    /// A list or a text.
    Sized,
    Element,
    /// An element whose values stand in an order.
    Ordered,
    Bound,
    Approval,
    PostRow,
    DepartmentRow,
    RegisterRow,
    PolicyRow,
    List(&'static Sort),
    Optional(&'static Sort),
}

impl Sort {
    /// The type of a result, where `bound` is what an argument bound.
    pub fn result(self, bound: &Type, person: &Type) -> Type {
        match self {
            Sort::Bool => Type::Bool,
            Sort::Number => Type::Number,
            Sort::Text | Sort::Scalar | Sort::Sized => Type::Text,
            Sort::Date => Type::Date,
            Sort::Timestamp => Type::Timestamp,
            Sort::Days => Type::Days,
            Sort::Months => Type::Months,
            Sort::Post => Type::Post,
            Sort::Department => Type::Department,
            Sort::Person | Sort::People => person.clone(),
            Sort::Record => Type::Record(None),
            Sort::Element | Sort::Ordered | Sort::Bound => bound.clone(),
            Sort::Approval => table([("by", person.clone()), ("at", Type::Timestamp)]),
            Sort::PostRow => table([("id", Type::Post), ("reports_to", Type::Post.optional())]),
            Sort::DepartmentRow => table([("id", Type::Department), ("head", person.clone().optional())]),
            Sort::RegisterRow => table([("id", Type::Text), ("seal", Type::Text)]),
            Sort::PolicyRow => {
                table([("id", Type::Text), ("title", Type::Text), ("effective", Type::Date), ("passed_at", Type::Text.optional())])
            }
            Sort::List(element) => Type::List(Box::new(element.result(bound, person))),
            Sort::Optional(whole) => whole.result(bound, person).optional(),
        }
    }

    pub fn words(self, person: &Type) -> Words {
        match self {
            Sort::Sized => Words::new("列表或文字", "a list or a text"),
            Sort::People => Words::new("人员或人员的列表", "a person or a list of people"),
            Sort::Scalar => Words::new("单个的值", "a single value"),
            Sort::Ordered => Words::new("有大小先后的值", "a value that has an order"),
            Sort::Element => Words::new("任何值", "any value"),
            Sort::List(Sort::Ordered) => Words::new("有大小先后的值的列表", "a list of values that have an order"),
            Sort::List(Sort::Element) => Words::new("列表", "a list"),
            sort => sort.result(&Type::Never, person).words(),
        }
    }
}

/// The function of that name.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.functions)
}

/// The reference of all functions: the lines of a Markdown table behind its head.
pub fn reference() -> String {
    FAMILIES.iter().map(|family| format!("| {} | {} |\n", family.written, family.gives).replace("|  |", "| |")).collect()
}

const fn form(name: &'static str, usage: &'static str, style: CallStyle, form: SpecialForm) -> Function {
    Function { name, usage, style, shape: Shape::Form(form) }
}

const fn plain(name: &'static str, usage: &'static str, signatures: &'static [Signature]) -> Function {
    Function { name, usage, style: CallStyle::Plain, shape: Shape::Signatures(signatures) }
}

const fn method(name: &'static str, usage: &'static str, signatures: &'static [Signature]) -> Function {
    Function { name, usage, style: CallStyle::Method, shape: Shape::Signatures(signatures) }
}

const fn both(name: &'static str, usage: &'static str, signatures: &'static [Signature]) -> Function {
    Function { name, usage, style: CallStyle::Both, shape: Shape::Signatures(signatures) }
}

const fn of(parameters: &'static [Sort], result: Sort, run: Run) -> Signature {
    Signature { parameters, result, run }
}

const ELEMENTS: Sort = Sort::List(&Sort::Element);
const PEOPLE: Sort = Sort::List(&Sort::Person);

pub(super) const FAMILIES: &[Family] = &[
    Family {
        written: "`has(x)`",
        gives: r"whether a value is there, of an optional field or (asking is not reading) of one that must be there; an optional value may be used only where has() has been asked (`has(x) && x > 3`, `!has(x) \|\| x > 3`, `has(x) ? x : 0`, after `filter(o, has(o.x))`, or in `require` when `when` asked). `has(a.b)` asks for `a` too",
        functions: &[form("has", "has(x)", CallStyle::Plain, SpecialForm::Has)],
    },
    Family {
        written: "`x.orValue(d)`",
        gives: "the optional value, or d",
        functions: &[form("orValue", "x.orValue(d)", CallStyle::Method, SpecialForm::OrValue)],
    },
    Family {
        written: "`bind(v, value, expression)`",
        gives: "the expression with v standing for the value (which may be optional: `bind(s, superior(p, d), has(s) && s == q)`)",
        functions: &[form("bind", "bind(v, value, expression)", CallStyle::Plain, SpecialForm::Bind)],
    },
    Family {
        written: "`linked(\"T\")`, `r.linked(\"T\")`",
        gives: "the records of type T that refer to this one (or to r) in a field and count on that day (see below), by date then id",
        functions: &[form("linked", "linked(\"type\")", CallStyle::Both, SpecialForm::Linked)],
    },
    Family {
        written: "`records(\"T\")`",
        gives: "all of type T that count on that day",
        functions: &[form("records", "records(\"type\")", CallStyle::Plain, SpecialForm::Records)],
    },
    Family {
        written: "`drafts(\"T\")`, `r.drafts(\"T\")`",
        gives: "the same with those that do not count: for rules about what is being written, or lies side by side",
        functions: &[form("drafts", "drafts(\"type\")", CallStyle::Both, SpecialForm::Drafts)],
    },
    Family {
        written: "`previous(r)`",
        gives: "optional: the one of the same type and same first reference just before it in time",
        functions: &[plain("previous", "previous(r)", &[of(&[Sort::Record], Sort::Optional(&Sort::Bound), previous)])],
    },
    Family {
        written: "`latest(list, key)`",
        gives: "optional: the element whose field `key` is greatest (of equal ones the last; an element without the field does not count)",
        functions: &[form("latest", "latest(list, key)", CallStyle::Plain, SpecialForm::Latest)],
    },
    Family {
        written: "`grade.on(date)`, `r.grade.on(date)`",
        gives: "optional: the value on a past day of a field with `history` (latest approved, in effect); missing before the first; where there is no approved one at all, the value written",
        functions: &[form("on", "field.on(date)", CallStyle::Method, SpecialForm::On)],
    },
    Family {
        written: "`approved(r)`, `approved(r, date)`",
        gives: "every step of its chain is approved and valid (on that day)",
        functions: &[plain(
            "approved",
            "approved(r)",
            &[of(&[Sort::Record], Sort::Bool, approved), of(&[Sort::Record, Sort::Date], Sort::Bool, approved)],
        )],
    },
    Family {
        written: "`approval(r, \"step\")`",
        gives: "optional: `.by` (person), `.at` (timestamp)",
        functions: &[plain(
            "approval",
            "approval(r, \"step\")",
            &[of(&[Sort::Record, Sort::Post], Sort::Optional(&Sort::Approval), approval)],
        )],
    },
    Family {
        written: "`holds_post(p, \"post\", d)`, `department(p, d)`, `superior(p, d)`, `superiors(p, d)`, `cycle(p, d)`, `on_staff(p, d)`, `head(\"dept\")`",
        gives: "true/false; optional department; optional person; list; list (empty where no circle; from its smallest id on); true/false; optional person",
        functions: &[
            plain("holds_post", "holds_post(p, \"post\", date)", &[of(&[Sort::Person, Sort::Post, Sort::Date], Sort::Bool, holds_post)]),
            plain("department", "department(p, date)", &[of(&[Sort::Person, Sort::Date], Sort::Optional(&Sort::Department), department)]),
            plain("superior", "superior(p, date)", &[of(&[Sort::Person, Sort::Date], Sort::Optional(&Sort::Person), superior)]),
            plain("superiors", "superiors(p, date)", &[of(&[Sort::Person, Sort::Date], PEOPLE, superiors)]),
            plain("cycle", "cycle(p, date)", &[of(&[Sort::Person, Sort::Date], PEOPLE, cycle)]),
            plain("on_staff", "on_staff(p, date)", &[of(&[Sort::Person, Sort::Date], Sort::Bool, on_staff)]),
            plain("head", "head(\"department\")", &[of(&[Sort::Department], Sort::Optional(&Sort::Person), head)]),
        ],
    },
    Family {
        written: "`line(p)`",
        gives: "`superiors(p, today)`; of a list of people, all who stand above any of them",
        functions: &[plain("line", "line(p)", &[of(&[Sort::People], PEOPLE, line)])],
    },
    Family {
        written: "`posts()`, `departments()`",
        gives: "lists of `{id, reports_to?}`, `{id, head?}`",
        functions: &[
            plain("posts", "posts()", &[of(&[], Sort::List(&Sort::PostRow), posts)]),
            plain("departments", "departments()", &[of(&[], Sort::List(&Sort::DepartmentRow), departments)]),
        ],
    },
    Family {
        written: "`article_exists(policy, article)`, `policy_exists(policy)`, `article_exists(policy, article, date)`, `policy_exists(policy, date)`, `record_exists(id)`",
        gives: "whether there is one: in any version; in the version in force on that day, where neither a chapter without a text of its own nor an appendix (附表, 附录, 附件; Appendix, Annex) is an article",
        functions: &[
            plain(
                "article_exists",
                "article_exists(policy, article) or article_exists(policy, article, date)",
                &[
                    of(&[Sort::Text, Sort::Text], Sort::Bool, article_exists),
                    of(&[Sort::Text, Sort::Text, Sort::Date], Sort::Bool, article_exists),
                ],
            ),
            plain(
                "policy_exists",
                "policy_exists(policy) or policy_exists(policy, date)",
                &[of(&[Sort::Text], Sort::Bool, policy_exists), of(&[Sort::Text, Sort::Date], Sort::Bool, policy_exists)],
            ),
            plain("record_exists", "record_exists(id)", &[of(&[Sort::Text], Sort::Bool, record_exists)]),
        ],
    },
    Family {
        written: "`l.all(x, p)`, `exists`, `exists_one`, `filter`, `map(x, e)`, `map(x, p, e)`, `count(x, p)`, `sort_by(x, key)`",
        gives: "`x` stands for each element in turn",
        functions: &[
            form("all", "list.all(x, condition)", CallStyle::Method, SpecialForm::All),
            form("exists", "list.exists(x, condition)", CallStyle::Method, SpecialForm::Exists),
            form("exists_one", "list.exists_one(x, condition)", CallStyle::Method, SpecialForm::ExistsOne),
            form("filter", "list.filter(x, condition)", CallStyle::Method, SpecialForm::Filter),
            form("map", "list.map(x, value)", CallStyle::Method, SpecialForm::Map),
            form("count", "list.count(x, condition)", CallStyle::Method, SpecialForm::Count),
            form("sort_by", "list.sort_by(x, key)", CallStyle::Method, SpecialForm::SortBy),
        ],
    },
    Family {
        written: "`l.size()`, `size(l)`, `l.sum()`, `l.average()`, `l.min()`, `l.max()`, `l.first()`, `l.last()`",
        gives: "average, min, max, first and last are optional",
        functions: &[
            both("size", "list.size()", &[of(&[Sort::Sized], Sort::Number, size)]),
            method("sum", "list.sum()", &[of(&[Sort::List(&Sort::Number)], Sort::Number, sum)]),
            method("average", "list.average()", &[of(&[Sort::List(&Sort::Number)], Sort::Optional(&Sort::Number), average)]),
            method("min", "list.min()", &[of(&[Sort::List(&Sort::Ordered)], Sort::Optional(&Sort::Bound), min)]),
            method("max", "list.max()", &[of(&[Sort::List(&Sort::Ordered)], Sort::Optional(&Sort::Bound), max)]),
            method("first", "list.first()", &[of(&[ELEMENTS], Sort::Optional(&Sort::Bound), first)]),
            method("last", "list.last()", &[of(&[ELEMENTS], Sort::Optional(&Sort::Bound), last)]),
        ],
    },
    Family {
        written: "`policies()`",
        gives: "the versions that bind or have bound: a list of `{id, title, effective, passed_at?}`, texts and a date",
        functions: &[plain("policies", "policies()", &[of(&[], Sort::List(&Sort::PolicyRow), policies)])],
    },
    Family {
        written: "`registered()`",
        gives: "the register of what was once approved: a list of `{id, seal}`, both text",
        functions: &[plain("registered", "registered()", &[of(&[], Sort::List(&Sort::RegisterRow), registered)])],
    },
    Family {
        written: "`same_set(a, b)`, `duplicates(l)`, `distinct(l)`",
        gives: "the same elements, in whatever order and however often; the elements that stand more than once, each once; every element once, in the order of their first places",
        functions: &[
            plain("same_set", "same_set(a, b)", &[of(&[ELEMENTS, ELEMENTS], Sort::Bool, same_set)]),
            plain("duplicates", "duplicates(list)", &[of(&[ELEMENTS], Sort::List(&Sort::Bound), duplicates)]),
            plain("distinct", "distinct(list)", &[of(&[ELEMENTS], Sort::List(&Sort::Bound), distinct)]),
        ],
    },
    Family {
        written: "`round(x, n)`, `abs(x)`",
        gives: "half away from zero, as in bookkeeping; `round(x, -4)` to whole 万",
        functions: &[
            plain("round", "round(x, n)", &[of(&[Sort::Number, Sort::Number], Sort::Number, round)]),
            plain("abs", "abs(x)", &[of(&[Sort::Number], Sort::Number, |_, values, _| Ok(Value::Number(number(&values[0])?.abs())))]),
        ],
    },
    Family {
        written: "`s.contains(t)`, `startsWith`, `endsWith`, `s.trim()`, `s.size()`, `string(x)`, `folded(s)`, `digits(s)`",
        gives: "the size of a text is the number of its characters; its letters and digits alone, those of one width and one case being the same; its digits alone, so that `021-5555 0101` and `(021) 55550101` are equal",
        functions: &[
            plain("folded", "folded(text)", &[of(&[Sort::Text], Sort::Text, |e, v, _| kept(e, v, char::is_alphanumeric))]),
            plain("digits", "digits(text)", &[of(&[Sort::Text], Sort::Text, |e, v, _| kept(e, v, |c| c.is_ascii_digit()))]),
            method(
                "contains",
                "text.contains(other)",
                &[of(&[Sort::Text, Sort::Text], Sort::Bool, |e, v, _| compare_text(e, v, |s, t| s.contains(t)))],
            ),
            method(
                "startsWith",
                "text.startsWith(other)",
                &[of(&[Sort::Text, Sort::Text], Sort::Bool, |e, v, _| compare_text(e, v, |s, t| s.starts_with(t)))],
            ),
            method(
                "endsWith",
                "text.endsWith(other)",
                &[of(&[Sort::Text, Sort::Text], Sort::Bool, |e, v, _| compare_text(e, v, |s, t| s.ends_with(t)))],
            ),
            method(
                "trim",
                "text.trim()",
                &[of(&[Sort::Text], Sort::Text, |_, values, _| Ok(Value::Text(text(&values[0])?.trim().into())))],
            ),
            plain(
                "string",
                "string(x)",
                &[of(&[Sort::Scalar], Sort::Text, |_, values, _| {
                    missing_or(&values[0], |value| Ok(Value::Text(value.to_string().into())))
                })],
            ),
        ],
    },
    Family {
        written: "`today`, `days(n)`, `months(n)`, `year(d)`, `month(d)`, `day(d)`, `date(timestamp)`, `date(year, month, day)`, `years(a, b)` (list of years), `months(a, b)` (the first days of the months touched), `week(d)` (its Monday), `weeks(a, b)` (the Mondays of the weeks touched)",
        gives: "",
        functions: &[
            plain(
                "days",
                "days(n)",
                &[of(&[Sort::Number], Sort::Days, |_, values, range| {
                    Ok(Value::Duration(CalendarDuration { months: 0, days: integer(&values[0], range)? }))
                })],
            ),
            plain(
                "months",
                "months(n)",
                &[
                    of(&[Sort::Number], Sort::Months, |_, values, range| {
                        Ok(Value::Duration(CalendarDuration { months: integer(&values[0], range)?, days: 0 }))
                    }),
                    of(&[Sort::Date, Sort::Date], Sort::List(&Sort::Date), months),
                ],
            ),
            plain(
                "year",
                "year(date)",
                &[of(&[Sort::Date], Sort::Number, |_, values, _| Ok(Value::Number(date(&values[0])?.year().into())))],
            ),
            plain(
                "month",
                "month(date)",
                &[of(&[Sort::Date], Sort::Number, |_, values, _| Ok(Value::Number(date(&values[0])?.month().into())))],
            ),
            plain("day", "day(date)", &[of(&[Sort::Date], Sort::Number, |_, values, _| Ok(Value::Number(date(&values[0])?.day().into())))]),
            plain(
                "date",
                "date(timestamp)",
                &[
                    of(&[Sort::Timestamp], Sort::Date, |_, values, _| Ok(Value::Date(timestamp(&values[0])?.date_naive()))),
                    of(&[Sort::Number, Sort::Number, Sort::Number], Sort::Date, day_of),
                ],
            ),
            plain("years", "years(first, last)", &[of(&[Sort::Number, Sort::Number], Sort::List(&Sort::Number), years)]),
            plain("week", "week(date)", &[of(&[Sort::Date], Sort::Date, week)]),
            plain("weeks", "weeks(first, last)", &[of(&[Sort::Date, Sort::Date], Sort::List(&Sort::Date), weeks)]),
        ],
    },
];

fn previous(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(optional_record(evaluation.world.previous(record(&values[0])?)?))
}

fn optional_record(id: Option<RecordId>) -> Value {
    id.map_or(Value::Missing, Value::Record)
}

fn approved(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let day = values.get(1).map(date).transpose()?;
    Ok(Value::Bool(evaluation.world.approved(record(&values[0])?, day)?))
}

fn approval(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let approval = evaluation.world.approval(record(&values[0])?, text(&values[1])?)?;
    Ok(approval.map_or(Value::Missing, |(by, at)| {
        Value::Table(Arc::new(BTreeMap::from([("by".into(), Value::Record(by)), ("at".into(), Value::Timestamp(at))])))
    }))
}

fn holds_post(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(Value::Bool(evaluation.world.holds_post(record(&values[0])?, text(&values[1])?, date(&values[2])?)))
}

fn department(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(evaluation.world.department(record(&values[0])?, date(&values[1])?)?.map_or(Value::Missing, Value::Text))
}

fn superior(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(optional_record(evaluation.world.superior(record(&values[0])?, date(&values[1])?)?))
}

/// The line above a person, the nearest first, up to its head or to where it comes round; and
/// whether it comes round to the person.
fn line_above(evaluation: &Evaluation<'_>, person: &RecordId, day: NaiveDate) -> Result<(Vec<RecordId>, bool), Stop> {
    let mut line: Vec<RecordId> = Vec::new();
    while let Some(above) = evaluation.world.superior(line.last().unwrap_or(person), day)? {
        evaluation.budget.spend(1 + line.len() as u64)?;
        if above == *person || line.contains(&above) {
            return Ok((line, above == *person));
        }
        line.push(above);
    }
    Ok((line, false))
}

fn superiors(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let (line, _) = line_above(evaluation, record(&values[0])?, date(&values[1])?)?;
    Ok(Value::List(line.into_iter().map(Value::Record).collect()))
}

/// All who stand today above a person, or above any of a list of people.
fn line(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let people = match &values[0] {
        Value::List(people) => &people[..],
        person => std::slice::from_ref(person),
    };
    let mut all: Vec<RecordId> = Vec::new();
    for person in people {
        let (above, _) = line_above(evaluation, record(person)?, evaluation.world.today())?;
        evaluation.budget.spend((all.len() * above.len()) as u64)?;
        let new: Vec<RecordId> = above.into_iter().filter(|id| !all.contains(id)).collect();
        all.extend(new);
    }
    Ok(Value::List(all.into_iter().map(Value::Record).collect()))
}

/// The circle of superiors on which a person stands, the same for each of its members.
fn cycle(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let (mut line, comes_round) = line_above(evaluation, record(&values[0])?, date(&values[1])?)?;
    if !comes_round {
        return Ok(Value::List([].into()));
    }
    line.insert(0, record(&values[0])?.clone());
    let smallest = line.iter().enumerate().min_by_key(|(_, id)| *id).map_or(0, |(at, _)| at);
    line.rotate_left(smallest);
    Ok(Value::List(line.into_iter().map(Value::Record).collect()))
}

fn on_staff(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(Value::Bool(evaluation.world.on_staff(record(&values[0])?, date(&values[1])?)?))
}

fn head(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(optional_record(evaluation.world.head(text(&values[0])?)))
}

fn posts(evaluation: &Evaluation<'_>, _: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    evaluation.listed(evaluation.world.posts())
}

fn departments(evaluation: &Evaluation<'_>, _: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    evaluation.listed(evaluation.world.departments())
}

fn article_exists(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let day = values.get(2).map(date).transpose()?;
    Ok(Value::Bool(evaluation.world.article_exists(text(&values[0])?, text(&values[1])?, day)))
}

fn policy_exists(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let day = values.get(1).map(date).transpose()?;
    Ok(Value::Bool(evaluation.world.policy_exists(text(&values[0])?, day)))
}

fn policies(evaluation: &Evaluation<'_>, _: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    evaluation.listed(evaluation.world.policies())
}

/// A text in one width (NFKC, UAX #15) and one case, of which these characters alone are kept.
fn kept(evaluation: &Evaluation<'_>, values: &[Value], keeps: fn(char) -> bool) -> Result<Value, Stop> {
    let text = text(&values[0])?;
    evaluation.budget.spend(text.len() as u64 / 8)?;
    let folded: String = text.nfkc().flat_map(char::to_lowercase).filter(|c| keeps(*c)).collect();
    Ok(Value::Text(folded.into()))
}

fn record_exists(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(Value::Bool(evaluation.world.record_exists(text(&values[0])?)))
}

fn registered(evaluation: &Evaluation<'_>, _: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    evaluation.listed(evaluation.world.registered())
}

fn size(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    missing_or(&values[0], |value| {
        let size = match value {
            Value::Text(text) => {
                evaluation.budget.spend(text.len() as u64 / 64)?;
                text.chars().count()
            }
            list_value => list(list_value)?.len(),
        };
        Ok(Value::Number(Decimal::from(size)))
    })
}

fn total(evaluation: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<(Decimal, usize), Stop> {
    let items = list(&values[0])?;
    evaluation.budget.spend(items.len() as u64)?;
    let mut total = Decimal::ZERO;
    for item in items.iter() {
        total = total.checked_add(number(item)?).ok_or_else(|| too_large(range))?;
    }
    Ok((total, items.len()))
}

fn sum(evaluation: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    Ok(Value::Number(total(evaluation, values, range)?.0))
}

fn average(evaluation: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    let (total, size) = total(evaluation, values, range)?;
    Ok(total.checked_div(Decimal::from(size)).map_or(Value::Missing, Value::Number))
}

fn min(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    evaluation.extreme(list(&values[0])?, std::cmp::Ordering::Less)
}

fn max(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    evaluation.extreme(list(&values[0])?, std::cmp::Ordering::Greater)
}

fn first(_: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(list(&values[0])?.first().cloned().unwrap_or(Value::Missing))
}

fn last(_: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    Ok(list(&values[0])?.last().cloned().unwrap_or(Value::Missing))
}

fn same_set(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let (left, right) = (list(&values[0])?, list(&values[1])?);
    Ok(Value::Bool(evaluation.holds_all(left, right)? && evaluation.holds_all(right, left)?))
}

fn duplicates(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let items = list(&values[0])?;
    let mut twice: Vec<Value> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if evaluation.holds(&items[..at], item)? && !evaluation.holds(&twice, item)? {
            twice.push(item.clone());
        }
    }
    Ok(Value::List(twice.into()))
}

fn distinct(evaluation: &Evaluation<'_>, values: &[Value], _: &Range<usize>) -> Result<Value, Stop> {
    let mut once: Vec<Value> = Vec::new();
    for item in list(&values[0])?.iter() {
        if !evaluation.holds(&once, item)? {
            once.push(item.clone());
        }
    }
    Ok(Value::List(once.into()))
}

/// Half away from zero, as in bookkeeping; a negative number of places rounds to tens, hundreds,
/// and so on.
fn round(_: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    let places = integer(&values[1], range)?;
    let away = |x: Decimal, places| unsigned_zero(x.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero));
    let x = number(&values[0])?;
    if let Ok(places) = u32::try_from(places) {
        return Ok(Value::Number(away(x, places)));
    }
    let Some(unit) = 10i128.checked_pow(places.unsigned_abs()).and_then(|unit| Decimal::try_from_i128_with_scale(unit, 0).ok()) else {
        return Ok(Value::Number(Decimal::ZERO));
    };
    let rounded = x.checked_div(unit).and_then(|units| away(units, 0).checked_mul(unit));
    rounded.map(Value::Number).ok_or_else(|| too_large(range))
}

fn compare_text(evaluation: &Evaluation<'_>, values: &[Value], compare: fn(&str, &str) -> bool) -> Result<Value, Stop> {
    let (whole, piece) = (text(&values[0])?, text(&values[1])?);
    evaluation.budget.spend(whole.len() as u64 / 64)?;
    Ok(Value::Bool(compare(whole, piece)))
}

fn years(evaluation: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    let (first, last) = (integer(&values[0], range)?, integer(&values[1], range)?);
    evaluation.budget.spend(u64::try_from(i64::from(last) - i64::from(first)).unwrap_or(0))?;
    Ok(Value::List((first..=last).map(|year| Value::Number(year.into())).collect()))
}

fn months(evaluation: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    let (first, last) = (date(&values[0])?, date(&values[1])?);
    evaluation.budget.spend(u64::try_from((last - first).num_weeks()).unwrap_or(0))?;
    let firsts = first_days(first, last).ok_or_else(|| no_date(range))?;
    Ok(Value::List(firsts.into_iter().map(Value::Date).collect()))
}

/// The day of a year, month and day of the month; a fault where the calendar has none.
fn day_of(_: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    let part = |value| integer(value, range).map(u32::try_from);
    let (year, month, day) = (integer(&values[0], range)?, part(&values[1])?, part(&values[2])?);
    let found = month.ok().zip(day.ok()).and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day));
    found.filter(|day| (1..=9999).contains(&day.year())).map(Value::Date).ok_or_else(|| fault(range, "没有这一天", "there is no such day"))
}

fn week(_: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    monday(date(&values[0])?).map(Value::Date).ok_or_else(|| no_date(range))
}

fn weeks(evaluation: &Evaluation<'_>, values: &[Value], range: &Range<usize>) -> Result<Value, Stop> {
    let (first, last) = (date(&values[0])?, date(&values[1])?);
    evaluation.budget.spend(u64::try_from((last - first).num_weeks()).unwrap_or(0))?;
    let mondays = mondays(first, last).ok_or_else(|| no_date(range))?;
    Ok(Value::List(mondays.into_iter().map(Value::Date).collect()))
}
