//! How much work the policies may take for a whole archive: a rule that is dear at every record
//! would keep everybody waiting at each change. Steps are counted and no time, so that the same
//! archive is judged in the same way on every machine, on however many threads.
//!
//! All threads spend from one share of each block, and all blocks from one purse. A block whose
//! steps for all records together are more than its share exceeds it whichever record is judged
//! first, for no evaluation stops before there is nothing left; and what came of it is left out as
//! a whole. So it does not matter either how far the others were. A block counts for the purse with
//! no more than its share: whether the purse is empty does not depend on who came first either.
//! Where it is, the blocks are judged once more, with equal shares.

use crate::{
    diagnostic::{Finding, Reads, Search, Words},
    policy::{
        Block, BlockKind, BlockPlace, Policies,
        expression::{Budget, Stop},
    },
    source::Span,
};
use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Steps that one evaluation may take.
const EVALUATION: u64 = 2_000_000;

/// Steps for all blocks together, and as many more for every record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Means {
    pub whole: u64,
    pub a_record: u64,
}

pub(super) const MEANS: Means = Means { whole: 100_000_000, a_record: 20_000 };

impl Means {
    fn of(self, records: usize) -> u64 {
        self.whole + self.a_record * records as u64
    }
}

/// No block takes more than this part of the whole: one that is too dear takes nothing from the
/// others.
const PART: u64 = 2;

/// Steps for a record or a field that is kept with what was found: it takes memory.
const A_THING: u64 = 16;

/// Bytes of prose that are looked through for a word in the time of a step.
const A_SCAN: u64 = 64;

/// Steps for all examples of the policies together, and for one of them at most.
const EXAMPLES: u64 = 40_000_000;
const ALONE: u64 = 4_000_000;

/// What all have spent, and what they may.
#[derive(Debug)]
struct Purse {
    allowed: u64,
    spent: AtomicU64,
}

impl Purse {
    fn holding(allowed: u64) -> Arc<Purse> {
        Arc::new(Purse { allowed, spent: AtomicU64::new(0) })
    }

    fn left(&self) -> u64 {
        self.allowed.saturating_sub(self.spent.load(Relaxed))
    }

    fn is_exceeded(&self) -> bool {
        self.spent.load(Relaxed) > self.allowed
    }
}

/// What a block has spent, and what it may.
#[derive(Debug)]
pub(super) struct Share {
    allowed: u64,
    spent: AtomicU64,
    purse: Arc<Purse>,
}

impl Share {
    fn of(purse: &Arc<Purse>, allowed: u64) -> Share {
        Share { allowed, spent: AtomicU64::new(0), purse: purse.clone() }
    }

    /// That of a block which judges one record and nothing else.
    pub fn alone() -> Share {
        Share::of(&Purse::holding(ALONE), ALONE)
    }

    /// That of one of so many examples.
    pub fn of_example(examples: usize) -> Share {
        let allowed = ALONE.min(EXAMPLES / examples.max(1) as u64);
        Share::of(&Purse::holding(allowed), allowed)
    }

    pub fn spend(&self, steps: u64) {
        let before = self.spent.fetch_add(steps, Relaxed);
        let counted = |spent: u64| spent.min(self.allowed);
        self.purse.spent.fetch_add(counted(before + steps) - counted(before), Relaxed);
    }

    fn is_exceeded(&self) -> bool {
        self.spent.load(Relaxed) > self.allowed
    }
}

/// What one record pays out of the share of one block.
#[derive(Debug)]
pub(super) struct Tab<'s> {
    share: &'s Share,
    paid: Cell<u64>,
}

impl Tab<'_> {
    pub fn of(share: &Share) -> Tab<'_> {
        Tab { share, paid: Cell::new(0) }
    }

    /// How much it has paid until now: whoever is judged by what was found before pays as much.
    pub fn paid(&self) -> u64 {
        self.paid.get()
    }

    /// Runs an evaluation, and pays for it.
    ///
    /// # Errors
    /// Those of the evaluation; [`Stop::Budget`] where it takes more than is left, or than one may.
    pub fn evaluate<T>(&self, evaluation: impl FnOnce(&Budget) -> Result<T, Stop>) -> Result<T, Stop> {
        let Share { allowed, spent, purse } = self.share;
        let left = allowed.saturating_sub(spent.load(Relaxed)).min(purse.left());
        // One step more than is left shows that the share is exceeded.
        let budget = Budget::new(EVALUATION.min(left + 1));
        let value = evaluation(&budget);
        self.spend(budget.spent());
        value
    }

    pub fn spend(&self, steps: u64) {
        self.paid.set(self.paid.get() + steps);
        self.share.spend(steps);
    }

    /// Pays for so many things that are kept with a row or a finding.
    pub fn keep(&self, things: usize) {
        self.spend(A_THING * things as u64);
    }

    /// Pays for looking through so many bytes.
    pub fn scan(&self, bytes: usize) {
        self.spend(1 + bytes as u64 / A_SCAN);
    }

    /// Whether nothing more needs to be judged: what came of it is left out.
    pub fn is_spent(&self) -> bool {
        self.share.is_exceeded() || self.share.purse.is_exceeded()
    }
}

/// The shares of the blocks that judge an archive of so many records.
#[derive(Debug)]
pub(super) struct Shares {
    of_blocks: BTreeMap<BlockPlace, Share>,
    purse: Arc<Purse>,
}

impl Shares {
    /// As much as a block may ever take.
    pub fn most(policies: &Policies, means: Means, records: usize) -> Shares {
        Shares::new(policies, means.of(records), |whole, _| whole / PART)
    }

    /// Equal ones.
    pub fn equal(policies: &Policies, means: Means, records: usize) -> Shares {
        Shares::new(policies, means.of(records), |whole, blocks| whole / blocks)
    }

    fn new(policies: &Policies, whole: u64, share: fn(u64, u64) -> u64) -> Shares {
        let (purse, words) = (Purse::holding(whole), Purse::holding(whole));
        let of = |wanted: Work| blocks(policies).filter(move |(_, block)| work(block).is_some_and(|(_, work)| work == wanted));
        let shared = |purse: &Arc<Purse>, work: Work, share: fn(u64, u64) -> u64| -> Vec<(BlockPlace, Share)> {
            let allowed = share(whole, of(work).count().max(1) as u64);
            of(work).map(|(place, _)| (place, Share::of(purse, allowed))).collect()
        };
        let words = shared(&words, Work::Words, |whole, blocks| whole / blocks);
        Shares { of_blocks: shared(&purse, Work::Judging, share).into_iter().chain(words).collect(), purse }
    }

    /// The part of all that was spent, and of its share by the block that has spent most of it.
    #[cfg(test)]
    pub fn spent(&self) -> (f64, f64) {
        let part = |spent: &AtomicU64, allowed: u64| spent.load(Relaxed) as f64 / allowed as f64;
        let dearest = self.of_blocks.values().map(|share| part(&share.spent, share.allowed)).fold(0.0, f64::max);
        (part(&self.purse.spent, self.purse.allowed), dearest)
    }

    pub fn get(&self, block: BlockPlace) -> &Share {
        &self.of_blocks[&block]
    }

    /// Whether none is exceeded, nor all of them together.
    pub fn are_kept(&self) -> bool {
        !self.are_exceeded() && !self.of_blocks.values().any(Share::is_exceeded)
    }

    pub fn is_exceeded(&self, block: BlockPlace) -> bool {
        self.get(block).is_exceeded()
    }

    /// Whether all blocks together take more than all may.
    pub fn are_exceeded(&self) -> bool {
        self.purse.is_exceeded()
    }

    /// A finding at each block that was left out. It rests on all that is in the archive.
    pub fn findings(&self, policies: &Policies) -> Vec<Finding> {
        let exceeded = blocks(policies).filter(|(place, _)| self.of_blocks.get(place).is_some_and(Share::is_exceeded));
        let mut reads = Reads::default();
        policies.types.keys().for_each(|id| reads.add_search(Search { record_type: id.clone(), linked_to: None }));
        exceeded.filter_map(|(_, block)| Some(left_out(block, work(block)?, reads.clone()))).collect()
    }
}

fn blocks(policies: &Policies) -> impl Iterator<Item = (BlockPlace, &Block)> {
    policies.versions.iter().flat_map(|version| policies.places(version).zip(&version.blocks))
}

/// What a block evaluates its expressions for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// To judge records, or the archive.
    Judging,
    /// To say in its words what the program itself has found.
    Words,
}

/// What a block does, and where it begins.
fn work(block: &Block) -> Option<(Span, Work)> {
    match &block.kind {
        BlockKind::Rule(rule) if rule.builtin.is_some() => Some((rule.head, Work::Words)),
        BlockKind::Rule(rule) => Some((rule.head, Work::Judging)),
        BlockKind::Duty(duty) => Some((duty.head, Work::Judging)),
        BlockKind::Style(_) => Some((block.span, Work::Judging)),
        _ => None,
    }
}

fn left_out(block: &Block, (at, work): (Span, Work), reads: Reads) -> Finding {
    let id = &block.id;
    let (zh, en) = match work {
        Work::Judging => ("这一条未作核对", "nothing was judged by it"),
        Work::Words => ("其余各处的文字未填全", "the rest of its words are left open"),
    };
    let message = Words::new(
        format!("{id} 用于整个档案时计算步数超限，{zh}"),
        format!("{id} runs out of steps when it judges the whole archive; {en}"),
    );
    let fix = Words::new("把这一条写得简单些，或分成几条", "make it simpler, or divide it");
    Finding { citation: Some(block.citation.clone()), reads, ..Finding::error("policy.budget", at, message).with_fix(fix) }
}
