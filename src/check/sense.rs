//! Sense: whether the dates, figures and people of a record can be, by what its type says of them.
//! Dates in order, deeds in the past, figures within their bounds, people on staff. These are no
//! faults of structure: whoever reads the record reads all of it, the row that makes no sense too.

use super::wording;
use crate::{
    archive::{FieldEntry, FieldReading, Record, Tenure},
    diagnostic::{Finding, Lang, Words},
    facts::Facts,
    policy::{
        Field, FieldPath, FieldType, Value,
        sense::{FigureBound, Limit, Side},
    },
    source::Span,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Judges the sense of a record on a day.
pub(super) fn judge(record: &Record, facts: &Facts<'_>) -> Vec<Finding> {
    let Some(own) = &record.record_type else { return Vec::new() };
    let judge = Judge { record, facts, fields: &own.fields };
    let order = own.sense.order.iter().flat_map(|dates| judge.in_order(dates));
    let past = own.sense.past.iter().flat_map(|path| judge.in_the_past(path, facts.today()));
    let bounds = own.sense.bounds.iter().flat_map(|bound| judge.within(bound));
    let staff = own.sense.staff.iter().flat_map(|(who, on)| judge.on_staff(who, on));
    order.chain(past).chain(bounds).chain(staff).collect()
}

struct Judge<'a, 'f> {
    record: &'a Record,
    facts: &'a Facts<'f>,
    fields: &'a [Field],
}

/// A value that was written, and where.
struct Written<'a> {
    value: &'a Value,
    span: Span,
    field: &'a Field,
    /// The fields, and the row, in which it stands: `orders`, `2`, `due`.
    path: Vec<String>,
    /// The row of the one list that its path leads into.
    row: Option<usize>,
}

impl<'a> Judge<'a, '_> {
    fn in_order(&self, dates: &[FieldPath]) -> Vec<Finding> {
        let written: Vec<Written<'a>> = dates.iter().flat_map(|path| self.written(path)).collect();
        let outside: Vec<&Written<'a>> = written.iter().filter(|date| date.row.is_none()).collect();
        let contradicts = |pair: &&[&Written<'a>]| self.day(pair[1]) < self.day(pair[0]);
        let mut found: Vec<Finding> = outside.windows(2).filter(contradicts).map(|pair| self.before(pair[1], pair[0])).collect();
        // No row fits between two dates that contradict each other.
        let outside_holds = found.is_empty();
        for row in written.iter().filter_map(|date| date.row).collect::<BTreeSet<usize>>() {
            let own: Vec<&Written<'a>> = written.iter().filter(|date| date.row.is_none_or(|of| of == row)).collect();
            for pair in own.windows(2).filter(contradicts) {
                match (pair[0].row, pair[1].row) {
                    (Some(_), Some(_)) => found.push(self.before(pair[1], pair[0])),
                    (None, Some(_)) if outside_holds => found.push(self.before(pair[1], pair[0])),
                    (Some(_), None) if outside_holds => found.push(self.after(pair[0], pair[1])),
                    _ => {}
                }
            }
        }
        found
    }

    fn before(&self, date: &Written<'_>, other: &Written<'_>) -> Finding {
        self.contradiction(date, other, ["早于", "is before"])
    }

    fn after(&self, date: &Written<'_>, other: &Written<'_>) -> Finding {
        self.contradiction(date, other, ["晚于", "is after"])
    }

    fn contradiction(&self, date: &Written<'_>, other: &Written<'_>, [zh, en]: [&str; 2]) -> Finding {
        let (one, two) = (self.told(date), self.told(other));
        let message = Words::new(format!("{} {zh}{}", one.zh, apart(&two.zh)), format!("{} {en} {}", one.en, two.en));
        let fix = Words::new("核对两个日期，更正写错的一个", "check the two dates, and mend the one that is wrong");
        let mut finding = self.finding("sense.order", &[date, other], message, fix);
        finding.related.push((other.span, Words::new("另一个日期", "the other date")));
        finding
    }

    fn in_the_past(&self, path: &FieldPath, today: NaiveDate) -> Vec<Finding> {
        let ahead = |date: &Written<'a>| {
            let told = self.told(date);
            let message = Words::new(format!("{} 还没有到", told.zh), format!("{} is still to come", told.en));
            let fix = Words::new(
                "改为实际的日期；事情还没有做的，做了再写",
                "give the day on which it was done; where it has not been done yet, write it when it has",
            );
            self.finding("sense.future", &[date], message, fix)
        };
        self.written(path).iter().filter(|date| self.day(date) > Some(today)).map(ahead).collect()
    }

    fn within(&self, bound: &FigureBound) -> Vec<Finding> {
        let limits = match &bound.limit {
            Limit::Number(_) => Vec::new(),
            Limit::Field(path) => self.written(path),
        };
        let beyond = |figure: &Written<'a>| {
            let limit = limits.iter().find(|limit| limit.row.is_none_or(|row| figure.row == Some(row)));
            let most = match &bound.limit {
                Limit::Number(number) => *number,
                Limit::Field(_) => number(limit?)?,
            };
            (!bound.side.allows(number(figure)?, most)).then(|| self.beyond(bound.side, figure, limit, most))
        };
        self.written(&bound.path).iter().filter_map(beyond).collect()
    }

    fn beyond(&self, side: Side, figure: &Written<'_>, limit: Option<&Written<'_>>, most: Decimal) -> Finding {
        let [zh, en] = match side {
            Side::Min => ["小于", "is less than"],
            Side::Max => ["大于", "is more than"],
            Side::Above => ["不大于", "is not more than"],
        };
        let plain = most.normalize();
        let to = limit.map_or_else(|| Words::new(plain.to_string(), plain.to_string()), |limit| self.told(limit));
        let told = self.told(figure);
        let message = Words::new(format!("{} {zh}{}", told.zh, apart(&to.zh)), format!("{} {en} {}", told.en, to.en));
        let fix = match limit {
            None => Words::new("核对原始凭证，更正这个数", "check it against the voucher, and mend the figure"),
            Some(_) => Words::new("核对原始凭证，更正写错的一个数", "check both against the vouchers, and mend the one that is wrong"),
        };
        let mut finding = self.finding("sense.range", &[figure], message, fix);
        if let Some(limit) = limit {
            finding.related.push((limit.span, Words::new("另一个数", "the other figure")));
            self.note(&mut finding, limit);
        }
        finding
    }

    /// Of people and a day of one row, or of the record: each was on staff on that day. Whoever is
    /// not on file has a finding of his own.
    fn on_staff(&self, who: &FieldPath, on: &FieldPath) -> Vec<Finding> {
        let days = self.written(on);
        let day_of = |person: &Written<'a>| days.iter().find(|day| day.row.is_none_or(|row| person.row == Some(row)));
        let stranger = |person: &Written<'a>| {
            let Value::Record(id) = person.value else { return None };
            let written = day_of(person)?;
            let day = self.day(written)?;
            let is_told_elsewhere = self.facts.archive.record(id).and_then(Tenure::of).is_some_and(|tenure| tenure.is_impossible());
            let ((on_staff, name), reads) = self.facts.witnessed(|| (self.facts.staff_on(id, day), wording::record(id, self.facts)));
            if on_staff != Ok(false) || is_told_elsewhere {
                return None;
            }
            let label = crate::structure::labelled(person.field, &person.path.join("."));
            let message = Words::new(
                format!("{}{}写的{}，{day} 不是在职人员", label.zh, behind(&label.zh), name.zh),
                format!("{}: {} was not on staff on {day}", label.en, name.en),
            );
            let fix = Words::new("核对人员和日期，更正写错的一个", "check the person and the day, and mend the one that is wrong");
            let mut finding = self.finding("sense.not-on-staff", &[person, written], message, fix);
            finding.related.push((written.span, Words::new("那一天", "that day")));
            finding.reads.extend(&reads);
            Some(finding)
        };
        self.written(who).iter().filter_map(stranger).collect()
    }

    /// Points at the first of what it rests on.
    fn finding(&self, code: &str, rests_on: &[&Written<'_>], message: Words, fix: Words) -> Finding {
        let mut finding = Finding::error(code, rests_on[0].span, message).of(&self.record.id).with_fix(fix);
        finding.reads.add_record(&self.record.id);
        rests_on.iter().for_each(|written| self.note(&mut finding, written));
        finding
    }

    fn note(&self, finding: &mut Finding, written: &Written<'_>) {
        written.path.iter().take(1).for_each(|field| finding.reads.add_field(&self.record.id, field));
    }

    /// `付清日期（orders.2.paid_date）2026-01-10`.
    fn told(&self, written: &Written<'_>) -> Words {
        let name = crate::structure::labelled(written.field, &written.path.join("."));
        let value = match self.day(written) {
            Some(day) => Words::new(day.to_string(), day.to_string()),
            None => Words::new(written.value.words(Lang::Zh), written.value.words(Lang::En)),
        };
        Words::new(format!("{}{}{}", name.zh, behind(&name.zh), value.zh), format!("{} {}", name.en, value.en))
    }

    /// The day of a date, or of a timestamp in the archive's zone.
    fn day(&self, written: &Written<'_>) -> Option<NaiveDate> {
        match written.value {
            Value::Date(day) => Some(*day),
            Value::Timestamp(at) => Some(self.facts.archive.settings.day(*at)),
            _ => None,
        }
    }

    /// The values at a path: one, or those of the rows of a list. What is blank or wrong has a
    /// finding of its own.
    fn written(&self, path: &FieldPath) -> Vec<Written<'a>> {
        let mut found = Vec::new();
        let (Some((first, rest)), fields) = (path.0.split_first(), self.fields) else { return found };
        let field = fields.iter().find(|field| field.name == *first);
        if let (Some(field), Some(entry)) = (field, self.record.fields.get(first)) {
            collect(entry, field, &field.field_type, rest, (vec![first.to_string()], None), &mut found);
        }
        found
    }
}

fn collect<'a>(
    entry: &'a FieldEntry,
    field: &'a Field,
    field_type: &'a FieldType,
    rest: &[std::sync::Arc<str>],
    (path, row): (Vec<String>, Option<usize>),
    found: &mut Vec<Written<'a>>,
) {
    match (&entry.reading, field_type) {
        (FieldReading::Rows(rows), FieldType::List(element)) => {
            for (entry, number) in rows.iter().zip(1..) {
                let path = path.iter().cloned().chain([number.to_string()]).collect();
                collect(entry, field, element, rest, (path, Some(number)), found);
            }
        }
        (FieldReading::Table(cells), FieldType::Table(columns)) => {
            let Some((next, rest)) = rest.split_first() else { return };
            let column = columns.iter().find(|column| column.name == *next);
            if let (Some(column), Some(cell)) = (column, cells.get(next)) {
                let path = path.into_iter().chain([next.to_string()]).collect();
                collect(cell, column, &column.field_type, rest, (path, row), found);
            }
        }
        (FieldReading::Value(value), _) => found.push(Written { value, span: entry.span, field, path, row }),
        _ => {}
    }
}

fn number(written: &Written<'_>) -> Option<Decimal> {
    if let Value::Number(number) = written.value { Some(*number) } else { None }
}

/// What sets a word off from the name of a field.
fn behind(name: &str) -> &'static str {
    if name.ends_with('）') { "" } else { " " }
}

/// Behind a Chinese word: letters and figures stand apart from it.
fn apart(text: &str) -> String {
    if text.starts_with(|c: char| c.is_ascii()) { format!(" {text}") } else { text.to_owned() }
}
