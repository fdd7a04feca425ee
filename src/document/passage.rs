//! Prose as a reader reads it on: across marks of emphasis, links and the ends of lines.

use super::{ProseRun, body::Joint, markdown};
use crate::source::Span;
use std::ops::Range;

/// Runs of prose that are read as one text.
#[derive(Debug)]
pub struct Passage<'r> {
    pub text: String,
    /// Each with where it begins in the text.
    runs: Vec<(usize, &'r ProseRun)>,
}

impl<'r> Passage<'r> {
    /// Runs in their order as passages.
    pub fn all(runs: impl IntoIterator<Item = &'r ProseRun>) -> Vec<Passage<'r>> {
        let mut passages: Vec<Passage<'r>> = Vec::new();
        for run in runs {
            match passages.last_mut() {
                Some(last) if run.joint != Joint::Apart => last.add(run),
                _ => passages.push(Passage { text: run.text.clone(), runs: vec![(0, run)] }),
            }
        }
        passages
    }

    fn add(&mut self, run: &'r ProseRun) {
        if run.joint == Joint::Spaced {
            self.text.push(' ');
        }
        self.runs.push((self.text.len(), run));
        self.text.push_str(&run.text);
    }

    /// The runs in which a piece of the text begins and ends, and at which of their bytes.
    pub fn ends_of(&self, piece: Range<usize>) -> [(&'r ProseRun, usize); 2] {
        [piece.start, piece.end.saturating_sub(1)].map(|at| {
            let (from, run) = self.runs[self.runs.partition_point(|(from, _)| *from <= at).saturating_sub(1)];
            (run, at - from)
        })
    }
}

impl ProseRun {
    /// The lines of a text that is no Markdown, all at its own place.
    pub fn of_text(text: &str, span: Span) -> Vec<ProseRun> {
        let mut lines: Vec<ProseRun> = Vec::new();
        for line in text.lines() {
            let joint = match lines.last() {
                None => Joint::Apart,
                Some(last) if markdown::is_nothing(&last.text, line) => Joint::Touching,
                Some(_) => Joint::Spaced,
            };
            lines.push(ProseRun { text: line.to_owned(), span, section: None, joint });
        }
        lines
    }
}
