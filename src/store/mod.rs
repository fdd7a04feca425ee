//! Accounts, sessions, one-time links, the addresses of calendars and the access log, in an embedded store. Never holds a document, never knows the time: it is told.

mod account;
mod calendar;
mod invitation;
mod log;
mod password;
mod session;
mod token;

pub use account::Account;
pub use invitation::{FIRST_LINK_AGE, Invitation, LINK_AGE};
pub use log::{AccessLine, AccessLog, Broken, Head, Pending};
pub use password::{Chosen, LONGEST_PASSWORD, Password, Unfit};
pub use session::{OpenSession, SESSION_AGE, SESSION_IDLE};
pub use token::Token;

use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the folder {0} cannot be made: {1}")]
    Folder(PathBuf, std::io::Error),
    #[error("the store {0}: {1}")]
    Database(PathBuf, rusqlite::Error),
    #[error("the store does not answer: {0}")]
    Query(#[from] rusqlite::Error),
    #[error("there is no account {0}")]
    UnknownAccount(String),
    #[error("there is an account {0} already")]
    KnownAccount(String),
    #[error("the account {0} is shut")]
    ShutAccount(String),
    #[error("the password cannot be hashed: {0}")]
    Password(String),
    #[error("no random numbers can be had: {0}")]
    Random(getrandom::Error),
    #[error("the access log cannot be written: {0}")]
    Log(String),
}

/// Accounts, and what hangs on them. One connection: what it does takes microseconds.
pub struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens, or makes, the store in a folder that nobody else may read.
    ///
    /// # Errors
    /// Where the folder or the file cannot be made or read.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        make_folder(folder)?;
        let path = folder.join("accounts.db");
        let connection = connect(&path, "FULL").map_err(|e| StoreError::Database(path.clone(), e))?;
        let tables = [account::TABLE, session::TABLE, invitation::TABLE, calendar::TABLE].concat();
        connection.execute_batch(&tables).map_err(|e| StoreError::Database(path, e))?;
        Ok(Store { connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().expect("a query does not panic")
    }
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|e| StoreError::Folder(folder.to_owned(), e))
}

/// A connection whose commits are on the disk when they return (write-ahead log, fsync at every commit).
fn connect(path: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;"
    ))?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
