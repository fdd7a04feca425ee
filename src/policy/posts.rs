//! Posts, who holds them when, and departments.

use crate::{
    diagnostic::{Citation, Lang, Words},
    source::{RecordId, Span},
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Debug, Default)]
pub struct Posts {
    pub posts: BTreeMap<Arc<str>, Post>,
    pub departments: BTreeMap<Arc<str>, Department>,
    /// The block, where there is one.
    pub citation: Option<Citation>,
}

#[derive(Clone, Debug)]
pub struct Post {
    pub id: Arc<str>,
    pub label: Words,
    /// Ids and labels that it had before: whatever was written under them is of it.
    pub aliases: Vec<Arc<str>>,
    pub reports_to: Option<Arc<str>>,
    pub held_by: Vec<Holding>,
    pub stands_in: Option<Arc<str>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Holding {
    pub person: RecordId,
    pub from: NaiveDate,
    /// The last day.
    pub until: Option<NaiveDate>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Department {
    pub id: Arc<str>,
    pub label: Words,
    /// As those of a post.
    pub aliases: Vec<Arc<str>>,
    pub head: Option<RecordId>,
    pub span: Span,
}

impl Posts {
    /// The post of that id, or else of that label in any language, or else of that alias.
    pub fn post_called(&self, name: &str) -> Option<&Post> {
        let by = |fits: fn(&Post, &str) -> bool| self.posts.values().find(|post| fits(post, name));
        self.posts.get(name).or_else(|| by(|post, name| post.label.is(name))).or_else(|| by(|post, name| is_among(&post.aliases, name)))
    }

    /// The department of that id, or else of that label in any language, or else of that alias.
    pub fn department_called(&self, name: &str) -> Option<&Department> {
        let by = |fits: fn(&Department, &str) -> bool| self.departments.values().find(|own| fits(own, name));
        self.departments.get(name).or_else(|| by(|own, name| own.label.is(name))).or_else(|| by(|own, name| is_among(&own.aliases, name)))
    }

    /// What a post or department of that id is called; the id where it has no label, or is none.
    pub fn label<'l>(&'l self, id: &'l str, lang: Lang) -> &'l str {
        let department = || self.departments.get(id).map(|department| &department.label);
        let label = self.posts.get(id).map(|post| &post.label).or_else(department).map_or("", |label| label.get(lang));
        if label.is_empty() { id } else { label }
    }

    /// Adds what an earlier version calls otherwise, so that it stays understood.
    pub(super) fn remember(&mut self, earlier: &Posts) {
        for (id, was) in &earlier.posts {
            self.posts.get_mut(id).into_iter().for_each(|post| keep(&mut post.aliases, &post.label, &was.label, &was.aliases));
        }
        for (id, was) in &earlier.departments {
            self.departments.get_mut(id).into_iter().for_each(|own| keep(&mut own.aliases, &own.label, &was.label, &was.aliases));
        }
    }

    pub fn holds(&self, person: &RecordId, post: &str, day: NaiveDate) -> bool {
        self.posts.get(post).is_some_and(|p| p.held_by.iter().any(|h| h.person == *person && h.covers(day)))
    }

    /// Who holds a post on a day, in the order of the block.
    pub fn holders<'a>(&'a self, post: &str, day: NaiveDate) -> impl Iterator<Item = &'a RecordId> {
        self.posts.get(post).into_iter().flat_map(move |p| p.held_by.iter().filter(move |h| h.covers(day)).map(|h| &h.person))
    }
}

fn is_among(aliases: &[Arc<str>], name: &str) -> bool {
    aliases.iter().any(|alias| **alias == *name)
}

fn keep(aliases: &mut Vec<Arc<str>>, label: &Words, was: &Words, earlier: &[Arc<str>]) {
    let names = [&was.zh, &was.en].into_iter().filter(|name| !name.is_empty()).map(|name| Arc::from(&**name));
    for name in names.chain(earlier.iter().cloned()) {
        if !label.is(&name) && !is_among(aliases, &name) {
            aliases.push(name);
        }
    }
}

impl Holding {
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}
