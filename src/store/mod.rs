//! Accounts, sessions, one-time links, the addresses of calendars, what was seen of approvals, and the access log, in an embedded store. Never holds a document, never
//! knows the time: it is told.

mod account;
mod ask;
mod calendar;
mod common;
mod device;
mod files;
mod invitation;
mod log;
mod password;
mod remembered;
mod served;
mod session;
mod slack;
mod tally;
mod token;
mod volume;

pub use account::Account;
pub use ask::{ASKS_A_DAY, Ask, Asked};
pub use device::DEVICE_AGE;
pub use invitation::{FIRST_LINK_AGE, Invitation, LINK_AGE};
pub use log::{AccessLine, AccessLog, Backward, Broken, Head, NoHead, Pending, Reading};
pub use password::{Chosen, LONGEST_PASSWORD, Password, Unfit};
pub use session::{OpenSession, SESSION_AGE, SESSION_IDLE};
pub use token::Token;

use files::Files;
use rusqlite::{Connection, OpenFlags};
use slack::{Slack, is_for_want_of_room};
use std::{
    fs::{DirBuilder, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the folder {0} cannot be made: {1}")]
    Folder(PathBuf, io::Error),
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
    #[error("there is no access log {0}")]
    NoLog(PathBuf),
    #[error("the file {0} was deleted or replaced while it was in use")]
    Replaced(PathBuf),
    #[error("the file {0} is no volume of this log, and its name is needed; put it elsewhere")]
    ForeignVolume(PathBuf),
    /// Of what was seen of approvals.
    #[error("the store holds what cannot be read: {0}")]
    Remembered(String),
    #[error("line {0} was written and is gone; put the log back, or restart to go on with what is there")]
    LostLine(i64),
}

/// Accounts, and what hangs on them. One connection: what it does takes microseconds. A store whose files were deleted or replaced answers
/// nothing until they are back, or the process begins anew: what it said would be true of files that nobody else sees.
pub struct Store {
    connection: Mutex<Connection>,
    path: PathBuf,
    files: Files,
    slack: Slack,
}

impl Store {
    /// Whether there is one in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join("accounts.db").is_file()
    }

    /// Opens, or makes, the store in a folder that nobody else may read.
    ///
    /// # Errors
    /// Where the folder or the file cannot be made or read.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        make_folder(folder)?;
        let (path, slack) = (folder.join("accounts.db"), Slack::in_folder(folder));
        let mut opened = open(&path);
        while opened.as_ref().is_err_and(is_for_want_of_room) && slack.give_up() {
            opened = open(&path);
        }
        let connection = opened.map_err(|e| StoreError::Database(path.clone(), e))?;
        slack.keep();
        let files = Files::of(&path);
        Ok(Store { connection: Mutex::new(connection), path, files, slack })
    }

    /// Ends something, even on a full disk: of the room that is kept for that a piece is given up, and kept anew when there is some.
    fn end<T>(&self, work: impl Fn(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let mut ended = work(&mut connection);
        while matches!(&ended, Err(StoreError::Query(error)) if is_for_want_of_room(error)) && self.slack.give_up() {
            ended = work(&mut connection);
        }
        self.slack.keep();
        ended
    }

    fn connection(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        let connection = self.connection.lock().expect("a query does not panic");
        if Files::of(&self.path) == self.files { Ok(connection) } else { Err(StoreError::Replaced(self.path.clone())) }
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::default())?;
    let tables =
        [account::TABLE, session::TABLE, invitation::TABLE, calendar::TABLE, ask::TABLE, device::TABLE, remembered::TABLES, served::TABLE]
            .concat();
    connection.execute_batch(&tables)?;
    Ok(connection)
}

/// Makes a folder that nobody else may enter, and that is there after a loss of power.
fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let make = || {
        let folder = std::path::absolute(folder)?;
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        builder.create(&folder)?;
        missing.into_iter().filter_map(Path::parent).try_for_each(sync_folder)
    };
    make().map_err(|e| StoreError::Folder(folder.to_owned(), e))
}

/// Makes the names in a folder last. Windows has no such call for folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Makes an empty file that nobody else may read, where there is none: SQLite would make one by the umask, and gives its companions the same mode.
fn make_private(path: &Path) {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Where it cannot be made SQLite tells why; where it is there it stays as it is.
    drop(options.write(true).create_new(true).open(path));
}

/// A connection whose commits are on the disk when they return (write-ahead log, fsync at every commit).
fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
        make_private(path);
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection
        .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
