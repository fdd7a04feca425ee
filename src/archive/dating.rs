//! By which version of its type a record is read: by that of its own date. But the field that dates
//! it only its type tells: the version is sought by whose own field the record dates itself into
//! its era, beginning with today's.

use super::shape;
use crate::{
    document::Node,
    policy::{Field, Policies, RecordType},
};
use chrono::NaiveDate;
use std::sync::Arc;

/// The type that front matter names by its id or its label.
pub(super) fn type_of(front: &Node, policies: &Policies) -> Option<Arc<RecordType>> {
    let today = policies.type_named(front.get("type")?.text()?.trim())?;
    let written = front.entries().iter().filter_map(|(key, value)| Some((&*key.text, &**value.text()?)));
    Some(type_binding(written, today, policies).clone())
}

/// The version of a type that binds a record in which these fields are written, by key or label.
/// Without a date it is today's.
pub fn type_binding<'p, 'w>(
    written: impl Iterator<Item = (&'w str, &'w str)> + Clone,
    today: &'p Arc<RecordType>,
    policies: &'p Policies,
) -> &'p Arc<RecordType> {
    let eras = policies.eras_of(&today.id);
    let versions = std::iter::once(today).chain(eras.iter().rev().map(|era| &era.record_type)).filter(|_| !eras.is_empty());
    let mut first = None;
    for version in versions {
        let binding = day(written.clone(), version).and_then(|day| policies.type_on(&version.id, day));
        if binding.is_some_and(|binding| Arc::ptr_eq(binding, version)) {
            return version;
        }
        first = first.or(binding);
    }
    first.unwrap_or(today)
}

/// The day on which a record is dated by the field of a version.
pub fn day<'w>(mut written: impl Iterator<Item = (&'w str, &'w str)>, version: &RecordType) -> Option<NaiveDate> {
    let name = version.date.as_deref()?;
    let (_, text) = written.find(|(key, _)| Field::called(&version.fields, key).is_some_and(|field| &*field.name == name))?;
    shape::date(text).or_else(|| shape::timestamp(text).map(|moment| moment.date_naive()))
}
