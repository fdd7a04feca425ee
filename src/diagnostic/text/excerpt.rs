//! A line of a source as a terminal shows it, cut around the place that is meant.

use std::{borrow::Cow, ops::Range};
use unicode_width::UnicodeWidthChar;

/// A line as it is shown; widths are columns of the terminal.
#[derive(Debug)]
pub struct Excerpt {
    pub words: String,
    /// The width of what stands before the mark.
    pub before: usize,
    /// The width of the mark; one at least.
    pub marked: usize,
}

/// Wider lines are cut.
const WIDTH: usize = 100;

/// So much is left before the place in a line that is cut.
const CONTEXT: usize = 40;

const CUT: &str = "…";

impl Excerpt {
    /// The bytes of `marked` are those of the line; what lies behind its end is taken as its end.
    pub fn of(line: &str, marked: Range<usize>) -> Excerpt {
        let start = line.floor_char_boundary(marked.start);
        let end = line.ceil_char_boundary(marked.end).max(start);
        let (head, cut_before) = head(line, start);
        let (tail, cut_behind) = tail(&line[start..], WIDTH.saturating_sub(width(head)));
        let before = if cut_before { CUT } else { "" };
        let marked = width(&tail[..tail.floor_char_boundary(end - start)]);
        Excerpt {
            words: format!("{before}{}{}{}", visible(head), visible(tail), if cut_behind { CUT } else { "" }),
            before: width(before) + width(head),
            marked: marked.max(1),
        }
    }
}

/// What stands before the place, from the line's start if that leaves room. Never looks further than it must: a line can be long.
fn head(line: &str, start: usize) -> (&str, bool) {
    let fits = line.len() <= WIDTH * 4 && width(line) <= WIDTH;
    let most = if fits { WIDTH } else { CONTEXT };
    let mut from = start;
    let mut used = 0;
    for (at, c) in line[..start].char_indices().rev() {
        used += char_width(c);
        if used > most {
            return (&line[from..start], true);
        }
        from = at;
    }
    (&line[..start], false)
}

fn tail(rest: &str, room: usize) -> (&str, bool) {
    let mut used = 0;
    for (at, c) in rest.char_indices() {
        used += char_width(c);
        if used > room {
            return (&rest[..at], true);
        }
    }
    (rest, false)
}

/// The columns that words take when they are shown.
pub fn width(words: &str) -> usize {
    words.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    shown(c).map_or_else(|| c.width().unwrap_or(0), |words| words.chars().count())
}

/// The words with what cannot be seen, or would move the reader's cursor, written out.
pub fn visible(words: &str) -> String {
    let mut visible = String::with_capacity(words.len());
    for c in words.chars() {
        match shown(c) {
            Some(words) => visible.push_str(&words),
            None => visible.push(c),
        }
    }
    visible
}

/// How a character is written that does not show as itself: a tab as spaces, the invisible by their number.
fn shown(c: char) -> Option<Cow<'static, str>> {
    match c {
        '\t' => Some("    ".into()),
        '\n' => Some("\\n".into()),
        '\r' => Some("\\r".into()),
        c if c.is_control() || is_invisible(c) => Some(format!("<U+{:04X}>", u32::from(c)).into()),
        _ => None,
    }
}

/// Characters of no width that no script needs to be written: joiners, marks of direction, byte-order marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}
