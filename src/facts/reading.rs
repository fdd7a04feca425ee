//! What a field says, as far as an expression may rely on it.

use crate::{
    archive::{Entries, FieldEntry, FieldReading, Record},
    policy::{Field, FieldType, Value, expression::Stop},
    structure::says_nothing,
};
use std::collections::BTreeMap;

/// The value of a field: `Missing` for an optional one that is not there or left blank; unknown
/// where it must be there and is not, or where it cannot be read.
pub(super) fn field(record: &Record, name: &str) -> Result<Value, Stop> {
    let own = record.record_type.as_ref().ok_or(Stop::Unknown)?;
    let field = own.fields.iter().find(|field| &*field.name == name).ok_or(Stop::Unknown)?;
    match record.fields.get(name).filter(|entry| is_written(entry, &field.field_type)) {
        Some(entry) => value(entry, &field.field_type).ok_or(Stop::Unknown),
        None if field.must => Err(Stop::Unknown),
        None => Ok(Value::Missing),
    }
}

/// Whether something is written in a field that cannot be read as its type demands.
pub(super) fn is_unreadable(record: &Record, name: &str) -> bool {
    let own = record.record_type.as_ref().and_then(|own| own.fields.iter().find(|field| &*field.name == name));
    let written = |field: &&Field| record.fields.get(name).is_some_and(|entry| is_written(entry, &field.field_type));
    own.filter(written).is_some_and(|field| self::field(record, &field.name).is_err())
}

/// What was left blank, or put off (“—”, “待补”), was not written; but a text of nothing but white
/// space (in quotes) is a text, so that a rule can speak of it.
fn is_written(entry: &FieldEntry, field_type: &FieldType) -> bool {
    match &entry.reading {
        FieldReading::Blank { quoted } => *quoted && *field_type == FieldType::Text,
        FieldReading::Value(Value::Text(text)) => *field_type != FieldType::Text || !says_nothing(text),
        _ => true,
    }
}

fn value(entry: &FieldEntry, field_type: &FieldType) -> Option<Value> {
    match (&entry.reading, field_type) {
        (FieldReading::Value(Value::Text(text)), FieldType::Text) if says_nothing(text) => Some(Value::Text("".into())),
        (FieldReading::Value(value), _) => Some(value.clone()),
        (FieldReading::Blank { quoted: true }, FieldType::Text) => Some(Value::Text("".into())),
        (FieldReading::Rows(rows), FieldType::List(element)) => {
            let values: Option<Vec<Value>> = rows.iter().map(|row| value(row, element)).collect();
            Some(Value::List(values?.into()))
        }
        (FieldReading::Table(columns), FieldType::Table(fields)) => table(columns, fields),
        _ => None,
    }
}

/// A column that must be there and cannot be read is left out: whoever reads it finds it unknown,
/// and the other columns stand. An optional one left out would say that it was never written, so
/// the whole table is unknown.
fn table(columns: &Entries, fields: &[Field]) -> Option<Value> {
    let mut values = BTreeMap::new();
    for field in fields {
        let read = match columns.get(&field.name).filter(|entry| is_written(entry, &field.field_type)) {
            Some(entry) => value(entry, &field.field_type),
            None => (!field.must).then_some(Value::Missing),
        };
        match read {
            Some(value) => drop(values.insert(field.name.clone(), value)),
            None if field.must => {}
            None => return None,
        }
    }
    Some(Value::Table(values.into()))
}
