//! What a record of an earlier version's time shows, and to whom; and the form of a record of that
//! time.

use chancery::{
    access::{Office, Reader},
    archive::{Settings, type_binding},
    diagnostic::Lang,
    edit::draft::{DraftForm, Given, draft},
    source::{RecordId, Sources},
};
use chrono::NaiveDate;

const HOUSE: &str = "---
policy: house
title: 内务制度
status: trial
effective: 2024-01-01
owner: house
---
## 第1条　人员

```yaml type
id: person
label: 人员
as: person
title: name
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
may: {left: date}
```

```yaml posts
posts:
  head: {label: 主任, held_by: [{person: tou, from: 2024-01-01}]}
  nurse: {label: 护士, held_by: [{person: hu, from: 2024-01-01}]}
departments:
  house: {label: 内务处, head: tou}
```

```yaml access
for: person
readers: [everyone]
```
";

fn version(effective: &str, blocks: &str) -> String {
    format!("---\npolicy: care\ntitle: 看护\nstatus: trial\neffective: {effective}\nowner: house\n---\n## 第1条　看护\n\n{blocks}")
}

fn sheet(title: &str, says: &str, hide: &str) -> String {
    format!(
        "```yaml type\nid: sheet\nlabel: 单\nfolder: {title}\ntitle: \"{title} {{on}}\"\ndate: on\n{says}```\n\n```yaml access\nfor: sheet\nreaders: [everyone]\n{hide}```\n"
    )
}

fn person(id: &str) -> (String, String) {
    let text =
        format!("---\ntype: person\nid: {id}\nname: {id}\njoined: 2024-01-01\nreporting: [{{from: 2024-01-01, department: house}}]\n---\n");
    (format!("records/{id}.md"), text)
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

/// Sheets of June and of July 2025, under two versions.
fn house(versions: [&str; 2], lines: &str) -> Office {
    let sheet = |id: &str, day: &str| (format!("records/{id}.md"), format!("---\ntype: sheet\nid: {id}\non: {day}\n{lines}---\n"));
    let policies = [("policies/house.md", HOUSE), ("policies/1.md", versions[0]), ("policies/2.md", versions[1])];
    let policies = policies.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let people = ["tou", "hu", "wu"].map(person);
    let records = [sheet("S-1", "2025-06-30"), sheet("S-2", "2025-07-01")];
    let sources = Sources::from_memory(policies.into_iter().chain(people).chain(records));
    Office::open(sources, Settings::default(), today())
}

/// What each of two readers is shown of a field: the nurse, and somebody else.
fn shown(office: &Office, record: &str, field: &str) -> [bool; 2] {
    ["hu", "wu"].map(|person| {
        let view = office.view(Reader::Person(RecordId::from(person)));
        view.record(&RecordId::from(record)).unwrap().value(field).is_some()
    })
}

const MUST: &str = "must: {on: date}\n";
const ILLNESS: &str = "must: {on: date}\nmay: {illness: text}\n";
const HIDDEN: &str = "hide: {illness: [nurse]}\n";

#[test]
fn a_field_that_went_out_of_use_stays_hidden_where_it_was_written() {
    let versions = [version("2025-01-01", &sheet("a", ILLNESS, HIDDEN)), version("2025-07-01", &sheet("b", MUST, ""))];
    let office = house([&versions[0], &versions[1]], "illness: 感冒\n");
    assert_eq!(shown(&office, "S-1", "illness"), [true, false]);
    assert_eq!(shown(&office, "S-2", "illness"), [false, false]);
}

#[test]
fn what_a_version_hides_it_hides_in_the_records_that_it_binds_and_todays_in_all() {
    let hidden = version("2025-01-01", &sheet("a", ILLNESS, HIDDEN));
    let office = house([&hidden, &version("2025-07-01", &sheet("b", ILLNESS, ""))], "illness: 感冒\n");
    assert_eq!([shown(&office, "S-1", "illness"), shown(&office, "S-2", "illness")], [[true, false], [true, true]]);
    let open = version("2025-01-01", &sheet("a", ILLNESS, ""));
    let office = house([&open, &version("2025-07-01", &sheet("b", ILLNESS, HIDDEN))], "illness: 感冒\n");
    assert_eq!([shown(&office, "S-1", "illness"), shown(&office, "S-2", "illness")], [[true, false], [true, false]]);
}

#[test]
fn a_record_is_called_as_its_own_version_calls_it() {
    let versions = [version("2025-01-01", &sheet("a", MUST, "")), version("2025-07-01", &sheet("b", MUST, ""))];
    let office = house([&versions[0], &versions[1]], "");
    let title = |id: &str| office.archive.record(&id.into()).unwrap().title.clone();
    assert_eq!([title("S-1"), title("S-2")], ["a 2025-06-30", "b 2025-07-01"]);
}

#[test]
fn a_new_record_of_an_earlier_day_is_drafted_as_the_version_of_that_day_demands() {
    let rule = "\n```yaml rule\nid: light\nfor: sheet\nrequire: weight < 100\nat: weight\nsay: {zh: 不重, en: light}\n```\n";
    let earlier = sheet("a", "must: {on: date, weight: number}\n", "") + rule;
    let versions = [version("2025-01-01", &earlier), version("2025-07-01", &sheet("b", ILLNESS, ""))];
    let office = house([&versions[0], &versions[1]], "weight: 1\n");
    let view = office.view(Reader::Folder);
    let drafted = |day: &str| {
        let policies = view.policies();
        let own = type_binding([("on", day)].into_iter(), policies.record_type("sheet").unwrap(), policies);
        let given = Given::read(own, [&*format!("on={day}")]).unwrap();
        draft(&DraftForm { record_type: own, policies, given: &given, today: today(), random: [0; 4], lang: Lang::En, view: Some(&view) })
    };
    let (old, new) = (drafted("2025-06-30"), drafted("2025-07-01"));
    assert!(old.path.0.starts_with("records/a/") && old.text.contains("\nweight:") && old.text.contains("light"), "{}", old.text);
    assert!(new.path.0.starts_with("records/b/") && !new.text.contains("weight") && !new.text.contains("light"), "{}", new.text);
}
