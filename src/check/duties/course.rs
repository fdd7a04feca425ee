//! The course of a duty over time: each time that it was to be done, whether it was done in time,
//! and what is open today. A period is measured by what applied in it (the value of a field with a
//! history, the version in force, a grace after a change), and is a breach even when it was made
//! good later.

use super::{date, deeds, deeds::Deeds};
use crate::{
    archive::Record,
    check::{
        law::Validity,
        row::{Case, NoValue, Row},
    },
    diagnostic::Words,
    policy::{
        Cadence, CalendarDuration, Duty, DutyDue, DutyNeed, Expression, Value,
        expression::{Stop, World},
    },
    source::Span,
};
use chrono::{Days, NaiveDate};

/// What became of a duty by today.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// In the order of their days.
    pub times: Vec<Time>,
    pub open: Option<Open>,
}

/// A time at which it was to be done, and which is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Time {
    pub due: NaiveDate,
    /// Where the duty comes again, the day from which the period ran.
    pub last: Option<NaiveDate>,
    /// `None` where it was not done, or nothing tells when.
    pub done: Option<NaiveDate>,
    /// The first day on which it was late, and the day on which that ended.
    pub late: Option<(NaiveDate, NaiveDate)>,
}

/// What is still to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Open {
    pub due: NaiveDate,
    pub last: Option<NaiveDate>,
    /// The first day on which it was late; `None` where it is not yet.
    pub late_since: Option<NaiveDate>,
}

/// A duty of one record or row, as long as one version of its policy binds.
#[derive(Clone, Copy)]
pub(super) struct Bond<'b> {
    pub duty: &'b Duty,
    pub case: Case<'b>,
    pub row: &'b Row,
    pub validity: Validity,
}

impl Bond<'_> {
    /// # Errors
    /// Where an expression of the duty has no value.
    pub fn course(&self) -> Result<Course, NoValue> {
        match &self.duty.due {
            DutyDue::By { day, .. } => self.once(day),
            DutyDue::Every { from, period, until } => self.again_and_again(from, period, until.as_ref()),
        }
    }

    fn today(&self) -> NaiveDate {
        self.case.facts.today()
    }

    /// Whether the duty speaks of this record or row on a day.
    fn binds_on(&self, day: NaiveDate) -> Result<bool, NoValue> {
        self.as_of(day, || self.case.holds(self.duty.condition.as_ref(), &self.row.values))
    }

    fn as_of<T>(&self, day: NaiveDate, run: impl FnOnce() -> T) -> T {
        self.case.facts.as_of(day.min(self.today()), run)
    }

    /// A duty that is done once: it binds by what held on the day when it fell due.
    fn once(&self, day: &Expression) -> Result<Course, NoValue> {
        let due = match date(day, self.case, self.row) {
            Ok(due) => due,
            // What the day rests on is there only where the duty binds.
            Err(stopped) => return if self.binds_on(self.today())? { Err(stopped) } else { Ok(Course::default()) },
        };
        let Some(due) = due else { return Ok(Course::default()) };
        if !self.binds_on(due)? {
            return Ok(Course::default());
        }
        let due = self.graced(due, &self.row.values)?;
        if !self.validity.covers(due) {
            return Ok(Course::default());
        }
        let done = deeds::of(self.duty, self.case, self.row)?.first().copied();
        let after = |day: NaiveDate| day.succ_opt().unwrap_or(day);
        Ok(match done {
            Some(done) => {
                let late = done.filter(|done| *done > due).map(|done| (after(due), done));
                Course { times: vec![Time { due, last: None, done, late }], open: None }
            }
            None => {
                let late_since = (self.today() > due).then(|| after(due));
                Course { times: Vec::new(), open: Some(Open { due, last: None, late_since }) }
            }
        })
    }

    fn again_and_again(&self, from: &Expression, period: &Cadence, until: Option<&Expression>) -> Result<Course, NoValue> {
        let Some(from) = date(from, self.case, self.row)? else { return Ok(Course::default()) };
        let until = until.map(|until| date(until, self.case, self.row)).transpose()?.flatten();
        let last = [Some(self.today()), until, self.validity.last()].into_iter().flatten().min().unwrap_or(self.today());
        let begin = from.max(self.validity.first);
        let mut walk = Walk { bond: *self, period, begin, last, until, turns: Vec::new(), course: Course::default() };
        walk.turns = walk.turning_days()?;
        walk.over(&deeds::of(self.duty, self.case, self.row)?)?;
        Ok(walk.course)
    }

    fn graced(&self, due: NaiveDate, variables: &[Value]) -> Result<NaiveDate, NoValue> {
        let grace = self.duty.grace.as_ref().map(|grace| self.case.evaluate(grace, variables)).transpose()?;
        Ok(match grace {
            Some(Value::Date(grace)) => grace.max(due),
            _ => due,
        })
    }
}

/// The way from deed to deed.
struct Walk<'b> {
    bond: Bond<'b>,
    period: &'b Cadence,
    begin: NaiveDate,
    /// The last day that is judged.
    last: NaiveDate,
    /// The last day on which anything is to be done; `None` where it goes on.
    until: Option<NaiveDate>,
    turns: Vec<NaiveDate>,
    course: Course,
}

impl Walk<'_> {
    /// The days up to the last on which the period or the grace may have changed: those that stand
    /// in the records on which they rest, and those of their approvals.
    fn turning_days(&self) -> Result<Vec<NaiveDate>, NoValue> {
        let facts = self.bond.case.facts;
        let (asked, reads) = facts.witnessed(|| {
            self.bond.binds_on(self.last)?;
            self.due(self.begin, self.last)
        });
        facts.note_all(&reads);
        asked?;
        let mut turns: Vec<NaiveDate> = reads.records().flat_map(|id| facts.days_of(id)).collect();
        turns.extend(self.bond.case.record.map_or(Vec::new(), |record| facts.turns(record)));
        let periods: Vec<&Expression> = match self.period {
            Cadence::Fixed(period) => vec![period],
            Cadence::By { periods, .. } => periods.values().collect(),
        };
        turns.extend(periods.into_iter().chain(&self.bond.duty.grace).flat_map(Expression::dates));
        turns.retain(|turn| *turn <= self.last);
        turns.sort_unstable();
        turns.dedup();
        Ok(turns)
    }

    fn over(&mut self, deeds: &Deeds) -> Result<(), NoValue> {
        let known = || deeds.iter().flatten().copied().filter(|day| *day <= self.last);
        let start = self.begin.max(self.bond.validity.from);
        // A field holds the last day alone: what was before is not known.
        let start = if matches!(self.bond.duty.need, DutyNeed::Fields(_)) { self.last } else { start };
        let mut anchor = known().rfind(|day| *day <= start);
        let later: Vec<NaiveDate> = known().filter(|day| *day > start).collect();
        for deed in later {
            self.gap(anchor, start, Some(deed))?;
            anchor = Some(deed);
        }
        self.gap(anchor, start, None)
    }

    /// From one deed (or the beginning) to the next, or to the last day.
    fn gap(&mut self, anchor: Option<NaiveDate>, start: NaiveDate, next: Option<NaiveDate>) -> Result<(), NoValue> {
        let first = anchor.map_or(start, |anchor| anchor.max(start));
        let end = next.unwrap_or(self.last);
        let (mut due, mut late): (Option<NaiveDate>, Option<(NaiveDate, NaiveDate)>) = (None, None);
        let mut counted_from = anchor.unwrap_or(self.begin);
        let mut bound = true;
        for (from, to) in self.segments(first, end) {
            let before = due;
            // Where the duty did not bind, or there was nothing by which to count from, it is
            // counted anew from the day on which it does.
            let binds = self.bond.binds_on(from)?;
            if from > first && binds && (!bound || before.is_none() && anchor.is_none()) {
                counted_from = from;
            }
            bound = binds;
            due = if binds { self.due(counted_from, from)? } else { None };
            // What a change of that day brings forward falls due on that day at the earliest.
            if from > first && late.is_none() && before.is_some() && due != before {
                due = due.map(|due| due.max(from));
            }
            let begun = due.and_then(|due| due.checked_add_days(Days::new(1))).map(|day| day.max(from)).filter(|day| *day <= to);
            match (late, begun, due) {
                (None, Some(begun), Some(due)) => late = Some((due, begun)),
                (Some((due, since)), None, _) => {
                    let before = from.pred_opt().unwrap_or(from);
                    self.course.times.push(Time { due, last: Some(counted_from), done: None, late: Some((since, before)) });
                    late = None;
                }
                _ => {}
            }
        }
        let fell = late.map(|(due, _)| due).or(due);
        match (next, fell) {
            (Some(done), Some(due)) => {
                let last = Some(counted_from);
                self.course.times.push(Time { due, last, done: Some(done), late: late.map(|(_, since)| (since, done)) });
            }
            (None, Some(due)) if self.last < self.bond.today() => {
                // What a version, or a term, left undone when it ended stays so.
                let last = Some(counted_from);
                self.course.times.extend(late.map(|(_, since)| Time { due, last, done: None, late: Some((since, self.last)) }));
            }
            (None, Some(due)) => {
                let open = Open { due, last: Some(counted_from), late_since: late.map(|(_, since)| since) };
                self.course.open = Some(open).filter(|open| self.until.is_none_or(|until| open.due <= until));
            }
            (_, None) => {}
        }
        Ok(())
    }

    /// The stretches of days between turns.
    fn segments(&self, first: NaiveDate, end: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let begins: Vec<NaiveDate> = std::iter::once(first).chain(self.turns.iter().copied().filter(|t| *t > first && *t <= end)).collect();
        let ends = begins.iter().skip(1).filter_map(|next| next.pred_opt()).chain([end]);
        begins.iter().copied().zip(ends).filter(|(from, to)| from <= to).collect()
    }

    /// The day on which it falls due, as things stand on a day.
    fn due(&self, counted_from: NaiveDate, day: NaiveDate) -> Result<Option<NaiveDate>, NoValue> {
        self.bond.as_of(day, || {
            let Some(due) = after(counted_from, self.period, &self.bond)? else { return Ok(None) };
            let due = self.bond.graced(due, &self.bond.row.counted_from(Some(counted_from)).values)?.max(self.bond.validity.taken_up());
            Ok(self.until.is_none_or(|until| due <= until).then_some(due))
        })
    }
}

/// A period after a day; none where the field by which the period goes has a value that has no
/// period.
fn after(day: NaiveDate, cadence: &Cadence, bond: &Bond<'_>) -> Result<Option<NaiveDate>, NoValue> {
    let Some(period) = period(cadence, bond.case)? else { return Ok(None) };
    let Value::Duration(duration) = bond.case.evaluate(period, &bond.row.values)? else { return Ok(None) };
    out_of_range(duration, day, period.span).map(Some)
}

fn period<'d>(cadence: &'d Cadence, case: Case<'_>) -> Result<Option<&'d Expression>, NoValue> {
    match cadence {
        Cadence::Fixed(period) => Ok(Some(period)),
        Cadence::By { field, periods } => {
            let Some(id) = case.id() else { return Ok(None) };
            let span = periods.values().next().map_or_else(|| case.record.map(Record::head), |period| Some(period.span));
            let stopped = |stop| NoValue { stop, span: span.expect("a record has a head") };
            match case.facts.field(id, field) {
                Ok(Value::Text(value)) => Ok(periods.get(&value)),
                // Nothing had been decided yet on that day.
                Err(Stop::Unknown) if case.facts.is_day_named() => Ok(None),
                other => other.map_err(stopped).map(|_| None),
            }
        }
    }
}

fn out_of_range(duration: CalendarDuration, day: NaiveDate, span: Span) -> Result<NaiveDate, NoValue> {
    let words = || Words::new("日期超出范围", "the date is out of range");
    duration.after(day).ok_or_else(|| NoValue { stop: Stop::Fault(0..0, words()), span })
}
