//! The records of a type by the value of a field. Built when first asked for, once for all threads.

use super::{
    cell::{Cell, is_demanded, key},
    links::Links,
    standing::Standings,
    state::ArchiveState,
};
use crate::{
    archive::{Archive, ArchiveShape, Record},
    policy::{Policies, Value},
    source::RecordId,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// What searches of one archive share.
#[derive(Debug, Default)]
pub struct FactIndex {
    types: Once<Arc<str>, Arc<TypeIndex>>,
    members: Once<NaiveDate, Arc<Members>>,
    standings: OnceLock<Arc<Standings>>,
    links: OnceLock<Arc<Links>>,
    state: OnceLock<Arc<ArchiveState>>,
}

/// What searches for records of a type share.
#[derive(Debug, Default)]
struct TypeIndex {
    /// By date, then id.
    list: Vec<RecordId>,
    columns: Once<Arc<str>, Arc<Column>>,
}

/// What was made for the states of an archive that is read again: of each type, as long as none of
/// its records has changed.
#[derive(Default)]
struct KeptIndexes(Mutex<HashMap<Arc<str>, KeptIndex>>);

struct KeptIndex {
    policies: Arc<Policies>,
    records: Vec<Arc<Record>>,
    index: Arc<TypeIndex>,
}

/// Which record refers to which, and where they stood then.
struct KeptLinks {
    shape: ArchiveShape,
    links: Arc<Links>,
}

/// Who is on staff on a day, by department.
pub(super) type Members = BTreeMap<Arc<str>, Vec<RecordId>>;

/// Values worked out once each, by whichever thread asks first.
type Once<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<V>>>>;

/// Places in the list of a type's records.
#[derive(Debug, Default)]
struct Column {
    by_value: HashMap<Box<str>, Vec<u32>>,
    unreadable: Vec<u32>,
}

impl FactIndex {
    /// The records of a type which a filter that demands these equalities could keep, by date, then
    /// id.
    pub(super) fn find(&self, archive: &Archive, record_type: &str, equal: &[(Arc<str>, Value)]) -> Vec<RecordId> {
        let own = slot(&self.types, record_type.into());
        let own = own.get_or_init(|| TypeIndex::of(archive, record_type));
        let columns = equal.iter().filter_map(|(field, value)| Some((own.column(archive, record_type, field), key(value)?)));
        match columns.min_by_key(|(column, key)| column.of(key).len() + column.unreadable.len()) {
            Some((column, key)) => column.places(&key).into_iter().map(|place| own.list[place as usize].clone()).collect(),
            None => own.list.clone(),
        }
    }

    pub(super) fn standings(&self, archive: &Archive) -> &Arc<Standings> {
        self.standings.get_or_init(|| Arc::new(Standings::of(archive)))
    }

    pub(super) fn state(&self, work_out: impl FnOnce() -> ArchiveState) -> Arc<ArchiveState> {
        self.state.get_or_init(|| Arc::new(work_out())).clone()
    }

    pub(super) fn links(&self, archive: &Archive) -> &Links {
        self.links.get_or_init(|| {
            let (sources, shape) = (&archive.sources, archive.shape());
            let before = sources.has_memory().then(|| sources.kept().last::<KeptLinks>()).flatten();
            if let Some(before) = before.filter(|before| before.shape == shape) {
                return before.links.clone();
            }
            let links = Arc::new(Links::of(archive));
            if sources.is_followed() {
                sources.kept().keep(KeptLinks { shape, links: links.clone() });
            }
            links
        })
    }

    /// The members of the departments on a day.
    pub(super) fn members(&self, day: NaiveDate, work_out: impl FnOnce() -> Members) -> Arc<Members> {
        let slot = slot(&self.members, day);
        slot.get_or_init(|| Arc::new(work_out())).clone()
    }
}

impl TypeIndex {
    fn of(archive: &Archive, record_type: &str) -> Arc<TypeIndex> {
        let sources = &archive.sources;
        if !sources.has_memory() {
            return Arc::new(TypeIndex::new(archive, record_type));
        }
        let kept = sources.kept().or_made(|_| true, KeptIndexes::default);
        let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(record_type).filter(|known| known.is_of(archive, record_type)) {
            return known.index.clone();
        }
        let index = Arc::new(TypeIndex::new(archive, record_type));
        if sources.is_followed() {
            let records = archive.shared_of_type(record_type).cloned().collect();
            kept.insert(record_type.into(), KeptIndex { policies: archive.policies.clone(), records, index: index.clone() });
        }
        index
    }

    fn new(archive: &Archive, record_type: &str) -> TypeIndex {
        TypeIndex { list: archive.of_type(record_type).map(|record| record.id.clone()).collect(), columns: Mutex::default() }
    }

    fn column(&self, archive: &Archive, record_type: &str, field: &Arc<str>) -> Arc<Column> {
        let column = slot(&self.columns, field.clone());
        column.get_or_init(|| Arc::new(Column::build(archive, &self.list, record_type, field))).clone()
    }
}

impl KeptIndex {
    fn is_of(&self, archive: &Archive, record_type: &str) -> bool {
        let (mut known, mut records) = (self.records.iter(), archive.shared_of_type(record_type));
        let are_same = loop {
            match (known.next(), records.next()) {
                (Some(one), Some(other)) if Arc::ptr_eq(one, other) => {}
                (one, other) => break one.is_none() && other.is_none(),
            }
        };
        are_same && Arc::ptr_eq(&self.policies, &archive.policies)
    }
}

fn slot<K: Ord, V>(values: &Once<K, V>, key: K) -> Arc<OnceLock<V>> {
    let mut values = values.lock().expect("no thread panics while it holds the list");
    values.entry(key).or_default().clone()
}

impl Column {
    fn of(&self, key: &str) -> &[u32] {
        self.by_value.get(key).map_or(&[], Vec::as_slice)
    }

    /// The records that have a value, and those of which nobody can tell, in their order.
    fn places(&self, key: &str) -> Vec<u32> {
        let mut places = [self.of(key), &self.unreadable].concat();
        places.sort_unstable();
        places
    }

    fn build(archive: &Archive, list: &[RecordId], record_type: &str, field: &str) -> Column {
        let mut column = Column::default();
        let is_demanded = is_demanded(&archive.policies, record_type, field);
        for (place, id) in (0..).zip(list) {
            let record = archive.record(id).expect("a listed record is found by its id");
            match Cell::of(record, field, is_demanded) {
                Some(Cell::Value(key)) => column.by_value.entry(key).or_default().push(place),
                Some(Cell::Unreadable) => column.unreadable.push(place),
                None => {}
            }
        }
        column
    }
}
