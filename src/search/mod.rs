//! Full text: a tantivy index, and queries that answer for a [`View`] only: every hit, count, score and snippet is the view's own.

use crate::{
    access::{Office, View},
    source::RecordId,
};
use chrono::NaiveDate;
use std::sync::Arc;

/// The index of an office's records and policies, in memory.
pub struct Index {}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the index: {0}")]
    Index(#[from] tantivy::TantivyError),
}

/// The answer to a query.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Hits {
    pub total: usize,
    pub hits: Vec<Hit>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    pub id: RecordId,
    pub record_type: Arc<str>,
    pub title: String,
    pub path: String,
    pub score: f32,
    /// Pieces of text, those that were found marked.
    pub snippet: Vec<(String, bool)>,
    pub date: Option<NaiveDate>,
}

impl Index {
    /// # Errors
    /// Where the index cannot be made.
    pub fn build(office: &Office) -> Result<Index, SearchError> {
        let _ = office;
        todo!()
    }

    /// The hits of a query in a view: by score, then date (latest first), then id.
    ///
    /// # Errors
    /// Where the index cannot be read. Every text is a query; none is an error.
    pub fn search(&self, query: &str, view: &View<'_>, offset: usize, limit: usize) -> Result<Hits, SearchError> {
        let _ = (query, view, offset, limit);
        todo!()
    }
}
