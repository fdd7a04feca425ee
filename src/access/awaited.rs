//! Whether somebody still waits for what is worked out from a view. Work on a thread that blocks
//! cannot be ended from outside: it looks at each record whether it is to go on, and unwinds where
//! it is not. That is no panic, and nothing tells of it.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// Whether an answer is awaited still: one that nobody holds the [`WaitGuard`] of always is.
#[derive(Clone, Debug, Default)]
pub struct Awaited {
    is_given_up: Arc<AtomicBool>,
}

/// Held by whoever waits for an answer: dropped, he does no longer.
#[derive(Debug)]
pub struct WaitGuard(Awaited);

/// What work that nobody waits for unwinds with.
#[derive(Debug)]
pub struct GivenUp;

impl Awaited {
    /// Goes on, or unwinds where nobody waits any more.
    pub fn go_on(&self) {
        if self.is_given_up.load(Relaxed) {
            resume_unwind(Box::new(GivenUp));
        }
    }
}

impl WaitGuard {
    pub fn begin() -> (WaitGuard, Awaited) {
        let awaited = Awaited::default();
        (WaitGuard(awaited.clone()), awaited)
    }
}

impl Drop for WaitGuard {
    fn drop(&mut self) {
        self.0.is_given_up.store(true, Relaxed);
    }
}
