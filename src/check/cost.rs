//! What it takes to judge an archive: of each block how many judgements, steps and how much time;
//! and on what very many judgements rest. A record of which one judgement rests on what has changed
//! is judged anew by all blocks that bind it.

use super::share::Tab;
use crate::{
    facts::{Facts, Touched},
    policy::BlockPlace,
    source::RecordId,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// What one block takes for all records together.
#[derive(Clone, Copy, Default, Debug)]
pub struct BlockCost {
    /// Records that it was asked about, or the archive.
    pub judgements: u64,
    /// Steps of its expressions.
    pub steps: u64,
    /// On all threads together.
    pub time: Duration,
    /// Records that its judgements rest on, each as often as a judgement does.
    pub reads: u64,
}

/// What all of them take.
#[derive(Clone, Default, Debug)]
pub struct Costs {
    pub blocks: BTreeMap<BlockPlace, BlockCost>,
    /// Of each type of which all records were looked for, by whom, and by how many judgements.
    pub types: BTreeMap<Arc<str>, BTreeMap<BlockPlace, u64>>,
    /// Of each record, how many judgements rest on it that are not of itself.
    pub records: HashMap<RecordId, u64>,
}

/// Measures judgements. The clock is the caller's: how long something took is no part of what
/// follows from an archive.
pub(super) struct Meter<'c> {
    clock: &'c (dyn Fn() -> Duration + Sync),
    costs: Mutex<Costs>,
}

impl<'c> Meter<'c> {
    pub fn by(clock: &'c (dyn Fn() -> Duration + Sync)) -> Meter<'c> {
        Meter { clock, costs: Mutex::default() }
    }

    /// Runs a judgement of a record, or of the archive, by a block.
    pub fn measured<T>(
        &self,
        (block, record): (BlockPlace, Option<&RecordId>),
        tab: &Tab<'_>,
        facts: &Facts<'_>,
        judge: impl FnOnce() -> T,
    ) -> T {
        let begun = (self.clock)();
        let (judged, touched) = facts.touching(judge);
        let time = (self.clock)().saturating_sub(begun);
        let mut costs = self.costs.lock().unwrap_or_else(PoisonError::into_inner);
        costs.add(block, record, &touched, BlockCost { judgements: 1, steps: tab.paid(), time, reads: 0 });
        judged
    }

    pub fn costs(self) -> Costs {
        self.costs.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Costs {
    fn add(&mut self, block: BlockPlace, record: Option<&RecordId>, touched: &Touched, cost: BlockCost) {
        let all = self.blocks.entry(block).or_default();
        all.judgements += cost.judgements;
        all.steps += cost.steps;
        all.time += cost.time;
        all.reads += touched.records.len() as u64;
        touched.types.iter().for_each(|own| *self.types.entry(own.clone()).or_default().entry(block).or_default() += 1);
        let others = touched.records.iter().filter(|id| record != Some(*id));
        others.for_each(|id| *self.records.entry(id.clone()).or_default() += 1);
    }
}
