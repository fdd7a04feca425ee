//! Full text: a tantivy index, and queries that answer for a [`View`] only: every hit, count, score
//! and snippet is the view's own.

pub mod fold;
mod index;
mod snippet;
mod statistics;
mod token;

pub use index::{Index, Indexer, text_of};

use chrono::NaiveDate;
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the index: {0}")]
    Index(#[from] tantivy::TantivyError),
}

/// The answer to a query: how many there are, and those asked for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Hits {
    pub total: usize,
    pub hits: Vec<Hit>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// A record's id, or a policy's.
    pub id: Arc<str>,
    /// A type's id, or `policy`.
    pub record_type: Arc<str>,
    pub title: String,
    pub path: String,
    pub score: f32,
    /// Pieces of text, those that were found marked.
    pub snippet: Vec<(String, bool)>,
    pub date: Option<NaiveDate>,
}

impl Hit {
    /// The snippet as plain text.
    pub fn snippet_text(&self) -> String {
        self.snippet.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// `{"id","type","title","path","score","snippet","date"}`
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "id": &*self.id, "type": &*self.record_type, "title": self.title, "path": self.path, "score": self.score,
            "snippet": self.snippet_text(), "date": self.date.map(|date| date.to_string()),
        })
    }
}
