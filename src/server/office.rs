//! The office that is served: of today, and of the archive as it stands. Each request looks whether either has changed; those that come
//! together share one look.

use super::ServerError;
use crate::{
    access::{Office, View},
    approval::{AllowedSigners, Untrusted},
    archive::Settings,
    search::Index,
    server::guard::SignedIn,
    source::{Origin, Room, Sources, Stamp},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

/// Whose approvals count.
pub enum Trust {
    /// Those of whoever the archive itself lists: for a demonstration.
    Archive,
    /// Those of signers named outside the archive, and of those whom they trust in turn.
    Signers(AllowedSigners),
}

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
    stamp: Stamp,
}

impl Open {
    /// The archive as who is signed in sees it: as somebody else does, while he decides on access.
    pub fn view(&self, who: &SignedIn) -> View<'_> {
        self.office.view(who.reader(&self.office))
    }
}

pub(super) struct Offices {
    origin: Origin,
    trust: Trust,
    looks: Mutex<Looks>,
    looked: Condvar,
}

/// Looks are numbered. Who asks is served by one that began after he had asked.
struct Looks {
    begun: u64,
    ended: u64,
    open: Option<Arc<Open>>,
    /// The policies as they were when all of them could be trusted.
    trusted: Option<Sources>,
    failed: Option<Arc<ServerError>>,
}

impl Offices {
    pub(super) fn open(origin: Origin, trust: Trust, today: NaiveDate) -> Result<Offices, Arc<ServerError>> {
        let looks = Looks { begun: 0, ended: 0, open: None, trusted: None, failed: None };
        let offices = Offices { origin, trust, looks: Mutex::new(looks), looked: Condvar::new() };
        offices.of(today)?;
        Ok(offices)
    }

    /// The office of a day, of the archive as it stands. Blocks while it is opened; who comes meanwhile waits, so that nobody is served
    /// rights that have ended.
    pub(super) fn of(&self, today: NaiveDate) -> Result<Arc<Open>, Arc<ServerError>> {
        let mut looks = self.lock();
        let needed = looks.begun + 1;
        while looks.ended < needed {
            looks = if looks.begun == looks.ended { self.look(looks, today) } else { self.wait(looks) };
        }
        match (&looks.failed, &looks.open) {
            (Some(error), _) => Err(error.clone()),
            (None, Some(open)) if open.office.today == today => Ok(open.clone()),
            // The day turned while somebody else looked.
            (None, _) => {
                drop(looks);
                self.of(today)
            }
        }
    }

    fn look<'l>(&'l self, mut looks: MutexGuard<'l, Looks>, today: NaiveDate) -> MutexGuard<'l, Looks> {
        looks.begun += 1;
        let (open, trusted) = (looks.open.clone(), looks.trusted.clone());
        drop(looks);
        // Whoever waits must not wait for ever: a panic of ours is a failure like another.
        let refreshed = catch_unwind(AssertUnwindSafe(|| self.refreshed(open, trusted, today)));
        let outcome = refreshed.unwrap_or_else(|_| Err(ServerError::Archive(io::Error::other("opening it panicked"))));
        let mut looks = self.lock();
        match outcome {
            Ok((open, trusted)) => (looks.open, looks.trusted, looks.failed) = (Some(open), trusted, None),
            Err(error) => looks.failed = Some(Arc::new(error)),
        }
        looks.ended = looks.begun;
        self.looked.notify_all();
        looks
    }

    fn lock(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn wait<'l>(&'l self, looks: MutexGuard<'l, Looks>) -> MutexGuard<'l, Looks> {
        self.looked.wait(looks).unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// What is open, where neither the day nor the archive has changed; else it is opened anew.
    fn refreshed(
        &self,
        open: Option<Arc<Open>>,
        trusted: Option<Sources>,
        today: NaiveDate,
    ) -> Result<(Arc<Open>, Option<Sources>), ServerError> {
        let current = open.filter(|open| open.office.today == today);
        let read = self.origin.read(current.as_ref().map(|open| open.stamp)).map_err(ServerError::Archive)?;
        match (read, current) {
            (None, Some(open)) => Ok((open, trusted)),
            (Some((stamp, sources)), _) => self.opened(sources, stamp, trusted, today),
            (None, None) => Err(ServerError::Archive(io::ErrorKind::NotFound.into())),
        }
    }

    fn opened(
        &self,
        sources: Sources,
        stamp: Stamp,
        trusted: Option<Sources>,
        today: NaiveDate,
    ) -> Result<(Arc<Open>, Option<Sources>), ServerError> {
        let settings = Settings::of(&sources).map_err(|error| ServerError::Archive(io::Error::other(error)))?;
        let (office, trusted) = match &self.trust {
            Trust::Archive => (Office::open(sources, settings, today), None),
            Trust::Signers(signers) => admitted(sources, settings, trusted, signers, today)?,
        };
        let index = Index::build(&office)?;
        Ok((Arc::new(Open { office, index, stamp }), trusted))
    }
}

/// The archive with the policies that may be trusted: those that lie there, or where one of them may not be, all as they were when they
/// could be. An edit that nobody has approved changes nothing, and takes nothing away.
fn admitted(
    sources: Sources,
    settings: Settings,
    trusted: Option<Sources>,
    signers: &AllowedSigners,
    today: NaiveDate,
) -> Result<(Office, Option<Sources>), ServerError> {
    let (office, untrusted) = Office::open_trusting(sources.clone(), settings.clone(), today, signers);
    let gone = trusted.as_ref().and_then(|trusted| trusted.in_room(Room::Policy).find(|file| sources.by_path(&file.path.0).is_none()));
    for Untrusted { path, why } in &untrusted {
        tracing::warn!("{path} may not be trusted: {}", why.en);
    }
    if let Some(gone) = gone {
        tracing::warn!("{} is gone; a policy is withdrawn by a document of its own", gone.path);
    }
    match (untrusted.is_empty() && gone.is_none(), trusted) {
        (true, _) => Ok((office, Some(sources))),
        (false, None) => Err(ServerError::Untrusted(untrusted)),
        (false, Some(trusted)) => {
            let (office, _) = Office::open_trusting(sources.with_policies_of(&trusted), settings, today, signers);
            Ok((office, Some(trusted)))
        }
    }
}
