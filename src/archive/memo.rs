//! What later stages have worked out of a record by itself: it holds as long as the record does, from
//! one state of an archive to the next.

use crate::diagnostic::Finding;
use std::sync::OnceLock;

/// A memo of each stage that keeps something here. A record that is changed in any way begins with
/// an empty one.
#[derive(Default, Debug)]
pub struct RecordMemo {
    /// What its structure lacks; most lack nothing.
    pub structure: OnceLock<Option<Box<Lack>>>,
    /// A digest of all that it says, for readers from whom nothing of it is hidden.
    pub digest: OnceLock<Box<[u8; 32]>>,
}

/// What the structure of a record lacks.
#[derive(Debug)]
pub struct Lack {
    pub findings: Vec<Finding>,
    /// Whether it counts nevertheless.
    pub is_complete: bool,
}

impl Clone for RecordMemo {
    fn clone(&self) -> RecordMemo {
        RecordMemo::default()
    }
}
