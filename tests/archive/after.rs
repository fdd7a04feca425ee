//! What comes of an archive that was open before and has changed since is what comes of the changed
//! archive, to the last bit: findings, duties, what each reader sees, and what a search answers.
//! What is kept from one state to the next (texts, documents, policies, verified signatures, the
//! index) shows in nothing but the time that it takes.

use crate::support::{
    families::Dice,
    memory::{Files, InMemory, findings, settings_of, shipped_files},
};
use chancery::{
    access::{Office, Reader},
    diagnostic::Lang,
    search::{Index, Indexer},
    source::{REGISTER, SIGNERS, Sources},
};
use chrono::{Days, NaiveDate};
use std::sync::Arc;

/// So many, or as many as `CHANCERY_CHANGES` says.
const CHANGES: usize = 10;
const QUERIES: [&str; 4] = ["货款", "信用 额度", "陆明远", "credit"];

/// Changes the archive in one of the ways in which people do; says which.
fn change(files: &mut Files, gone: &mut Vec<(String, Vec<u8>)>, today: &mut NaiveDate, dice: &mut Dice) -> String {
    let all: Vec<String> = files.keys().filter(|path| path.ends_with(".md")).cloned().collect();
    let records: Vec<&String> = all.iter().filter(|path| path.starts_with("records/")).collect();
    let path = records[dice.below(records.len())].clone();
    let text = String::from_utf8(files[&path].clone()).unwrap();
    let mut write = |path: &str, text: String| files.insert(path.to_owned(), text.into_bytes());
    match dice.below(15) {
        0 => {
            write(&path, text + "\n货款已经付清。\n");
            format!("more is written in {path}")
        }
        1 | 2 => {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let at = dice.below(lines.len());
            write(&path, [&lines[..at], &lines[at + 1..]].concat().concat());
            format!("line {} of {path} is gone", at + 1)
        }
        3 => {
            let (digit, other) = (char::from(b'0' + dice.below(10) as u8), char::from(b'0' + dice.below(10) as u8));
            write(&path, text.replacen(digit, &other.to_string(), 1));
            format!("a {digit} in {path} is a {other}")
        }
        4 => {
            gone.push((path.clone(), files.remove(&path).unwrap()));
            format!("{path} is gone")
        }
        5 => match gone.pop() {
            Some((path, bytes)) => {
                files.insert(path.clone(), bytes);
                format!("{path} is back")
            }
            None => "nothing".to_owned(),
        },
        6 => {
            let bytes = files.remove(&path).unwrap();
            let moved = path.replace(".md", "-moved.md");
            files.insert(moved.clone(), bytes);
            format!("{path} is moved to {moved}")
        }
        7 => {
            let copy = path.replace(".md", [" (2).md", " (conflicted copy).md"][dice.below(2)]);
            write(&copy, text);
            format!("{copy} says the same")
        }
        8 => {
            *today = today.checked_add_days(Days::new(1)).unwrap();
            "a day later".to_owned()
        }
        9 => {
            let register = String::from_utf8(files[REGISTER].clone()).unwrap();
            let lines: Vec<&str> = register.split_inclusive('\n').collect();
            let at = dice.below(lines.len());
            files.insert(REGISTER.to_owned(), [&lines[..at], &lines[at + 1..]].concat().concat().into_bytes());
            format!("line {} of the register is gone", at + 1)
        }
        10 => {
            files.get_mut(REGISTER).unwrap().splice(0..0, "# 备注\n".bytes());
            "a remark at the head of the register".to_owned()
        }
        11 => {
            let path = path.replace(".md", ".pdf");
            if let Some(bytes) = files.remove(&path) {
                gone.push((path.clone(), bytes));
                return format!("the attachment {path} is gone");
            }
            let listed = "attachments: [".to_owned() + path.rsplit('/').next().unwrap() + "]\n---\n";
            let text = text.replacen("\n---\n", &format!("\n{listed}"), 1);
            files.insert(path.replace(".pdf", ".md"), text.into_bytes());
            files.insert(path.clone(), vec![b'x'; dice.below(9)]);
            format!("{path} is attached")
        }
        12 => {
            let signers = String::from_utf8(files[SIGNERS].clone()).unwrap();
            let lines: Vec<&str> = signers.split_inclusive('\n').collect();
            let at = dice.below(lines.len() + 1);
            let left: Vec<&str> = lines.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, line)| *line).collect();
            files.insert(SIGNERS.to_owned(), left.concat().into_bytes());
            format!("line {} of the signers is gone", at + 1)
        }
        13 => {
            let people: Vec<&String> = files.keys().filter(|path| path.starts_with("records/people/")).collect();
            let path = people[dice.below(people.len())].clone();
            let text = String::from_utf8(files[&path].clone()).unwrap();
            files.insert(path.clone(), text.replacen("joined: 20", "joined: 21", 1).into_bytes());
            format!("{path} joins a hundred years later")
        }
        _ => {
            let policy = "policies/credit.md";
            let text = String::from_utf8(files[policy].clone()).unwrap() + "\n又及。\n";
            files.insert(policy.to_owned(), text.into_bytes());
            format!("more is written in {policy}")
        }
    }
}

/// All that can be told of an office: for whoever reads the folder, and for three readers what each
/// of them sees and finds.
fn told(office: &Office, index: &Index) -> Vec<String> {
    let readers = [
        Reader::Everyone,
        Reader::Person("lu.mingyuan".into()),
        Reader::Person("liu.qingping".into()),
        Reader::Person("dai.siyuan".into()),
    ];
    let mut told: Vec<String> = findings(office, Lang::Zh).iter().map(ToString::to_string).collect();
    for reader in readers {
        let view = office.view(reader.clone());
        told.push(format!("{reader:?} {:?}", view.digest()));
        for query in QUERIES {
            let hits = index.search(query, &view, 0, usize::MAX).unwrap();
            told.extend(hits.hits.iter().map(|hit| format!("{reader:?} {query} {} {:x}", hit.json(), hit.score.to_bits())));
            told.push(format!("{reader:?} {query} {}", hits.total));
        }
    }
    told
}

#[test]
fn what_was_open_before_and_has_changed_is_what_it_is() {
    let seed = std::env::var("CHANCERY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    println!("CHANCERY_SEED={seed}");
    let (mut files, mut gone, mut today, mut dice) = (shipped_files(), Vec::new(), InMemory::shipped().demo_day(), Dice(seed.max(1)));
    let (memory, mut indexer) = (Arc::default(), Indexer::default());
    let mut changes = vec!["the shipped archive".to_owned()];
    let many = std::env::var("CHANCERY_CHANGES").ok().and_then(|many| many.parse().ok()).unwrap_or(CHANGES);
    for _ in 0..many {
        let kept = Office::open(Sources::from_memory(files.clone()).digested_by(&memory), settings_of(&files), today);
        let fresh = Office::open(Sources::from_memory(files.clone()), settings_of(&files), today);
        let (after, anew) = (told(&kept, &indexer.index(&kept).unwrap()), told(&fresh, &Index::build(&fresh).unwrap()));
        let differing = after.iter().zip(&anew).find(|(after, anew)| after != anew);
        assert!(after.len() == anew.len() && differing.is_none(), "after {changes:#?}: {differing:#?}");
        // Twice at once: one change less to tell from.
        for _ in 0..=dice.below(2) {
            changes.push(change(&mut files, &mut gone, &mut today, &mut dice));
        }
    }
}

#[test]
fn what_points_at_the_register_moves_with_its_lines() {
    let (mut files, today, memory) = (shipped_files(), InMemory::shipped().demo_day(), Arc::default());
    files.retain(|path, _| !path.starts_with("records/customers/C-0001"));
    let opened = |sources: Sources, files: &Files| findings(&Office::open(sources, settings_of(files), today), Lang::Zh);
    let kept = |files: &Files| opened(Sources::from_memory(files.clone()).digested_by(&memory), files);
    let at = |found: &[serde_json::Value]| found.iter().find(|one| one["path"] == REGISTER).map(|one| one["line"].as_u64().unwrap());
    let before = at(&kept(&files)).expect("what is gone is missed at its line");
    files.get_mut(REGISTER).unwrap().splice(0..0, "# 备注\n".bytes());
    let after = kept(&files);
    assert_eq!(at(&after), Some(before + 1));
    assert_eq!(after, opened(Sources::from_memory(files.clone()), &files));
}

/// Of two that are approved under one id nobody has it; when both are gone, so is what was approved.
#[test]
fn an_id_that_two_bore_is_missed_when_both_are_gone() {
    let (mut files, today, memory) = (shipped_files(), InMemory::shipped().demo_day(), Arc::default());
    let approved = files.iter().filter(|(path, bytes)| path.starts_with("records/") && bytes.windows(10).any(|part| part == b"signature:"));
    let paths: Vec<String> = approved.map(|(path, _)| path.clone()).step_by(60).collect();
    let copy = |path: &str| path.replace(".md", "-too.md");
    let told = |sources: Sources, files: &Files| findings(&Office::open(sources, settings_of(files), today), Lang::Zh);
    paths.iter().for_each(|path| drop(files.insert(copy(path), files[path].clone())));
    told(Sources::from_memory(files.clone()).digested_by(&memory), &files);
    files.retain(|path, _| !paths.iter().any(|gone| *path == *gone || *path == copy(gone)));
    let kept = told(Sources::from_memory(files.clone()).digested_by(&memory), &files);
    assert!(paths.len() > 3 && kept == told(Sources::from_memory(files.clone()), &files));
}

#[test]
fn one_changed_record_is_one_document_of_the_index() {
    let (mut files, today) = (shipped_files(), InMemory::shipped().demo_day());
    let mut indexer = Indexer::default();
    let kept = Arc::default();
    let mut indexed = |files: &Files| {
        let sources = Sources::from_memory(files.clone()).digested_by(&kept);
        indexer.index(&Office::open(sources, settings_of(files), today)).unwrap().added()
    };
    let all = indexed(&files);
    assert!(all > 600, "{all}");
    assert_eq!(indexed(&files), 0, "nothing has changed");
    let path = files.keys().find(|path| path.starts_with("records/customers/")).unwrap().clone();
    files.get_mut(&path).unwrap().extend("\n又及。\n".as_bytes());
    assert_eq!(indexed(&files), 1);
}
