//! A line of a source as a terminal shows it, cut around the place that is meant.

use super::visible::{char_width, visible, width};
use std::ops::Range;

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

/// What stands before the place, from the line's start if that leaves room. Never looks further
/// than it must: a line can be long.
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
