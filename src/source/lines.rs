//! Where the lines of a text begin, worked out when it is first asked.

use super::Position;
use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

/// The first byte of every line. A line ends with LF, CRLF, or CR alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(OnceLock<Arc<[u32]>>);

impl Lines {
    fn starts(&self, text: &str) -> &[u32] {
        self.0.get_or_init(|| line_starts(text).collect())
    }

    pub fn position(&self, text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte);
        let starts = self.starts(text);
        let line = starts.partition_point(|&start| start as usize <= byte);
        let start = starts[line - 1] as usize;
        Position { line: line as u32, column: text[start..byte].chars().count() as u32 + 1 }
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
}
