//! `yaml settings`: figures that a company may change.

use super::desk::{Desk, parse_date, write};
use crate::{
    diagnostic::{Finding, Words},
    document::{Key, Node, NodeValue},
    policy::{
        CalendarDuration, Figure, Source, Value,
        figure::{bare_amount, plain_digit},
    },
};
use rust_decimal::Decimal;
use std::sync::Arc;

/// A setting with who fixed it and what it is called: `name: value`, or
/// `name: {value: …, source: company, label: {zh: …, en: …}}`.
pub(super) fn figure(desk: &Desk<'_>, key: &Key, node: &Node) -> Option<(Arc<str>, Value, Figure)> {
    let (written, source, label) = match node.is_map() {
        false => (node, None, None),
        true => {
            desk.keys(node, &["value", "source", "label"]);
            let source = desk.optional(node, "source").and_then(|n| desk.choice(n, &Source::NAMES));
            let label = desk.optional(node, "label").and_then(|n| desk.words(n));
            (desk.required(node, "value", node.span)?, source, label)
        }
    };
    let (name, value) = read(desk, key, written)?;
    Some((name, value, Figure { written: written.text()?.trim().into(), source: source.unwrap_or(Source::Rulebook), label }))
}

/// Reads the value of a setting.
pub(super) fn read(desk: &Desk<'_>, key: &Key, node: &Node) -> Option<(Arc<str>, Value)> {
    if !super::naming::may_be_called(&key.text) {
        let message = Words::new(format!("“{}”不能作设定的名称", key.text), format!("“{}” is no name for a setting", key.text));
        desk.error(desk.shape, key.span, message);
        return None;
    }
    let text = desk.text(node)?;
    match node.value {
        NodeValue::Scalar { plain: true, .. } => {
            let read = value(&text);
            if let (Value::Text(_), Some(meant)) = (&read, number_meant(&text)) {
                let message = Words::new(format!("“{text}”不是数"), format!("“{text}” is no number"));
                desk.note(Finding::error(desk.shape, node.span, message).with_fix(write(&meant)));
                return None;
            }
            Some((key.text.clone(), read))
        }
        _ => Some((key.text.clone(), Value::Text(text))),
    }
}

/// What somebody meant who wrote a number with separators, a unit of money or full-width
/// characters: `50,000`, `5万元`, `50％`.
fn number_meant(text: &str) -> Option<String> {
    let narrow = |c: char| match c {
        '％' => '%',
        '．' => '.',
        c => plain_digit(c),
    };
    let plain = bare_amount(&text.chars().map(narrow).collect::<String>());
    number(&plain).map(|_| plain)
}

/// A number with or without a unit, a date, a duration, yes or no; anything else is text.
fn value(text: &str) -> Value {
    parse_date(text)
        .map(Value::Date)
        .or_else(|| number(text).map(Value::Number))
        .or_else(|| duration(text).map(Value::Duration))
        .or_else(|| matches!(text, "true" | "false").then(|| Value::Bool(text == "true")))
        .unwrap_or_else(|| Value::Text(text.into()))
}

/// A number as a setting is written, with `%`, `万` or `亿`.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let units = [("%", Decimal::new(1, 2)), ("万", Decimal::from(10_000)), ("亿", Decimal::from(100_000_000))];
    for (unit, factor) in units {
        if let Some(figures) = text.strip_suffix(unit) {
            return decimal(figures.trim_end())?.checked_mul(factor).map(|n| n.normalize());
        }
    }
    decimal(text)
}

fn decimal(text: &str) -> Option<Decimal> {
    let figures = text.strip_prefix('-').unwrap_or(text);
    let plain = figures.bytes().all(|b| b.is_ascii_digit() || b == b'.') && figures.starts_with(|c: char| c.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// As in expressions: `18 months`, `18个月`, `45 days`, `45天`, `2 years`, `2年`, `2 weeks`, `2周`.
fn duration(text: &str) -> Option<CalendarDuration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = (text[..unit_at].parse::<i32>().ok()?, text[unit_at..].trim_start());
    let months = |each: i32| count.checked_mul(each).map(|months| CalendarDuration { months, days: 0 });
    let days = |each: i32| count.checked_mul(each).map(|days| CalendarDuration { months: 0, days });
    match unit {
        "month" | "months" | "个月" => months(1),
        "year" | "years" | "年" => months(12),
        "day" | "days" | "天" => days(1),
        "week" | "weeks" | "周" => days(7),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_what_it_looks_like() {
        let days = |days| Value::Duration(CalendarDuration { months: 0, days });
        let months = |months| Value::Duration(CalendarDuration { months, days: 0 });
        for (written, expected) in [
            ("12", Value::Number(Decimal::from(12))),
            ("-1.50", Value::Number(Decimal::new(-150, 2))),
            ("50%", Value::Number(Decimal::new(5, 1))),
            ("5万", Value::Number(Decimal::from(50_000))),
            ("1.5 亿", Value::Number(Decimal::from(150_000_000))),
            ("2026-03-01", Value::Date(chrono::NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day"))),
            ("45 days", days(45)),
            ("2周", days(14)),
            ("18个月", months(18)),
            ("2 years", months(24)),
            ("true", Value::Bool(true)),
            ("1e5", Value::Text("1e5".into())),
            ("2026-13-01", Value::Text("2026-13-01".into())),
            ("99999999999 years", Value::Text("99999999999 years".into())),
            ("五万", Value::Text("五万".into())),
        ] {
            assert_eq!(value(written), expected, "{written}");
        }
    }

    #[test]
    fn a_number_that_is_written_otherwise_is_understood_and_not_taken() {
        for (written, meant) in
            [("50,000", "50000"), ("5万元", "5万"), ("50％", "50%"), ("１２", "12"), ("¥ 5，000", "5000"), ("50_000", "50000")]
        {
            assert_eq!(number_meant(written).as_deref(), Some(meant), "{written}");
        }
        for written in ["五万", "约 5", "2026-13-01", "三十天", "5 days or so"] {
            assert_eq!(number_meant(written), None, "{written}");
        }
    }
}
