//! Sessions: who is signed in. The store holds a token's hash, never a token.

use super::{Store, StoreError};
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS session (
    token BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES account (person), since INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS sight (
    token BLOB PRIMARY KEY REFERENCES session (token) ON DELETE CASCADE, person TEXT NOT NULL) STRICT;";

/// A session ends when nothing was asked for so long.
pub const SESSION_IDLE: TimeDelta = TimeDelta::hours(8);
/// A session ends at this age.
pub const SESSION_AGE: TimeDelta = TimeDelta::hours(24);
/// How exactly the store knows when something was last asked: it need not write at every request.
const SEEN_STEP: TimeDelta = TimeDelta::minutes(1);

/// What a signed-in browser holds: 32 random bytes in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    fn random() -> Result<Token, StoreError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
        Ok(Token(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The token in a cookie's value.
    pub fn from_cookie(value: &str) -> Token {
        Token(value.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl Store {
    /// Signs a person in; clears away sessions that have ended.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn open_session(&self, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let token = Token::random()?;
        let connection = self.connection();
        let (idle, old) = limits(now);
        connection.execute("DELETE FROM session WHERE seen <= ?1 OR since <= ?2", params![idle, old])?;
        let sql = "INSERT INTO session (token, person, since, seen) VALUES (?1, ?2, ?3, ?3)";
        connection.execute(sql, params![token.hash(), &*person.0, now.timestamp()])?;
        Ok(token)
    }

    /// Who holds a token: nobody, when the session has ended or the account is shut. He is noted to have been here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn session(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<RecordId>, StoreError> {
        let Some((person, seen)) = self.holder(token, now)? else { return Ok(None) };
        if seen <= (now - SEEN_STEP).timestamp() {
            let sql = "UPDATE session SET seen = ?2 WHERE token = ?1";
            // On a full disk the session ends the sooner; that is no reason to turn the reader away now.
            let _not_noted = self.connection().execute(sql, params![token.hash(), now.timestamp()]);
        }
        Ok(Some(person))
    }

    /// The same, where a page asks by itself and nobody need be sitting before it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn idle_session(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<RecordId>, StoreError> {
        Ok(self.holder(token, now)?.map(|(person, _)| person))
    }

    fn holder(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<(RecordId, i64)>, StoreError> {
        let (idle, old) = limits(now);
        let connection = self.connection();
        let sql = "SELECT person, seen FROM session JOIN account USING (person)
            WHERE token = ?1 AND seen > ?2 AND since > ?3 AND NOT disabled";
        let read = |row: &rusqlite::Row<'_>| Ok((RecordId(row.get::<_, String>(0)?.into()), row.get::<_, i64>(1)?));
        Ok(connection.prepare_cached(sql)?.query_row(params![token.hash(), idle, old], read).optional()?)
    }

    /// As whom a session looks at the archive, where it is not as its own person.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sight(&self, token: &Token) -> Result<Option<RecordId>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare_cached("SELECT person FROM sight WHERE token = ?1")?;
        let person = query.query_row([token.hash()], |row| row.get::<_, String>(0)).optional()?;
        Ok(person.map(|person| RecordId(person.into())))
    }

    /// Has a session look at the archive as somebody else, or as its own person again.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn set_sight(&self, token: &Token, person: Option<&RecordId>) -> Result<(), StoreError> {
        let connection = self.connection();
        match person {
            Some(person) => {
                let sql = "INSERT INTO sight (token, person) VALUES (?1, ?2) ON CONFLICT (token) DO UPDATE SET person = ?2";
                connection.execute(sql, params![token.hash(), &*person.0])?
            }
            None => connection.execute("DELETE FROM sight WHERE token = ?1", [token.hash()])?,
        };
        Ok(())
    }

    /// # Errors
    /// Where the store fails.
    pub fn close_session(&self, token: &Token) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM session WHERE token = ?1", [token.hash()])?;
        Ok(())
    }
}

/// Sessions last seen, or opened, at or before these have ended.
fn limits(now: DateTime<Utc>) -> (i64, i64) {
    ((now - SESSION_IDLE).timestamp(), (now - SESSION_AGE).timestamp())
}
