//! What can be read of an archive, in short: by it two of its states are told apart, and what has
//! changed between them is said in the terms in which answers note down what they rest on.

use super::{Facts, Sought, index::Cell};
use crate::{
    approval::Chain,
    archive::{Record, Settings},
    document::Document,
    policy::{Policies, RecordType},
    source::{RecordId, Room, SourceFile},
};
use chrono::NaiveDate;
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::Arc,
};

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

/// A state of an archive on a day.
#[derive(Debug)]
pub struct ArchiveState {
    policies: Arc<Policies>,
    settings: Settings,
    today: NaiveDate,
    /// All texts but those of the records and the register.
    papers: Vec<SourceFile>,
    /// A fingerprint of its lines, and of where they stand.
    register: u64,
    records: HashMap<RecordId, Was>,
    incomplete: HashSet<RecordId>,
    ends: HashMap<RecordId, Vec<RecordId>>,
    /// By which fingerprints are made: of another state they compare only where it is the same.
    hasher: RandomState,
}

/// What a record was, by its id: its type, its fields, its title and the id that it gives itself
/// follow from its document, under the same policies and settings.
#[derive(Debug)]
struct Was {
    document: Arc<Document>,
    record_type: Option<Arc<RecordType>>,
    /// A fingerprint of its chain of approvals.
    chain: u64,
    /// To what it refers.
    targets: Box<[RecordId]>,
}

impl ArchiveState {
    /// `before`: the state with which it is to be compared.
    pub fn of(facts: &Facts<'_>, before: Option<&ArchiveState>) -> ArchiveState {
        let hasher = before.map_or_else(RandomState::new, |before| before.hasher.clone());
        let (archive, approvals) = (facts.archive, facts.approvals);
        let is_paper = |file: &&SourceFile| !matches!(file.room, Room::Record | Room::Register);
        let mut register = hasher.build_hasher();
        archive.sources.in_room(Room::Register).for_each(|file| file.text.hash(&mut register));
        approvals.register.lines().for_each(|line| (&line.subject, line.seal, line.after).hash(&mut register));
        let was = |record: &Record| {
            let mut targets: Vec<RecordId> = record.references.iter().map(|reference| reference.to.clone()).collect();
            targets.sort_unstable();
            targets.dedup();
            Was {
                document: record.document.clone(),
                record_type: record.record_type.clone(),
                chain: fingerprint(approvals.of_record(&record.id), &hasher),
                targets: targets.into(),
            }
        };
        let standings = facts.index.standings(archive);
        ArchiveState {
            policies: archive.policies.clone(),
            settings: archive.settings.clone(),
            today: facts.today(),
            papers: archive.sources.files.iter().filter(is_paper).cloned().collect(),
            register: register.finish(),
            records: archive.records.iter().map(|record| (record.id.clone(), was(record))).collect(),
            incomplete: standings.incomplete.clone(),
            ends: standings.ends.clone(),
            hasher,
        }
    }

    /// What has changed since another state; `None` where that is what everything rests on.
    pub fn touched_since(&self, before: &ArchiveState) -> Option<Touched> {
        let rests_on = |state: &ArchiveState| (Arc::as_ptr(&state.policies), state.today);
        if rests_on(self) != rests_on(before) || self.settings != before.settings || self.papers != before.papers {
            return None;
        }
        let mut touched = Touched::default();
        let mut touch = |id: &RecordId| {
            touched.records.insert(id.clone());
            for was in [before.records.get(id), self.records.get(id)].into_iter().flatten() {
                if let Some(own) = &was.record_type {
                    touched.cells.extend(self.cells(id, was, own));
                    touched.types.insert(own.id.clone());
                    touched.links.extend(was.targets.iter().map(|target| (own.id.clone(), target.clone())));
                }
            }
        };
        let is_as_it_was = |id: &RecordId, is: &Was| before.records.get(id).is_some_and(|was| was.is(is));
        self.records.iter().filter(|(id, is)| !is_as_it_was(id, is)).for_each(|(id, _)| touch(id));
        before.records.keys().filter(|id| !self.records.contains_key(id)).for_each(&mut touch);
        self.incomplete.symmetric_difference(&before.incomplete).for_each(&mut touch);
        let ended = self.ends.keys().chain(before.ends.keys());
        ended.filter(|id| self.ends.get(id) != before.ends.get(id)).for_each(&mut touch);
        // What ends another has changed itself: then the other may count again, or no longer.
        let ends = self.ends.iter().chain(&before.ends);
        let has_changed = |end: &RecordId| self.records.get(end).is_none_or(|is| !is_as_it_was(end, is));
        ends.filter(|(_, ends)| ends.iter().any(has_changed)).for_each(|(id, _)| touch(id));
        touched.register = self.register != before.register;
        Some(touched)
    }

    /// The cells in which a record stood, in this state or in one with the same policies and settings.
    fn cells(&self, id: &RecordId, was: &Was, own: &RecordType) -> impl Iterator<Item = TypeCell> {
        let record = Record { id: id.clone(), ..Record::of_document(was.document.clone(), &self.policies, self.settings.language) };
        let record_type = own.id.clone();
        let cells = Cell::all_of(&record, own, &self.policies).into_iter();
        cells.map(move |(field, cell)| TypeCell { record_type: record_type.clone(), field, cell })
    }
}

impl Was {
    fn is(&self, other: &Was) -> bool {
        Arc::ptr_eq(&self.document, &other.document) && self.chain == other.chain
    }
}

fn fingerprint(chain: Option<&Chain>, hasher: &RandomState) -> u64 {
    let mut state = hasher.build_hasher();
    let Some(Chain { entries, rule, attached }) = chain else { return 0 };
    (rule.as_ref().map(|rule| Arc::as_ptr(rule).addr()), attached).hash(&mut state);
    for entry in entries {
        (&entry.step, &entry.by, entry.at, entry.at.offset(), entry.seal, entry.span, entry.signed, entry.valid).hash(&mut state);
        entry.void.iter().for_each(|why| (&why.zh, &why.en).hash(&mut state));
    }
    state.finish()
}

impl Facts<'_> {
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
