//! Emphasis next to Chinese punctuation. In CommonMark the second `**` of `这是**重点。**后文` cannot
//! close: punctuation stands before it and no space behind. Chinese writes no spaces, so here a
//! mark beside Chinese may open and close as one beside letters does. Else the marks are paired as
//! CommonMark pairs them (0.31, “process emphasis”), so that none is ever inside out.

mod pairing;

use super::{Spanned, line_end::is_shared};
use pairing::{Delimiter, Mark, MarkPair};
use pulldown_cmark::{Event, Tag, TagEnd};
use std::{collections::BTreeMap, ops::Range};

/// A longer run of stars that the parser left alone is a line of stars.
const LONGEST: usize = 3;

enum Piece<'t> {
    Event(Spanned<'t>),
    /// A run of stars or tildes that stand together, and whether the parser paired one of them.
    Marks(Range<usize>, bool),
}

pub fn mend<'t>(text: &'t str, events: Vec<Spanned<'t>>) -> Vec<Spanned<'t>> {
    if !has_mark(text) {
        return events;
    }
    let mut mended = Vec::with_capacity(events.len());
    let mut run = Vec::new();
    let mut in_code = false;
    for spanned in events {
        match spanned.0 {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
        if !in_code && is_inline(&spanned.0) {
            run.push(spanned);
        } else {
            mend_run(text, std::mem::take(&mut run), &mut mended);
            mended.push(spanned);
        }
    }
    mend_run(text, run, &mut mended);
    mended
}

/// Whether it stands inside a line of words; everything else ends the run in which two marks can
/// belong together.
fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => matches!(tag, Tag::Image { .. }) || super::is_mark(event),
        Event::End(tag) => matches!(tag, TagEnd::Image) || super::is_mark(event),
        Event::Rule => false,
        _ => true,
    }
}

/// Where marks were left over the parser may have paired the wrong ones too: all are paired anew.
fn mend_run<'t>(text: &'t str, run: Vec<Spanned<'t>>, mended: &mut Vec<Spanned<'t>>) {
    if !run.iter().any(|(event, range)| matches!(event, Event::Text(_)) && has_mark(&text[range.clone()])) {
        return mended.extend(run);
    }
    let pieces = pieces(text, run);
    let pairs = scopes(text, &pieces).into_iter().flat_map(pairing::pairs);
    join(text, pieces, &by_place(pairs), mended);
}

fn has_mark(words: &str) -> bool {
    words.contains('*') || words.contains("~~")
}

fn pieces<'t>(text: &'t str, run: Vec<Spanned<'t>>) -> Vec<Piece<'t>> {
    let mut pieces = Vec::with_capacity(run.len());
    for (event, range) in run {
        let length = match &event {
            Event::Start(Tag::Emphasis) | Event::End(TagEnd::Emphasis) => 1,
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => 2,
            _ => 0,
        };
        let is_stars = length > 0 && text.as_bytes()[range.start] == b'*';
        match &event {
            Event::Start(_) if is_stars => push_marks(text, range.start..range.start + length, true, &mut pieces),
            Event::End(_) if is_stars => push_marks(text, range.end - length..range.end, true, &mut pieces),
            Event::Text(words) if **words == text[range.clone()] => cut(text, range, &mut pieces),
            _ => pieces.push(Piece::Event((event, range))),
        }
    }
    pieces
}

/// Cuts a text at the runs of marks in it that are not escaped.
fn cut<'t>(text: &'t str, range: Range<usize>, pieces: &mut Vec<Piece<'t>>) {
    let bytes = text.as_bytes();
    let (mut kept, mut at) = (range.start, range.start);
    while at < range.end {
        if !matches!(bytes[at], b'*' | b'~') {
            at += 1;
            continue;
        }
        let length = bytes[at..range.end].iter().take_while(|&&byte| byte == bytes[at]).count();
        if !is_escaped(bytes, at) {
            push_text(text, kept..at, pieces);
            push_marks(text, at..at + length, false, pieces);
            kept = at + length;
        }
        at += length;
    }
    push_text(text, kept..range.end, pieces);
}

fn push_text<'t>(text: &'t str, range: Range<usize>, pieces: &mut Vec<Piece<'t>>) {
    if !range.is_empty() {
        pieces.push(Piece::Event((Event::Text(text[range.clone()].into()), range)));
    }
}

/// Marks that stand together are one run, whichever of them the parser paired.
fn push_marks(text: &str, range: Range<usize>, is_paired: bool, pieces: &mut Vec<Piece<'_>>) {
    let byte = |at: usize| text.as_bytes()[at];
    match pieces.last_mut() {
        Some(Piece::Marks(last, was_paired)) if last.end == range.start && byte(last.start) == byte(range.start) => {
            last.end = range.end;
            *was_paired |= is_paired;
        }
        _ => pieces.push(Piece::Marks(range, is_paired)),
    }
}

fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// The marks of every parent by themselves: two belong together inside the same link, image or
/// other emphasis alone.
fn scopes(text: &str, pieces: &[Piece<'_>]) -> Vec<Vec<Delimiter>> {
    let mut scopes = vec![Vec::new()];
    let mut open = vec![0];
    for piece in pieces {
        match piece {
            Piece::Event((Event::Start(_), _)) => {
                open.push(scopes.len());
                scopes.push(Vec::new());
            }
            Piece::Event((Event::End(_), _)) => drop(open.pop()),
            Piece::Event(_) => {}
            Piece::Marks(range, is_paired) => {
                let scope = open.last().and_then(|&scope| scopes.get_mut(scope));
                scope.into_iter().for_each(|scope| scope.extend(delimiter(text, range, *is_paired)));
            }
        }
    }
    scopes
}

fn delimiter(text: &str, range: &Range<usize>, is_paired: bool) -> Option<Delimiter> {
    let is_tildes = text.as_bytes()[range.start] == b'~';
    let is_mark = if is_tildes { range.len() == 2 } else { is_paired || range.len() <= LONGEST };
    let (before, after) = (text[..range.start].chars().next_back(), text[range.end..].chars().next());
    let (can_open, can_close) = (runs_into(after, before), runs_into(before, after));
    is_mark.then(|| Delimiter { range: range.clone(), is_tildes, can_open, can_close })
}

/// Whether a mark belongs to the words on one side of it (CommonMark: is flanking). Punctuation on
/// that side needs a space, punctuation or Chinese on the other; that of Chinese is as letters are.
fn runs_into(words: Option<char>, other: Option<char>) -> bool {
    let parts = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || !c.is_ascii();
    words.is_some_and(|c| !c.is_whitespace() && (!is_punctuation(c) || other.is_none_or(parts)))
}

fn is_punctuation(character: char) -> bool {
    let is_sign = matches!(character, '\u{A1}'..='\u{BF}' | '\u{2010}'..='\u{2BFF}') && !character.is_alphanumeric();
    character.is_ascii_punctuation() || (is_sign && !is_shared(character))
}

/// What begins or ends at a byte: the event, its range, and the end of its own mark.
type Placed = BTreeMap<usize, (Event<'static>, Range<usize>, usize)>;

fn by_place(pairs: impl Iterator<Item = MarkPair>) -> Placed {
    let mut placed = Placed::new();
    for MarkPair { mark, open, close } in pairs {
        let whole = open.start..close.end;
        let (start, end) = match mark {
            Mark::Emphasis => (Tag::Emphasis, TagEnd::Emphasis),
            Mark::Strong => (Tag::Strong, TagEnd::Strong),
            Mark::Struck => (Tag::Strikethrough, TagEnd::Strikethrough),
        };
        placed.insert(open.start, (Event::Start(start), whole.clone(), open.end));
        placed.insert(close.start, (Event::End(end), whole, close.end));
    }
    placed
}

fn join<'t>(text: &'t str, pieces: Vec<Piece<'t>>, placed: &Placed, events: &mut Vec<Spanned<'t>>) {
    for piece in pieces {
        match piece {
            Piece::Event((event, range)) => super::push(events, text, event, range),
            Piece::Marks(range, _) => {
                let mut at = range.start;
                while at < range.end {
                    let Some((event, whole, end)) = placed.get(&at) else {
                        let end = placed.range(at..range.end).next().map_or(range.end, |(&next, _)| next);
                        super::push(events, text, Event::Text(text[at..end].into()), at..end);
                        at = end;
                        continue;
                    };
                    events.push((event.clone(), whole.clone()));
                    at = *end;
                }
            }
        }
    }
}
