//! Markdown as HTML, through a view: a link leads only where its reader may go; the rest is plain
//! words.

use super::{
    address,
    asked::Asked,
    boxes,
    ids::Ids,
    twins::{Anchor, Prose, Wording},
};
use crate::{
    access::Seen,
    document::{Body, markdown},
    policy::Policy,
    source::{ArchivePath, FileId, RecordId, Span},
};
use percent_encoding::percent_decode_str;
use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd, html};
use std::{
    borrow::Cow,
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};
use unicode_normalization::UnicodeNormalization;

/// Where a link or an image leads.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Leads {
    To(String),
    /// To a record, whose title stands for a link without words of its own.
    Record(String, String),
    /// Nowhere: its words stand plain.
    Nowhere,
}

/// What surrounds a text: how its links are resolved, and what stands in the place of a fence.
pub(super) trait Surroundings {
    fn resolve(&self, destination: &str, wiki: bool) -> Leads;
    /// The address of an image that the page itself may show.
    fn image(&self, destination: &str) -> Option<String>;
    /// The words in the place of a text.
    fn words<'t>(&self, text: CowStr<'t>) -> CowStr<'t> {
        text
    }
    /// What a link to a heading, beside it, is called; none where a heading has none.
    fn heading_link(&self) -> Option<&str> {
        None
    }
    /// HTML in the place of the code block at a byte range of the text.
    fn fence(&self, range: &Range<usize>) -> Option<String>;
    fn table_label(&self) -> &str;
    /// The page's title: a first heading that says the same is left out.
    fn title(&self) -> &str;
}

/// The body of a record.
pub(super) fn of_record(asked: &Asked<'_>, seen: Seen<'_>) -> Prose {
    let made = || {
        let around = RecordText::of(asked, seen);
        let prose = render(seen.body(), &around, &mut Ids::default());
        (prose, around.wording.get())
    };
    match asked.twins {
        Some(twins) => twins.prose(seen.number(), made),
        None => made().0,
    }
}

/// The same as HTML, so many times on one page: no id stands there twice.
pub(super) fn copies_of_record(asked: &Asked<'_>, seen: Seen<'_>, copies: usize) -> Vec<String> {
    let (around, mut ids) = (RecordText::of(asked, seen), Ids::default());
    (0..copies).map(|_| render(seen.body(), &around, &mut ids).html).collect()
}

/// The body of a policy, its blocks as boxes.
pub(super) fn of_policy(asked: &Asked<'_>, policy: &Policy, text: &str, boxes: BTreeMap<usize, String>) -> Prose {
    let from = policy.document.body.span.start as usize;
    let body = text.get(from..policy.document.body.span.end as usize).unwrap_or_default();
    render(body, &PolicyText { asked, policy, from, boxes, page: None }, &mut Ids::default())
}

/// A part of a policy's prose, to be written elsewhere than on the version's own page: links within
/// the document lead there.
pub(super) fn of_part(asked: &Asked<'_>, policy: &Policy, text: &str, page: &str) -> Vec<Event<'static>> {
    let around = PolicyText { asked, policy, from: 0, boxes: BTreeMap::new(), page: Some(page) };
    written(text, &around, &mut Ids::default()).out.into_iter().map(Event::into_static).collect()
}

struct RecordText<'a> {
    asked: &'a Asked<'a>,
    seen: Seen<'a>,
    /// The names of those of its attachments that open.
    attachments: BTreeSet<&'a str>,
    /// Whether a word or an address of the page has been asked for.
    wording: Cell<Wording>,
}

impl<'a> RecordText<'a> {
    fn of(asked: &'a Asked<'a>, seen: Seen<'a>) -> RecordText<'a> {
        let attachments = seen.open_attachments().into_iter().collect();
        RecordText { asked, seen, attachments, wording: Cell::new(Wording::Same) }
    }

    /// What was asked for, in the language of the page and from where it lies.
    fn asked(&self) -> &'a Asked<'a> {
        self.wording.set(Wording::Own);
        self.asked
    }
}

impl Surroundings for RecordText<'_> {
    fn resolve(&self, destination: &str, wiki: bool) -> Leads {
        if !wiki && let Some(href) = self.image(destination) {
            return Leads::To(href);
        }
        resolve(self.asked(), self.seen.path(), destination, wiki, &|named| self.seen.anchor_of(named))
    }

    fn image(&self, destination: &str) -> Option<String> {
        let name = percent_decode_str(destination.strip_prefix("./").unwrap_or(destination)).decode_utf8().ok()?;
        let same = || self.attachments.iter().copied().find(|own| own.nfc().eq(name.nfc()));
        let own = self.attachments.get(&*name).copied().or_else(same)?;
        Some(self.asked().attachment_href(self.seen.id(), own))
    }

    fn fence(&self, _: &Range<usize>) -> Option<String> {
        None
    }

    fn table_label(&self) -> &str {
        self.asked().word("table_scroll")
    }

    fn title(&self) -> &str {
        self.seen.title()
    }
}

struct PolicyText<'a> {
    asked: &'a Asked<'a>,
    policy: &'a Policy,
    /// Where the body begins in the text.
    from: usize,
    /// By the byte of the text inside their fence.
    boxes: BTreeMap<usize, String>,
    /// Of a part that stands elsewhere: the page of the whole.
    page: Option<&'a str>,
}

impl Surroundings for PolicyText<'_> {
    fn resolve(&self, destination: &str, wiki: bool) -> Leads {
        let here = |named: &str| self.policy.document.body.anchor_of(named);
        match (resolve(self.asked, &self.policy.document.path, destination, wiki, &here), self.page) {
            (Leads::To(fragment), Some(page)) if fragment.starts_with('#') => Leads::To(format!("{page}{fragment}")),
            (target, _) => target,
        }
    }

    fn heading_link(&self) -> Option<&str> {
        self.page.is_none().then(|| self.asked.word("article_link"))
    }

    fn image(&self, _: &str) -> Option<String> {
        None
    }

    fn words<'t>(&self, text: CowStr<'t>) -> CowStr<'t> {
        match self.policy.filled(&text) {
            Cow::Owned(filled) => filled.into(),
            Cow::Borrowed(_) => text,
        }
    }

    fn fence(&self, range: &Range<usize>) -> Option<String> {
        let range = range.start + self.from..range.end + self.from;
        self.boxes.range(range).next().map(|(_, html)| html.clone())
    }

    fn table_label(&self) -> &str {
        self.asked.word("table_scroll")
    }

    fn title(&self) -> &str {
        &self.policy.title
    }
}

/// By the words of a link to a heading, the heading's anchor.
type Headings<'h> = dyn Fn(&str) -> Option<&'h str> + 'h;

/// Where a destination written in a document leads in a view. `here`: the document's own headings.
fn resolve<'h>(asked: &Asked<'_>, from: &ArchivePath, destination: &str, wiki: bool, here: &Headings<'h>) -> Leads {
    let (target, fragment) = destination.split_once('#').map_or((destination, None), |(target, fragment)| (target, Some(fragment)));
    let fragment = fragment.map(|fragment| percent_decode_str(fragment).decode_utf8_lossy());
    let decoded = percent_decode_str(target).decode_utf8_lossy();
    if wiki {
        return record(asked, asked.view.and_then(|view| view.record(&RecordId::named(target.trim()))), fragment.as_deref());
    }
    if target.is_empty() {
        return Leads::To(place(fragment.as_deref(), here));
    }
    if !markdown::allowed_destination(destination) {
        return Leads::Nowhere;
    }
    if target.contains(':') {
        return Leads::To(destination.to_owned());
    }
    let Some(path) = join(&from.0, &decoded) else { return Leads::Nowhere };
    let Some(view) = asked.view else { return Leads::Nowhere };
    let policy = || view.policies().versions.iter().find(|policy| *policy.document.path.0 == path);
    if let Some(policy) = path.starts_with("policies/").then(policy).flatten() {
        let place = place(fragment.as_deref(), &|named| policy.document.body.anchor_of(named));
        return Leads::To(format!("{}{place}", asked.href(&address::policy(&policy.id))));
    }
    record(asked, view.record_at(&ArchivePath::from(path.as_str())), fragment.as_deref())
}

fn record(asked: &Asked<'_>, seen: Option<Seen<'_>>, fragment: Option<&str>) -> Leads {
    let Some(seen) = seen else { return Leads::Nowhere };
    let place = place(fragment, &|named| seen.anchor_of(named));
    Leads::Record(format!("{}{place}", asked.record_href(seen)), seen.title().to_owned())
}

/// The end of an address that leads to a heading; where none is named so, to what is named.
fn place<'h>(fragment: Option<&str>, headings: &Headings<'h>) -> String {
    fragment.map_or_else(String::new, |named| format!("#{}", address::fragment(headings(named).unwrap_or(named))))
}

/// The path that a relative one leads to from a document; `None` where it leaves the archive.
fn join(from: &str, relative: &str) -> Option<String> {
    let rooted = relative.strip_prefix('/');
    let mut pieces: Vec<&str> = if rooted.is_some() { Vec::new() } else { from.split('/').collect() };
    pieces.pop();
    for piece in rooted.unwrap_or(relative).split('/') {
        match piece {
            "" | "." => {}
            ".." => drop(pieces.pop()?),
            name => pieces.push(name),
        }
    }
    Some(pieces.join("/"))
}

/// A text as HTML; its ids are added to those of the page.
fn render(text: &str, around: &dyn Surroundings, ids: &mut Ids) -> Prose {
    let mut writer = written(text, around, ids);
    html::push_html(&mut writer.prose.html, writer.out.into_iter());
    writer.prose
}

/// The events of a text as its surroundings have them.
fn written<'a>(text: &'a str, around: &'a dyn Surroundings, ids: &'a mut Ids) -> Writer<'a> {
    let events = markdown::events(text);
    let body = Body::of(&events, text, Span::new(FileId::NONE, 0..text.len()));
    let headings =
        body.headings.into_iter().map(|h| Anchor { anchor: ids.heading(&h.anchor), text: h.text.to_string(), level: h.level }).collect();
    let prose = Prose { html: String::new(), headings };
    let mut writer = Writer {
        around,
        prose,
        ids,
        written: 0,
        titled: false,
        columns: Vec::new(),
        cell: (false, 0),
        open: Vec::new(),
        in_link: false,
        out: Vec::new(),
    };
    let mut at = 0;
    while let Some((event, range)) = events.get(at) {
        at = writer.event(event.clone(), range, &events, at);
    }
    writer
}

struct Writer<'a> {
    around: &'a dyn Surroundings,
    prose: Prose,
    ids: &'a mut Ids,
    /// The headings that have been written.
    written: usize,
    /// The heading that says the title has been left out.
    titled: bool,
    /// Of the table, and whether in its head, and the column.
    columns: Vec<Alignment>,
    cell: (bool, usize),
    /// For every open link or image: whether its end is written.
    open: Vec<Option<TagEnd>>,
    in_link: bool,
    out: Vec<Event<'a>>,
}

impl<'a> Writer<'a> {
    /// Writes an event, and gives the index of the next.
    fn event(&mut self, event: Event<'a>, range: &Range<usize>, all: &[(Event<'a>, Range<usize>)], at: usize) -> usize {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => return self.code_block(Event::Start(Tag::CodeBlock(kind)), range, all, at),
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) if self.says_the_title() => {
                self.prose.headings.remove(0);
                self.titled = true;
                return after(all, at, TagEnd::Heading(HeadingLevel::H1));
            }
            Event::Start(Tag::Heading { level, .. }) => self.heading(level),
            Event::End(TagEnd::Heading(level)) => self.end_of_heading(level),
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => return self.link(link_type, &dest_url, title, all, at),
            Event::Start(Tag::Image { link_type, dest_url, title, .. }) => self.image(link_type, &dest_url, title),
            Event::End(TagEnd::Link | TagEnd::Image) => self.close_link(),
            Event::FootnoteReference(label) => self.out.push(Event::FootnoteReference(self.ids.footnote(&label).into())),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                let id = self.ids.definition(&label).into();
                self.out.push(Event::Start(Tag::FootnoteDefinition(id)));
            }
            Event::Start(Tag::Table(columns)) => {
                let unaligned = columns.iter().map(|_| Alignment::None).collect();
                self.columns = columns;
                let label = boxes::escape(self.around.table_label());
                let open = format!("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\">");
                self.out.extend([Event::Html(open.into()), Event::Start(Tag::Table(unaligned))]);
            }
            Event::End(TagEnd::Table) => self.out.extend([Event::End(TagEnd::Table), Event::Html("</div>".into())]),
            Event::Start(row @ (Tag::TableHead | Tag::TableRow)) => {
                self.cell = (row == Tag::TableHead, 0);
                self.out.push(Event::Start(row));
            }
            Event::Start(Tag::TableCell) => self.cell(),
            Event::End(TagEnd::TableCell) => self.out.push(Event::Html(if self.cell.0 { "</th>" } else { "</td>" }.into())),
            Event::Text(text) => self.out.push(Event::Text(self.around.words(text))),
            // The events come without raw HTML; should one, it is words.
            Event::Html(raw) | Event::InlineHtml(raw) => self.out.push(Event::Text(raw)),
            other => self.out.push(other),
        }
        at + 1
    }

    /// Alignment by a class: the pages' policy admits no style in an element.
    fn cell(&mut self) {
        let (is_head, column) = self.cell;
        self.cell.1 += 1;
        let class = match self.columns.get(column) {
            Some(Alignment::Right) => " class=\"number\"",
            Some(Alignment::Center) => " class=\"middle\"",
            Some(Alignment::Left | Alignment::None) | None => "",
        };
        let name = if is_head { "th scope=\"col\"" } else { "td" };
        self.out.push(Event::Html(format!("<{name}{class}>").into()));
    }

    fn code_block(&mut self, start: Event<'a>, range: &Range<usize>, all: &[(Event<'a>, Range<usize>)], at: usize) -> usize {
        let Some(html) = self.around.fence(range) else {
            self.out.push(start);
            return at + 1;
        };
        self.out.push(Event::Html(html.into()));
        after(all, at, TagEnd::CodeBlock)
    }

    fn says_the_title(&self) -> bool {
        self.written == 0 && !self.titled && self.prose.headings.first().is_some_and(|heading| heading.text == self.around.title())
    }

    fn heading(&mut self, level: HeadingLevel) {
        let id = self.prose.headings.get(self.written).map(|heading| heading.anchor.clone().into());
        self.written += 1;
        self.out.push(Event::Start(Tag::Heading { level: below_title(level), id, classes: Vec::new(), attrs: Vec::new() }));
    }

    fn end_of_heading(&mut self, level: HeadingLevel) {
        let own = self.written.checked_sub(1).and_then(|written| self.prose.headings.get(written));
        if let (Some(label), Some(own)) = (self.around.heading_link(), own) {
            let (label, id) = (boxes::escape(label), boxes::escape(&own.anchor));
            self.out.push(Event::Html(format!("<a class=\"here\" href=\"#{id}\" aria-label=\"{label}\">§</a>").into()));
        }
        self.out.push(Event::End(TagEnd::Heading(below_title(level))));
    }

    fn link(&mut self, link_type: LinkType, destination: &str, title: CowStr<'a>, all: &[(Event<'a>, Range<usize>)], at: usize) -> usize {
        let wiki = matches!(link_type, LinkType::WikiLink { .. });
        let target = self.around.resolve(destination, wiki);
        let words = match (&target, link_type) {
            (Leads::Record(_, title), LinkType::WikiLink { has_pothole: false }) => Some(title.clone()),
            _ => None,
        };
        self.open_link(target, title);
        let Some(words) = words else { return at + 1 };
        self.out.push(Event::Text(words.into()));
        after(all, at, TagEnd::Link) - 1
    }

    /// Inside a link the words of another one stand plain.
    fn open_link(&mut self, target: Leads, title: CowStr<'a>) {
        let href = match target {
            Leads::To(href) | Leads::Record(href, _) if !self.in_link => href,
            _ => return self.open.push(None),
        };
        self.open.push(Some(TagEnd::Link));
        self.in_link = true;
        let title = self.around.words(title);
        self.out.push(Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: href.into(), title, id: "".into() }));
    }

    fn close_link(&mut self) {
        let Some(end) = self.open.pop().flatten() else { return };
        self.out.push(Event::End(end));
        self.in_link &= end != TagEnd::Link;
    }

    /// An image of the record's own is shown; one from elsewhere is a link to it; else its words
    /// stand alone.
    fn image(&mut self, link_type: LinkType, destination: &str, title: CowStr<'a>) {
        let Some(href) = self.around.image(destination) else {
            let target = self.around.resolve(destination, matches!(link_type, LinkType::WikiLink { .. }));
            return self.open_link(target, title);
        };
        self.open.push(Some(TagEnd::Image));
        let title = self.around.words(title);
        self.out.push(Event::Start(Tag::Image { link_type: LinkType::Inline, dest_url: href.into(), title, id: "".into() }));
    }
}

/// The index behind the end of what begins at one.
fn after(all: &[(Event<'_>, Range<usize>)], at: usize, end: TagEnd) -> usize {
    let end = all[at..].iter().position(|(event, _)| *event == Event::End(end));
    at + 1 + end.expect("the parser closes what it opens")
}

/// The page's own title is the only heading of level 1.
fn below_title(level: HeadingLevel) -> HeadingLevel {
    if level == HeadingLevel::H1 { HeadingLevel::H2 } else { level }
}

#[cfg(test)]
mod tests;
