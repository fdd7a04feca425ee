//! The types that the program itself knows: the fields it needs of them.

use super::desk::{Desk, code};
use crate::{
    diagnostic::Words,
    document::Node,
    policy::{Field, FieldType, RecordType, Role, Target},
    source::Span,
};

impl Role {
    pub(super) const NAMES: [(&'static str, Role); 4] =
        [("person", Role::Person), ("authorisation", Role::Authorisation), ("disposal", Role::Disposal), ("breach-note", Role::BreachNote)];

    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Person => "person",
            Role::Authorisation => "authorisation",
            Role::Disposal => "disposal",
            Role::BreachNote => "breach-note",
        }
    }

    pub(super) fn named(name: &str) -> Option<Role> {
        Role::NAMES.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
    }
}

/// Whether a field is of the type that the program needs, and how it is told.
struct Need {
    name: &'static str,
    must: bool,
    fits: fn(&FieldType, &RecordType) -> bool,
    words: &'static str,
}

const PERSON: [Need; 4] = [
    Need { name: "name", must: true, fits: |t, _| *t == FieldType::Text, words: "text" },
    Need { name: "reporting", must: true, fits: is_reporting, words: "[{from: date, department: department, superior?: the same type}]" },
    Need { name: "joined", must: true, fits: |t, _| *t == FieldType::Date, words: "date" },
    Need { name: "left", must: false, fits: |t, _| *t == FieldType::Date, words: "date" },
];

const AUTHORISATION: [Need; 6] = [
    Need { name: "readers", must: true, fits: is_readers, words: "list of (person or post)" },
    Need { name: "covers", must: true, fits: is_references, words: "list of record" },
    Need { name: "from", must: true, fits: |t, _| *t == FieldType::Date, words: "date" },
    Need { name: "until", must: true, fits: |t, _| *t == FieldType::Date, words: "date" },
    Need { name: "revoked", must: false, fits: |t, _| *t == FieldType::Date, words: "date" },
    Need { name: "may_export", must: true, fits: |t, _| *t == FieldType::YesNo, words: "yes|no" },
];

const DISPOSAL: [Need; 1] = [Need { name: "disposed", must: true, fits: is_texts, words: "list of text" }];

const BREACH_NOTE: [Need; 4] = [
    Need { name: "rule", must: true, fits: |t, _| *t == FieldType::Text, words: "text" },
    Need { name: "record", must: true, fits: |t, _| *t == FieldType::Reference(Target::Any), words: "record" },
    Need { name: "day", must: true, fits: |t, _| *t == FieldType::Date, words: "date" },
    Need { name: "done", must: true, fits: |t, _| *t == FieldType::Text, words: "text" },
];

/// Notes what a type with a part lacks for it.
pub(super) fn check(desk: &Desk<'_>, node: &Node, record_type: &RecordType) {
    let Some(role) = record_type.role else { return };
    let needs = match role {
        Role::Person => &PERSON[..],
        Role::Authorisation => &AUTHORISATION[..],
        Role::Disposal => &DISPOSAL[..],
        Role::BreachNote => &BREACH_NOTE[..],
    };
    let at = node.get("as").map_or(desk.head, |n| n.span);
    for need in needs {
        match record_type.fields.iter().find(|f| &*f.name == need.name) {
            Some(field) => check_field(desk, node, field, need, record_type),
            None if need.must && !desk.told.contains(need.name) => desk.error(code::TYPE, at, lacking(need)),
            None => {}
        }
    }
}

fn check_field(desk: &Desk<'_>, node: &Node, field: &Field, need: &Need, record_type: &RecordType) {
    if !(need.fits)(&field.field_type, record_type) {
        let message = Words::new(
            format!("程序要用“{}”，它的类型须为 {}", need.name, need.words),
            format!("the program itself uses “{}”; its type is {}", need.name, need.words),
        );
        desk.error(code::TYPE, declared(node, need.name).unwrap_or(desk.head), message);
    } else if field.must != need.must && !(need.must && need.name == "may_export") {
        let message = if need.must {
            Words::new(
                format!("程序要用“{}”，须写在 must 之下", need.name),
                format!("the program itself uses “{}”; it belongs under must", need.name),
            )
        } else {
            Words::new(
                format!("“{}”可以没有，须写在 may 之下", need.name),
                format!("“{}” is not always there; it belongs under may", need.name),
            )
        };
        desk.error(code::TYPE, declared(node, need.name).unwrap_or(desk.head), message);
    }
}

fn lacking(need: &Need) -> Words {
    Words::new(
        format!("缺少程序要用的字段“{}: {}”", need.name, need.words),
        format!("the program itself needs the field “{}: {}”", need.name, need.words),
    )
}

fn declared(node: &Node, name: &str) -> Option<Span> {
    let parts = ["must", "may"].into_iter().filter_map(|part| node.get(part));
    parts.flat_map(Node::entries).find(|(key, _)| &*key.text == name).map(|(_, value)| value.span)
}

fn is_reporting(field_type: &FieldType, record_type: &RecordType) -> bool {
    let FieldType::List(row) = field_type else { return false };
    let FieldType::Table(columns) = &**row else { return false };
    let column = |name: &str| columns.iter().find(|c| &*c.name == name);
    let superior = FieldType::Reference(Target::Type(record_type.id.clone()));
    column("from").is_some_and(|c| c.must && c.field_type == FieldType::Date)
        && column("department").is_some_and(|c| c.must && c.field_type == FieldType::Department)
        && column("superior").is_some_and(|c| !c.must && c.field_type == superior)
}

fn is_readers(field_type: &FieldType, _: &RecordType) -> bool {
    matches!(field_type, FieldType::List(element) if **element == FieldType::PersonOrPost)
}

fn is_texts(field_type: &FieldType, _: &RecordType) -> bool {
    matches!(field_type, FieldType::List(element) if **element == FieldType::Text)
}

fn is_references(field_type: &FieldType, _: &RecordType) -> bool {
    matches!(field_type, FieldType::List(element) if matches!(**element, FieldType::Reference(_)))
}
