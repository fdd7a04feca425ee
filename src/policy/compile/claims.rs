//! Who declared an id first. The versions in force today share one register, since they bind
//! together; every other version has its own.

use super::desk::{Desk, code};
use crate::{
    diagnostic::{Finding, Words},
    source::Span,
};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Space {
    Type,
    /// A part that the program itself knows.
    Role,
    Post,
    Department,
    /// Rules, duties, styles and access blocks.
    Rule,
    /// The chain of a type.
    Approval,
    Setting,
}

#[derive(Debug, Default)]
pub(super) struct Claims(BTreeMap<(usize, Space, Arc<str>), Span>);

impl Claims {
    /// Notes an id, or a finding where it is taken in this owner's register.
    pub fn claim(&mut self, desk: &Desk<'_>, owner: usize, space: Space, id: &str, span: Span) {
        let key = (owner, space, id.into());
        let Some(first) = self.0.get(&key) else {
            self.0.insert(key, span);
            return;
        };
        let fix = Words::new("删去重复的一处，或换一个标识", "take one of the two out, or give it another id");
        let mut finding = Finding::error(code::DUPLICATE, span, words(space, id)).with_fix(fix);
        finding.related.push((*first, Words::new("第一次在此", "first here")));
        desk.note(finding);
    }
}

fn words(space: Space, id: &str) -> Words {
    match space {
        Space::Role => Words::new(format!("已有“as: {id}”的类型"), format!("there is a type `as: {id}` already")),
        Space::Approval => Words::new(format!("“{id}”已有批准程序"), format!("“{id}” has a chain of approvals already")),
        _ => Words::new(format!("标识“{id}”已经用过"), format!("the id “{id}” is taken already")),
    }
}
