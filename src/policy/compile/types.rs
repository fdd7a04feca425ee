//! `yaml type`: what a kind of record holds.

use super::{
    desk::{Desk, code},
    fields, roles, sense,
};
use crate::{
    diagnostic::Words,
    document::Node,
    policy::{Field, FieldPath, FieldType, RecordType, Role, Target},
};
use std::{collections::BTreeMap, sync::Arc};

const KEYS: [&str; 15] =
    ["id", "label", "as", "folder", "prefix", "title", "date", "author", "must", "may", "xor", "labels", "sections", "history", "given"];

/// Words that a type may not be called by: they mean something else where a type's id may stand.
const TAKEN: [&str; 5] = ["record", "archive", "policy", "everyone", "or"];

/// Reads a type block. What could be read comes back even where the block has mistakes, so that
/// other blocks can be judged by it; names of parts that could not be read go to [`Desk::told`].
pub(super) fn read(desk: &Desk<'_>, node: &Node) -> Option<RecordType> {
    desk.keys(node, &[&KEYS[..], &sense::KEYS].concat());
    let id = desk.required(node, "id", desk.head).and_then(|n| type_id(desk, n))?;
    let role = desk.optional(node, "as").and_then(|n| desk.choice(n, &Role::NAMES));
    let label = desk.required(node, "label", desk.head).and_then(|n| desk.words(n));
    let mut fields = own_fields(desk, node);
    fields::label(desk, node, &mut fields);
    fields.extend(common_fields(&fields));
    if let Some(labels) = node.get("labels") {
        fields::label_common(desk, labels, &mut fields);
    }
    let record_type = RecordType {
        label: label.unwrap_or_else(|| Words::new(&*id, &*id)),
        role,
        folder: desk.optional(node, "folder").and_then(|n| folder(desk, n)).unwrap_or_else(|| id.clone()),
        prefix: desk.optional(node, "prefix").and_then(|n| desk.identifier(n)).unwrap_or_else(|| initials(&id)),
        title: desk.optional(node, "title").and_then(|n| title(desk, n, &fields)),
        date: desk.optional(node, "date").and_then(|n| date_field(desk, n, &fields)),
        author: author(desk, node, &fields),
        xor: desk.optional(node, "xor").map_or(Vec::new(), |n| pairs(desk, n, &fields)),
        sense: sense::read(desk, node, &fields),
        sections: desk.optional(node, "sections").map_or(Vec::new(), |n| sections(desk, n)),
        history: BTreeMap::new(),
        given: Vec::new(),
        citation: desk.citation.clone(),
        span: desk.span,
        fields,
        id,
    };
    roles::check(desk, node, &record_type);
    Some(record_type)
}

fn type_id(desk: &Desk<'_>, node: &Node) -> Option<Arc<str>> {
    let id = desk.identifier(node)?;
    if TAKEN.contains(&&*id) || fields::named_type(&id).is_some() {
        let message =
            Words::new(format!("“{id}”另有所指，不能作类型的标识"), format!("“{id}” means something else; a type cannot bear it"));
        desk.error(code::TYPE, node.span, message);
        return None;
    }
    Some(id)
}

fn own_fields(desk: &Desk<'_>, node: &Node) -> Vec<Field> {
    let mut read: Vec<Field> = Vec::new();
    for (part, must) in [("must", true), ("may", false)] {
        let Some(part) = desk.optional(node, part) else { continue };
        if !part.is_map() {
            let message = Words::new("此处应为“字段: 类型”", "fields are written “field: type” here");
            desk.error(code::TYPE, part.span, message);
            continue;
        }
        for (key, value) in part.entries() {
            let name = fields::name(desk, key, must);
            let duplicate = name.as_ref().filter(|name| read.iter().any(|f| f.name == **name));
            if let Some(name) = duplicate {
                let message = Words::new(format!("字段“{name}”已经有了"), format!("there is a field “{name}” already"));
                desk.error(code::TYPE, key.span, message);
                continue;
            }
            match name.and_then(|name| {
                Some(Field { field_type: fields::field_type(desk, value)?, label: Words::new(&*name, &*name), name, must })
            }) {
                Some(field) => read.push(field),
                None => desk.told.insert(key.text.trim_end_matches('?')),
            }
        }
    }
    read
}

/// The fields that every record may have, but for those that the type declares itself.
fn common_fields(own: &[Field]) -> Vec<Field> {
    let texts = || FieldType::List(Box::new(FieldType::Text));
    let common = [
        ("title", FieldType::Text, "标题", "Title"),
        ("tags", texts(), "标签", "Tags"),
        ("attachments", texts(), "附件", "Attachments"),
        ("supersedes", FieldType::Reference(Target::Any), "取代", "Supersedes"),
        ("notes", FieldType::Text, "备注", "Notes"),
    ];
    let missing = common.into_iter().filter(|(name, ..)| own.iter().all(|f| &*f.name != *name));
    missing.map(|(name, field_type, zh, en)| Field { name: name.into(), must: false, field_type, label: Words::new(zh, en) }).collect()
}

/// A folder below `records/`.
fn folder(desk: &Desk<'_>, node: &Node) -> Option<Arc<str>> {
    let text = desk.text(node)?;
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']);
    if text.split('/').all(plain) {
        return Some(text);
    }
    let message = Words::new(format!("“{text}”不是 records/ 之下的文件夹"), format!("“{text}” is no folder below records/"));
    desk.error(desk.shape, node.span, message);
    None
}

/// `CR` of `credit-report`.
fn initials(id: &str) -> Arc<str> {
    id.split(['-', '_']).filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect::<String>().into()
}

/// The title with own fields in braces, each of which is checked; a bare field name is put into
/// braces.
fn title(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<Arc<str>> {
    if node.is_map() {
        let message = Words::new("标题里有花括号时须加引号", "a title with braces needs quotes");
        desk.error(desk.shape, node.span, message);
        return None;
    }
    let text = desk.text(node)?;
    if fields.iter().any(|f| f.name == text) {
        return Some(format!("{{{text}}}").into());
    }
    let mut rest = &*text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else {
            desk.error(code::TYPE, node.span, Words::new("标题中的“{”没有对应的“}”", "a “{” in the title is never closed"));
            return None;
        };
        placeholder(desk, node, name, fields);
        rest = behind;
    }
    Some(text)
}

fn placeholder(desk: &Desk<'_>, node: &Node, name: &str, fields: &[Field]) {
    let whole = desk.place(node, &format!("{{{name}}}"));
    let span = whole.verbatim_from.map_or(node.span, |at| super::desk::stretch(node.span, at + 1, name.len()));
    if name == "id" {
        return;
    }
    match fields.iter().find(|f| &*f.name == name) {
        None => desk.unknown_field(span, name, fields),
        Some(field) if matches!(field.field_type.element(), FieldType::Table(_)) => {
            desk.error(
                code::TYPE,
                span,
                Words::new(format!("“{name}”是表，不能放进标题"), format!("“{name}” is a table and cannot stand in a title")),
            );
        }
        Some(_) => {}
    }
}

fn date_field(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<Arc<str>> {
    let name = desk.text(node)?;
    field_of_a_day(desk, node, &name, fields).map(|_| name)
}

/// The field of a date or timestamp that is so called.
pub(super) fn field_of_a_day<'f>(desk: &Desk<'_>, node: &Node, name: &str, fields: &'f [Field]) -> Option<&'f Field> {
    match fields.iter().find(|f| &*f.name == name) {
        Some(field) if matches!(field.field_type, FieldType::Date | FieldType::Timestamp) => return Some(field),
        Some(_) => desk.error(code::TYPE, node.span, Words::new(format!("“{name}”不是日期字段"), format!("“{name}” is no field of dates"))),
        None => desk.unknown_field(node.span, name, fields),
    }
    None
}

/// The field named, or `author` where there is such a reference to a person.
fn author(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<Arc<str>> {
    let person = |f: &Field| matches!(&f.field_type, FieldType::Reference(Target::Type(t)) if desk.names.is_person(t));
    let Some(named) = desk.optional(node, "author") else {
        return fields.iter().find(|f| &*f.name == "author" && person(f)).map(|f| f.name.clone());
    };
    let name = desk.text(named)?;
    match fields.iter().find(|f| f.name == name) {
        Some(field) if person(field) => return Some(name),
        Some(_) => {
            let message = Words::new(format!("“{name}”不是指向人员的字段"), format!("“{name}” is no field that names a person"));
            desk.error(code::TYPE, named.span, message);
        }
        None => desk.unknown_field(named.span, &name, fields),
    }
    None
}

fn sections(desk: &Desk<'_>, node: &Node) -> Vec<Arc<str>> {
    let mut read: Vec<Arc<str>> = Vec::new();
    for item in desk.items(node) {
        match desk.text(item) {
            Some(section) if read.contains(&section) => {
                desk.error(
                    desk.shape,
                    item.span,
                    Words::new(format!("“{section}”一节写了两次"), format!("section “{section}” stands twice")),
                );
            }
            section => read.extend(section),
        }
    }
    read
}

/// `xor`: pairs of fields of which exactly one stands, so that each of them must be allowed to be
/// missing.
fn pairs(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Vec<(FieldPath, FieldPath)> {
    let Some(list) = node.list() else {
        desk.error(code::TYPE, node.span, Words::new("应为字段对的列表：[[甲, 乙]]", "a list of pairs of fields is expected: [[a, b]]"));
        return Vec::new();
    };
    list.iter().filter_map(|pair| self::pair(desk, pair, fields)).collect()
}

fn pair(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<(FieldPath, FieldPath)> {
    let Some([a, b]) = node.list() else {
        desk.error(code::TYPE, node.span, Words::new("应为一对字段：[甲, 乙]", "a pair of fields is expected: [a, b]"));
        return None;
    };
    let (a, b) = (optional_path(desk, a, fields), optional_path(desk, b, fields));
    let (a, b) = (a?, b?);
    if a.0.split_last().map(|(_, above)| above) == b.0.split_last().map(|(_, above)| above) && a != b {
        return Some((a, b));
    }
    desk.error(code::TYPE, node.span, Words::new("两个字段须在同一张表里，且不相同", "the two must be different fields of the same table"));
    None
}

fn optional_path(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<FieldPath> {
    let (path, field) = fields::path(desk, node, fields)?;
    if field.must {
        let message = Words::new(
            format!("“{}”是必填字段，不能与另一个二选一", field.name),
            format!("“{}” must always be there; it cannot be one of two", field.name),
        );
        desk.error(code::TYPE, node.span, message);
        return None;
    }
    Some(path)
}
