use super::{customer, expect, house, open, person, record, with_people};
use crate::diagnostic::{Lang, text};

#[test]
fn two_records_of_one_id_are_told_with_both_places() {
    let again = customer("C-1", "grade: A\nlimit: 0\n").1;
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("x/y.md", &again)]);
    expect(
        &[&house("")],
        &records,
        "2026-01-01",
        "records/x/y.md:3:5 `C-1` error[records.duplicate-id] 编号“C-1”已由 records/C-1.md 使用 | 换一个编号；更正原记录的，用 supersedes 写明 | -",
    );
    let (archive, report) = open(&[&house("")], &records, "2026-01-01");
    let related = report.findings[0].related.iter().map(|(span, words)| (&*archive.sources.file(span.file).path.0, words.zh.as_str()));
    assert_eq!(related.collect::<Vec<_>>(), [("records/C-1.md", "先有的记录")]);
}

#[test]
fn a_copy_that_a_program_or_a_person_made_is_told_and_not_its_original() {
    let again = |path: &str| record(path, &customer("C-1", "grade: A\nlimit: 0\n").1);
    let told = |path: &str, holder: &str, fix: &str| {
        format!("records/{path}:3:5 `C-1` error[records.duplicate-id] 编号“C-1”已由 {holder} 使用 | {fix} | -")
    };
    let copies = [
        "C-1 (conflicted copy 2026-07-10).md",
        "C-1.sync-conflict-20260710-101112-ABCDEFG.md",
        "C-1 (1).md",
        "C-1 2.md",
        "C-1的副本.md",
        "- C-1 - 副本.md",
    ];
    for copy in &copies[..5] {
        let fix = "对照两份，这一份里要保留的写进 records/C-1.md，再删去这一份副本";
        let records = with_people([again(copy), again("C-1.md")]);
        expect(&[&house("")], &records, "2026-01-01", &told(copy, "records/C-1.md", fix));
    }
    let other = "换一个编号；更正原记录的，用 supersedes 写明";
    let records = with_people([again(copies[5]), again("C-1.md")]);
    expect(&[&house("")], &records, "2026-01-01", &told(copies[5], "records/C-1.md", other));
    // Where neither file is named by the id, the one without an addition is no copy.
    let records = with_people([again("hengrun (1).md"), again("hengrun.md")]);
    let fix = "对照两份，这一份里要保留的写进 records/hengrun.md，再删去这一份副本";
    expect(&[&house("")], &records, "2026-01-01", &told("hengrun (1).md", "records/hengrun.md", fix));
}

/// An accent is one character with its letter, or one of its own behind it.
#[test]
fn ids_that_look_the_same_are_one() {
    let of = |path: &str, id: &str| record(path, &customer(id, "grade: A\nlimit: 0\n").1);
    for (composed, apart) in
        [("caf\u{e9}", "cafe\u{301}"), ("\u{c5}ngstr\u{f6}m", "A\u{30a}ngstro\u{308}m"), ("\u{ac00}", "\u{1100}\u{1161}")]
    {
        let told = format!(
            "records/b.md:3:5 `{apart}` error[records.duplicate-id] 编号“{composed}”已由 records/a.md 使用 | 换一个编号；更正原记录的，用 supersedes 写明 | -"
        );
        expect(&[&house("")], &with_people([of("a.md", composed), of("b.md", apart)]), "2026-01-01", &told);
        // A name in the other form leads to the record, in a field and in the body.
        let report = format!(
            "---\ntype: report\nid: R-1\ncustomer: {composed}\nreported: 2025-03-01\n---\n## 事实\n\n[[{composed}]]、[[{apart}]]\n\n## 结论\n\n可。\n"
        );
        expect(&[&house("")], &with_people([of("a.md", apart), record("r.md", &report)]), "2026-01-01", "");
    }
}

#[test]
fn attachments_whose_names_look_the_same_are_one() {
    let blocks = "```yaml type\nid: note\nlabel: {zh: 笔记, en: Note}\n```\n";
    for (written, kept) in
        [("caf\u{e9}.png", "cafe\u{301}.png"), ("cafe\u{301}.png", "caf\u{e9}.png"), ("\u{ac00}.png", "\u{1100}\u{1161}.png")]
    {
        let note = record("n.md", &format!("---\ntype: note\nid: N-1\nattachments: [\"{written}\"]\n---\n![]({written})\n"));
        expect(&[&house(blocks)], &with_people([note, record(kept, "x")]), "2026-01-01", "");
    }
}

#[test]
fn a_file_that_looks_like_a_record_and_is_not_read_is_told_unless_it_is_an_attachment() {
    let blocks = "```yaml type\nid: note\nlabel: {zh: 笔记, en: Note}\n```\n";
    let told = |path: &str, meant: &str| {
        format!(
            "- warning[document.passed-over] 文件“records/{path}”没有读入：档案是 records/ 中、制度是 policies/ 中以 .md 结尾的文件 | 改名为“records/{meant}”；是附件的，列入所属档案的 attachments | -"
        )
    };
    let front = "---\ntype: note\n---\n甲\n";
    for (path, meant) in [("a.markdown", "a.md"), ("b.md.txt", "b.md"), ("c.mdown", "c.md"), ("d.md ", "d.md"), ("x/e.md.", "x/e.md")] {
        expect(&[&house(blocks)], &with_people([record(path, front)]), "2026-01-01", &told(path, meant));
        let note = record("n.md", &format!("---\ntype: note\nid: N-1\nattachments: [\"{path}\"]\n---\n"));
        if !path.contains('/') {
            expect(&[&house(blocks)], &with_people([record(path, front), note]), "2026-01-01", "");
        }
    }
    expect(&[&house(blocks)], &with_people([record("README.markdown", "# 说明\n"), record("a.txt", "甲")]), "2026-01-01", "");
}

#[test]
fn records_that_refer_to_one_another_in_a_circle() {
    let blocks = "```yaml type\nid: knot\nlabel: {zh: 结, en: Knot}\nmust: {next: knot}\n```\n
```yaml approval\nfor: knot\nsteps: [{post: chief, when: approved(next)}]\n```\n
```yaml rule\nid: tied\nfor: knot\nrequire: approved(self) || next.next.next == self\nsay: {zh: 未批准, en: a}\n```\n";
    let knot = |id: &str, next: &str| record(&format!("{id}.md"), &format!("---\ntype: knot\nid: {id}\nnext: {next}\n---\n"));
    expect(
        &[&house(blocks)],
        &with_people([knot("K-1", "K-2"), knot("K-2", "K-1")]),
        "2026-01-01",
        "policies/0.md:74:10 `approved(self) || next.next.next == self` error[policy.fault] house.tied 无法判断 K-1：K-1 是否已批准取决于它自己是否已批准 | - | -
         policies/0.md:74:10 `approved(self) || next.next.next == self` error[policy.fault] house.tied 无法判断 K-2：K-2 是否已批准取决于它自己是否已批准 | - | -",
    );
}

#[test]
fn a_document_that_cannot_be_read_gets_its_own_findings_and_no_others() {
    let (_, report) =
        open(&[&house("")], &with_people([record("x.md", "---\ntype: [\n---\n"), record("y.md", "没有首部\n")]), "2026-01-01");
    assert!(report.findings.iter().all(|finding| finding.code.starts_with("document.")), "{:#?}", report.findings);
    assert!(report.findings.iter().all(|finding| finding.record.is_some() && finding.reads.file_count() > 0));
    assert_eq!(report.findings.len(), 2);
}

#[test]
fn a_table_of_a_thousand_rows_is_judged_row_by_row() {
    let blocks =
        "```yaml rule\nid: row\nfor: customer\neach: o in orders\nrequire: o.amount != 777\nat: o.amount\nsay: {zh: 不吉, en: a}\n```\n";
    let rows: String = (0..1000).map(|i| format!("- {{date: 2025-02-01, amount: {i}}}\n")).collect();
    expect(
        &[&house(blocks)],
        &with_people([customer("C-1", &format!("grade: A\nlimit: 0\norders:\n{rows}"))]),
        "2026-01-01",
        "records/C-1.md:787:30 `777` error[house.row] 不吉 | - | 第2条",
    );
}

#[test]
fn a_deep_line_of_superiors_ends() {
    let records: Vec<_> = (0..300).map(|i| person(&format!("p{i:03}"), "某", "sales", &format!("p{:03}", (i + 1) % 300))).collect();
    let blocks = "```yaml rule\nid: circle\nfor: person\nrequire: cycle(self, today).size() == 0\nonce_for: cycle(self, today)\nsay: {zh: 成圈, en: a}\n```\n";
    let (_, report) = open(&[&house(blocks)], &records, "2026-01-01");
    let circles = report.findings.iter().filter(|finding| &*finding.code == "house.circle").count();
    assert_eq!(circles, 1);
}

#[test]
fn the_same_archive_gives_the_same_report() {
    let blocks = "```yaml rule\nid: limit\nfor: customer\nrequire: records(\"customer\").filter(c, c.grade == grade).size() < 3\nsay: {zh: 太多, en: a}\n```\n";
    let records = with_people((0..60).map(|i| customer(&format!("C-{i:02}"), &format!("grade: {}\nlimit: {i}\n", ["A", "B", "C"][i % 3]))));
    let report = || format!("{:?}", open(&[&house(blocks)], &records, "2026-01-01").1);
    let first = report();
    assert!(first.matches("house.limit").count() >= 60);
    (0..5).for_each(|_| assert_eq!(report(), first));
}

#[test]
fn the_layout_for_the_terminal() {
    let blocks = "```yaml rule\nid: no-credit\nfor: customer\nwhen: grade == \"C\"\nrequire: limit == 0\nat: limit\nsay: {zh: C 级客户的额度须为 0, en: no credit}\nfix: {zh: 将 limit 改为 0, en: set it to 0}\n```\n";
    let records = with_people([customer("C-1", "grade: C\n额度: 50000\n"), customer("C-2", "grade: C\n额度: 五万\n")]);
    let (archive, report) = open(&[&house(blocks)], &records, "2026-01-01");
    let mut out = Vec::new();
    text::write(&mut out, &report.findings, &archive.sources, Lang::Zh, text::Colour::Plain).expect("memory takes text");
    assert_eq!(
        String::from_utf8(out).expect("the layout is UTF-8"),
        "records/C-1.md:8:5  error[house.no-credit]  C 级客户的额度须为 0
  8 │ 额度: 50000
    │       ^^^^^
  依据 《试验制度》第2条（policies/0.md:58）
  改法 将 limit 改为 0

records/C-2.md:8:5  error[structure.wrong-type]  额度（limit）应为金额，现为 五万
  8 │ 额度: 五万
    │       ^^^^
  改法 改写为如 50000.00 的形式

2 个错误，0 个警告
"
    );
}
