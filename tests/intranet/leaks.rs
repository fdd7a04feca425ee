//! An attacker with an account and a text editor for his own records. Each test is a way in that
//! was open once.

use crate::support::{
    Shipped,
    intranet::{Running, Signed},
};
use chancery::{
    source::RecordId,
    store::{Accounts, Password, SqliteStore, Wait},
};
use std::{fs, path::Path};

/// A small house: files that their owner alone reads, notes that everybody reads, papers that hang
/// on a file.
const HOUSE: &str = r#"---
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
must: {name: text, reporting: [{from: date, department: department, superior?: person}], joined: date, phone: phone}
may: {left: date}
```

```yaml posts
posts:
  clerk: {label: 文书, held_by: [{person: wen, from: 2024-01-01}]}
  head: {label: 主任, held_by: [{person: tou, from: 2024-01-01}]}
departments:
  house: {label: 内务处, head: tou}
```

## 第2条　档案

```yaml type
id: file
label: 案卷
title: name
date: opened
must: {name: text, opened: date, owner: person, grade: A | B}
may: {helpers: list of person, closed: date, limit: money}
```

```yaml duty
id: closing
for: file
need: closed
by: opened
who: helpers
say: {zh: "等级 {grade} 的案卷应结案，额度 {limit}", en: "grade {grade}, {limit}"}
```

```yaml duty
id: numbering
for: paper
need: number
by: at
who: author
say: {zh: "{file} 的文件须编号", en: "number the paper of {file}"}
```

```yaml type
id: paper
label: 文件
title: text
date: at
author: author
must: {file: file, text: text, at: date, author: person}
may: {number: text}
```

```yaml type
id: note
label: 便条
title: "{text}"
date: at
author: author
must: {text: text, at: date, author: person}
may: {about: file, files: list of file, called: phone, pattern: text}
```

```yaml approval
for: note
steps: [{post: clerk, when: has(about) && about.grade == "A"}, head]
```

```yaml rule
id: known-number
for: note
when: has(called)
require: records("person").filter(p, p.phone == called).size() > 0
say: {zh: 号码不在册, en: no such number}
```

```yaml rule
id: few-files
for: note
each: f in files
require: f.id == ""
at: f.limit
say: {zh: 不得列举案卷, en: no files}
```

## 第3条　查阅

```yaml access
for: file
readers: [owner]
```

```yaml access
for: paper
inherits: file
readers: [author]
```

```yaml access
for: note
readers: [everyone]
```

```yaml access
for: note
when: at <= today
hide: {pattern: [clerk]}
readers: [everyone]
```

```yaml access
for: note
hide: {title: [clerk]}
readers: [everyone]
```

```yaml access
for: person
readers: [everyone]
hide: {phone: [clerk]}
```
"#;

struct House(tempfile::TempDir);

impl House {
    fn new(records: &[(&str, &str)]) -> House {
        let house = House(tempfile::tempdir().unwrap());
        house.write("chancery.yaml", "name: 内务处\nlanguage: zh\ntime_zone: \"+08:00\"\ndemo_day: \"2026-06-01\"\n");
        house.write("policies/house.md", HOUSE);
        for (id, phone) in [("wen", "0571-1111 111"), ("tou", "0571-2222 222"), ("gao", "0571-3333 333"), ("ma", "0571-4444 444")] {
            house.record(
                &format!("people/{id}"),
                &format!(
                    "type: person\nid: {id}\nname: {id}先生\nreporting: [{{from: 2024-01-01, department: house}}]\nphone: {phone}\njoined: 2024-01-01\n"
                ),
            );
        }
        records.iter().for_each(|(path, front)| house.record(path, front));
        house
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn record(&self, path: &str, front: &str) {
        self.write(&format!("records/{path}.md"), format!("---\n{front}---\n"));
    }

    fn open(&self) -> Running {
        Running::start(self.0.path())
    }
}

/// All that a house with these records says to the attacker at some addresses.
fn told(records: &[(&str, &str)], who: &str, addresses: &[&str]) -> Vec<String> {
    heard(&House::new(records), who, addresses)
}

fn heard(house: &House, who: &str, addresses: &[&str]) -> Vec<String> {
    let running = house.open();
    let reader = running.sign_in(who);
    let answers = addresses.iter().map(|address| {
        let answer = reader.get(address);
        let (head, _) = answer.undated();
        format!("{address}\n{head}\n\n{}", answer.text())
    });
    answers.collect()
}

const EVERYWHERE: [&str; 13] = [
    "/",
    "/due/",
    "/findings/",
    "/inbox/",
    "/types/",
    "/types/note/",
    "/types/file/",
    "/people/",
    "/people/gao/",
    "/records/N-1/",
    "/api/findings",
    "/api/due",
    "/search/?q=%E6%A1%88",
];

/// Two archives that a reader may not tell apart.
#[track_caller]
fn same(who: &str, one: &[(&str, &str)], other: &[(&str, &str)]) {
    for (one, other) in told(one, who, &EVERYWHERE).iter().zip(told(other, who, &EVERYWHERE)) {
        let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert!(*one == other, "{:?}: {differing:?}", one.lines().next());
    }
}

const FILE: (&str, &str) = ("f/F-1", "type: file\nid: F-1\nname: 案卷甲\nopened: 2026-05-01\nowner: ma\ngrade: A\nclosed: 2026-05-02\n");
const NOTE: &str = "type: note\nid: N-1\ntext: 案\nat: 2026-05-01\nauthor: gao\n";

fn status(reader: &Signed<'_>, address: &str) -> u16 {
    reader.get(address).status()
}

#[test]
fn an_authorisation_dated_before_the_policies_opens_nothing_unapproved() {
    let shipped = Shipped::copy();
    shipped.write(
        "records/own/AU-1.md",
        "---\ntype: authorisation\nid: AU-1\nreaders: [tian.shuisheng]\ncovers: [C-0004]\npurpose: 好奇\nfrom: 2019-01-01\nuntil: 2030-01-01\nmay_export: no\nauthor: tian.shuisheng\n---\n",
    );
    let running = Running::start(shipped.folder.path());
    let attacker = running.sign_in("tian.shuisheng");
    assert_eq!([status(&attacker, "/records/C-0004/"), status(&attacker, "/records/CARD-0004/")], [404, 404]);
}

/// The approved authorisation of another, its id over other content, wherever the document lies.
#[test]
fn the_id_of_an_approved_authorisation_does_not_approve_another_document() {
    for (folder, from) in [("own", "2026-01-01"), ("zz-own", "2026-01-01"), ("aa-own", "2019-01-01")] {
        let shipped = Shipped::copy();
        shipped.write(
            &format!("records/{folder}/mine.md"),
            &format!(
                "---\ntype: authorisation\nid: AU-20260914-2tfh\nreaders: [tian.shuisheng]\ncovers: [C-0004]\npurpose: 好奇\nfrom: {from}\nuntil: 2030-01-01\nmay_export: no\nauthor: tian.shuisheng\n---\n"
            ),
        );
        let running = Running::start(shipped.folder.path());
        assert_eq!(status(&running.sign_in("tian.shuisheng"), "/records/C-0004/"), 404, "{folder}");
    }
}

#[test]
fn whoever_takes_the_id_of_a_file_reads_neither_it_nor_what_hangs_on_it() {
    let paper = ("p/P-1", "type: paper\nid: P-1\nfile: F-1\ntext: 密文\nat: 2026-05-01\nauthor: ma\n");
    for path in ["a/own", "z/own"] {
        let mine = (path, "type: file\nid: F-1\nname: 我的\nopened: 2026-05-01\nowner: gao\ngrade: A\nclosed: 2026-05-02\n");
        let house = House::new(&[FILE, paper, mine]);
        let running = house.open();
        let attacker = running.sign_in("gao");
        assert_eq!(status(&attacker, "/records/P-1/"), 404, "{path}");
        for address in EVERYWHERE {
            let text = attacker.get(address).text();
            assert!(!text.contains("案卷甲") && !text.contains("密文") && !text.contains("f/F-1"), "{path}: {address}\n{text}");
        }
    }
}

/// A note that everybody reads, under the id of a file that he does not: it is known by its path,
/// and what was found of the file is not told of it.
#[test]
fn whoever_takes_an_id_is_not_told_what_was_found_of_its_owner() {
    let wrong = ("f/F-1", "type: file\nid: F-1\nname: 案卷甲\nopened: 2026-05-01\nowner: ma\ngrade: 丙等\nclosed: 2026-05-02\n");
    let mine = ("z/own", "type: note\nid: F-1\ntext: 我的\nat: 2026-05-01\nauthor: gao\n");
    let house = House::new(&[wrong, mine]);
    let running = house.open();
    let attacker = running.sign_in("gao");
    let own = "/records/records%2Fz%2Fown/";
    assert_eq!((status(&attacker, "/records/F-1/"), status(&attacker, own)), (404, 200));
    for address in EVERYWHERE.into_iter().chain([own]) {
        let text = attacker.get(address).text();
        assert!(!text.contains("丙等") && !text.contains("f/F-1.md"), "{address}\n{text}");
    }
}

#[test]
fn who_is_to_do_a_duty_is_told_its_sentence_and_nothing_beyond() {
    let file = |owner: &str, helpers: &str| {
        format!("type: file\nid: F-1\nname: 案卷甲\nopened: 2026-05-01\nowner: {owner}\ngrade: A\nlimit: 70000\nhelpers: {helpers}\n")
    };
    let (one, other) = (file("ma", "[gao, wen]"), file("tou", "[gao]"));
    same("gao", &[("f/F-1", &one)], &[("f/F-1", &other)]);
    for address in ["/due/", "/", "/api/due"] {
        let due = told(&[("f/F-1", &one)], "gao", &[address]).remove(0);
        assert!(due.contains("等级 A 的案卷应结案，额度 70000") && due.contains("2026-05-01") && due.contains("F-1"), "{address}: {due}");
        assert!(!due.contains("wen"), "{address}: {due}");
        let other = told(&[("f/F-1", &file("ma", "[wen]"))], "gao", &[address]).remove(0);
        assert!(!other.contains("F-1") && !other.contains("70000"), "it is no duty of his: {other}");
    }
    let owner = told(&[("f/F-1", &one)], "ma", &["/due/"]).remove(0);
    assert!(owner.contains("额度 70000") && owner.contains("wen先生"), "{owner}");
}

/// Tou stands above Gao, and may not read the file: he is told of Gao, and of none of the others
/// who are to do it.
#[test]
fn the_line_above_is_told_the_same_and_of_whom() {
    let gao = "type: person\nid: gao\nname: gao先生\nreporting: [{from: 2024-01-01, department: house, superior: tou}]\nphone: 0571-3333 333\njoined: 2024-01-01\n";
    let file = |helpers: &str| {
        format!("type: file\nid: F-1\nname: 案卷甲\nopened: 2026-05-01\nowner: ma\ngrade: A\nlimit: 70000\nhelpers: {helpers}\n")
    };
    let (one, other) = (file("[gao, wen]"), file("[gao]"));
    same("tou", &[("people/gao", gao), ("f/F-1", &one)], &[("people/gao", gao), ("f/F-1", &other)]);
    for address in ["/due/", "/", "/api/due"] {
        let due = told(&[("people/gao", gao), ("f/F-1", &one)], "tou", &[address]).remove(0);
        assert!(due.contains("等级 A 的案卷应结案，额度 70000") && due.contains("gao"), "{address}: {due}");
        let other = told(&[("f/F-1", &one)], "tou", &[address]).remove(0);
        assert!(!other.contains("70000") && !other.contains("F-1"), "he stands above nobody: {address}: {other}");
    }
    assert!(!told(&[("people/gao", gao), ("f/F-1", &file("[wen]"))], "tou", &["/due/"])[0].contains("70000"), "wen is not below him");
}

/// A paper of his own that names what is hidden: the sentence of a duty about it says nothing of
/// that.
#[test]
fn whoever_writes_a_record_does_not_read_what_it_names_in_the_sentence_of_a_duty() {
    let paper = ("p/P-1", "type: paper\nid: P-1\nfile: F-1\ntext: 文\nat: 2026-05-01\nauthor: gao\n");
    let other = FILE.1.replace("案卷甲", "案卷乙");
    same("gao", &[paper, FILE], &[paper, (FILE.0, &other)]);
    same("gao", &[paper, FILE], &[paper]);
    let due = told(&[paper, FILE], "gao", &["/due/"]).remove(0);
    assert!(due.contains("… 的文件须编号"), "{due}");
    let owner = told(&[paper, FILE], "ma", &["/due/"]).remove(0);
    assert!(owner.contains("案卷甲（F-1） 的文件须编号") || owner.contains("案卷甲（F-1）的文件须编号"), "{owner}");
}

#[test]
fn a_hidden_number_cannot_be_guessed_by_a_rule_that_looks_for_it() {
    let note = |number: &str| format!("{NOTE}called: {number}\n");
    let findings = |number: &str| told(&[("n/N-1", &note(number))], "gao", &["/api/findings"]).remove(0);
    assert_eq!(findings("0571-1111 111"), findings("0571-9999 999"));
    let clerk = told(&[("n/N-1", &note("0571-9999 999"))], "wen", &["/api/findings"]).remove(0);
    assert!(clerk.contains("号码不在册"), "{clerk}");
}

#[test]
fn a_finding_does_not_point_into_a_hidden_record() {
    let note = format!("{NOTE}files: [F-1]\n");
    let mut elsewhere = FILE;
    elsewhere.0 = "g/another/F-1";
    same("gao", &[("n/N-1", &note), FILE], &[("n/N-1", &note), elsewhere]);
    same("gao", &[("n/N-1", &note), FILE], &[("n/N-1", &note)]);
}

#[test]
fn a_hidden_title_is_nowhere() {
    let titled = |title: &str| format!("{NOTE}title: {title}\n");
    same("gao", &[("n/N-1", &titled("机密之题"))], &[("n/N-1", &titled("另一题"))]);
    assert!(told(&[("n/N-1", &titled("机密之题"))], "wen", &["/records/N-1/"])[0].contains("机密之题"));
}

/// The block that hides speaks only where its `when` holds; where that cannot be known, it hides.
#[test]
fn what_cannot_be_known_lifts_no_veil() {
    for at in ["2026-05-01", "改日", "[2026-05-01]"] {
        let note = format!("{}pattern: 花样文字\n", NOTE.replace("2026-05-01", at));
        let page = told(&[("n/N-1", &note)], "gao", &["/records/N-1/"]).remove(0);
        assert!(page.starts_with("/records/N-1/\nHTTP/1.1 200") && !page.contains("花样文字"), "{at}: {page}");
    }
}

#[test]
fn the_line_of_a_finding_does_not_tell_whether_a_hidden_field_is_written() {
    let person = |phone: &str| {
        format!(
            "type: person\nid: gao\nname: gao先生\nreporting: [{{from: 2024-01-01, department: house}}]\n{phone}joined: 2024-01-01\nshoe: 42\n"
        )
    };
    let (with, without) = (person("phone: 0571-3333 333\n"), person(""));
    let findings = |person: &str| told(&[("people/gao", person)], "gao", &["/findings/", "/api/findings"]).join("\n");
    assert!(findings(&with).contains("shoe"));
    assert_eq!(findings(&with), findings(&without));
}

#[test]
fn what_waits_for_an_approver_does_not_tell_a_hidden_grade() {
    let note = format!("{NOTE}about: F-1\n");
    let other = FILE.1.replace("grade: A", "grade: B");
    same("tou", &[("n/N-1", &note), FILE], &[("n/N-1", &note), (FILE.0, &other)]);
    same("wen", &[("n/N-1", &note), FILE], &[("n/N-1", &note), (FILE.0, &other)]);
    let plain = told(&[("n/N-1", NOTE)], "tou", &["/inbox/"]).remove(0);
    assert!(plain.contains("/records/N-1/"), "what waits for him without a hidden reason is there: {plain}");
}

#[test]
fn naming_a_file_that_lies_beside_does_not_open_it() {
    let mine = format!("{NOTE}attachments: [合同.pdf, 没有.pdf, ../f/合同.pdf, sub/合同.pdf]\n");
    let file = format!("{}attachments: [合同.pdf]\n", FILE.1);
    let house = House::new(&[("f/F-1", &file), ("f/own", &mine)]);
    house.write("records/f/合同.pdf", "%PDF 密");
    house.write("records/f/sub/合同.pdf", "%PDF 密");
    let running = house.open();
    let attacker = running.sign_in("gao");
    let ask = |name: &str| {
        let answer = attacker.get(&format!("/records/N-1/files/{name}"));
        (answer.status(), answer.text())
    };
    assert_eq!(ask("%E5%90%88%E5%90%8C.pdf").0, 404);
    assert_eq!(ask("%E5%90%88%E5%90%8C.pdf"), ask("%E6%B2%A1%E6%9C%89.pdf"));
    let page = attacker.get("/records/N-1/").text();
    assert!(!page.contains("/files/"), "{page}");
    let findings = attacker.get("/api/findings").text();
    assert!(!findings.contains("pdf"), "neither one is told to be missing: {findings}");
    assert_eq!(status(&running.sign_in("ma"), "/records/F-1/files/%E5%90%88%E5%90%8C.pdf"), 200, "who reads both has it");
}

/// Links by which whoever writes into one folder would have what lies elsewhere read out to him.
#[cfg(unix)]
#[test]
fn a_link_in_ones_own_folder_opens_nothing() {
    let links = [
        ("own/x.bin", "../../.chancery/accounts.db"),
        ("own/x.bin", "../f/secret.pdf"),
        ("own/x.bin", "../f/F-1.md"),
        ("own/x.bin", "y.bin"),
        ("own/x.bin", "none.bin"),
        ("own/x.bin", "/etc/hostname"),
        ("own/x.md", "../../.chancery/notes.md"),
        ("own/x.md", "../f/secret.txt"),
        ("own/x.md", "../../policies/register"),
        ("own/sub", "../../.chancery"),
        ("own/sub", "../f"),
    ];
    let mine = format!("{NOTE}attachments: [x.bin, sub]\n");
    let inside = "type: note\nid: N-2\ntext: 链\nat: 2026-05-01\nauthor: gao\nattachments: [secret.pdf, accounts.db]\n";
    let heard_with = |link: Option<(&str, &str)>| {
        let house = House::new(&[FILE, ("own/N-1", &mine), ("f/N-2", inside)]);
        for path in [".chancery/accounts.db", ".chancery/notes.md", "records/f/secret.pdf", "records/f/secret.txt", "policies/register"] {
            house.write(path, "密文");
        }
        house.write("records/own/y.bin", "自己的");
        if let Some((at, to)) = link {
            std::os::unix::fs::symlink(to, house.0.path().join("records").join(at)).unwrap();
        }
        let files = ["/records/N-1/files/x.bin", "/records/N-1/files/sub", "/records/N-2/files/accounts.db", "/records/own%2Fx/"];
        heard(&house, "gao", &[&EVERYWHERE[..], &files].concat())
    };
    let without = heard_with(None);
    assert!(without.iter().all(|answer| !answer.contains("密文")));
    for link in links {
        // A folder's records are read at their second address too; that they then have one id twice
        // may show.
        let is_folder_of_records = link == ("own/sub", "../f");
        for (one, other) in heard_with(Some(link)).iter().zip(&without) {
            let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
            assert!(one == other || is_folder_of_records, "{link:?} {:?}: {differing:?}", one.lines().next());
            assert!(!one.contains("密文") && !one.contains("自己的"), "{link:?}: {one}");
        }
    }
}

/// The names are read when the office opens; what stands under one may be another thing by the time
/// it is asked for.
#[cfg(unix)]
#[test]
fn a_link_that_is_put_in_the_place_of_a_file_opens_nothing() {
    use std::os::unix::fs::symlink;
    let mine = format!("{NOTE}attachments: [x.bin]\n");
    let house = House::new(&[FILE, ("own/N-1", &mine)]);
    house.write("records/own/x.bin", "自己的");
    house.write("records/f/x.bin", "密文");
    let running = house.open();
    let reader = running.sign_in("gao");
    let ask = || reader.get("/records/N-1/files/x.bin");
    assert_eq!((ask().status(), ask().text().as_str()), (200, "自己的"));
    let (own, moved) = (house.0.path().join("records/own"), house.0.path().join("records/moved"));
    fs::remove_file(own.join("x.bin")).unwrap();
    let gone = ask();
    assert_eq!(gone.status(), 404);
    for link in ["../f/x.bin", "/etc/hostname"] {
        symlink(link, own.join("x.bin")).unwrap();
        assert!(ask().undated() == gone.undated(), "{link}");
        fs::remove_file(own.join("x.bin")).unwrap();
    }
    fs::rename(&own, moved).unwrap();
    symlink("f", &own).unwrap();
    // What he sees has changed with the folder's name, and each page with it.
    assert!(ask().undated() == reader.get("/records/N-1/files/never.bin").undated(), "the folder is a link now");
}

#[test]
fn a_request_is_one_line_of_the_log() {
    let house = House::new(&[]);
    let running = house.open();
    let reader = running.sign_in("gao");
    for address in ["/api/search?q=a%0A2026-01-01%20ma%20/records/F-1/", "/api/records/%0Aforged", "/search/?q=%0D%0Ax"] {
        reader.get(address);
    }
    reader.get(&format!("/api/search?q={}", "a".repeat(9000)));
    assert_eq!(status(&reader, "/records/none/"), 404);
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let (lines, wrong): (i64, i64) = log
        .query_row(
            "SELECT count(*), count(*) FILTER (WHERE what GLOB '*[' || char(1) || '-' || char(31) || ']*' OR length(what) > 512) FROM line",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert!(lines >= 4);
    assert_eq!(wrong, 0);
}

#[test]
fn who_has_left_does_not_sign_in() {
    let running = Running::shipped();
    let left = RecordId::from("ding.weidong");
    SqliteStore::open(&running.state).unwrap().add_account(&left, &Password::new("demo").unwrap()).wait().unwrap();
    let (left, wrong) = (running.sign_in_with("ding.weidong", "demo", ""), running.sign_in_with("ding.weidong", "wrong", ""));
    assert_eq!(left.status(), 401);
    assert!(left.undated() == wrong.undated());
}

/// Hidden, never written, and odd: one answer on every address, by every method and header that
/// might make a difference.
#[test]
fn hidden_and_never_written_are_one_answer() {
    let running = Running::start(Path::new(env!("CARGO_MANIFEST_DIR")));
    let reader = running.sign_in("tian.shuisheng");
    let addresses = [
        "/records/ID/",
        "/records/ID",
        "/records/ID/files/a.pdf",
        "/people/ID/",
        "/types/ID/",
        "/policies/ID/",
        "/api/records/ID",
        "/en/records/ID/",
        "/zh/records/ID/",
        "/records/ID%2F/",
        "/records//ID/",
        "/calendar/ID.ics",
    ];
    let headers = [
        "",
        "if-none-match: *\r\n",
        "range: bytes=0-3\r\n",
        "accept-encoding: gzip\r\n",
        "if-modified-since: Fri, 01 Jan 2100 00:00:00 GMT\r\n",
    ];
    for address in addresses {
        for (method, headers) in ["GET", "HEAD", "POST", "DELETE"].into_iter().flat_map(|method| headers.map(|headers| (method, headers))) {
            let ask = |id: &str| running.ask(method, &address.replace("ID", id), &format!("cookie: {}\r\n{headers}", reader.cookie), "");
            let (hidden, never) = (ask("C-0004"), ask("C-9999"));
            assert!(hidden.undated() == never.undated(), "{method} {address} {headers}\n{}\n{}", hidden.head, never.head);
            assert_ne!(hidden.status(), 200);
        }
    }
}

/// Neither what is in the register, nor that nothing is, nor where a line of it is damaged, is told
/// to whoever reads pages.
#[test]
fn the_register_tells_nothing() {
    const RULES: &str = "---
policy: shelves
title: 库房制度
status: trial
effective: 2024-01-01
owner: house
---
## 第1条　登记

```yaml rule
id: kept
for: archive
require: registered().size() > 0
say: {zh: 登记簿是空的, en: nothing is registered}
```

```yaml rule
id: entered
for: note
require: registered().exists(r, r.id == self.id)
say: {zh: 没有登记, en: not registered}
```
";
    let hears = |register: &str| {
        let house = House::new(&[FILE, ("n/N-1", NOTE)]);
        house.write("policies/shelves.md", RULES);
        house.write("policies/register", register);
        heard(&house, "gao", &EVERYWHERE)
    };
    let line = |id: &str| format!("{id} sha256:{}\n", "0".repeat(64));
    let nothing = hears("");
    for register in [line("F-9"), line("N-1"), "damaged\n".to_owned(), line("F-9") + "damaged\n"] {
        for (one, other) in nothing.iter().zip(hears(&register)) {
            let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
            assert!(*one == other, "{register}: {differing:?}");
        }
    }
}

/// Told, and no gate: how long a hidden record and one that never was take to be not there. Equal
/// work is done for both (one search in a sorted list, one page); what is left is noise.
#[test]
fn how_long_the_hidden_and_the_never_written_take_is_reported() {
    let house = House::new(&[FILE]);
    let running = house.open();
    let attacker = running.sign_in("gao");
    let took = |address: &str| {
        let started = std::time::Instant::now();
        assert_eq!(status(&attacker, address), 404);
        started.elapsed().as_micros()
    };
    let mut taken = [Vec::new(), Vec::new()];
    for turn in 0..2000 {
        // In turns, now one first and now the other.
        let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
        order.into_iter().for_each(|which| taken[which].push(took(["/records/F-1/", "/records/F-2/"][which])));
    }
    let [hidden, never] = taken.map(|mut times| {
        times.sort_unstable();
        [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| times[(times.len() as f64 * share) as usize])
    });
    println!("microseconds at 5, 25, 50, 75 and 95 %: hidden {hidden:?}, never written {never:?}");
}
