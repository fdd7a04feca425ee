//! The archive's folder: first its names, then its texts.

use super::{
    ArchivePath, Attachment, Fault, MAX_BYTES, Place, Room, SETTINGS, SourceFile, Sources, beneath, failure::is_of_the_file, is_hidden,
    meant_path, place, trial,
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
};
use walkdir::{DirEntry, WalkDir};

/// The names in an archive's folder, before any text is read.
#[derive(Debug)]
pub struct Listing {
    root: Arc<Path>,
    /// With the path below the root at which its bytes lie.
    texts: Vec<(String, Room, PathBuf)>,
    attachments: BTreeMap<ArchivePath, Attachment>,
    faulty: Vec<SourceFile>,
    passed_over: BTreeSet<ArchivePath>,
    /// Folders that a symbolic link led to: each is entered by a link but once, or links across
    /// could multiply without end.
    linked: BTreeSet<PathBuf>,
    /// The symbolic links by which they were entered.
    links: BTreeSet<PathBuf>,
    has_links: bool,
}

impl Listing {
    /// The names below `root`.
    ///
    /// # Errors
    /// Where `root` is not a folder that can be listed, or the system fails (see
    /// [`super::Failure`]).
    pub fn of(root: &Path) -> io::Result<Listing> {
        trial::reading()?;
        std::fs::read_dir(root)?;
        let root = root.canonicalize()?.into();
        let (texts, attachments, faulty, passed_over) = Default::default();
        let mut listing =
            Listing { root, texts, attachments, faulty, passed_over, linked: BTreeSet::new(), links: BTreeSet::new(), has_links: false };
        listing.walk()?;
        Ok(listing)
    }

    fn walk(&mut self) -> io::Result<()> {
        let mut entries = WalkDir::new(&self.root).follow_links(true).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            trial::reading()?;
            match entry {
                Ok(entry) => {
                    let is_folder = entry.file_type().is_dir();
                    if !self.take(&entry)? && is_folder {
                        entries.skip_current_dir();
                    }
                }
                Err(error) => self.fail(error)?,
            }
        }
        Ok(())
    }

    /// Takes a name into the listing; whether a folder is to be entered.
    fn take(&mut self, entry: &DirEntry) -> io::Result<bool> {
        let path = self.below_root(entry.path());
        if !is_ours(&path) {
            return Ok(false);
        }
        let is_folder = entry.file_type().is_dir();
        self.has_links |= entry.path_is_symlink();
        let below = match self.place_on_disk(entry, &path, is_folder)? {
            Ok(below) => below,
            Err(fault) => {
                self.fault(path, fault);
                return Ok(false);
            }
        };
        match is_folder {
            true => Ok(self.take_folder(path, below, entry)),
            false => self.take_file(path, below, entry),
        }
    }

    fn take_folder(&mut self, path: String, below: PathBuf, entry: &DirEntry) -> bool {
        if let Place::Room(_) = place(&path) {
            self.fault(path, Fault::Unreadable(ErrorKind::IsADirectory.to_string()));
        }
        if !entry.path_is_symlink() {
            return true;
        }
        self.links.insert(entry.path().to_owned());
        self.linked.insert(below)
    }

    fn take_file(&mut self, path: String, below: PathBuf, entry: &DirEntry) -> io::Result<bool> {
        if meant_path(&path).is_some() {
            self.passed_over.insert(path.as_str().into());
        }
        match place(&path) {
            Place::Room(room) => self.texts.push((path, room, below)),
            Place::Attachment => {
                let length = match entry.metadata() {
                    Ok(metadata) => metadata.len(),
                    // What is gone meanwhile has none; whoever opens it is told.
                    Err(error) => of_the_file(error.into()).map(|_| 0)?,
                };
                self.attachments.insert(path.as_str().into(), Attachment::OnDisk { root: self.root.clone(), below, length });
            }
            Place::Elsewhere => {}
        }
        Ok(true)
    }

    /// The path below the root at which a name's bytes lie, without a symbolic link on the way.
    fn place_on_disk(&self, entry: &DirEntry, path: &str, is_folder: bool) -> io::Result<Result<PathBuf, Fault>> {
        let is_through_link = entry.path_is_symlink() || entry.path().ancestors().any(|folder| self.links.contains(folder));
        if is_through_link {
            return self.target(entry.path(), path, is_folder);
        }
        Ok(Ok(entry.path().strip_prefix(&self.root).unwrap_or(entry.path()).to_owned()))
    }

    /// Where a symbolic link leads, as long as that is a part of the archive, and a document of the
    /// kind that stands where the link does. Who may write into one folder could else have any file
    /// of the server's read out as his own.
    fn target(&self, link: &Path, path: &str, is_folder: bool) -> io::Result<Result<PathBuf, Fault>> {
        trial::reading()?;
        match link.canonicalize() {
            Ok(target) => Ok(self.target_below(&target, path, is_folder)),
            Err(error) => of_the_file(error).map(|error| Err(link_fault(&error))),
        }
    }

    fn target_below(&self, target: &Path, path: &str, is_folder: bool) -> Result<PathBuf, Fault> {
        let below = target.strip_prefix(&self.root).map_err(|_| Fault::Outside)?;
        let named = self.below_root(target);
        match place(path) {
            _ if !is_ours(&named) => Err(Fault::Outside),
            _ if is_folder => Ok(below.to_owned()),
            Place::Attachment => Err(Fault::Link),
            Place::Room(room) if place(&named) != Place::Room(room) => Err(Fault::Outside),
            _ => Ok(below.to_owned()),
        }
    }

    /// What the walk met in the place of a name. It goes on, unless the system fails.
    fn fail(&mut self, error: walkdir::Error) -> io::Result<()> {
        let place = error.path().map(|path| (self.below_root(path), path.is_symlink()));
        let error = error.into_io_error().map(of_the_file).transpose()?;
        let Some((path, is_link)) = place.filter(|(path, _)| is_ours(path)) else { return Ok(()) };
        let fault = match error {
            None => Fault::Circle,
            Some(error) if is_link => link_fault(&error),
            Some(error) => fault_of(&error),
        };
        self.fault(path, fault);
        Ok(())
    }

    fn fault(&mut self, path: String, fault: Fault) {
        let room = match place(&path) {
            Place::Room(room) => room,
            // A folder or an attachment that cannot be entered is told like a record: nothing is
            // lost without a word.
            Place::Attachment | Place::Elsewhere => Room::Record,
        };
        self.faulty.push(SourceFile::faulty(path, room, fault));
    }

    fn below_root(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let names: Vec<_> = below.components().map(|name| name.as_os_str().to_string_lossy()).collect();
        names.join("/")
    }

    /// What was listed: its path in the archive, and where its bytes lie below the root if that can
    /// be told.
    pub(super) fn on_disk(&self) -> impl Iterator<Item = (&str, Option<&Path>)> {
        let attachments = self.attachments.iter().map(|(path, attachment)| match attachment {
            Attachment::OnDisk { below, .. } => (&*path.0, Some(&**below)),
            Attachment::Memory(_) => (&*path.0, None),
        });
        let texts = self.texts.iter().map(|(path, _, below)| (&**path, Some(&**below)));
        let faulty = self.faulty.iter().map(|file| &file.path);
        texts.chain(attachments).chain(faulty.chain(&self.passed_over).map(|path| (&*path.0, None)))
    }

    /// The texts, each with the path below the root at which its bytes lie.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.texts.iter().map(|(path, _, below)| (&**path, &**below))
    }

    /// Whether everything that was met could be entered, and none of it by a link.
    pub(super) fn is_plain(&self) -> bool {
        !self.has_links && self.faulty.is_empty()
    }

    /// What looks like a record or a policy, and is read as neither.
    pub(super) fn passed_over(&self) -> &BTreeSet<ArchivePath> {
        &self.passed_over
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Reads the texts that were listed.
    ///
    /// # Errors
    /// Where the system fails (see [`super::Failure`]).
    pub fn read(self) -> io::Result<Sources> {
        self.read_where(|_, _| None)
    }

    /// The same but for texts that are `known` by their names and by where their bytes lie.
    pub(super) fn read_where(self, known: impl Fn(&str, &Path) -> Option<SourceFile> + Sync) -> io::Result<Sources> {
        let root = &*self.root;
        let read = |(path, room, below): (String, Room, PathBuf)| match known(&path, &below) {
            Some(file) => Ok(file),
            None => read_text(path, room, root, &below),
        };
        let mut files = self.texts.into_par_iter().map(read).collect::<io::Result<Vec<_>>>()?;
        files.extend(self.faulty);
        let mut sources = Sources { files: files.into(), passed_over: self.passed_over, ..Sources::default() };
        sources.attach(self.attachments);
        sources.put_in_order();
        Ok(sources)
    }
}

/// Whether a name may be, or lead to, a part of the archive.
pub(super) fn is_ours(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    !is_hidden(path) && (matches!(top, "records" | "policies") || path.strip_suffix(".sig").unwrap_or(path) == SETTINGS)
}

fn fault_of(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound => Fault::Vanished,
        _ => Fault::Unreadable(error.to_string()),
    }
}

/// What else than a missing target or missing rights stands in the way of following a link is that
/// it leads to itself.
fn link_fault(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => fault_of(error),
        _ => Fault::Circle,
    }
}

/// An error of a file, which is its fault; one of the system is the reader's.
fn of_the_file(error: io::Error) -> io::Result<io::Error> {
    if is_of_the_file(&error) { Ok(error) } else { Err(error) }
}

/// A text that lies in an archive's folder itself, before the archive is read: its settings, which
/// say in which language to speak.
///
/// # Errors
/// Where it is no plain file, too large, or not UTF-8; where it cannot be read, the system's. A
/// symbolic link is not followed.
pub fn text_at_root(root: &Path, name: &str) -> io::Result<String> {
    let mut text = String::new();
    beneath::open(root, Path::new(name))?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

pub(super) fn read_text(path: String, room: Room, root: &Path, below: &Path) -> io::Result<SourceFile> {
    Ok(match read_bytes(root, below, room.max_bytes()) {
        Ok(Ok(bytes)) => SourceFile::from_bytes(path, room, bytes),
        Ok(Err(fault)) => SourceFile::faulty(path, room, fault),
        Err(error) => SourceFile::faulty(path, room, fault_of(&of_the_file(error)?)),
    })
}

fn read_bytes(root: &Path, below: &Path, most: u64) -> io::Result<Result<Vec<u8>, Fault>> {
    let file = beneath::open(root, below)?;
    let length = file.metadata()?.len();
    if length > most {
        return Ok(Err(Fault::TooLarge(length)));
    }
    let mut bytes = Vec::new();
    trial::reading()?;
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok(Ok(bytes))
}
