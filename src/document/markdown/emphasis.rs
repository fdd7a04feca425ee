//! Emphasis next to Chinese punctuation. In CommonMark the second `**` of `这是**重点。**后文` cannot close: punctuation stands before
//! it and no space behind. Chinese writes no spaces, so here the stars that were left over are paired.

use super::Spanned;
use pulldown_cmark::{Event, Tag, TagEnd};
use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Strong,
    Struck,
}

impl Mark {
    fn start(self) -> Event<'static> {
        Event::Start(if self == Mark::Strong { Tag::Strong } else { Tag::Strikethrough })
    }

    fn end(self) -> Event<'static> {
        Event::End(if self == Mark::Strong { TagEnd::Strong } else { TagEnd::Strikethrough })
    }
}

enum Piece<'t> {
    Event(Spanned<'t>),
    /// `is_paired`: the parser found its counterpart already.
    Mark {
        mark: Mark,
        range: Range<usize>,
        is_paired: bool,
    },
}

/// A mark that waits for its counterpart inside the same parent.
struct Waiting {
    mark: Mark,
    depth: usize,
    piece: usize,
}

pub fn mend<'t>(text: &'t str, events: Vec<Spanned<'t>>) -> Vec<Spanned<'t>> {
    if !text.contains("**") && !text.contains("~~") {
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

/// Whether it stands inside a line of words; everything else ends the run in which two marks can belong together.
fn is_inline(event: &Event<'_>) -> bool {
    use Tag as T;
    use TagEnd as E;
    match event {
        Event::Start(tag) => matches!(tag, T::Emphasis | T::Strong | T::Strikethrough | T::Link { .. } | T::Image { .. }),
        Event::End(tag) => matches!(tag, E::Emphasis | E::Strong | E::Strikethrough | E::Link | E::Image),
        Event::Rule => false,
        _ => true,
    }
}

/// Where marks were left over the parser may have paired the wrong ones too: all are paired anew, from left to right. If that
/// would undo a pair without giving its marks another, the parser's pairs stand and only what was left over is paired.
fn mend_run<'t>(text: &'t str, run: Vec<Spanned<'t>>, mended: &mut Vec<Spanned<'t>>) {
    if !run.iter().any(|(event, range)| matches!(event, Event::Text(_)) && has_mark(&text[range.clone()])) {
        return mended.extend(run);
    }
    let anew = pieces(text, run.clone(), true);
    let partner = pairs(text, &anew);
    let loses = anew.iter().zip(&partner).any(|(piece, partner)| matches!(piece, Piece::Mark { is_paired: true, .. }) && partner.is_none());
    if !loses {
        return join(text, anew, &partner, mended);
    }
    let left_over = pieces(text, run, false);
    let partner = pairs(text, &left_over);
    join(text, left_over, &partner, mended);
}

fn has_mark(words: &str) -> bool {
    words.contains("**") || words.contains("~~")
}

fn pieces<'t>(text: &'t str, run: Vec<Spanned<'t>>, anew: bool) -> Vec<Piece<'t>> {
    let mut pieces = Vec::with_capacity(run.len());
    for (event, range) in run {
        let range_of = |at: usize| Piece::Mark { mark: Mark::Strong, range: at..at + 2, is_paired: true };
        let is_stars = || text[range.clone()].starts_with("**") && text[range.clone()].ends_with("**");
        match &event {
            Event::Start(Tag::Strong) if anew && is_stars() => pieces.push(range_of(range.start)),
            Event::End(TagEnd::Strong) if anew && is_stars() => pieces.push(range_of(range.end - 2)),
            Event::Text(words) if **words == text[range.clone()] => cut(text, range, &mut pieces),
            _ => pieces.push(Piece::Event((event, range))),
        }
    }
    pieces
}

/// Cuts a text at the marks in it that stand unescaped and by twos.
fn cut<'t>(text: &'t str, range: Range<usize>, pieces: &mut Vec<Piece<'t>>) {
    let bytes = text.as_bytes();
    let mut kept = range.start;
    let mut at = range.start;
    while at < range.end {
        let mark = match bytes[at] {
            b'*' => Mark::Strong,
            b'~' => Mark::Struck,
            _ => {
                at += 1;
                continue;
            }
        };
        let length = bytes[at..range.end].iter().take_while(|&&byte| byte == bytes[at]).count();
        if length == 2 && !is_escaped(bytes, at) {
            push_text(text, kept..at, pieces);
            pieces.push(Piece::Mark { mark, range: at..at + 2, is_paired: false });
            kept = at + 2;
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

fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// For every piece that is one of a pair, the other.
fn pairs(text: &str, pieces: &[Piece<'_>]) -> Vec<Option<usize>> {
    let mut partner = vec![None; pieces.len()];
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut depth = 0;
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Event((Event::Start(_), _)) => depth += 1,
            Piece::Event((Event::End(_), _)) => {
                while waiting.pop_if(|w| w.depth >= depth).is_some() {}
                depth -= 1;
            }
            Piece::Event(_) => {}
            Piece::Mark { mark, range, .. } => {
                // Those that wait stand in the order of their depths: none that is deeper is left.
                let here = waiting.partition_point(|w| w.depth < depth);
                let open = waiting[here..].iter().rposition(|w| w.mark == *mark).map(|at| here + at);
                if let Some(open) = open.filter(|&w| closes(text, range) && belong_together(text, &pieces[waiting[w].piece], piece)) {
                    (partner[i], partner[waiting[open].piece]) = (Some(waiting[open].piece), Some(i));
                    waiting.truncate(open);
                } else if open.is_none() && opens(text, range) {
                    waiting.push(Waiting { mark: *mark, depth, piece: i });
                }
            }
        }
    }
    partner
}

fn before(text: &str, range: &Range<usize>) -> Option<char> {
    text[..range.start].chars().next_back()
}

fn after(text: &str, range: &Range<usize>) -> Option<char> {
    text[range.end..].chars().next()
}

fn opens(text: &str, range: &Range<usize>) -> bool {
    after(text, range).is_some_and(|c| !c.is_whitespace())
}

fn closes(text: &str, range: &Range<usize>) -> bool {
    before(text, range).is_some_and(|c| !c.is_whitespace())
}

/// Between words of scripts with spaces CommonMark is right to leave marks alone.
fn belong_together(text: &str, opening: &Piece<'_>, closing: &Piece<'_>) -> bool {
    let (Piece::Mark { range: opening, is_paired: a, .. }, Piece::Mark { range: closing, is_paired: b, .. }) = (opening, closing) else {
        return false;
    };
    let beside = [before(text, opening), after(text, opening), before(text, closing), after(text, closing)];
    opening.end < closing.start && ((*a && *b) || beside.into_iter().flatten().any(|c| !c.is_ascii()))
}

fn join<'t>(text: &'t str, pieces: Vec<Piece<'t>>, partner: &[Option<usize>], events: &mut Vec<Spanned<'t>>) {
    let place = |piece: &Piece<'_>| match piece {
        Piece::Event((_, range)) | Piece::Mark { range, .. } => range.clone(),
    };
    let places: Vec<Range<usize>> = pieces.iter().map(place).collect();
    for (i, piece) in pieces.into_iter().enumerate() {
        match (piece, partner[i]) {
            (Piece::Event((event, range)), _) => super::push(events, text, event, range),
            (Piece::Mark { range, .. }, None) => super::push(events, text, Event::Text(text[range.clone()].into()), range),
            (Piece::Mark { mark, range, .. }, Some(other)) if other > i => events.push((mark.start(), range.start..places[other].end)),
            (Piece::Mark { mark, range, .. }, Some(other)) => events.push((mark.end(), places[other].start..range.end)),
        }
    }
}
