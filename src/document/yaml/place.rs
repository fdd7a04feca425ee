//! From a piece of YAML to the file in which it stands.

use crate::source::{FileId, Span};
use std::ops::Range;

/// Where in a file a piece of YAML begins, and what was written there, before any slip was mended.
#[derive(Clone, Copy, Debug)]
pub struct YamlPlace<'s> {
    pub file: FileId,
    pub base: usize,
    pub written: &'s str,
}

impl YamlPlace<'_> {
    /// The span of a range of the draft. Inside what was mended the draft has bytes that begin no
    /// character of the file.
    pub fn span(self, range: Range<usize>) -> Span {
        let byte = |at| self.base + self.written.ceil_char_boundary(at);
        Span::new(self.file, byte(range.start)..byte(range.end))
    }
}
