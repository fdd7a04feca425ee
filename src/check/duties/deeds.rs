//! When a duty was done. What counts for nothing does no duty: an empty form, what lies in the
//! future, what was superseded before.

use super::{date, due_span};
use crate::{
    archive::Record,
    check::row::{Case, NoValue, Row},
    facts::Facts,
    policy::{
        Duty, DutyDue, DutyNeed, Value,
        expression::{Drafts, Stop, World},
    },
    source::RecordId,
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// When it was done, each time, the earliest first. `None`: it is done, and nothing tells when.
pub(super) type Deeds = Vec<Option<NaiveDate>>;

/// The deeds of a duty by today; of those from before the day that it answers none counts.
pub(super) fn of(duty: &Duty, case: Case<'_>, row: &Row) -> Result<Deeds, NoValue> {
    let begun = match &duty.due {
        DutyDue::By { from: Some(from), .. } => date(from, case, row)?,
        _ => None,
    };
    let mut deeds = match &duty.need {
        DutyNeed::Fields(_) => filled_in(duty, case, row)?.into_iter().collect(),
        DutyNeed::Record(needed) => records(duty, needed, case, row)?,
    };
    deeds.retain(|day| day.is_none_or(|day| begun.is_none_or(|begun| begun <= day)));
    deeds.sort_unstable();
    Ok(deeds)
}

/// When the fields that are to be filled were; none where one of them is not. A day in the future
/// has not been.
fn filled_in(duty: &Duty, case: Case<'_>, row: &Row) -> Result<Option<Option<NaiveDate>>, NoValue> {
    let DutyNeed::Fields(fields) = &duty.need else { return Ok(None) };
    let mut days = Vec::new();
    for (_, field) in fields {
        let Some(day) = filled(&case.evaluate(field, &row.values)?, case.facts) else { return Ok(None) };
        days.push(day);
    }
    if let Some(done) = duty.done.as_ref().map(|done| date(done, case, row)).transpose()?.flatten() {
        if done > case.facts.today() {
            return Ok(None);
        }
        days.push(Some(done));
    }
    let days = days.into_iter().flatten();
    // Once and for all it is done with the last of them; what is done again and again, only as long
    // ago as the first.
    Ok(Some(if matches!(duty.due, DutyDue::Every { .. }) { days.min() } else { days.max() }))
}

/// Whether a field is filled, and with which day. A day that has not come yet is none on which
/// anything was done.
pub(super) fn filled(value: &Value, facts: &Facts<'_>) -> Option<Option<NaiveDate>> {
    match value {
        Value::Missing => return None,
        Value::Text(text) if text.trim().is_empty() => return None,
        Value::List(list) if list.is_empty() => return None,
        _ => {}
    }
    let last = days(value, facts).into_iter().max();
    last.is_none_or(|day| day <= facts.today()).then_some(last)
}

/// The days that a value tells; of a table (an answer: by whom, when) those in it.
fn days(value: &Value, facts: &Facts<'_>) -> Vec<NaiveDate> {
    match value {
        Value::Date(date) => vec![*date],
        Value::Timestamp(at) => vec![facts.archive.settings.day(*at)],
        Value::Table(parts) => parts.values().flat_map(|part| days(part, facts)).collect(),
        _ => Vec::new(),
    }
}

/// The days of the records that fulfil a duty: each counted on its own day, or counts today.
fn records(duty: &Duty, needed: &str, case: Case<'_>, row: &Row) -> Result<Deeds, NoValue> {
    let span = due_span(duty);
    let stopped = |stop| NoValue { stop, span };
    let candidates = match case.id() {
        Some(id) => case.facts.linked(id, needed, Drafts::In),
        None => case.facts.records(needed, &[], Drafts::In),
    };
    let mut deeds = Deeds::new();
    for id in candidates.map_err(stopped)? {
        let Some(record) = case.facts.archive.record(&id).filter(|record| has_counted(record, case.facts)) else { continue };
        let variables: Vec<Value> = row.values.iter().cloned().chain([Value::Record(id.clone())]).collect();
        if case.holds(duty.matches.as_ref(), &variables)? {
            deeds.extend(done_on(record, duty.approved, case.facts).map_err(stopped)?);
            deeds.extend(disposed_of(record, case.facts));
        }
    }
    Ok(deeds)
}

/// The days of what was lawfully disposed of: it was done all the same. Those of its like that stay
/// name it, and its id tells the day.
fn disposed_of(like: &Record, facts: &Facts<'_>) -> Deeds {
    let prefix = like.record_type.as_ref().map_or("", |own| &own.prefix);
    let named: BTreeSet<&RecordId> =
        like.references.iter().filter(|reference| !reference.resolved).map(|reference| &reference.to).collect();
    let days = named.into_iter().filter(|id| facts.is_disposed_of(id)).filter_map(|id| day_of_id(&id.0, prefix));
    days.filter(|day| *day <= facts.today()).map(Some).collect()
}

/// The day in an id that `chancery new` gave (`CR-20251117-xbas`).
fn day_of_id(id: &str, prefix: &str) -> Option<NaiveDate> {
    let day = id.strip_prefix(prefix)?.strip_prefix('-')?.get(..8)?;
    NaiveDate::parse_from_str(day, "%Y%m%d").ok()
}

/// Whether a record counts, or counted on its own day: a correction that came later has not undone
/// what was done.
fn has_counted(record: &Record, facts: &Facts<'_>) -> bool {
    let on_its_day = || record.date.is_some_and(|day| day <= facts.today() && facts.as_of(day, || facts.counts(record)));
    facts.counts(record) || on_its_day()
}

/// The day on which a record did it: its own, or where it has to be approved, the day of that.
fn done_on(record: &Record, approved: bool, facts: &Facts<'_>) -> Result<Option<Option<NaiveDate>>, Stop> {
    let day = date_of(record, facts);
    if !approved {
        return Ok(Some(day));
    }
    if !facts.approved(&record.id, None)? {
        return Ok(None);
    }
    Ok(Some(day.max(facts.approved_since(&record.id))))
}

fn date_of(record: &Record, facts: &Facts<'_>) -> Option<NaiveDate> {
    let field = record.record_type.as_ref()?.date.as_ref()?;
    facts.note_field(&record.id, field);
    record.date
}
