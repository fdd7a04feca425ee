//! Whether an archive's folder is as it was: told from names, sizes and times, without reading what
//! lies there.

use super::{
    ArchivePath, DigestCache, Identity, Listing, MAX_BYTES, Place, Sources, Stamp, attachment, beneath,
    failure::is_of_the_file,
    identity::changed,
    patch::{KnownFolder, Patch},
    place,
    texts::ReadTexts,
    trial,
    watch::{EventCount, Watched},
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fs::Metadata,
    io::{self, Read as _},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Two changes within one tick of the file system's clock may bear one time: in nanoseconds, and
/// longer than any tick.
const A_TICK: i128 = 20_000_000;

/// What names, sizes and times tell of a folder.
struct Looked {
    stamp: Stamp,
    /// Whether the system tells of every change of these files: each has one name, and lies on the
    /// file system of the folder.
    can_be_told: bool,
    /// The state of each file, by where its bytes lie.
    identities: HashMap<PathBuf, Identity>,
    /// On which the folder lies.
    device: u64,
}

impl Looked {
    /// # Errors
    /// Where the system fails: what it has not told is no state of the folder.
    fn at(listing: &Listing, digests: &DigestCache) -> io::Result<Looked> {
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
            // What has changed last may change once more in the same tick: its bytes tell.
            if changed(metadata) + A_TICK > latest && metadata.is_file() {
                let told = match place(path) {
                    Place::Room(_) => unless_gone(bytes_digest(listing.root(), below))?,
                    Place::Attachment | Place::Elsewhere => unless_gone(asked_digest(listing.root(), below, digests))?.flatten(),
                };
                digest.update(told.unwrap_or_default());
            }
        }
        let device = metadata_of(listing.root())?.dev();
        let is_told = |metadata: &Metadata| metadata.nlink() == 1 && metadata.dev() == device;
        let can_be_told = listing.is_plain() && files.iter().filter_map(|(.., metadata)| metadata.as_ref()).all(is_told);
        let states = files.iter().filter_map(|(_, below, metadata)| Some(((*below)?, Identity::of(metadata.as_ref()?))));
        let identities = states.map(|(below, identity)| (below.to_owned(), identity)).collect();
        Ok(Looked { stamp: Stamp(digest.finalize().into()), can_be_told, identities, device })
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

/// That of an attachment, where its digest has been asked for in this state: something rests on it,
/// such as a seal. Others may be large, and are read anew whenever somebody opens them.
fn asked_digest(root: &Path, below: &Path, digests: &DigestCache) -> io::Result<Option<[u8; 32]>> {
    let mut opened = attachment::open(root, below)?;
    Ok(if digests.is_asked(&opened)? { Some(digests.sha256(&mut opened)?) } else { None })
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
    /// A folder that is walked only where something may have changed.
    Watched(Arc<Watched>),
    /// It never changes.
    Memory(Sources),
}

/// What was read of an origin.
#[derive(Debug)]
pub struct Read {
    /// Taken before the texts were read.
    pub stamp: Stamp,
    pub sources: Sources,
    seen: Option<Seen>,
    /// Where the system tells of the folder.
    known: Option<Box<KnownFolder>>,
}

/// How much had been told before a folder was walked, and whether the system tells everything of
/// what was met.
#[derive(Clone, Copy, Debug)]
struct Seen {
    told: Option<EventCount>,
    can_be_told: bool,
    /// Whether all of it was met, and not only what has changed.
    is_walked: bool,
}

impl Origin {
    /// What there is, unless it is as it was when `before` was taken. `digests`: those of
    /// attachments, which the texts go on with. When it has been made use of, [`Origin::settle`] is
    /// told.
    ///
    /// # Errors
    /// Where the folder cannot be listed, or the system fails. Then nothing is known of it, and the
    /// stamp from before stays what it was.
    pub fn read(&self, before: Option<Stamp>, digests: &Arc<DigestCache>) -> io::Result<Option<Read>> {
        let (root, told) = match self {
            Origin::Memory(sources) => {
                let read = || Read { stamp: Stamp::default(), sources: sources.clone().digested_by(digests), seen: None, known: None };
                return Ok(before.is_none().then(read));
            }
            Origin::Folder(root) => (root.as_path(), None),
            Origin::Watched(watched) => {
                trial::reading()?;
                let told = watched.told();
                if let Some(outcome) = told.zip(before).and_then(|(told, before)| self.changed(watched, told, before, digests)) {
                    return outcome;
                }
                (watched.root(), told)
            }
        };
        let listing = Listing::of(root)?;
        let Looked { stamp, can_be_told, identities, device } = Looked::at(&listing, digests)?;
        let seen = Seen { told, can_be_told, is_walked: true };
        // Nothing was told, and it is walked all the same: where each file is in the state in which it
        // is known, nothing has changed. Two changes within one tick may leave one state behind:
        // without the system's word for it, the bytes tell.
        let is_quiet = told.is_some_and(|told| matches!(self, Origin::Watched(watched) if watched.is_settled(told)));
        let known = is_quiet.then(|| digests.kept().last::<KnownFolder>()).flatten();
        let are_settled = || identities.values().all(|identity| digests.is_settled(*identity));
        let is_met = |known: &KnownFolder| known.is_met(&identities, listing.passed_over()) && are_settled();
        let is_known = known.is_some_and(|known| before == Some(known.stamp) && is_met(&known));
        if before == Some(stamp) || is_known && can_be_told {
            self.settled(seen);
            return Ok(None);
        }
        let root = listing.root().into();
        let sources = read_again(listing, &identities, digests)?;
        let known = told.filter(|_| can_be_told).map(|_| {
            let (walked, since) = (Arc::new(identities), BTreeMap::new());
            Box::new(KnownFolder { root, device, stamp, sources: sources.clone(), walked, since })
        });
        Ok(Some(Read { stamp, sources: sources.digested_by(digests), seen: Some(seen), known }))
    }

    /// What there is where the system tells which files have changed since `before`; nothing where
    /// a walk must tell.
    fn changed(&self, watched: &Watched, told: EventCount, before: Stamp, digests: &Arc<DigestCache>) -> Option<io::Result<Option<Read>>> {
        let paths = watched.changed(told)?;
        if paths.is_empty() {
            return Some(Ok(None));
        }
        let known = digests.kept().last::<KnownFolder>().filter(|known| known.stamp == before)?;
        let seen = Seen { told: Some(told), can_be_told: true, is_walked: false };
        match known.patched(&paths) {
            Err(error) => Some(Err(error)),
            Ok(Patch::Walk) => None,
            Ok(Patch::Same(known)) => {
                digests.kept().keep(*known);
                self.settled(seen);
                Some(Ok(None))
            }
            Ok(Patch::Changed(known)) => {
                let sources = known.sources.clone().digested_by(digests);
                Some(Ok(Some(Read { stamp: known.stamp, sources, seen: Some(seen), known: Some(known) })))
            }
        }
    }

    /// What was read is what is shown from now on: as long as nothing is told, it need not be read
    /// again.
    pub fn settle(&self, read: &Read) {
        if let Some(seen) = read.seen {
            self.settled(seen);
        }
        if let Some(known) = &read.known {
            read.sources.kept().keep(KnownFolder::clone(known));
        }
    }

    fn settled(&self, seen: Seen) {
        if let (Origin::Watched(watched), Some(told)) = (self, seen.told) {
            watched.settle(told, seen.can_be_told, seen.is_walked);
        }
    }
}

/// Reads the texts of a listing, but for those whose files are as they were when they were read
/// last.
fn read_again(listing: Listing, identities: &HashMap<PathBuf, Identity>, digests: &DigestCache) -> io::Result<Sources> {
    let before = digests.kept().last::<ReadTexts>();
    let settled = |(path, below): (&str, &Path)| {
        // What was changed just now may be changed again without a trace, also while it is read: it
        // is read again the next time.
        let identity = identities.get(below).filter(|identity| digests.is_settled(**identity))?;
        Some((ArchivePath::from(path), below.to_owned(), *identity))
    };
    let settled: Vec<(ArchivePath, PathBuf, Identity)> = listing.texts().filter_map(settled).collect();
    let sources = listing.read_where(|path, below| before.as_ref()?.known(path, below, *identities.get(below)?))?;
    let mut texts = ReadTexts::default();
    for (path, below, identity) in settled {
        // Why a file could not be read may lie elsewhere than in the file: it is tried again.
        if let Some(file) = sources.by_path(&path.0).filter(|file| file.fault.is_none()) {
            texts.keep(below, identity, file.clone());
        }
    }
    digests.kept().keep(texts);
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ArchivePath;
    use std::fs;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("records")).unwrap();
        fs::write(folder.path().join("records/a.md"), "---\ntype: note\n---\n").unwrap();
        fs::write(folder.path().join("records/a.pdf"), "0000").unwrap();
        folder
    }

    fn read(folder: &Path, digests: &Arc<DigestCache>) -> (Stamp, Sources) {
        let read = Origin::Folder(folder.to_owned()).read(None, digests).unwrap().unwrap();
        (read.stamp, read.sources)
    }

    #[test]
    fn the_bytes_of_an_attachment_on_which_a_seal_rests_belong_to_the_stamp() {
        let (folder, digests) = (folder(), Arc::new(DigestCache::default()));
        let (unasked, sources) = read(folder.path(), &digests);
        sources.attachment_digest(&ArchivePath::from("records/a.pdf")).unwrap().unwrap();
        let (asked, _) = read(folder.path(), &digests);
        assert_ne!(unasked, asked);
        assert_eq!(read(folder.path(), &digests).0, asked);
        let again = Origin::Folder(folder.path().to_owned()).read(Some(asked), &digests).unwrap();
        assert!(again.is_none(), "it is as it was");
    }

    #[test]
    fn a_text_is_read_again_where_its_file_has_changed_or_may_have() {
        let (folder, digests) = (folder(), Arc::new(DigestCache::default()));
        let record = folder.path().join("records/a.md");
        let text = |sources: &Sources| sources.by_path("records/a.md").unwrap().text.clone();
        let [one, two] = [(); 2].map(|()| text(&read(folder.path(), &digests).1));
        assert!(!Arc::ptr_eq(&one, &two), "what was written just now may be written again in the same tick");
        digests.it_is(chrono::Utc::now() + chrono::Duration::seconds(3));
        let [_, one, two] = [(); 3].map(|()| text(&read(folder.path(), &digests).1));
        assert!(Arc::ptr_eq(&one, &two), "a file that is as it was is not read again");
        let kept = read(folder.path(), &digests).1;
        assert_eq!(kept.files, Sources::read(folder.path()).unwrap().files);
        for change in ["---\ntype: memo\n---\n", "shorter", ""] {
            fs::write(&record, change).unwrap();
            assert_eq!(&*text(&read(folder.path(), &digests).1), change);
        }
        // Another file under the same name, and the same file under another one.
        fs::write(folder.path().join("records/b.md"), "another").unwrap();
        digests.it_is(chrono::Utc::now() + chrono::Duration::seconds(6));
        read(folder.path(), &digests);
        fs::rename(folder.path().join("records/b.md"), &record).unwrap();
        let sources = read(folder.path(), &digests).1;
        assert_eq!((&*text(&sources), sources.by_path("records/b.md")), ("another", None));
    }

    #[test]
    fn what_is_written_over_in_one_tick_is_another_state() {
        let (folder, digests) = (folder(), Arc::new(DigestCache::default()));
        let path = folder.path().join("records/a.pdf");
        let mut same_tick = 0;
        for turn in 1..2_000 {
            let before = fs::metadata(&path).unwrap();
            let (_, sources) = read(folder.path(), &digests);
            sources.attachment_digest(&ArchivePath::from("records/a.pdf")).unwrap().unwrap();
            let (stamp, _) = read(folder.path(), &digests);
            fs::write(&path, format!("{turn:04}")).unwrap();
            assert_ne!(read(folder.path(), &digests).0, stamp, "turn {turn}");
            same_tick += usize::from(changed(&before) == changed(&fs::metadata(&path).unwrap()));
            if same_tick == 20 {
                break;
            }
        }
    }
}
