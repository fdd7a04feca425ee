//! `yaml approval` and `yaml access`: who approves, in order, and who reads.

use super::{
    desk::{Desk, code},
    expressions::Scopes,
    types,
};
use crate::{
    diagnostic::Words,
    document::Node,
    policy::{AccessRule, ApprovalRule, FieldPath, FieldType, Party, Role, Step, expression::Type},
};
use std::sync::Arc;

const APPROVAL_KEYS: [&str; 6] = ["for", "steps", "later", "not_before", "despite", "readers_see"];
const ACCESS_KEYS: [&str; 7] = ["for", "when", "inherits", "readers", "readings", "authorised_by", "hide"];

/// The policies themselves, in `for` of an approval.
pub(super) const POLICY: &str = "policy";

pub(super) fn read_approval(desk: &Desk<'_>, node: &Node) -> Option<ApprovalRule> {
    desk.keys(node, &APPROVAL_KEYS);
    let judged = desk.required(node, "for", desk.head).and_then(|n| approved_types(desk, n));
    let scopes = Scopes::of_types(judged.as_deref().unwrap_or_default()).or_archive();
    let steps = desk.required(node, "steps", desk.head).map_or(Vec::new(), |n| steps(desk, n, &scopes));
    let later = desk.optional(node, "later").map_or(Vec::new(), |n| later(desk, n, judged.as_deref().unwrap_or_default()));
    let not_before = desk.optional(node, "not_before").and_then(|n| day_of_each(desk, n, judged.as_deref().unwrap_or_default()));
    let see = desk.optional(node, "readers_see").and_then(|n| desk.choice(n, &[("latest", false), ("approved", true)]));
    Some(ApprovalRule {
        citation: desk.citation.clone(),
        judged: judged?,
        steps,
        later,
        not_before,
        despite: desk.optional(node, "despite").map_or(Vec::new(), |n| despite(desk, n)),
        readers_see_approved: see.unwrap_or(false),
    })
}

fn approved_types(desk: &Desk<'_>, node: &Node) -> Option<Vec<Arc<str>>> {
    let is_policy = |n: &Node| n.text().is_some_and(|text| text.trim() == POLICY);
    if desk.items(node).iter().any(is_policy) {
        if desk.items(node).len() == 1 {
            return Some(vec![POLICY.into()]);
        }
        let message = Words::new("制度的批准须单独成块", "the chain of the policies needs a block of its own");
        desk.error(desk.shape, node.span, message);
        return None;
    }
    desk.type_ids(node)
}

fn steps(desk: &Desk<'_>, node: &Node, scopes: &Scopes) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for item in desk.items(node) {
        let Some(step) = step(desk, item, scopes) else { continue };
        if steps.iter().any(|s| s.post == step.post) {
            let message = Words::new(
                format!("“{}”写了两步，批准时无法分辨", step.post),
                format!("“{}” stands twice; an approval could mean either step", step.post),
            );
            desk.error(desk.shape, item.span, message);
        }
        steps.push(step);
    }
    steps
}

/// A post, or `{post: …, when: …}`.
fn step(desk: &Desk<'_>, node: &Node, scopes: &Scopes) -> Option<Step> {
    if !node.is_map() {
        let text = desk.text(node)?;
        return Some(Step { post: desk.post(node, text.strip_prefix("post ").map_or(&*text, str::trim))?, when: None });
    }
    desk.keys(node, &["post", "when"]);
    let post = desk.required(node, "post", node.span).and_then(|n| desk.post(n, &desk.text(n)?));
    let when = desk.optional(node, "when").and_then(|n| desk.expression(n, scopes, Some(&Type::Bool)));
    Some(Step { post: post?, when })
}

/// Fields and sections that each of the types has.
fn later(desk: &Desk<'_>, node: &Node, judged: &[Arc<str>]) -> Vec<Arc<str>> {
    let types: Vec<_> = judged.iter().filter_map(|id| desk.schema.types.get(id)).collect();
    for item in desk.items(node) {
        let Some(name) = desk.text(item) else { continue };
        let lacking = types.iter().find(|t| t.fields.iter().all(|f| f.name != name) && !t.sections.contains(&name));
        if let Some(lacking) = lacking {
            let message = Words::new(
                format!("类型“{}”没有字段或章节“{name}”", lacking.id),
                format!("type “{}” has no field or section “{name}”", lacking.id),
            );
            let known = lacking.fields.iter().map(|f| &*f.name).chain(lacking.sections.iter().map(|s| &**s));
            desk.unknown(code::TYPE, item.span, &name, message, known);
        } else if types.is_empty() {
            desk.error(code::TYPE, item.span, Words::new("制度的批准没有“later”", "the chain of the policies has no “later”"));
        }
    }
    desk.texts(node)
}

/// A field of a date that each of the types has.
fn day_of_each(desk: &Desk<'_>, node: &Node, judged: &[Arc<str>]) -> Option<Arc<str>> {
    let name = desk.text(node)?;
    for own in judged.iter().filter_map(|id| desk.schema.types.get(id)) {
        types::field_of_a_day(desk, node, &name, &own.fields)?;
    }
    Some(name)
}

/// Rules and styles of the policies, by their full ids.
fn despite(desk: &Desk<'_>, node: &Node) -> Vec<Arc<str>> {
    for item in desk.items(node) {
        let Some(id) = desk.text(item).filter(|id| !desk.names.rules.contains(id)) else { continue };
        let message = Words::new(
            format!("没有编号为“{id}”的规则；须写完整的编号，如 credit.over-limit"),
            format!("there is no rule “{id}”; its whole id is expected, as credit.over-limit"),
        );
        desk.unknown(code::REFERENCE, item.span, &id, message, desk.names.rules.iter().map(|id| &**id));
    }
    desk.texts(node)
}

/// The id is given by whoever knows how many blocks for the same type stand before.
pub(super) fn read_access(desk: &Desk<'_>, node: &Node) -> Option<AccessRule> {
    desk.keys(node, &ACCESS_KEYS);
    let judged = desk.required(node, "for", desk.head).and_then(|n| desk.type_ids(n))?;
    let scopes = Scopes::of_types(&judged);
    let when = desk.condition(node, "when", &scopes);
    let scopes = scopes.where_holds(when.as_deref());
    if ["inherits", "readers", "authorised_by", "hide"].iter().all(|key| node.get(key).is_none()) {
        let message = Words::new("这个块没有说明谁可以读", "this block does not say who reads");
        desk.error(desk.shape, desk.head, message);
    }
    Some(AccessRule {
        id: "".into(),
        citation: desk.citation.clone().into(),
        when: when.and_then(|w| w.into_iter().next()),
        readers: desk.optional(node, "readers").map_or(Vec::new(), |n| desk.readers(n, &scopes)),
        readings: desk.optional(node, "readings").map_or(Vec::new(), |n| desk.readers(n, &scopes)),
        inherits: desk.optional(node, "inherits").and_then(|n| inherits(desk, n, &judged)),
        authorised_by: desk.optional(node, "authorised_by").and_then(|n| authorised_by(desk, n)),
        hide: desk.optional(node, "hide").map_or(Vec::new(), |n| hide(desk, n, &judged, &scopes)),
        judged,
    })
}

/// A field that holds one reference.
fn inherits(desk: &Desk<'_>, node: &Node, judged: &[Arc<str>]) -> Option<Arc<str>> {
    let name = desk.text(node)?;
    let types: Vec<_> = judged.iter().filter_map(|id| desk.schema.types.get(id).cloned()).collect();
    desk.checked_path(node, &[&name], &types)?;
    let is_reference = |field: &FieldType| matches!(field, FieldType::Reference(_));
    if types.iter().filter_map(|t| t.field(&name)).all(|f| is_reference(&f.field_type)) {
        return Some(name);
    }
    let message = Words::new(format!("“{name}”不是指向另一份记录的字段"), format!("“{name}” is no field that refers to a record"));
    desk.error(code::TYPE, node.span, message);
    None
}

fn authorised_by(desk: &Desk<'_>, node: &Node) -> Option<Arc<str>> {
    let id = desk.type_id(node)?;
    if desk.names.types.get(&id) == Some(&Some(Role::Authorisation)) {
        return Some(id);
    }
    let message = Words::new(format!("“{id}”不是“as: authorisation”的类型"), format!("“{id}” is not the type that is `as: authorisation`"));
    desk.error(code::TYPE, node.span, message);
    None
}

fn hide(desk: &Desk<'_>, node: &Node, judged: &[Arc<str>], scopes: &Scopes) -> Vec<(FieldPath, Vec<Party>)> {
    if !node.is_map() {
        let message = Words::new("应写成“字段: [可见的人]”", "“field: [to whom it shows]” is expected");
        desk.error(desk.shape, node.span, message);
    }
    let types: Vec<_> = judged.iter().filter_map(|id| desk.schema.types.get(id).cloned()).collect();
    let hidden = node.entries().iter().filter_map(|(key, value)| {
        let segments: Vec<&str> = key.text.split('.').collect();
        let known = types.iter().all(|t| super::fields::descend(desk, &t.fields, &segments, &|_| key.span).is_some());
        let readers = desk.readers(value, scopes);
        known.then(|| (FieldPath(segments.iter().map(|s| (*s).into()).collect()), readers))
    });
    hidden.collect()
}
