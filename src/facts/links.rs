//! Which records of a type refer to a record in a field that is meant for such. A record of another
//! type, named where it does not belong, is nobody's to count by: a hidden record may name there
//! what it likes.

use crate::{
    archive::{Archive, Record},
    source::RecordId,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// For each record that is referred to, by the type of those that do, where they stand in the
/// archive and the field, by date, then id.
#[derive(Debug)]
pub(super) struct Links(HashMap<RecordId, BTreeMap<Arc<str>, Vec<Link>>>);

type Link = (usize, Arc<str>);

impl Links {
    pub fn of(archive: &Archive) -> Links {
        let places: HashMap<&RecordId, usize> = archive.records.iter().enumerate().map(|(place, record)| (&record.id, place)).collect();
        let mut links: HashMap<RecordId, BTreeMap<Arc<str>, Vec<Link>>> = HashMap::new();
        for (to, references) in archive.referred() {
            let target = archive.record(to).and_then(|record| record.record_type.as_ref()).map_or("", |own| &own.id);
            for reference in references {
                let (Some(field), Some(&place)) = (&reference.field, places.get(&reference.from)) else { continue };
                let own = archive.records[place].record_type.as_ref().filter(|own| own.may_refer(field, target));
                if let Some(own) = own {
                    links.entry(to.clone()).or_default().entry(own.id.clone()).or_default().push((place, field.clone()));
                }
            }
        }
        for found in links.values_mut().flat_map(BTreeMap::values_mut) {
            // The records stand in the order of their ids.
            found.sort_by_key(|(place, _)| (archive.records[*place].date, *place));
            found.dedup_by_key(|(place, _)| *place);
        }
        Links(links)
    }

    /// The records of a type that refer to one, with the field of each by which it does.
    pub fn to<'a>(
        &'a self,
        archive: &'a Archive,
        record: &RecordId,
        record_type: &str,
    ) -> impl Iterator<Item = (&'a Record, &'a Arc<str>)> {
        let found = self.0.get(record).and_then(|by_type| by_type.get(record_type));
        found.into_iter().flatten().map(|(place, field)| (&archive.records[*place], field))
    }
}
