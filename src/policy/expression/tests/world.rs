//! A small world in memory: customers with cards, reports and reviews, and the people over them.

use super::super::{Drafts, Schema, Scope, Stop, Type, Value, World as Asked};
use crate::{
    diagnostic::{Citation, Words},
    policy::{CalendarDuration, Department, Field, FieldType, History, Member, Post, Posts, RecordType, Role, Target},
    source::{FileId, RecordId, Span},
};
use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

const NOWHERE: Span = Span { file: FileId::NONE, start: 0, end: 0 };

/// `name: type`, with `?` behind a name that need not be there.
fn field(name: &str, field_type: FieldType) -> Field {
    let must = !name.ends_with('?');
    let name = name.trim_end_matches('?');
    let zh = if name == "grade" { "等级".to_owned() } else { String::new() };
    Field { name: name.into(), must, field_type, label: Words::new(zh, "") }
}

fn record_type(id: &str, fields: Vec<Field>) -> RecordType {
    RecordType {
        id: id.into(),
        label: Words::new(id, id),
        role: (id == "person").then_some(Role::Person),
        folder: id.into(),
        prefix: id.into(),
        title: None,
        date: None,
        author: None,
        fields,
        xor: Vec::new(),
        sense: Default::default(),
        sections: Vec::new(),
        history: BTreeMap::new(),
        given: Vec::new(),
        citation: Citation { policy: "p".into(), title: "p".into(), article: "1".into(), path: "policies/p.md".into(), line: 1 },
        span: NOWHERE,
    }
}

fn one_of(names: &[&str]) -> FieldType {
    FieldType::Enumeration(names.iter().map(|name| Member { name: (*name).into(), label: Words::default() }).collect())
}

fn reference(to: &str) -> FieldType {
    FieldType::Reference(Target::Type(to.into()))
}

fn rows(fields: Vec<Field>) -> FieldType {
    FieldType::List(Box::new(FieldType::Table(fields.into())))
}

fn order_row() -> Vec<Field> {
    vec![
        field("date", FieldType::Date),
        field("amount", FieldType::Money),
        field("terms", one_of(&["cash", "credit"])),
        field("due?", FieldType::Date),
        field("paid_date?", FieldType::Date),
    ]
}

fn types() -> BTreeMap<Arc<str>, Arc<RecordType>> {
    let grades = || one_of(&["A", "B", "C", "D"]);
    let mut customer = record_type(
        "customer",
        vec![
            field("name", FieldType::Text),
            field("grade", grades()),
            field("credit_limit", FieldType::Money),
            field("opened", FieldType::Date),
            field("department", FieldType::Department),
            field("custodian", reference("person")),
            field("owner?", reference("person")),
            field("closed?", FieldType::Date),
            field("vip", FieldType::YesNo),
            field("contact", FieldType::Table(vec![field("phone", FieldType::Phone), field("email?", FieldType::Email)].into())),
            field("feedback?", FieldType::Table(vec![field("date", FieldType::Date), field("note?", FieldType::Text)].into())),
            field("tags?", FieldType::List(Box::new(FieldType::Text))),
            field("hour", FieldType::Time),
            field("asked", FieldType::Timestamp),
            field("readers", FieldType::List(Box::new(FieldType::PersonOrPost))),
            field("unreadable", FieldType::Number),
        ],
    );
    let history = History { from: "grade-review".into(), at: "date".into(), value: "to_grade".into() };
    customer.history.insert("grade".into(), history);
    let card = record_type("card", vec![field("customer", reference("customer")), field("orders", rows(order_row()))]);
    let report = record_type(
        "report",
        vec![
            field("customer", reference("customer")),
            field("date", FieldType::Date),
            field("about?", FieldType::Reference(Target::Any)),
            field("found", grades()),
            field("answered?", FieldType::Date),
        ],
    );
    let person = record_type("person", vec![field("name", FieldType::Text)]);
    [customer, card, report, person].into_iter().map(|t| (t.id.clone(), Arc::new(t))).collect()
}

fn posts() -> Posts {
    let post = |id: &str, above: Option<&str>| Post {
        id: id.into(),
        label: Words::default(),
        aliases: Vec::new(),
        reports_to: above.map(Into::into),
        held_by: Vec::new(),
        stands_in: None,
        span: NOWHERE,
    };
    let department =
        |id: &str| Department { id: id.into(), label: Words::default(), aliases: Vec::new(), head: Some("zhao".into()), span: NOWHERE };
    Posts {
        posts: [post("manager", None), post("finance", Some("manager"))].map(|p| (p.id.clone(), p)).into(),
        departments: [department("sales"), department("office")].map(|d| (d.id.clone(), d)).into(),
        citation: None,
    }
}

fn settings() -> BTreeMap<Arc<str>, Value> {
    BTreeMap::from([
        ("c_limit_max".into(), number(50_000)),
        ("report_days".into(), number(5)),
        ("period".into(), Value::Duration(CalendarDuration { months: 18, days: 0 })),
        ("strict".into(), Value::List([text("C"), text("D")].into())),
        ("office".into(), text("sales")),
    ])
}

pub fn with_schema<T>(run: impl FnOnce(&Schema<'_>) -> T) -> T {
    run(&Schema { types: &types(), posts: &posts(), settings: &settings() })
}

/// A customer is judged, an order at a time.
pub fn scope() -> Scope {
    let row = Type::of_field(&FieldType::Table(order_row().into()), true);
    Scope { record: Some("customer".into()), variables: vec![("o".into(), row), ("year_of".into(), Type::Number)], present: Vec::new() }
}

pub fn number(n: i64) -> Value {
    Value::Number(Decimal::from(n))
}

pub fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub fn date(date: &str) -> Value {
    Value::Date(day(date))
}

fn day(date: &str) -> NaiveDate {
    date.parse().expect("a date of the test")
}

fn table<const N: usize>(columns: [(&str, Value); N]) -> Value {
    Value::Table(Arc::new(columns.into_iter().map(|(name, value)| (name.into(), value)).collect()))
}

fn record(id: &str) -> Value {
    Value::Record(id.into())
}

type Fields = BTreeMap<&'static str, Value>;

pub struct World {
    records: BTreeMap<&'static str, (&'static str, Fields)>,
    /// The equalities with which records were searched for.
    pub searched: RefCell<Vec<String>>,
}

impl Default for World {
    fn default() -> World {
        let customer = |name: &str, grade: &str, limit: i64| {
            Fields::from([
                ("name", text(name)),
                ("grade", text(grade)),
                ("credit_limit", number(limit)),
                ("opened", date("2024-01-31")),
                ("department", text("sales")),
                ("custodian", record("li")),
                ("vip", Value::Bool(true)),
                ("contact", table([("phone", text("0086-1"))])),
                ("readers", Value::List([record("li"), text("finance")].into())),
                ("hour", Value::Time("10:00:00".parse().expect("a time"))),
                ("asked", Value::Timestamp("2026-03-05T23:30:00+08:00".parse().expect("a timestamp"))),
            ])
        };
        let mut first = customer("广达", "C", 30_000);
        first.extend([("owner", record("wang")), ("feedback", table([("date", date("2026-02-03"))]))]);
        let report = |on: &str, found: &str, answered: Option<&str>| {
            let mut fields = Fields::from([("customer", record("C-1")), ("date", date(on)), ("found", text(found))]);
            fields.extend(answered.map(|on| ("answered", date(on))));
            fields
        };
        let orders = Value::List([Self::order("2026-01-10", 500, Some("2026-02-10")), Self::order("2026-02-20", 700, None)].into());
        let card = Fields::from([("customer", record("C-1")), ("orders", orders)]);
        let records = [
            ("C-1", ("customer", first)),
            ("C-2", ("customer", customer("华新", "A", 200_000))),
            ("K-1", ("card", card)),
            ("R-1", ("report", report("2025-11-01", "B", Some("2025-11-20")))),
            ("R-2", ("report", report("2026-02-01", "C", None))),
            ("R-3", ("report", report("2026-02-01", "D", None))),
            ("li", ("person", Fields::from([("name", text("李"))]))),
            ("wang", ("person", Fields::from([("name", text("王"))]))),
            ("zhao", ("person", Fields::from([("name", text("赵"))]))),
        ];
        World { records: records.into(), searched: RefCell::default() }
    }
}

impl World {
    fn order(on: &str, amount: i64, due: Option<&str>) -> Value {
        let due = due.map_or(Value::Missing, date);
        table([("date", date(on)), ("amount", number(amount)), ("terms", text("credit")), ("due", due)])
    }

    pub fn variables(&self) -> [Value; 2] {
        [Self::order("2026-01-10", 500, Some("2026-02-10")), number(2026)]
    }

    fn of_type(&self, record_type: &str, fits: impl Fn(&Fields) -> bool) -> Vec<RecordId> {
        self.records.iter().filter(|(_, (t, fields))| *t == record_type && fits(fields)).map(|(id, _)| RecordId::from(*id)).collect()
    }
}

impl Asked for World {
    fn today(&self) -> NaiveDate {
        day("2026-03-01")
    }

    fn field(&self, record: &RecordId, name: &str) -> Result<Value, Stop> {
        let (record_type, fields) = self.records.get(&*record.0).ok_or(Stop::Unknown)?;
        let must = types()[*record_type].field(name).is_some_and(|f| f.must);
        match (name, fields.get(name)) {
            ("id", _) => Ok(Value::Text(record.0.clone())),
            ("type", _) => Ok(text(record_type)),
            (_, Some(value)) => Ok(value.clone()),
            (_, None) if must => Err(Stop::Unknown),
            (_, None) => Ok(Value::Missing),
        }
    }

    fn linked(&self, to: &RecordId, record_type: &str, _: Drafts) -> Result<Vec<RecordId>, Stop> {
        Ok(self.of_type(record_type, |fields| fields.values().any(|value| *value == Value::Record(to.clone()))))
    }

    fn records(&self, record_type: &str, equal: &[(Arc<str>, Value)], _: Drafts) -> Result<Vec<RecordId>, Stop> {
        self.searched.borrow_mut().extend(equal.iter().map(|(field, value)| format!("{field}={value}")));
        Ok(self.of_type(record_type, |fields| equal.iter().all(|(field, value)| fields.get(&**field) == Some(value))))
    }

    fn previous(&self, record: &RecordId) -> Result<Option<RecordId>, Stop> {
        Ok((&*record.0 == "R-2").then(|| "R-1".into()))
    }

    fn on(&self, _: &RecordId, _: &str, on: NaiveDate) -> Result<Value, Stop> {
        Ok(if on < day("2025-01-01") { Value::Missing } else { text("B") })
    }

    fn approved(&self, record: &RecordId, on: Option<NaiveDate>) -> Result<bool, Stop> {
        Ok(&*record.0 == "C-1" && on.is_none_or(|on| on >= day("2026-01-01")))
    }

    fn approval(&self, record: &RecordId, step: &str) -> Result<Option<(RecordId, DateTime<FixedOffset>)>, Stop> {
        let at = "2026-01-01T10:00:00+08:00".parse().expect("a timestamp");
        Ok((&*record.0 == "C-1" && step == "manager").then(|| ("zhao".into(), at)))
    }

    fn holds_post(&self, person: &RecordId, post: &str, _: NaiveDate) -> bool {
        (&*person.0, post) == ("zhao", "manager")
    }

    fn on_staff(&self, person: &RecordId, on: NaiveDate) -> Result<bool, Stop> {
        Ok(&*person.0 != "wang" || on < day("2026-01-01"))
    }

    fn department(&self, person: &RecordId, _: NaiveDate) -> Result<Option<Arc<str>>, Stop> {
        Ok((&*person.0 != "zhao").then(|| "sales".into()))
    }

    /// wang under li under zhao; in 2020 zhao stood under wang.
    fn superior(&self, person: &RecordId, on: NaiveDate) -> Result<Option<RecordId>, Stop> {
        Ok(match &*person.0 {
            "wang" => Some("li".into()),
            "li" => Some("zhao".into()),
            "zhao" if on < day("2021-01-01") => Some("wang".into()),
            _ => None,
        })
    }

    fn head(&self, department: &str) -> Option<RecordId> {
        (department == "sales").then(|| "zhao".into())
    }

    fn posts(&self) -> Vec<Value> {
        vec![table([("id", text("manager"))]), table([("id", text("finance")), ("reports_to", text("manager"))])]
    }

    fn departments(&self) -> Vec<Value> {
        vec![table([("id", text("sales")), ("head", record("zhao"))]), table([("id", text("office"))])]
    }

    fn policy_exists(&self, policy: &str, day: Option<NaiveDate>) -> bool {
        policy == "credit" && day.is_none_or(|on| on >= self::day("2024-04-01"))
    }

    fn article_exists(&self, policy: &str, article: &str, day: Option<NaiveDate>) -> bool {
        self.policy_exists(policy, day) && article == "第6条"
    }

    fn policies(&self) -> Vec<Value> {
        vec![table([("id", text("credit")), ("title", text("信用")), ("effective", Value::Date(day("2024-04-01")))])]
    }

    fn is_unreadable(&self, _: &RecordId, _: &str) -> bool {
        false
    }

    fn record_exists(&self, id: &str) -> bool {
        id == "c1"
    }

    fn registered(&self) -> Vec<Value> {
        Vec::new()
    }
}
