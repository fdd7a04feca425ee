//! The file of accounts, as the thread that works on it has it. Where its files were deleted or
//! replaced it answers nothing until they are back, or the process begins anew: what it said would
//! be true of files that nobody else sees.

use super::{
    fault::{SqliteFault, is_for_want_of_room},
    files::Files,
    folder::{connect, make_folder},
    slack::Slack,
    tables::TABLES,
};
use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

const FILE: &str = "accounts.db";

pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
    files: Files,
    slack: Slack,
}

impl Database {
    pub(super) fn path_in(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// Opens the file in a folder, or makes both.
    pub(super) fn open(folder: &Path) -> Result<Database, SqliteFault> {
        make_folder(folder)?;
        let (path, slack) = (Database::path_in(folder), Slack::in_folder(folder));
        let mut opened = open(&path);
        while opened.as_ref().is_err_and(is_for_want_of_room) && slack.give_up() {
            opened = open(&path);
        }
        let connection = opened.map_err(|error| SqliteFault::unopened(&path, &error))?;
        slack.keep();
        let files = Files::of(&path);
        Ok(Database { connection, path, files, slack })
    }

    /// Which files they were when they were opened.
    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    pub(super) fn work<T>(&mut self, work: impl FnOnce(&mut Connection) -> Result<T, SqliteFault>) -> Result<T, SqliteFault> {
        if Files::of(&self.path) != self.files {
            return Err(StoreError::Replaced(self.path.clone()).into());
        }
        work(&mut self.connection)
    }

    /// Ends something, even on a full disk: of the room that is kept for that a piece is given up,
    /// and kept anew when there is some.
    pub(super) fn end<T>(&mut self, work: impl Fn(&mut Connection) -> Result<T, SqliteFault>) -> Result<T, SqliteFault> {
        let mut ended = self.work(&work);
        while ended.as_ref().is_err_and(SqliteFault::is_for_want_of_room) && self.slack.give_up() {
            ended = self.work(&work);
        }
        self.slack.keep();
        ended
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::default())?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}
