//! A store in a folder: a thread that works on the file of accounts, and what is remembered of it.

use super::{database::Database, fault::SqliteFault, memory::Memory, unwritten::Unwritten, worker::Worker};
use crate::store::StoreError;
use rusqlite::Connection;
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

/// Accounts, and what hangs on them, in a folder. Each use has a trait of its own.
pub struct SqliteStore {
    worker: Worker<Database>,
    memory: Memory,
    unwritten: Arc<Mutex<Unwritten>>,
}

impl SqliteStore {
    /// Whether there is one in a folder.
    pub fn is_in(folder: &Path) -> bool {
        Database::path_in(folder).is_file()
    }

    /// Opens, or makes, the store in a folder that nobody else may read. Blocks meanwhile.
    ///
    /// # Errors
    /// Where the folder or the file cannot be made or read.
    pub fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
        let (database, path) = (Database::open(folder)?, Database::path_in(folder));
        let memory = Memory::of(&path, database.files().clone()).map_err(|error| SqliteFault::unopened(&path, &error))?;
        let worker = Worker::start("store", database).map_err(|error| StoreError::Unanswered(error.to_string()))?;
        Ok(SqliteStore { worker, memory, unwritten: Arc::default() })
    }

    /// Works on the file.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.worker.run(|database| database.work(work)).await
    }

    /// Ends something, even on a full disk.
    pub(super) async fn end<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.worker.run(|database| database.end(work)).await
    }

    /// Attempts to sign in for which there was no room.
    pub(super) fn unwritten(&self) -> &Arc<Mutex<Unwritten>> {
        &self.unwritten
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }
}
