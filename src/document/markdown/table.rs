//! Wiki links in tables: the bar before the words of one is written `\|` there, or it would end the
//! cell.

use super::Spanned;
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// The events with the destinations of wiki links in tables free of the stroke that keeps their bar
/// from ending the cell.
pub fn unescaped<'t>(parsed: impl Iterator<Item = Spanned<'t>>) -> impl Iterator<Item = Spanned<'t>> {
    let mut in_table = false;
    parsed.map(move |(mut event, range)| {
        match &mut event {
            Event::Start(Tag::Table(_)) => in_table = true,
            Event::End(TagEnd::Table) => in_table = false,
            Event::Start(Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. })
                if in_table && matches!(link_type, LinkType::WikiLink { has_pothole: true }) =>
            {
                if let Some(destination) = dest_url.strip_suffix('\\') {
                    *dest_url = CowStr::from(destination.to_owned());
                }
            }
            _ => {}
        }
        (event, range)
    })
}
