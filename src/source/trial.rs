//! For tests alone: steps of work are counted, and the reading of an archive can be made to fail. Only the feature `trials` does either,
//! and no build has it but those of the tests; without it there is nothing to count with, and nothing fails but what does.

use std::io;

/// Bytes that are one step of work. Reading them costs about as much as looking something up.
pub(crate) const PIECE: usize = 64;

/// Counts steps of work: things looked at one after the other, or pieces of [`PIECE`] bytes that are read. Tests hold the growth of their
/// number (`tests/growth.rs`), for wall time would tell of the machine.
#[cfg(not(feature = "trials"))]
pub(crate) const fn count(_: usize) {}

/// Stands before every call by which an archive is read: a test makes one of them fail.
///
/// # Errors
/// What the test wants.
#[cfg(not(feature = "trials"))]
pub(super) const fn reading() -> io::Result<()> {
    Ok(())
}

#[cfg(feature = "trials")]
mod switch {
    use super::io;
    use std::sync::atomic::{AtomicI32, AtomicU64, Ordering::SeqCst};

    static STEPS: AtomicU64 = AtomicU64::new(0);
    static READINGS: AtomicU64 = AtomicU64::new(0);
    /// The reading that fails, and with which error of the system.
    static FAILING: AtomicU64 = AtomicU64::new(u64::MAX);
    static ERROR: AtomicI32 = AtomicI32::new(0);

    pub(crate) fn count(steps: usize) {
        STEPS.fetch_add(steps as u64, SeqCst);
    }

    /// The steps of this process until now.
    pub fn counted() -> u64 {
        STEPS.load(SeqCst)
    }

    /// Lets a reading fail, counted from now on from 0, with an error of the system (`errno`). `None`: all succeed.
    pub fn fail(reading: Option<u64>, error: i32) {
        ERROR.store(error, SeqCst);
        READINGS.store(0, SeqCst);
        FAILING.store(reading.unwrap_or(u64::MAX), SeqCst);
    }

    /// The readings since then.
    pub fn readings() -> u64 {
        READINGS.load(SeqCst)
    }

    pub(in crate::source) fn reading() -> io::Result<()> {
        match READINGS.fetch_add(1, SeqCst) == FAILING.load(SeqCst) {
            true => Err(io::Error::from_raw_os_error(ERROR.load(SeqCst))),
            false => Ok(()),
        }
    }
}

#[cfg(feature = "trials")]
pub(crate) use switch::count;
#[cfg(feature = "trials")]
pub(super) use switch::reading;
#[cfg(feature = "trials")]
pub use switch::{counted, fail, readings};
