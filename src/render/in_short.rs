//! What a block asks, in one plain line: for whoever reads the rulebook, and not the machine's part of it.

use super::{asked::Asked, words::fill};
use crate::{
    access::Figures,
    diagnostic::Lang,
    policy::{
        Block, BlockKind, Expression, Field, FieldType, Policy, RecordType,
        block::{Piece, Say},
    },
};
use std::sync::Arc;

/// The line of a block. `figures`: what came of it, as far as the reader may know.
pub(super) fn in_short(asked: &Asked<'_>, policy: &Policy, block: &Block, figures: Option<Figures>) -> String {
    let found = figures.unwrap_or_default();
    let said = |key, short: Option<&Say>, say: Option<&Say>, types: &[Arc<str>]| {
        let plain = |say| plainly(asked, policy, say, types);
        fill(asked.word(key), "what", &short.map(plain).or_else(|| say.map(plain).map(|text| shortened(&text))).unwrap_or_default())
    };
    match &block.kind {
        BlockKind::Rule(rule) => {
            let types = rule.judged.types();
            [said("short_rule", rule.short.as_ref(), rule.say.as_ref(), types), counted(asked, types, found, "short_broken")].concat()
        }
        BlockKind::Style(style) => {
            let line = said("short_style", style.short.as_ref(), style.say.as_ref(), &style.judged);
            [line, counted(asked, &style.judged, found, "short_broken")].concat()
        }
        BlockKind::Duty(duty) => {
            let types = duty.judged.types();
            [said("short_duty", duty.short.as_ref(), duty.say.as_ref(), types), counted(asked, types, found, "short_overdue")].concat()
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

fn of_type(asked: &Asked<'_>, own: &RecordType) -> String {
    let must = own.fields.iter().filter(|field| field.must).count();
    let line = fill(asked.word("short_type"), "type", &asked.label(&own.label, &own.id));
    let stand = asked.view.map_or(0, |view| view.count(&own.id));
    let stand = if stand == 0 { String::new() } else { fill(asked.word("short_records"), "n", &stand.to_string()) };
    fill(&line, "must", &must.to_string()) + &stand
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
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.to_string(),
        Piece::Expression(expression) => named(asked, policy, expression, types).unwrap_or_else(|| UNKNOWN.to_owned()),
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
    let path: Vec<&str> = source.split('.').collect();
    let own = types.iter().find_map(|id| asked.view?.policies().record_type(id))?;
    // Of a row by its variable, of the record by its field.
    field(&own.fields, &path)
        .or_else(|| path.split_first().and_then(|(_, rest)| in_a_row(&own.fields, rest)))
        .map(|field| format!("“{}”", asked.label(&field.label, &field.name)))
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

/// A sentence up to the first clause that hangs on a value; the whole of it where that is the first.
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
