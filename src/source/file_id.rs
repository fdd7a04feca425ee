//! The ids of files: a number that a path is given once in a process (interning), so that what was
//! made of a text stays right in the next state of its archive, whatever came and went beside it.

use super::ArchivePath;
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

/// A file by its path. The numbers follow the order in which paths were met, which means nothing:
/// so they have no order. A file's own is [`super::SourceFile::id`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FileId(u32);

/// By their paths. What is gone from an archive keeps its number, a few bytes for as long as the
/// process lives.
static NUMBERS: RwLock<Option<HashMap<ArchivePath, u32>>> = RwLock::new(None);

impl FileId {
    /// Of what stands in no file.
    pub const NONE: FileId = FileId(u32::MAX);

    pub(super) fn of(path: &ArchivePath) -> FileId {
        let known = NUMBERS.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.as_ref().and_then(|numbers| numbers.get(path)) {
            return FileId(*number);
        }
        drop(known);
        let mut numbers = NUMBERS.write().unwrap_or_else(PoisonError::into_inner);
        let numbers = numbers.get_or_insert_default();
        let next = u32::try_from(numbers.len()).ok().filter(|next| *next != FileId::NONE.0);
        let next = next.expect("a process meets fewer than four thousand million paths");
        FileId(*numbers.entry(path.clone()).or_insert(next))
    }

    /// To look a file up by, in the same process.
    pub fn number(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_id_whoever_asks_and_no_other_has_it() {
        let id = |path: &str| FileId::of(&path.into());
        let asked = || std::thread::spawn(move || (0..100).map(|n| id(&format!("records/ids/{n}.md"))).collect::<Vec<_>>());
        let [one, two] = [asked(), asked()].map(|thread| thread.join().unwrap());
        assert_eq!(one, two);
        assert_eq!(one.iter().collect::<std::collections::HashSet<_>>().len(), 100);
        assert!(!one.contains(&FileId::NONE));
    }
}
