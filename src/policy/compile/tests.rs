use crate::{
    diagnostic::Finding,
    policy::{BlockKind, Cadence, DutyDue, DutyNeed, FieldType, Party, Policies, Role, Value, list::list},
    source::{Room, Sources},
};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// What the policies under test rest on.
const HOUSE: &str = r#"---
policy: house
title: 基本制度
status: in-force
effective: 2020-01-01
owner: office
---
## 第1条　人员与岗位

```yaml posts
posts:
  manager: {label: {zh: 经理, en: Manager}, held_by: [{person: li.na, from: 2020-01-01}]}
  clerk: {label: 文员, reports_to: manager}
departments:
  office: {label: {zh: 办公室, en: Office}, head: li.na}
  sales: {label: {zh: 销售部, en: Sales}}
```

```yaml type
id: person
as: person
label: {zh: 人员, en: Person}
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
may: {left: date}
```

## 第2条　客户

```yaml type
id: customer
label: {zh: 客户, en: Customer}
title: name
author: keeper
must: {name: text, grade: A | B | C, limit: money, keeper: person, opened: date}
may: {closed: date, orders: [{date: date, amount: money, due?: date}]}
sections: [信用状况, 交易记录]
history: {grade: {from: review, at: date, value: to}}
```

```yaml type
id: review
label: {zh: 核查, en: Review}
date: date
must: {customer: customer, author: person, date: date, to: A | B | C}
```

```yaml type
id: grant
as: authorisation
label: {zh: 授权, en: Grant}
must: {readers: list of (person or post), covers: list of record, from: date, until: date, may_export: yes|no}
may: {revoked: date}
```
"#;

const FRONT: &str = "---\npolicy: p\ntitle: 试验\nstatus: in-force\neffective: 2025-01-01\nowner: office\n---\n## 第1条　甲\n\n";

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day")
}

fn compile(files: &[(&str, &str)]) -> (Sources, Policies) {
    let sources = Sources::from_memory(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    let policies = Policies::compile(&sources, today());
    (sources, policies)
}

fn told(sources: &Sources, finding: &Finding) -> String {
    let at = finding.span.map_or("-".into(), |span| {
        let position = sources.position(span.file, span.start);
        format!("{}:{}", position.line, position.column)
    });
    let fix = finding.fix.as_ref().map_or(String::new(), |fix| format!(" [{}]", fix.en));
    format!("{at} {} {}{fix}", finding.code, finding.message.en)
}

/// The findings in `policies/p.md`, and that no other document has any.
#[track_caller]
fn check_document(text: &str, expected: &[&str]) -> Policies {
    let (sources, policies) = compile(&[("policies/house.md", HOUSE), ("policies/p.md", text)]);
    let found: Vec<String> = policies.findings.iter().map(|f| told(&sources, f)).collect();
    assert_eq!(found, expected, "{text}");
    let own = sources.by_path("policies/p.md").map(|f| f.id);
    assert!(policies.findings.iter().all(|f| f.span.map(|s| s.file) == own), "{:#?}", policies.findings);
    policies
}

/// The same for blocks under one article; the first line of `blocks` is line 10.
#[track_caller]
fn check(blocks: &str, expected: &[&str]) -> Policies {
    check_document(&format!("{FRONT}{}", blocks.trim_start()), expected)
}

fn ids(policies: &Policies) -> Vec<&str> {
    policies.versions.iter().filter(|p| &*p.id == "p").flat_map(|p| &p.blocks).map(|b| &*b.id).collect()
}

const GOOD: &str = r#"
```yaml settings
most: 5万
share: 50%
days: 14
```

```yaml rule
id: c-limit
for: customer
when: grade == "C"
require: limit <= settings.most
at: limit
say: {zh: "额度最高为 {settings.most}", en: "at most {settings.most}, not {limit}"}
fix: {zh: 降低额度, en: lower it}
examples:
- holds: {grade: C, limit: 50000}
- breaks: {grade: C, limit: 50001}
```
"#;

#[test]
fn blocks_become_typed_values_with_their_citations() {
    let policies = check(GOOD, &[]);
    let policy = policies.versions.iter().find(|p| &*p.id == "p").expect("the policy");
    assert_eq!(policy.settings.get("most"), Some(&Value::Number(Decimal::from(50_000))));
    assert_eq!(ids(&policies), ["p.settings", "p.c-limit"]);
    let BlockKind::Rule(rule) = &policy.blocks[1].kind else { panic!("a rule") };
    let cited = (&*rule.citation.policy, &*rule.citation.title, &*rule.citation.article, rule.citation.line, policy.blocks[1].line);
    assert_eq!(cited, ("p", "试验", "第1条", 8, 16));
    assert_eq!(
        rule.examples.iter().map(|e| e.expected).collect::<Vec<_>>(),
        [crate::policy::Expected::Holds, crate::policy::Expected::Breaks]
    );
    assert_eq!(policies.posts.posts["clerk"].reports_to.as_deref(), Some("manager"));
}

#[test]
fn the_list_is_what_other_programs_read() {
    let policies = check(GOOD, &[]);
    let lines: Vec<String> = list(&policies).filter(|l| l.policy == "p").map(|l| serde_json::to_string(&l).expect("it is JSON")).collect();
    assert_eq!(
        lines,
        [
            r#"{"id":"p.settings","kind":"settings","policy":"p","article":"第1条","for":null,"path":"policies/p.md","line":10,"examples":{"holds":0,"breaks":0},"say":null}"#,
            r#"{"id":"p.c-limit","kind":"rule","policy":"p","article":"第1条","for":"customer","path":"policies/p.md","line":16,"examples":{"holds":1,"breaks":1},"say":{"zh":"额度最高为 {settings.most}","en":"at most {settings.most}, not {limit}"}}"#,
        ]
    );
}

#[test]
fn a_bad_block_leaves_the_others_standing() {
    let bad =
        "\n```yaml rule\nid: bad\nfor: custmer\nrequire: limit > 0\nsay: {zh: 甲, en: a}\n```\n\n```yaml type\nid: odd\nlabel: [\n```\n";
    let policies = check(
        &format!("{}{bad}", GOOD.trim_start()),
        &[
            "31:6 policy.type there is no type “custmer” [write “customer”]",
            "38:8 policy.block a bracket is not closed, or a comma is missing between two entries [write the ‘]’ or ‘}’, and plain commas between the entries]",
        ],
    );
    assert_eq!(ids(&policies), ["p.settings", "p.c-limit"]);
}

#[test]
fn front_matter_is_checked_key_by_key() {
    check_document(
        "---\npolicy: p\ntitel: 试验\nstatus: in force\neffective: 2025-1-1\nowner: ofice\nrefers_to: [house, hose]\n---\n",
        &[
            "1:1 policy.front-matter “title” is missing [add a line `title: …`]",
            "3:1 policy.front-matter there is no key “titel” here [write “title”]",
            "4:9 policy.status there is no status “in force”; a policy is one of draft, trial, in-force, withdrawn [write “in-force”]",
            "5:12 policy.front-matter “2025-1-1” is not a date (as 2026-03-01)",
            "6:8 policy.reference there is no department “ofice” [write “office”]",
            "7:20 policy.reference there is no policy “hose” [write “house”]",
        ],
    );
    check_document(
        "---\ntitle: 试验\nstatus: draft\neffective: 2025-01-01\nowner: office\n---\n",
        &["1:1 policy.front-matter “policy” is missing [add a line `policy: …`]"],
    );
}

#[test]
fn versions_of_one_policy_stand_side_by_side() {
    let version = |day: &str, status: &str, most: &str| {
        format!(
            "---\npolicy: p\ntitle: 试验\nstatus: {status}\neffective: {day}\nowner: office\n---\n## 1 a\n```yaml settings\nmost: {most}\n```\n"
        )
    };
    let (old, new, draft) =
        (version("2024-01-01", "in-force", "1"), version("2026-01-01", "trial", "2"), version("2026-01-01", "draft", "3"));
    let (_, policies) =
        compile(&[("policies/a.md", &new), ("policies/b.md", &old), ("policies/c.md", &draft), ("policies/house.md", HOUSE)]);
    assert_eq!(policies.findings, []);
    let most = |day: (i32, u32, u32)| {
        let day = NaiveDate::from_ymd_opt(day.0, day.1, day.2).expect("a day");
        policies.in_force(day).find(|p| &*p.id == "p").map(|p| p.settings["most"].clone())
    };
    assert_eq!(most((2023, 12, 31)), None);
    assert_eq!(most((2025, 12, 31)), Some(Value::Number(Decimal::ONE)));
    assert_eq!(most((2026, 1, 1)), Some(Value::Number(Decimal::TWO)));

    let (sources, policies) = compile(&[("policies/a.md", &new), ("policies/b.md", &new), ("policies/house.md", HOUSE)]);
    let found: Vec<String> = policies.findings.iter().map(|f| told(&sources, f)).collect();
    assert_eq!(found, ["5:12 policy.status two versions of policy “p” take effect on the same day"]);
}

#[test]
fn types_of_the_version_in_force_today_count() {
    let version = |day: &str, field: &str| {
        format!(
            "---\npolicy: p\ntitle: 试验\nstatus: in-force\neffective: {day}\nowner: office\n---\n## 1 a\n```yaml type\nid: note\nlabel: 记事\nmust: {{{field}: text}}\n```\n\n```yaml rule\nid: r\nfor: note\nrequire: {field} != \"\"\nsay: {{zh: 甲, en: a}}\nexamples:\n- holds: {{{field}: x}}\n```\n"
        )
    };
    let (old, new, next) = (version("2024-01-01", "old"), version("2025-06-01", "new"), version("2027-01-01", "next"));
    let (_, policies) =
        compile(&[("policies/a.md", &old), ("policies/b.md", &new), ("policies/c.md", &next), ("policies/house.md", HOUSE)]);
    assert_eq!(policies.findings, []);
    assert_eq!(&*policies.types["note"].fields[0].name, "new");
    assert_eq!(policies.versions.iter().filter(|p| &*p.id == "p").map(|p| p.blocks.len()).collect::<Vec<_>>(), [2, 2, 2]);
}

#[test]
fn a_fence_is_a_block_where_its_info_string_names_a_kind() {
    let fences = "```yaml\nfor: illustration\n```\n\n```yaml ruel\n```\n\n```YAML rule\n```\n\n```rule\n```\n\n```yaml rule x\n```\n\n```rust\n```\n\n```yaml rule\n- a\n```\n\n```yaml style\n```\n\n```yaml posts\n";
    check(
        fences,
        &[
            "14:4 policy.block there is no kind of block “ruel”; the kinds are type, rule, duty, approval, access, style, posts, settings [write “yaml rule”]",
            "17:4 policy.block “YAML rule” names no kind of block [write “yaml rule”]",
            "20:4 policy.block a rule block is written “yaml rule” [write “yaml rule”]",
            "23:4 policy.block nothing may follow the kind of a block [write “yaml rule”]",
            "30:1 policy.block a block holds one mapping (key: value)",
            "33:4 policy.block a block holds one mapping (key: value)",
            "36:4 policy.block this block is never closed [write ``` on a line of its own at its end]",
        ],
    );
    check_document(
        "---\npolicy: p\ntitle: t\nstatus: draft\neffective: 2025-01-01\nowner: office\n---\n# T\n\n```yaml settings\na: 1\n```\n\n## 第1条　a\n\n## 第1条　b\n",
        &[
            "10:4 policy.block this block stands under no article, so nothing can cite it [move it below the heading (## to ####) of its article]",
            "16:1 policy.duplicate-id article “第1条” stands twice; a citation of it could mean either",
        ],
    );
}

#[test]
fn article_keys_end_at_the_ideographic_space() {
    let policies = check_document(&format!("{FRONT}### 第6条 D　D 级客户\n\n#### 4.1 a b\n\n##### no article\n"), &[]);
    let policy = policies.versions.iter().find(|p| &*p.id == "p").expect("the policy");
    let articles: Vec<_> = policy.articles.iter().map(|a| (&*a.key, &*a.title, a.level, a.citation.line)).collect();
    assert_eq!(articles, [("第1条", "甲", 2, 8), ("第6条 D", "D 级客户", 3, 10), ("4.1", "a b", 4, 12)]);
}

#[test]
fn every_field_type_is_understood() {
    let policies = check(
        r#"
```yaml type
id: note
label: {zh: 记事, en: Note}
title: "{name}（{when_}）"
date: when_
folder: office/notes
must:
  name: text
  when_: date
  at: time
  share: number
  pieces: count
  price: money
  stamp: timestamp
  done: yes | no
  kind: report-lesson | 甲 | "C"
  tel: phone
  mail: email
  page: url
  who: person
  what: record
  where_: department
  office: post
  places: list of (bank | field)
  people: list of person
  either: person or post
  contact: {person: text, page?: url}
  rows: [{date: date, of?: {a: text}}]
may:
  customer: customer
  prospect: text
xor: [[customer, prospect]]
labels:
  name: {zh: 名称, en: Name}
  contact.person: {zh: 联系人, en: Contact}
  rows.of.a: 甲乙
  places=bank: {zh: 银行, en: Bank}
  title: {zh: 题名, en: Heading}
```
"#,
        &[],
    );
    let note = policies.record_type("note").expect("the type");
    let field = |name: &str| note.field(name).expect("the field");
    assert_eq!((&*note.prefix, note.title.as_deref(), note.role), ("N", Some("{name}（{when_}）"), None));
    assert_eq!(field("名称").name, field("name").name);
    assert_eq!(field("done").field_type, FieldType::YesNo);
    assert_eq!(field("either").field_type, FieldType::PersonOrPost);
    let FieldType::Table(contact) = &field("contact").field_type else { panic!("a table") };
    assert_eq!((&*contact[0].label.zh, contact[0].must, contact[1].must), ("联系人", true, false));
    let FieldType::Enumeration(places) = field("places").field_type.element() else { panic!("values") };
    assert_eq!((&*places[0].label.en, &*places[1].label.en), ("Bank", "field"));
    let common: Vec<_> = note.fields.iter().rev().take(5).map(|f| (&*f.name, &*f.label.zh, &*f.label.en, f.must)).collect();
    assert_eq!(
        common,
        [
            ("notes", "备注", "Notes", false),
            ("supersedes", "取代", "Supersedes", false),
            ("attachments", "附件", "Attachments", false),
            ("tags", "标签", "Tags", false),
            ("title", "题名", "Heading", false)
        ]
    );
    assert_eq!(policies.role(Role::Person).map(|t| &*t.id), Some("person"));
}

#[test]
fn a_type_with_mistakes_is_told_of_each_of_them() {
    let policies = check(
        r#"
```yaml type
id: note
label: {zh: 记事}
title: "{nam} {rows}"
date: name
author: name
folder: ../etc
must:
  name: txet
  id: text
  2nd: text
  opt?: text
  kind: A | A
  either: customer or post
  deep: list of list of text
  rows: [{date: date}, {date: date}]
  owner: persn
may: {name: text, spare: money}
xor: [[spare, rows], [spare]]
labels: {spare=A: 甲, kindd: 乙}
sections: [甲, 甲]
colour: red
```
"#,
        &[
            "13:10 policy.type there is no field “nam” [write “name”]",
            "14:7 policy.type “name” is no field of dates",
            "15:9 policy.type “name” is no field that names a person",
            "16:9 policy.block “../etc” is no folder below records/",
            "18:9 policy.type there is no type “txet” [write “text”]",
            "19:3 policy.type “id” means something else; a field cannot bear it",
            "20:3 policy.type “2nd” is no field name: letters, digits, “_” and “-” between words only, and no digit first",
            "21:3 policy.type “opt” may be missing; it belongs under may",
            "22:13 policy.type value “A” stands twice",
            "23:11 policy.type “customer” is not the type that is `as: person`",
            "24:9 policy.type a list of lists is no type",
            "25:9 policy.type a list of tables is written as a list of one: [{field: type}]",
            "26:10 policy.type there is no type “persn” [write “person”]",
            "28:22 policy.type a pair of fields is expected: [a, b]",
            "29:10 policy.type “spare=A”: the field has no values to choose from",
            "29:22 policy.type there is no field “kindd”",
            "30:15 policy.block section “甲” stands twice",
            "31:1 policy.block there is no key “colour” here",
        ],
    );
    assert!(policies.record_type("note").is_none());
}

#[test]
fn what_a_type_says_of_sense_names_dates_and_figures_of_its_own() {
    let block = |keys: &str| {
        format!(
            "```yaml type\nid: a\nlabel: 甲\nmay: {{from: date, until: timestamp, n: money, name: text, rows: [{{day: date, n: number, parts?: [{{day: date}}]}}], others: [{{day: date, n: count}}]}}\n{keys}```\n"
        )
    };
    check(&block("order: [[from, rows.day, until], [others.day, until]]\npast: from\nmin: {n: 0, rows.n: n}\nmax: {rows.n: 5万}\n"), &[]);
    check(&block("order: [from, until]\n"), &[]);
    check(
        &block(
            "order: [[from, untill], [from], from, [rows.day, others.day], [from, from], [name, until], [from, rows.parts.day]]\npast: [form, rows]\nmin: {nn: 0, rows.m: 0, name: 1, n: many, rows.n: others.n}\nmax: 5\nabove:\nodrer: []\n",
        ),
        &[
            "14:16 policy.type there is no field “untill” [write “until”]",
            "14:25 policy.type a list of two or more fields of dates is expected: [a, b]",
            "14:33 policy.type a list of two or more fields of dates is expected: [a, b]",
            "14:50 policy.type the two stand in different lists: nobody can tell which row goes with which",
            "14:70 policy.type “from” stands twice",
            "14:78 policy.type “name” is no field of dates",
            "14:99 policy.type a field of a list within a list cannot stand here",
            "15:8 policy.type there is no field “form” [write “from”]",
            "15:14 policy.type “rows” is no field of dates",
            "16:7 policy.type there is no field “nn”",
            "16:19 policy.type there is no field “m”",
            "16:25 policy.type “name” is no field of figures",
            "16:37 policy.type there is no field “many”",
            "16:51 policy.type the two stand in different lists: nobody can tell which row goes with which",
            "17:6 policy.type “field: a number or another field” is expected here",
            "18:7 policy.block “above” has no value",
            "19:1 policy.block there is no key “odrer” here [write “order”]",
        ],
    );
}

#[test]
fn the_types_that_the_program_knows_have_the_fields_it_needs() {
    let house = "## 1 a\n\n```yaml type\nid: staff\nas: person\nlabel: 人员\nmust: {name: text, joined: text}\nmay: {reporting: [{from: date, department: department, superior?: staff}]}\n```\n\n```yaml type\nid: permit\nas: authorization\nlabel: 授权\n```\n\n```yaml type\nid: grant\nas: authorisation\nlabel: 授权\nmust: {readers: list of staff, covers: list of record, from: date, until: date, may_export: yes|no, revoked: date}\n```\n";
    let text = format!("---\npolicy: p\ntitle: t\nstatus: in-force\neffective: 2025-01-01\nowner: o\n---\n{house}");
    let (sources, policies) = compile(&[("policies/p.md", &text)]);
    let found: Vec<String> = policies.findings.iter().map(|f| told(&sources, f)).collect();
    assert_eq!(
        found,
        [
            "14:28 policy.type the program itself uses “joined”; its type is date",
            "15:18 policy.type the program itself uses “reporting”; it belongs under must",
            "20:5 policy.block “authorization” is none of person, authorisation, disposal, breach-note [write “authorisation”]",
            "28:17 policy.type the program itself uses “readers”; its type is list of (person or post)",
            "28:110 policy.type “revoked” is not always there; it belongs under may",
        ]
    );
}

#[test]
fn histories_are_checked_against_the_type_they_come_from() {
    check(
        "```yaml type\nid: a\nlabel: 甲\nmust: {n: text}\nhistory:\n  n: {from: review, at: to, value: date}\n  m: {from: reveiw, at: date, value: to}\n```\n",
        &[
            "15:13 policy.type “review” has no field that refers to “a”",
            "15:25 policy.type “to” is of another type",
            "15:36 policy.type “date” is of another type",
            "16:3 policy.type there is no field “m”",
            "16:13 policy.type there is no type “reveiw” [write “review”]",
        ],
    );
}

#[test]
fn what_a_new_record_is_given_is_typed_by_the_field_it_goes_into() {
    let block = |given: &str| {
        format!(
            "```yaml type\nid: a\nlabel: 甲\nmust: {{customer: customer, by: person, boss: person, was: A | B | C, parts: {{n: number, day: date}}, rows: [{{day: date}}]}}\nmay: {{size: money, note: text}}\ngiven:\n{given}```\n"
        )
    };
    let policies = check(
        &block(
            "  was: customer.grade\n  boss: superior(by, today)\n  size: customer.limit * 2\n  parts.day: today\n  rows.day: 'customer.grade.on(today).orValue(\"A\") == \"A\" ? today : customer.opened'\n",
        ),
        &[],
    );
    let paths: Vec<String> = policies.record_type("a").unwrap().given.iter().map(|(path, _)| path.0.join(".")).collect();
    assert_eq!(paths, ["was", "boss", "size", "parts.day", "rows.day"]);
    check(
        &block("  was: customer.limit\n  bos: by\n  parts: customer\n  parts.m: 1\n  note.x: by\n  note: custmer.name\n  size:\n"),
        &[
            "16:8 policy.expression this should be one of A, B, C that may be missing, but is a number",
            "17:3 policy.type there is no field “bos” [write “boss”]",
            "18:3 policy.type a table is given part by part, as contact.phone",
            "19:3 policy.type there is no field “m”",
            "20:3 policy.type “note” is no table and has no “x”",
            "21:9 policy.expression there is nothing named “custmer”; did you mean “customer”?",
            "22:8 policy.block an expression is expected here",
        ],
    );
}

#[test]
fn what_follows_from_a_told_mistake_is_not_told_again() {
    let policies = check(
        "```yaml type\nid: note\nlabel: 甲\nmust: {name: txet, n: number}\n```\n\n```yaml rule\nid: r\nfor: note\nrequire: name != \"\"\nsay: {zh: 甲, en: a}\nexamples: [{holds: {name: x}}]\n```\n\n```yaml type\nid: broken\nlabel: {\n```\n\n```yaml rule\nid: s\nfor: broken\nrequire: x\nsay: {zh: 甲, en: a}\n```\n",
        &[
            "13:14 policy.type there is no type “txet” [write “text”]",
            "26:8 policy.block a bracket is not closed, or a comma is missing between two entries [write the ‘]’ or ‘}’, and plain commas between the entries]",
        ],
    );
    assert_eq!(ids(&policies), [""; 0]);
}

#[test]
fn a_document_without_its_front_matter_does_not_blame_the_others() {
    let torn = HOUSE.replacen("policy: house", "policy: [house", 1);
    let own = format!("{}{GOOD}", FRONT.replacen("owner: office", "owner: office\nrefers_to: [house, hose]", 1));
    let (sources, policies) = compile(&[("policies/house.md", &torn), ("policies/p.md", &own)]);
    let own = sources.by_path("policies/p.md").map(|f| f.id);
    let found: Vec<_> = policies.findings.iter().filter(|f| f.span.map(|s| s.file) == own).map(|f| told(&sources, f)).collect();
    assert_eq!(found, ["7:20 policy.reference there is no policy “hose”"]);
    assert_eq!(ids(&policies), ["p.settings"]);
}

#[test]
fn duties_are_every_within_or_by() {
    let policies = check(
        r#"
```yaml duty
id: review
for: customer
where: "!has(closed)"
need: review
match: it.to != "A"
from: opened
every: {by: grade, A: 6 months, B: 3个月, C: days(30)}
grace: closed
ahead: 7
who: [clerk, keeper, department office, line(keeper)]
say: {zh: "核查 {name}", en: "review {name}"}
```

```yaml duty
id: pay
for: customer
each: o in orders
where: has(o.due)
need: o.due
from: o.date
within: days(10)
who: everyone
```

```yaml duty
id: yearly
for: archive
each: {y: "years(2025, year(today))", g: ["A", "B"]}
need: review
match: year(it.date) == y && it.to == g
by: 2026-12-31
who: post manager
```
"#,
        &[],
    );
    assert_eq!(ids(&policies), ["p.review", "p.pay", "p.yearly"]);
    let blocks = &policies.versions.iter().find(|p| &*p.id == "p").expect("the policy").blocks;
    let duty = |i: usize| match &blocks[i].kind {
        BlockKind::Duty(duty) => duty.clone(),
        other => panic!("{other:?}"),
    };
    let DutyDue::Every { period: Cadence::By { periods, .. }, .. } = &duty(0).due else { panic!("every") };
    assert_eq!(periods.keys().map(|k| &**k).collect::<Vec<_>>(), ["A", "B", "C"]);
    let [Party::Post(_), Party::Path(_), Party::Department(_), Party::Path(_)] = &duty(0).who[..] else { panic!("{:?}", duty(0).who) };
    let DutyNeed::Fields(fields) = &duty(1).need else { panic!("a field") };
    let [(path, _)] = &fields[..] else { panic!("one field") };
    assert_eq!(path.0.join("."), "o.due");
    assert_eq!(duty(2).each.iter().map(|e| &*e.name).collect::<Vec<_>>(), ["y", "g"]);
    assert_eq!((duty(0).ahead, duty(1).ahead), (7, 14));
}

#[test]
fn mistakes_in_duties_are_told_in_their_place() {
    check(
        r#"
```yaml duty
id: a
for: customer
need: grant
every: {by: name, A: 1 month}
from: opened
who: clerc
```

```yaml duty
id: b
for: customer
need: review
every: {by: grade, A: 6 months, D: 1 month}
from: opened
who: limit
```

```yaml duty
id: c
for: customer
need: closed
match: it.id == "x"
within: 5 days
by: opened
who: manager
```

```yaml duty
id: d
for: archive
each: {y: years(2025, 2026)}
need: review
by: 2026-12-31
who: manager
```
"#,
        &[
            "14:13 policy.type “name” is no field with a list of values",
            "16:6 policy.type there is no post or department “clerc” [write “clerk”]",
            "23:8 policy.block no period for “grade” = B, C",
            "23:33 policy.type “grade” has no value “D”",
            "25:6 policy.expression a person, a list of people, a post or a department is expected here",
            "28:4 policy.block exactly one of “every”, “within” and “by” is needed",
            "32:8 policy.block “match” is for duties that need a record",
            "41:11 policy.block inside […] or {…} a value ends at the comma; quote an expression that has one",
        ],
    );
}

/// `manager` is a post; where a variable has its name too, nobody could tell who is to do it.
#[test]
fn a_word_that_is_a_post_and_something_else_is_told() {
    check(
        r#"
```yaml duty
id: a
for: customer
each: {manager: "records(\"customer\")"}
need: closed
by: opened
who: manager
```
"#,
        &[
            "16:6 policy.type “manager” is both a post and a field or variable: nobody can tell which is meant [write `post manager` or `self.manager`]",
        ],
    );
}

#[test]
fn rules_are_checked_word_by_word() {
    check(
        r#"
```yaml rule
id: a
for: customer
when: limt > 0
require: name
at: o.due
say: {zh: 甲 , en: "{limit"}
severity: fatal
exmaples: []
```

```yaml rule
for: [customer, review]
each: orders
require: "true"
say: 甲
```

```yaml rule
id: b
for: customer
each: o in orders
require: o.amount > 0
at: [o.amount, o.amout, o]
say: {zh: "{o.amout}", en: a}
examples: [{holds: {ordrs: []}}, {breaks: {}, holds: {}}, {breaks: {}, with: [{type: reviw}], on: soon}]
```

```yaml rule
id: c
for: customer
require: limit > 0
say: {zh: 甲, en: a}
```
"#,
        &[
            "13:7 policy.expression there is nothing named “limt”; did you mean “limit”?",
            "14:10 policy.expression this should be true or false, but is a text",
            "15:5 policy.type there is no field “o”",
            "16:20 policy.block an unpaired brace; write it twice for the brace itself",
            "18:1 policy.block there is no key “exmaples” here [write “examples”]",
            "21:4 policy.block “id” is missing [add a line `id: …`]",
            "23:7 policy.block write “row in list”, as “o in orders”",
            "33:16 policy.type there is no field “amout” [write “amount”]",
            "34:15 policy.expression there is no field “amout”; did you mean “amount”?",
            "35:21 policy.type there is no field “ordrs” [write “orders”]",
            "35:34 policy.block an example has exactly one of “holds”, “breaks” and “late”",
            "35:86 policy.type there is no type “reviw” [write “review”]",
            "35:99 policy.block “soon” is not a date (as 2026-03-01)",
            "38:4 policy.block this rule has no examples: nobody can tell that it works [give `holds` and `breaks` under examples]",
        ],
    );
}

#[test]
fn builtin_rules_bear_the_id_of_the_check() {
    let policies = check(
        "```yaml rule\nid: policy.status\nbuiltin: true\nsay: {zh: 甲, en: a}\n```\n\n```yaml rule\nid: format\nfor: customer\nbuiltin: structure.section\n```\n\n```yaml rule\nid: x\nbuiltin: structure\nrequire: \"true\"\n```\n",
        &[
            "24:10 policy.block true or the code of a check is expected, as structure.section",
            "25:1 policy.block “builtin” and “require” exclude each other",
        ],
    );
    assert_eq!(ids(&policies), ["policy.status", "p.format"]);
}

#[test]
fn approvals_access_and_styles() {
    let policies = check(
        r#"
```yaml approval
for: customer
steps: [clerk, {post: manager, when: limit > 10万}]
later: [closed, 交易记录]
despite: [p.words]
readers_see: approved
```

```yaml approval
for: policy
steps: [manager]
```

```yaml access
for: customer
when: has(closed)
readers: [manager, department sales, keeper, line(keeper), everyone]
authorised_by: grant
hide: {limit: [manager], orders.amount: [keeper]}
```

```yaml access
for: [customer, person]
readers: [post clerk]
```

```yaml access
for: review
inherits: customer
```

```yaml style
id: words
for: customer
sections: [信用状况]
avoid: [大概, 也许]
figures_max: 20%
examples:
- holds: 经核实，没有退票。
- breaks: 大概没有退票。
```
"#,
        &[],
    );
    assert_eq!(
        ids(&policies),
        ["p.approval-customer", "p.approval-policy", "p.access-customer", "p.access-customer-2", "p.access-review", "p.words"]
    );
}

#[test]
fn mistakes_in_approvals_access_and_styles() {
    check(
        r#"
```yaml approval
for: customer
steps: [clerk, clerk, {post: manger, wenn: limit > 0}]
later: [交易纪录]
despite: [p.wordz, words]
readers_see: newest
```

```yaml approval
for: [customer, policy]
steps: [manager]
```

```yaml access
for: review
inherits: author_
readers: [mananger, post x, department sale, date]
authorised_by: customer
hide: {authr: [manager]}
```

```yaml access
for: review
```

```yaml style
id: w
for: customer
sections: [信用情况]
say: {zh: 甲, en: a, de: x}
```
"#,
        &[
            "12:16 policy.block “clerk” stands twice; an approval could mean either step",
            "12:30 policy.type there is no post “manger” [write “manager”]",
            "12:38 policy.block there is no key “wenn” here",
            "13:9 policy.type type “customer” has no field or section “交易纪录” [write “交易记录”]",
            "14:11 policy.reference there is no rule “p.wordz”; its whole id is expected, as credit.over-limit",
            "14:20 policy.reference there is no rule “words”; its whole id is expected, as credit.over-limit",
            "15:14 policy.block “newest” is none of latest, approved",
            "19:6 policy.block the chain of the policies needs a block of its own",
            "25:11 policy.type there is no field “author_” [write “author”]",
            "26:11 policy.type there is no post or department “mananger” [write “manager”]",
            "26:21 policy.type there is no post “x”",
            "26:29 policy.type there is no department “sale” [write “sales”]",
            "26:46 policy.expression a person, a list of people, a post or a department is expected here",
            "27:16 policy.type “customer” is not the type that is `as: authorisation`",
            "28:8 policy.type there is no field “authr” [write “author”]",
            "31:4 policy.block this block does not say who reads",
            "35:4 policy.block “avoid” or “figures_max” is needed",
            "38:12 policy.type the type has no section “信用情况” [write “信用状况”]",
            "39:21 policy.block there is no key “de” here",
        ],
    );
}

#[test]
fn posts_and_settings_with_mistakes() {
    let policies = check(
        r#"
```yaml posts
posts:
  a: {label: 甲, reports_to: a, held_by: [{person: x, from: 2020-13-01}, {person: y, from: 2021-01-01, until: 2020-01-01}]}
  b: {reports_to: mangaer, hold_by: []}
  manager: {label: 经理}
departments:
  everyone: {label: 众}
```

```yaml settings
limit-most: 5
a: [1]
b:
```

```yaml settings
c: 1
```

```yaml settings
c: 2
```
"#,
        &[
            "12:29 policy.reference a post cannot name itself here",
            "12:60 policy.block “2020-13-01” is not a date (as 2026-03-01)",
            "12:110 policy.block the last day lies before the first [compare the two days: `from` is the first, `until` the last]",
            "13:3 policy.block “label” is missing [add a line `label: …`]",
            "13:19 policy.type there is no post “mangaer” [write “manager”]",
            "13:28 policy.block there is no key “hold_by” here [write “held_by”]",
            "14:3 policy.duplicate-id the id “manager” is taken already [take one of the two out, or give it another id]",
            "16:3 policy.block “everyone” cannot be an id",
            "20:1 policy.block “limit-most” is no name for a setting",
            "21:4 policy.block a piece of text is expected here",
            "22:3 policy.block a piece of text is expected here",
            "30:1 policy.duplicate-id the id “c” is taken already [take one of the two out, or give it another id]",
        ],
    );
    assert_eq!(policies.posts.posts.keys().map(|k| &**k).collect::<Vec<_>>(), ["clerk", "manager"]);
}

#[test]
fn an_id_is_taken_once() {
    check(
        "```yaml type\nid: customer\nlabel: 甲\n```\n\n```yaml rule\nid: policy.status\nbuiltin: true\n```\n\n```yaml rule\nid: policy.status\nbuiltin: true\n```\n\n```yaml approval\nfor: review\nsteps: [clerk]\n```\n\n```yaml approval\nfor: [customer, review]\nsteps: [clerk]\n```\n",
        &[
            "11:5 policy.duplicate-id the id “customer” is taken already [take one of the two out, or give it another id]",
            "21:5 policy.duplicate-id the id “policy.status” is taken already [take one of the two out, or give it another id]",
            "31:6 policy.duplicate-id “review” has a chain of approvals already [take one of the two out, or give it another id]",
        ],
    );
}

/// The rulebooks of this repository, as they are shipped.
#[test]
fn the_shipped_policies_have_no_mistakes() {
    let sources = Sources::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository is an archive");
    let policies = Policies::compile(&sources, today());
    let found: Vec<String> = policies
        .findings
        .iter()
        .map(|f| format!("{} {}", f.span.map_or("", |s| &sources.file(s.file).path.0), told(&sources, f)))
        .collect();
    assert_eq!(found, [""; 0]);
    let fences = policies.versions.iter().flat_map(|p| &p.document.body.fences).filter(|f| f.info.starts_with("yaml ")).count();
    assert_eq!(policies.versions.iter().map(|p| p.blocks.len()).sum::<usize>(), fences);
}

/// The policy texts that are mutated: every kind of block stands in them.
const BLOCKS: &str = r#"
```yaml duty
id: review
for: customer
each: o in orders
where: has(o.due) && !has(closed)
need: review
match: it.to != "A"
from: opened
every: {by: grade, A: 6 months, B: 3个月, C: days(30)}
who: [clerk, keeper, department office]
say: {zh: "核查 {name}", en: "review {o.amount} {{x}}"}
```

```yaml approval
for: customer
steps: [clerk, {post: manager, when: limit > 10万}]
later: [closed, 交易记录]
```

```yaml access
for: customer
readers: [manager, line(keeper)]
hide: {limit: [manager], orders.amount: [keeper]}
```

```yaml style
id: words
for: customer
sections: [信用状况]
avoid: [大概]
figures_max: 20%
```
"#;

/// Pieces that are put in, besides pieces of the text itself.
const SCRAPS: [&str; 24] = [
    "\n", " ", ":", "{", "}", "[", "]", "\"", "'", "```", "---\n", "？", "　", "：", "\t", "&a ", "*a", "!x ", "- ", "<<: ", "\u{0}", "(",
    "|", "é",
];

fn mutated(text: &str, cuts: &[(prop::sample::Index, prop::sample::Index, usize)]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (at, length, scrap) in cuts {
        let from = at.index(letters.len() + 1);
        let until = (from + length.index(12)).min(letters.len());
        let put: Vec<char> = match SCRAPS.get(*scrap) {
            Some(scrap) => scrap.chars().collect(),
            None => letters[until..(until + 9).min(letters.len())].to_vec(),
        };
        letters.splice(from..until, put);
    }
    letters.into_iter().collect()
}

/// Every finding points into its document, and says something in both languages.
fn has_sense(sources: &Sources, policies: &Policies) -> Result<(), TestCaseError> {
    for finding in &policies.findings {
        let span = finding.span.expect("findings of policies have a place");
        prop_assert!(sources.file(span.file).text.get(span.start as usize..span.end as usize).is_some(), "{finding:?}");
        prop_assert!(!finding.message.zh.is_empty() && !finding.message.en.is_empty());
    }
    Ok(())
}

fn cuts() -> impl Strategy<Value = Vec<(prop::sample::Index, prop::sample::Index, usize)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..SCRAPS.len() * 2), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever becomes of a policy's text: no panic.
    #[test]
    fn a_policy_edited_into_nonsense_never_panics(house in any::<bool>(), cuts in cuts()) {
        let own = format!("{FRONT}{GOOD}{BLOCKS}");
        let (house, own) = if house { (mutated(HOUSE, &cuts), own) } else { (HOUSE.to_string(), mutated(&own, &cuts)) };
        let (sources, policies) = compile(&[("policies/house.md", &house), ("policies/p.md", &own)]);
        has_sense(&sources, &policies)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The same with the rulebooks of this repository, of which every one may be the damaged one.
    #[test]
    fn nor_do_the_shipped_ones(which in any::<prop::sample::Index>(), cuts in cuts()) {
        let shipped = Sources::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository is an archive");
        let policies: Vec<_> = shipped.in_room(Room::Policy).collect();
        let damaged = which.get(&policies);
        let sources = shipped.with(&damaged.path.0, mutated(&damaged.text, &cuts));
        has_sense(&sources, &Policies::compile(&sources, today()))?;
    }
}

#[test]
fn an_alias_names_what_it_is_of_and_nothing_else() {
    let posts = |rows: &str| format!("```yaml posts\nposts:\n{rows}```\n");
    let by_alias = "```yaml access\nfor: customer\nreaders: [老会计, bookkeeper, department 账房]\n```\n";
    let renamed = format!(
        "{}{by_alias}",
        posts(
            "  accountant: {label: {zh: 会计, en: Accountant}, aliases: [老会计, bookkeeper]}\ndepartments:\n  books: {label: {zh: 财务部, en: Books}, aliases: [账房]}\n"
        )
    );
    let policies = check(&renamed, &[]);
    assert_eq!(policies.posts.post_called("bookkeeper").map(|post| &*post.id), Some("accountant"));
    assert_eq!(policies.posts.department_called("账房").map(|own| &*own.id), Some("books"));
    check(
        &posts("  one: {label: {zh: 一, en: One}, aliases: [two, 二]}\n  two: {label: {zh: 二, en: Two}}\n"),
        &[
            "12:44 policy.block the alias “two” is a name of “two” too: nobody can tell which is meant [leave the name to one of the two]",
            "12:49 policy.block the alias “二” is a name of “two” too: nobody can tell which is meant [leave the name to one of the two]",
        ],
    );
}

/// What a version calls otherwise than the one before keeps the earlier name.
#[test]
fn the_label_of_an_earlier_version_is_a_name_still() {
    let version = |day: &str, label: &str| {
        let front = FRONT.replace("effective: 2025-01-01", &format!("effective: {day}"));
        format!("{front}```yaml posts\ndepartments:\n  books: {{label: {{zh: {label}, en: {label}}}}}\n```\n")
    };
    let (first, second) = (version("2025-01-01", "账房"), version("2025-06-01", "财务部"));
    let (sources, policies) = compile(&[("policies/house.md", HOUSE), ("policies/p.md", &first), ("policies/q.md", &second)]);
    assert_eq!(policies.findings.iter().map(|f| told(&sources, f)).collect::<Vec<_>>(), Vec::<String>::new());
    let called = |name: &str| policies.posts.department_called(name).map(|own| own.label.zh.clone());
    assert_eq!((called("账房"), called("财务部"), called("books")), (Some("财务部".into()), Some("财务部".into()), Some("财务部".into())));
}

/// A company adds a value where its figures stand, and takes one away: no block needs another word.
#[test]
fn the_values_of_a_field_may_be_those_that_a_setting_lists() {
    let text = |values: &str| {
        format!(
            "{FRONT}```yaml settings\nways: {values}\n```\n\n```yaml type\nid: visit\nlabel: {{zh: 访问, en: Visit}}\n\
             must: {{way: settings.ways, stops: [{{how?: settings.ways}}]}}\nlabels:\n  way=call: {{zh: 电话, en: Call}}\n  stops.how=call: {{zh: 电话, en: Call}}\n```\n"
        )
    };
    let values = |policies: &Policies| -> Vec<(String, String)> {
        let own = policies.record_type("visit").expect("the type");
        let FieldType::Enumeration(members) = &own.fields[0].field_type else { panic!("values") };
        members.iter().map(|member| (member.name.to_string(), member.label.zh.to_string())).collect()
    };
    let told = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, label)| (name.to_string(), label.to_string())).collect::<Vec<_>>();
    let policies = check_document(&text("call | letter"), &[]);
    assert_eq!(values(&policies), told(&[("call", "电话"), ("letter", "letter")]));
    let policies = check_document(&text("{value: letter | 面谈, source: company, label: {zh: 方式, en: Ways}}"), &[]);
    assert_eq!(values(&policies), told(&[("letter", "letter"), ("面谈", "面谈")]));
    let version = policies.versions.iter().find(|own| &*own.id == "p").expect("the policy");
    assert_eq!(
        (version.called("ways", crate::diagnostic::Lang::Zh), version.called("none", crate::diagnostic::Lang::En)),
        ("方式", "none")
    );
    let ways = ["17:22 policy.type", "17:52 policy.type"];
    for (written, message) in [
        ("call", "the setting “ways” lists no values: “a | b | c”"),
        ("3", "the setting “ways” lists no values: “a | b | c”"),
        ("call | call", "value “call” stands twice"),
        ("call | ", "values are written “a | b | c”"),
    ] {
        let at = if message.contains("ways") { ways } else { ["17:13 policy.type", "17:43 policy.type"] };
        let expected = at.map(|at| format!("{at} {message}"));
        check_document(&text(written), &expected.each_ref().map(String::as_str));
    }
    let missing = text("a | b").replace("way: settings.ways", "way: settings.wais");
    check_document(&missing, &["17:22 policy.type there is no setting “wais” [write “ways”]"]);
}
