//! What a block asks, in one plain line: for whoever reads the rulebook, and not the machine's part
//! of it.

use super::{asked::Asked, words::fill};
use crate::{
    access::Figures,
    diagnostic::Lang,
    policy::{
        Block, BlockKind, CalendarDuration, Expression, Field, FieldType, Policy, RecordType,
        block::{Say, SayPiece},
    },
};
use std::sync::Arc;

/// The line of a block, and what came of it. `figures`: as far as the reader may know.
pub(super) fn in_short(asked: &Asked<'_>, policy: &Policy, block: &Block, figures: Option<Figures>) -> String {
    let found = figures.unwrap_or_default();
    let came = match &block.kind {
        BlockKind::Rule(rule) => counted(asked, rule.judged.types(), found, "short_broken"),
        BlockKind::Style(style) => counted(asked, &style.judged, found, "short_broken"),
        BlockKind::Duty(duty) => counted(asked, duty.judged.types(), found, "short_overdue"),
        BlockKind::Type(own) => standing(asked, own),
        BlockKind::Approval(_) | BlockKind::Access(_) | BlockKind::Posts | BlockKind::Settings => String::new(),
    };
    asks(asked, policy, block) + &came
}

/// What a block asks.
pub(super) fn asks(asked: &Asked<'_>, policy: &Policy, block: &Block) -> String {
    match &block.kind {
        BlockKind::Rule(_) | BlockKind::Style(_) | BlockKind::Duty(_) => {
            what(asked, policy, block).map_or_else(String::new, |(key, what)| fill(asked.word(key), "what", &what))
        }
        BlockKind::Approval(rule) => {
            let steps: Vec<String> = rule.steps.iter().map(|step| asked.post(&step.post)).collect();
            let line = fill(asked.word("short_approval"), "steps", &steps.join(" → "));
            fill(&line, "types", &types(asked, &rule.judged))
        }
        BlockKind::Access(rule) => fill(asked.word("short_access"), "types", &types(asked, &rule.judged)),
        BlockKind::Type(own) => of_type(asked, own),
        BlockKind::Posts => {
            let posts = asked.view.map(|view| &view.policies().posts);
            let count = |count: Option<usize>| count.unwrap_or_default().to_string();
            let line = fill(asked.word("short_posts"), "posts", &count(posts.map(|posts| posts.posts.len())));
            fill(&line, "departments", &count(posts.map(|posts| posts.departments.len())))
        }
        BlockKind::Settings => fill(asked.word("short_settings"), "n", &policy.figures.len().to_string()),
    }
}

/// What a block that judges demands, and the key of the words in which that stands.
pub(super) fn what(asked: &Asked<'_>, policy: &Policy, block: &Block) -> Option<(&'static str, String)> {
    let (key, short, say, types) = match &block.kind {
        BlockKind::Rule(rule) => ("short_rule", &rule.short, &rule.say, rule.judged.types()),
        BlockKind::Style(style) => ("short_style", &style.short, &style.say, &*style.judged),
        BlockKind::Duty(duty) => ("short_duty", &duty.short, &duty.say, duty.judged.types()),
        _ => return None,
    };
    let plain = |say: &Say| plainly(asked, policy, say, types);
    Some((key, short.as_ref().map(plain).or_else(|| say.as_ref().map(plain).map(|text| shortened(&text))).unwrap_or_default()))
}

/// An expression in words, where it is a plain one: figures, periods and fields, compared or added.
/// `None` where it is not.
pub(super) fn spoken(asked: &Asked<'_>, policy: &Policy, block: &Block, source: &str) -> Option<String> {
    let types = match &block.kind {
        BlockKind::Rule(rule) => rule.judged.types(),
        BlockKind::Duty(duty) => duty.judged.types(),
        BlockKind::Approval(rule) => &rule.judged,
        BlockKind::Access(rule) => &rule.judged,
        _ => &[],
    };
    let written: Vec<&str> = source.split_whitespace().collect();
    let mut spoken: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(word) = written.get(at) {
        let period = written.get(at + 1).and_then(|unit| period(asked, word, unit));
        at += if period.is_some() { 2 } else { 1 };
        spoken.push(period.or_else(|| sign(asked, word)).or_else(|| term(asked, policy, types, word))?);
    }
    Some(spoken.join(" "))
}

fn period(asked: &Asked<'_>, count: &str, unit: &str) -> Option<String> {
    let count: i32 = count.parse().ok()?;
    let duration = match unit {
        "day" | "days" => CalendarDuration { months: 0, days: count },
        "month" | "months" => CalendarDuration { months: count, days: 0 },
        "year" | "years" => CalendarDuration { months: count.checked_mul(12)?, days: 0 },
        _ => return None,
    };
    Some(duration.words(asked.lang))
}

fn sign(asked: &Asked<'_>, word: &str) -> Option<String> {
    let signs = [("+", "+"), ("-", "−"), ("<", "<"), (">", ">"), ("<=", "≤"), (">=", "≥"), ("==", "="), ("!=", "≠")];
    let said = match word {
        "&&" => Some(asked.word("c_and")),
        "||" => Some(asked.word("c_or")),
        _ => signs.iter().find(|(own, _)| *own == word).map(|(_, said)| *said),
    };
    said.map(str::to_owned)
}

fn term(asked: &Asked<'_>, policy: &Policy, types: &[Arc<str>], word: &str) -> Option<String> {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_alphanumeric() || c == '.');
    if is_number {
        return Some(word.to_owned());
    }
    let figure = |name: &str| policy.figures.get(name).map(|figure| figure.written.to_string());
    if let Some(name) = word.strip_prefix("settings.") {
        let written = figure(name)?;
        let in_words = written.split_once(' ').and_then(|(count, unit)| period(asked, count, unit));
        return Some(in_words.unwrap_or(written));
    }
    if let Some((unit, count)) = word.strip_suffix(')').and_then(|call| call.split_once('(')) {
        return period(asked, &count.strip_prefix("settings.").map_or_else(|| Some(count.to_owned()), figure)?, unit);
    }
    named_by_path(asked, types, word)
}

fn of_type(asked: &Asked<'_>, own: &RecordType) -> String {
    let must = own.fields.iter().filter(|field| field.must).count();
    let line = fill(asked.word("short_type"), "type", &asked.label(&own.label, &own.id));
    fill(&line, "must", &must.to_string())
}

fn standing(asked: &Asked<'_>, own: &RecordType) -> String {
    let stand = asked.view.map_or(0, |view| view.count(&own.id));
    if stand == 0 { String::new() } else { fill(asked.word("short_records"), "n", &stand.to_string()) }
}

fn types(asked: &Asked<'_>, ids: &[Arc<str>]) -> String {
    ids.iter().map(|id| asked.record_type(id)).collect::<Vec<_>>().join(asked.word("comma"))
}

/// How many records there are for the reader, and how many findings.
fn counted(asked: &Asked<'_>, types: &[Arc<str>], found: Figures, key: &str) -> String {
    let stand = asked.view.map_or(0, |view| types.iter().map(|id| view.count(id)).sum::<usize>());
    // Of records that the reader does not see no number is told.
    if stand == 0 && !types.is_empty() {
        return String::new();
    }
    let stand = if types.is_empty() { String::new() } else { fill(asked.word("short_records"), "n", &stand.to_string()) };
    [stand, fill(asked.word(key), "n", &found.open.to_string())].concat()
}

/// Words without the values of a case: a field by its label, a setting by its figure.
fn plainly(asked: &Asked<'_>, policy: &Policy, say: &Say, types: &[Arc<str>]) -> String {
    let pieces = if asked.lang == Lang::Zh { &say.zh } else { &say.en };
    let piece = |piece: &SayPiece| match piece {
        SayPiece::Text(text) => text.to_string(),
        SayPiece::Expression(expression) => named(asked, policy, expression, types).unwrap_or_else(|| UNKNOWN.to_owned()),
    };
    pieces.iter().map(piece).collect()
}

/// Stands for a value.
const UNKNOWN: &str = "…";

fn named(asked: &Asked<'_>, policy: &Policy, expression: &Expression, types: &[Arc<str>]) -> Option<String> {
    let source = expression.source.trim();
    if let Some(name) = source.strip_prefix("settings.") {
        return policy.figures.get(name).map(|figure| figure.written.to_string());
    }
    named_by_path(asked, types, source).map(|label| format!("“{label}”"))
}

fn named_by_path(asked: &Asked<'_>, types: &[Arc<str>], source: &str) -> Option<String> {
    let path: Vec<&str> = source.split('.').collect();
    let own = types.iter().find_map(|id| asked.view?.policies().record_type(id))?;
    // Of a row by its variable, of the record by its field.
    field(&own.fields, &path)
        .or_else(|| path.split_first().and_then(|(_, rest)| in_a_row(&own.fields, rest)))
        .map(|field| asked.label(&field.label, &field.name))
}

fn field<'f>(fields: &'f [Field], path: &[&str]) -> Option<&'f Field> {
    let (first, rest) = path.split_first()?;
    let found = fields.iter().find(|field| *field.name == **first)?;
    match (rest.is_empty(), found.field_type.element()) {
        (true, _) => Some(found),
        (false, FieldType::Table(columns)) => field(columns, rest),
        _ => None,
    }
}

fn in_a_row<'f>(fields: &'f [Field], path: &[&str]) -> Option<&'f Field> {
    let columns = fields.iter().filter_map(|field| match field.field_type.element() {
        FieldType::Table(columns) => Some(columns),
        _ => None,
    });
    (!path.is_empty()).then(|| columns.into_iter().find_map(|columns| field(columns, path))).flatten()
}

/// A sentence up to the first clause that hangs on a value; the whole of it where that is the
/// first.
fn shortened(text: &str) -> String {
    let bare = without_brackets(text);
    let Some(at) = bare.find(UNKNOWN) else { return bare };
    let ends: &[char] = &['；', '，', '：', '。', ';', ':'];
    let end = bare[..at].rfind(ends).filter(|end| bare[..*end].chars().count() >= LEAST);
    end.map_or(bare.clone(), |end| bare[..end].to_owned())
}

/// In characters: a clause that is shorter says too little.
const LEAST: usize = 8;

/// Without brackets in which a value stands.
fn without_brackets(text: &str) -> String {
    let mut bare = text.to_owned();
    for (open, close) in [('（', '）'), ('(', ')')] {
        let mut from = 0;
        while let Some(start) = bare[from..].find(open).map(|at| from + at) {
            let Some(end) = bare[start..].find(close).map(|at| start + at + close.len_utf8()) else { break };
            if bare[start..end].contains(UNKNOWN) {
                bare.replace_range(start..end, "");
            } else {
                from = end;
            }
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_sentence_is_cut_before_what_hangs_on_a_value() {
        for (text, short) in [
            ("D 级客户的信用额度须为 0", "D 级客户的信用额度须为 0"),
            ("投诉须依次受理、处理、批准、答复、办结：…", "投诉须依次受理、处理、批准、答复、办结"),
            ("核查不得早于批准之日生效；这里写 …，此前的订单不因它而合规", "核查不得早于批准之日生效"),
            ("紧急中止须当日（…）写出紧急报告；…", "紧急中止须当日写出紧急报告"),
            ("…须有在职的负责人", "…须有在职的负责人"),
            ("a plan says whom, when and why; …", "a plan says whom, when and why"),
        ] {
            assert_eq!(shortened(text), short);
        }
    }
}
