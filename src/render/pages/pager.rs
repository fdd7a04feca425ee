//! A long list is shown a hundred entries at a time, each part at an address of its own: `…/`,
//! `…/page/2/`, and on.

use crate::render::asked::Asked;
use serde::Serialize;
use std::ops::Range;

pub(super) const A_PAGE: usize = 100;

/// Which part of a list a page shows, and where its neighbours are.
#[derive(Serialize)]
pub(super) struct Pager {
    number: usize,
    of: usize,
    previous: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// `first`: the address of the first part.
    pub fn new(asked: &Asked<'_>, first: &str, number: usize, count: usize) -> Pager {
        let of = pages(count);
        let href = |number| asked.href(&address(first, number));
        Pager { number, of, previous: (number > 1).then(|| href(number - 1)), next: (number < of).then(|| href(number + 1)) }
    }
}

/// How many parts a list of so many entries has: one at least.
fn pages(count: usize) -> usize {
    count.div_ceil(A_PAGE).max(1)
}

pub(super) fn address(first: &str, number: usize) -> String {
    if number == 1 { first.to_owned() } else { format!("{first}page/{number}/") }
}

/// Those of all parts.
pub(super) fn addresses(first: &str, count: usize) -> Vec<String> {
    (1..=pages(count)).map(|number| address(first, number)).collect()
}

/// The part that the rest of an address names, as segments; `None` where none is named, or one that
/// a list of so many entries has not.
pub(super) fn number(rest: &[&str], count: usize) -> Option<usize> {
    let number = match rest {
        [] => 1,
        ["page", written] => written.parse().ok().filter(|number: &usize| *number > 1 && number.to_string() == **written)?,
        _ => return None,
    };
    (number <= pages(count)).then_some(number)
}

/// The places of the entries of a part.
pub(super) fn places(number: usize) -> Range<usize> {
    (number - 1) * A_PAGE..number * A_PAGE
}
