//! The body of a document: its headings, links, fences, tables and prose, each with its place.

use super::markdown::{self, Spanned};
use crate::source::{Span, shared};
use percent_encoding::percent_decode_str;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

#[derive(Clone, Debug)]
pub struct Body {
    /// The text after the front matter.
    pub span: Span,
    /// Those of the document itself: a heading in a quote, a list or a footnote is a part of that.
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub fences: Vec<Fence>,
    pub tables: Vec<Span>,
    /// Where something stands that a reader would call content.
    substance: Vec<u32>,
    /// The headings in the order of their anchors.
    by_anchor: Box<[u32]>,
    /// Every name but the anchors that a heading goes by, in order, with that heading.
    names: Box<[(Arc<str>, u32)]>,
}

/// The words of a body. They are read when they are asked for, and not kept with every document.
#[derive(Clone, Default, Debug)]
pub struct Writing {
    /// Text outside code, tables and headings, a run of characters that stand together in the
    /// source each.
    pub prose: Vec<ProseRun>,
    /// The text in tables, in the same way.
    pub cells: Vec<ProseRun>,
}

#[derive(Clone, Debug)]
pub struct Heading {
    pub level: u8,
    pub text: Arc<str>,
    /// Unique in the document: the words before the first ideographic space, or before the first
    /// white space; else with `-2`, `-3` behind.
    pub anchor: Arc<str>,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// `[[ID]]`, `[[ID|words]]`
    Wiki,
    /// A path or a fragment of this archive.
    Relative,
    /// http, https, mailto, tel.
    Web,
    /// A scheme or form that is never rendered as a link.
    Refused,
}

#[derive(Clone, Debug)]
pub struct Link {
    pub kind: LinkKind,
    /// As written, percent-decoded, without the fragment.
    pub target: String,
    pub fragment: Option<String>,
    pub image: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Fence {
    pub info: String,
    /// The whole block with its fences.
    pub span: Span,
    /// What stands between the fences.
    pub content: Span,
    /// The nearest heading above it, an index into [`Body::headings`].
    pub heading: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct ProseRun {
    pub text: String,
    pub span: Span,
    /// The level-2 heading under which it stands, an index into [`Body::headings`].
    pub section: Option<usize>,
    pub joint: Joint,
}

/// How a run of prose stands to the run before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Joint {
    /// In another block, or behind code.
    Apart,
    /// With a line end between them that reads as a space.
    Spaced,
    /// With nothing between them that a reader sees.
    Touching,
}

/// A level-2 heading and what stands under it.
#[derive(Clone, Debug)]
pub struct Section {
    pub heading: usize,
    pub span: Span,
    /// Neither prose nor table nor list nor image stands in it.
    pub empty: bool,
}

impl Body {
    /// Reads the Markdown that stands at `span` of a file's text.
    pub fn read(text: &str, span: Span) -> Body {
        let markdown = text.get(span.start as usize..span.end as usize).unwrap_or_default();
        Body::of(&markdown::events(markdown), markdown, span)
    }

    /// The same from the events of that Markdown.
    pub fn of(events: &[Spanned<'_>], markdown: &str, span: Span) -> Body {
        Reader::read(events, markdown, span).0
    }

    /// The anchor of the heading that a link names: by its anchor, its full words, or the slug that
    /// other programs make of these.
    pub fn anchor_of(&self, fragment: &str) -> Option<&str> {
        let anchor = |heading: u32| &*self.headings[heading as usize].anchor;
        let own = |name: &str| self.by_anchor.binary_search_by(|heading| anchor(*heading).cmp(name)).map(|at| self.by_anchor[at]);
        let name = fragment.trim();
        let other = || self.names.binary_search_by(|(known, _)| (**known).cmp(name)).map(|at| self.names[at].1);
        own(fragment).or_else(|_| own(name)).or_else(|_| other()).ok().map(anchor)
    }

    /// Whether a byte of the file stands in a fenced block.
    pub fn is_code(&self, at: usize) -> bool {
        self.fences.iter().any(|fence| (fence.span.start as usize..fence.span.end as usize).contains(&at))
    }

    /// Whether something stands there that a reader would call content.
    pub fn has_content(&self, range: Range<u32>) -> bool {
        let first = self.substance.partition_point(|&at| at < range.start);
        self.substance.get(first).is_some_and(|&at| at < range.end)
    }

    /// From each level-2 heading to the next heading of its level or above.
    pub fn sections(&self) -> Vec<Section> {
        let top = || self.headings.iter().enumerate().filter(|(_, heading)| heading.level <= 2);
        let ends = top().skip(1).map(|(_, heading)| heading.span.start).chain([self.span.end]);
        let sections = top().zip(ends).filter(|((_, heading), _)| heading.level == 2);
        sections.map(|((i, heading), end)| self.section(i, Span { end, ..heading.span }, heading.span.end)).collect()
    }

    fn section(&self, heading: usize, span: Span, from: u32) -> Section {
        Section { heading, span, empty: !self.has_content(from..span.end) }
    }
}

impl Writing {
    /// Reads the words of the Markdown that stands at `span` of a file's text.
    pub fn read(text: &str, span: Span) -> Writing {
        let markdown = text.get(span.start as usize..span.end as usize).unwrap_or_default();
        Reader::read(&markdown::events(markdown), markdown, span).1
    }
}

/// What stands before the first ideographic space, or where there is none, before the first white
/// space.
fn key_of(words: &str) -> &str {
    let words = words.trim();
    words.split_once('\u{3000}').or_else(|| words.split_once(char::is_whitespace)).map_or(words, |(key, _)| key.trim_end())
}

/// What GitHub makes of a heading for its address: small letters, hyphens for spaces, no
/// punctuation.
fn slug_of(words: &str) -> String {
    let kept = words.trim().chars().filter(|&c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '_'));
    kept.map(|c| if c.is_whitespace() { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// Whether what stands on its two sides is read apart.
fn parts_prose(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(_) | Event::End(_) | Event::Code(_) | Event::Rule) && !markdown::is_mark(event)
}

struct Reader<'t> {
    markdown: &'t str,
    body: Body,
    writing: Writing,
    /// Blocks that hold other blocks: quotes, lists, footnotes.
    nested: usize,
    in_table: bool,
    in_code: bool,
    heading: Option<(u8, Range<usize>, String)>,
    section: Option<usize>,
    fence: Option<(String, Range<usize>, Option<Range<usize>>)>,
    /// Of the next run of prose.
    joint: Joint,
    /// How often a key was a heading's, so that many equal headings are not tried one number after
    /// the other.
    keys: HashMap<String, usize>,
    slugs: HashMap<String, usize>,
    /// The anchors of the headings so far, and by every other name that one of them goes by, its
    /// place.
    anchors: HashSet<String>,
    names: HashMap<String, u32>,
}

impl<'t> Reader<'t> {
    fn new(markdown: &'t str, span: Span) -> Self {
        let body = Body {
            span,
            headings: Vec::new(),
            links: Vec::new(),
            fences: Vec::new(),
            tables: Vec::new(),
            substance: Vec::new(),
            by_anchor: Box::default(),
            names: Box::default(),
        };
        Reader {
            markdown,
            body,
            writing: Writing::default(),
            nested: 0,
            in_table: false,
            in_code: false,
            heading: None,
            section: None,
            fence: None,
            joint: Joint::Apart,
            keys: HashMap::new(),
            slugs: HashMap::new(),
            anchors: HashSet::new(),
            names: HashMap::new(),
        }
    }

    fn read(events: &[Spanned<'_>], markdown: &'t str, span: Span) -> (Body, Writing) {
        let mut reader = Reader::new(markdown, span);
        for (event, range) in events {
            reader.take(event, range.clone());
        }
        let Reader { mut body, writing, names, anchors, .. } = reader;
        let mut by_anchor: Box<[u32]> = (0..body.headings.len() as u32).collect();
        by_anchor.sort_unstable_by_key(|heading| &*body.headings[*heading as usize].anchor);
        let kept = |(name, heading): (String, u32)| (shared(&name), heading);
        let mut names: Box<[(Arc<str>, u32)]> = names.into_iter().filter(|(name, _)| !anchors.contains(name)).map(kept).collect();
        names.sort_unstable();
        body.headings.shrink_to_fit();
        body.links.shrink_to_fit();
        body.substance.shrink_to_fit();
        (Body { by_anchor, names, ..body }, writing)
    }

    fn span(&self, range: Range<usize>) -> Span {
        let base = self.body.span.start as usize;
        Span::new(self.body.span.file, base + range.start..base + range.end)
    }

    fn take(&mut self, event: &Event<'_>, range: Range<usize>) {
        if parts_prose(event) {
            self.joint = Joint::Apart;
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(*tag),
            Event::Text(words) => self.text(words, range),
            Event::Code(words) => self.inline_code(words, range),
            Event::SoftBreak | Event::HardBreak => self.line_end(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::BlockQuote(_) | Tag::List(_) | Tag::FootnoteDefinition(_) => self.nested += 1,
            Tag::Heading { level, .. } if self.nested == 0 => self.heading = Some((depth(*level), range, String::new())),
            Tag::CodeBlock(kind) => {
                self.in_code = true;
                if let CodeBlockKind::Fenced(info) = kind {
                    self.fence = Some((info.to_string(), range, None));
                }
            }
            Tag::Table(_) => {
                self.in_table = true;
                self.substance(range.start);
                let range = self.without_line_end(range);
                self.body.tables.push(self.span(range));
            }
            Tag::Link { link_type, dest_url, .. } => self.link(*link_type, dest_url, range, false),
            Tag::Image { link_type, dest_url, .. } => {
                self.substance(range.start);
                self.link(*link_type, dest_url, range, true);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::FootnoteDefinition => self.nested -= 1,
            TagEnd::Heading(_) => self.close_heading(),
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.close_fence();
            }
            TagEnd::Table => self.in_table = false,
            _ => {}
        }
    }

    fn substance(&mut self, at: usize) {
        self.body.substance.push(self.span(at..at).start);
    }

    fn without_line_end(&self, range: Range<usize>) -> Range<usize> {
        range.start..range.start + self.markdown[range].trim_end_matches(['\n', '\r']).len()
    }

    fn close_heading(&mut self) {
        let Some((level, range, text)) = self.heading.take() else { return };
        let text = shared(text.trim());
        let anchor = self.anchor(key_of(&text));
        let anchor = if *anchor == *text { text.clone() } else { shared(&anchor) };
        self.name(&text);
        let span = self.span(self.without_line_end(range));
        match level {
            1 => self.section = None,
            2 => self.section = Some(self.body.headings.len()),
            _ => {}
        }
        self.body.headings.push(Heading { level, text, anchor, span });
    }

    fn anchor(&mut self, key: &str) -> String {
        let key = if key.is_empty() { "-" } else { key };
        let count = self.keys.entry(key.to_owned()).or_default();
        loop {
            *count += 1;
            let anchor = if *count == 1 { key.to_owned() } else { format!("{key}-{count}") };
            if self.anchors.insert(anchor.clone()) {
                return anchor;
            }
        }
    }

    /// Of equal headings the first goes by their words; the slugs of the others end with `-1`,
    /// `-2`.
    fn name(&mut self, text: &str) {
        let heading = self.body.headings.len() as u32;
        let count = self.slugs.entry(slug_of(text)).or_default();
        let slug = if *count == 0 { slug_of(text) } else { format!("{}-{count}", slug_of(text)) };
        *count += 1;
        for name in [text.to_owned(), slug].into_iter().filter(|name| !name.is_empty()) {
            self.names.entry(name).or_insert(heading);
        }
    }

    fn line_end(&mut self) {
        self.add_to_heading(" ");
        if self.joint == Joint::Touching {
            self.joint = Joint::Spaced;
        }
    }

    fn add_to_heading(&mut self, words: &str) {
        if let Some((_, _, text)) = &mut self.heading {
            text.push_str(words);
        }
    }

    fn text(&mut self, words: &str, range: Range<usize>) {
        if self.in_code {
            if let Some((_, _, content)) = &mut self.fence {
                *content = Some(content.as_ref().map_or(range.start, |c| c.start)..range.end);
            }
        } else if self.heading.is_some() {
            self.add_to_heading(words);
        } else {
            if !self.in_table && !words.trim().is_empty() {
                self.substance(range.start);
            }
            let span = self.span(range);
            let runs = if self.in_table { &mut self.writing.cells } else { &mut self.writing.prose };
            // A forced line end is no part of a word either.
            let joint = match runs.last() {
                Some(last) if self.joint == Joint::Spaced && markdown::is_nothing(&last.text, words) => Joint::Touching,
                _ => self.joint,
            };
            runs.push(ProseRun { text: words.to_owned(), span, section: self.section, joint });
            self.joint = Joint::Touching;
        }
    }

    fn inline_code(&mut self, words: &str, range: Range<usize>) {
        if self.heading.is_some() {
            self.add_to_heading(words);
        } else {
            self.substance(range.start);
        }
    }

    /// The content goes from line to line, also where each is indented.
    fn close_fence(&mut self) {
        let Some((info, range, content)) = self.fence.take() else { return };
        let head = self.markdown[range.clone()].find('\n').map_or(range.end, |at| range.start + at + 1);
        let content = content.map_or(head..head, |content| head.min(content.start)..content.end);
        let (span, content) = (self.span(self.without_line_end(range)), self.span(content));
        let heading = self.body.headings.len().checked_sub(1);
        self.body.fences.push(Fence { info: info.trim().to_owned(), span, content, heading });
    }

    fn link(&mut self, link_type: LinkType, destination: &str, range: Range<usize>, image: bool) {
        let kind = kind_of(link_type, destination);
        let (path, fragment) = match destination.split_once('#') {
            Some((path, fragment)) if kind != LinkKind::Web => (path, Some(decoded(fragment))),
            _ => (destination, None),
        };
        let span = self.span(range);
        self.body.links.push(Link { kind, target: decoded(path).trim().to_owned(), fragment, image, span });
    }
}

fn kind_of(link_type: LinkType, destination: &str) -> LinkKind {
    match link_type {
        _ if !markdown::allowed_destination(destination) => LinkKind::Refused,
        LinkType::WikiLink { .. } => LinkKind::Wiki,
        _ if markdown::is_web(destination) => LinkKind::Web,
        _ => LinkKind::Relative,
    }
}

fn decoded(written: &str) -> String {
    percent_decode_str(written).decode_utf8().map_or_else(|_| written.to_owned(), Into::into)
}

fn depth(level: HeadingLevel) -> u8 {
    level as u8
}
