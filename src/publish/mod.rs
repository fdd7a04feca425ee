//! Writes a site into a folder, whole or not at all: the pages go into a fresh folder beside it, and one rename publishes that. Never
//! removes what it has not written itself.

mod ground;
mod plan;
mod stage;

pub use ground::fits;

use crate::render::Page;
use plan::Plan;
use stage::Stage;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{}: another build is writing this site", .0.display())]
    Busy(PathBuf),
    #[error("{}: there is something here that no build has written; it is left as it is", .0.display())]
    NotASite(PathBuf),
    #[error("{}: a site would stand in the archive itself, or in its place", .0.display())]
    InArchive(PathBuf),
    #[error("{}: this file system cannot exchange the folder for a new one; move it away and build again", .0.display())]
    NoExchange(PathBuf),
    #[error("no file can have the name of the page {0}")]
    Address(String),
    #[error("the pages {0} and {1} would be written to one place")]
    Twice(String, String),
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, std::io::Error),
}

/// Publishes pages as the folder `out`, which becomes a symbolic link to the folder that holds them. Until the last step the old
/// site stands; what an interrupted build has left behind is removed by the next.
///
/// # Errors
/// Where a page cannot be a file, another build is at work, `out` holds something else, or the disk fails.
pub fn publish(pages: &[Page], out: &Path) -> Result<(), PublishError> {
    publish_watched(pages, out, &|| ())
}

/// The same; `moment` is called before every step that the disk sees.
fn publish_watched(pages: &[Page], out: &Path, moment: &(dyn Fn() + Sync)) -> Result<(), PublishError> {
    let plan = Plan::of(pages)?;
    let stage = Stage::set(out, moment)?;
    let fresh = stage.write(&plan)?;
    stage.swap(&fresh)
}

#[cfg(test)]
mod tests;
