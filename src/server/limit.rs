//! Who has tried a name too often waits before the next attempt. How often is counted in the store,
//! for all servers together; who waits here is this server's own matter.

use super::hashing::Queue;
use crate::store::{Attempt, Attempts, Leave, StoreError};
use chrono::{DateTime, Utc};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};
use tokio::time::sleep;

/// Attempts at one name that wait at the same time: with the time that each waits, this bounds how
/// fast the whole network may guess.
const WAITING: usize = 4;

/// Who waits to try which name.
#[derive(Default)]
pub(super) struct Limits {
    waiting: Mutex<HashMap<String, usize>>,
}

impl Limits {
    /// Counts an attempt before the password is looked at; done when it may be, with where to wait
    /// for that. Nothing: too many lately.
    pub(super) async fn admit(&self, attempts: &dyn Attempts, attempt: &Attempt, now: DateTime<Utc>) -> Result<Option<Queue>, StoreError> {
        let Some(Leave { after, own }) = attempts.count(attempt, now).await? else { return Ok(None) };
        let queue = if own { Queue::Own } else { Queue::Elsewhere };
        Ok((after.is_zero() || self.waited(&attempt.name, after).await).then_some(queue))
    }

    /// `false` where too many wait for the same name.
    async fn waited(&self, name: &str, time: Duration) -> bool {
        let Some(_place) = self.queue(name) else { return false };
        sleep(time).await;
        true
    }

    fn queue(&self, name: &str) -> Option<WaitingPlace<'_>> {
        let mut waiting = self.lock();
        let waits = waiting.entry(name.to_owned()).or_default();
        if *waits >= WAITING {
            return None;
        }
        *waits += 1;
        Some(WaitingPlace { limits: self, name: name.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A place among those who wait to try a name.
struct WaitingPlace<'l> {
    limits: &'l Limits,
    name: String,
}

impl Drop for WaitingPlace<'_> {
    fn drop(&mut self) {
        let mut waiting = self.limits.lock();
        if let Some(waits) = waiting.get_mut(&self.name) {
            *waits -= 1;
        }
        waiting.retain(|_, waits| *waits > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn few_wait_at_once_for_one_name() {
        let limits = Limits::default();
        let places: Vec<_> = (0..WAITING).map(|_| limits.queue("zhao.min").unwrap()).collect();
        assert!(limits.queue("zhao.min").is_none() && limits.queue("li.na").is_some());
        assert!(!limits.waited("zhao.min", Duration::from_secs(1)).await);
        drop(places);
        assert!(limits.waited("zhao.min", Duration::from_millis(1)).await && limits.lock().is_empty());
    }
}
