//! Slips of the input method: a full-width colon after a key, an ideographic space, one of no break
//! or a tab where YAML wants spaces. They are sought where the parser came to a stop, and mended in
//! a draft of equal length, so that every span stays true.

use super::{place::YamlPlace, tree::Tree};
use crate::diagnostic::{
    Finding, Words,
    text::{code_point, is_odd_space},
};
use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Colon,
    OddSpace,
    Tab,
}

#[derive(Clone, Debug)]
pub struct InputSlip {
    kind: Kind,
    range: Range<usize>,
}

/// The slips that explain why the parser stopped, or why a key looks odd.
pub fn in_doubt(source: &str, tree: &Tree) -> Vec<InputSlip> {
    match &tree.stop {
        None => tree.odd_keys.iter().filter_map(|key| in_key(source, key)).collect(),
        Some(stop) if stop.may_be_a_slip() => in_region(source, stop.doubtful, stop.at),
        Some(_) => Vec::new(),
    }
}

fn in_key(source: &str, key: &Range<usize>) -> Option<InputSlip> {
    let text = &source[key.clone()];
    let odd = text.len() - text.trim_start_matches(is_odd_space).len();
    if odd > 0 {
        return Some(InputSlip { kind: Kind::OddSpace, range: key.start..key.start + odd });
    }
    after_key(text, key.start)
}

/// From the line of the first byte, but not before that byte, to the end of the line of the second;
/// and on, as long as the lines that follow have the same slip at the same indentation.
fn in_region(source: &str, from: usize, to: usize) -> Vec<InputSlip> {
    let mut slips: Vec<InputSlip> = Vec::new();
    let mut depth = None;
    for (start, line) in lines_from(source, from) {
        let found = in_line(line, start, from);
        let indentation = line.len() - line.trim_start().len();
        if start > to && (found.is_empty() || depth != Some(indentation)) {
            break;
        }
        if !found.is_empty() {
            depth = Some(indentation);
        }
        slips.extend(found);
    }
    slips
}

fn lines_from(source: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut start = source[..from].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    std::iter::from_fn(move || {
        let rest = source.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = (start, &rest[..length]);
        start += length + 1;
        Some(line)
    })
}

fn in_line(line: &str, start: usize, from: usize) -> Vec<InputSlip> {
    let mut slips = Vec::new();
    let mut rest = line;
    loop {
        let blank = rest.len() - rest.trim_start_matches(is_blank).len();
        slips.extend(in_blank(&rest[..blank], start + line.len() - rest.len()));
        rest = &rest[blank..];
        match rest.strip_prefix('-').filter(|after| after.starts_with(is_blank)) {
            Some(after) => rest = after,
            None => break,
        }
    }
    slips.extend(after_key(rest, start + line.len() - rest.len()));
    slips.retain(|slip| slip.range.end > from);
    slips
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t') || is_odd_space(c)
}

fn in_blank(blank: &str, start: usize) -> Option<InputSlip> {
    let odd = |c: char| c != ' ';
    let first = blank.find(odd)?;
    let kind = if blank.contains(is_odd_space) { Kind::OddSpace } else { Kind::Tab };
    let end = blank.trim_end_matches(' ').len();
    Some(InputSlip { kind, range: start + first..start + end })
}

/// A key, and then a full-width colon, or a colon and a space that is no plain one.
fn after_key(text: &str, start: usize) -> Option<InputSlip> {
    let at = text.find(['：', ':', '#', '"', '\'', '[', '{', '&', '*', '|', '>'])?;
    if at == 0 {
        return None;
    }
    let found = &text[at..];
    if found.starts_with('：') {
        return Some(InputSlip { kind: Kind::Colon, range: start + at..start + at + '：'.len_utf8() });
    }
    let behind = found.strip_prefix(':')?;
    let length = behind.len() - behind.trim_start_matches(is_odd_space).len();
    (length > 0).then_some(InputSlip { kind: Kind::OddSpace, range: start + at + 1..start + at + 1 + length })
}

/// The draft with what was meant in the place of every slip, byte for byte as long.
pub fn mended(source: &str, slips: &[InputSlip]) -> String {
    let mut draft = source.to_owned();
    for slip in slips {
        let blank = " ".repeat(slip.range.len());
        let meant = if slip.kind == Kind::Colon { format!(":{}", &blank[1..]) } else { blank };
        draft.replace_range(slip.range.clone(), &meant);
    }
    draft
}

impl InputSlip {
    pub fn finding(&self, source: &str, place: YamlPlace<'_>) -> Finding {
        let line_start = source[..self.range.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let key = source[line_start..self.range.start].trim_start_matches(|c| c == '-' || is_blank(c)).rsplit(['{', ',']).next();
        let key = key.unwrap_or_default().trim();
        let (code, message, fix) = match self.kind {
            Kind::Colon => (
                "document.full-width-colon",
                Words::new(format!("键“{key}”之后用了全角冒号“：”"), format!("a full-width colon ‘：’ follows the key ‘{key}’")),
                Words::new("改为半角冒号“:”，后面空一格", "write a plain colon ‘:’ and a space after it"),
            ),
            Kind::OddSpace => ("document.indentation", self.odd_space(source), Words::new("改为半角空格", "write plain spaces")),
            Kind::Tab => (
                "document.indentation",
                Words::new("用了制表符（Tab）缩进", "a tab is used as indentation"),
                Words::new("改为半角空格，同一层的各行对齐", "write plain spaces, the same number for lines of one level"),
            ),
        };
        Finding::error(code, place.span(self.range.clone()), message).with_fix(fix)
    }

    fn odd_space(&self, source: &str) -> Words {
        match source[self.range.clone()].chars().find(|c| is_odd_space(*c)) {
            None | Some('\u{3000}') => Words::new("这里用了全角空格（U+3000）", "an ideographic space (U+3000) stands here"),
            Some('\u{a0}') => Words::new("这里用了不换行空格（U+00A0）", "a no-break space (U+00A0) stands here"),
            Some(other) => {
                let number = code_point(other);
                Words::new(format!("这里的空格不是半角空格，是 {number}"), format!("the space here is no plain one, but {number}"))
            }
        }
    }
}
