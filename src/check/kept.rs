//! What was judged of an archive before: a record is judged anew by the blocks that bind it only
//! where something has changed that its judgement has read, be it that something was not there.
//! What was found is as large in memory as what is told; it goes with the texts that are read again.

use super::{OfBlocks, share::Shares};
use crate::{
    facts::{ArchiveState, Facts, RestsOn, Touched},
    source::RecordId,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What came of one record, or of the archive, and what a change must touch to have it judged anew.
#[derive(Debug)]
struct Known {
    blocks: Arc<OfBlocks>,
    rests_on: RestsOn,
}

/// By record; `None` is the archive itself.
type ByRecord = HashMap<Option<RecordId>, Arc<Known>>;

/// What was judged of a state of an archive, all of it.
struct JudgedBefore {
    state: Arc<ArchiveState>,
    known: ByRecord,
}

/// What is known while a state is judged: of the one before as far as it still holds, and of this one.
pub(super) struct JudgementMemo {
    before: Option<(Arc<JudgedBefore>, Touched)>,
    state: Arc<ArchiveState>,
    known: Mutex<ByRecord>,
}

impl JudgementMemo {
    /// For an archive that is read again, or is a variant of one.
    pub fn of(facts: &Facts<'_>) -> Option<JudgementMemo> {
        let sources = &facts.archive.sources;
        if !sources.has_memory() {
            return None;
        }
        let before = sources.kept().last::<JudgedBefore>();
        let state = facts.state();
        let before = before.and_then(|before| Some((before.clone(), state.touched_since(&before.state)?)));
        Some(JudgementMemo { before, state, known: Mutex::default() })
    }

    /// What comes of a record, or of the archive: what was judged before, where it still holds and
    /// is paid for out of the same shares, or else what `judge` finds.
    pub fn judged(
        &self,
        record: Option<&RecordId>,
        (facts, shares): (&Facts<'_>, &Shares),
        judge: impl FnOnce() -> OfBlocks,
    ) -> Arc<OfBlocks> {
        let known = match self.holding(record) {
            Some(known) => {
                known.blocks.paid.iter().for_each(|(block, steps)| shares.get(*block).spend(*steps));
                known
            }
            None => {
                let (blocks, mut touched) = facts.touching(judge);
                touched.records.extend(record.cloned());
                Arc::new(Known { blocks: Arc::new(blocks), rests_on: touched.into() })
            }
        };
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(record.cloned(), known.clone());
        known.blocks.clone()
    }

    fn holding(&self, record: Option<&RecordId>) -> Option<Arc<Known>> {
        let (before, touched) = self.before.as_ref()?;
        let known = before.known.get(&record.cloned())?;
        (!known.rests_on.is_touched(touched)).then(|| known.clone())
    }

    /// Keeps what was judged for the next state. Where a share was exceeded, not all was.
    pub fn keep(self, facts: &Facts<'_>, shares: &Shares) {
        let sources = &facts.archive.sources;
        if sources.is_followed() && shares.are_kept() {
            let known = self.known.into_inner().unwrap_or_else(PoisonError::into_inner);
            sources.kept().keep(JudgedBefore { state: self.state, known });
        }
    }
}
