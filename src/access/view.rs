//! The archive as one reader may see it.

use super::{
    Office, Reader,
    attached::Attached,
    awaited::Awaited,
    gate::{Gate, GateKey, KeySet},
    known::{ViewMemo, order},
    worked_out::WorkedOut,
};
use crate::{
    approval::{Approvable, Chain, Seal, Subject},
    archive::{Record, Settings, UnreadKey},
    check::{Due, NamedBy, Occasion, Sentence, Times},
    diagnostic::{Finding, Lang, Reads, Search, json},
    facts::Facts,
    leak::{Leak, leaks},
    policy::{
        AccessRule, BlockPlace, Difference, Field, FieldPath, Party, Policies, Policy, RecordType, Role, Value, difference::PolicyVersion,
    },
    source::{ArchivePath, FileId, Opened, Position, RecordId, Sources, Span, trial},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

/// What a reader holds, and which records it opens.
#[derive(Debug)]
pub(super) struct Sight {
    /// What those hold through whose eyes it is seen; all of them must see what is seen. Nobody's:
    /// all of it is.
    keys: Vec<BTreeSet<GateKey>>,
    /// `true` at i: record i of the archive is seen.
    seen: Vec<bool>,
    /// The attachments that nothing seals and that open to whoever sees that.
    attachments: OnceLock<BTreeSet<ArchivePath>>,
    digest: WorkedOut<[u8; 32]>,
    /// How often each duty was done in time, as far as may be known.
    pub times: WorkedOut<BTreeMap<BlockPlace, Times>>,
    pub memo: ViewMemo,
}

/// The archive as one reader may see it. The only door to records, findings and duties for whatever
/// reaches a reader.
#[derive(Clone, Debug)]
pub struct View<'a> {
    office: &'a Office,
    reader: Reader,
    sight: Arc<Sight>,
    awaited: Awaited,
}

/// A record in a view: its visible fields, and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'v> {
    view: &'v View<'v>,
    index: usize,
}

/// What is indexed of a record follows from this, under the same policies.
pub struct IndexedFrom {
    record: Arc<Record>,
    /// The fields that are hidden from some.
    hidden: Vec<FieldPath>,
}

impl PartialEq for IndexedFrom {
    fn eq(&self, other: &IndexedFrom) -> bool {
        Arc::ptr_eq(&self.record, &other.record) && self.hidden == other.hidden
    }
}

impl Sight {
    pub(super) fn of(office: &Office, reader: &Reader) -> Sight {
        let keys = office.keys(reader);
        let opens = |gate: &Gate| keys.iter().all(|own| gate.keys.each().any(|key| own.contains(key)));
        let seen: Vec<bool> = office.rights().gates.iter().map(|gate| opens(gate)).collect();
        let (attachments, digest, times, memo) = Default::default();
        Sight { seen, keys, attachments, digest, times, memo }
    }

    /// Whether everybody through whose eyes it is seen holds one of these.
    fn opens(&self, any: &KeySet) -> bool {
        self.keys.iter().all(|own| any.iter().any(|key| own.contains(key)))
    }

    fn holds(&self, key: &GateKey) -> bool {
        self.keys.iter().all(|own| own.contains(key))
    }
}

/// Adds a text to a digest, and where it ends.
fn add(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text.as_bytes());
}

impl<'a> View<'a> {
    pub(super) fn new(office: &'a Office, reader: Reader, sight: Arc<Sight>) -> View<'a> {
        View { office, reader, sight, awaited: Awaited::default() }
    }

    /// The same, which ends whatever looks into it when it is awaited no more.
    pub fn while_awaited(self, awaited: &Awaited) -> View<'a> {
        View { awaited: awaited.clone(), ..self }
    }

    pub fn today(&self) -> NaiveDate {
        self.office.today
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub fn settings(&self) -> &'a Settings {
        &self.office.archive.settings
    }

    /// Policies are read by everyone.
    pub fn policies(&self) -> &'a Policies {
        &self.office.archive.policies
    }

    /// The same, kept for as long as whoever asks may need them.
    pub(crate) fn shared_policies(&self) -> &'a Arc<Policies> {
        &self.office.archive.policies
    }

    /// The approvals of a policy document.
    pub fn policy_approvals(&self, policy: &Policy) -> Option<&'a Chain> {
        self.office.approvals.of(&Subject::of_policy(&policy.document))
    }

    /// In the order of their ids.
    pub fn records(&self) -> impl Iterator<Item = Seen<'_>> {
        let seen = self.sight.seen.iter().enumerate().inspect(|_| trial::looked_up(1)).filter(|(_, seen)| **seen);
        seen.inspect(|_| self.awaited.go_on()).map(|(index, _)| Seen { view: self, index })
    }

    /// The record of that number, which is seen.
    pub(super) fn seen_at(&self, index: usize) -> Seen<'_> {
        Seen { view: self, index }
    }

    /// The record of that [number](Seen::number), where it is seen.
    pub(crate) fn numbered(&self, number: usize) -> Option<Seen<'_>> {
        self.awaited.go_on();
        self.sight.seen.get(number).filter(|seen| **seen).map(|_| Seen { view: self, index: number })
    }

    /// The record of that id: hidden and never written are one answer, found by one search.
    pub fn record(&self, id: &RecordId) -> Option<Seen<'_>> {
        self.awaited.go_on();
        trial::looked_up(1);
        let index = self.office.archive.place_of(id)?;
        self.sight.seen[index].then_some(Seen { view: self, index })
    }

    /// Each time that a duty was to be done, as far as this reader may know.
    pub fn history(&self) -> Vec<Occasion> {
        let mut history = self.office.history();
        history.retain(|occasion| self.knows(&occasion.reads, occasion.record.as_ref()));
        history
    }

    pub(super) fn sees(&self, id: &RecordId) -> bool {
        self.record(id).is_some()
    }

    /// The duties that this reader may take away with him.
    pub fn exported_duties(&self) -> Vec<Cow<'a, Due>> {
        let exports = |due: &Due| self.exports(&due.reads, due.record.as_ref());
        let told = |due: Cow<'a, Due>| if exports(&due) { Some(due) } else { self.told_on_purpose(&due).map(Cow::Owned) };
        let mut exported: Vec<Cow<'a, Due>> = self.duties().into_iter().filter_map(told).collect();
        exported.sort_by(|a, b| order(a).cmp(&order(b)));
        exported
    }

    /// Whether this reader stands in the line above somebody who is to do it, and is told of it for
    /// that.
    pub fn oversees(&self, due: &Due) -> bool {
        self.reader.person().is_some_and(|own| due.who.iter().any(|doer| self.is_above(own, doer) && self.is_to_do(doer, due)))
    }

    /// The findings that this reader may take away with him.
    pub fn exported_findings(&self) -> Vec<&'a Finding> {
        self.findings().into_iter().filter(|finding| self.exports(&finding.reads, finding.record.as_ref())).collect()
    }

    /// Whether nothing that something rests on is for reading alone.
    fn exports(&self, reads: &Reads, subject: Option<&RecordId>) -> bool {
        reads.records().chain(subject).all(|id| self.record(id).is_none_or(|seen| seen.may_export()))
    }

    pub(super) fn told<'d>(&self, due: Cow<'d, Due>) -> Option<Cow<'d, Due>> {
        if self.knows(&due.reads, due.record.as_ref()) { Some(due) } else { self.told_on_purpose(&due).map(Cow::Owned) }
    }

    /// A duty as it is told, whatever else he may read, to a reader who is to do it or stands above
    /// somebody who is: of himself and those below him, and of nobody else.
    fn told_on_purpose(&self, due: &Due) -> Option<Due> {
        let Reader::Person(own) = &self.reader else { return None };
        let is_his = |doer: &&RecordId| (*doer == own || self.is_above(own, doer)) && self.is_to_do(doer, due);
        let who: Vec<RecordId> = due.who.iter().filter(is_his).cloned().collect();
        (!who.is_empty()).then(|| due.told_of(who, self.sentence(due)))
    }

    fn is_above(&self, person: &RecordId, doer: &RecordId) -> bool {
        self.office.rights().lines.get(doer).is_some_and(|line| line.contains(person))
    }

    /// How much is told of the sentence of a duty that is told on purpose. Whoever may write a
    /// record could have it name what is hidden, and read it in the sentence of a duty about it: so
    /// the values of other records are told on the word of what is approved (or of the policy
    /// alone, where the duty is the archive's), or where he may know them anyhow.
    fn sentence(&self, due: &Due) -> Sentence {
        let others = due.record.as_ref().map_or_else(|| due.said.clone(), |own| due.said.without(own));
        let lending = &self.office.rights().lending;
        let is_chosen_well = due.record.as_ref().is_none_or(|id| lending.is_approved(id));
        let is_lent = || is_chosen_well && others.records().all(|id| lending.lends(id)) && others.paths().all(|path| self.is_policy(path));
        if is_lent() || self.knows(&others, None) { Sentence::Whole } else { Sentence::Unfilled }
    }

    /// Whether a duty names somebody, by his office or on the word of what may name him: of its
    /// subject, or of what is approved.
    fn is_to_do(&self, person: &RecordId, due: &Due) -> bool {
        let may_name = |id: &RecordId| due.record.as_ref() == Some(id) || self.office.rights().lending.lends(id);
        let is_named_well = |by: &NamedBy| !by.files && by.records.iter().all(may_name);
        due.who.contains(person) && due.named_by.get(person).is_none_or(is_named_well)
    }

    pub(super) fn sight(&self) -> &Sight {
        &self.sight
    }

    pub(super) fn office(&self) -> &'a Office {
        self.office
    }

    /// The title of a duty's subject; the reader may be told it though he does not see the record.
    pub fn subject(&self, due: &Due) -> Option<&'a str> {
        due.record.as_ref().and_then(|id| self.office.archive.record(id)).map(|record| record.title.as_str())
    }

    /// Whether a finding may be shown.
    pub(super) fn may_know(&self, finding: &Finding) -> bool {
        self.knows(&finding.reads, finding.record.as_ref())
    }

    /// Whether every record and field that was read is seen, and every record that a search could
    /// have found would be.
    pub(super) fn knows(&self, reads: &Reads, subject: Option<&RecordId>) -> bool {
        self.awaited.go_on();
        trial::judged(1);
        if self.reader == Reader::Folder {
            return true;
        }
        let visible = |(id, field): &(RecordId, Arc<str>)| self.record(id).is_none_or(|seen| seen.shows(field));
        let own = reads.own();
        subject.is_none_or(|id| self.knows_of(id))
            && own.records.iter().all(|id| self.knows_of(id))
            && own.fields.iter().all(visible)
            && own.searches.iter().all(|search| self.sees_every_hit(search))
            && own.paths().all(|path| self.is_policy(path))
            && reads.shared().is_none_or(|shared| self.sight.memo.knows(shared, || self.knows(shared, None)))
    }

    /// What was looked for and is not there might be there, and be hidden: the two are one.
    fn knows_of(&self, id: &RecordId) -> bool {
        self.record(id).is_some()
    }

    /// Policies are read by everyone, and no other file but by whoever reads the folder.
    fn is_policy(&self, path: &ArchivePath) -> bool {
        self.policies().versions.iter().any(|policy| policy.document.path == *path)
    }

    /// Whether any record that could be a hit would be seen by this reader, whatever it held: told
    /// from the access blocks alone.
    fn sees_every_hit(&self, search: &Search) -> bool {
        let rules = &self.office.rights().rules;
        let unconditional = || rules.today(&search.record_type).filter(|rule| rule.when.is_none());
        let reads_all = unconditional().flat_map(|rule| &rule.readers).any(|reader| self.holds_static(reader));
        let hits: Vec<_> = self.policies().versions_of(&search.record_type).collect();
        if hits.is_empty() {
            return true;
        }
        let Some(id) = &search.linked_to else { return reads_all };
        let Some(target) = self.record(id).and_then(|seen| seen.record_type().cloned()) else { return false };
        let referring: BTreeSet<&Arc<str>> = hits.into_iter().flat_map(|own| own.referring_to(&target.id)).collect();
        let hides = |rule: &Arc<AccessRule>| {
            let mut hidden = rule.hide.iter().filter(|(path, _)| referring.contains(&&path.0[0]));
            hidden.any(|(_, readers)| !readers.iter().any(|reader| self.holds_static(reader)))
        };
        let mut inherited = unconditional().filter_map(|rule| rule.inherits.as_ref());
        let opened = self.office.rights().lending.lends(id) && inherited.any(|field| referring.iter().all(|f| *f == field));
        (reads_all || opened) && !rules.hiding(&search.record_type).any(hides)
    }

    fn holds_static(&self, reader: &Party) -> bool {
        match reader {
            Party::Everyone => self.sight.holds(&GateKey::Everyone),
            Party::Post(post) => self.sight.holds(&GateKey::Post(post.clone())),
            Party::Department(department) => self.sight.holds(&GateKey::Department(department.clone())),
            Party::Path(_) => false,
        }
    }

    /// A finding of this view as a JSON value.
    pub fn finding_json(&self, finding: &Finding, lang: Lang) -> serde_json::Value {
        let whole = finding.span.is_none_or(|span| self.place(span).1.is_some());
        let told = if whole { Cow::Borrowed(finding) } else { Cow::Owned(Finding { span: None, ..finding.clone() }) };
        let mut object = json::object(&told, self.sources(), lang);
        if let (false, Some(span)) = (whole, finding.span) {
            object["path"] = (*self.place(span).0.0).into();
        }
        object
    }

    /// The record whose document lies at that path.
    pub fn record_at(&self, path: &ArchivePath) -> Option<Seen<'_>> {
        trial::looked_up(1);
        let index = self.office.archive.place_at(path).filter(|&index| self.sight.seen[index])?;
        Some(Seen { view: self, index })
    }

    /// The whole text of a policy's document, to which its spans belong.
    pub fn policy_text(&self, policy: &Policy) -> &'a str {
        &self.sources().file(policy.file).text
    }

    /// What one version of a policy says otherwise than another.
    pub fn difference(&self, before: &Policy, after: &Policy) -> Difference {
        let version = |policy| PolicyVersion { policy, sources: self.sources() };
        Difference::between(Some(version(before)), version(after))
    }

    /// Where something stands that a finding of this view points at. In a document of which
    /// something is hidden from the reader, the lines are not counted for him: they would tell
    /// whether it is written there.
    pub fn place(&self, span: Span) -> (&'a ArchivePath, Option<Position>) {
        let path = &self.sources().file(span.file).path;
        let counted = self.record_at(path).is_none_or(|seen| seen.hidden().next().is_none());
        (path, counted.then(|| self.sources().position(span.file, span.start)))
    }

    pub(super) fn step_of(&self, seen: Seen<'_>, facts: &Facts<'_>) -> Option<Arc<str>> {
        let Reader::Person(person) = &self.reader else { return None };
        let (next, reads) = facts.witnessed(|| self.office.next_step(&seen.id().into(), facts));
        let (step, signed) = next.filter(|_| self.knows(&reads, None))?;
        let may =
            self.sight.holds(&GateKey::Post(step.clone())) && !signed.contains(person) && seen.record().author.as_ref() != Some(person);
        may.then_some(step)
    }

    /// A digest of all that this view shows: equal views have equal ones. For caches, and for pages
    /// that are open while something changes.
    pub fn digest(&self) -> [u8; 32] {
        *self.sight.digest.get_or_make(|| self.digested())
    }

    fn digested(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        add(&mut digest, &format!("{} {:?} {:?}", self.today(), self.reader, self.settings()));
        for policy in &self.policies().versions {
            add(&mut digest, &self.office.archive.sources.file(policy.file).text);
        }
        let of_records: Vec<[u8; 32]> = self.records().collect::<Vec<_>>().into_par_iter().map(|seen| seen.digested()).collect();
        of_records.iter().for_each(|own| digest.update(own));
        // As they are told: where something stands among the files of the archive is nobody's to
        // know.
        self.findings().into_iter().for_each(|finding| add(&mut digest, &self.finding_json(finding, Lang::Zh).to_string()));
        self.past().into_iter().for_each(|finding| add(&mut digest, &self.finding_json(&finding, Lang::Zh).to_string()));
        for due in self.duties() {
            add(&mut digest, &format!("{} {:?} {}", due.json(Lang::Zh), self.subject(&due), self.oversees(&due)));
        }
        digest.finalize().into()
    }

    /// Whether this reader may decide on access to a record that he sees: it can be opened by an
    /// authorisation, and he is the first to approve those.
    pub fn grants(&self, id: &RecordId) -> Option<Seen<'_>> {
        self.record(id).filter(|seen| !seen.gate().authorised_by.is_empty() && self.decides_on_access())
    }

    /// Whether a person whose record is seen is on staff today.
    pub fn is_on_staff(&self, person: &RecordId) -> bool {
        self.record(person).is_some() && self.office.staff().contains(person)
    }

    /// Whether this reader decides on access at all, and may therefore look at the archive as
    /// others see it.
    pub fn decides_on_access(&self) -> bool {
        let holds = |post: Arc<str>| self.sight.holds(&GateKey::Post(post));
        matches!(self.reader, Reader::Person(_)) && self.office.first_step().is_some_and(holds)
    }

    /// Whether an attachment is a record's that is seen; where nothing seals it, whether all that
    /// name it are, and their lists of them.
    fn has_attachment(&self, index: usize, path: &ArchivePath) -> bool {
        match self.office.rights().attached.get(path) {
            Some(Attached::Sealed(owners)) => owners.binary_search(&index).is_ok(),
            Some(Attached::Named(_)) => self.sight.attachments.get_or_init(|| self.opened_together()).contains(path),
            None => false,
        }
    }

    fn opened_together(&self) -> BTreeSet<ArchivePath> {
        let shows = |&index: &usize| self.sight.seen[index] && Seen { view: self, index }.shows("attachments");
        let opened =
            self.office.rights().attached.iter().filter(|(_, whose)| matches!(whose, Attached::Named(naming) if naming.iter().all(shows)));
        opened.map(|(path, _)| path.clone()).collect()
    }

    /// The texts, for a finding's frame.
    pub(crate) fn sources(&self) -> &'a Sources {
        &self.office.archive.sources
    }

    fn opens(&self, keys: &KeySet) -> bool {
        self.sight.opens(keys)
    }
}

impl<'v> Seen<'v> {
    pub(super) fn record(&self) -> &'v Record {
        &self.view.office.archive.records[self.index]
    }

    fn gate(&self) -> &'v Gate {
        &self.view.office.rights().gates[self.index]
    }

    pub fn id(&self) -> &'v RecordId {
        &self.record().id
    }

    /// Its title; its id where the title would tell a hidden field.
    pub fn title(&self) -> &'v str {
        if self.hidden().any(|path| self.in_title(path)) { &self.id().0 } else { &self.record().title }
    }

    /// The other documents that give themselves the same id, as far as the reader sees them.
    pub fn twins(&self) -> Vec<Seen<'v>> {
        let own = self.record();
        let others = self.view.office.archive.contesting(&own.named).filter(|other| other.id != own.id);
        others.filter_map(|other| self.view.record(&other.id)).collect()
    }

    /// The file of its document.
    pub(crate) fn file(&self) -> FileId {
        self.record().document.file
    }

    /// All from which it follows, under the same policies, what is indexed of it.
    pub(crate) fn indexed_from(&self) -> IndexedFrom {
        let hidden = self.gate().hidden.iter().map(|(path, _)| path.clone()).collect();
        IndexedFrom { record: self.view.office.archive.records[self.index].clone(), hidden }
    }

    /// Its place in the archive's order.
    pub(crate) fn number(&self) -> usize {
        self.index
    }

    /// Whether a field is hidden from some of those who may read the record.
    pub(crate) fn sometimes_hidden(&self, field: &str) -> bool {
        self.gate().hidden.iter().any(|(path, _)| *path.0[0] == *field)
    }

    /// Whether the title is made from a field that is hidden from some.
    pub(crate) fn title_tells_hidden(&self) -> bool {
        self.gate().hidden.iter().any(|(path, _)| self.in_title(path))
    }

    /// Whether a field may stand in the title: one that the type's pattern names (a mention too
    /// many does no harm), or `title` itself.
    fn in_title(&self, path: &FieldPath) -> bool {
        let pattern = self.record_type().and_then(|t| t.title.as_deref()).unwrap_or("");
        &*path.0[0] == "title" || pattern.contains(&*path.0[0])
    }

    pub fn record_type(&self) -> Option<&'v Arc<RecordType>> {
        self.record().record_type.as_ref()
    }

    pub fn path(&self) -> &'v ArchivePath {
        &self.record().document.path
    }

    pub fn date(&self) -> Option<NaiveDate> {
        let record = self.record();
        let field = record.record_type.as_ref().and_then(|t| t.date.as_deref());
        record.date.filter(|_| field.is_none_or(|field| self.shows(field)))
    }

    fn hidden(&self) -> impl Iterator<Item = &'v FieldPath> {
        let view = self.view;
        self.gate().hidden.iter().filter(move |(_, keys)| !view.opens(keys)).map(|(path, _)| path)
    }

    /// Whether a field shows, all of it.
    pub fn shows(&self, field: &str) -> bool {
        self.hidden().all(|path| *path.0[0] != *field)
    }

    /// A field's value, without its hidden parts.
    pub fn value(&self, field: &str) -> Option<Value> {
        let hidden = self.hidden().filter(|path| *path.0[0] == *field);
        hidden.fold(self.record().value(field), |value, path| value.and_then(|value| without(value, &path.0[1..])))
    }

    /// The fields that this reader may see and that hold a value, in the order of the type; hidden
    /// ones are as if never written.
    pub fn fields(&self) -> Vec<(&'v Field, Value)> {
        let fields = self.record_type().into_iter().flat_map(|t| &t.fields);
        fields.filter_map(|field| self.value(&field.name).map(|value| (field, value))).collect()
    }

    /// What stands in the front matter and was not understood, as it is written: keys that name no
    /// field, or one that is already written, and values that are not of their fields' types. It is
    /// part of what is approved. A misspelt field may be one that is hidden, so keys are shown to
    /// readers from whom nothing of the record is hidden, and to whoever is to approve it; what
    /// stands within a hidden field, or is that field once more, is shown to nobody from whom it is
    /// hidden.
    pub fn unread(&self) -> Vec<(String, &'v str)> {
        let record = self.record();
        let approves = || self.view.step_of(*self, &self.view.office.facts()).is_some();
        let shows_keys = !record.unread.is_empty() && (self.hidden().next().is_none() || approves());
        let keys = record.unread.iter().filter(|unread| shows_keys && self.shows_field_of(unread));
        let keys = keys.map(|unread| (unread.path().join("."), unread.value));
        let wrong = record.fields.iter().filter(|(field, entry)| entry.is_written() && record.value(field).is_none() && self.shows(field));
        let values = wrong.map(|(field, entry)| (field.to_string(), entry.span));
        keys.chain(values).map(|(name, span)| (name, self.view.sources().slice(span).trim())).collect()
    }

    /// Whether the field shows in which a key stands that was not read, or which it names once
    /// more; where it is no field's, it does.
    fn shows_field_of(&self, unread: &UnreadKey) -> bool {
        let field = self.record_type().and_then(|own| own.field(unread.path()[0]));
        field.is_none_or(|field| self.shows(&field.name))
    }

    /// The Markdown of the body.
    pub fn body(&self) -> &'v str {
        self.view.sources().slice(self.record().document.body.span)
    }

    /// The anchor of the heading that a link into the body names.
    pub fn anchor_of(&self, fragment: &str) -> Option<&'v str> {
        self.record().document.body.anchor_of(fragment)
    }

    /// Where the body stands in the archive, for places in it.
    pub fn body_span(&self) -> Span {
        self.record().document.body.span
    }

    /// Whether the page may go out only after its line is in the access log: not all staff may read
    /// it, or not all of it.
    pub fn restricted(&self) -> bool {
        let gate = self.gate();
        !gate.keys.contains(&GateKey::Everyone) || gate.hidden.iter().any(|(_, keys)| !keys.contains(&GateKey::Everyone))
    }

    /// Since when this reader is told by whom the record has been read; `None` where he is not
    /// told. Before that another record may have borne its id.
    pub fn tells_readings_since(&self) -> Option<DateTime<FixedOffset>> {
        let is_told = matches!(self.view.reader, Reader::Person(_)) && self.view.opens(&self.gate().told_readings);
        let office = self.view.office;
        let begun = || office.settings().begin(self.record().date?);
        if is_told { office.rights().lending.signed_since(self.id(), &office.facts()).or_else(begun) } else { None }
    }

    /// Whether this reader may take the record away, and read what lies beside it: not where an
    /// authorisation for reading alone is all that opens it to him.
    pub fn may_export(&self) -> bool {
        self.view.opens(&self.gate().exports)
    }

    /// The step of its chain that is this reader's to take next, whatever is still wrong with it,
    /// and the seal of what he sees: nothing else is to be approved.
    pub fn my_turn(&self) -> Option<(Arc<str>, Seal)> {
        let office = self.view.office;
        let step = self.view.step_of(*self, &office.facts())?;
        let approvable = Approvable::named(&self.id().into(), &office.archive, office.today)?;
        Some((step, approvable.seal(&office.archive).ok()?))
    }

    /// A digest of all that is shown of it.
    fn digested(&self) -> [u8; 32] {
        let is_whole = self.hidden().next().is_none();
        let mut digest = Sha256::new();
        digest.update(if is_whole { **self.record().memo.digest.get_or_init(|| Box::new(self.said())) } else { self.said() });
        add(&mut digest, &format!("{:?} {}", self.attachments(), self.may_export()));
        for entry in self.approvals().iter().flat_map(|chain| &chain.entries) {
            add(&mut digest, &format!("{} {} {} {}", entry.step, entry.by, entry.at, entry.valid));
        }
        digest.finalize().into()
    }

    /// A digest of all that is shown of it and that its text says: where nothing is hidden, that is
    /// the same for everybody.
    fn said(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let fields: Vec<_> = self.fields().into_iter().map(|(field, value)| (field.name.clone(), value)).collect();
        add(&mut digest, &format!("{} {} {fields:?} {:?}", self.id(), self.path(), self.unread()));
        add(&mut digest, self.body());
        digest.finalize().into()
    }

    /// Who wrote it, as the field says that the reader sees.
    pub fn author(&self) -> Option<RecordId> {
        match self.value(self.record_type()?.author.as_ref()?)? {
            Value::Record(id) => Some(id),
            _ => None,
        }
    }

    pub(super) fn is_by_reader(&self) -> bool {
        matches!(&self.view.reader, Reader::Person(person) if self.record().author.as_ref() == Some(person))
    }

    /// Whether a step of its chain is still to be taken, as far as this reader may know what makes
    /// it the next.
    pub(super) fn awaits_somebody(&self) -> bool {
        let facts = self.view.office.facts();
        let (next, reads) = facts.witnessed(|| self.view.office.next_step(&self.id().into(), &facts));
        next.is_some() && self.view.knows(&reads, None)
    }

    /// Whether a step of its chain is this reader's to take next.
    pub(super) fn is_next(&self) -> bool {
        self.view.step_of(*self, &self.view.office.facts()).is_some()
    }

    pub(super) fn view(&self) -> &'v View<'v> {
        self.view
    }

    /// The same where nothing is wrong with it: what waits for this reader.
    pub fn awaits_me(&self) -> Option<(Arc<str>, Seal)> {
        self.my_turn().filter(|_| self.faults().is_empty())
    }

    /// The text that an approval by this reader would seal, to the last byte: with what no page
    /// shows, as comments in the front matter and the definitions of links. `None` where none is to
    /// be given by this reader, or something of the record is hidden from them.
    pub fn sealed_text(&self) -> Option<String> {
        let office = self.view.office;
        self.view.step_of(*self, &office.facts())?;
        let approvable = Approvable::named(&self.id().into(), &office.archive, office.today).filter(|_| self.hidden().next().is_none())?;
        Some(approvable.sealed_text(&office.archive))
    }

    pub fn approvals(&self) -> Option<&'v Chain> {
        self.view.office.approvals.of_record(self.id())
    }

    /// What has taken its place, or disposed of it, where the reader sees that and may know that it
    /// counts.
    pub fn ended_by(&self) -> Option<Seen<'v>> {
        let facts = self.view.office.facts();
        let says_so = |seen: &Seen<'_>| {
            let field = if seen.record_type().is_some_and(|own| own.role == Some(Role::Disposal)) { "disposed" } else { "supersedes" };
            seen.shows(field)
        };
        let effective = |end: &&Record| {
            let (is_effective, reads) = facts.witnessed(|| facts.takes_effect(end));
            is_effective && self.view.knows(&reads, Some(&end.id))
        };
        let ends = facts.ends(self.id()).into_iter().filter(effective).filter_map(|end| self.view.record(&end.id));
        ends.into_iter().find(says_so)
    }

    /// The names of its attachments that exist and are its own.
    pub fn attachments(&self) -> Vec<&'v str> {
        if !self.shows("attachments") {
            return Vec::new();
        }
        let Some(Value::List(names)) = self.value("attachments") else { return Vec::new() };
        let found = |value: &Value| match value {
            Value::Text(name) if !name.contains('/') => {
                self.attachment_path(name).filter(|path| self.view.has_attachment(self.index, path))
            }
            _ => None,
        };
        names.iter().filter_map(found).map(|path| path.0.rsplit_once('/').map_or(&*path.0, |(_, name)| name)).collect()
    }

    /// The names of those that this reader may open too.
    pub fn open_attachments(&self) -> Vec<&'v str> {
        if self.may_export() { self.attachments() } else { Vec::new() }
    }

    /// One of them, to be read.
    pub fn open_attachment(&self, name: &str) -> Option<std::io::Result<Opened>> {
        let path = self.attachment_path(name).filter(|_| leaks(Leak::Attachment) || self.open_attachments().contains(&name))?;
        self.view.sources().open_attachment(path)
    }

    fn attachment_path(&self, name: &str) -> Option<&'v ArchivePath> {
        let folder = self.path().0.rsplit_once('/').map_or("", |(folder, _)| folder);
        trial::count(1);
        self.view.sources().attached(&ArchivePath::from(format!("{folder}/{name}").as_str()))
    }
}

/// A value without the part at a path; `None` where nothing is left.
fn without(value: Value, path: &[Arc<str>]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    match value {
        Value::Table(table) => {
            let mut table = (*table).clone();
            let left = table.remove(first).and_then(|part| without(part, rest));
            if let Some(left) = left {
                table.insert(first.clone(), left);
            }
            Some(Value::Table(Arc::new(table)))
        }
        Value::List(rows) => Some(Value::List(rows.iter().filter_map(|row| without(row.clone(), path)).collect())),
        other => Some(other),
    }
}
