//! What goes wrong in here: SQLite's errors as they come, so that a full disk is told from others,
//! until they are put into the words of every store.

use crate::store::StoreError;
use rusqlite::ErrorCode;
use std::path::Path;

#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Told(StoreError),
}

impl Fault {
    /// A file that cannot be opened.
    pub(super) fn unopened(path: &Path, error: &rusqlite::Error) -> Fault {
        Fault::Told(StoreError::Unopened(path.display().to_string(), error.to_string()))
    }

    pub(super) fn is_for_want_of_room(&self) -> bool {
        matches!(self, Fault::Sqlite(error) if is_for_want_of_room(error))
    }
}

/// A full disk, as SQLite tells it: while it writes (full), while it makes its files (cannot open)
/// or enlarges the memory that processes share (an error of the system).
pub(super) fn is_for_want_of_room(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure))
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Told(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> StoreError {
        match fault {
            Fault::Sqlite(error) => StoreError::Unanswered(error.to_string()),
            Fault::Told(error) => error,
        }
    }
}
