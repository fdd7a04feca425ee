//! Passwords are hashed and verified on threads that may block, no more than a few at once: each
//! takes 19 MiB and a core. Who asks on a device of his own waits for nobody who asks from
//! elsewhere. Few wait: who comes when all places are taken is asked to come back, for a connection
//! on which somebody waits makes room for nobody.

use super::error::PageError;
use crate::store::{Chosen, LONGEST_PASSWORD, Password};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// From elsewhere.
const AT_ONCE: usize = 2;

/// Who may wait in each queue: a few seconds' work.
const WAITING: usize = 16;

/// Who waits behind whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Queue {
    /// For whoever asks on a device on which he has signed in before, or has a session, or a link.
    Own,
    Elsewhere,
}

pub(super) struct Hashing {
    own: Line,
    elsewhere: Line,
}

/// The places to wait in, and those at the front.
struct Line {
    waiting: Semaphore,
    turns: Arc<Semaphore>,
}

impl Line {
    fn of(at_once: usize) -> Line {
        Line { waiting: Semaphore::new(WAITING), turns: Arc::new(Semaphore::new(at_once)) }
    }

    /// Waits for a turn; [`PageError::Busy`] where no place is left to wait in.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, PageError> {
        let _place = self.waiting.try_acquire().map_err(|_| PageError::Busy)?;
        self.turns.clone().acquire_owned().await.map_err(|_| PageError::Panicked)
    }
}

impl Default for Hashing {
    fn default() -> Hashing {
        Hashing { own: Line::of(1), elsewhere: Line::of(AT_ONCE) }
    }
}

impl Hashing {
    /// Whether this is the password. One that is too long for anybody's costs the same work.
    pub(super) async fn verified(&self, queue: Queue, password: Password, written: &str) -> Result<bool, PageError> {
        let cut: String = written.chars().take(LONGEST_PASSWORD).collect();
        let whole = cut.len() == written.len();
        Ok(self.in_turn(queue, move || password.verify(&cut)).await? && whole)
    }

    pub(super) async fn hashed(&self, chosen: Chosen) -> Result<Password, PageError> {
        Ok(self.in_turn(Queue::Own, move || chosen.hash()).await??)
    }

    async fn in_turn<T: Send + 'static>(&self, queue: Queue, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PageError> {
        let turn = self.of(queue).turn().await?;
        // The work goes on where whoever asked hangs up, and so does its turn.
        let task = tokio::task::spawn_blocking(move || {
            let _one_of_few = turn;
            work()
        });
        task.await.map_err(|_| PageError::Panicked)
    }

    fn of(&self, queue: Queue) -> &Line {
        match queue {
            Queue::Own => &self.own,
            Queue::Elsewhere => &self.elsewhere,
        }
    }
}
