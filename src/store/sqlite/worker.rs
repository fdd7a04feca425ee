//! Threads that may block, for whoever may not.

use super::fault::SqliteFault;
use crate::store::StoreError;
use std::{
    io,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// How long whoever lets a worker go waits for what it was handed: a file may be held by another
/// program.
const PATIENCE: Duration = Duration::from_secs(1);

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A thread of its own that has something to itself, and does one thing after another with it.
pub(super) struct Worker<S> {
    /// Nothing, once the worker is let go.
    jobs: Option<Sender<Job<S>>>,
    /// Ends with the thread.
    ended: Mutex<Receiver<()>>,
}

impl<S: Send + 'static> Worker<S> {
    pub(super) fn start(name: &str, mut own: S) -> io::Result<Worker<S>> {
        let (jobs, waiting) = channel::<Job<S>>();
        let (ends, ended) = channel::<()>();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            waiting.iter().for_each(|job| job(&mut own));
            drop(own);
            drop(ends);
        })?;
        Ok(Worker { jobs: Some(jobs), ended: Mutex::new(ended) })
    }

    /// What is once handed over is done to its end, whoever waits for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, answer) = oneshot::channel();
        let job: Job<S> = Box::new(move |own| {
            // Whoever asked may have gone.
            let _gone = done.send(work(own));
        });
        let handed = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        match answer.await {
            Ok(answer) if handed => Ok(answer?),
            _ => Err(StoreError::Unanswered("its thread has ended".to_owned())),
        }
    }
}

impl<S> Drop for Worker<S> {
    /// Waits until what was handed over is done, but not for ever.
    fn drop(&mut self) {
        self.jobs.take();
        let ended = self.ended.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let _ended_or_not = ended.recv_timeout(PATIENCE);
    }
}

/// Does something long on a thread of its own.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, SqliteFault> + Send + 'static) -> Result<T, StoreError> {
    let (done, answer) = oneshot::channel();
    let begun = thread::Builder::new().name("store".to_owned()).spawn(move || {
        let _gone = done.send(work());
    });
    begun.map_err(|error| StoreError::Unanswered(error.to_string()))?;
    answer.await.map_err(|_| StoreError::Unanswered("its thread has ended".to_owned()))?.map_err(StoreError::from)
}
