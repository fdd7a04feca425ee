//! Limits on sign-in attempts. Whoever guesses at a name shuts it for his own network and nobody else's; from elsewhere it is only slower to try,
//! and on a device where its owner has signed in before it is neither. Names that are nobody's are counted like others.

use super::hashing::Queue;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};
use tokio::time::sleep;

/// Failures are forgotten after this time.
const WINDOW: TimeDelta = TimeDelta::minutes(5);
/// Failures in the window for one name from one network.
const A_PAIRS: usize = 5;
/// Failures in the window from one network: several people may sit behind it.
const A_NETWORKS: usize = 30;
/// Failures in the window for one name on one of its own devices.
const A_DEVICES: usize = 5;
/// Failures in the window for one name, from wherever, before it is slower to try.
const UNHINDERED: usize = 10;
/// Each further failure makes the next attempt wait so much longer, and none longer than the second.
const STEP: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);
/// Attempts at one name that wait at the same time: with the time that each waits, this bounds how fast the whole network may guess.
const WAITING: usize = 4;
/// No more names and networks are remembered; the memory of an attacker's made-up names must not grow.
const REMEMBERED: usize = 100_000;

/// An attempt to sign in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub name: &'a str,
    pub network: &'a str,
    /// The device, where somebody of this name has signed in on it before.
    pub device: Option<i64>,
}

/// Leave to try a password, after some time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Leave {
    after: Duration,
    queue: Queue,
}

#[derive(Default)]
pub(super) struct Limits {
    failures: Mutex<HashMap<Subject, Vec<DateTime<Utc>>>>,
    waiting: Mutex<HashMap<String, usize>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Subject {
    Name(String),
    Network(String),
    Pair(String, String),
    Device(String, i64),
}

impl Attempt<'_> {
    fn name(self) -> Subject {
        Subject::Name(self.name.to_owned())
    }

    fn network(self) -> Subject {
        Subject::Network(self.network.to_owned())
    }

    fn pair(self) -> Subject {
        Subject::Pair(self.name.to_owned(), self.network.to_owned())
    }

    fn device(self) -> Option<Subject> {
        self.device.map(|device| Subject::Device(self.name.to_owned(), device))
    }
}

impl Limits {
    /// Counts an attempt, if it is not one too many, before the password is looked at, so that many at once are many; done when it may be.
    /// Nothing: too many lately.
    pub(super) async fn admit(&self, attempt: Attempt<'_>, now: DateTime<Utc>) -> Option<Queue> {
        let Leave { after, queue } = self.counted(attempt, now)?;
        (after.is_zero() || self.waited(attempt.name, after).await).then_some(queue)
    }

    /// Leave to try; nothing where it is one too many.
    fn counted(&self, attempt: Attempt<'_>, now: DateTime<Utc>) -> Option<Leave> {
        let mut failures = lock(&self.failures);
        make_room(&mut failures, now);
        let lately = |failures: &HashMap<Subject, Vec<DateTime<Utc>>>, subject: &Subject| {
            failures.get(subject).into_iter().flatten().filter(|at| **at > now - WINDOW).count()
        };
        let own = attempt.device().filter(|device| lately(&failures, device) < A_DEVICES);
        let (subjects, leave) = match own {
            Some(device) => (vec![device], Leave { after: Duration::ZERO, queue: Queue::Own }),
            None if lately(&failures, &attempt.pair()) >= A_PAIRS || lately(&failures, &attempt.network()) >= A_NETWORKS => return None,
            None => {
                let after = delay(lately(&failures, &attempt.name()));
                (vec![attempt.name(), attempt.network(), attempt.pair()], Leave { after, queue: Queue::Elsewhere })
            }
        };
        for subject in subjects {
            let times = failures.entry(subject).or_default();
            times.retain(|at| *at > now - WINDOW);
            times.push(now);
        }
        Some(leave)
    }

    /// `false` where too many wait for the same name.
    async fn waited(&self, name: &str, time: Duration) -> bool {
        let Some(_place) = self.queue(name) else { return false };
        sleep(time).await;
        true
    }

    fn queue(&self, name: &str) -> Option<Place<'_>> {
        let mut waiting = lock(&self.waiting);
        let waits = waiting.entry(name.to_owned()).or_default();
        if *waits >= WAITING {
            return None;
        }
        *waits += 1;
        Some(Place { limits: self, name: name.to_owned() })
    }

    /// Takes back what was counted for an attempt that succeeded, and nothing of what others have tried: not what somebody beside its owner has tried,
    /// where he succeeded on a device of his own.
    pub(super) fn succeeded(&self, attempt: Attempt<'_>) {
        let mut failures = lock(&self.failures);
        if let Some(device) = attempt.device() {
            failures.remove(&device);
            return;
        }
        for shared in [attempt.name(), attempt.network()] {
            failures.get_mut(&shared).map(Vec::pop);
        }
        failures.remove(&attempt.pair());
    }
}

/// A place among those who wait to try a name.
struct Place<'l> {
    limits: &'l Limits,
    name: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.limits.waiting);
        if let Some(waits) = waiting.get_mut(&self.name) {
            *waits -= 1;
        }
        waiting.retain(|_, waits| *waits > 0);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What is past is forgotten; where that is not enough, made-up names are, and who made them up is not.
fn make_room(failures: &mut HashMap<Subject, Vec<DateTime<Utc>>>, now: DateTime<Utc>) {
    if failures.len() >= REMEMBERED {
        failures.retain(|_, times| times.iter().any(|at| *at > now - WINDOW));
    }
    if failures.len() >= REMEMBERED {
        failures.retain(|subject, _| matches!(subject, Subject::Network(_)));
    }
}

fn delay(failures: usize) -> Duration {
    let steps = failures.saturating_sub(UNHINDERED - 1);
    (STEP * u32::try_from(steps).unwrap_or(u32::MAX).min(100)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn from<'a>(name: &'a str, network: &'a str) -> Attempt<'a> {
        Attempt { name, network, device: None }
    }

    #[test]
    fn a_name_is_shut_for_the_network_that_guessed_at_it_and_for_nobody_else() {
        let limits = Limits::default();
        let tried = |name: &str, network: &str, at| limits.counted(from(name, network), at).map(|leave| leave.after);
        assert!((0..A_PAIRS).all(|_| tried("zhao.min", "a", NOW) == Some(Duration::ZERO)));
        assert_eq!(tried("zhao.min", "a", NOW), None);
        assert_eq!((tried("zhao.min", "b", NOW), tried("li.na", "a", NOW)), (Some(Duration::ZERO), Some(Duration::ZERO)));
        assert!(tried("zhao.min", "a", NOW + WINDOW).is_some(), "time heals");
    }

    #[test]
    fn a_network_has_its_limit_whatever_names_it_tries() {
        let limits = Limits::default();
        let many = (0..40).filter(|n| limits.counted(from(&format!("name-{n}"), "a"), NOW).is_some()).count();
        assert_eq!(many, A_NETWORKS);
        assert!(limits.counted(from("name-0", "b"), NOW).is_some());
    }

    #[test]
    fn a_name_that_is_tried_from_everywhere_is_slower_to_try_but_on_its_own_device() {
        let limits = Limits::default();
        let times: Vec<Duration> = (0..40).map(|n| limits.counted(from("zhao.min", &n.to_string()), NOW).unwrap().after).collect();
        assert_eq!(times[..UNHINDERED], [Duration::ZERO; UNHINDERED]);
        assert!(times[UNHINDERED..].is_sorted() && times[UNHINDERED] == STEP && times[39] == LONGEST, "{times:?}");
        let own = Attempt { device: Some(7), ..from("zhao.min", "0") };
        limits.succeeded(own);
        let at_once = Some(Leave { after: Duration::ZERO, queue: Queue::Own });
        let late = Some(Leave { after: LONGEST, queue: Queue::Elsewhere });
        assert!((0..A_DEVICES).all(|_| limits.counted(own, NOW) == at_once));
        assert_eq!(limits.counted(own, NOW), late, "then it is a device like another");
        assert_eq!(limits.counted(from("zhao.min", "41"), NOW), late, "a success there forgives nobody else");
    }

    #[tokio::test]
    async fn few_wait_at_once_for_one_name() {
        let limits = Limits::default();
        let places: Vec<_> = (0..WAITING).map(|_| limits.queue("zhao.min").unwrap()).collect();
        assert!(limits.queue("zhao.min").is_none() && limits.queue("li.na").is_some());
        assert!(!limits.waited("zhao.min", STEP).await);
        drop(places);
        assert!(limits.waited("zhao.min", Duration::from_millis(1)).await && lock(&limits.waiting).is_empty());
    }

    #[test]
    fn made_up_names_fill_no_memory() {
        let limits = Limits::default();
        for n in 0..REMEMBERED {
            limits.counted(from(&n.to_string(), &(n / 20).to_string()), NOW);
        }
        assert!(lock(&limits.failures).len() <= REMEMBERED + 3);
        assert_eq!((0..A_NETWORKS).filter(|_| limits.counted(from("x", "0"), NOW).is_some()).count(), A_PAIRS, "networks are still known");
    }
}
