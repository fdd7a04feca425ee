//! What rests on a search for a value is judged anew where a record comes to have that value, has it
//! no longer, or where nobody can tell any more; and it is what a fresh look finds. So is what a name
//! was meant for that leads nowhere.

use crate::support::{
    families::Dice,
    memory::{Files, findings, settings_of},
    small,
};
use chancery::{
    access::{Office, Reader},
    diagnostic::Lang,
    source::Sources,
};
use std::{path::Path, sync::Arc};

const EDITS: usize = 200;
const DAY: &str = "2026-06-01";

const POLICY: &str = "
## 第5条　卡片

```yaml type
id: card
label: 卡片
title: name
must: {name: text, kind: text, size: number}
may: {mark: text}
```

```yaml access
for: card
readers: [everyone]
```
";

/// By one value, by two, by one that need not be there, and by an id; some of them among what cannot
/// be read too. Each is told with what was found.
const SEARCHES: [(&str, &str); 4] = [
    ("kind", "records(\"card\").filter(x, x.kind == kind)"),
    ("both", "drafts(\"card\").filter(x, x.kind == kind && x.size == size)"),
    ("marked", "drafts(\"card\").filter(x, has(x.mark) && x.mark == kind)"),
    ("named", "records(\"card\").filter(x, x.id == name)"),
];

fn rule(name: &str, search: &str) -> String {
    let say = format!("{{{search}.size()}}: {{{search}.map(x, x.name)}}").replace('"', "\\\"");
    let require = format!("{search}.size() > 1");
    format!(
        "\n```yaml rule\nid: {name}\nfor: card\nrequire: '{require}'\nsay: {{zh: \"{say}\", en: \"{say}\"}}\nexamples: [{{breaks: {{name: a, kind: a, size: 1}}}}]\n```\n"
    )
}

fn card(number: usize, mark: &str) -> (String, Vec<u8>) {
    let text = format!("---\ntype: card\nid: card-{number}\nname: n{number}\nkind: b\nsize: {number}\n{mark}---\n");
    (format!("records/cards/{number}.md"), text.into_bytes())
}

/// That one card alone is marked as it should be is told, until there is another whose mark nobody
/// can read.
#[test]
fn what_nobody_can_read_may_be_what_was_searched_for() {
    let (mut files, memory) = (house(), Arc::default());
    files.extend([card(1, "mark: a\n"), card(2, "mark: b\n")]);
    let told = |files: &Files| {
        let open = |sources: Sources| findings(&Office::open(sources, settings_of(files), DAY.parse().unwrap()), Lang::En);
        let found = open(Sources::from_memory(files.clone()).digested_by(&memory));
        assert_eq!(found, open(Sources::from_memory(files.clone())));
        found.iter().any(|found| found["code"] == "house.marked" && found["record"] == "card-2")
    };
    for (mark, is_told) in [("mark: a\n", true), ("mark: [b]\n", false), ("mark: c\n", true), ("", true), ("mark: b\n", false), ("", true)]
    {
        files.extend([card(1, mark)]);
        assert_eq!(told(&files), is_told, "{mark}");
    }
    files.extend([card(3, "mark: [b]\n")]);
    assert!(!told(&files), "a new one");
    files.remove("records/cards/3.md");
    assert!(told(&files), "and gone");
}

fn house() -> Files {
    let folder = tempfile::tempdir().unwrap();
    small::found(folder.path(), &["tou", "ma"]);
    let files = walkdir::WalkDir::new(folder.path()).into_iter().map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file());
    let name = |path: &Path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
    let mut files: Files = files.map(|path| (name(&path), std::fs::read(&path).unwrap())).collect();
    let added = SEARCHES.iter().fold(POLICY.to_owned(), |text, (name, search)| text + &rule(name, search));
    files.get_mut("policies/house.md").unwrap().extend(added.bytes());
    files
}

fn edit(files: &mut Files, dice: &mut Dice) -> String {
    let number = dice.below(9);
    let path = format!("records/cards/{number}.md");
    if dice.happens(0.15) && files.remove(&path).is_some() {
        return format!("{path} is gone");
    }
    // A few of them cannot be read, are of another type, or bear the id of another.
    let mut one = |usual: &[&str], odd: &[&str]| match dice.happens(0.1) {
        true => odd[dice.below(odd.len())].to_owned(),
        false => usual[dice.below(usual.len())].to_owned(),
    };
    let own = format!("id: card-{number}\n");
    let front = [
        one(&["type: card\n"], &["type: note\n", ""]),
        one(&[&own], &["id: card-1\n", "id: card-2\n"]),
        one(&["name: card-1\n", "name: card-2\n", "name: card-5\n", "name: b\n"], &["name:\n"]),
        one(&["kind: a\n", "kind: b\n", "kind: c\n", "kind: d\n"], &["kind: [a]\n", "kind:\n", ""]),
        one(&["size: 1\n", "size: 2\n"], &["size: 1.0\n", "size: many\n"]),
        one(&["mark: a\n", ""], &["mark: b\n", "mark: [a]\n"]),
    ]
    .concat();
    // Names that lead nowhere: what each was meant for follows from the ids and the titles of all.
    let body = format!("见 [[crad-{number}]]、[[card-1x]] 和 [[b]]。\n");
    files.insert(path.clone(), format!("---\n{front}---\n{body}").into_bytes());
    format!("{path}: {front:?}")
}

#[test]
fn what_rests_on_a_value_is_what_it_is_after_any_edits() {
    let (mut files, memory) = (house(), Arc::default());
    let seed = std::env::var("CHANCERY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    println!("CHANCERY_SEED={seed}");
    let (mut dice, mut told, mut meant) = (Dice(seed.max(1)), 0, 0);
    let today = DAY.parse().unwrap();
    for _ in 0..EDITS {
        let edited: Vec<String> = (0..=dice.below(2)).map(|_| edit(&mut files, &mut dice)).collect();
        let open = |sources: Sources| {
            let office = Office::open(sources, settings_of(&files), today);
            let found: Vec<String> = findings(&office, Lang::En).iter().map(ToString::to_string).collect();
            // Who may know of a finding follows from what it has read.
            let seen = office.view(Reader::Person("ma".into())).digest();
            (found, seen)
        };
        let (kept, fresh) = (open(Sources::from_memory(files.clone()).digested_by(&memory)), open(Sources::from_memory(files.clone())));
        assert_eq!(kept, fresh, "after {edited:#?}");
        meant += fresh.0.iter().filter(|line| line.contains("did you mean")).count();
        told += fresh.0.iter().filter(|line| line.contains("\"code\":\"house.both\"")).count();
    }
    assert!(told > EDITS && meant > EDITS, "something is found: {told}, {meant}");
}
