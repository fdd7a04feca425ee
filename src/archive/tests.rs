use super::*;
use crate::document::LinkKind;

/// The archive of these files (the path and the text of each), as its policies stand on 1 June 2026.
pub(crate) fn archive(files: &[(&str, &str)]) -> Archive {
    let sources = Arc::new(Sources::from_memory(files.iter().copied()));
    let today = NaiveDate::from_ymd_opt(2026, 6, 1).expect("the day of the tests is one");
    let policies = Arc::new(Policies::compile(&sources, today));
    assert_eq!(policies.findings.iter().map(|finding| &*finding.message.en).collect::<Vec<_>>(), Vec::<&str>::new());
    let settings = Settings::of(&sources).expect("the settings of the test can be read");
    Archive::build(sources, policies, settings)
}

const HOUSE: (&str, &str) = (
    "policies/house.md",
    r#"---
policy: house
title: 规章
status: in-force
effective: 2024-01-01
owner: sales
---
## 第1条 人员

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date}
title: name
```

## 第2条 客户

```yaml type
id: customer
label: {zh: 客户档案, en: Customer file}
title: "{name}（{grade}，{limit}）"
date: opened
author: keeper
must: {name: text, grade: A | B}
may:
  opened: date
  keeper: person
  limit: money
  contact: {person: text, phone: phone, email?: email}
  orders: [{date: date, amount: money, paid?: yes|no, by?: person}]
  channels: list of (bank | peers)
  any: list of record
  who: list of (person or post)
  note: record
labels:
  name: {zh: 名称, en: Name}
  opened: {zh: 开户日期, en: Opened}
  contact.phone: {zh: 电话, en: Phone}
  grade=A: {zh: 甲级, en: Grade A}
  grade=B: {zh: 乙级, en: Grade B}
```

## 第3条 各种值

```yaml type
id: sample
label: {zh: 样品, en: Sample}
must: {}
may:
  text: text
  date: date
  time: time
  number: number
  count: count
  money: money
  timestamp: timestamp
  answer: yes | no
  choice: A | B
  phone: phone
  email: email
  url: url
  person: person
  department: department
  post: post
  either: person or post
  list: list of date
  table: {a: date, b?: text}
  rows: [{a: date, b?: text}]
labels:
  choice=A: {zh: 甲, en: First}
```

## 第4条 岗位

```yaml posts
posts:
  manager: {label: {zh: 经理, en: Manager}}
departments:
  sales: {label: {zh: 销售部, en: Sales}}
```
"#,
);

/// One record of the house's, with this front matter and body.
fn record(front: &str, body: &str) -> (Archive, Record) {
    let text = format!("---\n{front}\n---\n{body}");
    let archive = archive(&[HOUSE, ("records/x.md", &text)]);
    let record = archive.records[0].clone();
    (archive, record)
}

/// A reading in one line: `!` for what is wrong, `_` for what is blank.
fn shown(reading: &Reading) -> String {
    match reading {
        Reading::Value(value) => plain(value),
        Reading::Rows(rows) => format!("[{}]", rows.iter().map(|row| shown(&row.reading)).collect::<Vec<_>>().join(" ")),
        Reading::Table(cells) => {
            let cells = cells.iter().map(|(name, cell)| format!("{name}:{}", shown(&cell.reading)));
            format!("{{{}}}", cells.collect::<Vec<_>>().join(" "))
        }
        Reading::Wrong { .. } => "!".to_owned(),
        Reading::Blank => "_".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Missing => "missing".to_owned(),
        Value::Bool(answer) => format!("is {answer}"),
        Value::Number(number) => format!("#{number}"),
        Value::Text(text) => text.to_string(),
        Value::Date(date) => format!("on {date}"),
        Value::Time(time) => format!("at {time}"),
        Value::Timestamp(moment) => format!("at {moment}"),
        Value::Duration(duration) => format!("{duration:?}"),
        Value::List(values) => format!("[{}]", values.iter().map(plain).collect::<Vec<_>>().join(" ")),
        Value::Table(cells) => {
            let cells = cells.iter().map(|(name, value)| format!("{name}:{}", plain(value)));
            format!("{{{}}}", cells.collect::<Vec<_>>().join(" "))
        }
        Value::Record(id) => format!("→{id}"),
    }
}

#[test]
fn the_type_decides_how_a_text_is_read() {
    for (field, text, expected) in [
        ("text", "no", "no"),
        ("text", "10:00", "10:00"),
        ("text", "1.10", "1.10"),
        ("text", "0086", "0086"),
        ("text", "~", "~"),
        ("text", "[a]", "!"),
        ("text", "", "_"),
        ("text", "'  '", "_"),
        ("date", "2026-02-28", "on 2026-02-28"),
        ("date", "2026-02-30", "!"),
        ("date", "2026-2-3", "!"),
        ("time", "09:30", "at 09:30:00"),
        ("number", "-1.50", "#-1.50"),
        ("number", "1,5", "!"),
        ("count", "3", "#3"),
        ("count", "3.0", "!"),
        ("money", "50000.00", "#50000.00"),
        ("money", "5万", "!"),
        ("timestamp", "2026-03-05T10:22:31+08:00", "at 2026-03-05 10:22:31 +08:00"),
        ("timestamp", "2026-03-05", "!"),
        ("answer", "yes", "is true"),
        ("answer", "否", "is false"),
        ("answer", "maybe", "!"),
        ("choice", "A", "A"),
        ("choice", "甲", "A"),
        ("choice", "First", "A"),
        ("choice", "C", "!"),
        ("phone", "+86 20 1234567", "+86 20 1234567"),
        ("phone", "call me", "!"),
        ("email", "a@b.cn", "a@b.cn"),
        ("url", "https://a.cn", "https://a.cn"),
        ("url", "a.cn", "!"),
        ("person", "zhao.min", "→zhao.min"),
        ("department", "sales", "sales"),
        ("department", "销售部", "sales"),
        ("department", "moon", "!"),
        ("post", "Manager", "manager"),
        ("post", "king", "!"),
        ("either", "经理", "manager"),
        ("either", "zhao.min", "→zhao.min"),
        ("list", "[2026-01-01, x]", "[on 2026-01-01 !]"),
        ("list", "2026-01-01", "!"),
        ("list", "[]", "[]"),
        ("table", "{a: 2026-01-01, b: x}", "{a:on 2026-01-01 b:x}"),
        ("table", "[a]", "!"),
        ("rows", "[{a: x}, y, {}]", "[{a:!} ! {}]"),
    ] {
        let (_, record) = record(&format!("type: sample\n{field}: {text}"), "");
        assert_eq!(shown(&record.fields[field].reading), expected, "{field}: {text}");
    }
}

#[test]
fn a_value_with_a_wrong_part_is_none() {
    for (field, text, expected) in [
        ("date", "2026-01-01", Some("on 2026-01-01")),
        ("date", "soon", None),
        ("date", "", None),
        ("list", "[2026-01-01, 2026-01-02]", Some("[on 2026-01-01 on 2026-01-02]")),
        ("list", "[2026-01-01, x]", None),
        ("list", "[2026-01-01, '']", None),
        ("table", "{a: 2026-01-01}", Some("{a:on 2026-01-01 b:missing}")),
        ("table", "{b: x}", Some("{b:x}")),
        ("table", "{a: x, b: y}", None),
        ("rows", "[{a: 2026-01-01, b: ''}]", Some("[{a:on 2026-01-01 b:missing}]")),
        ("rows", "[{a: 2026-01-01}, {a: x}]", None),
    ] {
        let (_, record) = record(&format!("type: sample\n{field}: {text}"), "");
        assert_eq!(record.value(field).as_ref().map(plain).as_deref(), expected, "{field}: {text}");
    }
}

#[test]
fn fields_go_by_key_or_label_and_the_rest_is_kept() {
    let front = "type: 客户档案\nid: C-1\n名称: 甲\nOpened: 2026-01-02\nname: 乙\ncolour: red\ncontact: {person: 丙, 电话: 12345, phone: 67890, fax: 1}\napprovals: []";
    let (archive, record) = record(front, "");
    assert_eq!(record.record_type.as_ref().map(|t| &*t.id), Some("customer"));
    let fields: Vec<String> = record.fields.iter().map(|(name, entry)| format!("{name}={}", shown(&entry.reading))).collect();
    assert_eq!(fields, ["contact={person:丙 phone:12345}", "name=甲", "opened=on 2026-01-02"]);
    let slice = |span| archive.sources.slice(span).to_owned();
    let unread: Vec<String> = record
        .unread
        .iter()
        .map(|key| format!("{} in [{}] after {:?}", slice(key.span), key.within.join("."), key.first.map(slice)))
        .collect();
    assert_eq!(
        unread,
        [
            "name in [] after Some(\"名称\")",
            "colour in [] after None",
            "phone in [contact] after Some(\"电话\")",
            "fax in [contact] after None"
        ]
    );
}

#[test]
fn a_record_knows_its_id_title_date_and_author() {
    for (front, expected) in [
        ("type: customer", "x | x | - | -"),
        ("type: customer\nid: C-1", "C-1 | C-1 | - | -"),
        (
            "type: customer\nid: C-1\nname: 甲\ngrade: A\nopened: 2026-01-02\nkeeper: zhao.min\nlimit: 5.00",
            "C-1 | 甲（甲级，5.00） | 2026-01-02 | zhao.min",
        ),
        ("type: customer\ntitle: 题\nname: 甲\nopened: soon\nkeeper: [a]", "x | 题 | - | -"),
        ("type: person\nid: zhao.min\nname: 赵敏", "zhao.min | 赵敏 | - | -"),
        ("type: unheard-of\nid: ''\ntitle: 题", "x | 题 | - | -"),
        ("id: [a]", "x | x | - | -"),
        ("", "x | x | - | -"),
    ] {
        let (_, record) = record(front, "");
        let date = record.date.map_or("-".to_owned(), |date| date.to_string());
        let author = record.author.as_ref().map_or("-".to_owned(), ToString::to_string);
        assert_eq!(format!("{} | {} | {date} | {author}", record.id, record.title), expected, "{front}");
    }
    let deep = archive(&[HOUSE, ("records/客户/甲.md", "---\ntype: customer\n---\n"), ("records/b.md", "no front matter")]);
    assert_eq!(deep.records.iter().map(|record| &*record.id.0).collect::<Vec<_>>(), ["b", "客户/甲"]);
}

#[test]
fn a_place_falls_back_to_what_stands_above_it() {
    let (archive, record) = record("type: customer\norders:\n- {date: 2026-01-01, amount: 5}\n- {date: 2026-01-02}\nname: 甲", "");
    let place = |field, row, column| record.place(field, row, column).map(|span| archive.sources.slice(span));
    assert_eq!(place("name", None, None), Some("甲"));
    assert_eq!(place("orders", Some(0), Some("amount")), Some("5"));
    assert_eq!(place("orders", Some(1), Some("amount")), Some("{date: 2026-01-02}"));
    assert_eq!(place("orders", Some(7), None), place("orders", None, None));
    assert_eq!(place("grade", None, None), None);
    assert_eq!(archive.sources.slice(record.head()), "type: customer");
}

#[test]
fn references_are_found_in_fields_and_body_and_lead_both_ways() {
    let archive = archive(&[
        HOUSE,
        (
            "records/customers/a.md",
            "---\ntype: customer\nid: A\nkeeper: zhao.min\nwho: [经理, li.na]\norders: [{date: 2026-01-01, amount: 1, by: zhao.min}]\nany: [B, A]\n---\n\
             见 [[B]]、[[B|乙]]、[乙](b.md#头)、[赵](../people/zhao.md)、[[gone]]、[无](gone.md)、[[house]]、[[house#第1条]]、[规](../../policies/house.md)、\
             [件](scan.pdf)、[缺](none.pdf)、[网](https://a.cn)、[出](../../../etc/passwd)、[上](#x)\n",
        ),
        ("records/customers/b.md", "---\ntype: customer\nid: B\n---\n## 头\n[[A]]\n"),
        ("records/customers/scan.pdf", "…"),
        ("records/people/zhao.md", "---\ntype: person\nid: zhao.min\nname: 赵\n---\n"),
    ]);
    let id = |id: &str| RecordId::from(id);
    let references = |of: &str| -> Vec<String> {
        let record = archive.record(&id(of)).expect("the record of this test is there");
        let show = |r: &Reference| {
            format!(
                "{} {}{} `{}`",
                r.field.as_deref().unwrap_or("-"),
                if r.resolved { "" } else { "?" },
                r.to,
                archive.sources.slice(r.span)
            )
        };
        record.references.iter().map(show).collect()
    };
    assert_eq!(
        references("A"),
        [
            "any B `B`",
            "any A `A`",
            "keeper zhao.min `zhao.min`",
            "orders zhao.min `zhao.min`",
            "who ?li.na `li.na`",
            "- B `[[B]]`",
            "- B `[[B|乙]]`",
            "- B `[乙](b.md#头)`",
            "- zhao.min `[赵](../people/zhao.md)`",
            "- ?gone `[[gone]]`",
            "- ?gone.md `[无](gone.md)`",
        ]
    );
    let incoming = |of: &str| archive.incoming(&id(of)).iter().map(|r| r.from.to_string()).collect::<Vec<_>>();
    assert_eq!(incoming("A"), ["A", "B"]);
    assert_eq!(incoming("zhao.min"), ["A", "A", "A"]);
    assert_eq!(incoming("gone"), Vec::<String>::new());
    let destinations: Vec<String> = archive.record(&id("A")).map_or(Vec::new(), |record| {
        let show = |link: &crate::document::Link| {
            let anchor = if archive.has_anchor(&record.document, link) { "" } else { ", no such anchor" };
            format!("{:?}{anchor}", archive.destination(&record.document, link))
        };
        record.document.body.links.iter().filter(|link| link.kind != LinkKind::Web).map(show).collect()
    });
    assert_eq!(
        destinations,
        [
            "Record(RecordId(\"B\"))",
            "Record(RecordId(\"B\"))",
            "Record(RecordId(\"B\"))",
            "Record(RecordId(\"zhao.min\"))",
            "Nothing",
            "Nothing",
            "Policy(\"house\")",
            "Policy(\"house\")",
            "Policy(\"house\")",
            "Attachment(ArchivePath(\"records/customers/scan.pdf\"))",
            "Nothing",
            "Nothing",
            "Here, no such anchor",
        ]
    );
}

#[test]
fn a_policy_goes_before_a_record_of_its_name() {
    let (archive, record) = record("type: customer\nid: house", "[[house]] [[house#第9条]] [[house#第2条]]");
    let link = |at: usize| &record.document.body.links[at];
    assert_eq!(archive.destination(&record.document, link(0)), Destination::Policy("house".into()));
    assert!(!archive.has_anchor(&record.document, link(1)));
    assert!(archive.has_anchor(&record.document, link(2)));
    assert_eq!(archive.incoming(&record.id), []);
}

#[test]
fn records_of_a_type_stand_by_date_then_id_and_none_of_one_id_is_lost() {
    let customer = |id: &str, opened: &str| format!("---\ntype: customer\nid: {id}\nopened: {opened}\nname: 甲\n---\n");
    let (b, a, d, c) = (customer("B", "2026-01-01"), customer("A", "2026-01-01"), customer("D", ""), customer("C", "2025-01-01"));
    let archive =
        archive(&[HOUSE, ("records/2.md", &b), ("records/1.md", &a), ("records/9.md", &d), ("records/5.md", &c), ("records/0.md", &c)]);
    let ids = |records: Vec<&Record>| records.iter().map(|r| format!("{} {}", r.id, r.document.path)).collect::<Vec<_>>();
    assert_eq!(
        ids(archive.of_type("customer").collect()),
        ["D records/9.md", "C records/0.md", "C records/5.md", "A records/1.md", "B records/2.md"]
    );
    assert_eq!(ids(archive.record(&RecordId::from("C")).into_iter().collect()), ["C records/0.md"]);
    assert_eq!(archive.records.len(), 5);
}

#[test]
fn settings_are_read_strictly() {
    let settings = |text: &str| Settings::of(&Sources::from_memory([("chancery.yaml", text)])).map_err(|error| error.to_string());
    let read = settings("name: 档案\ntime_zone: '+08:00'\ndemo_day: 2026-06-30\nlanguage: en\n").expect("these settings can be read");
    let moment = shape::timestamp("2026-03-05T23:00:00Z").expect("the time of this test is one");
    assert_eq!(read.day(moment).to_string(), "2026-03-06");
    assert_eq!(read.demo_day().map(|day| day.to_string()).as_deref(), Some("2026-06-30"));
    assert_eq!(settings("").map(|s| s.day(moment).to_string()), Ok("2026-03-05".to_owned()));
    assert_eq!(settings("time_zone: China").err().as_deref(), Some("chancery.yaml: time_zone `China` is not of the form +08:00"));
    assert_eq!(
        settings("demo_day: 2026-6-1").err().as_deref(),
        Some("chancery.yaml: demo_day `2026-6-1` is not a date of the form 2026-03-01")
    );
    assert!(settings("nmae: x").is_err_and(|error| error.starts_with("chancery.yaml cannot be read: ")));
}
