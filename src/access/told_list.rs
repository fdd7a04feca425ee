//! What a reader is told, in order: a long list is worked out once a view, and what is told of each
//! of its places only when it is asked for.

use std::ops::Range;

/// A list of which pieces are made.
pub struct ToldList<'v, T> {
    length: usize,
    tell: Box<dyn Fn(usize) -> T + 'v>,
}

impl<'v, T> ToldList<'v, T> {
    /// `tell`: what is told at a place.
    pub(super) fn new(length: usize, tell: impl Fn(usize) -> T + 'v) -> ToldList<'v, T> {
        ToldList { length, tell: Box::new(tell) }
    }

    pub fn len(&self) -> usize {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What is told at some places, as far as there are so many.
    pub fn part(self, places: Range<usize>) -> impl Iterator<Item = T> + use<'v, T> {
        (places.start..places.end.min(self.length)).map(self.tell)
    }
}

impl<'v, T: 'v> IntoIterator for ToldList<'v, T> {
    type Item = T;
    type IntoIter = std::iter::Map<Range<usize>, Box<dyn Fn(usize) -> T + 'v>>;

    fn into_iter(self) -> Self::IntoIter {
        (0..self.length).map(self.tell)
    }
}
