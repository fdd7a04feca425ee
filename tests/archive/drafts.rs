//! New records: what follows from the archive is filled in or told, as far as the writer may know
//! it, and every blank has one finding.

use chancery::{
    access::{Office, Reader},
    archive::Settings,
    diagnostic::{Finding, Lang, Severity},
    edit::draft::{Blank, Draft, DraftForm, Given, draft},
    policy::{BlockKind, FieldType, RecordType, Role, Target},
    source::{RecordId, Sources},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

fn drafted(office: &Office, reader: &Reader, record_type: &RecordType, pairs: &[String], lang: Lang) -> Draft {
    let view = office.view(reader.clone());
    let given = Given::read(record_type, pairs.iter().map(String::as_str)).unwrap();
    let (policies, today) = (view.policies(), view.today());
    // Two types may have one prefix.
    let place = policies.types.keys().position(|id| *id == record_type.id).unwrap() as u8;
    draft(&DraftForm { record_type, policies, given: &given, today, random: [7, 15, place / 32, place], lang, view: Some(&view) })
}

fn opened(sources: Sources) -> Office {
    let settings = Settings::of(&sources).unwrap();
    let today = settings.demo_day().unwrap();
    Office::open(sources, settings, today)
}

/// The path or the heading of a blank.
fn name(blank: &Blank) -> String {
    match blank {
        Blank::Field(path, _) => path.0.join("."),
        Blank::Section(name) => name.to_string(),
    }
}

/// Whether a finding names a blank: by its path without the numbers of rows, the last part of it
/// where two columns stand for one another, or its heading.
fn names(finding: &Finding, blank: &Blank) -> bool {
    let fix = finding.fix.as_ref().map_or("", |fix| &fix.en);
    let is_structure = finding.code.starts_with("structure.");
    let said = if is_structure { finding.message.en.clone() } else { format!("{} {fix}", finding.message.en) };
    let rows = (1..3).fold(said.clone(), |said, row| said.replace(&format!(".{row}."), ".").replace(&format!(".{row})"), ")"));
    let words: Vec<&str> = rows.split(|c: char| !(c.is_alphanumeric() || "_.-".contains(c))).map(|word| word.trim_matches('.')).collect();
    match blank {
        Blank::Field(..) if &*finding.code == "structure.blank" => {
            rows.contains(&format!("({})", name(blank))) || rows == format!("{} is blank", name(blank))
        }
        Blank::Field(path, _) if &*finding.code == "structure.exactly-one" => words.contains(&&**path.0.last().unwrap()),
        Blank::Field(..) => words.contains(&&*name(blank)),
        Blank::Section(name) => said.contains(&format!("“{name}”")),
    }
}

/// The findings that new records bring with them: for each its own, and those of other records that
/// rest on it.
fn brought(before: &Office, drafts: &[Draft]) -> Vec<(Vec<Finding>, Vec<Finding>)> {
    let sources = before.archive.sources.as_ref().clone();
    let sources = drafts.iter().fold(sources, |sources, draft| sources.with(&draft.path.0, &*draft.text));
    let after = Office::open(sources, before.archive.settings.clone(), before.today);
    let key = |finding: &Finding| (finding.code.clone(), finding.record.clone(), finding.message.clone());
    let old: BTreeSet<_> = before.whole_report().findings.iter().map(key).collect();
    let new: Vec<&Finding> = after.whole_report().findings.iter().filter(|finding| !old.contains(&key(finding))).collect();
    let of = |draft: &Draft| {
        let ours = new.iter().filter(|finding| finding.reads.has_record(&draft.id)).map(|finding| (*finding).clone());
        ours.partition(|finding| finding.record.as_ref() == Some(&draft.id))
    };
    drafts.iter().map(of).collect()
}

/// Every blank has one finding that names it, and no finding is about anything else. A rule that
/// asks has() of a field that must be there wants it told under its article too.
#[track_caller]
fn only_blanks(office: &Office, own: &[Finding], draft: &Draft) {
    let rules = office.archive.policies.in_force(office.today).flat_map(|policy| &policy.blocks).filter_map(|block| match &block.kind {
        BlockKind::Rule(rule) => Some((rule.id.clone(), rule.require.as_ref()?.source.clone())),
        _ => None,
    });
    let rules: BTreeMap<_, _> = rules.collect();
    let asks =
        |finding: &Finding, blank: &Blank| rules.get(&finding.code).is_some_and(|source| source.contains(&format!("has({})", name(blank))));
    let is_structure = |finding: &Finding| !rules.contains_key(&finding.code);
    let told = |finding: &Finding| format!("{} {} {:?}", finding.code, finding.message.en, finding.fix.as_ref().map(|fix| &fix.en));
    for blank in &draft.blanks {
        let all: Vec<&Finding> = own.iter().filter(|finding| names(finding, blank)).collect();
        let told_already = |finding: &Finding| asks(finding, blank) && all.iter().any(|other| is_structure(other));
        let naming: Vec<String> = all.iter().filter(|finding| !told_already(finding)).map(|finding| told(finding)).collect();
        assert_eq!(naming.len(), 1, "{}: {} is named by {naming:#?}\n{}", draft.id, name(blank), draft.text);
    }
    for finding in own {
        assert!(draft.blanks.iter().any(|blank| names(finding, blank)), "{}: no blank: {}\n{}", draft.id, told(finding), draft.text);
    }
}

/// The fields by which a record of the type is about another that is no person: each with the type
/// of that.
fn subjects<'t>(office: &Office, own: &'t RecordType) -> Vec<(&'t str, &'t str)> {
    let person = office.archive.policies.role(Role::Person).unwrap();
    let subject = own.fields.iter().filter(|field| field.must).filter_map(|field| match &field.field_type {
        FieldType::Reference(Target::Type(id)) if *id != person.id => Some((&*field.name, &**id)),
        _ => None,
    });
    subject.collect()
}

fn shipped() -> Office {
    opened(Sources::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap())
}

#[test]
fn a_new_record_of_every_shipped_type_lacks_nothing_but_its_blanks() {
    let office = shipped();
    let types = office.archive.policies.types.values();
    let drafts: Vec<Draft> = types.map(|own| drafted(&office, &Reader::Folder, own, &[], Lang::Zh)).collect();
    for (draft, (own, others)) in drafts.iter().zip(brought(&office, &drafts)) {
        only_blanks(&office, &own, draft);
        assert_eq!(others, [], "{}", draft.id);
    }
}

/// With what it is about: some record of which nothing else comes to be demanded by it.
#[test]
fn a_new_record_about_another_lacks_nothing_but_its_blanks() {
    let office = shipped();
    let candidates = |target: &str| office.archive.of_type(target).map(|record| record.id.clone()).collect::<Vec<_>>();
    let types = office.archive.policies.types.values();
    let mut left: Vec<_> =
        types.flat_map(|own| subjects(&office, own).into_iter().map(move |(field, target)| (own, field, target))).collect();
    left.retain(|(_, _, target)| !candidates(target).is_empty());
    assert!(left.len() > 5, "{left:?}");
    for latest in 1..=12 {
        if left.is_empty() {
            return;
        }
        let about = |target: &str| candidates(target).into_iter().rev().cycle().nth(latest - 1).unwrap();
        let draft = |(own, field, target): &(&Arc<RecordType>, &str, &str)| {
            drafted(&office, &Reader::Folder, own, &[format!("{field}={}", about(target))], Lang::Zh)
        };
        let drafts: Vec<Draft> = left.iter().map(draft).collect();
        let brought = brought(&office, &drafts);
        let mut done = drafts.iter().zip(&brought).map(|(draft, (own, others))| {
            if others.is_empty() {
                only_blanks(&office, own, draft);
            }
            others.is_empty()
        });
        left.retain(|_| !done.next().unwrap());
    }
    assert!(left.is_empty(), "whatever they are about, something else comes to be demanded: {left:?}");
}

const POLICY: &str = r#"---
policy: house
title: 客户办法
status: in-force
effective: 2020-01-01
owner: office
---
# 客户办法

## 第1条　人员与档案

```yaml posts
posts:
  chief: {label: {zh: 总管, en: Chief}, held_by: [{person: lin, from: 2020-01-01}]}
departments:
  office: {label: {zh: 办公室, en: Office}, head: lin}
  sales: {label: {zh: 销售部, en: Sales}}
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
id: file
label: {zh: 客户档案, en: File}
title: name
date: opened
author: keeper
must: {name: text, opened: date, keeper: person, area: department, grade: A | B | C, limit: money}
labels:
  area: {zh: 地区, en: Area}
  grade: {zh: 等级, en: Grade}
  grade=B: {zh: 良, en: Good}
  limit: {zh: 额度, en: Limit}
history:
  grade: {from: review, at: day, value: to}
```

```yaml type
id: review
label: {zh: 等级核查, en: Review}
prefix: R
date: day
author: by
must: {file: file, by: person, boss: person, day: date, to: A | B | C, area: department, reasons: list of text, parts: {share: number, mine: yes|no}}
may: {was: A | B | C, room: money, ground: text, plea: text, other: text}
labels:
  file: {zh: 客户, en: File}
  boss: {zh: 上级, en: Superior}
  was: {zh: 原等级, en: Grade before}
  area: {zh: 地区, en: Area}
  ground: {zh: 依据, en: Ground}
xor: [[plea, other]]
given:
  was: file.grade
  boss: superior(by, today)
  room: file.limit * 2
  ground: previous(self).orValue(self).reasons.first()
  reasons: "boss == by ? [\"自报\", \"甲, 乙\"] : [\"由上级审阅\"]"
  parts.share: 1 / 4
  parts.mine: file.keeper == by
  other: "\"照 \" + file.name"
  day: today
```

```yaml access
for: [person, review]
readers: [everyone]
```

```yaml access
for: file
readers: [keeper, chief]
hide: {limit: [chief]}
```

## 第2条　规定

```yaml duty
id: reviewed
for: file
need: review
from: opened
every: 12 months
who: keeper
say: {zh: "{name}（{grade} 级）每年核查一次", en: "{name} (grade {grade}) is reviewed every year"}
```

```yaml rule
id: ground
for: review
when: file.grade == "B"
require: has(ground) && ground != ""
at: day
say: {zh: 须有依据, en: a ground is needed}
fix: {zh: 写明 ground, en: fill in ground}
```
"#;

fn person(id: &str, name: &str, superior: &str) -> (String, String) {
    let text = format!(
        "---\ntype: person\nid: {id}\nname: {name}\njoined: 2020-01-01\nreporting: [{{from: 2020-01-01, department: office{superior}}}]\n---\n"
    );
    (format!("records/{id}.md"), text)
}

fn file(more: &str) -> (String, String) {
    let text = format!(
        "---\ntype: file\nid: F-1\nname: 恒润纺织\nopened: 2025-06-30\nkeeper: wu\narea: sales\ngrade: {more}\nlimit: 50000\n---\n"
    );
    ("records/F-1.md".to_owned(), text)
}

fn review(id: &str, day: &str) -> (String, String) {
    let text = format!(
        "---\ntype: review\nid: {id}\nfile: F-1\nby: wu\nboss: lin\nday: {day}\nto: B\narea: sales\nreasons: [付款及时]\nparts: {{share: 1, mine: yes}}\nplea: 无\n---\n"
    );
    (format!("records/{id}.md"), text)
}

fn small(records: &[(String, String)]) -> Office {
    let people = [person("lin", "林总", ""), person("wu", "吴敏", ", superior: lin"), person("mei", "梅兰", ", superior: lin")];
    let policy = ("policies/house.md".to_owned(), POLICY.to_owned());
    let sources = Sources::from_memory([policy].into_iter().chain(people).chain(records.iter().cloned()));
    let office = Office::open(sources, Settings::default(), NaiveDate::from_ymd_opt(2026, 3, 4).unwrap());
    let mistakes: Vec<_> = office.archive.policies.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(mistakes.iter().all(|finding| &*finding.code == "policy.approved"), "{mistakes:#?}");
    office
}

fn written(office: &Office, reader: &str, pairs: &[&str], lang: Lang) -> Draft {
    let reader = if reader.is_empty() { Reader::Folder } else { Reader::Person(RecordId::from(reader)) };
    let own = office.archive.policies.record_type("review").unwrap();
    drafted(office, &reader, own, &pairs.iter().map(|pair| (*pair).to_owned()).collect::<Vec<_>>(), lang)
}

/// The text up to the fields that every record may have.
fn own_part(draft: &Draft) -> &str {
    let (head, _) = draft.text.split_once("# 标题（可不填）").or_else(|| draft.text.split_once("# Title (")).unwrap();
    head
}

#[test]
fn what_follows_is_filled_in_and_what_is_known_is_told() {
    let office = small(&[file("A"), review("R-1", "2025-09-01"), review("R-2", "2025-08-01")]);
    let draft = written(&office, "", &["file=F-1", "by=wu"], Lang::Zh);
    let expected = "---
# 新建：等级核查
# 请填写冒号后空着的项目。以 # 起首的行是说明，删去与否均可；“#项目:”一行是可以不填的项目，要填时去掉 #。
type: review
id: R-20260304-7f02
# 客户：一份“客户档案”的编号
#   F-1 恒润纺织：等级 B（良）
#   最近的等级核查：R-1（2025-09-01）
#   《客户办法》第2条：恒润纺织（A 级）每年核查一次；期限 2026-09-01，还有 181 天
file: F-1
# by：一份“人员”的编号
#   wu 吴敏
by: wu
# 上级：一份“人员”的编号
#   已按制度填写（superior(by, today)），请核对
#   lin 林总
boss: lin
# day：日期，如 2026-03-04
#   已按制度填写（today），请核对
#   《客户办法》第2条：须有依据 [house.ground]
day: 2026-03-04
# to：选填 A、B、C
to:
# 地区：选填 office（办公室）、sales（销售部）
#   F-1 的“地区”：sales（销售部）
area:
# reasons：可写多条，每行一个“-”；每条：文字
#   已按制度填写（boss == by ? [\"自报\", \"甲, 乙\"] : [\"由上级审阅\"]），请核对
reasons:
- 由上级审阅
# parts：含以下各项
parts:
  # share：数，如 12.5
  #   已按制度填写（1 / 4），请核对
  share: 0.25
  # mine：yes 或 no
  #   已按制度填写（file.keeper == by），请核对
  mine: yes
# 原等级（可不填）：选填 A、B、C
#   已按制度填写（file.grade），请核对
was: A
# room（可不填）：数
";
    let expected = expected.replace("# room（可不填）：数\n", "");
    assert_eq!(own_part(&draft).get(..expected.len()), Some(&*expected), "{}", draft.text);
    let lines: Vec<&str> = draft.text.lines().collect();
    assert!(lines.contains(&"room: 100000") && lines.contains(&"other: \"照 恒润纺织\"") && lines.contains(&"#plea:"), "{}", draft.text);
    assert!(lines.contains(&"ground: 付款及时"), "of the latest before it: {}", draft.text);
    assert_eq!(draft.blanks.iter().map(name).collect::<Vec<_>>(), ["to", "area"]);
}

#[test]
fn the_same_in_english() {
    let office = small(&[file("B")]);
    let draft = written(&office, "wu", &["file=F-1", "ground="], Lang::En);
    for line in [
        "#   F-1 恒润纺织: Grade B (Good)",
        "#   “客户办法”, 第2条: 恒润纺织 (grade B) is reviewed every year; it is due on 2026-06-30, in 118 days",
        "#   “Area” of F-1: sales (Sales)",
        "#   filled in as the rulebook says (file.grade); please check",
        "# Ground (demanded by an article: take the # away): text",
        "by: wu",
    ] {
        assert!(draft.text.lines().any(|own| own == line), "{line}\n{}", draft.text);
    }
    assert_eq!(draft.blanks.iter().map(name).collect::<Vec<_>>(), ["to", "area", "ground"]);
    let [(own, others)] = &brought(&office, std::slice::from_ref(&draft))[..] else { panic!("one draft") };
    only_blanks(&office, own, &draft);
    assert_eq!(*others, []);
}

/// What is given stands, and what would contradict it is left out.
#[test]
fn what_is_given_goes_before_what_follows() {
    let office = small(&[file("A")]);
    let draft = written(&office, "mei", &["file=F-1", "by=wu", "was=C", "plea=急", "day=2026-03-01"], Lang::Zh);
    let lines: Vec<&str> = draft.text.lines().collect();
    for line in ["by: wu", "was: C", "plea: 急", "#other:", "day: 2026-03-01", "boss: lin"] {
        assert!(lines.contains(&line), "{line}\n{}", draft.text);
    }
}

/// Mei may not read the file: neither its title, nor what stands in it, nor what waits for it; a
/// file that is not there looks the same.
#[test]
fn who_may_not_read_a_record_is_told_nothing_of_it() {
    let told = |records: &[(String, String)]| written(&small(records), "mei", &["file=F-1"], Lang::Zh).text;
    let none = told(&[]);
    assert!(none.contains("by: mei") && none.contains("boss: lin"), "{none}");
    assert_eq!(told(&[file("B")]), none);
    assert_eq!(told(&[file("A")]), none);
    // The chief reads the file. What is hidden in it from others shows to him.
    let seen = |reader: &str| written(&small(&[file("A")]), reader, &["file=F-1"], Lang::Zh).text;
    assert!(seen("lin").contains("room: 100000") && seen("lin").contains("恒润纺织：等级 A"));
    // The keeper reads the file, and not its limit.
    let keepers = seen("wu");
    assert!(keepers.contains("was: A") && keepers.contains("#room:") && !keepers.contains("100000"), "{keepers}");
}
