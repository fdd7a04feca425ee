//! The SHA-256 of files that may be large: read piece by piece, and only once as long as a file is
//! as it was.

use super::{Identity, Kept, attachment::Opened};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

/// Larger files are not read for their digest: whoever may lay a file into the folder must not keep
/// a core busy for minutes with it. In bytes.
pub const MAX_DIGESTED: u64 = 1 << 30;
/// What is read at once, in bytes.
const PIECE: usize = 64 << 10;
/// Two changes within one tick of a file system's clock bear one time. In nanoseconds; no file
/// system in use has a longer one (FAT: two seconds).
const A_TICK: i128 = 2_000_000_000;
/// When there are so many digests they are thrown away, those of files that are gone with the rest;
/// but for those of files that have just been changed.
const KEPT: usize = 10_000;

/// Digests of files, by identity, and what later stages keep from one reading to the next. Many who
/// ask for one file at once wait for one reading of it.
#[derive(Default, Debug)]
pub struct DigestCache {
    known: Mutex<Known>,
    kept: Kept,
}

#[derive(Default, Debug)]
struct Known {
    /// It is this time or later, in nanoseconds: the caller's clock, or the last change of any file
    /// that was seen.
    now: i128,
    digests: HashMap<Identity, Place>,
}

/// Where a digest stands once it is known.
type Place = Arc<Mutex<Option<[u8; 32]>>>;

impl DigestCache {
    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Whether a change from now on would show in the identity of a file that was looked at.
    pub(super) fn is_settled(&self, identity: Identity) -> bool {
        is_settled(identity, lock(&self.known).now)
    }

    /// Tells it the time. A file that has just been changed may be changed again without a trace;
    /// its digest is kept only when that is past.
    pub fn it_is(&self, now: DateTime<Utc>) {
        let mut known = lock(&self.known);
        known.now = known.now.max(now.timestamp_nanos_opt().map_or(0, i128::from));
    }

    /// The digest of a file's bytes: read, or known. Blocks.
    ///
    /// # Errors
    /// Those of the disk; [`io::ErrorKind::FileTooLarge`] for one of more than [`MAX_DIGESTED`]
    /// bytes.
    pub fn sha256(&self, opened: &mut Opened) -> io::Result<[u8; 32]> {
        if opened.length > MAX_DIGESTED {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // One that has grown since it was opened is read as long as it was.
        let Some(identity) = opened.identity()?.filter(|identity| identity.length == opened.length) else { return read(opened) };
        let (place, is_settled) = self.place(identity);
        let mut digest = lock(&place);
        match *digest {
            Some(known) => Ok(known),
            None => {
                let fresh = read(opened)?;
                *digest = is_settled.then_some(fresh);
                Ok(fresh)
            }
        }
    }

    /// The digest of a file's bytes, where it is known. Does not block.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn known(&self, opened: &Opened) -> io::Result<Option<[u8; 32]>> {
        let identity = opened.identity()?.filter(|identity| identity.length == opened.length);
        let place = identity.and_then(|identity| lock(&self.known).digests.get(&identity).cloned());
        Ok(place.and_then(|place| place.try_lock().ok().and_then(|digest| *digest)))
    }

    /// Whether the digest of the file in this state was ever asked for.
    ///
    /// # Errors
    /// Those of the disk.
    pub(super) fn is_asked(&self, opened: &Opened) -> io::Result<bool> {
        Ok(opened.identity()?.is_some_and(|identity| lock(&self.known).digests.contains_key(&identity)))
    }

    /// Where a file's digest stands, and whether a change from now on would show in its identity.
    fn place(&self, identity: Identity) -> (Place, bool) {
        let mut known = lock(&self.known);
        known.now = known.now.max(identity.changed);
        let now = known.now;
        let count = known.digests.len();
        if count > 0 && count.is_multiple_of(KEPT) && !known.digests.contains_key(&identity) {
            known.digests.retain(|identity, _| !is_settled(*identity, now));
        }
        let is_settled = is_settled(identity, now);
        (known.digests.entry(identity).or_default().clone(), is_settled)
    }
}

/// Whether a change of the file from now on would show in its identity.
fn is_settled(identity: Identity, now: i128) -> bool {
    identity.changed + A_TICK < now
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn read(opened: &mut Opened) -> io::Result<[u8; 32]> {
    let (mut digest, mut at) = (Sha256::new(), 0);
    while at < opened.length {
        let piece = opened.read(at, PIECE)?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        digest.update(piece);
    }
    Ok(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::attachment::Attachment;
    use std::{fs, io::Write, path::Path};

    fn open(root: &Path) -> Opened {
        Attachment::OnDisk { root: root.into(), below: "file".into(), length: 0 }.open().unwrap()
    }

    fn sha256(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    #[test]
    fn a_file_that_has_not_changed_is_read_once_and_one_that_has_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "one").unwrap();
        let cache = DigestCache::default();
        cache.it_is("2200-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(cache.known(&open(folder.path())).unwrap(), None);
        assert_eq!(cache.sha256(&mut open(folder.path())).unwrap(), sha256(b"one"));
        assert_eq!(cache.known(&open(folder.path())).unwrap(), Some(sha256(b"one")));
        let identity = open(folder.path()).identity().unwrap().unwrap();
        *lock(&cache.place(identity).0) = Some([7; 32]);
        assert_eq!(cache.sha256(&mut open(folder.path())).unwrap(), [7; 32], "what is known is not read");
        let mut file = fs::File::options().append(true).open(folder.path().join("file")).unwrap();
        file.write_all(b" more").unwrap();
        assert_eq!(cache.sha256(&mut open(folder.path())).unwrap(), sha256(b"one more"));
        fs::write(folder.path().join("other"), "two more").unwrap();
        fs::rename(folder.path().join("other"), folder.path().join("file")).unwrap();
        assert_eq!(cache.sha256(&mut open(folder.path())).unwrap(), sha256(b"two more"), "another file under the name");
    }

    #[test]
    fn a_digest_is_kept_only_when_a_second_change_would_bear_another_time() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "one").unwrap();
        let cache = DigestCache::default();
        let identity = open(folder.path()).identity().unwrap().unwrap();
        assert_eq!(cache.sha256(&mut open(folder.path())).unwrap(), sha256(b"one"));
        assert_eq!(*lock(&cache.place(identity).0), None, "nothing shows that its tick is over");
        let later = Identity { changed: identity.changed + A_TICK + 1, inode: 0, ..identity };
        assert!(!cache.place(identity).1 && !cache.place(later).1 && cache.place(identity).1, "a later change of another file shows it");
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::File::create(folder.path().join("file")).unwrap().set_len(MAX_DIGESTED + 1).unwrap();
        let refused = DigestCache::default().sha256(&mut open(folder.path())).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn the_digests_that_are_kept_are_no_more_than_so_many() {
        let cache = DigestCache::default();
        let files = |from: u64, changed: i128| {
            (from..from + KEPT as u64 * 2 + 5).for_each(|inode| drop(cache.place(Identity { device: 1, inode, length: 1, changed })));
        };
        files(0, 1);
        cache.it_is("2200-01-01T00:00:00Z".parse().unwrap());
        files(100_000, 1);
        assert!(lock(&cache.known).digests.len() <= KEPT);
        let now = lock(&cache.known).now;
        files(200_000, now);
        let asked = |inode| lock(&cache.known).digests.contains_key(&Identity { device: 1, inode, length: 1, changed: now });
        assert!((200_000..200_000 + KEPT as u64 * 2 + 5).all(asked), "what may change without a trace is remembered");
    }
}
