//! Whether a file is the one that it was, and as it was.

use std::{fs::Metadata, os::unix::fs::MetadataExt};

/// Which file, and in which state of it: equal as long as nobody has written to it. A write through
/// a memory map may be noted by the system late.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) length: u64,
    /// Of the last change, in nanoseconds: nobody can set that time back.
    pub(super) changed: i128,
}

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Identity {
        Identity { device: metadata.dev(), inode: metadata.ino(), length: metadata.len(), changed: changed(metadata) }
    }
}

/// A digest of the names, sizes and times of an archive's files: equal as long as none has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stamp(pub(super) [u8; 32]);

/// When a file's content, name or rights changed last, in nanoseconds: nobody can set that time
/// back.
pub(super) fn changed(metadata: &Metadata) -> i128 {
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}
