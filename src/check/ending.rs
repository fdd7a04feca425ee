//! What has ended: findings and duties of records whose place another took, and breaches that the
//! company has dealt with.

use super::Due;
use crate::{
    archive::Archive,
    diagnostic::{Finding, FindingState, Past, Words},
    facts::Facts,
    policy::{Role, Value, expression::World},
    source::{REGISTER, RecordId},
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What ends findings by today.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Records that another took the place of, with that one and its day.
    ended: BTreeMap<RecordId, (RecordId, Option<NaiveDate>)>,
    today: NaiveDate,
    /// By the rule and the record: the days of which an approved note speaks, and the note.
    notes: BTreeMap<(String, RecordId), Vec<(NaiveDate, RecordId)>>,
}

impl Ending {
    pub fn by_today(archive: &Archive, facts: &Facts<'_>) -> Ending {
        let ended = facts.ended().into_iter().map(|(id, by)| (id, (by.id.clone(), by.date))).collect();
        Ending { ended, today: facts.today(), notes: notes(archive, facts) }
    }

    /// Whether a finding tells of a reference to nothing that leads to what was disposed of: the
    /// disposal stands there for it.
    pub fn is_stub(&self, finding: &Finding, archive: &Archive) -> bool {
        let gone = |id: &RecordId| self.ended.contains_key(id) && archive.record(id).is_none();
        finding.code.starts_with("reference.") && finding.reads.records().any(gone)
    }

    /// What has ended the record of a finding.
    pub fn of(&self, finding: &Finding) -> Option<&RecordId> {
        finding.record.as_ref().and_then(|record| self.ended.get(record)).map(|(by, _)| by)
    }

    /// The finding as one of the past, where its record has ended.
    pub fn past(&self, finding: Finding) -> Finding {
        let Some((by, day)) = finding.record.as_ref().and_then(|record| self.ended.get(record)) else { return finding };
        let until = day.unwrap_or(self.today);
        let past = Past { since: finding.state.since(), until, superseded_by: Some(by.clone()), dealt_with: None };
        Finding { state: FindingState::Past(past), fix: None, ..finding }
    }

    pub fn duty(&self, due: Due) -> Due {
        let by = due.record.as_ref().and_then(|record| self.ended.get(record)).map(|(by, _)| by.clone());
        Due { superseded_by: by, ..due }
    }

    /// The breach with the note that deals with it, where there is one: of the same rule and
    /// record, and of a day on which it was so.
    pub fn dealt_with(&self, mut finding: Finding) -> Finding {
        let record = finding.record.clone();
        if let (FindingState::Past(past), Some(record)) = (&mut finding.state, record) {
            let notes = self.notes.get(&(finding.code.to_string(), record)).map_or(&[][..], Vec::as_slice);
            let speaks = |day: NaiveDate| past.since.is_none_or(|since| since <= day) && day <= past.until;
            past.dealt_with = notes.iter().find(|(day, _)| speaks(*day)).map(|(_, note)| note.clone());
        }
        finding
    }
}

/// Notes that deal with nothing: neither the rule, the record nor the day has a breach that is
/// over.
pub(super) fn idle_notes(archive: &Archive, ending: &Ending, past: &[Finding]) -> Vec<Finding> {
    let used: BTreeSet<&RecordId> = past.iter().filter_map(|finding| finding.state.ended()?.dealt_with.as_ref()).collect();
    let notes = ending.notes.iter().flat_map(|((rule, record), notes)| notes.iter().map(move |(day, note)| (rule, record, day, note)));
    // Whether there is one cannot be told where the rule has a mistake.
    let judged = notes.filter(|(rule, ..)| !archive.policies.fails(rule));
    let idle = judged.filter(|(.., note)| !used.contains(note)).filter_map(|(rule, record, day, note)| {
        let message = Words::new(
            format!("说明所写的违规查不到：{record} 在 {day} 没有已经结束的 {rule}"),
            format!("the note deals with no breach: {record} has none of {rule} on {day} that is over"),
        );
        let fix = Words::new(
            "核对 rule、record 和 day；还没有结束的，先办完",
            "check rule, record and day; what is not over is to be mended first",
        );
        let mut finding = Finding::warning("records.idle-note", archive.record(note)?.head(), message).of(note).with_fix(fix);
        // That there is none rests on all that could have been one: only who reads the whole folder
        // is told.
        finding.reads.add_record(note);
        finding.reads.add_path(&REGISTER.into());
        Some(finding)
    });
    idle.collect()
}

fn notes(archive: &Archive, facts: &Facts<'_>) -> BTreeMap<(String, RecordId), Vec<(NaiveDate, RecordId)>> {
    let mut notes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let Some(own) = archive.policies.role(Role::BreachNote) else { return notes };
    for note in archive.of_type(&own.id).filter(|note| facts.counts(note) && facts.approved(&note.id, None) == Ok(true)) {
        let said = (note.value("rule"), note.value("record"), note.value("day"));
        if let (Some(Value::Text(rule)), Some(Value::Record(record)), Some(Value::Date(day))) = said {
            notes.entry((rule.trim().to_owned(), record)).or_default().push((day, note.id.clone()));
        }
    }
    notes
}
