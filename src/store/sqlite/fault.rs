//! What goes wrong in here: SQLite's errors as they come, so that a full disk is told from others,
//! until they are put into the words of every store.

use crate::store::StoreError;
use rusqlite::ErrorCode;
use std::path::Path;

#[derive(Debug)]
pub(super) enum SqliteFault {
    Sqlite(rusqlite::Error),
    Told(StoreError),
}

impl SqliteFault {
    /// A file that cannot be opened.
    pub(super) fn unopened(path: &Path, error: &rusqlite::Error) -> SqliteFault {
        SqliteFault::Told(StoreError::Unopened(path.display().to_string(), error.to_string()))
    }

    pub(super) fn is_for_want_of_room(&self) -> bool {
        matches!(self, SqliteFault::Sqlite(error) if is_for_want_of_room(error))
    }
}

/// A full disk, as SQLite tells it: while it writes (full), while it makes its files (cannot open)
/// or enlarges the memory that processes share (an error of the system).
pub(super) fn is_for_want_of_room(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure))
}

impl From<rusqlite::Error> for SqliteFault {
    fn from(error: rusqlite::Error) -> SqliteFault {
        SqliteFault::Sqlite(error)
    }
}

impl From<StoreError> for SqliteFault {
    fn from(error: StoreError) -> SqliteFault {
        SqliteFault::Told(error)
    }
}

impl From<SqliteFault> for StoreError {
    fn from(fault: SqliteFault) -> StoreError {
        match fault {
            SqliteFault::Sqlite(error) => StoreError::Unanswered(error.to_string()),
            SqliteFault::Told(error) => error,
        }
    }
}
