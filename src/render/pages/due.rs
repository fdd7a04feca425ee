//! What is due and overdue, as far as the reader may know.

use super::{
    PageKind, Shows,
    pager::{self, Pager},
};
use crate::{
    access::View,
    render::{
        asked::{Asked, ShownDuty},
        frame::PageModel,
    },
};
use serde::Serialize;

const FIRST: &str = "/due/";

pub(super) const KIND: PageKind =
    PageKind { templates: &[FIRST, "/due/page/{number}/"], addresses: |view| pager::addresses(FIRST, view.duties().len()), page };

#[derive(Serialize)]
struct Dues {
    overdue: Vec<ShownDuty>,
    due: Vec<ShownDuty>,
    /// How many there are in all.
    counts: [usize; 2],
    #[serde(flatten)]
    pager: Pager,
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["due", rest @ ..] = segments else { return Ok(None) };
    let duties = view.duties();
    let count = duties.len();
    let Some(number) = pager::number(rest, count) else { return Ok(None) };
    let counts = [view.overdue(), count - view.overdue()];
    let pager = Pager::new(asked, FIRST, number, count);
    let (overdue, due) = duties.part(pager::places(number)).map(|due| asked.duty(&due)).partition(|duty| duty.overdue);
    let dues = Dues { overdue, due, counts, pager };
    asked.page(&pager::address(FIRST, number), PageModel::new("due.html", asked.word("due"), dues)).map(Some)
}
