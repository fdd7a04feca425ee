//! `field=value` as the writer gives it, by key or label; columns of a table as `field.column`.

use crate::{
    diagnostic::{Words, nearest},
    policy::{Field, FieldPath, FieldType, RecordType, Value},
};
use std::{collections::BTreeMap, sync::Arc};

/// The values that are known before the draft is written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Given {
    id: Option<String>,
    /// A list by its parts, everything else as one; without any, the field is to be left blank.
    pub(super) values: BTreeMap<Vec<Arc<str>>, Vec<String>>,
}

/// Why a value cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GivenError {
    /// Not of the form `field=value`.
    Form(String),
    /// No field of that key or label; the known one that is near.
    Unknown {
        written: String,
        near: Option<String>,
    },
    /// A table is given column by column.
    Table {
        written: String,
        columns: Vec<String>,
    },
    Twice(String),
    /// An id is a name for a file too.
    Id(String),
    /// No value of the field's type: what is wrong with it, and what to write.
    Misfit(Words, Words),
    /// No record that the writer may read has that id or title; what was probably meant, id and
    /// title.
    NoRecord {
        written: String,
        /// The type that is to be named; `None` where any is.
        of: Option<Words>,
        near: Option<String>,
    },
    /// Several records have that title: each with its id and title.
    Several {
        written: String,
        records: Vec<String>,
    },
    /// The record is of another type than the one that is to be named.
    OtherType {
        id: String,
        is: Words,
        of: Words,
    },
}

impl Given {
    /// Reads pairs of field and value for a type. An empty value leaves the field blank.
    ///
    /// # Errors
    /// At the first that is none, names no field, or names one again.
    pub fn read<'t>(record_type: &RecordType, pairs: impl IntoIterator<Item = &'t str>) -> Result<Given, GivenError> {
        let mut given = Given::default();
        for pair in pairs {
            let (written, value) = pair.split_once('=').ok_or_else(|| GivenError::Form(pair.to_owned()))?;
            given.take(record_type, written.trim(), value.trim())?;
        }
        Ok(given)
    }

    fn take(&mut self, record_type: &RecordType, written: &str, value: &str) -> Result<(), GivenError> {
        let twice = || GivenError::Twice(written.to_owned());
        if written == "id" {
            let id = Some(value.to_owned()).filter(|id| is_id(id)).ok_or_else(|| GivenError::Id(value.to_owned()))?;
            return self.id.replace(id).map_or(Ok(()), |_| Err(twice()));
        }
        let (path, field) = path(&record_type.fields, written)?;
        let values: Vec<String> = match field.field_type {
            FieldType::List(_) => parts(value).map(str::to_owned).collect(),
            _ => [value].into_iter().filter(|value| !value.is_empty()).map(str::to_owned).collect(),
        };
        self.values.insert(path, values).map_or(Ok(()), |_| Err(twice()))
    }

    /// What follows from the rest: never in the place of what was given, nor beside what a pair
    /// leaves no room for.
    pub(super) fn add(&mut self, record_type: &RecordType, path: &[Arc<str>], value: &Value) -> bool {
        let rival =
            |(one, other): &(FieldPath, FieldPath)| (one.0 == path && self.reaches(&other.0)) || (other.0 == path && self.reaches(&one.0));
        let values: Vec<String> = match value {
            Value::List(values) => values.iter().map(plain).collect(),
            value => vec![plain(value)],
        };
        let is_new = !values.iter().all(String::is_empty) && !self.values.contains_key(path) && !record_type.xor.iter().any(rival);
        if is_new {
            self.values.insert(path.to_vec(), values);
        }
        is_new
    }

    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The same with this id, unless another was given.
    ///
    /// # Errors
    /// Where it cannot be one.
    pub fn or_named(self, id: String) -> Result<Given, GivenError> {
        match self.id {
            Some(_) => Ok(self),
            None if is_id(&id) => Ok(Given { id: Some(id), ..self }),
            None => Err(GivenError::Id(id)),
        }
    }

    pub(super) fn get(&self, path: &[Arc<str>]) -> Option<&[String]> {
        self.values.get(path).map(Vec::as_slice).filter(|values| !values.is_empty())
    }

    /// Whether a value was given for the field or for a column of it.
    pub(super) fn reaches(&self, path: &[Arc<str>]) -> bool {
        self.values.iter().any(|(given, values)| given.starts_with(path) && !values.is_empty())
    }
}

/// A value as it is written into a field.
fn plain(value: &Value) -> String {
    match value {
        Value::Bool(yes) => (if *yes { "yes" } else { "no" }).to_owned(),
        other => other.to_string(),
    }
}

/// The parts of a list's value.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、']).map(str::trim).filter(|part| !part.is_empty())
}

/// Letters of any script, digits, and `-`, `_`, `.` within.
pub(crate) fn is_id(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let plain = text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    plain && ends(text.chars().next()) && ends(text.chars().last()) && text.len() <= 100
}

fn path<'f>(fields: &'f [Field], written: &str) -> Result<(Vec<Arc<str>>, &'f Field), GivenError> {
    if let Some(field) = Field::called(fields, written) {
        return match field.field_type.element() {
            FieldType::Table(columns) => Err(table(written, columns)),
            _ => Ok((vec![field.name.clone()], field)),
        };
    }
    let head_and_rest = written.split_once('.').and_then(|(head, rest)| Some((Field::called(fields, head)?, head, rest)));
    let Some((field, head, rest)) = head_and_rest else { return Err(unknown(fields, written, "")) };
    let FieldType::Table(columns) = field.field_type.element() else { return Err(unknown(fields, written, "")) };
    let (below, column) = path(columns, rest).map_err(|error| match error {
        GivenError::Unknown { .. } => unknown(columns, rest, head),
        GivenError::Table { columns, .. } => GivenError::Table { written: written.to_owned(), columns },
        other => other,
    })?;
    Ok((std::iter::once(field.name.clone()).chain(below).collect(), column))
}

fn unknown(fields: &[Field], written: &str, head: &str) -> GivenError {
    let within = |name: &str| if head.is_empty() { name.to_owned() } else { format!("{head}.{name}") };
    let labels = || fields.iter().flat_map(|field| [field.label.zh.as_str(), &field.label.en]);
    let near = nearest(written, fields.iter().map(|field| &*field.name)).or_else(|| nearest(written, labels()));
    GivenError::Unknown { written: within(written), near: near.map(within) }
}

fn table(written: &str, columns: &[Field]) -> GivenError {
    GivenError::Table { written: written.to_owned(), columns: columns.iter().map(|column| format!("{written}.{}", column.name)).collect() }
}
