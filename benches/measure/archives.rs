//! Archives of any size, the same for the same size.

use super::families::{Dice, Growth};
use std::{fs, path::Path, process::Command};

/// Who reads most of the shipped archive.
pub const MOST: &str = "lu.mingyuan";

const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/demo_key");

/// The shipped archive, grown by families of customers, and signed anew: every approval verifies.
pub fn grown(root: &Path, growth: Growth) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["policies", "records"] {
        copy(&shipped.join(folder), &root.join(folder));
    }
    fs::copy(shipped.join("chancery.yaml"), root.join("chancery.yaml")).expect("chancery.yaml");
    for (path, text) in growth.copies(shipped) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a record");
    }
    sign(root);
}

fn sign(root: &Path) {
    // A key that others may read signs nothing.
    let key = root.join(".key");
    fs::copy(KEY, &key).expect("the key");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its mode");
    let mut command = Command::new(super::chancery());
    let signed = command.args(["sign-archive", "--key"]).arg(&key).current_dir(root).output().expect("it runs");
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(|entry| entry.expect("a file")) {
        let target = to.join(entry.path().strip_prefix(from).expect("below it"));
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).expect("a folder"),
            false => drop(fs::copy(entry.path(), target).expect("a file")),
        }
    }
}

const HOUSE: &str = "---
policy: house
title: 文书制度
status: trial
effective: 2020-01-01
owner: office
---
# 文书制度

## 第1条　岗位

```yaml posts
posts:
  chief: {label: {zh: 主任, en: Chief}, held_by: [{person: lin, from: 2020-01-01}]}
departments:
  office: {label: {zh: 办公室, en: Office}, head: lin}
```

## 第2条　人员

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
title: name
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
```

## 第3条　记录

```yaml type
id: note
label: {zh: 记录, en: Note}
title: name
must: {name: text, written: date}
```

```yaml access
for: [note, person]
readers: [everyone]
```
";

/// Sentences, of which the texts are made.
const SENTENCES: [&str; 8] = [
    "本月走访客户三家，了解其订货、付款与库存的情况，并就交货期作了说明。",
    "对方提出改用纸箱包装，理由是托盘在转运中破损较多，仓库已记录在案。",
    "经核对，上季度的货款已全部到账，发票与对账单相符，没有未结的争议。",
    "双方约定下月再议年度框架合同，由销售部准备草案，法务先行审阅。",
    "现场抽查十件，尺寸全部合格，其中一件表面有划痕，已当场更换。",
    "市场上同类产品的价格下降约百分之五，主要原因是原料价格回落。",
    "客户对售后的答复表示满意，并愿意参加今年的满意度调查。",
    "运输公司说明了延误的原因：台风过境，港口停止作业两天。",
];

/// About so many bytes of paragraphs.
fn prose(dice: &mut Dice, bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        (0..4).for_each(|_| text.push_str(SENTENCES[dice.below(SENTENCES.len())]));
        text.push_str("\n\n");
    }
    text
}

/// The texts of so many plain records: name, and body of 2.4 KB in two sections.
pub fn bodies(size: usize) -> impl Iterator<Item = (String, String)> {
    let mut dice = Dice(931_302);
    (0..size).map(move |number| {
        let body = format!("## 经过\n\n{}## 结果\n\n{}", prose(&mut dice, 1_600), prose(&mut dice, 600));
        (format!("n-{number:06}"), body)
    })
}

fn house(root: &Path, records: impl Iterator<Item = (String, String)>) {
    fs::create_dir_all(root.join("policies")).expect("a folder");
    fs::write(root.join("policies/house.md"), HOUSE).expect("a policy");
    fs::write(root.join("chancery.yaml"), "name: 试验\nlanguage: zh\n").expect("the settings");
    let lin = "---\ntype: person\nid: lin\nname: 林\njoined: 2020-01-01\nreporting: [{from: 2020-01-01, department: office}]\n---\n";
    fs::create_dir_all(root.join("records/people")).expect("a folder");
    fs::write(root.join("records/people/lin.md"), lin).expect("a person");
    for (number, (id, body)) in records.enumerate() {
        let folder = root.join(format!("records/notes/{:03}", number / 500));
        fs::create_dir_all(&folder).expect("a folder");
        let text = format!("---\ntype: note\nid: {id}\nname: 第 {number} 号记录\nwritten: 2026-01-01\n---\n\n{body}");
        fs::write(folder.join(format!("{id}.md")), text).expect("a record");
    }
}

pub fn plain(root: &Path, size: usize) {
    house(root, bodies(size));
}

/// Documents as those of a large manual that was moved: of 10 KB, each with eleven links that lead
/// nowhere.
pub fn dangling(root: &Path, size: usize) {
    let mut dice = Dice(13_000);
    let text = |number: usize| {
        let mut body = prose(&mut dice, 9_600);
        for link in 0..11 {
            let target = dice.below(size * 3);
            body.push_str(&format!("\n见[第 {link} 节](../guide/part-{target}/page-{number}-{target}.md)。\n"));
        }
        (format!("d-{number:06}"), body)
    };
    house(root, (0..size).map(text));
}
