//! Rules: what must be true of a record, of each row of it, or of the archive.

use super::{
    Tally, Verdict,
    duties::date,
    law::Validity,
    row::{Case, NoValue, Row},
    share::Tab,
    wording,
};
use crate::{
    archive::Record,
    diagnostic::{Finding, FindingState, Reads, Words},
    facts::Facts,
    policy::{Rule, Value, expression::Stop},
    source::{RecordId, Span, trial},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What came of judging one rule for one record.
#[derive(Debug, Default)]
pub(super) struct RuleOutcome {
    pub findings: Vec<Finding>,
    /// Those of a rule that says `once_for`, with the rule and the value.
    pub once: Vec<(String, Finding)>,
    /// What is wrong with the rule itself.
    pub faults: Vec<Finding>,
    /// Rows whose `when` held.
    pub judged: usize,
    /// What was asked of the last row of which something could not be read; `None` where all could.
    pub unknown: Option<Reads>,
}

/// Judges a rule for a record, or for the archive.
pub(super) fn judge(rule: &Rule, validity: Validity, record: Option<&Record>, facts: &Facts<'_>, share: &Tab<'_>) -> RuleOutcome {
    let case = Case::new(record, facts, share);
    let mut outcome = RuleOutcome::default();
    let (rows, reads) = facts.witnessed(|| case.rows(&rule.each));
    match rows {
        Ok(rows) => {
            for row in case.within_share(&rows) {
                let judged = facts.witnessed(|| judge_row(rule, validity, case, row));
                outcome.add(judged, rule, case, row);
            }
        }
        Err(stopped) => outcome.add((Err(stopped), reads), rule, case, &Row::default()),
    }
    case.settle();
    outcome
}

/// What came of one row.
enum Judgement {
    /// `when` does not hold.
    Elsewhere,
    Holds,
    Broken(Box<Finding>, Option<String>),
}

fn judge_row(rule: &Rule, validity: Validity, case: Case<'_>, row: &Row) -> Result<Judgement, NoValue> {
    let today = case.facts.today();
    let day = match &rule.on {
        None if rule.until.is_none() => return judge_today(rule, case, row),
        None => None,
        Some(on) => match date(on, case, row)?.filter(|day| *day <= today && validity.covers(*day)) {
            None => return Ok(Judgement::Elsewhere),
            day => day,
        },
    };
    let until = rule.until.as_ref().map(|until| date(until, case, row)).transpose()?;
    let judgement = case.facts.as_of(day.unwrap_or(today), || judge_today(rule, case, row))?;
    Ok(match judgement {
        Judgement::Broken(finding, once) => {
            let state = state(day.or(case.record.and_then(|record| record.date)), until, today);
            // What an edit of today cannot undo, nobody is told to mend.
            let fix = finding.fix.filter(|_| state.ended().is_none());
            Judgement::Broken(
                Box::new(Finding { state: state.clone(), fix, ..*finding }),
                once.map(|once| format!("{once} {}", state.name())),
            )
        }
        other => other,
    })
}

/// What was wrong on a day lasts until the day that the rule names; where it names none, it was of
/// that day alone.
fn state(since: Option<NaiveDate>, until: Option<Option<NaiveDate>>, today: NaiveDate) -> FindingState {
    let over = until.map_or(since.filter(|day| *day < today), |until| until.filter(|until| *until <= today));
    match over {
        None => FindingState::Open { since },
        Some(until) => FindingState::past(since.map_or(until, |since| since.min(until)), until),
    }
}

fn judge_today(rule: &Rule, case: Case<'_>, row: &Row) -> Result<Judgement, NoValue> {
    if !case.holds(rule.when.as_ref(), &row.values)? {
        return Ok(Judgement::Elsewhere);
    }
    if case.holds(rule.require.as_ref(), &row.values)? {
        return Ok(Judgement::Holds);
    }
    let once = rule.once_for.as_ref().map(|value| case.evaluate(value, &row.values)).transpose()?;
    Ok(Judgement::Broken(Box::new(finding(rule, case, row)), once.map(|value| format!("{} {value:?}", rule.id))))
}

/// What it rests on is for the witness to say.
fn finding(rule: &Rule, case: Case<'_>, row: &Row) -> Finding {
    let message = rule.say.as_ref().map_or_else(|| unsaid(rule), |say| wording::fill(say, case, &row.values));
    let fix = rule.fix.as_ref().map(|fix| wording::fill(fix, case, &row.values));
    let related = also(rule, case, row);
    let span = pointed_at(rule).iter().find_map(|path| case.place(path, &rule.each, row)).or_else(|| case.head(row)).unwrap_or(rule.head);
    Finding {
        code: rule.id.clone(),
        severity: rule.severity,
        state: FindingState::OPEN,
        span: Some(span),
        record: case.subject(row).map(|record| record.id.clone()),
        message,
        citation: Some(rule.citation.clone()),
        fix,
        related,
        reads: Reads::default(),
    }
}

/// Where the records that `also` names have what the finding points at.
fn also(rule: &Rule, case: Case<'_>, row: &Row) -> Vec<(Span, Words)> {
    let named = rule.also.as_ref().and_then(|also| case.evaluate(also, &row.values).ok());
    let Some(Value::List(records)) = named else { return Vec::new() };
    let field = pointed_at(rule).first().and_then(|path| path.first().cloned());
    let field = field.map(|first| rule.each.iter().find(|each| each.name == first).and_then(|each| each.field.clone()).unwrap_or(first));
    let others = records.iter().filter_map(|value| match value {
        Value::Record(id) if case.id() != Some(id) => Some(id),
        _ => None,
    });
    let place = |id: &RecordId| {
        case.facts.note(id);
        let record = case.facts.archive.record(id)?;
        field.iter().for_each(|field| case.facts.note_field(id, field));
        let span = field.as_ref().and_then(|field| record.place(field, None, None)).unwrap_or_else(|| record.head());
        Some((span, belongs(Some(id))))
    };
    others.filter_map(place).collect()
}

/// The fields that `at` names, or what `require` reads first.
fn pointed_at(rule: &Rule) -> Vec<Vec<Arc<str>>> {
    if rule.at.is_empty() {
        return rule.require.as_ref().and_then(|require| require.first_path()).into_iter().collect();
    }
    rule.at.iter().map(|at| at.0.clone()).collect()
}

fn unsaid(rule: &Rule) -> Words {
    let Some(require) = &rule.require else { return Words::default() };
    Words::new(format!("不符合规定：{}", require.source), format!("this does not hold: {}", require.source))
}

/// Makes one of the findings with an equal value. A finding is left out only where another of them
/// rests on nothing that it does not rest on too: so whoever could be told of the one left out can
/// be told of the one that stands for it.
pub(super) fn once(findings: Vec<(String, Finding)>) -> Vec<Finding> {
    let mut groups: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for (value, finding) in findings {
        groups.entry(value).or_default().push(finding);
    }
    groups.into_values().flat_map(representatives).collect()
}

fn representatives(mut group: Vec<Finding>) -> Vec<Finding> {
    group.sort_by(|a, b| (a.reads.file_count(), &a.record).cmp(&(b.reads.file_count(), &b.record)));
    let mut kept = Kept::default();
    group.into_iter().for_each(|finding| kept.take(finding));
    kept.findings
}

/// The findings that stand for others, found by their records: what one rests on holds its own
/// record.
#[derive(Default)]
struct Kept {
    findings: Vec<Finding>,
    /// The words with which each names others.
    named: Vec<BTreeSet<Words>>,
    by_record: BTreeMap<RecordId, Vec<usize>>,
    /// Those that are of no record, or do not rest on it.
    apart: Vec<usize>,
}

impl Kept {
    fn take(&mut self, finding: Finding) {
        let Some(place) = self.standing_for(&finding) else { return self.keep(finding) };
        let (other, named) = (&mut self.findings[place], &mut self.named[place]);
        if finding.reads.within(&other.reads) {
            // A record that `also` has named is not named again.
            let is_new = finding.record.as_ref().is_none_or(|record| named.insert(belongs(Some(record))));
            other.related.extend(belonging(&finding).filter(|_| is_new));
        }
    }

    /// The first that rests on nothing that this one does not rest on too.
    fn standing_for(&self, finding: &Finding) -> Option<usize> {
        let known = finding.reads.records().filter_map(|record| self.by_record.get(record)).flatten();
        let stands = |place: &&usize| {
            trial::count(1);
            self.findings[**place].reads.within(&finding.reads)
        };
        known.chain(&self.apart).filter(stands).min().copied()
    }

    fn keep(&mut self, finding: Finding) {
        let place = self.findings.len();
        match finding.record.clone().filter(|record| finding.reads.has_record(record)) {
            Some(record) => self.by_record.entry(record).or_default().push(place),
            None => self.apart.push(place),
        }
        self.named.push(finding.related.iter().map(|(_, words)| words.clone()).collect());
        self.findings.push(finding);
    }
}

/// The place of a finding that another stands for, where whoever is told of the one may be told of
/// the other.
fn belonging(finding: &Finding) -> Option<(Span, Words)> {
    Some((finding.span?, belongs(finding.record.as_ref())))
}

fn belongs(record: Option<&RecordId>) -> Words {
    match record {
        None => Words::new("这里也在其中", "this belongs to it too"),
        Some(record) => Words::new(format!("{record} 也在其中"), format!("{record} belongs to it too")),
    }
}

impl RuleOutcome {
    fn add(&mut self, (judgement, reads): (Result<Judgement, NoValue>, Reads), rule: &Rule, case: Case<'_>, row: &Row) {
        match judgement {
            Ok(Judgement::Elsewhere) => {}
            Ok(Judgement::Holds) => self.judged += 1,
            Ok(Judgement::Broken(finding, once)) => {
                self.judged += 1;
                let finding = Finding { reads: case.rests_on(row, reads), ..*finding };
                match once {
                    Some(value) => self.once.push((value, finding)),
                    None => self.findings.push(finding),
                }
            }
            Err(NoValue { stop: Stop::Unknown, .. }) => self.unknown = Some(reads),
            Err(stopped) => self.faults.extend(stopped.finding(&rule.id, case, row, reads)),
        }
    }

    /// A record counts once, whatever its rows; of the archive every row does.
    fn tally(&self, record: Option<&Record>) -> Tally {
        let most = if record.is_some() { 1 } else { usize::MAX };
        let found = || self.findings.iter().chain(self.once.iter().map(|(_, finding)| finding));
        let past = found().filter(|finding| finding.state.ended().is_some()).count();
        let broken = found().count() - past;
        Tally { judged: self.judged.min(most), broken: broken.min(most), past, ..Tally::default() }
    }

    pub fn verdict(self, record: Option<&Record>) -> (Verdict, Tally) {
        let tally = self.tally(record);
        let findings = self.findings.into_iter().chain(self.faults).collect();
        (Verdict { findings, once: self.once, ..Verdict::default() }, tally)
    }
}
