//! Which records count on a day: those that are complete, do not lie in the future, and are neither
//! superseded nor disposed of by then.

use super::{Facts, Strangers};
use crate::{
    archive::{Archive, Record},
    policy::{FieldType, RecordType, Role, Target, Value, expression::World},
    source::RecordId,
    structure,
};
use std::collections::{HashMap, HashSet};

/// What keeps records of an archive from counting, whatever the day. Most have nothing here.
#[derive(Debug, Default)]
pub(super) struct Standings {
    /// Those with an error of document or structure.
    pub(super) incomplete: HashSet<RecordId>,
    /// For a record those that say that they supersede it, and the disposals that name it; in the
    /// order of their ids.
    pub(super) ends: HashMap<RecordId, Vec<RecordId>>,
}

impl Standings {
    pub fn of(archive: &Archive) -> Standings {
        // On one thread: others wait for it, and one that lent a hand to them meanwhile would wait
        // for itself.
        let is_incomplete = |record: &&Record| structure::lack(record, archive).is_some_and(|lack| !lack.is_complete);
        let incomplete = archive.each_record().filter(is_incomplete).map(|record| record.id.clone()).collect();
        let records = || archive.each_record().filter(|record| !record.is_twin());
        let earlier: HashMap<&RecordId, RecordId> = records().filter_map(|later| Some((&later.id, superseded(later, archive)?))).collect();
        let circles = circles(&earlier);
        let mut ends: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        for record in records() {
            let superseded = earlier.get(&record.id).filter(|_| !circles.contains(&record.id)).cloned();
            for ended in superseded.into_iter().chain(disposed(record)) {
                ends.entry(ended).or_default().push(record.id.clone());
            }
        }
        Standings { incomplete, ends }
    }
}

/// The record that one supersedes: of the same type, and about the same (its first reference names
/// the same record).
fn superseded(record: &Record, archive: &Archive) -> Option<RecordId> {
    let own = record.record_type.as_ref()?;
    let Some(Value::Record(earlier)) = record.value("supersedes") else { return None };
    let other = archive.record(&earlier).filter(|other| other.id != record.id)?;
    let same_type = other.record_type.as_ref().is_some_and(|theirs| theirs.id == own.id);
    (same_type && is_about_the_same(record, other) && record.date >= other.date).then_some(earlier)
}

/// Whether two records of a type are about the same: the first reference of each names the same
/// record.
pub fn is_about_the_same(record: &Record, other: &Record) -> bool {
    let Some(own) = &record.record_type else { return false };
    let about = |record: &Record| subject_field(own).and_then(|field| record.value(field));
    about(record) == about(other)
}

/// The records that supersede one another in a circle: none of them has taken another's place. Each
/// is met once.
fn circles<'e>(earlier: &'e HashMap<&RecordId, RecordId>) -> HashSet<&'e RecordId> {
    let mut begun_at: HashMap<&RecordId, usize> = HashMap::new();
    let mut circles = HashSet::new();
    for (begun, first) in earlier.values().enumerate() {
        let mut way = Vec::new();
        let mut next = Some(first);
        while let Some(id) = next.filter(|id| !begun_at.contains_key(id)) {
            begun_at.insert(id, begun);
            way.push(id);
            next = earlier.get(id);
        }
        let closing = next.filter(|id| begun_at.get(id) == Some(&begun));
        circles.extend(closing.into_iter().flat_map(|closing| way.iter().copied().skip_while(move |id| *id != closing)));
    }
    circles
}

/// The ids that a disposal names; none of any other record.
pub fn disposed(record: &Record) -> Vec<RecordId> {
    if record.record_type.as_ref().is_none_or(|own| own.role != Some(Role::Disposal)) {
        return Vec::new();
    }
    let Some(Value::List(ids)) = record.value("disposed") else { return Vec::new() };
    let named = |id: &Value| match id {
        Value::Text(id) => Some(RecordId::named(id.trim())),
        _ => None,
    };
    ids.iter().filter_map(named).filter(|id| *id != record.id).collect()
}

/// The field by which records of a type stand in a sequence of their like: its first reference.
pub(super) fn subject_field(own: &RecordType) -> Option<&str> {
    let refers = |kind: &FieldType| matches!(kind, FieldType::Reference(Target::Type(_)));
    own.fields.iter().find(|field| refers(&field.field_type)).map(|field| &*field.name)
}

impl<'a> Facts<'a> {
    /// Whether a record counts as done and as said on the day.
    pub fn counts(&self, record: &Record) -> bool {
        self.touch_record(&record.id);
        let is_future = record.date.is_some_and(|date| date > self.today());
        !is_future && self.is_complete(&record.id) && self.ended_by(&record.id).is_none()
    }

    /// Whether nothing is missing in it. An example of a policy gives of a record what matters, and
    /// no more.
    pub fn is_complete(&self, record: &RecordId) -> bool {
        self.touch_record(record);
        self.strangers == Strangers::OnStaff || !self.index.standings(self.archive).incomplete.contains(record)
    }

    /// What has ended a record by the day: the first that supersedes it, or its disposal. Each of
    /// them must be complete, and approved where its type has a chain.
    pub fn ended_by(&self, record: &RecordId) -> Option<&'a Record> {
        self.ends(record).into_iter().find(|end| self.takes_effect(end))
    }

    /// What says that it takes a record's place or has disposed of it, whether that counts or not;
    /// in the order of the ids.
    pub fn ends(&self, record: &RecordId) -> Vec<&'a Record> {
        self.touch_record(record);
        let ends = self.index.standings(self.archive).ends.get(record);
        ends.into_iter().flatten().filter_map(|id| self.known(id).ok()).collect()
    }

    /// Whether a record is gone, and a disposal says so.
    pub fn is_disposed_of(&self, id: &RecordId) -> bool {
        self.archive.record(id).is_none() && self.ended_by(id).is_some()
    }

    /// Every record that has ended by the day, with what has ended it.
    pub fn ended(&self) -> Vec<(RecordId, &'a Record)> {
        let mut ended: Vec<&RecordId> = self.index.standings(self.archive).ends.keys().collect();
        ended.sort_unstable();
        ended.into_iter().filter_map(|id| Some((id.clone(), self.ended_by(id)?))).collect()
    }

    /// Whether what ends another record does so by the day.
    pub fn takes_effect(&self, end: &Record) -> bool {
        let by_now = end.date.is_none_or(|date| date <= self.today());
        by_now && self.is_complete(&end.id) && self.approved(&end.id, None) == Ok(true)
    }
}
