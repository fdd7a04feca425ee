//! Which rulebooks a new archive begins with. What a chosen one cannot do without comes with it;
//! what those that every archive has say of one that is left out goes with that: they are made for
//! every company, and few have a school.

use super::text::{Splice, entry, fences, lines, spliced};
use crate::{
    diagnostic::{Finding, Severity},
    document::{self, Document, Fence, Node, NodeValue, yaml},
    policy::Policies,
    source::{SourceFile, Sources, Span},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// The rulebooks of every archive: who is who, how records are kept and approved, who may read
/// them.
pub(super) const BASE: [&str; 3] = ["confidentiality", "organisation", "records"];

/// What of one piece is cut shows what of another is to be cut; it never takes so many turns.
const TURNS: usize = 20;

/// Rulebooks by their ids, each with its path and text.
pub(super) type Rulebooks = BTreeMap<String, (String, String)>;

/// Those of `all` that are named, with what they need, and without what is left out.
pub(super) fn chosen(all: &Rulebooks, named: &[String], today: NaiveDate) -> Rulebooks {
    let kept = with_needed(all, named, today);
    let (kept, left): (Rulebooks, Rulebooks) = all.clone().into_iter().partition(|(id, _)| kept.contains(id));
    if left.is_empty() {
        return kept;
    }
    let any = |_: &str| true;
    let shortened = without_mistakes(&kept, today, any);
    without_mistakes(&without_posts(without_idle(&kept, shortened), &left), today, any)
}

/// The ids of the rulebooks that are named, of those of every archive, and of those without which
/// they cannot be understood.
fn with_needed(all: &Rulebooks, named: &[String], today: NaiveDate) -> BTreeSet<String> {
    let mut kept: BTreeSet<String> = BASE.iter().map(|id| (*id).to_owned()).chain(named.iter().cloned()).collect();
    loop {
        let wrong = not_understood(all, &kept, None, today);
        let with = |id: &String| (not_understood(all, &kept, Some(id), today), id.clone());
        let best = all.keys().filter(|id| wrong > 0 && !kept.contains(*id)).map(with).min();
        match best.filter(|(left, _)| *left < wrong) {
            Some((_, id)) => _ = kept.insert(id),
            None => return kept,
        }
    }
}

/// How many mistakes the blocks of the kept rulebooks have where one more is there. Not those of
/// every archive: what they say of one that is left out is cut before.
fn not_understood(all: &Rulebooks, kept: &BTreeSet<String>, more: Option<&String>, today: NaiveDate) -> usize {
    let is_there = |id: &String| kept.contains(id) || more == Some(id);
    let books: Rulebooks = all.iter().filter(|(id, _)| is_there(id)).map(|(id, book)| (id.clone(), book.clone())).collect();
    let (sources, policies) = compiled(&without_mistakes(&books, today, |id| BASE.contains(&id)), today);
    let judged: BTreeSet<&str> =
        kept.iter().filter(|id| !BASE.contains(&id.as_str())).filter_map(|id| books.get(id)).map(|(path, _)| path.as_str()).collect();
    let is_judged = |span: &Span| judged.contains(&*sources.file(span.file).path.0);
    let in_body = |span: &Span| policies.versions.iter().any(|own| own.file == span.file && own.document.body.span.start <= span.start);
    mistakes(&policies).filter_map(|finding| finding.span).filter(|span| is_judged(span) && in_body(span)).count()
}

fn compiled(books: &Rulebooks, today: NaiveDate) -> (Sources, Policies) {
    let sources = Sources::from_memory(books.values().map(|(path, text)| (path.as_str(), text.as_bytes())));
    let policies = Policies::compile(&sources, today);
    (sources, policies)
}

fn mistakes(policies: &Policies) -> impl Iterator<Item = &Finding> {
    policies.findings.iter().filter(|finding| finding.severity == Severity::Error)
}

/// The rulebooks, some of them without the pieces in which there is a mistake.
fn without_mistakes(books: &Rulebooks, today: NaiveDate, of: impl Fn(&str) -> bool) -> Rulebooks {
    let paths: BTreeSet<&String> = books.iter().filter(|(id, _)| of(id)).map(|(_, (path, _))| path).collect();
    let mut shorter = books.clone();
    for _ in 0..TURNS {
        let (sources, policies) = compiled(&shorter, today);
        let mut cuts: BTreeMap<String, Vec<Range<usize>>> = BTreeMap::new();
        for span in mistakes(&policies).filter_map(|finding| finding.span) {
            let file = sources.file(span.file);
            if paths.contains(&file.path.0.to_string()) {
                cuts.entry(file.path.0.to_string()).or_default().push(piece(file, &document::parse(file), span.start as usize));
            }
        }
        if cuts.is_empty() {
            break;
        }
        for (path, text) in shorter.values_mut() {
            *text = without(text, cuts.remove(path).unwrap_or_default());
        }
    }
    shorter
}

/// A text without some pieces of it, of which one may lie in another.
fn without(text: &str, mut pieces: Vec<Range<usize>>) -> String {
    pieces.sort_by_key(|piece| (piece.start, std::cmp::Reverse(piece.end)));
    pieces.dedup_by(|inner, outer| inner.start < outer.end);
    spliced(text, pieces.into_iter().map(|piece| (piece, String::new())).collect::<Vec<Splice>>())
}

/// The least piece around a place that can go without the rest: an item of a list, what stands
/// under a key that need not be there, or else the block.
fn piece(file: &SourceFile, document: &Document, at: usize) -> Range<usize> {
    let text = &*file.text;
    let fence = document.body.fences.iter().find(|fence| bytes(fence.span).contains(&at));
    let Some(fence) = fence else { return item(text, &document.front, at, 0).unwrap_or_else(|| lines(text, at..at + 1)) };
    let block = yaml::read(text, fence.content).node;
    let Some((key, value)) = block.entries().iter().find(|(key, value)| bytes(key.span).contains(&at) || within(value, at)) else {
        return whole(text, fence);
    };
    match &*key.text {
        "examples" | "despite" => item(text, value, at, 0),
        "for" => item(text, value, at, 1),
        "authorised_by" => entry(&block, "authorised_by").map(|range| lines(text, range)),
        _ => None,
    }
    .unwrap_or_else(|| whole(text, fence))
}

/// A block with the blank line behind it.
fn whole(text: &str, fence: &Fence) -> Range<usize> {
    let range = lines(text, bytes(fence.span));
    let blank = text[range.end..].starts_with('\n');
    range.start..range.end + usize::from(blank)
}

/// The item at a place of the innermost list there is around it, where more than `least` stay.
fn item(text: &str, node: &Node, at: usize, least: usize) -> Option<Range<usize>> {
    if let Some((_, inner)) = node.entries().iter().find(|(_, inner)| within(inner, at)) {
        return item(text, inner, at, least);
    }
    let items = node.list()?;
    let place = items.iter().position(|item| within(item, at)).filter(|_| items.len() > least)?;
    let own = bytes(items[place].span);
    // A list that is written over several lines has each item on lines of its own.
    if text[..own.start].trim_end_matches(' ').ends_with("\n-") {
        return Some(lines(text, own));
    }
    match (place.checked_sub(1), items.get(place + 1)) {
        (Some(before), _) => Some(bytes(items[before].span).end..own.end),
        (None, Some(next)) => Some(own.start..bytes(next.span).start),
        (None, None) => Some(own),
    }
}

fn within(node: &Node, at: usize) -> bool {
    bytes(node.span).contains(&at) || (node.span.start == node.span.end && node.span.start as usize == at)
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Without the articles that had blocks and have none left, and the chapters of which nothing is
/// left.
fn without_idle(before: &Rulebooks, mut books: Rulebooks) -> Rulebooks {
    for (id, (path, text)) in &mut books {
        let had: BTreeSet<String> = before.get(id).map_or_else(BTreeSet::new, |(path, text)| sections(path, text).enforced);
        while let Some(idle) = sections(path, text).idle(&had) {
            *text = without(text, vec![idle]);
        }
    }
    books
}

/// The headings of a rulebook.
struct Sections {
    /// The anchor and level of each, where it stands with what is under it, and whether anything
    /// is.
    all: Vec<(String, u8, Range<usize>, bool)>,
    /// The anchors of those that have a block of their own.
    enforced: BTreeSet<String>,
}

fn sections(path: &str, text: &str) -> Sections {
    let sources = Sources::from_memory([(path, text)]);
    let document = document::parse(&sources.files[0]);
    let headings = &document.body.headings;
    let ends = headings.iter().skip(1).map(|next| next.span.start as usize).chain([text.len()]);
    let all = headings.iter().zip(ends).map(|(heading, end)| {
        let is_filled = document.body.has_content(heading.span.end..u32::try_from(end).unwrap_or(u32::MAX));
        (heading.anchor.to_string(), heading.level, heading.span.start as usize..end, is_filled)
    });
    let enforced = document.body.fences.iter().filter_map(|fence| fence.heading.map(|heading| headings[heading].anchor.to_string()));
    Sections { all: all.collect(), enforced: enforced.collect() }
}

impl Sections {
    /// The first that has nothing under it, or had blocks, and has none.
    fn idle(&self, had: &BTreeSet<String>) -> Option<Range<usize>> {
        let next_level = |place: usize| self.all.get(place + 1).map_or(0, |(_, level, ..)| *level);
        let idle = |(place, (anchor, level, _, is_filled)): &(usize, &(String, u8, Range<usize>, bool))| {
            let is_leaf = *level > 1 && next_level(*place) <= *level;
            is_leaf && (!is_filled || (had.contains(anchor) && !self.enforced.contains(anchor)))
        };
        self.all.iter().enumerate().find(idle).map(|(_, (_, _, range, _))| range.clone())
    }
}

/// Without the posts and departments of which nothing speaks but what is left out.
fn without_posts(mut books: Rulebooks, left: &Rulebooks) -> Rulebooks {
    let named = |books: &Rulebooks| books.values().flat_map(|(path, text)| named_in(path, text)).collect::<BTreeSet<String>>();
    let (kept, gone) = (named(&books), named(left));
    let idle: BTreeSet<&String> = gone.difference(&kept).collect();
    for (path, text) in books.values_mut() {
        let sources = Sources::from_memory([(path.as_str(), text.as_bytes())]);
        let document = document::parse(&sources.files[0]);
        let blocks: Vec<Node> = fences(&document, &sources.files[0], "posts").map(|(_, block)| block).collect();
        let cuts = blocks.iter().flat_map(|block| idle_entries(text, block, &idle)).collect();
        *text = without(text, cuts);
    }
    books
}

/// The entries of a posts block that are idle; a post above one that stays is not.
fn idle_entries(text: &str, block: &Node, idle: &BTreeSet<&String>) -> Vec<Range<usize>> {
    let of = |part: &str| block.get(part).map_or(&[][..], Node::entries);
    let above = |node: &Node| {
        ["reports_to", "stands_in"].into_iter().filter_map(|key| Some(node.get(key)?.text()?.to_string())).collect::<Vec<_>>()
    };
    let mut gone: BTreeSet<String> = idle.iter().map(|id| (*id).clone()).collect();
    loop {
        let needed: BTreeSet<String> =
            of("posts").iter().filter(|(key, _)| !gone.contains(&*key.text)).flat_map(|(_, node)| above(node)).collect();
        let before = gone.len();
        gone.retain(|id| !needed.contains(id));
        if gone.len() == before {
            break;
        }
    }
    let entries = of("posts").iter().filter(|(key, _)| gone.contains(&*key.text));
    let departments = of("departments").iter().filter(|(key, _)| idle.contains(&key.text.to_string()));
    entries.chain(departments).map(|(key, node)| lines(text, key.span.start as usize..node.span.end as usize)).collect()
}

/// The words of a rulebook's blocks by which the program knows things, and its owner; not those
/// that people read, nor the posts.
fn named_in(path: &str, text: &str) -> BTreeSet<String> {
    let sources = Sources::from_memory([(path, text)]);
    let document = document::parse(&sources.files[0]);
    let owner = document.front.get("owner").and_then(Node::text).map(|owner| owner.to_string());
    let mut words: BTreeSet<String> = owner.into_iter().collect();
    for fence in document.body.fences.iter().filter(|fence| !fence.info.split_whitespace().eq(["yaml", "posts"])) {
        gather(&yaml::read(text, fence.content).node, &mut words);
    }
    words
}

/// What people read, by its keys.
const WORDS: [&str; 5] = ["label", "labels", "say", "fix", "short"];

fn gather(node: &Node, words: &mut BTreeSet<String>) {
    let mut add = |text: &str| {
        let pieces = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')));
        words.extend(pieces.filter(|word| !word.is_empty()).map(str::to_owned));
    };
    match &node.value {
        NodeValue::Scalar { text, .. } => add(text),
        NodeValue::List(items) => items.iter().for_each(|item| gather(item, words)),
        NodeValue::Map(entries) => {
            entries.iter().for_each(|(key, _)| add(&key.text));
            entries.iter().filter(|(key, _)| !WORDS.contains(&&*key.text)).for_each(|(_, value)| gather(value, words));
        }
    }
}
