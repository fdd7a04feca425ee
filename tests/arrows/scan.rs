//! As much of Rust's grammar as is needed to see which modules a file names: tokens without
//! comments and literals, and the paths in them.

use std::ops::Range;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// A word, `::`, or a single sign.
    pub text: String,
    pub line: usize,
}

/// A path that begins at a known root, to its last segment: `use std::{fs, io::{self, Read}}` holds
/// three.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
    /// The token it begins at.
    pub at: usize,
}

pub fn tokens(source: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: source, line: 1, tokens: Vec::new() };
    while scanner.step() {}
    scanner.tokens
}

struct Scanner<'s> {
    rest: &'s str,
    line: usize,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        let length = match first {
            '/' if self.rest.starts_with("//") => self.rest.find('\n').unwrap_or(self.rest.len()),
            '/' if self.rest.starts_with("/*") => block_comment(self.rest),
            '"' => text(self.rest),
            '\'' => character(self.rest),
            c if is_word(c) => return self.word(),
            ':' if self.rest.starts_with("::") => return self.token(2),
            c if c.is_whitespace() => c.len_utf8(),
            c => return self.token(c.len_utf8()),
        };
        self.skip(length)
    }

    /// A word, or the literal whose prefix it is: `r#"…"#`, `b"…"`, `b'…'`.
    fn word(&mut self) -> bool {
        let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, behind) = self.rest.split_at(length);
        let hashes = behind.len() - behind.trim_start_matches('#').len();
        let quoted = behind[hashes..].starts_with('"');
        match word {
            "r" | "br" | "cr" if quoted => self.skip(length + raw_text(behind, hashes)),
            "b" | "c" if hashes == 0 && quoted => self.skip(length + text(behind)),
            "b" if behind.starts_with('\'') => self.skip(length + character(behind)),
            _ => self.token(length),
        }
    }

    fn token(&mut self, length: usize) -> bool {
        self.tokens.push(Token { text: self.rest[..length].to_owned(), line: self.line });
        self.skip(length)
    }

    fn skip(&mut self, length: usize) -> bool {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
        true
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a text between quotation marks.
fn text(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn raw_text(behind: &str, hashes: usize) -> usize {
    let close = format!("\"{}", "#".repeat(hashes));
    behind[hashes + 1..].find(&close).map_or(behind.len(), |at| hashes + 1 + at + close.len())
}

/// A character in quotes; of a lifetime only its mark.
fn character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(rest.len(), |(at, _)| 2 + at + 1),
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// The stretches of tokens that are compiled for tests alone.
pub fn test_code(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in 0..tokens.len() {
        if is(tokens, at, &["#", "[", "cfg", "("]) && found.last().is_none_or(|last| last.end <= at) {
            let end = closing(tokens, at + 1);
            let words = || tokens[at..end].iter().map(|token| token.text.as_str());
            if words().any(|word| word == "test") && !words().any(|word| word == "not") {
                found.push(at..item_end(tokens, end));
            }
        }
    }
    found
}

fn is(tokens: &[Token], at: usize, texts: &[&str]) -> bool {
    texts.iter().enumerate().all(|(i, text)| tokens.get(at + i).is_some_and(|token| token.text == *text))
}

/// Behind the bracket that closes the one at a place.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Behind the item that begins at a place, further attributes before it included.
fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "{" => return closing(tokens, at),
            "(" | "[" => at = closing(tokens, at),
            _ => at += 1,
        }
    }
    at
}

/// Every path below the crate's root that a file names; the file stands `depth` modules below it.
pub fn crate_paths(tokens: &[Token], depth: usize) -> Vec<Path> {
    let mut inline = Vec::new();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if is(tokens, at, &["mod"]) && is(tokens, at + 2, &["{"]) {
            inline.push(closing(tokens, at + 2));
        }
        inline.retain(|end| *end > at);
        let begins = at == 0 || tokens[at - 1].text != "::";
        if begins && matches!(token.text.as_str(), "crate" | "super") && is(tokens, at + 1, &["::"]) {
            Tree { tokens, begun: at, found: &mut found }.below_root(at, depth + inline.len());
        }
    }
    found
}

/// Every path that begins with one of these names.
pub fn paths_of(tokens: &[Token], roots: &[&str]) -> Vec<Path> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let begins = at == 0 || tokens[at - 1].text != "::";
        if begins && roots.contains(&token.text.as_str()) && is(tokens, at + 1, &["::"]) {
            Tree { tokens, begun: at, found: &mut found }.branch(at, &[]);
        }
    }
    found
}

/// A path, or a tree of paths in braces.
struct Tree<'t> {
    tokens: &'t [Token],
    begun: usize,
    found: &'t mut Vec<Path>,
}

impl Tree<'_> {
    /// From `crate`, `super` or `self` on; `depth` modules lie above this place.
    fn below_root(&mut self, at: usize, depth: usize) {
        let depth_behind = match self.tokens.get(at).map(|token| token.text.as_str()) {
            Some("crate") => 0,
            Some("super") => depth.saturating_sub(1),
            Some("self") => depth,
            Some("{") => return self.branches(at, |tree, branch| tree.below_root(branch, depth)),
            _ => return,
        };
        match depth_behind {
            _ if !is(self.tokens, at + 1, &["::"]) => {}
            0 => self.branch(at + 2, &[]),
            _ => self.below_root(at + 2, depth_behind),
        }
    }

    fn branch(&mut self, at: usize, before: &[String]) {
        let Some(token) = self.tokens.get(at) else { return };
        if token.text == "{" {
            return self.branches(at, |tree, branch| tree.branch(branch, before));
        }
        let segments: Vec<String> = before.iter().chain([&token.text]).cloned().collect();
        let goes_on = self.tokens.get(at + 2).is_some_and(|next| next.text == "{" || next.text == "*" || next.text.starts_with(is_word));
        if is(self.tokens, at + 1, &["::"]) && goes_on {
            return self.branch(at + 2, &segments);
        }
        self.found.push(Path { segments, line: token.line, at: self.begun });
    }

    fn branches(&mut self, open: usize, each: impl Fn(&mut Self, usize)) {
        let end = closing(self.tokens, open);
        let mut at = open + 1;
        while at + 1 < end {
            each(self, at);
            while at + 1 < end && self.tokens[at].text != "," {
                at = if self.tokens[at].text == "{" { closing(self.tokens, at) } else { at + 1 };
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    fn below_root(source: &str, depth: usize) -> Vec<String> {
        crate_paths(&tokens(source), depth).into_iter().map(|path| format!("{} {}", path.line, path.segments.join("/"))).collect()
    }

    #[test]
    fn comments_and_literals_are_no_tokens() {
        for (source, expected) in [
            ("a // crate::b\nc", &["a", "c"][..]),
            ("a /* b /* c */ d */ e", &["a", "e"]),
            (r#"a("crate::b \" c", d)"#, &["a", "(", ",", "d", ")"]),
            ("r#\"x \" y\"# b", &["b"]),
            (r#"b"x" br"y\" c"z" e"#, &["e"]),
            (r"'x' '\'' '\u{1f}' b'\\' '汉' f", &["f"]),
            ("&'a str, 'b: loop", &["&", "a", "str", ",", "b", ":", "loop"]),
            ("a::b<'_>", &["a", "::", "b", "<", "_", ">"]),
            ("\"never closed", &[]),
        ] {
            assert_eq!(words(source), expected, "{source}");
        }
    }

    #[test]
    fn paths_below_the_root_are_found_in_every_form() {
        for (source, depth, expected) in [
            ("use crate::a::B;", 1, &["1 a/B"][..]),
            ("use crate::{\n    a::{self, B},\n    c,\n    d::*,\n};", 1, &["2 a/self", "2 a/B", "3 c", "4 d/*"]),
            ("fn f(x: &crate::a::B) -> crate::c::D<crate::e::F> {}", 1, &["1 a/B", "1 c/D", "1 e/F"]),
            ("crate::a::f::<u8>()", 1, &["1 a/f"]),
            ("pub(crate) fn f() {}", 1, &[]),
            ("use super::a::B;", 1, &["1 a/B"]),
            ("use super::a::B;", 2, &[]),
            ("use super::super::a::B;", 2, &["1 a/B"]),
            ("use super::{super::a, b};", 2, &["1 a"]),
            ("mod m { use super::super::a; use super::b; }", 1, &["1 a"]),
            ("use crate as root;", 1, &[]),
            ("use crate::*;", 1, &["1 *"]),
        ] {
            assert_eq!(below_root(source, depth), expected, "{source}");
        }
    }

    #[test]
    fn code_for_tests_alone_is_told_apart() {
        for (source, expected) in [
            ("#[cfg(test)] mod tests;", Some(0..10)),
            ("a #[cfg(test)] #[allow(x)] mod t { b { } } c", Some(1..22)),
            ("#[cfg(not(test))] mod m { }", None),
            ("#[cfg(unix)] mod m { }", None),
        ] {
            assert_eq!(test_code(&tokens(source)).first().cloned(), expected, "{source}");
        }
    }
}
