//! What lies beside the records: named when the archive is read, opened when somebody asks for it.

use super::{beneath, identity::Identity, trial};
use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

#[derive(Clone, Debug)]
pub(super) enum Attachment {
    /// `length`: in bytes, when it was listed.
    OnDisk {
        root: Arc<Path>,
        below: PathBuf,
        length: u64,
    },
    Memory(Arc<[u8]>),
}

/// An attachment that was opened: the same bytes to the end, whatever is put in its place
/// meanwhile.
#[derive(Debug)]
pub struct Opened {
    /// In bytes, when it was opened.
    pub length: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Disk(File),
    Memory(Cursor<Arc<[u8]>>),
}

impl Attachment {
    pub(super) fn length(&self) -> u64 {
        match self {
            Attachment::OnDisk { length, .. } => *length,
            Attachment::Memory(bytes) => bytes.len() as u64,
        }
    }

    pub(super) fn open(&self) -> io::Result<Opened> {
        match self {
            Attachment::OnDisk { root, below, .. } => open(root, below),
            Attachment::Memory(bytes) => Ok(Opened { length: bytes.len() as u64, content: Content::Memory(Cursor::new(bytes.clone())) }),
        }
    }
}

pub(super) fn open(root: &Path, below: &Path) -> io::Result<Opened> {
    let file = beneath::open(root, below)?;
    Ok(Opened { length: file.metadata()?.len(), content: Content::Disk(file) })
}

impl Opened {
    /// Which file it is, and in which state; nothing for what lies in memory.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn identity(&self) -> io::Result<Option<Identity>> {
        match &self.content {
            Content::Disk(file) => Ok(Some(Identity::of(&file.metadata()?))),
            Content::Memory(_) => Ok(None),
        }
    }

    /// The bytes from a place on, at most so many; none behind the end.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn read(&mut self, from: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        trial::reading()?;
        match &mut self.content {
            Content::Disk(file) => {
                file.seek(SeekFrom::Start(from))?;
                file.take(most as u64).read_to_end(&mut bytes)?;
            }
            Content::Memory(memory) => {
                memory.set_position(from);
                memory.take(most as u64).read_to_end(&mut bytes)?;
            }
        }
        trial::count(1 + bytes.len() / trial::PIECE);
        Ok(bytes)
    }
}
