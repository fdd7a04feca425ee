//! Sessions as they were read last: good as long as no connection, of this process or of another,
//! has changed anything in the file since. Whether one has is asked at every request, on the thread
//! of whoever asks: it is answered from memory that processes share (`PRAGMA data_version` in
//! write-ahead mode), without a look at the disk, and costs less than to wake another thread.

use super::files::Files;
use crate::store::{Holder, StoreError};
use rusqlite::{Connection, OpenFlags};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

/// No more are remembered.
const MOST: usize = 20_000;

/// A session as it stands in the file, whether it has ended by its age or not.
#[derive(Clone, Debug)]
pub(super) struct KeptSession {
    pub holder: Holder,
    pub since: i64,
    pub seen: i64,
}

/// The hash of a token.
type Key = [u8; 32];

/// What the file was like when something was read from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FileVersion(i64);

pub(super) struct Memory {
    path: PathBuf,
    files: Files,
    remembered: Mutex<Remembered>,
}

struct Remembered {
    /// Nothing is read through it and nothing written: it sees what all others change.
    watch: Connection,
    version: FileVersion,
    sessions: HashMap<Key, KeptSession>,
}

impl Memory {
    pub(super) fn of(path: &Path, files: Files) -> rusqlite::Result<Memory> {
        let watch = Connection::open_with_flags(path, OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE)?;
        // Whoever asks must not wait here.
        watch.busy_timeout(std::time::Duration::ZERO)?;
        let version = version(&watch)?;
        let remembered = Mutex::new(Remembered { watch, version, sessions: HashMap::new() });
        Ok(Memory { path: path.to_owned(), files, remembered })
    }

    /// A session that was read, if nothing has changed since.
    pub(super) fn session(&self, key: &Key) -> Result<Option<KeptSession>, StoreError> {
        if Files::of(&self.path) != self.files {
            return Err(StoreError::Replaced(self.path.clone()));
        }
        let mut remembered = self.lock();
        Ok(remembered.is_current().then(|| remembered.sessions.get(key).cloned()).flatten())
    }

    /// The version of the file, to be asked before something is read; nothing where it cannot be
    /// told.
    pub(super) fn version(&self) -> Option<FileVersion> {
        let mut remembered = self.lock();
        remembered.is_current().then_some(remembered.version)
    }

    /// Remembers what was read of a version.
    pub(super) fn remember(&self, version: FileVersion, key: Key, session: KeptSession) {
        let mut remembered = self.lock();
        if remembered.version != version {
            return;
        }
        if remembered.sessions.len() >= MOST {
            remembered.sessions.clear();
        }
        remembered.sessions.insert(key, session);
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Remembered {
    /// Forgets what may have changed; `false` where it cannot be told whether it has.
    fn is_current(&mut self) -> bool {
        match version(&self.watch) {
            Ok(version) if version == self.version => true,
            Ok(version) => {
                self.version = version;
                self.sessions.clear();
                true
            }
            Err(_) => {
                self.sessions.clear();
                false
            }
        }
    }
}

fn version(watch: &Connection) -> rusqlite::Result<FileVersion> {
    watch.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0)).map(FileVersion)
}
