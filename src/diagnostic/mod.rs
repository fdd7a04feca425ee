//! Findings, and their layouts for the terminal, JSON and SARIF. Never decides what is wrong.

pub mod codes;
mod difference;
pub mod json;
mod nearest;
mod reads;
pub mod sarif;
pub mod text;

pub use difference::FoundIn;
pub use nearest::{did_you_mean, is_part, nearest, same_to_the_eye};
pub use reads::{OwnReads, Reads, Search};

use crate::source::{ArchivePath, RecordId, Span};
use chrono::NaiveDate;
use std::sync::Arc;

/// A language in which Chancery speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

/// The same words in both languages.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

impl Words {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Words {
        Words { zh: zh.into(), en: en.into() }
    }

    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// Whether they say this, in either language.
    pub fn is(&self, text: &str) -> bool {
        !text.is_empty() && (self.zh == text || self.en == text)
    }

    /// A label in both languages; the id where it has none.
    pub fn or_id(&self, id: &str) -> Words {
        let or = |label: &str| if label.is_empty() { id.to_owned() } else { label.to_owned() };
        Words::new(or(&self.zh), or(&self.en))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// The article that demands something, and where it stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Citation {
    /// The policy's id.
    pub policy: Arc<str>,
    /// The policy's title.
    pub title: Arc<str>,
    /// The article's key, which is its anchor too.
    pub article: Arc<str>,
    pub path: ArchivePath,
    /// The line of the article's heading, 1-based.
    pub line: u32,
}

impl Citation {
    /// The policy by its title, and the article by its key.
    pub fn named(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => format!("《{}》{}", self.title, self.article),
            Lang::En if self.article.starts_with(|c: char| c.is_ascii_digit()) => format!("“{}”, article {}", self.title, self.article),
            Lang::En => format!("“{}”, {}", self.title, self.article),
        }
    }

    /// The same, and where it stands.
    pub fn placed(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => format!("{}（{}:{}）", self.named(lang), self.path, self.line),
            Lang::En => format!("{} ({}:{})", self.named(lang), self.path, self.line),
        }
    }
}

/// Whether what was found can still be mended.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FindingState {
    /// It is so today, as far as is known from that day on.
    Open { since: Option<NaiveDate> },
    /// It was so, and no edit of today undoes it.
    Past(Past),
}

/// When something was wrong, and why it is no longer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Past {
    /// The first day; `None` where nothing tells it.
    pub since: Option<NaiveDate>,
    /// The day on which it ended.
    pub until: NaiveDate,
    /// The record that took the place of the one that was wrong.
    pub superseded_by: Option<RecordId>,
    /// The note that tells how the company dealt with it.
    pub dealt_with: Option<RecordId>,
}

impl FindingState {
    pub const OPEN: FindingState = FindingState::Open { since: None };

    pub fn past(since: NaiveDate, until: NaiveDate) -> FindingState {
        FindingState::Past(Past { since: Some(since), until, superseded_by: None, dealt_with: None })
    }

    pub fn since(&self) -> Option<NaiveDate> {
        match self {
            FindingState::Open { since } | FindingState::Past(Past { since, .. }) => *since,
        }
    }

    pub fn until(&self) -> Option<NaiveDate> {
        self.ended().map(|past| past.until)
    }

    /// How it ended; `None` where it has not.
    pub fn ended(&self) -> Option<&Past> {
        match self {
            FindingState::Open { .. } => None,
            FindingState::Past(past) => Some(past),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            FindingState::Open { .. } => "open",
            FindingState::Past(_) => "past",
        }
    }
}

/// Something that is or was wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// `family.name`, or the policy's own id for it.
    pub code: Arc<str>,
    pub severity: Severity,
    pub state: FindingState,
    /// What is pointed at; `None` where there is nothing to point at but the archive.
    pub span: Option<Span>,
    pub record: Option<RecordId>,
    pub message: Words,
    pub citation: Option<Citation>,
    pub fix: Option<Words>,
    /// Other places that belong to it, with a word on each.
    pub related: Vec<(Span, Words)>,
    pub reads: Reads,
}

impl Finding {
    pub fn error(code: &str, span: Span, message: Words) -> Finding {
        Finding { severity: Severity::Error, span: Some(span), ..Finding::without_place(code, message) }
    }

    /// A warning of what stands in no text that was read.
    pub fn without_place(code: &str, message: Words) -> Finding {
        Finding {
            code: code.into(),
            severity: Severity::Warning,
            state: FindingState::OPEN,
            span: None,
            record: None,
            message,
            citation: None,
            fix: None,
            related: Vec::new(),
            reads: Reads::default(),
        }
    }

    pub fn warning(code: &str, span: Span, message: Words) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(code, span, message) }
    }

    pub fn with_fix(self, fix: Words) -> Finding {
        Finding { fix: Some(fix), ..self }
    }

    pub fn of(self, record: &RecordId) -> Finding {
        Finding { record: Some(record.clone()), ..self }
    }
}

#[cfg(test)]
mod tests;
