//! The place where a site is made and swapped in. Beside the folder `NAME` stands
//! `.site-NAME.lock`, and while a build is at work `.site-NAME-00000001` (the new files). On a file
//! system where two folders cannot change places at once, the site is a link to the latter.

use super::{Making, PublishError, plan::Plan};
use rayon::prelude::*;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Stands in every published folder: what holds it may be replaced.
const MARK: &str = ".chancery-site";

pub struct Stage<'a> {
    out: PathBuf,
    parent: PathBuf,
    name: String,
    moment: &'a (dyn Fn() + Sync),
    /// Held until the stage is struck.
    lock: File,
}

/// What stands at the place of the site.
enum Old {
    Nothing,
    /// A link to a folder that a build has written.
    Link(String),
    /// A plain folder that is empty or a published one.
    Folder,
}

impl<'a> Stage<'a> {
    /// Looks at what stands there, keeps other builds out, and clears away what an interrupted one
    /// has left.
    pub fn set(out: &Path, moment: &'a (dyn Fn() + Sync)) -> Result<Stage<'a>, PublishError> {
        let name = out.file_name().and_then(|name| name.to_str()).ok_or_else(|| PublishError::NotASite(out.to_owned()))?.to_owned();
        let parent = match out.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(at(&parent))?;
        let lock = lock(&parent.join(format!(".site-{name}.lock")), out)?;
        let stage = Stage { out: parent.join(&name), parent, name, moment, lock };
        let old = stage.old()?;
        stage.clear(&old)?;
        Ok(stage)
    }

    fn old(&self) -> Result<Old, PublishError> {
        let Some(kind) = kind(&self.out)? else { return Ok(Old::Nothing) };
        if kind.is_symlink() {
            let target = fs::read_link(&self.out).map_err(at(&self.out))?;
            let ours = target.to_str().filter(|target| self.is_ours(target));
            return ours.map(|target| Old::Link(target.to_owned())).ok_or_else(|| PublishError::NotASite(self.out.clone()));
        }
        let is_free = || Ok(self.out.join(MARK).exists() || fs::read_dir(&self.out)?.next().is_none());
        if kind.is_dir() && is_free().map_err(at(&self.out))? { Ok(Old::Folder) } else { Err(PublishError::NotASite(self.out.clone())) }
    }

    /// Whether a name is one that a build gives to a folder of this site.
    fn is_ours(&self, name: &str) -> bool {
        let number =
            name.strip_prefix(".site-").and_then(|rest| rest.strip_prefix(self.name.as_str())).and_then(|rest| rest.strip_prefix('-'));
        number.is_some_and(|number| number.len() == 8 && number.bytes().all(|b| b.is_ascii_digit()))
    }

    fn link(&self) -> PathBuf {
        self.parent.join(format!(".site-{}.link", self.name))
    }

    /// Removes every folder of this site but the one that is published.
    fn clear(&self, old: &Old) -> Result<(), PublishError> {
        let current = match old {
            Old::Link(current) => current.as_str(),
            Old::Nothing | Old::Folder => "",
        };
        for name in self.folders()?.iter().filter(|name| *name != current) {
            self.remove(&self.parent.join(name))?;
        }
        self.remove(&self.link().with_extension("tried"))?;
        self.remove(&self.link())
    }

    fn folders(&self) -> Result<Vec<String>, PublishError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.parent).map_err(at(&self.parent))? {
            let name = entry.map_err(at(&self.parent))?.file_name();
            names.extend(name.to_str().filter(|name| self.is_ours(name)).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Removes what has one of our own names: of a link the link itself, never what it leads to.
    fn remove(&self, path: &Path) -> Result<(), PublishError> {
        let Some(kind) = kind(path)? else { return Ok(()) };
        (self.moment)();
        if kind.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.map_err(at(path))
    }

    /// Writes the files into a fresh folder as they are made, down to the disk, and gives its name
    /// and their number.
    pub fn write(&self, plan: &Plan<'_>, making: &Making<'_>) -> Result<(String, usize), PublishError> {
        let last = self.folders()?.iter().filter_map(|name| name.rsplit_once('-')?.1.parse::<u32>().ok()).max();
        let fresh = format!(".site-{}-{:08}", self.name, (last.unwrap_or(0) + 1) % 100_000_000);
        let root = self.parent.join(&fresh);
        self.make_folder(&root)?;
        self.write_file(&root.join(MARK), b"")?;
        plan.folders.iter().try_for_each(|folder| self.make_folder(&root.join(folder)))?;
        let written: Result<Vec<usize>, PublishError> = plan
            .files
            .par_iter()
            .map(|(file, address)| {
                let Some(page) = making(address)? else { return Ok(0) };
                self.write_file(&root.join(file), &page.body).map(|()| 1)
            })
            .collect();
        let count = written?.into_iter().sum();
        self.settle_all(&root)?;
        Ok((fresh, count))
    }

    fn make_folder(&self, path: &Path) -> Result<(), PublishError> {
        (self.moment)();
        fs::create_dir(path).map_err(at(path))
    }

    fn write_file(&self, path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
        (self.moment)();
        let write = || {
            let mut file = File::create_new(path)?;
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            file.write_all(first)?;
            (self.moment)();
            file.write_all(rest)
        };
        write().map_err(at(path))
    }

    /// All that was written is on the disk: at once for the file system that holds the folder, for
    /// to ask it of ten thousand files one by one takes longer than to make them.
    fn settle_all(&self, root: &Path) -> Result<(), PublishError> {
        (self.moment)();
        File::open(root).and_then(|root| Ok(rustix::fs::syncfs(root)?)).map_err(at(root))
    }

    /// The names in a folder are on the disk.
    fn settle(&self, folder: &Path) -> Result<(), PublishError> {
        (self.moment)();
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
    }

    /// Puts the fresh folder in the place of the old site by one rename, then removes the old one.
    pub fn swap(&self, fresh: &str) -> Result<(), PublishError> {
        let (old, root) = (self.old()?, self.parent.join(fresh));
        let is_placed = match &old {
            Old::Nothing if self.can_exchange()? => {
                (self.moment)();
                fs::rename(&root, &self.out).map_err(at(&self.out))?;
                true
            }
            Old::Nothing => false,
            Old::Link(_) | Old::Folder => {
                (self.moment)();
                exchange(&root, &self.out)?
            }
        };
        match (&old, is_placed) {
            (Old::Folder, false) => return Err(PublishError::NoExchange(self.out.clone())),
            (_, false) => self.place_link(fresh)?,
            (_, true) => {}
        }
        self.settle(&self.parent)?;
        if let Old::Link(name) = &old {
            self.remove(&self.parent.join(name))?;
        }
        // After an exchange the old folder, or the link to it, stands where the fresh one was.
        if is_placed { self.remove(&root) } else { Ok(()) }
    }

    /// Where two names cannot change places at once, a link is put in the place of another.
    fn place_link(&self, fresh: &str) -> Result<(), PublishError> {
        let link = self.link();
        (self.moment)();
        std::os::unix::fs::symlink(fresh, &link).map_err(at(&link))?;
        (self.moment)();
        fs::rename(&link, &self.out).map_err(at(&self.out))
    }

    /// Whether the next site will be able to take the place of a plain folder.
    fn can_exchange(&self) -> Result<bool, PublishError> {
        let tried = [self.link(), self.link().with_extension("tried")];
        tried.iter().try_for_each(|path| self.make_folder(path))?;
        let can = exchange(&tried[0], &tried[1])?;
        tried.iter().try_for_each(|path| self.remove(path))?;
        Ok(can)
    }
}

impl Drop for Stage<'_> {
    /// Closing would not do: a process started meanwhile may for a moment hold the file open too,
    /// and the lock with it.
    fn drop(&mut self) {
        // An unlock that fails leaves it to the closing.
        self.lock.unlock().ok();
    }
}

/// Two names change places at once (`renameat2` with RENAME_EXCHANGE); `false` where the file
/// system cannot do it.
fn exchange(one: &Path, other: &Path) -> Result<bool, PublishError> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(e) => Err(PublishError::Io(other.to_owned(), e.into())),
    }
}

fn lock(path: &Path, out: &Path) -> Result<File, PublishError> {
    let file = File::options().create(true).append(true).open(path).map_err(at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(PublishError::Busy(out.to_owned())),
        Err(fs::TryLockError::Error(e)) => Err(PublishError::Io(path.to_owned(), e)),
    }
}

/// What stands at a path itself, links not followed.
fn kind(path: &Path) -> Result<Option<fs::FileType>, PublishError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(PublishError::Io(path.to_owned(), e)),
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> PublishError {
    let path = path.to_owned();
    move |e| PublishError::Io(path.clone(), e)
}
