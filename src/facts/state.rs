//! What can be read of an archive, in short: by it two of its states are told apart, and what has
//! changed between them is said in the terms in which answers note down what they rest on.

use super::{Facts, Sought, cell::Cell, standing::Standings};
use crate::{
    approval::{Chain, Register, Subject},
    archive::{Record, Settings},
    policy::Policies,
    source::{RecordId, Room, SourceFile},
};
use chrono::NaiveDate;
use std::{cmp::Ordering, collections::HashSet, sync::Arc};

/// What a change must touch to have something judged again. Coarser than [`crate::diagnostic::Reads`],
/// which say what a reader must be allowed to see: here a record is one thing, with its fields, its
/// approvals and whether it counts; and what was not found is noted too.
#[derive(Clone, Default, Debug)]
pub struct Touched {
    pub records: HashSet<RecordId>,
    /// Whether the register was read.
    pub register: bool,
    /// Types of which all records were looked for.
    pub types: HashSet<Arc<str>>,
    /// Types of which those were looked for that refer to a record.
    pub links: HashSet<(Arc<str>, RecordId)>,
    /// Types of which those were looked for that stand in a cell.
    cells: HashSet<TypeCell>,
}

/// A key of the records of a type that have a value in a field, or of whose field nobody can tell.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct TypeCell {
    record_type: Arc<str>,
    field: Arc<str>,
    cell: Cell,
}

/// The same as an answer keeps it.
#[derive(Debug)]
pub struct RestsOn {
    records: Box<[RecordId]>,
    register: bool,
    types: Box<[Arc<str>]>,
    links: Box<[(Arc<str>, RecordId)]>,
    cells: Box<[TypeCell]>,
}

impl RestsOn {
    /// Whether something of it was touched.
    pub fn is_touched(&self, touched: &Touched) -> bool {
        (self.register && touched.register)
            || self.records.iter().any(|id| touched.records.contains(id))
            || self.types.iter().any(|own| touched.types.contains(own))
            || self.links.iter().any(|link| touched.links.contains(link))
            || self.cells.iter().any(|cell| touched.cells.contains(cell))
    }
}

impl From<Touched> for RestsOn {
    fn from(touched: Touched) -> RestsOn {
        let Touched { records, register, types, links, cells } = touched;
        RestsOn {
            records: records.into_iter().collect(),
            register,
            types: types.into_iter().collect(),
            links: links.into_iter().collect(),
            cells: cells.into_iter().collect(),
        }
    }
}

/// A record, and its chain where it has one.
type RecordState = (Arc<Record>, Option<Arc<Chain>>);

/// A state of an archive on a day.
#[derive(Debug)]
pub struct ArchiveState {
    policies: Arc<Policies>,
    settings: Settings,
    today: NaiveDate,
    /// All texts but those of the records and the register.
    papers: Vec<SourceFile>,
    register: Arc<Register>,
    /// In the order of their ids.
    records: Vec<RecordState>,
    standings: Arc<Standings>,
}

impl ArchiveState {
    fn of(facts: &Facts<'_>) -> ArchiveState {
        let (archive, approvals) = (facts.archive, facts.approvals);
        let is_paper = |file: &&SourceFile| !matches!(file.room, Room::Record | Room::Register);
        let mut chains = approvals.chains.iter().peekable();
        let mut chain = |record: &Record| {
            // Both stand in the order of the ids.
            let subject = Subject::from(&record.id);
            while chains.next_if(|(other, _)| **other < subject).is_some() {}
            chains.next_if(|(other, _)| **other == subject).map(|(_, chain)| chain.clone())
        };
        let records = archive.records.iter().map(|record| (record.clone(), chain(record))).collect();
        ArchiveState {
            policies: archive.policies.clone(),
            settings: archive.settings.clone(),
            today: facts.today(),
            papers: archive.sources.files.iter().filter(is_paper).cloned().collect(),
            register: approvals.register.clone(),
            records,
            standings: facts.index.standings(archive).clone(),
        }
    }

    /// What has changed since another state; `None` where that is what everything rests on.
    pub fn touched_since(&self, before: &ArchiveState) -> Option<Touched> {
        let rests_on = |state: &ArchiveState| (Arc::as_ptr(&state.policies), state.today);
        if rests_on(self) != rests_on(before) || self.settings != before.settings || self.papers != before.papers {
            return None;
        }
        let mut touched = Touched::default();
        let differing = differing(&before.records, &self.records);
        for record in differing.iter().flatten().flatten() {
            touched.touch(record, &self.policies);
        }
        let changed: HashSet<&RecordId> = differing.iter().flatten().flatten().map(|record| &record.id).collect();
        let (is, was) = (&self.standings, &before.standings);
        let completed = is.incomplete.symmetric_difference(&was.incomplete);
        let ended = is.ends.keys().chain(was.ends.keys()).filter(|id| is.ends.get(*id) != was.ends.get(*id));
        // What ends another has changed itself: then the other may count again, or no longer.
        let ends = is.ends.iter().chain(&was.ends).filter(|(_, ends)| ends.iter().any(|end| changed.contains(end))).map(|(id, _)| id);
        for id in completed.chain(ended).chain(ends) {
            [before, self].into_iter().for_each(|state| state.touch(id, &mut touched));
        }
        touched.register = !Arc::ptr_eq(&self.register, &before.register);
        Some(touched)
    }

    /// A record of the state, and all searches that could find it there.
    pub fn touch(&self, id: &RecordId, touched: &mut Touched) {
        touched.records.insert(id.clone());
        self.record(id).into_iter().for_each(|record| touched.touch(record, &self.policies));
    }

    fn record(&self, id: &RecordId) -> Option<&Record> {
        let at = self.records.binary_search_by(|(record, _)| record.id.cmp(id)).ok()?;
        Some(&self.records[at].0)
    }
}

impl Touched {
    /// A record of one of the states, and all searches that could find it there.
    fn touch(&mut self, record: &Record, policies: &Policies) {
        self.records.insert(record.id.clone());
        // Whether an id is anybody's rests on all who give it to themselves.
        self.records.insert(record.named.clone());
        let Some(own) = &record.record_type else { return };
        let in_field = |(field, cell)| TypeCell { record_type: own.id.clone(), field, cell };
        self.cells.extend(Cell::all_of(record, own, policies).into_iter().map(in_field));
        self.types.insert(own.id.clone());
        self.links.extend(record.references.iter().map(|reference| (own.id.clone(), reference.to.clone())));
    }
}

/// Pairs of what stood under an id and what stands there, where that is not the same: both in the
/// order of their ids.
fn differing<'s>(before: &'s [RecordState], now: &'s [RecordState]) -> Vec<[Option<&'s Record>; 2]> {
    let (mut was, mut is) = (before.iter().peekable(), now.iter().peekable());
    let mut differing = Vec::new();
    loop {
        let order = match (was.peek(), is.peek()) {
            (Some((was, _)), Some((is, _))) if Arc::ptr_eq(was, is) => Ordering::Equal,
            (Some((was, _)), Some((is, _))) => was.id.cmp(&is.id),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return differing,
        };
        let pair = [was.next_if(|_| order.is_le()), is.next_if(|_| order.is_ge())];
        if let [Some((was, chain_before)), Some((is, chain))] = pair
            && Arc::ptr_eq(&was.document, &is.document)
            && are_alike(chain_before.as_ref(), chain.as_ref())
        {
            continue;
        }
        differing.push(pair.map(|one| one.map(|(record, _)| &**record)));
    }
}

/// Of two chains, either of which may not be there.
fn are_alike(one: Option<&Arc<Chain>>, other: Option<&Arc<Chain>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one.is_like(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

impl Facts<'_> {
    /// The state of the archive of which it tells.
    pub fn state(&self) -> Arc<ArchiveState> {
        self.index.state(|| ArchiveState::of(self))
    }

    /// What `ask` answers, and what a change must touch to have it asked again.
    pub fn touching<T>(&self, ask: impl FnOnce() -> T) -> (T, Touched) {
        let outside = self.touched.replace(Some(Touched::default()));
        let answer = ask();
        (answer, self.touched.replace(outside).unwrap_or_default())
    }

    /// Notes down that something rests on a record, be it on its not being there, of which nobody is
    /// told.
    pub fn touch_record(&self, id: &RecordId) {
        if let Some(touched) = &mut *self.touched.borrow_mut()
            && !touched.records.contains(id)
        {
            touched.records.insert(id.clone());
        }
    }

    /// Notes down that something rests on the register.
    pub(super) fn touch_register(&self) {
        if let Some(touched) = &mut *self.touched.borrow_mut() {
            touched.register = true;
        }
    }

    /// Notes down that something rests on a search, and with it on what it would have found. Which
    /// records are looked at for some values depends on how many stand in each of the cells, so that
    /// it rests on all of them. Without a value that can be looked up by it rests on every record of
    /// the type.
    pub(super) fn touch_search(&self, record_type: &Arc<str>, sought: Sought<'_>) {
        if let Sought::Linked(to) = sought {
            self.touch_record(to);
        }
        let Some(touched) = &mut *self.touched.borrow_mut() else { return };
        let cells: Vec<(&Arc<str>, Cell)> = match sought {
            Sought::Linked(to) => {
                touched.links.insert((record_type.clone(), to.clone()));
                return;
            }
            Sought::All => Vec::new(),
            Sought::Equal(equal) => equal.iter().filter_map(|(field, value)| Some((field, Cell::of_value(value)?))).collect(),
        };
        if cells.is_empty() {
            touched.types.insert(record_type.clone());
        }
        for (field, cell) in cells {
            let in_field = |cell| TypeCell { record_type: record_type.clone(), field: field.clone(), cell };
            touched.cells.extend([cell, Cell::Unreadable].map(in_field));
        }
    }
}
