//! What a reader may know of what is wrong, what was, what is due and what waits: worked out once a
//! view, for all the pages made from it.

use super::{
    Reader, Seen, View,
    backlinks::{BacklinkMemo, Referring, WantedLinks},
    told_list::ToldList,
};
use crate::{
    check::{Due, DueState},
    diagnostic::{Citation, Finding, FindingState, Past, Reads},
    policy::{Block, Policy},
    source::{ArchivePath, RecordId, trial},
};
use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

#[derive(Debug)]
pub(super) struct KnownToReader {
    /// Places among the findings of today.
    findings: Vec<Place>,
    /// Places among those of the past, each with whether the note that deals with it is hidden.
    past: Vec<(usize, bool)>,
    /// By date, then duty, record and message.
    duties: Vec<Duty>,
    /// How many of these are overdue: they stand first.
    overdue: usize,
    /// Those that are the reader's own to do, and those of whom they stand above, as places among
    /// the duties.
    own_duties: Vec<usize>,
    team_duties: Vec<usize>,
    /// Those in records that the reader wrote, as places among the findings of today.
    own_findings: Vec<usize>,
    /// By the record that they are about, places in these lists.
    about: HashMap<RecordId, About>,
    by_rule: Vec<OfRule>,
}

/// What was wrong by one rule and is over.
#[derive(Debug)]
struct OfRule {
    /// Places among those of the past, the latest first.
    places: Vec<usize>,
    /// How many of them a note deals with that is shown.
    dealt_with: usize,
    /// The articles that the rule stood under.
    citations: Vec<Citation>,
}

/// What was wrong by one rule and is over, as it is told to a reader.
pub struct Breaches<'v> {
    pub code: &'v Arc<str>,
    /// The articles that the rule stood under.
    pub citations: &'v [Citation],
    /// How many of them are dealt with.
    pub dealt_with: usize,
    /// The latest first.
    pub all: ToldList<'v, Cow<'v, Finding>>,
}

/// Where a finding of today stands in the report.
#[derive(Clone, Copy, Debug)]
enum Place {
    Finding(usize),
    /// What a record was whose place another took that the reader does not see.
    Superseded(usize),
}

#[derive(Debug)]
enum Duty {
    /// Told whole: its place in the report.
    Whole(usize),
    OnPurpose(Box<Due>),
}

#[derive(Default, Debug)]
struct About {
    findings: Vec<usize>,
    past: Vec<usize>,
    duties: Vec<usize>,
}

/// How many findings of today and of the past each block has: by its id, and the path of its
/// policy.
type ByBlock = HashMap<(Arc<str>, ArchivePath), [usize; 2]>;

/// Of less than this, in things that were read, it is asked anew each time: to keep the answer for
/// every row of every record would take more than asking.
const WORTH_KEEPING: usize = 64;

/// What is worked out of a view when it is asked for first.
#[derive(Default, Debug)]
pub(super) struct ViewMemo {
    known: OnceLock<KnownToReader>,
    /// The records that wait for the reader, with the step.
    waiting: OnceLock<Vec<(usize, Arc<str>)>>,
    /// By its address, what many answers rest on alike, and whether the reader may know of it.
    /// Held, so that nothing else comes to lie there.
    shared: Mutex<HashMap<usize, (Arc<Reads>, bool)>>,
    /// By type, the numbers of the records of its list.
    lists: Mutex<HashMap<String, Arc<[usize]>>>,
    backlinks: Mutex<BacklinkMemo>,
    by_block: OnceLock<ByBlock>,
}

impl ViewMemo {
    /// The list of a type, put in order for the first who asks.
    pub fn list(&self, record_type: &str, put_in_order: impl FnOnce() -> Arc<[usize]>) -> Arc<[usize]> {
        kept(&self.lists, record_type.to_owned(), put_in_order)
    }

    /// What refers to a record that very many name, put in order for the first who asks.
    pub fn backlinks(&self, of: (usize, WantedLinks), put_in_order: impl FnOnce() -> Arc<[Referring]>) -> Arc<[Referring]> {
        kept(&self.backlinks, of, put_in_order)
    }

    /// Whether the reader may know of what many answers share: where that is much, worked out for
    /// the first that is asked of.
    pub fn knows(&self, shared: &Arc<Reads>, work_out: impl FnOnce() -> bool) -> bool {
        if shared.count() < WORTH_KEEPING {
            return work_out();
        }
        let (_, knows) = kept(&self.shared, Arc::as_ptr(shared).addr(), || (shared.clone(), work_out()));
        knows
    }
}

/// What a memo has of a key; else what is made now, and kept from now on. It is made outside of the
/// lock: two who ask at once may both make it.
fn kept<K: Eq + Hash, V: Clone>(memo: &Mutex<HashMap<K, V>>, key: K, make: impl FnOnce() -> V) -> V {
    let known = || memo.lock().unwrap_or_else(PoisonError::into_inner);
    let before = known().get(&key).cloned();
    before.unwrap_or_else(|| {
        let made = make();
        known().insert(key, made.clone());
        made
    })
}

impl KnownToReader {
    fn of(view: &View<'_>) -> KnownToReader {
        let report = &view.office().report;
        let knows = |finding: &Finding| view.may_know(finding);
        let now = report.findings.iter().enumerate().map(|(at, finding)| (Place::Finding(at), finding));
        let were = report.superseded.iter().enumerate().filter(|(_, (by, _))| !view.sees(by));
        let were = were.map(|(at, (_, finding))| (Place::Superseded(at), finding));
        let findings: Vec<(Place, &Finding)> = now.chain(were).filter(|(_, finding)| knows(finding)).collect();
        let past: Vec<(usize, bool)> =
            report.past.iter().enumerate().filter_map(|(at, finding)| Some((at, hides_note(view, finding)?))).collect();
        let stands = |due: &Due| due.superseded_by.as_ref().is_none_or(|by| !view.sees(by));
        let told = report.duties.iter().enumerate().filter(|(_, due)| stands(due)).filter_map(|(at, due)| told(view, at, due));
        let mut duties: Vec<Duty> = told.collect();
        duties.sort_by(|a, b| order(a.due(view)).cmp(&order(b.due(view))));
        let mut about: HashMap<RecordId, About> = HashMap::new();
        let mut add = |record: Option<&RecordId>, list: fn(&mut About) -> &mut Vec<usize>, at: usize| {
            if let Some(record) = record {
                list(about.entry(record.clone()).or_default()).push(at);
            }
        };
        findings.iter().enumerate().for_each(|(at, (_, finding))| add(finding.record.as_ref(), |about| &mut about.findings, at));
        past.iter().enumerate().for_each(|(at, (place, _))| add(report.past[*place].record.as_ref(), |about| &mut about.past, at));
        duties.iter().enumerate().for_each(|(at, duty)| add(duty.due(view).record.as_ref(), |about| &mut about.duties, at));
        let places = |is: &dyn Fn(&Due) -> bool| (0..duties.len()).filter(|at| is(duties[*at].due(view))).collect::<Vec<usize>>();
        let me = view.reader().person();
        let is_own = |due: &Due| me.is_some_and(|me| due.who.contains(me));
        let (own_duties, team_duties) = (places(&is_own), places(&|due| !is_own(due) && view.oversees(due)));
        let is_mine = |id: &RecordId| me.is_some() && view.record(id).is_some_and(|seen| seen.author().as_ref() == me);
        let own_findings = findings.iter().enumerate().filter(|(_, (_, finding))| finding.record.as_ref().is_some_and(is_mine));
        let own_findings = own_findings.map(|(at, _)| at).collect();
        let overdue = places(&|due| due.state == DueState::Overdue).len();
        let findings = findings.into_iter().map(|(place, _)| place).collect();
        let by_rule = by_rule(&report.past, &past);
        KnownToReader { findings, past, duties, overdue, own_duties, team_duties, own_findings, about, by_rule }
    }
}

/// Those of the past by rule: those with the most breaches first, then by their codes.
fn by_rule(all: &[Finding], past: &[(usize, bool)]) -> Vec<OfRule> {
    let mut by_code: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (place, _)) in past.iter().enumerate() {
        by_code.entry(&all[*place].code).or_default().push(at);
    }
    let finding = |at: &usize| &all[past[*at].0];
    let of_rule = |mut places: Vec<usize>| {
        places.sort_by_key(|at| Reverse(finding(at).state.ended().map(|past| (past.until, past.since))));
        let is_dealt_with = |at: &&usize| !past[**at].1 && finding(at).state.ended().is_some_and(|past| past.dealt_with.is_some());
        let citations: BTreeSet<&Citation> = places.iter().filter_map(|at| finding(at).citation.as_ref()).collect();
        OfRule { dealt_with: places.iter().filter(is_dealt_with).count(), citations: citations.into_iter().cloned().collect(), places }
    };
    let mut by_rule: Vec<OfRule> = by_code.into_values().map(of_rule).collect();
    by_rule.sort_by_key(|rule| Reverse(rule.places.len()));
    by_rule
}

/// Whether the note that deals with a breach of the past is hidden: `None` where the breach is not
/// to be told.
fn hides_note(view: &View<'_>, finding: &Finding) -> Option<bool> {
    let past = finding.state.ended().filter(|past| past.superseded_by.as_ref().is_none_or(|by| view.sees(by)))?;
    view.may_know(finding).then(|| past.dealt_with.as_ref().is_some_and(|note| !view.sees(note)))
}

fn told(view: &View<'_>, at: usize, due: &Due) -> Option<Duty> {
    match view.told(Cow::Borrowed(due))? {
        Cow::Borrowed(_) => Some(Duty::Whole(at)),
        Cow::Owned(own) => Some(Duty::OnPurpose(Box::new(own))),
    }
}

/// By date, then duty, record and message; of two that differ in nothing that is told, neither is
/// the first.
pub(super) fn order(due: &Due) -> impl Ord + '_ {
    (due.due, &due.duty, &due.record, &due.message, due.which)
}

impl Duty {
    fn due<'d>(&'d self, view: &View<'d>) -> &'d Due {
        match self {
            Duty::Whole(at) => &view.office().report.duties[*at],
            Duty::OnPurpose(due) => due,
        }
    }

    fn told<'a>(&self, view: &View<'a>) -> Cow<'a, Due> {
        trial::looked_up(1);
        match self {
            Duty::Whole(at) => Cow::Borrowed(&view.office().report.duties[*at]),
            Duty::OnPurpose(due) => Cow::Owned((**due).clone()),
        }
    }
}

impl<'a> View<'a> {
    fn known(&self) -> &KnownToReader {
        self.memo().known.get_or_init(|| KnownToReader::of(self))
    }

    fn memo(&self) -> &ViewMemo {
        &self.sight().memo
    }

    /// The findings that this reader may know of. A record whose place another took that the reader
    /// does not see is what it was.
    pub fn findings(&self) -> ToldList<'_, &'a Finding> {
        let findings = &self.known().findings;
        ToldList::new(findings.len(), |at| self.finding_at(findings[at]))
    }

    /// Those in records that the reader wrote, as the field says that they see.
    pub fn own_findings(&self) -> ToldList<'_, &'a Finding> {
        let (findings, own) = (&self.known().findings, &self.known().own_findings);
        ToldList::new(own.len(), |at| self.finding_at(findings[own[at]]))
    }

    fn finding_at(&self, place: Place) -> &'a Finding {
        trial::looked_up(1);
        match place {
            Place::Finding(at) => &self.office().report.findings[at],
            Place::Superseded(at) => &self.office().report.superseded[at].1,
        }
    }

    /// How many findings a block of a policy has that this reader may know of: of today, and of the
    /// past.
    pub(super) fn found_by(&self, block: &Block, policy: &Policy) -> [usize; 2] {
        let by_block = self.memo().by_block.get_or_init(|| {
            let (known, report) = (self.known(), &self.office().report);
            let mut by_block = ByBlock::new();
            let past = known.past.iter().map(|(at, _)| (&report.past[*at], 1));
            let all = self.findings().into_iter().map(|finding| (finding, 0)).chain(past);
            for (finding, when) in all {
                if let Some(citation) = &finding.citation {
                    by_block.entry((finding.code.clone(), citation.path.clone())).or_default()[when] += 1;
                }
            }
            by_block
        });
        by_block.get(&(block.id.clone(), policy.document.path.clone())).copied().unwrap_or_default()
    }

    /// What was wrong and is over, as far as this reader may know.
    pub fn past(&self) -> ToldList<'_, Cow<'a, Finding>> {
        let past = &self.known().past;
        ToldList::new(past.len(), |at| self.past_at(past[at]))
    }

    /// The same by rule: those with the most breaches first.
    pub fn past_by_rule(&self) -> impl Iterator<Item = Breaches<'_>> {
        let past = &self.known().past;
        self.known().by_rule.iter().filter_map(move |rule| {
            let (first, _) = past[*rule.places.first()?];
            let all = ToldList::new(rule.places.len(), |at| self.past_at(past[rule.places[at]]));
            let code = &self.office().report.past[first].code;
            Some(Breaches { code, citations: &rule.citations, dealt_with: rule.dealt_with, all })
        })
    }

    /// A breach of the past as it is told to this reader: a note that he does not see has not been
    /// written.
    fn past_at(&self, (at, hides_note): (usize, bool)) -> Cow<'a, Finding> {
        trial::looked_up(1);
        let finding = &self.office().report.past[at];
        match finding.state.ended() {
            Some(past) if hides_note => {
                Cow::Owned(Finding { state: FindingState::Past(Past { dealt_with: None, ..past.clone() }), ..finding.clone() })
            }
            _ => Cow::Borrowed(finding),
        }
    }

    /// The duties that this reader may know of. Those that are his to do, or are to be done by whom
    /// he stands above, are always among them; where he may not know what one rests on, he is told
    /// the subject, the sentence and the date, and nothing else that was read for it, as who else
    /// is to do it.
    pub fn duties(&self) -> ToldList<'_, Cow<'a, Due>> {
        let duties = &self.known().duties;
        ToldList::new(duties.len(), |at| duties[at].told(self))
    }

    /// How many of them are overdue: they stand first.
    pub fn overdue(&self) -> usize {
        self.known().overdue
    }

    /// Those that are the reader's own to do.
    pub fn own_duties(&self) -> ToldList<'_, Cow<'a, Due>> {
        self.duties_among(&self.known().own_duties)
    }

    /// How many of the reader's own are overdue.
    pub fn own_overdue(&self) -> usize {
        let known = self.known();
        known.own_duties.partition_point(|at| *at < known.overdue)
    }

    /// Those of whoever stands below the reader, and not the reader's own.
    pub fn team_duties(&self) -> ToldList<'_, Cow<'a, Due>> {
        self.duties_among(&self.known().team_duties)
    }

    fn duties_among<'s>(&'s self, places: &'s [usize]) -> ToldList<'s, Cow<'a, Due>> {
        let duties = &self.known().duties;
        ToldList::new(places.len(), |at| duties[places[at]].told(self))
    }

    /// The records whose next approval the reader may give today, with the step, where he may know
    /// what makes it the next; by date (the latest first), then id.
    pub fn waiting(&self) -> ToldList<'_, (Seen<'_>, Arc<str>)> {
        let waiting = self.memo().waiting.get_or_init(|| self.waits());
        ToldList::new(waiting.len(), |at| {
            trial::looked_up(1);
            let (index, step) = &waiting[at];
            (self.seen_at(*index), step.clone())
        })
    }

    fn waits(&self) -> Vec<(usize, Arc<str>)> {
        if !matches!(self.reader(), Reader::Person(_)) {
            return Vec::new();
        }
        let facts = self.office().facts();
        let turns = self.records().filter_map(|seen| self.step_of(seen, &facts).map(|step| (seen, step)));
        let mut waiting: Vec<_> = turns.filter(|(seen, _)| seen.faults().is_empty()).collect();
        waiting.sort_by(|(a, _), (b, _)| b.date().cmp(&a.date()).then_with(|| a.id().cmp(b.id())));
        waiting.into_iter().map(|(seen, step)| (seen.number(), step)).collect()
    }
}

impl<'v> Seen<'v> {
    fn about(&self) -> Option<&'v About> {
        self.view().known().about.get(self.id())
    }

    pub fn findings(&self) -> Vec<&'v Finding> {
        let (view, places) = (self.view(), self.about().map_or(&[][..], |about| &about.findings));
        places.iter().map(|&at| view.finding_at(view.known().findings[at])).collect()
    }

    /// What was wrong with it, or about it, and is over.
    pub fn past(&self) -> Vec<Cow<'v, Finding>> {
        let (view, places) = (self.view(), self.about().map_or(&[][..], |about| &about.past));
        places.iter().map(|&at| view.past_at(view.known().past[at])).collect()
    }

    pub fn duties(&self) -> Vec<Cow<'v, Due>> {
        let (view, places) = (self.view(), self.about().map_or(&[][..], |about| &about.duties));
        places.iter().map(|&at| view.known().duties[at].told(view)).collect()
    }
}
