//! `chancery new`, `check` and `file`: a record from its first line to its place in the archive, as
//! a clerk writes one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const POLICY: &str = r#"---
policy: house
title: 客户办法
status: trial
effective: 2020-01-01
owner: office
---
# 客户办法

## 第1条　人员

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
folder: people
title: name
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date}
```

## 第2条　客户

```yaml type
id: customer
label: {zh: 客户档案, en: Customer file}
folder: customers
prefix: C
title: name
must: {name: text, owner: person, area: department, grade: A | B | C, opened: date}
may: {limit: money, phone: phone, active: yes|no, keeper: person or post, others: list of customer, contact: {name: text, met: date}}
labels:
  owner: {zh: 经办人, en: Owner}
  opened: {zh: 开户日期, en: Opened}
  grade: {zh: 等级, en: Grade}
  grade=A: {zh: 优, en: Good}
```

```yaml type
id: complaint
label: {zh: 客户投诉, en: Customer complaint}
folder: complaints
prefix: CP
date: day
must: {customer: customer, day: date}
sections: [经过]
```

```yaml type
id: appeal
label: {zh: 申诉, en: Appeal}
folder: appeals
must: {about: text}
```

```yaml duty
id: visited
for: customer
need: complaint
from: opened
within: 10 days
who: owner
say: {zh: 须有回访, en: to be visited}
```

```yaml access
for: [person, complaint, appeal]
readers: [everyone]
```

```yaml access
for: customer
readers: [owner]
```
"#;

struct House(tempfile::TempDir);

impl House {
    /// Lin and two people of one name; thirty customers, of whom two share a name.
    fn new() -> House {
        let house = House(tempfile::tempdir().unwrap());
        house.write("chancery.yaml", "name: 内务处\nlanguage: zh\ntime_zone: \"+08:00\"\ndemo_day: \"2026-11-16\"\n");
        house.write("policies/house.md", POLICY);
        for (id, name) in [("lin", "林总"), ("fang.yan", "方岩"), ("li.na", "李娜"), ("li.na2", "李娜")] {
            let front =
                format!("type: person\nid: {id}\nname: {name}\njoined: 2020-01-01\nreporting: [{{from: 2020-01-01, department: sales}}]\n");
            house.write(&format!("records/people/{id}.md"), &format!("---\n{front}---\n"));
        }
        for number in 1..=30 {
            let name = match number {
                7 => "越溪纺织有限公司".to_owned(),
                8 | 9 => "恒润".to_owned(),
                other => format!("{other} 号客户"),
            };
            let front = format!("type: customer\nid: C-{number:04}\nname: {name}\nowner: lin\narea: sales\ngrade: B\nopened: 2026-11-10\n");
            house.write(&format!("records/customers/C-{number:04}.md"), &format!("---\n{front}---\n"));
        }
        house
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
        fs::write(self.path(path), text.replace(from, to)).unwrap();
    }

    /// What it said, which must end with this status.
    fn says(&self, status: i32, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).current_dir(self.0.path()).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}");
        said
    }

    /// The path and the text of a draft.
    fn drafts(&self, arguments: &[&str]) -> (String, String) {
        let said = self.says(0, &[&["new"], arguments].concat());
        let path = said.lines().next().unwrap().to_owned();
        let text = fs::read_to_string(self.path(&path)).unwrap();
        (path, text)
    }

    /// Why nothing was written, in both languages.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], expected: [&str; 2]) {
        let before = self.listing();
        for (lang, expected) in ["zh", "en"].into_iter().zip(expected) {
            assert_eq!(self.says(2, &[&["new"], arguments, &["--lang", lang]].concat()), format!("chancery: {expected}\n"));
        }
        assert_eq!(self.listing(), before);
    }

    fn listing(&self) -> Vec<PathBuf> {
        let files = walkdir::WalkDir::new(self.0.path()).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
        files.filter(|path| path.is_file()).collect()
    }
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|own| own == line)
}

#[test]
fn what_people_call_things_is_written_as_the_record_has_it() {
    let house = House::new();
    let (_, text) = house.drafts(&[
        "客户档案",
        "name=新客户",
        "经办人=方岩",
        "area=销售部",
        "grade=优",
        "opened=2026年11月3日",
        "limit=5万元",
        "phone=０２１-５５５５０１０１",
        "active=是",
        "keeper=总管",
        "others=越溪纺织有限公司，C-0002",
        "contact.met=２０２６.1１.2",
    ]);
    for line in [
        "owner: fang.yan",
        "area: sales",
        "grade: A",
        "opened: 2026-11-03",
        "limit: 50000",
        "phone: 021-55550101",
        "active: yes",
        "keeper: chief",
        "- C-0007",
        "- C-0002",
        "  met: 2026-11-02",
    ] {
        assert!(has_line(&text, line), "{line}\n{text}");
    }
    let (_, text) = house.drafts(&["customer", "keeper=方岩", "limit=50000.00", "active=no"]);
    assert!(has_line(&text, "keeper: fang.yan") && has_line(&text, "limit: 50000.00") && has_line(&text, "active: no"), "{text}");
}

#[test]
fn what_is_not_there_is_refused() {
    let house = House::new();
    let complaint = |customer: &'static str| ["complaint", customer];
    house.refuses(
        &complaint("customer=C-9999"),
        ["没有编号或名称为“C-9999”的客户档案", "there is no Customer file with the id or title “C-9999”"],
    );
    house.refuses(
        &complaint("customer=C-0031"),
        [
            "没有编号或名称为“C-0031”的客户档案，是不是 C-0001 1 号客户？",
            "there is no Customer file with the id or title “C-0031”; did you mean C-0001 1 号客户?",
        ],
    );
    house.refuses(
        &complaint("customer=越溪"),
        [
            "没有编号或名称为“越溪”的客户档案，是不是 C-0007 越溪纺织有限公司？",
            "there is no Customer file with the id or title “越溪”; did you mean C-0007 越溪纺织有限公司?",
        ],
    );
    house.refuses(
        &complaint("customer=恒润"),
        [
            "这个名称有几份档案：恒润，请写明编号：\n  C-0008 恒润\n  C-0009 恒润",
            "several records have the title 恒润: give the id of the one that is meant:\n  C-0008 恒润\n  C-0009 恒润",
        ],
    );
    house.refuses(
        &["customer", "owner=李娜"],
        [
            "这个名称有几份档案：李娜，请写明编号：\n  li.na 李娜\n  li.na2 李娜",
            "several records have the title 李娜: give the id of the one that is meant:\n  li.na 李娜\n  li.na2 李娜",
        ],
    );
    house.refuses(
        &["customer", "owner=C-0001"],
        ["C-0001 是“客户档案”，这里应为“人员”", "C-0001 is a “Customer file”; here a “Person” is to be named"],
    );
    house.refuses(&["customer", "keeper=某人"], ["没有编号或名称为“某人”的人员", "there is no Person with the id or title “某人”"]);
    house.refuses(
        &["customer", "supersedes=C-9999"],
        ["没有编号或名称为“C-9999”的档案", "there is no record with the id or title “C-9999”"],
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_an_example() {
    let house = House::new();
    for (given, zh, en) in [
        (
            "opened=昨天",
            "开户日期（opened）应为日期（年-月-日），现为 昨天\n改写为如 2026-03-04 的形式",
            "Opened (opened) should be a date (year-month-day), and is 昨天\nwrite it like 2026-03-04",
        ),
        (
            "opened=2026年2月30日",
            "开户日期（opened）写的是 2026年2月30日，没有这一天\n改写为如 2026-03-04 的形式",
            "Opened (opened) is 2026年2月30日: there is no such day\nwrite it like 2026-03-04",
        ),
        (
            "grade=D",
            "等级（grade）应为 A、B、C 之一，现为 D\n改写为如 A 的形式",
            "Grade (grade) should be one of A, B, C, and is D\nwrite it like A",
        ),
        (
            "limit=五千",
            "limit应为金额，现为 五千\n改写为如 50000.00 的形式",
            "limit should be an amount of money, and is 五千\nwrite it like 50000.00",
        ),
        (
            "area=slaes",
            "area应为 office、sales 之一，现为 slaes\n是不是“sales”？",
            "area should be one of office, sales, and is slaes\ndid you mean “sales”?",
        ),
        (
            "phone=没有",
            "phone应为电话号码，现为 没有\n改写为如 021-5555 0101 的形式",
            "phone should be a telephone number, and is 没有\nwrite it like 021-5555 0101",
        ),
        (
            "contact.met=x",
            "contact.met应为日期（年-月-日），现为 x\n改写为如 2026-03-04 的形式",
            "contact.met should be a date (year-month-day), and is x\nwrite it like 2026-03-04",
        ),
    ] {
        house.refuses(&["customer", given], [zh, en]);
    }
}

/// A record that the writer may not read and one that is not there are refused alike.
#[test]
fn who_may_not_read_a_record_cannot_tell_whether_it_is_there() {
    let house = House::new();
    let refused =
        |customer: &str| house.says(2, &["new", "complaint", &format!("customer={customer}"), "--as", "fang.yan"]).replace(customer, "…");
    let hidden = refused("C-0007");
    for other in ["C-9999", "越溪纺织有限公司", "恒润", "越溪"] {
        assert_eq!(refused(other), hidden);
    }
    let (_, text) = house.drafts(&["complaint", "customer=C-0007", "--as", "lin"]);
    assert!(has_line(&text, "customer: C-0007"));
}

#[test]
fn an_unknown_type_is_told_by_a_part_of_its_name() {
    let house = House::new();
    let told = |word: &str, lang: &str| house.says(2, &["new", word, "--lang", lang]).lines().next().unwrap().to_owned();
    for (word, zh, en) in [
        (
            "投诉",
            "chancery: 没有这种类型：投诉；名称中有这个词的只有一种：complaint 客户投诉，请写 complaint",
            "chancery: there is no type 投诉; one type alone has it in its name: complaint Customer complaint; write complaint",
        ),
        (
            "客户",
            "chancery: 没有这种类型：客户；名称中有这个词的有：complaint 客户投诉、customer 客户档案",
            "chancery: there is no type 客户; these have it in their names: complaint Customer complaint, customer Customer file",
        ),
        (
            "Complaints",
            "chancery: 没有这种类型：Complaints，是不是 complaint？",
            "chancery: there is no type Complaints; did you mean complaint?",
        ),
        ("custmer", "chancery: 没有这种类型：custmer，是不是 customer？", "chancery: there is no type custmer; did you mean customer?"),
        (
            "客户投诉单",
            "chancery: 没有这种类型：客户投诉单，是不是 complaint？",
            "chancery: there is no type 客户投诉单; did you mean complaint?",
        ),
        ("仪器", "chancery: 没有这种类型：仪器", "chancery: there is no type 仪器"),
    ] {
        assert_eq!(told(word, "zh"), zh);
        assert_eq!(told(word, "en"), en);
    }
}

#[test]
fn a_new_record_takes_the_next_number_of_its_folder() {
    let house = House::new();
    let next = |arguments: &[&str]| house.drafts(arguments).0;
    assert_eq!(next(&["customer"]), "drafts/customers/C-0031.md");
    assert_eq!(next(&["customer"]), "drafts/customers/C-0032.md", "a draft has its number");
    // What was disposed of is still named, and its number is nobody's.
    house.write(
        "records/complaints/2026-0001.md",
        "---\ntype: complaint\nid: CP-2026-0001\ncustomer: C-0033\nday: 2026-11-10\n---\n## 经过\n\n无。\n",
    );
    assert_eq!(next(&["customer"]), "drafts/customers/C-0034.md");
    assert_eq!(next(&["complaint"]), "drafts/complaints/CP-2026-0002.md");
    assert_eq!(next(&["complaint", "day=2025年1月2日"]), "drafts/complaints/CP-2025-0001.md");
    // Where there is nothing to go on with, as before.
    assert!(next(&["appeal"]).starts_with("drafts/appeals/"));
    house.refuses(&["customer", "id=C-0007"], ["已有这个编号：C-0007", "there is a record of that id already: C-0007"]);
    house.refuses(
        &["customer", "id=C-0031"],
        ["已有这个编号的草稿：drafts/customers/C-0031.md", "there is a draft of that id already: drafts/customers/C-0031.md"],
    );
}

#[test]
fn a_person_is_not_named_by_chance() {
    let house = House::new();
    house.refuses(
        &["人员", "name=王芳"],
        [
            "人员档案的编号就是登录名，请写明，如 id=wang.fang",
            "the id of a person's record is what that person signs in with: give it, as id=wang.fang",
        ],
    );
    assert_eq!(house.drafts(&["person", "name=王芳", "id=wang.fang"]).0, "drafts/people/wang.fang.md");
    // Staff who are numbered stay so.
    for number in 1..=9 {
        let front = format!(
            "type: person\nid: E-{number:03}\nname: {number}\njoined: 2020-01-01\nreporting: [{{from: 2020-01-01, department: sales}}]\n"
        );
        house.write(&format!("records/people/E-{number:03}.md"), &format!("---\n{front}---\n"));
    }
    assert_eq!(house.drafts(&["person", "name=王芳"]).0, "drafts/people/E-010.md");
}

/// Whoever sits at a terminal is asked.
#[test]
fn at_a_terminal_the_sign_in_name_is_asked_for() {
    let house = House::new();
    let line = format!("{} new person name=王芳 --lang en", env!("CARGO_BIN_EXE_chancery"));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(house.0.path());
    script.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut running = match script.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        running => running.unwrap(),
    };
    std::io::Write::write_all(&mut running.stdin.take().unwrap(), b"wang.fang\n").unwrap();
    let said = String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("Name to sign in with (it is the id of the record too), as wang.fang:"), "{said}");
    assert!(house.path("drafts/people/wang.fang.md").exists(), "{said}");
}

/// Neither its own duties, nor what is wrong with it, nor what it would do for others.
#[test]
fn a_draft_is_no_record_until_it_is_filed() {
    let house = House::new();
    let (checked, due) = (house.says(0, &["check"]), house.says(0, &["due"]));
    assert!(due.contains("C-0007"), "{due}");
    let (path, _) = house.drafts(&["complaint", "customer=C-0007", "day=2026-11-12"]);
    house.drafts(&["customer", "name=新客户", "owner=lin"]);
    assert_eq!((house.says(0, &["check"]), house.says(0, &["due"])), (checked.clone(), due.clone()));
    // What it lacks is told of it alone.
    let told = house.says(1, &["check", &path]);
    assert!(
        told.starts_with(&format!("{path}:")) && told.contains("“经过”一节是空的") && told.contains("\n1 个错误，0 个警告\n"),
        "{told}"
    );
    assert!(!told.contains("chancery file"), "{told}");
    let refused = house.says(1, &["file", &path]);
    assert!(refused.contains("“经过”一节是空的") && refused.ends_with("没有归档：先补齐以上各项\n"), "{refused}");
    assert!(house.says(1, &["file", &path, "--lang", "en"]).ends_with("nothing was filed: see to these first\n"));
    house.edit(&path, "## 经过\n", "## 经过\n\n来电称泵响。\n");
    let told = house.says(0, &["check", &path]);
    assert_eq!(told, format!("没有发现问题\n已填齐，可以归档：chancery file {path}\n"));
    let text = fs::read(house.path(&path)).unwrap();
    let record = path.replacen("drafts", "records", 1);
    assert_eq!(house.says(0, &["file", &path]), format!("{record}\n"));
    assert_eq!(fs::read(house.path(&record)).unwrap(), text);
    assert!(!house.path(&path).exists());
    assert!(!house.says(0, &["due"]).contains("C-0007"));
    assert_eq!(house.says(0, &["check"]), checked);
}

#[test]
fn several_drafts_are_filed_together_or_none() {
    let house = House::new();
    let (first, _) = house.drafts(&["appeal", "about=甲", "id=AP-1"]);
    let (second, _) = house.drafts(&["appeal", "id=AP-2"]);
    assert!(house.says(1, &["file", &first, &second]).contains(&format!("{second}:")));
    assert!(house.path(&first).exists() && house.path(&second).exists());
    house.edit(&second, "\nabout:\n", "\nabout: 乙\n");
    assert_eq!(house.says(0, &["file", &first, &second]), "records/appeals/AP-1.md\nrecords/appeals/AP-2.md\n");
    let json = house.says(0, &["check", "--format", "json", "records/appeals"]);
    assert_eq!(json, "");
}

/// What is wrong with the record that it becomes, by a rule, does not keep it out: it may tell of
/// what happened. It is told.
#[test]
fn what_cannot_be_filed_stays_where_it_is() {
    let house = House::new();
    let (path, _) = house.drafts(&["appeal", "about=甲", "id=AP-1"]);
    let record = "records/appeals/AP-1.md";
    house.write(record, "---\ntype: appeal\nid: AP-1\nabout: 先到\n---\n");
    let taken = house.says(2, &["file", &path]);
    assert_eq!(taken, format!("chancery: {path} 无处可归：{record} 已经有了\n"));
    assert_eq!(house.says(2, &["check", &path]), taken);
    // Nor an id that another bears.
    fs::rename(house.path(record), house.path("records/appeals/other.md")).unwrap();
    assert_eq!(house.says(2, &["file", &path]), format!("chancery: {path}: 已有这个编号：AP-1\n"));
    assert!(house.path(&path).exists());
    // What is not UTF-8 was not read as it stands.
    fs::remove_file(house.path("records/appeals/other.md")).unwrap();
    let whole = fs::read_to_string(house.path(&path)).unwrap();
    fs::write(house.path(&path), encoded(&whole)).unwrap();
    assert!(house.says(1, &["file", &path]).contains("UTF-8"));
    // A mark at the head is no fault, and stays.
    fs::write(house.path(&path), [b"\xef\xbb\xbf", whole.as_bytes()].concat()).unwrap();
    let bytes = fs::read(house.path(&path)).unwrap();
    house.says(0, &["file", &path]);
    assert_eq!(fs::read(house.path(record)).unwrap(), bytes);
    for other in ["records/appeals/AP-1.md", "policies/house.md", "chancery.yaml"] {
        let zh = format!("chancery: 不是 drafts/ 中的草稿：{other}\n");
        assert_eq!(house.says(2, &["file", other]), zh);
    }
    assert_eq!(house.says(2, &["file", "drafts/none.md"]), "chancery: drafts/none.md: 没有这个文件或文件夹\n");
    assert!(house.says(2, &["file"]).starts_with("chancery: 缺少参数"));
}

/// As GB 18030 has it.
fn encoded(text: &str) -> Vec<u8> {
    text.chars().flat_map(|c| if c.is_ascii() { vec![c as u8] } else { vec![0xc4, 0xe3] }).collect()
}

#[test]
#[cfg(unix)]
fn no_draft_leads_out_of_the_archive() {
    let house = House::new();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.md"), "---\ntype: appeal\nid: AP-7\nabout: 甲\n---\n").unwrap();
    std::os::unix::fs::symlink(outside.path(), house.path("drafts")).unwrap();
    let asked = [&["new", "appeal", "about=甲"][..], &["file", "drafts/x.md"], &["check", "drafts/x.md"]];
    for arguments in asked {
        house.says(2, arguments);
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    assert!(!Path::new(&house.path("records/x.md")).exists());
}
