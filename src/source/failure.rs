//! Errors of the system apart from those of a file. A file may lack, or be closed to us, as long as
//! it likes: that is told as its fault, and the archive is read all the same. That the system has
//! no descriptor, no memory or no answer from the disk passes: what was read meanwhile is no state
//! of the archive at all.

use std::{
    io::{self, ErrorKind},
    sync::{Arc, Mutex},
};

/// Whether an error says something of the file that was to be read, and would be said of it again.
pub fn is_of_the_file(error: &io::Error) -> bool {
    use ErrorKind::*;
    matches!(
        error.kind(),
        NotFound | PermissionDenied | IsADirectory | NotADirectory | InvalidInput | InvalidFilename | InvalidData | FileTooLarge
    ) || is_a_loop(error)
}

/// A symbolic link that leads to itself (ELOOP).
fn is_a_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// The first error of the system that reading has met after the archive was listed: in attachments,
/// which are read for the seals of approvals when the archive is judged. Whoever judges one asks
/// for it at the end, and throws away what was judged.
#[derive(Clone, Debug, Default)]
pub struct Failure(Arc<Mutex<Option<(ErrorKind, String)>>>);

impl Failure {
    /// Notes an error, unless it is one of the file alone.
    pub fn note(&self, error: &io::Error) {
        if !is_of_the_file(error) {
            self.place().get_or_insert((error.kind(), error.to_string()));
        }
    }

    /// What was noted first.
    ///
    /// # Errors
    /// Where anything was.
    pub fn check(&self) -> io::Result<()> {
        self.place().clone().map_or(Ok(()), |(kind, words)| Err(io::Error::new(kind, words)))
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<(ErrorKind, String)>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
