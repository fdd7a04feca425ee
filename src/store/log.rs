//! The access log: a chain of lines, each with the digest of all before it. A line counts as
//! written when it is on the disk.

use super::StoreError;
use crate::source::RecordId;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    fmt,
    pin::Pin,
    str::FromStr,
    task::{Context, Poll},
};
use tokio::sync::oneshot;

/// Of what somebody asked for, no more bytes stand in a line: an address may be a hundred times as
/// long.
const LONGEST: usize = 2_000;

/// A line bears the time at which its page was asked for, and may be written after lines of pages
/// that were asked for later. Further back goes only a clock that was set back, or a log that was
/// written anew.
pub(super) const OVERTAKEN: TimeDelta = TimeDelta::minutes(2);

/// Who asked for what, when, from where, and whether they got it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessLine {
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: String,
    pub origin: String,
    /// The record that was read.
    pub record: Option<RecordId>,
    pub allowed: bool,
}

impl AccessLine {
    /// The line as it is kept: what is too long is cut, with how long it was.
    pub(super) fn within(self) -> AccessLine {
        let what = self.what;
        let what =
            if what.len() <= LONGEST { what } else { format!("{}… ({} bytes)", &what[..what.floor_char_boundary(LONGEST)], what.len()) };
        AccessLine { what, ..self }
    }
}

/// Somebody has read a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consultation {
    pub at: DateTime<Utc>,
    pub who: RecordId,
}

/// The number and the digest of the last line: kept elsewhere, it shows that none was cut off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub number: i64,
    pub digest: String,
}

impl Head {
    /// Before the first line.
    pub(super) const NONE: Head = Head { number: 0, digest: String::new() };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.digest)
    }
}

impl FromStr for Head {
    type Err = NoHead;

    /// As it is displayed: the number, a space, the digest.
    fn from_str(text: &str) -> Result<Head, NoHead> {
        let (number, digest) = text.trim_end().split_once(' ').unwrap_or((text.trim_end(), ""));
        let number = number.parse().map_err(|_| NoHead)?;
        let length = if number == 0 { 0 } else { 64 };
        let is_digest = digest.len() == length && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if number >= 0 && is_digest { Ok(Head { number, digest: digest.to_owned() }) } else { Err(NoHead) }
    }
}

/// A text that is not the number and the digest of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoHead;

/// The first line that does not follow from those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenLine {
    pub number: i64,
}

/// A line that bears an earlier time than one before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backward {
    pub number: i64,
    pub at: DateTime<Utc>,
    /// The latest time before it.
    pub before: DateTime<Utc>,
}

/// A line on its way to the disk: done when it is there. It goes its way whether anybody waits or
/// not.
pub struct PendingLine(oneshot::Receiver<Result<(), String>>);

/// Tells whoever waits for a line that it is written, or why not.
pub(super) type LineSender = oneshot::Sender<Result<(), String>>;

impl PendingLine {
    pub(super) fn begin() -> (LineSender, PendingLine) {
        let (written, pending) = oneshot::channel();
        (written, PendingLine(pending))
    }
}

impl Future for PendingLine {
    type Output = Result<(), StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), StoreError>> {
        let told = |received: Result<Result<(), String>, _>| received.unwrap_or_else(|_| Err("its writer has ended".to_owned()));
        Pin::new(&mut self.0).poll(context).map(|received| told(received).map_err(StoreError::Log))
    }
}

/// What a server writes into the log, and tells from it.
#[async_trait]
pub trait AccessLog: Send + Sync {
    /// Hands a line over at once; await the answer where what follows must not go out without it.
    /// Lines that come together share what it costs to have them on the disk. What is refused again
    /// and again is counted (see `tally`), and told when its time is over.
    fn write(&self, line: AccessLine) -> PendingLine;

    /// Who has read a record and when, the latest first: each person at most once a day (UTC), and
    /// no more than `most`. It may go back only so far.
    ///
    /// # Errors
    /// Where the log cannot be read.
    async fn consultations(&self, record: &RecordId, most: usize) -> Result<Vec<Consultation>, StoreError>;
}

/// What is verified of a log, be it written at the time or not.
#[async_trait]
pub trait Audit: Send + Sync {
    /// The first line that was altered, removed or put elsewhere, if there is one. A cut tail does
    /// not show: see [`Audit::has`]. Nor does what is kept elsewhere: see [`Audit::beginning`].
    ///
    /// # Errors
    /// [`StoreError::NoLog`] where there is none, or it cannot be read.
    async fn verify(&self) -> Result<Option<BrokenLine>, StoreError>;

    /// The lines at which time runs back, in their order. Their digests may well be right: whoever
    /// writes a log anew makes them so.
    ///
    /// # Errors
    /// As [`Audit::verify`].
    async fn backward(&self) -> Result<Vec<Backward>, StoreError>;

    /// The last line.
    ///
    /// # Errors
    /// As [`Audit::verify`].
    async fn head(&self) -> Result<Head, StoreError>;

    /// What the first line that is here goes on from: a line of a volume that was put elsewhere, or
    /// none.
    ///
    /// # Errors
    /// As [`Audit::verify`].
    async fn beginning(&self) -> Result<Head, StoreError>;

    /// Whether the log still has a line that was its last once. Where it has, and its chain is
    /// unbroken, nothing up to there was cut or written anew.
    ///
    /// # Errors
    /// As [`Audit::verify`].
    async fn has(&self, kept: &Head) -> Result<bool, StoreError>;
}
