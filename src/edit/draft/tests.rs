use super::*;
use crate::{
    approval::Approvals,
    archive::{Archive, FieldEntry, FieldReading, Settings},
    check,
    diagnostic::{Finding, Severity},
    document,
    facts::Facts,
    source::Sources,
};
use std::path::Path;

const POLICY: &str = "---
policy: house
title: 来访登记办法
status: in-force
effective: 2024-01-01
owner: office
---
# 来访登记办法
## 第1条　登记
```yaml posts
posts:
  clerk: {label: {zh: 文员, en: Clerk}}
  head: {label: {zh: 主任, en: Head}}
departments:
  office: {label: {zh: 办公室, en: Office}}
```

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
folder: people
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
may: {left: date}
```

```yaml type
id: visit
label: {zh: 来访, en: Visit}
folder: visits/guests
prefix: V
date: date
must:
  date: date
  kind: call | letter
  contact: {person: text, phone?: phone}
  topics: list of text
  costs: [{due?: date, amount: money}]
may: {guest: text, firm: text, host: person, table: {note?: text}}
xor: [[guest, firm]]
labels:
  date: {zh: 日期, en: Date}
  kind: {zh: 方式, en: Kind}
  kind=call: {zh: 电话, en: Call}
sections: [经过, 结论]
```

```yaml settings
days: 3
```

## 第2条　批准
```yaml approval
for: visit
steps: [clerk, {post: head, when: kind == \"call\"}]
later: [结论]
```

```yaml rule
id: call-costs-nothing
for: visit
each: c in costs
when: kind == \"call\"
require: c.amount == 0
at: c.amount
say:
  zh: 电话{kind}不发生费用
  en: a {kind} costs nothing
```

```yaml duty
id: visit-in-time
for: person
need: visit
from: joined
within: days(settings.days)
who: self
say:
  zh: 入职后 {settings.days} 天内登记
  en: registered within {settings.days} days
```

```yaml style
id: no-perhaps
for: visit
sections: [经过]
avoid: [大概]
say: {zh: 不写推测之词, en: no guesswork}
```
";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 4).unwrap()
}

fn house() -> Policies {
    let policies = Policies::compile(&Sources::from_memory([("policies/house.md", POLICY)]), day());
    let mistakes: Vec<_> = policies.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    policies
}

fn drafted(policies: &Policies, name: &str, pairs: &[&str], lang: Lang) -> Draft {
    let record_type = policies.record_type(name).unwrap();
    let given = Given::read(record_type, pairs.iter().copied()).unwrap();
    draft(&DraftForm { record_type, policies, given: &given, today: day(), random: [7, 15, 3, 19], lang, view: None })
}

#[test]
fn a_draft_holds_every_field_every_section_and_every_article() {
    let draft = drafted(&house(), "visit", &[], Lang::Zh);
    let expected = "---
# 新建：来访
# 请填写冒号后空着的项目和正文各节。以 # 起首的行是说明，删去与否均可；“#项目:”一行是可以不填的项目，要填时去掉 #。
type: visit
id: V-20260304-7f3k
# 日期：日期，如 2026-03-04
date: 2026-03-04
# 方式：选填 call（电话）、letter
kind:
# contact：含以下各项
contact:
  # person：文字
  person:
  # phone（可不填）：电话号码
  #phone:
# topics：可写多条，每行一个“-”；每条：文字
topics:
-
# costs：可写多条，每条从“-”起，含以下各项
#   《来访登记办法》第2条：电话…不发生费用 [house.call-costs-nothing]
costs:
  # amount：金额，如 50000
- amount:
  # due（可不填）：日期，如 2026-03-04
  #due:
# guest（可不填）：文字
#   guest 和 firm 须填一项，且只填一项
guest:
# firm（可不填）：文字
#   firm 和 guest 须填一项，且只填一项
#firm:
# host（可不填）：一份“人员”的编号
#host:
# table（可不填）：含以下各项
#table:
#  # note（可不填）：文字
#  note:
";
    assert_eq!(draft.text.get(..expected.len()), Some(expected), "{}", draft.text);
    let rest = &draft.text[expected.len()..];
    let foot = "# 这类档案还须遵守：
#   《来访登记办法》第2条：依次由 文员 → 主任（kind == \"call\" 时） 批准；结论 可在批准以后填写
#   《来访登记办法》第2条：入职后 3 天内登记 [house.visit-in-time]
#   《来访登记办法》第2条：“经过”：不写推测之词 [house.no-perhaps]
---
## 经过

## 结论

";
    assert!(rest.ends_with(foot), "{rest}");
    assert_eq!(&*draft.path.0, "records/visits/guests/V-20260304-7f3k.md");
    assert_eq!(blanks(&draft), ["kind", "contact.person", "topics", "costs.amount", "guest", "## 经过", "## 结论"]);
}

fn blanks(draft: &Draft) -> Vec<String> {
    let name = |blank: &Blank| match blank {
        Blank::Field(path, _) => path.0.join("."),
        Blank::Section(name) => format!("## {name}"),
    };
    draft.blanks.iter().map(name).collect()
}

#[test]
fn what_is_given_stands_under_its_key_quoted_where_it_must_be() {
    let pairs = [
        "方式=call",
        "contact.person=a: b # c",
        "topics=价格， 交期,#3",
        "costs.amount=5",
        "firm=- x",
        "id=V-9",
        "table.note= ",
        "notes=\"x\"",
    ];
    let draft = drafted(&house(), "visit", &pairs, Lang::En);
    let lines = |start: &str| draft.text.lines().filter(|line| line.trim_start().starts_with(start)).map(str::trim).collect::<Vec<_>>();
    assert_eq!(lines("kind"), ["kind: call"]);
    assert_eq!(lines("person"), ["person: \"a: b # c\""]);
    assert_eq!(lines("- "), ["- 价格", "- 交期", "- \"#3\"", "- amount: 5"]);
    assert_eq!(lines("firm"), ["firm: \"- x\""]);
    assert_eq!(lines("#guest"), ["#guest:"]);
    assert_eq!(lines("notes"), ["notes: \"\\\"x\\\"\""]);
    assert_eq!(&*draft.path.0, "records/visits/guests/V-9.md");
    assert_eq!(blanks(&draft), ["## 经过", "## 结论"]);
}

#[test]
fn what_cannot_be_taken_is_told() {
    let policies = house();
    let read = |pairs: &[&str]| Given::read(policies.record_type("visit").unwrap(), pairs.iter().copied()).unwrap_err();
    let unknown = |written: &str, near: Option<&str>| GivenError::Unknown { written: written.to_owned(), near: near.map(str::to_owned) };
    assert_eq!(read(&["kind"]), GivenError::Form("kind".to_owned()));
    assert_eq!(read(&["kid=x"]), unknown("kid", Some("kind")));
    assert_eq!(read(&["方法=x"]), unknown("方法", Some("方式")));
    assert_eq!(read(&["colour=x"]), unknown("colour", None));
    assert_eq!(read(&["contact.phon=x"]), unknown("contact.phon", Some("contact.phone")));
    assert_eq!(read(&["kind.x=x"]), unknown("kind.x", Some("kind")));
    assert_eq!(read(&["type=x"]), unknown("type", None));
    assert_eq!(read(&["approvals=x"]), unknown("approvals", None));
    let columns = ["contact.person", "contact.phone"].map(str::to_owned).to_vec();
    assert_eq!(read(&["contact=x"]), GivenError::Table { written: "contact".to_owned(), columns });
    assert_eq!(read(&["kind=a", "方式=b"]), GivenError::Twice("方式".to_owned()));
    for id in ["../x", "a/b", "", ".x", "-x", "x.", "a b", "a\nb"] {
        assert_eq!(read(&[&format!("id={id}")]), GivenError::Id(id.to_owned()));
    }
}

#[test]
fn characters_are_none_that_are_mistaken_for_one_another() {
    assert_eq!(characters(&(0..=255).collect::<Vec<u8>>()), std::str::from_utf8(ALPHABET).unwrap().repeat(8));
    for look_alike in ['o', 'l', 'i', 'u', 'O', 'I'] {
        assert!(!ALPHABET.contains(&(look_alike as u8)));
    }
}

/// A value of a field's type; the tests of what it refers to stand elsewhere.
fn filling(field_type: &FieldType, policies: &Policies) -> String {
    match field_type {
        FieldType::Text | FieldType::Reference(_) | FieldType::PersonOrPost => "甲".to_owned(),
        FieldType::Date => "2026-03-04".to_owned(),
        FieldType::Time => "09:30".to_owned(),
        FieldType::Number | FieldType::Count | FieldType::Money => "12".to_owned(),
        FieldType::Timestamp => "2026-03-04T09:30:00+08:00".to_owned(),
        FieldType::YesNo => "yes".to_owned(),
        FieldType::Phone => "021-5555 0101".to_owned(),
        FieldType::Email => "a@b.example".to_owned(),
        FieldType::Url => "https://a.example".to_owned(),
        FieldType::Enumeration(members) => members[0].name.to_string(),
        FieldType::Department => policies.posts.departments.keys().next().unwrap().to_string(),
        FieldType::Post => policies.posts.posts.keys().next().unwrap().to_string(),
        FieldType::List(_) | FieldType::Table(_) => panic!("a list or a table is no blank"),
    }
}

/// Where the blanks of an entry stand, and what to write there.
fn fillings(entry: &FieldEntry, field_type: &FieldType, policies: &Policies, found: &mut Vec<(usize, String)>) {
    match (&entry.reading, field_type) {
        (FieldReading::Blank { .. }, _) => found.push((entry.key_span.end as usize, filling(field_type, policies))),
        (FieldReading::Rows(rows), FieldType::List(element)) => rows.iter().for_each(|row| fillings(row, element, policies, found)),
        (FieldReading::Table(cells), FieldType::Table(columns)) => {
            for (name, cell) in cells.iter() {
                let column = columns.iter().find(|column| column.name == *name).unwrap();
                fillings(cell, &column.field_type, policies, found);
            }
        }
        _ => {}
    }
}

/// Rulebooks, compiled, with their texts: a record is judged beside them.
struct House {
    texts: Vec<(String, Vec<u8>)>,
    policies: Policies,
}

impl House {
    fn of(texts: Vec<(String, Vec<u8>)>) -> House {
        let policies = Policies::compile(&Sources::from_memory(texts.clone()), day());
        House { texts, policies }
    }

    fn archive(&self, path: &str, text: &str) -> Archive {
        let sources = Arc::new(Sources::from_memory(self.texts.clone()).with(path, text));
        let policies = Arc::new(Policies::compile(&sources, day()));
        Archive::build(sources, policies, Settings::default())
    }

    /// The text with every blank filled in.
    fn filled(&self, draft: &Draft) -> String {
        let archive = self.archive(&draft.path.0, &draft.text);
        let record = archive.record(&draft.id).unwrap();
        assert_eq!((&record.unread, &record.document.findings), (&vec![], &vec![]), "{}", draft.text);
        let mut found = Vec::new();
        for field in &record.record_type.as_ref().unwrap().fields {
            if let Some(entry) = record.fields.get(&field.name) {
                fillings(entry, &field.field_type, &self.policies, &mut found);
            }
        }
        found.sort();
        let mut text = draft.text.clone();
        for (at, value) in found.into_iter().rev() {
            // Behind the colon of a key, or behind the mark of a row.
            let end = at + text[at..].find('\n').unwrap();
            text.insert_str(end, &format!(" {value}"));
        }
        text.replace("\n\n", "\n\n写明了。\n\n")
    }

    /// What is wrong with the structure of the record at a path, and with its document.
    fn faults(&self, path: &str, text: &str) -> Vec<String> {
        let archive = self.archive(path, text);
        let report = check::check(Facts::many(&archive, &Approvals::judge(&archive, day()), day()));
        let at_path = |finding: &&Finding| finding.span.is_some_and(|span| &*archive.sources.file(span.file).path.0 == path);
        let ours = report.findings.iter().filter(at_path);
        let ours = ours.filter(|finding| finding.code.starts_with("structure.") || finding.code.starts_with("document."));
        ours.map(|finding| format!("{} {}", finding.code, finding.message.en)).collect()
    }
}

/// With `#` taken away from every field that may be left out.
fn with_all_fields(text: &str) -> String {
    let optional = |line: &str| line.trim_start().strip_prefix('#').is_some_and(|rest| !rest.starts_with("   ") && !rest.starts_with(" "));
    let mut within: Option<usize> = None;
    let uncommented = text.lines().map(|line| {
        let indent = line.len() - line.trim_start().len();
        let goes_on = within == Some(indent)
            && (line[indent..].starts_with("#  ") || line[indent..].starts_with("#-"))
            && !line[indent..].starts_with("#   ");
        within = (optional(line) || goes_on).then_some(indent);
        if within.is_some() { line.replacen('#', "", 1) } else { line.to_owned() }
    });
    uncommented.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn a_draft_whose_blanks_are_filled_is_clean() {
    let house = House::of(vec![("policies/house.md".to_owned(), POLICY.into())]);
    for lang in [Lang::Zh, Lang::En] {
        for name in house.policies.types.keys() {
            let draft = drafted(&house.policies, name, &[], lang);
            assert_ne!(house.faults(&draft.path.0, &draft.text), [""; 0], "{name}: a blank is told");
            assert_eq!(house.faults(&draft.path.0, &house.filled(&draft)), [""; 0], "{name}");
        }
    }
}

/// The shipped rulebooks are the largest that there are.
#[test]
fn every_shipped_type_is_drafted_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some());
    let texts = files.map(|path| (format!("policies/{}", path.file_name().unwrap().to_str().unwrap()), std::fs::read(&path).unwrap()));
    let house = House::of(texts.collect());
    assert!(!house.policies.types.is_empty());
    for (name, own) in &house.policies.types {
        let draft = drafted(&house.policies, name, &[], Lang::Zh);
        let file = &Sources::from_memory([(&*draft.path.0, &*with_all_fields(&draft.text))]).files[0];
        let whole = document::parse(file);
        assert!(whole.findings.is_empty(), "{name}: {:?}\n{}", whole.findings, file.text);
        for field in &own.fields {
            assert!(whole.front.get(&field.name).is_some(), "{name}.{} in\n{}", field.name, file.text);
        }
        let filled = house.filled(&draft);
        assert_eq!(house.faults(&draft.path.0, &filled), [""; 0], "{name}\n{filled}");
    }
}
