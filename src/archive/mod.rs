//! Record documents typed by the policies: values read by the type blocks, references resolved, links both ways, ids unique. Frozen;
//! never judges: what could not be read stands in the record as [`Reading::Wrong`], for `check` to tell.

use crate::{
    diagnostic::Lang,
    document::Document,
    policy::{FieldType, Policies, RecordType, Value},
    source::{RecordId, Sources, Span},
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

/// The archive's settings (`chancery.yaml`).
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default)]
    pub name: String,
    /// The name in English.
    #[serde(default)]
    pub name_en: Option<String>,
    #[serde(default)]
    pub language: Lang,
    /// As `+08:00`; the zone in which a timestamp's day is reckoned.
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub theme: Option<String>,
    #[serde(default)]
    pub demo_day: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Archive {
    pub sources: Arc<Sources>,
    pub policies: Arc<Policies>,
    pub settings: Settings,
    /// In the order of their ids. Two documents of one id both stand here; a look-up finds the one whose path is first.
    pub records: Vec<Record>,
    by_id: BTreeMap<RecordId, usize>,
    by_type: BTreeMap<Arc<str>, Vec<usize>>,
    incoming: BTreeMap<RecordId, Vec<Reference>>,
}

/// A document under `records/`, typed.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: RecordId,
    /// `None` where it names no type or one of no policy.
    pub record_type: Option<Arc<RecordType>>,
    pub document: Arc<Document>,
    /// By the field's key, whatever label it was written under.
    pub fields: BTreeMap<Arc<str>, Entry>,
    /// Its title by the type, or its id.
    pub title: String,
    pub date: Option<NaiveDate>,
    pub author: Option<RecordId>,
    /// Every reference that it makes, in fields and body.
    pub references: Vec<Reference>,
}

/// A field as written and as read.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key_span: Span,
    pub span: Span,
    pub reading: Reading,
}

#[derive(Clone, Debug)]
pub enum Reading {
    Value(Value),
    /// A list or a table, entry by entry.
    Rows(Vec<Entry>),
    Table(BTreeMap<Arc<str>, Entry>),
    /// Written, and not of the field's type.
    Wrong {
        expected: FieldType,
    },
    /// Nothing, or white space.
    Blank,
}

/// A record that names another.
#[derive(Clone, PartialEq, Debug)]
pub struct Reference {
    pub from: RecordId,
    /// As written.
    pub to: RecordId,
    /// The field; `None` in the body.
    pub field: Option<Arc<str>>,
    pub span: Span,
    pub resolved: bool,
}

impl Archive {
    /// Types and links the records of the sources.
    pub fn build(sources: Arc<Sources>, policies: Arc<Policies>, settings: Settings) -> Archive {
        let _ = (sources, policies, settings);
        todo!()
    }

    /// The same from documents already at hand (the examples of policies).
    pub fn from_documents(documents: Vec<Arc<Document>>, sources: Arc<Sources>, policies: Arc<Policies>, settings: Settings) -> Archive {
        let _ = (documents, sources, policies, settings);
        todo!()
    }

    pub fn record(&self, id: &RecordId) -> Option<&Record> {
        self.by_id.get(id).map(|&i| &self.records[i])
    }

    /// The records of a type, by date, then id.
    pub fn of_type<'a>(&'a self, record_type: &str) -> impl Iterator<Item = &'a Record> {
        self.by_type.get(record_type).into_iter().flatten().map(|&i| &self.records[i])
    }

    /// The references that lead to a record, in the order of the records that make them.
    pub fn incoming(&self, id: &RecordId) -> &[Reference] {
        self.incoming.get(id).map_or(&[], Vec::as_slice)
    }
}

impl Record {
    /// The value of a field; `None` where it is missing, blank or unreadable (also in a part).
    pub fn value(&self, field: &str) -> Option<Value> {
        let _ = field;
        todo!()
    }

    /// Where a field's value stands: `orders`, or with a row and a column `orders`, 2, `due`. Falls back to what stands above it.
    pub fn place(&self, field: &str, row: Option<usize>, column: Option<&str>) -> Option<Span> {
        let _ = (field, row, column);
        todo!()
    }

    /// Where the record says its type, or its head.
    pub fn head(&self) -> Span {
        todo!()
    }
}
