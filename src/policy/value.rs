//! The values of fields and expressions.

use crate::source::RecordId;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use std::{collections::BTreeMap, sync::Arc};

/// A value. Money and every other number is decimal; enumerations, posts, departments, phones and addresses are text.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// An optional value that is not there.
    Missing,
    Bool(bool),
    Number(Decimal),
    Text(Arc<str>),
    Date(NaiveDate),
    Time(NaiveTime),
    Timestamp(DateTime<FixedOffset>),
    Duration(CalendarDuration),
    List(Arc<[Value]>),
    Table(Arc<BTreeMap<Arc<str>, Value>>),
    Record(RecordId),
}

/// Months and days, added to a date in that order; a month's end stays one (31 January + 1 month = the last of February).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CalendarDuration {
    pub months: i32,
    pub days: i32,
}
