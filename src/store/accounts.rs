//! Accounts: a person on file, and the hash of a password.

use super::{Password, StoreError};
use crate::source::RecordId;
use async_trait::async_trait;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub person: RecordId,
    pub password: Password,
    pub disabled: bool,
}

/// Who has an account. Whatever ends an account's rights ends in one transaction all that opens
/// something of the person's without the password, or makes it easier to guess: sessions, one-time
/// links, the address of the calendar, devices. What has ended does not come back.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::KnownAccount`] where there is one already, or the store fails.
    async fn add_account(&self, person: &RecordId, password: &Password) -> Result<(), StoreError>;

    /// Gives an account a new password, and ends what hangs on it.
    ///
    /// # Errors
    /// [`StoreError::UnknownAccount`] where there is none, or the store fails.
    async fn set_password(&self, person: &RecordId, password: &Password) -> Result<(), StoreError>;

    /// Shuts an account, and ends what hangs on it.
    ///
    /// # Errors
    /// [`StoreError::UnknownAccount`] where there is none, or the store fails.
    async fn disable(&self, person: &RecordId) -> Result<(), StoreError>;

    /// Opens a shut account again.
    ///
    /// # Errors
    /// [`StoreError::UnknownAccount`] where there is none, or the store fails.
    async fn enable(&self, person: &RecordId) -> Result<(), StoreError>;

    /// The account of that name, as somebody has written it: it need not be anybody's.
    ///
    /// # Errors
    /// Where the store fails.
    async fn account(&self, person: &str) -> Result<Option<Account>, StoreError>;

    /// All accounts, in the order of the persons' ids.
    ///
    /// # Errors
    /// Where the store fails.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;
}
