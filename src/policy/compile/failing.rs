//! What stands in the text of a version and binds nobody, since there is a mistake in it. It is
//! told of elsewhere; here it is known by name, so that nobody takes it for removed.

use super::{Settings, access_number, draft::UnreadPolicy, names::rule_id};
use crate::{
    document::Node,
    policy::{Block, Failing, Keyword},
};
use std::{collections::BTreeMap, sync::Arc};

/// In the order of the text.
pub(super) fn of(draft: &UnreadPolicy, blocks: &[Block], settings: &Settings) -> Vec<Failing> {
    let policy = &draft.policy.id;
    let mut access = BTreeMap::new();
    let mut failing = Vec::new();
    for raw in &draft.raws {
        let number = access_number(raw, &mut access);
        let as_failing =
            |kind: Keyword, id: Option<Arc<str>>| Failing { kind, id, citation: raw.citation.clone(), span: raw.span, line: raw.line };
        if raw.kind == Keyword::Settings {
            let rows = raw.node.entries().iter().filter(|(key, _)| !settings.contains_key(&key.text));
            failing.extend(rows.map(|(key, _)| as_failing(raw.kind, Some(key.text.clone()))));
        } else if !blocks.iter().any(|block| block.span == raw.span) {
            let first = raw.first_type();
            let of_type = |what: &str| Some(format!("{policy}.{what}-{}", first.as_ref()?).into());
            let id = match raw.kind {
                Keyword::Type => raw.node.get("id").and_then(Node::text).map(|id| id.trim().into()),
                Keyword::Approval => of_type("approval"),
                Keyword::Access if number > 1 => of_type("access").map(|id: Arc<str>| format!("{id}-{number}").into()),
                Keyword::Access => of_type("access"),
                Keyword::Posts | Keyword::Settings => Some(format!("{policy}.{}", raw.kind.name()).into()),
                Keyword::Rule | Keyword::Duty | Keyword::Style => rule_id(policy, &raw.node),
            };
            failing.push(as_failing(raw.kind, id));
        }
    }
    failing.extend(draft.broken.iter().map(|broken| {
        let id = match broken.kind {
            Keyword::Type => broken.id.clone(),
            Keyword::Posts | Keyword::Settings => Some(format!("{policy}.{}", broken.kind.name()).into()),
            _ => broken.id.as_ref().map(|id| format!("{policy}.{id}").into()),
        };
        Failing { kind: broken.kind, id, citation: broken.citation.clone(), span: broken.span, line: broken.line }
    }));
    failing.sort_by_key(|failing| failing.span.bytes());
    failing
}
