//! Where front matter ends and the body begins.

use crate::{
    diagnostic::{Finding, Words},
    source::{FileId, Span},
};
use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Closed,
    NeverClosed,
    Missing,
}

#[derive(Clone, Debug)]
pub struct FrontLines {
    /// With both `---` lines.
    pub whole: Range<usize>,
    pub yaml: Range<usize>,
    state: State,
}

impl FrontLines {
    pub fn none() -> FrontLines {
        FrontLines { whole: 0..0, yaml: 0..0, state: State::Missing }
    }

    pub fn finding(&self, file: FileId, text: &str) -> Option<Finding> {
        let first = text.find(['\n', '\r']).unwrap_or(text.len());
        let (message, fix) = match self.state {
            State::Closed => return None,
            State::Missing => (
                Words::new("没有文件头", "there is no front matter"),
                Words::new(
                    "在文件最前面写一行“---”，接着写各字段，再写一行“---”",
                    "begin the file with a line ‘---’, then the fields, then another line ‘---’",
                ),
            ),
            State::NeverClosed => (
                Words::new("文件头没有结束", "the front matter is never closed"),
                Words::new("在最后一个字段之后另起一行写“---”", "write a line ‘---’ after the last field"),
            ),
        };
        Some(Finding::error("document.front-matter", Span::new(file, 0..first), message).with_fix(fix))
    }
}

/// The front matter stands between a first line `---` and the next one; what looks like it further
/// down is a rule of the body.
pub fn split(text: &str) -> FrontLines {
    let mut lines = lines(text);
    let Some(first) = lines.next().filter(|line| is_fence(&text[line.clone()])) else { return FrontLines::none() };
    let mut head_end = None;
    for line in lines {
        let words = &text[line.clone()];
        if is_fence(words) {
            return FrontLines { whole: 0..line.end, yaml: first.end..line.start, state: State::Closed };
        }
        // Where the end is missing, the fields most likely end before the first blank line or
        // heading.
        let ends_fields = words.trim().is_empty() || words.starts_with("# ") || words.starts_with("## ");
        if head_end.is_none() && ends_fields {
            head_end = Some(line.start);
        }
    }
    let end = head_end.unwrap_or(text.len());
    FrontLines { whole: 0..end, yaml: first.end..end, state: State::NeverClosed }
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == "---"
}

/// The lines with their ends: LF, CRLF or CR alone.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = match rest.find(['\n', '\r']) {
            Some(at) if rest[at..].starts_with("\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let line = start..start + length;
        start += length;
        Some(line)
    })
}
