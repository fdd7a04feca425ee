//! What a terminal shows of a text: every character takes the room that is reckoned for it, and
//! none is obeyed.

use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// The columns that words take when they are shown.
pub fn width(words: &str) -> usize {
    words.chars().map(char_width).sum()
}

pub(super) fn char_width(c: char) -> usize {
    shown(c).map_or_else(|| c.width().unwrap_or(0), |words| words.chars().count())
}

/// The words with what cannot be seen, or would move the reader's cursor, written out.
pub fn visible(words: &str) -> String {
    let mut visible = String::with_capacity(words.len());
    for c in words.chars() {
        match shown(c) {
            Some(words) => visible.push_str(&words),
            None => visible.push(c),
        }
    }
    visible
}

/// How a character is written that does not show as itself: a tab as spaces, the invisible by their
/// number.
fn shown(c: char) -> Option<Cow<'static, str>> {
    match c {
        '\t' => Some("    ".into()),
        '\n' => Some("\\n".into()),
        '\r' => Some("\\r".into()),
        c if c.is_control() || is_invisible(c) => Some(format!("<{}>", code_point(c)).into()),
        _ => None,
    }
}

/// A character by its number, as Unicode writes it: `U+00A0`.
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Spaces that are not the plain one, and look like it: of no break, of another width.
pub fn is_odd_space(c: char) -> bool {
    c.is_whitespace() && !c.is_ascii()
}

/// Characters that take no room and bear no mark: joiners, marks of direction, fillers, tags
/// (Unicode's Default_Ignorable_Code_Point but for the selectors of variants, which choose the form
/// of what stands before them), the ends of lines and paragraphs, and those of annotations.
pub fn is_invisible(c: char) -> bool {
    let joins_or_fills =
        matches!(c, '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{3164}' | '\u{FFA0}');
    let points_or_parts = matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}');
    joins_or_fills || points_or_parts || matches!(c, '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}')
}
