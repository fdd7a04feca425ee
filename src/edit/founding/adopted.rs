//! A rulebook as a company takes it over: nobody has approved it, nobody holds a post, and it
//! binds, and counts, from today on.

use super::text::{Splice, entry, fences, lines, spliced};
use crate::{
    document::{self, Node, NodeValue},
    source::Sources,
};
use chrono::NaiveDate;
use std::ops::Range;

pub(super) fn adopted(path: &str, text: &str, today: NaiveDate) -> String {
    let sources = Sources::from_memory([(path, text)]);
    let document = document::parse(&sources.files[0]);
    let front = |key: &str| entry(&document.front, key);
    let mut splices: Vec<Splice> = Vec::new();
    // Nor has the new company's meeting passed anything yet.
    let signed = ["approvals", "passed_at"].into_iter().filter_map(front);
    splices.extend(signed.map(|range| (lines(text, range), String::new())));
    splices.extend(front("effective").map(|range| (range, format!("effective: {today}"))));
    for (_, block) in fences(&document, &sources.files[0], "posts") {
        splices.extend(children(&block, "posts").filter_map(|post| entry(post, "held_by")).map(|range| (range, "held_by: []".to_owned())));
        splices.extend(children(&block, "departments").filter_map(|department| without_head(text, department)));
    }
    for (_, block) in fences(&document, &sources.files[0], "settings") {
        splices.extend(days(&block).map(|range| (range, today.to_string())));
    }
    spliced(text, splices)
}

/// The days from which something is counted: a company that begins today counts from today.
fn days(block: &Node) -> impl Iterator<Item = Range<usize>> {
    let value = |node: &Node| node.get("value").unwrap_or(node).clone();
    block.entries().iter().map(move |(_, node)| value(node)).filter_map(|node| match &node.value {
        NodeValue::Scalar { text, plain: true } if text.trim().parse::<NaiveDate>().is_ok() => {
            Some(node.span.start as usize..node.span.end as usize)
        }
        _ => None,
    })
}

fn children<'n>(block: &'n Node, part: &str) -> impl Iterator<Item = &'n Node> {
    block.get(part).map_or(&[][..], Node::entries).iter().map(|(_, node)| node)
}

/// A department's head, with the line it has to itself or the comma that parts it from its
/// neighbour.
fn without_head(text: &str, department: &Node) -> Option<Splice> {
    let range = entry(department, "head")?;
    let own_line = text[..range.start].trim_end_matches(' ').ends_with('\n');
    let entries = department.entries();
    let place = entries.iter().position(|(key, _)| key.span.start as usize == range.start)?;
    let cut = match (own_line, place.checked_sub(1), entries.get(place + 1)) {
        (true, ..) => lines(text, range),
        (false, Some(before), _) => entries[before].1.span.end as usize..range.end,
        (false, None, Some((next, _))) => range.start..next.span.start as usize,
        (false, None, None) => range,
    };
    Some((cut, String::new()))
}
