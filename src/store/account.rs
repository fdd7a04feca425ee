//! Accounts: a person on file, and the hash of a password.

use super::{Password, Store, StoreError};
use crate::source::RecordId;
use rusqlite::{OptionalExtension, params};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS account (
    person TEXT PRIMARY KEY, password TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0) STRICT;";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub person: RecordId,
    pub password: Password,
    pub disabled: bool,
}

impl Store {
    /// # Errors
    /// Where there is one already, or the store fails.
    pub fn add_account(&self, person: &RecordId, password: &Password) -> Result<(), StoreError> {
        let sql = "INSERT INTO account (person, password) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        match self.connection().execute(sql, params![&*person.0, password.hash()])? {
            0 => Err(StoreError::KnownAccount(person.to_string())),
            _ => Ok(()),
        }
    }

    /// Gives an account a new password, and ends its sessions.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn set_password(&self, person: &RecordId, password: &Password) -> Result<(), StoreError> {
        self.change("UPDATE account SET password = ?2 WHERE person = ?1", person, password.hash())
    }

    /// Shuts an account, or opens it again; its sessions end at once.
    ///
    /// # Errors
    /// Where there is no such account, or the store fails.
    pub fn set_disabled(&self, person: &RecordId, disabled: bool) -> Result<(), StoreError> {
        self.change("UPDATE account SET disabled = ?2 WHERE person = ?1", person, disabled)
    }

    fn change(&self, sql: &str, person: &RecordId, value: impl rusqlite::ToSql) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        if transaction.execute(sql, params![&*person.0, value])? == 0 {
            return Err(StoreError::UnknownAccount(person.to_string()));
        }
        transaction.execute("DELETE FROM session WHERE person = ?1", [&*person.0])?;
        Ok(transaction.commit()?)
    }

    /// # Errors
    /// Where the store fails.
    pub fn account(&self, person: &str) -> Result<Option<Account>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare_cached("SELECT person, password, disabled FROM account WHERE person = ?1")?;
        Ok(query.query_row([person], read).optional()?)
    }

    /// In the order of the persons' ids.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT person, password, disabled FROM account ORDER BY person")?;
        let accounts = query.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
        Ok(accounts)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Account> {
    let person: String = row.get(0)?;
    Ok(Account { person: RecordId(person.into()), password: Password::from_hash(row.get(1)?), disabled: row.get(2)? })
}
