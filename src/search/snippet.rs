//! The piece of a text around what was found, with that marked. Cut between characters, from the
//! seen record alone.

use super::fold::fold;
use std::ops::Range;

/// Characters shown before the first thing found, and altogether.
const BEFORE: usize = 24;
const LENGTH: usize = 96;

/// Pieces of the text, those that were found marked. `wanted` are folded.
pub(super) fn snippet(text: &str, wanted: &[String]) -> Vec<(String, bool)> {
    let found = occurrences(text, wanted);
    let window = window(text, found.first().map_or(0, |range| range.start));
    let (mut pieces, mut at) = (Vec::new(), window.start);
    for range in found.into_iter().filter(|range| window.start <= range.start && range.end <= window.end) {
        push(&mut pieces, &text[at..range.start], false);
        push(&mut pieces, &text[range.clone()], true);
        at = range.end;
    }
    push(&mut pieces, &text[at..window.end], false);
    pieces
}

fn push(pieces: &mut Vec<(String, bool)>, text: &str, marked: bool) {
    if !text.is_empty() {
        pieces.push((text.to_owned(), marked));
    }
}

/// Where the wanted texts stand, apart from each other, in order.
fn occurrences(text: &str, wanted: &[String]) -> Vec<Range<usize>> {
    let folded = fold(text);
    let every = wanted.iter().filter(|want| !want.is_empty()).flat_map(|want| folded.text.match_indices(want.as_str()));
    let mut found: Vec<Range<usize>> = every.map(|(at, want)| folded.original(at..at + want.len())).collect();
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        if apart.last().is_none_or(|last| last.end <= range.start) {
            apart.push(range);
        }
    }
    apart
}

/// Begins with the sentence or the line of what was found, where that is near.
fn window(text: &str, found: usize) -> Range<usize> {
    let before = || text[..found].char_indices().rev().take(BEFORE);
    let sentence = before().find(|(_, c)| matches!(c, '\n' | '。' | '！' | '？' | '；')).map(|(at, c)| at + c.len_utf8());
    let start = sentence.or_else(|| before().last().map(|(at, _)| at)).unwrap_or(found);
    let end = text[start..].char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| start + at);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_what_was_found_in_any_script() {
        let pieces = snippet("本户信用額度为零", &["信用额度".into()]);
        assert_eq!(pieces, [("本户".into(), false), ("信用額度".into(), true), ("为零".into(), false)]);
    }

    #[test]
    fn begins_with_the_sentence_where_that_is_near() {
        assert_eq!(snippet("前一句。后一句有泵", &["泵".into()])[0], ("后一句有".into(), false));
        assert_eq!(snippet("A 级\n旧额度四万", &["额度".into()])[0], ("旧".into(), false));
    }

    #[test]
    fn begins_at_the_head_where_nothing_was_found() {
        assert_eq!(snippet("甲乙", &["丙".into()]), [("甲乙".into(), false)]);
        assert_eq!(snippet("", &["丙".into()]), []);
    }
}
