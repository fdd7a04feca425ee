//! The figures of a policy as its prose has them: `{settings.NAME}` stands for a setting as it is
//! written, `{effective}` for the day on which it takes effect, so that each stands once.

use super::Policy;
use crate::diagnostic::{Lang, Words};
use std::{borrow::Cow, ops::Range, sync::Arc};

/// A setting as it is written: `5万`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figure {
    pub written: Arc<str>,
    pub source: Source,
    /// What it is called, where it is called otherwise than by its name.
    pub label: Option<Words>,
}

/// Who fixed a figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// The rulebook that the company follows.
    Rulebook,
    /// The company chose it.
    Company,
}

impl Source {
    pub const NAMES: [(&str, Source); 2] = [("rulebook", Source::Rulebook), ("company", Source::Company)];
}

impl Policy {
    /// What a setting is called: its label, or its name.
    pub fn called<'s>(&'s self, setting: &'s str, lang: Lang) -> &'s str {
        let label = self.figures.get(setting).and_then(|figure| figure.label.as_ref());
        label.map(|label| label.get(lang)).filter(|label| !label.is_empty()).unwrap_or(setting)
    }

    /// A piece of its prose with its figures filled in. A name that is none stays as it is: it is
    /// told of elsewhere.
    pub fn filled<'t>(&self, prose: &'t str) -> Cow<'t, str> {
        let figures = named(prose).into_iter().filter_map(|(place, name)| Some((place, self.figures.get(name)?.written.clone())));
        let days = prose.match_indices(EFFECTIVE).map(|(at, day)| (at..at + day.len(), self.effective.to_string().into()));
        let mut pieces: Vec<(Range<usize>, Arc<str>)> = figures.chain(days).collect();
        pieces.sort_by_key(|(place, _)| place.start);
        let (mut filled, mut from) = (String::new(), 0);
        for (place, written) in pieces {
            filled.push_str(&prose[from..place.start]);
            filled.push_str(&written);
            from = place.end;
        }
        if from == 0 { Cow::Borrowed(prose) } else { Cow::Owned(filled + &prose[from..]) }
    }
}

/// A full-width digit as a plain one; any other character as it is.
pub fn plain_digit(c: char) -> char {
    if ('０'..='９').contains(&c) { char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c) } else { c }
}

/// An amount as people write it without what separates its digits and without its unit of money:
/// `¥ 50,000`, `5万元`.
pub fn bare_amount(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !matches!(c, ',' | '，' | ' ' | '_' | '¥' | '￥')).collect();
    ["元", "块", "圆"].iter().find_map(|unit| bare.strip_suffix(unit)).unwrap_or(&bare).to_owned()
}

const OPEN: &str = "{settings.";
const EFFECTIVE: &str = "{effective}";

/// The settings that a text names in braces, and where: the braces are part of the place.
pub fn named(text: &str) -> Vec<(Range<usize>, &str)> {
    let named = |(at, _): (usize, &str)| {
        let name = text[at + OPEN.len()..].split_once('}')?.0;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_name.then(|| (at..at + OPEN.len() + name.len() + 1, name))
    };
    text.match_indices(OPEN).filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_named_in_braces() {
        let names = |text: &'static str| named(text).into_iter().map(|(place, name)| (&text[place], name)).collect::<Vec<_>>();
        assert_eq!(names("满 {settings.数额} 元，{settings.a_1}"), [("{settings.数额}", "数额"), ("{settings.a_1}", "a_1")]);
        assert_eq!(names("{settings.} {settings.a b} {settings.a {setting.x} {settings"), []);
    }
}
