//! What the servers of an intranet have seen of approvals, and by which texts they go: lines of the
//! register as they were written there, which content of an id was approved last and when (RFC
//! 3339), which authorisations have ended, the files of people as they were approved last, and the
//! papers and policies as they were when they could be trusted. What was seen is only ever added
//! to, but by an administrator.

use super::StoreError;
use crate::{
    approval::{Remembered, Subject},
    source::ArchivePath,
};
use async_trait::async_trait;
use std::{collections::BTreeMap, sync::Arc};

/// Documents as they were when they could be trusted.
pub type TrustedTexts = BTreeMap<ArchivePath, Arc<str>>;

/// A state of what is shared: another one as soon as a server has added something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Revision(pub(super) i64);

/// What servers share.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shared {
    pub revision: Revision,
    pub remembered: Remembered,
    pub trusted: TrustedTexts,
}

/// What was seen of approvals, by any server of an intranet.
#[async_trait]
pub trait SeenApprovals: Send + Sync {
    /// All that was seen, the lines in the order in which they were.
    ///
    /// # Errors
    /// [`StoreError::Remembered`] where it holds what was not written by a store, or the store
    /// fails.
    async fn remembered(&self) -> Result<Remembered, StoreError>;

    /// All that is shared; nothing where it is of that revision still.
    ///
    /// # Errors
    /// As [`SeenApprovals::remembered`].
    async fn shared_since(&self, known: Option<Revision>) -> Result<Option<Shared>, StoreError>;

    /// Adds what is seen for the first time, and has the servers go by these texts and no others;
    /// all of it or nothing. Nothing is done where somebody else has added something since that
    /// revision (optimistic concurrency): whoever asks looks again. Else the new revision.
    ///
    /// # Errors
    /// Where the store fails.
    async fn share(&self, known: Revision, news: &Remembered, trusted: &TrustedTexts) -> Result<Option<Revision>, StoreError>;

    /// Forgets all that was seen of a subject: for an administrator who has restored an older archive
    /// on purpose. Whether there was something. Servers that run have seen it, and may go by it
    /// until they are begun anew.
    ///
    /// # Errors
    /// As [`SeenApprovals::remembered`].
    async fn forget(&self, subject: &Subject) -> Result<bool, StoreError>;
}
