//! What is worked out on all cores, once for all who ask.

use std::sync::{Mutex, OnceLock, PoisonError};

/// A value that is made for whoever asks first. Who asks meanwhile waits for it, but for the threads
/// of the pool: one that waits for the parts of its work may be given other work meanwhile that asks
/// for the same, and would wait for itself. It makes the value too, and nobody takes harm.
#[derive(Debug)]
pub(super) struct WorkedOut<T> {
    value: OnceLock<T>,
    turn: Mutex<()>,
}

impl<T> Default for WorkedOut<T> {
    fn default() -> WorkedOut<T> {
        WorkedOut { value: OnceLock::new(), turn: Mutex::default() }
    }
}

impl<T> WorkedOut<T> {
    /// The value; made now where there is none. Whoever is given up while they make it leaves the
    /// place to the next.
    pub fn get_or_make(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.value.get() {
            return value;
        }
        let is_of_pool = rayon::current_thread_index().is_some();
        let _turn = (!is_of_pool).then(|| self.turn.lock().unwrap_or_else(PoisonError::into_inner));
        self.value.get().unwrap_or_else(|| {
            let made = make();
            self.value.get_or_init(|| made)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        thread,
        time::Duration,
    };

    #[test]
    fn many_who_work_side_by_side_may_ask_for_what_is_made_on_all_cores() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("there may be four threads");
        for _ in 0..100 {
            let place = WorkedOut::default();
            let sum = || (0..2_000_u64).into_par_iter().map(|n| (0..n % 97).sum::<u64>()).sum::<u64>();
            let asked: Vec<u64> = pool.install(|| (0..64).into_par_iter().map(|_| *place.get_or_make(sum)).collect());
            assert!(asked.iter().all(|asked| *asked == asked_alone()), "{asked:?}");
        }
    }

    fn asked_alone() -> u64 {
        (0..2_000_u64).map(|n| (0..n % 97).sum::<u64>()).sum()
    }

    #[test]
    fn of_many_requests_at_once_one_makes_it_and_one_that_is_given_up_keeps_nobody_out() {
        let (place, made) = (WorkedOut::default(), AtomicUsize::new(0));
        let given_up = catch_unwind(AssertUnwindSafe(|| *place.get_or_make(|| panic!("nobody waits for it"))));
        assert!(given_up.is_err());
        let make = || {
            thread::sleep(Duration::from_millis(50));
            made.fetch_add(1, SeqCst)
        };
        thread::scope(|scope| {
            (0..32).for_each(|_| drop(scope.spawn(|| assert_eq!(*place.get_or_make(make), 0))));
        });
        assert_eq!(made.load(SeqCst), 1);
    }
}
