//! Drafts on the desk: laid where their records are to lie, to be looked at or filed.

use super::Workplace;
use crate::{
    access::Office,
    diagnostic::Finding,
    source::{ArchivePath, DRAFTS, Sources, draft_bytes, drafts},
};
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// The drafts that are looked at.
pub(super) struct DraftFolder {
    pub drafts: Vec<Drafted>,
}

/// A draft, and where its record is to lie.
pub(super) struct Drafted {
    pub draft: ArchivePath,
    pub record: ArchivePath,
}

impl DraftFolder {
    /// The drafts that lie at these paths below the root, or in folders of drafts that they name,
    /// and the archive with them in it.
    ///
    /// # Errors
    /// Where a record lies already where a draft would.
    pub fn with(workplace: &Workplace, paths: &[PathBuf]) -> anyhow::Result<(DraftFolder, Sources)> {
        DraftFolder::laid(workplace, paths, workplace.sources()?)
    }

    /// The same in an archive that has been read.
    ///
    /// # Errors
    /// As above.
    pub fn laid(workplace: &Workplace, paths: &[PathBuf], mut sources: Sources) -> anyhow::Result<(DraftFolder, Sources)> {
        let root = workplace.root()?;
        let named: Vec<&PathBuf> = paths.iter().filter(|path| path.starts_with(DRAFTS)).collect();
        let mut desk = DraftFolder { drafts: Vec::new() };
        let all = if named.is_empty() { Vec::new() } else { drafts(root)? };
        for draft in all.into_iter().filter(|draft| named.iter().any(|path| Path::new(&*draft.0).starts_with(path))) {
            let Some(record) = draft.drafted() else { continue };
            if sources.by_path(&record.0).is_some() {
                let taken = ["{draft} 无处可归：{record} 已经有了", "{draft} has no place to go: there is {record} already"];
                bail!("{}", workplace.say(taken).replace("{draft}", &draft.0).replace("{record}", &record.0));
            }
            let bytes = draft_bytes(root, &draft).with_context(|| draft.to_string())?;
            sources = sources.with(&record.0, bytes);
            desk.drafts.push(Drafted { draft, record });
        }
        Ok((desk, sources))
    }

    pub fn has(&self, path: &Path) -> bool {
        self.drafts.iter().any(|one| Path::new(&*one.draft.0) == path)
    }

    /// Whether a draft is laid where a record would lie.
    pub fn lays(&self, path: &ArchivePath) -> bool {
        self.drafts.iter().any(|one| one.record == *path)
    }

    /// What is found in the drafts, in an archive that they lie in.
    pub fn findings(&self, office: &Office) -> Vec<Finding> {
        let in_ours = |finding: &&Finding| finding.span.is_some_and(|span| self.lays(&office.archive.sources.file(span.file).path));
        office.whole_report().findings.iter().filter(in_ours).cloned().collect()
    }

    /// The texts to show places in, each draft under its own path.
    pub fn shown(&self, sources: &Sources) -> Sources {
        self.drafts.iter().fold(sources.clone(), |sources, one| sources.shown_as(&one.record.0, &one.draft.0))
    }
}
