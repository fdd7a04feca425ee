//! Asks for access: who would read what, why and until when. They are kept whether the record is
//! there or not; only who sees it decides.

use super::StoreError;
use crate::source::RecordId;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Asks of one person in a day, whatever they are for.
pub const ASKS_A_DAY: usize = 20;
/// Nobody has answered: it is forgotten.
pub(super) const ASK_KEPT: TimeDelta = TimeDelta::days(90);

/// Somebody asks for access to a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    pub number: i64,
    pub person: RecordId,
    pub record: RecordId,
    pub purpose: String,
    /// The last day of the access.
    pub until: NaiveDate,
    pub at: DateTime<Utc>,
}

/// What is asked, before it has a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAsk {
    pub person: RecordId,
    pub record: RecordId,
    pub purpose: String,
    pub until: NaiveDate,
}

/// Who asks for access to what.
#[async_trait]
pub trait Asks: Send + Sync {
    /// Keeps an ask; `false` where the person has asked too often in the last day.
    ///
    /// # Errors
    /// Where the store fails.
    async fn ask(&self, asked: NewAsk, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// The asks that nobody has decided, the oldest first; of equal person and record the last.
    ///
    /// # Errors
    /// Where the store fails.
    async fn open_asks(&self) -> Result<Vec<Ask>, StoreError>;

    /// Takes an ask to decide it, and with it what else the same person asked of the same record:
    /// of two who take it at once one alone gets it.
    ///
    /// # Errors
    /// Where the store fails.
    async fn take_ask(&self, ask: &Ask) -> Result<bool, StoreError>;

    /// Puts back an ask that was taken, and about which nothing could be decided.
    ///
    /// # Errors
    /// Where the store fails.
    async fn put_back(&self, ask: &Ask) -> Result<(), StoreError>;
}
