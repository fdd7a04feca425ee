//! Characters that a reader does not see, and ids that look like others, are told; and on a page
//! they reach no further than their own place.

use crate::support::small::Small;
use chancery::{
    document::{self, Document},
    source::Sources,
};
use std::process::Command;

fn parsed(path: &str, text: &str) -> Document {
    document::parse(&Sources::from_memory([(path, text)]).files[0])
}

/// The places of the findings of invisible characters, each as what stands there.
fn unseen(text: &str) -> Vec<String> {
    let document = parsed("records/a.md", text);
    let found = document.findings.iter().filter(|finding| &*finding.code == "document.invisible");
    found.map(|finding| finding.span.map(|span| text[span.start as usize..span.end as usize].to_owned()).unwrap()).collect()
}

#[test]
fn what_cannot_be_seen_is_told_however_it_is_written() {
    for c in [
        '\u{202e}',
        '\u{2066}',
        '\u{200f}',
        '\u{61c}',
        '\u{200b}',
        '\u{2060}',
        '\u{feff}',
        '\u{ad}',
        '\u{3164}',
        '\u{e0041}',
        '\u{2028}',
        '\u{1b}',
        '\u{9b}',
        '\u{7f}',
    ] {
        assert_eq!(unseen(&format!("---\nid: a\n---\n\n甲{c}乙{c}\n")), [c.to_string()], "U+{:04X} in prose", u32::from(c));
        if !c.is_control() && c != '\u{feff}' {
            assert_eq!(unseen(&format!("---\nid: a{c}b\n---\n")), [c.to_string()], "U+{:04X} in a value", u32::from(c));
        }
    }
    assert_eq!(unseen("---\nlimit: \"50\\u202e00\"\nnote: [\"\\u200b\"]\n---\n"), ["\"50\\u202e00\""], "as YAML writes it");
    assert_eq!(unseen("---\n\"a\\u200b\": b\n---\n"), ["\"a\\u200b\""], "in a key");
    for reference in ["&#x202E;", "&#8238;", "&rlm;", "&ZeroWidthSpace;", "&shy;"] {
        assert_eq!(unseen(&format!("---\nid: a\n---\n\n甲{reference}乙\n")), [reference], "as Markdown writes it");
    }
    let named = parsed("records/a\u{202e}dm.md", "---\nid: a\n---\n");
    assert!(named.findings.iter().any(|finding| &*finding.code == "document.name"), "in a file's name");
}

#[test]
fn what_writing_needs_is_not_told() {
    for text in [
        "甲\t乙\r\n丙\n",
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}",
        "AT&amp;T &lt; &#20013; &copy; & ; &x",
        "עברית English",
    ] {
        assert_eq!(
            unseen(&format!("---\nid: a\ntitle: \"{}\"\n---\n\n{text}\n", text.split_whitespace().next().unwrap())),
            [] as [&str; 0],
            "{text:?}"
        );
    }
    assert_eq!(unseen("---\nid: a\u{200d}b\n---\n"), ["\u{200d}"], "a joiner that joins nothing");
    assert_eq!(unseen("---\nid: 甲\u{200c}乙\n---\n"), ["\u{200c}"]);
}

fn check(small: &Small) -> Vec<serde_json::Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    let output = command.args(["check", "--format", "json", "--archive"]).arg(small.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_id_that_looks_like_another_is_told_of_itself_alone() {
    let alike = |id: &str| {
        let small = Small::new(&[]);
        small.write("records/n/x.md", format!("---\ntype: note\nid: {id}\ntext: 便条\n---\n"));
        let found = check(&small).into_iter().filter(|finding| finding["code"] == "structure.look-alike");
        found.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (id, like) in [("С-0007", "C-0007"), ("Ｎ-1", "N-1"), ("N-１", "N-1"), ("zhаo.min", "zhao.min"), ("Ν-1号", "N-1号"), ("①", "1")]
    {
        assert_eq!(alike(id), [format!("编号“{id}”看起来像“{like}”，却是另一个")]);
    }
    for (id, like) in [("СССР", "CCCP"), ("СС", "CC"), ("Мoсква", "Mocквa"), ("号Ν", "号N"), ("Москва-С", "Москва-C")]
    {
        assert_eq!(alike(id), [format!("编号“{id}”看起来像“{like}”，却是另一个")]);
    }
    for id in ["N-2", "lu.mingyuan", "恒源-1号", "C-0007", "Москва", "Ελλάδα", "日本-ア1", "二〇二四", "café", "Işık"]
    {
        assert_eq!(alike(id), [] as [&str; 0], "{id}");
    }
    // Whether there is what it looks like changes nothing.
    let with = Small::new(&[]);
    with.write("records/n/x.md", "---\ntype: note\nid: Ｆ-1\ntext: 便条\n---\n");
    let without = Small::new(&[]);
    std::fs::remove_file(without.path().join("records/f/F-1.md")).unwrap();
    without.write("records/n/x.md", "---\ntype: note\nid: Ｆ-1\ntext: 便条\n---\n");
    let told = |small: &Small| check(small).into_iter().filter(|finding| finding["code"] == "structure.look-alike").collect::<Vec<_>>();
    assert_eq!(told(&with), told(&without));
}

/// Two ids of one look that are both plain are told as a pair, of the later, with the place of the
/// other.
#[test]
fn two_ids_that_look_the_same_are_told_to_who_may_read_both() {
    for (one, other) in [("口-1", "ロ-1"), ("C-0O7", "C-007"), ("二月", "ニ月"), ("N-l2", "N-12")] {
        let small = Small::new(&[]);
        small.write("records/n/x.md", format!("---\ntype: note\nid: {one}\ntext: 便条\n---\n"));
        small.write("records/n/y.md", format!("---\ntype: note\nid: {other}\ntext: 便条\n---\n"));
        let found: Vec<_> = check(&small).into_iter().filter(|finding| finding["code"] == "structure.look-alike").collect();
        assert_eq!(found.len(), 1, "{one} {other}");
        let message = found[0]["message"].as_str().unwrap();
        assert!(message.contains(one) && message.contains(other) && message.ends_with("看起来一样，却是两个"), "{message}");
    }
}

/// A sum that runs backwards ends where the value ends: no word of the page about it is turned
/// round.
#[test]
fn what_a_person_wrote_is_set_apart_on_every_page() {
    let small = Small::new(&[]);
    let hostile = "甲\u{202e}500";
    small.write("records/n/N-2.md", format!("---\ntype: note\nid: \"N\u{202e}2\"\ntext: {hostile}\n---\n\n[[N-1]]\n"));
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("site");
    let built = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["build", "--out"])
        .arg(&site)
        .arg("--archive")
        .arg(small.path())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut seen = 0;
    for page in walkdir::WalkDir::new(std::fs::canonicalize(&site).unwrap()).into_iter().map(|entry| entry.unwrap().into_path()) {
        let Some(text) = page.extension().filter(|extension| *extension == "html").map(|_| std::fs::read_to_string(&page).unwrap()) else {
            continue;
        };
        let body = text.split("<body").nth(1).unwrap();
        for (at, _) in body.match_indices('\u{202e}') {
            let before = &body[..at];
            if before.rfind('<') > before.rfind('>') {
                continue; // in an attribute
            }
            let opened = before.rfind("<bdi").is_some_and(|open| before.rfind("</bdi>").is_none_or(|shut| shut < open));
            assert!(opened, "{}: …{}", page.display(), &body[before.floor_char_boundary(at.saturating_sub(60))..at]);
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
