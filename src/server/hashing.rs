//! Passwords are hashed and verified on threads that may block, no more than a few at once: each takes 19 MiB and a core.

use super::{Intranet, ServerError, pages::PageError};
use crate::store::{Chosen, LONGEST_PASSWORD, Password};

pub(super) const AT_ONCE: usize = 2;

/// Whether this is the password. One that is too long for anybody's costs the same work.
pub(super) async fn verified(intranet: &Intranet, password: Password, written: &str) -> Result<bool, PageError> {
    let cut: String = written.chars().take(LONGEST_PASSWORD).collect();
    let whole = cut.len() == written.len();
    Ok(in_turn(intranet, move || password.verify(&cut)).await? && whole)
}

pub(super) async fn hashed(intranet: &Intranet, chosen: Chosen) -> Result<Password, PageError> {
    Ok(in_turn(intranet, move || chosen.hash()).await?.map_err(ServerError::from)?)
}

async fn in_turn<T: Send + 'static>(intranet: &Intranet, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PageError> {
    let turn = intranet.hashing.clone().acquire_owned().await.map_err(|_| PageError::Panicked)?;
    // The work goes on where whoever asked hangs up, and so does its turn.
    let task = tokio::task::spawn_blocking(move || {
        let _one_of_few = turn;
        work()
    });
    task.await.map_err(|_| PageError::Panicked)
}
