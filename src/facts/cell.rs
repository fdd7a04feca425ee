//! Under what a record stands for whoever looks for records by the value of a field.

use super::relied_on;
use crate::{
    archive::Record,
    policy::{Policies, RecordType, Value, expression::Stop},
};
use std::{collections::BTreeSet, sync::Arc};

/// Under what a record stands in the column of a field.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Cell {
    /// A value, in a form that is equal for equal ones.
    Value(Box<str>),
    /// Its field cannot be read, or it need not have what another version of its type demands:
    /// whoever filters must meet it, and finds it unknown.
    Unreadable,
}

impl Cell {
    /// Under what a record stands; nothing where it has no such value.
    pub(super) fn of(record: &Record, field: &str, is_demanded: bool) -> Option<Cell> {
        match value(record, field) {
            Ok(Value::Missing) if !is_demanded => None,
            read => Some(read.ok().as_ref().and_then(key).map_or(Cell::Unreadable, Cell::Value)),
        }
    }

    /// The cells in which a record stands, by the fields of all versions of its type.
    pub(super) fn all_of(record: &Record, own: &RecordType, policies: &Policies) -> Vec<(Arc<str>, Cell)> {
        let fields: BTreeSet<&Arc<str>> =
            policies.versions_of(&own.id).flat_map(|version| &version.fields).map(|field| &field.name).collect();
        let named = ["id", "type"].map(Arc::from);
        let fields = fields.into_iter().cloned().chain(named);
        fields.filter_map(|field| Some((field.clone(), Cell::of(record, &field, is_demanded(policies, &own.id, &field))?))).collect()
    }

    /// That of a value, where it can be looked up by.
    pub(super) fn of_value(value: &Value) -> Option<Cell> {
        key(value).map(Cell::Value)
    }
}

/// Whether a version of a type demands a field.
pub(super) fn is_demanded(policies: &Policies, record_type: &str, field: &str) -> bool {
    policies.versions_of(record_type).any(|own| own.fields.iter().any(|known| &*known.name == field && known.must))
}

fn value(record: &Record, field: &str) -> Result<Value, Stop> {
    match field {
        "id" => Ok(Value::Text(record.id.0.clone())),
        "type" => record.record_type.as_ref().map(|t| Value::Text(t.id.clone())).ok_or(Stop::Unknown),
        _ if has(record, field) => relied_on(record, field),
        _ => Ok(Value::Missing),
    }
}

fn has(record: &Record, field: &str) -> bool {
    record.record_type.as_ref().is_some_and(|own| own.fields.iter().any(|known| &*known.name == field))
}

/// Equal for equal values; `None` for those that are not looked up by.
pub(super) fn key(value: &Value) -> Option<Box<str>> {
    let key = match value {
        Value::Bool(value) => format!("b{value}"),
        Value::Number(number) => format!("n{}", number.normalize()),
        Value::Text(text) => format!("t{text}"),
        Value::Date(date) => format!("d{date}"),
        Value::Time(time) => format!("c{time}"),
        Value::Timestamp(at) => format!("s{}", at.timestamp_micros()),
        Value::Duration(duration) => format!("p{} {}", duration.months, duration.days),
        Value::Record(id) => format!("r{id}"),
        Value::Missing | Value::List(_) | Value::Table(_) => return None,
    };
    Some(key.into())
}
