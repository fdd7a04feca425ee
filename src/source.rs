//! Reads an archive (a folder, memory, a folder with an editor's unsaved buffers laid over it) into
//! texts with ids. Never parses.

mod attachment;
mod beneath;
mod digest;
mod disk;
mod draft;
mod encoding;
mod failure;
mod file_id;
mod identity;
mod kept;
mod lines;
mod made;
mod name;
mod passed_over;
mod patch;
mod stamp;
mod texts;
pub mod theme;
pub mod trial;
mod watch;

pub use attachment::Opened;
pub use digest::{DigestCache, MAX_DIGESTED};
pub use disk::{Listing, text_at_root};
pub use draft::{DRAFTS, draft_bytes, drafts};
pub use failure::{Failure, is_of_the_file};
pub use file_id::FileId;
pub use identity::{Identity, Stamp};
pub use kept::Kept;
pub use name::{interned, shared};
pub use passed_over::meant_path;
pub use stamp::{Origin, Read};
pub use watch::Watched;

use attachment::Attachment;
use lines::Lines;
use passed_over::is_document;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    sync::Arc,
};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The path of a file below the archive's root, `/`-separated, as written on disk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ArchivePath(pub Arc<str>);

/// The id of a record, unique in an archive.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordId(pub Arc<str>);

/// A range of bytes in a file's text. In no order: that of files is the order of their paths.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
    /// `chancery.yaml.sig`: the signature over it that `ssh-keygen -Y sign` makes.
    SettingsSignature,
    /// [`SIGNERS`]
    Signers,
    /// `policies/allowed_signers.sig`: the signature over it that `ssh-keygen -Y sign` makes.
    SignersSignature,
    /// [`REGISTER`]
    Register,
}

/// Why a file's text is not what was on disk, or not there at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Not UTF-8 from this byte on; `likely` names the encoding it looks like (`GB18030`,
    /// `UTF-16LE`, …). Where one is named, the text was decoded by it, so that the rest can be
    /// read; where none is, it has replacement characters.
    Encoding { at: u32, likely: Option<&'static str> },
    /// The operating system's words.
    Unreadable(String),
    /// Listed, and gone when it was read.
    Vanished,
    /// A symbolic link that leaves the archive, or leads to what is no part of it.
    Outside,
    /// An attachment that is reached through a symbolic link: whose it is cannot be told from where
    /// it lies.
    Link,
    /// A symbolic link that leads back to a folder above it.
    Circle,
    /// Larger than any text that may lie there: a document than [`MAX_BYTES`].
    TooLarge(u64),
}

/// Where an archive's settings stand; the file marks its folder.
pub const SETTINGS: &str = "chancery.yaml";

/// Where an archive lists who may sign approvals.
pub const SIGNERS: &str = "policies/allowed_signers";

/// Where the register of approvals stands below an archive's root.
pub const REGISTER: &str = "policies/register";

/// No document is larger than this.
pub const MAX_BYTES: u64 = 16 << 20;

/// The register is as large as this at most: some million approvals.
const MAX_REGISTER_BYTES: u64 = 256 << 20;

impl Room {
    /// No text there is larger.
    fn max_bytes(self) -> u64 {
        if self == Room::Register { MAX_REGISTER_BYTES } else { MAX_BYTES }
    }
}

/// A text of the archive. Two are equal where all is that is read from one.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub id: FileId,
    pub path: ArchivePath,
    pub room: Room,
    /// The text, without a byte-order mark at its head; where it is not UTF-8, decoded as
    /// [`Fault::Encoding`] says.
    pub text: Arc<str>,
    pub fault: Option<Fault>,
    /// Whether a byte-order mark of UTF-8 stood at the head.
    pub byte_order_mark: bool,
    lines: Lines,
}

/// All texts of an archive, in the order of their paths, and the names of the attachments.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: Arc<Vec<SourceFile>>,
    /// Where each of them stands, by the number of its id.
    places: Arc<Vec<(u32, u32)>>,
    attachments: Arc<BTreeMap<ArchivePath, Attachment>>,
    /// By their form NFC, the attachments whose paths are in another.
    composed: BTreeMap<ArchivePath, ArchivePath>,
    passed_over: BTreeSet<ArchivePath>,
    digests: Arc<DigestCache>,
    memory: Memory,
    failure: Failure,
}

/// Which attachments lie in an archive, whatever is in them.
#[derive(Clone, Debug)]
pub struct AttachmentPaths(Arc<BTreeMap<ArchivePath, Attachment>>);

impl PartialEq for AttachmentPaths {
    fn eq(&self, other: &AttachmentPaths) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.keys().eq(other.0.keys())
    }
}

/// Whether what is made of some texts is worth keeping.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Memory {
    /// They are read once.
    #[default]
    None,
    /// They are read again after this.
    Followed,
    /// They are those of an archive that is followed, but for one: what is known of the others helps,
    /// and is not to be forgotten for this one's sake.
    Variant,
}

/// Where a path belongs: a text that Chancery reads, a file beside the records, or nothing of its.
#[derive(PartialEq, Eq)]
enum Place {
    Room(Room),
    Attachment,
    Elsewhere,
}

impl Sources {
    /// Reads the archive below `root`. A file that cannot be read is there with its [`Fault`].
    ///
    /// # Errors
    /// Where `root` is not a folder that can be listed, or the system fails (see [`Failure`]).
    pub fn read(root: &Path) -> std::io::Result<Sources> {
        Listing::of(root)?.read()
    }

    /// An archive that stands in memory: pairs of path and bytes.
    pub fn from_memory<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Sources {
        let mut sources = Sources::default();
        for (path, bytes) in files {
            sources.put(path.into(), bytes.into());
        }
        sources.put_in_order();
        sources
    }

    /// The same archive with one text replaced or added.
    pub fn with(&self, path: &str, text: impl Into<Vec<u8>>) -> Sources {
        let mut sources = self.variant();
        Arc::make_mut(&mut sources.files).retain(|f| &*f.path.0 != path);
        sources.put(path.to_owned(), text.into());
        sources.put_in_order();
        sources
    }

    /// The same texts for whoever looks at some of them alone: nothing of what is made of them is
    /// kept.
    pub fn aside(&self) -> Sources {
        self.variant()
    }

    fn variant(&self) -> Sources {
        let memory = if self.has_memory() { Memory::Variant } else { Memory::None };
        Sources { memory, ..self.clone() }
    }

    /// The same archive with one text taken out.
    pub fn without(&self, path: &str) -> Sources {
        let mut sources = self.variant();
        Arc::make_mut(&mut sources.files).retain(|f| &*f.path.0 != path);
        sources.put_in_order();
        sources
    }

    /// The same texts to show places in, one of them under the path where a person knows it.
    /// Nothing is to be looked up by path there.
    pub fn shown_as(&self, path: &str, shown: &str) -> Sources {
        let mut sources = self.clone();
        Arc::make_mut(&mut sources.files).iter_mut().filter(|file| &*file.path.0 == path).for_each(|file| file.path = shown.into());
        sources
    }

    fn put(&mut self, path: String, bytes: Vec<u8>) {
        if meant_path(&path).is_some() {
            self.passed_over.insert(path.as_str().into());
        }
        match place(&path) {
            Place::Room(room) => Arc::make_mut(&mut self.files).push(SourceFile::from_bytes(path, room, bytes)),
            Place::Attachment => {
                self.attach([(path.as_str().into(), Attachment::Memory(bytes.into()))]);
            }
            Place::Elsewhere => {}
        }
    }

    fn attach(&mut self, attachments: impl IntoIterator<Item = (ArchivePath, Attachment)>) {
        let all = Arc::make_mut(&mut self.attachments);
        for (path, attachment) in attachments {
            if !is_nfc(&path.0) {
                self.composed.insert(composed(&path), path.clone());
            }
            all.insert(path, attachment);
        }
    }

    /// By the bytes of their paths, whatever order a folder lists them in.
    fn put_in_order(&mut self) {
        Arc::make_mut(&mut self.files).sort_by(|a, b| a.path.cmp(&b.path));
        self.number();
    }

    /// Says where each file stands.
    fn number(&mut self) {
        let mut places: Vec<(u32, u32)> = (0..).zip(&*self.files).map(|(place, file)| (file.id.number(), place)).collect();
        places.sort_unstable();
        self.places = places.into();
    }

    /// The file of a span of these sources, or of another state of the archive in which it is still
    /// there.
    pub fn file(&self, id: FileId) -> &SourceFile {
        let place = self.places.binary_search_by_key(&id.number(), |(number, _)| *number);
        let (_, place) = self.places[place.expect("a span points into a file that is there")];
        &self.files[place as usize]
    }

    pub fn by_path(&self, path: &str) -> Option<&SourceFile> {
        let at = self.files.binary_search_by(|f| (*f.path.0).cmp(path)).ok()?;
        Some(&self.files[at])
    }

    pub fn in_room(&self, room: Room) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(move |f| f.room == room)
    }

    pub fn attachments(&self) -> impl Iterator<Item = &ArchivePath> {
        self.attachments.keys()
    }

    /// The same, to be compared with those of another state.
    pub fn attachment_paths(&self) -> AttachmentPaths {
        AttachmentPaths(self.attachments.clone())
    }

    /// The paths of texts that another state of the archive has otherwise, or not at all, and of
    /// those that it alone has, in their order. Attachments count where they came, went or are of
    /// another length, and what is passed over where it came or went.
    pub fn differing_from<'s>(&'s self, other: &'s Sources) -> BTreeSet<&'s ArchivePath> {
        let is_other = |file: &&SourceFile, others: &Sources| others.by_path(&file.path.0) != Some(file);
        let texts =
            |one: &'s Sources, others: &'s Sources| one.files.iter().filter(move |file| is_other(file, others)).map(|file| &file.path);
        let lengths = |one: &'s Sources, others: &'s Sources| {
            one.attachments().filter(move |path| one.attachment_length(path) != others.attachment_length(path))
        };
        let both = [(self, other), (other, self)];
        let passed_over = self.passed_over.symmetric_difference(&other.passed_over);
        both.into_iter().flat_map(|(one, others)| texts(one, others).chain(lengths(one, others))).chain(passed_over).collect()
    }

    /// Files that look like records or policies, and are read as neither. See [`meant_path`].
    pub fn passed_over(&self) -> impl Iterator<Item = &ArchivePath> {
        self.passed_over.iter()
    }

    /// The path of an attachment as the archive keeps it; `None` where none lies there. Paths that
    /// look the same are one.
    pub fn attached(&self, path: &ArchivePath) -> Option<&ArchivePath> {
        let kept = |path: &ArchivePath| self.attachments.get_key_value(path).map(|(path, _)| path);
        let in_other_form = || {
            let composed = composed(path);
            kept(&composed).or_else(|| self.composed.get(&composed))
        };
        kept(path).or_else(in_other_form)
    }

    fn attachment(&self, path: &ArchivePath) -> Option<&Attachment> {
        self.attachments.get(self.attached(path)?)
    }

    /// How long an attachment was when the archive was listed, in bytes; `None` where there is none
    /// of that path.
    pub fn attachment_length(&self, path: &ArchivePath) -> Option<u64> {
        self.attachment(path).map(Attachment::length)
    }

    /// An attachment, to be read piece by piece; `None` where there is none of that path.
    pub fn open_attachment(&self, path: &ArchivePath) -> Option<std::io::Result<Opened>> {
        Some(self.attachment(path)?.open())
    }

    /// The digest of an attachment's bytes: read, or known from before; `None` where there is none
    /// of that path.
    pub fn attachment_digest(&self, path: &ArchivePath) -> Option<std::io::Result<[u8; 32]>> {
        Some(self.open_attachment(path)?.and_then(|mut opened| self.digests.sha256(&mut opened)))
    }

    /// The same texts, with digests that were worked out before, and are kept for the next time.
    pub fn digested_by(self, digests: &Arc<DigestCache>) -> Sources {
        Sources { digests: digests.clone(), memory: Memory::Followed, ..self }
    }

    /// What later stages keep of these texts, and of those that were read before and after them.
    pub fn kept(&self) -> &Kept {
        self.digests.kept()
    }

    /// Whether they are read again after this, so that it is worth while to keep what was made of
    /// them.
    pub fn is_followed(&self) -> bool {
        self.memory == Memory::Followed
    }

    /// Whether something may be known of these texts, or of some that are much like them.
    pub fn has_memory(&self) -> bool {
        self.memory != Memory::None
    }

    /// Where the reading of attachments has failed for want of something that is the system's to
    /// give. See [`Failure`].
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Where a byte of a file stands, for people.
    pub fn position(&self, file: FileId, byte: u32) -> Position {
        self.file(file).position(byte)
    }

    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

impl PartialEq for SourceFile {
    fn eq(&self, other: &SourceFile) -> bool {
        let parts = |file: &'_ SourceFile| (file.id, file.room, file.byte_order_mark);
        let is_text = Arc::ptr_eq(&self.text, &other.text) || self.text == other.text;
        parts(self) == parts(other) && self.path == other.path && self.fault == other.fault && is_text
    }
}

impl SourceFile {
    fn new(path: String, room: Room, text: String, fault: Option<Fault>, byte_order_mark: bool) -> SourceFile {
        let lines = Lines::default();
        let path: ArchivePath = path.as_str().into();
        SourceFile { id: FileId::of(&path), path, room, text: text.into(), fault, byte_order_mark, lines }
    }

    /// A file of which there is no text, and why.
    fn faulty(path: String, room: Room, fault: Fault) -> SourceFile {
        SourceFile::new(path, room, String::new(), Some(fault), false)
    }

    fn from_bytes(path: String, room: Room, bytes: Vec<u8>) -> SourceFile {
        let size = bytes.len() as u64;
        if size > room.max_bytes() {
            return SourceFile::faulty(path, room, Fault::TooLarge(size));
        }
        let decoded = encoding::decode(bytes);
        SourceFile::new(path, room, decoded.text, decoded.fault, decoded.byte_order_mark)
    }

    /// Where a byte stands, for people. A byte behind the end stands at the end; one inside a
    /// character, at that character.
    pub fn position(&self, byte: u32) -> Position {
        self.lines.position(&self.text, byte as usize)
    }

    /// The bytes of a line (1-based) without its end; empty where there is no such line.
    pub fn line(&self, line: u32) -> std::ops::Range<usize> {
        self.lines.range(&self.text, line)
    }
}

/// Names that begin with a dot are no part of the archive: they are what editors, systems and
/// Chancery itself leave behind. Nor is `README.md` in `records/` or `policies/`, where a folder
/// tells strangers what it holds.
fn place(path: &str) -> Place {
    if is_hidden(path) {
        return Place::Elsewhere;
    }
    match path.split_once('/') {
        None if path == SETTINGS => Place::Room(Room::Settings),
        None if path.strip_suffix(".sig") == Some(SETTINGS) => Place::Room(Room::SettingsSignature),
        Some(_) if path == SIGNERS => Place::Room(Room::Signers),
        Some(("policies", "allowed_signers.sig")) => Place::Room(Room::SignersSignature),
        Some(_) if path == REGISTER => Place::Room(Room::Register),
        Some(("records" | "policies", "README.md")) => Place::Elsewhere,
        Some(("policies", name)) if !name.contains('/') && is_document(name) => Place::Room(Room::Policy),
        Some(("records", below)) if is_document(below) => Place::Room(Room::Record),
        Some(("records", _)) => Place::Attachment,
        _ => Place::Elsewhere,
    }
}

/// Whether a file or a folder on the way to it is called with a dot before its name.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|name| name.starts_with('.'))
}

fn composed(path: &ArchivePath) -> ArchivePath {
    ArchivePath(path.0.nfc().collect::<String>().into())
}

impl Span {
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Span {
        let byte = |at: usize| u32::try_from(at).expect("no text is larger than MAX_BYTES by more than its replacement characters");
        Span { file, start: byte(range.start), end: byte(range.end) }
    }

    /// Where it begins and ends: the order of the spans of one file.
    pub fn bytes(self) -> (u32, u32) {
        (self.start, self.end)
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

impl RecordId {
    /// The id that a text names. It is in form NFC: of two that look the same, one keyboard
    /// composes an accent and another does not.
    pub fn named(text: &str) -> RecordId {
        if is_nfc(text) { RecordId(shared(text)) } else { RecordId(text.nfc().collect::<String>().into()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(sources: &Sources) -> Vec<&str> {
        sources.files.iter().map(|f| &*f.path.0).collect()
    }

    #[test]
    fn texts_stand_in_the_order_of_their_paths_and_the_rest_beside_records_is_attached() {
        let sources = Sources::from_memory([
            ("records/b.md", "b"),
            ("records/a/photo.png", "png"),
            ("policies/allowed_signers", ""),
            ("policies/register", ""),
            ("records/README.md", "what this folder holds"),
            ("policies/README.md", "what this folder holds"),
            ("policies/readme.md", "a policy of that name"),
            ("records/a/README.md", "a record of that name"),
            ("records/a/x.MD", "x"),
            ("policies/deep/er.md", ""),
            ("records/.hidden.md", ""),
            ("records/.git/x.md", ""),
            ("themes/plain/page.html", ""),
            ("chancery.yaml", "name: x"),
            ("policies/credit.md", ""),
        ]);
        let expected = [
            "chancery.yaml",
            "policies/allowed_signers",
            "policies/credit.md",
            "policies/readme.md",
            "policies/register",
            "records/a/README.md",
            "records/a/x.MD",
            "records/b.md",
        ];
        assert_eq!(paths(&sources), expected);
        assert_eq!(sources.attachments().map(|p| &*p.0).collect::<Vec<_>>(), ["records/a/photo.png"]);
        assert_eq!(sources.passed_over().map(|p| &*p.0).collect::<Vec<_>>(), ["policies/deep/er.md"]);
        assert_eq!(sources.open_attachment(&"records/a/photo.png".into()).unwrap().unwrap().read(0, 9).unwrap(), b"png");
        assert!(sources.open_attachment(&"records/a/none.png".into()).is_none());
        for file in &*sources.files {
            assert_eq!(sources.file(file.id).path, file.path);
            assert_eq!(sources.by_path(&file.path.0).unwrap().id, file.id);
        }
        assert!(sources.by_path("records/c.md").is_none());
    }

    #[test]
    fn a_buffer_replaces_or_adds_a_text() {
        let sources = Sources::from_memory([("records/a.md", "old"), ("records/c.md", "c")]);
        let replaced = sources.with("records/a.md", "new");
        assert_eq!(&*replaced.by_path("records/a.md").unwrap().text, "new");
        let added = sources.with("records/b.md", "b");
        assert_eq!(paths(&added), ["records/a.md", "records/b.md", "records/c.md"]);
        assert_eq!(added.by_path("records/c.md").unwrap().id, sources.by_path("records/c.md").unwrap().id);
        assert_eq!(&*sources.by_path("records/a.md").unwrap().text, "old");
        let taken_out = added.without("records/a.md");
        assert_eq!(paths(&taken_out), ["records/b.md", "records/c.md"]);
        assert_eq!(taken_out.by_path("records/c.md").unwrap().id, sources.by_path("records/c.md").unwrap().id);
    }

    #[test]
    fn a_document_that_is_too_large_is_there_without_its_text() {
        let sources = Sources::from_memory([("records/a.md", vec![b'a'; MAX_BYTES as usize + 1])]);
        assert_eq!(sources.files[0].fault, Some(Fault::TooLarge(MAX_BYTES + 1)));
        assert_eq!(&*sources.files[0].text, "");
    }
}
