//! Lines of the access log that say what one before them says: they are counted, so that whoever
//! asks again and again for what is not there fills no disk. What was given is never counted: each
//! reading has its own line. Never knows the time: it goes by that of the lines.

use super::log::AccessLine;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Lines are counted together for so long.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Different lines of one person in that time; further ones are counted without what they say. The
/// same for all that is refused, be it there or not.
const A_PERSONS: usize = 30;
/// What stands for those.
const FURTHER: &str = "further addresses";

/// What was refused lately, by person.
#[derive(Clone, Default, Debug)]
pub(super) struct RefusalTally {
    persons: BTreeMap<String, Refusals>,
}

#[derive(Clone, Debug)]
struct Refusals {
    since: DateTime<Utc>,
    /// By what was asked for and from where: the lines that stand in the log, and how often they
    /// have been asked for again.
    lines: BTreeMap<(String, String), Again>,
    further: Again,
}

#[derive(Clone, Debug, Default)]
struct Again {
    count: usize,
    /// The last of them.
    last: Option<AccessLine>,
}

impl RefusalTally {
    /// The lines to be written for one that comes: it itself, unless it is counted, and before it
    /// what was counted and is now over.
    pub(super) fn lines(&mut self, line: &AccessLine) -> Vec<AccessLine> {
        let mut lines = self.over(line.at);
        if line.allowed || !self.counts(line) {
            lines.push(line.clone());
        }
        lines
    }

    /// Whether a line is counted with one that stands in the log.
    fn counts(&mut self, line: &AccessLine) -> bool {
        let new = || Refusals { since: line.at, lines: BTreeMap::new(), further: Again::default() };
        let refusals = self.persons.entry(line.who.clone()).or_insert_with(new);
        let key = (line.what.clone(), line.origin.clone());
        let is_known = refusals.lines.contains_key(&key);
        if !is_known && refusals.lines.len() < A_PERSONS {
            refusals.lines.insert(key, Again::default());
            return false;
        }
        let again = refusals.lines.get_mut(&key).unwrap_or(&mut refusals.further);
        again.count += 1;
        again.last = Some(AccessLine { what: if is_known { line.what.clone() } else { FURTHER.to_owned() }, ..line.clone() });
        true
    }

    /// What was counted in windows that are over at a time, or have not begun yet: the clock may
    /// have been set back.
    fn over(&mut self, at: DateTime<Utc>) -> Vec<AccessLine> {
        let is_over = |refusals: &Refusals| at >= refusals.since + WINDOW || at + WINDOW < refusals.since;
        let over: Vec<String> = self.persons.iter().filter(|(_, refusals)| is_over(refusals)).map(|(person, _)| person.clone()).collect();
        over.iter().filter_map(|person| self.persons.remove(person)).flat_map(|mut refusals| refusals.told()).collect()
    }

    /// All that was counted, told.
    pub(super) fn told(&mut self) -> Vec<AccessLine> {
        self.persons.values_mut().flat_map(Refusals::told).collect()
    }
}

impl Refusals {
    fn told(&mut self) -> Vec<AccessLine> {
        self.lines.values_mut().chain([&mut self.further]).filter_map(Again::told).collect()
    }
}

impl Again {
    /// A line for all of them: the last, and how many they were.
    fn told(&mut self) -> Option<AccessLine> {
        let Again { count, last } = std::mem::take(self);
        last.map(|last| AccessLine { what: format!("{} (×{count})", last.what), ..last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(who: &str, what: &str, minutes: i64) -> AccessLine {
        let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        AccessLine { at, who: who.into(), what: what.into(), origin: "::1".into(), record: None, allowed: false }
    }

    /// What is written for lines that come one after another, and at the end.
    fn written(lines: &[AccessLine]) -> Vec<String> {
        let mut tally = RefusalTally::default();
        let mut all: Vec<AccessLine> = lines.iter().flat_map(|line| tally.lines(line)).collect();
        all.extend(tally.told());
        assert!(tally.told().is_empty(), "it is told once");
        all.into_iter().map(|line| format!("{} {}", line.who, line.what)).collect()
    }

    #[test]
    fn what_is_refused_again_is_counted_and_told_when_its_time_is_over() {
        let lines =
            [line("a", "/x", 0), line("a", "/x", 1), line("b", "/x", 1), line("a", "/x", 2), line("a", "/y", 3), line("a", "/x", 10)];
        assert_eq!(written(&lines), ["a /x", "b /x", "a /y", "a /x (×2)", "a /x"]);
        let elsewhere = AccessLine { origin: "::2".into(), ..line("a", "/x", 0) };
        assert_eq!(written(&[line("a", "/x", 0), elsewhere]), ["a /x", "a /x"]);
    }

    #[test]
    fn what_was_given_has_a_line_of_its_own_however_often() {
        let given = AccessLine { allowed: true, ..line("a", "/x", 0) };
        assert_eq!(written(&[given.clone(), given.clone(), line("a", "/x", 0), given]), ["a /x"; 4]);
    }

    #[test]
    fn of_many_different_lines_the_first_stand_and_the_others_are_counted() {
        let mut lines: Vec<AccessLine> = (0..800).map(|n| line("a", &format!("/{n}"), 0)).collect();
        lines.push(line("b", "/799", 0));
        let written = written(&lines);
        assert_eq!(written.len(), A_PERSONS + 2);
        assert_eq!(written[A_PERSONS..], ["b /799".to_owned(), format!("a further addresses (×{})", 800 - A_PERSONS)]);
    }

    #[test]
    fn a_clock_that_was_set_back_begins_anew() {
        assert_eq!(written(&[line("a", "/x", 100), line("a", "/x", 100), line("a", "/x", 0)]), ["a /x", "a /x (×1)", "a /x"]);
    }
}
