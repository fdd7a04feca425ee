//! Sessions: who is signed in.

use super::{Account, Password, StoreError, Token};
use crate::source::RecordId;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// A session ends when nothing was asked for so long.
pub const SESSION_IDLE: TimeDelta = TimeDelta::hours(8);
/// A session ends at this age.
pub const SESSION_AGE: TimeDelta = TimeDelta::hours(24);
/// No more of one person's are open at once; the earliest end.
pub(super) const SESSIONS_OF_ONE: i64 = 32;
/// How exactly the store knows when something was last asked: it need not write at every request.
pub(super) const SEEN_STEP: TimeDelta = TimeDelta::minutes(1);

/// A session that has not ended, as its person is told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSession {
    pub since: DateTime<Utc>,
    pub seen: DateTime<Utc>,
    /// It is the one in which the person asks.
    pub this: bool,
}

/// Who holds a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    pub person: RecordId,
    /// As whom the session looks at the archive, where it is not as its own person.
    pub sight: Option<RecordId>,
}

/// Whether anybody sits before a page that asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// The session was used.
    Here,
    /// A page asks by itself; the session may go idle meanwhile.
    Unknown,
}

/// Who is signed in. A session that has ended, by whichever server or command, is refused at the
/// next question.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Signs in whose account this is, and clears away sessions that have ended. `None` where the
    /// account has been shut or given another password since it was read: what ends all sessions
    /// must end this one too.
    ///
    /// # Errors
    /// Where the store fails.
    async fn open_session(&self, account: &Account, now: DateTime<Utc>) -> Result<Option<Token>, StoreError>;

    /// Who holds a token: nobody, when the session has ended or the account is shut. That the
    /// session was used is noted down, but no oftener than once a minute; where it cannot be, the
    /// session ends the sooner.
    ///
    /// # Errors
    /// Where the store fails.
    async fn holder(&self, token: &Token, presence: Presence, now: DateTime<Utc>) -> Result<Option<Holder>, StoreError>;

    /// Has a session look at the archive as somebody else, or as its own person again.
    ///
    /// # Errors
    /// Where there is no such session, or the store fails.
    async fn set_sight(&self, token: &Token, person: Option<&RecordId>) -> Result<(), StoreError>;

    /// A person's sessions that have not ended, the latest first; which of them the token is of.
    ///
    /// # Errors
    /// Where the store fails.
    async fn sessions(&self, person: &RecordId, token: &Token, now: DateTime<Utc>) -> Result<Vec<OpenSession>, StoreError>;

    /// Gives the person who holds a token a new password; every other session ends, and so do
    /// links, devices and the calendar's address, and this session goes on under a new token.
    /// `None` where the session has ended meanwhile.
    ///
    /// # Errors
    /// Where the store fails.
    async fn change_password(&self, token: &Token, person: &RecordId, password: &Password) -> Result<Option<Token>, StoreError>;

    /// Ends a session, even on a full disk.
    ///
    /// # Errors
    /// Where the store fails.
    async fn close_session(&self, token: &Token) -> Result<(), StoreError>;

    /// Signs a person out everywhere, even on a full disk: calendar programs too, for the address
    /// is all that they need.
    ///
    /// # Errors
    /// [`StoreError::UnknownAccount`] where there is none, or the store fails.
    async fn close_sessions(&self, person: &RecordId) -> Result<(), StoreError>;
}
