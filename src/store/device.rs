//! Devices on which somebody has signed in before: whoever guesses at a name from elsewhere does not hinder its owner there. A device opens
//! nothing.

use super::{Store, StoreError, Token};
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS device (
    number INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL, person TEXT NOT NULL REFERENCES account (person), since INTEGER NOT NULL,
    UNIQUE (token, person)) STRICT;";

/// How long a device is remembered after the last time that somebody signed in there.
pub const DEVICE_AGE: TimeDelta = TimeDelta::days(180);
/// No more of one person's; the oldest are forgotten.
const A_PERSONS: i64 = 16;

impl Store {
    /// The number of a device on which a person has signed in before. The same work for a name that is nobody's.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn device(&self, token: &Token, person: &str, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let connection = self.connection()?;
        Ok(find(&connection, token, person, now)?)
    }

    /// Notes that a person has signed in on a device, and gives its token: a new one, unless this person has signed in there before. Who slips
    /// a token of his own into another's browser learns nothing and gains nothing.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn note_device(&self, token: Option<&Token>, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let mut connection = self.connection()?;
        let transaction = connection.transaction()?;
        let known = token.map(|token| find(&transaction, token, &person.0, now)).transpose()?.flatten();
        let token = token.filter(|_| known.is_some()).cloned().map_or_else(Token::random, Ok)?;
        let sql = "INSERT INTO device (token, person, since) VALUES (?1, ?2, ?3) ON CONFLICT (token, person) DO UPDATE SET since = ?3";
        transaction.execute(sql, params![token.hash(), &*person.0, now.timestamp()])?;
        let oldest = "DELETE FROM device WHERE since <= ?2 OR (person = ?1 AND number NOT IN
            (SELECT number FROM device WHERE person = ?1 ORDER BY since DESC, number DESC LIMIT ?3))";
        transaction.execute(oldest, params![&*person.0, (now - DEVICE_AGE).timestamp(), A_PERSONS])?;
        transaction.commit()?;
        Ok(token)
    }
}

fn find(connection: &Connection, token: &Token, person: &str, now: DateTime<Utc>) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT number FROM device WHERE token = ?1 AND person = ?2 AND since > ?3";
    let mut query = connection.prepare_cached(sql)?;
    query.query_row(params![token.hash(), person, (now - DEVICE_AGE).timestamp()], |row| row.get(0)).optional()
}

/// Forgets the devices of a person.
pub(super) fn end_all(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM device WHERE person = ?1", [person]).map(|_| ())
}
