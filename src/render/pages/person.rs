//! A person: position, department, superior, posts, reports, and the records that he wrote, as far
//! as the reader sees them.

use super::{
    Page, PageKind, Shows,
    record::{self, Group, RecordPage},
    seen,
};
use crate::{
    access::{Backlinks, Seen, View, by_name},
    policy::{Role, Value},
    render::{
        address,
        asked::{Asked, is_person},
        frame::PageModel,
        link::ShownLink,
    },
    source::RecordId,
};
use chrono::NaiveDate;
use serde::Serialize;
use std::sync::Arc;

pub(super) const KIND: PageKind = PageKind { templates: &["/people/{id}/"], addresses, page };

/// A person in an index. The fields are those of the `as: person` type.
#[derive(Serialize)]
pub(super) struct Brief {
    pub link: ShownLink,
    pub id: String,
    pub position: Option<String>,
    pub department: Option<String>,
    pub superior: Option<ShownLink>,
    pub posts: Vec<String>,
    /// Those that the position does not name already.
    pub other_posts: Vec<String>,
    pub left: bool,
}

#[derive(Serialize)]
struct Person {
    brief: Brief,
    reports: Vec<Brief>,
    authored: Vec<Group>,
    record: RecordPage,
    /// Whether the reader may look at the archive as this person.
    sight: bool,
}

/// Those whom the reader may look up, by name.
pub(super) fn of_view<'v>(view: &'v View<'_>) -> Vec<Seen<'v>> {
    let mut people = view.policies().role(Role::Person).map_or_else(Vec::new, |role| view.of_type(&role.id));
    people.sort_by(|a, b| by_name(a.title(), b.title()).then_with(|| a.id().cmp(b.id())));
    people
}

fn addresses(view: &View<'_>) -> Vec<String> {
    of_view(view).into_iter().map(|seen| address::person(seen.id())).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["people", segment] = segments else { return Ok(None) };
    let Some(seen) = seen(view, segment).filter(|seen| is_person(*seen)) else { return Ok(None) };
    let page = Person {
        brief: brief(asked, seen, view.today()),
        reports: reports(asked, seen, view.today()),
        authored: record::backlinks(asked, &seen.authored()),
        record: record::record(asked, seen),
        sight: asked.session.is_some() && view.decides_on_access() && view.is_on_staff(seen.id()) && asked.me() != Some(seen.id()),
    };
    let page = asked.page(&address::person(seen.id()), PageModel::new("person.html", seen.title(), page))?;
    Ok(Some(Page { record: Some(seen.id().clone()), ..page }))
}

pub(super) fn brief(asked: &Asked<'_>, seen: Seen<'_>, today: NaiveDate) -> Brief {
    let fields = seen.fields();
    let field = |name: &str| fields.iter().find(|(field, _)| &*field.name == name).map(|(_, value)| value);
    let position = match field("position") {
        Some(Value::Text(position)) => Some(position.to_string()),
        _ => None,
    };
    let row = field("reporting").and_then(|rows| reporting(rows, today));
    let left = matches!(field("left"), Some(Value::Date(day)) if *day <= today);
    let posts = if left { Vec::new() } else { posts(asked, seen.id(), today) };
    let other_posts = posts.iter().filter(|post| position.as_ref() != Some(post)).cloned().collect();
    Brief {
        link: asked.link(seen),
        id: seen.id().to_string(),
        position,
        department: row.as_ref().and_then(|row| row.department.as_deref()).map(|id| asked.department(id)),
        superior: row.and_then(|row| row.superior).map(|id| asked.named(&id)),
        posts,
        other_posts,
        left,
    }
}

/// A row of a person's line of reporting.
struct Reporting {
    department: Option<Arc<str>>,
    superior: Option<RecordId>,
}

/// The row in force on a day: the latest that has begun.
fn reporting(rows: &Value, day: NaiveDate) -> Option<Reporting> {
    let Value::List(rows) = rows else { return None };
    let tables = rows.iter().filter_map(|row| match row {
        Value::Table(table) => Some(table),
        _ => None,
    });
    let begun = tables.filter_map(|table| match table.get("from") {
        Some(Value::Date(from)) if *from <= day => Some((*from, table)),
        _ => None,
    });
    let (_, table) = begun.max_by_key(|(from, _)| *from)?;
    let department = table.get("department").and_then(|value| match value {
        Value::Text(id) => Some(id.clone()),
        _ => None,
    });
    let superior = table.get("superior").and_then(|value| match value {
        Value::Record(id) => Some(id.clone()),
        _ => None,
    });
    Some(Reporting { department, superior })
}

fn posts(asked: &Asked<'_>, person: &RecordId, today: NaiveDate) -> Vec<String> {
    let Some(view) = asked.view else { return Vec::new() };
    let posts = &view.policies().posts;
    posts.posts.values().filter(|post| posts.holds(person, &post.id, today)).map(|post| asked.label(&post.label, &post.id)).collect()
}

/// Those whose superior he is today.
fn reports(asked: &Asked<'_>, seen: Seen<'_>, today: NaiveDate) -> Vec<Brief> {
    let is_under = |from: &Seen<'_>| {
        let fields = from.fields();
        let rows = fields.iter().find(|(field, _)| &*field.name == "reporting").and_then(|(_, rows)| reporting(rows, today));
        rows.and_then(|row| row.superior).is_some_and(|id| id == *seen.id())
    };
    let by_type = seen.backlinks();
    let own = seen.record_type().map(|own| &own.id);
    let people = by_type.iter().filter(|links| links.record_type() == own).flat_map(Backlinks::each).map(|(from, _)| from);
    people.filter(is_under).map(|from| brief(asked, from, today)).filter(|brief| !brief.left).collect()
}
