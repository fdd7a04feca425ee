//! What is wrong and what is due. One file a family; changes nothing.

mod alike;
mod amendment;
mod builtins;
mod cost;
mod duties;
mod ending;
mod examples;
mod figures;
mod kept;
mod law;
mod listing;
mod meant;
mod passed_over;
mod posts;
mod references;
mod row;
mod rules;
mod sense;
mod share;
mod style;
mod tally;
#[cfg(test)]
mod tests;
mod unsound;
mod which;
mod wording;

pub use amendment::{Amendment, DraftPolicy, Effect, OfPerson, Proposed, Stopped, ToldFindings, TwoDrafts, TypeEffect, amend, proof};
pub use cost::{BlockCost, Costs};
pub use duties::{Occasion, Punctuality, Time};
pub use examples::{Tried, try_all};
pub use tally::{Tallies, Tally, Times};
pub use unsound::told_once;
pub use which::Which;

use crate::{
    approval::Approvals,
    archive::{Archive, Record},
    diagnostic::{Citation, Finding, Reads, Severity, Words},
    facts::Facts,
    policy::{BlockPlace, Duty, DutyNeed, Rule},
    source::{RecordId, Sources, Span},
    structure,
};
use chrono::NaiveDate;
use cost::Meter;
use duties::Wanted;
use ending::Ending;
use kept::JudgementMemo;
use law::{Binding, Bound, Laws, Validity};
use meant::Meanings;
use rayon::prelude::*;
use share::{MEANS, Means, Share, Shares, Tab};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use style::WordsOfRecord;

/// All that was found, in the order of the files, lines and codes.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong today.
    pub findings: Vec<Finding>,
    /// What was wrong and is over: no edit of today undoes it.
    pub past: Vec<Finding>,
    /// Those of the past that are over because a record took the place of the one that was wrong,
    /// each with that record, as they would be told if it had not: for whoever may not know of it.
    pub superseded: Vec<(RecordId, Finding)>,
    /// Due and overdue, by date, then duty, then record.
    pub duties: Vec<Due>,
    /// How much each block has judged: for whoever reads the whole archive.
    pub tallies: Tallies,
}

/// A duty that is due or overdue.
#[derive(Clone, PartialEq, Debug)]
pub struct Due {
    pub duty: Arc<str>,
    /// `None` for a duty of the archive.
    pub record: Option<RecordId>,
    /// Which of those of this duty about this record.
    pub which: Which,
    /// The people who are to do it.
    pub who: Vec<RecordId>,
    /// What leads to each of them who is named by a record, and not by his office.
    pub named_by: BTreeMap<RecordId, NamedBy>,
    /// The post or department that was named, where it was not a person.
    pub office: Option<Arc<str>>,
    pub due: NaiveDate,
    pub state: DueState,
    /// Days until it is due, or since it was.
    pub days: i64,
    pub severity: Severity,
    pub message: Words,
    /// The message without the values that were read for it.
    pub unfilled: Words,
    /// What was read for the values in the message.
    pub said: Reads,
    pub citation: Citation,
    /// The record that took the place of the one that it is about: then nothing is due any more.
    pub superseded_by: Option<RecordId>,
    pub reads: Reads,
}

/// What somebody is named by, to do what is due.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct NamedBy {
    pub records: BTreeSet<RecordId>,
    /// Files that are no records too: on the word of such nobody is named.
    pub files: bool,
}

impl Due {
    /// The duty as it is told to one of those who are to do it, or to the line above some of them,
    /// who may not know what it rests on. `who`: whom he is told of.
    pub fn told_of(&self, who: Vec<RecordId>, sentence: Sentence) -> Due {
        let message = if sentence == Sentence::Whole { &self.message } else { &self.unfilled };
        Due {
            which: self.which.untold(),
            who,
            named_by: BTreeMap::new(),
            office: None,
            message: message.clone(),
            said: Reads::default(),
            reads: Reads::default(),
            ..self.clone()
        }
    }
}

/// How much of a duty's message is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sentence {
    Whole,
    /// Without the values in it.
    Unfilled,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DueState {
    Due,
    Overdue,
}

/// What was found in one place, before all of it is put in order.
#[derive(Clone, Debug, Default)]
struct Verdict {
    findings: Vec<Finding>,
    /// Findings of rules that say `once_for`, each with the rule and the value.
    once: Vec<(String, Finding)>,
    duties: Vec<Due>,
    history: Vec<Occasion>,
}

/// What was found of one record, or of the archive: by what is built in, and by each block.
#[derive(Debug, Default)]
struct Judged {
    built_in: Verdict,
    blocks: Arc<OfBlocks>,
}

/// What the blocks have found that bind a record, or the archive: what holds as long as nothing
/// changes that was read for it.
#[derive(Clone, Debug, Default)]
struct OfBlocks {
    /// Values of the record that contradict one another, by its type block.
    senseless: Vec<Finding>,
    /// Of each block that has found something.
    by_block: Vec<(BlockPlace, Verdict)>,
    /// Of each block that has judged something.
    tallies: Vec<(BlockPlace, Tally)>,
    /// What each has paid out of its share.
    paid: Vec<(BlockPlace, u64)>,
}

/// By what is judged: what binds on each day, and what each block may spend.
struct Bench<'l> {
    laws: &'l Laws,
    shares: Shares,
    wanted: Wanted,
    /// What was judged before; where every time is wanted, nothing is kept.
    memo: Option<JudgementMemo>,
    meanings: Option<Arc<Meanings>>,
    /// Where it is to be told what the judgements take.
    meter: Option<Meter<'l>>,
}

/// Judges a whole archive on a day. `facts`: of that archive and day, one for whoever asks; see
/// [`Facts::many`].
pub fn check<'f>(facts: impl Fn() -> Facts<'f> + Sync) -> Report {
    check_within(MEANS, facts)
}

fn check_within<'f>(means: Means, facts: impl Fn() -> Facts<'f> + Sync) -> Report {
    let Facts { archive, approvals, .. } = facts();
    let laws = Laws::new(&archive.policies);
    let (shares, mut tallies, judged) = judged(&laws, &facts, means, Wanted::Report, |judged| judged.has_found().then(|| Box::new(judged)));
    tallies.retain(|block| !shares.is_exceeded(block));
    let mut all = Verdict::default();
    for judged in judged.into_iter().flatten() {
        all.extend(judged.built_in);
        let OfBlocks { senseless, by_block, .. } = Arc::unwrap_or_clone(judged.blocks);
        all.findings.extend(senseless);
        by_block.into_iter().filter(|(block, _)| !shares.is_exceeded(*block)).for_each(|(_, verdict)| all.extend(verdict));
    }
    all.findings.extend(gathered(archive, approvals));
    all.findings.extend(builtins::judge(archive));
    all.findings.extend(builtins::reused_ids(archive, approvals));
    all.findings.extend(alike::judge(archive));
    all.findings.extend(passed_over::judge(archive));
    all.findings.extend(posts::judge(&facts()));
    all.findings.extend(references::of_policies(archive));
    all.findings.extend(examples::judge(archive).iter().cloned());
    all.findings.extend(rules::once(all.once));
    builtins::cite(&mut all.findings, &laws, &facts(), &shares);
    all.findings.extend(shares.findings(&archive.policies));
    let ending = Ending::by_today(archive, &facts());
    all.findings.retain(|finding| !ending.is_stub(finding, archive));
    let findings = in_order(all.findings, &archive.sources);
    builtins::broken(&findings, &laws).into_iter().for_each(|(block, tally)| tallies.add(block, tally));
    let duties = duties::in_order(all.duties.into_iter().map(|due| ending.duty(due)).collect());
    let (past, findings): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|finding| finding.state.ended().is_some());
    let (ended, findings): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|finding| ending.of(finding).is_some());
    let past = past.into_iter().chain(ended.iter().cloned().map(|finding| ending.past(finding)));
    let past = in_order(past.map(|finding| ending.dealt_with(finding)).collect(), &archive.sources);
    let superseded = ended.into_iter().filter_map(|finding| Some((ending.of(&finding)?.clone(), finding))).collect();
    let findings = in_order([findings, ending::idle_notes(archive, &ending, &past)].concat(), &archive.sources);
    unsound::leave_out(Report { findings, past, superseded, duties, tallies }, archive)
}

/// Every time at which each duty was to be done and that is over, or late: by day, then duty, then
/// record.
pub fn history<'f>(facts: impl Fn() -> Facts<'f> + Sync) -> Vec<Occasion> {
    let (shares, _, judged) = judged(&Laws::new(&facts().archive.policies), &facts, MEANS, Wanted::History, |judged| judged);
    let of_blocks = judged.into_iter().flat_map(|judged| Arc::unwrap_or_clone(judged.blocks).by_block);
    let of_blocks = of_blocks.filter(|(block, _)| !shares.is_exceeded(*block));
    let mut occasions: Vec<Occasion> = of_blocks.flat_map(|(_, verdict)| verdict.history).collect();
    let order = |one: &Occasion| (one.time.due, one.duty.clone(), one.record.clone(), one.time.done);
    occasions.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.message.cmp(&b.message)));
    occasions
}

/// How often each duty was done in time, of the times that are `known`. Each time is asked for as
/// soon as it is judged and then let go, for all of them together rest on more than memory should
/// hold.
pub fn times<'f>(facts: impl Fn() -> Facts<'f> + Sync, known: impl Fn(&Occasion) -> bool + Sync) -> BTreeMap<BlockPlace, Times> {
    let counted = |judged: Judged| {
        let of_block = |(block, verdict): (BlockPlace, Verdict)| (block, Times::of(verdict.history.iter().filter(|time| known(time))));
        Arc::unwrap_or_clone(judged.blocks).by_block.into_iter().map(of_block).collect::<Vec<_>>()
    };
    let (shares, _, counted) = judged(&Laws::new(&facts().archive.policies), &facts, MEANS, Wanted::History, counted);
    let mut times: BTreeMap<BlockPlace, Times> = BTreeMap::new();
    for (block, more) in counted.into_iter().flatten().filter(|(block, _)| !shares.is_exceeded(*block)) {
        times.entry(block).or_default().add(more);
    }
    times
}

/// What the judgements of an archive take, each by itself. `clock`: the time that has passed since
/// any moment.
pub fn costs<'f>(facts: impl Fn() -> Facts<'f> + Sync, clock: &(dyn Fn() -> Duration + Sync)) -> Costs {
    let archive = facts().archive;
    let laws = Laws::new(&archive.policies);
    let shares = Shares::most(&archive.policies, MEANS, archive.records.len());
    let meter = Some(Meter::by(clock));
    let bench = Bench { laws: &laws, shares, wanted: Wanted::Report, memo: None, meanings: None, meter };
    archive.records.par_iter().with_max_len(A_PORTION).for_each_init(&facts, |facts, record| drop(bench.of_record(record, facts)));
    bench.of_archive(&facts());
    bench.meter.map(Meter::costs).unwrap_or_default()
}

/// So many records are judged at once by one thread.
const A_PORTION: usize = 256;

/// What was found of the archive and of each record, as `kept` has it, how much each block has
/// judged, and what it took. Blocks that take too much together are judged once more, with equal
/// shares.
fn judged<'f, T: Send>(
    laws: &Laws,
    facts: &(impl Fn() -> Facts<'f> + Sync),
    means: Means,
    wanted: Wanted,
    kept: impl Fn(Judged) -> T + Sync,
) -> (Shares, Tallies, Vec<T>) {
    let archive = facts().archive;
    let records = archive.records.len();
    let (suggestions, meanings) = (references::shares(archive), Meanings::of(archive));
    let judged = |shares: Shares, memo: Option<JudgementMemo>| {
        let bench = Bench { laws, shares, wanted, memo, meanings: meanings.clone(), meter: None };
        let tallies = Mutex::new(Tallies::default());
        // There are more tallies than anything else: they are let go as soon as they are counted.
        let kept = |mut judged: Judged| {
            tallies.lock().unwrap_or_else(PoisonError::into_inner).extend(&judged.blocks.tallies);
            if let Some(own) = Arc::get_mut(&mut judged.blocks) {
                (own.tallies, own.paid) = (Vec::new(), Vec::new());
            }
            kept(judged)
        };
        // In small portions: with large ones a thread ends long before the others.
        let each = archive.records.par_iter().zip(&suggestions).with_max_len(A_PORTION);
        let of_records = each.map_init(facts, |facts, (record, suggestions)| kept(bench.judge(record, *suggestions, facts)));
        let (of_archive, of_records) = rayon::join(|| kept(bench.judge_archive(&facts())), || of_records.collect::<Vec<T>>());
        let judged = std::iter::once(of_archive).chain(of_records).collect();
        let Bench { shares, memo, .. } = bench;
        memo.into_iter().for_each(|memo| memo.keep(&facts(), &shares));
        (shares, tallies.into_inner().unwrap_or_else(PoisonError::into_inner), judged)
    };
    let memo = if wanted == Wanted::Report { JudgementMemo::of(&facts()) } else { None };
    let first = judged(Shares::most(&archive.policies, means, records), memo);
    if first.0.are_exceeded() { judged(Shares::equal(&archive.policies, means, records), None) } else { first }
}

/// The duties of a record that a record of type `needed` would do, those too that fall due long
/// after they are first shown.
pub fn awaited(record: &Record, needed: &str, facts: &Facts<'_>) -> Vec<Due> {
    let Some(own) = &record.record_type else { return Vec::new() };
    let laws = Laws::new(&facts.archive.policies);
    let law = laws.on(record.date.unwrap_or(facts.today())).of_type(&own.id);
    let fits = |bound: &&Bound<Duty>| matches!(&bound.law.need, DutyNeed::Record(need) if **need == *needed);
    let whenever = |duty: &Arc<Duty>| Duty { ahead: u32::MAX, ..(**duty).clone() };
    let found = law.duties.iter().filter(fits).flat_map(|bound| {
        let share = Share::alone();
        duties::judge(&whenever(&bound.law), bound.validity, Some(record), facts, &Tab::of(&share), Wanted::Report).duties
    });
    duties::in_order(found.collect())
}

impl Bench<'_> {
    fn judge(&self, record: &Record, suggestions: u32, facts: &Facts<'_>) -> Judged {
        let lack = structure::lack(record, facts.archive).map_or_else(Vec::new, |lack| lack.findings.clone());
        let mut built_in = Verdict { findings: lack, ..Verdict::default() };
        built_in.findings.extend(references::judge(record, facts.archive, suggestions, self.meanings.as_deref()));
        Judged { built_in, blocks: self.by_blocks(Some(record), facts) }
    }

    fn judge_archive(&self, facts: &Facts<'_>) -> Judged {
        Judged { built_in: Verdict::default(), blocks: self.by_blocks(None, facts) }
    }

    /// What comes of the blocks that bind a record, or the archive.
    fn by_blocks(&self, record: Option<&Record>, facts: &Facts<'_>) -> Arc<OfBlocks> {
        let judge = || match record {
            Some(record) => OfBlocks { senseless: sense::judge(record, facts), ..self.of_record(record, facts) },
            None => self.of_archive(facts),
        };
        match &self.memo {
            Some(memo) => memo.judged(record.map(|record| &record.id), (facts, &self.shares), judge),
            None => Arc::new(judge()),
        }
    }

    fn of_record(&self, record: &Record, facts: &Facts<'_>) -> OfBlocks {
        let mut found = OfBlocks::default();
        let Some(own) = &record.record_type else { return found };
        let law = self.laws.on(record.date.unwrap_or(facts.today()));
        found.tallies.extend(law.demanded_of(&own.id).map(|block| (block, Tally::ONE)));
        let binding = law.of_type(&own.id);
        if !binding.styles.is_empty() {
            let words = WordsOfRecord::of(record, facts);
            let passages = words.passages();
            for style in &binding.styles {
                self.add(&mut found, (style.block, Some(record)), facts, |tab| {
                    style::judge(&style.law, record, &passages, facts, tab).verdict()
                });
            }
        }
        // What bears another's id is told to do so, and is no part of what the rules and duties speak of.
        if !record.is_twin() {
            self.bind(binding, Some(record), facts, &mut found);
        }
        found
    }

    fn of_archive(&self, facts: &Facts<'_>) -> OfBlocks {
        let mut found = OfBlocks::default();
        self.bind(self.laws.on(facts.today()).of_archive(), None, facts, &mut found);
        found
    }

    /// Judges a record, or the archive, by the rules and duties that bind it.
    fn bind(&self, binding: &Binding, record: Option<&Record>, facts: &Facts<'_>, found: &mut OfBlocks) {
        let mut rule = |bound: &Bound<Rule>| {
            self.add(found, (bound.block, record), facts, |tab| {
                rules::judge(&bound.law, bound.validity, record, facts, tab).verdict(record)
            });
        };
        binding.rules.iter().filter(|rule| rule.law.on.is_none()).for_each(&mut rule);
        let ever = match record.and_then(|record| record.record_type.as_ref()) {
            Some(own) => self.laws.ever().of_type(&own.id),
            None => self.laws.ever().of_archive(),
        };
        // What is judged of other days than today, each by the version of that day.
        ever.rules.iter().filter(|rule| rule.law.on.is_some()).for_each(&mut rule);
        // A record that has a day of its own stays bound by the version of that day.
        let (duties, dated) = if record.is_some_and(|record| record.date.is_some()) { (binding, true) } else { (ever, false) };
        for Bound { block, law, validity } in &duties.duties {
            let validity = if dated { Validity::UNENDING } else { *validity };
            self.add(found, (*block, record), facts, |tab| duties::judge(law, validity, record, facts, tab, self.wanted).verdict());
        }
    }

    /// Adds what a block has found, and what it has paid for that out of its share.
    fn add(
        &self,
        found: &mut OfBlocks,
        (block, record): (BlockPlace, Option<&Record>),
        facts: &Facts<'_>,
        judge: impl FnOnce(&Tab<'_>) -> (Verdict, Tally),
    ) {
        let tab = Tab::of(self.shares.get(block));
        let (verdict, tally) = match &self.meter {
            Some(meter) => meter.measured((block, record.map(|record| &record.id)), &tab, facts, || judge(&tab)),
            None => judge(&tab),
        };
        if !verdict.is_empty() {
            found.by_block.push((block, verdict));
        }
        if tally != Tally::default() {
            found.tallies.push((block, tally));
        }
        if tab.paid() > 0 && self.memo.is_some() {
            found.paid.push((block, tab.paid()));
        }
    }
}

/// What the stages before this one have found.
fn gathered(archive: &Archive, approvals: &Approvals) -> Vec<Finding> {
    let of_record = |record: &Record, finding: &Finding| Finding { record: Some(record.id.clone()), ..finding.clone() };
    let documents = archive.records.iter().flat_map(|record| record.document.findings.iter().map(move |f| of_record(record, f)));
    let others = archive.policies.findings.iter().chain(&approvals.findings).cloned();
    documents.chain(others).collect()
}

fn in_order(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut findings: Vec<Finding> = findings.into_iter().map(reading_its_record).collect();
    findings.par_sort_by(|a, b| by_place(a, b, sources));
    // Of two that say the same, the one stays that whoever could be told of the other can be told
    // of too.
    let says = |a: &Finding, b: &Finding| (&a.code, a.span, &a.record, &a.message) == (&b.code, b.span, &b.record, &b.message);
    findings.dedup_by(|later, kept| says(later, kept) && kept.reads.within(&later.reads));
    findings
}

fn reading_its_record(mut finding: Finding) -> Finding {
    finding.record.iter().for_each(|own| finding.reads.add_record(own));
    finding
}

fn by_place(a: &Finding, b: &Finding, sources: &Sources) -> Ordering {
    let path = |finding: &Finding| finding.span.map(|span| &sources.file(span.file).path);
    let place = |finding: &Finding| finding.span.map(Span::bytes);
    let rest = |a: &Finding, b: &Finding| {
        let read = |finding: &Finding| finding.reads.file_count();
        (&a.code, &a.record, &a.message, read(a)).cmp(&(&b.code, &b.record, &b.message, read(b)))
    };
    path(a).cmp(&path(b)).then(place(a).cmp(&place(b))).then_with(|| rest(a, b))
}

impl Judged {
    fn has_found(&self) -> bool {
        !self.built_in.is_empty() || !self.blocks.senseless.is_empty() || !self.blocks.by_block.is_empty()
    }
}

impl Verdict {
    fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.once.is_empty() && self.duties.is_empty() && self.history.is_empty()
    }

    fn extend(&mut self, other: Verdict) {
        self.findings.extend(other.findings);
        self.once.extend(other.once);
        self.duties.extend(other.duties);
        self.history.extend(other.history);
    }
}
