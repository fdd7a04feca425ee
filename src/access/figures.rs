//! What came of the blocks of a policy, as far as a reader may know: it rests on what he may be
//! told of each finding, and of each time of a duty. Whether that is all is told to nobody.

use super::View;
use crate::{
    check::{self, Times},
    policy::{BlockKind, BlockPlace, Policy},
};
use std::{collections::BTreeMap, sync::Arc};

/// What came of a block that judges.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Findings of today.
    pub open: usize,
    /// Breaches that are over.
    pub past: usize,
    /// For a duty, how often in a hundred times it was done in time.
    pub punctuality: Option<usize>,
}

impl View<'_> {
    /// What came of each block of a policy, in the order of its text; `None` for those that judge
    /// nothing.
    pub fn figures(&self, policy: &Arc<Policy>) -> Vec<Option<Figures>> {
        let places = self.policies().places(policy).zip(&policy.blocks);
        let figures = places.map(|(place, block)| {
            let [open, past] = self.found_by(block, policy);
            let judged = Figures { open, past, punctuality: None };
            match &block.kind {
                BlockKind::Duty(_) => {
                    Some(Figures { punctuality: self.times().get(&place).and_then(|times| times.punctuality()), ..judged })
                }
                BlockKind::Rule(_) | BlockKind::Style(_) => Some(judged),
                _ => None,
            }
        });
        figures.collect()
    }

    /// Works out what many pages ask for, before they are made side by side: else each of the first
    /// would work it out for itself.
    pub fn prepare(&self) {
        self.times();
    }

    /// The times of each duty that this reader may know of, worked out for the first who asks.
    fn times(&self) -> &BTreeMap<BlockPlace, Times> {
        self.sight().times.get_or_make(|| {
            let office = self.office();
            let known = |time: &check::Occasion| self.knows(&time.reads, time.record.as_ref());
            check::times(|| office.facts(), known)
        })
    }
}
