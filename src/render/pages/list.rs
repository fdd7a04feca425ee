//! The records of a type, a hundred a page: title, the first plain fields, date.

use super::{Kind, Shows, form};
use crate::{
    access::{Seen, View},
    policy::{Field, FieldType, RecordType},
    render::{
        address,
        asked::{Asked, Entry},
        shown::{self, Column, Link, Shown, Told},
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { templates: &["/types/{type}/", "/types/{type}/page/{number}/"], addresses, page };

const A_PAGE: usize = 100;
const FIELDS: usize = 4;

#[derive(Serialize)]
struct List {
    heading: String,
    total: usize,
    columns: Vec<Column>,
    records: Vec<InList>,
    /// Some record has a date.
    dated: bool,
    number: usize,
    of: usize,
    previous: Option<String>,
    next: Option<String>,
    defined: Link,
    /// Where a blank form of it is.
    form: Option<String>,
}

#[derive(Serialize)]
struct InList {
    entry: Entry,
    cells: Vec<Shown>,
}

fn addresses(view: &View<'_>) -> Vec<String> {
    let types = view.policies().types.keys();
    types.flat_map(|id| (1..=pages(view.of_type(id).len())).map(|n| address::record_type(id, n))).collect()
}

fn pages(records: usize) -> usize {
    records.div_ceil(A_PAGE).max(1)
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let (segment, number) = match segments {
        ["types", segment] => (segment, 1),
        ["types", segment, "page", number] => match number.parse::<usize>() {
            Ok(n) if n > 1 && *number == n.to_string() => (segment, n),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let types = &view.policies().types;
    let Some(record_type) = address::name(segment, types.keys().map(|id| &**id)).and_then(|id| types.get(&*id)) else { return Ok(None) };
    let records = view.of_type(&record_type.id);
    if number > pages(records.len()) {
        return Ok(None);
    }
    let list = list(asked, record_type, &records, number);
    let path = address::record_type(&record_type.id, number);
    let heading = list.heading.clone();
    asked.page(&path, Told::new("list.html", &heading, list)).map(Some)
}

fn list(asked: &Asked<'_>, record_type: &RecordType, records: &[Seen<'_>], number: usize) -> List {
    let fields = columns(record_type);
    let of = pages(records.len());
    let href = |n: usize| asked.href(&address::record_type(&record_type.id, n));
    let is_number = |t: &FieldType| matches!(t, FieldType::Number | FieldType::Count | FieldType::Money);
    List {
        heading: asked.label(&record_type.label, &record_type.id),
        total: records.len(),
        columns: fields.iter().map(|f| Column { label: asked.label(&f.label, &f.name), number: is_number(&f.field_type) }).collect(),
        records: records.iter().skip((number - 1) * A_PAGE).take(A_PAGE).map(|&seen| in_list(asked, seen, &fields)).collect(),
        dated: records.iter().any(|seen| seen.date().is_some()),
        number,
        of,
        previous: (number > 1).then(|| href(number - 1)),
        next: (number < of).then(|| href(number + 1)),
        defined: asked.citation(&record_type.citation),
        form: form::address_of(asked, &address::record_type(&record_type.id, 1)),
    }
}

fn in_list(asked: &Asked<'_>, seen: Seen<'_>, columns: &[&Field]) -> InList {
    let fields = seen.fields();
    let cell = |column: &&Field| {
        let written = fields.iter().find(|(field, _)| field.name == column.name);
        written.map_or(Shown::None, |(field, value)| shown::value(asked, &field.field_type, value))
    };
    InList { entry: asked.entry(seen), cells: columns.iter().map(cell).collect() }
}

/// The first fields that fit a cell, but for the date and what the title says already.
fn columns(record_type: &RecordType) -> Vec<&Field> {
    let title = record_type.title.as_deref().unwrap_or("");
    // A title has but the id of what it refers to.
    let is_reference = |t: &FieldType| matches!(t, FieldType::Reference(_));
    let in_title = |f: &Field| !is_reference(&f.field_type) && (title == &*f.name || title.contains(&format!("{{{}}}", f.name)));
    let is_date = |name: &str| record_type.date.as_deref() == Some(name);
    let fits = |t: &FieldType| !matches!(t, FieldType::List(_) | FieldType::Table(_));
    let fields = record_type.fields.iter().filter(|f| f.must && fits(&f.field_type) && !in_title(f) && !is_date(&f.name));
    fields.take(FIELDS).collect()
}
