//! Limits on sign-in attempts, counted over all servers of an intranet. Whoever guesses at a name
//! shuts it for their own network and nobody else's; from elsewhere it is only slower to try, and
//! on a device where its owner has signed in before it is neither. Names that are nobody's are
//! counted like others.

use super::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Failures are forgotten after this time.
pub const FAILURES_KEPT: TimeDelta = TimeDelta::minutes(5);
/// Failures in that time for one name from one network.
const A_PAIRS: usize = 5;
/// Failures in that time from one network: several people may sit behind it.
const A_NETWORKS: usize = 30;
/// Failures in that time for one name on one of its own devices.
const A_DEVICES: usize = 5;
/// Failures in that time for one name, from wherever, before it is slower to try.
const UNHINDERED: usize = 10;
/// Each further failure makes the next attempt wait so much longer, and none longer than the
/// second.
const STEP: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);

/// An attempt to sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    pub name: String,
    /// What counts as one address.
    pub network: String,
    /// The device, where somebody of this name has signed in on it before.
    pub device: Option<i64>,
}

/// What attempts are counted by. A name that is typed may be a password: a store keeps its key
/// alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum AttemptSubject<'a> {
    Name(&'a str),
    Network(&'a str),
    Pair(&'a str, &'a str),
    Device(&'a str, i64),
}

impl AttemptSubject<'_> {
    /// 16 bytes of a SHA-256.
    pub(super) fn key(&self) -> [u8; 16] {
        let parts = match self {
            AttemptSubject::Name(name) => ["name", name, ""].map(str::to_owned),
            AttemptSubject::Network(network) => ["network", network, ""].map(str::to_owned),
            AttemptSubject::Pair(name, network) => ["pair", name, network].map(str::to_owned),
            AttemptSubject::Device(name, device) => ["device".to_owned(), (*name).to_owned(), device.to_string()],
        };
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let whole: [u8; 32] = digest.finalize().into();
        std::array::from_fn(|at| whole[at])
    }
}

/// Leave to try a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leave {
    /// The attempt waits so long before it is made.
    pub after: Duration,
    /// It is made on a device of the name's owner.
    pub own: bool,
}

impl Attempt {
    pub(super) fn own(&self) -> Option<AttemptSubject<'_>> {
        self.device.map(|device| AttemptSubject::Device(&self.name, device))
    }

    pub(super) fn pair(&self) -> AttemptSubject<'_> {
        AttemptSubject::Pair(&self.name, &self.network)
    }

    /// What it shares with attempts of others.
    pub(super) fn shared(&self) -> [AttemptSubject<'_>; 2] {
        [AttemptSubject::Name(&self.name), AttemptSubject::Network(&self.network)]
    }

    /// What the attempt is counted by, and leave to make it; nothing where it is one too many. It
    /// asks how many failures there were lately of a subject.
    pub(super) fn judged<E>(
        &self,
        mut lately: impl FnMut(&AttemptSubject<'_>) -> Result<usize, E>,
    ) -> Result<Option<(Vec<AttemptSubject<'_>>, Leave)>, E> {
        if let Some(own) = self.own()
            && lately(&own)? < A_DEVICES
        {
            return Ok(Some((vec![own], Leave { after: Duration::ZERO, own: true })));
        }
        let ([name, network], pair) = (self.shared(), self.pair());
        if lately(&pair)? >= A_PAIRS || lately(&network)? >= A_NETWORKS {
            return Ok(None);
        }
        let after = delay(lately(&name)?);
        Ok(Some((vec![name, network, pair], Leave { after, own: false })))
    }
}

fn delay(failures: usize) -> Duration {
    let steps = failures.saturating_sub(UNHINDERED - 1);
    (STEP * u32::try_from(steps).unwrap_or(u32::MAX).min(100)).min(LONGEST)
}

/// Who has tried to sign in lately.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts an attempt, if it is not one too many, before the password is looked at, so that many
    /// at once are many. Nothing: too many lately. On a full disk attempts are counted all the
    /// same.
    ///
    /// # Errors
    /// Where the store fails.
    async fn count(&self, attempt: &Attempt, now: DateTime<Utc>) -> Result<Option<Leave>, StoreError>;

    /// Takes back what was counted for an attempt that succeeded, and nothing of what others have
    /// tried: not what somebody beside the name's owner has tried, where they succeeded on a device
    /// of their own.
    ///
    /// # Errors
    /// Where the store fails.
    async fn take_back(&self, attempt: &Attempt) -> Result<(), StoreError>;
}
