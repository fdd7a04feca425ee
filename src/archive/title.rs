//! What a record is called.

use super::{Entry, Reading, Record};
use crate::{
    diagnostic::{Lang, Words},
    document::Node,
    policy::{FieldType, Posts, Value},
};

/// The title that the record gives itself, or that its type makes of its fields; `None` where that leaves nothing.
pub(super) fn of(record: &Record, posts: &Posts, lang: Lang) -> Option<String> {
    let own = record.fields.get("title").and_then(|entry| written(entry, &FieldType::Text, posts, lang));
    let plain = || record.document.front.get("title").and_then(Node::text).map(|text| text.to_string());
    own.or_else(plain).or_else(|| made(record, posts, lang)).map(|title| title.trim().to_owned()).filter(|title| !title.is_empty())
}

fn made(record: &Record, posts: &Posts, lang: Lang) -> Option<String> {
    let record_type = record.record_type.as_ref()?;
    let pattern = record_type.title.as_deref()?;
    let value = |name: &str| field(record, name, posts, lang);
    if record_type.fields.iter().any(|f| &*f.name == pattern) { value(pattern) } else { filled(pattern, value) }
}

/// The pattern with each `{field}` replaced; `None` where none of the fields is there. A brace that nothing closes stays.
fn filled(pattern: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut title = String::new();
    let mut says_something = !pattern.contains('{');
    let mut rest = pattern;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?))) {
        title.push_str(before);
        if let Some(value) = value(name.trim()) {
            title.push_str(&value);
            says_something = true;
        }
        rest = after;
    }
    says_something.then(|| title + rest)
}

/// A field as words.
fn field(record: &Record, name: &str, posts: &Posts, lang: Lang) -> Option<String> {
    let field = record.record_type.as_ref()?.fields.iter().find(|f| &*f.name == name)?;
    written(record.fields.get(name)?, &field.field_type, posts, lang)
}

/// A value in the words of a reader: labels where there are some. A reference stays the id that was written: the title of the other
/// record is not this one's to tell.
fn written(entry: &Entry, field_type: &FieldType, posts: &Posts, lang: Lang) -> Option<String> {
    let Reading::Value(value) = &entry.reading else { return None };
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
