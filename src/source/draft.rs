//! Drafts: records that nobody has written to the end yet. Each lies in `drafts/` as its record is
//! to lie in `records/`. The archive is read without them, so that a half of a record is no record;
//! whoever asks what one still lacks reads it by its path.

use super::{ArchivePath, MAX_BYTES, Place, Room, beneath, place};
use std::{
    io::{self, ErrorKind, Read},
    path::Path,
};
use walkdir::WalkDir;

/// The folder of drafts in an archive's.
pub const DRAFTS: &str = "drafts";
const RECORDS: &str = "records/";

impl ArchivePath {
    /// Where the draft of a record lies; `None` for what is no record's path.
    pub fn draft(&self) -> Option<ArchivePath> {
        let below = self.0.strip_prefix(RECORDS).filter(|_| is_record(self))?;
        Some(format!("{DRAFTS}/{below}").as_str().into())
    }

    /// Where the record of a draft is to lie; `None` for what is no draft's path.
    pub fn drafted(&self) -> Option<ArchivePath> {
        let below = self.0.strip_prefix(DRAFTS)?.strip_prefix('/')?;
        Some(format!("{RECORDS}{below}").as_str().into()).filter(is_record)
    }
}

fn is_record(path: &ArchivePath) -> bool {
    place(&path.0) == Place::Room(Room::Record)
}

/// The drafts in an archive's folder, in the order of their paths. A symbolic link is none.
///
/// # Errors
/// Where the folder cannot be listed. Without one there are no drafts.
pub fn drafts(root: &Path) -> io::Result<Vec<ArchivePath>> {
    let folder = root.join(DRAFTS);
    let mut found = Vec::new();
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = match entry.map_err(io::Error::from) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entry => entry?,
        };
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
            found.push(ArchivePath(below.to_string_lossy().into()));
        }
    }
    found.retain(|path| path.drafted().is_some());
    found.sort();
    Ok(found)
}

/// The bytes of a draft, and no more of them than are needed to see that it is too large.
///
/// # Errors
/// Where it is not there, or cannot be read.
pub fn draft_bytes(root: &Path, draft: &ArchivePath) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    beneath::open(root, Path::new(&*draft.0))?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_lies_where_its_record_is_to_lie() {
        for (record, draft) in [
            ("records/C-1.md", Some("drafts/C-1.md")),
            ("records/north/C-1.md", Some("drafts/north/C-1.md")),
            ("records/README.md", None),
            ("records/a.pdf", None),
            ("records/.a.md", None),
            ("policies/a.md", None),
        ] {
            let path = ArchivePath::from(record);
            assert_eq!(path.draft().as_ref().map(|draft| &*draft.0), draft, "{record}");
            assert_eq!(path.draft().and_then(|draft| draft.drafted()), draft.map(|_| path), "{record}");
        }
        for path in ["drafts", "drafts/", "drafts/a.txt", "drafts/README.md", "draftsa.md", "records/a.md"] {
            assert_eq!(ArchivePath::from(path).drafted(), None, "{path}");
        }
    }

    #[test]
    fn the_archive_is_read_without_its_drafts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(drafts(folder.path()).unwrap(), []);
        for path in ["drafts/b.md", "drafts/a/c.md", "drafts/a/photo.png", "records/d.md"] {
            std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(folder.path().join(path), path).unwrap();
        }
        std::os::unix::fs::symlink("b.md", folder.path().join("drafts/link.md")).unwrap();
        let found = drafts(folder.path()).unwrap();
        assert_eq!(found.iter().map(|path| &*path.0).collect::<Vec<_>>(), ["drafts/a/c.md", "drafts/b.md"]);
        assert_eq!(draft_bytes(folder.path(), &found[0]).unwrap(), b"drafts/a/c.md");
        let read = super::super::Sources::read(folder.path()).unwrap();
        assert_eq!(read.files.iter().map(|file| &*file.path.0).collect::<Vec<_>>(), ["records/d.md"]);
        assert_eq!((read.attachments().count(), read.passed_over().count()), (0, 0));
    }
}
