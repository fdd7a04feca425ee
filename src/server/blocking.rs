//! Work for a request on a thread that may block. No such work outlives its answer: the limit of
//! time, or a connection that ends, drops the request, and the work is told. What changes something
//! is done to its end all the same.

use crate::access::{Awaited, WaitGuard};
use tokio::task::{JoinError, spawn_blocking};

/// Runs work that looks whether it is awaited still, as long as somebody waits for it.
///
/// # Errors
/// Where the work panicked.
pub(super) async fn while_awaited<T: Send + 'static>(work: impl FnOnce(&Awaited) -> T + Send + 'static) -> Result<T, JoinError> {
    let (waiting, awaited) = WaitGuard::begin();
    let done = spawn_blocking(move || {
        // It may have waited for a thread longer than anybody waits for it.
        awaited.go_on();
        work(&awaited)
    })
    .await;
    drop(waiting);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{Arc, mpsc},
        time::Duration,
    };
    use tokio::time::timeout;

    /// Longer than anything here takes on a busy machine.
    const LONG: Duration = Duration::from_secs(60);

    fn runtime(threads: usize) -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(threads).build().expect("a runtime can be had")
    }

    #[test]
    fn work_ends_when_nobody_waits_for_it() {
        let (begun, has_begun) = mpsc::channel();
        let held = Arc::new(());
        let holding = held.clone();
        runtime(1).block_on(async {
            let endless = while_awaited(move |awaited| {
                let _held = holding;
                begun.send(()).expect("the test listens");
                loop {
                    awaited.go_on();
                }
            });
            assert!(timeout(Duration::from_millis(200), endless).await.is_err());
            has_begun.recv_timeout(LONG).expect("it had begun");
            // The only thread is free again.
            timeout(LONG, while_awaited(|_| ())).await.expect("the next one has its turn").expect("nothing panics");
        });
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn work_that_has_not_begun_when_nobody_waits_any_more_never_does() {
        let (begun, has_begun) = mpsc::channel::<()>();
        let (let_go, gone) = mpsc::channel::<()>();
        runtime(1).block_on(async {
            let first = tokio::task::spawn_blocking(move || gone.recv());
            assert!(timeout(Duration::from_millis(50), while_awaited(move |_| begun.send(()))).await.is_err());
            let_go.send(()).expect("the first one waits");
            first.await.expect("nothing panics").expect("it was let go");
            timeout(LONG, while_awaited(|_| ())).await.expect("the next one has its turn").expect("nothing panics");
        });
        assert!(has_begun.try_recv().is_err());
    }

    #[test]
    fn work_that_is_waited_for_comes_to_its_end() {
        let done = runtime(1).block_on(while_awaited(|awaited| (0..1000).inspect(|_| awaited.go_on()).sum::<u32>()));
        assert_eq!(done.expect("nothing panics"), 499_500);
    }
}
