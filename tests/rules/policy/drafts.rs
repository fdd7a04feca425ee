//! Several drafts at once, and what they come to for whoever decides on them.

use super::{HOUSE, Little, run};
use assert_cmd::Command;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Beside the house: the grades of customers, and what rests on them.
const FILES: &str = r#"---
policy: files
title: 档案办法
status: in-force
effective: 2024-01-01
owner: office
---
# 档案办法

## 第1条　评级

```yaml type
id: review
label: {zh: 评级, en: Review}
date: on
author: by
must: {on: date, by: person, grade: A | B | C, state: open | done}
may: {again: date}
labels:
  grade: {zh: 等级, en: Grade}
  grade=C: {zh: 丙, en: Third}
```

## 第2条　办结

由经办人办结。
"#;

const CREDIT: &str = r#"---
policy: credit
title: 信用办法
status: in-force
effective: 2024-01-01
owner: office
---
# 信用办法

## 第1条　丙级

```yaml rule
id: third
for: review
when: grade == "C"
require: state == "done"
say: {zh: 丙级评级须办结, en: a third grade is to be done}
examples:
- breaks: {grade: C, state: open}
```

## 第2条　甲乙级

```yaml duty
id: upper
for: review
where: grade <= "B"
need: again
from: on
within: days(30)
who: by
say: {zh: 须再评, en: review again}
```
"#;

fn graded() -> Little {
    let little = Little::new();
    little.write("policies/files.md", FILES);
    little.write("policies/credit.md", CREDIT);
    for (id, on, grade, state) in
        [("R-1", "2026-02-20", "A", "open"), ("R-2", "2026-02-20", "C", "open"), ("R-3", "2026-01-05", "B", "done")]
    {
        let text = format!("---\ntype: review\nid: {id}\non: {on}\nby: lin\ngrade: {grade}\nstate: {state}\n---\n");
        little.write(&format!("records/{id}.md"), text);
    }
    little
}

/// Drafts in a folder of their own.
struct Drafts<'a> {
    archive: &'a Path,
    folder: tempfile::TempDir,
    names: Vec<&'a str>,
}

impl<'a> Drafts<'a> {
    fn of(little: &'a Little, drafts: &[(&'a str, String)]) -> Drafts<'a> {
        let folder = tempfile::tempdir().unwrap();
        drafts.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        Drafts { archive: little.0.path(), folder, names: drafts.iter().map(|(name, _)| *name).collect() }
    }

    fn prints(&self, status: i32, lang: &str) -> String {
        run(self.folder.path(), self.archive, status, &[&["policy", "diff"], &self.names[..], &["--lang", lang]].concat())
    }

    fn json(&self, status: i32) -> Vec<Value> {
        let said = run(self.folder.path(), self.archive, status, &[&["policy", "diff"], &self.names[..], &["--format", "json"]].concat());
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The lines of one kind, each without it.
    fn told(&self, status: i32, what: &str) -> Vec<Value> {
        let own = self.json(status).into_iter().filter(|line| line["what"] == what);
        own.map(|mut line| {
            line.as_object_mut().unwrap().remove("what");
            line
        })
        .collect()
    }
}

fn with_d() -> String {
    FILES.replace("grade: A | B | C,", "grade: A | B | C | D,")
}

/// A grade more needs both: by itself the one lacks the rule, and the other the grade.
#[test]
fn what_one_draft_demands_may_rest_on_what_another_declares() {
    let little = graded();
    let rule = CREDIT.replace("grade == \"C\"", "grade in [\"C\", \"D\"]");
    let alone = Drafts::of(&little, &[("credit.md", rule.clone())]);
    assert_eq!(alone.told(1, "mistake")[0]["code"], "policy.expression");
    let together = Drafts::of(&little, &[("credit.md", rule), ("files.md", with_d())]);
    assert_eq!(together.told(0, "mistake"), [Value::Null; 0]);
    assert_eq!(together.told(0, "unwatched"), [Value::Null; 0]);
    let blocks = together.told(0, "block");
    let block =
        |draft: &str, id: &str, kind: &str| json!({"draft": draft, "change": "changed", "id": id, "kind": kind, "article": "第1条"});
    assert_eq!(blocks, [block("credit.md", "credit.third", "rule"), block("files.md", "review", "type")]);
    let said = together.prints(0, "zh");
    assert!(said.contains("【《信用办法》机器条款】\n  修改  规则  credit.third  第1条\n"), "{said}");
    assert!(said.contains("【《档案办法》机器条款】\n  修改  档案种类  review  第1条\n"), "{said}");
}

/// It lies behind the last one of which the duty speaks, and the rule does not name it.
#[test]
fn a_grade_that_no_rule_speaks_of_is_told() {
    let drafts = Drafts::of(&graded(), &[("files.md", with_d())]).told(0, "unwatched");
    assert_eq!(drafts, [json!({"kind": "value", "id": "D", "type": "review", "field": "grade"})]);
    let little = graded();
    let drafts = Drafts::of(&little, &[("files.md", with_d())]);
    let told = "无人核对  评级“等级”的取值“D”：没有一项规定说到它\n";
    assert!(drafts.prints(0, "zh").contains(told), "{}", drafts.prints(0, "zh"));
    let told = "unwatched  “D” in “Grade” of Review: no provision speaks of it\n";
    assert!(drafts.prints(0, "en").contains(told), "{}", drafts.prints(0, "en"));
}

/// Grades by which an order is asked are spoken of on the side that is meant; what no rule names at
/// all is not missed.
#[test]
fn what_is_spoken_of_already_or_never_was_is_not_told() {
    let little = graded();
    let before = FILES.replace("grade: A | B | C,", "grade: A0 | A | B | C,").replace("state: open | done", "state: open | done | lost");
    // A0 stands before B; of states that no provision names one is told, since others are named.
    let told = Drafts::of(&little, &[("files.md", before)]).told(0, "unwatched");
    assert_eq!(told, [json!({"kind": "value", "id": "lost", "type": "review", "field": "state"})]);
    let none = CREDIT
        .replace("when: grade == \"C\"\nrequire: state == \"done\"", "require: on <= today")
        .replace("{grade: C, state: open}", "{on: 2999-01-01}");
    let dropped = Drafts::of(&little, &[("credit.md", none)]).told(0, "unwatched");
    assert_eq!(dropped, [json!({"kind": "value", "id": "C", "type": "review", "field": "grade"})], "of states nothing is said at all");
}

#[test]
fn types_and_articles_that_nobody_watches_over_any_more_are_told() {
    let little = graded();
    let prose = CREDIT.split("```yaml rule").next().unwrap().to_owned() + "条文。\n\n## 第2条　甲乙级\n\n条文。\n";
    let drafts = Drafts::of(&little, &[("credit.md", prose)]);
    let told = [
        json!({"kind": "type", "id": "review"}),
        json!({"kind": "article", "id": "第1条", "policy": "credit"}),
        json!({"kind": "article", "id": "第2条", "policy": "credit"}),
    ];
    assert_eq!(drafts.told(0, "unwatched"), told, "第2条 of the other policy was prose before");
    let said = drafts.prints(0, "zh");
    for part in ["无人核对  评级（review）：没有规则、应办事项或审批管它\n", "《信用办法》第1条：没有机器条款，也没有说明由谁核对\n"]
    {
        assert!(said.contains(part), "{part}\n---\n{said}");
    }
}

#[test]
fn a_block_that_fails_is_told_as_failing_and_what_it_finds_today_as_not_judged() {
    let little = graded();
    for (slip, id) in [
        (CREDIT.replace("grade == \"C\"", "grade = \"C\""), Some("credit.third")),
        (CREDIT.replace("grade == \"C\"", "grade == \"E\""), Some("credit.third")),
        (CREDIT.replace("require: state", "requires: state"), Some("credit.third")),
        (CREDIT.replacen("```yaml rule", "```yaml rul", 1), Some("credit.third")),
        (CREDIT.replace("say: {zh: 丙级评级须办结,", "say: {zh: 丙级\"评级须办结: ,"), Some("credit.third")),
    ] {
        let drafts = Drafts::of(&little, &[("credit.md", slip)]);
        let block = json!({"draft": "credit.md", "change": "failing", "id": id, "kind": "rule", "article": "第1条"});
        assert_eq!(drafts.told(1, "block"), [block], "{}", drafts.prints(1, "zh"));
        let found = drafts.told(1, "finding");
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!((&found[0]["change"], &found[0]["record"]), (&json!("unjudged"), &json!("R-2")));
        let said = drafts.prints(1, "zh");
        assert!(said.contains("  有错失效  规则  credit.third  第1条\n") && !said.contains("删除"), "{said}");
        assert!(said.contains("  未判断") && said.contains("  现有的 1 个问题，因草案有误无从判断\n"), "{said}");
        assert!(said.ends_with("新出现：无；不再出现：无\n"), "{said}");
    }
}

#[test]
fn settings_that_cannot_be_read_are_failing_and_not_removed() {
    let little = Little::new();
    for (slip, ids) in
        [(HOUSE.replace("most: 100\n", "most: 5万元\n"), ["most"]), (HOUSE.replace("most: 100\n", "most: [\n"), ["house.settings"])]
    {
        let drafts = Drafts::of(&little, &[("house.md", slip)]);
        let failing: Vec<Value> = drafts.told(1, "block").into_iter().filter(|line| line["kind"] == "settings").collect();
        let ids = ids.map(|id| json!({"draft": "house.md", "change": "failing", "id": id, "kind": "settings", "article": "第3条"}));
        assert_eq!(failing, ids);
        assert_eq!(drafts.told(1, "setting"), [Value::Null; 0]);
    }
}

/// A type with a mistake: what rests on it is neither new nor gone.
#[test]
fn what_rests_on_a_type_that_fails_is_not_judged() {
    let little = graded();
    let drafts = Drafts::of(&little, &[("files.md", FILES.replace("by: person", "by: persn"))]);
    let found = drafts.told(1, "finding");
    assert!(found.iter().all(|line| line["change"] != "ceased"), "{found:#?}");
    assert!(found.iter().any(|line| line["change"] == "unjudged" && line["record"] == "R-2"), "{found:#?}");
    let block = json!({"draft": "files.md", "change": "failing", "id": "review", "kind": "type", "article": "第1条"});
    assert_eq!(drafts.told(1, "block"), [block]);
}

/// What stands in a policy that nobody drafts, and rests on what a draft takes away.
#[test]
fn what_another_policy_demands_and_could_no_longer_is_told() {
    let little = graded();
    let drafts = Drafts::of(
        &little,
        &[("files.md", FILES.replace("grade: A | B | C,", "grade: A | B,").replace("  grade=C: {zh: 丙, en: Third}\n", ""))],
    );
    let stopped = json!({"kind": "rule", "id": "credit.third", "policy": "credit", "article": "第1条"});
    assert_eq!(drafts.told(1, "stopped"), [stopped]);
    let said = drafts.prints(1, "zh");
    assert!(said.contains("受阻      《信用办法》第1条的规则 credit.third：在这些草案之下不能成立\n"), "{said}");
}

/// R-1 and R-3 are of the grades that are reviewed again, within 300 days now and no longer within
/// 30; C-3 was over the limit before.
#[test]
fn a_manager_reads_what_the_drafts_come_to() {
    let little = graded();
    let credit = CREDIT.replace("days(30)", "days(300)").replace("grade == \"C\"", "grade >= \"B\"");
    let house = HOUSE.replace("most: 100\n", "most: 70\n").replace("{limit: 100}", "{limit: 70}");
    let house = house.replace("steps: [chief]", "steps: [{post: chief, when: limit > 50}]");
    let drafts = Drafts::of(&little, &[("credit.md", credit), ("house.md", house)]);
    let said = drafts.prints(1, "zh");
    let (_, sum) = said.split_once("【合计】\n").unwrap();
    assert_eq!(
        sum,
        "  改动      机器条款 改 4；数值 改 1
  涉及      客户 3 份，评级 3 份
  岗位      总管
  档案      客户：1 份新不合，1 份仍不合，所说不同
            评级：1 份转为相合
  应办      不再有 1 项
  有关的人  lin：1 份档案转为相合，少 1 项应办事项

新出现：2 个错误，0 个警告；不再出现：1 个错误，1 个警告
"
    );
    let said = drafts.prints(1, "en");
    let (_, sum) = said.split_once("In sum:\n").unwrap();
    assert_eq!(
        sum,
        "  changes  blocks: 4 changed; settings: 1 changed
  touches  Customer 3, Review 3
  offices  Chief
  records  Customer: 1 newly broken, 1 broken as before, in other words
           Review: 1 mended
  duties   1 fewer
  people   lin: 1 mended, 1 less to do

new: 2 errors, 0 warnings; ceased: 1 error, 1 warning
"
    );
    let effect = json!({
        "types": [
            {"type": "customer", "bound": 3, "breaks": 1, "stays": 1, "mends": 0, "past_begun": 0, "past_ended": 0},
            {"type": "review", "bound": 3, "breaks": 0, "stays": 0, "mends": 1, "past_begun": 0, "past_ended": 0},
        ],
        "people": [{"person": "lin", "name": "lin", "breaks": 0, "mends": 1, "duties_begun": 0, "duties_ended": 1}],
        "offices": ["chief"],
        "duties": {"begun": 0, "ended": 1, "moved": 0},
    });
    assert_eq!(drafts.told(1, "effect"), [effect]);
}

/// A breach that is over is one nevertheless: that a draft makes it, or takes it away, is counted.
#[test]
fn breaches_that_are_over_are_counted() {
    let little = graded();
    little.write("records/R-4.md", "---\ntype: review\nid: R-4\non: 2026-02-01\nby: lin\ngrade: A\nstate: open\nagain: 2026-02-27\n---\n");
    let drafts = Drafts::of(&little, &[("credit.md", CREDIT.replace("days(30)", "days(10)"))]);
    let past: Vec<Value> = drafts.told(0, "finding").into_iter().filter(|line| line["state"] == "past").collect();
    let told: Vec<_> = past.iter().map(|line| [&line["change"], &line["record"], &line["since"], &line["until"]]).collect();
    assert_eq!(told, [["new", "R-4", "2026-02-12", "2026-02-27"]]);
    let effect = &drafts.told(0, "effect")[0];
    assert_eq!((&effect["types"][0]["past_begun"], &effect["duties"]["moved"]), (&json!(1), &json!(1)));
    let said = drafts.prints(0, "zh");
    assert!(said.contains("【往日的违反】\n  credit.upper  多 1 项\n"), "{said}");
    assert!(said.contains("  档案      评级：1 份仍不合，所说不同，往日的违反多 1 项\n"), "{said}");
    // As the strict one is in force, and this is the draft: what was a breach is none any more.
    little.write("policies/credit.md", CREDIT.replace("days(30)", "days(10)"));
    let said = Drafts::of(&little, &[("credit.md", CREDIT.to_owned())]).prints(0, "zh");
    assert!(said.contains("【往日的违反】\n  credit.upper  少 1 项\n"), "{said}");
}

#[test]
fn two_drafts_of_one_policy_are_refused() {
    let little = graded();
    for (one, other) in [("a.md", "b.md"), ("a.md", "a.md")] {
        let drafts = Drafts::of(&little, &[(one, CREDIT.to_owned()), (other, CREDIT.to_owned())]);
        let mut command = Command::cargo_bin("chancery").unwrap();
        let archive = drafts.archive.to_str().unwrap();
        let output = command
            .args(["policy", "diff", one, other, "--archive", archive, "--lang", "zh"])
            .current_dir(drafts.folder.path())
            .assert()
            .code(2);
        let told = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert!(told.contains(&format!("{one} 和 {other} 都是 credit 的草案：一次只能试其中一份")), "{told}");
        assert_eq!(output.get_output().stdout, b"");
    }
}

/// What says of itself nothing, or of which one cannot be read, does not keep the others from being
/// tried.
#[test]
fn a_draft_that_is_no_policy_is_told_beside_those_that_are() {
    let little = graded();
    let drafts =
        Drafts::of(&little, &[("none.md", "没有文件头\n".to_owned()), ("other.md", "也没有\n".to_owned()), ("files.md", with_d())]);
    let mistakes: Vec<Value> = drafts.told(1, "mistake").into_iter().map(|line| line["path"].clone()).collect();
    assert_eq!(mistakes, ["none.md", "other.md"]);
    assert_eq!(drafts.told(1, "block").len(), 1);
    let missing = run(drafts.folder.path(), drafts.archive, 2, &["policy", "diff", "files.md", "gone.md"]);
    assert_eq!(missing, "", "nothing is told of some of what was asked for");
}

#[test]
fn only_diff_takes_several() {
    let little = graded();
    let drafts = Drafts::of(&little, &[("files.md", with_d()), ("credit.md", CREDIT.to_owned())]);
    for what in ["check", "print"] {
        assert_eq!(run(drafts.folder.path(), drafts.archive, 2, &["policy", what, "files.md", "credit.md"]), "");
    }
}
