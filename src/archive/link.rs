//! Where the links of documents lead: records, policies and their articles, attachments. Never
//! renders one.

use super::{Archive, Record, Reference};
use crate::{
    document::{Document, Link, LinkKind},
    policy::{Policy, Value},
    source::{ArchivePath, RecordId, trial},
};
use std::sync::Arc;

/// Where a link leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkEnd {
    Record(RecordId),
    /// A policy, by its id.
    Policy(Arc<str>),
    /// A file that lies in the archive.
    Attachment(ArchivePath),
    /// The document itself (`#…`).
    Here,
    /// The web, or what is never rendered as a link.
    Outside,
    /// Nothing of that name is in the archive.
    Nothing,
}

impl Archive {
    /// Where a link in a document leads. A policy's id goes before a record's: policies are read by
    /// everyone, and no record that is kept from a reader may change what he sees.
    pub fn destination(&self, document: &Document, link: &Link) -> LinkEnd {
        let target = link.target.trim();
        match link.kind {
            LinkKind::Web | LinkKind::Refused => LinkEnd::Outside,
            _ if target.is_empty() => LinkEnd::Here,
            LinkKind::Wiki => self.named(target),
            LinkKind::Relative => path_from(&document.path, target).map_or(LinkEnd::Nothing, |path| self.at(path)),
        }
    }

    /// Whether the heading or article that a link names is there.
    pub fn has_anchor(&self, document: &Document, link: &Link) -> bool {
        let Some(fragment) = link.fragment.as_deref() else { return true };
        match self.destination(document, link) {
            LinkEnd::Here => has_heading(document, fragment),
            LinkEnd::Record(id) => self.record(&id).is_some_and(|record| has_heading(&record.document, fragment)),
            LinkEnd::Policy(id) => self.versions(&id).any(|policy| has_article(policy, fragment)),
            LinkEnd::Attachment(_) | LinkEnd::Outside => true,
            LinkEnd::Nothing => false,
        }
    }

    fn named(&self, target: &str) -> LinkEnd {
        if let Some(policy) = self.versions(target).next() {
            return LinkEnd::Policy(policy.id.clone());
        }
        let id = RecordId::named(target);
        if self.directory.by_id.contains_key(&id) { LinkEnd::Record(id) } else { LinkEnd::Nothing }
    }

    fn at(&self, path: ArchivePath) -> LinkEnd {
        trial::count(1);
        let policy = || self.policies.versions.iter().find(|policy| policy.document.path == path);
        if let Some(policy) = path.0.starts_with("policies/").then(policy).flatten() {
            LinkEnd::Policy(policy.id.clone())
        } else if let Some(&record) = self.directory.by_path.get(&path) {
            LinkEnd::Record(self.records[record].id.clone())
        } else if let Some(path) = self.sources.attached(&path) {
            LinkEnd::Attachment(path.clone())
        } else {
            LinkEnd::Nothing
        }
    }

    fn versions<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Arc<Policy>> {
        let versions = &self.policies.versions;
        // They stand in the order of their ids.
        let first = versions.partition_point(|policy| &*policy.id < id);
        versions[first..].iter().take_while(move |policy| &*policy.id == id)
    }

    /// Every reference that a record makes: those of its fields, then those of its body.
    pub(super) fn references_of(&self, record: &Record) -> Vec<Reference> {
        let mut references = Vec::new();
        for (field, entry) in record.fields.iter() {
            entry.each_value(&mut |value, span| {
                if let Value::Record(to) = value {
                    let resolved = self.directory.by_id.contains_key(to);
                    references.push(Reference { from: record.id.clone(), to: to.clone(), field: Some(field.clone()), span, resolved });
                }
            });
        }
        references.extend(record.document.body.links.iter().filter_map(|link| self.link_reference(record, link)));
        references.shrink_to_fit();
        references
    }

    /// A link as a reference, if it names a record, there or not.
    fn link_reference(&self, record: &Record, link: &Link) -> Option<Reference> {
        let names_a_record = link.kind == LinkKind::Wiki || (link.kind == LinkKind::Relative && link.target.ends_with(".md"));
        let (to, resolved) = match self.destination(&record.document, link) {
            LinkEnd::Record(id) => (id, true),
            LinkEnd::Nothing if names_a_record => (RecordId::named(link.target.trim()), false),
            _ => return None,
        };
        Some(Reference { from: record.id.clone(), to, field: None, span: link.span, resolved })
    }
}

fn has_heading(document: &Document, anchor: &str) -> bool {
    trial::count(1);
    document.body.anchor_of(anchor).is_some()
}

fn has_article(policy: &Policy, key: &str) -> bool {
    has_heading(&policy.document, key) || policy.articles.iter().any(|article| &*article.key == key)
}

/// A path as written in the document at `from`, as one below the archive's root; `None` where it
/// leads out of it.
pub fn path_from(from: &ArchivePath, target: &str) -> Option<ArchivePath> {
    let (folder, target) = match target.strip_prefix('/') {
        Some(from_root) => ("", from_root),
        None => (from.0.rsplit_once('/').map_or("", |(folder, _)| folder), target),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    Some(ArchivePath::from(steps.join("/").as_str()))
}

/// A path below the archive's root as it is written in a link of the document at `from`.
pub fn path_to(from: &ArchivePath, path: &str) -> String {
    let folder: Vec<&str> = from.0.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect();
    let steps: Vec<&str> = path.split('/').collect();
    let shared = folder.iter().zip(&steps[..steps.len() - 1]).take_while(|(own, other)| own == other).count();
    let written = "../".repeat(folder.len() - shared) + &steps[shared..].join("/");
    // What has a blank or a bracket ends no link in angle brackets (CommonMark 6.3).
    let is_plain = !written.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>'));
    if is_plain { written } else { format!("<{written}>") }
}
