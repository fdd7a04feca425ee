//! The names that the blocks of a version may use: they are gathered before any block is read, so
//! that the order of blocks and of documents does not matter.

use super::raw::RawBlock;
use crate::{
    document::Node,
    policy::{Keyword, Role},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Names whose declaration has a mistake that has been told: what follows from it in other blocks
/// is not told again.
#[derive(Clone, Debug, Default)]
pub(super) struct Reported(RefCell<BTreeSet<Arc<str>>>);

impl Reported {
    pub fn insert(&self, name: impl Into<Arc<str>>) {
        self.0.borrow_mut().insert(name.into());
    }

    pub fn into_names(self) -> BTreeSet<Arc<str>> {
        self.0.into_inner()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.borrow().contains(name)
    }

    /// Whether a message speaks of one of them.
    pub fn speaks(&self, message: &str) -> bool {
        self.0.borrow().iter().any(|name| message.contains(&format!("“{name}”")))
    }
}

/// What is declared, soundly or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub types: BTreeMap<Arc<str>, Option<Role>>,
    pub posts: BTreeSet<Arc<str>>,
    pub departments: BTreeSet<Arc<str>>,
    /// Their labels and aliases, each with the id.
    posts_called: BTreeMap<Arc<str>, Arc<str>>,
    departments_called: BTreeMap<Arc<str>, Arc<str>>,
    /// The full ids of rules and styles.
    pub rules: BTreeSet<Arc<str>>,
}

impl Names {
    /// The names declared in these blocks, each given with the id of its policy.
    pub fn declared<'d>(blocks: impl IntoIterator<Item = (&'d str, &'d RawBlock)>) -> Names {
        let mut names = Names::default();
        for (policy, raw) in blocks {
            match raw.kind {
                Keyword::Rule | Keyword::Style => names.rules.extend(rule_id(policy, &raw.node)),
                Keyword::Type => names.declare_type(&raw.node),
                Keyword::Posts => {
                    names.posts.extend(keys(&raw.node, "posts"));
                    names.departments.extend(keys(&raw.node, "departments"));
                    names.posts_called.extend(other_names(&raw.node, "posts"));
                    names.departments_called.extend(other_names(&raw.node, "departments"));
                }
                _ => {}
            }
        }
        names
    }

    fn declare_type(&mut self, node: &Node) {
        if let Some(id) = node.get("id").and_then(Node::text) {
            let role = node.get("as").and_then(Node::text).and_then(|text| Role::named(text.trim()));
            self.types.insert(id.trim().into(), role);
        }
    }

    /// The id of the post of that id, label or alias.
    pub fn post(&self, name: &str) -> Option<&Arc<str>> {
        self.posts.get(name).or_else(|| self.posts_called.get(name))
    }

    /// The id of the department of that id, label or alias.
    pub fn department(&self, name: &str) -> Option<&Arc<str>> {
        self.departments.get(name).or_else(|| self.departments_called.get(name))
    }

    pub fn is_person(&self, record_type: &str) -> bool {
        self.types.get(record_type) == Some(&Some(Role::Person))
    }
}

/// The policy's id and the rule's; what is built in may bear its own id whole.
pub(super) fn rule_id(policy: &str, node: &Node) -> Option<Arc<str>> {
    let id = node.get("id").and_then(Node::text)?.trim();
    let is_whole = id.contains('.') && node.get("builtin").is_some();
    Some(if is_whole { id.into() } else { format!("{policy}.{id}").into() })
}

/// The labels and aliases of posts or departments, each with the id.
fn other_names<'n>(node: &'n Node, part: &str) -> impl Iterator<Item = (Arc<str>, Arc<str>)> + 'n {
    let entries = node.get(part).map_or(&[][..], Node::entries).iter();
    entries.flat_map(|(key, node)| {
        let aliases = node.get("aliases").and_then(Node::list).unwrap_or_default().iter();
        let labels = node.get("label").map_or(&[][..], Node::entries).iter().map(|(_, label)| label);
        aliases.chain(labels).filter_map(|name| Some((name.text()?.clone(), key.text.clone())))
    })
}

fn keys<'n>(node: &'n Node, part: &str) -> impl Iterator<Item = Arc<str>> + 'n {
    node.get(part).map_or(&[][..], Node::entries).iter().map(|(key, _)| key.text.clone())
}
