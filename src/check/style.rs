//! Style: how prose is written. Words to avoid, each at its place, and the share of figures.

use super::{
    Tally, Verdict, figures,
    row::{Case, NoValue, Row},
    share::Tab,
    wording,
};
use crate::{
    archive::{FieldEntry, FieldReading, Record},
    diagnostic::{Finding, FindingState, Words},
    document::{Passage, ProseRun, Writing},
    facts::Facts,
    policy::{FieldType, Style, Value},
    source::Span,
};
use rust_decimal::Decimal;
use std::{ops::Range, sync::Arc};

/// What came of judging one style for one record.
#[derive(Debug, Default)]
pub(super) struct StyleOutcome {
    pub findings: Vec<Finding>,
    /// What is wrong with the style itself.
    pub faults: Vec<Finding>,
    /// Whether there was prose to judge.
    pub judged: bool,
}

/// The words of a record, read once for all styles that bind it.
pub(super) struct WordsOfRecord {
    writing: Writing,
    /// The lines of every text in a field, in its rows and tables too, by the field.
    fields: Vec<(Arc<str>, Vec<ProseRun>)>,
}

/// The same as passages.
pub(super) struct PassagesOfRecord<'w> {
    words: &'w WordsOfRecord,
    /// A word is no better for standing in a table; figures belong there.
    body: Vec<Lowered<'w>>,
    fields: Vec<(&'w Arc<str>, Vec<Lowered<'w>>)>,
}

/// A passage, and the same in small letters where there are others.
struct Lowered<'w> {
    passage: Passage<'w>,
    lower: Option<String>,
}

impl Lowered<'_> {
    fn of<'w>(passage: Passage<'w>) -> Lowered<'w> {
        Lowered { lower: lowered(&passage.text), passage }
    }

    fn text(&self) -> &str {
        self.lower.as_deref().unwrap_or(&self.passage.text)
    }
}

/// A text in small letters; `None` where it is.
fn lowered(text: &str) -> Option<String> {
    text.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| text.to_ascii_lowercase())
}

impl WordsOfRecord {
    pub fn of(record: &Record, facts: &Facts<'_>) -> WordsOfRecord {
        let document = &record.document;
        let writing = Writing::read(&facts.archive.sources.file(document.file).text, document.body.span);
        let fields = record.record_type.iter().flat_map(|own| &own.fields).filter_map(|field| {
            let mut lines = Vec::new();
            record.fields.get(&field.name).into_iter().for_each(|entry| texts(entry, &field.field_type, &mut lines));
            (!lines.is_empty()).then(|| (field.name.clone(), lines))
        });
        WordsOfRecord { writing, fields: fields.collect() }
    }

    pub fn passages(&self) -> PassagesOfRecord<'_> {
        let lowered = |runs| Passage::all(runs).into_iter().map(Lowered::of);
        let body = lowered(&self.writing.prose).chain(lowered(&self.writing.cells));
        let fields = self.fields.iter().map(|(field, lines)| (field, lowered(lines).collect()));
        PassagesOfRecord { words: self, body: body.collect(), fields: fields.collect() }
    }
}

/// Judges the prose of a record.
pub(super) fn judge(style: &Style, record: &Record, passages: &PassagesOfRecord<'_>, facts: &Facts<'_>, share: &Tab<'_>) -> StyleOutcome {
    let case = Case::new(Some(record), facts, share);
    let WordsOfRecord { writing, .. } = passages.words;
    let prose: Vec<&ProseRun> = writing.prose.iter().filter(|run| within(style, run, record)).collect();
    let mut outcome = StyleOutcome::default();
    if style.sections.is_empty() {
        outcome.judged = !passages.body.is_empty();
        for passage in passages.body.iter().take_while(|_| !share.is_spent()) {
            outcome.findings.extend(avoided(style, passage, case));
        }
        if !style.demand.avoid.is_empty() {
            outcome.findings.extend(avoided_in_fields(style, record, passages, case, share));
        }
    } else {
        let cells = writing.cells.iter().filter(|run| within(style, run, record));
        let own = [Passage::all(prose.iter().copied()), Passage::all(cells)];
        outcome.judged = own.iter().any(|passages| !passages.is_empty());
        for passage in own.into_iter().flatten().take_while(|_| !share.is_spent()) {
            outcome.findings.extend(avoided(style, &Lowered::of(passage), case));
        }
    }
    outcome.judged |= !outcome.findings.is_empty();
    let (found, reads) = facts.witnessed(|| too_many_figures(style, &prose, case));
    match found {
        Ok(found) => outcome.findings.extend(found.map(|mut finding| {
            finding.reads.extend(&reads);
            finding
        })),
        Err(stopped) => outcome.faults.extend(stopped.finding(&style.id, case, &Row::default(), reads)),
    }
    case.settle();
    outcome
}

/// Whether a run of prose stands in one of the sections of which the style speaks; it speaks of all
/// where it names none.
fn within(style: &Style, prose: &ProseRun, record: &Record) -> bool {
    let heading = prose.section.map(|heading| record.document.body.headings[heading].text.trim());
    style.sections.is_empty() || heading.is_some_and(|heading| style.sections.iter().any(|section| &**section == heading))
}

/// Words to avoid in the fields that hold text. Who may not read the field is not told.
fn avoided_in_fields(style: &Style, record: &Record, passages: &PassagesOfRecord<'_>, case: Case<'_>, share: &Tab<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (field, passages) in &passages.fields {
        for passage in passages.iter().take_while(|_| !share.is_spent()) {
            findings.extend(avoided(style, passage, case).into_iter().map(|mut finding| {
                finding.reads.add_record(&record.id);
                finding.reads.add_field(&record.id, field);
                finding
            }));
        }
    }
    findings
}

/// The lines of every text in a field, in its rows and tables too.
fn texts(entry: &FieldEntry, field_type: &FieldType, lines: &mut Vec<ProseRun>) {
    match (&entry.reading, field_type) {
        (FieldReading::Value(Value::Text(text)), FieldType::Text) => lines.extend(ProseRun::of_text(text, entry.span)),
        (FieldReading::Rows(rows), FieldType::List(element)) => rows.iter().for_each(|row| texts(row, element, lines)),
        (FieldReading::Table(cells), FieldType::Table(columns)) => {
            for column in columns.iter() {
                cells.get(&column.name).into_iter().for_each(|cell| texts(cell, &column.field_type, lines));
            }
        }
        _ => {}
    }
}

fn avoided(style: &Style, prose: &Lowered<'_>, case: Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = prose.text();
    for word in style.demand.avoid.iter().filter(|word| !word.is_empty()) {
        case.share.scan(text.len());
        let small = lowered(word);
        for (at, found) in text.match_indices(small.as_deref().unwrap_or(word)).filter(|(at, found)| is_whole(text, *at, found)) {
            let unsaid = || Words::new(format!("不用“{word}”"), format!("“{word}” is not to be used"));
            let said = [Value::Text(word.clone()), Value::Number(Decimal::ZERO)];
            findings.push(finding(style, place(&prose.passage, at..at + found.len(), case), unsaid, &said, case));
        }
    }
    findings
}

/// Whether a word in Latin letters is more than a part of another one: “might” does not stand in
/// “mighty”. In Chinese nothing parts words.
fn is_whole(text: &str, at: usize, found: &str) -> bool {
    let runs_on =
        |one: Option<char>, next: Option<char>| one.zip(next).is_some_and(|(a, b)| a.is_ascii_alphabetic() && b.is_ascii_alphabetic());
    let behind = &text[at + found.len()..];
    !runs_on(text[..at].chars().next_back(), found.chars().next()) && !runs_on(found.chars().next_back(), behind.chars().next())
}

/// The place of a piece of a passage; of a run whose text does not stand in the source as it is,
/// the whole.
fn place(passage: &Passage<'_>, piece: Range<usize>, case: Case<'_>) -> Span {
    let within = |(run, at): (&ProseRun, usize), length: usize| {
        let is_verbatim = case.facts.archive.sources.slice(run.span) == run.text;
        let offset = |bytes: usize| run.span.start + u32::try_from(bytes).expect("no document is larger than 16 MB");
        if is_verbatim { Span { start: offset(at), end: offset(at + length), ..run.span } } else { run.span }
    };
    let [first, last] = passage.ends_of(piece);
    Span { end: within(last, 1).end, ..within(first, 0) }
}

/// Told at the prose that has the most of them.
fn too_many_figures(style: &Style, prose: &[&ProseRun], case: Case<'_>) -> Result<Option<Finding>, NoValue> {
    let Some(most) = &style.demand.figures_max else { return Ok(None) };
    let Value::Number(most) = case.evaluate(most, &[])? else { return Ok(None) };
    let (figures, all) = count(prose);
    if all == 0 || Decimal::from(figures) <= most * Decimal::from(all) {
        return Ok(None);
    }
    let Some(densest) = prose.iter().rev().max_by_key(|run| count(&[run]).0) else { return Ok(None) };
    let percent = |part: Decimal| (part * Decimal::ONE_HUNDRED).round_dp(1).normalize();
    let (share, most) = (percent(Decimal::from(figures) / Decimal::from(all)), percent(most));
    let unsaid =
        || Words::new(format!("数字占正文的 {share}%，至多 {most}%"), format!("figures are {share}% of the prose, at most {most}% may be"));
    let said = [Value::Text("".into()), Value::Number(share)];
    Ok(Some(finding(style, densest.span, unsaid, &said, case)))
}

/// Characters of figures, and characters that are not white space.
fn count(prose: &[&ProseRun]) -> (u64, u64) {
    let count = |run: &&ProseRun| {
        let all = run.text.chars().filter(|c| !c.is_whitespace()).count() as u64;
        (figures::characters(&run.text), all)
    };
    prose.iter().map(count).fold((0, 0), |(figures, all), (more, of)| (figures + more, all + of))
}

/// `said` are the word that was found and the share of figures, as [`Style`] has them.
fn finding(style: &Style, span: Span, unsaid: impl Fn() -> Words, said: &[Value; 2], case: Case<'_>) -> Finding {
    let words = || {
        let message = style.say.as_ref().map_or_else(unsaid, |say| wording::fill(say, case, said));
        (message, style.fix.as_ref().map(|fix| wording::fill(fix, case, said)))
    };
    let ((message, fix), reads) = case.facts.witnessed(words);
    Finding {
        code: style.id.clone(),
        severity: style.severity,
        state: FindingState::OPEN,
        span: Some(span),
        record: case.id().cloned(),
        message,
        citation: Some(style.citation.clone()),
        fix,
        related: Vec::new(),
        reads: case.rests_on(&Row::default(), reads),
    }
}

impl StyleOutcome {
    pub fn verdict(self) -> (Verdict, Tally) {
        let tally = Tally { judged: self.judged.into(), broken: (!self.findings.is_empty()).into(), ..Tally::default() };
        (Verdict { findings: self.findings.into_iter().chain(self.faults).collect(), ..Verdict::default() }, tally)
    }
}
