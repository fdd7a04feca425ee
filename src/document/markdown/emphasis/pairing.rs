//! Which marks of emphasis belong together: CommonMark 0.31, “process emphasis”.

use std::{cmp::min, ops::Range};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    Emphasis,
    Strong,
    Struck,
}

/// A run of stars, or of two tildes.
#[derive(Clone, Debug)]
pub struct Delimiter {
    pub range: Range<usize>,
    pub is_tildes: bool,
    pub can_open: bool,
    pub can_close: bool,
}

/// Two marks that belong together, each by its bytes.
#[derive(Debug)]
pub struct MarkPair {
    pub mark: Mark,
    pub open: Range<usize>,
    pub close: Range<usize>,
}

/// A delimiter that may still open, and the length that its run had at first.
struct Opener {
    rest: Delimiter,
    length: usize,
}

/// The pairs among the marks of one parent, in the order of their ends.
pub fn pairs(delimiters: Vec<Delimiter>) -> Vec<MarkPair> {
    let mut pairs = Vec::new();
    let mut openers: Vec<Opener> = Vec::new();
    // Below these no opener is for a closer of a kind: without them many marks were compared with
    // each other.
    let mut bottoms = [0; 12];
    for mut delimiter in delimiters {
        let length = delimiter.range.len();
        while delimiter.can_close && !delimiter.range.is_empty() {
            let bottom = kind(&delimiter, length);
            let found = openers[bottoms[bottom]..].iter().rposition(|opener| belongs(opener, &delimiter, length));
            let Some(found) = found.map(|at| bottoms[bottom] + at) else {
                bottoms[bottom] = openers.len();
                break;
            };
            openers.truncate(found + 1);
            pairs.push(pair(&mut openers[found].rest, &mut delimiter));
            if openers[found].rest.range.is_empty() {
                openers.pop();
            }
            bottoms = bottoms.map(|bottom| min(bottom, openers.len()));
        }
        if delimiter.can_open && !delimiter.range.is_empty() {
            openers.push(Opener { rest: delimiter, length });
        }
    }
    pairs
}

fn kind(closer: &Delimiter, length: usize) -> usize {
    usize::from(closer.is_tildes) * 6 + usize::from(closer.can_open) * 3 + length % 3
}

/// The rule of three: where one of two runs might both open and close, `*a**b*` is no emphasis in
/// emphasis.
fn belongs(opener: &Opener, closer: &Delimiter, length: usize) -> bool {
    if opener.rest.is_tildes || closer.is_tildes {
        return opener.rest.is_tildes == closer.is_tildes;
    }
    let both = opener.rest.can_close || closer.can_open;
    !both || !(opener.length + length).is_multiple_of(3) || (opener.length.is_multiple_of(3) && length.is_multiple_of(3))
}

/// The innermost marks of two runs, which both lose them.
fn pair(opener: &mut Delimiter, closer: &mut Delimiter) -> MarkPair {
    let is_double = opener.range.len() >= 2 && closer.range.len() >= 2;
    let mark = match (opener.is_tildes, is_double) {
        (true, _) => Mark::Struck,
        (false, true) => Mark::Strong,
        (false, false) => Mark::Emphasis,
    };
    let length = if is_double { 2 } else { 1 };
    opener.range.end -= length;
    closer.range.start += length;
    let (open, close) = (opener.range.end, closer.range.start);
    MarkPair { mark, open: open..open + length, close: close - length..close }
}
