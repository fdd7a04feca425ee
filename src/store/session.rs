//! Sessions: who is signed in.

use super::{Account, Password, Store, StoreError, Token, account, calendar, device, invitation};
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS session (
    token BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES account (person), since INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS sight (
    token BLOB PRIMARY KEY REFERENCES session (token) ON DELETE CASCADE ON UPDATE CASCADE, person TEXT NOT NULL) STRICT;";

/// A session ends when nothing was asked for so long.
pub const SESSION_IDLE: TimeDelta = TimeDelta::hours(8);
/// A session ends at this age.
pub const SESSION_AGE: TimeDelta = TimeDelta::hours(24);
/// No more of one person's are open at once; the earliest end.
const A_PERSONS: i64 = 32;
/// How exactly the store knows when something was last asked: it need not write at every request.
const SEEN_STEP: TimeDelta = TimeDelta::minutes(1);

/// A session that has not ended, as its person is told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSession {
    pub since: DateTime<Utc>,
    pub seen: DateTime<Utc>,
    /// It is the one in which the person asks.
    pub this: bool,
}

impl Store {
    /// Signs in whose account this is, and clears away sessions that have ended. `None` where the account has been shut or given another
    /// password since it was read: what ends all sessions must end this one too.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn open_session(&self, account: &Account, now: DateTime<Utc>) -> Result<Option<Token>, StoreError> {
        let mut connection = self.connection()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if account::find(&transaction, &account.person.0)?.is_none_or(|now| now != *account || now.disabled) {
            return Ok(None);
        }
        let token = open(&transaction, &account.person.0, now)?;
        transaction.commit()?;
        Ok(Some(token))
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
            let _not_noted = self.connection()?.execute(sql, params![token.hash(), now.timestamp()]);
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
        let connection = self.connection()?;
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
        let connection = self.connection()?;
        let mut query = connection.prepare_cached("SELECT person FROM sight WHERE token = ?1")?;
        let person = query.query_row([token.hash()], |row| row.get::<_, String>(0)).optional()?;
        Ok(person.map(|person| RecordId(person.into())))
    }

    /// Has a session look at the archive as somebody else, or as its own person again.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn set_sight(&self, token: &Token, person: Option<&RecordId>) -> Result<(), StoreError> {
        let connection = self.connection()?;
        match person {
            Some(person) => {
                let sql = "INSERT INTO sight (token, person) VALUES (?1, ?2) ON CONFLICT (token) DO UPDATE SET person = ?2";
                connection.execute(sql, params![token.hash(), &*person.0])?
            }
            None => connection.execute("DELETE FROM sight WHERE token = ?1", [token.hash()])?,
        };
        Ok(())
    }

    /// A person's sessions, the latest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sessions(&self, person: &RecordId, token: &Token, now: DateTime<Utc>) -> Result<Vec<OpenSession>, StoreError> {
        let (idle, old) = limits(now);
        let connection = self.connection()?;
        let sql =
            "SELECT since, seen, token = ?2 FROM session WHERE person = ?1 AND seen > ?3 AND since > ?4 ORDER BY since DESC, seen DESC";
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let read = |row: &rusqlite::Row<'_>| Ok(OpenSession { since: at(row.get(0)?), seen: at(row.get(1)?), this: row.get(2)? });
        let mut query = connection.prepare_cached(sql)?;
        let sessions = query.query_map(params![&*person.0, token.hash(), idle, old], read)?.collect::<rusqlite::Result<_>>()?;
        Ok(sessions)
    }

    /// Gives the person who holds a token a new password; every other session ends, and so do links, devices and the calendar's address, and this session
    /// goes on under a new token. `None` where the session has ended meanwhile.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn change_password(&self, token: &Token, person: &RecordId, password: &Password) -> Result<Option<Token>, StoreError> {
        let renewed = Token::random()?;
        let mut connection = self.connection()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "UPDATE session SET token = ?2 WHERE token = ?1 AND person = ?3";
        if transaction.execute(sql, params![token.hash(), renewed.hash(), &*person.0])? == 0 {
            return Ok(None);
        }
        transaction.execute("DELETE FROM session WHERE person = ?1 AND token <> ?2", params![&*person.0, renewed.hash()])?;
        transaction.execute("UPDATE account SET password = ?2 WHERE person = ?1", params![&*person.0, password.hash()])?;
        invitation::end_all(&transaction, &person.0)?;
        calendar::end(&transaction, &person.0)?;
        device::end_all(&transaction, &person.0)?;
        transaction.commit()?;
        Ok(Some(renewed))
    }

    /// # Errors
    /// Where the store fails.
    pub fn close_session(&self, token: &Token) -> Result<(), StoreError> {
        self.end(|connection| {
            connection.execute("DELETE FROM session WHERE token = ?1", [token.hash()])?;
            Ok(())
        })
    }

    /// Signs a person out everywhere: calendar programs too, for the address is all that they need.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn close_sessions(&self, person: &RecordId) -> Result<(), StoreError> {
        self.end(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if account::find(&transaction, &person.0)?.is_none() {
                return Err(StoreError::UnknownAccount(person.to_string()));
            }
            end_all(&transaction, &person.0)?;
            calendar::end(&transaction, &person.0)?;
            device::end_all(&transaction, &person.0)?;
            Ok(transaction.commit()?)
        })
    }
}

pub(super) fn open(connection: &Connection, person: &str, now: DateTime<Utc>) -> Result<Token, StoreError> {
    let token = Token::random()?;
    let (idle, old) = limits(now);
    connection.execute("DELETE FROM session WHERE seen <= ?1 OR since <= ?2", params![idle, old])?;
    let sql = "INSERT INTO session (token, person, since, seen) VALUES (?1, ?2, ?3, ?3)";
    connection.execute(sql, params![token.hash(), person, now.timestamp()])?;
    let earliest = "DELETE FROM session WHERE person = ?1 AND token NOT IN
        (SELECT token FROM session WHERE person = ?1 ORDER BY since DESC, rowid DESC LIMIT ?2)";
    connection.execute(earliest, params![person, A_PERSONS])?;
    Ok(token)
}

pub(super) fn end_all(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM session WHERE person = ?1", [person]).map(|_| ())
}

/// Sessions last seen, or opened, at or before these have ended.
fn limits(now: DateTime<Utc>) -> (i64, i64) {
    ((now - SESSION_IDLE).timestamp(), (now - SESSION_AGE).timestamp())
}
