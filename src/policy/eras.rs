//! Record types through time: a record is read by the type of the version that was in force on its
//! own date. Worked out once, when the policies are compiled; never looks at a record.

use super::{Field, FieldType, Policies, RecordType};
use crate::diagnostic::{is_part, nearest};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

/// A type as it stands from a day on, until it stands otherwise.
#[derive(Clone, Debug)]
pub struct TypeEra {
    pub from: NaiveDate,
    pub record_type: Arc<RecordType>,
}

/// The types that did not always stand as they do today, or will not: every era, the earliest
/// first.
#[derive(Clone, Debug, Default)]
pub struct TypeEras(BTreeMap<Arc<str>, Vec<TypeEra>>);

impl TypeEras {
    /// From the types that the versions in force declare on each day on which a version takes
    /// effect, in the order of the days. What no version declares on a day stands as before.
    pub(super) fn of<'t>(
        today: &BTreeMap<Arc<str>, Arc<RecordType>>,
        declared: impl IntoIterator<Item = (NaiveDate, &'t Arc<RecordType>)>,
    ) -> TypeEras {
        let mut eras: BTreeMap<Arc<str>, Vec<TypeEra>> = BTreeMap::new();
        for (from, record_type) in declared.into_iter().filter(|(_, declared)| today.contains_key(&declared.id)) {
            let known = eras.entry(record_type.id.clone()).or_default();
            if known.last().is_none_or(|last| !Arc::ptr_eq(&last.record_type, record_type)) {
                known.push(TypeEra { from, record_type: record_type.clone() });
            }
        }
        for (id, eras) in &mut eras {
            allow_what_is_allowed_today(eras, &today[id]);
        }
        eras.retain(|id, eras| eras.iter().any(|era| !Arc::ptr_eq(&era.record_type, &today[id])));
        TypeEras(eras)
    }
}

impl Policies {
    /// The type of that id or label, as it stands today. A label that only another version gives it
    /// is its too: old records bear it.
    pub fn type_named(&self, name: &str) -> Option<&Arc<RecordType>> {
        let labelled = |own: &RecordType| own.label.is(name);
        let before = || self.eras.0.iter().find(|(_, eras)| eras.iter().any(|era| labelled(&era.record_type))).map(|(id, _)| &**id);
        let today = || self.types.values().find(|own| labelled(own));
        self.record_type(name).or_else(today).or_else(|| self.record_type(before()?))
    }

    /// The types that a name was probably meant for which is none's: those that have it in their
    /// ids or labels, or else those whose id or label it has in it, or else the one that is spelt
    /// nearly so.
    pub fn types_meant(&self, name: &str) -> Vec<&Arc<RecordType>> {
        let by = |fits: &dyn Fn(&str) -> bool| -> Vec<&Arc<RecordType>> {
            self.types.values().filter(|own| [&*own.id, &own.label.zh, &own.label.en].into_iter().any(fits)).collect()
        };
        let has_it = by(&|known| is_part(name, known));
        let within = || by(&|known| known.chars().nth(1).is_some() && is_part(known, name));
        let meant = if has_it.is_empty() { within() } else { has_it };
        if !meant.is_empty() {
            return meant;
        }
        let labels = || self.types.values().flat_map(|own| [own.label.zh.as_str(), &own.label.en]);
        let near = nearest(name, self.types.keys().map(|id| &**id)).or_else(|| nearest(name, labels()));
        near.and_then(|near| self.type_named(near)).into_iter().collect()
    }

    /// The type of that id by which a record of that day is read: before any version declared it,
    /// the first that does.
    pub fn type_on(&self, id: &str, day: NaiveDate) -> Option<&Arc<RecordType>> {
        let eras = self.eras_of(id);
        let after = eras.partition_point(|era| era.from <= day);
        let era = eras.get(after.saturating_sub(1)).map(|era| &era.record_type);
        self.record_type(id).map(|today| era.unwrap_or(today))
    }

    /// The eras of a type, the earliest first; none where it always stood as it does today.
    pub fn eras_of(&self, id: &str) -> &[TypeEra] {
        self.eras.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// The type of that id as it stands today, and as it stands on other days.
    pub fn versions_of(&self, id: &str) -> impl Iterator<Item = &Arc<RecordType>> {
        self.record_type(id).into_iter().chain(self.eras_of(id).iter().map(|era| &era.record_type))
    }
}

/// What a later version demands is not demanded of the records before it; what it allows is allowed
/// in them too, for they are written on: a customer of an earlier year has grades of today.
fn allow_what_is_allowed_today(eras: &mut [TypeEra], today: &Arc<RecordType>) {
    let before = eras.iter_mut().take_while(|era| !Arc::ptr_eq(&era.record_type, today));
    for era in before {
        let fields = allowing(&era.record_type.fields, &today.fields);
        era.record_type = Arc::new(RecordType { fields, ..(*era.record_type).clone() });
    }
}

/// These fields, and behind them as optional ones those that only the later type has.
fn allowing(own: &[Field], later: &[Field]) -> Vec<Field> {
    let kept = own.iter().map(|field| {
        let same = later.iter().find(|later| later.name == field.name);
        let field_type = same.map_or_else(|| field.field_type.clone(), |same| wider(&field.field_type, &same.field_type));
        Field { field_type, ..field.clone() }
    });
    let is_new = |field: &&Field| own.iter().all(|known| known.name != field.name);
    kept.chain(later.iter().filter(is_new).map(|field| Field { must: false, ..field.clone() })).collect()
}

/// The type with what the later one allows beside; one of another kind allows nothing in its place.
fn wider(own: &FieldType, later: &FieldType) -> FieldType {
    match (own, later) {
        (FieldType::Enumeration(own), FieldType::Enumeration(later)) => {
            let is_new = |member: &&super::Member| own.iter().all(|known| known.name != member.name);
            FieldType::Enumeration(own.iter().chain(later.iter().filter(is_new)).cloned().collect())
        }
        (FieldType::List(own), FieldType::List(later)) => FieldType::List(Box::new(wider(own, later))),
        (FieldType::Table(own), FieldType::Table(later)) => FieldType::Table(allowing(own, later).into()),
        (own, _) => own.clone(),
    }
}
