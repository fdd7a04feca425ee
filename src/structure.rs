//! Structure: whether a record holds what its type says. Type, fields, values, sections. Never asks
//! another record, nor what day it is.

mod heading;
mod meant;
mod value;

pub use value::{as_written, misfit};

use crate::{
    archive::{Archive, Entries, FieldEntry, FieldReading, Lack, OWN_KEYS, Record, UnreadKey, shape::says_nothing},
    diagnostic::{Finding, Severity, Words, did_you_mean, nearest},
    document::Node,
    policy::{Field, FieldPath, FieldType, RecordType, Value},
    source::Span,
};
use std::sync::Arc;

/// Longer values are not repeated in a message.
const SHOWN: usize = 40;

/// What the structure of a record of the archive lacks, worked out once as long as the record is as
/// it is.
pub fn lack<'r>(record: &'r Record, archive: &Archive) -> Option<&'r Lack> {
    let judged = || {
        let findings = judge(record, archive);
        let is_complete = is_complete(record, &findings, archive);
        (!is_complete || !findings.is_empty()).then(|| Box::new(Lack { findings, is_complete }))
    };
    record.memo.structure.get_or_init(judged).as_deref()
}

/// Whether a record is of its type, readable, and has what its type says, as [`judge`] has found:
/// what is not counts for nothing. What may be hidden from some who read the record does not enter:
/// whether it counts shows to all of them.
fn is_complete(record: &Record, judged: &[Finding], archive: &Archive) -> bool {
    let wrong = |finding: &&Finding| finding.severity == Severity::Error;
    let shows = |finding: &&Finding| shows_to_all(finding, record, archive);
    record.document.readable && !record.document.findings.iter().chain(judged).filter(wrong).any(|finding| shows(&finding))
}

/// Whether everybody who reads a record sees what a finding of its document or structure rests on.
/// A key that was not understood may be meant for a field that is hidden, and so may a slip of the
/// document.
fn shows_to_all(finding: &Finding, record: &Record, archive: &Archive) -> bool {
    let Some(own) = &record.record_type else { return true };
    let hides = |field: &str| archive.policies.hides(&own.id, field);
    let is_of_body = *finding.code == *"structure.section";
    match finding.reads.fields().next().is_none() && !is_of_body {
        true => !own.fields.iter().any(|field| hides(&field.name)),
        false => !finding.reads.fields().any(|(_, field)| hides(field)),
    }
}

/// Whether nothing is missing in a record, to the last field that some may not read: what is still
/// to be filled in is no record yet.
pub fn is_filled_in(record: &Record, archive: &Archive) -> bool {
    let judged = judge(record, archive);
    let all = || record.document.findings.iter().chain(&judged);
    record.document.readable && !all().any(|finding| finding.severity == Severity::Error)
}

/// Judges the structure of a record.
pub fn judge(record: &Record, archive: &Archive) -> Vec<Finding> {
    if !record.document.readable {
        // The document's own findings say why; nothing that stands in it can be judged.
        return Vec::new();
    }
    let mut judge = Judge { record, archive, findings: Vec::new(), path: Vec::new() };
    match &record.record_type {
        None => judge.no_type(),
        Some(own) => {
            record.unread.iter().for_each(|key| judge.unread(key, own));
            judge.fields(&record.fields, &own.fields, record.head());
            own.xor.iter().for_each(|(one, other)| judge.exactly_one(one, other));
            judge.sections(own);
        }
    }
    judge.findings
}

struct Judge<'a> {
    record: &'a Record,
    archive: &'a Archive,
    findings: Vec<Finding>,
    /// The fields, and the rows, in which it stands: `orders`, `2`, `due`.
    path: Vec<String>,
}

impl Judge<'_> {
    fn find(&mut self, code: &str, span: Span, message: Words, fix: Words) -> &mut Finding {
        let mut finding = Finding::error(code, span, message).of(&self.record.id).with_fix(fix);
        finding.reads.add_record(&self.record.id);
        self.path.iter().take(1).for_each(|field| finding.reads.add_field(&self.record.id, field));
        self.findings.push(finding);
        self.findings.last_mut().expect("a finding was just added")
    }

    fn no_type(&mut self) {
        let policies = &self.archive.policies;
        let written = self.record.document.front.get("type").and_then(Node::text).map(|text| text.trim()).filter(|text| !text.is_empty());
        let meant = written.map_or_else(Vec::new, |name| policies.types_meant(name));
        let message = match written {
            None => Words::new("没有写明记录的类型", "the record does not say its type"),
            Some(name) => Words::new(format!("没有“{name}”这一类型"), format!("there is no type “{name}”")),
        };
        let fix = match &meant[..] {
            [one] => did_you_mean(written.unwrap_or_default(), &one.id),
            [] => such_as(policies.types.values()),
            several => such_as(several.iter().copied()),
        };
        self.find("structure.type", self.record.head(), message, fix);
    }

    /// A key that names no field, or one already written.
    fn unread(&mut self, unread: &UnreadKey, own: &RecordType) {
        self.path = unread.within.iter().map(|field| field.to_string()).collect();
        match unread.first {
            Some(first) => self.written_twice(unread, first),
            None => self.unknown(unread, own),
        }
        self.path.clear();
    }

    fn written_twice(&mut self, unread: &UnreadKey, first: Span) {
        let key = &unread.key;
        let message = Words::new(format!("字段“{key}”已经写过"), format!("the field “{key}” is already there"));
        let fix = Words::new("保留其中一处，去掉另一处", "keep one of the two and take the other out");
        let finding = self.find("structure.duplicate-field", unread.span, message, fix);
        finding.related.push((first, Words::new("第一处在这里", "it stands here first")));
    }

    fn unknown(&mut self, unread: &UnreadKey, own: &RecordType) {
        let fields = fields_within(&own.fields, &unread.within);
        let own_keys = OWN_KEYS.into_iter().filter(|_| unread.within.is_empty());
        let names = fields.iter().map(|field| &*field.name).chain(own_keys);
        let labels = fields.iter().flat_map(|field| [field.label.zh.as_str(), &field.label.en]);
        let near = nearest(&unread.key, names).or_else(|| nearest(&unread.key, labels));
        let fix = near.map_or_else(
            || Words::new("去掉这一项，或将其内容写入正文", "take it out, or say it in the body"),
            |near| did_you_mean(&unread.key, near),
        );
        let message = self.no_such_field(&unread.key, own);
        self.find("structure.unknown-field", unread.span, message, fix);
    }

    fn no_such_field(&self, key: &str, own: &RecordType) -> Words {
        let label = own.label.or_id(&own.id);
        match self.path.is_empty() {
            true => Words::new(format!("“{}”没有字段“{key}”", label.zh), format!("a “{}” has no field “{key}”", label.en)),
            false => {
                let within = self.path.join(".");
                Words::new(format!("{within} 中没有字段“{key}”"), format!("{within} has no field “{key}”"))
            }
        }
    }

    /// The fields of a record, or the columns of a table that stands at `head`.
    fn fields(&mut self, entries: &Entries, fields: &[Field], head: Span) {
        for field in fields {
            self.path.push(field.name.to_string());
            match entries.get(&field.name) {
                Some(entry) => self.entry(entry, field, &field.field_type),
                None if field.must => self.missing(field, head),
                None => {}
            }
            self.path.pop();
        }
    }

    fn entry(&mut self, entry: &FieldEntry, field: &Field, field_type: &FieldType) {
        match (&entry.reading, field_type) {
            (FieldReading::Value(Value::Text(text)), FieldType::Text) if field.must && says_nothing(text) => self.no_content(entry, field),
            (FieldReading::Value(Value::Text(_)), FieldType::Text) => self.cut_short(entry, field),
            (FieldReading::Value(_), _) => {}
            (FieldReading::Blank { .. }, _) => self.blank(entry, field),
            (FieldReading::Wrong { expected }, _) => self.wrong(entry, field, expected),
            (FieldReading::Rows(rows), FieldType::List(element)) if rows.is_empty() && field.must && names_others(element) => {
                self.no_content(entry, field);
            }
            (FieldReading::Rows(rows), FieldType::List(element)) => {
                for (row, number) in rows.iter().zip(1..) {
                    self.path.push(number.to_string());
                    self.entry(row, field, element);
                    self.path.pop();
                }
            }
            (FieldReading::Table(columns), FieldType::Table(fields)) => self.fields(columns, fields, entry.span),
            (FieldReading::Rows(_) | FieldReading::Table(_), _) => {}
        }
    }

    fn missing(&mut self, field: &Field, head: Span) {
        let name = self.named(field);
        let message = Words::new(format!("缺少{}", name.zh), format!("{} is missing", name.en));
        self.find("structure.missing-field", head, message, self.to_write(["补写", "add"], field, &field.field_type));
    }

    fn blank(&mut self, entry: &FieldEntry, field: &Field) {
        let name = self.named(field);
        let message = Words::new(format!("{}是空的", name.zh), format!("{} is blank", name.en));
        let is_row = self.path.last().is_some_and(|last| last.parse::<usize>().is_ok());
        let field_type = if is_row { field.field_type.element() } else { &field.field_type };
        let fix = match field.must {
            true => self.to_write(["填写", "fill in"], field, field_type),
            false => Words::new("填写，或去掉这一项", "fill it in, or take it out"),
        };
        let finding = self.find("structure.blank", blank_span(entry), message, fix);
        if !field.must {
            finding.severity = Severity::Warning;
        }
    }

    /// Words behind which YAML has taken the rest of the line for a comment.
    fn cut_short(&mut self, entry: &FieldEntry, field: &Field) {
        let sources = &self.archive.sources;
        let file = sources.file(entry.span.file);
        let is_quoted = sources.slice(entry.span).starts_with(['"', '\'', '|', '>']);
        let rest = file.text.get(entry.span.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let comment = rest.trim();
        if is_quoted || !comment.starts_with('#') || rest.starts_with('#') {
            return;
        }
        let name = self.named(field);
        let message = Words::new(
            format!("{}只读到这里：“{comment}”成了注释", name.zh),
            format!("{} is read up to here: “{comment}” is taken for a comment", name.en),
        );
        let fix = Words::new(
            "属于内容的，把整个值放进引号；真是注释的，另起一行写",
            "if it belongs to the value, put the whole value in quotes; if it is a comment, give it a line of its own",
        );
        self.find("structure.cut-short", entry.span, message, fix).severity = Severity::Warning;
    }

    /// What must be there, and says that it is not.
    fn no_content(&mut self, entry: &FieldEntry, field: &Field) {
        let name = self.named(field);
        let message = Words::new(format!("{}没有写明内容", name.zh), format!("{} says nothing", name.en));
        self.put_off("structure.no-content", blank_span(entry), message);
    }

    fn put_off(&mut self, code: &str, span: Span, message: Words) {
        let fix = Words::new(
            "照实写明；确实没有的，这份文书也就无从成立",
            "say what it is; where there is nothing, there is no such record to write",
        );
        self.find(code, span, message, fix);
    }

    fn wrong(&mut self, entry: &FieldEntry, field: &Field, expected: &FieldType) {
        let written = Some(self.archive.sources.slice(entry.span));
        let written = written.filter(|text| !text.trim().is_empty() && !text.trim().contains('\n') && text.chars().count() <= SHOWN);
        let (message, fix) = misfit(&self.named(field), written, expected, &self.archive.policies);
        self.find("structure.wrong-type", entry.span, message, fix);
    }

    /// A field by its label and path; a row of a list by its number.
    fn named(&self, field: &Field) -> Words {
        let path = self.path.join(".");
        labelled(field, &path)
    }

    /// What is to be written where nothing is: an example; and where there may be none of it, how
    /// to say so.
    fn to_write(&self, verb: [&str; 2], field: &Field, field_type: &FieldType) -> Words {
        let (name, example) = (&field.name, value::example(field_type, &self.archive.policies));
        let [zh, en] = verb;
        let filled = match field_type {
            FieldType::Text => Words::new(format!("{zh} {name}，{}", example.zh), format!("{en} {name}, {}", example.en)),
            _ => Words::new(format!("{zh} {name}: {}", example.zh), format!("{en} {name}: {}", example.en)),
        };
        match field_type {
            FieldType::List(element) if !names_others(element) => {
                Words::new(format!("{}；没有的，写 {name}: []", filled.zh), format!("{}; where there are none, {name}: []", filled.en))
            }
            _ => filled,
        }
    }

    /// Of a pair of fields exactly one stands; of a pair of columns, in each row.
    fn exactly_one(&mut self, one: &FieldPath, other: &FieldPath) {
        let record = self.record;
        match (&one.0[..], &other.0[..]) {
            ([one], [other]) => self.one_of_two(&record.fields, one, other, record.head()),
            ([list, one], [_, other]) => {
                self.path.push(list.to_string());
                let rows = match record.fields.get(list).map(|entry| (&entry.reading, entry)) {
                    Some((FieldReading::Rows(rows), _)) => rows.iter().collect(),
                    Some((FieldReading::Table(_), entry)) => vec![entry],
                    _ => Vec::new(),
                };
                for row in rows {
                    if let FieldReading::Table(columns) = &row.reading {
                        self.one_of_two(columns, one, other, row.span);
                    }
                }
                self.path.pop();
            }
            _ => {}
        }
    }

    fn one_of_two(&mut self, entries: &Entries, one: &str, other: &str, head: Span) {
        let blank = |entry: &&FieldEntry| matches!(entry.reading, FieldReading::Blank { .. });
        let stands = |name: &str| entries.get(name).filter(|entry| !blank(entry));
        let (message, span) = match (stands(one), stands(other)) {
            (Some(_), Some(second)) => {
                let words = Words::new(format!("{one} 和 {other} 只能写一个"), format!("{one} and {other} stand both; only one may"));
                (words, second.key_span)
            }
            (None, None) => {
                let words = Words::new(format!("{one} 和 {other} 须写一个"), format!("one of {one} and {other} must stand"));
                // One that is left blank is told of once, and here.
                let left: Vec<Span> = [one, other].iter().filter_map(|name| entries.get(name)).map(blank_span).collect();
                self.findings.retain(|finding| &*finding.code != "structure.blank" || finding.span.is_none_or(|at| !left.contains(&at)));
                (words, left.first().copied().unwrap_or(head))
            }
            _ => return,
        };
        let fix = Words::new(format!("{one} 和 {other} 保留且只保留一个"), format!("keep exactly one of {one} and {other}"));
        let top = self.path.is_empty();
        let own = self.record.id.clone();
        let finding = self.find("structure.exactly-one", span, message, fix);
        if top {
            // Which of the two stands is told, so both have been read.
            [one, other].into_iter().for_each(|field| finding.reads.add_field(&own, field));
        }
    }

    /// Level-2 headings: none missing, none empty, in order.
    fn sections(&mut self, own: &RecordType) {
        let body = &self.record.document.body;
        let sections = body.sections();
        let order = own.sections.join("、");
        let fix = Words::new(format!("依次写明：{order}"), format!("write the sections in this order: {order}"));
        let mut latest: Option<(usize, &str)> = None;
        for name in &own.sections {
            let found = sections.iter().position(|section| body.headings[section.heading].text.trim() == &**name);
            let Some(place) = found else {
                self.no_section(name, own, fix.clone());
                continue;
            };
            let span = body.headings[sections[place].heading].span;
            let words = self.archive.sources.slice(Span { start: span.end, ..sections[place].span });
            if sections[place].empty {
                self.empty_section(name, span);
            } else if says_nothing(words) {
                let message = Words::new(format!("“{name}”一节没有写明内容"), format!("the section “{name}” says nothing"));
                self.put_off("structure.section", span, message);
            }
            match latest {
                Some((before, earlier)) if place < before => self.section_out_of_order(name, earlier, span, fix.clone()),
                _ => latest = Some((place, name)),
            }
        }
    }

    /// Told at the line that nearly is its heading, where there is one.
    fn no_section(&mut self, name: &str, own: &RecordType, fix: Words) {
        let others = own.sections.iter().map(|section| &**section).filter(|other| *other != name);
        match heading::nearly(name, others, self.record, &self.archive.sources) {
            Some(line) => {
                let message = Words::new(
                    format!("缺少“{name}”一节：这一行像是它的标题，却不是"),
                    format!("the section “{name}” is missing: this line is nearly its heading, and is not"),
                );
                let fix = Words::new(format!("写成一行“## {name}”"), format!("write the line as “## {name}”"));
                self.find("structure.section", line, message, fix);
            }
            None => {
                let message = Words::new(format!("缺少“{name}”一节"), format!("the section “{name}” is missing"));
                self.find("structure.section", self.record.head(), message, fix);
            }
        }
    }

    fn empty_section(&mut self, name: &str, span: Span) {
        let message = Words::new(format!("“{name}”一节是空的"), format!("the section “{name}” is empty"));
        let fix = Words::new("写明内容；没有的，写“无”及其原因", "fill it in; where there is nothing, say so and why");
        self.find("structure.section", span, message, fix);
    }

    fn section_out_of_order(&mut self, name: &str, earlier: &str, span: Span, fix: Words) {
        let message = Words::new(format!("“{name}”一节应在“{earlier}”之后"), format!("the section “{name}” belongs after “{earlier}”"));
        self.find("structure.section", span, message, fix);
    }
}

/// A field by its label and the path under which it is written.
pub fn labelled(field: &Field, path: &str) -> Words {
    let shown = |label: &str, open: &str, close: &str| match label {
        "" => path.to_owned(),
        label if label == &*field.name => path.to_owned(),
        label => format!("{label}{open}{path}{close}"),
    };
    Words::new(shown(&field.label.zh, "（", "）"), shown(&field.label.en, " (", ")"))
}

/// Whether the values of a list name people or other records.
fn names_others(element: &FieldType) -> bool {
    matches!(element, FieldType::Reference(_) | FieldType::PersonOrPost)
}

/// Where a blank is pointed at: at what is written there, or at its key.
fn blank_span(entry: &FieldEntry) -> Span {
    if entry.span.start < entry.span.end { entry.span } else { entry.key_span }
}

/// Some of the types that there are.
fn such_as<'t>(types: impl Iterator<Item = &'t Arc<RecordType>>) -> Words {
    let types: Vec<&str> = types.take(12).map(|own| &*own.id).collect();
    Words::new(format!("写明 type，如 {}", types.join("、")), format!("give a type, such as {}", types.join(", ")))
}

/// The columns of the table that stands within these fields.
fn fields_within<'t>(fields: &'t [Field], within: &[Arc<str>]) -> &'t [Field] {
    let Some((first, rest)) = within.split_first() else { return fields };
    let field = fields.iter().find(|field| field.name == *first);
    match field.map(|field| field.field_type.element()) {
        Some(FieldType::Table(columns)) => fields_within(columns, rest),
        _ => &[],
    }
}
