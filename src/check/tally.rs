//! How much a block has judged, counted while it is judged. Never judges.

use super::Occasion;
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
    /// Breaches that are over.
    pub past: usize,
    /// For a duty the times at which it was done in time.
    pub kept: usize,
}

/// The times at which a duty was to be done and that are over, or late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Times {
    pub kept: usize,
    pub late: usize,
}

impl Times {
    pub(super) fn of<'o>(occasions: impl Iterator<Item = &'o Occasion>) -> Times {
        occasions.fold(Times::default(), |mut times, occasion| {
            let late = occasion.time.late.is_some();
            times.add(Times { kept: usize::from(!late), late: usize::from(late) });
            times
        })
    }

    /// How often in a hundred times it was done in time; `None` where no time is over.
    pub fn punctuality(self) -> Option<usize> {
        let all = self.kept + self.late;
        (all > 0).then(|| self.kept * 100 / all)
    }

    pub(super) fn add(&mut self, other: Times) {
        self.kept += other.kept;
        self.late += other.late;
    }
}

/// The tally of every block that has judged something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tallies(BTreeMap<BlockPlace, Tally>);

impl Tally {
    /// How often in a hundred times a duty was done in time; `None` where no time is over.
    pub fn punctuality(self) -> Option<usize> {
        Times { kept: self.kept, late: self.past + self.broken }.punctuality()
    }

    fn add(&mut self, other: Tally) {
        self.judged += other.judged;
        self.broken += other.broken;
        self.due += other.due;
        self.past += other.past;
        self.kept += other.kept;
    }

    pub(super) const ONE: Tally = Tally { judged: 1, broken: 0, due: 0, past: 0, kept: 0 };
}

impl Tallies {
    pub(super) fn add(&mut self, block: BlockPlace, tally: Tally) {
        self.0.entry(block).or_default().add(tally);
    }

    pub(super) fn extend(&mut self, others: &[(BlockPlace, Tally)]) {
        others.iter().for_each(|(block, tally)| self.add(*block, *tally));
    }

    /// Leaves out what came of the other blocks.
    pub(super) fn retain(&mut self, wanted: impl Fn(BlockPlace) -> bool) {
        self.0.retain(|block, _| wanted(*block));
    }

    /// What came of a block; nothing where it had nothing to judge.
    pub fn get(&self, block: BlockPlace) -> Tally {
        self.0.get(&block).copied().unwrap_or_default()
    }
}
