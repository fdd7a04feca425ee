use super::*;
use crate::document;

const ENTRY: [(&str, &str); 3] = [("step", "sales-manager"), ("at", "2026-03-05T10:22:31+08:00"), ("seal", "sha256:9f2c")];

fn signed(sources: &Sources) -> crate::access::Signed {
    let document = std::sync::Arc::new(document::parse(&sources.files[0]));
    crate::access::Signed { sources: std::sync::Arc::new(sources.clone()), document, entry: entry(), lines: Vec::new() }
}

fn entry() -> Vec<(&'static str, String)> {
    ENTRY.iter().map(|(key, value)| (*key, (*value).to_owned())).collect()
}

/// The text with the entry added, or why not.
fn added(text: &str) -> Result<String, String> {
    let sources = Sources::from_memory([("records/n.md", text)]);
    with_approval(&sources, &document::parse(&sources.files[0]), &entry()).map_err(|error| error.to_string())
}

#[test]
fn an_approval_is_added_where_the_list_is() {
    let item = "- step: sales-manager\n  at: 2026-03-05T10:22:31+08:00\n  seal: sha256:9f2c\n";
    let indented = "  - step: sales-manager\n    at: 2026-03-05T10:22:31+08:00\n    seal: sha256:9f2c\n";
    let flow = "{step: sales-manager, at: 2026-03-05T10:22:31+08:00, seal: sha256:9f2c}";
    for (how, before, after) in [
        ("no list", "---\ntype: note\n---\n文\n", format!("---\ntype: note\napprovals:\n{item}---\n文\n")),
        ("no list, a comment", "---\ntype: note\n# 注\n---\n", format!("---\ntype: note\n# 注\napprovals:\n{item}---\n")),
        ("nothing behind the key", "---\napprovals:\ntype: note\n---\n", format!("---\napprovals:\n{item}type: note\n---\n")),
        ("a comment behind it", "---\napprovals: # 待\ntype: note\n---\n", format!("---\napprovals: # 待\n{item}type: note\n---\n")),
        ("an empty list", "---\napprovals: []\ntype: note\n---\n", format!("---\napprovals: [{flow}]\ntype: note\n---\n")),
        ("a flow list", "---\napprovals: [{step: x}]\n---\n", format!("---\napprovals: [{{step: x}}, {flow}]\n---\n")),
        ("a block list", "---\napprovals:\n- step: x\ntype: note\n---\n", format!("---\napprovals:\n- step: x\n{item}type: note\n---\n")),
        (
            "an indented list with comments",
            "---\napprovals:\n  - step: x # 甲\n    by: y\n# 乙\n客户: C-1 # 丙\n---\n",
            format!("---\napprovals:\n  - step: x # 甲\n    by: y\n{indented}# 乙\n客户: C-1 # 丙\n---\n"),
        ),
        ("no line end at the end", "---\ntype: note\n---", format!("---\ntype: note\napprovals:\n{item}---")),
        ("indented keys", "---\n  type: note\n---\n", format!("---\n  type: note\n  approvals:\n{indented}---\n")),
        ("flow mapping with a list", "---\n{a: 1, approvals: []}\n---\n", format!("---\n{{a: 1, approvals: [{flow}]}}\n---\n")),
        ("empty front matter", "---\n---\n文\n", format!("---\napprovals:\n{item}---\n文\n")),
    ] {
        assert_eq!(added(before), Ok(after), "{how}");
    }
    for line_end in ["\r\n", "\r"] {
        for before in ["---\ntype: note\n---\n文\n", "---\napprovals:\n- step: x\ntype: note\n---\n", "---\napprovals:\n---\n"] {
            let expected = added(before).expect("the same with plain line ends is added").replace('\n', line_end);
            assert_eq!(added(&before.replace('\n', line_end)), Ok(expected), "{before:?} with {line_end:?}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason() {
    let form = "records/n.md: an approval cannot be added there without touching something else; write `approvals` as a plain list";
    let unreadable = "records/n.md: its front matter cannot be read; mend it first";
    for (text, why) in [
        ("文\n", unreadable),
        ("---\ntype: note\n文\n", unreadable),
        ("---\na: [\n---\n", unreadable),
        ("---\napprovals: x\n---\n", "records/n.md: `approvals` is not a list; mend it first"),
        ("---\napprovals: {step: x}\n---\n", "records/n.md: `approvals` is not a list; mend it first"),
        ("---\n{a: 1}\n---\n", form),
    ] {
        assert_eq!(added(text), Err(why.to_owned()), "{text:?}");
    }
}

#[test]
fn values_are_quoted_where_yaml_would_take_them_for_something_else() {
    let sources = Sources::from_memory([("records/n.md", "---\ntype: note\n---\n"), ("records/o.md", "---\napprovals: [{}]\n---\n")]);
    for value in [
        "a: b",
        "# x",
        "- x",
        "it's",
        "say \"so\"",
        "[x]",
        "&a",
        "*a",
        "!t",
        "|",
        "张三",
        "",
        " x ",
        "a\nb",
        "x:",
        "\u{3000}x",
        "~",
        "null",
    ] {
        for file in &*sources.files {
            let text = with_approval(&sources, &document::parse(file), &[("by", value.to_owned())]);
            let Ok(text) = text else { continue };
            let alone = Sources::from_memory([("records/n.md", text)]);
            let document = document::parse(&alone.files[0]);
            let entries = document.front.get("approvals").and_then(document::Node::list).expect("the list that was proved");
            let by = entries.last().and_then(|entry| entry.get("by")).and_then(document::Node::text).expect("the entry that was proved");
            assert_eq!(&**by, value);
        }
    }
}

/// A small generator of the same numbers every time (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn hostile_texts_are_added_to_rightly_or_refused() {
    let pieces = [
        "---\n",
        "approvals:",
        "approvals: ",
        "\n",
        "\r\n",
        "  ",
        "- ",
        "step: x",
        "by: y\n",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "# c\n",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "&a ",
        "*a",
        "!t ",
        "<<: *a\n",
        "? ",
        ": ",
        "\t",
        "\u{3000}",
        "：",
        "\u{feff}",
        "客户: 甲\n",
        "a: 1\n",
        "...\n",
        "%YAML 1.2\n",
        "\0",
        "\u{85}",
        "\u{2028}",
        "- - ",
        "approvals: []\n",
        "approvals:\n- step: x\n  by: y\n",
        "approvals: [{step: x}]\n",
        "\r",
    ];
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut taken = 0;
    for _ in 0..20_000 {
        let mut text: String = (0..dice.below(14)).map(|_| pieces[dice.below(pieces.len())]).collect();
        if dice.below(4) > 0 {
            text = format!("---\ntype: note\n{text}\n---\n文\n");
        }
        if let Ok(new) = added(&text) {
            taken += 1;
            assert!(reads_as_added(&text, &new), "{text:?} became {new:?}");
        }
    }
    assert!(taken > 1_000, "only {taken} were added to");
}

/// The proof once more, by other means: the new text without some stretch is the old one, and its
/// last approval is the entry.
fn reads_as_added(old: &str, new: &str) -> bool {
    let grown = new.len() - old.len();
    let one_stretch = (0..=old.len())
        .any(|at| old.is_char_boundary(at) && new.get(..at) == Some(&old[..at]) && new.get(at + grown..) == Some(&old[at..]));
    let sources = Sources::from_memory([("records/n.md", new)]);
    let document = document::parse(&sources.files[0]);
    let entries = document.front.get("approvals").and_then(document::Node::list);
    let last = entries.and_then(|entries| entries.last()).map(document::Node::entries).unwrap_or_default();
    let keys = last.iter().map(|(key, node)| (&*key.text, node.text().map(|text| &**text)));
    one_stretch && keys.eq(ENTRY.iter().map(|(key, value)| (*key, Some(*value))))
}

/// An archive on disk with one record.
fn on_disk(bytes: &[u8]) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    std::fs::create_dir(folder.path().join("records")).expect("a folder for the test");
    std::fs::write(folder.path().join("records/n.md"), bytes).expect("a file for the test");
    let sources = Sources::read(folder.path()).expect("the folder of this test can be read");
    (folder, sources)
}

fn append(root: &Path, sources: &Sources) -> Result<(), String> {
    append_approval(root, &Turn::take(&root.join(".chancery")).unwrap(), &signed(sources)).map_err(|error| error.to_string())
}

fn names(folder: &Path) -> Vec<String> {
    let listed = std::fs::read_dir(folder).expect("the folder of this test is there");
    let mut names: Vec<String> = listed.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_whole_with_its_mark_and_its_rights() {
    let (folder, sources) = on_disk("\u{feff}---\r\ntype: note\r\n---\r\n".as_bytes());
    let path = folder.path().join("records/n.md");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("a file of our own");
    assert_eq!(append(folder.path(), &sources), Ok(()));
    let item = "- step: sales-manager\r\n  at: 2026-03-05T10:22:31+08:00\r\n  seal: sha256:9f2c\r\n";
    assert_eq!(
        std::fs::read_to_string(&path).expect("the file is there"),
        format!("\u{feff}---\r\ntype: note\r\napprovals:\r\n{item}---\r\n")
    );
    assert_eq!(names(&folder.path().join("records")), ["n.md"]);
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("the file is there").permissions()) & 0o777, 0o640);
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let (folder, sources) = on_disk(b"---\ntype: note\n---\n");
    let path = folder.path().join("records/n.md");
    std::fs::write(&path, "---\ntype: other\n---\n").expect("a file for the test");
    assert_eq!(append(folder.path(), &sources), Err("records/n.md has changed since it was read; look at it again first".to_owned()));
    assert_eq!(std::fs::read_to_string(&path).expect("the file is there"), "---\ntype: other\n---\n");
    assert_eq!(names(&folder.path().join("records")), ["n.md"]);
}

#[test]
fn of_many_who_write_at_once_one_succeeds() {
    let (folder, sources) = on_disk(b"---\ntype: note\n---\n");
    let done = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8).map(|_| scope.spawn(|| append(folder.path(), &sources).is_ok())).collect();
        writers.into_iter().map(|writer| writer.join().expect("a writer ends")).filter(|&done| done).count()
    });
    assert_eq!(done, 1);
    assert_eq!(names(&folder.path().join("records")), ["n.md"]);
}

#[test]
fn a_file_that_is_not_utf8_is_not_touched() {
    let (folder, sources) = on_disk(b"---\ntype: note\n---\n\xb2\xe2\xca\xd4\n");
    assert_eq!(append(folder.path(), &sources), Err("records/n.md was not read whole, so nothing can be added to it".to_owned()));
}

#[test]
fn a_new_document_never_takes_the_place_of_another() {
    let (folder, _) = on_disk(b"");
    let made = |path: &str| create(folder.path(), &ArchivePath::from(path), "文").map_err(|error| error.to_string());
    assert_eq!(made("records/客户/C-1.md"), Ok(()));
    assert_eq!(std::fs::read_to_string(folder.path().join("records/客户/C-1.md")).expect("the file is there"), "文");
    assert_eq!(made("records/客户/C-1.md"), Err("records/客户/C-1.md is there already".to_owned()));
    assert_eq!(made("records/n.md"), Err("records/n.md is there already".to_owned()));
    assert_eq!(std::fs::read(folder.path().join("records/n.md")).expect("the file is there"), b"");
    for outside in ["../n.md", "records/../../n.md", "/n.md", "", "records/"] {
        assert_eq!(made(outside), Err(format!("{outside} lies outside the archive")));
    }
    assert_eq!(names(&folder.path().join("records/客户")), ["C-1.md"]);
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_archive() {
    let (folder, _) = on_disk(b"");
    let elsewhere = tempfile::tempdir().expect("a folder for the test");
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("records/out")).expect("a link for the test");
    let made = create(folder.path(), &ArchivePath::from("records/out/in/n.md"), "文").map_err(|error| error.to_string());
    assert_eq!(made, Err("records/out/in/n.md lies outside the archive".to_owned()));
    assert_eq!(names(elsewhere.path()), Vec::<String>::new());
}

/// Of two who approve different texts of one document at once, the slower leaves no line in the
/// register: neither would succeed the other.
#[test]
fn what_is_no_longer_there_is_not_entered_in_the_register() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("records")).unwrap();
    let text = "---\ntype: note\n---\n文\n";
    let signed = crate::access::Signed { lines: vec!["N sha256:00".to_owned()], ..signed(&Sources::from_memory([("records/n.md", text)])) };
    let turn = Turn::take(&folder.path().join("state")).unwrap();
    std::fs::write(folder.path().join("records/n.md"), "---\ntype: note\n---\n别的\n").unwrap();
    assert!(matches!(append_approval(folder.path(), &turn, &signed), Err(EditError::Changed(_))));
    assert!(!folder.path().join(REGISTER).exists());
    std::fs::write(folder.path().join("records/n.md"), text).unwrap();
    append_approval(folder.path(), &turn, &signed).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join(REGISTER)).unwrap(), "N sha256:00\n");
}
