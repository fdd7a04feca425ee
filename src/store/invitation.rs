//! One-time links: who holds one may set a password without knowing one, so that nobody else ever knows it.

use super::{Account, Password, Store, StoreError, Token, account, calendar, session};
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::BTreeMap;

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS invitation (
    token BLOB PRIMARY KEY, person TEXT, until INTEGER NOT NULL) STRICT;";

/// How long a person's link may be used.
pub const LINK_AGE: TimeDelta = TimeDelta::hours(48);
/// How long the link for an archive's first account may be used: whoever started the server sits before it.
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
    fn person(&self) -> Option<&str> {
        match self {
            Invitation::First => None,
            Invitation::Person(person) => Some(&person.0),
        }
    }

    fn age(&self) -> TimeDelta {
        match self {
            Invitation::First => FIRST_LINK_AGE,
            Invitation::Person(_) => LINK_AGE,
        }
    }
}

impl Store {
    /// Makes a link; an earlier one for the same ends.
    ///
    /// # Errors
    /// Where the account is shut, or the store fails.
    pub fn invite(&self, invitation: &Invitation, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let token = Token::random()?;
        let (person, until) = (invitation.person(), now + invitation.age());
        let mut connection = self.connection()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(Account { person, disabled: true, .. }) = person.map(|id| account::find(&transaction, id)).transpose()?.flatten() {
            return Err(StoreError::ShutAccount(person.to_string()));
        }
        transaction.execute("DELETE FROM invitation WHERE person IS ?1 OR until <= ?2", params![person, now.timestamp()])?;
        let sql = "INSERT INTO invitation (token, person, until) VALUES (?1, ?2, ?3)";
        transaction.execute(sql, params![token.hash(), person, until.timestamp()])?;
        transaction.commit()?;
        Ok(token)
    }

    /// For whom a link is; nothing where it was used, has run out, or never was.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn invitation(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<Invitation>, StoreError> {
        let connection = self.connection()?;
        find(&connection, token, now)
    }

    /// Until when each person's link may be used.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn open_links(&self, now: DateTime<Utc>) -> Result<BTreeMap<RecordId, DateTime<Utc>>, StoreError> {
        let connection = self.connection()?;
        let mut query = connection.prepare("SELECT person, until FROM invitation WHERE person IS NOT NULL AND until > ?1")?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
        let links = query.query_map([now.timestamp()], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(links.into_iter().filter_map(|(person, until)| Some((RecordId(person.into()), DateTime::from_timestamp(until, 0)?))).collect())
    }

    /// Uses a link up: gives the person this password, makes the account where there is none, and ends the account's sessions and the address of its calendar.
    /// `None` where the link is not (or no longer) one for this person; of two at once one alone gets through.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn accept(&self, token: &Token, person: &RecordId, password: &Password, now: DateTime<Utc>) -> Result<Option<Token>, StoreError> {
        let mut connection = self.connection()?;
        // It writes in the end: two that began by reading would both have read the link as unused.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match find(&transaction, token, now)? {
            Some(Invitation::First) => {}
            Some(Invitation::Person(own)) if own == *person => {}
            _ => return Ok(None),
        }
        transaction.execute("DELETE FROM invitation WHERE token = ?1 OR person = ?2", params![token.hash(), &*person.0])?;
        let sql = "INSERT INTO account (person, password) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET password = ?2";
        transaction.execute(sql, params![&*person.0, password.hash()])?;
        session::end_all(&transaction, &person.0)?;
        calendar::end(&transaction, &person.0)?;
        let opened = session::open(&transaction, &person.0, now)?;
        transaction.commit()?;
        Ok(Some(opened))
    }
}

/// A link is dead where the account is shut, and the first one where there is an account.
fn find(connection: &Connection, token: &Token, now: DateTime<Utc>) -> Result<Option<Invitation>, StoreError> {
    let sql = "SELECT invitation.person FROM invitation LEFT JOIN account USING (person)
        WHERE token = ?1 AND until > ?2 AND NOT coalesce(disabled, 0)
        AND (invitation.person IS NOT NULL OR NOT EXISTS (SELECT 1 FROM account))";
    let read = |row: &rusqlite::Row<'_>| row.get::<_, Option<String>>(0);
    let found = connection.prepare_cached(sql)?.query_row(params![token.hash(), now.timestamp()], read).optional()?;
    Ok(found.map(|person| person.map_or(Invitation::First, |person| Invitation::Person(RecordId(person.into())))))
}

/// Ends the links of a person.
pub(super) fn end_all(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM invitation WHERE person = ?1", [person]).map(|_| ())
}
