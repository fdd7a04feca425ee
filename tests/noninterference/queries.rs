//! Queries: words that the reader may read, words that he may not, and words that nobody has
//! written.

use crate::{IN_A_HUNDRED, archives::BASE, dice::Dice};
use chancery::search::fold::SIMPLIFIED;

pub const QUERIES: usize = 5 * IN_A_HUNDRED;

/// So many queries, the same for every archive.
pub fn some(who: &str) -> Vec<String> {
    let mut dice = Dice::of(&format!("queries {who}"));
    (0..QUERIES).map(|_| query(&mut dice)).collect()
}

fn query(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => dice.pick(&BASE.office.archive.records).id.to_string(),
        1 => dice.pick(&BASE.office.archive.records).title.clone(),
        2 => traditional(&piece(dice)),
        3 => dice
            .pick(&[
                "grade",
                "A",
                "limit 2026",
                "DN300",
                "overdue",
                "customer C-00",
                "No such thing",
                "§",
                "\"",
                "😀",
                " ",
                "的",
                "a\u{0}b",
            ])
            .to_string(),
        4 => (0..4).map(|_| char::from_u32(0x4e00 + u32::try_from(dice.below(0x5000)).unwrap()).unwrap()).collect(),
        5..8 => format!("{} {}", piece(dice), piece(dice)),
        _ => piece(dice),
    }
}

/// A few characters that stand together in some record, be it hidden or not.
fn piece(dice: &mut Dice) -> String {
    let record = dice.pick(&BASE.office.archive.records);
    let text: Vec<char> = BASE.office.archive.sources.file(record.document.file).text.chars().collect();
    let at = dice.below(text.len());
    text.into_iter().skip(at).filter(|c| !c.is_whitespace()).take(1 + dice.below(4)).collect()
}

fn traditional(text: &str) -> String {
    let to = |c: char| SIMPLIFIED.iter().find(|(_, simplified)| *simplified == c).map_or(c, |(traditional, _)| *traditional);
    text.chars().map(to).collect()
}
