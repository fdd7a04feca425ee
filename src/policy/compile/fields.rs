//! Fields: their names, their types as text or as YAML, their labels, and paths to them.

use super::{
    desk::{Desk, code, stretch},
    naming::{TAKEN, may_be_called},
};
use crate::{
    diagnostic::Words,
    document::{Key, Node},
    policy::{Field, FieldPath, FieldType, Member, Target, Value},
    source::Span,
};
use std::sync::Arc;

const NAMED: [(&str, FieldType); 13] = [
    ("text", FieldType::Text),
    ("date", FieldType::Date),
    ("time", FieldType::Time),
    ("number", FieldType::Number),
    ("count", FieldType::Count),
    ("money", FieldType::Money),
    ("timestamp", FieldType::Timestamp),
    ("phone", FieldType::Phone),
    ("email", FieldType::Email),
    ("url", FieldType::Url),
    ("department", FieldType::Department),
    ("post", FieldType::Post),
    ("record", FieldType::Reference(Target::Any)),
];

/// Before the name of a setting that lists the values of a field.
const OF_SETTING: &str = "settings.";

/// Tables are not nested deeper than this.
const MOST_TABLES: usize = 4;

/// The type that a plain word stands for.
pub(super) fn named_type(word: &str) -> Option<FieldType> {
    NAMED.iter().find(|(name, _)| *name == word).map(|(_, field_type)| field_type.clone())
}

/// The name of a field; `?` behind it is for tables, where `must` and `may` do not tell.
pub(super) fn name(desk: &Desk<'_>, key: &Key, must: bool) -> Option<Arc<str>> {
    let name = key.text.strip_suffix('?').unwrap_or(&key.text);
    if must && name.len() < key.text.len() {
        let message = Words::new(format!("“{name}”可以没有，应写在 may 之下"), format!("“{name}” may be missing; it belongs under may"));
        desk.error(code::TYPE, key.span, message);
        return None;
    }
    checked_name(desk, key, name)
}

fn checked_name(desk: &Desk<'_>, key: &Key, name: &str) -> Option<Arc<str>> {
    // A hyphen may stand within: other tools have such keys, and an expression names the field by
    // its label.
    let is_word = !name.starts_with('-') && !name.ends_with('-') && may_be_called(&name.replace('-', "_"));
    if is_word {
        return Some(name.into());
    }
    let message = if TAKEN.contains(&name) {
        Words::new(format!("“{name}”另有所指，不能作字段名"), format!("“{name}” means something else; a field cannot bear it"))
    } else {
        Words::new(
            format!("“{name}”不能作字段名：只用字母、数字、汉字、“_”和词间的“-”，不以数字开头"),
            format!("“{name}” is no field name: letters, digits, “_” and “-” between words only, and no digit first"),
        )
    };
    desk.error(code::TYPE, key.span, message);
    None
}

/// The type of a field: text, a mapping (a table) or a list of one mapping (a list of tables).
pub(super) fn field_type(desk: &Desk<'_>, node: &Node) -> Option<FieldType> {
    typed(desk, node, 0)
}

fn typed(desk: &Desk<'_>, node: &Node, depth: usize) -> Option<FieldType> {
    if let Some(items) = node.list() {
        let [row] = items else { return no_type(desk, node) };
        let row = if row.is_map() { table(desk, row, depth) } else { no_type(desk, row) };
        return row.map(|row| FieldType::List(Box::new(row)));
    }
    if node.is_map() {
        return table(desk, node, depth);
    }
    let text = desk.text(node)?;
    let place = desk.place(node, &text);
    let at = |part: &str| match place.verbatim_from {
        Some(from) => stretch(node.span, from + offset(&text, part), part.len()),
        None => node.span,
    };
    written(desk, &text, &at)
}

/// Where a part of a text starts in it.
fn offset(text: &str, part: &str) -> u32 {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) as u32
}

fn no_type(desk: &Desk<'_>, node: &Node) -> Option<FieldType> {
    let message =
        Words::new("表的列表要写成只有一行的列表：[{字段: 类型}]", "a list of tables is written as a list of one: [{field: type}]");
    desk.error(code::TYPE, node.span, message);
    None
}

fn table(desk: &Desk<'_>, node: &Node, depth: usize) -> Option<FieldType> {
    if depth == MOST_TABLES {
        desk.error(code::TYPE, node.span, Words::new("表嵌套过深", "tables are nested too deeply"));
        return None;
    }
    let columns: Vec<Option<Field>> = node.entries().iter().map(|(key, value)| column(desk, key, value, depth)).collect();
    if columns.is_empty() {
        desk.error(code::TYPE, node.span, Words::new("表里没有字段", "a table needs fields"));
        return None;
    }
    columns.into_iter().collect::<Option<Vec<_>>>().map(|columns| FieldType::Table(columns.into()))
}

fn column(desk: &Desk<'_>, key: &Key, value: &Node, depth: usize) -> Option<Field> {
    let name = checked_name(desk, key, key.text.strip_suffix('?').unwrap_or(&key.text));
    let field_type = typed(desk, value, depth + 1);
    let name = name?;
    Some(Field { must: !key.text.ends_with('?'), field_type: field_type?, label: Words::new(&*name, &*name), name })
}

/// A type as text; `at` tells where a part of it stands.
fn written(desk: &Desk<'_>, text: &str, at: &dyn Fn(&str) -> Span) -> Option<FieldType> {
    let text = unparenthesised(text);
    if let Some(element) = text.strip_prefix("list of ") {
        let element = written(desk, element, at)?;
        if matches!(element, FieldType::List(_)) {
            desk.error(code::TYPE, at(text), Words::new("列表里不能再有列表", "a list of lists is no type"));
            return None;
        }
        return Some(FieldType::List(Box::new(element)));
    }
    if let Some(setting) = text.strip_prefix(OF_SETTING) {
        return chosen(desk, text, setting, at);
    }
    if text.contains('|') {
        return alternatives(desk, text, at);
    }
    if let Some((a, b)) = text.split_once(" or ") {
        return person_or_post(desk, a.trim(), b.trim(), at);
    }
    named_type(text).or_else(|| reference(desk, text, at))
}

/// The values that a setting lists, so that a company may change them there.
fn chosen(desk: &Desk<'_>, text: &str, setting: &str, at: &dyn Fn(&str) -> Span) -> Option<FieldType> {
    let settings = desk.schema.settings;
    match settings.get(setting) {
        Some(Value::Text(values)) if values.contains('|') => alternatives(desk, values, &|_| at(text)),
        Some(_) => {
            let message = Words::new(
                format!("设定“{setting}”没有列出取值：“甲 | 乙 | 丙”"),
                format!("the setting “{setting}” lists no values: “a | b | c”"),
            );
            desk.error(code::TYPE, at(setting), message);
            None
        }
        None => {
            let message = Words::new(format!("没有设定“{setting}”"), format!("there is no setting “{setting}”"));
            desk.unknown(code::TYPE, at(setting), setting, message, settings.keys().map(|name| &**name));
            None
        }
    }
}

fn unparenthesised(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).map_or(text, str::trim)
}

fn alternatives(desk: &Desk<'_>, text: &str, at: &dyn Fn(&str) -> Span) -> Option<FieldType> {
    let names: Vec<&str> = text.split('|').map(str::trim).collect();
    if names == ["yes", "no"] {
        return Some(FieldType::YesNo);
    }
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() || name.contains(['(', ')']) {
            desk.error(code::TYPE, at(text), Words::new("取值要写成“甲 | 乙 | 丙”", "values are written “a | b | c”"));
            return None;
        }
        if names[..i].contains(name) {
            desk.error(code::TYPE, at(name), Words::new(format!("取值“{name}”写了两次"), format!("value “{name}” stands twice")));
            return None;
        }
    }
    let member = |name: &&str| Member { name: (*name).into(), label: Words::new(*name, *name) };
    Some(FieldType::Enumeration(names.iter().map(member).collect()))
}

fn person_or_post(desk: &Desk<'_>, a: &str, b: &str, at: &dyn Fn(&str) -> Span) -> Option<FieldType> {
    let person = if b == "post" { a } else { b };
    if (a == "post") == (b == "post") {
        let message = Words::new("“or”只能写在人员与 post 之间", "“or” stands only between the type of people and post");
        desk.error(code::TYPE, at(a), message);
        return None;
    }
    reference(desk, person, at)?;
    if desk.names.is_person(person) {
        return Some(FieldType::PersonOrPost);
    }
    let message = Words::new(format!("“{person}”不是“as: person”的类型"), format!("“{person}” is not the type that is `as: person`"));
    desk.error(code::TYPE, at(person), message);
    None
}

fn reference(desk: &Desk<'_>, id: &str, at: &dyn Fn(&str) -> Span) -> Option<FieldType> {
    if desk.names.types.contains_key(id) {
        return Some(FieldType::Reference(Target::Type(id.into())));
    }
    let known = NAMED.iter().map(|(name, _)| *name).chain(desk.names.types.keys().map(|id| &**id));
    desk.unknown(code::TYPE, at(id), id, Words::new(format!("没有“{id}”这种类型"), format!("there is no type “{id}”")), known);
    None
}

/// Puts the words of `labels` to the fields, columns and values that they name.
pub(super) fn label(desk: &Desk<'_>, node: &Node, fields: &mut [Field]) {
    let Some(labels) = desk.optional(node, "labels") else { return };
    if !labels.is_map() {
        desk.error(desk.shape, labels.span, Words::new("应为“字段: {zh: …, en: …}”", "“field: {zh: …, en: …}” is expected"));
        return;
    }
    for (key, value) in labels.entries().iter().filter(|(key, _)| !Field::is_common(&key.text)) {
        if let Some(words) = desk.words(value) {
            put_label(desk, node, key, words, fields);
        }
    }
    tell_equal_labels(desk, labels, fields);
}

/// Labels of the fields that every record has.
pub(super) fn label_common(desk: &Desk<'_>, labels: &Node, fields: &mut [Field]) {
    for (key, value) in labels.entries().iter().filter(|(key, _)| Field::is_common(&key.text)) {
        let field = fields.iter_mut().find(|f| f.name == key.text);
        if let (Some(field), Some(words)) = (field, desk.words(value)) {
            field.label = words;
        }
    }
}

fn put_label(desk: &Desk<'_>, node: &Node, key: &Key, words: Words, fields: &mut [Field]) {
    let (path, value) = key.text.split_once('=').map_or((&*key.text, None), |(path, value)| (path.trim(), Some(value.trim())));
    let segments: Vec<&str> = path.split('.').collect();
    let all: Vec<Arc<str>> = fields.iter().map(|f| f.name.clone()).collect();
    let Some(field) = field_mut(fields, &segments) else {
        let message = Words::new(format!("没有字段“{path}”"), format!("there is no field “{path}”"));
        let name = if desk.told.contains(segments[0]) { segments[0] } else { path };
        return desk.unknown(code::TYPE, key.span, name, message, all.iter().map(|n| &**n));
    };
    match value {
        None => field.label = words,
        Some(value) => {
            // A value that a company has taken out of its setting may come back.
            let may_lack = is_of_setting(node, &segments);
            put_value_label(desk, key, words, &mut field.field_type, value, may_lack);
        }
    }
}

fn field_mut<'f>(fields: &'f mut [Field], segments: &[&str]) -> Option<&'f mut Field> {
    let (first, rest) = segments.split_first()?;
    let field = fields.iter_mut().find(|f| &*f.name == *first)?;
    if rest.is_empty() {
        return Some(field);
    }
    match element_mut(&mut field.field_type) {
        FieldType::Table(columns) => field_mut(Arc::make_mut(columns), rest),
        _ => None,
    }
}

fn element_mut(field_type: &mut FieldType) -> &mut FieldType {
    match field_type {
        FieldType::List(element) => element,
        other => other,
    }
}

/// Whether the values of a field of a type's block are those that a setting lists.
fn is_of_setting(node: &Node, path: &[&str]) -> bool {
    fn within(node: &Node, path: &[&str]) -> bool {
        let node = node.list().and_then(<[Node]>::first).unwrap_or(node);
        match path.split_first() {
            None => node.text().is_some_and(|text| text.contains(OF_SETTING)),
            Some((first, rest)) => {
                node.entries().iter().any(|(key, value)| key.text.strip_suffix('?').unwrap_or(&key.text) == *first && within(value, rest))
            }
        }
    }
    ["must", "may"].iter().filter_map(|part| node.get(part)).any(|fields| within(fields, path))
}

fn put_value_label(desk: &Desk<'_>, key: &Key, words: Words, field_type: &mut FieldType, value: &str, may_lack: bool) {
    let FieldType::Enumeration(members) = element_mut(field_type) else {
        let message = Words::new(format!("“{}”没有可选的值", key.text), format!("“{}”: the field has no values to choose from", key.text));
        return desk.error(code::TYPE, key.span, message);
    };
    let names: Vec<Arc<str>> = members.iter().map(|m| m.name.clone()).collect();
    match Arc::make_mut(members).iter_mut().find(|m| &*m.name == value) {
        Some(member) => member.label = words,
        None if may_lack => {}
        None => {
            let message = Words::new(format!("没有取值“{value}”"), format!("there is no value “{value}”"));
            desk.unknown(code::TYPE, key.span, value, message, names.iter().map(|n| &**n));
        }
    }
}

/// A record may be written in labels, so no two fields may bear the same.
fn tell_equal_labels(desk: &Desk<'_>, labels: &Node, fields: &[Field]) {
    for (i, field) in fields.iter().enumerate() {
        let clash = fields[..i].iter().find(|f| f.label.zh == field.label.zh || f.label.en == field.label.en || names_other(f, field));
        if let Some(other) = clash {
            let span = labels.entries().iter().find(|(key, _)| key.text == field.name).map_or(labels.span, |(key, _)| key.span);
            let message = Words::new(
                format!("字段“{}”与“{}”的名称相同", field.name, other.name),
                format!("fields “{}” and “{}” bear the same label", field.name, other.name),
            );
            desk.error(code::TYPE, span, message);
        }
    }
}

fn names_other(a: &Field, b: &Field) -> bool {
    [&a.label.zh, &a.label.en].iter().any(|label| ***label == *b.name) || [&b.label.zh, &b.label.en].iter().any(|label| ***label == *a.name)
}

/// The field that a dotted path names.
pub(super) fn path<'f>(desk: &Desk<'_>, node: &Node, fields: &'f [Field]) -> Option<(FieldPath, &'f Field)> {
    let text = desk.text(node)?;
    path_of(desk, &text, node.span, desk.place(node, &text).verbatim_from, fields)
}

/// The same of a path that is a key.
pub(super) fn path_of_key<'f>(desk: &Desk<'_>, key: &Key, fields: &'f [Field]) -> Option<(FieldPath, &'f Field)> {
    let verbatim = desk.sources.slice(key.span) == &*key.text;
    path_of(desk, &key.text, key.span, verbatim.then_some(key.span.start), fields)
}

fn path_of<'f>(desk: &Desk<'_>, text: &str, whole: Span, from: Option<u32>, fields: &'f [Field]) -> Option<(FieldPath, &'f Field)> {
    let segments: Vec<&str> = text.split('.').collect();
    let span = |part: &str| from.map_or(whole, |from| stretch(whole, from + offset(text, part), part.len()));
    let field = descend(desk, fields, &segments, &span)?;
    Some((FieldPath(segments.iter().map(|s| (*s).into()).collect()), field))
}

pub(super) fn descend<'f>(desk: &Desk<'_>, fields: &'f [Field], segments: &[&str], span: &dyn Fn(&str) -> Span) -> Option<&'f Field> {
    let (first, rest) = segments.split_first()?;
    let Some(field) = fields.iter().find(|f| &*f.name == *first) else {
        desk.unknown_field(span(first), first, fields);
        return None;
    };
    let Some(next) = rest.first() else { return Some(field) };
    match field.field_type.element() {
        FieldType::Table(columns) => descend(desk, columns, rest, span),
        _ => {
            let message = Words::new(format!("“{first}”不是表，没有“{next}”"), format!("“{first}” is no table and has no “{next}”"));
            desk.error(code::TYPE, span(next), message);
            None
        }
    }
}
