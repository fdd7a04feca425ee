//! What a rule or duty is judged for: a record or the archive, and one value of each variable of
//! `each`.

use super::share::Tab;
use crate::{
    archive::{Archive, Record},
    diagnostic::{Finding, Reads, Words},
    facts::Facts,
    policy::{
        Each, Expression, Value,
        expression::{Budget, Stop, World},
    },
    source::{RecordId, Span},
};
use chrono::NaiveDate;
use std::sync::Arc;

/// Rows for which one block is judged of one record.
const ROWS: u64 = 100_000;

/// One value of each variable of `each`, the outer ones first.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub values: Vec<Value>,
    /// The place of each value in its list.
    pub places: Vec<usize>,
    /// What the lists read: one for all rows of a list.
    pub reads: Arc<Reads>,
}

impl Row {
    /// The same with the day from which a period runs, where there is one, as one variable more.
    pub fn counted_from(&self, last: Option<NaiveDate>) -> Row {
        Row { values: self.values.iter().cloned().chain(last.map(Value::Date)).collect(), ..self.clone() }
    }
}

/// An evaluation that had no value, and the expression.
#[derive(Debug)]
pub(super) struct NoValue {
    pub stop: Stop,
    pub span: Span,
}

/// Who asks: the record that is judged (none for the archive), the facts, and the share of the
/// block that pays for it.
#[derive(Clone, Copy)]
pub(super) struct Case<'c> {
    pub record: Option<&'c Record>,
    pub facts: &'c Facts<'c>,
    pub share: &'c Tab<'c>,
}

impl<'c> Case<'c> {
    /// Begins to judge: what was done before is another's to pay.
    pub fn new(record: Option<&'c Record>, facts: &'c Facts<'c>, share: &'c Tab<'c>) -> Case<'c> {
        facts.toil();
        Case { record, facts, share }
    }

    pub fn id(&self) -> Option<&'c RecordId> {
        self.record.map(|record| &record.id)
    }

    pub fn evaluate(&self, expression: &Expression, variables: &[Value]) -> Result<Value, NoValue> {
        self.settle();
        let value = self.share.evaluate(|budget| expression.evaluate(self.id(), variables, self.facts, budget));
        value.map_err(|stop| NoValue { stop, span: expression.span })
    }

    /// Whether an expression holds; one that is not written does.
    pub fn holds(&self, expression: Option<&Expression>, variables: &[Value]) -> Result<bool, NoValue> {
        expression.map_or(Ok(true), |expression| Ok(self.evaluate(expression, variables)? == Value::Bool(true)))
    }

    /// The rows of `each`: one without values where there is no `each`.
    pub fn rows(&self, each: &[Each]) -> Result<Vec<Row>, NoValue> {
        let allowed = Budget::new(ROWS);
        let mut rows = vec![Row::default()];
        for variable in each {
            let mut longer = Vec::new();
            for row in rows {
                self.lengthen(row, variable, &allowed, &mut longer)?;
            }
            rows = longer;
        }
        Ok(rows)
    }

    /// The rows, as long as there is something left to judge them with.
    pub fn within_share<'r>(&self, rows: &'r [Row]) -> impl Iterator<Item = &'r Row> + use<'r, 'c> {
        let share = self.share;
        rows.iter().take_while(|_| !share.is_spent())
    }

    /// Pays for what was asked of the facts outside an evaluation.
    pub fn settle(&self) {
        self.share.spend(self.facts.toil());
    }

    fn lengthen(&self, row: Row, variable: &Each, allowed: &Budget, rows: &mut Vec<Row>) -> Result<(), NoValue> {
        let (list, mut reads) = self.facts.witnessed(|| self.evaluate(&variable.list, &row.values));
        let list = match list {
            Ok(Value::List(list)) => list,
            // An optional list that is not there has no rows.
            Ok(_) => return Ok(()),
            Err(NoValue { stop: Stop::Unknown, .. }) => return Ok(()),
            Err(stopped) => {
                self.facts.note_all(&reads);
                return Err(stopped);
            }
        };
        reads.share(row.reads.clone());
        self.share.keep(reads.own().count() + list.len());
        let reads = Arc::new(reads);
        for (place, value) in list.iter().enumerate() {
            allowed.spend(1).map_err(|stop| NoValue { stop, span: variable.list.span })?;
            let values = row.values.iter().cloned().chain([value.clone()]).collect();
            let places = row.places.iter().copied().chain([place]).collect();
            rows.push(Row { values, places, reads: reads.clone() });
        }
        Ok(())
    }

    /// Where a path (`credit_limit`, `o.due`) stands.
    pub fn place(&self, path: &[Arc<str>], each: &[Each], row: &Row) -> Option<Span> {
        let (first, rest) = path.split_first()?;
        let second = rest.first().map(|name| &**name);
        let Some(variable) = each.iter().position(|each| each.name == *first) else {
            return match (&**first, rest) {
                ("self", _) => self.place(rest, &[], row),
                _ => self.record?.place(first, None, second),
            };
        };
        match (&each[variable].field, &row.values[variable], second) {
            (Some(field), _, column) => self.record?.place(field, Some(row.places[variable]), column),
            (None, Value::Record(id), Some(field)) => {
                self.facts.note_field(id, field);
                self.facts.archive.record(id)?.place(field, None, rest.get(1).map(|name| &**name))
            }
            (None, value, _) => self.stands(value),
        }
    }

    /// Where a value of a variable stands: a record, a post, a department, a policy, a line of the
    /// register.
    fn stands(&self, value: &Value) -> Option<Span> {
        let policies = &self.facts.archive.policies;
        match value {
            Value::Record(id) => {
                self.facts.note(id);
                Some(self.facts.archive.record(id)?.head())
            }
            Value::Table(table) => {
                let Value::Text(id) = table.get("id")? else { return None };
                if let Some(Value::Date(effective)) = table.get("effective") {
                    let version = policies.versions.iter().find(|version| version.id == *id && version.effective == *effective)?;
                    let front = &version.document.front;
                    return front.get("passed_at").or_else(|| front.get("policy")).map(|node| node.span);
                }
                if let Some(Value::Text(seal)) = table.get("seal") {
                    return self.facts.approvals.register.place(id, seal);
                }
                let post = policies.posts.posts.get(id).filter(|_| !table.contains_key("head")).map(|post| post.span);
                let department = policies.posts.departments.get(id).filter(|_| !table.contains_key("reports_to"));
                department.map(|department| department.span).or(post)
            }
            _ => None,
        }
    }

    /// The record that the finding is about: the one judged, or that of the innermost variable that
    /// is a record.
    pub fn subject(&self, row: &Row) -> Option<&'c Record> {
        let archive: &'c Archive = self.facts.archive;
        let named = row.values.iter().rev().find_map(|value| match value {
            Value::Record(id) => {
                self.facts.touch_record(id);
                archive.record(id)
            }
            _ => None,
        });
        self.record.or(named)
    }

    /// Where a finding about this row points when nothing says so: at the record, or at the
    /// innermost value that stands somewhere.
    pub fn head(&self, row: &Row) -> Option<Span> {
        self.record.map(Record::head).or_else(|| row.values.iter().rev().find_map(|value| self.stands(value)))
    }

    /// What an answer about a row rests on: what was read for it, the lists and the record itself.
    pub fn rests_on(&self, row: &Row, mut reads: Reads) -> Reads {
        reads.share(row.reads.clone());
        self.id().into_iter().for_each(|own| reads.add_record(own));
        self.share.keep(reads.own().count());
        reads
    }
}

impl NoValue {
    /// Nothing where a value is unknown: other findings say so. `reads`: what was read before it
    /// stopped.
    pub fn finding(self, id: &str, case: Case<'_>, row: &Row, reads: Reads) -> Option<Finding> {
        let (zh, en) = case.id().map_or(("整个档案".to_owned(), "the archive".to_owned()), |id| (format!(" {id} "), id.to_string()));
        let finding = match self.stop {
            Stop::Unknown => return None,
            Stop::Budget => {
                let words = Words::new(format!("{id} 判断{zh}时计算步数超限"), format!("{id} runs out of steps when it judges {en}"));
                Finding::error("policy.budget", self.span, words)
            }
            Stop::Fault(_, why) => {
                let words =
                    Words::new(format!("{id} 无法判断{}：{}", zh.trim_end(), why.zh), format!("{id} cannot judge {en}: {}", why.en));
                Finding::error("policy.fault", self.span, words)
            }
        };
        let record = case.id().cloned();
        Some(Finding { record, reads: case.rests_on(row, reads), ..finding })
    }
}
