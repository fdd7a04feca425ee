//! Folders and files that nobody else may read, and connections to them.

use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{DirBuilder, File},
    io,
    path::Path,
};

/// Makes a folder that nobody else may enter, and that is there after a loss of power.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let make = || {
        let folder = std::path::absolute(folder)?;
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        builder.create(&folder)?;
        missing.into_iter().filter_map(Path::parent).try_for_each(sync_folder)
    };
    make().map_err(|e| StoreError::Folder(folder.to_owned(), e))
}

/// Makes the names in a folder last. Windows has no such call for folders.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Makes an empty file that nobody else may read, where there is none: SQLite would make one by the
/// umask, and gives its companions the same mode.
pub(super) fn make_private(path: &Path) {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Where it cannot be made SQLite tells why; where it is there it stays as it is.
    drop(options.write(true).create_new(true).open(path));
}

/// A connection whose commits are on the disk when they return (write-ahead log, fsync at every
/// commit).
pub(super) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
        make_private(path);
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection
        .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    Ok(connection)
}
