//! HTML comments: what an author writes not to be shown is in no event. Of one that does not end
//! nothing is left out, so that its author sees it. Other HTML comes as text.

use super::{Spanned, push};
use pulldown_cmark::{Event, Tag, TagEnd};
use std::ops::Range;

/// The events of the parser without the comments; a paragraph of text is what HTML is for a reader
/// of the archive.
pub fn left_out<'t>(text: &'t str, parsed: impl Iterator<Item = Spanned<'t>>) -> Vec<Spanned<'t>> {
    let mut events = Vec::new();
    let mut block = Block::default();
    for (event, range) in parsed {
        match event {
            Event::Start(Tag::HtmlBlock) => {
                block = Block { start: events.len(), comment_end: range.start, end: range.end, ..Block::default() };
                events.push((Event::Start(Tag::Paragraph), range));
            }
            Event::Html(words) if *words == text[range.clone()] => {
                for kept in block.kept(text, range) {
                    push(&mut events, text, Event::Text(text[kept.clone()].into()), kept);
                }
            }
            Event::End(TagEnd::HtmlBlock) if is_bare(&events[block.start + 1..]) => events.truncate(block.start),
            Event::End(TagEnd::HtmlBlock) => events.push((Event::End(TagEnd::Paragraph), range)),
            Event::InlineHtml(words) if is_comment(&words) => {}
            Event::Html(words) | Event::InlineHtml(words) => push(&mut events, text, Event::Text(words), range),
            event => push(&mut events, text, event, range),
        }
    }
    events
}

fn is_comment(html: &str) -> bool {
    html.starts_with("<!--") && html.ends_with("-->")
}

/// Whether nothing but white space is left of a block.
fn is_bare(events: &[Spanned<'_>]) -> bool {
    events.iter().all(|(event, _)| matches!(event, Event::Text(words) if words.trim().is_empty()))
}

/// A block of HTML, of which the parser hands out the lines.
#[derive(Default)]
struct Block {
    /// The index of its first event.
    start: usize,
    end: usize,
    /// Where the comment ends that was met last.
    comment_end: usize,
    /// Whether no comment ends in what is left of it.
    has_no_end: bool,
}

impl Block {
    /// What of a line is no comment.
    fn kept(&mut self, text: &str, line: Range<usize>) -> Vec<Range<usize>> {
        let mut kept = Vec::new();
        let mut at = line.start.max(self.comment_end);
        while at < line.end {
            let start = text[at..line.end].find("<!--").map(|offset| at + offset);
            let Some((start, end)) = start.and_then(|start| Some((start, self.end_of(text, start)?))) else {
                kept.push(at..line.end);
                break;
            };
            if at < start {
                kept.push(at..start);
            }
            (self.comment_end, at) = (end, end);
        }
        kept
    }

    /// `<!-->` is a comment too, says CommonMark.
    fn end_of(&mut self, text: &str, start: usize) -> Option<usize> {
        if self.has_no_end {
            return None;
        }
        let end = text[start + 2..self.end].find("-->").map(|offset| start + 2 + offset + 3);
        self.has_no_end = end.is_none();
        end
    }
}
