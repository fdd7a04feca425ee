//! Markdown as events: the one place where the parser's options are chosen.

mod destination;
mod emphasis;

pub use destination::{allowed_destination, is_web};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

pub type Spanned<'t> = (Event<'t>, Range<usize>);

/// Heading attributes stay off: with them an author writes attributes into the page.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_WIKILINKS
}

/// The events of a Markdown text with their byte ranges in it. Raw HTML comes as text; emphasis next to Chinese punctuation is mended.
pub fn events(text: &str) -> Vec<Spanned<'_>> {
    let parsed = Parser::new_ext(text, options()).into_offset_iter();
    let mut events: Vec<Spanned<'_>> = Vec::new();
    for (event, range) in parsed {
        push(&mut events, text, html_as_text(event), range);
    }
    emphasis::mend(text, events)
}

/// A paragraph of text is what HTML is for a reader of the archive.
fn html_as_text(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        event => event,
    }
}

/// Texts that stand side by side in the source become one: the parser hands out stray brackets and stars one by one.
fn push<'t>(events: &mut Vec<Spanned<'t>>, text: &'t str, event: Event<'t>, range: Range<usize>) {
    let is_verbatim = |event: &Event<'_>, range: &Range<usize>| matches!(event, Event::Text(t) if **t == text[range.clone()]);
    if let Some((last, last_range)) = events.last_mut()
        && last_range.end == range.start
        && is_verbatim(&event, &range)
        && is_short_or_verbatim(last, last_range, text)
    {
        last_range.end = range.end;
        *last = Event::Text(text[last_range.clone()].into());
        return;
    }
    events.push((event, range));
}

/// A borrowed text was taken from the source; only of others the words must be compared.
fn is_short_or_verbatim(event: &Event<'_>, range: &Range<usize>, text: &str) -> bool {
    match event {
        Event::Text(pulldown_cmark::CowStr::Borrowed(words)) => {
            words.as_ptr() == text[range.clone()].as_ptr() && words.len() == range.len()
        }
        Event::Text(words) => **words == text[range.clone()],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, events(text).into_iter().map(|(event, _)| event));
        html
    }

    #[test]
    fn raw_html_is_text() {
        assert_eq!(html("<script>alert(1)</script>\n"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;\n</p>\n");
        assert_eq!(html("a <b onclick=x>b</b>"), "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n");
    }

    #[test]
    fn heading_attributes_are_words() {
        assert_eq!(html("# a {onclick=x}"), "<h1>a {onclick=x}</h1>\n");
    }

    #[test]
    fn stray_brackets_are_one_text() {
        assert_eq!(events("a [[[ b").into_iter().filter(|(e, _)| matches!(e, Event::Text(_))).count(), 1);
    }

    #[test]
    fn emphasis_next_to_chinese_punctuation_is_bold() {
        let check = |text: &str, expected: &str| assert_eq!(html(text), format!("<p>{expected}</p>\n"), "{text}");
        check("这是**重点。**后文", "这是<strong>重点。</strong>后文");
        check("甲**“乙”**丙**丁。**戊", "甲<strong>“乙”</strong>丙<strong>丁。</strong>戊");
        check("前~~作废。~~后", "前<del>作废。</del>后");
        check("甲**见[书](b.md)。**乙", "甲<strong>见<a href=\"b.md\">书</a>。</strong>乙");
        check("甲**一~~二。~~三。**四", "甲<strong>一<del>二。</del>三。</strong>四");
        check("甲~~一**二。~~三。**四", "甲<del>一**二。</del>三。**四");
    }

    #[test]
    fn what_is_no_emphasis_stays_as_written() {
        let check = |text: &str, expected: &str| assert_eq!(html(text), format!("<p>{expected}</p>\n"), "{text}");
        check("甲\\*\\*乙。**丙", "甲**乙。**丙");
        check("甲\\***乙。**丙", "甲***乙。**丙");
        check("二 ** 三 ** 四", "二 ** 三 ** 四");
        check("`**甲。**`乙", "<code>**甲。**</code>乙");
        check("甲**", "甲**");
        assert_eq!(html("```\n甲**乙。**丙\n```\n"), "<pre><code>甲**乙。**丙\n</code></pre>\n");
        check("甲****乙。****丙", "甲****乙。****丙");
        check("**[甲。**乙](c.md)", "**<a href=\"c.md\">甲。**乙</a>");
    }
}
