//! What a record is called.

use super::{FieldEntry, FieldReading, Record};
use crate::{
    diagnostic::{Lang, Words},
    document::Node,
    policy::{Field, FieldType, Posts},
};

/// The title that the record gives itself, or that its type makes of its fields; `None` where that
/// leaves nothing.
pub(super) fn of(record: &Record, posts: &Posts, lang: Lang) -> Option<String> {
    let own = record.fields.get("title").and_then(|entry| written(entry, &FieldType::Text, posts, lang));
    let plain = || record.document.front.get("title").and_then(Node::text).map(|text| text.to_string());
    own.or_else(plain).or_else(|| made(record, posts, lang)).map(|title| title.trim().to_owned()).filter(|title| !title.is_empty())
}

fn made(record: &Record, posts: &Posts, lang: Lang) -> Option<String> {
    let record_type = record.record_type.as_ref()?;
    let pattern = record_type.title.as_deref()?;
    let value = |path: &str| field(record, path, posts, lang).unwrap_or_default();
    if record_type.fields.iter().any(|f| &*f.name == pattern) {
        return Some(value(pattern));
    }
    Some(filled(pattern, value))
}

/// The pattern with each `{path}` replaced; a brace that nothing closes stays.
fn filled(pattern: &str, value: impl Fn(&str) -> String) -> String {
    let mut title = String::new();
    let mut rest = pattern;
    while let Some((before, (path, after))) = rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?))) {
        title.push_str(before);
        title.push_str(&value(path.trim()));
        rest = after;
    }
    title + rest
}

/// A field, or with points a column of a table, as words.
fn field(record: &Record, path: &str, posts: &Posts, lang: Lang) -> Option<String> {
    let mut steps = path.split('.');
    let name = steps.next()?;
    let mut entry = record.fields.get(name)?;
    let mut field: &Field = record.record_type.as_ref()?.fields.iter().find(|f| &*f.name == name)?;
    for step in steps {
        let (FieldReading::Table(cells), FieldType::Table(columns)) = (&entry.reading, &field.field_type) else { return None };
        entry = cells.get(step)?;
        field = columns.iter().find(|column| &*column.name == step)?;
    }
    written(entry, &field.field_type, posts, lang)
}

/// A value in the words of a reader: labels where there are some. A reference stays the id that was
/// written: the title of the other record is not this one's to tell.
fn written(entry: &FieldEntry, field_type: &FieldType, posts: &Posts, lang: Lang) -> Option<String> {
    use crate::policy::Value;
    let FieldReading::Value(value) = &entry.reading else { return None };
    Some(match value {
        Value::Text(text) => label(text, field_type, posts).map_or(text.to_string(), |words| words.get(lang).to_owned()),
        Value::Number(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.format("%H:%M").to_string(),
        Value::Timestamp(moment) => moment.to_rfc3339(),
        Value::Record(id) => id.to_string(),
        Value::Bool(answer) => if *answer { Words::new("是", "yes") } else { Words::new("否", "no") }.get(lang).to_owned(),
        Value::Missing | Value::Duration(_) | Value::List(_) | Value::Table(_) => return None,
    })
}

fn label<'a>(name: &str, field_type: &'a FieldType, posts: &'a Posts) -> Option<&'a Words> {
    match field_type {
        FieldType::Enumeration(members) => members.iter().find(|m| &*m.name == name).map(|m| &m.label),
        FieldType::Department => posts.departments.get(name).map(|d| &d.label),
        FieldType::Post | FieldType::PersonOrPost => posts.posts.get(name).map(|p| &p.label),
        _ => None,
    }
}
