//! Where the lines of a text begin, worked out when it is first asked.

use super::{Position, trial};
use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

/// What is remembered of a text, so that many places in one long line are told without counting it
/// from its start for each.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// The first byte of every line. A line ends with LF, CRLF, or CR alone.
    starts: OnceLock<Arc<[u32]>>,
    /// The characters before every [`STRIDE`]th byte.
    characters: OnceLock<Arc<[u32]>>,
}

/// In bytes.
const STRIDE: usize = 1 << 10;

impl Lines {
    fn starts(&self, text: &str) -> &[u32] {
        self.starts.get_or_init(|| line_starts(text).collect())
    }

    fn characters_before(&self, text: &str, byte: usize) -> u32 {
        let known = self.characters.get_or_init(|| characters(text.as_bytes()));
        let from = byte / STRIDE * STRIDE;
        trial::count(1 + (byte - from) / trial::PIECE);
        known[byte / STRIDE] + begun(&text.as_bytes()[from..byte])
    }

    pub fn position(&self, text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte);
        let starts = self.starts(text);
        let line = starts.partition_point(|&start| start as usize <= byte);
        let start = starts[line - 1] as usize;
        Position { line: line as u32, column: self.characters_before(text, byte) - self.characters_before(text, start) + 1 }
    }

    pub fn range(&self, text: &str, line: u32) -> Range<usize> {
        let starts = self.starts(text);
        let Some(&start) = (line as usize).checked_sub(1).and_then(|i| starts.get(i)) else { return 0..0 };
        let end = starts.get(line as usize).map_or(text.len(), |&next| next as usize);
        let content = text[start as usize..end].trim_end_matches(['\n', '\r']);
        start as usize..start as usize + content.len()
    }
}

fn line_starts(text: &str) -> impl Iterator<Item = u32> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|&(i, &byte)| byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
    std::iter::once(0).chain(ends.map(|(i, _)| i as u32 + 1))
}

fn characters(bytes: &[u8]) -> Arc<[u32]> {
    let mut before = 0;
    let strides = bytes.chunks(STRIDE).map(|stride| {
        before += begun(stride);
        before
    });
    std::iter::once(0).chain(strides).collect()
}

/// How many characters begin in some bytes of UTF-8.
fn begun(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| !(0x80..0xC0).contains(&byte)).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let text = "一a\r\n二\r三\n\n";
        let lines = Lines::default();
        let at = |byte| {
            let p = lines.position(text, byte);
            (p.line, p.column)
        };
        assert_eq!([at(0), at(3), at(4), at(5), at(6)], [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1)]);
        assert_eq!([at(7), at(9), at(10), at(13), at(14), at(15), at(99)], [(2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (5, 1), (5, 1)]);
        let line = |n| &text[lines.range(text, n)];
        assert_eq!([line(0), line(1), line(2), line(3), line(4), line(5), line(6)], ["", "一a", "二", "三", "", "", ""]);
    }

    #[test]
    fn a_place_far_into_a_line_is_counted_in_characters() {
        let text = format!("首\n{}", "一a".repeat(STRIDE));
        let lines = Lines::default();
        for characters in [0, 1, 2, 511, 512, 1023, 1024, 1025, 2047] {
            let byte = 4 + (characters / 2) * 4 + (characters % 2) * 3;
            assert_eq!(lines.position(&text, byte), Position { line: 2, column: characters as u32 + 1 });
        }
        assert_eq!(lines.position(&text, text.len()).column, 2 * STRIDE as u32 + 1);
    }
}
