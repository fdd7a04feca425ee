//! Addresses that nobody means: real ones, mangled.

use crate::dice::Dice;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

/// A real address, mangled once or twice.
pub fn address(real: &str, dice: &mut Dice) -> String {
    let once = mangle(real, dice);
    if dice.happens(30) { mangle(&once, dice) } else { once }
}

fn mangle(real: &str, dice: &mut Dice) -> String {
    let (path, query) = real.split_once('?').map_or((real, String::new()), |(path, query)| (path, format!("?{query}")));
    let mut pieces: Vec<String> = path.split('/').map(str::to_owned).collect();
    let at = dice.below(pieces.len());
    let piece = pieces[at].clone();
    let plain = percent_decode_str(&piece).decode_utf8_lossy().into_owned();
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    pieces[at] = match dice.below(20) {
        0 => plain.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        1 => encoded(&encoded(&plain)),
        2 => format!("{piece}/."),
        3 => format!("./{piece}"),
        4 => format!("{piece}/../{piece}"),
        5 => format!("%2e%2e/{piece}"),
        6 => piece.to_uppercase(),
        7 => piece.to_lowercase(),
        8 => encoded(&plain.nfd().collect::<String>()),
        9 => encoded(&plain.chars().map(full_width).collect::<String>()),
        10 => format!("{piece}%00"),
        11 => format!("{piece}%ff"),
        12 => format!("{piece}{}", "a".repeat(1 << dice.below(13))),
        13 => format!("{piece}%2F"),
        14 => format!("{piece}%20"),
        15 => format!("~{piece}"),
        16 => String::new(),
        17 => encoded(&plain.nfkc().collect::<String>()),
        18 => format!("{piece};v=1"),
        _ => piece.chars().rev().collect(),
    };
    let path = pieces.join("/");
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    match dice.below(6) {
        0 => format!("{path}?"),
        1 => format!("{path}?q=%E6%B3%B5&page=99999999999999999999"),
        2 => format!("{path}?q=%ff&limit=-1&offset=1e9"),
        3 => format!("{path}//"),
        _ => format!("{path}{query}"),
    }
}

/// A printable character of ASCII in its full width.
fn full_width(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
        other => other,
    }
}
