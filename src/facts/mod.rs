//! The archive on a day, as expressions ask for it: fields, references, history, approvals, posts. Notes down what was read. Never
//! decides what is wrong, nor who may know.

use crate::{approval::Approvals, archive::Archive, diagnostic::Reads};
use chrono::NaiveDate;
use std::cell::RefCell;

/// Answers expressions about an archive on a day. One a thread: it notes down reads.
#[derive(Debug)]
pub struct Facts<'a> {
    pub archive: &'a Archive,
    pub approvals: &'a Approvals,
    pub today: NaiveDate,
    reads: RefCell<Reads>,
}

impl<'a> Facts<'a> {
    pub fn new(archive: &'a Archive, approvals: &'a Approvals, today: NaiveDate) -> Facts<'a> {
        Facts { archive, approvals, today, reads: RefCell::default() }
    }

    /// What has been read since the last call.
    pub fn take_reads(&self) -> Reads {
        self.reads.take()
    }
}
// impl World for Facts<'_>
