//! The records of a type that a reader sees, in the order of their list: put in order once a view,
//! and looked at piece by piece.

use super::{Seen, View, by_name};
use crate::{
    leak::{Leak, leaks},
    source::trial,
};
use chrono::NaiveDate;
use std::{cmp::Reverse, ops::Range, sync::Arc};

/// By date (the latest first), then id, numbers in it by their value.
#[derive(Clone, Debug)]
pub struct TypeList<'v> {
    view: &'v View<'v>,
    numbers: Arc<[usize]>,
}

impl View<'_> {
    /// The list of a type; empty where there is no such type.
    pub fn list(&self, record_type: &str) -> TypeList<'_> {
        let numbers = self.sight().memo.list(record_type, || {
            let list = self.office().list(record_type).iter().inspect(|_| trial::looked_up(1));
            let mut seen: Vec<Seen<'_>> = list.filter_map(|&number| self.numbered(number)).collect();
            // By the date that this reader is told: a hidden one must not show in the order.
            seen.sort_by_cached_key(|seen| Reverse(seen.date()));
            seen.iter().map(Seen::number).collect()
        });
        TypeList { view: self, numbers }
    }

    /// By date (the latest first), then id, numbers in it by their value.
    pub fn of_type(&self, record_type: &str) -> Vec<Seen<'_>> {
        let list = self.list(record_type);
        list.numbers.iter().inspect(|_| trial::looked_up(1)).map(|&number| self.seen_at(number)).collect()
    }

    /// So many of the records that bear a date of today or before, the latest first, then by id:
    /// from the heads of the lists.
    pub fn latest(&self, many: usize) -> Vec<Seen<'_>> {
        let of_type = |own: &Arc<str>| {
            let list = self.list(own);
            let begun = list.numbers.partition_point(|&number| self.seen_at(number).date() > Some(self.today()));
            list.part(begun..begun + many).filter(|seen| seen.date().is_some()).collect::<Vec<_>>()
        };
        let mut latest: Vec<Seen<'_>> = self.office().listed().flat_map(of_type).collect();
        latest.sort_by(|a, b| b.date().cmp(&a.date()).then_with(|| by_name(&a.id().0, &b.id().0)));
        latest.truncate(many);
        latest
    }

    /// How many records of a type there are.
    pub fn count(&self, record_type: &str) -> usize {
        if leaks(Leak::Count) { self.office().list(record_type).len() } else { self.list(record_type).len() }
    }
}

impl<'v> TypeList<'v> {
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Those at some places, as far as there are so many.
    pub fn part(&self, places: Range<usize>) -> impl Iterator<Item = Seen<'v>> {
        let (view, end) = (self.view, places.end.min(self.len()));
        let part = self.numbers.get(places.start..end).unwrap_or_default();
        part.iter().inspect(|_| trial::looked_up(1)).map(move |&number| view.seen_at(number))
    }

    /// The date of the first.
    pub fn latest(&self) -> Option<NaiveDate> {
        self.part(0..1).next()?.date()
    }
}
