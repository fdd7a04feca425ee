use super::*;
use crate::source::Sources;
use text::Colour;

#[path = "../../tests/support/golden.rs"]
mod golden;

const CUSTOMER: &str = "records/customers/C-0007.md";
const RECORD: &str = "---\ntype: customer\nid: C-0007\nname: 河北恒源\n备注：x\ngrade: D\n\nowner: 李\ncredit_limit: 50000\n---\n";

fn citation() -> Citation {
    let (policy, title, article) = ("credit".into(), "客户信用管理制度".into(), "第6条".into());
    Citation { policy, title, article, path: "policies/credit.md".into(), line: 61 }
}

#[test]
fn an_article_that_is_a_number_is_called_one() {
    let named = |article: &str, lang| Citation { article: article.into(), ..citation() }.named(lang);
    assert_eq!(named("6A", Lang::En), "“客户信用管理制度”, article 6A");
    assert_eq!(named("General", Lang::En), "“客户信用管理制度”, General");
    assert_eq!(named("4.1.2a", Lang::Zh), "《客户信用管理制度》4.1.2a");
}

fn sources() -> Sources {
    Sources::from_memory([(CUSTOMER, RECORD)])
}

fn span_of(sources: &Sources, part: &str) -> Span {
    let file = &sources.files[0];
    let start = file.text.find(part).expect("the part stands in the text");
    Span::new(file.id, start..start + part.len())
}

fn no_credit() -> Finding {
    let message = Words::new("D 级客户的信用额度须为 0", "a grade D customer gets no credit limit");
    let fix = Words::new("将 credit_limit 改为 0，或先办理信用等级核查", "set credit_limit to 0, or have the grade reviewed first");
    let finding = Finding::error("credit.d-no-credit", span_of(&sources(), "50000"), message).with_fix(fix).of(&"C-0007".into());
    Finding { citation: Some(citation()), ..finding }
}

fn text_of(findings: &[Finding], sources: &Sources, lang: Lang) -> String {
    let mut out = Vec::new();
    text::write(&mut out, findings, sources, lang, Colour::Plain).expect("memory takes every byte");
    String::from_utf8(out).expect("the layout writes UTF-8")
}

#[test]
fn a_finding_shows_its_line_its_article_and_its_remedy() {
    let expected = "\
records/customers/C-0007.md:9:15  error[credit.d-no-credit]  D 级客户的信用额度须为 0
  9 │ credit_limit: 50000
    │               ^^^^^
  依据 《客户信用管理制度》第6条（policies/credit.md:61）
  改法 将 credit_limit 改为 0，或先办理信用等级核查

1 个错误，0 个警告
";
    assert_eq!(text_of(&[no_credit()], &sources(), Lang::Zh), expected);
    let expected = "\
records/customers/C-0007.md:9:15  error[credit.d-no-credit]  a grade D customer gets no credit limit
  9 │ credit_limit: 50000
    │               ^^^^^
  under “客户信用管理制度”, 第6条 (policies/credit.md:61)
  fix set credit_limit to 0, or have the grade reviewed first

1 error, 0 warnings
";
    assert_eq!(text_of(&[no_credit()], &sources(), Lang::En), expected);
}

#[test]
fn without_findings_there_is_a_line_all_the_same() {
    assert_eq!(text_of(&[], &sources(), Lang::Zh), "没有发现问题\n");
    assert_eq!(text_of(&[], &sources(), Lang::En), "no findings\n");
}

#[test]
fn a_finding_without_a_place_or_an_article_has_neither() {
    let finding =
        Finding { span: None, ..Finding::warning("records.none", span_of(&sources(), "D"), Words::new("没有记录", "no records")) };
    assert_eq!(text_of(&[finding], &sources(), Lang::En), "warning[records.none]  no records\n\n0 errors, 1 warning\n");
}

#[test]
fn other_places_are_named() {
    let mut finding = Finding::error("a.b", span_of(&sources(), "grade"), Words::new("甲", "a"));
    finding.related.push((span_of(&sources(), "owner"), Words::new("见此", "here")));
    let expected = "\
records/customers/C-0007.md:6:1  error[a.b]  甲
  6 │ grade: D
    │ ^^^^^
  参见 records/customers/C-0007.md:8:1 见此

1 个错误，0 个警告
";
    assert_eq!(text_of(&[finding], &sources(), Lang::Zh), expected);
}

/// The frame around a place in a text of its own.
#[track_caller]
fn check_frame(text: &str, part: &str, expected: &str) {
    let sources = Sources::from_memory([("records/a.md", text)]);
    let finding = Finding::error("a.b", span_of(&sources, part), Words::new("甲", "a"));
    let shown = text_of(&[finding], &sources, Lang::Zh);
    let frame: Vec<_> = shown.lines().filter(|line| line.contains('│')).collect();
    assert_eq!(frame.join("\n"), expected);
}

#[test]
fn the_mark_stands_under_wide_narrow_and_combined_characters() {
    check_frame("名称：恒源", "恒源", "  1 │ 名称：恒源\n    │       ^^^^");
    check_frame("cafe\u{301} 甲 x", "x", "  1 │ cafe\u{301} 甲 x\n    │         ^");
    check_frame("a\tb", "b", "  1 │ a    b\n    │      ^");
}

#[test]
fn what_cannot_be_seen_is_written_out() {
    check_frame("a\u{200B}b\0c", "c", "  1 │ a<U+200B>b<U+0000>c\n    │                   ^");
    check_frame("x\u{202E}y", "\u{202E}", "  1 │ x<U+202E>y\n    │  ^^^^^^^^");
    check_frame("a\x1b[31mb", "b", "  1 │ a<U+001B>[31mb\n    │              ^");
}

#[test]
fn a_mark_keeps_to_its_line_and_is_never_without_width() {
    check_frame("one\ntwo\nthree", "e\ntwo\nth", "  1 │ one\n    │   ^");
    check_frame("one\r\n\r\nthree", "\r\nthree", "  2 │\n    │ ^");
    let ten_lines = "\n".repeat(9) + "x";
    check_frame(&ten_lines, "x", "  10 │ x\n     │ ^");
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let line = format!("{}目标{}", "前".repeat(400_000), "后".repeat(400_000));
    let expected = format!("  1 │ …{}目标{}…\n    │ {}^^^^", "前".repeat(20), "后".repeat(28), " ".repeat(41));
    check_frame(&line, "目标", &expected);
    let all = "x".repeat(300);
    check_frame(&all, &all, &format!("  1 │ {}…\n    │ {}", "x".repeat(100), "^".repeat(100)));
}

#[test]
fn a_path_with_a_line_break_stays_on_its_line() {
    let sources = Sources::from_memory([("records/a\nb.md", "x")]);
    let finding = Finding::error("a.b", span_of(&sources, "x"), Words::new("甲", "a"));
    assert!(text_of(&[finding], &sources, Lang::Zh).starts_with("records/a\\nb.md:1:1  error[a.b]  甲\n"));
}

#[test]
fn colours_come_only_when_asked_for() {
    let mut out = Vec::new();
    text::write(&mut out, &[no_credit()], &sources(), Lang::Zh, Colour::Ansi).expect("memory takes every byte");
    let coloured = String::from_utf8(out).expect("the layout writes UTF-8");
    assert!(coloured.starts_with("\x1b[1mrecords/customers/C-0007.md:9:15\x1b[0m  \x1b[1;31merror[credit.d-no-credit]\x1b[0m  D 级"));
    assert!(!text_of(&[no_credit()], &sources(), Lang::Zh).contains('\x1b'));
}

#[test]
fn json_has_every_key_in_its_order_on_one_line() {
    let bare =
        Finding { span: None, ..Finding::warning("records.none", span_of(&sources(), "D"), Words::new("没有\n记录", "no records")) };
    let mut out = Vec::new();
    json::write(&mut out, &[no_credit(), bare], &sources(), Lang::Zh).expect("memory takes every byte");
    let expected = concat!(
        r#"{"code":"credit.d-no-credit","severity":"error","state":"open","since":null,"until":null,"path":"records/customers/C-0007.md","line":9,"column":15,"end_line":9,"end_column":20,"#,
        r#""record":"C-0007","message":"D 级客户的信用额度须为 0","policy":"credit","article":"第6条","fix":"将 credit_limit 改为 0，或先办理信用等级核查"}"#,
        "\n",
        r#"{"code":"records.none","severity":"warning","state":"open","since":null,"until":null,"path":null,"line":null,"column":null,"end_line":null,"end_column":null,"#,
        r#""record":null,"message":"没有\n记录","policy":null,"article":null,"fix":null}"#,
        "\n",
    );
    assert_eq!(String::from_utf8(out).expect("JSON is UTF-8"), expected);
}

#[test]
fn sarif_names_rules_places_and_remedies() {
    let mut duplicate = Finding::error("document.duplicate-key", span_of(&sources(), "grade"), Words::new("写了两次", "written twice"));
    duplicate.related.push((span_of(&sources(), "name"), Words::new("第一次", "first")));
    let bare = Finding { span: None, ..Finding::warning("a.none", span_of(&sources(), "D"), Words::new("没有", "none")) };
    let mut out = Vec::new();
    sarif::write(&mut out, &[no_credit(), duplicate, bare, no_credit()], &sources(), Lang::Zh).expect("memory takes every byte");
    let made = String::from_utf8(out).expect("JSON is UTF-8").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    golden::is_kept("src/diagnostic/tests/sarif.json", &made);
}
