//! A record: its particulars, its text, its approvals, what is due and what is wrong, and who
//! refers to it.

use super::{PageKind, Shows, pager::A_PAGE, seen};
use crate::{
    access::{Backlinks, ByFields, Seen, View},
    approval::Chain,
    policy::{Role, Step, Value},
    render::{
        Reading, address,
        asked::{Asked, ListEntry, Over, ShownDuty, Wrong, is_person},
        frame::PageModel,
        link::ShownLink,
        prose,
        shown::{self, ShownRow},
        twins::Anchor,
        words::fill,
    },
};
use serde::Serialize;
use std::{cmp::Reverse, sync::Arc};

pub(super) const KIND: PageKind = PageKind { templates: &["/records/{id}/"], addresses, page };

#[derive(Serialize)]
pub(super) struct RecordPage {
    id: String,
    title: String,
    kind: Option<ShownLink>,
    about: Option<String>,
    date: Option<String>,
    path: String,
    restricted: bool,
    fields: Vec<ShownRow>,
    body: String,
    headings: Vec<Anchor>,
    approvals: Vec<Approval>,
    duties: Vec<ShownDuty>,
    findings: Vec<Wrong>,
    /// What was wrong, and is over.
    past: Vec<Over>,
    /// What took its place, or disposed of it, and since when.
    ended: Option<Ended>,
    /// The other files that give themselves its id.
    twins: Vec<ShownLink>,
    backlinks: Vec<Group>,
    attachments: Vec<ShownLink>,
    /// What was not understood, as written.
    unread: Vec<Unread>,
    /// The text that is to be sealed, for whoever approves it.
    written: Option<String>,
    /// Whether it is open for reading alone: nothing of it is to be taken away.
    read_only: bool,
    /// Where it stands as a form to be printed.
    form: Option<String>,
    readings: Option<Vec<Read>>,
    approve: Option<Approve>,
    /// Why it waits for nobody yet, for its author and whoever is to approve it: the errors
    /// themselves stand among the findings.
    held_up: Option<String>,
}

/// The approval that the reader may give here, of what he sees.
#[derive(Serialize)]
struct Approve {
    id: String,
    step: String,
    post: String,
    seal: String,
    back: String,
}

/// What ended a record.
#[derive(Serialize)]
struct Ended {
    label: &'static str,
    by: ShownLink,
    date: Option<String>,
}

/// A key of the front matter, and what stands behind it.
#[derive(Serialize)]
pub(super) struct Unread {
    key: String,
    text: String,
}

/// Who has read the record, and when.
#[derive(Serialize)]
struct Read {
    who: ShownLink,
    at: String,
}

/// A step of a chain, and who has taken it.
#[derive(Serialize)]
pub(super) struct Approval {
    step: String,
    by: Option<ShownLink>,
    at: Option<String>,
    /// `valid`, `void`, `pending` or `conditional`.
    state: &'static str,
    state_label: &'static str,
}

/// Records of one type that refer to this one.
#[derive(Serialize)]
pub(super) struct Group {
    pub label: String,
    count: usize,
    /// Where there are more than are shown: the list of all of that type.
    all: Option<ShownLink>,
    /// The latest of them.
    pub entries: Vec<Backlink>,
}

#[derive(Serialize)]
pub(super) struct Backlink {
    pub entry: ListEntry,
    pub fields: Vec<String>,
}

fn addresses(view: &View<'_>) -> Vec<String> {
    view.records().filter(|seen| !is_person(*seen)).map(|seen| address::record(seen.id())).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["records", segment] = segments else { return Ok(None) };
    let Some(seen) = seen(view, segment) else { return Ok(None) };
    let path = address::record(seen.id());
    let page = asked.page(&path, PageModel::new("record.html", seen.title(), record(asked, seen)))?;
    Ok(Some(super::Page { record: Some(seen.id().clone()), ..page }))
}

pub(super) fn record(asked: &Asked<'_>, seen: Seen<'_>) -> RecordPage {
    let prose = prose::of_record(asked, seen);
    let fields = seen.fields();
    RecordPage {
        id: seen.id().to_string(),
        title: seen.title().to_owned(),
        kind: seen.record_type().map(|t| shown::type_link(asked, &t.id)),
        about: asked.about(seen),
        date: seen.date().map(|date| date.to_string()),
        path: seen.path().to_string(),
        restricted: seen.restricted(),
        fields: fields.iter().filter(|(_, value)| *value != Value::Missing).map(|(field, value)| shown::row(asked, field, value)).collect(),
        body: prose.html,
        headings: prose.headings.into_iter().filter(|heading| heading.level <= 2).collect(),
        approvals: seen.approvals().map_or_else(Vec::new, |chain| approvals(asked, chain)),
        duties: seen.duties().into_iter().map(|due| asked.duty(&due)).collect(),
        findings: seen.findings().into_iter().map(|finding| asked.wrong(finding)).collect(),
        past: past(asked, seen),
        twins: seen.twins().into_iter().map(|twin| twin_link(asked, twin)).collect(),
        ended: seen.ended_by().map(|by| ended(asked, by)),
        backlinks: backlinks(asked, &seen.backlinks()),
        attachments: attachments(asked, seen),
        unread: unread(seen),
        written: seen.sealed_text(),
        read_only: !seen.may_export(),
        form: asked.form_of(&address::record(seen.id())).filter(|_| seen.may_export() && seen.record_type().is_some()),
        approve: approve(asked, seen),
        held_up: held_up(asked, seen),
        readings: asked.session.and_then(|session| session.readings.as_ref()).map(|all| readings(asked, all)),
    }
}

pub(super) fn unread(seen: Seen<'_>) -> Vec<Unread> {
    seen.unread().into_iter().map(|(key, text)| Unread { key, text: text.to_owned() }).collect()
}

/// The latest first.
fn past(asked: &Asked<'_>, seen: Seen<'_>) -> Vec<Over> {
    let mut past = seen.past();
    past.sort_by_key(|finding| Reverse(finding.state.until()));
    past.iter().filter_map(|finding| Some(asked.over(finding, finding.state.ended()?))).collect()
}

fn ended(asked: &Asked<'_>, by: Seen<'_>) -> Ended {
    let is_disposal = by.record_type().is_some_and(|own| own.role == Some(Role::Disposal));
    let label = asked.word(if is_disposal { "disposed_by" } else { "superseded_by" });
    Ended { label, by: asked.link(by), date: by.date().map(|date| date.to_string()) }
}

/// By the path of its file: the title may be the same.
fn twin_link(asked: &Asked<'_>, twin: Seen<'_>) -> ShownLink {
    ShownLink { text: twin.path().to_string(), ..asked.link(twin) }
}

fn approve(asked: &Asked<'_>, seen: Seen<'_>) -> Option<Approve> {
    let (step, seal) = asked.session.filter(|session| session.signs).and_then(|_| seen.awaits_me())?;
    let (id, post, back) = (seen.id().to_string(), asked.post(&step), asked.href("/inbox/"));
    Some(Approve { id, step: step.to_string(), post, seal: seal.to_string(), back })
}

/// Why it does not wait for approval yet.
fn held_up(asked: &Asked<'_>, seen: Seen<'_>) -> Option<String> {
    let count = seen.held_up().len();
    (count > 0).then(|| fill(asked.word("held_up"), "n", &count.to_string()))
}

fn readings(asked: &Asked<'_>, all: &[Reading]) -> Vec<Read> {
    all.iter().map(|one| Read { who: asked.named(&one.who), at: one.at.format("%Y-%m-%d %H:%M").to_string() }).collect()
}

fn attachments(asked: &Asked<'_>, seen: Seen<'_>) -> Vec<ShownLink> {
    let href = |name: &str| seen.may_export().then(|| asked.attachment_href(seen.id(), name));
    let link = |name: &str| ShownLink { text: name.to_owned(), href: href(name) };
    seen.attachments().into_iter().map(link).collect()
}

/// What stands in the chain, then the steps that nobody has taken.
pub(super) fn approvals(asked: &Asked<'_>, chain: &Chain) -> Vec<Approval> {
    let state = |state: &'static str| (state, asked.word(state));
    let given = chain.entries.iter().map(|entry| {
        let (state, state_label) = state(if entry.valid { "valid" } else { "void" });
        let at = Some(entry.at.format("%Y-%m-%d %H:%M").to_string());
        Approval { step: asked.post(&entry.step), by: Some(asked.named(&entry.by)), at, state, state_label }
    });
    let open = chain.rule.iter().flat_map(|rule| &rule.steps).filter(|step| chain.entries.iter().all(|entry| entry.step != step.post));
    given.chain(open_steps(asked, open)).collect()
}

/// Steps that nobody has taken.
pub(super) fn open_steps<'s>(asked: &Asked<'_>, steps: impl IntoIterator<Item = &'s Step>) -> Vec<Approval> {
    let open = steps.into_iter().map(|step| {
        let state = if step.when.is_some() { "conditional" } else { "pending" };
        Approval { step: asked.post(&step.post), by: None, at: None, state, state_label: asked.word(state) }
    });
    open.collect()
}

/// Records that refer to one, by type, the latest of each.
pub(super) fn backlinks(asked: &Asked<'_>, by_type: &[Backlinks<'_>]) -> Vec<Group> {
    let shown = |from: Seen<'_>, fields: &ByFields| {
        let label = |field: &Option<Arc<str>>| match field {
            Some(field) => field_label(asked, from, field),
            None => asked.word("in_body").to_owned(),
        };
        Backlink { entry: asked.entry(from), fields: fields.iter().map(label).collect() }
    };
    let group = |links: &Backlinks<'_>| {
        let (kind, count) = (links.record_type(), links.count());
        let own = links.each().next().and_then(|(first, _)| first.record_type());
        let label = own.map_or_else(|| asked.word("untyped").to_owned(), |own| asked.label(&own.label, &own.id));
        let all = kind.filter(|_| count > A_PAGE).map(|own| shown::type_link(asked, own));
        let entries = links.each().take(A_PAGE).map(|(from, fields)| shown(from, fields)).collect();
        Group { label, count, all, entries }
    };
    by_type.iter().map(group).collect()
}

fn field_label(asked: &Asked<'_>, from: Seen<'_>, field: &str) -> String {
    let known = from.record_type().and_then(|t| t.field(field));
    known.map_or_else(|| field.to_owned(), |known| asked.label(&known.label, field))
}
