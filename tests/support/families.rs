//! The shipped archive grown: families of records that hang on a customer, copied with new ids, so
//! that each passes the policies as the first one does. The same growth gives the same texts. Tests
//! take them in memory, the benchmark writes them to the disk.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The kinds that hang on a customer, as folders of `records/`.
const FAMILY: [&str; 18] = [
    "appeals",
    "authorisations",
    "cards",
    "complaints",
    "customers",
    "emergency-reports",
    "instructions",
    "limit-requests",
    "market-notes",
    "quality-followups",
    "relation-visits",
    "reports",
    "reviews",
    "suspensions",
    "transaction-cards",
    "visits",
    "work-reports",
    "corrective-actions",
];

/// How an archive grows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Growth {
    /// Records in all; as many as are shipped at least.
    pub size: usize,
    /// What the dice are thrown by.
    pub seed: u64,
    /// The share of the copies in which a slip is planted, from 0 to 1: a reference that leads
    /// nowhere, or a field that is none.
    pub slips: f64,
    /// The share of the copies with approvals that have been approved again and again, from 0 to 1.
    pub long: f64,
}

impl Growth {
    /// Without slips and long histories.
    pub fn to(size: usize) -> Growth {
        Growth { size, seed: 931_302, slips: 0.0, long: 0.0 }
    }

    /// The copies that it takes, beside the archive that is shipped below `root`, each with its
    /// path there. Their approvals are those of the first: they are to be signed anew.
    pub fn copies(self, root: &Path) -> impl Iterator<Item = (String, String)> {
        let records = root.join("records");
        let present = texts(&records).len();
        let family: Vec<(PathBuf, String)> = FAMILY.iter().flat_map(|folder| texts(&records.join(folder))).collect();
        let ids: BTreeSet<String> = family.iter().filter_map(|(_, text)| id(text).map(str::to_owned)).collect();
        let mut dice = Dice(self.seed.max(1));
        let members = (1..).flat_map(move |turn| family.clone().into_iter().map(move |(path, text)| (turn, path, text)));
        members.take(self.size.saturating_sub(present)).map(move |(turn, path, text)| {
            let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a folder");
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            let mut copied = renamed(&text, &ids, turn);
            if dice.happens(self.long) {
                copied = approved_again(&copied, 2 + dice.below(LONGEST - 1));
            }
            if dice.happens(self.slips) {
                copied = slipped(&copied);
            }
            (format!("records/{folder}/{turn:04}/{stem}x{turn}.md"), copied)
        })
    }
}

/// Times that a document with a long history has been approved, at most.
const LONGEST: usize = 40;

/// Numbers that look as if thrown by dice, and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        // xorshift64 (Marsaglia 2003)
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.throw() % bound as u64) as usize
    }

    /// True in that share of the throws.
    pub fn happens(&mut self, share: f64) -> bool {
        (self.throw() >> 11) as f64 / ((1u64 << 53) as f64) < share
    }
}

/// Every id of the family with the number of its copy behind it.
fn renamed(text: &str, ids: &BTreeSet<String>, turn: usize) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(first) = rest.find(is_part) {
        let end = rest[first..].find(|c| !is_part(c)).map_or(rest.len(), |length| first + length);
        out.push_str(&rest[..end]);
        if ids.contains(&rest[first..end]) {
            out.push_str(&format!("x{turn}"));
        }
        rest = &rest[end..];
    }
    out + rest
}

/// Its first reference leads nowhere; where it has none, it has a field that is none.
fn slipped(text: &str) -> String {
    match text.contains("\ncustomer: ") {
        true => text.replacen("\ncustomer: ", "\ncustomer: none-", 1),
        false => text.replacen("---\n", "---\nno_such_field: x\n", 1),
    }
}

/// The same document, its whole chain of approvals gone through so many times, a minute after the
/// other.
fn approved_again(text: &str, times: usize) -> String {
    let Some((head, rest)) = text.split_once("\napprovals:\n") else { return text.to_owned() };
    let entries_end = rest.split_inclusive('\n').take_while(|line| line.starts_with(['-', ' ']) && *line != "---\n").map(str::len).sum();
    let (entries, body) = rest.split_at(entries_end);
    let rounds: String = (0..times).map(|round| later(entries, round)).collect();
    format!("{head}\napprovals:\n{rounds}{body}")
}

/// The same entries, each so many seconds later (a time in its first form,
/// `2026-05-15T14:34:31+08:00`; the seconds take the number).
fn later(entries: &str, seconds: usize) -> String {
    let line = |line: &str| match line.trim_start().starts_with("at: ") {
        true => match line.rfind('+') {
            Some(zone) => format!("{}{seconds:02}{}", &line[..zone - 2], &line[zone..]),
            None => line.to_owned(),
        },
        false => line.to_owned(),
    };
    entries.split_inclusive('\n').map(line).collect()
}

fn id(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("id: ")).map(str::trim)
}

/// The records below a folder, in the order of their names.
pub fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_record = |path: &Path| path.extension().is_some_and(|own| own == "md") && !path.ends_with("README.md");
    let paths = files.map(|entry| entry.into_path()).filter(|path| is_record(path));
    paths.map(|path| (path.clone(), fs::read_to_string(&path).expect("a text"))).collect()
}
