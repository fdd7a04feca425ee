//! How much a block has judged, counted while it is judged. Never judges.

use crate::policy::BlockPlace;
use std::collections::BTreeMap;

/// What came of one block: of the records that it judges, or of the rows of the archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Records or rows of which it speaks.
    pub judged: usize,
    /// Those that break it; for a duty those that are overdue.
    pub broken: usize,
    /// For a duty those that are due, and not overdue.
    pub due: usize,
}

/// The tally of every block that has judged something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tallies(BTreeMap<BlockPlace, Tally>);

impl Tally {
    pub(super) const ONE: Tally = Tally { judged: 1, broken: 0, due: 0 };
}

impl Tallies {
    pub(super) fn of(tallies: impl Iterator<Item = (BlockPlace, Tally)>) -> Tallies {
        let mut all = Tallies::default();
        for (block, tally) in tallies {
            let sum = all.0.entry(block).or_default();
            *sum = Tally { judged: sum.judged + tally.judged, broken: sum.broken + tally.broken, due: sum.due + tally.due };
        }
        all
    }

    /// What came of a block; nothing where it had nothing to judge.
    pub fn get(&self, block: BlockPlace) -> Tally {
        self.0.get(&block).copied().unwrap_or_default()
    }
}
