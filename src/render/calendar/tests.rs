//! Calendars of a small archive, read back line by line as RFC 5545 has them.

use super::*;
use crate::{
    access::{Office, Reader},
    archive::{Settings, shape},
    source::{RecordId, Sources},
};
use std::collections::BTreeSet;

const POLICY: &str = r#"---
policy: house
title: 收款办法
status: in-force
effective: 2020-01-01
owner: office
---
# 收款办法

## 第1条　人员

```yaml posts
posts:
  chief: {label: {zh: 总管, en: Chief}, held_by: [{person: lin, from: 2020-01-01}]}
departments:
  office: {label: {zh: 办公室, en: Office}, head: lin}
```

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
title: name
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date}
```

```yaml type
id: card
label: {zh: 资料卡, en: Card}
title: name
date: opened
must: {name: text, opened: date, seller: person}
may: {orders: [{date: date, product: text, amount: money, due?: date, paid?: money, paid_date?: date}]}
```

```yaml type
id: visit
label: {zh: 访问, en: Visit}
date: date
must: {card: card, date: date}
```

```yaml access
for: [person, visit]
readers: [everyone]
```

```yaml access
for: card
readers: [chief]
```

## 第2条　期限

```yaml duty
id: paid
for: card
each: o in orders
where: has(o.due)
need: o.paid_date
by: o.due
who: seller
say: {zh: "{o.product} 的货款 {o.amount} 元须收清", en: "{o.amount} for {o.product} is to be paid"}
```

```yaml duty
id: visited
for: card
need: visit
from: opened
every: 1 month
who: chief
say: {zh: 每月访问一次, en: a visit every month}
```
"#;

fn person(id: &str, name: &str) -> (String, String) {
    let text = format!(
        "---\ntype: person\nid: {id}\nname: {name}\njoined: 2020-01-01\nreporting: [{{from: 2020-01-01, department: office}}]\n---\n"
    );
    (format!("records/{id}.md"), text)
}

/// A card of Wu's, opened on a day, with rows of orders.
fn card(id: &str, name: &str, opened: &str, orders: &str) -> (String, String) {
    let orders = if orders.is_empty() { String::new() } else { format!("orders:\n{orders}") };
    (format!("records/{id}.md"), format!("---\ntype: card\nid: {id}\nname: \"{name}\"\nopened: {opened}\nseller: wu\n{orders}---\n"))
}

fn visit(id: &str, card: &str, date: &str) -> (String, String) {
    (format!("records/{id}.md"), format!("---\ntype: visit\nid: {id}\ncard: {card}\ndate: {date}\n---\n"))
}

fn office(records: &[(String, String)], on: &str) -> Office {
    let policy = ("policies/house.md".to_owned(), POLICY.to_owned());
    let people = [person("lin", "林总"), person("wu", "吴敏"), person("mei", "梅兰")];
    let sources = Sources::from_memory([policy].into_iter().chain(people).chain(records.iter().cloned()));
    let settings = Settings { name: "澜川档案室".to_owned(), name_en: Some("Lanchuan, records".to_owned()), ..Settings::default() };
    let office = Office::open(sources, settings, shape::date(on).unwrap());
    let mistakes: Vec<_> = office.archive.policies.findings.iter().filter(|f| !f.code.ends_with("block")).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    office
}

fn written(office: &Office, reader: &str, lang: Lang) -> String {
    let reader = if reader.is_empty() { Reader::Folder } else { Reader::Person(RecordId::from(reader)) };
    calendar(&office.view(reader), lang)
}

type Properties = BTreeMap<String, String>;

/// The calendar's own properties, and those of each event: lines unfolded, values with their
/// escapes taken away.
fn read(text: &str) -> (Properties, Vec<Properties>) {
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "lines end in CRLF: {text:?}");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
    }
    let (mut head, mut events, mut open) = (Properties::new(), Vec::new(), None);
    let unfolded = text.replace("\r\n ", "");
    let mut lines = unfolded.split_terminator("\r\n");
    assert_eq!(lines.next(), Some("BEGIN:VCALENDAR"));
    for line in lines {
        let (key, value) = line.split_once(':').unwrap();
        match (key, value) {
            ("BEGIN", "VEVENT") => assert!(open.replace(Properties::new()).is_none()),
            ("END", "VEVENT") => events.extend(open.take()),
            ("END", "VCALENDAR") => return (head, events),
            _ => {
                let taken = open.as_mut().unwrap_or(&mut head).insert(key.to_owned(), unescaped(value));
                assert_eq!(taken, None, "{key} stands once");
            }
        }
    }
    panic!("the calendar does not end: {text}");
}

fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        text.push(match c {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some(c) => c,
                None => panic!("{value} ends in an escape"),
            },
            c => c,
        });
    }
    text
}

fn events(office: &Office, reader: &str, lang: Lang) -> Vec<Properties> {
    read(&written(office, reader, lang)).1
}

fn uids(events: &[Properties]) -> BTreeSet<&str> {
    let all: BTreeSet<&str> = events.iter().map(|event| &*event["UID"]).collect();
    assert_eq!(all.len(), events.len(), "every event has a UID of its own");
    all
}

/// Date and title of each event.
fn told(events: &[Properties]) -> Vec<String> {
    events.iter().map(|event| format!("{} {}", event["DTSTART;VALUE=DATE"], event["SUMMARY"])).collect()
}

const TWO: &str =
    "- {date: 2026-01-05, product: 泵, amount: 100, due: 2026-02-05}\n- {date: 2026-01-05, product: 阀, amount: 200, due: 2026-02-05}\n";

#[test]
fn an_event_is_the_day_of_a_duty_with_all_that_the_list_says() {
    let office = office(&[card("K-1", "恒润纺织", "2026-01-31", TWO)], "2026-02-20");
    let (head, found) = read(&written(&office, "", Lang::Zh));
    assert_eq!(head["VERSION"], "2.0");
    assert_eq!(head["X-WR-CALNAME"], "澜川档案室：到期事项");
    assert_eq!(
        told(&found),
        [
            "20260205 逾期：泵的货款 100 元须收清 · 恒润纺织",
            "20260205 逾期：阀的货款 200 元须收清 · 恒润纺织",
            "20260228 每月访问一次 · 恒润纺织"
        ]
    );
    let last = &found[2];
    assert_eq!(last["DESCRIPTION"], "每月访问一次\n所涉档案：K-1 恒润纺织\n承办：林总\n依据：《收款办法》第2条");
    assert_eq!(last["DTSTAMP"], "20260220T000000Z");
    assert_eq!((&*last["TRANSP"], &*last["CLASS"], &*last["CATEGORIES"]), ("TRANSPARENT", "PRIVATE", "将到期,收款办法"));
    assert!(last["UID"].ends_with("@due.chancery") && last["UID"].len() == 32 + "@due.chancery".len());

    let (head, found) = read(&written(&office, "", Lang::En));
    assert_eq!(head["X-WR-CALNAME"], "Lanchuan, records: what is due");
    assert_eq!(told(&found)[1..], ["20260205 Overdue: 200 for 阀 is to be paid · 恒润纺织", "20260228 a visit every month · 恒润纺织"]);
    assert_eq!(found[2]["DESCRIPTION"], "a visit every month\nAbout: K-1 恒润纺织\nWho: 林总\nUnder: “收款办法”, 第2条");
}

#[test]
fn a_month_after_a_months_last_day_is_the_next_ones_last_day() {
    for (opened, on, due) in [
        ("2026-01-31", "2026-02-20", "20260228"),
        ("2024-01-31", "2024-02-20", "20240229"),
        ("2024-02-29", "2024-03-20", "20240329"),
        ("2025-12-31", "2026-01-20", "20260131"),
        ("2026-03-31", "2026-04-29", "20260430"),
    ] {
        let found = events(&office(&[card("K-1", "恒润纺织", opened, "")], on), "", Lang::Zh);
        assert_eq!(told(&found), [format!("{due} 每月访问一次 · 恒润纺织")], "{opened}");
    }
}

#[test]
fn the_same_view_on_the_same_day_gives_the_same_bytes() {
    let records = [card("K-1", "恒润纺织", "2026-01-31", TWO), card("K-2", "远大", "2026-01-31", TWO)];
    for reader in ["", "lin", "wu", "mei"] {
        let written = |_| written(&office(&records, "2026-02-20"), reader, Lang::Zh);
        assert_eq!(written(1), written(2), "{reader}");
    }
}

/// UIDs and titles of two calendars, of which the second is to have lost those of these places and
/// nothing else.
#[track_caller]
fn only_lost(before: &[Properties], after: &[Properties], lost: &[usize]) {
    let kept = before.iter().enumerate().filter(|(place, _)| !lost.contains(place)).map(|(_, event)| event.clone());
    assert_eq!(uids(after), uids(&kept.collect::<Vec<_>>()));
}

#[test]
fn a_uid_stays_from_day_to_day_in_every_language_and_for_every_reader_who_knows() {
    let records = [card("K-1", "恒润纺织", "2026-01-31", TWO)];
    let first = events(&office(&records, "2026-02-20"), "", Lang::Zh);
    let later = office(&records, "2026-02-25");
    only_lost(&first, &events(&later, "", Lang::Zh), &[]);
    only_lost(&first, &events(&later, "", Lang::En), &[]);
    only_lost(&first, &events(&later, "lin", Lang::Zh), &[]);
}

#[test]
fn a_uid_stays_when_other_rows_and_records_change() {
    let before = events(&office(&[card("K-1", "恒润纺织", "2026-01-31", TWO)], "2026-02-20"), "", Lang::Zh);
    // The first order is paid.
    let paid = TWO.replacen("due: 2026-02-05}", "due: 2026-02-05, paid: 100, paid_date: 2026-02-10}", 1);
    only_lost(&before, &events(&office(&[card("K-1", "恒润纺织", "2026-01-31", &paid)], "2026-02-20"), "", Lang::Zh), &[0]);
    // A part of it is paid, and it may be paid later.
    let partly = TWO.replacen("due: 2026-02-05}", "due: 2026-02-15, paid: 50}", 1);
    only_lost(&before, &events(&office(&[card("K-1", "恒润纺织", "2026-01-31", &partly)], "2026-02-20"), "", Lang::Zh), &[]);
    // Another order stands before them, the card has another name, and there is another card with
    // the same orders.
    let more = format!("- {{date: 2026-01-01, product: 管, amount: 1}}\n{TWO}");
    let records = [card("K-1", "恒润", "2026-01-31", &more), card("K-2", "远大", "2026-01-31", TWO)];
    let after = events(&office(&records, "2026-02-20"), "", Lang::Zh);
    assert!(uids(&after).is_superset(&uids(&before)) && after.len() == 6);
}

/// Two instalments of one order have all in common but the day, and a day may be put off.
#[test]
fn of_rows_that_are_alike_each_keeps_its_uid_when_another_is_done() {
    let rows = "- {date: 2026-01-05, product: 泵, amount: 100, due: 2026-02-05}\n- {date: 2026-01-05, product: 泵, amount: 100, due: 2026-02-15}\n";
    let before = events(&office(&[card("K-1", "恒润纺织", "2026-02-20", rows)], "2026-02-20"), "", Lang::Zh);
    assert_eq!(uids(&before).len(), 2);
    let paid = rows.replacen("due: 2026-02-05}", "due: 2026-02-05, paid_date: 2026-02-06}", 1);
    only_lost(&before, &events(&office(&[card("K-1", "恒润纺织", "2026-02-20", &paid)], "2026-02-20"), "", Lang::Zh), &[0]);
}

#[test]
fn a_visit_moves_the_event_and_leaves_its_uid() {
    let card = || card("K-1", "恒润纺织", "2026-01-31", "");
    let before = events(&office(&[card()], "2026-02-20"), "", Lang::Zh);
    let after = events(&office(&[card(), visit("V-1", "K-1", "2026-02-27")], "2026-03-20"), "", Lang::Zh);
    only_lost(&before, &after, &[]);
    assert_eq!(told(&after), ["20260327 每月访问一次 · 恒润纺织"]);
}

#[test]
fn who_may_not_know_has_no_event() {
    let office = office(&[card("K-1", "恒润纺织", "2026-01-31", TWO)], "2026-02-20");
    let (head, found) = read(&written(&office, "mei", Lang::Zh));
    assert_eq!((&*head["X-WR-CALNAME"], found), ("澜川档案室：到期事项", Vec::new()));
}

/// Wu has to see that it is paid, and may not read the card: he is told the card, the duty and the
/// day.
#[test]
fn who_is_told_of_a_duty_learns_nothing_of_the_row_from_its_uid() {
    let calendar = |orders: &str| written(&office(&[card("K-1", "恒润纺织", "2026-02-20", orders)], "2026-02-20"), "wu", Lang::Zh);
    let told_to_wu = calendar(TWO);
    let (_, found) = read(&told_to_wu);
    assert_eq!(told(&found), ["阀的货款 200", "泵的货款 100"].map(|what| format!("20260205 逾期：{what} 元须收清 · 恒润纺织")));
    uids(&found);
    // Of other days, in another order, partly paid, with a row more that is not due: the same
    // bytes, for the sentence says no more.
    let others = "- {date: 2026-01-09, product: 管, amount: 7}\n- {date: 2026-01-08, product: 阀, amount: 200, due: 2026-02-05, paid: 3}\n- {date: 2025-12-31, product: 泵, amount: 100, due: 2026-02-05}\n";
    assert_eq!(calendar(others), told_to_wu);
    // Of two one is left; it does not tell that it is another row.
    let rows: Vec<&str> = TWO.lines().collect();
    let [first, last] = [rows[0], rows[rows.len() - 1]].map(|row| read(&calendar(&format!("{row}\n"))).1);
    assert_eq!(uids(&first), uids(&last));
    assert!(uids(&found).is_superset(&uids(&first)) && first.len() == 1);
}

#[test]
fn long_and_odd_text_is_folded_between_characters_and_escaped() {
    let name = "恒润，\\\"纺织\\\"; a, b\\\\n\\r\\n第二行\\t\\u0007".to_owned() + &"很长的名称，".repeat(60);
    let found = events(&office(&[card("K-1", &name, "2026-01-31", "")], "2026-02-20"), "", Lang::Zh);
    let title = &found[0]["SUMMARY"];
    assert!(title.starts_with("每月访问一次 · 恒润，\"纺织\"; a, b\\n"), "{title}");
    assert!(title.ends_with('…') && title.chars().count() == TITLE + 1, "{title}");
    let description = &found[0]["DESCRIPTION"];
    assert!(description.contains(&"很长的名称，".repeat(60)) && !description.contains(['\u{7}', '\r', '\t']), "{description}");
    assert!(description.contains("\n承办：林总\n依据"));
}

/// Every length around those at which a line is folded once and twice.
#[test]
fn lines_of_every_length_are_folded_at_75_octets() {
    for length in 0..240 {
        for letter in ["a", "é", "汉", "𠀀", " "] {
            let line = letter.repeat(length);
            let folded = folded(&format!("X:{line}\r\nY:1\r\n"));
            assert!(folded.split("\r\n").all(|piece| piece.len() <= 75), "{length} {letter}");
            assert_eq!(folded.replace("\r\n ", ""), format!("X:{line}\r\nY:1\r\n"));
        }
    }
}
