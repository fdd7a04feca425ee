//! Which files a store lies in: an open file that was deleted or replaced takes what is written to
//! it, and nobody finds it there.

use std::{
    ffi::OsString,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The files in which SQLite keeps a store: the tables, what was written since they were, and the
/// memory that processes share.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// What tells each part from another file of its name: the device and the inode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Files([Option<(u64, u64)>; 3]);

impl Files {
    pub(super) fn of(path: &Path) -> Files {
        let id = |part| std::fs::metadata(named(path, part)).ok().map(|found| (found.dev(), found.ino()));
        Files(PARTS.map(id))
    }
}

fn named(path: &Path, part: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(part);
    name.into()
}
