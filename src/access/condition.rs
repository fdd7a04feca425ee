//! What an expression about one record comes to, where access or an approval hangs on it.

use crate::{
    facts::Facts,
    policy::{
        Expression, Value,
        expression::{Budget, Stop},
    },
    source::RecordId,
};

/// Steps that the conditions and the readers of one record's blocks may take together.
pub(super) const STEPS: u64 = 100_000;

/// The value of an expression about a record, which may take [`STEPS`] of its own.
///
/// # Errors
/// Where it cannot be told, or takes too many steps.
pub(super) fn evaluated(expression: &Expression, record: Option<&RecordId>, facts: &Facts<'_>) -> Result<Value, Stop> {
    expression.evaluate(record, &[], facts, &Budget::new(STEPS))
}
