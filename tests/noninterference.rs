//! What a reader may not read does not exist: two archives that differ only in what is hidden from him look the same to him, byte for byte.

use chancery::{
    access::{Office, Reader, View},
    archive::Settings,
    render::{self, Theme},
    search::Index,
    source::{RecordId, Sources},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Files of an archive, by path.
type Files = BTreeMap<String, Vec<u8>>;

fn shipped() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    for entry in ["chancery.yaml", "policies", "records"].into_iter().flat_map(|part| walkdir::WalkDir::new(root.join(part))) {
        let path = entry.unwrap().into_path();
        if path.is_file() {
            files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
    files
}

fn open(files: &Files) -> Office {
    let settings: Settings = serde_yaml::from_slice(&files["chancery.yaml"]).unwrap();
    let today = settings.demo_day.as_deref().unwrap().parse().unwrap();
    Office::open(Sources::from_memory(files.clone()), settings, today)
}

fn seen(view: &View<'_>) -> BTreeSet<RecordId> {
    view.records().map(|seen| seen.id().clone()).collect()
}

/// Everything that can be shown to a reader: all pages in both languages, and the answers to queries with their scores.
fn shown(office: &Office, reader: &Reader) -> BTreeMap<String, Vec<u8>> {
    let view = office.view(reader.clone());
    let mut shown: BTreeMap<String, Vec<u8>> =
        render::site(&view, &Theme::built_in()).unwrap().into_iter().map(|page| (page.address, page.body)).collect();
    let index = Index::build(office).unwrap();
    for query in ["额度", "信用額度", "泵", "C-0004", "报告 付款", "老板", "阀", "的", "2026", "grade", "潮塘", "仓库 发票", "不存在的话"]
    {
        shown.insert(format!("?{query}"), format!("{:?}", index.search(query, &view, 0, 1000).unwrap()).into_bytes());
    }
    shown
}

/// The archive without what is hidden from a reader. Hidden records to which a seen one refers in a field are left, for access may rest
/// on them; their prose is put in other words.
fn without_hidden(files: &Files, reader: &Reader) -> Files {
    let office = open(files);
    let view = office.view(reader.clone());
    let visible = seen(&view);
    let referred: BTreeSet<&RecordId> = office
        .archive
        .records
        .iter()
        .filter(|record| visible.contains(&record.id))
        .flat_map(|record| record.references.iter().filter(|reference| reference.field.is_some()).map(|reference| &reference.to))
        .collect();
    let told = told(&office, reader);
    let mut left = files.clone();
    for record in office.archive.records.iter().filter(|record| !visible.contains(&record.id)) {
        let path = record.document.path.to_string();
        if told.contains(&record.id) {
            continue;
        }
        if referred.contains(&record.id) {
            let text = String::from_utf8(files[&path].clone()).unwrap();
            let end = text[4..].find("\n---\n").unwrap() + 4 + 5;
            let front = text[..end].lines().map(|line| if line.starts_with("name:") { "name: 另一个名字" } else { line });
            left.insert(path, (front.collect::<Vec<_>>().join("\n") + "\n另一些话，额度、泵、老板、阀都在其中。\n").into_bytes());
        } else {
            left.remove(&path);
        }
    }
    left
}

/// The subjects of duties: to who is to do one, its subject's id and title are told on purpose, though the record is hidden from him.
fn told(office: &Office, reader: &Reader) -> BTreeSet<RecordId> {
    office.view(reader.clone()).duties().iter().filter_map(|due| due.record.clone()).collect()
}

/// The archive with more records that are hidden from a reader: copies of hidden ones under other ids.
fn with_more_hidden(files: &Files, reader: &Reader) -> Files {
    let office = open(files);
    let visible = seen(&office.view(reader.clone()));
    let told = told(&office, reader);
    let mut more = files.clone();
    // Customers hang on nothing else, so that no seen record can come to refer to one.
    for record in office.archive.records.iter().filter(|record| !visible.contains(&record.id)) {
        let path = record.document.path.to_string();
        let id = format!("id: {}\n", record.id);
        let text = String::from_utf8(files[&path].clone()).unwrap();
        if path.contains("/customers/") && text.contains(&id) {
            let copied = text.replace(&id, &format!("id: {}-again\n", record.id));
            // Another customer would bring whoever owes something to each of them another duty.
            let owed = told.iter().any(|subject| subject.0.starts_with("C-") && !visible.contains(subject));
            let copied = if owed { copied.replace("status: active", "status: closed") } else { copied };
            more.insert(path.replace(".md", "-again.md"), copied.into_bytes());
        }
    }
    more
}

fn check(reader: Reader, least_hidden: usize) {
    let files = shipped();
    let office = open(&files);
    let visible = seen(&office.view(reader.clone()));
    assert!(office.archive.records.len() - visible.len() >= least_hidden, "{reader:?} sees {}", visible.len());
    let before = shown(&office, &reader);
    for (kind, changed) in [("removed", without_hidden(&files, &reader)), ("added", with_more_hidden(&files, &reader))] {
        assert_ne!(changed, files, "{kind}: something is hidden from {reader:?}");
        let changed = open(&changed);
        assert_eq!(seen(&changed.view(reader.clone())), visible, "{kind}: {reader:?} reads the same records");
        let after = shown(&changed, &reader);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{kind}");
        for (address, body) in &before {
            let (was, is) = (String::from_utf8_lossy(body), String::from_utf8_lossy(&after[address]));
            let differing = was.lines().zip(is.lines()).find(|(was, is)| was != is);
            assert!(body == &after[address], "{kind}: {reader:?} is told at {address}: {differing:?}");
        }
    }
}

fn person(id: &str) -> Reader {
    Reader::Person(RecordId::from(id))
}

#[test]
fn to_an_owner() {
    check(person("zhong.nan"), 100);
}

#[test]
fn to_an_office_clerk() {
    check(person("meng.fanshu"), 100);
}

#[test]
fn to_a_cleaner() {
    check(person("cao.guilan"), 150);
}

#[test]
fn to_a_reader_under_an_authorisation() {
    check(person("liu.qingping"), 100);
}

#[test]
fn to_all_staff() {
    check(Reader::Everyone, 150);
}

/// What a reader may see does show when it changes: the comparison is not blind.
#[test]
fn what_is_seen_shows() {
    let mut files = shipped();
    let before = shown(&open(&files), &person("zhong.nan"));
    let path = "records/customers/C-0004.md";
    let text = String::from_utf8(files[path].clone()).unwrap();
    files.insert(path.to_owned(), text.replace("衢州青石岭水务工程有限公司", "衢州另一家公司").into_bytes());
    assert!(before != shown(&open(&files), &person("zhong.nan")));
}
