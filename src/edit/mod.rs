//! Additions to documents: every other byte stays as it was; written beside, synced, renamed. Never
//! rewrites what a person wrote, and refuses where it cannot be sure of that.

mod addition;
mod disk;
pub mod draft;
pub mod founding;
mod turn;

pub use addition::with_approval;
pub use disk::{Laid, create, create_folder, create_private, put, relocate, replace};
pub use turn::Turn;

use crate::{
    access::Signed,
    source::{ArchivePath, Fault, REGISTER, Sources},
};
use std::path::Path;

/// Why a document was left as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("{0} was not read whole, so nothing can be added to it")]
    Fault(ArchivePath, Fault),
    #[error("{0}: its front matter cannot be read; mend it first")]
    Unreadable(ArchivePath),
    #[error("{0}: `approvals` is not a list; mend it first")]
    NotAList(ArchivePath),
    #[error("{0}: an approval cannot be added there without touching something else; write `approvals` as a plain list")]
    Form(ArchivePath),
    #[error("{0} has changed since it was read; look at it again first")]
    Changed(ArchivePath),
    #[error("{0} is there already")]
    Exists(ArchivePath),
    #[error("{0} lies outside the archive")]
    Outside(ArchivePath),
    #[error("somebody else is writing; try again")]
    Busy,
    #[error("{0}: {1}")]
    Disk(ArchivePath, std::io::Error),
}

/// Adds a signed approval to a document on disk; and its lines to the register first: a line
/// without its approval is told, an approval without its line would not be missed.
///
/// # Errors
/// Where the addition would touch anything else, where the file is no longer what was read, or
/// where the disk fails. The document is then as it was; nothing is entered in the register unless
/// the addition can be made.
pub fn append_approval(root: &Path, turn: &Turn, signed: &Signed) -> Result<(), EditError> {
    let text = with_approval(&signed.sources, &signed.document, &signed.entry)?;
    let file = signed.sources.file(signed.document.file);
    // Of two who approve different texts at once the slower one must leave no line: neither would
    // succeed the other. Nor must a full disk.
    let laid = Laid::to_replace(root, file, &text)?;
    register(root, turn, &signed.lines)?;
    laid.put()
}

/// Writes a new document with a signed approval in it, and its line in the register first.
///
/// # Errors
/// Where there is a file of that path already, or where the disk fails.
pub fn create_approved(root: &Path, turn: &Turn, signed: &Signed) -> Result<(), EditError> {
    let text = with_approval(&signed.sources, &signed.document, &signed.entry)?;
    let laid = Laid::to_create(root, &signed.document.path, &text)?;
    register(root, turn, &signed.lines)?;
    laid.put()
}

/// Enters lines in the register, all or none.
///
/// # Errors
/// See [`append_line`].
pub fn register(root: &Path, turn: &Turn, lines: &[String]) -> Result<(), EditError> {
    if lines.is_empty() { Ok(()) } else { append_line(root, turn, REGISTER, &lines.join("\n")) }
}

/// Times that a line is tried to be added while others, who could not wait for their turn, add
/// theirs.
const TRIES: usize = 20;

/// Adds a line to a text of the archive, which is made where there is none, whatever others have
/// added meanwhile.
///
/// # Errors
/// Where the text is not UTF-8, or the disk fails. The file is then as it was.
pub fn append_line(root: &Path, turn: &Turn, path: &str, line: &str) -> Result<(), EditError> {
    let mut outcome = Ok(());
    for _ in 0..TRIES {
        outcome = try_to_append(root, turn, path, line);
        if !matches!(outcome, Err(EditError::Changed(_) | EditError::Exists(_))) {
            return outcome;
        }
    }
    outcome
}

fn try_to_append(root: &Path, turn: &Turn, path: &str, line: &str) -> Result<(), EditError> {
    let bytes = match std::fs::read(root.join(path)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return create(root, &path.into(), &format!("{line}\n")),
        Err(error) => return Err(EditError::Disk(path.into(), error)),
    };
    let alone = Sources::from_memory([(path, bytes)]);
    let Some(file) = alone.files.first() else { return Err(EditError::Outside(path.into())) };
    if let Some(fault) = &file.fault {
        return Err(EditError::Fault(file.path.clone(), fault.clone()));
    }
    let between = if file.text.is_empty() || file.text.ends_with('\n') { "" } else { "\n" };
    replace(root, turn, file, &format!("{}{between}{line}\n", file.text))
}

#[cfg(test)]
mod tests;
