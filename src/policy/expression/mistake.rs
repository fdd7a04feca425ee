//! A mistake before its place in the file is known, and the words that many mistakes share.

use super::{ExpressionPlace, Mistake};
use crate::{
    diagnostic::{Words, nearest},
    source::Span,
};
use std::ops::Range;

/// A mistake at a byte range of the expression's text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Slip {
    pub range: Range<usize>,
    pub message: Words,
}

impl Slip {
    pub fn at(self, place: ExpressionPlace) -> Mistake {
        Mistake { span: place.of(self.range), message: self.message }
    }
}

impl ExpressionPlace {
    /// The span in the file of a byte range of the text.
    pub fn of(self, range: Range<usize>) -> Span {
        match self.verbatim_from {
            Some(from) => Span { file: self.span.file, start: offset(from, range.start), end: offset(from, range.end) },
            None => self.span,
        }
    }
}

fn offset(from: u32, at: usize) -> u32 {
    from.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
}

/// So few known names are told where none is near.
const FEW: usize = 6;

/// “没有字段“x””, with the nearest known name, or with all of them where they are few.
pub(super) fn unknown<'n>(zh: &str, en: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> Words {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => Words::new(format!("{zh}“{name}”，是不是“{near}”？"), format!("{en} “{name}”; did you mean “{near}”?")),
        None if (1..=FEW).contains(&known.len()) => {
            Words::new(format!("{zh}“{name}”，只有 {}", known.join("、")), format!("{en} “{name}”, only {}", known.join(", ")))
        }
        None => Words::new(format!("{zh}“{name}”"), format!("{en} “{name}”")),
    }
}
