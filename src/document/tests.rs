use super::*;
use crate::source::Sources;
use std::fmt::Write;

fn document(text: &str) -> (Sources, Document) {
    let sources = Sources::from_memory([("records/a.md", text)]);
    let document = parse(&sources.files[0]);
    (sources, document)
}

/// A tree on one line: `key: value`, `[…]`, `{…}`, quoted where it was not written plainly.
fn tree(node: &Node) -> String {
    match &node.value {
        NodeValue::Scalar { text, plain: true } => text.to_string(),
        NodeValue::Scalar { text, plain: false } => format!("{text:?}"),
        NodeValue::List(nodes) => format!("[{}]", nodes.iter().map(tree).collect::<Vec<_>>().join(", ")),
        NodeValue::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}: {}", key.text, tree(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Every value of a tree as the source has it at its span.
fn written(sources: &Sources, node: &Node) -> Vec<String> {
    match &node.value {
        NodeValue::Scalar { .. } => vec![sources.slice(node.span).to_owned()],
        NodeValue::List(nodes) => {
            [vec![sources.slice(node.span).to_owned()], nodes.iter().flat_map(|n| written(sources, n)).collect()].concat()
        }
        NodeValue::Map(entries) => {
            entries.iter().flat_map(|(key, n)| [vec![sources.slice(key.span).to_owned()], written(sources, n)].concat()).collect()
        }
    }
}

/// `line:column code message` for every finding, and the places beside it.
fn told(sources: &Sources, findings: &[Finding]) -> String {
    let mut told = String::new();
    let place = |span: Span| {
        let at = sources.position(span.file, span.start);
        format!("{}:{}", at.line, at.column)
    };
    for finding in findings {
        let span = finding.span.expect("a document's findings have their place");
        write!(told, "{} {} {} | {}", place(span), finding.code, sources.slice(span), finding.message.zh).unwrap();
        for (span, words) in &finding.related {
            write!(told, " ({} {})", place(*span), words.zh).unwrap();
        }
        told.push('\n');
    }
    told
}

#[track_caller]
fn check_front(text: &str, expected: &str, findings: &[&str]) {
    let (sources, document) = document(text);
    assert_eq!(tree(&document.front), expected);
    assert_eq!(told(&sources, &document.findings).lines().collect::<Vec<_>>(), findings);
}

#[test]
fn front_matter_is_a_tree_of_what_was_written() {
    let text = "---\nid: CR-1\nkind:   no\nlist: [1.10, \"0086\"]\nsteps:\n- by: 赵敏\n  at: 10:00\n-   by: x\nempty:\nwords: |\n  one\n  two\n---\n正文\n";
    check_front(
        text,
        r#"{id: CR-1, kind: no, list: [1.10, "0086"], steps: [{by: 赵敏, at: 10:00}, {by: x}], empty: , words: "one\ntwo\n"}"#,
        &[],
    );
    let (sources, document) = document(text);
    let expected = [
        "id",
        "CR-1",
        "kind",
        "no",
        "list",
        "[1.10, \"0086\"]",
        "1.10",
        "\"0086\"",
        "steps",
        "- by: 赵敏\n  at: 10:00\n-   by: x",
        "by",
        "赵敏",
        "at",
        "10:00",
        "by",
        "x",
        "empty",
        "",
        "words",
        "one\n  two",
    ];
    assert_eq!(written(&sources, &document.front), expected);
    assert!(document.readable);
    assert_eq!(sources.slice(document.body.span), "正文\n");
    assert_eq!(sources.slice(document.front_span).lines().last(), Some("---"));
    let empty = document.front.get("empty").unwrap().span;
    assert_eq!(sources.position(empty.file, empty.start), crate::source::Position { line: 9, column: 7 });
}

#[test]
fn front_matter_may_be_empty_and_is_then_a_mapping_of_nothing() {
    check_front("---\n---\n", "{}", &[]);
    check_front("---\n# nothing\n---\n", "{}", &[]);
}

#[test]
fn what_is_no_mapping_is_told() {
    check_front("---\n- a\n---\n", "{}", &["2:1 document.front-matter - a | 文件头须由“键: 值”组成"]);
    check_front("---\n甲\n---\n", "{}", &["2:1 document.front-matter 甲 | 文件头须由“键: 值”组成"]);
}

#[test]
fn slips_of_the_input_method_are_told_at_their_line_and_read_as_meant() {
    let check = check_front;
    let colon = |place: &str, key: &str| format!("{place} document.full-width-colon ： | 键“{key}”之后用了全角冒号“：”");
    check("---\n客户：C-1\nkind: x\n---\n", "{客户: C-1, kind: x}", &[&colon("2:3", "客户")]);
    check(
        "---\na: 1\n客户：C-1\n种类：b\nkind: x\n---\n",
        "{a: 1, 客户: C-1, 种类: b, kind: x}",
        &[&colon("3:3", "客户"), &colon("4:3", "种类")],
    );
    check("---\na: 1\n客户：C-1\n---\n", "{a: 1, 客户: C-1}", &[&colon("3:3", "客户")]);
    check("---\nl:\n- 地点：上\n- 人：张三\n  phone: 1\n---\n", "{l: [地点：上, {人: 张三, phone: 1}]}", &[&colon("4:4", "人")]);
    check("---\na: {b：1, c: 2}\n---\n", "{a: {b: 1, c: 2}}", &[&colon("2:6", "b")]);
    check("---\na: |\n  b：c\nd：e\n---\n", "{a: \"b：c\\n\", d: e}", &[&colon("4:2", "d")]);
    let wide = "document.indentation \u{3000} | 这里用了全角空格（U+3000）";
    check("---\nc:\n\u{3000}p: 1\n\u{3000}q: 2\nd: 2\n---\n", "{c: {p: 1, q: 2}, d: 2}", &[&format!("3:1 {wide}"), &format!("4:1 {wide}")]);
    check("---\na:\u{3000}b\nc: d\n---\n", "{a: b, c: d}", &[&format!("2:3 {wide}")]);
    let firm = "document.indentation \u{a0} | 这里用了不换行空格（U+00A0）";
    check("---\nc:\n\u{a0}p: 1\n\u{a0}q: 2\nd: 2\n---\n", "{c: {p: 1, q: 2}, d: 2}", &[&format!("3:1 {firm}"), &format!("4:1 {firm}")]);
    check("---\na:\u{a0}b\nc: d\n---\n", "{a: b, c: d}", &[&format!("2:3 {firm}")]);
    check("---\na:\u{2003}b\nc: d\n---\n", "{a: b, c: d}", &["2:3 document.indentation \u{2003} | 这里的空格不是半角空格，是 U+2003"]);
    let tab = "document.indentation \t | 用了制表符（Tab）缩进";
    check("---\nc:\n\tp: 1\n\tq: 2\n---\n", "{c: {p: 1, q: 2}}", &[&format!("3:1 {tab}"), &format!("4:1 {tab}")]);
}

#[test]
fn full_width_signs_in_words_are_words() {
    check_front(
        "---\nnote: 甲：乙\u{3000}丙\nmore: >\n  丁：戊\nlist:\n- 地点：上海\nlong: 一\n  二：三\n---\n",
        "{note: 甲：乙\u{3000}丙, more: \"丁：戊\\n\", list: [地点：上海], long: 一 二：三}",
        &[],
    );
}

#[test]
fn broken_yaml_is_told_where_it_breaks_and_what_stands_before_is_kept() {
    let check = |yaml: &str, expected: &str, finding: &str| {
        check_front(&format!("---\n{yaml}---\nbody\n"), expected, &[finding]);
        assert!(!document(&format!("---\n{yaml}---\n")).1.readable);
    };
    check("a: 1\nb: \"x\nc: 2\n", "{a: 1}", "3:4 document.yaml \" | 引号没有关上");
    check("a: 1\nb: [1, 2\nc: 3\n", "{a: 1, b: [1]}", "4:2 document.yaml : | 括号没有关上，或两项之间缺逗号 (3:4 括号在这里打开)");
    check("a: 1\nb 2\nc: 3\n", "{a: 1}", "3:1 document.yaml b 2 | 这一行不是“键: 值”");
    check("客户 C-1\nc: 3\n", "{}", "2:1 document.yaml 客户 C-1 | 这一行不是“键: 值”");
    check("a:1\nb: 2\n", "{}", "2:1 document.yaml a:1 | 这一行不是“键: 值”");
    check("a: b: c\n", "{}", "2:5 document.yaml : | 值里又有“: ”，分不清哪里是键");
    check("a: 1\n  b: 2\n", "{}", "3:3 document.yaml b: 2 | 这一行的缩进与上文的层级不合");
    check("a:\n  - b\n c: 1\n", "{a: [b]}", "4:2 document.yaml c: 1 | 这一行的缩进与上文的层级不合");
    check("a: @x\n", "{}", "2:4 document.yaml @ | 这里不能有“@”");
    check("a: *重点*\n", "{}", "2:4 document.yaml * | 以“*”开头的值是别名，而它所指的并不存在");
    check("a: 'x' y\n", "{}", "2:8 document.yaml y | 引号关上之后还有文字");
    check("a: ]\n", "{}", "2:4 document.yaml ] | 这个括号没有与之相配的");
}

#[test]
fn tags_merge_keys_and_complex_keys_are_refused_and_the_rest_is_read() {
    check_front("---\na: !!str 1\nb: 2\n---\n", "{a: 1, b: 2}", &["2:4 document.yaml !!str | 不接受 YAML 标签“!!str”"]);
    check_front(
        "---\na: &x {c: 1}\nb:\n  <<: *x\n  d: 2\n---\n",
        "{a: {c: 1}, b: {d: 2}}",
        &["4:3 document.yaml << | 不接受 YAML 合并键“<<”"],
    );
    check_front("---\n? [a]\n: 1\nb: 2\n---\n", "{b: 2}", &["2:3 document.yaml [a] | 键须是文字，不能是列表或表格"]);
}

#[test]
fn the_first_of_equal_keys_is_kept() {
    check_front("---\na: 1\nb: 2\na: 3\n---\n", "{a: 1, b: 2}", &["4:1 document.duplicate-key a | 键“a”写了两次 (2:1 第一次写在这里)"]);
}

fn body(text: &str) -> String {
    let text = format!("---\nid: a\n---\n{text}");
    let (sources, document) = document(&text);
    let body = &document.body;
    let mut told = String::new();
    for h in &body.headings {
        writeln!(told, "h{} {} #{} `{}`", h.level, h.text, h.anchor, sources.slice(h.span)).unwrap();
    }
    for l in &body.links {
        let image = if l.image { "image " } else { "" };
        writeln!(told, "{image}{:?} {} {:?} `{}`", l.kind, l.target, l.fragment, sources.slice(l.span)).unwrap();
    }
    for f in &body.fences {
        writeln!(told, "fence {} {:?} under {:?}", f.info, sources.slice(f.content), f.heading).unwrap();
    }
    for t in &body.tables {
        writeln!(told, "table `{}`", sources.slice(*t)).unwrap();
    }
    for p in &Writing::read(&sources.files[0].text, body.span).prose {
        writeln!(told, "prose {:?} in {:?}", p.text, p.section).unwrap();
        assert_eq!(sources.slice(p.span), p.text);
    }
    for s in body.sections() {
        writeln!(told, "section {} {}", body.headings[s.heading].text, if s.empty { "empty" } else { "filled" }).unwrap();
    }
    told
}

#[track_caller]
fn check_body(text: &str, expected: &[&str]) {
    let told = body(text);
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn headings_have_keys_for_anchors_and_each_its_own() {
    check_body(
        "# 制度\n## 第6条 D\u{3000}D 级\n## 第6条 销售\n### 第6条 再\n## 第6条-2\n> ## 引\n\n##\n",
        &[
            "h1 制度 #制度 `# 制度`",
            "h2 第6条 D\u{3000}D 级 #第6条 D `## 第6条 D\u{3000}D 级`",
            "h2 第6条 销售 #第6条 `## 第6条 销售`",
            "h3 第6条 再 #第6条-2 `### 第6条 再`",
            "h2 第6条-2 #第6条-2-2 `## 第6条-2`",
            "h2  #- `##`",
            "prose \"引\" in Some(4)",
            "section 第6条 D\u{3000}D 级 empty",
            "section 第6条 销售 empty",
            "section 第6条-2 filled",
            "section  empty",
        ],
    );
}

#[test]
fn links_have_kinds_targets_and_fragments() {
    check_body(
        "[[C-1]] [[C-1|客户]] [a](../b%20c.md#第6条) [w](https://a.cn/#x) ![p](照片.png) [x](javascript:y) <a@b.cn> [[javascript:z]] [](#头)\n",
        &[
            "Wiki C-1 None `[[C-1]]`",
            "Wiki C-1 None `[[C-1|客户]]`",
            "Relative ../b c.md Some(\"第6条\") `[a](../b%20c.md#第6条)`",
            "Web https://a.cn/#x None `[w](https://a.cn/#x)`",
            "image Relative 照片.png None `![p](照片.png)`",
            "Refused javascript:y None `[x](javascript:y)`",
            "Web mailto:a@b.cn None `<a@b.cn>`",
            "Refused javascript:z None `[[javascript:z]]`",
            "Relative  Some(\"头\") `[](#头)`",
            "prose \"C-1\" in None",
            "prose \" \" in None",
            "prose \"客户\" in None",
            "prose \" \" in None",
            "prose \"a\" in None",
            "prose \" \" in None",
            "prose \"w\" in None",
            "prose \" \" in None",
            "prose \"p\" in None",
            "prose \" \" in None",
            "prose \"x\" in None",
            "prose \" \" in None",
            "prose \"a@b.cn\" in None",
            "prose \" \" in None",
            "prose \"javascript:z\" in None",
            "prose \" \" in None",
        ],
    );
}

#[test]
fn fences_know_their_content_and_tables_and_code_are_no_prose() {
    check_body(
        "## 甲\n```yaml rule\nid: x\n  a: 1\n```\n## 乙\n~~~\n~~~\n\n- x\n\n  ```yaml\n  in: list\n  b: 2\n  ```\n\n## 丙\n\n| 一 | 二 |\n|---|---|\n| [[C-1]] | 3 |\n\n## 丁\n\n    indented\n\n## 戊\n`code`\n\n---\n\n## 己\n![](a.png)\n```\nopen",
        &[
            "h2 甲 #甲 `## 甲`",
            "h2 乙 #乙 `## 乙`",
            "h2 丙 #丙 `## 丙`",
            "h2 丁 #丁 `## 丁`",
            "h2 戊 #戊 `## 戊`",
            "h2 己 #己 `## 己`",
            "Wiki C-1 None `[[C-1]]`",
            "image Relative a.png None `![](a.png)`",
            "fence yaml rule \"id: x\\n  a: 1\\n\" under Some(0)",
            "fence  \"\" under Some(1)",
            "fence yaml \"  in: list\\n  b: 2\\n\" under Some(1)",
            "fence  \"open\" under Some(5)",
            "table `| 一 | 二 |\n|---|---|\n| [[C-1]] | 3 |`".split('\n').next().unwrap(),
            "|---|---|",
            "| [[C-1]] | 3 |`",
            "prose \"x\" in Some(1)",
            "section 甲 empty",
            "section 乙 filled",
            "section 丙 filled",
            "section 丁 empty",
            "section 戊 filled",
            "section 己 filled",
        ],
    );
}

#[test]
fn a_heading_goes_by_its_key_its_words_and_their_slug() {
    let (_, document) =
        document("---\nid: a\n---\n## 一、背景 说明\n\n## Getting Started: a_b-c!\n\n## 附录\n\n## 附录\n\n## 一\u{3000}总则 `x`\n");
    let anchor = |named: &str| document.body.anchor_of(named).unwrap_or("-");
    for (named, expected) in [
        ("一、背景", "一、背景"),
        ("一、背景 说明", "一、背景"),
        ("一背景-说明", "一、背景"),
        ("Getting", "Getting"),
        ("Getting Started: a_b-c!", "Getting"),
        ("getting-started-a_b-c", "Getting"),
        ("附录", "附录"),
        ("附录-2", "附录-2"),
        ("附录-1", "附录-2"),
        ("一\u{3000}总则 x", "一"),
        ("一-总则-x", "一"),
        ("getting", "-"),
        ("Started", "-"),
        ("", "-"),
        // Blanks around a name say nothing.
        (" 附录-2 ", "附录-2"),
        ("Getting ", "Getting"),
        (" 一背景-说明", "一、背景"),
        (" ", "-"),
    ] {
        assert_eq!(anchor(named), expected, "{named}");
    }
}

#[test]
fn a_comment_is_no_content() {
    check_body(
        "## 甲 <!-- 注 -->\n\n<!-- 注\n\n注 -->\n\n## 乙\n\n<!-- 注 --> 有\n",
        &["h2 甲 #甲 `## 甲 <!-- 注 -->`", "h2 乙 #乙 `## 乙`", "prose \" 有\\n\" in Some(1)", "section 甲 empty", "section 乙 filled"],
    );
}
