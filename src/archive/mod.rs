//! Record documents typed by the policies: values read by the type blocks, references resolved,
//! links both ways, ids unique. Frozen; never judges: what could not be read stands in the record
//! as [`FieldReading::Wrong`], for `check` to tell.

mod before;
mod copy;
mod dating;
mod entries;
mod identity;
pub mod link;
mod memo;
mod reading;
mod settings;
pub mod shape;
mod tenure;
mod title;
mod value;
mod zone;

pub use copy::NameFit;
pub use dating::{day, type_binding};
pub use entries::Entries;
pub use identity::{IdHolder, id_as_written};
pub use link::LinkEnd;
pub use memo::{Lack, RecordMemo};
pub use reading::scalar;
pub use settings::{Settings, SettingsError};
pub use tenure::Tenure;
pub use value::FieldSays;
pub use zone::Zone;

use crate::{
    diagnostic::Lang,
    document::{self, Document},
    policy::{FieldType, Policies, RecordType, Value},
    source::{ArchivePath, RecordId, Room, Sources, Span},
};
use before::ArchiveBefore;
use chrono::NaiveDate;
use identity::Holders;
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

#[derive(Clone, Debug)]
pub struct Archive {
    pub sources: Arc<Sources>,
    pub policies: Arc<Policies>,
    pub settings: Settings,
    /// In the order of their ids, of which each has one of its own. What bears an id that is
    /// another's stands here too, and in no other list: it is of no type's records, and refers to
    /// nothing.
    pub records: Vec<Arc<Record>>,
    holders: Holders,
    directory: Arc<Directory>,
    incoming: Arc<Incoming>,
}

/// Where each record stands among the others.
#[derive(Default, Debug)]
struct Directory {
    by_id: HashMap<RecordId, usize>,
    by_path: HashMap<ArchivePath, usize>,
    /// By date, then id.
    by_type: BTreeMap<Arc<str>, Vec<usize>>,
}

/// What stays the same from one state of an archive to the next as long as its records stand where
/// they stood and refer to what they referred to.
#[derive(Clone, Debug)]
pub struct ArchiveShape {
    directory: Arc<Directory>,
    incoming: Arc<Incoming>,
}

impl PartialEq for ArchiveShape {
    /// It is that of a state before.
    fn eq(&self, other: &ArchiveShape) -> bool {
        Arc::ptr_eq(&self.directory, &other.directory) && Arc::ptr_eq(&self.incoming, &other.incoming)
    }
}

/// By the id to which they lead, the references: the place of the record that makes it, and its
/// place there.
type Incoming = HashMap<RecordId, Vec<(u32, u32)>>;

/// A document under `records/`, typed.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: RecordId,
    /// The id that its document gives itself. Where that is another's, `id` is its path without
    /// `.md`.
    pub named: RecordId,
    /// As the version has it that was in force on the record's own date. `None` where it names no
    /// type or one of no policy.
    pub record_type: Option<Arc<RecordType>>,
    pub document: Arc<Document>,
    /// By the field's key, whatever label it was written under.
    pub fields: Entries,
    /// Keys that name no field, or one already written, in the order of the text.
    pub unread: Vec<UnreadKey>,
    /// Its title by the type, or its id.
    pub title: String,
    pub date: Option<NaiveDate>,
    pub author: Option<RecordId>,
    /// Every reference that it makes, in fields and body.
    pub references: Vec<Reference>,
    pub memo: RecordMemo,
}

/// A field as written and as read.
#[derive(Clone, Debug)]
pub struct FieldEntry {
    pub key_span: Span,
    pub span: Span,
    pub reading: FieldReading,
}

#[derive(Clone, Debug)]
pub enum FieldReading {
    Value(Value),
    /// A list or a table, entry by entry.
    Rows(Vec<FieldEntry>),
    Table(Entries),
    /// Written, and not of the field's type.
    Wrong {
        expected: FieldType,
    },
    /// Nothing, or white space.
    Blank {
        /// White space in quotes: somebody wrote it.
        quoted: bool,
    },
}

/// A key of the front matter whose value was not read.
#[derive(Clone, PartialEq, Debug)]
pub struct UnreadKey {
    pub key: Arc<str>,
    pub span: Span,
    /// Where its value stands.
    pub value: Span,
    /// The fields in whose tables it stands, the outermost first; empty at the top.
    pub within: Vec<Arc<str>>,
    /// Where the same field is already written, under its key or a label; `None` where there is no
    /// such field.
    pub first: Option<Span>,
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

/// Keys of the front matter that are no fields of a type.
pub const OWN_KEYS: [&str; 3] = ["type", "id", "approvals"];

impl Archive {
    /// Types and links the records of the sources.
    pub fn build(sources: Arc<Sources>, policies: Arc<Policies>, settings: Settings) -> Archive {
        Archive::from_documents(sources.made_of_each(Room::Record, document::parse), sources, policies, settings)
    }

    /// The same from documents already at hand (the examples of policies).
    pub fn from_documents(documents: Vec<Arc<Document>>, sources: Arc<Sources>, policies: Arc<Policies>, settings: Settings) -> Archive {
        let before = ArchiveBefore::of(&sources, &policies, settings.language);
        if let Some(archive) = before.as_ref().and_then(|before| before.with(&documents, &sources, &settings)) {
            return archive;
        }
        let known = |document: &Arc<Document>| before.as_ref()?.record_of(document);
        let typed = |document| known(&document).unwrap_or_else(|| Arc::new(Record::of_document(document, &policies, settings.language)));
        let mut records: Vec<Arc<Record>> = documents.into_par_iter().map(typed).collect();
        records.par_sort_by(|a, b| a.document.path.cmp(&b.document.path));
        let holders = identity::presumed(&records);
        let archive = Archive::of(records, sources, policies, settings, holders);
        archive.keep(|| archive.documents());
        archive
    }

    /// Of records as their documents by themselves tell, or as they were in an archive before.
    fn of(mut records: Vec<Arc<Record>>, sources: Arc<Sources>, policies: Arc<Policies>, settings: Settings, holders: Holders) -> Archive {
        records.iter_mut().for_each(|record| record.identify(&holders));
        records.par_sort_by(|a, b| a.id.cmp(&b.id));
        let directory = Arc::new(Directory::of(&records));
        let archive = Archive { sources, policies, settings, records, holders, directory, incoming: Arc::default() };
        archive.linked()
    }

    /// The ids that several documents give themselves, each with what was made of those.
    pub fn contested(&self) -> BTreeMap<&RecordId, Vec<&Record>> {
        let mut contested: BTreeMap<&RecordId, Vec<&Record>> = BTreeMap::new();
        for record in self.records.iter().filter(|record| self.holders.contains_key(&record.named)) {
            contested.entry(&record.named).or_default().push(record);
        }
        contested
    }

    /// Who has an id that several documents give themselves; `None` for an id that is not
    /// contested.
    pub fn holder(&self, id: &RecordId) -> Option<&IdHolder> {
        self.holders.get(id)
    }

    /// The documents that give themselves an id, where several do.
    pub fn contesting<'a>(&'a self, id: &'a RecordId) -> impl Iterator<Item = &'a Record> {
        let records = if self.holders.contains_key(id) { &self.records[..] } else { &[] };
        records.iter().map(|record| &**record).filter(move |record| record.named == *id)
    }

    /// The same where contested ids have these holders.
    pub fn giving(self, holders: BTreeMap<RecordId, IdHolder>) -> Archive {
        if holders == self.holders {
            return self;
        }
        Archive::of(self.records, self.sources, self.policies, self.settings, holders)
    }

    /// The same archive with other texts in it: who has an id keeps it.
    pub fn with(&self, sources: Arc<Sources>) -> Archive {
        let other = Archive::build(sources, self.policies.clone(), self.settings.clone());
        let kept = |id: &RecordId| {
            let alone = || self.record(id).map(|record| IdHolder::Approved(record.document.path.clone()));
            self.holder(id).cloned().or_else(alone)
        };
        let holders = other.holders.iter().map(|(id, first)| (id.clone(), kept(id).unwrap_or_else(|| first.clone()))).collect();
        other.giving(holders)
    }

    fn linked(mut self) -> Archive {
        let references: Vec<Vec<Reference>> = self.records.par_iter().map(|record| self.references_of(record)).collect();
        for (record, references) in self.records.iter_mut().zip(references) {
            if record.references != references {
                Arc::make_mut(record).references = references;
            }
        }
        self.indexed()
    }

    /// The same with its references by where they lead.
    fn indexed(mut self) -> Archive {
        let mut incoming = Incoming::new();
        for (record, made_by) in (0..).zip(&self.records).filter(|(_, record)| !record.is_twin()) {
            for (reference, made) in (0..).zip(&made_by.references).filter(|(_, made)| made.resolved) {
                incoming.entry(made.to.clone()).or_default().push((record, reference));
            }
        }
        self.incoming = Arc::new(incoming);
        self
    }

    /// Every record, in the order of their ids.
    pub fn each_record(&self) -> impl Iterator<Item = &Record> + Clone {
        self.records.iter().map(|record| &**record)
    }

    /// The place of a record among the others.
    pub fn place_of(&self, id: &RecordId) -> Option<usize> {
        self.directory.by_id.get(id).copied()
    }

    pub fn record(&self, id: &RecordId) -> Option<&Record> {
        self.place_of(id).map(|place| &*self.records[place])
    }

    /// Whether a record of that id is there, or several documents that give themselves the id.
    pub fn holds(&self, id: &RecordId) -> bool {
        self.record(id).is_some() || self.holders.contains_key(id)
    }

    /// The record whose document lies at a path.
    pub fn record_at(&self, path: &ArchivePath) -> Option<&Record> {
        self.place_at(path).map(|i| &*self.records[i])
    }

    /// Its place among the records.
    pub fn place_at(&self, path: &ArchivePath) -> Option<usize> {
        self.directory.by_path.get(path).copied()
    }

    /// Where its records stand, and which refers to which.
    pub fn shape(&self) -> ArchiveShape {
        ArchiveShape { directory: self.directory.clone(), incoming: self.incoming.clone() }
    }

    /// The records of a type, by date, then id.
    pub fn of_type<'a>(&'a self, record_type: &str) -> impl Iterator<Item = &'a Record> + Clone {
        self.shared_of_type(record_type).map(|record| &**record)
    }

    /// The same, to be kept.
    pub fn shared_of_type<'a>(&'a self, record_type: &str) -> impl Iterator<Item = &'a Arc<Record>> + Clone {
        self.directory.by_type.get(record_type).into_iter().flatten().map(|&i| &self.records[i])
    }

    /// Every id to which references lead, in no order, with these in the order of the records that
    /// make them.
    pub fn referred(&self) -> impl Iterator<Item = (&RecordId, impl Iterator<Item = &Reference>)> {
        self.incoming.iter().map(|(to, references)| (to, references.iter().map(|at| self.reference_at(*at))))
    }

    /// The references that lead to a record, in the order of the records that make them.
    pub fn incoming(&self, id: &RecordId) -> impl Iterator<Item = &Reference> {
        self.incoming.get(id).into_iter().flatten().map(|at| self.reference_at(*at))
    }

    fn reference_at(&self, (record, reference): (u32, u32)) -> &Reference {
        &self.records[record as usize].references[reference as usize]
    }
}

impl Directory {
    fn of(records: &[Arc<Record>]) -> Directory {
        let places = || records.iter().enumerate();
        Directory {
            by_id: places().map(|(place, record)| (record.id.clone(), place)).collect(),
            by_path: places().map(|(place, record)| (record.document.path.clone(), place)).collect(),
            by_type: by_type(records),
        }
    }
}

fn by_type(records: &[Arc<Record>]) -> BTreeMap<Arc<str>, Vec<usize>> {
    let mut by_type: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        if let Some(record_type) = record.record_type.as_ref().filter(|_| !record.is_twin()) {
            by_type.entry(record_type.id.clone()).or_default().push(place);
        }
    }
    for places in by_type.values_mut() {
        places.sort_by_key(|&place| (records[place].date, place));
    }
    by_type
}

impl Record {
    /// Reads a document by the type that it names. By itself it refers to nothing, and has the id
    /// that it gives itself.
    pub fn of_document(document: Arc<Document>, policies: &Policies, lang: Lang) -> Record {
        let record_type = dating::type_of(&document.front, policies);
        let fields = record_type.as_deref().map_or(&[][..], |record_type| &record_type.fields);
        let mut reader = reading::FieldReader::new(&policies.posts);
        let entries = if fields.is_empty() { Entries::default() } else { reader.mapping(&document.front, fields, &OWN_KEYS) };
        let unread = reader.unread;
        let id = identity::named(&document);
        let mut record = Record {
            title: id.0.to_string(),
            named: id.clone(),
            id,
            record_type,
            document,
            fields: entries,
            unread,
            date: None,
            author: None,
            references: Vec::new(),
            memo: RecordMemo::default(),
        };
        record.date = record.own_date();
        record.author = record.own_author();
        record.title = title::of(&record, &policies.posts, lang).unwrap_or(record.title);
        record
    }

    /// Where a field's value stands: `orders`, or with a row and a column `orders`, 2, `due`. Falls
    /// back to what stands above it.
    pub fn place(&self, field: &str, row: Option<usize>, column: Option<&str>) -> Option<Span> {
        let mut entry = self.fields.get(field)?;
        if let (Some(row), FieldReading::Rows(rows)) = (row, &entry.reading) {
            entry = rows.get(row).unwrap_or(entry);
        }
        if let (Some(column), FieldReading::Table(cells)) = (column, &entry.reading) {
            entry = cells.get(column).unwrap_or(entry);
        }
        Some(entry.span)
    }

    /// Where the record says its type, or its head.
    pub fn head(&self) -> Span {
        let said = self.document.front.entries().iter().find(|(key, _)| &*key.text == "type");
        said.map_or(self.document.front_span, |(key, value)| Span { end: value.span.end.max(key.span.end), ..key.span })
    }

    fn own_date(&self) -> Option<NaiveDate> {
        match self.value(self.record_type.as_ref()?.date.as_deref()?)? {
            Value::Date(date) => Some(date),
            Value::Timestamp(moment) => Some(moment.date_naive()),
            _ => None,
        }
    }

    fn own_author(&self) -> Option<RecordId> {
        match self.value(self.record_type.as_ref()?.author.as_deref().unwrap_or("author"))? {
            Value::Record(person) => Some(person),
            _ => None,
        }
    }
}

impl UnreadKey {
    /// The fields in whose tables it stands, the outermost first, and the key itself.
    pub fn path(&self) -> Vec<&str> {
        self.within.iter().chain([&self.key]).map(|part| &**part).collect()
    }
}

impl FieldEntry {
    /// Whether something stands there.
    pub fn is_written(&self) -> bool {
        !matches!(self.reading, FieldReading::Blank { .. })
    }

    /// Calls `each` with every single value that stands in it and with its place.
    pub fn each_value(&self, each: &mut impl FnMut(&Value, Span)) {
        match &self.reading {
            FieldReading::Value(value) => each(value, self.span),
            FieldReading::Rows(rows) => rows.iter().for_each(|row| row.each_value(each)),
            FieldReading::Table(cells) => cells.values().for_each(|cell| cell.each_value(each)),
            FieldReading::Wrong { .. } | FieldReading::Blank { .. } => {}
        }
    }
}
