//! The values of fields and expressions.

use crate::{diagnostic::Lang, source::RecordId};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use std::{collections::BTreeMap, fmt, sync::Arc};

/// A value. Money and every other number is decimal; enumerations, posts, departments, phones and
/// addresses are text.
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

/// Months and days, added to a date in that order; a month's end stays one (31 January + 1 month =
/// the last of February).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CalendarDuration {
    pub months: i32,
    pub days: i32,
}

/// A list is written out up to so many values: an expression may make one far larger than anybody
/// reads.
const WRITTEN: usize = 200;

impl Value {
    /// The value as it stands in a sentence: numbers plain, dates as 2026-03-01, references as
    /// their ids.
    pub fn words(&self, lang: Lang) -> String {
        let mut left = WRITTEN;
        self.written(lang, &mut left)
    }

    fn written(&self, lang: Lang, left: &mut usize) -> String {
        let word = |zh: &str, en: &str| if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() };
        match self {
            Value::Missing => word("无", "none"),
            Value::Bool(true) => word("是", "yes"),
            Value::Bool(false) => word("否", "no"),
            Value::Number(number) => number.normalize().to_string(),
            Value::Text(text) => text.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Time(time) => time.format("%H:%M").to_string(),
            Value::Timestamp(at) => at.to_rfc3339(),
            Value::Duration(duration) => duration.words(lang),
            Value::List(items) => joined(items.iter().map(|item| (None, item)), lang, left),
            Value::Table(parts) => joined(parts.iter().map(|(name, part)| (Some(name), part)), lang, left),
            Value::Record(id) => id.to_string(),
        }
    }
}

fn joined<'v>(parts: impl Iterator<Item = (Option<&'v Arc<str>>, &'v Value)>, lang: Lang, left: &mut usize) -> String {
    let mut written = Vec::new();
    for (name, part) in parts {
        if *left == 0 {
            written.push("…".to_owned());
            break;
        }
        *left -= 1;
        let text = part.written(lang, left);
        written.push(match (name, lang) {
            (Some(name), Lang::Zh) => format!("{name}：{text}"),
            (Some(name), Lang::En) => format!("{name}: {text}"),
            (None, _) => text,
        });
    }
    written.join(if lang == Lang::Zh { "、" } else { ", " })
}

/// Plain, in no language: `true`, `50000`, `2026-03-01`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(truth) => truth.fmt(f),
            Value::Missing => Ok(()),
            other => f.write_str(&other.words(Lang::En)),
        }
    }
}

impl CalendarDuration {
    /// `18 个月`, `45 天`, `1 个月 5 天`.
    pub fn words(self, lang: Lang) -> String {
        let count = |n: i32, zh: &str, one: &str| match lang {
            Lang::Zh => format!("{n} {zh}"),
            Lang::En if n == 1 => format!("{n} {one}"),
            Lang::En => format!("{n} {one}s"),
        };
        match (self.months, self.days) {
            (0, days) => count(days, "天", "day"),
            (months, 0) => count(months, "个月", "month"),
            (months, days) => format!("{} {}", count(months, "个月", "month"), count(days, "天", "day")),
        }
    }
}
