//! Whether an archive's folder is as it was: told from names, sizes and times, without reading what lies there.

use super::{Listing, MAX_BYTES, Place, beneath, failure::is_of_the_file, place, trial};
use sha2::{Digest, Sha256};
use std::{
    fs::Metadata,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A digest of the names, sizes and times of an archive's files: equal as long as none has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stamp([u8; 32]);

/// Two changes within one tick of the file system's clock may bear one time: in nanoseconds, and longer than any tick.
const A_TICK: i128 = 20_000_000;

impl Stamp {
    /// # Errors
    /// Where the system fails: what it has not told is no state of the folder.
    pub(super) fn of(listing: &Listing) -> io::Result<Stamp> {
        let metadata = |below: &Path| unless_gone(metadata_of(&listing.root().join(below)));
        let files: Vec<(&str, Option<&Path>, Option<Metadata>)> = listing
            .on_disk()
            .map(|(path, below)| Ok((path, below, below.map(metadata).transpose()?.flatten())))
            .collect::<io::Result<_>>()?;
        let latest = files.iter().filter_map(|(.., metadata)| metadata.as_ref().map(changed)).max().unwrap_or_default();
        let mut digest = Sha256::new();
        for (path, below, metadata) in &files {
            digest.update([path.as_bytes(), &[0]].concat());
            let (Some(below), Some(metadata)) = (below, metadata) else { continue };
            digest.update([below.as_os_str().as_encoded_bytes(), &[0]].concat());
            [metadata.len(), number(metadata)].iter().for_each(|part| digest.update(part.to_le_bytes()));
            digest.update(changed(metadata).to_le_bytes());
            // What has changed last may change once more in the same tick: its bytes tell. Those of attachments, which may be large, are
            // read anew whenever they are asked for.
            if changed(metadata) + A_TICK > latest && metadata.is_file() && matches!(place(path), Place::Room(_)) {
                digest.update(unless_gone(bytes_digest(listing.root(), below))?.unwrap_or_default());
            }
        }
        Ok(Stamp(digest.finalize().into()))
    }
}

/// `None` where it is the file's own fault that nothing can be told of it.
fn unless_gone<T>(told: io::Result<T>) -> io::Result<Option<T>> {
    match told {
        Err(error) if is_of_the_file(&error) => Ok(None),
        told => told.map(Some),
    }
}

fn metadata_of(path: &Path) -> io::Result<Metadata> {
    trial::reading()?;
    std::fs::symlink_metadata(path)
}

fn bytes_digest(root: &Path, below: &Path) -> io::Result<[u8; 32]> {
    let mut bytes = Vec::new();
    let file = beneath::open(root, below)?;
    trial::reading()?;
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Sha256::digest(&bytes).into())
}

/// When a file's content, name or rights changed last, in nanoseconds: nobody can set that time back.
#[cfg(unix)]
pub(super) fn changed(metadata: &Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt;
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}

#[cfg(not(unix))]
pub(super) fn changed(metadata: &Metadata) -> i128 {
    let at = metadata.modified().ok().map(chrono::DateTime::<chrono::Utc>::from);
    at.and_then(|at| at.timestamp_nanos_opt()).map_or(0, i128::from)
}

/// Which file it is: a rename puts another one in its place.
#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

/// Where an archive is read from.
#[derive(Clone, Debug)]
pub enum Origin {
    Folder(PathBuf),
    /// It never changes.
    Memory(super::Sources),
}

impl Origin {
    /// The texts, unless the folder is as it was when `before` was taken; with them the stamp that was taken before they were read.
    ///
    /// # Errors
    /// Where the folder cannot be listed, or the system fails. Then nothing is known of it, and the stamp from before stays what it was.
    pub fn read(&self, before: Option<Stamp>) -> io::Result<Option<(Stamp, super::Sources)>> {
        match self {
            Origin::Memory(sources) => Ok(before.is_none().then(|| (Stamp::default(), sources.clone()))),
            Origin::Folder(root) => {
                let listing = Listing::of(root)?;
                let stamp = Stamp::of(&listing)?;
                if before == Some(stamp) { Ok(None) } else { Ok(Some((stamp, listing.read()?))) }
            }
        }
    }
}
