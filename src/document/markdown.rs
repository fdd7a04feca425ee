//! Markdown as events: the one place where the parser's options are chosen.

mod bare;
mod comment;
mod destination;
mod emphasis;
mod line_end;
mod table;

pub use destination::{allowed_destination, is_web};
pub use line_end::{is_mark, is_nothing};

use pulldown_cmark::{Event, Options, Parser};
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

/// The events of a Markdown text with their byte ranges in it. Raw HTML comes as text and comments
/// not at all; emphasis next to Chinese punctuation is mended, a line end between Chinese left out,
/// an address without marks a link.
pub fn events(text: &str) -> Vec<Spanned<'_>> {
    let parsed = table::unescaped(Parser::new_ext(text, options()).into_offset_iter());
    let mended = emphasis::mend(text, comment::left_out(text, parsed));
    line_end::closed_up(bare::linked(text, mended))
}

/// Texts that stand side by side in the source become one: the parser hands out stray brackets and
/// stars one by one.
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
mod tests;
