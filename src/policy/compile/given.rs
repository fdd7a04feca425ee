//! `given` of a type: fields that `new` fills in, each by an expression of the record that is being
//! written. Read when all types, and what their fields held in the past, are known.

use super::{
    desk::{Desk, code},
    expressions::Scopes,
    fields::descend,
};
use crate::{
    diagnostic::Words,
    document::{Key, Node},
    policy::{Expression, FieldPath, FieldType, RecordType, expression::Type},
};

pub(super) fn read(desk: &Desk<'_>, node: &Node, record_type: &RecordType) -> Vec<(FieldPath, Expression)> {
    let Some(given) = desk.optional(node, "given") else { return Vec::new() };
    if !given.is_map() {
        let message = Words::new("应写成“字段: 表达式”", "“field: expression” is expected");
        desk.error(desk.shape, given.span, message);
    }
    given.entries().iter().filter_map(|(key, value)| one(desk, key, value, record_type)).collect()
}

fn one(desk: &Desk<'_>, key: &Key, node: &Node, record_type: &RecordType) -> Option<(FieldPath, Expression)> {
    let segments: Vec<&str> = key.text.split('.').collect();
    let field = descend(desk, &record_type.fields, &segments, &|_| key.span)?;
    if let FieldType::Table(_) = field.field_type.element() {
        let message = Words::new("表须逐项写明，如 contact.phone", "a table is given part by part, as contact.phone");
        desk.error(code::TYPE, key.span, message);
        return None;
    }
    // What is missing is left to the writer.
    let wanted = Type::of_field(&field.field_type, false);
    let expression = desk.expression(node, &Scopes::of_types(std::slice::from_ref(&record_type.id)), Some(&wanted))?;
    Some((FieldPath(segments.into_iter().map(Into::into).collect()), expression))
}
