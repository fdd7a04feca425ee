//! The index of an office: one document a record and a policy.

use super::{
    Hit, Hits, SearchError,
    fold::fold,
    snippet::snippet,
    statistics::{Statistics, Visible},
    token::{Folding, phrase},
};
use crate::{
    access::{IndexedFrom, Office, Reader, Seen, View},
    diagnostic::Lang,
    document::markdown,
    policy::{Field, FieldType, Policies, Policy, Value},
    source::trial,
};
use pulldown_cmark::{Event, Tag, TagEnd};
use std::{
    cell::OnceCell,
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use tantivy::{
    DocId, IndexReader, IndexWriter, ReloadPolicy, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyDocument, Term,
    collector::{Collector, SegmentCollector},
    columnar::Column,
    query::{BooleanQuery, BoostQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::{self, FAST, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::TextAnalyzer,
};

/// Pieces of a query that are looked for; nobody writes more.
const PIECES: usize = 32;
/// Names and ids weigh more than the text below them.
const TITLE_WEIGHT: Score = 3.0;
/// Memory for one indexing thread: one segment for as long as it will do.
const WRITER_BYTES: usize = 64 << 20;

/// The numbers of the entries, by the files in which they stand.
type Numbers = HashMap<u64, u64>;

/// The index of an office's records and policies, in memory.
pub struct Index {
    searcher: Searcher,
    fields: Fields,
    numbers: Arc<Numbers>,
    added: usize,
    /// What each reader sees of it, worked out at their first query: nothing in an office changes.
    sights: Mutex<BTreeMap<Reader, Arc<Visible>>>,
}

impl Index {
    /// The index of an office that is asked once.
    ///
    /// # Errors
    /// Where the index cannot be made.
    pub fn build(office: &Office) -> Result<Index, SearchError> {
        Indexer::default().index(office)
    }

    /// How many documents were made for it: those of what has changed since the state before.
    pub fn added(&self) -> usize {
        self.added
    }

    /// The hits of a query in a view of the office that was indexed: by score, then date (latest
    /// first), then id. All pieces of the query (set apart by white space) must stand in a hit,
    /// each as a phrase.
    ///
    /// # Errors
    /// Where the index cannot be read. Every text is a query; none is an error.
    pub fn search(&self, query: &str, view: &View<'_>, offset: usize, limit: usize) -> Result<Hits, SearchError> {
        let wanted: Vec<String> = query.split_whitespace().map(|piece| fold(piece).text).take(PIECES).collect();
        let visible = self.visible(view)?;
        let statistics = Statistics::new(&self.searcher, &visible);
        let found = self.scores(&wanted, &Every { visible: &visible }, &statistics)?;
        let known = |(file, score)| Some((score, entry(view, *self.numbers.get(&file)?)?));
        let mut found: Vec<(Score, Entry<'_>)> = found.into_iter().filter_map(known).collect();
        found.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.order(y)));
        let hits = found.iter().skip(offset).take(limit).map(|(score, entry)| entry.hit(*score, &wanted)).collect();
        Ok(Hits { total: found.len(), hits })
    }

    /// The visible hits by their files, with their scores. Each piece is looked for by itself and
    /// the scores are added in the order of the query: one query of all would add them in the order
    /// of how often the pieces stand in the whole index, hidden records included, and the last bit
    /// of a sum depends on its order.
    fn scores(&self, wanted: &[String], every: &Every<'_>, statistics: &Statistics<'_>) -> Result<BTreeMap<u64, Score>, SearchError> {
        let mut all: Option<BTreeMap<u64, Score>> = None;
        for terms in wanted.iter().map(|want| phrase(want)).filter(|terms| !terms.is_empty()) {
            let found = self.searcher.search_with_statistics_provider(&self.query(&terms), every, statistics)?;
            let found = found.into_iter().map(|(score, file)| (file, score));
            all = Some(match all {
                None => found.collect(),
                Some(before) => found.filter_map(|(file, score)| Some((file, before.get(&file)? + score))).collect(),
            });
        }
        Ok(all.unwrap_or_default())
    }

    /// A phrase in the title or in the text.
    fn query(&self, terms: &[(usize, String)]) -> BooleanQuery {
        let title = Box::new(BoostQuery::new(phrase_query(self.fields.title, terms), TITLE_WEIGHT));
        BooleanQuery::new(vec![(Occur::Should, title), (Occur::Should, phrase_query(self.fields.text, terms))])
    }

    fn visible(&self, view: &View<'_>) -> Result<Arc<Visible>, SearchError> {
        let sights = || self.sights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sights().get(view.reader()) {
            return Ok(known.clone());
        }
        let mut segments = Vec::new();
        for segment in self.searcher.segment_readers() {
            let files = segment.fast_fields().u64(FILE)?;
            let is_seen = |file: u64| self.numbers.get(&file).is_some_and(|number| entry(view, *number).is_some());
            // What was taken out of the index stands in its segment until that is written anew, and
            // counts for nothing.
            let is_there = |doc: DocId| segment.alive_bitset().is_none_or(|alive| alive.is_alive(doc));
            segments.push((0..segment.max_doc()).map(|doc| is_there(doc) && files.first(doc).is_some_and(is_seen)).collect());
        }
        let visible = Arc::new(Visible::new(segments));
        sights().insert(view.reader().clone(), visible.clone());
        Ok(visible)
    }
}

/// The fields of a document: its headline, its text, and the number of the file in which it stands.
#[derive(Clone, Copy)]
struct Fields {
    title: schema::Field,
    text: schema::Field,
    file: schema::Field,
}

const FILE: &str = "file";

/// Makes the index of an office, and that of every state of it that follows: what has not changed
/// since the one before stays as it is indexed.
#[derive(Default)]
pub struct Indexer(Option<Growing>);

/// An index that is added to.
struct Growing {
    writer: IndexWriter,
    reader: IndexReader,
    fields: Fields,
    policies: Arc<Policies>,
    /// The file of each entry, and what its document was made of.
    documents: Vec<(u64, MadeOf)>,
    numbers: Arc<Numbers>,
}

/// What a document of the index is made of, under the same policies.
enum MadeOf {
    Policy(Arc<Policy>),
    Record(IndexedFrom),
}

impl PartialEq for MadeOf {
    fn eq(&self, other: &MadeOf) -> bool {
        match (self, other) {
            (MadeOf::Policy(one), MadeOf::Policy(other)) => Arc::ptr_eq(one, other),
            (MadeOf::Record(one), MadeOf::Record(other)) => one == other,
            _ => false,
        }
    }
}

impl Indexer {
    /// The index of the state that follows.
    ///
    /// # Errors
    /// Where the index cannot be made; the next one is made from nothing.
    pub fn index(&mut self, office: &Office) -> Result<Index, SearchError> {
        let view = office.view(Reader::Folder);
        // What a field is, and what its values are called, follows from the policies.
        let fits = |growing: &Growing| Arc::ptr_eq(&growing.policies, view.shared_policies());
        let mut growing = match self.0.take().filter(fits) {
            Some(growing) => growing,
            None => Growing::new(view.shared_policies().clone())?,
        };
        let index = growing.grown(&view)?;
        self.0 = Some(growing);
        Ok(index)
    }
}

impl Growing {
    fn new(policies: Arc<Policies>) -> Result<Growing, SearchError> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_tokenizer("folding").set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing);
        let (title, text) = (schema.add_text_field("title", options.clone()), schema.add_text_field("text", options));
        let file = schema.add_u64_field(FILE, FAST | INDEXED);
        let index = tantivy::Index::create_in_ram(schema.build());
        index.tokenizers().register("folding", TextAnalyzer::from(Folding));
        let writer = index.writer_with_num_threads(1, WRITER_BYTES)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Growing { writer, reader, fields: Fields { title, text, file }, policies, documents: Vec::new(), numbers: Arc::default() })
    }

    /// The index of what a view shows: what has changed since the last one is taken out and added
    /// again.
    fn grown(&mut self, view: &View<'_>) -> Result<Index, SearchError> {
        let before = std::mem::take(&mut self.documents);
        let places: OnceCell<HashMap<u64, usize>> = OnceCell::new();
        let places = || places.get_or_init(|| before.iter().enumerate().map(|(place, (file, _))| (*file, place)).collect());
        // Most stand where they stood.
        let place = |file: u64, near: usize| match before.get(near) {
            Some((known, _)) if *known == file => Some(near),
            _ => places().get(&file).copied(),
        };
        let (mut documents, mut numbers, mut added, mut are_moved) = (Vec::with_capacity(before.len()), Vec::new(), 0, false);
        let mut left = vec![true; before.len()];
        for (near, entry) in entries(view).enumerate() {
            let (file, made_of) = entry.made_of();
            let at = place(file, near);
            if at.is_none_or(|at| before[at].1 != made_of) {
                if at.is_some() {
                    self.take_out(file);
                }
                self.add(file, &entry)?;
                added += 1;
            }
            at.into_iter().for_each(|at| left[at] = false);
            are_moved |= at != Some(near);
            numbers.push((file, entry.number()));
            documents.push((file, made_of));
        }
        let gone = before.iter().zip(&left).filter(|(_, left)| **left).map(|((file, _), _)| *file);
        let gone = gone.map(|file| self.take_out(file)).count();
        if are_moved || gone > 0 {
            self.numbers = Arc::new(numbers.into_iter().collect());
        }
        self.documents = documents;
        if added > 0 || gone > 0 {
            self.writer.commit()?;
            self.reader.reload()?;
        }
        let (searcher, numbers) = (self.reader.searcher(), self.numbers.clone());
        Ok(Index { searcher, fields: self.fields, numbers, added, sights: Mutex::default() })
    }

    fn take_out(&self, file: u64) {
        self.writer.delete_term(Term::from_field_u64(self.fields.file, file));
    }

    fn add(&self, file: u64, entry: &Entry<'_>) -> Result<(), SearchError> {
        let mut document = TantivyDocument::default();
        document.add_text(self.fields.title, entry.headline());
        document.add_text(self.fields.text, entry.indexed());
        document.add_u64(self.fields.file, file);
        self.writer.add_document(document)?;
        Ok(())
    }
}

fn phrase_query(field: schema::Field, terms: &[(usize, String)]) -> Box<dyn Query> {
    match terms {
        [(_, only)] => Box::new(TermQuery::new(Term::from_field_text(field, only), IndexRecordOption::WithFreqs)),
        several => {
            let terms = several.iter().map(|(at, term)| (*at, Term::from_field_text(field, term)));
            Box::new(PhraseQuery::new_with_offset(terms.collect()))
        }
    }
}

/// Collects the score and the file of every visible hit.
struct Every<'a> {
    visible: &'a Visible,
}

struct EveryInSegment {
    visible: Arc<[bool]>,
    files: Column<u64>,
    found: Vec<(Score, u64)>,
}

impl Collector for Every<'_> {
    type Fruit = Vec<(Score, u64)>;
    type Child = EveryInSegment;

    fn for_segment(&self, ordinal: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<EveryInSegment> {
        let files = segment.fast_fields().u64(FILE)?;
        Ok(EveryInSegment { visible: self.visible.segments[ordinal as usize].clone(), files, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<(Score, u64)>>) -> tantivy::Result<Vec<(Score, u64)>> {
        Ok(fruits.concat())
    }
}

impl SegmentCollector for EveryInSegment {
    type Fruit = Vec<(Score, u64)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        trial::looked_up(1);
        if self.visible[doc as usize] {
            self.found.extend(self.files.first(doc).map(|file| (score, file)));
        }
    }

    fn harvest(self) -> Vec<(Score, u64)> {
        self.found
    }
}

/// What can be a hit.
enum Entry<'v> {
    Policy(u64, &'v Arc<Policy>, &'v str),
    Record(u64, Seen<'v>),
}

/// The records of a view and the policies in force, numbered alike in every view: policies first,
/// then records by their place in the archive.
fn entries<'v>(view: &'v View<'v>) -> impl Iterator<Item = Entry<'v>> {
    let policies = (0..view.policies().versions.len() as u64).filter_map(|number| entry(view, number));
    let before = view.policies().versions.len();
    policies.chain(view.records().map(move |seen| Entry::Record((before + seen.number()) as u64, seen)))
}

/// The one of that number, where it is shown.
fn entry<'v>(view: &'v View<'v>, number: u64) -> Option<Entry<'v>> {
    let (versions, place) = (&view.policies().versions, usize::try_from(number).ok()?);
    match versions.get(place) {
        Some(policy) => {
            let is_in_force = view.policies().in_force(view.today()).any(|version| Arc::ptr_eq(version, policy));
            is_in_force.then(|| Entry::Policy(number, policy, body_of(policy, view.policy_text(policy))))
        }
        None => Some(Entry::Record(number, view.numbered(place - versions.len())?)),
    }
}

impl Entry<'_> {
    /// The file in which it stands, and what its document in the index is made of.
    fn made_of(&self) -> (u64, MadeOf) {
        match self {
            Entry::Policy(_, policy, _) => (policy.file.number().into(), MadeOf::Policy((*policy).clone())),
            Entry::Record(_, seen) => (seen.file().number().into(), MadeOf::Record(seen.indexed_from())),
        }
    }

    fn number(&self) -> u64 {
        match self {
            Entry::Policy(number, ..) | Entry::Record(number, _) => *number,
        }
    }

    fn id(&self) -> &Arc<str> {
        match self {
            Entry::Policy(_, policy, _) => &policy.id,
            Entry::Record(_, seen) => &seen.id().0,
        }
    }

    fn date(&self) -> Option<chrono::NaiveDate> {
        match self {
            Entry::Policy(_, policy, _) => Some(policy.effective),
            Entry::Record(_, seen) => seen.date(),
        }
    }

    /// Of two hits of one score: the later first, then by id.
    fn order(&self, other: &Entry<'_>) -> Ordering {
        other.date().cmp(&self.date()).then_with(|| self.id().cmp(other.id())).then_with(|| self.number().cmp(&other.number()))
    }

    fn headline(&self) -> String {
        match self {
            Entry::Policy(_, policy, _) => format!("{} {}", policy.title, policy.id),
            // A title that tells a hidden field is the id for some readers: found by its id alone.
            Entry::Record(_, seen) if seen.title_tells_hidden() => seen.id().to_string(),
            Entry::Record(_, seen) => format!("{} {}", seen.title(), seen.id()),
        }
    }

    /// What is indexed: fields that are hidden from some readers of the record are left out, for a
    /// hit would tell of them.
    fn indexed(&self) -> String {
        match self {
            Entry::Policy(_, _, body) => plain_text(body, Fences::LeftOut),
            Entry::Record(_, seen) => {
                let open = seen.fields().into_iter().filter(|(field, _)| !seen.sometimes_hidden(&field.name));
                text_of_parts(open, seen.body())
            }
        }
    }

    fn hit(&self, score: Score, wanted: &[String]) -> Hit {
        let (record_type, title, path) = match self {
            Entry::Policy(_, policy, _) => (Arc::from("policy"), policy.title.to_string(), policy.document.path.to_string()),
            Entry::Record(_, seen) => {
                let record_type = seen.record_type().map_or_else(|| Arc::from(""), |t| t.id.clone());
                (record_type, seen.title().to_owned(), seen.path().to_string())
            }
        };
        let snippet = snippet(&self.indexed(), wanted);
        Hit { id: self.id().clone(), record_type, title, path, score, snippet, date: self.date() }
    }
}

fn body_of<'v>(policy: &Policy, text: &'v str) -> &'v str {
    text.get(policy.document.body.span.start as usize..).unwrap_or("")
}

/// The visible text of a record, as it is searched.
pub fn text_of(seen: &Seen<'_>) -> String {
    text_of_parts(seen.fields().into_iter(), seen.body())
}

fn text_of_parts<'a>(fields: impl Iterator<Item = (&'a Field, Value)>, body: &str) -> String {
    let mut text = String::new();
    for (field, value) in fields {
        push_value(&field.field_type, &value, &mut text);
    }
    text.push_str(&plain_text(body, Fences::Read));
    text
}

/// A value as a reader of either language would look for it.
fn push_value(field_type: &FieldType, value: &Value, text: &mut String) {
    match (field_type, value) {
        (FieldType::Enumeration(members), Value::Text(name)) => {
            let member = members.iter().find(|member| member.name == *name);
            text.push_str(&member.map_or_else(|| name.to_string(), |member| format!("{}　{}", member.label.zh, member.label.en)));
        }
        (FieldType::List(element), Value::List(values)) => values.iter().for_each(|value| push_value(element, value, text)),
        (FieldType::Table(columns), Value::Table(row)) => {
            for column in columns.iter() {
                row.get(&column.name).into_iter().for_each(|value| push_value(&column.field_type, value, text));
            }
        }
        (_, value) => text.push_str(&value.words(Lang::Zh)),
    }
    text.push('\n');
}

/// Whether fenced blocks count as words: those of a policy are for the machine, and say what its
/// prose says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fences {
    Read,
    LeftOut,
}

/// The words of a Markdown text, without its marks.
fn plain_text(markdown: &str, fences: Fences) -> String {
    let (mut text, mut fenced, mut broken) = (String::with_capacity(markdown.len()), false, false);
    for (event, _) in markdown::events(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => fenced = fences == Fences::LeftOut,
            Event::End(TagEnd::CodeBlock) if fenced => fenced = false,
            _ if fenced => {}
            Event::Text(words) | Event::Code(words) => {
                if std::mem::take(&mut broken) && !markdown::is_nothing(&text, &words) {
                    text.push('\n');
                }
                text.push_str(&words);
            }
            Event::SoftBreak | Event::HardBreak => broken = true,
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableCell | TagEnd::CodeBlock) => {
                broken = false;
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_text_run_on_where_a_reader_reads_on() {
        let check = |markdown: &str, text: &str| assert_eq!(plain_text(markdown, Fences::Read).trim_end(), text, "{markdown}");
        check("信用报\n告，并已归档备\n查。", "信用报告，并已归档备查。");
        check("信用**报**\n*告*，大\\\n概", "信用报告，大概");
        check("credit\nreport 甲\nb", "credit\nreport 甲\nb");
        check("信用报\n\n告", "信用报\n告");
        check("- 信用报\n- 告", "信用报\n告");
        check("正文<!-- 待核 -->一。\n\n<!-- 备注\n\n又 -->\n\n二", "正文一。\n二");
    }
}
