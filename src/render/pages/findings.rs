//! What is wrong and what was, as far as the reader may know: two pages, each a tab of the other.

use super::{
    PageKind, Shows,
    pager::{self, Pager},
};
use crate::{
    access::{Breaches, View},
    render::{
        asked::{self, Asked, Wrong},
        frame::PageModel,
        link::ShownLink,
    },
};
use serde::Serialize;
use std::ops::Range;

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
    citations: Vec<ShownLink>,
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
    let (now, counts) = (view.findings(), [view.findings().len(), view.past().len()]);
    let [open, over] = counts;
    if let ["past", rest @ ..] = rest {
        let Some(number) = pager::number(rest, over) else { return Ok(None) };
        let pager = Pager::new(asked, PAST, number, over);
        let over = Over { tabs: tabs(asked, PAST, counts), count: over, groups: groups(asked, view, pager::places(number)), pager };
        return asked
            .page(&pager::address(PAST, number), PageModel::new("findings-past.html", asked.word("past_breaches"), over))
            .map(Some);
    }
    let Some(number) = pager::number(rest, open) else { return Ok(None) };
    let pager = Pager::new(asked, NOW, number, open);
    let findings = now.part(pager::places(number)).map(|finding| asked.wrong(finding)).collect();
    let findings = Findings { tabs: tabs(asked, NOW, counts), count: open, findings, pager };
    asked.page(&pager::address(NOW, number), PageModel::new("findings.html", asked.word("findings"), findings)).map(Some)
}

fn tabs(asked: &Asked<'_>, open: &str, [now, past]: [usize; 2]) -> [Tab; 2] {
    let tab = |key, path: &str, count| Tab { label: asked.word(key), count, href: (path != open).then(|| asked.href(path)) };
    [tab("findings_now", NOW, now), tab("findings_past", PAST, past)]
}

/// One part of all breaches of the past, by rule.
fn groups(asked: &Asked<'_>, view: &View<'_>, part: Range<usize>) -> Vec<Group> {
    let (mut groups, mut before) = (Vec::new(), 0);
    for rule in view.past_by_rule() {
        let own = part.start.max(before)..part.end.min(before + rule.all.len());
        before += rule.all.len();
        if !own.is_empty() {
            let begin = before - rule.all.len();
            groups.push(group(asked, rule, own.start - begin..own.end - begin));
        }
    }
    groups
}

/// `shown`: which of the rule's breaches.
fn group(asked: &Asked<'_>, rule: Breaches<'_>, shown: Range<usize>) -> Group {
    // Versions of one policy have the same article.
    let mut citations: Vec<ShownLink> = rule.citations.iter().map(|citation| asked.citation(citation)).collect();
    citations.dedup();
    let (code, dealt_with, count) = (rule.code.to_string(), rule.dealt_with, rule.all.len());
    let breaches = rule.all.part(shown).filter_map(|finding| Some(asked.over(&finding, finding.state.ended()?))).collect();
    Group { code, citations, dealt_with, count, breaches }
}
