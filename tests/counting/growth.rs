//! What is doubled costs little more than twice the work: to open an archive, to judge it, and to
//! show what it holds to somebody. Steps are counted where things are looked at one after the
//! other, and bytes wherever memory is taken; wall time would tell of the machine.

use crate::support;
use crate::{alone, counting};
use chancery::{
    access::{GivenUp, Hand, Office, Reader, View, WaitGuard},
    approval::Subject,
    archive::Settings,
    edit::with_approval,
    render::{self, Theme},
    source::{RecordId, Sources, trial},
};
use std::{
    any::Any,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

static THEME: LazyLock<Theme> = LazyLock::new(Theme::built_in);

type Files = BTreeMap<String, String>;

/// Twice the size may cost so many times the work: a sort, or a tree, has its logarithm.
const AT_MOST: f64 = 2.3;

/// A small archive in memory.
fn house() -> Files {
    static FOUNDED: LazyLock<Files> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        support::small::found(folder.path(), &["tou", "ma"]);
        let files =
            walkdir::WalkDir::new(folder.path()).into_iter().map(|entry| entry.unwrap()).filter(|entry| entry.file_type().is_file());
        let text = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
        let mut files: Files =
            files.map(|file| (file.path().strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned(), text(file.path()))).collect();
        files.get_mut("policies/house.md").unwrap().push_str(MORE);
        files
    });
    FOUNDED.clone()
}

/// Letters are approved; they and what corrects them refer to one another.
const MORE: &str = "
## 第4条　信函

```yaml type
id: letter
label: 信函
title: name
must: {name: text}
may: {to: list of record, about: letter, count: number}
```

```yaml access
for: letter
readers: [everyone]
```

```yaml approval
for: letter
steps: [head]
```

```yaml rule
id: counted
for: letter
when: has(count)
require: count > 0
say: {zh: 件数须大于 0, en: the count is above 0}
examples:
- holds: {name: 一, count: 1}
- breaks: {name: 一, count: 0}
```
";

fn letter(id: &str, front: &str, body: &str) -> (String, String) {
    (format!("records/letters/{id}.md"), format!("---\ntype: letter\nid: {id}\nname: 信\n{front}---\n{body}\n"))
}

/// Steps, and bytes of memory.
#[derive(Clone, Copy, Debug)]
struct Work([u64; 2]);

impl Work {
    fn until_now() -> Work {
        Work([trial::counted(), counting::taken()])
    }

    fn since(self, before: Work) -> [f64; 2] {
        [0, 1].map(|i| (self.0[i] - before.0[i]) as f64)
    }
}

fn open(files: Files) -> Office {
    let sources = Sources::from_memory(files);
    let settings = Settings::of(&sources).unwrap();
    Office::open(sources, settings, "2026-06-01".parse().unwrap())
}

/// Opens an archive, and shows a record and what is found to a person.
fn shown(files: Files) -> [f64; 2] {
    let before = Work::until_now();
    let office = open(files);
    let view = office.view(Reader::Person("ma".into()));
    view.digest();
    for address in ["/records/L-1/", "/findings/", "/types/letter/"] {
        let page = render::page(address, &view, &THEME, None).unwrap();
        assert!(page.is_some(), "{address}");
    }
    Work::until_now().since(before)
}

/// Holds the growth of what `of` makes in one dimension.
#[track_caller]
fn holds(size: usize, of: impl Fn(usize) -> Files) {
    shown(of(2)); // what is worked out once for the process
    let [none, once, twice] = [0, size, size * 2].map(|size| shown(of(size)));
    for (what, i) in [("steps", 0), ("bytes", 1)] {
        let (once, twice) = (once[i] - none[i], twice[i] - none[i]);
        // Where nothing grows but by a few looks, there is nothing to hold.
        let grown = if once > size as f64 { twice / once } else { twice / size as f64 };
        assert!(grown <= AT_MOST, "{what} for {size}: {once}, and for twice as many {twice}: {grown:.2} times");
    }
}

fn with(files: impl IntoIterator<Item = (String, String)>) -> Files {
    house().into_iter().chain(files).collect()
}

fn many(n: usize, of: impl Fn(usize) -> String) -> String {
    (0..n).map(of).collect()
}

/// So many attachments, all of them there.
fn attached(n: usize) -> (String, Vec<(String, String)>) {
    let names: Vec<String> = (0..n).map(|i| format!("f-{i}.txt")).collect();
    let files = names.iter().map(|name| (format!("records/letters/{name}"), String::new())).collect();
    (format!("attachments: [{}]\n", names.join(", ")), files)
}

#[test]
fn links_to_attachments() {
    let _alone = alone();
    let (front, files) = attached(200);
    holds(400, |n| {
        let body = many(n, |i| format!("[附件](f-{}.txt)\n", i % 200));
        with(files.clone().into_iter().chain([letter("L-1", &front, &body)]))
    });
}

#[test]
fn attachments_of_one_record() {
    let _alone = alone();
    let links = "![图](f-0.txt)\n".repeat(200);
    holds(400, |n| {
        let (front, files) = attached(n + 1);
        with(files.into_iter().chain([letter("L-1", &front, &links)]))
    });
}

#[test]
fn files_beside_a_record() {
    let _alone = alone();
    let (front, files) = attached(100);
    let links = many(400, |i| format!("[附件](f-{}.txt) [别处](g-{i}.txt)\n", i % 100));
    holds(2000, |n| {
        let others = (0..n).map(|i| (format!("records/letters/z-{i}.txt"), String::new()));
        with(files.clone().into_iter().chain(others).chain([letter("L-1", &front, &links)]))
    });
}

#[test]
fn records_that_name_one_attachment() {
    let _alone = alone();
    let files = [("records/letters/f.txt".to_owned(), "附件".to_owned())];
    holds(300, |n| with((1..n + 2).map(|i| letter(&format!("L-{i}"), "attachments: [f.txt]\n", "")).chain(files.clone())));
}

/// A letter with so many approvals, each of them good.
#[test]
fn approvals_of_one_record() {
    let _alone = alone();
    let (key, long) = (support::demo_key(), "长".repeat(20_000));
    let signers = ("policies/allowed_signers".to_owned(), format!("* {}\n", key.public_key().to_openssh().unwrap()));
    let approved = {
        let office = open(with([signers.clone(), letter("L-1", "", &long)]));
        let hand = Hand { step: "head", by: &RecordId::from("tou"), at: "2026-05-01T10:00:00+08:00".parse().unwrap(), key: &key };
        let signed = office.signed(&Subject::named("L-1"), hand).unwrap();
        with_approval(&signed.sources, &signed.document, &signed.entry).unwrap()
    };
    let (head, rest) = approved.split_once("- step:").unwrap();
    let (entry, body) = rest.split_once("---\n").unwrap();
    holds(60, |n| {
        let text = format!("{head}{}---\n{body}", format!("- step:{entry}").repeat(n + 1));
        with([signers.clone(), ("records/letters/L-1.md".to_owned(), text)])
    });
}

#[test]
fn approvals_by_people_of_posts_that_are_not() {
    let _alone = alone();
    holds(300, |n| {
        let entries = many(n, |i| format!("- {{step: s-{i}, by: p-{}, at: \"2026-05-01T10:00:00+08:00\"}}\n", i % 7));
        with([letter("L-1", &format!("approvals:\n{entries}"), "")])
    });
}

#[test]
fn fields_of_the_front_matter() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", &many(n, |i| format!("field-{i}: {i}\n")), "")]));
}

#[test]
fn items_of_a_list() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", &format!("to: [{}]\n", vec!["L-1"; n].join(", ")), "")]));
}

#[test]
fn aliases() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", &format!("a: &a [1, 2, 3]\nb: [{}]\n", vec!["*a"; n].join(", ")), "")]));
}

#[test]
fn aliases_of_aliases_are_no_more_than_so_many_nodes() {
    let _alone = alone();
    holds(8, |n| {
        let levels = many(n, |i| format!("a{}: &a{} [*a{i}, *a{i}, *a{i}, *a{i}, *a{i}, *a{i}, *a{i}, *a{i}]\n", i + 1, i + 1));
        with([letter("L-1", &format!("a0: &a0 [1, 2, 3]\n{levels}"), "")])
    });
}

#[test]
fn headings() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", &many(n, |i| format!("## 第{i}节\n\n文\n\n")))]));
}

#[test]
fn equal_headings() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", &"## 一节\n\n文\n\n".repeat(n))]));
}

#[test]
fn links_to_headings() {
    let _alone = alone();
    let headings = many(100, |i| format!("## 第{i}节\n\n文\n\n"));
    holds(800, |n| with([letter("L-1", "", &format!("{headings}{}", many(n, |i| format!("[见](#第{}节)\n", 50 + i % 50))))]));
}

#[test]
fn headings_that_links_miss() {
    let _alone = alone();
    let links = many(400, |i| format!("[见](#无{i}节)\n"));
    holds(2000, |n| with([letter("L-1", "", &format!("{}{links}", many(n, |i| format!("## 第{i}节\n\n文\n\n"))))]));
}

#[test]
fn tables() {
    let _alone = alone();
    holds(300, |n| with([letter("L-1", "", &"| 一 | 二 |\n|---|--:|\n| 甲 | 乙 |\n\n".repeat(n))]));
}

#[test]
fn rows_of_a_table() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", &format!("| 一 | 二 |\n|---|--:|\n{}", "| 甲 | [[L-1]] |\n".repeat(n)))]));
}

#[test]
fn lists_side_by_side_and_in_one_another() {
    let _alone = alone();
    holds(200, |n| with([letter("L-1", "", &many(n, |i| format!("{}- 项\n", "  ".repeat(i % 20))))]));
}

#[test]
fn stars_and_brackets_that_pair_with_nothing() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", &"*甲 **乙 ~~丙 [丁 [[戊 ".repeat(n))]));
}

#[test]
fn wiki_links() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", &many(n, |i| format!("[[L-1]] [[ma|马]] [[无-{i}]]\n")))]));
}

#[test]
fn links_to_paths() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", &many(n, |i| format!("[信](L-1.md) [制度](../../policies/house.md) [无](x-{i}.md)\n")))]));
}

#[test]
fn records_that_links_do_not_lead_to() {
    let _alone = alone();
    let links = many(300, |i| format!("[信](L-1.md) [[L-1]] [无](x-{i}.md)\n"));
    holds(200, |n| with((2..n + 2).map(|i| letter(&format!("L-{i}"), "", "")).chain([letter("L-1", "", &links)])));
}

#[test]
fn records_that_refer_to_one() {
    let _alone = alone();
    holds(300, |n| {
        let letters = (2..n + 2).map(|i| letter(&format!("L-{i}"), "about: L-1\nto: [L-1, L-1]\n", "见 [[L-1]]、[[L-1]]"));
        with(letters.chain([letter("L-1", "", "")]))
    });
}

#[test]
fn references_of_one_record_to_one() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", "", ""), letter("L-2", "", &"[[L-1]] ".repeat(n))]));
}

#[test]
fn documents_of_one_id() {
    let _alone = alone();
    holds(200, |n| {
        let twins = (0..n).map(|i| (format!("records/letters/t-{i}.md"), letter("L-2", "", "").1));
        with(twins.chain([letter("L-1", "", "[[L-2]]")]))
    });
}

#[test]
fn records_whose_references_lead_nowhere() {
    let _alone = alone();
    holds(300, |n| with((1..n + 2).map(|i| letter(&format!("L-{i}"), &format!("about: L-{i}x\n"), ""))));
}

#[test]
fn records_that_correct_one_another_in_a_chain() {
    let _alone = alone();
    holds(300, |n| with((1..n + 2).map(|i| letter(&format!("L-{i}"), &format!("supersedes: L-{}\n", i + 1), ""))));
}

#[test]
fn records_that_correct_what_is_not_there() {
    let _alone = alone();
    holds(300, |n| with((1..n + 2).map(|i| letter(&format!("L-{i}"), &format!("supersedes: X-{i}\n"), ""))));
}

#[test]
fn findings_in_one_line() {
    let _alone = alone();
    holds(1000, |n| with([letter("L-1", &format!("to: [{}]\n", vec!["{}"; n].join(", ")), "")]));
}

#[test]
fn findings_on_one_page() {
    let _alone = alone();
    holds(300, |n| with((1..n + 2).map(|i| letter(&format!("L-{i}"), "count: 0\n", "[无](http:)"))));
}

#[test]
fn lines_of_the_register_of_one_id() {
    let _alone = alone();
    let seal = |i: usize| format!("sha256:{i:064x}");
    holds(500, |n| {
        let lines = many(n, |i| format!("L-2 {} after {}\n", seal(i + 1), seal(i)));
        let entry = |i| format!("- {{step: head, by: tou, at: \"2026-05-01T10:00:00+08:00\", seal: \"{}\", signature: x}}\n", seal(i));
        let front = format!("approvals:\n{}", many(n.min(1) * 200, entry));
        with([("policies/register".to_owned(), lines), letter("L-1", "", ""), letter("L-2", &front, "")])
    });
}

/// What is asked of a view.
type Look = fn(&View<'_>) -> usize;

/// Whatever is worked out of a view ends when nobody waits for it: no request's work outlives its
/// answer.
/// A rule that looks for records by a value has those judged anew that rest on the value that was,
/// and on the one that is, and not all that look in the same type.
#[test]
fn a_record_that_changes_has_those_judged_anew_that_looked_for_its_values() {
    let _alone = alone();
    let twice = "
```yaml rule
id: twice
for: letter
require: 'records(\"letter\").filter(x, x.name == name).size() < 3'
say: {zh: 同名, en: of one name}
examples: [{holds: {name: 一}}]
```
";
    let named =
        |id: usize, name: &str| (format!("records/letters/L-{id}.md"), format!("---\ntype: letter\nid: L-{id}\nname: {name}\n---\n"));
    let judged = |size: usize| {
        let mut files = with((0..size).map(|id| named(id, &format!("信{id}"))));
        files.get_mut("policies/house.md").unwrap().push_str(twice);
        let memory = Arc::default();
        let opened = |files: &Files| {
            let before = trial::judgements();
            let sources = Sources::from_memory(files.clone()).digested_by(&memory);
            let settings = Settings::of(&sources).unwrap();
            drop(Office::open(sources, settings, "2026-06-01".parse().unwrap()));
            trial::judgements() - before
        };
        let all = opened(&files);
        files.extend([named(5, "信6")]);
        (all, opened(&files))
    };
    let [(all, few), (_, as_few)] = [200, 800].map(judged);
    assert!(few * 10 < all && as_few <= few + few / 2, "of {all} judgements {few}, in a larger archive {as_few}");
}

#[test]
fn nothing_is_worked_out_for_nobody() {
    let _alone = alone();
    let letters = (1..20).map(|i| letter(&format!("L-{i}"), "count: 0\n", "见 [[L-1]]"));
    let office = open(with(letters));
    let (waiting, awaited) = WaitGuard::begin();
    let view = office.view(Reader::Person("ma".into())).while_awaited(&awaited);
    let addresses = ["/", "/records/L-1/", "/findings/", "/due/", "/types/letter/", "/people/", "/policies/house/"];
    let made = |address: &str| catch_unwind(AssertUnwindSafe(|| render::page(address, &view, &THEME, None).unwrap()));
    let others: [(&str, Look); 5] = [
        ("list", |view| view.list("letter").len()),
        ("records", |view| view.records().count()),
        ("findings", |view| view.findings().len()),
        ("digest", |view| view.digest().len()),
        ("record", |view| view.record(&"L-1".into()).map_or(0, |seen| seen.title().len())),
    ];
    addresses.iter().for_each(|address| assert!(made(address).is_ok(), "{address}"));
    drop(waiting);
    let given_up = |ended: Result<(), Box<dyn Any + Send>>| ended.is_err_and(|with| with.is::<GivenUp>());
    addresses.iter().for_each(|address| assert!(given_up(made(address).map(drop)), "{address}"));
    for (what, look) in others {
        let fresh = office.view(Reader::Everyone).while_awaited(&awaited);
        assert!(given_up(catch_unwind(AssertUnwindSafe(|| look(&fresh))).map(drop)), "{what}");
    }
}
