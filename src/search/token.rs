//! Text as tokens: of Han the single characters and the pairs, of letters and of digits the runs.
//! So a phrase is found inside a longer word, and no dictionary decides what a word is.

use super::fold::fold;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The tokenizer of every text field.
#[derive(Clone, Default)]
pub(super) struct Folding;

pub(super) struct Tokens {
    tokens: Vec<Token>,
    next: usize,
}

impl Tokenizer for Folding {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let folded = fold(text);
        let tokens = pieces(&folded.text).into_iter().map(|piece| {
            let origin = folded.original(piece.start..piece.end);
            Token {
                offset_from: origin.start,
                offset_to: origin.end,
                position: piece.position,
                text: folded.text[piece.start..piece.end].to_owned(),
                position_length: 1,
            }
        });
        Tokens { tokens: tokens.collect(), next: 0 }
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

/// A token of a folded text: its bytes, and its place in the count of characters and words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TokenPiece {
    pub start: usize,
    pub end: usize,
    pub position: usize,
    pub kind: PieceKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PieceKind {
    Character,
    Pair,
    Word,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Han,
    Letter,
    Digit,
    Space,
    Other,
}

fn class(character: char) -> Class {
    match character {
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' => Class::Han,
        c if c.is_numeric() => Class::Digit,
        c if c.is_alphabetic() => Class::Letter,
        c if c.is_whitespace() => Class::Space,
        _ => Class::Other,
    }
}

/// The tokens of a folded text. White space takes no position; punctuation takes one, so that no
/// phrase runs across it.
pub(super) fn pieces(folded: &str) -> Vec<TokenPiece> {
    let characters: Vec<(usize, char)> = folded.char_indices().collect();
    let end = |i: usize| characters.get(i).map_or(folded.len(), |(at, _)| *at);
    let (mut pieces, mut i, mut position) = (Vec::new(), 0, 0);
    while let Some(&(start, character)) = characters.get(i) {
        let own = class(character);
        let mut next = i + 1;
        match own {
            Class::Han => {
                pieces.push(TokenPiece { start, end: end(i + 1), position, kind: PieceKind::Character });
                if characters.get(i + 1).is_some_and(|(_, c)| class(*c) == Class::Han) {
                    pieces.push(TokenPiece { start, end: end(i + 2), position, kind: PieceKind::Pair });
                }
            }
            Class::Letter | Class::Digit => {
                while characters.get(next).is_some_and(|(_, c)| class(*c) == own) {
                    next += 1;
                }
                pieces.push(TokenPiece { start, end: end(next), position, kind: PieceKind::Word });
            }
            Class::Space | Class::Other => {}
        }
        position += usize::from(own != Class::Space);
        i = next;
    }
    pieces
}

/// The terms that, standing at these distances, make a phrase of a folded text: the pairs and
/// words, a character only where it stands alone.
pub(super) fn phrase(folded: &str) -> Vec<(usize, String)> {
    let pieces = pieces(folded);
    let in_pair =
        |piece: &TokenPiece| pieces.iter().any(|pair| pair.kind == PieceKind::Pair && pair.start <= piece.start && piece.end <= pair.end);
    let needed = pieces.iter().filter(|piece| piece.kind != PieceKind::Character || !in_pair(piece));
    needed.map(|piece| (piece.position, folded[piece.start..piece.end].to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let terms: Vec<String> = phrase(text).into_iter().map(|(at, term)| format!("{at}{term}")).collect();
        assert_eq!(terms.join(" "), expected);
    }

    #[test]
    fn phrases() {
        check("信用额度", "0信用 1用额 2额度");
        check("额", "0额");
        check("c-0007", "0c 20007");
        check("甲，乙丙", "0甲 2乙丙");
        check("dn300阀", "0dn 1300 2阀");
        check(" ，", "");
    }
}
