//! Which records of a type refer to a record in a field that is meant for such. A record of another
//! type, named where it does not belong, is nobody's to count by: a hidden record may name there
//! what it likes.

use crate::{
    archive::{Archive, Record},
    source::RecordId,
};
use std::{collections::HashMap, sync::Arc};

/// For each record that is referred to, by the type of those that do, where they stand in the
/// archive and the field, by date, then id.
#[derive(Debug)]
pub(super) struct Links(HashMap<RecordId, Vec<Link>>);

/// A record that refers to another, with the field by which it does.
#[derive(Debug)]
struct Link {
    record_type: Arc<str>,
    /// Among the records of the archive.
    place: usize,
    field: Arc<str>,
}

impl Links {
    pub fn of(archive: &Archive) -> Links {
        let places: HashMap<&RecordId, usize> = archive.records.iter().enumerate().map(|(place, record)| (&record.id, place)).collect();
        let mut links: HashMap<RecordId, Vec<Link>> = HashMap::new();
        for (to, references) in archive.referred() {
            let target = archive.record(to).and_then(|record| record.record_type.as_ref()).map_or("", |own| &own.id);
            for reference in references {
                let (Some(field), Some(&place)) = (&reference.field, places.get(&reference.from)) else { continue };
                let own = archive.records[place].record_type.as_ref().filter(|own| own.may_refer(field, target));
                if let Some(own) = own {
                    let link = Link { record_type: own.id.clone(), place, field: field.clone() };
                    links.entry(to.clone()).or_default().push(link);
                }
            }
        }
        // The records stand in the order of their ids.
        let order = |link: &Link| (archive.records[link.place].date, link.place);
        links.values_mut().for_each(|found| {
            found.sort_by(|a, b| a.record_type.cmp(&b.record_type).then_with(|| order(a).cmp(&order(b))));
            found.dedup_by_key(|link| link.place);
            found.shrink_to_fit();
        });
        Links(links)
    }

    /// The records of a type that refer to one, with the field of each by which it does.
    pub fn to<'a>(
        &'a self,
        archive: &'a Archive,
        record: &RecordId,
        record_type: &str,
    ) -> impl Iterator<Item = (&'a Record, &'a Arc<str>)> {
        let found = self.0.get(record).map_or(&[][..], Vec::as_slice);
        let begin = found.partition_point(|link| *link.record_type < *record_type);
        let length = found[begin..].partition_point(|link| *link.record_type == *record_type);
        found[begin..begin + length].iter().map(|link| (&*archive.records[link.place], &link.field))
    }
}
