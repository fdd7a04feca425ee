//! What an archive in memory answers on a day, and what is noted down as read.

use super::Facts;
use crate::{
    approval::{Approvals, Chain, Entry, Subject},
    archive::{Archive, Settings, shape},
    policy::{
        Policies, Value,
        expression::{Drafts, Stop, World},
    },
    source::{RecordId, Sources},
};
use chrono::NaiveDate;
use std::sync::Arc;

const POLICY: &str = "---
policy: p
title: 试验
status: in-force
effective: 2024-01-01
---
## 第1条　类型

```yaml posts
posts:
  chief: {label: 总管, held_by: [{person: lin, from: 2024-01-01, until: 2024-12-31}]}
  clerk: {label: 办事员, reports_to: chief}
departments:
  sales: {label: 销售部, head: lin}
  finance: {label: 财务部}
```

```yaml type
id: person
label: 人员
as: person
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date}
```

```yaml type
id: file
label: 档案
date: opened
must: {opened: date, limit: money, rows: [{a: text, b?: date}]}
may: {owner: person, grade: A | B, remark: text}
history: {grade: {from: change, at: since, value: to}}
```

```yaml type
id: change
label: 变更
date: since
must: {file: file, since: date, to: A | B}
```

```yaml approval
for: change
steps: [clerk, {post: chief, when: to == \"A\"}]
```
";

fn day(text: &str) -> NaiveDate {
    shape::date(text).expect("a test names a day")
}

fn id(text: &str) -> RecordId {
    text.into()
}

/// An archive of records, each a file with its id and the lines of its front matter, and of entries
/// (record, step, moment).
fn archive(records: &[(&str, &str)], entries: &[(&str, &str, &str)]) -> (Archive, Approvals) {
    let texts = records.iter().map(|(id, front)| (format!("records/{id}.md"), format!("---\nid: {id}\n{front}---\n")));
    let sources = Arc::new(Sources::from_memory(texts.chain([("policies/p.md".to_owned(), POLICY.to_owned())])));
    let policies = Arc::new(Policies::compile(&sources, day("2026-01-01")));
    let settings = Settings { time_zone: Some("+08:00".to_owned()), ..Settings::default() };
    let archive = Archive::build(sources, policies, settings);
    let mut approvals = Approvals::default();
    for (record, step, at) in entries {
        let known = archive.record(&id(record)).expect("a test approves what is there");
        let rule = Facts::new(&archive, &Approvals::default(), day("2026-01-01")).approval_rule(known);
        let chain = approvals.chains.entry(Subject::named(record)).or_insert_with(|| Chain { rule, ..Chain::default() }.into());
        let at = shape::timestamp(at).expect("a test names a moment");
        Arc::make_mut(chain).entries.push(Entry {
            step: (*step).into(),
            by: id("lin"),
            at,
            seal: None,
            span: known.head(),
            signed: true,
            valid: true,
            void: Vec::new(),
        });
    }
    (archive, approvals)
}

#[track_caller]
fn ask<T>(records: &[(&str, &str)], entries: &[(&str, &str, &str)], question: impl Fn(&Facts<'_>) -> T) -> (T, String) {
    let (archive, approvals) = archive(records, entries);
    let facts = Facts::new(&archive, &approvals, day("2026-01-01"));
    let (answer, reads) = facts.witnessed(|| question(&facts));
    let fields = reads.fields().map(|(id, field)| format!("{id}.{field}"));
    let bare = reads.records().filter(|id| !reads.fields().any(|(of, _)| of == *id)).map(ToString::to_string);
    let searches = reads.searches().map(|search| match &search.linked_to {
        Some(id) => format!("{}→{id}", search.record_type),
        None => format!("{}*", search.record_type),
    });
    let mut read: Vec<String> = fields.chain(bare).chain(searches).collect();
    read.sort();
    (answer, read.join(" "))
}

const FILE: (&str, &str) =
    ("f", "type: file\nopened: 2025-01-01\nlimit: 1.50\ngrade: A\nrows:\n- {a: 甲, b: 2025-02-01}\n- {b: 2025-03-01}\n- {a: 丙}\n");

#[test]
fn fields_there_missing_blank_and_wrong() {
    let field = |front: &str, name: &str| ask(&[("f", front)], &[], |facts| facts.field(&id("f"), name)).0;
    let head = "type: file\nopened: 2025-01-01\n";
    assert_eq!(field(&format!("{head}limit: 1.50\n"), "limit"), Ok(Value::Number("1.50".parse().expect("a number"))));
    assert_eq!(field(head, "limit"), Err(Stop::Unknown));
    assert_eq!(field(&format!("{head}limit: 多\n"), "limit"), Err(Stop::Unknown));
    assert_eq!(field(head, "owner"), Ok(Value::Missing));
    assert_eq!(field(&format!("{head}owner:\n"), "owner"), Ok(Value::Missing));
    assert_eq!(field(&format!("{head}grade: Z\n"), "grade"), Err(Stop::Unknown));
    assert_eq!(field(&format!("{head}remark: \" \"\n"), "remark"), Ok(Value::Text("".into())));
    assert_eq!(field(&format!("{head}remark:\n"), "remark"), Ok(Value::Missing));
    assert_eq!(field(head, "nothing"), Err(Stop::Unknown));
    assert_eq!(field(head, "id"), Ok(Value::Text("f".into())));
    assert_eq!(field("type: nothing\n", "type"), Err(Stop::Unknown));
}

#[test]
fn a_row_keeps_what_can_be_read_of_it() {
    let rows = |rows: &str| ask(&[("f", &format!("type: file\nrows:\n{rows}"))], &[], |facts| facts.field(&id("f"), "rows")).0;
    let shown = |rows: Result<Value, Stop>| match rows {
        Ok(Value::List(rows)) => rows
            .iter()
            .map(|row| match row {
                Value::Table(row) => row.iter().map(|(k, v)| format!("{k}={v:?}")).collect::<Vec<_>>().join(" "),
                other => format!("{other:?}"),
            })
            .collect(),
        other => vec![format!("{other:?}")],
    };
    assert_eq!(
        shown(rows("- {a: 甲, b: 2025-02-01}\n- {b: 2025-03-01}\n- {a: 丙}\n")),
        ["a=Text(\"甲\") b=Date(2025-02-01)", "b=Date(2025-03-01)", "a=Text(\"丙\") b=Missing"]
    );
    // That an optional column was never written is not known of one that cannot be read.
    assert_eq!(shown(rows("- {a: 甲, b: 昨天}\n")), ["Err(Unknown)"]);
}

#[test]
fn reads_of_fields_links_and_searches() {
    let records =
        [FILE, ("c", "type: change\nfile: f\nsince: 2025-06-01\nto: B\n"), ("d", "type: change\nfile: f\nsince: 2025-05-01\nto: B\n")];
    let (linked, read) = ask(&records, &[], |facts| facts.linked(&id("f"), "change", Drafts::Out));
    assert_eq!((linked, &*read), (Ok(vec![id("d"), id("c")]), "c.file change→f d.file"));
    let (none, read) = ask(&records, &[], |facts| facts.linked(&id("f"), "person", Drafts::Out));
    assert_eq!((none, &*read), (Ok(vec![]), "person→f"));
    let (before, read) = ask(&records, &[], |facts| facts.previous(&id("c")));
    assert_eq!((before, &*read), (Ok(Some(id("d"))), "c.file change→f d.file"));
    let (dangling, read) = ask(&records, &[], |facts| facts.field(&id("x"), "limit"));
    assert_eq!((dangling, &*read), (Err(Stop::Unknown), "x.limit"));
}

/// What can only be seen through fields that are meant for it (see `View::sees_every_hit`) must not
/// be found through others.
#[test]
fn what_names_a_record_where_it_does_not_belong_is_not_linked_to_it() {
    let other = "type: change\nfile: g\nsince: 2025-01-01\nto: B\n";
    let (supersedes, within) = (format!("{other}supersedes: f\n"), "type: file\nopened: 2025-01-01\nlimit: 1\nrows: []\nowner: f\n");
    let records = [FILE, ("g", FILE.1), ("c", &*supersedes), ("d", within)];
    let linked = |of: &str, what: &str| ask(&records, &[], |facts| facts.linked(&id(of), what, Drafts::Out)).0;
    assert_eq!(linked("f", "change"), Ok(vec![]), "a change supersedes no file");
    assert_eq!(linked("f", "file"), Ok(vec![]), "a file is nobody's owner");
    assert_eq!(linked("g", "change"), Ok(vec![id("c")]));
}

#[test]
fn equalities_find_what_a_filter_could_keep() {
    let change = |file: &str, to: &str| format!("type: change\nfile: {file}\nsince: 2025-06-01\nto: {to}\n");
    let texts = [change("f", "A"), change("g", "A"), change("f", "B"), change("f", "Z")];
    let records: Vec<(&str, &str)> = ["1", "2", "3", "4"].into_iter().zip(texts.iter().map(String::as_str)).collect();
    let find = |equal: &[(&str, Value)]| {
        let equal: Vec<(Arc<str>, Value)> = equal.iter().map(|(field, value)| ((*field).into(), value.clone())).collect();
        let found = ask(&records, &[], |facts| facts.records("change", &equal, Drafts::In)).0.expect("a search has an answer");
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(find(&[]), "1 2 3 4");
    assert_eq!(find(&[("file", Value::Record(id("g")))]), "2");
    // The one that cannot be read is among them: the filter must meet it.
    assert_eq!(find(&[("to", Value::Text("B".into()))]), "3 4");
    assert_eq!(find(&[("file", Value::Record(id("g"))), ("to", Value::Text("A".into()))]), "2");
    assert_eq!(find(&[("to", Value::List([].into()))]), "1 2 3 4");
}

#[test]
fn history_counts_what_is_approved_and_in_effect() {
    let change = |id: &'static str, front: &'static str| (id, front);
    let records = [
        FILE,
        ("g", "type: file\ngrade: B\n"),
        change("c1", "type: change\nfile: f\nsince: 2025-03-01\nto: B\n"),
        change("c2", "type: change\nfile: f\nsince: 2025-06-01\nto: A\n"),
        change("c3", "type: change\nfile: f\nsince: 2025-07-01\nto: B\n"),
    ];
    let entries = [
        ("c1", "clerk", "2025-02-01T08:00:00+08:00"),
        ("c2", "clerk", "2025-05-01T08:00:00+08:00"),
        ("c2", "chief", "2025-05-01T08:00:00+08:00"),
    ];
    let on = |record: &str, text: &str| ask(&records, &entries, |facts| facts.on(&id(record), "grade", day(text))).0;
    assert_eq!(on("f", "2025-02-28"), Ok(Value::Missing));
    assert_eq!(on("f", "2025-03-01"), Ok(Value::Text("B".into())));
    assert_eq!(on("f", "2025-06-01"), Ok(Value::Text("A".into())));
    assert_eq!(on("f", "2025-12-01"), Ok(Value::Text("A".into())));
    assert_eq!(on("g", "2025-12-01"), Ok(Value::Text("B".into())));
}

#[test]
fn a_chain_is_complete_from_the_day_of_its_last_step_in_the_archives_zone() {
    let records =
        [FILE, ("a", "type: change\nfile: f\nsince: 2025-03-01\nto: A\n"), ("b", "type: change\nfile: f\nsince: 2025-03-01\nto: B\n")];
    let entries = [
        ("a", "clerk", "2025-02-01T08:00:00+08:00"),
        ("a", "chief", "2025-02-02T17:00:00+00:00"),
        ("b", "clerk", "2025-02-01T08:00:00+08:00"),
    ];
    let approved = |record: &str, on: Option<&str>| ask(&records, &entries, |facts| facts.approved(&id(record), on.map(day))).0;
    assert_eq!(approved("a", Some("2025-02-02")), Ok(false));
    assert_eq!(approved("a", Some("2025-02-03")), Ok(true));
    assert_eq!(approved("a", None), Ok(true));
    assert_eq!(approved("b", None), Ok(true));
    assert_eq!(approved("f", None), Ok(true));
    assert_eq!(approved("x", None), Err(Stop::Unknown));
    assert_eq!(ask(&records, &[], |facts| facts.approved(&id("b"), None)).0, Ok(false));
}

#[test]
fn people_on_a_day() {
    let records = [
        ("lin", "type: person\nname: 林\njoined: 2024-01-01\nreporting: [{from: 2024-01-01, department: sales}]\n"),
        (
            "mei",
            "type: person\nname: 梅\njoined: 2024-03-01\nleft: 2025-12-31\nreporting:\n- {from: 2025-01-01, department: finance, superior: wu}\n- {from: 2024-03-01, department: sales, superior: lin}\n",
        ),
        ("an", "type: person\nname: 安\njoined: 2025-01-01\nreporting: [{from: 昨天, department: sales}]\n"),
    ];
    let department = |person: &str, on: &str| ask(&records, &[], |facts| facts.department(&id(person), day(on))).0;
    assert_eq!(department("mei", "2024-02-29"), Ok(None));
    assert_eq!(department("mei", "2024-12-31"), Ok(Some("sales".into())));
    assert_eq!(department("mei", "2025-01-01"), Ok(Some("finance".into())));
    assert_eq!(department("an", "2025-06-01"), Err(Stop::Unknown));
    assert_eq!(department("wu", "2025-06-01"), Err(Stop::Unknown));
    let (superior, read) = ask(&records, &[], |facts| facts.superior(&id("mei"), day("2025-06-01")));
    assert_eq!((superior, &*read), (Ok(Some(id("wu"))), "mei.joined mei.left mei.reporting"));
    // From the day of leaving on, the last row answers no more.
    assert_eq!(department("mei", "2025-12-30"), Ok(Some("finance".into())));
    assert_eq!(department("mei", "2025-12-31"), Ok(None));
    assert_eq!(ask(&records, &[], |facts| facts.superior(&id("mei"), day("2026-06-01"))).0, Ok(None));
    assert_eq!(ask(&records, &[], |facts| facts.superior(&id("lin"), day("2025-06-01"))).0, Ok(None));
    let on_staff = |person: &str, on: &str| ask(&records, &[], |facts| facts.on_staff(&id(person), day(on))).0;
    assert_eq!(
        [on_staff("mei", "2024-02-29"), on_staff("mei", "2024-03-01"), on_staff("mei", "2025-12-30"), on_staff("mei", "2025-12-31")],
        [Ok(false), Ok(true), Ok(true), Ok(false)]
    );
    assert_eq!(on_staff("wu", "2025-01-01"), Err(Stop::Unknown));
    assert_eq!(ask(&records, &[], |facts| facts.members(&"sales".into())).0, [id("lin")]);
}

#[test]
fn a_post_is_held_by_who_is_on_staff() {
    let person = |id, joined: &str| (id, format!("type: person\nname: 林\n{joined}reporting: [{{from: 2024-01-01, department: sales}}]\n"));
    let holds = |joined: &str, on: &str| {
        let (id_of, front) = person("lin", joined);
        ask(&[(id_of, &front)], &[], |facts| facts.holds_post(&id("lin"), "chief", day(on)))
    };
    assert_eq!(holds("joined: 2024-01-01\n", "2024-12-31"), (true, "lin.joined lin.left".to_owned()));
    // The posts are public: where they say no, nothing is read of the person.
    assert_eq!(holds("joined: 2024-01-01\n", "2025-01-01"), (false, String::new()));
    assert!(!holds("joined: 2024-03-01\n", "2024-02-29").0);
    assert!(holds("joined: 2024-01-01\nleft: 2024-07-01\n", "2024-06-30").0);
    assert!(!holds("joined: 2024-01-01\nleft: 2024-07-01\n", "2024-07-01").0);
    // Of whom nothing is known, nobody can say that they are on staff.
    for unclear in ["", "joined: 昨天\n", "joined: 2024-01-01\nleft: 明天\n"] {
        assert!(!holds(unclear, "2024-06-01").0, "{unclear}");
    }
    assert!(!ask(&[], &[], |facts| facts.holds_post(&id("lin"), "chief", day("2024-06-01"))).0);
    let head = |left: &str| {
        let (id_of, front) = person("lin", left);
        ask(&[(id_of, &front)], &[], |facts| facts.head("sales")).0
    };
    assert_eq!(head("joined: 2024-01-01\n"), Some(id("lin")));
    assert_eq!(head("joined: 2024-01-01\nleft: 2026-01-01\n"), None);
}

#[test]
fn in_an_example_people_need_no_record() {
    let (archive, approvals) = archive(&[], &[]);
    let settings = std::collections::BTreeMap::new();
    let facts = Facts::of_example(&archive, &approvals, day("2026-01-01"), &settings);
    assert_eq!(facts.on_staff(&id("x"), day("2026-01-01")), Ok(true));
    assert_eq!(facts.superior(&id("x"), day("2026-01-01")), Ok(None));
    assert!(facts.holds_post(&id("lin"), "chief", day("2024-06-01")));
}
