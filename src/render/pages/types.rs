//! The kinds of record, with the number of those that the reader sees.

use super::{PageKind, Shows, is};
use crate::{
    access::{View, by_name},
    render::{address, asked::Asked, frame::PageModel, link::ShownLink},
};
use serde::Serialize;

pub(super) const KIND: PageKind = PageKind { templates: &["/types/"], addresses: |_| vec!["/types/".to_owned()], page };

#[derive(Serialize)]
pub(super) struct TypeInIndex {
    link: ShownLink,
    pub count: usize,
    latest: Option<String>,
    defined: ShownLink,
}

#[derive(Serialize)]
struct Types {
    kinds: Vec<TypeInIndex>,
    total: usize,
}

pub(super) fn of_view(asked: &Asked<'_>, view: &View<'_>) -> Vec<TypeInIndex> {
    let kinds = view.policies().types.values().map(|record_type| TypeInIndex {
        link: ShownLink {
            text: asked.label(&record_type.label, &record_type.id),
            href: Some(asked.href(&address::record_type(&record_type.id))),
        },
        count: view.count(&record_type.id),
        latest: view.list(&record_type.id).latest().map(|date| date.to_string()),
        defined: asked.citation(&record_type.citation),
    });
    let mut kinds: Vec<TypeInIndex> = kinds.collect();
    kinds.sort_by(|a, b| by_name(&a.link.text, &b.link.text));
    kinds
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "types") {
        return Ok(None);
    }
    let (mut kinds, empty): (Vec<_>, Vec<_>) = of_view(asked, view).into_iter().partition(|kind| kind.count > 0);
    kinds.extend(empty);
    let page = Types { total: kinds.iter().map(|kind| kind.count).sum(), kinds };
    asked.page("/types/", PageModel::new("types.html", asked.word("records"), page)).map(Some)
}
