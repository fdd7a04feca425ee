//! Posts, who holds them when, and departments.

use crate::{
    diagnostic::{Citation, Words},
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
    pub head: Option<RecordId>,
    pub span: Span,
}

impl Posts {
    /// The post of that id, or else of that label in any language.
    pub fn post_called(&self, name: &str) -> Option<&Post> {
        self.posts.get(name).or_else(|| self.posts.values().find(|post| post.label.is(name)))
    }

    /// The department of that id, or else of that label in any language.
    pub fn department_called(&self, name: &str) -> Option<&Department> {
        self.departments.get(name).or_else(|| self.departments.values().find(|own| own.label.is(name)))
    }

    pub fn holds(&self, person: &RecordId, post: &str, day: NaiveDate) -> bool {
        self.posts.get(post).is_some_and(|p| p.held_by.iter().any(|h| h.person == *person && h.covers(day)))
    }

    /// Who holds a post on a day, in the order of the block.
    pub fn holders<'a>(&'a self, post: &str, day: NaiveDate) -> impl Iterator<Item = &'a RecordId> {
        self.posts.get(post).into_iter().flat_map(move |p| p.held_by.iter().filter(move |h| h.covers(day)).map(|h| &h.person))
    }
}

impl Holding {
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}
