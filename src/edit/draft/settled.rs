//! Values as people write them, made those that a record holds: a day as a date, a label as its id,
//! a title as the id of the one record that bears it. What is no value of its field is refused, and
//! nothing is guessed.

use super::given::{Given, GivenError};
use crate::{
    access::{Seen, View},
    diagnostic::{Words, is_part, nearest},
    policy::{Field, FieldType, RecordType, Role, Target},
    source::RecordId,
    structure::{as_written, labelled, misfit},
};
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

impl Given {
    /// The same with every value as it is to be written, records as the writer sees them.
    ///
    /// # Errors
    /// At the first that is no value of its field, or names no record, or more than one.
    pub fn settled(mut self, record_type: &RecordType, view: &View<'_>) -> Result<Given, GivenError> {
        for (path, values) in &mut self.values {
            let Some(field) = field_at(&record_type.fields, path) else { continue };
            let desk = Desk { view, field, path };
            for value in values {
                *value = desk.settle(value, field.field_type.element())?;
            }
        }
        Ok(self)
    }
}

fn field_at<'f>(fields: &'f [Field], path: &[Arc<str>]) -> Option<&'f Field> {
    let (name, below) = path.split_first()?;
    let field = fields.iter().find(|field| field.name == *name)?;
    match field.field_type.element() {
        FieldType::Table(columns) if !below.is_empty() => field_at(columns, below),
        _ => Some(field).filter(|_| below.is_empty()),
    }
}

/// Where a value of one field is settled.
struct Desk<'a> {
    view: &'a View<'a>,
    field: &'a Field,
    path: &'a [Arc<str>],
}

impl Desk<'_> {
    fn settle(&self, written: &str, field_type: &FieldType) -> Result<String, GivenError> {
        let policies = self.view.policies();
        match field_type {
            FieldType::Reference(target) => self.record(written, target),
            FieldType::PersonOrPost => match policies.posts.post_called(written) {
                Some(post) => Ok(post.id.to_string()),
                None => self.record(written, &policies.role(Role::Person).map_or(Target::Any, |own| Target::Type(own.id.clone()))),
            },
            other => as_written(written, other, &policies.posts).ok_or_else(|| {
                let (why, fix) = misfit(&labelled(self.field, &self.path.join(".")), Some(written), other, policies);
                GivenError::Misfit(why, fix)
            }),
        }
    }

    /// The id of the record that is named: by that itself, or by a title that no other bears.
    fn record(&self, written: &str, target: &Target) -> Result<String, GivenError> {
        if let Some(seen) = self.view.record(&RecordId::named(written)) {
            return self.of_type(&seen, target);
        }
        let known: Vec<Seen<'_>> = match target {
            Target::Type(id) => self.view.of_type(id),
            Target::Any => self.view.records().collect(),
        };
        let titled: Vec<&Seen<'_>> = known.iter().filter(|seen| seen.title().nfc().eq(written.nfc())).collect();
        match titled[..] {
            [only] => Ok(only.id().to_string()),
            [] => Err(GivenError::NoRecord { written: written.to_owned(), of: self.demanded(target), near: near(written, &known) }),
            _ => Err(GivenError::Several { written: written.to_owned(), records: titled.into_iter().map(named).collect() }),
        }
    }

    fn of_type(&self, seen: &Seen<'_>, target: &Target) -> Result<String, GivenError> {
        let own = seen.record_type();
        match target {
            Target::Type(demanded) if own.is_none_or(|own| own.id != *demanded) => Err(GivenError::OtherType {
                id: seen.id().to_string(),
                is: own.map_or_else(|| Words::new("没有类型的档案", "record without a type"), |own| own.label.or_id(&own.id)),
                of: self.demanded(target).unwrap_or_default(),
            }),
            _ => Ok(seen.id().to_string()),
        }
    }

    fn demanded(&self, target: &Target) -> Option<Words> {
        let Target::Type(id) = target else { return None };
        Some(self.view.policies().record_type(id).map_or_else(|| Words::new(&**id, &**id), |own| own.label.or_id(id)))
    }
}

/// The record that was probably meant: the one whose title has the words in it, or else the one
/// whose id or title is spelt nearly so.
fn near(written: &str, known: &[Seen<'_>]) -> Option<String> {
    let mut with_it = known.iter().filter(|seen| is_part(written, seen.title()) || is_part(seen.title(), written));
    if let (Some(only), None) = (with_it.next(), with_it.next()) {
        return Some(named(only));
    }
    let ids = || known.iter().map(|seen| &*seen.id().0);
    let near = nearest(written, ids()).or_else(|| nearest(written, known.iter().map(|seen| seen.title())))?;
    known.iter().find(|seen| *seen.id().0 == *near || seen.title() == near).map(named)
}

fn named(seen: &Seen<'_>) -> String {
    match seen.title() {
        title if *title == *seen.id().0 => title.to_owned(),
        title => format!("{} {title}", seen.id()),
    }
}
