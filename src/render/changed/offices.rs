//! What differs between two tables of posts and departments. People are named as this reader sees
//! them.

use super::{Versioned, filled};
use crate::{
    diagnostic::Lang,
    document::Node,
    policy::{BlockKind, difference::written_in},
    render::{asked::Asked, words::fill},
    source::RecordId,
};

/// The parts of the block: its key, and what one is called that is new, gone or renamed.
const PARTS: [(&str, &str); 2] = [("posts", "b_post"), ("departments", "b_department")];

/// What is told of one where it changes: its key, its label, and how it is written.
type Told = (&'static str, &'static str, fn(&Asked<'_>, &Node) -> String);

const TOLD: [Told; 4] = [
    ("reports_to", "b_reports_to", post),
    ("held_by", "b_held_by", holders),
    ("stands_in", "c_stands_in", post),
    ("head", "b_head", person),
];

pub(super) fn sentences(asked: &Asked<'_>, before: Versioned<'_>, after: Versioned<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for (part, kind) in PARTS {
        let (own, later) = (entries(before, part), entries(after, part));
        let find = |all: &[(String, Node)], id: &str| all.iter().find(|(key, _)| key == id).map(|(_, node)| node.clone());
        let named = |id: &str, node: &Node| filled(asked, "c_named", &[("kind", asked.word(kind)), ("name", &label(asked, id, node))]);
        for (id, node) in &later {
            match find(&own, id) {
                Some(was) => told.extend(of_one(asked, [&label(asked, id, &was), &label(asked, id, node)], &was, node)),
                None => told.push(fill(asked.word("c_block_new"), "line", &named(id, node))),
            }
        }
        let gone = own.iter().filter(|(id, _)| find(&later, id).is_none());
        told.extend(gone.map(|(id, node)| fill(asked.word("c_block_gone"), "line", &named(id, node))));
    }
    told
}

/// The entries of all the blocks of a version, which may be several.
fn entries(own: Versioned<'_>, part: &str) -> Vec<(String, Node)> {
    let blocks = own.policy.blocks.iter().filter(|block| matches!(block.kind, BlockKind::Posts));
    let nodes = blocks.filter_map(|block| written_in(own.text, own.policy, block).get(part).cloned());
    nodes.flat_map(|node| node.entries().iter().map(|(key, node)| (key.text.to_string(), node.clone())).collect::<Vec<_>>()).collect()
}

fn of_one(asked: &Asked<'_>, [called, now]: [&str; 2], was: &Node, node: &Node) -> Vec<String> {
    let renamed = (called != now).then(|| filled(asked, "c_renamed", &[("before", called), ("after", now)]));
    let turned = TOLD.into_iter().filter_map(|(key, what, written)| {
        let [before, after] = [was, node].map(|node| node.get(key).map_or_else(String::new, |node| written(asked, node)));
        let what = filled(asked, "c_of", &[("of", now), ("what", asked.word(what))]);
        match (before.is_empty(), after.is_empty()) {
            _ if before == after => None,
            (true, _) => Some(filled(asked, "c_new", &[("what", &what), ("after", &after)])),
            (_, true) => Some(filled(asked, "c_gone", &[("what", &what), ("before", &before)])),
            _ => Some(filled(asked, "c_turned", &[("what", &what), ("before", &before), ("after", &after)])),
        }
    });
    renamed.into_iter().chain(turned).collect()
}

fn label(asked: &Asked<'_>, id: &str, node: &Node) -> String {
    let lang = if asked.lang == Lang::Zh { "zh" } else { "en" };
    let label = node.get("label");
    let written = label.and_then(|label| label.get(lang)).or(label).and_then(|node| node.text().cloned());
    written.map_or_else(|| id.to_owned(), |text| text.to_string())
}

fn text(node: &Node) -> String {
    node.text().map(ToString::to_string).unwrap_or_default()
}

fn post(asked: &Asked<'_>, node: &Node) -> String {
    asked.post(&text(node))
}

fn person(asked: &Asked<'_>, node: &Node) -> String {
    asked.named(&RecordId::from(&*text(node))).text
}

fn holders(asked: &Asked<'_>, node: &Node) -> String {
    let written = |held: &Node, key: &str| held.get(key).map(text).unwrap_or_default();
    let holder = |held: &Node| {
        let until = written(held, "until");
        let span = asked.word(if until.is_empty() { "b_since" } else { "b_span" });
        let span = fill(&fill(span, "from", &written(held, "from")), "until", &until);
        format!("{} {span}", held.get("person").map(|own| person(asked, own)).unwrap_or_default())
    };
    node.list().unwrap_or_default().iter().map(holder).collect::<Vec<_>>().join(asked.word("comma"))
}
