//! Opens what lies below a folder one step at a time, so that no symbolic link leads out of it: not
//! even one that was put there after the names were read.

use super::trial;
use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat},
    io::Errno,
};
use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, ErrorKind},
    os::{fd::OwnedFd, unix::ffi::OsStringExt},
    path::{Component, Path},
};

/// Opens a regular file by its path below a folder.
///
/// # Errors
/// Where there is none, [`ErrorKind::NotFound`]: a symbolic link on the way or at the end of it is
/// none. Where it cannot be opened, the system's. What else lies there (a folder, a pipe) is
/// [`ErrorKind::InvalidInput`].
pub(super) fn open(root: &Path, below: &Path) -> io::Result<File> {
    trial::reading()?;
    let mut folder = Folder::of(root).map_err(of_the_root)?;
    let mut steps = below.components().peekable();
    while let Some(step) = steps.next() {
        let Component::Normal(name) = step else { return Err(ErrorKind::NotFound.into()) };
        if steps.peek().is_none() {
            return folder.open(name);
        }
        folder = folder.enter(name)?;
    }
    Err(no_file())
}

/// A folder that was opened: the same one to the end, whatever is put in its place meanwhile.
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// The folder of a path that may hold symbolic links: the root that an operator names.
    pub fn of(root: &Path) -> io::Result<Folder> {
        Ok(Folder(OwnedFd::from(File::open(root)?)))
    }

    /// A folder that lies in this one.
    pub fn enter(&self, name: &OsStr) -> io::Result<Folder> {
        self.opened(name, OFlags::DIRECTORY).map(Folder)
    }

    /// A regular file that lies in this folder.
    pub fn open(&self, name: &OsStr) -> io::Result<File> {
        // Opening a pipe would wait for somebody to write to it, and a terminal would become ours.
        let file = File::from(self.opened(name, OFlags::NONBLOCK | OFlags::NOCTTY)?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
    }

    fn opened(&self, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
        openat(&self.0, name, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | flags, Mode::empty()).map_err(told)
    }

    /// What a name stands for, a symbolic link for itself.
    pub fn kind(&self, name: &OsStr) -> io::Result<FileType> {
        Ok(FileType::from_raw_mode(statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode))
    }

    /// The names in this folder, in order; at most so many of them.
    pub fn names(&self, most: usize) -> io::Result<Vec<OsString>> {
        let entries = Dir::read_from(&self.0)?.map(|entry| Ok(OsString::from_vec(entry?.file_name().to_bytes().to_vec())));
        let names = entries.filter(|name| !name.as_ref().is_ok_and(|name| name == "." || name == ".."));
        let mut names: Vec<OsString> = names.take(most).collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }
}

fn no_file() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "not a regular file")
}

/// That the root is not there, or is shut, says nothing of the file below it.
fn of_the_root(error: io::Error) -> io::Error {
    io::Error::other(error)
}

/// A link where a file or a folder was (open(2): ELOOP, or ENOTDIR on the way) means that the file
/// is gone.
fn told(errno: Errno) -> io::Error {
    match errno {
        Errno::LOOP | Errno::NOTDIR | Errno::MLINK => ErrorKind::NotFound.into(),
        // open(2): a socket, or a device that is not there.
        Errno::NXIO | Errno::NODEV => no_file(),
        errno => errno.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, io::Read, os::unix::fs::symlink};

    fn read(root: &Path, below: &str) -> Result<String, ErrorKind> {
        let mut text = String::new();
        open(root, Path::new(below)).and_then(|mut file| file.read_to_string(&mut text)).map_err(|e| e.kind())?;
        Ok(text)
    }

    #[test]
    fn no_step_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        fs::write(root.join("a/b/file"), "own").unwrap();
        symlink("../../secret", root.join("a/link")).unwrap();
        symlink("b/file", root.join("a/near")).unwrap();
        symlink("../..", root.join("a/up")).unwrap();
        symlink("b", root.join("a/folder")).unwrap();
        assert_eq!(read(&root, "a/b/file").as_deref(), Ok("own"));
        for out in
            ["a/link", "a/near", "a/up/secret", "a/folder/file", "../secret", "a/../../secret", "/etc/hostname", "none", "a/b/file/x"]
        {
            assert_eq!(read(&root, out), Err(ErrorKind::NotFound), "{out}");
        }
        for other in ["a/b", ""] {
            assert_eq!(read(&root, other), Err(ErrorKind::InvalidInput), "{other}");
        }
    }

    #[test]
    fn nobody_waits_at_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.path().join("pipe"), Mode::RUSR).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        assert_eq!(read(folder.path(), "pipe"), Err(ErrorKind::InvalidInput));
        assert_eq!(read(folder.path(), "socket"), Err(ErrorKind::InvalidInput));
    }
}
