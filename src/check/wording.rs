//! What a policy says, filled in: expressions in braces become words.

use super::row::Case;
use crate::{
    diagnostic::{Lang, Words},
    facts::Facts,
    policy::{
        Expression, Value,
        block::{Say, SayPiece},
        expression::Type,
    },
    source::RecordId,
};
use unicode_width::UnicodeWidthChar;

/// The words of a `say` or `fix`. What cannot be worked out shows as `…`.
pub(super) fn fill(say: &Say, case: Case<'_>, variables: &[Value]) -> Words {
    let text = |pieces: &[SayPiece], lang| pieces.iter().map(|piece| self::piece(piece, case, variables, lang)).collect::<String>();
    Words::new(closed_up(&text(&say.zh, Lang::Zh)), text(&say.en, Lang::En))
}

/// Chinese without the spaces that stand between two wide characters: they part what was filled in
/// from what is written, where that might have been a figure.
fn closed_up(text: &str) -> String {
    let wide = |c: Option<char>| c.is_some_and(|c| c.width() == Some(2));
    let mut rest = text.chars().peekable();
    let mut closed = String::new();
    while let Some(c) = rest.next() {
        let between = c == ' ' && wide(closed.chars().next_back()) && wide(rest.peek().copied());
        if !between {
            closed.push(c);
        }
    }
    closed
}

/// The words without the values: `…` in their places.
pub(super) fn unfilled(say: &Say) -> Words {
    let piece = |piece: &SayPiece| match piece {
        SayPiece::Text(text) => text.to_string(),
        SayPiece::Expression(_) => "…".to_owned(),
    };
    let text = |pieces: &[SayPiece]| pieces.iter().map(piece).collect::<String>();
    Words::new(closed_up(&text(&say.zh)), text(&say.en))
}

fn piece(piece: &SayPiece, case: Case<'_>, variables: &[Value], lang: Lang) -> String {
    match piece {
        SayPiece::Text(text) => text.to_string(),
        SayPiece::Expression(expression) => filled(expression, case, variables, lang),
    }
}

fn filled(expression: &Expression, case: Case<'_>, variables: &[Value], lang: Lang) -> String {
    let value = case.evaluate(expression, variables);
    value.map_or_else(|_| "…".to_owned(), |value| show(&value, &expression.result, case.facts, lang))
}

fn show(value: &Value, kind: &Type, facts: &Facts<'_>, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    match (value, kind) {
        (_, Type::Optional(inner)) => show(value, inner, facts, lang),
        (Value::Missing, _) => (if zh { "（无）" } else { "(none)" }).to_owned(),
        (Value::Bool(yes), _) => (if zh { ["否", "是"] } else { ["no", "yes"] })[usize::from(*yes)].to_owned(),
        (Value::Number(number), _) => number.normalize().to_string(),
        (Value::Text(id), Type::Post | Type::PersonOrPost) => post(id, facts).get(lang).to_owned(),
        (Value::Text(id), Type::Department) => department(id, facts).get(lang).to_owned(),
        (Value::Text(text), _) => text.to_string(),
        (Value::Date(date), _) => date.to_string(),
        (Value::Time(time), _) => time.format("%H:%M").to_string(),
        (Value::Timestamp(at), _) => at.format("%Y-%m-%d %H:%M").to_string(),
        (Value::Duration(duration), _) => self::duration(duration.months, duration.days, lang),
        (Value::List(values), kind) => {
            let element = if let Type::List(element) = kind { element } else { kind };
            let shown: Vec<String> = values.iter().map(|value| show(value, element, facts, lang)).collect();
            shown.join(if zh { "、" } else { ", " })
        }
        (Value::Table(columns), _) => {
            let shown: Vec<String> = columns.values().map(|value| show(value, &Type::Never, facts, lang)).collect();
            shown.join(if zh { "，" } else { "; " })
        }
        (Value::Record(id), _) => record(id, facts).get(lang).to_owned(),
    }
}

fn duration(months: i32, days: i32, lang: Lang) -> String {
    let (month, day) = match lang {
        Lang::Zh => (" 个月", " 天"),
        Lang::En => (if months == 1 { " month" } else { " months" }, if days == 1 { " day" } else { " days" }),
    };
    match (months, days) {
        (0, days) => format!("{days}{day}"),
        (months, 0) => format!("{months}{month}"),
        (months, days) => format!("{months}{month} {days}{day}"),
    }
}

/// A record by its title and id: the one to know it by, the other to write.
pub(super) fn record(id: &RecordId, facts: &Facts<'_>) -> Words {
    facts.note(id);
    let Some(record) = facts.archive.record(id).filter(|record| record.title != id.0.as_ref()) else {
        return Words::new(id.to_string(), id.to_string());
    };
    let fields = record.record_type.iter().flat_map(|own| &own.fields);
    let template = record.record_type.as_ref().and_then(|own| own.title.clone()).unwrap_or_default();
    fields.filter(|field| &*field.name == "title" || template.contains(&*field.name)).for_each(|field| facts.note_field(id, &field.name));
    Words::new(format!("{}（{id}）", record.title), format!("{} ({id})", record.title))
}

/// The label of a post, or its id.
pub(super) fn post(id: &str, facts: &Facts<'_>) -> Words {
    facts.archive.policies.posts.posts.get(id).map_or_else(|| Words::new(id, id), |post| post.label.or_id(id))
}

/// The label of a department, or its id.
pub(super) fn department(id: &str, facts: &Facts<'_>) -> Words {
    facts.archive.policies.posts.departments.get(id).map_or_else(|| Words::new(id, id), |department| department.label.or_id(id))
}
