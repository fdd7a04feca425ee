//! Which record was probably meant by a name that is no record's id: people write what a record is
//! called, or its id with something around it.

use crate::{archive::Record, diagnostic::nearest, source::trial};
use unicode_normalization::UnicodeNormalization;

/// What people put around an id or a name.
const AROUND: &[char] =
    &['[', ']', '【', '】', '《', '》', '「', '」', '“', '”', '"', '\'', '<', '>', '(', ')', '（', '）', '#', ' ', '\u{3000}'];

/// What stands between an id and a name that is written with it.
const BETWEEN: &[char] =
    &[' ', '\u{3000}', '(', ')', '（', '）', '[', ']', ',', '，', '、', ':', '：', '|', '｜', '/', '《', '》', '“', '”', '"'];

/// Nothing longer is compared with what records are called, in bytes.
const LONGEST: usize = 400;

/// Of these records the one that was meant, where there is one alone: whose id stands in what is
/// written, or which is called so; else the one whose id is near enough for a slip.
pub(super) fn meant<'a>(written: &str, records: impl Iterator<Item = &'a Record> + Clone) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let bare: String = written.nfkc().collect();
    let bare = bare.trim_matches(AROUND);
    let bare = bare.strip_suffix(".md").unwrap_or(bare).trim_matches(AROUND);
    let named: Vec<&str> =
        bare.split(BETWEEN).map(|word| word.strip_suffix(".md").unwrap_or(word)).filter(|word| !word.is_empty()).collect();
    let (mut by_id, mut called) = (Found::default(), Found::default());
    for record in records.clone() {
        trial::count(1);
        let id = &*record.id.0;
        if id.eq_ignore_ascii_case(bare) || named.iter().any(|word| id.eq_ignore_ascii_case(word)) {
            by_id.add(id);
        }
        if record.title == bare {
            called.add(id);
        }
    }
    by_id.alone().or_else(|| called.alone()).or_else(|| nearest(written, records.map(|record| &*record.id.0)))
}

/// What was found, as long as it is one.
#[derive(Default)]
struct Found<'a> {
    first: Option<&'a str>,
    count: usize,
}

impl<'a> Found<'a> {
    fn add(&mut self, id: &'a str) {
        self.first = self.first.or(Some(id));
        self.count += 1;
    }

    fn alone(&self) -> Option<&'a str> {
        self.first.filter(|_| self.count == 1)
    }
}
