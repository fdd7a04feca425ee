//! Attempts that were counted on a full disk, to be written when there is room.

/// No more is remembered.
const MOST: usize = 100_000;

/// The keys of subjects, and times in milliseconds, in the order in which they came.
#[derive(Default)]
pub(super) struct Unwritten(Vec<([u8; 16], i64)>);

impl Unwritten {
    pub fn iter(&self) -> impl Iterator<Item = &([u8; 16], i64)> {
        self.0.iter()
    }

    /// Adds some; the oldest make room for them.
    pub fn add(&mut self, attempts: impl ExactSizeIterator<Item = ([u8; 16], i64)>) {
        let too_many = (self.0.len() + attempts.len()).saturating_sub(MOST);
        self.0.drain(..too_many.min(self.0.len()));
        self.0.extend(attempts);
    }

    /// Forgets what came at or before a time.
    pub fn forget_until(&mut self, since: i64) {
        self.0.retain(|(_, at)| *at > since);
    }

    /// Forgets what came of a subject.
    pub fn forget(&mut self, subject: [u8; 16]) {
        self.0.retain(|(key, _)| *key != subject);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
