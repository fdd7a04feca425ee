//! Search: on the server the hits are given; in the static site a script looks through the view's
//! own text.

use super::{Page, PageKind, Shows, is};
use crate::{
    access::{Seen, View},
    diagnostic::Lang,
    document::{Passage, Writing},
    policy::Policy,
    render::{
        RenderError, Session, Theme,
        address::{self, Base},
        asked::{Asked, is_person},
        frame::PageModel,
        link::ShownLink,
    },
    search::{Hit, Hits, fold::SIMPLIFIED, text_of},
    source::RecordId,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) const KIND: PageKind = PageKind { templates: &[ADDRESS], addresses: |_| vec![ADDRESS.to_owned()], page };

const ADDRESS: &str = "/search/";

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
    /// The files of data, the contents first.
    files: Vec<String>,
    lang: &'static str,
}

#[derive(Serialize)]
struct Found {
    link: ShownLink,
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
    let asked = Asked { view: Some(view), settings: view.settings(), theme, lang, session: Some(session), base: Base::Root, twins: None };
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
    asked.page(ADDRESS, PageModel::new("search.html", asked.word("search"), page))
}

fn found(asked: &Asked<'_>, view: &View<'_>, hit: &Hit) -> Found {
    let seen = view.record(&RecordId(hit.id.clone())).filter(|seen| seen.record_type().is_none_or(|t| t.id == hit.record_type));
    let (href, kind) = match seen {
        Some(seen) => (asked.record_href(seen), seen.record_type().map_or_else(String::new, |t| asked.label(&t.label, &t.id))),
        None => (asked.href(&address::policy(&hit.id)), asked.word("policies").to_owned()),
    };
    Found {
        link: ShownLink { text: hit.title.clone(), href: Some(href) },
        kind,
        id: hit.id.to_string(),
        date: hit.date.map(|date| date.to_string()),
        snippet: hit.snippet.iter().map(|(text, found)| Marked { text: text.clone(), found: *found }).collect(),
    }
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "search") {
        return Ok(None);
    }
    let script = asked.session.is_none().then(|| Script {
        href: asked.asset_href("search.js"),
        files: files(view).iter().map(|file| asked.base.href(file)).collect(),
        lang: address::code(asked.lang),
    });
    let (query, hits) = (String::new(), Vec::new());
    let page = Search { query, answered: false, total: 0, hits, number: 1, of: 1, previous: None, next: None, script };
    asked.page(ADDRESS, PageModel::new("search.html", asked.word("search"), page)).map(Some)
}

/// A text that the static site searches: a record's, or a policy's.
#[derive(Serialize)]
struct Text {
    /// From the search page, in whose language it is: the same words in both.
    href: String,
    id: String,
    kind: String,
    title: String,
    date: Option<String>,
    text: String,
}

/// What the script reads first.
#[derive(Serialize)]
struct Contents {
    /// The labels of kinds, by language.
    kinds: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// Traditional characters and, at the same places, their Simplified ones: what a browser cannot
    /// fold by itself.
    from: String,
    to: String,
}

/// The addresses of the files that the script reads.
pub(super) fn files(view: &View<'_>) -> Vec<String> {
    let shards = view.records().count() + view.policies().in_force(view.today()).count();
    let shards = (0..shards.div_ceil(A_SHARD)).map(|number| format!("/search/texts-{number}.js"));
    std::iter::once("/search/contents.js".to_owned()).chain(shards).collect()
}

/// One of those files, in the static site: a script that hands its data over, for a page that is
/// opened from a folder may run one, and read no other file.
pub(super) fn file(path: &str, view: &View<'_>, asked: &Asked<'_>) -> Option<Page> {
    if asked.session.is_some() || !path.starts_with(ADDRESS) {
        return None;
    }
    let number = files(view).iter().position(|address| address == path)?;
    let body = if number == 0 { handed_over("contents", &contents(view)) } else { handed_over("texts", &texts(view, number - 1)) };
    Some(Page { address: path.to_owned(), content_type: "text/javascript; charset=utf-8", body: body.into_bytes(), record: None })
}

/// JSON is an expression of JavaScript (ECMA-262, since 2019).
fn handed_over<T: Serialize>(what: &str, value: &T) -> String {
    let json = serde_json::to_string(value).expect("texts and maps with text for keys can be written as JSON");
    format!("take.{what}({json});\n")
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
    Contents { kinds: [Lang::Zh, Lang::En].map(|lang| (address::code(lang), labels(lang))).into(), from, to }
}

/// The texts of a file. What stands in the files before it is passed over, and not read.
fn texts(view: &View<'_>, shard: usize) -> Vec<Text> {
    let policies: Vec<&Policy> = view.policies().in_force(view.today()).map(|policy| &**policy).collect();
    let (first, all) = (shard * A_SHARD, policies.len());
    let records = view.records().skip(first.saturating_sub(all)).map(text);
    policies.into_iter().skip(first).map(|policy| text_of_policy(view, policy)).chain(records).take(A_SHARD).collect()
}

fn text_of_policy(view: &View<'_>, policy: &Policy) -> Text {
    let writing = Writing::read(view.policy_text(policy), policy.document.body.span);
    Text {
        href: from_search(&address::policy(&policy.id)),
        id: policy.id.to_string(),
        kind: String::new(),
        title: policy.title.to_string(),
        date: Some(policy.effective.to_string()),
        text: Passage::all(&writing.prose).into_iter().map(|passage| passage.text).collect::<Vec<_>>().join(" "),
    }
}

fn from_search(to: &str) -> String {
    Base::File(&address::file(ADDRESS)).href(to)
}

fn text(seen: Seen<'_>) -> Text {
    Text {
        href: from_search(&if is_person(seen) { address::person(seen.id()) } else { address::record(seen.id()) }),
        id: seen.id().to_string(),
        kind: seen.record_type().map_or_else(String::new, |t| t.id.to_string()),
        title: seen.title().to_owned(),
        date: seen.date().map(|date| date.to_string()),
        text: text_of(&seen),
    }
}
