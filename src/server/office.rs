//! The office that is served: of today, and opened anew when the day turns.

use super::ServerError;
use crate::{access::Office, search::Index};
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::{Arc, Mutex};

/// Opens the archive as of a day.
pub type Opener = Box<dyn Fn(NaiveDate) -> std::io::Result<Office> + Send + Sync>;

/// The time, and which day it is in the archive: a demonstration plays a fixed one.
pub struct Clock {
    pub now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub today: Box<dyn Fn() -> NaiveDate + Send + Sync>,
}

impl Clock {
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    pub(super) fn today(&self) -> NaiveDate {
        (self.today)()
    }
}

/// An office and its index.
pub(super) struct Open {
    pub office: Office,
    pub index: Index,
}

pub(super) struct Offices {
    opener: Opener,
    open: Mutex<Arc<Open>>,
}

impl Offices {
    pub(super) fn open(opener: Opener, today: NaiveDate) -> Result<Offices, ServerError> {
        let open = Mutex::new(Arc::new(open(&opener, today)?));
        Ok(Offices { opener, open })
    }

    /// The office of a day. Blocks while it is opened; who comes meanwhile waits, so that nobody is served yesterday's rights.
    pub(super) fn of(&self, today: NaiveDate) -> Result<Arc<Open>, ServerError> {
        let mut current = self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if current.office.today != today {
            *current = Arc::new(open(&self.opener, today)?);
        }
        Ok(current.clone())
    }
}

fn open(opener: &Opener, today: NaiveDate) -> Result<Open, ServerError> {
    let office = opener(today).map_err(ServerError::Archive)?;
    let index = Index::build(&office)?;
    Ok(Open { office, index })
}
