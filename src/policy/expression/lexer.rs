//! A text into tokens: names in any script, decimals with their units, calendar durations, dates,
//! CEL's strings. Never knows what a name means.

use super::{CalendarDuration, mistake::Slip};
use crate::diagnostic::{Words, nearest};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::{ops::Range, sync::Arc};
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Lexeme {
    pub kind: TokenKind,
    pub range: Range<usize>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum TokenKind {
    Number(Decimal),
    Duration(CalendarDuration),
    Date(NaiveDate),
    Text(Arc<str>),
    Name(Arc<str>),
    Symbol(&'static str),
    End,
}

/// The longer ones first.
const SYMBOLS: [&str; 22] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]", ",", ".", "!"];

/// What a unit after a number makes of it.
enum Unit {
    Times(i64),
    Months(i32),
    Days(i32),
}

const UNITS: [&str; 15] = ["万", "亿", "个月", "月", "年", "天", "周", "month", "months", "year", "years", "day", "days", "week", "weeks"];

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "万" => Unit::Times(10_000),
        "亿" => Unit::Times(100_000_000),
        "个月" | "月" | "month" | "months" => Unit::Months(1),
        "年" | "year" | "years" => Unit::Months(12),
        "天" | "day" | "days" => Unit::Days(1),
        "周" | "week" | "weeks" => Unit::Days(7),
        _ => return None,
    })
}

/// All tokens, the last of which is the end; and what could not be read.
pub(super) fn tokens(text: &str) -> (Vec<Lexeme>, Vec<Slip>) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), slips: Vec::new() };
    while lexer.skip_white_space() {
        lexer.token();
    }
    lexer.push(text.len(), TokenKind::End);
    (lexer.tokens, lexer.slips)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Lexeme>,
    slips: Vec<Slip>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Whether anything is left; CEL's `//` comments are white space.
    fn skip_white_space(&mut self) -> bool {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            if !self.rest().starts_with("//") {
                return !self.rest().is_empty();
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Lexeme { kind, range: start..self.at });
    }

    fn slip(&mut self, range: Range<usize>, message: Words) {
        self.slips.push(Slip { range, message });
    }

    fn token(&mut self) {
        let rest = self.rest();
        if let Some((raw, quote)) = opening_quote(rest) {
            return self.string(raw, quote);
        }
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number();
        }
        if rest.starts_with(starts_name) {
            return self.name();
        }
        match SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            Some(symbol) => {
                self.at += symbol.len();
                self.push(self.at - symbol.len(), TokenKind::Symbol(symbol));
            }
            None => self.stranger(),
        }
    }

    fn name(&mut self) {
        let start = self.at;
        self.at += name_length(self.rest());
        self.push(start, TokenKind::Name(self.text[start..self.at].into()));
    }

    /// A character that stands nowhere in the language; a full-width one is named with the sign
    /// that was meant.
    fn stranger(&mut self) {
        let start = self.at;
        let Some(character) = self.rest().chars().next() else { return };
        self.at += character.len_utf8();
        let message = match meant(character, &self.text[self.at..]) {
            Some(_) if "“”‘’＂＇".contains(character) => {
                Words::new("引号须用半角的 \" 或 '", "quotation marks are the plain \" or '")
            }
            Some(sign) => Words::new(format!("“{character}”应写作“{sign}”"), format!("write “{sign}” instead of “{character}”")),
            None => Words::new(format!("这里不能有字符“{character}”"), format!("the character “{character}” cannot stand here")),
        };
        self.slip(start..self.at, message);
    }

    fn number(&mut self) {
        if self.date() {
            return;
        }
        let start = self.at;
        self.at += digits(self.rest());
        if self.rest().starts_with('.') && digits(&self.rest()[1..]) > 0 {
            self.at += 1 + digits(&self.rest()[1..]);
        }
        // An exact reading: a number with more digits than a decimal holds is refused, never
        // rounded.
        let Ok(number) = Decimal::from_str_exact(&self.text[start..self.at]) else {
            return self.slip(start..self.at, Words::new("这个数的位数太多", "this number has too many digits"));
        };
        let kind = self.with_unit(number, start);
        self.push(start, kind);
    }

    /// Whether a date, or something of nearly its shape, stands here.
    fn date(&mut self) -> bool {
        let (start, length) = (self.at, date_length(self.rest()));
        if length == 0 {
            return false;
        }
        self.at += length;
        let written = &self.text[start..self.at];
        let strict = length == 10 && written.as_bytes()[7] == b'-';
        match NaiveDate::parse_from_str(written, "%Y-%m-%d").ok().filter(|_| strict) {
            Some(date) => self.push(start, TokenKind::Date(date)),
            None if strict => {
                self.slip(start..self.at, Words::new(format!("没有 {written} 这一天"), format!("there is no day {written}")));
            }
            None => {
                self.slip(start..self.at, Words::new("日期须写作 2026-03-01 的样子", "a date is written like 2026-03-01"));
            }
        }
        true
    }

    fn with_unit(&mut self, number: Decimal, start: usize) -> TokenKind {
        let written = self.at;
        if self.rest().starts_with('%') && !operand_follows(&self.rest()[1..]) {
            self.at += 1;
            return self.scaled(number.checked_mul(Decimal::new(1, 2)), start);
        }
        self.at = self.text.len() - self.rest().trim_start().len();
        let word_start = self.at;
        let word = &self.rest()[..if self.rest().starts_with(starts_name) { name_length(self.rest()) } else { 0 }];
        if word.is_empty() || word == "in" {
            self.at = written;
            return TokenKind::Number(number);
        }
        self.at += word.len();
        match unit(word) {
            Some(Unit::Times(factor)) => self.scaled(number.checked_mul(Decimal::from(factor)), start),
            Some(Unit::Months(months)) => {
                self.duration(number, start, |n| Some(CalendarDuration { months: n.checked_mul(months)?, days: 0 }))
            }
            Some(Unit::Days(days)) => self.duration(number, start, |n| Some(CalendarDuration { months: 0, days: n.checked_mul(days)? })),
            None => {
                self.slip(word_start..self.at, unknown_unit(word));
                TokenKind::Number(number)
            }
        }
    }

    fn scaled(&mut self, number: Option<Decimal>, start: usize) -> TokenKind {
        if number.is_none() {
            self.slip(start..self.at, Words::new("这个数太大", "this number is too large"));
        }
        TokenKind::Number(number.unwrap_or_default().normalize())
    }

    fn duration(&mut self, number: Decimal, start: usize, of: impl Fn(i32) -> Option<CalendarDuration>) -> TokenKind {
        let whole = if number.fract().is_zero() { i32::try_from(number).ok().and_then(of) } else { None };
        if whole.is_none() {
            self.slip(start..self.at, Words::new("时长须是不太大的整数", "a duration is a whole number, and not too large a one"));
        }
        TokenKind::Duration(whole.unwrap_or_default())
    }

    fn string(&mut self, raw: bool, quote: &'static str) {
        let start = self.at;
        self.at += usize::from(raw) + quote.len();
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(character) = rest.chars().next().filter(|c| quote.len() == 3 || *c != '\n') else {
                return self.slip(start..self.at, Words::new("引号没有结束", "this quotation mark is never closed"));
            };
            if rest.starts_with(quote) {
                self.at += quote.len();
                return self.push(start, TokenKind::Text(text.into()));
            }
            if character == '\\' && !raw {
                text.extend(self.escape());
            } else {
                self.at += character.len_utf8();
                text.push(character);
            }
        }
    }

    /// An escape of CEL: `\n`, `\"`, `\x41`, `\101`, `\u4e00`, `\U0001f600`.
    fn escape(&mut self) -> Option<char> {
        let start = self.at;
        let letter = self.rest().chars().nth(1);
        let (skipped, length, radix) = match letter {
            Some('x' | 'X') => (2, 2, 16),
            Some('u') => (2, 4, 16),
            Some('U') => (2, 8, 16),
            Some('0'..='3') => (1, 3, 8),
            _ => return self.simple_escape(letter),
        };
        let code = self.rest().get(skipped..skipped + length).filter(|d| d.bytes().all(|b| (b as char).is_digit(radix)));
        self.at += skipped + code.map_or(0, str::len);
        let character = code.and_then(|d| u32::from_str_radix(d, radix).ok()).and_then(char::from_u32);
        if character.is_none() {
            self.bad_escape(start);
        }
        character
    }

    fn simple_escape(&mut self, letter: Option<char>) -> Option<char> {
        let start = self.at;
        self.at += 1 + letter.map_or(0, char::len_utf8);
        let character = match letter? {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            same @ ('\\' | '?' | '"' | '\'' | '`') => same,
            _ => {
                self.bad_escape(start);
                return None;
            }
        };
        Some(character)
    }

    fn bad_escape(&mut self, start: usize) {
        let message = Words::new("没有这样的转义写法；反斜线本身写作 \\\\", "there is no such escape; a backslash itself is written \\\\");
        self.slip(start..self.at, message);
    }
}

fn opening_quote(rest: &str) -> Option<(bool, &'static str)> {
    let (raw, rest) = match rest.strip_prefix(['r', 'R']) {
        Some(after) if after.starts_with(['"', '\'']) => (true, after),
        _ => (false, rest),
    };
    ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| rest.starts_with(q)).map(|q| (raw, q))
}

fn starts_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// The length of what has nearly a date's shape: four digits, and twice a hyphen and digits, with
/// nothing between.
fn date_length(text: &str) -> usize {
    let mut length = digits(text);
    if length != 4 {
        return 0;
    }
    for _ in 0..2 {
        let after = &text[length..];
        let count = after.strip_prefix('-').map_or(0, digits);
        if count == 0 {
            return 0;
        }
        length += 1 + count;
    }
    length
}

/// Whether what follows a `%` makes it a remainder: a value, and not a sign or a word between two
/// values.
fn operand_follows(rest: &str) -> bool {
    let rest = rest.trim_start();
    let word = &rest[..name_length(rest)];
    word != "in" && rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '(' | '[' | '"' | '\''))
}

fn meant(character: char, rest: &str) -> Option<String> {
    Some(match character {
        '“' | '”' | '‘' | '’' => "\"".into(),
        '。' => ".".into(),
        '、' => ",".into(),
        '【' => "[".into(),
        '】' => "]".into(),
        '≤' => "<=".into(),
        '≥' => ">=".into(),
        '≠' => "!=".into(),
        '×' => "*".into(),
        '÷' => "/".into(),
        '=' => "==".into(),
        '&' if !rest.starts_with('&') => "&&".into(),
        '|' if !rest.starts_with('|') => "||".into(),
        _ => character.nfkc().collect::<String>(),
    })
    .filter(|sign| sign.is_ascii() && *sign != character.to_string())
}

fn unknown_unit(word: &str) -> Words {
    match nearest(word, UNITS) {
        Some(near) => Words::new(
            format!("数的后面不能跟“{word}”，是不是“{near}”？"),
            format!("“{word}” cannot follow a number; did you mean “{near}”?"),
        ),
        None => Words::new(
            format!("数的后面不能跟“{word}”；单位有 万、亿、%、天、周、个月、年"),
            format!("“{word}” cannot follow a number; the units are 万, 亿, %, days, weeks, months, years"),
        ),
    }
}
