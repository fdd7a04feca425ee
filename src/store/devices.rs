//! Devices on which somebody has signed in before: whoever guesses at a name from elsewhere does
//! not hinder its owner there. A device opens nothing.

use super::{StoreError, Token};
use crate::source::RecordId;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a device is remembered after the last time that somebody signed in there.
pub const DEVICE_AGE: TimeDelta = TimeDelta::days(180);
/// No more of one person's; the oldest are forgotten.
pub(super) const DEVICES_OF_ONE: i64 = 16;

/// Who has signed in where.
#[async_trait]
pub trait Devices: Send + Sync {
    /// The number of a device on which a person has signed in before. The same work for a name that
    /// is nobody's.
    ///
    /// # Errors
    /// Where the store fails.
    async fn device(&self, token: &Token, person: &str, now: DateTime<Utc>) -> Result<Option<i64>, StoreError>;

    /// Notes that a person has signed in on a device, and gives its token: a new one, unless this
    /// person has signed in there before. Whoever slips a token of their own into another's browser
    /// learns nothing and gains nothing.
    ///
    /// # Errors
    /// Where the store fails.
    async fn note_device(&self, token: Option<&Token>, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError>;
}
