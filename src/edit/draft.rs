//! A new record as its type asks for it: every field, every section, and the articles that ask
//! something of it as comments in the front matter (in the body a comment would be prose, which
//! counts as content). Pure: values to a text and a path; never touches the disk.

mod about;
mod articles;
mod follows;
mod given;
mod naming;
mod settled;
mod wording;

pub use given::{Given, GivenError};
pub use naming::Naming;

use super::addition::scalar;
use crate::{
    access::View,
    archive::day,
    diagnostic::{Lang, Words},
    policy::{Field, FieldPath, FieldType, Policies, RecordType},
    source::{ArchivePath, RecordId},
};
use articles::Note;
use chrono::NaiveDate;
use follows::Filled;
use std::sync::Arc;

/// Letters and digits that nobody mistakes for one another; as many as five bits tell apart.
pub const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What a draft is made from.
#[derive(Clone, Copy, Debug)]
pub struct DraftForm<'a> {
    /// As the version has it that binds the new record: see [`crate::archive::type_binding`].
    pub record_type: &'a RecordType,
    pub policies: &'a Policies,
    pub given: &'a Given,
    pub today: NaiveDate,
    /// Of the id: each byte becomes a character.
    pub random: [u8; 4],
    /// Of the comments.
    pub lang: Lang,
    /// The archive as the writer sees it: what follows from it is filled in, or told. None where
    /// there is no archive yet.
    pub view: Option<&'a View<'a>>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    pub id: RecordId,
    pub path: ArchivePath,
    pub text: String,
    /// What is left to the writer, in the order of the text: fields, then sections.
    pub blanks: Vec<Blank>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Blank {
    Field(FieldPath, Words),
    Section(Arc<str>),
}

impl DraftForm<'_> {
    /// The day of the record: as given, or today.
    pub fn day(&self) -> NaiveDate {
        let date = self.record_type.date.as_ref().and_then(|field| self.given.get(std::slice::from_ref(field)));
        let written = date.map(<[String]>::concat);
        let written = self.record_type.date.as_deref().zip(written.as_deref());
        day(written.into_iter(), self.record_type).unwrap_or(self.today)
    }
}

/// Drafts a record.
pub fn draft(form: &DraftForm<'_>) -> Draft {
    let own = form.record_type;
    let id = form.given.id().map_or_else(|| new_id(&own.prefix, form.today, form.random), RecordId::named);
    let path = path_of(own, &id);
    let filled = follows::filled(form, |filled| (path.clone(), write(form, &id, filled).0));
    let (text, blanks) = write(form, &id, &filled);
    Draft { path, id, text, blanks }
}

/// The text, and what is left blank in it.
fn write(form: &DraftForm<'_>, id: &RecordId, filled: &Filled) -> (String, Vec<Blank>) {
    let own = form.record_type;
    let mut writer = Writer { form, filled, notes: articles::notes(form), blanks: Vec::new() };
    let mut lines = vec!["---".to_owned()];
    lines.extend(wording::head(own, form.lang));
    lines.extend([format!("type: {}", scalar(&own.id)), format!("id: {}", scalar(&id.0))]);
    lines.extend(writer.fields(&own.fields, &[]).into_iter().flat_map(|written| written.lines));
    lines.extend(writer.rest());
    // What others wrote (titles, values, labels) stands in comments: it must not end the line, and
    // with it the comment.
    let comments = lines.iter_mut().filter(|line| line.trim_start_matches([' ', '-']).starts_with('#'));
    comments.for_each(|line| *line = articles::on_its_line(line));
    lines.push("---".to_owned());
    for section in &own.sections {
        lines.extend([format!("## {section}"), String::new()]);
    }
    let mut blanks = writer.blanks;
    blanks.extend(own.sections.iter().cloned().map(Blank::Section));
    (lines.join("\n") + "\n", blanks)
}

/// A prefix, the day and a random part: a number in sequence would tell how many there are.
fn new_id(prefix: &str, day: NaiveDate, random: [u8; 4]) -> RecordId {
    RecordId(format!("{prefix}-{}-{}", day.format("%Y%m%d"), characters(&random)).into())
}

/// Random bytes as characters that can be read out and typed.
pub fn characters(random: &[u8]) -> String {
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

fn path_of(own: &RecordType, id: &RecordId) -> ArchivePath {
    let folder = if own.folder.is_empty() { String::new() } else { format!("{}/", own.folder) };
    ArchivePath(format!("records/{folder}{id}.md").into())
}

fn below(path: &[Arc<str>], field: &Field) -> Vec<Arc<str>> {
    path.iter().chain([&field.name]).cloned().collect()
}

struct Writer<'a> {
    form: &'a DraftForm<'a>,
    filled: &'a Filled,
    /// Those that no field has taken yet.
    notes: Vec<Note>,
    blanks: Vec<Blank>,
}

/// The lines of a field, not indented.
struct Written {
    lines: Vec<String>,
    /// It stands; else it is commented out.
    stands: bool,
}

impl Writer<'_> {
    /// The fields of a type, or the columns of the table that lies at a path.
    fn fields(&mut self, fields: &[Field], within: &[Arc<str>]) -> Vec<Written> {
        fields.iter().map(|field| self.field(field, &below(within, field), self.stands(field, within))).collect()
    }

    fn field(&mut self, field: &Field, path: &[Arc<str>], stands: bool) -> Written {
        let before = self.blanks.len();
        let demanded = matches!(path, [name] if self.filled.demanded.contains(name)) && !stands;
        let mut lines = vec![wording::about(field, demanded, self.form)];
        lines.extend(self.pair(path));
        lines.extend(about::value(self.form, self.filled, field, path));
        lines.extend(self.notes_on(path));
        let value = self.value(field, &field.field_type, path);
        if stands {
            lines.extend(value);
        } else {
            // Without the first `#` each is a line of the field.
            lines.extend(value.into_iter().map(|line| format!("#{line}")));
            self.blanks.truncate(before);
            if demanded {
                self.blank(field, path);
            }
        }
        Written { lines, stands }
    }

    fn value(&mut self, field: &Field, field_type: &FieldType, path: &[Arc<str>]) -> Vec<String> {
        let key = scalar(&field.name);
        match field_type {
            FieldType::Table(columns) => {
                let columns = self.columns(columns, path);
                let nested = columns.into_iter().flat_map(|written| written.lines).map(|line| format!("  {line}"));
                std::iter::once(format!("{key}:")).chain(nested).collect()
            }
            FieldType::List(element) => match element.as_ref() {
                FieldType::Table(columns) => std::iter::once(format!("{key}:")).chain(self.row(columns, path)).collect(),
                _ => self.list(field, &key, path),
            },
            _ => match self.known(field_type, path) {
                Some(value) => vec![format!("{key}: {}", scalar(&value))],
                None => {
                    self.blank(field, path);
                    vec![format!("{key}:")]
                }
            },
        }
    }

    /// The columns of a table; of one in which all may be left out the first stands, or there would
    /// be no table.
    fn columns(&mut self, columns: &[Field], path: &[Arc<str>]) -> Vec<Written> {
        let none = !columns.iter().any(|column| self.stands(column, path));
        let stands = |writer: &Self, place: usize, column| writer.stands(column, path) || (none && place == 0);
        let written = columns.iter().enumerate().map(|(place, column)| {
            let stands = stands(self, place, column);
            self.field(column, &below(path, column), stands)
        });
        written.collect()
    }

    /// One row of a list of tables: the mark of the row before the first column that stands, which
    /// for that comes first.
    fn row(&mut self, columns: &[Field], path: &[Arc<str>]) -> Vec<String> {
        let mut written = self.columns(columns, path);
        written.sort_by_key(|column| !column.stands);
        let mut lines: Vec<String> = written.into_iter().flat_map(|column| column.lines).collect();
        let first = lines.iter().position(|line| !line.starts_with('#')).unwrap_or(0);
        for (place, line) in lines.iter_mut().enumerate() {
            let mark = if place == first { "- " } else { "  " };
            line.insert_str(0, mark);
        }
        lines
    }

    fn list(&mut self, field: &Field, key: &str, path: &[Arc<str>]) -> Vec<String> {
        let mut lines = vec![format!("{key}:")];
        match self.filled.given.get(path) {
            Some(parts) => lines.extend(parts.iter().map(|part| format!("- {}", scalar(part)))),
            None => {
                self.blank(field, path);
                lines.push("-".to_owned());
            }
        }
        lines
    }

    fn blank(&mut self, field: &Field, path: &[Arc<str>]) {
        self.blanks.push(Blank::Field(FieldPath(path.to_vec()), field.label.clone()));
    }

    /// What was given; for the type's own date else today.
    fn known(&self, field_type: &FieldType, path: &[Arc<str>]) -> Option<String> {
        let is_own_date = *field_type == FieldType::Date && self.is_own_date(path);
        let today = || is_own_date.then(|| self.form.today.to_string());
        self.filled.given.get(path).map(<[String]>::concat).or_else(today)
    }

    fn is_own_date(&self, path: &[Arc<str>]) -> bool {
        matches!((path, &self.form.record_type.date), ([name], Some(date)) if name == date)
    }

    fn stands(&self, field: &Field, within: &[Arc<str>]) -> bool {
        let path = below(within, field);
        field.must || self.filled.given.reaches(&path) || self.is_own_date(&path) || self.is_chosen(&path)
    }

    /// The first of a pair of which exactly one stands, unless the other was given.
    fn is_chosen(&self, path: &[Arc<str>]) -> bool {
        let pairs = self.form.record_type.xor.iter();
        pairs.filter(|(one, _)| one.0 == path).any(|(_, other)| !self.filled.given.reaches(&other.0))
    }

    /// Where exactly one of two stands: a word on the other.
    fn pair(&self, path: &[Arc<str>]) -> Option<String> {
        let pairs = self.form.record_type.xor.iter();
        let other = pairs.filter_map(|(one, other)| match path {
            path if one.0 == path => Some(other),
            path if other.0 == path => Some(one),
            _ => None,
        });
        other.map(|other| wording::either(path, &other.0, self.form.lang)).next()
    }

    fn notes_on(&mut self, path: &[Arc<str>]) -> Vec<String> {
        let [name] = path else { return Vec::new() };
        let (own, rest) = std::mem::take(&mut self.notes).into_iter().partition(|note: &Note| note.field.as_ref() == Some(name));
        self.notes = rest;
        own.into_iter().map(|note: Note| format!("#   {}", note.text)).collect()
    }

    /// The articles that speak of no field alone.
    fn rest(&mut self) -> Vec<String> {
        let notes = std::mem::take(&mut self.notes);
        let head = (!notes.is_empty()).then(|| wording::rest(self.form.lang));
        head.into_iter().chain(notes.into_iter().map(|note| format!("#   {}", note.text))).collect()
    }
}

#[cfg(test)]
mod tests;
