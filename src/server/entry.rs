//! What of an answer is entered in the access log, and whether the answer waits until it is
//! written.

use super::{answer, disclosure::Disclosure, intranet::Intranet, signed_in::SignedIn};
use crate::{
    source::RecordId,
    store::{AccessLine, PendingLine},
};
use axum::response::Response;

/// An answer, as the access log has it.
pub(super) struct LogEntry {
    pub what: String,
    /// The record that is shown.
    pub record: Option<RecordId>,
    pub disclosure: Disclosure,
}

impl LogEntry {
    /// Enters the line, where there is to be one, and waits for it where the answer must; whatever
    /// is seen through the eyes of somebody else must too. Else the answer that goes out instead.
    pub(super) async fn made(self, intranet: &Intranet, who: &SignedIn) -> Result<(), Response> {
        let waits = self.disclosure == Disclosure::Restricted || who.sight.is_some();
        if !waits && self.disclosure == Disclosure::Open {
            return Ok(());
        }
        let allowed = self.disclosure != Disclosure::Nothing;
        let what = who.sight.as_ref().map_or(self.what.clone(), |person| format!("as {person} {}", self.what));
        let pending = note(intranet, who, what, self.record.filter(|_| allowed), allowed);
        if !waits {
            return Ok(());
        }
        pending.await.map_err(|error| answer::unavailable(&error))
    }
}

/// Hands a line to the access log; done when it is on the disk.
pub(super) fn note(intranet: &Intranet, who: &SignedIn, what: String, record: Option<RecordId>, allowed: bool) -> PendingLine {
    let (at, who, origin) = (intranet.clock.now(), who.person.to_string(), who.origin.clone());
    intranet.stores.log.write(AccessLine { at, who, what, origin, record, allowed })
}
