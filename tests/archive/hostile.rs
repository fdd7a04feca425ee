//! Documents that nobody means to write, and some that somebody means to: each gives its whole
//! finding, and the rest goes on.

use chancery::{
    diagnostic::{
        Finding, Lang,
        text::{self, Colour},
    },
    document::{self, Document},
    source::{Fault, Listing, Room, Sources},
};
use std::time::{Duration, Instant};

fn documents(sources: &Sources) -> Vec<Document> {
    let is_document = |room| matches!(room, Room::Record | Room::Policy);
    sources.files.iter().filter(|file| is_document(file.room)).map(document::parse).collect()
}

fn shown(sources: &Sources, documents: &[Document]) -> String {
    let findings: Vec<Finding> = documents.iter().flat_map(|document| document.findings.clone()).collect();
    let mut out = Vec::new();
    text::write(&mut out, &findings, sources, Lang::Zh, Colour::Plain).expect("memory takes every byte");
    String::from_utf8(out).expect("the layout writes UTF-8")
}

/// The findings of one record, as a terminal shows them.
#[track_caller]
fn check(bytes: impl Into<Vec<u8>>, expected: &str) {
    let sources = Sources::from_memory([("records/a.md", bytes)]);
    assert_eq!(shown(&sources, &documents(&sources)).trim_end(), expected.trim());
}

/// The same for an archive on disk.
#[track_caller]
fn check_folder(folder: &tempfile::TempDir, expected: &str) {
    let sources = Sources::read(folder.path()).expect("the folder can be listed");
    assert_eq!(shown(&sources, &documents(&sources)).trim_end(), expected.trim());
}

/// A folder with one sound record in it.
fn archive() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::create_dir_all(folder.path().join("records")).expect("a folder can be made in it");
    std::fs::write(folder.path().join("records/sound.md"), "---\nid: sound\n---\n").expect("a file can be written");
    folder
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_sound_record_has_no_findings() {
    check("---\nid: a\n---\n\n## 一\n\n正文\n", "没有发现问题");
}

#[test]
fn gb18030_is_named() {
    let (bytes, ..) = encoding_rs::GB18030.encode("---\nid: a\nname: 河北恒源\n---\n");
    check(
        bytes,
        "
records/a.md:3:7  error[document.encoding]  文件不是 UTF-8 编码，看来是 GB18030
  3 │ name: 河北恒源
    │       ^^
  改法 以 GB18030 打开，另存为 UTF-8

1 个错误，0 个警告",
    );
}

#[test]
fn bytes_of_no_encoding_are_told_where_they_begin() {
    check(
        b"---\nid: a\nname: \xE6\xB2\xB3\xE5\x8C\xFF\n---\n",
        "
records/a.md:3:8  error[document.encoding]  从这里起不是 UTF-8 编码
  3 │ name: 河��
    │         ^
  改法 改正损坏的字，存为 UTF-8

1 个错误，0 个警告",
    );
}

#[test]
fn utf_16_is_named_with_a_mark_and_without() {
    let expected = "
records/a.md:1:1  error[document.encoding]  文件不是 UTF-8 编码，看来是 UTF-16LE
  1 │ ---
    │ ^
  改法 以 UTF-16LE 打开，另存为 UTF-8

1 个错误，0 个警告";
    check(utf_16("\u{FEFF}---\nid: a\n---\n"), expected);
    check(utf_16("---\nid: a\n---\n"), expected);
}

#[test]
fn a_byte_order_mark_is_a_warning() {
    check(
        "\u{FEFF}---\nid: a\n---\n",
        "
records/a.md:1:1  warning[document.byte-order-mark]  文件开头有字节顺序标记（BOM）
  1 │ ---
    │ ^
  改法 存为不带 BOM 的 UTF-8

0 个错误，1 个警告",
    );
}

#[test]
fn line_ends_of_every_kind_are_read() {
    check("---\r\nid: a\r\nlist:\r\n- b\r\n---\r\n\r\n## 一\r\n\r\n正文\r\n", "没有发现问题");
    check(
        "---\rid: a\rkind：b\rgrade: c\r---\r\r## 一\r",
        "
records/a.md:1:4  warning[document.line-ends]  这一行只以回车（CR）结束
  1 │ ---
    │    ^
  改法 把换行改为 LF

records/a.md:3:5  error[document.full-width-colon]  键“kind”之后用了全角冒号“：”
  3 │ kind：b
    │     ^^
  改法 改为半角冒号“:”，后面空一格

1 个错误，1 个警告",
    );
    let sources = Sources::from_memory([("records/a.md", "---\rid: a\r---\r\r## 一\r\r正文\r")]);
    let document = &documents(&sources)[0];
    assert_eq!(document.front.get("id").and_then(|id| id.text()).map(|id| &**id), Some("a"));
    assert_eq!(document.body.headings.len(), 1);
}

#[test]
fn nul_is_told_and_the_rest_is_read() {
    check(
        "---\nid: a\nname: b\0c\0\n---\n",
        "
records/a.md:3:8  error[document.nul]  文中有空字符（NUL），共 2 个
  3 │ name: b<U+0000>c<U+0000>
    │        ^^^^^^^^
  改法 删去空字符；文件若已损坏，请从备份恢复

1 个错误，0 个警告",
    );
}

#[test]
fn no_front_matter() {
    check(
        "## 一\n正文\n",
        "
records/a.md:1:1  error[document.front-matter]  没有文件头
  1 │ ## 一
    │ ^^^^^
  改法 在文件最前面写一行“---”，接着写各字段，再写一行“---”

1 个错误，0 个警告",
    );
    check(
        "",
        "
records/a.md:1:1  error[document.front-matter]  没有文件头
  改法 在文件最前面写一行“---”，接着写各字段，再写一行“---”

1 个错误，0 个警告",
    );
}

#[test]
fn front_matter_never_closed() {
    check(
        "---\nid: a\nname: b\n\n## 一\n正文\n",
        "
records/a.md:1:1  error[document.front-matter]  文件头没有结束
  1 │ ---
    │ ^^^
  改法 在最后一个字段之后另起一行写“---”

1 个错误，0 个警告",
    );
    let sources = Sources::from_memory([("records/a.md", "---\nid: a\n\n## 一\n正文\n")]);
    let document = &documents(&sources)[0];
    assert_eq!(document.front.get("id").and_then(|id| id.text()).map(|id| &**id), Some("a"));
    assert_eq!(document.body.headings.len(), 1);
}

#[test]
fn a_rule_in_the_body_is_a_rule() {
    check("---\nid: a\n---\n一\n\n---\n\n二：三\n\n---\n", "没有发现问题");
}

#[test]
fn duplicate_keys() {
    check(
        "---\nid: a\ngrade: A\ngrade: B\n---\n",
        "
records/a.md:4:1  error[document.duplicate-key]  键“grade”写了两次
  4 │ grade: B
    │ ^^^^^
  参见 records/a.md:3:1 第一次写在这里
  改法 保留一处，删去另一处

1 个错误，0 个警告",
    );
}

#[test]
fn tabs_as_indentation() {
    check(
        "---\nid: a\ncontact:\n\tperson: 张三\n---\n",
        "
records/a.md:4:1  error[document.indentation]  用了制表符（Tab）缩进
  4 │     person: 张三
    │ ^^^^
  改法 改为半角空格，同一层的各行对齐

1 个错误，0 个警告",
    );
}

#[test]
fn full_width_colon() {
    check(
        "---\nid: a\n客户：C-0007\ngrade: B\n---\n",
        "
records/a.md:3:3  error[document.full-width-colon]  键“客户”之后用了全角冒号“：”
  3 │ 客户：C-0007
    │     ^^
  改法 改为半角冒号“:”，后面空一格

1 个错误，0 个警告",
    );
}

#[test]
fn ideographic_space_as_indentation() {
    check(
        "---\nid: a\ncontact:\n\u{3000}person: 张三\n---\n",
        "
records/a.md:4:1  error[document.indentation]  这里用了全角空格（U+3000）
  4 │ \u{3000}person: 张三
    │ ^^
  改法 改为半角空格

1 个错误，0 个警告",
    );
}

#[test]
fn a_tag() {
    check(
        "---\nid: a\nrun: !!python/object/apply:os.system [ls]\n---\n",
        "
records/a.md:3:6  error[document.yaml]  不接受 YAML 标签“!!python/object/apply:os.system”
  3 │ run: !!python/object/apply:os.system [ls]
    │      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  改法 删去标签；值怎样读，由字段的类型决定

1 个错误，0 个警告",
    );
}

#[test]
fn a_merge_key() {
    check(
        "---\nid: a\nbase: &b {x: 1}\nmore:\n  <<: *b\n---\n",
        "
records/a.md:5:3  error[document.yaml]  不接受 YAML 合并键“<<”
  5 │   <<: *b
    │   ^^
  改法 把各字段逐一写出

1 个错误，0 个警告",
    );
}

#[test]
fn an_alias_bomb() {
    let levels = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut bomb = String::from("---\nid: a\na: &a [x, x, x, x, x, x, x, x, x]\n");
    for pair in levels.windows(2) {
        let alias = format!("*{}", pair[0]);
        bomb += &format!("{0}: &{0} [{1}]\n", pair[1], [&*alias; 9].join(", "));
    }
    check(
        bomb + "---\n",
        "
records/a.md:7:28  error[document.yaml]  内容超过 50000 个节点（别名展开的也算）
  7 │ e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]
    │                            ^^
  改法 删去别名，或把内容分成几份文件

1 个错误，0 个警告",
    );
}

#[test]
fn an_alias_of_itself() {
    check(
        "---\nid: a\na: &a [*a]\n---\n",
        "
records/a.md:3:8  error[document.yaml]  别名指向包含它自己的内容
  3 │ a: &a [*a]
    │        ^^
  改法 删去别名

1 个错误，0 个警告",
    );
}

#[test]
fn nesting_without_end() {
    let brackets = "[".repeat(100_000);
    let place = format!("    │ {}^", " ".repeat(41));
    let cut = format!("  3 │ …{}…", "[".repeat(100));
    check(
        format!("---\nid: a\na: {brackets}\n---\n"),
        &format!(
            "
records/a.md:3:68  error[document.yaml]  嵌套超过 64 层
{cut}
{place}
  改法 减少层级

1 个错误，0 个警告"
        ),
    );
}

/// Parses in a thread with the stack that a server's worker has, and not for longer than a person
/// would wait.
fn parse_in_time(text: String) -> (Sources, Document) {
    let started = Instant::now();
    let parsing = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let sources = Sources::from_memory([("records/a.md", text)]);
        let document = documents(&sources).remove(0);
        (sources, document)
    });
    let parsed = parsing.expect("a thread can be started").join().expect("no text overflows the stack");
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
    parsed
}

fn prose(sources: &Sources, document: &Document) -> Vec<document::ProseRun> {
    document::Writing::read(&sources.file(document.file).text, document.body.span).prose
}

#[test]
fn ten_million_brackets() {
    let (sources, document) = parse_in_time(format!("---\nid: a\n---\n{}", "[".repeat(10 << 20)));
    assert_eq!(shown(&sources, std::slice::from_ref(&document)), "没有发现问题\n");
    assert_eq!(prose(&sources, &document).iter().map(|prose| prose.text.len()).sum::<usize>(), 10 << 20);
}

#[test]
fn five_thousand_levels_of_quotes() {
    let (sources, document) = parse_in_time(format!("---\nid: a\n---\n{} deep\n", "> ".repeat(5_000)));
    assert_eq!(shown(&sources, std::slice::from_ref(&document)), "没有发现问题\n");
    assert_eq!(prose(&sources, &document).last().map(|prose| prose.text.trim_start_matches("> ").trim()), Some("deep"));
    let lists = (0..5_000).map(|depth| format!("{}- x\n", "  ".repeat(depth % 500))).collect::<String>();
    parse_in_time(format!("---\nid: a\n---\n{lists}"));
}

#[test]
fn a_million_characters_in_one_line() {
    let line = "信用**额度。**与[[C-0007]]，".repeat(40_000);
    let (sources, document) = parse_in_time(format!("---\nid: a\nnote: {line}\n---\n{line}\n"));
    assert_eq!(shown(&sources, std::slice::from_ref(&document)), "没有发现问题\n");
    assert_eq!(document.body.links.len(), 40_000);
    assert_eq!(document.front.get("note").and_then(|note| note.text()).map(|note| note.len()), Some(line.len()));
}

#[test]
fn other_texts_that_are_slow_where_a_parser_looks_back() {
    for piece in [
        "[[", "**甲。", "~~甲。", "![", "`", "<a ", "</", "[a](", "[^1]", "|", "*_", "a\n\n- ", "[a]: b\n", "&#x", "\\", "[[a|", "![[",
        "[a][", "*a **b ", "# 甲\n",
    ] {
        let text = piece.repeat((200 << 10) / piece.len());
        parse_in_time(format!("---\nid: a\n---\n{text}"));
        parse_in_time(format!("---\nid: a\nb: {text}"));
        parse_in_time(format!("---\n{text}\n---\n"));
    }
    for line in [
        "a：b\n",
        "\u{3000}a: b\n",
        "\ta: b\n",
        "- a：b\n  c: d\n",
        "a: &a b\n",
        "? a\n",
        "- - - - \n",
        "a:\n - b：c\n   d: e\n",
        "{a：1},",
        "!a b\n",
    ] {
        parse_in_time(format!("---\n{}---\n", line.repeat((200 << 10) / line.len())));
    }
}

#[test]
fn a_name_with_a_line_break() {
    let sources = Sources::from_memory([("records/a\nb.md", "---\nid: a\n---\n")]);
    let expected = "\
records/a\\nb.md:1:1  error[document.name]  文件名里有换行、控制字符或看不见的字符
  1 │ ---
    │ ^
  改法 换一个没有这些字符的名字

1 个错误，0 个警告
";
    assert_eq!(shown(&sources, &documents(&sources)), expected);
}

#[test]
fn a_name_in_another_unicode_form() {
    let sources = Sources::from_memory([("records/cafe\u{301}.md", "---\nid: a\n---\n"), ("records/caf\u{e9}.md", "---\nid: b\n---\n")]);
    let expected = "\
records/cafe\u{301}.md:1:1  error[document.name]  文件名不是 Unicode 的 NFC 形式，看起来相同的名字可能指两份文件
  1 │ ---
    │ ^
  改法 改名为“records/caf\u{e9}.md”（NFC）

1 个错误，0 个警告
";
    assert_eq!(shown(&sources, &documents(&sources)), expected);
}

#[test]
fn a_document_that_is_too_large() {
    check(
        vec![b'a'; (16 << 20) + 1],
        "
records/a.md:1:1  error[document.too-large]  文件有 16777217 字节，超过 16777216 字节的上限
  改法 把长篇内容分成几份，或作为附件存放

1 个错误，0 个警告",
    );
}

#[cfg(unix)]
mod on_disk {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn links_out_of_the_archive() {
        let elsewhere = tempfile::tempdir().expect("there is room for a folder");
        fs::write(elsewhere.path().join("secret.md"), "---\nid: secret\n---\n").expect("a file can be written");
        let folder = archive();
        let records = folder.path().join("records");
        symlink(elsewhere.path().join("secret.md"), records.join("file.md")).expect("a link can be made");
        symlink(elsewhere.path(), records.join("folder")).expect("a link can be made");
        symlink(elsewhere.path().join("secret.md"), records.join("photo.png")).expect("a link can be made");
        let outside = |path: &str| format!("{path}:1:1  error[document.outside]  符号链接指向档案之外\n  改法 把文件本身放进档案\n\n");
        let expected = ["records/file.md", "records/folder", "records/photo.png"].map(outside).concat();
        check_folder(&folder, &format!("{expected}3 个错误，0 个警告"));
        let sources = Sources::read(folder.path()).expect("the folder can be listed");
        assert_eq!(sources.attachments().count(), 0);
        assert!(sources.files.iter().all(|file| !file.text.contains("secret")));
    }

    #[test]
    fn links_to_what_is_no_document_of_their_kind() {
        let folder = archive();
        let records = folder.path().join("records");
        for path in [".chancery/accounts.md", "notes/a.md", "policies/register", "records/real/secret.txt"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
            fs::write(path, "secret").expect("a file can be written");
        }
        for (link, to) in [
            ("a.md", "../.chancery/accounts.md"),
            ("b.md", "../notes/a.md"),
            ("c.md", "../policies/register"),
            ("d.md", "real/secret.txt"),
            ("e", "../.chancery"),
            ("f.txt", "real/secret.txt"),
            ("g", "real"),
        ] {
            symlink(to, records.join(link)).expect("a link can be made");
        }
        let outside = |path: &str| format!("{path}:1:1  error[document.outside]  符号链接指向档案之外\n  改法 把文件本身放进档案\n\n");
        let link = |path: &str| {
            format!("{path}:1:1  error[document.link]  附件不能是符号链接，也不能在链接的文件夹里\n  改法 把文件本身放在档案旁边\n\n")
        };
        let outside = ["records/a.md", "records/b.md", "records/c.md", "records/d.md", "records/e"].map(outside).concat();
        let links = ["records/f.txt", "records/g/secret.txt"].map(link).concat();
        check_folder(&folder, &format!("{outside}{links}7 个错误，0 个警告"));
        let sources = Sources::read(folder.path()).expect("the folder can be listed");
        assert_eq!(sources.attachments().map(|path| &*path.0).collect::<Vec<_>>(), ["records/real/secret.txt"]);
        assert!(sources.files.iter().all(|file| !file.path.0.starts_with("records/") || !file.text.contains("secret")));
    }

    #[test]
    fn a_link_that_is_put_in_the_place_of_a_document_before_it_is_read() {
        let folder = archive();
        let sound = folder.path().join("records/sound.md");
        let listing = Listing::of(folder.path()).expect("the folder can be listed");
        fs::remove_file(&sound).expect("a file can be removed");
        symlink("/etc/hostname", &sound).expect("a link can be made");
        let sources = listing.read().expect("the system gives what is asked");
        assert_eq!((&*sources.files[0].text, &sources.files[0].fault), ("", &Some(Fault::Vanished)));
    }

    #[test]
    fn links_inside_the_archive_are_followed_once() {
        let folder = archive();
        let records = folder.path().join("records");
        fs::create_dir(records.join("real")).expect("a folder can be made");
        fs::write(records.join("real/a.md"), "---\nid: a\n---\n").expect("a file can be written");
        symlink(records.join("sound.md"), records.join("alias.md")).expect("a link can be made");
        symlink(records.join("real"), records.join("one")).expect("a link can be made");
        symlink(records.join("real"), records.join("two")).expect("a link can be made");
        let sources = Sources::read(folder.path()).expect("the folder can be listed");
        let paths: Vec<_> = sources.files.iter().map(|file| &*file.path.0).collect();
        assert_eq!(paths, ["records/alias.md", "records/one/a.md", "records/real/a.md", "records/sound.md"]);
        assert!(sources.files.iter().all(|file| file.fault.is_none()));
    }

    #[test]
    fn circles_of_links() {
        let folder = archive();
        let records = folder.path().join("records");
        symlink("b.md", records.join("a.md")).expect("a link can be made");
        symlink("a.md", records.join("b.md")).expect("a link can be made");
        fs::create_dir(records.join("deep")).expect("a folder can be made");
        symlink(&records, records.join("deep/up")).expect("a link can be made");
        let circle = |path: &str| format!("{path}:1:1  error[document.circle]  符号链接绕成了圈\n  改法 删去这个链接\n\n");
        let expected = ["records/a.md", "records/b.md", "records/deep/up"].map(circle).concat();
        check_folder(&folder, &format!("{expected}3 个错误，0 个警告"));
    }

    #[test]
    fn a_link_to_nothing() {
        let folder = archive();
        symlink("none.md", folder.path().join("records/a.md")).expect("a link can be made");
        check_folder(&folder, VANISHED);
    }

    const VANISHED: &str = "
records/a.md:1:1  error[document.vanished]  文件列出时还在，读取时已经没有了
  改法 若非有意删除，请恢复它；若是链接，请改正所指的路径

1 个错误，0 个警告";

    #[test]
    fn a_file_that_is_deleted_while_the_archive_is_read() {
        let folder = archive();
        fs::write(folder.path().join("records/a.md"), "---\nid: a\n---\n").expect("a file can be written");
        let listing = Listing::of(folder.path()).expect("the folder can be listed");
        fs::remove_file(folder.path().join("records/a.md")).expect("a file can be removed");
        let sources = listing.read().expect("the system gives what is asked");
        assert_eq!(shown(&sources, &documents(&sources)).trim_end(), VANISHED.trim());
        assert_eq!(sources.files.len(), 2);
    }

    #[test]
    fn a_folder_or_a_pipe_by_the_name_of_a_record() {
        let folder = archive();
        let records = folder.path().join("records");
        fs::create_dir(records.join("x.md")).expect("a folder can be made");
        fs::write(records.join("x.md/inner.md"), "---\nid: inner\n---\n").expect("a file can be written");
        let made = std::process::Command::new("mkfifo").arg(records.join("y.md")).status();
        let mut expected = String::from(
            "records/x.md:1:1  error[document.unreadable]  文件读不出来（is a directory）\n  改法 检查文件的权限，或它是否真是一份文件\n\n",
        );
        let mut errors = 1;
        if made.is_ok_and(|status| status.success()) {
            expected += "records/y.md:1:1  error[document.unreadable]  文件读不出来（not a regular file）\n  改法 检查文件的权限，或它是否真是一份文件\n\n";
            errors += 1;
        }
        check_folder(&folder, &format!("{expected}{errors} 个错误，0 个警告"));
        let sources = Sources::read(folder.path()).expect("the folder can be listed");
        assert!(sources.by_path("records/x.md/inner.md").is_some());
    }

    /// Where the tests run as root nothing is forbidden, and there is nothing to see.
    #[test]
    fn a_file_that_may_not_be_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = archive();
        let path = folder.path().join("records/a.md");
        fs::write(&path, "---\nid: a\n---\n").expect("a file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("its owner may change its permissions");
        if fs::read(&path).is_ok() {
            return check_folder(&folder, "没有发现问题");
        }
        check_folder(
            &folder,
            "
records/a.md:1:1  error[document.unreadable]  文件读不出来（Permission denied (os error 13)）
  改法 检查文件的权限，或它是否真是一份文件

1 个错误，0 个警告",
        );
    }

    #[test]
    fn a_name_that_is_not_utf_8() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let folder = archive();
        let path = folder.path().join("records").join(OsStr::from_bytes(b"\xBF\xCD.md"));
        // Some file systems take no such name; then there is nothing to tell.
        if fs::write(&path, "---\nid: a\n---\n").is_err() {
            return;
        }
        check_folder(
            &folder,
            "
records/��.md:1:1  error[document.name]  文件名不是 UTF-8 编码
  1 │ ---
    │ ^
  改法 换一个 UTF-8 编码的名字

1 个错误，0 个警告",
        );
    }
}
