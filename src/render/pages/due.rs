//! What is due and overdue, as far as the reader may know.

use super::{Kind, Shows, is};
use crate::{
    access::View,
    render::{
        asked::{Asked, Duty},
        shown::Told,
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { templates: &["/due/"], addresses: |_| vec!["/due/".to_owned()], page };

#[derive(Serialize)]
struct Dues {
    overdue: Vec<Duty>,
    due: Vec<Duty>,
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "due") {
        return Ok(None);
    }
    let (overdue, due) = view.duties().into_iter().map(|due| asked.duty(&due)).partition(|duty| duty.overdue);
    asked.page("/due/", Told::new("due.html", asked.word("due"), Dues { overdue, due })).map(Some)
}
