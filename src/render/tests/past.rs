//! What was wrong and is over: on its own page, at the record, at the block; and what has taken a
//! record's place.

use super::{attributes, pages};
use crate::{
    access::{Office, Reader},
    archive::Settings,
    source::Sources,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

const POLICY: &str = r#"---
policy: house
title: 收发制度
status: in-force
effective: 2020-01-01
owner: office
---
# 收发制度

## 第1条　人员

```yaml posts
posts:
  clerk: {label: {zh: 文书, en: Clerk}, held_by: [{person: li.na, from: 2020-01-01}]}
departments:
  office: {label: {zh: 办公室, en: Office}, head: li.na}
```

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
title: name
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
```

## 第2条　来信

```yaml type
id: letter
label: {zh: 来信, en: Letter}
title: "{subject}"
date: received
must: {subject: text, received: date}
may: {answered: date}
```

```yaml type
id: secret
label: {zh: 密信, en: Secret}
title: "{subject}"
date: received
must: {subject: text, received: date}
may: {answered: date}
```

```yaml duty
id: answer
for: [letter, secret]
need: answered
by: received + 10 days
who: clerk
say: {zh: "{subject}须在十天内答复", en: "{subject} is answered within ten days"}
```

## 第3条　说明

```yaml type
id: note
label: {zh: 违规处理说明, en: Breach note}
as: breach-note
title: "说明 {record}"
date: written
author: author
must: {rule: text, record: record, day: date, done: text, author: person, written: date}
```

```yaml access
for: [person, letter]
readers: [everyone]
```

```yaml access
for: [secret, note]
readers: [clerk]
```
"#;

const PERSON: &str =
    "---\ntype: person\nid: li.na\nname: 李娜\nreporting: [{from: 2020-01-01, department: office}]\njoined: 2020-01-01\n---\n";

type Record = (&'static str, &'static str);

const LATE: Record = ("L-1", "type: letter\nid: L-1\nsubject: 甲信\nreceived: 2026-01-02\nanswered: 2026-01-20\n");
const IN_TIME: Record = ("L-2", "type: letter\nid: L-2\nsubject: 乙信\nreceived: 2026-01-02\nanswered: 2026-01-10\n");
const OPEN: Record = ("L-3", "type: letter\nid: L-3\nsubject: 丙信\nreceived: 2026-01-03\n");
const AGAIN: Record = ("L-4", "type: letter\nid: L-4\nsubject: 丙信重录\nreceived: 2026-01-25\nanswered: 2026-01-25\nsupersedes: L-3\n");
const SECRET: Record = ("S-1", "type: secret\nid: S-1\nsubject: 不可外传\nreceived: 2026-01-02\nanswered: 2026-01-22\n");
const NOTE: Record =
    ("N-1", "type: note\nid: N-1\nrule: house.answer\nrecord: L-1\nday: 2026-01-20\ndone: 已赔礼\nauthor: li.na\nwritten: 2026-01-21\n");

fn office(records: &[Record]) -> Office {
    let own = [("policies/house.md".to_owned(), POLICY.to_owned()), ("records/li.na.md".to_owned(), PERSON.to_owned())];
    let records = records.iter().map(|(id, front)| (format!("records/{id}.md"), format!("---\n{front}---\n")));
    let settings = Settings { name: "澜川档案室".to_owned(), name_en: Some("Lanchuan".to_owned()), ..Settings::default() };
    let office = Office::open(Sources::from_memory(own.into_iter().chain(records)), settings, NaiveDate::from_ymd_opt(2026, 2, 1).unwrap());
    let mistakes: Vec<_> = office.archive.policies.findings.iter().map(|finding| &finding.message.zh).collect();
    assert!(mistakes.is_empty(), "{mistakes:?}");
    office
}

fn everyone(records: &[Record]) -> BTreeMap<String, String> {
    pages(&office(records), Reader::Everyone)
}

fn clerk(records: &[Record]) -> BTreeMap<String, String> {
    pages(&office(records), Reader::Person("li.na".into()))
}

/// The text of a page between its tags, blanks drawn together.
fn words(page: &str) -> String {
    let pieces = page.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
    pieces.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_was_wrong_stands_behind_a_tab_by_rule() {
    let pages = clerk(&[LATE, IN_TIME, OPEN, AGAIN, SECRET, NOTE]);
    let (now, past) = (words(&pages["/findings/"]), words(&pages["/findings/past/"]));
    assert!(now.contains("现在 0 过去 3"), "{now}");
    assert!(attributes(&pages["/findings/"], "href").contains(&"past/index.html"));
    assert!(attributes(&pages["/findings/past/"], "href").contains(&"../index.html"));
    assert!(past.contains("《收发制度》第2条 house.answer 3 次 其中已处理 1 次"), "{past}");
    assert!(past.contains("2026-01-13 至 2026-01-20 8 天 甲信须在十天内答复；应于 2026-01-12 完成，2026-01-20 才完成，迟 8 天，由文书负责 甲信 已处理 说明 L-1"), "{past}");
    assert!(past.contains("丙信须在十天内答复") && past.contains("已被取代： 丙信重录"), "{past}");
    let english = words(&pages["/en/findings/past/"]);
    assert!(english.contains("Now 0 Past 3") && english.contains("times: 3 dealt with: 1"), "{english}");
    assert!(words(&clerk(&[IN_TIME])["/findings/past/"]).contains("没有过去的违规。"));
}

#[test]
fn a_record_shows_its_own_and_what_has_taken_its_place() {
    let pages = clerk(&[LATE, IN_TIME, OPEN, AGAIN, SECRET, NOTE]);
    let (late, superseded, later) = (&pages["/records/L-1/"], &pages["/records/L-3/"], &pages["/records/L-4/"]);
    assert!(late.contains("<details class=\"breaches-own\">"), "it is folded: {late}");
    assert!(words(late).contains("过去的违规 1 2026-01-13 至 2026-01-20 8 天 甲信须在十天内答复"), "{}", words(late));
    assert!(attributes(late, "href").contains(&"../N-1/index.html"));
    assert!(words(superseded).contains("已被取代： 丙信重录 2026-01-25"), "{}", words(superseded));
    assert!(words(later).contains("取代 丙信") && attributes(later, "href").contains(&"../L-3/index.html"), "{}", words(later));
    assert!(!pages["/records/L-2/"].contains("breaches-own"));
}

#[test]
fn a_block_counts_what_the_reader_may_know() {
    let all = [LATE, IN_TIME, OPEN, SECRET];
    let figures = |pages: &BTreeMap<String, String>| {
        let page = &pages["/policies/house/"];
        let at = page.find("class=\"figures\"").expect("the duty has figures");
        words(&page[at - 3..page[at..].find("</p>").unwrap() + at])
    };
    // To the clerk one of four was in time, one is still open; of the three letters all know.
    assert_eq!(figures(&clerk(&all)), "现有 1 过去 2 按期 25%");
    assert_eq!(figures(&everyone(&all)), "现有 1 过去 1 按期 33%");
    assert!(everyone(&all)["/policies/house/"].contains("只计您可以知道的"));
    assert!(everyone(&all)["/policies/house/"].contains("href=\"../../findings/past/index.html#house.answer\""));
}

/// Neither the breach of a hidden record, nor a hidden note about one that is seen.
#[test]
fn what_is_hidden_leaves_no_trace_in_the_past() {
    let seen = [LATE, IN_TIME, OPEN, AGAIN];
    let without = everyone(&seen);
    assert!(without["/findings/past/"].contains("甲信"));
    for hidden in [SECRET, NOTE] {
        let with = everyone(&[&seen[..], &[hidden]].concat());
        for (address, text) in &with {
            assert_eq!(Some(text), without.get(address), "{}: {address}", hidden.0);
        }
        assert_eq!(with.len(), without.len());
    }
}
