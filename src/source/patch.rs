//! A folder of which the system has told which files changed since it was read: these alone are
//! looked at. What is told of other things than plain files is left to a walk.

use super::{
    ArchivePath, Attachment, Failure, Fault, Identity, Place, SourceFile, Sources, Stamp,
    disk::{is_ours, read_text},
    failure::is_of_the_file,
    meant_path, place, trial,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use unicode_normalization::is_nfc;

/// Of more files than these that have changed since the last walk nothing is kept: it is time for
/// another.
const MOST_SINCE: usize = 10_000;

/// The folder as it is known: as the last walk met it, with what has changed since.
#[derive(Clone, Debug)]
pub(super) struct KnownFolder {
    /// Without links on the way.
    pub root: Arc<Path>,
    pub device: u64,
    pub stamp: Stamp,
    pub sources: Sources,
    /// The state of each file when it was walked, by its path below the root.
    pub walked: Arc<HashMap<PathBuf, Identity>>,
    /// Of those that changed since; `None` for one that is gone.
    pub since: BTreeMap<PathBuf, Option<Identity>>,
}

/// What has come of files that changed.
pub(super) enum Patch {
    /// They say what they said; their states are others.
    Same(Box<KnownFolder>),
    Changed(Box<KnownFolder>),
    /// Nobody can tell without a walk.
    Walk,
}

/// What lies at a path now.
enum Now {
    Gone,
    Text(SourceFile),
    Attachment(Attachment),
    Other,
}

impl KnownFolder {
    /// The folder where the files at these paths, which are below the root, may have changed.
    ///
    /// # Errors
    /// Where the system fails (see [`super::Failure`]).
    pub fn patched<'p>(&self, paths: impl IntoIterator<Item = &'p PathBuf>) -> io::Result<Patch> {
        let mut patched = self.clone();
        // What reading has met before is of that state.
        patched.sources.failure = Failure::default();
        let mut digest = Sha256::new_with_prefix(self.stamp.0);
        let mut is_same = true;
        for below in paths {
            // Of two forms of one name a listing knows which stands for both.
            let Some(name) = below.to_str().filter(|name| is_nfc(name)) else { return Ok(Patch::Walk) };
            if !is_ours(name) {
                continue;
            }
            // What was a folder is gone with all that lay in it, whatever lies there now.
            if self.sources.has_below(name) {
                return Ok(Patch::Walk);
            }
            let Some((now, identity)) = self.now(name, below)? else { return Ok(Patch::Walk) };
            is_same &= self.is_known(name, &now);
            digest.update([name.as_bytes(), &[0]].concat());
            digest.update(format!("{identity:?}"));
            if !matches!(now, Now::Other) {
                patched.since.insert(below.clone(), identity);
            }
            patched.sources.put_in_place(name, now);
        }
        if patched.since.len() > MOST_SINCE {
            return Ok(Patch::Walk);
        }
        if is_same {
            return Ok(Patch::Same(Box::new(KnownFolder { sources: self.sources.clone(), ..patched })));
        }
        patched.stamp = Stamp(digest.finalize().into());
        Ok(Patch::Changed(Box::new(patched)))
    }

    /// What lies at a path, and in which state; nothing where that is for a walk to tell.
    fn now(&self, name: &str, below: &Path) -> io::Result<Option<(Now, Option<Identity>)>> {
        trial::reading()?;
        let metadata = match fs::symlink_metadata(self.root.join(below)) {
            Ok(metadata) => metadata,
            // What nobody knew may have been a folder, with all that lay in it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(self.sources.has(name).then_some((Now::Gone, None)));
            }
            Err(error) if is_of_the_file(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if !metadata.is_file() || metadata.nlink() != 1 || metadata.dev() != self.device {
            return Ok(None);
        }
        let now = match place(name) {
            Place::Room(room) => {
                let file = read_text(name.to_owned(), room, &self.root, below)?;
                if matches!(file.fault, Some(Fault::Vanished | Fault::Unreadable(_))) {
                    return Ok(None);
                }
                Now::Text(file)
            }
            Place::Attachment => {
                Now::Attachment(Attachment::OnDisk { root: self.root.clone(), below: below.to_owned(), length: metadata.len() })
            }
            Place::Elsewhere => Now::Other,
        };
        Ok(Some((now, Some(Identity::of(&metadata)))))
    }

    /// Whether the text at a path is the one that is known. What has happened to an attachment its
    /// length does not tell.
    fn is_known(&self, name: &str, now: &Now) -> bool {
        match now {
            Now::Text(file) => self.sources.by_path(name) == Some(file),
            Now::Gone | Now::Attachment(_) => false,
            Now::Other => self.sources.passed_over.contains(&ArchivePath::from(name)) == meant_path(name).is_some(),
        }
    }

    /// Whether a walk has met the folder as it is known. `passed_over`: of what was met, what is read
    /// as nothing.
    pub fn is_met(&self, identities: &HashMap<PathBuf, Identity>, passed_over: &BTreeSet<ArchivePath>) -> bool {
        let known = |path: &PathBuf| self.since.get(path).copied().unwrap_or_else(|| self.walked.get(path).copied());
        let came = self.since.iter().filter(|(path, now)| now.is_some() && !self.walked.contains_key(*path)).count();
        let went = self.since.iter().filter(|(path, now)| now.is_none() && self.walked.contains_key(*path)).count();
        *passed_over == self.sources.passed_over
            && identities.len() + went == self.walked.len() + came
            && identities.iter().all(|(path, identity)| known(path) == Some(*identity))
    }
}

impl Sources {
    /// Whether something is known in a folder of that path.
    fn has_below(&self, name: &str) -> bool {
        let folder = ArchivePath::from(format!("{name}/").as_str());
        let is_below = |path: Option<&ArchivePath>| path.is_some_and(|path| path.0.starts_with(&*folder.0));
        let text = self.files.partition_point(|file| file.path < folder);
        is_below(self.files.get(text).map(|file| &file.path))
            || is_below(self.attachments.range(&folder..).next().map(|(path, _)| path))
            || is_below(self.passed_over.range(&folder..).next())
    }

    /// Whether something is known at a path.
    fn has(&self, name: &str) -> bool {
        let path = ArchivePath::from(name);
        self.by_path(name).is_some() || self.attachments.contains_key(&path) || self.passed_over.contains(&path)
    }

    /// Puts what lies at a path now into the place of what lay there.
    fn put_in_place(&mut self, name: &str, now: Now) {
        let path = ArchivePath::from(name);
        match meant_path(name).filter(|_| !matches!(now, Now::Gone)) {
            Some(_) => drop(self.passed_over.insert(path.clone())),
            None => drop(self.passed_over.remove(&path)),
        }
        if self.attachments.contains_key(&path) && !matches!(now, Now::Attachment(_)) {
            Arc::make_mut(&mut self.attachments).remove(&path);
        }
        let at = self.files.binary_search_by(|file| file.path.cmp(&path));
        match (now, at) {
            (Now::Text(file), Ok(at)) => Arc::make_mut(&mut self.files)[at] = file,
            (Now::Text(file), Err(at)) => {
                Arc::make_mut(&mut self.files).insert(at, file);
                self.number();
            }
            (Now::Attachment(attachment), _) => self.attach([(path, attachment)]),
            (Now::Gone, Ok(at)) => {
                Arc::make_mut(&mut self.files).remove(at);
                self.number();
            }
            (Now::Gone | Now::Other, _) => {}
        }
    }
}
