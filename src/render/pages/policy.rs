//! A rulebook: its articles, each an anchor, and its blocks as boxes.

use super::{
    Page, PageKind, Shows, changes,
    policies::{self, InIndex},
    record::{self, Approval},
};
use crate::{
    access::View,
    policy::{Block, Keyword, Policy, Status},
    render::{RenderError, address, asked::Asked, boxes, frame::PageModel, link::ShownLink, prose, twins::Anchor},
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

pub(super) const KIND: PageKind = PageKind { templates: &["/policies/{policy}/"], addresses, page };
pub(super) const VERSION: PageKind =
    PageKind { templates: &["/policies/{policy}/versions/{day}/"], addresses: version_addresses, page: version_page };

#[derive(Serialize)]
struct Rulebook {
    title: String,
    id: String,
    status: &'static str,
    status_label: &'static str,
    effective_label: &'static str,
    effective: String,
    owner: Option<String>,
    path: String,
    supersedes: Option<String>,
    body: String,
    headings: Vec<Anchor>,
    approvals: Vec<Approval>,
    versions: Vec<Version>,
    /// The version in force, or the one that withdrew it, where this is another; and what to say of
    /// this one then.
    current: Option<ShownLink>,
    not_current: &'static str,
}

#[derive(Serialize)]
struct Version {
    policy: InIndex,
    here: bool,
    /// Where it stands beside the one before it.
    changes: Option<String>,
}

fn addresses(view: &View<'_>) -> Vec<String> {
    view.policies().versions.iter().map(|policy| address::policy(&policy.id)).collect()
}

fn version_addresses(view: &View<'_>) -> Vec<String> {
    view.policies().versions.iter().map(|policy| policies::path(view, policy)).filter(|path| path.contains("/versions/")).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["policies", segment] = segments else { return Ok(None) };
    let ids = view.policies().versions.iter().map(|policy| &*policy.id);
    let Some(policy) = address::name(segment, ids).and_then(|id| policies::chosen(view, &id)) else { return Ok(None) };
    show(asked, view, policy, Blocks::Folded).map(Some)
}

fn version_page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["policies", segment, "versions", day] = segments else { return Ok(None) };
    let path = format!("/policies/{segment}/versions/{day}/");
    let policy = view.policies().versions.iter().find(|policy| policies::path(view, policy) == path);
    policy.map(|policy| show(asked, view, policy, Blocks::Folded)).transpose()
}

/// What of the blocks is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocks {
    /// Each as one line, unfolded on demand.
    Folded,
    /// None, but for the figures: the paper as it was issued.
    FiguresAlone,
}

/// The present version of a policy as a paper.
pub(in crate::render) fn paper(asked: &Asked<'_>, view: &View<'_>, id: &str) -> Shows {
    policies::chosen(view, id).map(|policy| show(asked, view, policy, Blocks::FiguresAlone)).transpose()
}

fn show(asked: &Asked<'_>, view: &View<'_>, policy: &Arc<Policy>, blocks: Blocks) -> Result<Page, RenderError> {
    let text = view.policy_text(policy);
    let prose = prose::of_policy(asked, policy, text, boxed(asked, view, policy, blocks)?);
    let path = policies::path(view, policy);
    let own = address::policy(&policy.id);
    let (status, status_label) = policies::status(asked, policy.status);
    let is_withdrawn = policies::chosen(view, &policy.id).is_some_and(|chosen| chosen.status == Status::Withdrawn);
    let (not_current, current) = if is_withdrawn { ("not_in_force", "withdrawing_version") } else { ("not_current", "current_version") };
    let page = Rulebook {
        title: policy.title.to_string(),
        id: policy.id.to_string(),
        status,
        status_label,
        effective_label: policies::effective_label(asked, policy),
        effective: policy.effective.to_string(),
        owner: policy.owner.as_ref().map(|id| asked.department(id)),
        path: policy.document.path.to_string(),
        supersedes: policy.supersedes.as_ref().map(ToString::to_string),
        body: prose.html,
        headings: prose.headings,
        approvals: view.policy_approvals(policy).map_or_else(Vec::new, |chain| record::approvals(asked, chain)),
        versions: versions(asked, view, policy),
        current: (path != own).then(|| ShownLink { text: asked.word(current).to_owned(), href: Some(asked.href(&own)) }),
        not_current: asked.word(not_current),
    };
    asked.page(&path, PageModel::new("policy.html", &policy.title, page))
}

/// All versions of a policy, the latest first; none where there is but one.
fn versions(asked: &Asked<'_>, view: &View<'_>, shown: &Policy) -> Vec<Version> {
    let versions = view.policies().versions.iter().rev().filter(|policy| policy.id == shown.id);
    let version = |policy: &Arc<Policy>| Version {
        policy: policies::in_index(asked, view, policy),
        here: policy.document.path == shown.document.path,
        changes: changes::href(asked, view, policy),
    };
    let versions: Vec<Version> = versions.map(version).collect();
    if versions.len() > 1 { versions } else { Vec::new() }
}

/// The HTML of every block, by the byte where its fence begins.
fn boxed(asked: &Asked<'_>, view: &View<'_>, policy: &Arc<Policy>, blocks: Blocks) -> Result<BTreeMap<usize, String>, RenderError> {
    let mut boxed = BTreeMap::new();
    let text = view.policy_text(policy);
    let figures = view.figures(policy);
    let figures = |block: &Block| policy.blocks.iter().position(|own| own.span == block.span).and_then(|at| figures[at]);
    for fence in &policy.document.body.fences {
        let Some(kind) = Keyword::of_info(&fence.info) else { continue };
        if blocks == Blocks::FiguresAlone && kind != Keyword::Settings {
            boxed.insert(fence.span.start as usize, String::new());
            continue;
        }
        let content = text.get(fence.content.start as usize..fence.content.end as usize).unwrap_or_default();
        let block = policy.blocks.iter().find(|block| fence.span.start <= block.span.start && block.span.start < fence.span.end);
        let model =
            block.map_or_else(|| boxes::off(asked, kind, content), |block| boxes::boxed(asked, policy, block, content, figures(block)));
        boxed.insert(fence.span.start as usize, asked.piece("block.html", &model)?);
    }
    Ok(boxed)
}
