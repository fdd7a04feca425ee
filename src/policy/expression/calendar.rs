//! Days on the calendar.

use super::CalendarDuration;
use chrono::{Datelike, Days, Months, NaiveDate};

impl CalendarDuration {
    /// The day that lies this far behind a date: first the months (a month's end stays one), then
    /// the days.
    ///
    /// # Errors
    /// `None` where the date would be out of range.
    pub fn after(self, date: NaiveDate) -> Option<NaiveDate> {
        let (months, days) = (Months::new(self.months.unsigned_abs()), Days::new(u64::from(self.days.unsigned_abs())));
        let moved = if self.months < 0 { date.checked_sub_months(months)? } else { date.checked_add_months(months)? };
        let day = if self.days < 0 { moved.checked_sub_days(days)? } else { moved.checked_add_days(days)? };
        // Years of four digits are all that a record can hold and the shape of dates can show.
        (1..=9999).contains(&day.year()).then_some(day)
    }

    pub(super) fn checked_neg(self) -> Option<CalendarDuration> {
        Some(CalendarDuration { months: self.months.checked_neg()?, days: self.days.checked_neg()? })
    }

    pub(super) fn checked_add(self, other: CalendarDuration) -> Option<CalendarDuration> {
        Some(CalendarDuration { months: self.months.checked_add(other.months)?, days: self.days.checked_add(other.days)? })
    }
}

/// The Monday of a day's week.
pub(super) fn monday(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))
}

/// The Mondays of the weeks that the days from the first to the last touch.
pub(super) fn mondays(first: NaiveDate, last: NaiveDate) -> Option<Vec<NaiveDate>> {
    let mut mondays = Vec::new();
    let mut next = monday(first)?;
    while next <= last && first <= last {
        mondays.push(next);
        next = next.checked_add_days(Days::new(7))?;
    }
    Some(mondays)
}

/// The first days of the months that the days from the first to the last touch.
pub(super) fn first_days(first: NaiveDate, last: NaiveDate) -> Option<Vec<NaiveDate>> {
    let mut firsts = Vec::new();
    let mut next = first.with_day(1)?;
    while next <= last && first <= last {
        firsts.push(next);
        next = next.checked_add_months(Months::new(1))?;
    }
    Some(firsts)
}
