//! `yaml posts`: posts, who holds them when, and departments.

use super::desk::{Desk, code};
use crate::{
    diagnostic::{Finding, Words},
    document::{Key, Node},
    policy::{Department, Holding, Post, Posts},
    source::{RecordId, Span},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const POST_KEYS: [&str; 5] = ["label", "aliases", "reports_to", "held_by", "stands_in"];

/// Reads the block. What could be read comes back even where something is wrong, so that other
/// blocks can be judged by it.
pub(super) fn read(desk: &Desk<'_>, node: &Node) -> Posts {
    desk.keys(node, &["posts", "departments"]);
    ["posts", "departments"].into_iter().filter_map(|part| node.get(part)).for_each(|part| one_meaning(desk, part));
    Posts {
        posts: entries(desk, node, "posts", post),
        departments: entries(desk, node, "departments", department),
        citation: Some(desk.citation.clone()),
    }
}

fn entries<T>(desk: &Desk<'_>, node: &Node, part: &str, read: fn(&Desk<'_>, &Key, &Node) -> T) -> BTreeMap<Arc<str>, T> {
    let Some(part) = desk.optional(node, part) else { return BTreeMap::new() };
    if !part.is_map() {
        desk.error(desk.shape, part.span, Words::new("此处应为“标识: {…}”", "“id: {…}” is expected here"));
    }
    part.entries().iter().filter(|(key, _)| id(desk, key)).map(|(key, value)| (key.text.clone(), read(desk, key, value))).collect()
}

fn id(desk: &Desk<'_>, key: &Key) -> bool {
    let fits = !key.text.is_empty() && key.text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) && &*key.text != "everyone";
    if !fits {
        let message = Words::new(format!("“{}”不能作标识", key.text), format!("“{}” cannot be an id", key.text));
        desk.error(desk.shape, key.span, message);
    }
    fits
}

fn post(desk: &Desk<'_>, key: &Key, node: &Node) -> Post {
    desk.keys(node, &POST_KEYS);
    Post {
        id: key.text.clone(),
        label: label(desk, key, node),
        aliases: aliases(desk, node),
        reports_to: desk.optional(node, "reports_to").and_then(|n| other_post(desk, key, n)),
        held_by: desk.optional(node, "held_by").map_or(Vec::new(), |n| desk.items(n).iter().filter_map(|h| holding(desk, h)).collect()),
        stands_in: desk.optional(node, "stands_in").and_then(|n| other_post(desk, key, n)),
        span: key.span,
    }
}

fn label(desk: &Desk<'_>, key: &Key, node: &Node) -> Words {
    let written = node.is_map().then(|| desk.required(node, "label", key.span)).flatten();
    written.and_then(|n| desk.words(n)).unwrap_or_else(|| Words::new(&*key.text, &*key.text))
}

fn aliases(desk: &Desk<'_>, node: &Node) -> Vec<Arc<str>> {
    desk.optional(node, "aliases").map_or(Vec::new(), |n| desk.items(n).iter().filter_map(|alias| desk.text(alias)).collect())
}

/// Tells of an alias that names another too.
fn one_meaning(desk: &Desk<'_>, part: &Node) {
    let written = |node: &Node, key: &str| -> Vec<(Arc<str>, Span)> {
        let node = node.get(key).filter(|node| !node.is_blank());
        let within = node.map_or(&[][..], |node| node.list().unwrap_or_default()).iter();
        let words = node.into_iter().flat_map(|node| node.entries().iter().map(|(_, word)| word).chain(std::iter::once(node)));
        within.chain(words).filter_map(|node| Some((node.text()?.clone(), node.span))).collect()
    };
    let names = |(key, node): &(Key, Node)| -> BTreeSet<Arc<str>> {
        let others = ["label", "aliases"].into_iter().flat_map(|part| written(node, part)).map(|(name, _)| name);
        others.chain([key.text.clone()]).collect()
    };
    let all: Vec<BTreeSet<Arc<str>>> = part.entries().iter().map(names).collect();
    for (place, (_, node)) in part.entries().iter().enumerate() {
        for (alias, span) in written(node, "aliases") {
            let other = all.iter().enumerate().find(|(other, names)| *other != place && names.contains(&alias));
            let Some((other, _)) = other else { continue };
            let owner = &part.entries()[other].0.text;
            let message = Words::new(
                format!("别名“{alias}”也是“{owner}”的名称，无从知道指哪一个"),
                format!("the alias “{alias}” is a name of “{owner}” too: nobody can tell which is meant"),
            );
            let fix = Words::new("一个名称只归一个岗位或部门：从其中一处删去", "leave the name to one of the two");
            desk.note(Finding::error(desk.shape, span, message).with_fix(fix));
        }
    }
}

fn other_post(desk: &Desk<'_>, key: &Key, node: &Node) -> Option<Arc<str>> {
    let post = desk.post(node, &desk.text(node)?)?;
    if post != key.text {
        return Some(post);
    }
    desk.error(code::REFERENCE, node.span, Words::new("岗位指向了自己", "a post cannot name itself here"));
    None
}

fn holding(desk: &Desk<'_>, node: &Node) -> Option<Holding> {
    if !desk.keys(node, &["person", "from", "until"]) {
        return None;
    }
    let person = desk.required(node, "person", node.span).and_then(|n| desk.text(n));
    let from = desk.required(node, "from", node.span).and_then(|n| desk.date(n));
    let until_node = desk.optional(node, "until");
    let until = until_node.and_then(|n| desk.date(n));
    let (person, from) = (person?, from?);
    if let (Some(until), Some(at)) = (until, until_node)
        && until < from
    {
        let message = Words::new("任期的最后一天早于第一天", "the last day lies before the first");
        let fix =
            Words::new("核对两个日期：from 是第一天，until 是最后一天", "compare the two days: `from` is the first, `until` the last");
        desk.note(Finding::error(desk.shape, at.span, message).with_fix(fix));
    }
    Some(Holding { person: RecordId::named(&person), from, until, span: node.span })
}

fn department(desk: &Desk<'_>, key: &Key, node: &Node) -> Department {
    desk.keys(node, &["label", "aliases", "head"]);
    Department {
        id: key.text.clone(),
        label: label(desk, key, node),
        aliases: aliases(desk, node),
        head: desk.optional(node, "head").and_then(|n| desk.text(n)).map(RecordId),
        span: key.span,
    }
}
