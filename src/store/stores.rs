//! All that a server keeps, each use behind its trait.

use super::{AccessLog, Accounts, Asks, Attempts, Calendars, Devices, Invitations, SeenApprovals, Sessions, SqliteLog, SqliteStore};
use std::sync::Arc;

/// The stores of a server. Several servers of one intranet open the same.
#[derive(Clone)]
pub struct Stores {
    pub accounts: Arc<dyn Accounts>,
    pub sessions: Arc<dyn Sessions>,
    pub invitations: Arc<dyn Invitations>,
    pub devices: Arc<dyn Devices>,
    pub calendars: Arc<dyn Calendars>,
    pub attempts: Arc<dyn Attempts>,
    pub asks: Arc<dyn Asks>,
    pub approvals: Arc<dyn SeenApprovals>,
    pub log: Arc<dyn AccessLog>,
}

impl Stores {
    /// The embedded ones.
    pub fn embedded(store: SqliteStore, log: SqliteLog) -> Stores {
        let store = Arc::new(store);
        Stores {
            accounts: store.clone(),
            sessions: store.clone(),
            invitations: store.clone(),
            devices: store.clone(),
            calendars: store.clone(),
            attempts: store.clone(),
            asks: store.clone(),
            approvals: store,
            log: Arc::new(log),
        }
    }
}
