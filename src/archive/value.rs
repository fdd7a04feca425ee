//! What the fields of a record say: read here alone, for pages and for rules. Of what is put off
//! (“—”, “待补”) or was not understood each of them needs another answer.

use super::{Entries, FieldEntry, FieldReading, Record, shape::says_nothing};
use crate::policy::{Field, FieldType, Value};
use std::{collections::BTreeMap, sync::Arc};

/// What a value is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    /// To be shown, exported or gone by: as it is written, all of it or nothing.
    Showing,
    /// To be judged. What is put off was not written. A text of nothing but white space, in quotes,
    /// is a text, so that a rule can speak of it. What can be read of a table counts: whoever asks
    /// for a column that must be there and cannot be read finds it unknown.
    Judging,
}

/// What a rule may rely on of a field.
#[derive(Clone, PartialEq, Debug)]
pub enum FieldSays {
    Value(Value),
    /// It is not there, left blank or put off; `must`: though it must be there.
    Nothing {
        must: bool,
    },
    /// What stands there is not of the field's type, or a part of it that nobody could do without.
    Unreadable,
}

impl Record {
    /// The value of a field as it is written; `None` where it is missing, blank or unreadable (also
    /// in a part).
    pub fn value(&self, field: &str) -> Option<Value> {
        let field = Field::of_key(&self.record_type.as_ref()?.fields, field)?;
        self.fields.get(&field.name)?.value(&field.field_type, Purpose::Showing)
    }

    /// What a rule may rely on of a field; `None` where the record's type has none of that key.
    pub fn says(&self, field: &str) -> Option<FieldSays> {
        let field = Field::of_key(&self.record_type.as_ref()?.fields, field)?;
        let entry = self.fields.get(&field.name).filter(|entry| entry.counts(&field.field_type, Purpose::Judging));
        let Some(entry) = entry else { return Some(FieldSays::Nothing { must: field.must }) };
        Some(entry.value(&field.field_type, Purpose::Judging).map_or(FieldSays::Unreadable, FieldSays::Value))
    }
}

impl FieldEntry {
    /// Whether something is written there.
    fn counts(&self, field_type: &FieldType, purpose: Purpose) -> bool {
        let is_text = *field_type == FieldType::Text && purpose == Purpose::Judging;
        match &self.reading {
            FieldReading::Blank { quoted } => *quoted && is_text,
            FieldReading::Value(Value::Text(text)) => !(is_text && says_nothing(text)),
            _ => true,
        }
    }

    /// Its value as one of this type; `None` where it, or a part of it, cannot be read. In a table a
    /// column that need not be there and is not is [`Value::Missing`]; one that must be there and
    /// is not is left out.
    fn value(&self, field_type: &FieldType, purpose: Purpose) -> Option<Value> {
        let empty = || Some(Value::Text("".into()));
        match (&self.reading, field_type) {
            (FieldReading::Value(Value::Text(text)), FieldType::Text) if purpose == Purpose::Judging && says_nothing(text) => empty(),
            (FieldReading::Blank { quoted: true }, FieldType::Text) if purpose == Purpose::Judging => empty(),
            (FieldReading::Value(value), _) => Some(value.clone()),
            (FieldReading::Rows(rows), FieldType::List(element)) => {
                rows.iter().map(|row| row.value(element, purpose)).collect::<Option<Arc<[Value]>>>().map(Value::List)
            }
            (FieldReading::Table(cells), FieldType::Table(columns)) => table(cells, columns, purpose),
            _ => None,
        }
    }
}

fn table(cells: &Entries, columns: &[Field], purpose: Purpose) -> Option<Value> {
    let mut values = BTreeMap::new();
    for column in columns {
        let cell = cells.get(&column.name).filter(|cell| cell.counts(&column.field_type, purpose));
        match cell.map(|cell| cell.value(&column.field_type, purpose)) {
            Some(Some(value)) => drop(values.insert(column.name.clone(), value)),
            // An optional one left out would say that it was never written.
            Some(None) if !(column.must && purpose == Purpose::Judging) => return None,
            None if !column.must => drop(values.insert(column.name.clone(), Value::Missing)),
            Some(None) | None => {}
        }
    }
    Some(Value::Table(values.into()))
}
