//! What a value was probably meant to be that is written as people write it: 2026年3月4日, 5万元, 是.

use crate::{
    archive::shape,
    policy::{
        FieldType,
        figure::{bare_amount, plain_digit},
    },
};
use rust_decimal::Decimal;

/// Of the type, as it is to be written.
pub(super) fn value(text: &str, field_type: &FieldType) -> Option<String> {
    let plain: String = text.chars().map(plain_digit).collect();
    match field_type {
        FieldType::Date => {
            day(&plain).map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")).filter(|day| shape::date(day).is_some())
        }
        FieldType::Time => time(&plain),
        FieldType::Number | FieldType::Money | FieldType::Count => amount(&plain)
            .filter(|number| *field_type != FieldType::Count || number.is_integer())
            .map(|number| number.normalize().to_string()),
        FieldType::YesNo => ["yes", "no"].into_iter().find(|answer| answers(answer).contains(&&*plain.to_lowercase())).map(str::to_owned),
        FieldType::Phone => Some(plain).filter(|digits| shape::is_phone(digits)),
        FieldType::Enumeration(members) => members.iter().find(|member| member.label.is(text)).map(|member| member.name.to_string()),
        _ => None,
    }
}

/// A day that is written as one and is none, as 2026-02-30.
pub(super) fn no_such_day(text: &str) -> bool {
    let plain: String = text.chars().map(plain_digit).collect();
    day(&plain).is_some_and(|(year, month, day)| shape::date(&format!("{year:04}-{month:02}-{day:02}")).is_none())
}

fn answers(answer: &str) -> &'static [&'static str] {
    match answer {
        "yes" => &["是", "有", "true", "y", "yes"],
        _ => &["否", "无", "没有", "false", "n", "no"],
    }
}

/// Year, month and day, in that order.
fn day(text: &str) -> Option<(u32, u32, u32)> {
    let text = text.trim().trim_end_matches(['日', '号']);
    let mut parts = text.split(['-', '/', '.', '年', '月']).map(str::trim);
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        parts.next().filter(|part| digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    let day = (number(4..=4)?, number(1..=2)?, number(1..=2)?);
    parts.next().is_none().then_some(day)
}

/// `9:30` or `9：30` as 09:30.
fn time(text: &str) -> Option<String> {
    let (hour, minute) = text.split_once([':', '：', '点', '时'])?;
    let minute = minute.trim_end_matches('分');
    let written = format!("{:0>2}:{minute:0>2}", hour.trim());
    shape::time(&written).map(|_| written)
}

/// An amount with separators, a unit of money or 万.
fn amount(text: &str) -> Option<Decimal> {
    let bare = bare_amount(text);
    let (digits, factor) = [("万", 10_000), ("亿", 100_000_000)]
        .into_iter()
        .find_map(|(unit, factor)| Some((bare.strip_suffix(unit)?, factor)))
        .unwrap_or((&*bare, 1));
    shape::decimal(digits)?.checked_mul(Decimal::from(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for (written, field_type, meant) in [
            ("2026年3月4日", FieldType::Date, Some("2026-03-04")),
            ("2026/3/4", FieldType::Date, Some("2026-03-04")),
            ("2026.03.04", FieldType::Date, Some("2026-03-04")),
            ("２０２６－３－４", FieldType::Date, None),
            ("２０２６-３-４", FieldType::Date, Some("2026-03-04")),
            ("2026-02-30", FieldType::Date, None),
            ("3月4日", FieldType::Date, None),
            ("昨天", FieldType::Date, None),
            ("9:30", FieldType::Time, Some("09:30")),
            ("9点5分", FieldType::Time, Some("09:05")),
            ("25:00", FieldType::Time, None),
            ("5万元", FieldType::Money, Some("50000")),
            ("¥50,000.50", FieldType::Money, Some("50000.5")),
            ("５０００", FieldType::Money, Some("5000")),
            ("五千", FieldType::Money, None),
            ("1.5", FieldType::Count, None),
            ("1,200", FieldType::Count, Some("1200")),
            ("是", FieldType::YesNo, Some("yes")),
            ("FALSE", FieldType::YesNo, Some("no")),
            ("maybe", FieldType::YesNo, None),
            ("０２１-５５５５０１０１", FieldType::Phone, Some("021-55550101")),
            ("电话５５５５０１０１", FieldType::Phone, None),
            ("99999999999999999999999999999亿", FieldType::Money, None),
        ] {
            assert_eq!(value(written, &field_type).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn a_day_that_is_none_is_told_from_what_is_no_day() {
        for written in ["2026-02-30", "2026年13月1日", "2025/2/29", "2026-0-1"] {
            assert!(no_such_day(written), "{written}");
        }
        for written in ["2026-02-28", "2026-2-8", "昨天", "2026-02", "", "2026-02-30-1"] {
            assert!(!no_such_day(written), "{written}");
        }
    }
}
