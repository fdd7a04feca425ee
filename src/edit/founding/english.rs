//! A shipped rulebook in English. Its blocks stand in both languages already; beside it stands an
//! overlay, a document with the rest: in front the title and the words that stand in blocks outside
//! `zh`, then each article's heading (`## 第6条 => 6　Terms of sale`) and prose. A block that an
//! overlay has under an article gives the entries that are other words there, not the same ones in
//! English. Knows nothing of what the rulebooks say.

use crate::{
    document::{self, Document, Fence, Node, yaml},
    source::{Sources, Span},
};
use std::{cmp::Reverse, ops::Range};

const OVERLAYS: [(&str, &str); 8] = [
    ("policies/conduct.md", include_str!("english/conduct.md")),
    ("policies/confidentiality.md", include_str!("english/confidentiality.md")),
    ("policies/credit.md", include_str!("english/credit.md")),
    ("policies/customer-files.md", include_str!("english/customer-files.md")),
    ("policies/market-information.md", include_str!("english/market-information.md")),
    ("policies/organisation.md", include_str!("english/organisation.md")),
    ("policies/records.md", include_str!("english/records.md")),
    ("policies/training.md", include_str!("english/training.md")),
];

/// A rulebook in English; as it is where it has no overlay.
pub(super) fn in_english(path: &str, text: &str) -> String {
    let overlay = OVERLAYS.iter().find(|(known, _)| *known == path);
    overlay.map_or_else(|| text.to_owned(), |(_, overlay)| composed(text, overlay))
}

/// A document with its text.
struct Paper<'t> {
    text: &'t str,
    document: Document,
}

/// What stands from a heading to the next one.
struct Article<'t> {
    start: usize,
    heading: &'t str,
    level: u8,
    /// Before the first block.
    prose: &'t str,
    blocks: Vec<&'t Fence>,
}

/// What an article of a rulebook is called in English.
struct Heading<'t> {
    stands_for: &'t str,
    key: &'t str,
    title: &'t str,
}

/// Chinese words and the English ones, the longest first: a word that is a part of another one does
/// not cut it up.
struct Words(Vec<(String, String)>);

fn composed(text: &str, overlay: &str) -> String {
    let (rulebook, overlay) = (Paper::read(text), Paper::read(overlay));
    let (articles, translated) = (rulebook.articles(), overlay.articles());
    let words = Words::of(&rulebook, &overlay);
    let head = articles.first().map_or(text.len(), |first| first.start);
    let mut whole = words.spoken(text[..head].trim_end());
    for article in &articles {
        let english = translated.iter().find_map(|other| {
            let heading = Heading::read(other.heading).filter(|heading| heading.stands_for == key(article.heading))?;
            Some((heading, other))
        });
        let (heading, prose) = match &english {
            Some((heading, other)) => (format!("{}\u{3000}{}", heading.key, heading.title), other.prose),
            None => (article.heading.to_owned(), article.prose),
        };
        whole += &format!("\n\n{} {heading}", "#".repeat(article.level.into()));
        let blocks = article.blocks.iter().map(|fence| {
            let own = english.iter().flat_map(|(_, other)| &other.blocks).find(|other| overlay.names(other) == rulebook.names(fence));
            words.block(&rulebook, fence, own.map(|own| (&overlay, *own)))
        });
        for piece in [prose.to_owned()].into_iter().filter(|prose| !prose.is_empty()).chain(blocks) {
            whole += &format!("\n\n{piece}");
        }
    }
    whole + "\n"
}

impl<'t> Paper<'t> {
    fn read(text: &'t str) -> Paper<'t> {
        let sources = Sources::from_memory([("policies/rulebook.md", text)]);
        Paper { text, document: document::parse(&sources.files[0]) }
    }

    /// The headings below the title, in their order.
    fn articles(&self) -> Vec<Article<'_>> {
        let body = &self.document.body;
        let headings = body.headings.iter().enumerate().filter(|(_, heading)| heading.level > 1);
        let article = |(place, heading): (usize, &'_ document::Heading)| {
            let end = body.headings.get(place + 1).map_or(self.text.len(), |next| next.span.start as usize);
            let blocks: Vec<&Fence> = body.fences.iter().filter(|fence| fence.heading == Some(place)).collect();
            let until = blocks.first().map_or(end, |first| first.span.start as usize);
            let line = &self.text[range(heading.span)];
            let prose = self.text[heading.span.end as usize..until].trim();
            let start = heading.span.start as usize;
            Article { start, heading: line.trim_start_matches('#').trim(), level: heading.level, prose, blocks }
        };
        headings.map(article).collect()
    }

    /// A block's kind and id.
    fn names<'f>(&self, fence: &'f Fence) -> (&'f str, Option<String>) {
        let id = yaml::read(self.text, fence.content).node.get("id").and_then(Node::text).map(ToString::to_string);
        (fence.info.trim(), id)
    }

    /// The entries of a block, each with the whole of its lines.
    fn entries(&self, fence: &Fence) -> Vec<(String, Range<usize>)> {
        let node = yaml::read(self.text, fence.content).node;
        let starts = node.entries().iter().map(|(key, _)| key.span.start as usize);
        let ends = starts.clone().skip(1).chain([fence.content.end as usize]);
        node.entries().iter().map(|(key, _)| key.text.to_string()).zip(starts.zip(ends).map(|(start, end)| start..end)).collect()
    }
}

impl<'t> Heading<'t> {
    fn read(line: &'t str) -> Option<Heading<'t>> {
        let (stands_for, words) = line.split_once(" => ")?;
        let (key, title) = words.split_once('\u{3000}')?;
        Some(Heading { stands_for, key, title })
    }
}

impl Words {
    /// Those that an overlay has in front, the titles, and the keys of the articles.
    fn of(rulebook: &Paper<'_>, overlay: &Paper<'_>) -> Words {
        let front = &overlay.document.front;
        let listed = front.get("words").map_or(&[][..], Node::entries).iter();
        let mut words: Vec<(String, String)> =
            listed.filter_map(|(word, english)| Some((word.text.to_string(), english.text()?.to_string()))).collect();
        let title = |paper: &Paper<'_>| paper.document.front.get("title").and_then(Node::text).map(ToString::to_string);
        words.extend(title(rulebook).zip(title(overlay)));
        let articles = overlay.articles();
        let headings = articles.iter().filter_map(|article| Heading::read(article.heading));
        words.extend(headings.map(|heading| (heading.stands_for.to_owned(), heading.key.to_owned())));
        words.retain(|(word, english)| !word.is_empty() && word != english);
        words.sort_by_key(|(word, _)| Reverse(word.len()));
        Words(words)
    }

    fn spoken(&self, text: &str) -> String {
        let (mut spoken, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(first) = rest.chars().next() {
            let (word, length) = match self.0.iter().find(|(word, _)| rest.starts_with(&**word)) {
                Some((word, english)) => (english.as_str(), word.len()),
                None => (&rest[..first.len_utf8()], first.len_utf8()),
            };
            spoken.push_str(word);
            rest = &rest[length..];
        }
        spoken
    }

    /// A block in English: its `zh` stays, and what the overlay has of it takes the place of the
    /// entries of that name.
    fn block(&self, rulebook: &Paper<'_>, fence: &Fence, own: Option<(&Paper<'_>, &Fence)>) -> String {
        let mut pieces: Vec<(Range<usize>, &str)> = Vec::new();
        if let Some((overlay, own)) = own {
            let others = overlay.entries(own);
            let taken = rulebook.entries(fence).into_iter().filter(|(name, _)| name != "id");
            pieces.extend(taken.filter_map(|(name, place)| {
                let (_, from) = others.iter().find(|(other, _)| *other == name)?;
                Some((place, &overlay.text[from.clone()]))
            }));
        }
        let mut chinese = Vec::new();
        collect_chinese(&yaml::read(rulebook.text, fence.content).node, &mut chinese);
        chinese.retain(|place| !pieces.iter().any(|(taken, _)| taken.contains(&place.start)));
        pieces.extend(chinese.into_iter().map(|place| (place.clone(), &rulebook.text[place])));
        pieces.sort_by_key(|(place, _)| place.start);
        let (mut whole, mut from) = (String::new(), fence.span.start as usize);
        for (place, piece) in pieces {
            whole += &self.spoken(&rulebook.text[from..place.start]);
            whole += piece;
            from = place.end;
        }
        whole + self.spoken(&rulebook.text[from..fence.span.end as usize]).trim_end()
    }
}

/// The values of `zh`, wherever they stand.
fn collect_chinese(node: &Node, found: &mut Vec<Range<usize>>) {
    for (key, value) in node.entries() {
        if &*key.text == "zh" { found.push(range(value.span)) } else { collect_chinese(value, found) }
    }
    node.list().unwrap_or_default().iter().for_each(|item| collect_chinese(item, found));
}

/// What an article is cited by.
fn key(heading: &str) -> &str {
    heading.split_once('\u{3000}').map_or(heading, |(key, _)| key)
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

#[cfg(test)]
mod tests;
