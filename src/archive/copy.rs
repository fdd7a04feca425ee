//! What sync programs and people who copy add to the name of a file:
//! ` (conflicted copy 2026-07-10)`, `.sync-conflict-…`, `(1)`, ` 2`, `的副本`. Asked only of documents
//! that give themselves one id: there the name tells which of them is the copy. It gives no right
//! to anything that the other, which says the same or is not approved, would not have alone.

use super::Record;
use crate::source::ArchivePath;

/// How well the name of a file fits the id that its document gives itself: the better first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NameFit {
    /// It is the id.
    Exact,
    /// It is another.
    Other,
    /// Something was added to it, as happens to a copy.
    Copy,
}

/// Words by which a copy is called, in small letters.
const MARKS: [&str; 7] = ["sync-conflict", "conflict", "copy", "副本", "冲突", "拷贝", "复制"];
/// What stands between a name and what was added to it.
const JOINTS: [char; 7] = [' ', '\u{3000}', '-', '_', '.', '(', '（'];
/// Additions of additions that are taken away: nobody copies copies more often than this.
const MOST: usize = 8;

impl Record {
    /// How well the name of its file fits the id that it gives itself.
    pub fn name_fit(&self) -> NameFit {
        let (path, stem) = (without_extension(&self.document.path.0), stem(&self.document.path));
        match &*self.named.0 {
            id if stem == id || path.strip_prefix("records/") == Some(id) => NameFit::Exact,
            _ if original(stem) == stem => NameFit::Other,
            _ => NameFit::Copy,
        }
    }

    /// Whether its file is called as another is, but for an addition.
    pub fn is_copy_of(&self, other: &Record) -> bool {
        let (own, others) = (stem(&self.document.path), stem(&other.document.path));
        own != others && original(own) == others
    }
}

/// The name of a file without its folder and its `.md`.
fn stem(path: &ArchivePath) -> &str {
    let name = path.0.rsplit_once('/').map_or(&*path.0, |(_, name)| name);
    without_extension(name)
}

fn without_extension(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The name that a file had before anything was added to it.
fn original(stem: &str) -> &str {
    let mut name = stem.strip_prefix("Copy of ").unwrap_or(stem);
    for _ in 0..MOST {
        match without_addition(name) {
            Some(shorter) => name = shorter,
            None => break,
        }
    }
    name
}

fn without_addition(name: &str) -> Option<&str> {
    let rest = in_parentheses(name).or_else(|| numbered(name)).or_else(|| marked(name))?;
    let rest = rest.trim_end_matches(JOINTS);
    (!rest.is_empty()).then_some(rest)
}

/// What stands before `(1)` or `(conflicted copy 2026-07-10)`.
fn in_parentheses(name: &str) -> Option<&str> {
    let within = name.strip_suffix([')', '）'])?;
    let (before, said) = within.rsplit_once(['(', '（'])?;
    let said = said.to_ascii_lowercase();
    let is_number = !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit());
    (is_number || MARKS.iter().any(|mark| said.contains(mark))).then_some(before)
}

/// What stands before ` 2`.
fn numbered(name: &str) -> Option<&str> {
    let before = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = name.len() - before.len();
    ((1..=2).contains(&digits) && before.ends_with(' ')).then_some(before)
}

/// What stands before a word of copies and all that follows it:
/// `.sync-conflict-20260710-101112-ABCDEFG`, ` - 副本`, `的副本`.
fn marked(name: &str) -> Option<&str> {
    let small = name.to_ascii_lowercase();
    let begins = |mark: &&str| small.match_indices(*mark).map(|(at, _)| at).find(|at| is_joined(&name[..*at], mark));
    let before = &name[..MARKS.iter().filter_map(begins).min()?];
    Some(before.strip_suffix('的').unwrap_or(before))
}

/// Whether a word is no part of the one before it. Chinese words need nothing between them.
fn is_joined(before: &str, mark: &str) -> bool {
    !before.is_empty() && (before.ends_with(JOINTS) || !mark.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_to_a_name_is_taken_away() {
        for copy in [
            "D-1 (conflicted copy 2026-07-10)",
            "D-1 (Lin's conflicted copy 2026-07-10)",
            "D-1 (林江 的冲突副本 2026-07-10)",
            "D-1 (SFConflict lin@example.com 2026-07-10-10-11-12)",
            "D-1.sync-conflict-20260710-101112-ABCDEFG",
            "D-1_conflict-20260710-101112",
            "D-1_冲突文件_林江_20260710101112",
            "D-1 (1)",
            "D-1(1)",
            "D-1（2）",
            "D-1 2",
            "D-1 copy",
            "D-1 copy 3",
            "D-1 - Copy",
            "D-1 - Copy (2)",
            "Copy of D-1",
            "D-1的副本",
            "D-1 的副本 2",
            "D-1 - 副本",
            "D-1 - 副本 (2)",
            "D-1副本",
            "D-1 拷贝",
            "D-1.sync-conflict-20260710-101112-ABCDEFG (1)",
        ] {
            assert_eq!(original(copy), "D-1", "{copy}");
        }
    }

    #[test]
    fn a_name_that_has_no_addition_stays() {
        for name in
            ["D-1", "D-12", "photocopy", "hardcopy-3", "2026-07-10", "报告 2026", "D-1 (draft)", "(1)", "copy", "副本", " 2", "", "("]
        {
            assert_eq!(original(name), name, "{name}");
        }
    }
}
