//! The embedded store: SQLite files in a folder that nobody else may read. Accounts, and what hangs
//! on them, are worked on by one thread; the access log has another. No call of SQLite is made on a
//! thread of its callers, but for one that reads no disk ([`memory`]).

mod accounts;
mod approvals;
mod asks;
mod attempts;
mod audit;
mod book;
mod calendars;
mod database;
mod devices;
mod ends;
mod fault;
mod files;
mod folder;
mod invitations;
mod log;
mod memory;
mod origin;
mod sessions;
mod slack;
mod store;
mod tables;
mod unwritten;
mod volume;
mod worker;

pub use audit::SqliteAudit;
pub use log::SqliteLog;
pub use store::SqliteStore;

#[cfg(test)]
mod tests;
