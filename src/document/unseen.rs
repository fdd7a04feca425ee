//! Characters that a reader does not see, and that change what is read: marks of direction, which
//! let a sum run backwards; joiners and fillers, by which two words that look the same are two;
//! control characters. As they stand in the text, or as YAML or Markdown write them.

use super::{Node, NodeValue};
use crate::{
    diagnostic::{
        Finding, Words,
        text::{code_point, is_invisible},
    },
    source::{FileId, Span},
};
use std::ops::Range;

/// References to invisible characters that HTML has names for, which Markdown reads (CommonMark
/// 0.31, "Entity references").
const NAMED: [(&str, char); 8] = [
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("shy", '\u{AD}'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
    ("NoBreak", '\u{2060}'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("InvisibleTimes", '\u{2062}'),
];

/// No reference is longer.
const LONGEST: usize = 20;

/// What is found of a text, and of the front matter that was read from it: one finding for each way
/// in which such characters are written.
pub(super) fn findings(file: FileId, text: &str, front: &Node) -> Vec<Finding> {
    let mut in_text: Vec<(Range<usize>, char)> = written(text).collect();
    in_text.extend(referred(text));
    let mut in_values = Vec::new();
    escaped(front, text, &mut in_values);
    [in_text, in_values].into_iter().filter_map(|found| told(file, &found)).collect()
}

fn told(file: FileId, found: &[(Range<usize>, char)]) -> Option<Finding> {
    let (range, first) = found.first()?;
    let (number, count) = (code_point(*first), found.len());
    let message = Words::new(
        format!("这里有看不见的字符 {number}，全文共 {count} 处"),
        format!("an invisible character stands here, {number}; there are {count} such places in all"),
    );
    let fix = Words::new("删去它；读者看到的就应是所写的", "take it out: what is written should be what a reader sees");
    Some(Finding::warning("document.invisible", Span::new(file, range.clone()), message).with_fix(fix))
}

/// Those that stand in a text as they are. A NUL and the ends of lines have findings of their own.
fn written(text: &str) -> impl Iterator<Item = (Range<usize>, char)> {
    let odd = text.char_indices().filter(|(_, c)| is_odd(*c)).map(|(at, c)| (at..at + c.len_utf8(), c));
    odd.filter(|(range, c)| !joins(*c, (text[..range.start].chars().next_back(), text[range.end..].chars().next())))
}

fn is_odd(c: char) -> bool {
    !is_common(c) && (is_invisible(c) || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\0')))
}

/// Whether it is one of those of which texts are made, all of them to be seen: it is asked of every
/// character of an archive.
fn is_common(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{4E00}'..='\u{9FFF}' | '\u{3001}'..='\u{301F}' | '\u{FF01}'..='\u{FF5E}')
}

/// A joiner between letters of a script that needs it (Persian, Hindi), or between the parts of a
/// picture, is a part of the writing.
fn joins(c: char, (before, after): (Option<char>, Option<char>)) -> bool {
    let needs =
        |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_odd(c) && !matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}'));
    matches!(c, '\u{200C}' | '\u{200D}') && needs(before) && needs(after)
}

/// References to characters, by number or by name: `&#x202E;`, `&#8238;`, `&rlm;`.
fn referred(text: &str) -> impl Iterator<Item = (Range<usize>, char)> {
    text.match_indices('&').filter_map(|(at, _)| {
        let rest = &text[at + 1..];
        let name = &rest[..rest.bytes().take(LONGEST).position(|b| b == b';')?];
        let c = NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c).or_else(|| numbered(name))?;
        is_odd(c).then(|| (at..at + name.len() + 2, c))
    })
}

fn numbered(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16).ok());
    char::from_u32(hexadecimal.unwrap_or_else(|| number.parse().ok())?)
}

/// Those of keys and values that the text does not show: `"\u202e"` in YAML.
fn escaped(node: &Node, text: &str, found: &mut Vec<(Range<usize>, char)>) {
    let mut look = |read: &str, span: Span| {
        let range = span.start as usize..span.end as usize;
        let shown = text.get(range.clone()).unwrap_or_default();
        if read != shown {
            found.extend(written(read).next().filter(|(_, c)| !shown.contains(*c)).map(|(_, c)| (range, c)));
        }
    };
    match &node.value {
        NodeValue::Scalar { text: read, .. } => look(read, node.span),
        NodeValue::List(nodes) => nodes.iter().for_each(|node| escaped(node, text, found)),
        NodeValue::Map(entries) => {
            entries.iter().for_each(|(key, _)| look(&key.text, key.span));
            entries.iter().for_each(|(_, node)| escaped(node, text, found));
        }
    }
}
