//! The prose of two versions beside each other, as HTML: the words that only one of them has are
//! marked (`del`, `ins`), wherever they stand, in a link or emphasis too.

use super::{asked::Asked, boxes::escape, prose, word_diff};
use crate::{access::View, policy::Policy};
use pulldown_cmark::{Event, Tag, TagEnd, html};
use std::ops::Range;

/// A part of a version's document.
#[derive(Clone)]
pub(super) struct ComparedPart<'a> {
    pub policy: &'a Policy,
    pub range: Range<usize>,
    /// The version's own page, where links within it lead.
    pub page: String,
}

/// The HTML of a text in one version and in the other.
#[derive(Default, PartialEq, Debug)]
pub(super) struct ComparedHtml {
    pub before: String,
    pub after: String,
    /// A reader sees the same in both.
    pub are_alike: bool,
}

/// What is marked, and by which element.
const MARKS: [&str; 2] = ["del", "ins"];

/// The prose of a part that both versions have. Blocks are no prose.
pub(super) fn parts(asked: &Asked<'_>, view: &View<'_>, [before, after]: [&ComparedPart<'_>; 2], effort: &mut usize) -> ComparedHtml {
    let events = |part: &ComparedPart<'_>| prose::of_part(asked, part.policy, &text(view, part), &part.page);
    let (own_events, later_events) = (events(before), events(after));
    let (own, later) = (words(&own_events), words(&later_events));
    let alone = word_diff::alone(&own, &later, effort);
    let is_marked = alone.before.iter().chain(&alone.after).any(|alone| *alone);
    let sides = [written(&own_events, &alone.before, MARKS[0]), written(&later_events, &alone.after, MARKS[1])];
    // A link within the document leads to the page of its own version: that alone is no difference.
    let within = |part: &ComparedPart<'_>| format!("href=\"{}#", escape(&part.page));
    let are_alike = !is_marked && sides[0].replace(&within(before), &within(after)) == sides[1];
    let [before, after] = sides;
    ComparedHtml { before, after, are_alike }
}

/// The prose of a part that only one version has.
pub(super) fn part(asked: &Asked<'_>, view: &View<'_>, part: &ComparedPart<'_>) -> String {
    written(&prose::of_part(asked, part.policy, &text(view, part), &part.page), &[], MARKS[0])
}

/// A line without marks of its own.
pub(super) fn lines(before: &str, after: &str, effort: &mut usize) -> ComparedHtml {
    let (own, later) = (word_diff::words(before), word_diff::words(after));
    let alone = word_diff::alone(&own, &later, effort);
    let line = |words: &[&str], alone: &[bool], mark| {
        let mut out = String::new();
        runs(words, alone, |run, is_alone| out += &marked(&escape(&run), is_alone.then_some(mark)));
        out
    };
    let are_alike = before == after;
    ComparedHtml { before: line(&own, &alone.before, MARKS[0]), after: line(&later, &alone.after, MARKS[1]), are_alike }
}

/// A line in which nothing is marked.
pub(super) fn plain(line: &str) -> String {
    escape(line)
}

/// The text of a part, its blocks left out.
fn text(view: &View<'_>, part: &ComparedPart<'_>) -> String {
    let text = view.policy_text(part.policy);
    let is_block = |info: &str| info.split_whitespace().next() == Some("yaml");
    let fences = part.policy.document.body.fences.iter().filter(|fence| is_block(&fence.info));
    let places = fences.map(|fence| fence.span.start as usize..fence.span.end as usize);
    let mut out = String::new();
    let mut at = part.range.start;
    for place in places.filter(|place| part.range.contains(&place.start)) {
        out += text.get(at..place.start).unwrap_or_default();
        at = place.end;
    }
    out + text.get(at..part.range.end).unwrap_or_default()
}

/// The words of the texts, and an end behind every paragraph, item and cell.
fn words<'e>(events: &'e [Event<'_>]) -> Vec<&'e str> {
    let mut words = Vec::new();
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) => words.extend(word_diff::words(text)),
            Event::SoftBreak | Event::HardBreak => words.push(" "),
            event if ends(event) => words.push(word_diff::END),
            _ => {}
        }
    }
    words
}

fn ends(event: &Event<'_>) -> bool {
    match event {
        Event::End(end) => {
            matches!(end, TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock | TagEnd::TableRow | TagEnd::TableHead)
        }
        Event::Html(html) => html.starts_with("</t"),
        _ => false,
    }
}

/// The events as HTML. `alone` has a word of [`words`] each; none where nothing is to be marked.
/// Ids are left out: two texts stand on one page.
fn written(events: &[Event<'_>], alone: &[bool], mark: &str) -> String {
    let mut out: Vec<Event<'_>> = Vec::new();
    let mut at = 0;
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) => {
                let words = word_diff::words(text);
                let own = alone.get(at..at + words.len()).unwrap_or_default();
                at += words.len();
                runs(&words, own, |run, is_alone| {
                    let run = if matches!(event, Event::Code(_)) { Event::Code(run.into()) } else { Event::Text(run.into()) };
                    let tag = |slash: &str| is_alone.then(|| Event::Html(format!("<{slash}{mark}>").into()));
                    out.extend([tag(""), Some(run), tag("/")].into_iter().flatten());
                });
                continue;
            }
            Event::SoftBreak | Event::HardBreak => at += 1,
            event if ends(event) => at += 1,
            _ => {}
        }
        out.push(match event {
            Event::Start(Tag::Heading { level, .. }) => {
                Event::Start(Tag::Heading { level: *level, id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            other => other.clone(),
        });
    }
    let mut written = String::new();
    html::push_html(&mut written, out.into_iter());
    written
}

/// Neighbouring words that are alike in whether they stand alone, joined.
fn runs(words: &[&str], alone: &[bool], mut each: impl FnMut(String, bool)) {
    let is_alone = |at: usize| alone.get(at).copied().unwrap_or_default();
    let mut from = 0;
    for at in 1..=words.len() {
        if at == words.len() || is_alone(at) != is_alone(from) {
            each(words[from..at].concat(), is_alone(from));
            from = at;
        }
    }
}

fn marked(html: &str, mark: Option<&str>) -> String {
    mark.map_or_else(|| html.to_owned(), |mark| format!("<{mark}>{html}</{mark}>"))
}
