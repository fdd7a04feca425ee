//! Chance that can be had again: everything random here follows from a seed, which is printed.

use std::{
    hash::{BuildHasher, RandomState},
    sync::LazyLock,
};

/// The seed of this run: `CHANCERY_SEED`, or another every time.
pub static SEED: LazyLock<u64> = LazyLock::new(|| {
    let seed = std::env::var("CHANCERY_SEED").map_or_else(|_| RandomState::new().hash_one(0) % 1_000_000, |seed| seed.parse().unwrap());
    println!("CHANCERY_SEED={seed}");
    seed
});

/// Throws that depend on a seed and on what they are for (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn of(purpose: &str) -> Dice {
        Dice(purpose.bytes().fold(*SEED, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)))
    }

    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.throw() % n as u64).unwrap()
    }

    /// True so many times in a hundred.
    pub fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// So many of a list, in its order; all of a shorter one.
    pub fn some<T: Clone>(&mut self, of: &[T], wanted: usize) -> Vec<T> {
        let mut left = wanted.min(of.len());
        let mut taken = Vec::with_capacity(left);
        for (at, one) in of.iter().enumerate() {
            if left > 0 && self.below(of.len() - at) < left {
                taken.push(one.clone());
                left -= 1;
            }
        }
        taken
    }
}
