//! The records of a type, a hundred a page: title, the first plain fields, date.

use super::{
    PageKind, Shows,
    pager::{self, Pager},
};
use crate::{
    access::{Seen, TypeList, View},
    policy::{Field, FieldType, RecordType},
    render::{
        address,
        asked::{Asked, ListEntry},
        frame::PageModel,
        link::ShownLink,
        shown::{self, Column, Shown},
    },
};
use serde::Serialize;

pub(super) const KIND: PageKind = PageKind { templates: &["/types/{type}/", "/types/{type}/page/{number}/"], addresses, page };

const FIELDS: usize = 4;

#[derive(Serialize)]
struct List {
    heading: String,
    total: usize,
    columns: Vec<Column>,
    records: Vec<InList>,
    /// Some record has a date.
    dated: bool,
    #[serde(flatten)]
    pager: Pager,
    defined: ShownLink,
    /// Where a blank form of it is.
    form: Option<String>,
}

#[derive(Serialize)]
struct InList {
    entry: ListEntry,
    cells: Vec<Shown>,
}

fn addresses(view: &View<'_>) -> Vec<String> {
    let types = view.policies().types.keys();
    types.flat_map(|id| pager::addresses(&address::record_type(id), view.list(id).len())).collect()
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    let ["types", segment, rest @ ..] = segments else { return Ok(None) };
    let types = &view.policies().types;
    let Some(record_type) = address::name(segment, types.keys().map(|id| &**id)).and_then(|id| types.get(&*id)) else { return Ok(None) };
    let records = view.list(&record_type.id);
    let Some(number) = pager::number(rest, records.len()) else { return Ok(None) };
    let list = list(asked, record_type, &records, number);
    let heading = list.heading.clone();
    asked.page(&pager::address(&address::record_type(&record_type.id), number), PageModel::new("list.html", &heading, list)).map(Some)
}

fn list(asked: &Asked<'_>, record_type: &RecordType, records: &TypeList<'_>, number: usize) -> List {
    let fields = columns(record_type);
    let first = address::record_type(&record_type.id);
    let is_number = |t: &FieldType| matches!(t, FieldType::Number | FieldType::Count | FieldType::Money);
    List {
        heading: asked.label(&record_type.label, &record_type.id),
        total: records.len(),
        columns: fields.iter().map(|f| Column { label: asked.label(&f.label, &f.name), number: is_number(&f.field_type) }).collect(),
        records: records.part(pager::places(number)).map(|seen| in_list(asked, seen, &fields)).collect(),
        dated: records.latest().is_some(),
        pager: Pager::new(asked, &first, number, records.len()),
        defined: asked.citation(&record_type.citation),
        form: asked.form_of(&first),
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
