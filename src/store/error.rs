//! What a store answers where it cannot do what it is asked. No word here is of one implementation:
//! whoever matches on an error need not know which store it came from.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the folder {0} cannot be made: {1}")]
    Folder(PathBuf, io::Error),
    /// The file or the service cannot be opened; why, in words.
    #[error("the store {0}: {1}")]
    Unopened(String, String),
    /// It was opened, and did not do what it was asked; why, in words.
    #[error("the store does not answer: {0}")]
    Unanswered(String),
    #[error("there is no account {0}")]
    UnknownAccount(String),
    #[error("there is an account {0} already")]
    KnownAccount(String),
    #[error("the account {0} is shut")]
    ShutAccount(String),
    #[error("the password cannot be hashed: {0}")]
    Password(String),
    #[error("no random numbers can be had: {0}")]
    Random(getrandom::Error),
    #[error("the access log cannot be written: {0}")]
    Log(String),
    #[error("there is no access log {0}")]
    NoLog(PathBuf),
    #[error("the file {0} was deleted or replaced while it was in use")]
    Replaced(PathBuf),
    #[error("the file {0} is no volume of this log, and its name is needed; put it elsewhere")]
    ForeignVolume(PathBuf),
    /// Of what was seen of approvals.
    #[error("the store holds what cannot be read: {0}")]
    Remembered(String),
    #[error("line {0} was written and is gone; put the log back, or restart to go on with what is there")]
    LostLine(i64),
}
