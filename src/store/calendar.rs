//! The addresses of calendars: a secret for each person who wants one, for calendar programs cannot sign in.

use super::{Store, StoreError, Token};
use crate::source::RecordId;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS calendar (
    person TEXT PRIMARY KEY REFERENCES account (person), secret BLOB NOT NULL UNIQUE, since INTEGER NOT NULL) STRICT;";

impl Store {
    /// Makes a secret address for a person; the earlier one ends.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn open_calendar(&self, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let secret = Token::random()?;
        let sql = "INSERT INTO calendar (person, secret, since) VALUES (?1, ?2, ?3)
            ON CONFLICT (person) DO UPDATE SET secret = ?2, since = ?3";
        self.connection()?.execute(sql, params![&*person.0, secret.hash(), now.timestamp()])?;
        Ok(secret)
    }

    /// Whose calendar a secret opens: nobody's, when there is a later one or the account is shut.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn calendar(&self, secret: &Token) -> Result<Option<RecordId>, StoreError> {
        let sql = "SELECT person FROM calendar JOIN account USING (person) WHERE secret = ?1 AND NOT disabled";
        let connection = self.connection()?;
        let person = connection.prepare_cached(sql)?.query_row([secret.hash()], |row| row.get::<_, String>(0)).optional()?;
        Ok(person.map(|person| RecordId(person.into())))
    }

    /// Since when a person's calendar has its address.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn calendar_since(&self, person: &RecordId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let connection = self.connection()?;
        let mut query = connection.prepare_cached("SELECT since FROM calendar WHERE person = ?1")?;
        let since = query.query_row([&*person.0], |row| row.get(0)).optional()?;
        Ok(since.and_then(|since| DateTime::from_timestamp(since, 0)))
    }
}

/// Ends the address of a person's calendar.
pub(super) fn end(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM calendar WHERE person = ?1", [person]).map(|_| ())
}
