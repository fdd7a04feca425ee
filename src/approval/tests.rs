//! Seals and signatures, each document beside what is sealed of it.

use super::*;
use crate::{
    diagnostic::{Citation, Words},
    document,
    policy::{Field, FieldType, RecordType},
    source::{FileId, Sources},
};

fn citation() -> Citation {
    Citation { policy: "p".into(), title: "P".into(), article: "1".into(), path: "policies/p.md".into(), line: 1 }
}

fn a_type(fields: &[(&str, &str)]) -> RecordType {
    let field = |&(name, label): &(&str, &str)| Field {
        name: name.into(),
        must: false,
        field_type: FieldType::Text,
        label: Words::new(label, name),
    };
    RecordType {
        id: "note".into(),
        label: Words::new("记录", "Note"),
        role: None,
        folder: "notes".into(),
        prefix: "N".into(),
        title: None,
        date: None,
        author: None,
        fields: fields.iter().map(field).collect(),
        xor: Vec::new(),
        sense: Default::default(),
        sections: Vec::new(),
        history: BTreeMap::new(),
        given: Vec::new(),
        citation: citation(),
        span: Span { file: FileId::NONE, start: 0, end: 0 },
    }
}

fn chain(later: &[&str]) -> ApprovalRule {
    let later = later.iter().map(|&name| name.into()).collect();
    ApprovalRule {
        citation: citation(),
        judged: vec!["note".into()],
        steps: Vec::new(),
        later,
        not_before: None,
        despite: Vec::new(),
        readers_see_approved: false,
    }
}

/// The sealed text of a document whose chain leaves `done` (label 完成) and the section 后记 to a later
/// day.
fn sealed(text: &str) -> String {
    let (document, sources) = read(text);
    let fields = a_type(&[("done", "完成"), ("grade", "等级"), ("attachments", "附件")]);
    sealed_text(&document, Some(&fields), Some(&chain(&["done", "后记"])), &sources)
}

fn read(text: &str) -> (crate::document::Document, Sources) {
    let sources = Sources::from_memory([("records/n.md", text)]);
    let document = document::parse(&sources.files[0]);
    (document, sources)
}

#[test]
fn approvals_and_later_parts_are_taken_out_whole() {
    let before = "---\ntype: note\ngrade: A\n---\n## 正文\n文\n";
    for (how, after) in [
        ("nothing to take out", "---\ntype: note\ngrade: A\n---\n## 正文\n文\n"),
        ("a block list at the end", "---\ntype: note\ngrade: A\napprovals:\n- step: x\n  by: y\n---\n## 正文\n文\n"),
        ("an indented list between", "---\ntype: note\napprovals:\n  - step: x\n    by: y\ngrade: A\n---\n## 正文\n文\n"),
        ("a flow list", "---\ntype: note\napprovals: [{step: x, by: y}]\ngrade: A\n---\n## 正文\n文\n"),
        ("a flow list over lines", "---\ntype: note\napprovals: [\n  {step: x,\n  by: y}\n]\ngrade: A\n---\n## 正文\n文\n"),
        ("nothing behind the key", "---\ntype: note\napprovals:\ngrade: A\n---\n## 正文\n文\n"),
        ("comments in and behind", "---\ntype: note\napprovals: # who\n# first\n- step: x # it\n# last\n\ngrade: A\n---\n## 正文\n文\n"),
        ("a later field by its key", "---\ntype: note\ngrade: A\ndone: yes\n---\n## 正文\n文\n"),
        ("a later field by its label", "---\ntype: note\n完成: |\n  做\n\n  完\ngrade: A\n---\n## 正文\n文\n"),
        ("two of them side by side", "---\ntype: note\ndone: yes\napprovals: []\ngrade: A\n---\n## 正文\n文\n"),
        ("a later section at the end", "---\ntype: note\ngrade: A\n---\n## 正文\n文\n\n## 后记\n后来\n\n### 细节\n更多\n"),
        ("a later section before another", "---\ntype: note\ngrade: A\n---\n## 后记\n\n| a |\n|---|\n| b |\n\n## 正文\n文\n"),
        ("no line end at the end", "---\ntype: note\ngrade: A\n---\n## 正文\n文"),
        ("line ends of Windows", "---\r\ntype: note\r\napprovals:\r\n- step: x\r\ngrade: A\r\n---\r\n## 正文\r\n文\r\n"),
        ("line ends of old", "---\rtype: note\rapprovals:\r- step: x\rgrade: A\r---\r## 正文\r文\r"),
        ("blanks at line ends", "---  \ntype: note \t\ngrade: A   \n--- \n## 正文\t\n文  \n \n"),
        ("a byte-order mark", "\u{feff}---\ntype: note\ngrade: A\n---\n## 正文\n文\n"),
    ] {
        assert_eq!(sealed(after), before, "{how}");
    }
}

#[test]
fn a_flow_mapping_keeps_its_other_entries() {
    for (written, expected) in [
        ("{type: note, approvals: [{step: x}], grade: A}", "{type: note, grade: A}"),
        ("{approvals: [{step: x}], type: note, grade: A}", "{type: note, grade: A}"),
        ("{type: note, grade: A, approvals: [{step: x}]}", "{type: note, grade: A}"),
        ("{type: note, grade: A}", "{type: note, grade: A}"),
    ] {
        assert_eq!(sealed(&format!("---\n{written}\n---\n文\n")), format!("---\n{expected}\n---\n文\n"));
    }
}

#[test]
fn nothing_else_is_outside_the_seal() {
    let changed = |a: &str, b: &str| assert_ne!(sealed(a), sealed(b), "{a:?} and {b:?}");
    changed("---\ngrade: A\n---\n文\n", "---\ngrade: B\n---\n文\n");
    // a line that is broken, by two blanks or by a backslash
    changed("---\ngrade: A\n---\n文\n文\n", "---\ngrade: A\n---\n文  \n文\n");
    changed("---\ngrade: A\n---\n文\\\n文\n", "---\ngrade: A\n---\n文\\ \n文\n");
    changed("---\ngrade: \"A\\\n  B\"\n---\n", "---\ngrade: \"A\\ \n  B\"\n---\n");
    changed("---\ngrade: A\n---\n文\n", "---\ngrade: A\n---\n 文\n");
    changed("---\ngrade: A\n---\n文\n", "---\ngrade: A\n---\n文\u{3000}\n");
    changed("---\ngrade: A\n---\n文\n", "---\ngrade: A # 注\n---\n文\n");
    // a key written twice behind the approvals
    changed("---\ngrade: A\napprovals:\n- step: x\n---\n", "---\ngrade: A\napprovals:\n- step: x\ngrade: B\n---\n");
    // a value that a sealed field takes from an unsealed one
    changed("---\ndone: &d 1\ngrade: *d\n---\n", "---\ndone: &d 2\ngrade: *d\n---\n");
    changed("---\napprovals: [&d 1]\ngrade: [*d]\n---\n", "---\napprovals: [&d 2]\ngrade: [*d]\n---\n");
    // a link of a sealed section that an unsealed one defines
    changed("## 正文\n[甲][r]\n## 后记\n", "## 正文\n[甲][r]\n## 后记\n[r]: https://a.cn\n");
    changed("## 正文\n[甲][r]\n## 后记\n[r]:\nhttps://b.cn\n", "## 正文\n[甲][r]\n## 后记\n[r]:\nhttps://a.cn\n");
    // a later heading put in front of sealed words
    changed("---\ngrade: A\n---\n## 正文\n文\n文\n", "---\ngrade: A\n---\n## 正文\n文\n## 后记\n文\n");
    // a heading of another level is none of the chain's
    changed("---\ngrade: A\n---\n", "---\ngrade: A\n---\n### 后记\n");
    // front matter that cannot be read is sealed whole
    changed("---\napprovals: [\n---\n", "---\napprovals: [{\n---\n");
}

#[test]
fn attachments_are_sealed_by_their_bytes() {
    let seal_with = |files: &[(&str, &str)], later: &[&str], key: &str| {
        let text = format!("---\n{key}: [a.pdf, b.pdf]\n---\n");
        let all = [("records/n.md", &*text)].into_iter().chain(files.iter().copied());
        let sources = Sources::from_memory(all);
        seal(&document::parse(&sources.files[0]), Some(&a_type(&[("attachments", "附件")])), Some(&chain(later)), &sources).unwrap()
    };
    let both = [("records/a.pdf", "甲"), ("records/b.pdf", "乙")];
    let other = [("records/a.pdf", "甲"), ("records/b.pdf", "丙")];
    assert_ne!(seal_with(&both, &[], "attachments"), seal_with(&other, &[], "attachments"));
    assert_ne!(seal_with(&both, &[], "附件"), seal_with(&other, &[], "附件"));
    assert_ne!(seal_with(&both, &[], "attachments"), seal_with(&both[..1], &[], "attachments"));
    assert_eq!(seal_with(&both, &["attachments"], "attachments"), seal_with(&other, &["attachments"], "attachments"));
}

#[test]
fn a_seal_tells_nothing_of_another_folder() {
    let seal_beside = |files: &[(&str, &str)]| {
        let text = "---\nattachments: [../f/a.pdf, sub/a.pdf]\n---\n";
        let sources = Sources::from_memory([("records/n/n.md", text)].into_iter().chain(files.iter().copied()));
        seal(&document::parse(sources.by_path("records/n/n.md").unwrap()), None, None, &sources).unwrap()
    };
    assert_eq!(seal_beside(&[("records/n/sub/a.pdf", "甲"), ("records/f/a.pdf", "乙")]), seal_beside(&[]));
}

#[test]
fn a_seal_is_what_sha256sum_gives() {
    let (document, sources) = read("---\ngrade: A\napprovals: []\n---\n文\n");
    // printf -- '---\ngrade: A\n---\n文\n' | sha256sum
    assert_eq!(
        seal(&document, None, None, &sources).unwrap().to_string(),
        "sha256:8904f7be3bad84ec2e75e69f125be160290e89aac34872460708428f6e55e6e5"
    );
}
