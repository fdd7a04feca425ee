//! What somebody wrote is shown on a terminal, and never obeyed by it.

use crate::support::small::Small;
use std::process::Command;

/// Clears the screen in three ways, renames the window, writes right to left, and hides a letter;
/// and a line that looks like one of ours.
const HOSTILE: &str = "甲\u{1b}[2J\u{9b}2J\u{1b}]0;x\u{7}\u{202e}乙\u{200b}\u{61c}丙\u{7f}";
/// The same as YAML writes it in a front matter, with a line of its own.
const WRITTEN: &str = r#""甲\e[2J\x9b2J\e]0;x\x07\u202e乙\u200b\u061c丙\x7f\nF-1  forged""#;

/// An archive in which hostile words stand wherever a person may write some.
fn hostile() -> Small {
    let small = Small::new(&[]);
    small.write(
        "records/n/N-2.md",
        format!("---\ntype: note\nid: N-2\ntext: {WRITTEN}\nbad: {WRITTEN}\n---\n\n## 搜索 {HOSTILE}\n\n[[{HOSTILE}]]\n"),
    );
    small.write("records/f/F-2.md", format!("---\ntype: file\nid: \"F\\e[2J\"\nname: {WRITTEN}\nowner: ma\n---\n"));
    small.write(
        "records/people/qi.md",
        format!(
            "---\ntype: person\nid: qi\nname: {WRITTEN}\nreporting: [{{from: 2024-01-01, department: house}}]\njoined: 2024-01-01\n---\n"
        ),
    );
    let policy = std::fs::read_to_string(small.path().join("policies/house.md")).unwrap();
    let hostile =
        policy.replace("title: 内务制度", &format!("title: {WRITTEN}")).replace("## 第3条　查阅", &format!("## 第3条　查阅 {HOSTILE}"));
    small.write(
        "policies/house.md",
        hostile + "\n## 第4条\n\n```yaml rule\nid: short\nfor: note\nrequire: size(text) < 3\nsay: {zh: 太长, en: too long}\n```\n",
    );
    small
}

fn run(small: &Small, arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).arg("--archive").arg(small.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

/// Whether a terminal would show every character, each as itself.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| (c.is_control() && c != '\n') || ['\u{202e}', '\u{200b}', '\u{61c}'].contains(&c))
}

#[test]
fn no_command_lets_a_terminal_obey_what_was_written() {
    let small = hostile();
    for (arguments, formats) in [
        (&["search", "甲"][..], &["text", "json"][..]),
        (&["search", "搜索"], &["text", "json"]),
        (&["sees", "ma"], &["text", "json"]),
        (&["sees", "qi"], &["text", "json"]),
        (&["who", "N-2"], &["text", "json"]),
        (&["who", "F\u{1b}[2J"], &["text", "json"]),
        (&["check"], &["text", "json", "sarif"]),
        (&["due"], &["text", "json"]),
        (&["policy", "list"], &["text", "json"]),
        (&["policy", "coverage"], &["text", "json"]),
        (&["policy", "test"], &["text", "json"]),
        (&["policy", "diff", "policies/house.md"], &["text", "json"]),
        (&["verify"], &[]),
        (&["explain", "house.short"], &[]),
        (&["explain"], &[]),
        (&["new", "file", "name=a\u{1b}[2J", "owner=ma", "id=F-9"], &[]),
        (&["explain", "none\u{1b}[2J"], &[]),
        (&["sees", "none\u{9b}2J"], &[]),
        (&["none\u{1b}[2J"], &[]),
        (&["approve", "N-2", "--step", "head\u{1b}[2J", "--key", "none\u{1b}[2J"], &[]),
    ] {
        for format in formats.iter().map(Some).chain(formats.is_empty().then_some(None)) {
            let with = format.map_or(vec![], |format| vec!["--format", format]);
            let (said, complained) = run(&small, &[arguments, &with].concat());
            assert!(is_plain(&said) && is_plain(&complained), "{arguments:?} {format:?}\n{said:?}\n{complained:?}");
            // Nothing is due in so small an archive.
            assert!(!said.is_empty() || !complained.is_empty() || arguments == ["due"], "{arguments:?}");
            assert!(said.lines().all(|line| !line.starts_with("F-1  forged")), "{arguments:?} {format:?}\n{said}");
        }
    }
}

#[test]
fn what_was_written_is_all_there() {
    let small = hostile();
    let (said, _) = run(&small, &["search", "甲"]);
    assert!(said.contains("甲<U+001B>[2J<U+009B>2J<U+001B>]0;x<U+0007><U+202E>乙<U+200B><U+061C>丙<U+007F>\\nF-1  forged"), "{said}");
    let (lines, _) = run(&small, &["search", "甲", "--format", "json"]);
    let titles: Vec<String> =
        lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["title"].as_str().unwrap().to_owned()).collect();
    assert!(titles.iter().any(|title| *title == format!("{HOSTILE}\nF-1  forged")), "{titles:?}");
}
