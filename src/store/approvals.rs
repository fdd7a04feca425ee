//! What a server has seen of approvals: lines of the register as they were written there, which content of an id was approved last
//! and when (RFC 3339), which authorisations have ended, and the files of people as they were approved last. Only ever added to,
//! but by an administrator.

use super::StoreError;
use crate::{approval::Remembered, source::RecordId};
use async_trait::async_trait;

/// What was seen of approvals, by any server of an intranet.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// All that was seen, the lines in the order in which they were.
    ///
    /// # Errors
    /// Where the store fails, or holds what was not written by it.
    async fn remembered(&self) -> Result<Remembered, StoreError>;

    /// Adds what is seen for the first time, all of it or nothing.
    ///
    /// # Errors
    /// Where the store fails.
    async fn remember(&self, seen: &Remembered) -> Result<(), StoreError>;

    /// Forgets all that was seen of an id: for an administrator who has restored an older archive on purpose. Whether there was
    /// something.
    ///
    /// # Errors
    /// Where the store fails.
    async fn forget(&self, id: &RecordId) -> Result<bool, StoreError>;
}
