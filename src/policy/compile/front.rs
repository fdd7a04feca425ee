//! The front matter of a policy document.

use super::{
    desk::{Desk, code},
    names::{Names, Reported},
    raw::RawBlock,
};
use crate::{
    diagnostic::{Citation, Finding, Words},
    document::{Document, Node},
    policy::{Keyword, Policy, Posts, Status, Unenforced, expression::Schema},
    source::{Sources, Span},
};
use chrono::NaiveDate;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

const KEYS: [&str; 13] = [
    "policy",
    "title",
    "status",
    "effective",
    "owner",
    "supersedes",
    "passed_at",
    "refers_to",
    "prose",
    "approvals",
    "attachments",
    "tags",
    "notes",
];

const STATUS: [(&str, Status); 4] =
    [("draft", Status::Draft), ("trial", Status::Trial), ("in-force", Status::InForce), ("withdrawn", Status::Withdrawn)];

/// The day of a document that names none: no record is ever judged by it.
const NEVER: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("the last day of 9999 exists");

pub(super) struct PolicyFront {
    /// `None` where there is no id, so that it cannot be told which policy it is.
    pub policy: Option<Policy>,
    pub sound: bool,
}

pub(super) fn read(document: &Arc<Document>, sources: &Sources, findings: &mut Vec<Finding>) -> PolicyFront {
    if !document.readable {
        return PolicyFront { policy: None, sound: false };
    }
    let raw = as_block(document, sources);
    let (names, told, schema) = (Names::default(), Reported::default(), no_schema());
    let mut desk = Desk::new(sources, "", &raw, schema, &names, &told);
    desk.shape = code::FRONT_MATTER;
    let policy = read_keys(&desk, document, raw.head);
    let sound = !desk.failed();
    findings.extend(desk.into_findings());
    PolicyFront { policy, sound }
}

fn read_keys(desk: &Desk<'_>, document: &Arc<Document>, head: Span) -> Option<Policy> {
    let front = &document.front;
    desk.keys(front, &KEYS);
    let id = desk.required(front, "policy", head).and_then(|n| desk.identifier(n));
    let title = desk.required(front, "title", head).and_then(|n| desk.text(n));
    let status = desk.required(front, "status", head).and_then(|n| status(desk, n));
    let effective = desk.required(front, "effective", head).and_then(|n| desk.date(n));
    let owner = desk.required(front, "owner", head).and_then(|n| desk.identifier(n));
    let supersedes = desk.optional(front, "supersedes").and_then(|n| desk.text(n));
    let passed_at = desk.optional(front, "passed_at").and_then(|n| desk.text(n));
    let refers_to = desk.optional(front, "refers_to").map_or(Vec::new(), |n| references(desk, n));
    let unenforced = desk.optional(front, "prose").map_or(Vec::new(), |n| unenforced(desk, n));
    let id = id?;
    Some(Policy {
        title: title.unwrap_or_else(|| id.clone()),
        id,
        // A document whose status or day cannot be read binds nobody.
        status: status.filter(|_| effective.is_some()).unwrap_or(Status::Draft),
        effective: effective.unwrap_or(NEVER),
        read_on: effective.unwrap_or(NEVER),
        owner,
        supersedes,
        passed_at,
        refers_to,
        unenforced,
        file: document.file,
        document: document.clone(),
        articles: Vec::new(),
        blocks: Vec::new(),
        failing: Vec::new(),
        settings: BTreeMap::new(),
        figures: BTreeMap::new(),
    })
}

fn status(desk: &Desk<'_>, node: &Node) -> Option<Status> {
    let text = desk.text(node)?;
    let known = STATUS.iter().find(|(name, _)| *name == &*text).map(|(_, status)| *status);
    if known.is_none() {
        let names = STATUS.map(|(name, _)| name);
        let message = Words::new(
            format!("没有“{text}”这种状态；可用的有 {}", names.join("、")),
            format!("there is no status “{text}”; a policy is one of {}", names.join(", ")),
        );
        desk.unknown(code::STATUS, node.span, &text, message, names);
    }
    known
}

fn references(desk: &Desk<'_>, node: &Node) -> Vec<(Arc<str>, Span)> {
    desk.items(node).iter().filter_map(|item| Some((desk.text(item)?, item.span))).collect()
}

/// `prose: {purpose: [第1条], judgement: [第2条]}`: the articles that no block enforces, by why.
fn unenforced(desk: &Desk<'_>, node: &Node) -> Vec<(Arc<str>, Span, Unenforced)> {
    desk.keys(node, &Unenforced::NAMES.map(|(name, _)| name));
    let of_kind = |(name, why): &(&str, Unenforced)| {
        let articles = desk.optional(node, name).map_or(&[][..], |n| desk.items(n));
        articles.iter().filter_map(|item| Some((desk.text(item)?, item.span, *why))).collect::<Vec<_>>()
    };
    Unenforced::NAMES.iter().flat_map(of_kind).collect()
}

/// The first line of the front matter: pointed at where a key is missing.
fn first_line(document: &Document, sources: &Sources) -> Span {
    let line = sources.slice(document.front_span).lines().next().unwrap_or("");
    Span { end: document.front_span.start + line.len() as u32, ..document.front_span }
}

/// The front matter is read like a block.
fn as_block(document: &Document, sources: &Sources) -> RawBlock {
    RawBlock {
        kind: Keyword::Settings,
        node: document.front.clone(),
        citation: Citation { policy: "".into(), title: "".into(), article: "".into(), path: document.path.clone(), line: 1 },
        span: document.front_span,
        head: first_line(document, sources),
        line: 1,
    }
}

fn no_schema() -> Schema<'static> {
    static TYPES: LazyLock<BTreeMap<Arc<str>, Arc<crate::policy::RecordType>>> = LazyLock::new(BTreeMap::new);
    static POSTS: LazyLock<Posts> = LazyLock::new(Posts::default);
    static SETTINGS: LazyLock<BTreeMap<Arc<str>, crate::policy::Value>> = LazyLock::new(BTreeMap::new);
    Schema { types: &TYPES, posts: &POSTS, settings: &SETTINGS }
}
