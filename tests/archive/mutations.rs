//! A hundred thousand damaged documents: none brings the program down, none is lost, none disturbs
//! its neighbour, and every place that is told lies in the text.

use chancery::{
    diagnostic::{
        Finding, Lang,
        text::{self, Colour},
    },
    document::{self, Document, Node, NodeValue, Writing},
    source::{FileId, Sources, Span},
};
use proptest::prelude::*;
use rayon::prelude::*;
use std::{fs, path::Path};

const MUTATIONS: u64 = 100_000;

/// Longer documents are cut: what is damaged in a long one is damaged in a short one too.
const LONGEST: usize = 4_000;

const SOUND: &str = "---\nid: sound\ntype: x\n---\n\n## 一\n\n正文 [[C-1]]\n";

const INLINE: [&str; 4] = [
    "---\ntype: credit-report\nid: CR-1\ncustomer: C-7\nchannels: [bank, internal]\napprovals:\n- step: sales-manager\n  by: zhao.min\n  at: 2026-03-05T10:22:31+08:00\n---\n## 调查目的\n…本次调查与 [[C-7]] 的**续约。**有关…\n\n| 一 | 二 |\n|---|---|\n| 3 | [[C-8|客户]] |\n",
    "---\r\npolicy: credit\r\ntitle: 客户信用管理制度\r\nnote: |\r\n  一：二\r\n---\r\n### 第6条 不同等级\r\n\r\n```yaml rule\r\nid: d-no-credit\r\nfor: customer\r\nrequire: credit_limit == 0\r\nsay: {zh: 甲, en: a}\r\n```\r\n",
    "---\nid: \"a\\u0041\"\nlist: &l\n- {a: 'b', c: [1, 2]}\nagain: *l\n客户：C-1\n\u{3000}x: y\n---\n> - # a\n>   ~~b。~~c ![p](q.png \"t\") <b>\n\n[^1]: 注\n\n<!-- x -->\n- [ ] y\n    code\n",
    "",
];

/// What the syntax of documents is made of.
const PIECES: [&str; 34] = [
    "---\n", "\n", "\r", "\r\n", ":", ": ", "：", "\u{3000}", "\t", "- ", "[", "]", "{", "}", "\"", "'", "|", ">", "#", "## ", "&a", "*a",
    "!!x ", "<<", "**", "~~", "`", "```", "[[", "]]", "\0", "\u{FEFF}", "\u{301}", "…",
];

/// A small generator of its own (SplitMix64), so that a number names the same mutation for ever.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

/// The documents of this repository's own archive, and some of every shape.
fn originals() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents: Vec<Vec<u8>> = INLINE.iter().map(|text| text.as_bytes().to_vec()).collect();
    for room in ["records", "policies"] {
        let files = walkdir::WalkDir::new(root.join(room)).sort_by_file_name().into_iter().filter_map(Result::ok);
        let markdown = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"));
        documents.extend(markdown.filter_map(|entry| fs::read(entry.path()).ok()));
    }
    documents.iter_mut().for_each(|document| document.truncate(LONGEST));
    documents
}

fn mutated(number: u64, originals: &[Vec<u8>]) -> Vec<u8> {
    let mut dice = Dice(number);
    let mut bytes = dice.pick(originals).clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => {
                let end = (at + dice.below(12)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let other = dice.pick(originals);
                let from = dice.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                let piece = dice.pick(&PIECES).as_bytes().repeat(1 + dice.below(3));
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

fn check_span(sources: &Sources, file: FileId, span: Span) {
    let text = &sources.file(span.file).text;
    assert_eq!(span.file, file, "a place lies in another file");
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} is no part of a text of {} bytes", text.len());
}

fn check_node(sources: &Sources, file: FileId, node: &Node) {
    check_span(sources, file, node.span);
    match &node.value {
        NodeValue::Scalar { .. } => {}
        NodeValue::List(nodes) => nodes.iter().for_each(|node| check_node(sources, file, node)),
        NodeValue::Map(entries) => {
            for (i, (key, value)) in entries.iter().enumerate() {
                assert!(entries[..i].iter().all(|(other, _)| other.text != key.text), "a key stands twice in a tree");
                check_span(sources, file, key.span);
                check_node(sources, file, value);
            }
        }
    }
}

fn check_places(sources: &Sources, document: &Document) {
    let check = |span: Span| check_span(sources, document.file, span);
    let body = &document.body;
    [document.front_span, body.span].into_iter().for_each(check);
    check_node(sources, document.file, &document.front);
    assert!(document.front.is_map(), "front matter is a mapping");
    body.headings.iter().for_each(|heading| check(heading.span));
    body.links.iter().for_each(|link| check(link.span));
    body.fences.iter().for_each(|fence| [fence.span, fence.content].into_iter().for_each(check));
    body.tables.iter().copied().for_each(check);
    let text = &sources.file(document.file).text;
    Writing::read(text, body.span).prose.iter().for_each(|prose| check(prose.span));
    body.sections().iter().for_each(|section| check(section.span));
    for finding in &document.findings {
        check(finding.span.expect("a document's findings have their place"));
        finding.related.iter().for_each(|(span, _)| check(*span));
    }
    let mut anchors: Vec<_> = body.headings.iter().map(|heading| &heading.anchor).collect();
    anchors.sort();
    assert!(anchors.windows(2).all(|pair| pair[0] != pair[1]), "two headings have one anchor");
}

/// Reads a damaged document beside a sound one.
fn check(bytes: Vec<u8>) {
    let sources = Sources::from_memory([("records/damaged.md", bytes), ("records/sound.md", SOUND.as_bytes().to_vec())]);
    let documents: Vec<_> = sources.files.iter().map(document::parse).collect();
    assert_eq!(documents.len(), 2, "a document is lost");
    documents.iter().for_each(|document| check_places(&sources, document));
    let [damaged, sound] = &documents[..] else { unreachable!("two documents were counted") };
    assert!(sound.readable && sound.findings.is_empty(), "a neighbour is disturbed");
    assert!(damaged.readable || !damaged.findings.is_empty(), "a document cannot be read, and no word about it");
    let findings: Vec<Finding> = damaged.findings.clone();
    let mut out = Vec::new();
    text::write(&mut out, &findings, &sources, Lang::Zh, Colour::Plain).expect("memory takes every byte");
    let shown = String::from_utf8(out).expect("the layout writes UTF-8");
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "a control character reaches the terminal");
}

#[test]
fn a_hundred_thousand_damaged_documents() {
    let originals = originals();
    let failed: Vec<u64> =
        (0..MUTATIONS).into_par_iter().filter(|&number| std::panic::catch_unwind(|| check(mutated(number, &originals))).is_err()).collect();
    let first = failed.first().map(|&number| String::from_utf8_lossy(&mutated(number, &originals)).into_owned());
    assert!(failed.is_empty(), "these fail: {failed:?}; the first is\n{first:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn places_lie_in_the_text_whatever_stands_in_it(pieces in proptest::collection::vec(prop_oneof![
        proptest::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
        "[a-z客户。]{1,3}",
        any::<char>().prop_map(String::from),
    ], 0..60), closed: bool) {
        let text = pieces.concat();
        check(text.clone().into_bytes());
        check(format!("---\n{text}{}", if closed { "\n---\n" } else { "" }).into_bytes());
    }
}
