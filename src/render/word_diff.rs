//! Two texts word by word: which words only one of them has. A Han character is a word, and so is a
//! number with its points. Bounded: what would take too long is told apart by sentences, or as a
//! whole.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::{hash::Hash, ops::Range};

/// What a page may spend: pairs of words compared.
pub(super) const EFFORT: usize = 20_000_000;

/// For every word of the one text and of the other: whether it stands in that one alone.
#[derive(Debug, PartialEq)]
pub(super) struct Alone {
    pub before: Vec<bool>,
    pub after: Vec<bool>,
}

/// The words of a text, blanks among them: joined they are the text.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut from = 0;
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    for (i, &(at, c)) in characters.iter().enumerate() {
        let next = characters.get(i + 1).map(|(_, next)| *next);
        let previous = i.checked_sub(1).map(|i| characters[i].1);
        let goes_on = i > 0 && joins(previous, c, next);
        if i > 0 && !goes_on {
            words.push(&text[from..at]);
            from = at;
        }
    }
    words.extend((from < text.len()).then(|| &text[from..]));
    words
}

/// Whether a character belongs to the word of the one before it.
fn joins(previous: Option<char>, c: char, next: Option<char>) -> bool {
    let Some(previous) = previous else { return false };
    let is_digit = |c: char| c.is_ascii_digit();
    let is_point = |c: char| matches!(c, '.' | ',' | ':' | '-');
    match (previous, c) {
        (before, own) if before.is_whitespace() && own.is_whitespace() => true,
        (before, own) if in_a_word(before) && in_a_word(own) => true,
        (before, '%' | '％') => is_digit(before),
        // 5,000 and 2026-11-16
        (before, own) if is_digit(before) && is_point(own) => next.is_some_and(is_digit),
        (before, own) if is_point(before) => is_digit(own),
        (before, own) if in_a_word(before) && matches!(own, '\'' | '’') => next.is_some_and(in_a_word),
        ('\'' | '’', own) => in_a_word(own),
        _ => false,
    }
}

fn in_a_word(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

/// Writing without blanks between its words.
fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Compares two texts by their words, at the cost of what is left of the effort.
pub(super) fn alone(before: &[&str], after: &[&str], effort: &mut usize) -> Alone {
    let alone = by_words(before, after, effort).or_else(|| by_sentences(before, after, effort));
    alone.map_or_else(|| Alone { before: vec![true; before.len()], after: vec![true; after.len()] }, |alone| smoothed(alone, before, after))
}

fn by_words(before: &[&str], after: &[&str], effort: &mut usize) -> Option<Alone> {
    let (before, after) = (plain(before), plain(after));
    let mut alone = Alone { before: vec![false; before.len()], after: vec![false; after.len()] };
    for op in operations(&before, &after, effort)? {
        mark(&mut alone, op.old_range(), op.new_range(), op);
    }
    Some(alone)
}

/// The same by whole sentences.
fn by_sentences(before: &[&str], after: &[&str], effort: &mut usize) -> Option<Alone> {
    let (own, later) = (sentences(before), sentences(after));
    let texts = |all: &[Range<usize>], words: &[&str]| all.iter().map(|range| plain(&words[range.clone()]).concat()).collect::<Vec<_>>();
    let operations = operations(&texts(&own, before), &texts(&later, after), effort)?;
    let mut alone = Alone { before: vec![false; before.len()], after: vec![false; after.len()] };
    let spread = |sentences: &[Range<usize>], range: Range<usize>| match sentences.get(range) {
        Some([first, .., last]) => first.start..last.end,
        Some([one]) => one.clone(),
        _ => 0..0,
    };
    for op in operations {
        mark(&mut alone, spread(&own, op.old_range()), spread(&later, op.new_range()), op);
    }
    Some(alone)
}

/// Blanks are one word, however long: where a line is broken does not matter.
fn plain<'w>(words: &[&'w str]) -> Vec<&'w str> {
    words.iter().map(|word| if is_blank(word) { " " } else { word }).collect()
}

fn is_blank(word: &str) -> bool {
    word.chars().all(char::is_whitespace)
}

/// Myers' algorithm, where its worst case does not exceed the effort: beyond what both have in
/// common in front and behind.
fn operations<T: Eq + Hash + Clone>(before: &[T], after: &[T], effort: &mut usize) -> Option<Vec<DiffOp>> {
    let front = before.iter().zip(after).take_while(|(own, later)| own == later).count();
    let behind = before[front..].iter().rev().zip(after[front..].iter().rev()).take_while(|(own, later)| own == later).count();
    let differing = |all: &[T]| all.len() - front - behind + 1;
    *effort = effort.checked_sub(differing(before).saturating_mul(differing(after)))?;
    Some(capture_diff_slices(Algorithm::Myers, before, after))
}

fn mark(alone: &mut Alone, before: Range<usize>, after: Range<usize>, op: DiffOp) {
    if !matches!(op, DiffOp::Equal { .. }) {
        alone.before[before].fill(true);
        alone.after[after].fill(true);
    }
}

fn sentences(words: &[&str]) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut from = 0;
    for (at, word) in words.iter().enumerate() {
        if matches!(*word, "。" | "；" | "." | ";" | "？" | "！" | END) || at + 1 == words.len() {
            sentences.push(from..at + 1);
            from = at + 1;
        }
    }
    sentences
}

/// Stands between two paragraphs, cells or items.
pub(super) const END: &str = "\u{1}";

/// A shared word or two between two changes is taken into them: a reader sees one change, and not
/// three scraps.
fn smoothed(alone: Alone, before: &[&str], after: &[&str]) -> Alone {
    let mut smooth = Alone { before: alone.before.clone(), after: alone.after.clone() };
    let pairs = shared(&alone);
    let mut at = 0;
    while at < pairs.len() {
        let run = pairs[at..].windows(2).take_while(|two| two[1].0 == two[0].0 + 1 && two[1].1 == two[0].1 + 1).count() + 1;
        let (first, last) = (pairs[at], pairs[at + run - 1]);
        let words = &before[first.0..=last.0];
        let is_scrap = words.concat().chars().filter(|c| !c.is_whitespace()).count() <= SCRAP && !words.contains(&END);
        let between = |all: &[bool], first: usize, last: usize| (changed_before(all, first), changed_behind(all, last));
        let (own, later) = (between(&alone.before, first.0, last.0), between(&alone.after, first.1, last.1));
        let (front, behind) = (own.0 + later.0, own.1 + later.1);
        if is_scrap && front.min(behind) >= words.len().max(2) {
            smooth.before[first.0..=last.0].fill(true);
            smooth.after[first.1..=last.1].fill(true);
        }
        at += run;
    }
    trimmed(&mut smooth.before, before);
    trimmed(&mut smooth.after, after);
    smooth
}

/// In characters, blanks apart.
const SCRAP: usize = 2;

/// The places of the shared words in both texts.
fn shared(alone: &Alone) -> Vec<(usize, usize)> {
    let kept = |all: &[bool]| all.iter().enumerate().filter(|(_, alone)| !**alone).map(|(at, _)| at).collect::<Vec<_>>();
    kept(&alone.before).into_iter().zip(kept(&alone.after)).collect()
}

fn changed_before(all: &[bool], at: usize) -> usize {
    all[..at].iter().rev().take_while(|alone| **alone).count()
}

fn changed_behind(all: &[bool], at: usize) -> usize {
    all[at + 1..].iter().take_while(|alone| **alone).count()
}

/// The end of a paragraph is no word to mark.
fn trimmed(alone: &mut [bool], words: &[&str]) {
    alone.iter_mut().zip(words).filter(|(_, word)| **word == END).for_each(|(alone, _)| *alone = false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// `[-gone-]` and `{+new+}`.
    fn told(before: &str, after: &str) -> String {
        let (own, later) = (words(before), words(after));
        let alone = alone(&own, &later, &mut EFFORT.clone());
        let marked = |words: &[&str], alone: &[bool], [open, close]: [&str; 2]| {
            let mut out = String::new();
            for (at, word) in words.iter().enumerate() {
                let is_at = |at: Option<usize>| at.and_then(|at| alone.get(at)).copied().unwrap_or_default();
                out += if alone[at] && !is_at(at.checked_sub(1)) { open } else { "" };
                out += word;
                out += if alone[at] && !is_at(Some(at + 1)) { close } else { "" };
            }
            out
        };
        format!("{} | {}", marked(&own, &alone.before, ["[-", "-]"]), marked(&later, &alone.after, ["{+", "+}"]))
    }

    #[test]
    fn words_that_differ_are_marked_and_no_others() {
        for (before, after, both) in [
            ("", "", " | "),
            ("", "新文", " | {+新文+}"),
            ("旧文", "", "[-旧文-] | "),
            ("期限为 30 天。", "期限为 45 天。", "期限为 [-30-] 天。 | 期限为 {+45+} 天。"),
            ("须报财务经理批准", "须报总经理批准", "须报[-财务-]经理批准 | 须报{+总+}经理批准"),
            (
                "within 30 days of the call",
                "within 5 working days of the call",
                "within [-30-] days of the call | within {+5 working+} days of the call",
            ),
            ("not above 50,000 yuan", "not above 5,000 yuan", "not above [-50,000-] yuan | not above {+5,000+} yuan"),
            ("the customer's file", "the customers’ file", "the [-customer's-] file | the {+customers’+} file"),
            ("自 2024-04-01 起", "自 2026-01-01 起", "自 [-2024-04-01-] 起 | 自 {+2026-01-01+} 起"),
            ("用 CRM 登记三日内", "用 ERP 登记五日内", "用 [-CRM-] 登记[-三-]日内 | 用 {+ERP+} 登记{+五+}日内"),
            ("不超过 50%。", "不超过 30%。", "不超过 [-50%-]。 | 不超过 {+30%+}。"),
            ("甲\n  乙", "甲 乙", "甲\n  乙 | 甲 乙"),
        ] {
            assert_eq!(told(before, after), both);
        }
    }

    #[test]
    fn a_scrap_between_two_changes_belongs_to_them() {
        assert_eq!(told("由业务员当日填写", "由经办人次日填报"), "由[-业务员当日填写-] | 由{+经办人次日填报+}");
        assert_eq!(told("ab cd 的 ef gh", "ij kl 的 mn op"), "[-ab cd-] 的 [-ef gh-] | {+ij kl+} 的 {+mn op+}");
    }

    #[test]
    fn very_long_texts_are_told_apart_quickly_by_sentences_or_as_a_whole() {
        let begun = Instant::now();
        let sentence = |n: usize, what: &str| format!("第{n}句说明{what}的办法。");
        let long = |from: usize, what: &str| (from..from + 4000).map(|n| sentence(n, what)).collect::<String>();
        let kept = long(0, "甲");
        let one_more = format!("新增一句。{}另一句{}", &kept, sentence(9, "尾"));
        assert!(told(&kept, &one_more).ends_with("{+另一句第9句说明尾的办法。+}"));
        let other = told(&kept, &kept.replace('甲', "乙"));
        assert!(other.starts_with("[-") && other.len() > kept.len(), "by sentences or whole");
        let words = "word ".repeat(300_000);
        told(&words, &words.replace("word", "other"));
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}
