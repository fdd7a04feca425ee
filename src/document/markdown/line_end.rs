//! Line ends in Chinese: between two of its characters a line end is nothing, for Chinese is
//! written without spaces (CSS Text 3, segment break transformation).

use super::Spanned;
use pulldown_cmark::{Event, Tag, TagEnd};

/// How far past signs that both scripts use a line end looks for a character that decides.
const REACH: usize = 16;

/// The events without the soft breaks that stand between Chinese, be there marks of emphasis or
/// links beside them or not.
pub fn closed_up(events: Vec<Spanned<'_>>) -> Vec<Spanned<'_>> {
    let mut before = Beside::default();
    let mut is_nothing = vec![false; events.len()];
    let mut waiting = None;
    for (i, (event, _)) in events.iter().enumerate() {
        match event {
            Event::SoftBreak => {
                waiting = Some((i, std::mem::take(&mut before)));
            }
            Event::Text(words) | Event::Code(words) => {
                let after = Beside::first(words);
                if let Some((at, ahead)) = waiting.take() {
                    match after {
                        Beside::Undecided => waiting = Some((at, ahead)),
                        after => is_nothing[at] = ahead == Beside::Chinese && after == Beside::Chinese,
                    }
                }
                before = before.or_last(words);
            }
            Event::FootnoteReference(_) => {}
            event if is_mark(event) => {}
            _ => (before, waiting) = (Beside::Undecided, None),
        }
    }
    events.into_iter().zip(is_nothing).filter(|(_, is_nothing)| !is_nothing).map(|(spanned, _)| spanned).collect()
}

/// Whether a line end between two texts is nothing.
pub fn is_nothing(before: &str, after: &str) -> bool {
    Beside::Undecided.or_last(before) == Beside::Chinese && Beside::first(after) == Beside::Chinese
}

/// Whether it stands around words without parting them.
pub fn is_mark(event: &Event<'_>) -> bool {
    use {Tag as T, TagEnd as E};
    match event {
        Event::Start(tag) => matches!(tag, T::Emphasis | T::Strong | T::Strikethrough | T::Link { .. }),
        Event::End(tag) => matches!(tag, E::Emphasis | E::Strong | E::Strikethrough | E::Link),
        _ => false,
    }
}

/// What stands on one side of a line end.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Beside {
    #[default]
    Undecided,
    Chinese,
    Other,
}

impl Beside {
    fn first(words: &str) -> Self {
        words.chars().take(REACH).find(|&c| !is_shared(c)).map_or(Beside::Undecided, Beside::of)
    }

    /// The last of the words, or what stood before them.
    fn or_last(self, words: &str) -> Self {
        words.chars().rev().take(REACH).find(|&c| !is_shared(c)).map_or(self, Beside::of)
    }

    fn of(character: char) -> Self {
        if is_chinese(character) { Beside::Chinese } else { Beside::Other }
    }
}

/// Ideographs, kana, and the punctuation and forms that are as wide. Korean is written with spaces.
fn is_chinese(character: char) -> bool {
    matches!(character,
        '\u{2E80}'..='\u{312F}' | '\u{3190}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE10}'..='\u{FE1F}' | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF01}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{16FE0}'..='\u{16FFF}' | '\u{1B000}'..='\u{1B16F}'
        | '\u{20000}'..='\u{3FFFD}')
}

/// Signs of Chinese and of Latin texts alike: what stands beyond them decides.
pub(super) fn is_shared(character: char) -> bool {
    matches!(character, '‘' | '’' | '“' | '”' | '—' | '…' | '·')
}
