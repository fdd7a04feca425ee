//! Values as pages show them: enumerations by their labels, references as links, tables as tables.

use super::{address, asked::Asked, link::ShownLink};
use crate::policy::{CalendarDuration, Field, FieldType, Value};
use rust_decimal::Decimal;
use serde::Serialize;

/// A value, as shown.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Shown {
    None,
    Text {
        text: String,
    },
    Number {
        text: String,
    },
    Date {
        text: String,
    },
    Link {
        link: ShownLink,
    },
    List {
        values: Vec<Shown>,
    },
    /// One mapping.
    Table {
        rows: Vec<ShownRow>,
    },
    /// A list of mappings.
    Rows {
        columns: Vec<Column>,
        rows: Vec<Vec<Shown>>,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct ShownRow {
    /// The field's key.
    pub name: String,
    pub label: String,
    pub value: Shown,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Column {
    pub label: String,
    pub number: bool,
}

pub(super) fn value(asked: &Asked<'_>, field_type: &FieldType, value: &Value) -> Shown {
    match (field_type, value) {
        (_, Value::Missing) => Shown::None,
        (FieldType::List(element), Value::List(values)) => list(asked, element, values),
        (FieldType::Table(fields), Value::Table(table)) => {
            let written = |field: &Field| table.get(&field.name).filter(|value| **value != Value::Missing);
            let rows = fields.iter().filter_map(|field| Some(row(asked, field, written(field)?)));
            Shown::Table { rows: rows.collect() }
        }
        (_, Value::Record(id)) => Shown::Link { link: asked.named(id) },
        (_, Value::Bool(yes)) => Shown::Text { text: asked.yes_no(*yes).to_owned() },
        (FieldType::Money, Value::Number(number)) => Shown::Number { text: money(*number) },
        (_, Value::Number(number)) => Shown::Number { text: number.normalize().to_string() },
        (_, Value::Date(date)) => Shown::Date { text: date.to_string() },
        (_, Value::Time(time)) => Shown::Date { text: time.format("%H:%M").to_string() },
        (_, Value::Timestamp(at)) => Shown::Date { text: at.format("%Y-%m-%d %H:%M").to_string() },
        (_, Value::Duration(duration)) => Shown::Text { text: duration_text(*duration) },
        (_, Value::Text(written)) => text(asked, field_type, written),
        (_, Value::List(values)) => Shown::List { values: values.iter().map(|v| self::value(asked, field_type, v)).collect() },
        (_, Value::Table(table)) => {
            let rows = table.iter().map(|(name, v)| ShownRow {
                name: name.to_string(),
                label: name.to_string(),
                value: self::value(asked, &FieldType::Text, v),
            });
            Shown::Table { rows: rows.collect() }
        }
    }
}

/// A field of a record or of a table, with its label.
pub(super) fn row(asked: &Asked<'_>, field: &Field, written: &Value) -> ShownRow {
    ShownRow {
        name: field.name.to_string(),
        label: asked.label(&field.label, &field.name),
        value: value(asked, &field.field_type, written),
    }
}

fn list(asked: &Asked<'_>, element: &FieldType, values: &[Value]) -> Shown {
    let FieldType::Table(fields) = element else {
        return Shown::List { values: values.iter().map(|v| value(asked, element, v)).collect() };
    };
    let is_number = |t: &FieldType| matches!(t, FieldType::Number | FieldType::Count | FieldType::Money);
    let columns = fields.iter().map(|f| Column { label: asked.label(&f.label, &f.name), number: is_number(&f.field_type) }).collect();
    let cells = |written: &Value| match written {
        Value::Table(table) => fields.iter().map(|f| table.get(&f.name).map_or(Shown::None, |v| value(asked, &f.field_type, v))).collect(),
        _ => fields.iter().map(|_| Shown::None).collect(),
    };
    Shown::Rows { columns, rows: values.iter().map(cells).collect() }
}

fn text(asked: &Asked<'_>, field_type: &FieldType, written: &str) -> Shown {
    match field_type {
        FieldType::Enumeration(members) => {
            let member = members.iter().find(|m| &*m.name == written);
            Shown::Text { text: member.map_or_else(|| written.to_owned(), |m| asked.label(&m.label, &m.name)) }
        }
        FieldType::Department => Shown::Text { text: asked.department(written) },
        FieldType::Post | FieldType::PersonOrPost => Shown::Text { text: asked.post(written) },
        FieldType::Email => Shown::Link { link: outward(written, format!("mailto:{written}")) },
        FieldType::Phone => Shown::Link { link: outward(written, format!("tel:{}", written.replace([' ', '-'], ""))) },
        FieldType::Url => Shown::Link { link: outward(written, written.to_owned()) },
        _ => Shown::Text { text: written.to_owned() },
    }
}

fn outward(text: &str, href: String) -> ShownLink {
    let allowed = crate::document::markdown::allowed_destination(&href) && href.contains(':');
    ShownLink { text: text.to_owned(), href: allowed.then_some(href) }
}

/// Money with its thousands apart, and cents where there are any.
fn money(amount: Decimal) -> String {
    let plain = amount.normalize();
    let text = if plain.scale() == 0 { plain.to_string() } else { format!("{plain:.*}", plain.scale().max(2) as usize) };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("−", digits));
    let (whole, cents) = digits.split_once('.').map_or((digits, String::new()), |(whole, cents)| (whole, format!(".{cents}")));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{cents}")
}

/// As expressions write it.
pub(super) fn duration_text(duration: CalendarDuration) -> String {
    match (duration.months, duration.days) {
        (0, days) => format!("{days} days"),
        (months, 0) => format!("{months} months"),
        (months, days) => format!("{months} months {days} days"),
    }
}

/// What a field holds, in words.
pub(super) fn type_words(asked: &Asked<'_>, field_type: &FieldType) -> String {
    let of = |key: &str, of: String| super::words::fill(asked.word(key), "of", &of);
    let joined = |names: Vec<String>, between: &str| names.join(between);
    match field_type {
        FieldType::Text => asked.word("t_text").to_owned(),
        FieldType::Date => asked.word("t_date").to_owned(),
        FieldType::Time => asked.word("t_time").to_owned(),
        FieldType::Number => asked.word("t_number").to_owned(),
        FieldType::Count => asked.word("t_count").to_owned(),
        FieldType::Money => asked.word("t_money").to_owned(),
        FieldType::Timestamp => asked.word("t_timestamp").to_owned(),
        FieldType::YesNo => asked.word("t_yes_no").to_owned(),
        FieldType::Phone => asked.word("t_phone").to_owned(),
        FieldType::Email => asked.word("t_email").to_owned(),
        FieldType::Url => asked.word("t_url").to_owned(),
        FieldType::Department => asked.word("t_department").to_owned(),
        FieldType::Post => asked.word("t_post").to_owned(),
        FieldType::PersonOrPost => asked.word("t_person_or_post").to_owned(),
        FieldType::Reference(target) => asked.target(target),
        FieldType::Enumeration(members) => joined(members.iter().map(|m| asked.label(&m.label, &m.name)).collect(), " | "),
        FieldType::List(element) => of("t_list", type_words(asked, element)),
        FieldType::Table(fields) => {
            of("t_table", joined(fields.iter().map(|f| asked.label(&f.label, &f.name)).collect(), asked.word("comma")))
        }
    }
}

/// The address of a list by type.
pub(super) fn type_link(asked: &Asked<'_>, id: &str) -> ShownLink {
    let known = asked.view.is_some_and(|view| view.policies().record_type(id).is_some());
    ShownLink { text: asked.record_type(id), href: known.then(|| asked.href(&address::record_type(id))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_its_thousands_apart() {
        let shown = |text: &str| money(text.parse().unwrap());
        assert_eq!(shown("0"), "0");
        assert_eq!(shown("999"), "999");
        assert_eq!(shown("50000"), "50,000");
        assert_eq!(shown("1234567.5"), "1,234,567.50");
        assert_eq!(shown("-1000.255"), "−1,000.255");
        assert_eq!(shown("100.00"), "100");
    }
}
