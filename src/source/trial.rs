//! For tests alone: steps of work are counted, and the reading of an archive can be made to fail.
//! Only the feature `trials` does either, and no build has it but those of the tests; without it
//! there is nothing to count with, and nothing fails but what does.

use std::io;

/// Bytes that are one step of work. Reading them costs about as much as looking something up.
pub(crate) const PIECE: usize = 64;

/// Counts steps of work: things looked at one after the other, or pieces of [`PIECE`] bytes that
/// are read. Tests hold the growth of their number (`tests/counting/growth.rs`), for wall time would tell of
/// the machine.
#[cfg(not(feature = "trials"))]
pub(crate) const fn count(_: usize) {}

/// Counts judgements: whether a reader may know something, and the steps in which an expression is
/// worked out. No page takes more of them because there are more records (`tests/counting/counts.rs`).
#[cfg(not(feature = "trials"))]
pub(crate) const fn judged(_: u64) {}

/// Counts records and lines of lists that a view looks at for a page, a list or a search; held as
/// [`judged`] is.
#[cfg(not(feature = "trials"))]
pub(crate) const fn looked_up(_: usize) {}

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
    use std::sync::atomic::{
        AtomicI32, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    };

    static STEPS: AtomicU64 = AtomicU64::new(0);
    static JUDGEMENTS: AtomicU64 = AtomicU64::new(0);
    static LOOK_UPS: AtomicU64 = AtomicU64::new(0);
    static READINGS: AtomicU64 = AtomicU64::new(0);
    /// The reading that fails, and with which error of the system.
    static FAILING: AtomicU64 = AtomicU64::new(u64::MAX);
    static ERROR: AtomicI32 = AtomicI32::new(0);

    pub(crate) fn count(steps: usize) {
        STEPS.fetch_add(steps as u64, SeqCst);
    }

    pub(crate) fn judged(steps: u64) {
        JUDGEMENTS.fetch_add(steps, Relaxed);
    }

    pub(crate) fn looked_up(many: usize) {
        LOOK_UPS.fetch_add(many as u64, Relaxed);
    }

    /// The judgements of this process until now.
    pub fn judgements() -> u64 {
        JUDGEMENTS.load(Relaxed)
    }

    /// The look-ups of this process until now.
    pub fn look_ups() -> u64 {
        LOOK_UPS.load(Relaxed)
    }

    /// The steps of this process until now.
    pub fn counted() -> u64 {
        STEPS.load(SeqCst)
    }

    /// Lets a reading fail, counted from now on from 0, with an error of the system (`errno`).
    /// `None`: all succeed.
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
pub(super) use switch::reading;
#[cfg(feature = "trials")]
pub(crate) use switch::{count, judged, looked_up};
#[cfg(feature = "trials")]
pub use switch::{counted, fail, judgements, look_ups, readings};
