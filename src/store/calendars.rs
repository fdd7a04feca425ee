//! The addresses of calendars: a secret for each person who wants one, for calendar programs cannot
//! sign in.

use super::{StoreError, Token};
use crate::source::RecordId;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Who has a calendar with an address.
#[async_trait]
pub trait Calendars: Send + Sync {
    /// Makes a secret address for a person; the earlier one ends.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    async fn open_calendar(&self, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError>;

    /// Whose calendar a secret opens: nobody's, when there is a later one or the account is shut.
    ///
    /// # Errors
    /// Where the store fails.
    async fn calendar(&self, secret: &Token) -> Result<Option<RecordId>, StoreError>;

    /// Since when a person's calendar has its address.
    ///
    /// # Errors
    /// Where the store fails.
    async fn calendar_since(&self, person: &RecordId) -> Result<Option<DateTime<Utc>>, StoreError>;
}
