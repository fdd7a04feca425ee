//! Duties: what must exist by when, and who is to do it. What does not is due, then overdue.

use super::{
    Due, DueState, Tally, Verdict,
    row::{Case, Row, Stopped},
    share::Share,
    which::{Rows, Which},
    wording,
};
use crate::{
    archive::Record,
    diagnostic::{Finding, Words},
    facts::Facts,
    policy::{
        BlockPlace, Cadence, CalendarDuration, Duty, DutyDue, DutyNeed, Expression, FieldPath, Reader, Value,
        expression::{Stop, Type, World},
    },
    source::{RecordId, Span},
};
use chrono::{Days, NaiveDate};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What came of one duty for one record.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub duties: Vec<Due>,
    /// The overdue ones, told as findings.
    pub findings: Vec<Finding>,
    /// What is wrong with the duty itself.
    pub faults: Vec<Finding>,
    /// Rows for which `where` holds.
    pub bound: usize,
    /// Rows of which something could not be read.
    pub unknown: usize,
}

/// Works out what a duty demands of a record, or of the archive.
pub(super) fn judge(duty: &Duty, record: Option<&Record>, facts: &Facts<'_>, share: &Share) -> Outcome {
    let case = Case::new(record, facts, share);
    let mut outcome = Outcome::default();
    match case.rows(&duty.each) {
        Ok(rows) => {
            let mut apart = Rows::default();
            case.within_share(&rows).for_each(|row| outcome.judge_row(duty, case, row, apart.next(&duty.each, &row.values)));
        }
        Err(stopped) => outcome.stop(stopped, duty, case, &Row::default()),
    }
    case.settle();
    outcome
}

/// By date, then duty, then record.
pub(super) fn in_order(mut duties: Vec<Due>) -> Vec<Due> {
    duties.sort_by(|a, b| (a.due, &a.duty, &a.record, &a.message).cmp(&(b.due, &b.duty, &b.record, &b.message)));
    duties
}

/// The day on which a duty that binds falls due; none where it is done.
fn due_day(duty: &Duty, case: Case<'_>, row: &Row) -> Result<Option<NaiveDate>, Stopped> {
    let done = done(duty, case, row)?;
    let due = match (&duty.due, &done) {
        (DutyDue::By(_), Some(_)) => None,
        (DutyDue::By(day), None) => date(day, case, row)?,
        (DutyDue::Every { period, .. }, Some(Some(last))) => after(*last, period, case, row)?,
        (DutyDue::Every { from, period }, _) => match date(from, case, row)? {
            Some(from) => after(from, period, case, row)?,
            None => None,
        },
    };
    let Some(due) = due else { return Ok(None) };
    let grace = duty.grace.as_ref().map(|grace| date(grace, case, row)).transpose()?.flatten();
    Ok(Some(grace.map_or(due, |grace| grace.max(due))))
}

/// Whether what is needed is there, and of when the latest is.
fn done(duty: &Duty, case: Case<'_>, row: &Row) -> Result<Option<Option<NaiveDate>>, Stopped> {
    match &duty.need {
        DutyNeed::Fields(fields) => {
            let filled = fields.iter().map(|(_, field)| Ok(filled(&case.evaluate(field, &row.values)?)));
            // Done when the last of them is there, and no later than the earliest of their dates says.
            Ok(filled.collect::<Result<Option<Vec<_>>, Stopped>>()?.map(|dates| dates.into_iter().flatten().min()))
        }
        DutyNeed::Record(needed) => Ok(matches(duty, needed, case, row)?.into_iter().max()),
    }
}

/// Whether a field is filled, and with which date.
fn filled(value: &Value) -> Option<Option<NaiveDate>> {
    match value {
        Value::Missing => None,
        Value::Date(date) => Some(Some(*date)),
        Value::Text(text) if text.trim().is_empty() => None,
        Value::List(list) if list.is_empty() => None,
        _ => Some(None),
    }
}

/// The dates of the records that fulfil a duty.
fn matches(duty: &Duty, needed: &str, case: Case<'_>, row: &Row) -> Result<Vec<Option<NaiveDate>>, Stopped> {
    let span = due_span(duty);
    let candidates = match case.id() {
        Some(id) => case.facts.linked(id, needed),
        None => case.facts.records(needed, &[]),
    };
    let candidates = candidates.map_err(|stop| Stopped { stop, span })?;
    let mut dates = Vec::new();
    for candidate in candidates {
        let variables: Vec<Value> = row.values.iter().cloned().chain([Value::Record(candidate.clone())]).collect();
        if case.holds(duty.matches.as_ref(), &variables)? {
            dates.push(date_of(&candidate, case.facts));
        }
    }
    Ok(dates)
}

fn date_of(record: &RecordId, facts: &Facts<'_>) -> Option<NaiveDate> {
    let record = facts.archive.record(record)?;
    let field = record.record_type.as_ref()?.date.as_ref()?;
    facts.note_field(&record.id, field);
    record.date
}

fn date(expression: &Expression, case: Case<'_>, row: &Row) -> Result<Option<NaiveDate>, Stopped> {
    Ok(match case.evaluate(expression, &row.values)? {
        Value::Date(date) => Some(date),
        Value::Timestamp(at) => Some(case.facts.archive.settings.day(at)),
        _ => None,
    })
}

/// A period after a day; none where the field by which the period goes has a value that has no period.
fn after(day: NaiveDate, cadence: &Cadence, case: Case<'_>, row: &Row) -> Result<Option<NaiveDate>, Stopped> {
    let Some(period) = period(cadence, case)? else { return Ok(None) };
    let Value::Duration(duration) = case.evaluate(period, &row.values)? else { return Ok(None) };
    out_of_range(duration, day, period.span).map(Some)
}

fn period<'d>(cadence: &'d Cadence, case: Case<'_>) -> Result<Option<&'d Expression>, Stopped> {
    match cadence {
        Cadence::Fixed(period) => Ok(Some(period)),
        Cadence::By { field, periods } => {
            let Some(id) = case.id() else { return Ok(None) };
            let span = periods.values().next().map_or_else(|| case.record.map(Record::head), |period| Some(period.span));
            let stopped = |stop| Stopped { stop, span: span.expect("a record has a head") };
            match case.facts.field(id, field).map_err(stopped)? {
                Value::Text(value) => Ok(periods.get(&value)),
                _ => Ok(None),
            }
        }
    }
}

fn out_of_range(duration: CalendarDuration, day: NaiveDate, span: Span) -> Result<NaiveDate, Stopped> {
    let words = || Words::new("日期超出范围", "the date is out of range");
    duration.after(day).ok_or_else(|| Stopped { stop: Stop::Fault(0..0, words()), span })
}

/// Who is to do it.
#[derive(Default)]
struct Doers {
    people: Vec<RecordId>,
    /// Those of them that were named themselves, not by a post or department.
    named: Vec<RecordId>,
    named_by: BTreeMap<RecordId, BTreeSet<RecordId>>,
    by_office: BTreeSet<RecordId>,
    offices: Vec<(Arc<str>, Words)>,
}

impl Doers {
    fn of(readers: &[Reader], case: Case<'_>, row: &Row) -> Doers {
        let mut doers = Doers::default();
        for reader in readers {
            match reader {
                Reader::Everyone => {}
                Reader::Post(post) => doers.holders(post, case),
                Reader::Department(department) => doers.members(department, case),
                Reader::Path(path) => doers.path(path, case, row),
            }
        }
        // Whose office it is to do it is named by nobody.
        let Doers { by_office, named_by, .. } = &mut doers;
        named_by.retain(|person, _| !by_office.contains(person));
        let mut met = BTreeSet::new();
        doers.people.retain(|person| met.insert(person.clone()));
        doers
    }

    /// Whom an expression names, with what it has read to name them.
    fn path(&mut self, path: &Expression, case: Case<'_>, row: &Row) {
        let before = case.facts.take_reads();
        let value = case.evaluate(path, &row.values);
        let reads = case.facts.take_reads();
        let known = self.named.len();
        if let Ok(value) = value {
            self.value(&value, &path.result, case);
        }
        for person in &self.named[known..] {
            self.named_by.entry(person.clone()).or_default().extend(reads.records.iter().cloned());
        }
        case.facts.note_all(&before);
        case.facts.note_all(&reads);
    }

    fn value(&mut self, value: &Value, kind: &Type, case: Case<'_>) {
        match (value, kind) {
            (_, Type::Optional(inner)) => self.value(value, inner, case),
            (Value::List(values), Type::List(element)) => values.iter().for_each(|value| self.value(value, element, case)),
            (Value::Record(person), _) => {
                self.people.push(person.clone());
                self.named.push(person.clone());
            }
            (Value::Text(id), Type::Department) => self.members(id, case),
            (Value::Text(id), _) => self.holders(id, case),
            _ => {}
        }
    }

    fn holders(&mut self, post: &Arc<str>, case: Case<'_>) {
        self.offices.push((post.clone(), wording::post(post, case.facts)));
        self.hold(case.facts.holders(post, case.facts.today));
    }

    fn members(&mut self, department: &Arc<str>, case: Case<'_>) {
        self.offices.push((department.clone(), wording::department(department, case.facts)));
        self.hold(case.facts.members(department));
    }

    fn hold(&mut self, people: Vec<RecordId>) {
        self.by_office.extend(people.iter().cloned());
        self.people.extend(people);
    }

    /// The posts and departments by their labels, the people by their names.
    fn words(&self, facts: &Facts<'_>) -> Option<Words> {
        let offices = self.offices.iter().map(|(_, label)| label.clone());
        let all: Vec<Words> = offices.chain(self.named.iter().map(|person| wording::record(person, facts))).collect();
        let joined = |each: fn(&Words) -> &str, between: &str| all.iter().map(each).collect::<Vec<_>>().join(between);
        (!all.is_empty()).then(|| Words::new(joined(|name| &name.zh, "、"), joined(|name| &name.en, ", ")))
    }
}

fn message(duty: &Duty, case: Case<'_>, row: &Row) -> Words {
    duty.say.as_ref().map_or_else(|| unsaid(duty, case), |say| wording::fill(say, case, &row.values))
}

fn unsaid(duty: &Duty, case: Case<'_>) -> Words {
    match &duty.need {
        DutyNeed::Record(needed) => {
            let known = case.facts.archive.policies.record_type(needed);
            let label = known.map_or_else(|| Words::new(&**needed, &**needed), |t| wording::or_id(&t.label, needed));
            Words::new(format!("缺少{}", label.zh), format!("{} is missing", label.en))
        }
        DutyNeed::Fields(fields) => {
            let paths: Vec<String> = fields.iter().map(|(path, _)| path.0.join(".")).collect();
            Words::new(format!("{} 未填写", paths.join("、")), format!("{} is not filled in", paths.join(", ")))
        }
    }
}

/// The message of an overdue duty: since when, and who is to do it.
fn overdue(due: &Due, doers: Option<Words>) -> Words {
    let (zh, en) = (&due.message.zh, &due.message.en);
    let plural = if due.days == 1 { "day" } else { "days" };
    let who = doers.map_or_else(Words::default, |who| Words::new(format!("，由{}负责", who.zh), format!(", by {}", who.en)));
    Words::new(
        format!("{zh}；应于 {} 完成，已逾期 {} 天{}", due.due, due.days, who.zh),
        format!("{en}; it was due on {}{}, {} {plural} ago", due.due, who.en, due.days),
    )
}

/// Where a mistake of a duty is told when no expression of its own is to blame.
fn due_span(duty: &Duty) -> Span {
    match &duty.due {
        DutyDue::Every { from, .. } => from.span,
        DutyDue::By(day) => day.span,
    }
}

impl Outcome {
    fn judge_row(&mut self, duty: &Duty, case: Case<'_>, row: &Row, which: Which) {
        case.facts.take_reads();
        if let Err(stopped) = self.try_row(duty, case, row, which) {
            self.stop(stopped, duty, case, row);
        }
    }

    fn try_row(&mut self, duty: &Duty, case: Case<'_>, row: &Row, which: Which) -> Result<(), Stopped> {
        if case.holds(duty.condition.as_ref(), &row.values)? {
            self.bound += 1;
            if let Some(day) = due_day(duty, case, row)? {
                self.due(duty, day, case, (row, which));
            }
        }
        Ok(())
    }

    fn stop(&mut self, stopped: Stopped, duty: &Duty, case: Case<'_>, row: &Row) {
        self.unknown += usize::from(stopped.stop == Stop::Unknown);
        self.faults.extend(stopped.finding(&duty.id, case, row));
    }

    fn due(&mut self, duty: &Duty, day: NaiveDate, case: Case<'_>, (row, which): (&Row, Which)) {
        let today = case.facts.today;
        let shown = today.checked_add_days(Days::new(duty.ahead.into())).is_none_or(|last| day <= last);
        if !shown {
            return;
        }
        let doers = Doers::of(&duty.who, case, row);
        let mut due = Due {
            duty: duty.id.clone(),
            record: case.subject(row).map(|record| record.id.clone()),
            which,
            who: doers.people.clone(),
            named_by: doers.named_by.clone(),
            office: doers.offices.first().map(|(id, _)| id.clone()),
            due: day,
            state: if today > day { DueState::Overdue } else { DueState::Due },
            days: (today - day).num_days().abs(),
            severity: duty.severity,
            message: message(duty, case, row),
            unfilled: duty.say.as_ref().map_or_else(|| unsaid(duty, case), wording::unfilled),
            citation: duty.citation.clone(),
            reads: case.reads(row),
        };
        if due.state == DueState::Overdue {
            let message = overdue(&due, doers.words(case.facts));
            due.reads.extend(&case.reads(row));
            self.findings.push(finding(duty, &due, message, case, row));
        }
        self.duties.push(due);
    }

    pub fn verdict(self, block: BlockPlace) -> Verdict {
        let due = self.duties.iter().filter(|due| due.state == DueState::Due).count();
        let tallies = vec![(block, Tally { judged: self.bound, broken: self.findings.len(), due })];
        let findings = self.findings.into_iter().chain(self.faults).collect();
        Verdict { findings, duties: self.duties, tallies, ..Verdict::default() }
    }
}

fn finding(duty: &Duty, due: &Due, message: Words, case: Case<'_>, row: &Row) -> Finding {
    let field = match &duty.need {
        DutyNeed::Fields(fields) => to_be_filled(fields, case, row).and_then(|path| case.place(&path.0, &duty.each, row)),
        DutyNeed::Record(_) => None,
    };
    let fix = duty.fix.as_ref().map(|fix| wording::fill(fix, case, &row.values));
    let mut reads = case.reads(row);
    reads.extend(&due.reads);
    Finding {
        code: duty.id.clone(),
        severity: duty.severity,
        span: Some(field.or_else(|| case.head(row)).unwrap_or(duty.head)),
        record: due.record.clone(),
        message,
        citation: Some(duty.citation.clone()),
        fix,
        related: Vec::new(),
        reads,
    }
}

/// The first field that is not filled; where all are (the duty comes again), the first.
fn to_be_filled<'d>(fields: &'d [(FieldPath, Expression)], case: Case<'_>, row: &Row) -> Option<&'d FieldPath> {
    let open = |field: &Expression| case.evaluate(field, &row.values).is_ok_and(|value| filled(&value).is_none());
    fields.iter().find(|(_, field)| open(field)).or(fields.first()).map(|(path, _)| path)
}
