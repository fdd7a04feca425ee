//! What the manual shows is what happens: `docs/writing.md` and its Chinese sister are played,
//! fence by fence, in a new archive.
//!
//! A fence of four back-ticks is `markdown PATH` (the document is written), `markdown PATH +`
//! (added to its end), `markdown PATH replace` (what stands before `=======` gives way to what
//! stands behind), `markdown PATH from OTHER` (the same, in a copy of another), or `console` (each
//! line behind `$ ` is run, and prints what follows it). `CHANCERY_BLESS=1` writes what was printed
//! into the page.

use crate::support::golden;
use std::{fs, path::Path, process::Command};

const FENCE: &str = "````";

/// The page with every console as it was printed.
fn play(page: &str) -> String {
    let archive = tempfile::tempdir().unwrap();
    let mut played = String::new();
    let mut parts = page.split(FENCE);
    while let Some(prose) = parts.next() {
        played.push_str(prose);
        let Some(fence) = parts.next() else { break };
        let (info, content) = fence.split_once('\n').unwrap();
        let content = if info == "console" { console(archive.path(), content) } else { content.to_owned() };
        if info != "console" {
            write(archive.path(), info, &content);
        }
        played.push_str(&format!("{FENCE}{info}\n{content}{FENCE}"));
    }
    played
}

fn write(archive: &Path, info: &str, content: &str) {
    let words: Vec<&str> = info.split(' ').collect();
    let (path, text) = match words[..] {
        [_, path] => (path, content.to_owned()),
        [_, path, "+"] => (path, fs::read_to_string(archive.join(path)).unwrap() + content),
        [_, path, "replace"] => (path, replaced(&archive.join(path), content)),
        [_, path, "from", other] => (path, replaced(&archive.join(other), content)),
        _ => panic!("a fence that the test cannot play: {info}"),
    };
    let path = archive.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A document with one text, which must stand there once, given way to another.
fn replaced(path: &Path, content: &str) -> String {
    let (from, to) = content.split_once("=======\n").unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from} in {}", path.display());
    text.replace(from, to)
}

fn console(archive: &Path, content: &str) -> String {
    let commands = content.lines().filter_map(|line| line.strip_prefix("$ chancery "));
    let run = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_chancery")).args(line.split(' ')).current_dir(archive).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        format!("$ chancery {line}\n{}\n", said.trim_end())
    };
    commands.map(run).collect::<Vec<_>>().join("\n")
}

fn is_played(page: &str) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    assert!(text.matches("console\n$ chancery ").count() >= 5);
    golden::is_kept(page, &play(&text));
}

#[test]
fn the_manual_in_english_is_what_happens() {
    is_played("docs/writing.md");
}

#[test]
fn the_manual_in_chinese_is_what_happens() {
    is_played("docs/writing.zh.md");
}

/// Both tell the same: the same documents are written, and the same commands run.
#[test]
fn both_manuals_play_the_same() {
    let fences = |page: &str| -> Vec<String> {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        let fences = text.split(FENCE).skip(1).step_by(2).map(|fence| match fence.strip_prefix("console\n") {
            Some(console) => console.lines().filter(|line| line.starts_with("$ ")).collect::<Vec<_>>().join("\n"),
            None => fence.replace("language: zh", "language: en"),
        });
        fences.collect()
    };
    assert_eq!(fences("docs/writing.md"), fences("docs/writing.zh.md"));
}
