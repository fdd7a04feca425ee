//! Spaces that look like plain ones and are none to Markdown: before a mark or behind it, they take
//! from the mark what it means. `　## 事实` and `##　事实` are no headings. At the head of a paragraph,
//! and within a line, they are the writer's affair.

use super::Body;
use crate::{
    diagnostic::{
        Finding, Words,
        text::{code_point, is_odd_space},
    },
    source::{FileId, Span},
};
use std::ops::Range;

/// Of so many further places each is told.
const FURTHER: usize = 8;

/// One finding for a text, at the first of the places.
pub(super) fn finding(file: FileId, text: &str, body: &Body) -> Option<Finding> {
    let markdown = text.get(body.span.start as usize..body.span.end as usize)?;
    let mut found = lines(markdown, body.span.start as usize).filter_map(|(start, line)| in_line(line, start));
    let is_code = |range: &Range<usize>| body.is_code(range.start);
    let (range, mark) = found.by_ref().find(|(range, _)| !is_code(range))?;
    let number = text[range.clone()].chars().next().map_or_else(String::new, code_point);
    let message = Words::new(
        format!("“{mark}”旁边的空格不是半角空格，是 {number}，所以这一行不算{}", meaning(mark)[0]),
        format!("the space next to “{mark}” is no plain one but {number}, so that this line is no {}", meaning(mark)[1]),
    );
    let fix = Words::new("行首的删去；标记后面的，改为一个半角空格", "take it out before the mark; behind it, write one plain space");
    let mut finding = Finding::warning("document.odd-space", Span::new(file, range), message).with_fix(fix);
    let further = found.filter(|(range, _)| !is_code(range)).take(FURTHER);
    finding.related.extend(further.map(|(range, _)| (Span::new(file, range), Words::new("这里也是", "here too"))));
    Some(finding)
}

fn lines(markdown: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    markdown.split_inclusive('\n').scan(from, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end()))
    })
}

/// Where the odd spaces stand, and the mark that they make nothing of.
fn in_line(line: &str, start: usize) -> Option<(Range<usize>, &str)> {
    let (before, rest) = split_spaces(line);
    let at = start + before.len();
    let (mark, behind) = mark_of(rest)?;
    let odd = |spaces: &str, at: usize| -> Option<Range<usize>> {
        let first = spaces.find(is_odd_space)?;
        Some(at + first..at + spaces.len())
    };
    let (between, words) = split_spaces(behind);
    let stands_alone = between.starts_with(' ') || !needs_space(mark);
    if let Some(range) = odd(before, start).filter(|_| stands_alone || between.contains(is_odd_space)) {
        return Some((range, mark));
    }
    // A plain space makes the mark one, whatever stands behind that.
    let spoils = needs_space(mark) && between.starts_with(is_odd_space) && !words.is_empty();
    odd(between, at + mark.len()).filter(|_| spoils).map(|range| (range, mark))
}

fn split_spaces(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches(|c| c == ' ' || is_odd_space(c)).len())
}

/// A mark with which a line of Markdown begins, and what stands behind it.
fn mark_of(text: &str) -> Option<(&str, &str)> {
    let length = match text.as_bytes().first()? {
        b'#' => Some(text.len() - text.trim_start_matches('#').len()).filter(|count| *count <= 6),
        b'-' | b'+' | b'*' | b'>' | b'|' => Some(1),
        b'`' | b'~' => ["```", "~~~"].iter().any(|fence| text.starts_with(fence)).then_some(3),
        b'0'..=b'9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            (digits <= 9 && text[digits..].starts_with(['.', ')'])).then_some(digits + 1)
        }
        _ => None,
    }?;
    Some(text.split_at(length))
}

fn needs_space(mark: &str) -> bool {
    !mark.starts_with(['>', '|', '`', '~'])
}

fn meaning(mark: &str) -> [&'static str; 2] {
    match mark.as_bytes().first() {
        Some(b'#') => ["标题", "heading"],
        Some(b'>') => ["引用", "quotation"],
        Some(b'|') => ["表格", "table"],
        Some(b'`' | b'~') => ["代码块", "block of code"],
        _ => ["列表", "list"],
    }
}

#[cfg(test)]
mod tests {
    use super::in_line;

    fn told(line: &str) -> Option<(&str, &str)> {
        in_line(line, 0).map(|(range, mark)| (&line[range], mark))
    }

    #[test]
    fn a_space_that_spoils_a_mark_is_told() {
        for (line, spaces, mark) in [
            ("　## 事实", "　", "##"),
            ("##　事实", "　", "##"),
            ("##\u{a0}Facts", "\u{a0}", "##"),
            ("\u{a0}\u{a0}- one", "\u{a0}\u{a0}", "-"),
            ("-　一", "　", "-"),
            ("*\u{2003}one", "\u{2003}", "*"),
            ("　　1. 一", "　　", "1."),
            ("12)　十二", "　", "12)"),
            ("　| a | b |", "　", "|"),
            ("　> 引文", "　", ">"),
            ("　```yaml", "　", "```"),
            ("　##　事实", "　", "##"),
        ] {
            assert_eq!(told(line), Some((spaces, mark)), "{line}");
        }
    }

    #[test]
    fn one_that_spoils_nothing_is_not_told() {
        for line in [
            "　　一段话，首行缩进。",
            "## 事实",
            "## 　事实",
            "- 　一",
            "- one\u{a0}kg",
            "**重点**　后面",
            "　*强调*",
            "　**事实**",
            "-5　度",
            "1.5　倍",
            "　---",
            "#tag　x",
            "#######　x",
            "##　",
            "---　",
            ">　引文",
            "|　a　|",
            "",
            "　",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
