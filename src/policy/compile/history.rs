//! `history` of a type: fields whose past values follow from records of another type. Read when all
//! types are known.

use super::desk::{Desk, code};
use crate::{
    diagnostic::Words,
    document::{Key, Node},
    policy::{FieldType, History, Member, RecordType, Target},
};
use std::{collections::BTreeMap, sync::Arc};

pub(super) fn read(desk: &Desk<'_>, node: &Node, record_type: &RecordType) -> BTreeMap<Arc<str>, History> {
    let Some(history) = desk.optional(node, "history") else { return BTreeMap::new() };
    if !history.is_map() {
        let message = Words::new("应写成“字段: {from: …, at: …, value: …}”", "“field: {from: …, at: …, value: …}” is expected");
        desk.error(desk.shape, history.span, message);
    }
    history.entries().iter().filter_map(|(key, value)| one(desk, key, value, record_type)).collect()
}

fn one(desk: &Desk<'_>, key: &Key, node: &Node, record_type: &RecordType) -> Option<(Arc<str>, History)> {
    let own = record_type.fields.iter().find(|f| f.name == key.text);
    if own.is_none() {
        desk.unknown_field(key.span, &key.text, &record_type.fields);
    }
    if !desk.keys(node, &["from", "at", "value"]) {
        return None;
    }
    let from_node = desk.required(node, "from", node.span)?;
    let from = desk.type_id(from_node)?;
    let source = desk.schema.types.get(&from)?;
    tell_unless_referring(desk, from_node, source, record_type);
    let at = desk.required(node, "at", node.span).and_then(|n| source_field(desk, n, source, &FieldType::Date));
    let value = desk.required(node, "value", node.span).and_then(|n| source_field(desk, n, source, &own?.field_type));
    Some((key.text.clone(), History { from, at: at?, value: value? }))
}

fn tell_unless_referring(desk: &Desk<'_>, node: &Node, source: &RecordType, record_type: &RecordType) {
    let target = FieldType::Reference(Target::Type(record_type.id.clone()));
    if source.fields.iter().all(|f| f.field_type != target) {
        let message = Words::new(
            format!("“{}”没有指向“{}”的字段", source.id, record_type.id),
            format!("“{}” has no field that refers to “{}”", source.id, record_type.id),
        );
        desk.error(code::TYPE, node.span, message);
    }
}

/// One of another type is told, and taken nevertheless: what asks for the history has no mistake of
/// its own.
fn source_field(desk: &Desk<'_>, node: &Node, source: &RecordType, wanted: &FieldType) -> Option<Arc<str>> {
    let name = desk.text(node)?;
    match source.fields.iter().find(|f| f.name == name) {
        Some(field) => {
            if let Some(message) = unlike(source, &field.field_type, &name, wanted) {
                desk.error(code::TYPE, node.span, message);
            }
            Some(name)
        }
        None => {
            desk.unknown_field(node.span, &name, &source.fields);
            None
        }
    }
}

/// How a field's type is another than the one that is wanted, whatever its values are called.
fn unlike(source: &RecordType, own: &FieldType, name: &str, wanted: &FieldType) -> Option<Words> {
    let (FieldType::Enumeration(own), FieldType::Enumeration(wanted)) = (own, wanted) else {
        let message = || Words::new(format!("“{name}”的类型不合"), format!("“{name}” is of another type"));
        return (own != wanted).then(message);
    };
    let values = |members: &[Member]| members.iter().map(|member| &*member.name).collect::<Vec<_>>().join(" | ");
    let (own, wanted) = (values(own), values(wanted));
    let message = || {
        Words::new(
            format!("这里的取值是 {wanted}，“{}”的“{name}”却是 {own}", source.id),
            format!("the values here are {wanted}, those of “{name}” of “{}” are {own}", source.id),
        )
    };
    (own != wanted).then(message)
}
