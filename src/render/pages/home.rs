//! The home page: what is mine, when signed in; the kinds of record, the latest ones, the policies
//! in force.

use super::{PageKind, Shows, inbox, policies, types};
use crate::{
    access::{ToldList, View},
    render::{
        asked::{Asked, ListEntry, ShownDuty, Wrong},
        frame::PageModel,
    },
};
use serde::Serialize;

pub(super) const KIND: PageKind = PageKind { templates: &["/"], addresses: |_| vec!["/".to_owned()], page };

/// The latest records that are listed.
const RECENT: usize = 12;
/// What a tray shows of its list.
const A_TRAY: usize = 6;

#[derive(Serialize)]
struct Home {
    mine: Option<Mine>,
    kinds: Vec<types::TypeInIndex>,
    recent: Vec<ListEntry>,
    policies: Vec<policies::InIndex>,
    all_records: String,
    all_policies: String,
}

#[derive(Serialize)]
struct Mine {
    /// How many ask for access, and where it is decided.
    asks: usize,
    inbox: String,
    waiting: Tray<inbox::InboxEntry>,
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
        recent: view.latest(RECENT).into_iter().map(|seen| asked.entry(seen)).collect(),
        policies: policies::current(asked, view),
        all_records: asked.href("/types/"),
        all_policies: asked.href("/policies/"),
    };
    asked.page("/", PageModel::new("home.html", "", page)).map(Some)
}

fn mine(asked: &Asked<'_>, view: &View<'_>) -> Mine {
    Mine {
        asks: inbox::asks(asked).len(),
        inbox: asked.href("/inbox/"),
        waiting: tray(asked, view.waiting(), |waits| inbox::waiting(asked, waits), "/inbox/"),
        overdue: view.own_overdue(),
        duties: tray(asked, view.own_duties(), |due| asked.duty(&due), "/due/"),
        team: tray(asked, view.team_duties(), |due| asked.duty(&due), "/due/"),
        findings: tray(asked, view.own_findings(), |finding| asked.wrong(finding), "/findings/"),
    }
}

fn tray<T, S>(asked: &Asked<'_>, list: ToldList<'_, T>, show: impl FnMut(T) -> S, path: &str) -> Tray<S> {
    let total = list.len();
    Tray { first: list.part(0..A_TRAY).map(show).collect(), total, all: (total > A_TRAY).then(|| asked.href(path)) }
}
