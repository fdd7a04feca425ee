//! Who lends what to whom: a record on whose word another is opened, in every state in which it may
//! be, by every way in which access is inherited, named or authorised. `ma` reads on the word of
//! what was approved; `gao` is named by what somebody has written since.

use crate::support::{
    demo_key,
    memory::{findings, signed_anew},
};
use chancery::{
    access::{self, Office, Reader},
    archive::Settings,
    diagnostic::Lang,
    source::Sources,
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

const POLICY: &str = r#"---
policy: house
title: 内务制度
status: trial
effective: 2024-01-01
owner: house
---
## 第1条　人员

```yaml type
id: person
label: 人员
as: person
title: name
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
may: {left: date, tutor: person}
```

```yaml posts
posts:
  head: {label: 主任, held_by: [{person: tou, from: 2024-01-01}]}
  clerk: {label: 文书, held_by: [{person: wen, from: 2024-01-01}]}
departments:
  house: {label: 内务处, head: tou}
  east: {label: 东处}
  west: {label: 西处}
```

## 第2条　档案

```yaml type
id: file
label: 案卷
title: name
must: {name: text, owner: person, state: open | shut}
may: {keeper: person, dossier: record}
history: {keeper: {from: change, at: at, value: to}}
```

```yaml type
id: change
label: 变更
date: at
must: {file: file, at: date, to: person}
```

```yaml type
id: report
label: 报告
must: {board: board, out: yes | no}
```

```yaml type
id: paper
label: 附卷
must: {file: file, text: text}
```

```yaml type
id: memo
label: 便函
must: {file: file, text: text}
```

```yaml type
id: slip
label: 便条
must: {file: file, text: text}
```

```yaml type
id: board
label: 布告
must: {text: text}
```

```yaml type
id: letter
label: 信
author: author
must: {author: person, text: text}
```

```yaml type
id: sheet
label: 单
must: {file: file, text: text}
```

```yaml type
id: note
label: 札记
author: author
must: {author: person, text: text}
```

```yaml type
id: lesson
label: 课业
author: author
must: {author: person, text: text}
```

```yaml type
id: poster
label: 张贴
must: {text: text}
```

```yaml type
id: book
label: 书
must: {owner: person, text: text}
may: {after: leaflet}
```

```yaml type
id: excerpt
label: 摘抄
must: {text: text}
```

```yaml type
id: leaflet
label: 单张
must: {text: text}
```

```yaml type
id: deputy
label: 代理
must: {whom: person, by: person}
```

```yaml type
id: wire
label: 电报
must: {file: file, text: text}
```

```yaml type
id: veiled
label: 半密件
must: {file: file, text: text}
```

```yaml type
id: vault
label: 密件
must: {text: text}
may: {closed: date, about: file}
```

```yaml type
id: permit
label: 授权
as: authorisation
must: {readers: list of (person or post), covers: list of record, from: date, until: date, may_export: yes|no}
```

```yaml duty
id: closing
for: vault
where: has(about)
need: closed
by: today
who: about.owner
say: {zh: 应结, en: to be closed}
```

## 第3条　审批

```yaml approval
for: [file, change, report, permit, person, book, deputy]
steps: [head]
```

## 第4条　查阅

```yaml access
for: file
readers: [owner]
readings: [owner]
authorised_by: permit
```

```yaml access
for: file
when: has(dossier)
inherits: dossier
```

```yaml access
for: [paper, change]
inherits: file
```

```yaml access
for: memo
readers: [file.owner]
```

```yaml access
for: slip
when: file.state == "open"
readers: [everyone]
```

```yaml access
for: board
when: linked("report").exists(r, r.out)
readers: [everyone]
```

```yaml access
for: letter
readers: [line(author)]
```

```yaml access
for: sheet
readers: [file.keeper.on(today)]
```

```yaml access
for: note
readers: ['department(author, today)']
```

```yaml access
for: lesson
readers: [author.tutor]
```

```yaml access
for: poster
readers: [department east]
```

```yaml access
for: book
readers: [owner]
```

```yaml access
for: excerpt
inherits: supersedes
```

```yaml access
for: leaflet
readers: ['linked("book").map(b, b.owner)']
```

```yaml access
for: wire
readers: ['file.owner.linked("deputy").filter(d, d.whom == file.owner).map(d, d.by)']
```

```yaml access
for: veiled
readers: [everyone]
hide: {text: [file.owner]}
```

```yaml access
for: vault
readers: [clerk]
authorised_by: permit
```

```yaml access
for: person
readers: [everyone]
```
"#;

type Files = BTreeMap<String, Vec<u8>>;

fn today() -> NaiveDate {
    "2026-06-01".parse().unwrap()
}

/// What stands in `records/`, by the name of the file: the front matter, and whether `tou` has
/// approved it.
#[derive(Clone)]
struct House(Files);

impl House {
    fn new() -> House {
        let settings = "name: 内务处\nlanguage: zh\ntime_zone: \"+08:00\"\ndemo_day: \"2026-06-01\"\n";
        let signers = format!("* {}\n", demo_key().public_key().to_openssh().unwrap());
        let files = [("chancery.yaml", settings), ("policies/house.md", POLICY), ("policies/allowed_signers", &signers)];
        let mut house = House(files.map(|(path, text)| (path.to_owned(), text.into())).into());
        for person in ["tou", "wen", "gao", "ma", "jia"] {
            house.approved(person, "2024-01-02", &person_under(person, None));
        }
        house
    }

    fn write(&mut self, name: &str, front: &str) {
        self.0.insert(format!("records/{name}.md"), format!("---\n{front}---\n").into_bytes());
    }

    fn approved(&mut self, name: &str, on: &str, front: &str) {
        self.write(name, &format!("{front}approvals:\n- step: head\n  by: tou\n  at: {on}T09:00:00+08:00\n"));
    }

    fn signed(mut self) -> House {
        for (path, text) in signed_anew(self.sources(), self.settings(), today()) {
            self.0.insert(path, text.into_bytes());
        }
        self
    }

    fn sources(&self) -> Sources {
        Sources::from_memory(self.0.clone())
    }

    fn settings(&self) -> Settings {
        Settings::of(&self.sources()).unwrap()
    }

    fn open(&self) -> Office {
        Office::open(self.sources(), self.settings(), today())
    }
}

fn person_under(id: &str, superior: Option<&str>) -> String {
    person(id, &superior.map_or("house".to_owned(), |superior| format!("house, superior: {superior}")))
}

/// A person and the row of where he belongs.
fn person(id: &str, row: &str) -> String {
    format!("type: person\nid: {id}\nname: {id}\nreporting: [{{from: 2024-01-01, department: {row}}}]\njoined: 2024-01-01\n")
}

fn readers(office: &Office, id: &str) -> BTreeSet<String> {
    access::who(office, &id.into()).into_keys().map(|person| person.to_string()).collect()
}

/// The state of what lends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lender {
    Approved,
    /// Approved once, and edited since.
    Stale,
    Gone,
    /// Written over an id that others named before, and that nobody ever had.
    NeverThere,
    /// Gone, and another written under its id.
    Reused,
    /// There, and another of its id beside it, before and behind it by path.
    Twin,
}

const LENDERS: [Lender; 6] = [Lender::Approved, Lender::Stale, Lender::Gone, Lender::NeverThere, Lender::Reused, Lender::Twin];

/// A way in which a record is opened on the word of another.
struct Way {
    name: &'static str,
    /// What lends: its id, what it says when it is approved, and what somebody says in its place
    /// who means to open the other to `gao`.
    lender: (&'static str, String, String),
    /// What is opened.
    opened: (&'static str, String),
    /// Other records that it takes, approved.
    with: Vec<(&'static str, String)>,
}

fn file(owner: &str, state: &str, more: &str) -> String {
    format!("type: file\nid: F-1\nname: 案卷\nowner: {owner}\nstate: {state}\n{more}")
}

fn ways() -> Vec<Way> {
    let way = |name, lender: (&'static str, String, String), opened: (&'static str, &str)| Way {
        name,
        lender,
        opened: (opened.0, opened.1.to_owned()),
        with: Vec::new(),
    };
    let of_file = || ("F-1", file("ma", "shut", ""), file("gao", "open", ""));
    let change = |to: &str| format!("type: change\nid: CH-1\nfile: F-1\nat: 2025-01-01\nto: {to}\n");
    let permit = |to: &str, over: &str| {
        format!("type: permit\nid: P-1\nreaders: [{to}]\ncovers: [{over}]\nfrom: 2025-01-01\nuntil: 2027-01-01\nmay_export: no\n")
    };
    let tutored = |tutor: &str| format!("{}tutor: {tutor}\n", person_under("li", None));
    let book = |owner: &str, more: &str| format!("type: book\nid: BK-1\nowner: {owner}\ntext: 书\n{more}");
    let deputy = |by: &str| format!("type: deputy\nid: DE-1\nwhom: jia\nby: {by}\n");
    let upper = |owner: &str| format!("type: file\nid: F-0\nname: 总卷\nowner: {owner}\nstate: shut\n");
    vec![
        way("inherits", of_file(), ("PA-1", "type: paper\nid: PA-1\nfile: F-1\ntext: 密\n")),
        Way {
            with: vec![("F-1", file("jia", "shut", "dossier: F-0\n"))],
            ..way("inherits at one remove", ("F-0", upper("ma"), upper("gao")), ("PA-1", "type: paper\nid: PA-1\nfile: F-1\ntext: 密\n"))
        },
        way("named", of_file(), ("ME-1", "type: memo\nid: ME-1\nfile: F-1\ntext: 密\n")),
        Way {
            with: vec![("F-1", file("jia", "shut", "keeper: jia\n"))],
            ..way("history", ("CH-1", change("ma"), change("gao")), ("SH-1", "type: sheet\nid: SH-1\nfile: F-1\ntext: 密\n"))
        },
        way(
            "line",
            ("li", person_under("li", Some("ma")), person_under("li", Some("gao"))),
            ("LE-1", "type: letter\nid: LE-1\nauthor: li\ntext: 密\n"),
        ),
        way("authorised", ("P-1", permit("ma", "VA-1"), permit("gao", "VA-1")), ("VA-1", "type: vault\nid: VA-1\ntext: 密\n")),
        Way {
            with: vec![("ma", person("ma", "east")), ("gao", person("gao", "west"))],
            ..way(
                "department of a person",
                ("li", person("li", "east"), person("li", "west")),
                ("NO-1", "type: note\nid: NO-1\nauthor: li\ntext: 密\n"),
            )
        },
        way("named by a person", ("li", tutored("ma"), tutored("gao")), ("LS-1", "type: lesson\nid: LS-1\nauthor: li\ntext: 密\n")),
        way(
            "the reader's own department",
            ("ma", person("ma", "east"), person("ma", "east")),
            ("PO-1", "type: poster\nid: PO-1\ntext: 密\n"),
        ),
        way(
            "what it supersedes",
            ("BK-1", book("ma", ""), book("gao", "")),
            ("EX-1", "type: excerpt\nid: EX-1\ntext: 密\nsupersedes: BK-1\n"),
        ),
        way(
            "what comes after it",
            ("BK-1", book("ma", "after: LF-1\n"), book("gao", "after: LF-1\n")),
            ("LF-1", "type: leaflet\nid: LF-1\ntext: 密\n"),
        ),
        Way {
            with: vec![("F-1", file("jia", "shut", ""))],
            ..way("deputy", ("DE-1", deputy("ma"), deputy("gao")), ("WI-1", "type: wire\nid: WI-1\nfile: F-1\ntext: 密\n"))
        },
    ]
}

/// The archive with a way in it, and the lender in a state.
fn house(way: &Way, lender: Lender) -> House {
    let (id, own, other) = &way.lender;
    let mut house = House::new();
    house.write(way.opened.0, &way.opened.1);
    way.with.iter().for_each(|(id, front)| house.approved(id, "2025-02-01", front));
    if lender != Lender::NeverThere {
        house.approved(id, "2025-02-01", own);
    }
    let mut house = house.signed();
    let path = format!("records/{id}.md");
    match lender {
        Lender::Approved => {}
        Lender::Stale => {
            let edited = String::from_utf8(house.0[&path].clone()).unwrap().replacen("\napprovals:", "\n# edited\napprovals:", 1);
            house.0.insert(path, edited.into_bytes());
        }
        Lender::Gone => drop(house.0.remove(&path)),
        Lender::NeverThere => house.write(id, other),
        Lender::Reused => {
            house.0.remove(&path);
            house.write("own/x", other);
        }
        Lender::Twin => {
            house.write("!/x", other);
            house.write("own/x", other);
        }
    }
    house
}

/// What a block that is not read opens proves nothing.
#[test]
fn every_block_of_the_house_is_read() {
    let found = findings(&House::new().signed().open(), Lang::En);
    let wrong: Vec<_> = found.iter().filter(|finding| finding["path"] == "policies/house.md").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_what_is_approved_under_its_id_lends() {
    for way in ways() {
        for lender in LENDERS {
            let office = house(&way, lender).open();
            let reads = readers(&office, way.opened.0);
            let lends = matches!(lender, Lender::Approved | Lender::Twin);
            assert_eq!(
                (reads.contains("ma"), reads.contains("gao")),
                (lends, false),
                "{} from one that is {lender:?}: {reads:?}",
                way.name
            );
        }
    }
}

/// A condition that holds on another's word.
#[test]
fn no_condition_holds_on_the_word_of_what_nobody_has_approved() {
    let report = |out: &str| format!("type: report\nid: RE-1\nboard: BO-1\nout: {out}\n");
    let slip = ("SL-1", "type: slip\nid: SL-1\nfile: F-1\ntext: 密\n".to_owned());
    let board = ("BO-1", "type: board\nid: BO-1\ntext: 密\n".to_owned());
    for (id, shut, open, opened) in
        [("F-1", file("ma", "shut", ""), file("ma", "open", ""), slip), ("RE-1", report("no"), report("yes"), board)]
    {
        let way = |own: &str, other: &str| Way {
            name: id,
            lender: (id, own.to_owned(), other.to_owned()),
            opened: opened.clone(),
            with: Vec::new(),
        };
        for lender in LENDERS {
            let to_all = |way: &Way| readers(&house(way, lender).open(), opened.0).contains("jia");
            assert!(!to_all(&way(&shut, &open)), "{id} that is {lender:?} opens nothing");
            let stays = matches!(lender, Lender::Approved | Lender::Twin);
            assert_eq!(to_all(&way(&open, &shut)), stays, "{id} that is {lender:?} shuts nothing");
        }
    }
}

/// A condition that holds because another is there.
#[test]
fn no_condition_holds_because_something_is_there_that_nobody_has_approved() {
    const GAZETTE: &str = r#"
## 第5条　公报

```yaml type
id: gazette
label: 公报
must: {about: file}
```

```yaml access
for: gazette
when: CONDITION
readers: [everyone]
```
"#;
    let conditions = [
        r#"record_exists("F-1")"#,
        r#"records("file").size() > 0"#,
        r#"records("file").exists(f, f.state == "shut" || f.state == "open")"#,
        "approved(about)",
        r#"has(approval(about, "head"))"#,
        r#"linked("file").size() > 0"#,
    ];
    let of_file = |owner: &str, state: &str| file(owner, state, "dossier: GA-1\n");
    for condition in conditions {
        let way = Way {
            name: condition,
            lender: ("F-1", of_file("ma", "shut"), of_file("gao", "open")),
            opened: ("GA-1", "type: gazette\nid: GA-1\nabout: F-1\n".to_owned()),
            with: Vec::new(),
        };
        for lender in LENDERS {
            let mut house = house(&way, lender);
            let policy = format!("{POLICY}{}", GAZETTE.replace("CONDITION", &serde_json::to_string(condition).unwrap()));
            house.0.insert("policies/house.md".to_owned(), policy.into_bytes());
            let office = house.open();
            let stays = matches!(lender, Lender::Approved | Lender::Twin);
            assert_eq!(readers(&office, "GA-1").contains("jia"), stays, "{condition}: F-1 that is {lender:?}");
        }
    }
}

/// What an authorisation covers, in every state: `jia` may read it.
#[test]
fn an_authorisation_covers_what_was_there_when_it_was_given() {
    let permit = "type: permit\nid: P-1\nreaders: [jia]\ncovers: [F-1]\nfrom: 2025-01-01\nuntil: 2027-01-01\nmay_export: no\n";
    let way = Way {
        name: "covered",
        lender: ("F-1", file("ma", "shut", ""), file("gao", "shut", "")),
        opened: ("PA-1", "type: paper\nid: PA-1\nfile: F-1\ntext: 密\n".to_owned()),
        with: vec![("P-1", permit.to_owned())],
    };
    for lender in LENDERS {
        let office = house(&way, lender).open();
        let reads = ["F-1", "PA-1"].map(|id| readers(&office, id).contains("jia"));
        assert_eq!(reads, [matches!(lender, Lender::Approved | Lender::Twin); 2], "{lender:?}");
    }
    // One that is approved, but later.
    for (approved, opens) in [("2025-02-01", true), ("2025-02-02", false)] {
        let mut house = House::new();
        house.approved("P-1", "2025-02-01", permit);
        house.approved("F-1", approved, &file("ma", "shut", ""));
        assert_eq!(readers(&house.signed().open(), "F-1").contains("jia"), opens, "{approved}");
    }
    // One that was there before, and was changed and approved anew since: the first approval stays
    // in its chain.
    let mut house = House::new();
    house.approved("P-1", "2025-02-01", permit);
    house.approved("F-1", "2025-01-01", &file("ma", "shut", ""));
    let house = house.signed();
    let first = String::from_utf8(house.0["records/F-1.md"].clone()).unwrap();
    let entry = first.split("approvals:\n").nth(1).unwrap().split("---").next().unwrap();
    let mut anew = house.clone();
    anew.approved("F-1", "2025-06-01", &file("ma", "open", ""));
    let anew = anew.signed();
    let text = String::from_utf8(anew.0["records/F-1.md"].clone()).unwrap().replacen("approvals:\n", &format!("approvals:\n{entry}"), 1);
    let mut both = anew.clone();
    both.0.insert("records/F-1.md".to_owned(), text.into_bytes());
    assert!(readers(&both.open(), "F-1").contains("jia"));
    assert!(!readers(&anew.open(), "F-1").contains("jia"), "without it nothing signed says that it was there");
}

/// What a record says itself, without the approval that its type needs, opens it to nobody but its
/// author and whoever approves it.
#[test]
fn a_draft_opens_to_all_on_no_word_of_its_own() {
    const MINUTES: &str = r#"
## 第5条　纪要

```yaml type
id: minutes
label: 纪要
author: author
must: {text: text, author: person, out: yes | no}
may: {guest: person}
```

```yaml approval
for: minutes
steps: [head]
```

```yaml access
for: minutes
readers: [clerk, author, guest]
```

```yaml access
for: minutes
when: out
readers: [everyone]
```

```yaml access
for: minutes
when: has(guest)
readers: [head, department house]
```

```yaml access
for: minutes
when: "!out"
hide: {text: [clerk]}
readers: [head]
```
"#;
    let minutes = "type: minutes\nid: MI-1\ntext: 密\nauthor: jia\nout: yes\nguest: ma\n";
    let mut house = House::new();
    house.0.insert("policies/house.md".to_owned(), format!("{POLICY}{MINUTES}").into_bytes());
    let (mut draft, mut later) = (house.clone(), house.clone());
    draft.write("MI-1", minutes);
    house.approved("MI-1", "2025-02-01", minutes);
    let outside = MINUTES.replacen("steps: [head]\n", "steps: [head]\nlater: [out, guest]\n", 1);
    later.0.insert("policies/house.md".to_owned(), format!("{POLICY}{outside}").into_bytes());
    later.approved("MI-1", "2025-02-01", minutes);
    let [approved, draft, later] = [house, draft, later].map(|house| house.signed().open());
    assert_eq!(readers(&approved, "MI-1"), ["gao", "jia", "ma", "tou", "wen"].map(str::to_owned).into(), "as it was approved");
    assert_eq!(
        readers(&draft, "MI-1"),
        ["jia", "ma", "tou", "wen"].map(str::to_owned).into(),
        "its author, whom he names, who approves it, the clerk"
    );
    let shows = |office: &Office, who: &str| office.view(Reader::Person(who.into())).record(&"MI-1".into()).unwrap().shows("text");
    assert!(shows(&approved, "jia"), "it is out, by what was approved");
    assert!(!shows(&draft, "jia") && shows(&draft, "wen"), "its own word lifts no veil");
    // Whatever is written after the approval, anybody may have written.
    assert_eq!(readers(&later, "MI-1"), ["jia", "wen"].map(str::to_owned).into(), "its author, the clerk");
    assert!(!shows(&later, "jia") && shows(&later, "wen"), "nor does what is written later");
}

#[test]
fn who_has_read_it_is_told_to_the_owner_of_what_was_approved_and_since_then() {
    let told = |office: &Office, who: &str| {
        let view = office.view(Reader::Person(who.into()));
        view.record(&"F-1".into()).and_then(|seen| seen.tells_readings_since()).map(|since| since.to_string())
    };
    let way = &ways()[0];
    for lender in LENDERS {
        let office = house(way, lender).open();
        let stays = matches!(lender, Lender::Approved | Lender::Twin);
        let since = stays.then(|| "2025-02-01 09:00:00 +08:00".to_owned());
        assert_eq!((told(&office, "ma"), told(&office, "gao")), (since, None), "{lender:?}");
    }
}

/// A field that is hidden from all but whom another record names.
#[test]
fn no_veil_is_lifted_on_the_word_of_what_nobody_has_approved() {
    let way = Way { opened: ("VE-1", "type: veiled\nid: VE-1\nfile: F-1\ntext: 密\n".to_owned()), ..ways().remove(0) };
    let shows = |office: &Office, who: &str| office.view(Reader::Person(who.into())).record(&"VE-1".into()).unwrap().shows("text");
    for lender in LENDERS {
        let office = house(&way, lender).open();
        let stays = matches!(lender, Lender::Approved | Lender::Twin);
        assert_eq!((shows(&office, "ma"), shows(&office, "gao")), (stays, false), "{lender:?}");
    }
}

/// Whoever is to do something is told its subject and its day, though he does not read it.
#[test]
fn a_duty_is_told_to_whom_the_word_of_what_is_approved_names() {
    let way = Way { opened: ("VA-1", "type: vault\nid: VA-1\ntext: 密\nabout: F-1\n".to_owned()), ..ways().remove(0) };
    let told = |office: &Office, who: &str| !office.view(Reader::Person(who.into())).duties().is_empty();
    for lender in LENDERS {
        let office = house(&way, lender).open();
        let stays = matches!(lender, Lender::Approved | Lender::Twin);
        assert_eq!((told(&office, "ma"), told(&office, "gao")), (stays, false), "{lender:?}");
    }
}

/// The line above whoever is to do something is told of it too, by what those who count say of whom
/// they stand under.
#[test]
fn a_duty_is_told_to_the_line_above_by_records_of_people_that_count() {
    let way = Way {
        lender: ("li", person_under("li", Some("ma")), person_under("li", Some("gao"))),
        opened: ("VA-1", "type: vault\nid: VA-1\ntext: 密\nabout: F-1\n".to_owned()),
        with: vec![("F-1", file("li", "shut", "")), ("ma", person_under("ma", Some("jia")))],
        ..ways().remove(0)
    };
    let told = |office: &Office, who: &str| {
        let view = office.view(Reader::Person(who.into()));
        view.duties()
            .into_iter()
            .map(|due| (due.who.iter().map(ToString::to_string).collect(), view.oversees(&due)))
            .collect::<Vec<(Vec<_>, _)>>()
    };
    for lender in LENDERS {
        let office = house(&way, lender).open();
        let stays = matches!(lender, Lender::Approved | Lender::Twin);
        let above: Vec<(Vec<String>, bool)> = if stays { vec![(vec!["li".to_owned()], true)] } else { Vec::new() };
        assert_eq!(["ma", "jia", "gao"].map(|who| told(&office, who)), [above.clone(), above, Vec::new()], "{lender:?}");
    }
}

/// Whoever takes the id of a person signs nobody out, and is nobody.
#[test]
fn a_twin_takes_nothing_from_whom_the_id_is() {
    let all = |house: &House| house.open().staff().iter().map(ToString::to_string).collect::<Vec<_>>();
    let house = House::new().signed();
    for folder in ["!", "zz"] {
        let mut other = house.clone();
        for person in ["tou", "wen", "gao", "ma", "jia"] {
            other.write(&format!("{folder}/{person}"), &person_under(person, Some("gao")));
        }
        assert_eq!(all(&other), all(&house), "{folder}");
        let found = findings(&other.open(), Lang::En);
        let twins = found.iter().filter(|finding| finding["code"] == "records.duplicate-id").count();
        assert_eq!(twins, 5, "each is told: {found:?}");
    }
}

/// Whoever gives a file the name that fits an id takes nothing from the record that is approved
/// under it, whatever its own is called.
#[test]
fn the_name_of_a_file_does_not_stand_against_an_approval() {
    let way = &ways()[0];
    let whole = house(way, Lender::Approved);
    let expected = readers(&whole.open(), "PA-1");
    assert!(!expected.is_empty());
    for name in ["F-1 (1)", "F-1的副本", "other", "x/F-1.sync-conflict-20260710-101112-ABCDEFG"] {
        let mut house = whole.clone();
        let approved = house.0.remove("records/F-1.md").unwrap();
        house.0.insert(format!("records/{name}.md"), approved);
        house.write("F-1", &file("tou", "shut", ""));
        let office = house.open();
        let holder = office.archive.record(&"F-1".into()).unwrap();
        assert_eq!(*holder.document.path.0, format!("records/{name}.md"));
        assert_eq!(readers(&office, "PA-1"), expected, "{name}");
    }
}

/// A record without an id of its own has that of its path: where the file is moved, its approvals
/// are of another. Of which one the register tells, and so nobody is told but whoever reads the
/// folder.
#[test]
fn an_approval_of_the_path_that_a_record_had_before_is_told_as_that() {
    let told = |office: &Office, code: &str, key: &str| -> Vec<String> {
        let of_code = findings(office, Lang::En).into_iter().filter(|finding| finding["code"] == code);
        of_code.map(|finding| finding[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    for (before, now) in [("r1", "north/r1"), ("north/r1", "r1"), ("r1", "r2"), ("north/r1", "south/r1")] {
        let mut house = House::new();
        house.approved(before, "2025-02-01", "type: file\nname: 案卷\nowner: ma\nstate: shut\n");
        let mut house = house.signed();
        assert_eq!(told(&house.open(), "approval.unsigned", "message"), [""; 0]);
        let text = house.0.remove(&format!("records/{before}.md")).unwrap();
        house.0.insert(format!("records/{now}.md"), text);
        let office = house.open();
        let expected = format!(
            "this approval is of “{before}”: the file lay at records/{before}.md, and has the id “{now}” since it was moved to records/{now}.md"
        );
        assert_eq!(told(&office, "approval.moved", "message"), [expected]);
        assert!(told(&office, "approval.unsigned", "fix")[0].contains("move it back"), "{before} {now}");
        let codes: Vec<_> =
            office.view(Reader::Person("ma".into())).findings().into_iter().map(|finding| finding.code.to_string()).collect();
        assert!(codes.contains(&"approval.unsigned".to_owned()), "{codes:?}");
        assert!(!codes.contains(&"approval.moved".to_owned()), "{codes:?}");
    }
    // One that has an id of its own keeps its approvals wherever it lies.
    let mut house = house(&ways()[0], Lender::Approved);
    let text = house.0.remove("records/F-1.md").unwrap();
    house.0.insert("records/north/other.md".to_owned(), text);
    let office = house.open();
    assert_eq!(told(&office, "approval.unsigned", "message"), [""; 0]);
    assert_eq!(told(&office, "approval.moved", "message"), [""; 0]);
}

/// Two documents that are approved under one id, by whoever may.
#[test]
fn of_two_that_are_approved_neither_counts() {
    let way = &ways()[0];
    let mut house = house(way, Lender::Approved);
    let copied = house.0["records/F-1.md"].clone();
    house.0.insert("records/zz/copy.md".to_owned(), copied);
    let office = house.open();
    assert_eq!(readers(&office, "PA-1"), BTreeSet::new());
    assert!(office.archive.record(&"F-1".into()).is_none());
    let found = findings(&office, Lang::En);
    let told: Vec<_> = found.iter().filter(|finding| finding["code"] == "records.duplicate-id").map(|finding| &finding["path"]).collect();
    assert_eq!(told, ["records/F-1.md", "records/zz/copy.md"]);
}

/// What a sync program leaves beside a record that it met twice takes nothing from it, as long as
/// it says the same.
#[test]
fn of_two_that_are_approved_and_say_the_same_the_copy_does_not_count() {
    let whole = house(&ways()[0], Lender::Approved);
    let expected = readers(&whole.open(), "PA-1");
    assert!(!expected.is_empty());
    for name in ["F-1 (conflicted copy 2026-07-10)", "0/F-1.sync-conflict-20260710-101112-ABCDEFG", "F-1的副本"] {
        let mut house = whole.clone();
        let mut copied = house.0["records/F-1.md"].clone();
        house.0.insert(format!("records/{name}.md"), copied.clone());
        house.0.insert(format!("records/{name} (1).md"), copied.clone());
        let office = house.open();
        assert_eq!(*office.archive.record(&"F-1".into()).unwrap().document.path.0, *"records/F-1.md");
        assert_eq!(readers(&office, "PA-1"), expected, "{name}");
        let twins = findings(&office, Lang::En).into_iter().filter(|finding| finding["code"] == "records.duplicate-id");
        let paths: Vec<String> = twins.map(|finding| finding["path"].as_str().unwrap().to_owned()).collect();
        assert!(paths.len() == 2 && paths.iter().all(|path| path.starts_with(&format!("records/{name}"))), "{paths:?}");
        // One that says a blank more is another.
        copied.push(b'\n');
        house.0.insert(format!("records/{name}.md"), copied);
        let office = house.open();
        assert!(office.archive.record(&"F-1".into()).is_none(), "{name}");
        assert_eq!(readers(&office, "PA-1"), BTreeSet::new(), "{name}");
    }
}

/// Two that need no approval: nothing tells whose the id is, and nothing is lent on the word of
/// either.
#[test]
fn of_two_that_nobody_approves_neither_lends() {
    const BOX: &str = "
## 第5条　箱

```yaml type
id: box
label: 箱
must: {owner: person}
```

```yaml type
id: thing
label: 物
must: {box: box}
```

```yaml access
for: box
readers: [owner]
```

```yaml access
for: thing
inherits: box
```
";
    let mut house = House::new();
    house.0.insert("policies/house.md".to_owned(), format!("{POLICY}{BOX}").into_bytes());
    house.write("b/BX-1", "type: box\nid: BX-1\nowner: ma\n");
    house.write("TH-1", "type: thing\nid: TH-1\nbox: BX-1\n");
    let mut other = house.clone();
    other.write("a/BX-1", "type: box\nid: BX-1\nowner: gao\n");
    assert_eq!(readers(&house.signed().open(), "TH-1"), ["ma".to_owned()].into());
    assert_eq!(readers(&other.signed().open(), "TH-1"), BTreeSet::new());
}

/// A record over an id that the register knows is told as such, though nothing stands in it that
/// could be wrong.
#[test]
fn what_takes_the_id_of_something_that_was_approved_is_a_finding() {
    let found = findings(&house(&ways()[0], Lender::Reused).open(), Lang::En);
    assert!(found.iter().any(|finding| finding["code"] == "approval.superseded" && finding["path"] == "records/own/x.md"), "{found:?}");
}
