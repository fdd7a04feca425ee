//! Accounts: a person on file, and the hash of a password.

use super::{Password, Store, StoreError, calendar, device, invitation, session};
use crate::source::RecordId;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS account (
    person TEXT PRIMARY KEY, password TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0) STRICT;";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub person: RecordId,
    pub password: Password,
    pub disabled: bool,
}

/// Ends something that hangs on a person's account.
type End = fn(&Connection, &str) -> rusqlite::Result<()>;

/// All that opens something of the person's without the password, or makes it easier to guess.
const ENDS: [End; 4] = [session::end_all, invitation::end_all, calendar::end, device::end_all];

impl Store {
    /// # Errors
    /// Where there is one already, or the store fails.
    pub fn add_account(&self, person: &RecordId, password: &Password) -> Result<(), StoreError> {
        let sql = "INSERT INTO account (person, password) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        match self.connection()?.execute(sql, params![&*person.0, password.hash()])? {
            0 => Err(StoreError::KnownAccount(person.to_string())),
            _ => Ok(()),
        }
    }

    /// Gives an account a new password, and ends its sessions, its links and the address of its calendar.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn set_password(&self, person: &RecordId, password: &Password) -> Result<(), StoreError> {
        self.change("UPDATE account SET password = ?2 WHERE person = ?1", person, password.hash(), &ENDS)
    }

    /// Shuts an account: its sessions, its links and the address of its calendar end at once, and do not come back.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn disable(&self, person: &RecordId) -> Result<(), StoreError> {
        self.change("UPDATE account SET disabled = ?2 WHERE person = ?1", person, true, &ENDS)
    }

    /// Opens a shut account again.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn enable(&self, person: &RecordId) -> Result<(), StoreError> {
        self.change("UPDATE account SET disabled = ?2 WHERE person = ?1", person, false, &[])
    }

    /// Changes an account, and ends what hangs on it, in one.
    fn change(&self, sql: &str, person: &RecordId, value: impl rusqlite::ToSql, ends: &[End]) -> Result<(), StoreError> {
        self.end(|connection| {
            let transaction = connection.transaction()?;
            if transaction.execute(sql, params![&*person.0, value])? == 0 {
                return Err(StoreError::UnknownAccount(person.to_string()));
            }
            for end in ends {
                end(&transaction, &person.0)?;
            }
            Ok(transaction.commit()?)
        })
    }

    /// # Errors
    /// Where the store fails.
    pub fn account(&self, person: &str) -> Result<Option<Account>, StoreError> {
        let connection = self.connection()?;
        Ok(find(&connection, person)?)
    }

    /// In the order of the persons' ids.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let connection = self.connection()?;
        let mut query = connection.prepare("SELECT person, password, disabled FROM account ORDER BY person")?;
        let accounts = query.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
        Ok(accounts)
    }
}

pub(super) fn find(connection: &Connection, person: &str) -> rusqlite::Result<Option<Account>> {
    let mut query = connection.prepare_cached("SELECT person, password, disabled FROM account WHERE person = ?1")?;
    query.query_row([person], read).optional()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Account> {
    let person: String = row.get(0)?;
    Ok(Account { person: RecordId(person.into()), password: Password::from_hash(row.get(1)?), disabled: row.get(2)? })
}
