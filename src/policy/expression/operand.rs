//! Values as operators and functions take them: each of the kind that is asked for, paid for out of
//! a budget, or a reason why there is none.

use super::{Budget, Stop, Value, World};
use crate::{diagnostic::Words, policy::CalendarDuration, source::RecordId};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use std::{cmp::Ordering, ops::Range, sync::Arc};

pub(super) struct Evaluation<'a> {
    pub this: Option<&'a RecordId>,
    pub world: &'a dyn World,
    pub budget: &'a Budget,
    /// Those of the scope, then the locals.
    pub variables: Vec<Value>,
}

pub(super) type Evaluated<T = Value> = Result<T, Stop>;

/// The members of an enumeration in their order; `None` for values that have an order of their own.
pub(super) type Order = Option<Arc<[Arc<str>]>>;

impl Evaluation<'_> {
    /// The place of a value in an order.
    pub fn key<'v>(&self, value: &'v Value, order: &Order) -> Evaluated<OrderKey<'v>> {
        Ok(match (value, order) {
            (Value::Text(text), Some(members)) => OrderKey::Rank(members.iter().position(|member| member == text).ok_or(Stop::Unknown)?),
            (Value::Text(text), None) => {
                self.budget.spend(text.len() as u64 / 64)?;
                OrderKey::Text(text)
            }
            (Value::Number(number), _) => OrderKey::Number(*number),
            (Value::Date(date), _) => OrderKey::Date(*date),
            (Value::Time(time), _) => OrderKey::Time(*time),
            (Value::Timestamp(at), _) => OrderKey::Timestamp(*at),
            (Value::Duration(duration), _) => OrderKey::Duration(*duration),
            _ => return Err(Stop::Unknown),
        })
    }

    /// The least or the greatest of a list, the first of equal ones.
    pub fn extreme(&self, items: &[Value], wanted: Ordering) -> Evaluated {
        self.budget.spend(items.len() as u64)?;
        let keys: Evaluated<Vec<OrderKey<'_>>> = items.iter().map(|item| self.key(item, &None)).collect();
        let better = |a: (OrderKey<'_>, usize), b: (OrderKey<'_>, usize)| if b.0.cmp(&a.0) == wanted { b.1 } else { a.1 };
        let keys = keys?;
        let best = (0..keys.len()).reduce(|best, next| better((keys[best], best), (keys[next], next)));
        Ok(best.map_or(Value::Missing, |at| items[at].clone()))
    }

    /// A list that the world gave, paid for.
    pub fn listed(&self, items: Vec<Value>) -> Evaluated {
        self.budget.spend(items.len() as u64)?;
        Ok(Value::List(items.into()))
    }
}

/// A value as it stands in an order. All keys of one list are of one kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OrderKey<'v> {
    Rank(usize),
    Number(Decimal),
    Text(&'v str),
    Date(NaiveDate),
    Time(NaiveTime),
    Timestamp(DateTime<FixedOffset>),
    Duration(CalendarDuration),
}

/// The decimal type tells -0 from 0 in its text and as an index; in the books there is one 0.
pub(super) fn unsigned_zero(number: Decimal) -> Decimal {
    if number.is_zero() { Decimal::ZERO } else { number }
}

pub(super) fn fault(range: &Range<usize>, zh: impl Into<String>, en: impl Into<String>) -> Stop {
    Stop::Fault(range.clone(), Words::new(zh, en))
}

// A value of another kind than the checker was told of is no answer: whoever built the world has a
// finding for it.

pub(super) fn missing_or(value: &Value, then: impl FnOnce(&Value) -> Evaluated) -> Evaluated {
    if *value == Value::Missing { Err(Stop::Unknown) } else { then(value) }
}

pub(super) fn bool(value: &Value) -> Evaluated<bool> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn number(value: &Value) -> Evaluated<Decimal> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => Err(Stop::Unknown),
    }
}

/// A whole number that is not too large for a count of days or places.
pub(super) fn integer(value: &Value, range: &Range<usize>) -> Evaluated<i32> {
    let number = number(value)?;
    let whole = if number.fract().is_zero() { i32::try_from(number).ok() } else { None };
    whole.ok_or_else(|| {
        let number = number.normalize();
        fault(
            range,
            format!("这里须是不太大的整数，却是 {number}"),
            format!("this must be a whole number and not too large, but is {number}"),
        )
    })
}

pub(super) fn text(value: &Value) -> Evaluated<&Arc<str>> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn date(value: &Value) -> Evaluated<NaiveDate> {
    match value {
        Value::Date(date) => Ok(*date),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn timestamp(value: &Value) -> Evaluated<DateTime<FixedOffset>> {
    match value {
        Value::Timestamp(at) => Ok(*at),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn list(value: &Value) -> Evaluated<&Arc<[Value]>> {
    match value {
        Value::List(items) => Ok(items),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn record(value: &Value) -> Evaluated<&RecordId> {
    match value {
        Value::Record(id) => Ok(id),
        _ => Err(Stop::Unknown),
    }
}

pub(super) fn too_large(range: &Range<usize>) -> Stop {
    fault(range, "结果太大，数容不下", "the result is too large for a number")
}

pub(super) fn no_date(range: &Range<usize>) -> Stop {
    fault(range, "日期超出了历法的范围", "the date is out of the calendar's range")
}
