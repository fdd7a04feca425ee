//! How the records of a type are called, told from the ids that they bear, so that a folder goes on
//! as it began: C-0031 behind C-0030, CP-2027-0001 in a new year. A folder that has no way of its
//! own is given none here: see [`super::draft`].

use super::characters;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// How a day, or a part of one, stands in an id; the longer ones first.
const DAYS: [&str; 5] = ["%Y-%m-%d", "%Y%m%d", "%Y-%m", "%Y%m", "%Y"];
const WHOLE_DAYS: usize = 2;

/// No number that anybody counts to has more digits.
const MOST_DIGITS: usize = 9;
/// A random part is short; what is longer is a word.
const MOST_RANDOM: usize = 8;

/// The way in which most records of a type are called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Naming {
    way: Way,
    /// The day in an id is that of the record, not the one on which it was written.
    by_own_day: bool,
}

/// What stands before, a day in one of the forms of [`DAYS`] with what follows it, and what tells
/// the records of a day apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Way {
    before: String,
    day: Option<(&'static str, String)>,
    last: Last,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Last {
    /// Counted, with so many digits at least.
    Number(usize),
    /// Drawn at random, so many characters.
    Random(usize),
}

impl Naming {
    /// From the ids of a type's records, each with the record's own day. `None` where most are
    /// called in no way that could be gone on with.
    pub fn of<'a>(records: impl Iterator<Item = (&'a str, Option<NaiveDate>)>) -> Option<Naming> {
        let mut ways: BTreeMap<Option<Way>, (usize, usize)> = BTreeMap::new();
        for (id, day) in records {
            let way = Way::of(id);
            let by_own_day = way.as_ref().zip(day).is_some_and(|(way, day)| id.starts_with(&way.stem(day)));
            let (all, by_own) = ways.entry(way).or_default();
            *all += 1;
            *by_own += usize::from(by_own_day);
        }
        let (way, (all, by_own)) = ways.into_iter().max_by_key(|(_, (all, _))| *all)?;
        Some(Naming { way: way?, by_own_day: by_own * 2 > all })
    }

    /// Whether the records are counted, and not told apart at random.
    pub fn counts(&self) -> bool {
        matches!(self.way.last, Last::Number(_))
    }

    /// What a new record is called. `own_day`: the record's; `known`: ids that are there, behind
    /// the highest number of which it is counted on; `is_taken`: whether an id is somebody's
    /// already, or was.
    pub fn next<'a>(
        &self,
        own_day: NaiveDate,
        today: NaiveDate,
        random: [u8; MOST_RANDOM],
        known: impl Iterator<Item = &'a str>,
        is_taken: impl Fn(&str) -> bool,
    ) -> String {
        let stem = self.way.stem(if self.by_own_day { own_day } else { today });
        match self.way.last {
            Last::Random(length) => stem + &characters(&random[..length]),
            Last::Number(digits) => {
                let number = |id: &str| id.strip_prefix(&stem).filter(|rest| is_number(rest))?.parse::<u64>().ok();
                let first = known.filter_map(number).max().unwrap_or(0) + 1;
                let mut names = (first..).map(|number| format!("{stem}{number:0digits$}"));
                names.find(|name| !is_taken(name)).expect("there is no end of numbers")
            }
        }
    }
}

impl Way {
    fn of(id: &str) -> Option<Way> {
        let starts = id.char_indices().filter(|(at, c)| c.is_ascii_digit() && !id[..*at].ends_with(|c: char| c.is_ascii_digit()));
        for (at, _) in starts {
            for (place, form) in DAYS.into_iter().enumerate() {
                let Some(rest) = after_day(&id[at..], form) else { continue };
                if rest.is_empty() && place < WHOLE_DAYS {
                    return None;
                }
                let sign = rest.len() - rest.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
                let (between, last) = rest.split_at(sign);
                if let Some(last) = Last::of(last, place < WHOLE_DAYS).filter(|_| sign > 0) {
                    return Some(Way { before: id[..at].to_owned(), day: Some((form, between.to_owned())), last });
                }
            }
        }
        let before = id.trim_end_matches(|c: char| c.is_ascii_digit());
        // A name with a digit behind it is a name.
        let counts = before.is_empty()
            || before.ends_with(|c: char| !c.is_alphanumeric())
            || before.chars().all(|c| c.is_ascii_uppercase() || !c.is_ascii());
        let last = Last::of(&id[before.len()..], false).filter(|_| counts)?;
        Some(Way { before: before.to_owned(), day: None, last })
    }

    /// What stands before the last part.
    fn stem(&self, day: NaiveDate) -> String {
        let day = self.day.as_ref().map_or_else(String::new, |(form, between)| format!("{}{between}", day.format(form)));
        format!("{}{day}", self.before)
    }
}

impl Last {
    fn of(text: &str, behind_a_day: bool) -> Option<Last> {
        let is_short = text.len() <= MOST_RANDOM && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        match text {
            number if is_number(number) => Some(Last::Number(number.len())),
            random if behind_a_day && is_short && !random.is_empty() => Some(Last::Random(random.len())),
            _ => None,
        }
    }
}

fn is_number(text: &str) -> bool {
    (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What follows the day, or the part of one, with which a text begins.
fn after_day<'t>(text: &'t str, form: &str) -> Option<&'t str> {
    let length = NaiveDate::default().format(form).to_string().len();
    let (written, rest) = text.split_at_checked(length).filter(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_digit()))?;
    let whole =
        [("%Y", "-%m-%d"), ("%Y%m", "%d"), ("%Y-%m", "-%d")].into_iter().find(|(part, _)| *part == form).map_or("", |(_, rest)| rest);
    let first = NaiveDate::from_ymd_opt(2000, 1, 1)?.format(whole);
    let day = NaiveDate::parse_from_str(&format!("{written}{first}"), &format!("{form}{whole}")).ok()?;
    // The parser is lenient about widths, and no archive is of the year 31.
    ((1900..2200).contains(&day.year()) && day.format(form).to_string() == written).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What comes behind these ids, each of a record of the day behind it, on 2027-01-05 for a
    /// record of 2026-12-30.
    fn next(ids: &[&str]) -> Option<String> {
        let records = || ids.iter().map(|id| id.split_once('@').map_or((*id, None), |(id, own)| (id, Some(day(own)))));
        let naming = Naming::of(records())?;
        Some(naming.next(day("2026-12-30"), day("2027-01-05"), [7, 15, 3, 19, 0, 1, 2, 3], records().map(|(id, _)| id), |_| false))
    }

    #[test]
    fn a_folder_goes_on_as_it_began() {
        for (ids, expected) in [
            (&["C-0001", "C-0002", "C-0030"][..], "C-0031"),
            (&["C-9", "C-10", "C-8"], "C-11"),
            (&["C-9999"], "C-10000"),
            (&["0007"], "0008"),
            (&["客户012"], "客户013"),
            (&["C0099"], "C0100"),
            (&["C-1998", "C-1999", "C-2000"], "C-2001"),
            // The last number is that of the year, of the month, of the day.
            (&["CP-2026-0015", "CP-2026-0016"], "CP-2027-0001"),
            (&["CP-2026-0015@2026-03-01", "CP-2026-0016@2026-05-01"], "CP-2026-0017"),
            (&["202612-1@2026-12-03"], "202612-2"),
            (&["2026-12-30-01@2026-12-30", "2026-12-30-02@2026-12-30"], "2026-12-30-03"),
            (&["2026-11-03-01@2026-11-03"], "2026-12-30-01"),
            (&["2026-11-03-01@2026-11-02"], "2027-01-05-01"),
            (&["CR-20251117-xbas", "CR-20251118-0000", "CR-20251118-a1b2"], "CR-20270105-7f3k"),
            (&["2026-11-03-xx@2026-11-03", "2026-11-04-ab@2026-11-04"], "2026-12-30-7f"),
            // Most are called so.
            (&["CP-20250625-ot3r", "CP-2026-0001", "CP-2026-0002"], "CP-2027-0001"),
        ] {
            assert_eq!(next(ids).as_deref(), Some(expected), "{ids:?}");
        }
    }

    /// Nor is a day alone.
    #[test]
    fn names_are_not_counted() {
        for ids in [&["wang.fang", "li.lei"][..], &["li.lei2"], &["bob7"], &["a7o2"], &[], &["2026-11-03"], &["wang.fang", "li.lei", "P-1"]]
        {
            assert_eq!(next(ids), None, "{ids:?}");
        }
        for ids in [&["2026-11-03-来访"][..], &["2026-11-03-visit-to-hengrun"], &["2026-13-45-x"], &["C-12345678901234567890"]] {
            assert_eq!(next(ids), None, "{ids:?}");
        }
    }

    #[test]
    fn what_was_somebodys_is_given_to_nobody_else() {
        let naming = Naming::of([("C-0001", None), ("C-0002", None)].into_iter()).unwrap();
        let day = day("2026-01-01");
        let gone = ["C-0003", "C-0004"];
        assert_eq!(naming.next(day, day, [0; 8], ["C-0002"].into_iter(), |id| gone.contains(&id)), "C-0005");
    }
}
