//! Whose turn it is to write: one at a time, by a lock in the folder of state. A lock on a file of
//! the archive could be held by whoever may read it, and would keep everybody from writing as long
//! as he likes.

use super::EditError;
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::Path,
    thread::sleep,
    time::Duration,
};

/// The file in the folder of state that is locked. It holds nothing.
const NAME: &str = "editing.lock";
/// How often a lock that somebody holds is tried, and how long until the next time: five seconds in
/// all.
const TRIES: usize = 250;
const PAUSE: Duration = Duration::from_millis(20);

/// The turn of whoever holds it.
#[derive(Debug)]
pub struct Turn(Option<File>);

impl Turn {
    /// Waits for the turn. Who may not open the lock (the server keeps its state to itself) writes
    /// without: that nothing was changed meanwhile is looked at anyway, before a text is replaced
    /// and after.
    ///
    /// # Errors
    /// [`EditError::Busy`] where somebody has it for five seconds; where the disk fails.
    pub fn take(state: &Path) -> Result<Turn, EditError> {
        let disk = |error| EditError::Disk(NAME.into(), error);
        let Some(file) = open(state).map_err(disk)? else { return Ok(Turn(None)) };
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Turn(Some(file))),
                Err(TryLockError::WouldBlock) => sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(disk(error)),
            }
        }
        Err(EditError::Busy)
    }
}

impl Drop for Turn {
    /// Closing would not do: a process started meanwhile may for a moment hold the file open too,
    /// and the lock with it.
    fn drop(&mut self) {
        // An unlock that fails leaves it to the closing.
        self.0.iter().for_each(|file| drop(file.unlock()));
    }
}

/// The file that is locked; none where it is not ours to open. A folder or file that is made is
/// nobody else's to enter or read.
fn open(state: &Path) -> io::Result<Option<File>> {
    let (mut folder, mut options) = (DirBuilder::new(), OpenOptions::new());
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let opened = folder.recursive(true).create(state).and_then(|()| options.create(true).append(true).open(state.join(NAME)));
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => Ok(None),
        Err(error) => Err(error),
    }
}
