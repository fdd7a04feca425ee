//! The types of values: which takes which, which compare, and their names in words.

use super::{Schema, Type};
use crate::{
    diagnostic::Words,
    policy::{CalendarDuration, FieldType, Target, Value},
};
use std::{collections::BTreeMap, sync::Arc};

impl Type {
    /// The type of the values of a field; optional where the field need not be there.
    pub fn of_field(field_type: &FieldType, must: bool) -> Type {
        let whole = match field_type {
            FieldType::Text | FieldType::Phone | FieldType::Email | FieldType::Url => Type::Text,
            FieldType::Date => Type::Date,
            FieldType::Time => Type::Time,
            FieldType::Number | FieldType::Count | FieldType::Money => Type::Number,
            FieldType::Timestamp => Type::Timestamp,
            FieldType::YesNo => Type::Bool,
            FieldType::Enumeration(members) => Type::Enumeration(members.iter().map(|member| member.name.clone()).collect()),
            FieldType::Reference(Target::Any) => Type::Record(None),
            FieldType::Reference(Target::Type(id)) => Type::Record(Some(id.clone())),
            FieldType::Department => Type::Department,
            FieldType::Post => Type::Post,
            FieldType::PersonOrPost => Type::PersonOrPost,
            FieldType::List(element) => Type::List(Box::new(Type::of_field(element, true))),
            FieldType::Table(fields) => {
                Type::Table(Arc::new(fields.iter().map(|f| (f.name.clone(), Type::of_field(&f.field_type, f.must))).collect()))
            }
        };
        if must { whole } else { whole.optional() }
    }

    /// The type of a value at hand (a setting).
    pub fn of_value(value: &Value) -> Type {
        match value {
            Value::Missing => Type::Never.optional(),
            Value::Bool(_) => Type::Bool,
            Value::Number(_) => Type::Number,
            Value::Text(_) => Type::Text,
            Value::Date(_) => Type::Date,
            Value::Time(_) => Type::Time,
            Value::Timestamp(_) => Type::Timestamp,
            Value::Duration(CalendarDuration { months: 0, .. }) => Type::Days,
            Value::Duration(CalendarDuration { days: 0, .. }) => Type::Months,
            Value::Duration(_) => Type::Calendar,
            Value::List(items) => Type::List(Box::new(Type::of_all(items))),
            Value::Table(table) => Type::Table(Arc::new(table.iter().map(|(k, v)| (k.clone(), Type::of_value(v))).collect())),
            Value::Record(_) => Type::Record(None),
        }
    }

    fn of_all(items: &[Value]) -> Type {
        items.iter().map(Type::of_value).try_fold(Type::Never, |all, next| all.joined(&next)).unwrap_or(Type::Text)
    }

    pub(super) fn optional(self) -> Type {
        match self {
            Type::Optional(_) => self,
            whole => Type::Optional(Box::new(whole)),
        }
    }

    /// The type without “may be missing”.
    pub(super) fn whole(&self) -> &Type {
        match self {
            Type::Optional(whole) => whole.whole(),
            whole => whole,
        }
    }

    pub(super) fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// Whether a value of the other type may stand where this one is demanded.
    pub fn accepts(&self, given: &Type) -> bool {
        match (self, given) {
            (_, Type::Never) | (Type::Record(None), Type::Record(_)) | (Type::Calendar, Type::Days | Type::Months) => true,
            (Type::Text, Type::Enumeration(_) | Type::Post | Type::Department) => true,
            (Type::Enumeration(_) | Type::Post | Type::Department, Type::Text) => true,
            (Type::Enumeration(wanted), Type::Enumeration(given)) => given.iter().any(|member| wanted.contains(member)),
            (Type::PersonOrPost, Type::Record(_) | Type::Post | Type::Text) => true,
            (Type::List(wanted), Type::List(given)) => wanted.accepts(given),
            (Type::Optional(wanted), given) => wanted.accepts(given.whole()),
            (wanted, given) => wanted == given,
        }
    }

    /// Whether a value is of it, as far as its outside shows; a list by its first element.
    pub(super) fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Type::Optional(_), Value::Missing) => true,
            (Type::Optional(whole), value) => whole.takes(value),
            (Type::List(element), Value::List(items)) => items.first().is_none_or(|first| element.takes(first)),
            (Type::Bool, Value::Bool(_))
            | (Type::Number, Value::Number(_))
            | (Type::Text | Type::Enumeration(_) | Type::Post | Type::Department | Type::PersonOrPost, Value::Text(_))
            | (Type::Date, Value::Date(_))
            | (Type::Time, Value::Time(_))
            | (Type::Timestamp, Value::Timestamp(_))
            | (Type::Days | Type::Months | Type::Calendar, Value::Duration(_))
            | (Type::Table(_), Value::Table(_))
            | (Type::Record(_) | Type::PersonOrPost, Value::Record(_)) => true,
            _ => false,
        }
    }

    /// Whether two values can be equal at all.
    pub(super) fn compares(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Calendar, Type::Days | Type::Months) | (Type::Days | Type::Months, Type::Calendar) => false,
            (Type::List(a), Type::List(b)) => a.compares(b),
            (a, b) => a.accepts(b) || b.accepts(a),
        }
    }

    /// Whether values of it stand in an order.
    pub(super) fn is_ordered(&self) -> bool {
        use Type::{Date, Days, Enumeration, Months, Never, Number, Text, Time, Timestamp};
        matches!(self, Number | Text | Date | Time | Timestamp | Days | Months | Enumeration(_) | Never)
    }

    /// The narrowest type that takes both.
    pub(super) fn joined(&self, other: &Type) -> Option<Type> {
        Some(match (self, other) {
            (Type::Optional(a), b) | (b, Type::Optional(a)) => a.joined(b.whole())?.optional(),
            (Type::Never, one) | (one, Type::Never) => one.clone(),
            (Type::List(a), Type::List(b)) => Type::List(Box::new(a.joined(b)?)),
            (Type::Enumeration(a), Type::Enumeration(b)) => {
                Type::Enumeration(a.iter().chain(b.iter().filter(|m| !a.contains(m))).cloned().collect())
            }
            (Type::Text, Type::Enumeration(_) | Type::Post | Type::Department) => Type::Text,
            (Type::Record(a), Type::Record(b)) if a != b => Type::Record(None),
            (Type::Days, Type::Months) | (Type::Months, Type::Days) => Type::Calendar,
            (a, b) if a.accepts(b) => a.clone(),
            (a, b) if b.accepts(a) => b.clone(),
            _ => return None,
        })
    }

    /// Its name, as it stands in a sentence.
    pub fn words(&self) -> Words {
        match self {
            Type::Bool => Words::new("真假", "true or false"),
            Type::Number => Words::new("数", "a number"),
            Type::Text => Words::new("文字", "a text"),
            Type::Enumeration(members) => one_of(members),
            Type::Post => Words::new("岗位", "a post"),
            Type::Department => Words::new("部门", "a department"),
            Type::Date => Words::new("日期", "a date"),
            Type::Time => Words::new("时刻", "a time of day"),
            Type::Timestamp => Words::new("带日期的时刻", "a date and time"),
            Type::Days => Words::new("天数", "a duration in days"),
            Type::Months => Words::new("月数", "a duration in months"),
            Type::Calendar => Words::new("月数和天数", "a duration in months and days"),
            Type::List(element) => list_words(element),
            Type::Table(_) => Words::new("一组值", "a table of values"),
            Type::Record(None) => Words::new("一份记录", "a record"),
            Type::Record(Some(id)) => Words::new(format!("“{id}”记录"), format!("a record of type “{id}”")),
            Type::Optional(whole) => {
                let Words { zh, en } = whole.words();
                Words::new(format!("可能没有的{zh}"), format!("{en} that may be missing"))
            }
            Type::PersonOrPost => Words::new("人员或岗位", "a person or a post"),
            Type::Never => Words::new("没有元素的值", "a value of no element"),
        }
    }
}

fn one_of(members: &[Arc<str>]) -> Words {
    let names: Vec<&str> = members.iter().map(|member| &**member).take(6).collect();
    let more = if members.len() > 6 { [" 等", ", …"] } else { [""; 2] };
    Words::new(format!("{}{} 之一", names.join("、"), more[0]), format!("one of {}{}", names.join(", "), more[1]))
}

fn list_words(element: &Type) -> Words {
    if *element == Type::Never {
        return Words::new("空列表", "an empty list");
    }
    let Words { zh, en } = element.words();
    Words::new(format!("{zh}的列表"), format!("a list, each {en}"))
}

impl Schema<'_> {
    /// The type of that id, or else of that label in any language.
    pub fn type_called(&self, name: &str) -> Option<&Arc<crate::policy::RecordType>> {
        self.types.get(name).or_else(|| self.types.values().find(|own| own.label.is(name)))
    }

    /// The id of the type that plays the part of a person.
    pub(super) fn person(&self) -> Type {
        let person = self.types.values().find(|t| t.role == Some(crate::policy::Role::Person));
        Type::Record(person.map(|t| t.id.clone()))
    }
}

/// A table type of few columns.
pub(super) fn table<const N: usize>(columns: [(&str, Type); N]) -> Type {
    Type::Table(Arc::new(BTreeMap::from(columns.map(|(name, column)| (Arc::from(name), column)))))
}
