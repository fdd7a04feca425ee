//! Deliberate leaks, by which the test that nothing leaks is tested itself
//! (`tests/leak_mutations`). Only the feature `leaks` makes them, and no build has it but those of
//! the tests; without it every switch is off, and compiled away.

/// A way in which somebody might be told what he may not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leak {
    /// Kinds of record are counted over the whole archive.
    Count,
    /// Scores are made from the statistics of the whole index.
    Scores,
    /// A file is served by its path, whatever record it belongs to.
    Attachment,
    /// Hidden records stand, with their titles, among those that refer to a record.
    Backlink,
    /// The ETag of every page is that of the whole archive.
    Etag,
}

impl Leak {
    pub const ALL: [Leak; 5] = [Leak::Count, Leak::Scores, Leak::Attachment, Leak::Backlink, Leak::Etag];
}

/// Whether a leak is open.
#[cfg(not(feature = "leaks"))]
pub(crate) const fn leaks(_: Leak) -> bool {
    false
}

#[cfg(feature = "leaks")]
mod switch {
    use super::Leak;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The place in [`Leak::ALL`] of the one that is open; one behind them where none is.
    static OPEN: AtomicUsize = AtomicUsize::new(Leak::ALL.len());

    /// Opens a leak, and shuts the one that was open.
    pub fn open(leak: Option<Leak>) {
        let place = Leak::ALL.iter().position(|known| leak == Some(*known));
        OPEN.store(place.unwrap_or(Leak::ALL.len()), Ordering::SeqCst);
    }

    /// Whether a leak is open.
    pub(crate) fn leaks(leak: Leak) -> bool {
        Leak::ALL.get(OPEN.load(Ordering::SeqCst)) == Some(&leak)
    }
}

#[cfg(feature = "leaks")]
pub(crate) use switch::leaks;
#[cfg(feature = "leaks")]
pub use switch::open;
