//! The line that was probably meant to be a heading: `##事实`, `＃＃ 事实`, `## 一、事实：`, `**事实**`.

use crate::{
    archive::Record,
    diagnostic::nearest,
    source::{Sources, Span},
};

/// Marks that stand around the words of a heading, or are taken for those of one.
const MARKS: &str = "#＃*_＊：:。.、-—=~ \t\u{3000}\u{a0}";

/// What numbers a heading.
const NUMBERS: &str = "0123456789０１２３４５６７８９一二三四五六七八九十（）()第章节部分条款.、． \t\u{3000}";

/// The first line of a record's text that is nearly the heading of that name, and none of `others`.
pub(super) fn nearly<'n>(name: &'n str, others: impl Iterator<Item = &'n str> + Clone, record: &Record, sources: &Sources) -> Option<Span> {
    let body = &record.document.body;
    let mut from = body.span.start;
    for line in sources.slice(body.span).split_inclusive('\n') {
        let start = from;
        from += line.len() as u32;
        let is_code = body.is_code(start as usize);
        if !is_code && is_nearly(name, line, others.clone()) {
            return Some(Span { start, end: start + line.trim_end().len() as u32, ..body.span });
        }
    }
    None
}

fn is_nearly<'n>(name: &'n str, line: &str, mut others: impl Iterator<Item = &'n str>) -> bool {
    let bare = line.trim().trim_matches(|c| MARKS.contains(c));
    let words = bare.trim_start_matches(|c| NUMBERS.contains(c)).trim_start_matches(|c| MARKS.contains(c));
    if [bare, words].contains(&name) {
        return true;
    }
    // A slip in the words is looked for in headings only, and not where they are those of another
    // section.
    let is_heading = line.trim_start().starts_with(['#', '＃']);
    is_heading && !others.any(|other| [bare, words].contains(&other)) && nearest(words, [name]).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_nearly;

    #[test]
    fn a_line_is_nearly_a_heading() {
        for line in [
            "##事实",
            "## 事实：",
            "＃＃ 事实",
            "## 一、事实",
            "# 事实",
            "### 事实",
            "**事实**",
            "事实：",
            "## 1. 事实",
            "##　事实　",
            "（二）事实",
        ] {
            assert!(is_nearly("事实", line, ["处理"].into_iter()), "{line}");
        }
        assert!(is_nearly("信用状况", "## 信用情况", ["交易记录"].into_iter()));
        assert!(is_nearly("Facts found", "## Fact found", [].into_iter()));
        for line in ["这是事实。", "## 处理", "事实上并非如此", "", "##", "信用情况"] {
            assert!(!is_nearly("事实", line, ["处理"].into_iter()), "{line}");
        }
        assert!(!is_nearly("交易记录", "## 交易情况记录表", ["交易情况"].into_iter()));
        assert!(!is_nearly("信用状况", "信用情况", [].into_iter()), "no heading, and not its words");
        assert!(!is_nearly("信用状况", "## 信用情况", ["信用情况"].into_iter()), "that is another section");
    }
}
