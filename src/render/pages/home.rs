//! The home page: what is mine, when signed in; the kinds of record, the latest ones, the policies in force.

use super::{PageKind, Shows, findings, inbox, policies, types};
use crate::{
    access::{View, by_name},
    check::Due,
    render::{
        asked::{Asked, Entry, ShownDuty, Wrong},
        shown::PageModel,
    },
};
use serde::Serialize;
use std::borrow::Cow;

pub(super) const KIND: PageKind = PageKind { templates: &["/"], addresses: |_| vec!["/".to_owned()], page };

/// The latest records that are listed.
const RECENT: usize = 12;
/// What a tray shows of its list.
const A_TRAY: usize = 6;

#[derive(Serialize)]
struct Home {
    mine: Option<Mine>,
    kinds: Vec<types::OfType>,
    recent: Vec<Entry>,
    policies: Vec<policies::InIndex>,
    all_records: String,
    all_policies: String,
}

#[derive(Serialize)]
struct Mine {
    /// How many ask for access, and where it is decided.
    asks: usize,
    inbox: String,
    waiting: Tray<inbox::Waiting>,
    duties: Tray<ShownDuty>,
    overdue: usize,
    /// What those are to do who are below the reader.
    team: Tray<ShownDuty>,
    findings: Tray<Wrong>,
}

/// The first of a list, how many there are, and where all of them stand.
#[derive(Serialize)]
struct Tray<T> {
    first: Vec<T>,
    total: usize,
    all: Option<String>,
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !segments.is_empty() {
        return Ok(None);
    }
    let page = Home {
        mine: asked.me().is_some().then(|| mine(asked, view)),
        kinds: types::of_view(asked, view).into_iter().filter(|kind| kind.count > 0).collect(),
        recent: recent(asked, view),
        policies: policies::current(asked, view),
        all_records: asked.href("/types/"),
        all_policies: asked.href("/policies/"),
    };
    asked.page("/", PageModel::new("home.html", "", page)).map(Some)
}

fn mine(asked: &Asked<'_>, view: &View<'_>) -> Mine {
    let is_mine = |due: &Cow<'_, Due>| asked.me().is_some_and(|me| due.who.contains(me));
    let (own, others): (Vec<_>, Vec<_>) = view.duties().into_iter().partition(is_mine);
    let duties: Vec<ShownDuty> = own.iter().map(|due| asked.duty(due)).collect();
    let team = others.iter().filter(|due| view.oversees(due)).map(|due| asked.duty(due)).collect();
    Mine {
        asks: inbox::asks(asked).len(),
        inbox: asked.href("/inbox/"),
        waiting: tray(asked, inbox::waiting(asked, view), "/inbox/"),
        overdue: duties.iter().filter(|duty| duty.overdue).count(),
        duties: tray(asked, duties, "/due/"),
        team: tray(asked, team, "/due/"),
        findings: tray(asked, findings::mine(asked, view), "/findings/"),
    }
}

fn tray<T>(asked: &Asked<'_>, mut list: Vec<T>, path: &str) -> Tray<T> {
    let total = list.len();
    list.truncate(A_TRAY);
    Tray { first: list, total, all: (total > A_TRAY).then(|| asked.href(path)) }
}

fn recent(asked: &Asked<'_>, view: &View<'_>) -> Vec<Entry> {
    let mut dated: Vec<_> = view.records().filter(|seen| seen.date().is_some_and(|date| date <= view.today())).collect();
    dated.sort_by(|a, b| b.date().cmp(&a.date()).then_with(|| by_name(&a.id().0, &b.id().0)));
    dated.into_iter().take(RECENT).map(|seen| asked.entry(seen)).collect()
}
