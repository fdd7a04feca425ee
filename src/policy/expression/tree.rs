//! The typed tree: what an expression does, with every name resolved.

use super::{Drafts, Type, Value, functions::Run, operand::Order};
use chrono::NaiveDate;
use std::{cmp::Ordering, ops::Range, sync::Arc};

#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub range: Range<usize>,
    pub node: TypedNode,
}

#[derive(Clone, Debug)]
pub(super) enum TypedNode {
    Constant(Value),
    /// A setting of the policy, with its value there.
    Setting(Arc<str>, Value),
    Today,
    /// `self`
    This,
    /// A variable of the scope, or a local behind them.
    Variable(usize),
    /// A field of a record. The record may be of another version of its type than the one that
    /// `result` was taken from: a value that is not of this type is unknown.
    Field {
        record: Box<Typed>,
        name: Arc<str>,
        result: Type,
    },
    /// A column of a table.
    Part {
        table: Box<Typed>,
        name: Arc<str>,
        must: bool,
    },
    Index(Box<Typed>, Box<Typed>),
    List(Vec<Typed>),
    Not(Box<Typed>),
    Negate(Box<Typed>),
    And(Vec<Typed>),
    Or(Vec<Typed>),
    Equal {
        left: Box<Typed>,
        right: Box<Typed>,
        negated: bool,
    },
    Compare {
        left: Box<Typed>,
        right: Box<Typed>,
        relation: Relation,
        order: Order,
    },
    In(Box<Typed>, Box<Typed>),
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    Conditional(Box<Typed>, Box<Typed>, Box<Typed>),
    Has(Box<Typed>),
    OrValue(Box<Typed>, Box<Typed>),
    /// The value becomes a local of the body.
    Bind(Box<Typed>, Box<Typed>),
    /// The element becomes a local of the bodies.
    Macro {
        kind: Macro,
        list: Box<Typed>,
        bodies: Vec<Typed>,
    },
    Linked(Box<Typed>, Arc<str>, Drafts),
    /// `equal` are equalities (field, value) that a filter around it demands anyway.
    Records {
        record_type: Arc<str>,
        equal: Vec<(Arc<str>, Typed)>,
        drafts: Drafts,
    },
    History {
        record: Box<Typed>,
        field: Arc<str>,
        day: Box<Typed>,
    },
    Function(Run, Vec<Typed>),
}

#[derive(Clone, Debug)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// With two bodies the first is a filter.
    Map,
    Count,
    SortBy(Order),
    /// The element whose key is greatest; elements without one do not count.
    Latest(Order),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// Whether it holds of what stands in that order.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Relation::Less => order.is_lt(),
            Relation::LessOrEqual => order.is_le(),
            Relation::Greater => order.is_gt(),
            Relation::GreaterOrEqual => order.is_ge(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Divided,
    Remainder,
}

impl Typed {
    /// The parts, in the order of their evaluation.
    pub fn parts(&self) -> Vec<&Typed> {
        match &self.node {
            TypedNode::Constant(_) | TypedNode::Setting(..) | TypedNode::Today | TypedNode::This | TypedNode::Variable(_) => Vec::new(),
            TypedNode::Field { record: inner, .. }
            | TypedNode::Not(inner)
            | TypedNode::Negate(inner)
            | TypedNode::Has(inner)
            | TypedNode::Linked(inner, ..) => {
                vec![inner]
            }
            TypedNode::Part { table, .. } => vec![table],
            TypedNode::Index(a, b)
            | TypedNode::In(a, b)
            | TypedNode::Arithmetic(_, a, b)
            | TypedNode::OrValue(a, b)
            | TypedNode::Bind(a, b) => vec![a, b],
            TypedNode::Equal { left, right, .. } | TypedNode::Compare { left, right, .. } => vec![left, right],
            TypedNode::Conditional(a, b, c) => vec![a, b, c],
            TypedNode::List(parts) | TypedNode::And(parts) | TypedNode::Or(parts) | TypedNode::Function(_, parts) => parts.iter().collect(),
            TypedNode::Macro { list, bodies, .. } => std::iter::once(&**list).chain(bodies).collect(),
            TypedNode::Records { equal, .. } => equal.iter().map(|(_, value)| value).collect(),
            TypedNode::History { record, day, .. } => vec![record, day],
        }
    }

    /// The settings that it names.
    pub fn settings(&self) -> Vec<&Arc<str>> {
        let own = if let TypedNode::Setting(name, _) = &self.node { Some(name) } else { None };
        own.into_iter().chain(self.parts().into_iter().flat_map(Typed::settings)).collect()
    }

    /// Whether the value hangs on a variable.
    pub fn mentions(&self, slot: usize) -> bool {
        matches!(self.node, TypedNode::Variable(s) if s == slot) || self.parts().into_iter().any(|part| part.mentions(slot))
    }

    /// The dates of its constants.
    pub fn dates(&self) -> Vec<NaiveDate> {
        let own = match &self.node {
            TypedNode::Constant(value) | TypedNode::Setting(_, value) => dates(value),
            _ => Vec::new(),
        };
        own.into_iter().chain(self.parts().into_iter().flat_map(Typed::dates)).collect()
    }

    /// The first field of the record, or of a row, that it reads.
    pub fn first_path(&self, variables: &[Arc<str>]) -> Option<Vec<Arc<str>>> {
        self.path(variables)
            .filter(|path| !path.is_empty())
            .or_else(|| self.parts().into_iter().find_map(|part| part.first_path(variables)))
    }

    /// The path as which it reads the record or a row; empty for the record itself.
    fn path(&self, variables: &[Arc<str>]) -> Option<Vec<Arc<str>>> {
        let (mut path, name) = match &self.node {
            TypedNode::Field { record, name, .. } if matches!(record.node, TypedNode::This) => (Vec::new(), name),
            TypedNode::Part { table, name, .. } => match table.node {
                TypedNode::Variable(slot) => (vec![variables.get(slot)?.clone()], name),
                _ => (table.path(variables)?, name),
            },
            _ => return None,
        };
        path.push(name.clone());
        Some(path)
    }
}

fn dates(value: &Value) -> Vec<NaiveDate> {
    match value {
        Value::Date(day) => vec![*day],
        Value::List(items) => items.iter().flat_map(dates).collect(),
        Value::Table(parts) => parts.values().flat_map(dates).collect(),
        _ => Vec::new(),
    }
}
