//! What is wrong and what is due. One file a family; changes nothing.

use crate::{
    approval::Approvals,
    archive::Archive,
    diagnostic::{Citation, Finding, Reads, Severity, Words},
    source::RecordId,
};
use chrono::NaiveDate;
use std::sync::Arc;

/// All that was found, in the order of the files, lines and codes.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
    /// Due and overdue, by date, then duty, then record.
    pub duties: Vec<Due>,
}

/// A duty that is due or overdue.
#[derive(Clone, PartialEq, Debug)]
pub struct Due {
    pub duty: Arc<str>,
    /// `None` for a duty of the archive.
    pub record: Option<RecordId>,
    /// The people who are to do it.
    pub who: Vec<RecordId>,
    /// The post or department that was named, where it was not a person.
    pub office: Option<Arc<str>>,
    pub due: NaiveDate,
    pub state: DueState,
    /// Days until it is due, or since it was.
    pub days: i64,
    pub severity: Severity,
    pub message: Words,
    pub citation: Citation,
    pub reads: Reads,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DueState {
    Due,
    Overdue,
}

/// Judges a whole archive on a day.
pub fn check(archive: &Archive, approvals: &Approvals, today: NaiveDate) -> Report {
    let _ = (archive, approvals, today);
    todo!()
}
