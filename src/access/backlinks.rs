//! The visible records that refer to a record, by type: of a record that very many name they are
//! put in order once a view, and shown piece by piece.

use super::{Seen, View};
use crate::{
    leak::{Leak, leaks},
    source::{RecordId, trial},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Where a record is named more often than this, what was put in order is kept: for all records it
/// would take as much as the archive itself.
const WORTH_KEEPING: usize = 64;

/// The fields by which a record refers to another; `None`: in the body.
pub type ByFields = Vec<Option<Arc<str>>>;

/// Which references count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum WantedLinks {
    All,
    /// Those of a record to its author.
    ByAuthor,
}

/// By the number of the record that is named, what was put in order.
pub(super) type BacklinkMemo = HashMap<(usize, WantedLinks), Arc<[Referring]>>;

/// The records of one type that refer to a record, by number, the latest first, then by id.
#[derive(Debug)]
pub(super) struct Referring {
    /// `None`: of no known type.
    record_type: Option<Arc<str>>,
    from: Vec<(usize, ByFields)>,
}

/// The visible records of one type that refer to a record.
pub struct Backlinks<'v> {
    view: &'v View<'v>,
    all: Arc<[Referring]>,
    at: usize,
}

impl<'v> Backlinks<'v> {
    /// `None`: of no known type.
    pub fn record_type(&self) -> Option<&Arc<str>> {
        self.all[self.at].record_type.as_ref()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all[self.at].from.len()
    }

    /// The latest first, then by id, each with the visible fields in which it refers to the record.
    pub fn each(&self) -> impl Iterator<Item = (Seen<'v>, &ByFields)> {
        let from = self.all[self.at].from.iter().inspect(|_| trial::looked_up(1));
        from.map(|(number, fields)| (self.view.seen_at(*number), fields))
    }
}

impl<'v> Seen<'v> {
    /// The visible records that refer to this one (by a field that shows, or in the body), by type.
    pub fn backlinks(&self) -> Vec<Backlinks<'v>> {
        self.backlinks_of(WantedLinks::All)
    }

    /// The visible records that name this one as their author, by type.
    pub fn authored(&self) -> Vec<Backlinks<'v>> {
        self.backlinks_of(WantedLinks::ByAuthor)
    }

    fn backlinks_of(&self, wanted: WantedLinks) -> Vec<Backlinks<'v>> {
        let view = self.view();
        let is_named_often = view.office().archive.incoming(self.id()).nth(WORTH_KEEPING).is_some();
        let all = match is_named_often {
            true => view.sight().memo.backlinks((self.number(), wanted), || self.referring(wanted)),
            false => self.referring(wanted),
        };
        (0..all.len()).map(|at| Backlinks { view, all: all.clone(), at }).collect()
    }

    fn referring(&self, wanted: WantedLinks) -> Arc<[Referring]> {
        let incoming = self.view().office().archive.incoming(self.id()).inspect(|_| trial::looked_up(1));
        // A record may refer to this one a thousand times.
        let named: BTreeSet<_> = incoming.map(|reference| (&reference.from, &reference.field)).collect();
        let mut referring: BTreeMap<usize, ByFields> = BTreeMap::new();
        for (from, field) in named {
            if let Some(seen) = self.seen_referring(from).filter(|seen| seen.refers_by(field.as_ref(), wanted)) {
                referring.entry(seen.number()).or_default().push(field.clone());
            }
        }
        let mut by_type: BTreeMap<Option<Arc<str>>, Vec<(usize, ByFields)>> = BTreeMap::new();
        for (number, fields) in referring {
            let record_type = self.view().seen_at(number).record_type().map(|own| own.id.clone());
            by_type.entry(record_type).or_default().push((number, fields));
        }
        let in_order = |(record_type, mut from): (_, Vec<(usize, ByFields)>)| {
            from.sort_by_cached_key(|(number, _)| (Reverse(self.view().seen_at(*number).date()), *number));
            Referring { record_type, from }
        };
        by_type.into_iter().map(in_order).collect()
    }

    /// Whether this record refers to another by a field that shows, and that is wanted.
    fn refers_by(&self, field: Option<&Arc<str>>, wanted: WantedLinks) -> bool {
        let is_author = |field: &Arc<str>| self.record_type().is_some_and(|own| own.author.as_ref() == Some(field));
        match field {
            Some(field) => self.shows(field) && (wanted == WantedLinks::All || is_author(field)),
            None => wanted == WantedLinks::All,
        }
    }

    /// The record of an id that refers to this one, where it is seen.
    fn seen_referring(&self, from: &RecordId) -> Option<Seen<'v>> {
        let view = self.view();
        let leaked = || view.office().archive.records.iter().position(|record| leaks(Leak::Backlink) && record.id == *from);
        view.record(from).or_else(|| leaked().map(|index| view.seen_at(index)))
    }
}
