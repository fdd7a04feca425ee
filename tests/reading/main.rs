//! Readings of the archive that fail, and how many of them there are.

#[path = "../support/mod.rs"]
mod support;

mod failing_reads;
mod sealing;

use std::sync::{Mutex, MutexGuard};

/// Readings fail, and steps are counted, for the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
