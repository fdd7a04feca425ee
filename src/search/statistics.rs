//! The counts from which scores are made, over what a view shows and nothing else: adding hidden
//! records changes no score.

use crate::leak::{Leak, leaks};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tantivy::{
    DocSet, Searcher, TERMINATED, Term,
    query::Bm25StatisticsProvider,
    schema::{Field, IndexRecordOption},
};

/// The visible documents of an index: a flag a document, segment by segment.
pub(super) struct Visible {
    pub segments: Vec<Arc<[bool]>>,
    documents: u64,
    /// How many tokens stand in each field of theirs, counted for the first query that asks.
    tokens: Mutex<HashMap<Field, u64>>,
}

impl Visible {
    pub(super) fn new(segments: Vec<Arc<[bool]>>) -> Visible {
        let documents = segments.iter().flat_map(|seen| seen.iter()).filter(|seen| counts(**seen)).count() as u64;
        Visible { segments, documents, tokens: Mutex::default() }
    }
}

/// Whether a document counts.
fn counts(seen: bool) -> bool {
    seen || leaks(Leak::Scores)
}

pub(super) struct Statistics<'a> {
    searcher: &'a Searcher,
    visible: &'a Visible,
    frequencies: Mutex<HashMap<Term, u64>>,
}

impl<'a> Statistics<'a> {
    pub(super) fn new(searcher: &'a Searcher, visible: &'a Visible) -> Statistics<'a> {
        Statistics { searcher, visible, frequencies: Mutex::default() }
    }

    fn count_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let mut total = 0;
        for (segment, seen) in self.searcher.segment_readers().iter().zip(&self.visible.segments) {
            if let Some(norms) = segment.fieldnorms_readers().get_field(field)? {
                let lengths = (0..segment.max_doc()).filter(|&doc| counts(seen[doc as usize])).map(|doc| u64::from(norms.fieldnorm(doc)));
                total += lengths.sum::<u64>();
            }
        }
        Ok(total)
    }

    fn count_documents(&self, term: &Term) -> tantivy::Result<u64> {
        let mut total = 0;
        for (segment, seen) in self.searcher.segment_readers().iter().zip(&self.visible.segments) {
            let postings = segment.inverted_index(term.field())?.read_postings(term, IndexRecordOption::Basic)?;
            let Some(mut postings) = postings else { continue };
            while postings.doc() != TERMINATED {
                total += u64::from(counts(seen[postings.doc() as usize]));
                postings.advance();
            }
        }
        Ok(total)
    }
}

const LOCK: &str = "counting does not panic";

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let tokens = || self.visible.tokens.lock();
        if let Some(known) = tokens().expect(LOCK).get(&field) {
            return Ok(*known);
        }
        let counted = self.count_tokens(field)?.max(1);
        tokens().expect(LOCK).insert(field, counted);
        Ok(counted)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.visible.documents.max(1))
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        if let Some(known) = self.frequencies.lock().expect(LOCK).get(term) {
            return Ok(*known);
        }
        let counted = self.count_documents(term)?;
        self.frequencies.lock().expect(LOCK).insert(term.clone(), counted);
        Ok(counted)
    }
}
