//! Front matter read by a type block: each field's text by its field type, strictly. Never judges:
//! what does not fit is [`FieldReading::Wrong`], and a key that names no field, or one already written,
//! is an [`UnreadKey`].

use super::{Entries, FieldEntry, FieldReading, UnreadKey, shape};
use crate::{
    document::{Key, Node, NodeValue},
    policy::{Field, FieldType, Member, Posts, Value},
    source::{RecordId, Span},
};
use std::sync::Arc;

/// Reads nodes by field types, and gathers the keys that it could not place.
pub(super) struct FieldReader<'a> {
    posts: &'a Posts,
    /// The tables in which it stands, the outermost first.
    within: Vec<Arc<str>>,
    pub(super) unread: Vec<UnreadKey>,
}

impl<'a> FieldReader<'a> {
    pub(super) fn new(posts: &'a Posts) -> FieldReader<'a> {
        FieldReader { posts, within: Vec::new(), unread: Vec::new() }
    }

    /// The entries of a mapping by the keys of their fields; those in `known` are nobody's field
    /// and nobody's mistake.
    pub(super) fn mapping(&mut self, node: &Node, fields: &[Field], known: &[&str]) -> Entries {
        let mut entries: Vec<(Arc<str>, FieldEntry)> = Vec::new();
        for (key, value) in node.entries().iter().filter(|(key, _)| !known.contains(&&*key.text)) {
            let field = Field::called(fields, &key.text);
            let first = field.and_then(|field| entries.iter().find(|(name, _)| *name == field.name)).map(|(_, entry)| entry.key_span);
            match field {
                Some(field) if first.is_none() => {
                    self.within.push(field.name.clone());
                    let entry = self.entry(key.span, value, &field.field_type);
                    self.within.pop();
                    entries.push((field.name.clone(), entry));
                }
                _ => self.leave(key, value, first),
            }
        }
        entries.into_iter().collect()
    }

    fn leave(&mut self, key: &Key, value: &Node, first: Option<Span>) {
        self.unread.push(UnreadKey { key: key.text.clone(), span: key.span, value: value.span, within: self.within.clone(), first });
    }

    fn entry(&mut self, key_span: Span, node: &Node, field_type: &FieldType) -> FieldEntry {
        FieldEntry { key_span, span: node.span, reading: self.reading(node, field_type) }
    }

    fn reading(&mut self, node: &Node, field_type: &FieldType) -> FieldReading {
        if node.is_blank() {
            return FieldReading::Blank { quoted: matches!(node.value, NodeValue::Scalar { plain: false, .. }) };
        }
        match (field_type, &node.value) {
            (FieldType::List(element), NodeValue::List(nodes)) => {
                FieldReading::Rows(nodes.iter().map(|node| self.entry(node.span, node, element)).collect())
            }
            (FieldType::Table(columns), NodeValue::Map(_)) => FieldReading::Table(self.mapping(node, columns, &[])),
            (_, NodeValue::Scalar { text, .. }) => match scalar(text, field_type, self.posts) {
                Some(value) => FieldReading::Value(value),
                None => FieldReading::Wrong { expected: field_type.clone() },
            },
            _ => FieldReading::Wrong { expected: field_type.clone() },
        }
    }
}

/// The value of a text that is not blank; `None` where it is not of the type.
pub fn scalar(text: &Arc<str>, field_type: &FieldType, posts: &Posts) -> Option<Value> {
    let written = |fits: bool| fits.then(|| Value::Text(text.clone()));
    let post = || posts.post_called(text).map(|post| post.id.clone());
    match field_type {
        FieldType::Text => written(true),
        FieldType::Date => shape::date(text).map(Value::Date),
        FieldType::Time => shape::time(text).map(Value::Time),
        FieldType::Timestamp => shape::timestamp(text).map(Value::Timestamp),
        FieldType::Number | FieldType::Money => shape::decimal(text).map(Value::Number),
        FieldType::Count => shape::count(text).map(Value::Number),
        FieldType::YesNo => shape::yes_no(text).map(Value::Bool),
        FieldType::Phone => written(shape::is_phone(text)),
        FieldType::Email => written(shape::is_email(text)),
        FieldType::Url => written(shape::is_url(text)),
        FieldType::Enumeration(members) => member(members, text).map(Value::Text),
        FieldType::Department => posts.department_called(text).map(|own| Value::Text(own.id.clone())),
        FieldType::Post => post().map(Value::Text),
        FieldType::PersonOrPost => Some(post().map_or_else(|| Value::Record(RecordId::named(text)), Value::Text)),
        FieldType::Reference(_) => Some(Value::Record(RecordId::named(text))),
        FieldType::List(_) | FieldType::Table(_) => None,
    }
}

fn member(members: &[Member], text: &str) -> Option<Arc<str>> {
    let found = members.iter().find(|m| &*m.name == text).or_else(|| members.iter().find(|m| m.label.is(text)));
    found.map(|member| member.name.clone())
}
