//! The office that is served: of today, and of the archive as it stands. Each request looks whether either has changed; those that come
//! together share one look.

use super::ServerError;
use crate::{
    access::{Office, View},
    approval::{AllowedSigners, Untrusted},
    archive::Settings,
    search::Index,
    server::{guard::SignedIn, pages::PageError},
    source::{ArchivePath, Origin, Room, Sources, Stamp},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::BTreeMap,
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
    ///
    /// # Errors
    /// Where he is no longer on staff: his session is worth nothing then.
    pub fn view(&self, who: &SignedIn) -> Result<View<'_>, PageError> {
        if !self.office.staff().contains(&who.person) {
            return Err(PageError::Left);
        }
        Ok(self.office.view(who.reader(&self.office)))
    }
}

/// Texts of policy documents that were in force and could be trusted.
type Trusted = BTreeMap<ArchivePath, Arc<str>>;

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
    /// The policies in force as they were when they could be trusted. None before the first look.
    trusted: Option<Arc<Trusted>>,
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
        trusted: Option<Arc<Trusted>>,
        today: NaiveDate,
    ) -> Result<(Arc<Open>, Option<Arc<Trusted>>), ServerError> {
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
        trusted: Option<Arc<Trusted>>,
        today: NaiveDate,
    ) -> Result<(Arc<Open>, Option<Arc<Trusted>>), ServerError> {
        let settings = Settings::of(&sources).map_err(|error| ServerError::Archive(io::Error::other(error)))?;
        let (office, trusted) = match &self.trust {
            Trust::Archive => (Office::open(sources, settings, today), None),
            Trust::Signers(signers) => {
                let (office, trusted) = admitted(sources, &settings, trusted.as_deref(), signers, today)?;
                (office, Some(Arc::new(trusted)))
            }
        };
        let index = Index::build(&office)?;
        Ok((Arc::new(Open { office, index, stamp }), trusted))
    }
}

/// The archive with the policies that may be trusted. A document that was in force and could be, and is now changed without approval, put
/// off, blanked or gone, is there as it was; one that never could be is not there. So an edit that nobody has approved changes nothing and
/// takes nothing away, and what is approved takes effect whatever lies beside it.
fn admitted(
    sources: Sources,
    settings: &Settings,
    trusted: Option<&Trusted>,
    signers: &AllowedSigners,
    today: NaiveDate,
) -> Result<(Office, Trusted), ServerError> {
    let turns = sources.in_room(Room::Policy).count() + trusted.map_or(0, BTreeMap::len);
    let mut texts = sources;
    // Each turn puts back, or leaves out, one document at least.
    for _ in 0..=turns {
        let (office, untrusted) = Office::open_trusting(texts.clone(), settings.clone(), today, signers);
        let weakened = trusted.into_iter().flatten().filter(|(path, was)| !office.stands(path) && !is_same(&texts, path, was));
        let weakened: Vec<&ArchivePath> = weakened.map(|(path, _)| path).collect();
        let known = |path: &ArchivePath| trusted.and_then(|trusted| trusted.get(path));
        let wrong = untrusted.iter().map(|one| &one.path).filter(|path| known(path).is_none_or(|was| !is_same(&texts, path, was)));
        let wrong: Vec<ArchivePath> = wrong.chain(weakened).cloned().collect();
        for Untrusted { path, why } in &untrusted {
            tracing::warn!("{path} may not be trusted: {}", why.en);
        }
        if wrong.is_empty() {
            let standing = office.standing().map(|path| (path.clone(), text_of(&texts, path)));
            let standing = standing.filter_map(|(path, text)| Some((path, text?)));
            let kept = trusted.into_iter().flatten().map(|(path, text)| (path.clone(), text.clone()));
            let all = kept.chain(standing).collect();
            return Ok((office, all));
        }
        if trusted.is_none() {
            return Err(ServerError::Untrusted(untrusted));
        }
        for path in wrong {
            match known(&path) {
                Some(was) => texts = texts.with(&path.0, &**was),
                None => texts = texts.without(&path.0),
            }
            tracing::warn!("{path} counts as it was when it could be trusted, if it ever could");
        }
    }
    Err(ServerError::Archive(io::Error::other("no set of policies can be trusted")))
}

fn text_of(sources: &Sources, path: &ArchivePath) -> Option<Arc<str>> {
    sources.by_path(&path.0).map(|file| file.text.clone())
}

fn is_same(sources: &Sources, path: &ArchivePath, text: &Arc<str>) -> bool {
    text_of(sources, path).as_ref() == Some(text)
}
