//! Duties: what must exist by when, and who is to do it. What does not is due, then overdue; what
//! came late, or not at all in its time, is a breach of the past.

mod course;
mod deeds;
mod doers;

pub use course::Time;

use super::{
    Due, DueState, Tally, Verdict,
    law::Validity,
    row::{Case, NoValue, Row},
    share::Tab,
    which::{Rows, Which},
    wording,
};
use crate::{
    archive::Record,
    diagnostic::{Citation, Finding, FindingState, Reads, Words},
    facts::Facts,
    policy::{Duty, DutyDue, DutyNeed, Expression, FieldPath, Value, expression::Stop},
    source::{RecordId, Span},
};
use chrono::{Days, NaiveDate};
use course::{Bond, Course, Open};
use doers::Doers;
use std::sync::Arc;

/// What came of one duty for one record.
#[derive(Debug, Default)]
pub(super) struct DutyOutcome {
    pub duties: Vec<Due>,
    /// The overdue ones, and those of the past that were late, told as findings.
    pub findings: Vec<Finding>,
    /// What is wrong with the duty itself.
    pub faults: Vec<Finding>,
    /// Every time that it was to be done, where that is asked for.
    pub history: Vec<Occasion>,
    /// Rows for which `where` holds.
    pub bound: usize,
    /// Times at which it was done in time.
    pub kept: usize,
    /// What was asked of the last row of which something could not be read; `None` where all could.
    pub unknown: Option<Reads>,
}

/// A time at which a duty was to be done.
#[derive(Clone, Debug)]
pub struct Occasion {
    pub duty: Arc<str>,
    pub record: Option<RecordId>,
    pub who: Vec<RecordId>,
    pub time: Time,
    /// Whether it is still to be done.
    pub open: bool,
    pub message: Words,
    pub citation: Citation,
    pub reads: Reads,
}

/// How a duty was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Punctuality {
    Early,
    InTime,
    Late,
    /// Not done, and no longer to be done.
    Missed,
    Overdue,
}

impl Occasion {
    /// How it was done, and by how many days it was early or late.
    pub fn outcome(&self) -> (Punctuality, i64) {
        let Time { due, done, late, .. } = self.time;
        match (done, late) {
            (Some(done), None) if done < due => (Punctuality::Early, (due - done).num_days()),
            (Some(_) | None, None) if !self.open => (Punctuality::InTime, 0),
            (Some(done), _) => (Punctuality::Late, (done - due).num_days()),
            (None, Some((_, until))) if !self.open => (Punctuality::Missed, (until - due).num_days()),
            (None, late) => (Punctuality::Overdue, late.map_or(0, |(_, until)| (until - due).num_days())),
        }
    }

    /// Whether it is of a record, a person who is to do it, or a duty of that id.
    pub fn is_about(&self, id: &str) -> bool {
        let is = |record: &RecordId| *record.0 == *id;
        *self.duty == *id || self.record.as_ref().is_some_and(is) || self.who.iter().any(is)
    }

    /// `{"duty","record","who","due","done","state":"early|kept|late|missed|overdue","days","policy","article"}`
    pub fn json(&self) -> serde_json::Value {
        let (outcome, days) = self.outcome();
        let state = match outcome {
            Punctuality::Early => "early",
            Punctuality::InTime => "kept",
            Punctuality::Late => "late",
            Punctuality::Missed => "missed",
            Punctuality::Overdue => "overdue",
        };
        let text = |id: &RecordId| id.0.to_string();
        serde_json::json!({
            "duty": &*self.duty, "record": self.record.as_ref().map(text), "who": self.who.iter().map(text).collect::<Vec<_>>(),
            "due": self.time.due.to_string(), "done": self.time.done.map(|day| day.to_string()), "state": state, "days": days,
            "policy": &*self.citation.policy, "article": &*self.citation.article,
        })
    }
}

/// How much is wanted of what a duty came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// What is due, and what was wrong.
    Report,
    /// Every time, kept or not.
    History,
}

/// Works out what a duty demands of a record, or of the archive, as long as a version of its policy
/// binds.
pub(super) fn judge(
    duty: &Duty,
    validity: Validity,
    record: Option<&Record>,
    facts: &Facts<'_>,
    share: &Tab<'_>,
    wanted: Wanted,
) -> DutyOutcome {
    let case = Case::new(record, facts, share);
    let mut outcome = DutyOutcome::default();
    let (rows, reads) = facts.witnessed(|| case.rows(&duty.each));
    match rows {
        Ok(rows) => {
            let mut apart = Rows::default();
            for row in case.within_share(&rows) {
                let which = apart.next(&duty.each, &row.values);
                outcome.judge_row(Bond { duty, case, row, validity }, which, wanted);
            }
        }
        Err(stopped) => outcome.stop(stopped, reads, duty, case, &Row::default()),
    }
    case.settle();
    outcome
}

/// By date, then duty, then record.
pub(super) fn in_order(mut duties: Vec<Due>) -> Vec<Due> {
    duties.sort_by(|a, b| (a.due, &a.duty, &a.record, &a.message).cmp(&(b.due, &b.duty, &b.record, &b.message)));
    duties
}

pub(super) fn date(expression: &Expression, case: Case<'_>, row: &Row) -> Result<Option<NaiveDate>, NoValue> {
    Ok(match case.evaluate(expression, &row.values)? {
        Value::Date(date) => Some(date),
        Value::Timestamp(at) => Some(case.facts.archive.settings.day(at)),
        _ => None,
    })
}

fn message(duty: &Duty, case: Case<'_>, row: &Row, last: Option<NaiveDate>) -> Words {
    let said = |say| wording::fill(say, case, &row.counted_from(last).values);
    duty.say.as_ref().map_or_else(|| unsaid(duty, case), said)
}

fn unsaid(duty: &Duty, case: Case<'_>) -> Words {
    match &duty.need {
        DutyNeed::Record(needed) => {
            let known = case.facts.archive.policies.record_type(needed);
            let label = known.map_or_else(|| Words::new(&**needed, &**needed), |t| t.label.or_id(needed));
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
    let plural = plural(due.days);
    let who = doers.map_or_else(Words::default, |who| Words::new(format!("，由{}负责", who.zh), format!(", by {}", who.en)));
    Words::new(
        format!("{zh}；应于 {} 完成，已逾期 {} 天{}", due.due, due.days, who.zh),
        format!("{en}; it was due on {}{}, {} {plural} ago", due.due, who.en, due.days),
    )
}

/// The message of one that is over and was not done in time: by how much, and who was to do it.
fn was_late(message: &Words, time: Time, doers: Option<Words>) -> Words {
    let who = doers.map_or_else(Words::default, |who| Words::new(format!("，由{}负责", who.zh), format!(", by {}", who.en)));
    let days = |until: NaiveDate| (until - time.due).num_days();
    let (zh, en) = match (time.done, time.late) {
        (Some(done), _) => (
            format!("应于 {} 完成，{done} 才完成，迟 {} 天", time.due, days(done)),
            format!("it was due on {}{}, and done on {done}, {} {} late", time.due, who.en, days(done), plural(days(done))),
        ),
        (None, Some((_, until))) => {
            (format!("应于 {} 完成，至 {until} 未完成", time.due), format!("it was due on {}{}, and not done by {until}", time.due, who.en))
        }
        (None, None) => (format!("应于 {} 完成", time.due), format!("it was due on {}{}", time.due, who.en)),
    };
    Words::new(format!("{}；{zh}{}", message.zh, who.zh), format!("{}; {en}", message.en))
}

fn plural(days: i64) -> &'static str {
    if days == 1 { "day" } else { "days" }
}

/// Where a mistake of a duty is told when no expression of its own is to blame.
fn due_span(duty: &Duty) -> Span {
    match &duty.due {
        DutyDue::Every { from, .. } => from.span,
        DutyDue::By { day, .. } => day.span,
    }
}

impl DutyOutcome {
    fn judge_row(&mut self, bond: Bond<'_>, which: Which, wanted: Wanted) {
        let (course, reads) = bond.case.facts.witnessed(|| bond.course());
        match course {
            Ok(course) => self.tell(bond, course, which, wanted, &reads),
            Err(stopped) => self.stop(stopped, reads, bond.duty, bond.case, bond.row),
        }
    }

    /// `rests_on`: what was read for the course.
    fn tell(&mut self, bond: Bond<'_>, course: Course, which: Which, wanted: Wanted, rests_on: &Reads) {
        self.bound += usize::from(course.open.is_some() || !course.times.is_empty());
        for time in course.times {
            self.kept += usize::from(time.late.is_none());
            if let Some((since, until)) = time.late {
                self.findings.push(past(bond, time, FindingState::past(since, until), rests_on));
            }
            if wanted == Wanted::History {
                self.history.push(occasion(bond, time, false, rests_on));
            }
        }
        let Some(open) = course.open else { return };
        if let Some(since) = open.late_since.filter(|_| wanted == Wanted::History) {
            let late = Some((since, bond.case.facts.today()));
            self.history.push(occasion(bond, Time { due: open.due, last: open.last, done: None, late }, true, rests_on));
        }
        self.due(bond, open, which, rests_on);
    }

    fn stop(&mut self, stopped: NoValue, reads: Reads, duty: &Duty, case: Case<'_>, row: &Row) {
        match stopped.stop {
            Stop::Unknown => self.unknown = Some(reads),
            _ => self.faults.extend(stopped.finding(&duty.id, case, row, reads)),
        }
    }

    fn due(&mut self, bond: Bond<'_>, open: Open, which: Which, rests_on: &Reads) {
        let Bond { duty, case, row, .. } = bond;
        let (today, day) = (case.facts.today(), open.due);
        let shown = today.checked_add_days(Days::new(duty.ahead.into())).is_none_or(|last| day <= last);
        if !shown {
            return;
        }
        let (message, mut said) = case.facts.witnessed(|| message(duty, case, row, open.last));
        let (doers, mut reads) = case.facts.witnessed(|| Doers::of(&duty.who, case, row));
        [rests_on, &said].into_iter().for_each(|more| reads.extend(more));
        said.extend(&row.reads);
        // The day from which it is counted tells of what was done before.
        if duty.say.as_ref().is_some_and(|say| say.names("last")) {
            said.extend(rests_on);
        }
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
            message,
            unfilled: duty.say.as_ref().map_or_else(|| unsaid(duty, case), wording::unfilled),
            said,
            citation: duty.citation.clone(),
            superseded_by: None,
            reads: case.rests_on(row, reads),
        };
        if due.state == DueState::Overdue {
            let (words, reads) = case.facts.witnessed(|| doers.words(case.facts));
            due.reads.extend(&reads);
            let message = overdue(&due, words);
            let state = FindingState::Open { since: open.late_since };
            let found = finding(duty, &due.reads, due.record.clone(), message, case, (row, open.last));
            self.findings.push(Finding { state, ..found });
        }
        self.duties.push(due);
    }

    pub fn verdict(self) -> (Verdict, Tally) {
        let due = self.duties.iter().filter(|due| due.state == DueState::Due).count();
        let past = self.findings.iter().filter(|finding| finding.state.ended().is_some()).count();
        let broken = self.findings.len() - past;
        let tally = Tally { judged: self.bound, broken, due, past, kept: self.kept };
        let findings = self.findings.into_iter().chain(self.faults).collect();
        (Verdict { findings, duties: self.duties, history: self.history, ..Verdict::default() }, tally)
    }
}

/// A time at which it was not done as it should have been, told as things stood then.
fn past(bond: Bond<'_>, time: Time, state: FindingState, rests_on: &Reads) -> Finding {
    let Bond { duty, case, row, .. } = bond;
    let told = || {
        let doers = Doers::of(&duty.who, case, row);
        was_late(&message(duty, case, row, time.last), time, doers.words(case.facts))
    };
    // Told as things stood when it was late.
    let day = time.late.map_or(time.due, |(since, _)| since);
    let (message, mut reads) = case.facts.witnessed(|| case.facts.as_of(day.min(case.facts.today()), told));
    reads.extend(rests_on);
    let record = case.subject(row).map(|record| record.id.clone());
    Finding { state, fix: None, ..finding(duty, &reads, record, message, case, (row, time.last)) }
}

fn occasion(bond: Bond<'_>, time: Time, open: bool, rests_on: &Reads) -> Occasion {
    let Bond { duty, case, row, .. } = bond;
    let told = || (Doers::of(&duty.who, case, row).people, message(duty, case, row, time.last));
    let ((who, message), mut reads) = case.facts.witnessed(|| case.facts.as_of(time.due.min(case.facts.today()), told));
    reads.extend(rests_on);
    let record = case.subject(row).map(|record| record.id.clone());
    let reads = case.rests_on(row, reads);
    Occasion { duty: duty.id.clone(), record, who, time, open, message, citation: duty.citation.clone(), reads }
}

fn finding(
    duty: &Duty,
    rests_on: &Reads,
    record: Option<RecordId>,
    message: Words,
    case: Case<'_>,
    (row, last): (&Row, Option<NaiveDate>),
) -> Finding {
    let told = || {
        let field = match &duty.need {
            DutyNeed::Fields(fields) => to_be_filled(fields, case, row).and_then(|path| case.place(&path.0, &duty.each, row)),
            DutyNeed::Record(_) => None,
        };
        let fix = duty.fix.as_ref().map(|fix| wording::fill(fix, case, &row.counted_from(last).values));
        (field.or_else(|| case.head(row)).unwrap_or(duty.head), fix)
    };
    let ((span, fix), mut reads) = case.facts.witnessed(told);
    reads.extend(rests_on);
    Finding {
        code: duty.id.clone(),
        severity: duty.severity,
        state: FindingState::OPEN,
        span: Some(span),
        record,
        message,
        citation: Some(duty.citation.clone()),
        fix,
        related: Vec::new(),
        reads: case.rests_on(row, reads),
    }
}

/// The first field that is not filled; where all are (the duty comes again), the first.
fn to_be_filled<'d>(fields: &'d [(FieldPath, Expression)], case: Case<'_>, row: &Row) -> Option<&'d FieldPath> {
    let open = |field: &Expression| case.evaluate(field, &row.values).is_ok_and(|value| deeds::filled(&value, case.facts).is_none());
    fields.iter().find(|(_, field)| open(field)).or(fields.first()).map(|(path, _)| path)
}
