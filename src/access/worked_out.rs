//! What is worked out on all cores, for whoever asks first.

use std::sync::OnceLock;

/// The value of a place, made where there is none. Two who ask at once may both make it; nobody
/// makes it while others wait for the place: a thread of the pool that waits for the parts of its
/// work may be given other work meanwhile, which asks for the same.
pub(super) fn worked_out<T>(place: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    place.get().unwrap_or_else(|| {
        let made = make();
        place.get_or_init(|| made)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn many_who_work_side_by_side_may_ask_for_what_is_made_on_all_cores() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("there may be four threads");
        for _ in 0..100 {
            let place = OnceLock::new();
            let sum = || (0..2_000_u64).into_par_iter().map(|n| (0..n % 97).sum::<u64>()).sum::<u64>();
            let asked: Vec<u64> = pool.install(|| (0..64).into_par_iter().map(|_| *worked_out(&place, sum)).collect());
            assert!(asked.iter().all(|asked| *asked == asked_alone()), "{asked:?}");
        }
    }

    fn asked_alone() -> u64 {
        (0..2_000_u64).map(|n| (0..n % 97).sum::<u64>()).sum()
    }
}
