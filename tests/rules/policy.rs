//! `chancery policy` as a clerk runs it: in a little archive, with what breaks it.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::{fs, path::Path};

mod drafts;

const HOUSE: &str = r#"---
policy: house
title: 房规
status: in-force
effective: 2024-01-01
owner: office
---
# 房规

## 第一章　总则

### 第1条　目的

条文。

### 第2条　客户

```yaml posts
posts:
  chief: {label: {zh: 总管, en: Chief}, held_by: [{person: lin, from: 2024-01-01}]}
departments:
  office: {label: {zh: 办公室, en: Office}, head: lin}
```

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
must: {name: text, joined: date, position: text, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date, email: email, phone: phone}
```

```yaml type
id: customer
label: {zh: 客户, en: Customer}
date: opened
must: {opened: date, limit: money, owner: person}
may: {called: date}
```

```yaml access
for: customer
when: limit > 0
readers: [owner]
```

```yaml approval
for: customer
steps: [chief]
```

### 第3条　额度

```yaml settings
most: 100
```

```yaml rule
id: most
for: customer
when: limit > 0
require: limit <= settings.most
say: {zh: "至多 {settings.most}", en: "at most {settings.most}"}
examples:
- holds: {limit: 100}
- breaks: {limit: 101}
```

```yaml duty
id: call
for: customer
where: limit > 0
need: called
from: opened
within: days(30)
who: owner
say: {zh: 须回访, en: call}
examples:
- holds: {limit: 1, opened: 2026-01-01}
```

```yaml style
id: guess
for: customer
avoid: [大概]
say: {zh: 不推测, en: no guessing}
```

```yaml rule
id: structure.blank
builtin: true
```
"#;

struct Little(tempfile::TempDir);

impl Little {
    fn new() -> Little {
        let little = Little(tempfile::tempdir().unwrap());
        little.write("chancery.yaml", "name: 小档案\nlanguage: zh\ntime_zone: \"+08:00\"\n");
        little.write("policies/house.md", HOUSE);
        little.write(
            "records/lin.md",
            "---\ntype: person\nid: lin\nname: 林\njoined: 2024-01-01\nposition: 总管\nreporting: [{from: 2024-01-01, department: office}]\n---\n",
        );
        for (id, limit, opened) in [("C-1", 0, "2026-02-20"), ("C-2", 80, "2026-02-20"), ("C-3", 120, "2026-01-01")] {
            let text = format!("---\ntype: customer\nid: {id}\nopened: {opened}\nlimit: {limit}\nowner: lin\n---\n大概如此。\n");
            little.write(&format!("records/{id}.md"), if id == "C-1" { text.trim_end_matches("大概如此。\n") } else { &text });
        }
        little
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A draft outside the archive.
    fn draft(&self, text: impl AsRef<[u8]>) -> Draft<'_> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("draft.md"), text).unwrap();
        Draft { archive: self.0.path(), folder }
    }

    /// Everything in the archive, to see that nothing is written.
    fn texts(&self) -> Vec<(String, Vec<u8>)> {
        let files = walkdir::WalkDir::new(self.0.path()).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
        files.filter(|entry| entry.file_type().is_file()).map(|e| (e.path().display().to_string(), fs::read(e.path()).unwrap())).collect()
    }

    fn prints(&self, status: i32, arguments: &[&str]) -> String {
        run(self.0.path(), self.0.path(), status, arguments)
    }

    fn json(&self, status: i32, arguments: &[&str]) -> Vec<Value> {
        lines(&self.prints(status, &[arguments, &["--format", "json"]].concat()))
    }
}

struct Draft<'a> {
    archive: &'a Path,
    folder: tempfile::TempDir,
}

impl Draft<'_> {
    fn prints(&self, status: i32, lang: &str) -> String {
        run(self.folder.path(), self.archive, status, &["policy", "diff", "draft.md", "--lang", lang])
    }

    fn json(&self, status: i32) -> Vec<Value> {
        lines(&run(self.folder.path(), self.archive, status, &["policy", "diff", "draft.md", "--format", "json"]))
    }

    /// Its lines in short: what, change, and what it is about.
    fn told(&self, status: i32) -> Vec<String> {
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or("-").to_owned();
        let short = |line: Value| match line["what"].as_str().unwrap() {
            "mistake" => format!("mistake {} {} {}", text(&line, "path"), line["line"], text(&line, "code")),
            "finding" => {
                format!("{} {} {} {}", text(&line, "change"), text(&line, "path"), text(&line, "code"), text(&line, "message"))
            }
            "setting" => format!("{} {} {}→{}", text(&line, "change"), text(&line, "id"), text(&line, "before"), text(&line, "after")),
            "unwatched" => format!("unwatched {} {}", text(&line, "kind"), text(&line, "id")),
            what => format!("{} {what} {}", text(&line, "change"), text(&line, "id")),
        };
        self.json(status).into_iter().filter(|line| line["what"] != "effect").map(short).collect()
    }
}

fn run(folder: &Path, archive: &Path, status: i32, arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("chancery").unwrap();
    let on = ["--archive", archive.to_str().unwrap(), "--on", "2026-03-01"];
    let output = command.args(arguments).args(on).current_dir(folder).env("LANG", "zh_CN.UTF-8").assert().code(status);
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

fn lines(said: &str) -> Vec<Value> {
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_examples_of_every_block_are_told_in_a_line() {
    let said = Little::new().prints(0, &["policy", "test"]);
    assert_eq!(
        said,
        "相符    house.most       第3条  符合 1  违反 1
相符    house.call       第3条  符合 1  违反 0
无例子  house.guess      第3条  符合 0  违反 0
无例子  structure.blank  第3条  符合 0  违反 0

4 项规定，3 个例子，0 个与所写不符；0 项规则缺例子
"
    );
}

#[test]
fn an_example_that_fails_is_a_finding_and_the_command_says_so() {
    let little = Little::new();
    little.write("policies/house.md", HOUSE.replace("- holds: {limit: 100}", "- holds: {limit: 101}"));
    let said = little.prints(1, &["policy", "test"]);
    assert!(said.starts_with("不符    house.most       第3条  符合 1  违反 1\n"), "{said}");
    let finding =
        "policies/house.md:65:3  error[policy.example]  house.most 的例子应当符合，却得到：至多 100\n  65 │ - holds: {limit: 101}\n";
    assert!(said.contains(finding) && said.ends_with("3 个例子，1 个与所写不符；0 项规则缺例子\n"), "{said}");
    let line = json!({
        "id": "house.most", "policy": "house", "article": "第3条", "path": "policies/house.md", "line": 58, "holds": 1, "breaks": 1, "late": 0,
        "failed": ["house.most 的例子应当符合，却得到：至多 100"],
    });
    assert_eq!(little.json(1, &["policy", "test"])[0], line);
}

#[test]
fn a_rule_without_examples_and_a_block_that_is_switched_off_are_told() {
    let little = Little::new();
    little.write("policies/house.md", HOUSE.replace("examples:\n- holds: {limit: 100}\n- breaks: {limit: 101}\n", ""));
    let said = little.prints(0, &["policy", "test"]);
    assert!(said.starts_with("缺例子  house.most") && said.ends_with("；1 项规则缺例子\n"), "{said}");
    little.write("policies/house.md", HOUSE.replace("require: limit", "require: limti"));
    let said = little.prints(1, &["policy", "test"]);
    assert!(!said.contains("house.most ") && said.contains("有错的条款未能试验") && said.contains("error[policy.expression]"), "{said}");
    assert_eq!(little.json(1, &["policy", "test"]).len(), 3);
}

#[test]
fn the_coverage_counts_what_check_judges() {
    let said = Little::new().prints(0, &["policy", "coverage"]);
    assert_eq!(
        said,
        "《房规》（house，policies/house.md，自 2024-01-01 起施行）
  第1条　目的（条文：无人核对）
  第2条　客户
    岗位与部门  house.posts
    档案种类    person                   档案 1
    档案种类    customer                 档案 3
    查阅权限    house.access-customer    涉及 2
    审批        house.approval-customer  须批 3，未批齐 3
  第3条　额度
    可调数值    house.settings
    规则        house.most               判断 2，违反 1
    应办事项    house.call               适用 2，到期 0，逾期 1，按期 0%
    文字要求    house.guess              判断 2，违反 2
    规则        structure.blank          违反 0

1 部制度，3 条：2 条有机器条款（共 10 项），1 条是条文，其中 1 条无人核对
"
    );
    let english = Little::new().prints(0, &["policy", "coverage", "--lang", "en"]);
    assert!(english.contains("    duty      house.call               binds 2, due 0, overdue 1, in time 0%\n"), "{english}");
}

#[test]
fn coverage_as_json() {
    let told = Little::new().json(0, &["policy", "coverage"]);
    assert_eq!(told[0], json!({ "policy": "house", "article": "第1条", "title": "目的", "line": 12, "kind": "prose", "why": null }));
    let most = json!({
        "policy": "house", "article": "第3条", "title": "额度", "line": 52, "block": "house.most", "kind": "rule", "judged": 2, "broken": 1,
        "past": 0, "punctuality": null,
    });
    assert!(told.contains(&most), "{told:#?}");
    let builtin = told.iter().find(|line| line["block"] == "structure.blank").unwrap();
    assert_eq!((&builtin["judged"], &builtin["broken"]), (&Value::Null, &json!(0)));
}

/// Steps are the same each time; how long they take is told beside.
#[test]
fn what_each_block_takes_is_told_and_who_looks_through_a_type() {
    let little = Little::new();
    let looks = "
```yaml rule
id: one
for: customer
require: records(\"customer\").size() < 9
say: {zh: 多, en: many}
examples: [{holds: {limit: 1}}]
```
";
    little.write("policies/house.md", HOUSE.to_owned() + looks);
    let cost = || {
        let mut lines = little.json(0, &["policy", "coverage", "--cost"]);
        for line in &mut lines {
            line.as_object_mut().unwrap().remove("milliseconds");
        }
        lines
    };
    let told = cost();
    assert_eq!(told, cost());
    let of = |key: &str| told.iter().filter(|line| line.get(key).is_some()).cloned().collect::<Vec<_>>();
    let steps: Vec<u64> = of("block").iter().map(|line| line["steps"].as_u64().unwrap()).collect();
    assert!(steps.is_sorted_by(|a, b| a >= b) && steps[0] > 0, "{told:#?}");
    let one = told.iter().find(|line| line["block"] == "house.one").unwrap();
    assert_eq!((&one["judgements"], one["reads"].as_u64()), (&json!(3), Some(9)), "each of three customers looks at three");
    assert_eq!(of("type"), [json!({ "type": "customer", "judgements": 3, "blocks": { "house.one": 3 } })]);
    assert!(of("record").iter().filter(|line| line["judgements"].as_u64() >= Some(2)).count() >= 3, "{told:#?}");
    let said = little.prints(0, &["policy", "coverage", "--cost", "--lang", "en"]);
    assert!(said.contains("house.one") && said.contains("judgements 3") && said.contains("customer  3  house.one 3\n"), "{said}");
    assert_eq!(little.prints(2, &["policy", "list", "--cost"]), "");
}

#[test]
fn why_an_article_has_no_block_is_told() {
    let little = Little::new();
    for (why, zh) in [("purpose", "宗旨、适用与解释"), ("judgement", "由人判断"), ("elsewhere", "由别处核对")] {
        little.write("policies/house.md", HOUSE.replacen("owner: office\n", &format!("owner: office\nprose: {{{why}: [第1条]}}\n"), 1));
        let told = little.prints(0, &["policy", "coverage"]);
        assert!(told.contains(&format!("第1条　目的（条文：{zh}）")) && told.contains("其中 0 条无人核对"), "{told}");
        assert_eq!(little.json(0, &["policy", "coverage"])[0]["why"], why);
    }
    little.write("policies/house.md", HOUSE.replacen("owner: office\n", "owner: office\nprose: {purpose: [第9条]}\n", 1));
    assert!(little.prints(1, &["check"]).contains("error[policy.reference]  这份制度没有“第9条”这一条"));
}

/// The figure of a rule is the number of the records that have a finding of its code.
#[test]
fn the_coverage_agrees_with_check() {
    let little = Little::new();
    let findings = little.json(1, &["check"]);
    for line in little.json(0, &["policy", "coverage"]) {
        if ["rule", "duty", "style"].contains(&line["kind"].as_str().unwrap()) {
            let found = findings.iter().filter(|finding| finding["code"] == line["block"]).count();
            assert_eq!(line["broken"], json!(found), "{line}");
        }
    }
}

#[test]
fn only_what_is_in_force_today_is_covered() {
    let little = Little::new();
    little.write("policies/next.md", HOUSE.replace("2024-01-01\nowner", "2026-03-02\nowner"));
    assert_eq!(little.json(0, &["policy", "coverage"]).len(), 11);
    little.write("policies/next.md", "---\npolicy: house\ntitle: 房规\nstatus: withdrawn\neffective: 2026-03-01\nowner: office\n---\n");
    assert_eq!(little.json(0, &["policy", "coverage"]).len(), 0);
}

#[test]
fn a_draft_that_says_the_same_changes_nothing() {
    let little = Little::new();
    let draft = little.draft(HOUSE.replace("status: in-force", "status: draft").replace("2024-01-01\nowner", "2030-01-01\nowner"));
    let before = little.texts();
    assert_eq!(draft.told(0), [""; 0]);
    let said = draft.prints(0, "zh");
    assert_eq!(
        said,
        "草案 draft.md（《房规》，自 2030-01-01 起施行）与现行版本（policies/house.md，自 2024-01-01 起）比较：以下把草案当作自 2024-01-01 起就在其位。

条款、机器条款和数值都没有不同

新出现：无；不再出现：无
"
    );
    assert_eq!(little.texts(), before, "nothing is written");
}

#[test]
fn lines_that_move_and_yaml_laid_out_otherwise_are_no_change() {
    let little = Little::new();
    let moved = HOUSE.replace("# 房规\n", "# 房规\n\n\n\n").replace("owner: office\n---", "owner: office\nnotes: 草稿\n---");
    let moved = moved.replace(
        "say: {zh: \"至多 {settings.most}\", en: \"at most {settings.most}\"}",
        "say:\n  zh: \"至多 {settings.most}\" # 人话\n  en: \"at most {settings.most}\"",
    );
    assert_eq!(little.draft(moved).told(0), [""; 0]);
}

#[test]
fn what_a_draft_would_change_is_told_with_its_articles_blocks_settings_and_findings() {
    let little = Little::new();
    let text =
        HOUSE.replace("status: in-force", "status: draft").replace("most: 100\n", "most: 70\n").replace("{limit: 100}", "{limit: 70}");
    let text = text
        .replace("条文。", "另一种条文。")
        .replace("within: days(30)", "within: days(300)")
        .replace("### 第3条　额度", "### 第4条　额度");
    let style = text.find("```yaml style").unwrap()..text.find("```yaml rule\nid: structure.blank").unwrap();
    let mut text = text;
    text.replace_range(style, "```yaml rule\nid: named\nfor: customer\nrequire: limit != 0\nsay: {zh: 不得为零, en: not 0}\nexamples:\n- holds: {limit: 1}\n```\n\n");
    let draft = little.draft(&text);
    assert_eq!(
        draft.told(1),
        [
            "changed article 第1条",
            "added article 第4条",
            "removed article 第3条",
            "changed block house.most",
            "changed block house.call",
            "added block house.named",
            "changed block structure.blank",
            "removed block house.guess",
            "changed most 100→70",
            "new records/C-1.md house.named 不得为零",
            "new records/C-2.md house.most 至多 70",
            "new records/C-3.md house.most 至多 70",
            "ceased records/C-2.md house.guess 不推测",
            "ceased records/C-3.md house.call 须回访；应于 2026-01-31 完成，已逾期 29 天，由lin负责",
            "ceased records/C-3.md house.most 至多 100",
            "ceased records/C-3.md house.guess 不推测",
        ]
    );
    let said = draft.prints(1, "zh");
    for part in [
        "【条款】\n  修改  第1条  目的\n  增加  第4条  额度\n  删除  第3条  额度\n",
        "【机器条款】\n  修改  规则      house.most       第4条\n",
        "【可调数值】\n  修改  most  100 → 70\n",
        "【新出现的问题】\n\nrecords/C-1.md:5:8  error[house.named]  不得为零\n",
        "依据 《房规》第4条（draft.md:52）\n",
        "新出现：3 个错误，0 个警告；不再出现：3 个错误，1 个警告\n",
    ] {
        assert!(said.contains(part), "{part}\n---\n{said}");
    }
    let english = draft.prints(1, "en");
    assert!(
        english.contains("Findings that would be new:\n") && english.ends_with("new: 3 errors, 0 warnings; ceased: 3 errors, 1 warning\n"),
        "{english}"
    );
}

/// What only ceases, or would be told as a warning, stops nobody.
#[test]
fn the_status_is_1_only_where_a_record_newly_breaks_with_an_error() {
    let little = Little::new();
    assert_eq!(little.draft(HOUSE.replace("most: 100\n", "most: 120\n").replace("{limit: 101}", "{limit: 121}")).told(0).len(), 3);
    let warning = HOUSE.replace("say: {zh: \"至多", "severity: warning\nsay: {zh: \"至多");
    assert_eq!(
        little.draft(warning).told(0),
        ["changed block house.most", "new records/C-3.md house.most 至多 100", "ceased records/C-3.md house.most 至多 100"]
    );
}

#[test]
fn the_mistakes_of_a_draft_are_told_first() {
    let little = Little::new();
    let text = HOUSE.replace("require: limit", "require: limti").replace("- holds: {limit: 1, opened", "- breaks: {limit: 1, opened");
    let told = little.draft(text).told(1);
    assert_eq!(
        told,
        [
            "mistake draft.md 62 policy.expression",
            "mistake draft.md 79 policy.example",
            "changed block house.call",
            "failing block house.most",
            "unjudged records/C-3.md house.most 至多 100",
        ]
    );
}

/// A draft is approved when it is done: that it is not yet, or that it bears the approvals of the
/// text it began as, is no mistake.
#[test]
fn the_approvals_of_a_draft_do_not_matter() {
    let little = Little::new();
    let chain = "```yaml approval\nfor: policy\nsteps: [chief]\n```\n\n";
    let demanding = HOUSE.replace("### 第3条", &format!("{chain}### 第3条"));
    little.write("policies/house.md", &demanding);
    let stale = "approvals:\n- {step: chief, by: lin, at: 2023-12-01T08:00:00+08:00, seal: sha256:00, signature: x}\n---\n# 房规";
    assert_eq!(little.draft(demanding.replace("---\n# 房规", stale)).told(0), [""; 0]);
}

#[test]
fn a_policy_of_an_id_that_is_not_known_is_all_new_and_judges_every_record() {
    let little = Little::new();
    let text = "---\npolicy: other\ntitle: 新制度\nstatus: draft\neffective: 2030-01-01\nowner: office\n---\n## 第1条　甲\n\n```yaml rule\nid: none\nfor: customer\nrequire: limit == 0\nsay: {zh: 须为零, en: none}\nexamples:\n- holds: {limit: 0}\n```\n";
    let draft = little.draft(text);
    assert_eq!(
        draft.told(1),
        ["added article 第1条", "added block other.none", "new records/C-2.md other.none 须为零", "new records/C-3.md other.none 须为零",]
    );
    assert!(draft.prints(1, "zh").starts_with("草案 draft.md（《新制度》，自 2030-01-01 起施行）：现在没有这一编号的制度。"));
}

/// What has no date is bound by nothing any more; the records of earlier days are judged by the
/// version of their time, and can be read.
#[test]
fn a_draft_that_withdraws_the_policy_is_tried_as_if_it_did_so_today() {
    let little = Little::new();
    let rule = |id: &str, judged: &str, require: &str| {
        format!("```yaml rule\nid: {id}\nfor: {judged}\nrequire: {require}\nsay: {{zh: 不符, en: no}}\n```\n\n")
    };
    let note = "```yaml type\nid: note\nlabel: {zh: 记事, en: Note}\ndate: on\nmust: {on: date}\n```\n\n";
    let rules = [rule("small", "customer", "limit < 100"), rule("named", "person", "name.size() > 1")].concat();
    let front =
        |status: &str, day: &str| format!("---\npolicy: notes\ntitle: 附则\nstatus: {status}\neffective: {day}\nowner: office\n---\n");
    little.write("policies/notes.md", format!("{}## 第1条　甲\n\n{note}{rules}", front("in-force", "2026-01-01")));
    little.write("records/N-1.md", "---\ntype: note\nid: N-1\non: 2026-02-01\n---\n");
    let draft = little.draft(front("withdrawn", "2026-04-01"));
    let removed = ["removed article 第1条", "removed block note", "removed block notes.small", "removed block notes.named"];
    assert_eq!(draft.told(0), [&removed[..], &["ceased records/lin.md notes.named 不符", "unwatched type person"]].concat());
    let head = "草案 draft.md（自 2026-04-01 起废止《附则》，policies/notes.md）：以下当作自今天（2026-03-01）起废止。";
    assert!(draft.prints(0, "zh").starts_with(head), "{}", draft.prints(0, "zh"));
}

#[test]
fn what_is_no_policy_is_told_and_compared_with_nothing() {
    let little = Little::new();
    assert_eq!(little.draft("没有文件头\n").told(1), ["mistake draft.md 1 document.front-matter"]);
    assert_eq!(little.draft("---\ntitle: 甲\n---\n").told(1)[0], "mistake draft.md 1 policy.front-matter");
    assert_eq!(little.draft("").told(1), ["mistake draft.md 1 document.front-matter"]);
    assert_eq!(little.draft([0xff, 0xfe, 0x00]).told(1)[0], "mistake draft.md 1 document.encoding");
}

#[test]
fn what_cannot_run_says_so() {
    let little = Little::new();
    for arguments in [&["policy", "diff"][..], &["policy", "diff", "none.md"], &["policy", "diff", "records"], &["policy", "test", "x.md"]]
    {
        assert_eq!(little.prints(2, arguments), "", "{arguments:?}");
    }
}
