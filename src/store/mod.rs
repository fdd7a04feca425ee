//! What a server keeps beside the archive: accounts, sessions, one-time links, the addresses of
//! calendars, attempts to sign in, asks for access, what was seen of approvals, and the access log.
//! Each use has a trait of its own, so that whoever needs sessions is handed nothing else. Never
//! holds a document, never knows the time: it is told.
//!
//! The traits are asynchronous, and say what every store must do; `conformance` tries it. Their
//! futures can be awaited on any runtime, or with none ([`Wait`]): an implementation that needs a
//! thread or a connection brings it. Whatever a method changes, it changes in one transaction; what
//! it returns is on the disk. [`SqliteStore`] and [`SqliteLog`] are the ones that come with the
//! program.

mod accounts;
mod approvals;
mod asks;
mod attempts;
mod calendars;
mod chain;
mod common;
mod devices;
mod error;
mod invitations;
mod log;
mod origin;
mod password;
mod sessions;
mod sqlite;
mod stores;
mod tally;
mod token;
mod wait;

pub use accounts::{Account, Accounts};
pub use approvals::{Revision, SeenApprovals, Shared, TrustedTexts};
pub use asks::{ASKS_A_DAY, Ask, Asks, NewAsk};
pub use attempts::{Attempt, Attempts, FAILURES_KEPT, Leave};
pub use calendars::Calendars;
pub use devices::{DEVICE_AGE, Devices};
pub use error::StoreError;
pub use invitations::{FIRST_LINK_AGE, Invitation, Invitations, LINK_AGE};
pub use log::{AccessLine, AccessLog, Audit, Backward, BrokenLine, Consultation, Head, NoHead, PendingLine};
pub use origin::ServedOrigin;
pub use password::{Chosen, LONGEST_PASSWORD, Password, Unfit};
pub use sessions::{Holder, OpenSession, Presence, SESSION_AGE, SESSION_IDLE, Sessions};
pub use sqlite::{SqliteAudit, SqliteLog, SqliteStore};
pub use stores::Stores;
pub use token::Token;
pub use wait::Wait;

#[cfg(test)]
mod conformance;
