//! Files written whole or not at all: beside, synced, renamed.

use super::{EditError, Turn};
use crate::source::{ArchivePath, SourceFile};
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};
use tempfile::NamedTempFile;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A text beside the place that it is to take, safely on the disk: to put it there takes no more
/// room.
pub struct Laid {
    path: ArchivePath,
    target: PathBuf,
    beside: NamedTempFile,
    place: Place,
}

/// What must stand where a text is put.
enum Place {
    Nothing,
    Whatever,
    These(Vec<u8>),
}

impl Laid {
    /// To replace a file's text, if the file is still what was read. A symbolic link stays one; the
    /// file that it names is replaced.
    ///
    /// # Errors
    /// Where it is not, lies outside the archive, or the disk fails.
    pub fn to_replace(root: &Path, file: &SourceFile, text: &str) -> Result<Laid, EditError> {
        let disk = |error| EditError::Disk(file.path.clone(), error);
        let target = unchanged(root, file)?;
        let permissions = fs::metadata(&target).map_err(disk)?.permissions();
        let beside = beside(target.parent().unwrap_or(root), &bytes(file, text)).map_err(disk)?;
        fs::set_permissions(beside.path(), permissions).map_err(disk)?;
        Ok(Laid { path: file.path.clone(), target, beside, place: Place::These(bytes(file, &file.text)) })
    }

    /// To be a new file, in the folders that it needs.
    ///
    /// # Errors
    /// Where it would lie outside the archive, or where the disk fails.
    pub fn to_create(root: &Path, path: &ArchivePath, text: &str) -> Result<Laid, EditError> {
        let is_plain = Path::new(&*path.0).components().all(|step| matches!(step, Component::Normal(_)));
        if !is_plain || path.0.ends_with('/') || path.0.is_empty() {
            return Err(EditError::Outside(path.clone()));
        }
        Laid::to_put(root, path, text).map(|laid| Laid { place: Place::Nothing, ..laid })
    }

    /// To be a file that the program itself makes (a signature, a list of digests), in the place of
    /// an earlier one.
    ///
    /// # Errors
    /// Where it would lie outside the archive, or the disk fails.
    pub fn to_put(root: &Path, path: &ArchivePath, text: &str) -> Result<Laid, EditError> {
        let (folder, name) = path.0.rsplit_once('/').unwrap_or(("", &path.0));
        let folder = folder_inside(root, folder, path)?;
        let beside = beside(&folder, text.as_bytes()).map_err(|error| EditError::Disk(path.clone(), error))?;
        Ok(Laid { path: path.clone(), target: folder.join(name), beside, place: Place::Whatever })
    }

    /// Puts it there. Ours take turns; an editor does not, so that what stood there is looked at
    /// again when it has been taken away.
    ///
    /// # Errors
    /// Where something else stands there, or the disk fails. It is then as it was.
    pub fn put(self) -> Result<(), EditError> {
        let Laid { path, target, beside, place } = self;
        let disk = |error| EditError::Disk(path.clone(), error);
        let taken_away = match place {
            Place::These(expected) if exchange(beside.path(), &target).map_err(disk)? => {
                if fs::read(beside.path()).map_err(disk)? != expected {
                    exchange(beside.path(), &target).map_err(disk)?;
                    return Err(EditError::Changed(path));
                }
                Some(beside)
            }
            Place::These(_) | Place::Whatever => beside.persist(&target).map(|_| None).map_err(|error| disk(error.error))?,
            Place::Nothing => beside.persist_noclobber(&target).map(|_| None).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => EditError::Exists(path.clone()),
                _ => disk(error.error),
            })?,
        };
        sync_folder(target.parent().unwrap_or(&target)).map_err(disk)?;
        drop(taken_away);
        Ok(())
    }
}

/// Replaces a file's text, if the file is still what was read.
///
/// # Errors
/// Where it is not, lies outside the archive, or the disk fails. The file is then as it was.
pub fn replace(root: &Path, _: &Turn, file: &SourceFile, text: &str) -> Result<(), EditError> {
    Laid::to_replace(root, file, text)?.put()
}

/// Moves a file that is still what was read to where nothing stands, in the folders that it needs.
///
/// # Errors
/// Where it is not, where there is a file of that path already, where one of the two would lie
/// outside the archive, or the disk fails. The file is then where it was.
pub fn relocate(root: &Path, file: &SourceFile, path: &ArchivePath) -> Result<(), EditError> {
    let disk = |error| EditError::Disk(path.clone(), error);
    let from = unchanged(root, file)?;
    let (folder, name) = path.0.rsplit_once('/').unwrap_or(("", &path.0));
    let folder = folder_inside(root, folder, path)?;
    match rename_to_nothing(&from, &folder.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(EditError::Exists(path.clone())),
        outcome => outcome.map_err(disk),
    }?;
    [Some(&*folder), from.parent()].into_iter().flatten().try_for_each(sync_folder).map_err(disk)
}

/// A name becomes another, which nothing has (`renameat2` with RENAME_NOREPLACE, or a second name
/// where the file system cannot).
fn rename_to_nothing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => fs::hard_link(from, to).and_then(|()| fs::remove_file(from)),
        outcome => Ok(outcome?),
    }
}

/// Where a file lies that is still what was read.
///
/// # Errors
/// Where it is not, lies outside the archive, or cannot be read.
pub(super) fn unchanged(root: &Path, file: &SourceFile) -> Result<PathBuf, EditError> {
    let target = inside(root, &file.path)?;
    let there = fs::read(&target).map_err(|error| EditError::Disk(file.path.clone(), error))?;
    if there == bytes(file, &file.text) { Ok(target) } else { Err(EditError::Changed(file.path.clone())) }
}

/// Two names change places at once (`renameat2` with RENAME_EXCHANGE); `false` where the file
/// system cannot.
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Writes a new file, with the folders that it needs.
///
/// # Errors
/// Where there is a file of that path already, where it would lie outside the archive, or where the
/// disk fails.
pub fn create(root: &Path, path: &ArchivePath, text: &str) -> Result<(), EditError> {
    Laid::to_create(root, path, text)?.put()
}

/// Writes a file that the program itself makes, in the place of an earlier one.
///
/// # Errors
/// Where it would lie outside the archive, or the disk fails. An earlier one is then as it was.
pub fn put(root: &Path, _: &Turn, path: &ArchivePath, text: &str) -> Result<(), EditError> {
    Laid::to_put(root, path, text)?.put()
}

/// The file on disk, symbolic links followed.
fn inside(root: &Path, path: &ArchivePath) -> Result<PathBuf, EditError> {
    let disk = |error| EditError::Disk(path.clone(), error);
    let root = root.canonicalize().map_err(disk)?;
    let target = root.join(&*path.0).canonicalize().map_err(disk)?;
    if target.starts_with(&root) { Ok(target) } else { Err(EditError::Outside(path.clone())) }
}

/// A folder below the root, made where it is not there; no step of it may lead out by a symbolic
/// link.
fn folder_inside(root: &Path, folder: &str, path: &ArchivePath) -> Result<PathBuf, EditError> {
    let disk = |error| EditError::Disk(path.clone(), error);
    let root = root.canonicalize().map_err(disk)?;
    let mut reached = root.clone();
    for step in folder.split('/').filter(|step| !step.is_empty()) {
        let parent = reached.clone();
        reached.push(step);
        match fs::create_dir(&reached) {
            Ok(()) => sync_folder(&parent).map_err(disk)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(disk(error)),
        }
        reached = reached.canonicalize().map_err(disk)?;
        if !reached.starts_with(&root) {
            return Err(EditError::Outside(path.clone()));
        }
    }
    Ok(reached)
}

/// A hidden file in the folder with these bytes, safely on disk.
fn beside(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chancery-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a rename last through a loss of power. Windows has no such call for folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A text as it stands on disk.
fn bytes(file: &SourceFile, text: &str) -> Vec<u8> {
    let mark = if file.byte_order_mark { BYTE_ORDER_MARK } else { &[] };
    [mark, text.as_bytes()].concat()
}

/// Writes a new file that nobody else may read, in a folder that nobody else may enter.
///
/// # Errors
/// Where there is a file of that path already, or the disk fails.
pub fn create_private(root: &Path, path: &ArchivePath, text: &str) -> Result<(), EditError> {
    let disk = |error| EditError::Disk(path.clone(), error);
    let target = root.join(&*path.0);
    let mut folder = fs::DirBuilder::new();
    let mut options = File::options();
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    folder.recursive(true).create(target.parent().unwrap_or(root)).map_err(disk)?;
    let mut file = options.write(true).create_new(true).open(&target).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => EditError::Exists(path.clone()),
        _ => disk(error),
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(disk)
}

/// Fills a folder, which must be new or empty, from one that `fill` has filled out of sight.
///
/// # Errors
/// Those of `fill`; where the folder is not empty, or the disk fails. As long as `fill` has not
/// ended, there is nothing to be seen.
pub fn create_folder<E: From<io::Error>>(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), E>) -> Result<(), E> {
    let folder = std::path::absolute(folder)?;
    let is_new = !folder.exists();
    if !is_new && fs::read_dir(&folder)?.next().is_some() {
        return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty).into());
    }
    let around = if is_new { folder.parent().unwrap_or(&folder) } else { &folder };
    fs::create_dir_all(around)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chancery-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let beside = builder.tempdir_in(around)?;
    fill(beside.path())?;
    if is_new {
        fs::rename(beside.path(), &folder)?;
        let _moved = beside.keep();
    } else {
        // Somebody may stand in it, or it may be a disk of its own: it stays, and what was filled
        // moves up.
        move_up(beside.path(), &folder)?;
    }
    Ok(sync_folder(around)?)
}

fn move_up(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::rename(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
