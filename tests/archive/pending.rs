//! What waits for approval, and what counts for none, in the terminal: which step, who could take
//! it today, and why an entry is void.

use crate::support::{DEMO_KEY, lay_demo_key};
use std::{fs, process::Command};

const POLICY: &str = r#"---
policy: house
title: 报告办法
status: trial
effective: 2024-01-01
owner: house
---
# 报告办法

## 第1条　人员

```yaml posts
posts:
  manager: {label: {zh: 经理, en: Manager}, held_by: [{person: wu, from: 2024-01-01, until: 2026-05-31}, {person: mei, from: 2026-06-01}]}
  chief: {label: {zh: 总管, en: Chief}, held_by: [{person: lin, from: 2024-01-01}]}
  auditor: {label: {zh: 审计, en: Auditor}, held_by: [{person: lin, from: 2024-01-01}]}
departments:
  house: {label: {zh: 内务处, en: House}, head: lin}
```

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
folder: people
title: name
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date}
```

## 第2条　报告

```yaml type
id: report
label: {zh: 报告, en: Report}
folder: reports
prefix: R
date: day
author: by
title: about
must: {about: text, by: person, day: date, sum: money}
```

```yaml type
id: note
label: {zh: 便条, en: Note}
must: {text: text}
```

```yaml approval
for: report
steps: [manager, {post: chief, when: sum > 100}, {post: auditor, when: sum > 1000}]
```

```yaml access
for: [person, report, note]
readers: [everyone]
```
"#;

struct House(tempfile::TempDir);

impl House {
    fn new() -> House {
        lay_demo_key();
        let house = House(tempfile::tempdir().unwrap());
        house.write("chancery.yaml", "name: 内务处\nlanguage: zh\ntime_zone: \"+08:00\"\ndemo_day: \"2026-06-10\"\n");
        house.write("policies/house.md", POLICY);
        let signers = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/allowed_signers")).unwrap();
        house.write("policies/allowed_signers", &signers.lines().filter(|line| line.starts_with('*')).collect::<String>());
        for (id, name) in [("lin", "林总"), ("wu", "吴敏"), ("mei", "梅汀"), ("fang", "方砚")] {
            let front =
                format!("type: person\nid: {id}\nname: {name}\njoined: 2024-01-01\nreporting: [{{from: 2024-01-01, department: house}}]\n");
            house.write(&format!("records/people/{id}.md"), &format!("---\n{front}---\n"));
        }
        house
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn report(&self, id: &str, by: &str, sum: u32) {
        let front = format!("type: report\nid: {id}\nabout: 采购\nby: {by}\nday: 2026-06-02\nsum: {sum}\n");
        self.write(&format!("records/reports/{id}.md"), &format!("---\n{front}---\n"));
    }

    fn edit(&self, id: &str, from: &str, to: &str) {
        let path = self.0.path().join(format!("records/reports/{id}.md"));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn approve(&self, id: &str, step: &str) {
        self.says(0, &["approve", id, "--step", step, "--key", DEMO_KEY]);
    }

    fn says(&self, status: i32, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).current_dir(self.0.path()).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}");
        said
    }

    /// What both languages say, without the lines of entries: they have their moments.
    #[track_caller]
    fn tells(&self, status: i32, arguments: &[&str], [zh, en]: [&str; 2]) {
        for (lang, expected) in [("zh", zh), ("en", en)] {
            let said = self.says(status, &[arguments, &["--lang", lang]].concat());
            let lines: Vec<&str> =
                said.lines().filter(|line| !line.contains("T0") && !line.contains("T1") && !line.contains("T2")).collect();
            assert_eq!(lines.join("\n"), expected, "{said}");
        }
    }
}

#[test]
fn the_next_step_is_told_with_who_could_take_it_today() {
    let house = House::new();
    house.write("policies/house.md", &POLICY.replace("en: Auditor}, held_by: [{person: lin, from: 2024-01-01}]}", "en: Auditor}}"));
    house.report("R-1", "fang", 2000);
    house.tells(
        0,
        &["verify", "R-1"],
        [
            "R-1  待批：经理（梅汀 mei）\nR-1  其后：总管（林总 lin）\nR-1  其后：审计（今天无人担任）\n有效 0 项，无效 0 项",
            "R-1  waits for: Manager (梅汀 mei)\nR-1  and then: Chief (林总 lin)\nR-1  and then: Auditor (nobody holds it today)\n0 valid, 0 not",
        ],
    );
    house.approve("R-1", "manager");
    house.tells(
        0,
        &["verify", "R-1"],
        [
            "R-1  待批：总管（林总 lin）\nR-1  其后：审计（今天无人担任）\n有效 1 项，无效 0 项",
            "R-1  waits for: Chief (林总 lin)\nR-1  and then: Auditor (nobody holds it today)\n1 valid, 0 not",
        ],
    );
    // By another day's posts, another could.
    assert!(house.says(0, &["verify", "R-1", "--on", "2026-06-10"]).contains("林总 lin"));
    house.report("R-2", "fang", 50);
    assert!(house.says(0, &["verify", "R-2", "--on", "2026-05-20"]).contains("待批：经理（吴敏 wu）"));
}

#[test]
fn who_holds_the_post_and_may_not_is_told() {
    let house = House::new();
    house.report("R-1", "mei", 50);
    house.tells(
        0,
        &["check", "records/reports"],
        [
            "没有发现问题\nrecords/reports/R-1.md  待批：经理（今天在任的 梅汀 mei 不能批：是本人所写，或已批过另一步）",
            "no findings\nrecords/reports/R-1.md  waits for: Manager (梅汀 mei holds it today and may not: the author, or has taken another step)",
        ],
    );
}

#[test]
fn check_tells_it_quietly_and_not_where_nothing_waits() {
    let house = House::new();
    house.tells(0, &["check"], ["没有发现问题", "no findings"]);
    house.report("R-1", "fang", 50);
    house.report("R-2", "fang", 200);
    house.write("records/N-1.md", "---\ntype: note\nid: N-1\ntext: 便条\n---\n");
    house.tells(
        0,
        &["check"],
        [
            "没有发现问题\n另有 2 份待批；chancery check records policies 逐份列出",
            "no findings\n2 waiting for approval; chancery check records policies lists them",
        ],
    );
    let both = [
        "没有发现问题\nrecords/reports/R-1.md  待批：经理（梅汀 mei）\nrecords/reports/R-2.md  待批：经理（梅汀 mei）",
        "no findings\nrecords/reports/R-1.md  waits for: Manager (梅汀 mei)\nrecords/reports/R-2.md  waits for: Manager (梅汀 mei)",
    ];
    house.tells(0, &["check", "records", "policies"], both);
    house.tells(0, &["check", "records/N-1.md", "records/people"], ["没有发现问题", "no findings"]);
    // For programs it is no finding.
    for format in ["json", "sarif"] {
        assert!(!house.says(0, &["check", "--format", format]).contains("待批"));
    }
    house.approve("R-1", "manager");
    house.tells(
        0,
        &["check", "records/reports"],
        [
            "没有发现问题\nrecords/reports/R-2.md  待批：经理（梅汀 mei）",
            "no findings\nrecords/reports/R-2.md  waits for: Manager (梅汀 mei)",
        ],
    );
    // What another took the place of waits for nobody.
    house.write(
        "records/reports/R-3.md",
        "---\ntype: report\nid: R-3\nabout: 采购\nby: fang\nday: 2026-06-03\nsum: 50\nsupersedes: R-2\n---\n",
    );
    house.approve("R-3", "manager");
    assert!(!house.says(0, &["check"]).contains("待批"));
    let ended =
        ["R-2  已被取代或已销毁，不再待批\n有效 0 项，无效 0 项", "R-2  superseded or disposed of, and waits for nobody\n0 valid, 0 not"];
    house.tells(0, &["verify", "R-2"], ended);
}

#[test]
fn what_is_wrong_is_mended_before() {
    let house = House::new();
    house.report("R-1", "fang", 50);
    house.edit("R-1", "about: 采购", "about:");
    let told = house.says(1, &["check", "records/reports/R-1.md"]);
    assert!(
        told.ends_with("\n1 个错误，0 个警告\nrecords/reports/R-1.md  待批：经理（梅汀 mei）；有 1 处错误，改正以后才能批\n"),
        "{told}"
    );
    let told = house.says(0, &["verify", "R-1", "--lang", "en"]);
    assert_eq!(told, "R-1  waits for: Manager (梅汀 mei); errors to be mended before: 1\n0 valid, 0 not\n");
}

#[test]
fn why_an_entry_counts_for_nothing_is_told_at_it() {
    let why = |change: &dyn Fn(&House), zh: &str, en: &str| {
        let house = House::new();
        house.report("R-1", "fang", 50);
        house.approve("R-1", "manager");
        change(&house);
        for (lang, expected) in [("zh", format!("  无效：{zh}")), ("en", format!("  not valid: {en}"))] {
            let said = house.says(1, &["verify", "R-1", "--lang", lang]);
            let entry = said.lines().next().unwrap();
            assert!(entry.starts_with("R-1  ") && entry.ends_with(&expected), "{entry}\n{expected}");
            let wait = if lang == "zh" { "\nR-1  待批：经理（" } else { "\nR-1  waits for: Manager (" };
            assert!(said.contains(wait), "{said}");
        }
    };
    why(
        &|house| house.edit("R-1", "sum: 50", "sum: 60"),
        "审批之后内容有改动，这次审批不再有效",
        "the content was changed after this approval, which no longer counts",
    );
    why(
        &|house| house.edit("R-1", "  by: mei", "  by: lin"),
        "lin 在 2026-06-10 不任“经理”；签名与这条审批不符",
        "lin was not Manager on 2026-06-10; the signature is not of this approval",
    );
    why(
        &|house| {
            house.write(
                "policies/allowed_signers",
                "wu namespaces=\"chancery\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICywRYP/0UJp4kiuljOentSFOXh3Oek2eTFAWeTkCU3t\n",
            )
        },
        "签名所用的密钥当时不能代表 mei",
        "the signature's key may not sign for mei at that time",
    );
    why(
        &|house| {
            house.write(
                "policies/house.md",
                &POLICY
                    .replace("until: 2026-05-31}, {person: mei, from: 2026-06-01}", "until: 2026-06-30}, {person: mei, from: 2026-07-01}"),
            )
        },
        "mei 在 2026-06-10 不任“经理”",
        "mei was not Manager on 2026-06-10",
    );
    why(
        &|house| house.edit("R-1", "by: fang", "by: mei"),
        "mei 审批了自己的记录；审批之后内容有改动，这次审批不再有效",
        "mei approved his or her own record; the content was changed after this approval, which no longer counts",
    );
}

#[test]
fn what_needs_no_approval_and_what_is_not_there_are_told_apart() {
    let house = House::new();
    house.report("R-1", "fang", 50);
    house.approve("R-1", "manager");
    house.tells(0, &["verify", "R-1"], ["R-1  批准已齐\n有效 1 项，无效 0 项", "R-1  approved in full\n1 valid, 0 not"]);
    let none = ["lin  制度没有规定须经批准\n有效 0 项，无效 0 项", "lin  no policy asks for its approval\n0 valid, 0 not"];
    house.tells(0, &["verify", "lin"], none);
    for id in ["R-9", "policies/none", ""] {
        house.tells(
            2,
            &["verify", id],
            [&format!("chancery: 没有这份档案或制度：{id}"), &format!("chancery: there is no record or policy {id}")],
        );
    }
    assert!(house.says(0, &["verify", "policies/house"]).contains("policies/house  制度没有规定须经批准"));
    assert!(house.says(0, &["verify", "chancery.yaml"]).contains("chancery.yaml  没有签署"));
}

/// A draft waits for nobody; filed, it does.
#[test]
fn a_draft_waits_once_it_is_filed() {
    let house = House::new();
    let given = ["new", "report", "about=采购", "by=方砚", "day=2026-06-02", "sum=50", "id=R-1"];
    house.says(0, &given);
    let path = "drafts/reports/R-1.md";
    assert_eq!(house.says(0, &["check", path]), format!("没有发现问题\n已填齐，可以归档：chancery file {path}\n"));
    house.tells(0, &["check"], ["没有发现问题", "no findings"]);
    assert_eq!(house.says(0, &["file", path]), "records/reports/R-1.md\nrecords/reports/R-1.md  待批：经理（梅汀 mei）\n");
}
