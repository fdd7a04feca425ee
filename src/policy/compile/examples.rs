//! `examples`: a policy's own tests, as far as their shape goes. Whether they hold is for whoever
//! runs them.

use super::desk::{Desk, code};
use crate::{
    diagnostic::Words,
    document::Node,
    policy::{Example, Expected, RecordType, Value},
};
use std::{collections::BTreeMap, sync::Arc};

const KEYS: [&str; 14] = [
    "holds",
    "breaks",
    "late",
    "with",
    "approved",
    "changed",
    "signed",
    "register",
    "unregistered",
    "posts",
    "departments",
    "policies",
    "on",
    "settings",
];

/// What a record of an example may say beside its fields.
const BESIDE: [&str; 4] = ["type", "id", "approved", "approvals"];

/// The examples of a rule or duty for these types; none for the archive. A body alone may stand for
/// a record.
pub(super) fn read(desk: &Desk<'_>, node: &Node, types: &[Arc<RecordType>]) -> Vec<Example> {
    each(desk, node, |example| {
        let Some((_, record)) = outcome(desk, example) else { return };
        // The front matter of a policy is read where the example is tried.
        let of_policy = types.is_empty() && record.get("type").is_none() && record.get("policy").is_some();
        if record.is_map() && !of_policy {
            fields(desk, record, types);
        }
        for other in example.get("with").map_or(&[][..], |n| desk.items(n)) {
            with(desk, other);
        }
        for policy in example.get("policies").map_or(&[][..], |n| desk.items(n)) {
            desk.keys(policy, &["policy", "effective", "passed_at"]);
        }
        if let Some(day) = desk.optional(example, "on") {
            desk.date(day);
        }
    })
}

/// The examples of a style: the Markdown of a body each.
pub(super) fn read_prose(desk: &Desk<'_>, node: &Node) -> Vec<Example> {
    each(desk, node, |example| {
        if let Some((_, prose)) = outcome(desk, example) {
            desk.text(prose);
        }
    })
}

fn each(desk: &Desk<'_>, node: &Node, check: impl Fn(&Node)) -> Vec<Example> {
    let Some(list) = desk.optional(node, "examples") else { return Vec::new() };
    let Some(examples) = list.list() else {
        desk.error(desk.shape, list.span, Words::new("此处应为列表", "a list is expected here"));
        return Vec::new();
    };
    let of_all = settings(desk, node);
    let read = examples.iter().filter_map(|example| {
        if !desk.keys(example, &KEYS) {
            return None;
        }
        check(example);
        let expected = expected(example).map_or(Expected::Holds, |(expected, _)| expected);
        let settings = of_all.clone().into_iter().chain(settings(desk, example)).collect();
        Some(Example { expected, node: example.clone(), settings })
    });
    read.collect()
}

/// `settings` of a block, for all of its examples, or of one of them: the figures with which they
/// are played, so that the company may move its own.
fn settings(desk: &Desk<'_>, node: &Node) -> BTreeMap<Arc<str>, Value> {
    let Some(written) = desk.optional(node, "settings") else { return BTreeMap::new() };
    if !written.is_map() {
        desk.error(desk.shape, written.span, Words::new("此处应为“名称: 数值”", "“name: value” is expected here"));
    }
    let own = &desk.schema.settings;
    let read = written.entries().iter().filter_map(|(key, value)| {
        let Some(of_policy) = own.get(&key.text).filter(|_| !desk.told.contains(&key.text)) else {
            let message = Words::new(format!("制度没有数额“{}”", key.text), format!("the policy has no setting “{}”", key.text));
            desk.unknown(desk.shape, key.span, &key.text, message, own.keys().map(|name| &**name));
            return None;
        };
        let (name, value_here) = super::settings::read(desk, key, value)?;
        if std::mem::discriminant(of_policy) != std::mem::discriminant(&value_here) {
            let message = Words::new(
                format!("“{}”在制度中是另一种数值", key.text),
                format!("“{}” is of another kind among the settings of the policy", key.text),
            );
            desk.error(desk.shape, value.span, message);
            return None;
        }
        Some((name, value_here))
    });
    read.collect()
}

/// How it is to come out, and its record: exactly one of the keys stands.
fn expected(example: &Node) -> Option<(Expected, &Node)> {
    let mut written = Expected::ALL.iter().filter_map(|(key, expected)| Some((*expected, example.get(key)?)));
    written.next().filter(|_| written.next().is_none())
}

fn outcome<'n>(desk: &Desk<'_>, example: &'n Node) -> Option<(Expected, &'n Node)> {
    let expected = expected(example);
    if expected.is_none() {
        let message =
            Words::new("每个例子须有且只有“holds”“breaks”“late”之一", "an example has exactly one of “holds”, “breaks” and “late”");
        desk.error(desk.shape, example.span, message);
    }
    expected
}

fn with(desk: &Desk<'_>, record: &Node) {
    if !record.is_map() {
        desk.error(desk.shape, record.span, Words::new("此处应为一份记录：{type: …}", "a record is expected here: {type: …}"));
        return;
    }
    let named = desk.required(record, "type", record.span).and_then(|n| desk.type_id(n));
    if let Some(record_type) = named.and_then(|id| desk.schema.types.get(&id)) {
        fields(desk, record, std::slice::from_ref(record_type));
    }
}

/// Keys that no field of the types bears, nor a label.
fn fields(desk: &Desk<'_>, record: &Node, types: &[Arc<RecordType>]) {
    let of: Vec<&Arc<RecordType>> = match record.get("type").and_then(Node::text) {
        Some(id) => desk.schema.types.get(id.trim()).into_iter().collect(),
        None => types.iter().collect(),
    };
    for (key, _) in record.entries().iter().filter(|(key, _)| !BESIDE.contains(&&*key.text)) {
        if of.iter().all(|t| t.field(&key.text).is_none()) {
            let message = Words::new(format!("没有字段“{}”", key.text), format!("there is no field “{}”", key.text));
            let known = of.iter().flat_map(|t| t.fields.iter().map(|f| &*f.name));
            desk.unknown(code::TYPE, key.span, &key.text, message, known);
        }
    }
}
