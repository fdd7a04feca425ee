//! The texts of a folder as they were read last: a file that is as it was then is not read again.

use super::{ArchivePath, SourceFile, identity::Identity};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Texts by the names under which they stand, each with where its bytes lie and the state of that
/// file before it was read.
#[derive(Default, Debug)]
pub(super) struct ReadTexts(HashMap<ArchivePath, ReadText>);

#[derive(Debug)]
struct ReadText {
    below: PathBuf,
    identity: Identity,
    file: SourceFile,
}

impl ReadTexts {
    /// The text that stands under a name, where its file is as it was.
    pub(super) fn known(&self, path: &str, below: &Path, identity: Identity) -> Option<SourceFile> {
        let known = self.0.get(&ArchivePath::from(path))?;
        (known.below == below && known.identity == identity).then(|| known.file.clone())
    }

    pub(super) fn keep(&mut self, below: PathBuf, identity: Identity, file: SourceFile) {
        self.0.insert(file.path.clone(), ReadText { below, identity, file });
    }
}
