//! What goes wrong: while the intranet is opened and served, and while a page is made.

use crate::{
    access::NotSigned,
    approval::{SigningError, Untrusted},
    edit::EditError,
    render::RenderError,
    search::SearchError,
    store::StoreError,
};
use std::{io, sync::Arc};

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the archive cannot be opened: {0}")]
    Archive(io::Error),
    #[error("what no trusted signature stands behind: {}", .0.iter().map(|one| one.path.to_string()).collect::<Vec<_>>().join(", "))]
    Untrusted(Vec<Untrusted>),
    #[error(transparent)]
    Looked(#[from] Arc<ServerError>),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("the server stopped: {0}")]
    Io(#[from] io::Error),
}

/// Why there is no page. Some of it is no failure: see [`failure`](super::answer::failure).
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("an attachment cannot be read: {0}")]
    Attachment(io::Error),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error("an approval could not be signed: {0}")]
    Unsigned(String),
    /// Not there, or not for this reader.
    #[error("not found")]
    NotThere,
    /// Whoever has the session is not on staff any more.
    #[error("not on staff")]
    Left,
    /// Too many wait for what only a few may do at once.
    #[error("too many wait")]
    Busy,
    #[error("a page panicked")]
    Panicked,
}

impl From<NotSigned> for PageError {
    fn from(error: NotSigned) -> PageError {
        match error {
            NotSigned::Unknown(_) => PageError::NotThere,
            NotSigned::Otherwise | NotSigned::Faulty(_) | NotSigned::Superseded(_) => PageError::Unsigned(error.to_string()),
            NotSigned::Key(error) => PageError::from(error),
            NotSigned::Attachment(error) => PageError::Attachment(error),
        }
    }
}

impl From<SigningError> for PageError {
    fn from(error: SigningError) -> PageError {
        PageError::Unsigned(error.to_string())
    }
}
