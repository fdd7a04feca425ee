//! Folds text so that what people hold to be the same is the same: NFKC (UAX #15), lower case,
//! Traditional characters as Simplified.

use std::{ops::Range, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// Pairs of a Traditional character and its Simplified one, in the order of the first.
pub const SIMPLIFIED: &[(char, char)] = &include!(concat!(env!("OUT_DIR"), "/simplified.rs"));

/// By code point; 0 where a character is its own fold. All of the table lies in the Basic
/// Multilingual Plane.
static TABLE: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table = vec![0; 0x1_0000];
    for (traditional, simplified) in SIMPLIFIED {
        table[*traditional as usize] = u16::try_from(*simplified as u32).unwrap_or(0);
    }
    table
});

/// A folded text, and for each of its bytes the byte of the original character that gave it (one
/// entry more, for the end).
#[derive(Clone, Debug)]
pub struct Folded {
    pub text: String,
    origin: Vec<u32>,
}

/// Folds a text.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded { text: String::with_capacity(text.len()), origin: Vec::with_capacity(text.len() + 1) };
    for (at, character) in text.char_indices() {
        push_folded(character, &mut folded.text);
        folded.origin.resize(folded.text.len(), at as u32);
    }
    folded.origin.push(text.len() as u32);
    folded
}

fn push_folded(character: char, out: &mut String) {
    if character.is_ascii() {
        out.push(character.to_ascii_lowercase());
        return;
    }
    for part in std::iter::once(character).nfkc().flat_map(char::to_lowercase) {
        out.push(simplified(part));
    }
}

fn simplified(character: char) -> char {
    let found = TABLE.get(character as usize).copied().filter(|&found| found != 0);
    found.and_then(|found| char::from_u32(found.into())).unwrap_or(character)
}

impl Folded {
    /// The bytes of the original whose characters gave a range of the folded text.
    pub fn original(&self, folded: Range<usize>) -> Range<usize> {
        let start = self.origin[folded.start] as usize;
        // A character may fold to several bytes: end where the next character begins.
        let last = self.origin[folded.end.saturating_sub(1).max(folded.start)];
        let end = self.origin[folded.end..].iter().find(|&&at| at > last).copied();
        start..end.unwrap_or(self.origin[self.origin.len() - 1]) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_width_case_and_script() {
        for (written, folded) in
            [("信用額度", "信用额度"), ("ＡＢＣ１２", "abc12"), ("瞭解", "了解"), ("ﬁ", "fi"), ("國囯", "国国"), ("", "")]
        {
            assert_eq!(fold(written).text, folded);
        }
    }

    #[test]
    fn leads_back_to_whole_characters() {
        let text = "甲ﬁ乙額";
        let folded = fold(text);
        let at = folded.text.find('i').unwrap();
        assert_eq!(&text[folded.original(at..at + 1)], "ﬁ");
        let at = folded.text.find("乙额").unwrap();
        assert_eq!(&text[folded.original(at..folded.text.len())], "乙額");
    }
}
