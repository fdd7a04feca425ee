//! Record types: what a kind of record holds.

use super::{Expression, sense::Sense};
use crate::{
    diagnostic::{Citation, Words},
    source::Span,
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Debug)]
pub struct RecordType {
    pub id: Arc<str>,
    pub label: Words,
    pub role: Option<Role>,
    pub folder: Arc<str>,
    pub prefix: Arc<str>,
    /// Text with own fields in braces.
    pub title: Option<Arc<str>>,
    pub date: Option<Arc<str>>,
    pub author: Option<Arc<str>>,
    /// In the order of the block, `must` before `may`; then those that every record may have
    /// (`title`, `tags`, `attachments`, `supersedes`, `notes`).
    pub fields: Vec<Field>,
    /// Exactly one of each pair stands.
    pub xor: Vec<(FieldPath, FieldPath)>,
    pub sense: Sense,
    pub sections: Vec<Arc<str>>,
    pub history: BTreeMap<Arc<str>, History>,
    /// What a new record is filled in with, in the order of the block.
    pub given: Vec<(FieldPath, Expression)>,
    pub citation: Citation,
    /// The block.
    pub span: Span,
}

/// A part that the program itself knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Person,
    Authorisation,
    /// What tells which records were disposed of.
    Disposal,
    /// What tells how a past breach was dealt with.
    BreachNote,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    pub name: Arc<str>,
    /// It must be there (`must` in a type, no `?` in a table).
    pub must: bool,
    pub field_type: FieldType,
    pub label: Words,
}

/// `orders` or `orders.due`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FieldPath(pub Vec<Arc<str>>);

#[derive(Clone, PartialEq, Debug)]
pub enum FieldType {
    Text,
    Date,
    Time,
    Number,
    Count,
    Money,
    Timestamp,
    YesNo,
    Enumeration(Arc<[Member]>),
    Phone,
    Email,
    Url,
    Reference(Target),
    Department,
    Post,
    PersonOrPost,
    List(Box<FieldType>),
    Table(Arc<[Field]>),
}

/// A value of an enumeration.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    pub name: Arc<str>,
    pub label: Words,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    Any,
    Type(Arc<str>),
}

/// A field whose past values follow from other records.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    pub from: Arc<str>,
    pub at: Arc<str>,
    pub value: Arc<str>,
}

/// Fields that every record may have, whatever its type says.
const COMMON: [&str; 5] = ["title", "tags", "attachments", "supersedes", "notes"];

impl Field {
    pub fn of_key<'f>(fields: &'f [Field], key: &str) -> Option<&'f Field> {
        fields.iter().find(|field| *field.name == *key)
    }

    /// The field of that key, or else of that label in any language.
    pub fn called<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
        Field::of_key(fields, name).or_else(|| fields.iter().find(|field| field.label.is(name)))
    }

    /// Whether every record may have a field of that name.
    pub fn is_common(name: &str) -> bool {
        COMMON.contains(&name)
    }
}

impl RecordType {
    /// The field of that key, or of that label in any language.
    pub fn field(&self, name: &str) -> Option<&Field> {
        Field::called(&self.fields, name)
    }

    /// Whether one of its records may refer by a field to a record of `target`; what supersedes is
    /// of the same type.
    pub fn may_refer(&self, field: &str, target: &str) -> bool {
        let field = Field::of_key(&self.fields, field);
        field.is_some_and(|field| (&*field.name != "supersedes" || *self.id == *target) && field.field_type.may_refer(target))
    }

    /// The names of the fields by which it may.
    pub fn referring_to(&self, target: &str) -> Vec<&Arc<str>> {
        self.fields.iter().map(|field| &field.name).filter(|field| self.may_refer(field, target)).collect()
    }
}

impl FieldType {
    /// Whether a value of it may refer to a record of `target`.
    fn may_refer(&self, target: &str) -> bool {
        match self {
            FieldType::Reference(Target::Any) => true,
            FieldType::Reference(Target::Type(id)) => **id == *target,
            FieldType::List(element) => element.may_refer(target),
            FieldType::Table(fields) => fields.iter().any(|field| field.field_type.may_refer(target)),
            _ => false,
        }
    }

    /// The type of a list's elements, or the type itself.
    pub fn element(&self) -> &FieldType {
        match self {
            FieldType::List(element) => element,
            other => other,
        }
    }
}
