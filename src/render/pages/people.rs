//! The people: those that the reader may look up, with their position and department.

use super::{PageKind, Shows, is, person};
use crate::{
    access::View,
    render::{asked::Asked, frame::PageModel},
};
use serde::Serialize;

pub(super) const KIND: PageKind = PageKind { templates: &["/people/"], addresses: |_| vec!["/people/".to_owned()], page };

#[derive(Serialize)]
struct People {
    departments: Vec<Department>,
    total: usize,
}

#[derive(Serialize)]
struct Department {
    label: Option<String>,
    people: Vec<person::Brief>,
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "people") {
        return Ok(None);
    }
    let people: Vec<person::Brief> = person::of_view(view).into_iter().map(|seen| person::brief(asked, seen, view.today())).collect();
    let page = People { total: people.len(), departments: by_department(people) };
    asked.page("/people/", PageModel::new("people.html", asked.word("people"), page)).map(Some)
}

/// In the order of the departments' ids; those of none, and those who have left, stand last.
fn by_department(mut people: Vec<person::Brief>) -> Vec<Department> {
    people.sort_by(|a, b| (a.left, a.department.is_none(), &a.department).cmp(&(b.left, b.department.is_none(), &b.department)));
    let mut departments: Vec<Department> = Vec::new();
    for brief in people {
        let label = brief.department.clone();
        match departments.last_mut() {
            Some(last) if last.label == label => last.people.push(brief),
            _ => departments.push(Department { label, people: vec![brief] }),
        }
    }
    departments
}
