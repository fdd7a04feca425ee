//! Addresses without marks: one that stands in the text is a link. An address is ASCII (RFC 3986),
//! so Chinese ends it: none is written with spaces around.

use super::Spanned;
use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use std::ops::Range;

/// The events with every address as a link to it: in the text, or in angle brackets for mail.
pub fn linked<'t>(text: &'t str, events: Vec<Spanned<'t>>) -> Vec<Spanned<'t>> {
    let has_address = text.contains("://");
    let mut linked = Vec::with_capacity(events.len());
    // Neither a link nor an image nor code holds another link.
    let mut closed: usize = 0;
    for (event, range) in events {
        match event {
            Event::Start(Tag::Link { link_type: LinkType::Email, dest_url, title, id }) => {
                closed += 1;
                let dest_url = format!("mailto:{dest_url}").into();
                linked.push((Event::Start(Tag::Link { link_type: LinkType::Autolink, dest_url, title, id }), range));
                continue;
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => closed += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => closed -= 1,
            Event::Text(words) if has_address && closed == 0 && *words == text[range.clone()] => {
                cut(text, range, &mut linked);
                continue;
            }
            _ => {}
        }
        linked.push((event, range));
    }
    linked
}

/// Cuts a text at the addresses in it.
fn cut<'t>(text: &'t str, range: Range<usize>, events: &mut Vec<Spanned<'t>>) {
    let words = |part: Range<usize>| (Event::Text(text[part.clone()].into()), part);
    let (mut kept, mut from) = (range.start, range.start);
    while let Some(at) = text[from..range.end].find("://").map(|offset| from + offset) {
        from = at + 3;
        let Some(address) = address(text, kept..range.end, at) else { continue };
        if kept < address.start {
            events.push(words(kept..address.start));
        }
        let dest_url = text[address.clone()].into();
        let tag = Tag::Link { link_type: LinkType::Autolink, dest_url, title: "".into(), id: "".into() };
        events.extend([(Event::Start(tag), address.clone()), words(address.clone()), (Event::End(TagEnd::Link), address.clone())]);
        (kept, from) = (address.end, address.end);
    }
    if kept < range.end {
        events.push(words(kept..range.end));
    }
}

/// The address around a `://`.
fn address(text: &str, within: Range<usize>, colon: usize) -> Option<Range<usize>> {
    let head = &text.as_bytes()[within.start..colon];
    let scheme = ["https", "http"]
        .into_iter()
        .find(|scheme| head.len().checked_sub(scheme.len()).is_some_and(|at| head[at..].eq_ignore_ascii_case(scheme.as_bytes())))?;
    let start = colon - scheme.len();
    let rest = &text[colon + 3..within.end];
    let runs_on = text[within.start..start].ends_with(|c: char| c.is_ascii_alphanumeric());
    if runs_on || !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') {
        return None;
    }
    let rest = without_ending(&rest[..rest.find(|c| !is_of_address(c)).unwrap_or(rest.len())]);
    Some(start..colon + 3 + rest.len())
}

/// RFC 3986, without the apostrophe: it closes a quotation.
fn is_of_address(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&()*+,;=%".contains(character)
}

/// Punctuation at the end is the sentence's, and a bracket that was opened before the address is
/// closed behind it.
fn without_ending(address: &str) -> &str {
    let count = |bracket| address.matches(bracket).count();
    let (mut round, mut square) = (count(')').saturating_sub(count('(')), count(']').saturating_sub(count('[')));
    address.trim_end_matches(|character| match character {
        ')' => spend(&mut round),
        ']' => spend(&mut square),
        character => ".,;:!?*_~".contains(character),
    })
}

fn spend(left: &mut usize) -> bool {
    let has_one = *left > 0;
    *left = left.saturating_sub(1);
    has_one
}
