//! A kind of record as a form on paper: blanks to be filled in by hand, or a record as it would
//! stand there.

use super::{
    Page, PageKind, Shows,
    record::{self, Approval, Unread},
    seen,
};
use crate::{
    access::{Seen, View},
    approval,
    policy::{Field, FieldType, Member, RecordType, Value},
    render::{
        RenderError, address,
        asked::Asked,
        frame::PageModel,
        prose,
        shown::{self, Column, Shown},
        words::fill,
    },
};
use serde::Serialize;
use std::sync::Arc;

/// Of a type and of a record, for whoever is signed in: the static site has none.
pub(super) const KIND: PageKind =
    PageKind { templates: &["/types/{type}/form/", "/records/{id}/form/"], addresses: |_| Vec::new(), page: at };

/// Two: one for each side, as the credit policy has it of the transaction card (第13条2).
pub const COPIES: usize = 2;

/// What a form is printed of.
pub enum FormSubject<'v> {
    Blank(&'v Arc<RecordType>),
    /// A record, by its type.
    Filled(&'v Arc<RecordType>, Seen<'v>),
}

/// Blank lines below a table of which nothing is filled in.
const ROWS: usize = 6;

#[derive(Serialize)]
struct Form {
    kind: String,
    id: Option<String>,
    /// The article that wants it.
    basis: String,
    copies: Vec<Sheet>,
    places: Vec<Place>,
    /// What was not understood, as written: its place above is blank.
    unread: Vec<Unread>,
    /// Titles of the sections that are to be written.
    sections: Vec<String>,
    steps: Vec<Approval>,
}

/// What differs from one copy to the next.
#[derive(Serialize)]
struct Sheet {
    /// Which of how many it is.
    label: String,
    /// The prose, whose ids are its own.
    body: Option<String>,
}

/// A field, and where it is filled in.
#[derive(Serialize)]
struct Place {
    label: String,
    must: bool,
    room: Room,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Room {
    Line { value: Option<Shown> },
    Choice { choices: Vec<Choice> },
    Rows { columns: Vec<Column>, rows: Vec<Vec<Shown>> },
}

/// A box to be ticked.
#[derive(Serialize)]
struct Choice {
    label: String,
    ticked: bool,
}

fn at(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if asked.me().is_none() {
        return Ok(None);
    }
    match segments {
        ["types", segment, "form"] => {
            let types = &view.policies().types;
            let own = address::name(segment, types.keys().map(|id| &**id)).and_then(|id| types.get(&*id));
            own.map(|own| page(asked, view, &FormSubject::Blank(own), COPIES)).transpose()
        }
        ["records", segment, "form"] => {
            // What is open for reading alone is not to be taken away on paper.
            let Some(seen) = seen(view, segment).filter(Seen::may_export) else { return Ok(None) };
            let Some(own) = seen.record_type() else { return Ok(None) };
            let page = page(asked, view, &FormSubject::Filled(own, seen), COPIES)?;
            Ok(Some(Page { record: Some(seen.id().clone()), ..page }))
        }
        _ => Ok(None),
    }
}

pub(in crate::render) fn page(asked: &Asked<'_>, view: &View<'_>, subject: &FormSubject<'_>, copies: usize) -> Result<Page, RenderError> {
    let (own, seen) = match *subject {
        FormSubject::Blank(own) => (own, None),
        FormSubject::Filled(own, seen) => (own, Some(seen)),
    };
    let kind = asked.label(&own.label, &own.id);
    let values = seen.map_or_else(Vec::new, |seen| seen.fields());
    let value = |field: &Field| values.iter().find(|(known, _)| known.name == field.name).map(|(_, value)| value);
    let is_asked = |field: &&Field| !Field::is_common(&field.name) || value(field).is_some_and(|value| *value != Value::Missing);
    let bodies = seen.map_or_else(Vec::new, |seen| prose::copies_of_record(asked, seen, copies));
    let label = |copy: usize| fill(&fill(asked.word("copy_of"), "n", &copy.to_string()), "of", &copies.to_string());
    let body = |copy: usize| bodies.get(copy - 1).filter(|body| !body.is_empty()).cloned();
    let form = Form {
        id: seen.map(|seen| seen.id().to_string()),
        basis: own.citation.named(asked.lang),
        copies: (1..=copies).map(|copy| Sheet { label: label(copy), body: body(copy) }).collect(),
        places: own.fields.iter().filter(is_asked).flat_map(|field| places(asked, field, value(field), "")).collect(),
        unread: seen.map_or_else(Vec::new, record::unread),
        sections: if body(1).is_some() { Vec::new() } else { own.sections.iter().map(ToString::to_string).collect() },
        steps: match seen {
            Some(seen) => seen.approvals().map_or_else(Vec::new, |chain| record::approvals(asked, chain)),
            None => open_steps(asked, view, own),
        },
        kind: kind.clone(),
    };
    let path = seen.map_or_else(|| address::record_type(&own.id), |seen| address::record(seen.id()));
    asked.page(&path, PageModel::new("form.html", &kind, form))
}

/// The steps of the chain that a record of today goes through.
fn open_steps(asked: &Asked<'_>, view: &View<'_>, own: &RecordType) -> Vec<Approval> {
    let rule = approval::chain_for(view.policies(), &own.id, view.today());
    rule.map_or_else(Vec::new, |rule| record::open_steps(asked, &rule.steps))
}

/// A field as it is filled in; the parts of a table stand one below the other.
fn places(asked: &Asked<'_>, field: &Field, value: Option<&Value>, above: &str) -> Vec<Place> {
    let value = value.filter(|value| **value != Value::Missing);
    let label = format!("{above}{}", asked.label(&field.label, &field.name));
    if let FieldType::Table(parts) = &field.field_type {
        let part = |part: &Field| match value {
            Some(Value::Table(table)) => table.get(&part.name),
            _ => None,
        };
        return parts.iter().flat_map(|own| places(asked, own, part(own), &format!("{label} · "))).collect();
    }
    let room = match &field.field_type {
        FieldType::Enumeration(members) => choice(asked, members, value),
        FieldType::YesNo => Room::Choice {
            choices: [true, false]
                .map(|yes| Choice { label: asked.yes_no(yes).to_owned(), ticked: value == Some(&Value::Bool(yes)) })
                .into(),
        },
        FieldType::List(element) => match &**element {
            FieldType::Enumeration(members) => choice(asked, members, value),
            FieldType::Table(_) => rows(asked, field, value),
            _ => line(asked, field, value),
        },
        _ => line(asked, field, value),
    };
    vec![Place { label, must: field.must, room }]
}

fn line(asked: &Asked<'_>, field: &Field, value: Option<&Value>) -> Room {
    Room::Line { value: value.map(|value| shown::value(asked, &field.field_type, value)) }
}

fn choice(asked: &Asked<'_>, members: &[Member], value: Option<&Value>) -> Room {
    let is = |value: &Value, member: &Member| matches!(value, Value::Text(text) if *text == member.name);
    let ticked = |member: &Member| match value {
        Some(Value::List(values)) => values.iter().any(|value| is(value, member)),
        Some(value) => is(value, member),
        None => false,
    };
    let choices = members.iter().map(|member| Choice { label: asked.label(&member.label, &member.name), ticked: ticked(member) });
    Room::Choice { choices: choices.collect() }
}

/// The rows of a table, or blank ones where none are filled in.
fn rows(asked: &Asked<'_>, field: &Field, value: Option<&Value>) -> Room {
    let none = Value::List(Arc::from([]));
    match shown::value(asked, &field.field_type, value.unwrap_or(&none)) {
        Shown::Rows { columns, rows } if rows.is_empty() => Room::Rows { rows: vec![vec![Shown::None; columns.len()]; ROWS], columns },
        Shown::Rows { columns, rows } => Room::Rows { columns, rows },
        other => Room::Line { value: Some(other) },
    }
}
