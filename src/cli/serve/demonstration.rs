//! A demonstration plays on a copy of the archive, made anew each time: whatever is tried there,
//! the archive stays as it is.

use super::{super::Workplace, trust};
use crate::{
    edit,
    source::{RecordId, SETTINGS, SIGNERS},
};
use anyhow::Context;
use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::Path,
};

/// What is copied, beside `chancery.yaml`.
const FOLDERS: [&str; 3] = ["policies", "records", "themes"];

/// Copies the archive into the state's `demo` folder, lets the server's own key sign there, and
/// goes to work in the copy.
pub(super) fn begin(workplace: &Workplace) -> anyhow::Result<Workplace> {
    let root = workplace.root()?;
    let copy = workplace.demo_copy()?;
    if copy.exists() {
        fs::remove_dir_all(&copy).with_context(|| copy.display().to_string())?;
    }
    // The copy is nobody else's to read, as little as the state in which it lies.
    DirBuilder::new().recursive(true).mode(0o700).create(&copy).with_context(|| copy.display().to_string())?;
    for folder in FOLDERS.into_iter().filter(|folder| root.join(folder).is_dir()) {
        copy_folder(&root.join(folder), &copy.join(folder))?;
    }
    fs::copy(root.join(SETTINGS), copy.join(SETTINGS)).with_context(|| SETTINGS.to_owned())?;
    let played = workplace.moved_to(&copy);
    let key = trust::server_key(&played, &played.state()?)?;
    edit::append_line(&copy, &played.turn()?, SIGNERS, &trust::signer_line(&RecordId::from("*"), &key)?)?;
    Ok(played)
}

/// Copies files and folders. Symbolic links stay behind: one that leads out of the archive must not
/// bring in what lies there.
fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry?;
        if entry.path_is_symlink() {
            continue;
        }
        let target = to.join(entry.path().strip_prefix(from)?);
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(&target).with_context(|| target.display().to_string())?,
            false => drop(fs::copy(entry.path(), &target).with_context(|| target.display().to_string())?),
        }
    }
    Ok(())
}
