//! The rulebooks: those in force, and every other version.

use super::{PageKind, Shows, is};
use crate::{
    access::View,
    policy::{Policy, Status},
    render::{address, asked::Asked, frame::PageModel, link::ShownLink, words::fill},
};
use serde::Serialize;
use std::sync::Arc;

pub(super) const KIND: PageKind = PageKind { templates: &["/policies/"], addresses: |_| vec!["/policies/".to_owned()], page };

/// A policy in an index.
#[derive(Serialize)]
pub(super) struct InIndex {
    pub link: ShownLink,
    pub id: String,
    pub status: &'static str,
    pub status_label: &'static str,
    /// What happened on that day.
    pub effective_label: &'static str,
    pub effective: String,
    pub owner: Option<String>,
    articles: String,
    blocks: String,
}

#[derive(Serialize)]
struct Policies {
    current: Vec<InIndex>,
    others: Vec<InIndex>,
}

/// The version of a policy that is in force today or has withdrawn it, else its latest.
pub(super) fn chosen<'v>(view: &'v View<'_>, id: &str) -> Option<&'v Arc<Policy>> {
    let standing = view.policies().standing(view.today()).find(|policy| &*policy.id == id);
    standing.or_else(|| view.policies().versions.iter().rev().find(|policy| &*policy.id == id))
}

pub(super) fn current(asked: &Asked<'_>, view: &View<'_>) -> Vec<InIndex> {
    view.policies().in_force(view.today()).map(|policy| in_index(asked, view, policy)).collect()
}

pub(super) fn in_index(asked: &Asked<'_>, view: &View<'_>, policy: &Policy) -> InIndex {
    let (status, status_label) = status(asked, policy.status);
    let count = |key: &str, n: usize| fill(asked.word(key), "n", &n.to_string());
    InIndex {
        link: ShownLink { text: policy.title.to_string(), href: Some(asked.href(&path(view, policy))) },
        id: policy.id.to_string(),
        status,
        status_label,
        effective_label: effective_label(asked, policy),
        effective: policy.effective.to_string(),
        owner: policy.owner.as_ref().map(|id| asked.department(id)),
        articles: count("articles_count", policy.articles.len()),
        blocks: count("blocks_count", policy.blocks.len()),
    }
}

pub(super) fn status(asked: &Asked<'_>, status: Status) -> (&'static str, &'static str) {
    let (name, key) = match status {
        Status::Draft => ("draft", "status_draft"),
        Status::Trial => ("trial", "status_trial"),
        Status::InForce => ("in-force", "status_in-force"),
        Status::Withdrawn => ("withdrawn", "status_withdrawn"),
    };
    (name, asked.word(key))
}

/// What a version does on its day: it takes effect, or withdraws the policy.
pub(super) fn effective_label(asked: &Asked<'_>, policy: &Policy) -> &'static str {
    asked.word(if policy.status == Status::Withdrawn { "withdrawn_on" } else { "effective" })
}

/// The version in force, or the one that withdrew it, stands at the policy's own address, the
/// others below it by their day.
pub(super) fn path(view: &View<'_>, policy: &Policy) -> String {
    let own = address::policy(&policy.id);
    let is_chosen = chosen(view, &policy.id).is_some_and(|chosen| chosen.document.path == policy.document.path);
    if is_chosen { own } else { format!("{own}versions/{}/", policy.effective) }
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "policies") {
        return Ok(None);
    }
    let current = current(asked, view);
    let is_other = |policy: &&Arc<Policy>| view.policies().in_force(view.today()).all(|known| known.document.path != policy.document.path);
    let others = view.policies().versions.iter().filter(is_other).map(|policy| in_index(asked, view, policy)).collect();
    asked.page("/policies/", PageModel::new("policies.html", asked.word("policies"), Policies { current, others })).map(Some)
}
