//! What the archive tells about a field of a new record, as comments: how its value was found, what
//! it refers to, and what stands under the same name in what the record refers to.

use super::{DraftForm, follows::Filled, wording};
use crate::{
    access::{Backlinks, ByFields, Seen, View},
    policy::{Field, FieldType, Role, Value},
    source::RecordId,
};
use std::sync::Arc;

/// Longer values are not repeated in a comment.
const SHOWN: usize = 60;

pub(super) fn value(form: &DraftForm<'_>, filled: &Filled, field: &Field, path: &[Arc<str>]) -> Vec<String> {
    let Some(view) = form.view else { return Vec::new() };
    let mut lines: Vec<String> = filled.by.get(path).map(|source| wording::worked_out(source, form.lang)).into_iter().collect();
    match filled.given.get(path) {
        Some(values) if matches!(field.field_type.element(), FieldType::Reference(_)) => {
            lines.extend(values.iter().flat_map(|id| referred(form, view, path, &id.as_str().into())));
        }
        Some(_) => {}
        None => lines.extend(elsewhere(form, filled, view, field, path)),
    }
    lines
}

/// A record that is referred to: its title, what holds of it, the latest of the type about it, and
/// what waits for the new one.
fn referred(form: &DraftForm<'_>, view: &View<'_>, path: &[Arc<str>], id: &RecordId) -> Vec<String> {
    let (own, lang) = (form.record_type, form.lang);
    let Some(seen) = view.record(id) else { return Vec::new() };
    let standing = view.standing(id).into_iter().map(|(field, value)| {
        let value = wording::value(field, &value, form);
        format!("{} {value}", field.label.get(lang))
    });
    let mut lines = vec![wording::record(&id.0, seen.title(), &standing.collect::<Vec<_>>(), lang)];
    if !is_person(&seen) {
        let same = seen.backlinks().into_iter().find(|links| links.record_type() == Some(&own.id));
        let is_by_field = |fields: &ByFields| fields.iter().any(|field| field.as_ref() == path.first());
        let latest = same.iter().flat_map(Backlinks::each).find(|(_, fields)| is_by_field(fields));
        lines.extend(latest.map(|(latest, _)| wording::latest(own, &latest.id().0, latest.date(), lang)));
        lines.extend(view.awaits(id, &own.id).iter().map(|due| wording::awaited(due, lang)));
    }
    lines
}

fn is_person(seen: &Seen<'_>) -> bool {
    seen.record_type().is_some_and(|known| known.role == Some(Role::Person))
}

/// The field of the same name and type in the records that are referred to. That it is the same
/// here is for the writer to say.
fn elsewhere(form: &DraftForm<'_>, filled: &Filled, view: &View<'_>, field: &Field, path: &[Arc<str>]) -> Vec<String> {
    let own = form.record_type;
    let plays_a_part = [&own.date, &own.author].into_iter().any(|part| part.as_ref() == Some(&field.name));
    // What every record may have tells of no record anything about another.
    if path.len() > 1 || plays_a_part || Field::is_common(&field.name) {
        return Vec::new();
    }
    let references = own.fields.iter().filter(|field| matches!(field.field_type, FieldType::Reference(_)));
    let ids = references.filter(|f| &*f.name != "supersedes").filter_map(|f| filled.given.get(std::slice::from_ref(&f.name)));
    let told = ids.flatten().filter_map(|id| {
        let seen = view.record(&id.as_str().into()).filter(|seen| !is_person(seen))?;
        let other = seen.record_type()?.fields.iter().find(|other| other.name == field.name)?;
        let value = seen.value(&other.name).filter(|value| is_single(value) && is_alike(&other.field_type, &field.field_type))?;
        let shown = wording::value(other, &value, form);
        (shown.chars().count() <= SHOWN).then(|| wording::elsewhere(id, other, &shown, form.lang))
    });
    told.collect()
}

fn is_single(value: &Value) -> bool {
    !matches!(value, Value::Missing | Value::List(_) | Value::Table(_))
}

/// The same type, whatever its values are called.
fn is_alike(one: &FieldType, other: &FieldType) -> bool {
    match (one, other) {
        (FieldType::Enumeration(one), FieldType::Enumeration(other)) => one.iter().map(|m| &m.name).eq(other.iter().map(|m| &m.name)),
        (one, other) => one == other,
    }
}
