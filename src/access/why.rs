//! Why somebody may read a record.

use crate::{
    diagnostic::{Citation, Lang, Words},
    policy::Policies,
    source::RecordId,
};
use std::sync::Arc;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    Everyone,
    Post(Arc<str>),
    Department(Arc<str>),
    /// A path of the access block leads to the person: `owner`, `line(author)`.
    Named(Arc<str>),
    /// He reads the record from which this one inherits.
    Inherited(RecordId),
    /// An authorisation names him.
    Authorised(RecordId),
}

/// A reason, and the article of the access block that gives it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Why {
    pub reason: Reason,
    pub citation: Option<Arc<Citation>>,
}

impl Why {
    pub fn words(&self, policies: &Policies) -> Words {
        let posts = &policies.posts;
        let reason = match &self.reason {
            Reason::Everyone => Words::new("全体员工可读", "all staff may read it"),
            Reason::Post(id) => match posts.posts.get(id) {
                Some(post) => Words::new(format!("任职：{}", post.label.zh), format!("holds the post: {}", post.label.en)),
                None => Words::new(format!("任职：{id}"), format!("holds the post: {id}")),
            },
            Reason::Department(id) => match posts.departments.get(id) {
                Some(own) => Words::new(format!("所属部门：{}", own.label.zh), format!("belongs to the department: {}", own.label.en)),
                None => Words::new(format!("所属部门：{id}"), format!("belongs to the department: {id}")),
            },
            Reason::Named(path) => Words::new(format!("档案载明：{path}"), format!("the record names this person: {path}")),
            Reason::Inherited(id) => Words::new(format!("可读 {id}，随之可读"), format!("reads {id}, and this with it")),
            Reason::Authorised(id) => Words::new(format!("凭查阅授权 {id}"), format!("under the authorisation {id}")),
        };
        match &self.citation {
            None => reason,
            Some(at) => Words::new(format!("{}（{}）", reason.zh, at.named(Lang::Zh)), format!("{} ({})", reason.en, at.named(Lang::En))),
        }
    }
}
