//! Reads an archive (a folder, memory, a folder with an editor's unsaved buffers laid over it) into texts with ids. Never parses.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The path of a file below the archive's root, `/`-separated, as written on disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArchivePath(pub Arc<str>);

/// The id of a record, unique in an archive.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordId(pub Arc<str>);

/// A file of one [`Sources`]: an index into [`Sources::files`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A range of bytes in a file's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// A line and a column, both 1-based; columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// What a file is by the place where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// `policies/*.md`
    Policy,
    /// `records/**/*.md`
    Record,
    /// `chancery.yaml`
    Settings,
    /// `policies/allowed_signers`
    Signers,
}

/// Why a file's text is not what was on disk, or not there at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Not UTF-8 from this byte on; `likely` names the encoding it looks like (`GB18030`, `UTF-16LE`, …).
    Encoding { at: u32, likely: Option<&'static str> },
    /// The operating system's words.
    Unreadable(String),
    /// Listed, and gone when it was read.
    Vanished,
    /// A symbolic link that leaves the archive.
    Outside,
    /// A symbolic link that leads back to a folder above it.
    Circle,
    /// Larger than [`MAX_BYTES`].
    TooLarge(u64),
}

/// No document is larger than this.
pub const MAX_BYTES: u64 = 16 << 20;

/// A text of the archive.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub id: FileId,
    pub path: ArchivePath,
    pub room: Room,
    /// The text, without a byte-order mark at its head; where it is not UTF-8, with replacement characters.
    pub text: Arc<str>,
    pub fault: Option<Fault>,
    /// Whether a byte-order mark stood at the head.
    pub byte_order_mark: bool,
}

/// All texts of an archive, in the order of their paths, and the names of the attachments.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: Vec<SourceFile>,
    attachments: BTreeMap<ArchivePath, Attachment>,
}

#[derive(Clone, Debug)]
enum Attachment {
    OnDisk(PathBuf),
    Memory(Arc<[u8]>),
}

impl Sources {
    /// Reads the archive below `root`. A file that cannot be read is there with its [`Fault`].
    ///
    /// # Errors
    /// Where `root` is not a folder that can be listed.
    pub fn read(root: &Path) -> std::io::Result<Sources> {
        let _ = root;
        todo!()
    }

    /// An archive that stands in memory: pairs of path and bytes.
    pub fn from_memory<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Sources {
        let _ = files;
        todo!()
    }

    /// The same archive with one text replaced or added.
    pub fn with(&self, path: &str, text: &str) -> Sources {
        let _ = (path, text);
        todo!()
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn by_path(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|f| &*f.path.0 == path)
    }

    pub fn in_room(&self, room: Room) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(move |f| f.room == room)
    }

    pub fn attachments(&self) -> impl Iterator<Item = &ArchivePath> {
        self.attachments.keys()
    }

    /// The bytes of an attachment; `None` where there is none of that path.
    pub fn attachment(&self, path: &ArchivePath) -> Option<std::io::Result<Vec<u8>>> {
        Some(match self.attachments.get(path)? {
            Attachment::OnDisk(path) => std::fs::read(path),
            Attachment::Memory(bytes) => Ok(bytes.to_vec()),
        })
    }

    /// Where a byte of a file stands, for people.
    pub fn position(&self, file: FileId, byte: u32) -> Position {
        let _ = (file, byte);
        todo!()
    }

    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

impl fmt::Display for ArchivePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for RecordId {
    fn from(id: &str) -> Self {
        RecordId(id.into())
    }
}

impl From<&str> for ArchivePath {
    fn from(path: &str) -> Self {
        ArchivePath(path.into())
    }
}
