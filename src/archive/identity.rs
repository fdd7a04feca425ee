//! Whose an id is. Several documents may give themselves one id: at most one of them has it, and
//! each of the others is known by its path, so that what is kept by id (approvals, findings,
//! duties, links) is never mixed up.

use super::Record;
use crate::{
    document::Document,
    source::{ArchivePath, RecordId},
};
use std::{collections::BTreeMap, sync::Arc};

/// Who has an id that several documents give themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IdHolder {
    /// The one at that path: it alone is approved under the id.
    Approved(ArchivePath),
    /// The one at that path, for one must; nothing tells it from the others, so nothing may rest on
    /// it that gives rights.
    Presumed(ArchivePath),
    /// None: several are approved under the id, those at these paths.
    Nobody(Vec<ArchivePath>),
}

/// The ids that several documents give themselves.
pub(super) type Holders = BTreeMap<RecordId, IdHolder>;

impl IdHolder {
    fn is(&self, record: &Record) -> bool {
        match self {
            IdHolder::Approved(path) | IdHolder::Presumed(path) => *path == record.document.path,
            IdHolder::Nobody(_) => false,
        }
    }
}

impl Record {
    /// Whether another document has the id, or may have it, that this one gives itself.
    pub fn is_twin(&self) -> bool {
        self.id != self.named
    }

    /// Gives it the id that is its own.
    pub(super) fn identify(self: &mut Arc<Record>, holders: &Holders) {
        let has_it = holders.get(&self.named).is_none_or(|holder| holder.is(self));
        let id = if has_it { self.named.clone() } else { path_of(&self.document) };
        if id == self.id {
            return;
        }
        let own = Arc::make_mut(self);
        // What has no title is called by its id.
        if *own.title == *own.id.0 {
            own.title = id.0.to_string();
        }
        own.id = id;
    }
}

/// The places of the records that give themselves an id which others give themselves too.
fn contested(records: &[Arc<Record>]) -> BTreeMap<RecordId, Vec<usize>> {
    let mut named: BTreeMap<&RecordId, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        named.entry(&record.named).or_default().push(place);
    }
    named.into_iter().filter(|(_, places)| places.len() > 1).map(|(id, places)| (id.clone(), places)).collect()
}

/// Who is taken for the holder of each contested id before anything is known of approvals: the one
/// whose file is named by it.
pub(super) fn presumed(records: &[Arc<Record>]) -> Holders {
    let order = |place: &usize| (records[*place].name_fit(), *place);
    let first = |places: Vec<usize>| places.into_iter().min_by_key(order).expect("an id is contested by records");
    let of_one = |(id, places)| (id, IdHolder::Presumed(records[first(places)].document.path.clone()));
    contested(records).into_iter().map(of_one).collect()
}

/// Whether an id is that of a policy document, of the list of signers, of the settings or of a
/// theme, and so of no record: the approvals of the one must not pass for those of the other.
fn is_papers(id: &str) -> bool {
    id == "chancery.yaml" || ["policies/", "themes/"].iter().any(|folder| id.starts_with(folder))
}

/// The id that a document gives itself, or else its path below `records/` without `.md`. A record
/// that would bear the id of something else that is approved bears its whole path, and so does one
/// that would bear the path of another.
pub(super) fn named(document: &Document) -> RecordId {
    let id = id_as_written(document);
    if is_papers(&id.0) || id.0.starts_with("records/") { path_of(document) } else { RecordId::named(&id.0) }
}

/// The same as the document spells it, whatever it may bear.
pub fn id_as_written(document: &Document) -> RecordId {
    let said = document.front.get("id").and_then(|node| node.text()).map(|text| text.trim()).filter(|text| !text.is_empty());
    let path = path_of(document);
    RecordId::from(said.unwrap_or_else(|| path.0.strip_prefix("records/").unwrap_or(&path.0)))
}

fn path_of(document: &Document) -> RecordId {
    RecordId::from(document.path.0.strip_suffix(".md").unwrap_or(&document.path.0))
}
