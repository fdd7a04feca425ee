//! Search: on the server the hits are given; in the static site a script looks through the view's own text.

use super::{Kind, Page, Shows, is};
use crate::{
    access::{Seen, View},
    diagnostic::Lang,
    document::Passage,
    render::{
        RenderError, Session, Theme, address,
        asked::{Asked, is_person},
        shown::{Link, Told},
    },
    search::{Hit, Hits, fold::SIMPLIFIED, text_of},
    source::RecordId,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind { templates: &["/search/"], addresses: |_| vec!["/search/".to_owned()], page };

/// The hits of a page.
pub const A_PAGE: usize = 20;

/// The texts of a file that the static site searches.
const A_SHARD: usize = 200;

#[derive(Serialize)]
struct Search {
    query: String,
    answered: bool,
    total: usize,
    hits: Vec<Found>,
    number: usize,
    of: usize,
    previous: Option<String>,
    next: Option<String>,
    /// For the script of the static site; there is none on the server.
    script: Option<Script>,
}

#[derive(Serialize)]
struct Script {
    href: String,
    /// What stands before every address in this language.
    prefix: String,
    lang: &'static str,
}

#[derive(Serialize)]
struct Found {
    link: Link,
    kind: String,
    id: String,
    date: Option<String>,
    snippet: Vec<Marked>,
}

#[derive(Serialize)]
struct Marked {
    text: String,
    found: bool,
}

/// The answer to a query, the given page of it (from 1 on), on the server.
///
/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn search(
    lang: Lang,
    query: &str,
    number: usize,
    hits: &Hits,
    view: &View<'_>,
    theme: &Theme,
    session: &Session,
) -> Result<Page, RenderError> {
    let asked = Asked { view: Some(view), settings: view.settings(), theme, lang, session: Some(session) };
    let of = hits.total.div_ceil(A_PAGE).max(1);
    let href = |n: usize| {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        asked.href(&format!("/search/?q={query}&page={n}"))
    };
    let page = Search {
        query: query.to_owned(),
        answered: !query.trim().is_empty(),
        total: hits.total,
        hits: hits.hits.iter().map(|hit| found(&asked, view, hit)).collect(),
        number,
        of,
        previous: (number > 1).then(|| href(number - 1)),
        next: (number < of).then(|| href(number + 1)),
        script: None,
    };
    asked.page("/search/", Told::new("search.html", asked.word("search"), page))
}

fn found(asked: &Asked<'_>, view: &View<'_>, hit: &Hit) -> Found {
    let seen = view.record(&RecordId(hit.id.clone())).filter(|seen| seen.record_type().is_none_or(|t| t.id == hit.record_type));
    let (href, kind) = match seen {
        Some(seen) => (asked.record_href(seen), seen.record_type().map_or_else(String::new, |t| asked.label(&t.label, &t.id))),
        None => (asked.href(&address::policy(&hit.id)), asked.word("policies").to_owned()),
    };
    Found {
        link: Link { text: hit.title.clone(), href: Some(href) },
        kind,
        id: hit.id.to_string(),
        date: hit.date.map(|date| date.to_string()),
        snippet: hit.snippet.iter().map(|(text, found)| Marked { text: text.clone(), found: *found }).collect(),
    }
}

fn page(asked: &Asked<'_>, _: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "search") {
        return Ok(None);
    }
    let script = asked.session.is_none().then(|| Script {
        href: asked.theme.href("search.js"),
        prefix: asked.href("/").trim_end_matches('/').to_owned(),
        lang: address::code(asked.lang),
    });
    let (query, hits) = (String::new(), Vec::new());
    let page = Search { query, answered: false, total: 0, hits, number: 1, of: 1, previous: None, next: None, script };
    asked.page("/search/", Told::new("search.html", asked.word("search"), page)).map(Some)
}

/// A text that the static site searches: a record's, or a policy's.
#[derive(Serialize)]
struct Text {
    address: String,
    id: String,
    kind: String,
    title: String,
    date: Option<String>,
    text: String,
}

/// What the script reads first.
#[derive(Serialize)]
struct Contents {
    shards: Vec<String>,
    /// The labels of kinds, by language.
    kinds: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// Traditional characters and, at the same places, their Simplified ones: what a browser cannot fold by itself.
    from: String,
    to: String,
}

/// The addresses of the files that the script reads.
pub(super) fn files(view: &View<'_>) -> Vec<String> {
    let shards = view.records().count() + view.policies().in_force(view.today()).count();
    let shards = (0..shards.div_ceil(A_SHARD)).map(shard_address);
    std::iter::once("/search/contents.json".to_owned()).chain(shards).collect()
}

fn shard_address(number: usize) -> String {
    format!("/search/texts-{number}.json")
}

/// One of those files, in the static site.
pub(super) fn file(path: &str, view: &View<'_>, asked: &Asked<'_>) -> Option<Page> {
    if asked.session.is_some() {
        return None;
    }
    let number = files(view).iter().position(|address| address == path)?;
    let body = if number == 0 { json(&contents(view)) } else { json(&texts(view, number - 1)) };
    Some(Page { address: path.to_owned(), content_type: "application/json", body, record: None })
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and maps with text for keys can be written as JSON")
}

fn contents(view: &View<'_>) -> Contents {
    let labels = |lang: Lang| {
        let label = |words: &crate::diagnostic::Words, id: &str| {
            if words.get(lang).is_empty() { id.to_owned() } else { words.get(lang).to_owned() }
        };
        let types = view.policies().types.values().map(|t| (t.id.to_string(), label(&t.label, &t.id)));
        types.chain([(String::new(), crate::render::words::word("policies", lang).to_owned())]).collect()
    };
    let (from, to) = SIMPLIFIED.iter().copied().unzip();
    Contents {
        shards: files(view).split_off(1),
        kinds: [Lang::Zh, Lang::En].map(|lang| (address::code(lang), labels(lang))).into(),
        from,
        to,
    }
}

fn texts(view: &View<'_>, shard: usize) -> Vec<Text> {
    let policies = view.policies().in_force(view.today()).map(|policy| Text {
        address: address::policy(&policy.id),
        id: policy.id.to_string(),
        kind: String::new(),
        title: policy.title.to_string(),
        date: Some(policy.effective.to_string()),
        text: Passage::all(&policy.document.body.prose).into_iter().map(|passage| passage.text).collect::<Vec<_>>().join(" "),
    });
    policies.chain(view.records().map(text)).skip(shard * A_SHARD).take(A_SHARD).collect()
}

fn text(seen: Seen<'_>) -> Text {
    Text {
        address: if is_person(seen) { address::person(seen.id()) } else { address::record(seen.id()) },
        id: seen.id().to_string(),
        kind: seen.record_type().map_or_else(String::new, |t| t.id.to_string()),
        title: seen.title().to_owned(),
        date: seen.date().map(|date| date.to_string()),
        text: text_of(&seen),
    }
}
