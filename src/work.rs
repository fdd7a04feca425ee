//! Steps of work, counted for the tests that hold its growth (`tests/growth.rs`): what is doubled may cost little more than twice the work.
//! Wall time would tell of the machine. Only the feature `trials` counts, and no build has it but those of the tests; without it nothing is.

/// Counts steps: things looked at one after the other, or pieces of [`PIECE`] bytes that are read.
#[cfg(not(feature = "trials"))]
pub(crate) const fn count(_: usize) {}

/// Bytes that are one step. Reading them costs about as much as a look-up.
pub(crate) const PIECE: usize = 64;

#[cfg(feature = "trials")]
mod counter {
    use std::sync::atomic::{AtomicU64, Ordering};

    static STEPS: AtomicU64 = AtomicU64::new(0);

    pub(crate) fn count(steps: usize) {
        STEPS.fetch_add(steps as u64, Ordering::Relaxed);
    }

    /// The steps of this process until now.
    pub fn counted() -> u64 {
        STEPS.load(Ordering::Relaxed)
    }
}

#[cfg(feature = "trials")]
pub(crate) use counter::count;
#[cfg(feature = "trials")]
pub use counter::counted;
