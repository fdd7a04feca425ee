//! Ids that a reader takes for others: "С-0007" with a Cyrillic С is another record than "C-0007".
//! What looks alike is told by Unicode Technical Standard 39: two words look alike where their
//! skeletons are one.

use super::builtins::place_of_id;
use crate::{
    archive::{Archive, Record},
    diagnostic::{Finding, Words},
};
use rayon::prelude::*;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{MixedScript, skeleton};

/// With how many others of one look an id is compared, in the order of ids: whoever files a
/// thousand of them does not have half a million pairs told.
const NEIGHBOURS: usize = 16;

pub(super) fn judge(archive: &Archive) -> Vec<Finding> {
    let of_itself: Vec<Finding> = archive.records.par_iter().filter_map(|record| passes_for_another(record)).collect();
    of_itself.into_iter().chain(pairs(archive)).collect()
}

/// An id with letters that pass for ASCII's and are none, or of another width or form. It is told
/// of the id alone, whether there is a record that it looks like or not: that may be nobody's to
/// know.
fn passes_for_another(record: &Record) -> Option<Finding> {
    let id = &*record.named.0;
    let other = plain(id);
    if other == id {
        return None;
    }
    let message =
        Words::new(format!("编号“{id}”看起来像“{other}”，却是另一个"), format!("the id “{id}” looks like “{other}”, and is another"));
    let fix = Words::new("改用普通的半角字母和数字", "write it in plain letters and digits");
    Some(Finding::warning("structure.look-alike", place_of_id(record), message).of(&record.id).with_fix(fix))
}

/// Two records of one look. It is told to whoever may read both: that there is the other is no
/// secret from him.
fn pairs(archive: &Archive) -> Vec<Finding> {
    let plain = archive.records.par_iter().filter(|record| plain(&record.named.0) == *record.named.0);
    let mut looks: Vec<(String, &Record)> = plain.map(|record| (skeleton(&record.named.0).collect(), &**record)).collect();
    looks.par_sort_by(|(look, _), (other, _)| look.cmp(other));
    let pairs = looks.chunk_by(|(look, _), (other, _)| look == other).flat_map(|alike| {
        let earlier = |place: usize| alike[place.saturating_sub(NEIGHBOURS)..place].iter();
        let of = |(place, (_, record)): (usize, &(String, &Record))| -> Vec<Finding> {
            earlier(place).filter_map(|(_, other)| pair(record, other)).collect()
        };
        alike.iter().enumerate().flat_map(of).collect::<Vec<Finding>>()
    });
    pairs.collect()
}

fn pair(record: &Record, other: &Record) -> Option<Finding> {
    if record.named == other.named {
        return None;
    }
    let message = Words::new(
        format!("编号“{}”与“{}”看起来一样，却是两个", record.named, other.named),
        format!("the ids “{}” and “{}” look the same, and are two", record.named, other.named),
    );
    let fix = Words::new("给其中一份换一个一眼能分清的编号", "give one of them an id that can be told apart at a glance");
    let mut finding = Finding::warning("structure.look-alike", place_of_id(record), message).of(&record.id).with_fix(fix);
    [record, other].into_iter().for_each(|one| finding.reads.add_record(&one.id));
    finding.related.push((place_of_id(other), Words::new("另一份", "the other")));
    Some(finding)
}

/// An id as a reader takes it who knows ASCII's letters best: in plain width and form, and each
/// word that is not one of another script in its letters' ASCII.
fn plain(id: &str) -> Cow<'_, str> {
    if id.is_ascii() {
        return id.into();
    }
    let composed: String = id.nfkc().collect();
    // A letter is where a word goes on.
    let words = composed.split_inclusive(|c: char| !c.is_alphabetic());
    let read = |word: &str| if is_of_another_script(word) { word.to_owned() } else { word.chars().flat_map(plainest).collect() };
    words.map(read).collect::<String>().into()
}

/// Whether a word is written in one script, and has letters that nobody takes for ASCII's:
/// "Москва", but neither "СС" nor "zhаo".
fn is_of_another_script(word: &str) -> bool {
    word.is_single_script() && word.chars().any(|c| c.is_alphabetic() && !c.is_ascii() && plainest(c) == [c])
}

/// The letters of ASCII for which a letter passes, or else the letter.
fn plainest(letter: char) -> Vec<char> {
    let mut own = [0; 4];
    let seen: Vec<char> = skeleton(letter.encode_utf8(&mut own)).collect();
    if !letter.is_ascii() && seen.iter().all(char::is_ascii_alphanumeric) { seen } else { vec![letter] }
}
