//! What is wrong and what was, as far as the reader may know: two pages, each a tab of the other.

use super::{Kind, Shows, is};
use crate::{
    access::{Seen, View},
    diagnostic::{Citation, Finding, Past},
    policy::Value,
    render::{
        asked::{self, Asked, Wrong},
        shown::{Link, Told},
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

pub(super) const KIND: Kind = Kind { templates: &[NOW, PAST], addresses: |_| vec![NOW.to_owned(), PAST.to_owned()], page };

#[derive(Serialize)]
struct Findings {
    tabs: [Tab; 2],
    findings: Vec<Wrong>,
}

#[derive(Serialize)]
struct Over {
    tabs: [Tab; 2],
    count: usize,
    groups: Vec<Group>,
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
    breaches: Vec<asked::Over>,
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if is(segments, "findings") {
        let findings: Vec<Wrong> = view.findings().into_iter().map(|finding| asked.wrong(finding)).collect();
        let tabs = tabs(asked, NOW, [findings.len(), view.past().len()]);
        return asked.page(NOW, Told::new("findings.html", asked.word("findings"), Findings { tabs, findings })).map(Some);
    }
    if segments != ["findings", "past"] {
        return Ok(None);
    }
    let past = view.past();
    let tabs = tabs(asked, PAST, [view.findings().len(), past.len()]);
    let over = Over { tabs, count: past.len(), groups: groups(asked, &past) };
    asked.page(PAST, Told::new("findings-past.html", asked.word("past_breaches"), over)).map(Some)
}

fn tabs(asked: &Asked<'_>, open: &str, [now, past]: [usize; 2]) -> [Tab; 2] {
    let tab = |key, path: &str, count| Tab { label: asked.word(key), count, href: (path != open).then(|| asked.href(path)) };
    [tab("findings_now", NOW, now), tab("findings_past", PAST, past)]
}

/// By rule, those with the most breaches first; in each the latest first.
fn groups(asked: &Asked<'_>, past: &[Cow<'_, Finding>]) -> Vec<Group> {
    let mut by_rule: BTreeMap<&str, Vec<(&Finding, &Past)>> = BTreeMap::new();
    for (finding, past) in past.iter().filter_map(|finding| Some((&**finding, finding.state.ended()?))) {
        by_rule.entry(&finding.code).or_default().push((finding, past));
    }
    let mut groups: Vec<Group> = by_rule.into_iter().map(|(code, breaches)| group(asked, code, breaches)).collect();
    groups.sort_by_key(|group| Reverse(group.breaches.len()));
    groups
}

fn group(asked: &Asked<'_>, code: &str, mut breaches: Vec<(&Finding, &Past)>) -> Group {
    breaches.sort_by_key(|(_, past)| Reverse((past.until, past.since)));
    let citations: BTreeSet<&Citation> = breaches.iter().filter_map(|(finding, _)| finding.citation.as_ref()).collect();
    // Versions of one policy have the same article.
    let mut citations: Vec<Link> = citations.into_iter().map(|citation| asked.citation(citation)).collect();
    citations.dedup();
    let breaches: Vec<asked::Over> = breaches.into_iter().map(|(finding, past)| asked.over(finding, past)).collect();
    let dealt_with = breaches.iter().filter(|breach| breach.dealt_with.is_some()).count();
    Group { code: code.to_owned(), citations, dealt_with, breaches }
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
