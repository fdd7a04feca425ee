//! From when to when somebody is on staff.

use super::{FieldEntry, Record};
use crate::policy::Value;
use chrono::NaiveDate;

/// The days of a person on staff, as the person's record has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tenure {
    /// `None` where the record does not say it: then nothing is known of the days before the person
    /// left.
    pub joined: Option<NaiveDate>,
    /// The first day on which the person is not on staff any more.
    pub left: Option<NaiveDate>,
}

impl Tenure {
    /// `None` where a date of the two is written and cannot be read.
    pub fn of(record: &Record) -> Option<Tenure> {
        Some(Tenure { joined: date(record, "joined")?, left: date(record, "left")? })
    }

    /// Whether it ends before it begins: of that the person's file is told.
    pub fn is_impossible(&self) -> bool {
        self.joined.zip(self.left).is_some_and(|(joined, left)| left < joined)
    }

    pub fn covers(&self, day: NaiveDate) -> bool {
        self.joined.is_none_or(|joined| joined <= day) && self.left.is_none_or(|left| day < left)
    }
}

fn date(record: &Record, field: &str) -> Option<Option<NaiveDate>> {
    match record.value(field) {
        Some(Value::Date(day)) => Some(Some(day)),
        _ if record.fields.get(field).is_some_and(FieldEntry::is_written) => None,
        _ => Some(None),
    }
}
