//! Limits on sign-in attempts, by name and by address.

use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::HashMap, sync::Mutex};

/// Failures are forgotten after this time.
const WINDOW: TimeDelta = TimeDelta::minutes(5);
/// Failures allowed in the window for one name.
const BY_NAME: usize = 5;
/// Failures allowed in the window from one address: several people may sit behind it.
const BY_ORIGIN: usize = 30;
/// No more names and addresses are remembered; the memory of an attacker's made-up names must not grow.
const REMEMBERED: usize = 100_000;

#[derive(Default)]
pub(super) struct Limits {
    failures: Mutex<HashMap<Subject, Vec<DateTime<Utc>>>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Subject {
    Name(String),
    Origin(String),
}

fn subjects(name: &str, origin: &str) -> [(Subject, usize); 2] {
    [(Subject::Name(name.to_owned()), BY_NAME), (Subject::Origin(origin.to_owned()), BY_ORIGIN)]
}

impl Limits {
    /// Counts an attempt, if it is not one too many, before the password is looked at, so that many at once are many. `false`: too many lately.
    pub(super) fn admit(&self, name: &str, origin: &str, now: DateTime<Utc>) -> bool {
        let mut failures = self.failures.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if failures.len() >= REMEMBERED {
            failures.retain(|_, times| times.iter().any(|at| *at > now - WINDOW));
        }
        let allows = |failures: &HashMap<Subject, Vec<DateTime<Utc>>>, subject: &Subject, allowed: usize| {
            let times = failures.get(subject).into_iter().flatten();
            times.filter(|at| **at > now - WINDOW).count() < allowed
        };
        let admitted = subjects(name, origin).iter().all(|(subject, allowed)| allows(&failures, subject, *allowed));
        if admitted {
            for (subject, _) in subjects(name, origin) {
                let times = failures.entry(subject).or_default();
                times.retain(|at| *at > now - WINDOW);
                times.push(now);
            }
        }
        admitted
    }

    /// Takes back what was counted for an attempt that succeeded.
    pub(super) fn succeeded(&self, name: &str, origin: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        failures.remove(&Subject::Name(name.to_owned()));
        if let Some(times) = failures.get_mut(&Subject::Origin(origin.to_owned())) {
            times.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_an_address_have_their_limits_and_time_heals() {
        let (limits, now) = (Limits::default(), DateTime::UNIX_EPOCH);
        let tried = |name: &str, origin: &str, at| limits.admit(name, origin, at);
        assert!((0..BY_NAME).all(|_| tried("zhao.min", "::1", now)));
        assert!(!tried("zhao.min", "::2", now), "the name is shut from every address");
        assert!(tried("li.na", "::1", now), "another name is not");
        assert!(tried("zhao.min", "::1", now + WINDOW));
        limits.succeeded("zhao.min", "::1");
        assert!((0..BY_NAME).all(|_| tried("zhao.min", "::3", now + WINDOW)));
        let many = (0..BY_ORIGIN).filter(|i| tried(&format!("name-{i}"), "::9", now)).count();
        assert_eq!((many, tried("one-more", "::9", now)), (BY_ORIGIN, false));
    }
}
