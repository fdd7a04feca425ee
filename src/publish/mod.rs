//! Writes a site into a folder, whole or not at all: the pages go into a fresh folder beside it,
//! and one rename puts that in its place. Never removes what it has not written itself.

mod ground;
mod plan;
mod stage;

pub use ground::fits;

use crate::render::{Page, RenderError, Site};
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
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, std::io::Error),
}

/// What makes the page of an address; nothing where none stands there.
type Making<'m> = dyn Fn(&str) -> Result<Option<Page>, RenderError> + Sync + 'm;

/// Publishes a site as the folder `out` and gives the number of its pages. Each is written as it is
/// made. Until the last step the old site stands; what an interrupted build has left behind is
/// removed by the next.
///
/// # Errors
/// Where a page cannot be made or cannot be a file, another build is at work, `out` holds something
/// else, or the disk fails.
pub fn publish(site: &Site<'_>, out: &Path) -> Result<usize, PublishError> {
    let addresses: Vec<&str> = site.addresses().collect();
    publish_watched(&addresses, &|address| site.page(address), out, &|| ())
}

/// The same; `moment` is called before every step that the disk sees.
fn publish_watched(addresses: &[&str], making: &Making<'_>, out: &Path, moment: &(dyn Fn() + Sync)) -> Result<usize, PublishError> {
    let plan = Plan::of(addresses)?;
    let stage = Stage::set(out, moment)?;
    let (fresh, count) = stage.write(&plan, making)?;
    stage.swap(&fresh)?;
    Ok(count)
}

#[cfg(test)]
mod tests;
