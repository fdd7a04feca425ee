//! One-time links: who holds one may set a password without knowing one, so that nobody else ever
//! knows it.

use super::{Password, StoreError, Token};
use crate::source::RecordId;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// How long a person's link may be used.
pub const LINK_AGE: TimeDelta = TimeDelta::hours(48);
/// How long the link for an archive's first account may be used: whoever started the server sits
/// before it.
pub const FIRST_LINK_AGE: TimeDelta = TimeDelta::hours(24);

/// For whom a link is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Invitation {
    /// For whoever makes the first account; dead as soon as there is one.
    First,
    /// For a person: one who has no account yet, or sets a new password.
    Person(RecordId),
}

impl Invitation {
    pub(super) fn person(&self) -> Option<&str> {
        match self {
            Invitation::First => None,
            Invitation::Person(person) => Some(&person.0),
        }
    }

    pub(super) fn age(&self) -> TimeDelta {
        match self {
            Invitation::First => FIRST_LINK_AGE,
            Invitation::Person(_) => LINK_AGE,
        }
    }
}

/// Who is invited to set a password.
#[async_trait]
pub trait Invitations: Send + Sync {
    /// Makes a link; an earlier one for the same ends.
    ///
    /// # Errors
    /// [`StoreError::ShutAccount`] where the account is shut, or the store fails.
    async fn invite(&self, invitation: &Invitation, now: DateTime<Utc>) -> Result<Token, StoreError>;

    /// For whom a link is; nothing where it was used, has run out, or never was, the account is
    /// shut, or it is the first one and there is an account.
    ///
    /// # Errors
    /// Where the store fails.
    async fn invitation(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<Invitation>, StoreError>;

    /// Until when each person's link may be used.
    ///
    /// # Errors
    /// Where the store fails.
    async fn open_links(&self, now: DateTime<Utc>) -> Result<BTreeMap<RecordId, DateTime<Utc>>, StoreError>;

    /// Uses a link up: gives the person this password, makes the account where there is none, and
    /// ends the account's sessions and the address of its calendar. The token of a new session;
    /// `None` where the link is not (or no longer) one for this person. Of two at once one alone
    /// gets through.
    ///
    /// # Errors
    /// Where the store fails.
    async fn accept(&self, token: &Token, person: &RecordId, password: &Password, now: DateTime<Utc>) -> Result<Option<Token>, StoreError>;
}
