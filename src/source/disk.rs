//! The archive's folder: first its names, then its texts.

use super::{ArchivePath, Attachment, Fault, MAX_BYTES, Place, Room, SourceFile, Sources, place};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};
use walkdir::{DirEntry, WalkDir};

/// The names in an archive's folder, before any text is read.
#[derive(Debug)]
pub struct Listing {
    root: PathBuf,
    texts: Vec<(String, Room, PathBuf)>,
    attachments: BTreeMap<ArchivePath, Attachment>,
    faulty: Vec<SourceFile>,
    /// Folders that a symbolic link led to: each is entered by a link but once, or links across could multiply without end.
    linked: BTreeSet<PathBuf>,
}

impl Listing {
    /// The names below `root`.
    ///
    /// # Errors
    /// Where `root` is not a folder that can be listed.
    pub fn of(root: &Path) -> io::Result<Listing> {
        std::fs::read_dir(root)?;
        let root = root.canonicalize()?;
        let mut listing = Listing { root, texts: Vec::new(), attachments: BTreeMap::new(), faulty: Vec::new(), linked: BTreeSet::new() };
        listing.walk();
        Ok(listing)
    }

    fn walk(&mut self) {
        let mut entries = WalkDir::new(&self.root).follow_links(true).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => {
                    let is_folder = entry.file_type().is_dir();
                    if !self.take(&entry) && is_folder {
                        entries.skip_current_dir();
                    }
                }
                Err(error) => self.fail(&error),
            }
        }
    }

    /// Takes a name into the listing; whether a folder is to be entered.
    fn take(&mut self, entry: &DirEntry) -> bool {
        let path = self.below_root(entry.path());
        if !is_ours(&path) {
            return false;
        }
        let mut on_disk = entry.path().to_owned();
        if entry.path_is_symlink() {
            match self.target(&on_disk) {
                Ok(target) => on_disk = target,
                Err(fault) => {
                    self.fault(path, fault);
                    return false;
                }
            }
        }
        match entry.file_type().is_dir() {
            true => self.take_folder(path, on_disk, entry.path_is_symlink()),
            false => self.take_file(path, on_disk),
        }
    }

    fn take_folder(&mut self, path: String, on_disk: PathBuf, is_link: bool) -> bool {
        if let Place::Room(_) = place(&path) {
            self.fault(path, Fault::Unreadable(ErrorKind::IsADirectory.to_string()));
        }
        !is_link || self.linked.insert(on_disk)
    }

    fn take_file(&mut self, path: String, on_disk: PathBuf) -> bool {
        match place(&path) {
            Place::Room(room) => self.texts.push((path, room, on_disk)),
            Place::Attachment => {
                self.attachments.insert(path.as_str().into(), Attachment::OnDisk(on_disk));
            }
            Place::Elsewhere => {}
        }
        true
    }

    /// Where a symbolic link leads, as long as that is in the archive.
    fn target(&self, link: &Path) -> Result<PathBuf, Fault> {
        let target = link.canonicalize().map_err(|e| link_fault(&e))?;
        if target.starts_with(&self.root) { Ok(target) } else { Err(Fault::Outside) }
    }

    fn fail(&mut self, error: &walkdir::Error) {
        let Some(path) = error.path().map(|p| self.below_root(p)).filter(|p| is_ours(p)) else { return };
        let is_link = error.path().is_some_and(Path::is_symlink);
        let fault = match error.io_error() {
            None => Fault::Circle,
            Some(error) if is_link => link_fault(error),
            Some(error) => fault_of(error),
        };
        self.fault(path, fault);
    }

    fn fault(&mut self, path: String, fault: Fault) {
        let room = match place(&path) {
            Place::Room(room) => room,
            // A folder or an attachment that cannot be entered is told like a record: nothing is lost without a word.
            Place::Attachment | Place::Elsewhere => Room::Record,
        };
        self.faulty.push(SourceFile::faulty(path, room, fault));
    }

    fn below_root(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let names: Vec<_> = below.components().map(|name| name.as_os_str().to_string_lossy()).collect();
        names.join("/")
    }

    /// What was listed: its path in the archive, and where it lies on disk if it can be told.
    pub(super) fn on_disk(&self) -> impl Iterator<Item = (&str, Option<&Path>)> {
        let attachments = self.attachments.iter().map(|(path, attachment)| match attachment {
            Attachment::OnDisk(on_disk) => (&*path.0, Some(&**on_disk)),
            Attachment::Memory(_) => (&*path.0, None),
        });
        let texts = self.texts.iter().map(|(path, _, on_disk)| (&**path, Some(&**on_disk)));
        texts.chain(attachments).chain(self.faulty.iter().map(|file| (&*file.path.0, None)))
    }

    /// Reads the texts that were listed.
    pub fn read(self) -> Sources {
        let mut files: Vec<_> = self.texts.into_par_iter().map(|(path, room, on_disk)| read_text(path, room, &on_disk)).collect();
        files.extend(self.faulty);
        let mut sources = Sources { files, attachments: self.attachments };
        sources.put_in_order();
        sources
    }
}

/// Whether a name may be, or lead to, a part of the archive.
fn is_ours(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    let is_hidden = path.split('/').any(|name| name.starts_with('.'));
    !is_hidden && (matches!(top, "records" | "policies") || path == "chancery.yaml")
}

fn fault_of(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound => Fault::Vanished,
        _ => Fault::Unreadable(error.to_string()),
    }
}

/// What else than a missing target or missing rights stands in the way of following a link is that it leads to itself.
fn link_fault(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => fault_of(error),
        _ => Fault::Circle,
    }
}

fn read_text(path: String, room: Room, on_disk: &Path) -> SourceFile {
    match read_bytes(on_disk) {
        Ok(bytes) => SourceFile::from_bytes(path, room, bytes),
        Err(fault) => SourceFile::faulty(path, room, fault),
    }
}

fn read_bytes(on_disk: &Path) -> Result<Vec<u8>, Fault> {
    let meta = std::fs::metadata(on_disk).map_err(|e| fault_of(&e))?;
    // Opening a pipe would wait for somebody to write to it.
    if !meta.is_file() {
        return Err(Fault::Unreadable("not a regular file".to_owned()));
    }
    if meta.len() > MAX_BYTES {
        return Err(Fault::TooLarge(meta.len()));
    }
    let mut bytes = Vec::new();
    let file = File::open(on_disk).map_err(|e| fault_of(&e))?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|e| fault_of(&e))?;
    Ok(bytes)
}
