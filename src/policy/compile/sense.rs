//! `order`, `past`, `min`, `max`, `above` and `staff` of a `yaml type`: what makes sense in every
//! record of it.

use super::{
    desk::{Desk, code},
    fields, settings,
};
use crate::{
    diagnostic::Words,
    document::{Key, Node},
    policy::{
        Field, FieldPath, FieldType, Target,
        sense::{FigureBound, Limit, Sense, Side},
    },
};

/// The keys of a type block that are read here.
pub(super) const KEYS: [&str; 6] = ["order", "past", "min", "max", "above", "staff"];

pub(super) fn read(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Sense {
    let bounds = Side::NAMES.iter().filter_map(|(key, side)| Some((*side, desk.optional(node, key)?)));
    Sense {
        order: desk.optional(node, "order").map_or(Vec::new(), |n| orders(desk, n, fields)),
        past: desk.optional(node, "past").map_or(Vec::new(), |n| desk.items(n).iter().filter_map(|n| day(desk, n, fields)).collect()),
        bounds: bounds.flat_map(|(side, n)| self::bounds(desk, n, side, fields)).collect(),
        staff: desk.optional(node, "staff").map_or(Vec::new(), |n| desk.items(n).iter().filter_map(|n| member(desk, n, fields)).collect()),
    }
}

/// Lists of dates, or one such list.
fn orders(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Vec<Vec<FieldPath>> {
    let lists = node.list().filter(|items| items.iter().any(|item| item.list().is_some())).unwrap_or(std::slice::from_ref(node));
    lists.iter().filter_map(|list| order(desk, list, fields)).collect()
}

fn order(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<Vec<FieldPath>> {
    let Some(items) = node.list().filter(|items| items.len() > 1) else {
        let message = Words::new("应为两个以上日期字段的列表：[甲, 乙]", "a list of two or more fields of dates is expected: [a, b]");
        desk.error(code::TYPE, node.span, message);
        return None;
    };
    let mut read: Vec<FieldPath> = Vec::new();
    for item in items {
        let path = day(desk, item, fields)?;
        if read.contains(&path) {
            let name = path.0.join(".");
            desk.error(code::TYPE, item.span, Words::new(format!("“{name}”写了两次"), format!("“{name}” stands twice")));
            return None;
        }
        if read.iter().any(|other| lists_differ(other, &path, fields)) {
            apart(desk, item);
            return None;
        }
        read.push(path);
    }
    Some(read)
}

fn bounds(desk: &Desk<'_>, node: &Node, side: Side, fields: &[Field]) -> Vec<FigureBound> {
    if !node.is_map() {
        let message = Words::new("应为“字段: 数或另一字段”", "“field: a number or another field” is expected here");
        desk.error(code::TYPE, node.span, message);
        return Vec::new();
    }
    node.entries().iter().filter_map(|(key, value)| bound(desk, key, value, side, fields)).collect()
}

fn bound(desk: &Desk<'_>, key: &Key, node: &Node, side: Side, fields: &[Field]) -> Option<FigureBound> {
    let path = fields::path_of_key(desk, key, fields).and_then(|found| figure(desk, key.span, found, fields))?;
    if let Some(number) = node.text().and_then(|text| settings::number(text.trim())) {
        return Some(FigureBound { path, side, limit: Limit::Number(number) });
    }
    let limit = fields::path(desk, node, fields).and_then(|found| figure(desk, node.span, found, fields))?;
    // A row has one figure of its own table and of the record; of another list it could be any.
    if list_of(&limit, fields).is_some_and(|list| list_of(&path, fields) != Some(list)) {
        apart(desk, node);
        return None;
    }
    Some(FigureBound { path, side, limit: Limit::Field(limit) })
}

/// Who was on staff, and on which day.
fn member(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<(FieldPath, FieldPath)> {
    let Some([who, on]) = node.list() else {
        let message = Words::new("应为一对字段：[人员, 日期]", "a pair of fields is expected: [person, date]");
        desk.error(code::TYPE, node.span, message);
        return None;
    };
    let (who, on) = (person(desk, who, fields), day(desk, on, fields));
    let (who, on) = (who?, on?);
    if list_of(&on, fields).is_some_and(|list| list_of(&who, fields) != Some(list)) {
        apart(desk, node);
        return None;
    }
    Some((who, on))
}

fn person(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<FieldPath> {
    let (path, field) = fields::path(desk, node, fields)?;
    let is_person = |kind: &FieldType| match kind {
        FieldType::Reference(Target::Type(id)) => desk.names.is_person(id),
        FieldType::PersonOrPost => true,
        _ => false,
    };
    if !is_person(field.field_type.element()) {
        let name = path.0.join(".");
        let message = Words::new(format!("“{name}”不是指向人员的字段"), format!("“{name}” is no field that names a person"));
        desk.error(code::TYPE, node.span, message);
        return None;
    }
    within_one_list(desk, node.span, path, fields)
}

fn day(desk: &Desk<'_>, node: &Node, fields: &[Field]) -> Option<FieldPath> {
    let (path, field) = fields::path(desk, node, fields)?;
    if !matches!(field.field_type.element(), FieldType::Date | FieldType::Timestamp) {
        let name = path.0.join(".");
        desk.error(code::TYPE, node.span, Words::new(format!("“{name}”不是日期字段"), format!("“{name}” is no field of dates")));
        return None;
    }
    within_one_list(desk, node.span, path, fields)
}

fn figure(desk: &Desk<'_>, span: crate::source::Span, (path, field): (FieldPath, &Field), fields: &[Field]) -> Option<FieldPath> {
    if !matches!(field.field_type.element(), FieldType::Number | FieldType::Count | FieldType::Money) {
        let name = path.0.join(".");
        let message = Words::new(format!("“{name}”不是数或金额的字段"), format!("“{name}” is no field of figures"));
        desk.error(code::TYPE, span, message);
        return None;
    }
    within_one_list(desk, span, path, fields)
}

fn within_one_list(desk: &Desk<'_>, span: crate::source::Span, path: FieldPath, fields: &[Field]) -> Option<FieldPath> {
    if lists_along(&path, fields).len() < 2 {
        return Some(path);
    }
    let message = Words::new("此处不能用列表中的列表里的字段", "a field of a list within a list cannot stand here");
    desk.error(code::TYPE, span, message);
    None
}

fn apart(desk: &Desk<'_>, node: &Node) {
    let message = Words::new(
        "两个字段在不同的列表里，无从知道哪一行对哪一行",
        "the two stand in different lists: nobody can tell which row goes with which",
    );
    desk.error(code::TYPE, node.span, message);
}

fn lists_differ(a: &FieldPath, b: &FieldPath, fields: &[Field]) -> bool {
    matches!((list_of(a, fields), list_of(b, fields)), (Some(a), Some(b)) if a != b)
}

/// How much of a path leads to the list that it goes into.
fn list_of<'p>(path: &'p FieldPath, fields: &[Field]) -> Option<&'p [std::sync::Arc<str>]> {
    lists_along(path, fields).first().map(|length| &path.0[..*length])
}

/// The lengths of the beginnings of a path that name a list.
fn lists_along(path: &FieldPath, fields: &[Field]) -> Vec<usize> {
    let mut columns = fields;
    let mut lists = Vec::new();
    for (name, length) in path.0.iter().zip(1..) {
        let Some(field) = columns.iter().find(|field| field.name == *name) else { break };
        if matches!(field.field_type, FieldType::List(_)) {
            lists.push(length);
        }
        columns = match field.field_type.element() {
            FieldType::Table(inner) => inner,
            _ => &[],
        };
    }
    lists
}
