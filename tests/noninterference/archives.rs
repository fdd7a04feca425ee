//! The archive A: the shipped one, thinner where it has much of a kind, and with what a careless
//! program would trip over.

pub use crate::support::memory::{Files, signed};
use crate::{
    IN_A_HUNDRED,
    dice::Dice,
    support::memory::{InMemory, settings_of, shipped_files, sources_of},
};
use chancery::access::Office;
use chrono::NaiveDate;
use std::sync::LazyLock;

/// Kinds of which the shipped archive has more than the test needs; one is left whose list takes
/// more than a page.
const THINNED: [&str; 2] = ["records/visits/", "records/relation-visits/"];
/// Kinds that few may read: with more of these, more is hidden from those who see much.
const SECRET: [&str; 9] = [
    "appeals",
    "call-logs",
    "conduct-incidents",
    "growth-files",
    "inspections",
    "instructions",
    "study-logs",
    "training-credits",
    "work-reports",
];
/// Names under which attachments lie, in every folder.
pub const ATTACHED: [&str; 5] = ["合同.pdf", "photo 1.png", "a.txt", "说明.svg", "附件 A&B.html"];

/// The day of a policy's version that is not in force.
pub const VERSION: &str = "2027-01-01";

pub struct Base {
    pub files: Files,
    pub office: Office,
    pub today: NaiveDate,
}

pub static BASE: LazyLock<Base> = LazyLock::new(|| {
    let today = InMemory::shipped().demo_day();
    let files = signed(furnished(), today);
    Base { office: open(&files, today), files, today }
});

pub fn open(files: &Files, today: NaiveDate) -> Office {
    Office::open(sources_of(files), settings_of(files), today)
}

pub fn text(files: &Files, path: &str) -> String {
    String::from_utf8(files[path].clone()).unwrap()
}

fn furnished() -> Files {
    let (mut files, mut dice) = (shipped_files(), Dice::of("furnished"));
    let thinned = |(at, path): (usize, &String)| THINNED.iter().any(|folder| path.starts_with(folder)) && at % 3 != 0;
    let gone: Vec<String> = files.keys().enumerate().filter(|kept| thinned(*kept)).map(|(_, path)| path.clone()).collect();
    gone.iter().for_each(|path| drop(files.remove(path)));
    let fewer: Vec<String> = records(&files).into_iter().filter(|path| !path.contains("/people/") && !dice.happens(IN_A_HUNDRED)).collect();
    fewer.iter().for_each(|path| drop(files.remove(path)));
    for path in records(&files).into_iter().filter(|path| SECRET.iter().any(|kind| path.starts_with(&format!("records/{kind}/")))) {
        let (path, copied) = copy(&files, &path, "b");
        files.insert(path, copied);
    }
    // A policy of which there is another version, in other words.
    let draft = text(&files, "policies/market-information.md").replacen("status: in-force", "status: draft", 1);
    files.insert(
        "policies/market-information-next.md".to_owned(),
        draft.replacen("effective: 2024-06-01", &format!("effective: {VERSION}"), 1).replace("；", "，").into_bytes(),
    );
    files.extend(long_lists(&text(&files, "policies/market-information.md")));
    let records = records(&files);
    for path in dice.some(&records, 160) {
        attach(&mut files, &path, &mut dice);
    }
    // Two documents of one id, one beside the other; one that names no type, one that cannot be
    // read, one whose id is its path. Not people: whose id stands twice signs in nowhere, and a
    // reader among them would see nothing.
    let others: Vec<String> = records.iter().filter(|path| !path.contains("/people/")).cloned().collect();
    for path in dice.some(&others, 4) {
        files.insert(path.replace(".md", "-twice.md"), files[&path].clone());
    }
    for path in dice.some(&records, 3) {
        let text = text(&files, &path);
        files.insert(path.replace(".md", "-untyped.md"), named(&text.replacen("type:", "kind:", 1), "untyped").into_bytes());
        files.insert(path.replace(".md", "-torn.md"), named(&text, "torn").replacen("type: ", "type: [", 1).into_bytes());
        files.insert(path.replace(".md", "-nameless.md"), without_line(&text, "id: ").into_bytes());
    }
    files
}

/// Lists of what is due, of what is wrong and of what was, that take more than a page: a kind of
/// record of which each row is a duty.
fn long_lists(approved: &str) -> Files {
    let approvals = approved.split("---\n").nth(1).and_then(|front| front.split_once("approvals:\n")).map_or("", |(_, entries)| entries);
    let policy = LONG_LISTS.replace("{approvals}", approvals);
    let rows = |done: &str| (1..=110).map(|row| format!("- {{what: 第 {row} 件, day: 2026-06-01{done}}}\n")).collect::<String>();
    let list = |id: &str, done: &str| format!("---\ntype: errand-list\nid: {id}\nname: 差事\nrows:\n{}---\n", rows(done));
    let texts = [
        ("policies/errands.md", policy),
        ("records/errand-lists/EL-1.md", list("EL-1", "")),
        ("records/errand-lists/EL-2.md", list("EL-2", ", done: 2026-06-02")),
    ];
    texts.map(|(path, text)| (path.to_owned(), text.into_bytes())).into()
}

const LONG_LISTS: &str = "---
policy: errands
title: 差事管理制度
status: in-force
effective: 2024-06-01
owner: office
approvals:
{approvals}---
# 差事管理制度

## 第1条　差事

```yaml type
id: errand-list
label: {zh: 差事单, en: Errands}
title: name
must: {name: text, rows: [{what: text, day: date, done?: date}]}
```

```yaml access
for: errand-list
readers: [everyone]
```

```yaml duty
id: done
for: errand-list
each: r in rows
need: r.done
by: r.day
who: office
```
";

pub fn records(files: &Files) -> Vec<String> {
    let is_record = |path: &&String| path.starts_with("records/") && path.ends_with(".md") && *path != "records/README.md";
    files.keys().filter(is_record).cloned().collect()
}

/// The same document under another id, and where it lies.
pub fn copy(files: &Files, path: &str, suffix: &str) -> (String, Vec<u8>) {
    (path.replace(".md", &format!("-{suffix}.md")), named(&text(files, path), suffix).into_bytes())
}

/// The same text, its id with something behind it.
pub fn named(text: &str, suffix: &str) -> String {
    let id = text.lines().find_map(|line| line.strip_prefix("id: "));
    id.map_or_else(|| text.to_owned(), |id| text.replacen(&format!("id: {id}\n"), &format!("id: {id}-{suffix}\n"), 1))
}

fn without_line(text: &str, begins: &str) -> String {
    let mut kept = true;
    text.split_inclusive('\n').filter(|line| !(kept && line.starts_with(begins) && std::mem::replace(&mut kept, false))).collect()
}

/// Lets a document name files that lie beside it; other documents of the folder may name the same.
pub fn attach(files: &mut Files, path: &str, dice: &mut Dice) {
    let own = format!("{}.pdf", path.rsplit('/').next().unwrap().trim_end_matches(".md"));
    let names = [own, (*dice.pick(&ATTACHED)).to_owned()];
    let folder = path.rsplit_once('/').unwrap().0;
    for name in &names {
        files.entry(format!("{folder}/{name}")).or_insert_with(|| format!("%PDF {name} {}", dice.throw()).into_bytes());
    }
    let text = text(files, path);
    if text.starts_with("---\n") && !text.contains("\nattachments:") {
        let written = text.replacen("---\n", &format!("---\nattachments: {}\n", serde_json::to_string(&names).unwrap()), 1);
        files.insert(path.to_owned(), written.into_bytes());
    }
}
