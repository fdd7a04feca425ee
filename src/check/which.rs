//! What tells the duties of one id about one record apart: the row of `each` that each is for. It
//! stays the same from day to day, and when another row is done.

use crate::policy::{Each, Value, expression::Type};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Which of the duties of one id about one record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Which {
    /// There is but one: the duty has no `each`.
    Only,
    /// That of a row: a digest of what the variables of `each` stand for.
    Row([u8; 32]),
    /// That of some row, of which the reader may know nothing: neither what stands in it, nor that
    /// it has changed.
    Untold,
}

impl Which {
    /// The same for whoever may not know the row.
    pub(super) fn untold(self) -> Which {
        if self == Which::Only { Which::Only } else { Which::Untold }
    }
}

/// Tells rows apart in the order in which they are met, those that are done included: of equal ones
/// the first stays the first.
#[derive(Default)]
pub(super) struct Rows(BTreeMap<[u8; 32], u64>);

impl Rows {
    pub fn next(&mut self, each: &[Each], values: &[Value]) -> Which {
        if each.is_empty() {
            return Which::Only;
        }
        let mut written = Vec::new();
        each.iter().zip(values).for_each(|(each, value)| write(value, element(&each.list.result), &mut written));
        let number = self.0.entry(Sha256::digest(&written).into()).or_default();
        *number += 1;
        written.extend(number.to_le_bytes());
        Which::Row(Sha256::digest(&written).into())
    }
}

fn element(list: &Type) -> &Type {
    match list {
        Type::List(element) => element,
        Type::Optional(list) => element(list),
        other => other,
    }
}

/// Writes a value so that no two are written alike. Of a row of a table the columns that must be
/// there: what is filled in later (paid, done) does not make another row of it.
fn write(value: &Value, kind: &Type, out: &mut Vec<u8>) {
    match (value, kind) {
        (Value::List(values), _) => {
            out.extend((values.len() as u64).to_le_bytes());
            values.iter().for_each(|value| write(value, element(kind), out));
        }
        (Value::Table(columns), Type::Table(types)) => {
            for (name, kind) in types.iter().filter(|(_, kind)| !matches!(kind, Type::Optional(_))) {
                text(name, out);
                write(columns.get(name).unwrap_or(&Value::Missing), kind, out);
            }
        }
        (plain, _) => text(&plain.to_string(), out),
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}
