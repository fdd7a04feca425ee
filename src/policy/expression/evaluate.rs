//! The value of a typed tree: asks a world, spends a budget, never panics. `&&`, `||`, `all` and
//! `exists` are CEL's: a part that has no value does not matter where another decides.

use super::{
    Drafts, Stop, Type, Value,
    operand::{Evaluated, Evaluation, Order, OrderKey, bool, date, fault, list, no_date, number, record, too_large, unsigned_zero},
    tree::{Arithmetic, Macro, Relation, Typed, TypedNode},
};
use crate::policy::CalendarDuration;
use rust_decimal::Decimal;
use std::{ops::Range, sync::Arc};

impl Evaluation<'_> {
    pub fn value(&mut self, typed: &Typed) -> Evaluated {
        self.budget.spend(1 + self.world.toil())?;
        let range = &typed.range;
        match &typed.node {
            TypedNode::Constant(value) => Ok(value.clone()),
            TypedNode::Setting(name, value) => Ok(self.world.setting(name).unwrap_or_else(|| value.clone())),
            TypedNode::Today => Ok(Value::Date(self.world.today())),
            TypedNode::This => self.this.cloned().map(Value::Record).ok_or(Stop::Unknown),
            TypedNode::Variable(slot) => self.variables.get(*slot).cloned().ok_or(Stop::Unknown),
            TypedNode::Field { record, name, result } => self.field(record, name, result),
            TypedNode::Part { table, name, must } => self.part(table, name, *must),
            TypedNode::Index(list, index) => self.index(list, index),
            TypedNode::List(items) => Ok(Value::List(self.values(items)?.into())),
            TypedNode::Not(inner) => Ok(Value::Bool(!self.truth(inner)?)),
            TypedNode::Negate(inner) => negated(&self.value(inner)?, range),
            TypedNode::And(parts) => self.decided(parts, false).map(Value::Bool),
            TypedNode::Or(parts) => self.decided(parts, true).map(Value::Bool),
            TypedNode::Equal { left, right, negated } => self.equality(left, right).map(|equal| Value::Bool(equal != *negated)),
            TypedNode::Compare { left, right, relation, order } => self.comparison(left, right, *relation, order),
            TypedNode::In(element, list) => self.membership(element, list),
            TypedNode::Arithmetic(operator, left, right) => self.arithmetic(*operator, left, right, range),
            TypedNode::Conditional(condition, then, otherwise) => {
                let chosen = if self.truth(condition)? { then } else { otherwise };
                self.value(chosen)
            }
            TypedNode::Has(inner) => self.asked(inner).map(Value::Bool),
            TypedNode::OrValue(inner, other) => match self.value(inner)? {
                Value::Missing => self.value(other),
                value => Ok(value),
            },
            TypedNode::Bind(value, body) => {
                let value = self.value(value)?;
                self.with(value, body)
            }
            TypedNode::Macro { kind, list, bodies } => self.each(kind, list, bodies),
            TypedNode::Linked(of, record_type, drafts) => self.linked(of, record_type, *drafts),
            TypedNode::Records { record_type, equal, drafts } => self.records(record_type, equal, *drafts),
            TypedNode::History { record: of, field, day } => self.history(of, field, day),
            TypedNode::Function(run, arguments) => {
                let arguments = self.values(arguments)?;
                run(self, &arguments, range)
            }
        }
    }

    fn values(&mut self, parts: &[Typed]) -> Evaluated<Vec<Value>> {
        parts.iter().map(|part| self.value(part)).collect()
    }

    fn truth(&mut self, typed: &Typed) -> Evaluated<bool> {
        bool(&self.value(typed)?)
    }

    /// The body's value with one more local.
    fn with(&mut self, value: Value, body: &Typed) -> Evaluated {
        let depth = self.variables.len();
        self.variables.push(value);
        let result = self.value(body);
        self.variables.truncate(depth);
        result
    }

    fn field(&mut self, of: &Typed, name: &str, result: &Type) -> Evaluated {
        let of = match self.value(of)? {
            Value::Missing => return Ok(Value::Missing),
            of => of,
        };
        let value = self.world.field(record(&of)?, name)?;
        if result.takes(&value) { Ok(value) } else { Err(Stop::Unknown) }
    }

    /// Whether a value is there. To ask for a field is not to read it: one that must be there and
    /// is not is no reason to stop.
    fn asked(&mut self, typed: &Typed) -> Evaluated<bool> {
        match self.value(typed) {
            // What is written and cannot be read is there; but nobody knows what it is.
            Err(Stop::Unknown) if matches!(typed.node, TypedNode::Field { .. } | TypedNode::Part { .. }) => {
                if self.is_unreadable(typed)? {
                    Err(Stop::Unknown)
                } else {
                    Ok(false)
                }
            }
            value => Ok(value? != Value::Missing),
        }
    }

    fn is_unreadable(&mut self, typed: &Typed) -> Evaluated<bool> {
        let TypedNode::Field { record, name, .. } = &typed.node else { return Ok(false) };
        Ok(match self.value(record) {
            // What another version of the type reads otherwise is there too.
            Ok(Value::Record(id)) => {
                self.world.is_unreadable(&id, name) || self.world.field(&id, name).is_ok_and(|value| value != Value::Missing)
            }
            _ => false,
        })
    }

    fn part(&mut self, table: &Typed, name: &str, must: bool) -> Evaluated {
        let part = match self.value(table)? {
            Value::Missing => return Ok(Value::Missing),
            Value::Table(table) => table.get(name).cloned().unwrap_or(Value::Missing),
            _ => return Err(Stop::Unknown),
        };
        if must && part == Value::Missing { Err(Stop::Unknown) } else { Ok(part) }
    }

    fn index(&mut self, list_part: &Typed, index: &Typed) -> Evaluated {
        let (items, at) = (self.value(list_part)?, self.value(index)?);
        let (items, at) = (list(&items)?, number(&at)?);
        let whole = if at.fract().is_zero() { usize::try_from(at).ok() } else { None };
        whole.and_then(|at| items.get(at)).cloned().ok_or_else(|| {
            let at = at.normalize();
            let (zh, en) = (
                format!("列表有 {} 个元素，没有 [{at}]", items.len()),
                format!("the list has {} elements; there is no [{at}]", items.len()),
            );
            fault(&index.range, zh, en)
        })
    }

    /// `&&` (decided by false) or `||` (decided by true) of parts.
    fn decided(&mut self, parts: &[Typed], by: bool) -> Evaluated<bool> {
        let mut pending = Pending::default();
        for part in parts {
            if pending.take(self.truth(part))? == Some(by) {
                return Ok(by);
            }
        }
        pending.or(!by)
    }

    fn equality(&mut self, left: &Typed, right: &Typed) -> Evaluated<bool> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        self.equal(&left, &right)
    }

    /// Spends as it goes: lists may share their elements, and be far larger to walk than to hold.
    pub fn equal(&self, left: &Value, right: &Value) -> Evaluated<bool> {
        self.budget.spend(1)?;
        match (left, right) {
            (Value::Missing, _) | (_, Value::Missing) => Err(Stop::Unknown),
            (Value::List(left), Value::List(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                self.all_equal(left.iter().zip(right.iter()))
            }
            (Value::Table(left), Value::Table(right)) => {
                if !left.keys().eq(right.keys()) {
                    return Ok(false);
                }
                self.all_equal(left.values().zip(right.values()))
            }
            (Value::Text(left), Value::Text(right)) => {
                self.budget.spend(left.len() as u64 / 64)?;
                Ok(left == right)
            }
            (left, right) => Ok(left == right),
        }
    }

    fn all_equal<'v>(&self, pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Evaluated<bool> {
        for pair in pairs {
            let equal = match pair {
                (Value::Missing, Value::Missing) => true,
                (Value::Missing, _) | (_, Value::Missing) => false,
                (left, right) => self.equal(left, right)?,
            };
            if !equal {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub fn holds(&self, items: &[Value], wanted: &Value) -> Evaluated<bool> {
        for item in items {
            if self.equal(item, wanted)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub fn holds_all(&self, items: &[Value], wanted: &[Value]) -> Evaluated<bool> {
        for value in wanted {
            if !self.holds(items, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn membership(&mut self, element: &Typed, list_part: &Typed) -> Evaluated {
        let (element, items) = (self.value(element)?, self.value(list_part)?);
        self.holds(list(&items)?, &element).map(Value::Bool)
    }

    fn comparison(&mut self, left: &Typed, right: &Typed, relation: Relation, order: &Order) -> Evaluated {
        let (left, right) = (self.value(left)?, self.value(right)?);
        let ordering = self.key(&left, order)?.cmp(&self.key(&right, order)?);
        Ok(Value::Bool(relation.holds(ordering)))
    }

    fn arithmetic(&mut self, operator: Arithmetic, left: &Typed, right: &Typed, range: &Range<usize>) -> Evaluated {
        let (left, right) = (self.value(left)?, self.value(right)?);
        match (&left, &right) {
            (Value::Number(left), Value::Number(right)) => calculated(operator, *left, *right, range).map(Value::Number),
            (Value::Date(left), Value::Date(right)) if operator == Arithmetic::Minus => {
                let days = i32::try_from((*left - *right).num_days()).map_err(|_| no_date(range))?;
                Ok(Value::Duration(CalendarDuration { months: 0, days }))
            }
            (Value::Date(date), Value::Duration(duration)) => {
                let moved = signed(operator, *duration).and_then(|duration| duration.after(*date));
                moved.map(Value::Date).ok_or_else(|| no_date(range))
            }
            (Value::Duration(duration), Value::Date(date)) => duration.after(*date).map(Value::Date).ok_or_else(|| no_date(range)),
            (Value::Duration(left), Value::Duration(right)) => {
                let sum = signed(operator, *right).and_then(|right| left.checked_add(right));
                sum.map(Value::Duration).ok_or_else(|| no_date(range))
            }
            (Value::Text(left), Value::Text(right)) => {
                self.budget.spend((left.len() + right.len()) as u64 / 16)?;
                Ok(Value::Text(format!("{left}{right}").into()))
            }
            (Value::List(left), Value::List(right)) => {
                self.budget.spend((left.len() + right.len()) as u64)?;
                Ok(Value::List(left.iter().chain(right.iter()).cloned().collect()))
            }
            _ => Err(Stop::Unknown),
        }
    }

    fn each(&mut self, kind: &Macro, list_part: &Typed, bodies: &[Typed]) -> Evaluated {
        let items = self.value(list_part)?;
        let items = list(&items)?.clone();
        let Some(body) = bodies.last() else { return Err(Stop::Unknown) };
        match kind {
            Macro::All => self.any_decided(&items, body, false).map(Value::Bool),
            Macro::Exists => self.any_decided(&items, body, true).map(Value::Bool),
            Macro::ExistsOne => Ok(Value::Bool(self.chosen(&items, body)?.len() == 1)),
            Macro::Filter => Ok(Value::List(self.chosen(&items, body)?.into())),
            Macro::Count => Ok(Value::Number(self.chosen(&items, body)?.len().into())),
            Macro::Map => self.mapped(&items, bodies),
            Macro::SortBy(order) => self.sorted(&items, body, order),
            Macro::Latest(order) => self.latest(&items, body, order),
        }
    }

    fn any_decided(&mut self, items: &[Value], body: &Typed, by: bool) -> Evaluated<bool> {
        let mut pending = Pending::default();
        for item in items {
            let truth = self.with(item.clone(), body).and_then(|value| bool(&value));
            if pending.take(truth)? == Some(by) {
                return Ok(by);
            }
        }
        pending.or(!by)
    }

    fn chosen(&mut self, items: &[Value], condition: &Typed) -> Evaluated<Vec<Value>> {
        let mut chosen = Vec::new();
        for item in items {
            if bool(&self.with(item.clone(), condition)?)? {
                chosen.push(item.clone());
            }
        }
        Ok(chosen)
    }

    fn mapped(&mut self, items: &[Value], bodies: &[Typed]) -> Evaluated {
        let (items, body) = match bodies {
            [condition, body] => (self.chosen(items, condition)?, body),
            [body] => (items.to_vec(), body),
            _ => return Err(Stop::Unknown),
        };
        let mapped: Evaluated<Vec<Value>> = items.into_iter().map(|item| self.with(item, body)).collect();
        Ok(Value::List(mapped?.into()))
    }

    fn sorted(&mut self, items: &[Value], body: &Typed, order: &Order) -> Evaluated {
        let keys: Evaluated<Vec<Value>> = items.iter().map(|item| self.with(item.clone(), body)).collect();
        let keys = keys?;
        let keys: Evaluated<Vec<OrderKey<'_>>> = keys.iter().map(|key| self.key(key, order)).collect();
        let mut sorted: Vec<(OrderKey<'_>, &Value)> = keys?.into_iter().zip(items).collect();
        self.budget.spend(items.len() as u64 * u64::from(items.len().max(1).ilog2()))?;
        sorted.sort_by_key(|(key, _)| *key);
        Ok(Value::List(sorted.into_iter().map(|(_, item)| item.clone()).collect()))
    }

    fn latest(&mut self, items: &[Value], body: &Typed, order: &Order) -> Evaluated {
        let mut keyed = Vec::new();
        for item in items {
            let key = self.with(item.clone(), body)?;
            if key != Value::Missing {
                keyed.push((key, item));
            }
        }
        let keys: Evaluated<Vec<(OrderKey<'_>, &Value)>> = keyed.iter().map(|(key, item)| Ok((self.key(key, order)?, *item))).collect();
        // `max_by` gives the last of equal ones.
        let latest = keys?.into_iter().max_by(|(left, _), (right, _)| left.cmp(right));
        Ok(latest.map_or(Value::Missing, |(_, item)| item.clone()))
    }

    fn linked(&mut self, of: &Typed, record_type: &str, drafts: Drafts) -> Evaluated {
        let of = self.value(of)?;
        let linked = self.world.linked(record(&of)?, record_type, drafts)?;
        self.listed(linked.into_iter().map(Value::Record).collect())
    }

    fn records(&mut self, record_type: &str, equal: &[(Arc<str>, Typed)], drafts: Drafts) -> Evaluated {
        let mut demanded = Vec::new();
        for (field, value) in equal {
            // An equality whose value cannot be worked out is left to the filter, which asks for it
            // only at a record. Its locals were numbered behind the filter's, for which a place is
            // kept.
            match self.with(Value::Missing, value) {
                Ok(Value::Missing) | Err(Stop::Unknown | Stop::Fault(..)) => {}
                Ok(value) => demanded.push((field.clone(), value)),
                Err(Stop::Budget) => return Err(Stop::Budget),
            }
        }
        let found = self.world.records(record_type, &demanded, drafts)?;
        self.listed(found.into_iter().map(Value::Record).collect())
    }

    fn history(&mut self, of: &Typed, field: &str, day: &Typed) -> Evaluated {
        let (of, day) = (self.value(of)?, self.value(day)?);
        match of {
            Value::Missing => Ok(Value::Missing),
            of => self.world.on(record(&of)?, field, date(&day)?),
        }
    }
}

/// The first part that had no value, kept until another decides.
#[derive(Default)]
struct Pending(Option<Stop>);

impl Pending {
    fn take(&mut self, part: Evaluated<bool>) -> Evaluated<Option<bool>> {
        match part {
            Ok(truth) => Ok(Some(truth)),
            Err(Stop::Budget) => Err(Stop::Budget),
            Err(stop) => {
                self.0.get_or_insert(stop);
                Ok(None)
            }
        }
    }

    fn or(self, truth: bool) -> Evaluated<bool> {
        self.0.map_or(Ok(truth), Err)
    }
}

fn calculated(operator: Arithmetic, left: Decimal, right: Decimal, range: &Range<usize>) -> Evaluated<Decimal> {
    let divides = matches!(operator, Arithmetic::Divided | Arithmetic::Remainder);
    if divides && right.is_zero() {
        return Err(fault(range, "除数是 0", "this divides by 0"));
    }
    let result = match operator {
        Arithmetic::Plus => left.checked_add(right),
        Arithmetic::Minus => left.checked_sub(right),
        Arithmetic::Times => left.checked_mul(right),
        Arithmetic::Divided => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    result.map(unsigned_zero).ok_or_else(|| too_large(range))
}

fn signed(operator: Arithmetic, duration: CalendarDuration) -> Option<CalendarDuration> {
    if operator == Arithmetic::Minus { duration.checked_neg() } else { Some(duration) }
}

fn negated(value: &Value, range: &Range<usize>) -> Evaluated {
    match value {
        Value::Number(number) => Ok(Value::Number(unsigned_zero(-number))),
        Value::Duration(duration) => duration.checked_neg().map(Value::Duration).ok_or_else(|| no_date(range)),
        _ => Err(Stop::Unknown),
    }
}
