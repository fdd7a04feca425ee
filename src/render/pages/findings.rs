//! What is wrong and what was, as far as the reader may know: two pages, each a tab of the other.

use super::{
    PageKind, Shows,
    pager::{self, Pager},
};
use crate::{
    access::{Seen, View},
    diagnostic::{Citation, Finding, Past},
    policy::Value,
    render::{
        asked::{self, Asked, Wrong},
        shown::{Link, PageModel},
    },
    source::RecordId,
};
use serde::Serialize;
use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

const NOW: &str = "/findings/";
const PAST: &str = "/findings/past/";

pub(super) const KIND: PageKind =
    PageKind { templates: &[NOW, "/findings/page/{number}/", PAST, "/findings/past/page/{number}/"], addresses, page };

#[derive(Serialize)]
struct Findings {
    tabs: [Tab; 2],
    count: usize,
    findings: Vec<Wrong>,
    #[serde(flatten)]
    pager: Pager,
}

#[derive(Serialize)]
struct Over {
    tabs: [Tab; 2],
    count: usize,
    groups: Vec<Group>,
    #[serde(flatten)]
    pager: Pager,
}

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    count: usize,
    /// `None` where it is open.
    href: Option<String>,
}

/// What was wrong by one rule.
#[derive(Serialize)]
struct Group {
    code: String,
    /// The articles that the rule stood under.
    citations: Vec<Link>,
    dealt_with: usize,
    /// How many there are; a page may show some of them.
    count: usize,
    breaches: Vec<asked::Over>,
}

fn addresses(view: &View<'_>) -> Vec<String> {
    [pager::addresses(NOW, view.findings().len()), pager::addresses(PAST, view.past().len())].concat()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["findings", rest @ ..] = segments else { return Ok(None) };
    let (now, past) = (view.findings(), view.past());
    let counts = [now.len(), past.len()];
    if let ["past", rest @ ..] = rest {
        let Some(number) = pager::number(rest, past.len()) else { return Ok(None) };
        let pager = Pager::new(asked, PAST, number, past.len());
        let over = Over { tabs: tabs(asked, PAST, counts), count: past.len(), groups: groups(asked, &past, number), pager };
        return asked
            .page(&pager::address(PAST, number), PageModel::new("findings-past.html", asked.word("past_breaches"), over))
            .map(Some);
    }
    let Some(number) = pager::number(rest, now.len()) else { return Ok(None) };
    let pager = Pager::new(asked, NOW, number, now.len());
    let findings = pager::part(&now, number).map(|finding| asked.wrong(finding)).collect();
    let findings = Findings { tabs: tabs(asked, NOW, counts), count: now.len(), findings, pager };
    asked.page(&pager::address(NOW, number), PageModel::new("findings.html", asked.word("findings"), findings)).map(Some)
}

fn tabs(asked: &Asked<'_>, open: &str, [now, past]: [usize; 2]) -> [Tab; 2] {
    let tab = |key, path: &str, count| Tab { label: asked.word(key), count, href: (path != open).then(|| asked.href(path)) };
    [tab("findings_now", NOW, now), tab("findings_past", PAST, past)]
}

/// A breach of the past, and how it ended.
type Breach<'f> = (&'f Finding, &'f Past);

/// By rule, those with the most breaches first; in each the latest first. Of all these, one part.
fn groups(asked: &Asked<'_>, past: &[Cow<'_, Finding>], number: usize) -> Vec<Group> {
    let mut by_rule: BTreeMap<&str, Vec<Breach<'_>>> = BTreeMap::new();
    for (finding, past) in past.iter().filter_map(|finding| Some((&**finding, finding.state.ended()?))) {
        by_rule.entry(&finding.code).or_default().push((finding, past));
    }
    let mut rules: Vec<Vec<Breach<'_>>> = by_rule.into_values().collect();
    rules.sort_by_key(|breaches| Reverse(breaches.len()));
    rules.iter_mut().for_each(|breaches| breaches.sort_by_key(|(_, past)| Reverse((past.until, past.since))));
    let each = rules.iter().enumerate().flat_map(|(rule, breaches)| breaches.iter().map(move |breach| (rule, *breach)));
    let shown: Vec<(usize, Breach<'_>)> = pager::part(each, number).collect();
    shown.chunk_by(|(one, _), (other, _)| one == other).map(|part| group(asked, &rules[part[0].0], part)).collect()
}

/// `all`: what broke the rule; `shown`: those of them that are shown here.
fn group(asked: &Asked<'_>, all: &[Breach<'_>], shown: &[(usize, Breach<'_>)]) -> Group {
    let citations: BTreeSet<&Citation> = all.iter().filter_map(|(finding, _)| finding.citation.as_ref()).collect();
    // Versions of one policy have the same article.
    let mut citations: Vec<Link> = citations.into_iter().map(|citation| asked.citation(citation)).collect();
    citations.dedup();
    let dealt_with = all.iter().filter(|(_, past)| past.dealt_with.is_some()).count();
    let breaches = shown.iter().map(|(_, (finding, past))| asked.over(finding, past)).collect();
    Group { code: all[0].0.code.to_string(), citations, dealt_with, count: all.len(), breaches }
}

/// Those in records that the reader wrote.
pub(super) fn mine(asked: &Asked<'_>, view: &View<'_>) -> Vec<Wrong> {
    let Some(me) = asked.me() else { return Vec::new() };
    let is_mine = |id: &RecordId| view.record(id).is_some_and(|seen| author(seen).as_ref() == Some(me));
    let findings = view.findings().into_iter().filter(|finding| finding.record.as_ref().is_some_and(is_mine));
    findings.map(|finding| asked.wrong(finding)).collect()
}

/// The author, as the field says that the reader sees.
fn author(seen: Seen<'_>) -> Option<RecordId> {
    let name = seen.record_type()?.author.clone()?;
    seen.fields().into_iter().find_map(|(field, value)| match value {
        Value::Record(id) if field.name == name => Some(id),
        _ => None,
    })
}
