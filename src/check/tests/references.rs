use super::{customer, expect, house, open, record, with_people};

fn customers() -> Vec<(String, String)> {
    vec![customer("C-1", "grade: A\nlimit: 0\n")]
}

#[track_caller]
fn judged(fields: &str, body: &str, expected: &str) {
    let text = format!("---\ntype: report\nid: R-1\nreported: 2025-05-01\n{fields}---\n## 事实\n\n{body}\n\n## 结论\n\n照旧。\n");
    let records = with_people(customers().into_iter().chain([record("r.md", &text)]));
    expect(&[&house("")], &records, "2026-01-01", expected);
}

#[test]
fn names_of_records() {
    judged("customer: C-1\nauthor: mei\n", "见 [[C-1]]、[[house]] 和 [客户](C-1.md)。", "");
    judged(
        "customer: C-2\nauthor: meii\n",
        "见 [[C-3|那一份]]。",
        "records/r.md:5:11 `C-2` error[reference.dangling] 没有编号为“C-2”的记录 | 是不是“C-1”？ | -
         records/r.md:6:9 `meii` error[reference.dangling] 没有编号为“meii”的记录 | 是不是“mei”？ | -
         records/r.md:10:3 `[[C-3|那一份]]` error[reference.dangling] 没有编号为“C-3”的记录 | 是不是“C-1”？ | -",
    );
    judged(
        "customer: mei\n",
        "查实。",
        "records/r.md:5:11 `mei` error[reference.wrong-type] mei 是“人员”，这里应为“客户” | 改为一份“客户”的编号 | -",
    );
}

/// People write what a record is called, or its id with something around it.
#[test]
fn a_name_where_an_id_is_wanted() {
    let proposed = |fields: &str, others: &[(&str, &str)]| -> String {
        let text = format!("---\ntype: report\nid: R-1\nreported: 2025-05-01\n{fields}---\n## 事实\n\n见。\n\n## 结论\n\n照旧。\n");
        let named = others.iter().map(|(id, title)| customer(id, &format!("title: {title}\ngrade: A\nlimit: 0\n")));
        let (_, report) = open(&[&house("")], &with_people(named.chain([record("r.md", &text)])), "2026-01-01");
        let finding = report.findings.into_iter().find(|finding| &*finding.code == "reference.dangling").expect("there is no such id");
        let fix = finding.fix.expect("a remedy").zh.to_string();
        fix.strip_prefix("是不是“").and_then(|near| near.strip_suffix("”？")).unwrap_or("-").to_owned()
    };
    let two = [("C-0011", "越溪纺织"), ("C-0012", "东山印染")];
    for written in [
        "越溪纺织",
        "《越溪纺织》",
        "'[[C-0011]]'",
        "customers/C-0011.md",
        "../customers/C-0011",
        "c-0011",
        "Ｃ－００１１",
        "C-0011（越溪纺织）",
        "客户 C-0011",
        "'C-0011: 越溪纺织'",
        "'C-0011|越溪'",
    ] {
        assert_eq!(proposed(&format!("customer: {written}\n"), &two), "C-0011", "{written}");
    }
    assert_eq!(proposed("customer: C-0011\nauthor: 梅兰\n", &two), "mei");
    for written in ["越溪", "越溪纺织厂", "C-0011、C-0012", "恒大", "'《》'", "'[[]]'"] {
        assert_eq!(proposed(&format!("customer: {written}\n"), &two), "-", "{written}");
    }
    let twins = [("C-0011", "越溪纺织"), ("C-0012", "越溪纺织")];
    assert_eq!(proposed("customer: 越溪纺织\n", &twins), "-", "either could be meant");
    assert_eq!(proposed(&format!("customer: {}\n", "越".repeat(1000)), &two), "-");
}

#[test]
fn links_to_files_headings_and_articles() {
    judged("customer: C-1\n", "见[上文](#事实)、[第1条](../policies/0.md#第1条)。", "");
    judged(
        "customer: C-1\n",
        "见[甲](C-9.md)、[乙](#事情)、[丙](../policies/0.md#第9条)、[丁](../policies/9.md)、![图](a.png)、[戊](javascript:alert)。",
        "records/r.md:9:2 `[甲](C-9.md)` error[reference.link] 链接“C-9.md”没有指向任何文件 | 是不是“C-1.md”？ | -
         records/r.md:9:14 `[乙](#事情)` error[reference.link] 本文中没有“事情”一节 | 是不是“事实”？ | -
         records/r.md:9:23 `[丙](../policies/0.md#第9条)` error[reference.policy-link] 制度“house”中没有“第9条” | 是不是“第1条”？ | -
         records/r.md:9:49 `[丁](../policies/9.md)` error[reference.policy-link] 没有制度文件“../policies/9.md” | 核对路径；指向记录的，可写 [[编号]] | -
         records/r.md:9:71 `![图](a.png)` error[reference.attachment] 没有图片“a.png” | 核对路径；指向记录的，可写 [[编号]] | -
         records/r.md:9:83 `[戊](javascript:alert)` error[reference.link] 这种链接不予显示 | 改用 http、https、mailto、tel 或本档案内的路径 | -",
    );
}

/// What is proposed leads there when it is written as told; what has nothing in common is not
/// proposed.
#[test]
fn the_path_that_was_meant_is_told_as_it_is_written_here() {
    let proposed = |target: &str, others: &[&str]| -> String {
        let text = format!(
            "---\ntype: report\nid: R-1\nreported: 2025-05-01\ncustomer: C-1\n---\n## 事实\n\n见[甲]({target})。\n\n## 结论\n\n照旧。\n"
        );
        let others = others.iter().map(|path| record(path, "---\ntype: customer\n---\n"));
        let (archive, report) =
            open(&[&house("")], &with_people(customers().into_iter().chain([record("b/r.md", &text)]).chain(others)), "2026-01-01");
        let finding = report.findings.into_iter().find(|finding| &*finding.code == "reference.link").expect("it leads nowhere");
        let fix = finding.fix.expect("a remedy").zh.to_string();
        let Some(near) = fix.strip_prefix("是不是“").and_then(|near| near.strip_suffix("”？")) else { return "-".to_owned() };
        let path = crate::archive::link::path_from(&"records/b/r.md".into(), near.trim_matches(['<', '>']));
        assert!(path.is_some_and(|path| archive.sources.by_path(&path.0).is_some()), "{near}");
        near.to_owned()
    };
    assert_eq!(proposed("../C-11.md", &[]), "../C-1.md");
    assert_eq!(proposed("a/targt.md", &["b/a/target.md"]), "a/target.md");
    assert_eq!(proposed("target.md", &["c/target.md"]), "../c/target.md", "the same name in another folder");
    assert_eq!(proposed("target.md", &["c/target.md", "d/target.md"]), "-", "nobody knows which");
    assert_eq!(proposed("targets.md", &["b/target.md", "c/target.md"]), "target.md", "the folder that was written is nearer");
    assert_eq!(proposed("合同书.md", &["b/合同 书.md"]), "<合同 书.md>");
    assert_eq!(proposed("x.md", &["b/y.md"]), "-");
    assert_eq!(proposed("target.pdf", &["b/target.md"]), "-");
    assert_eq!(proposed("../../../C-1.md", &[]), "-", "that leads out of the archive");
}

#[test]
fn links_to_headings_by_their_words_or_slugs_and_wiki_links_in_tables() {
    let headings = "### 一、背景 说明\n\n### Getting Started: Guide\n\n";
    for link in
        ["[a](#一、背景)", "[a](#一、背景%20说明)", "[a](#一背景-说明)", "[a](#Getting%20Started:%20Guide)", "[a](#getting-started-guide)"]
    {
        judged("customer: C-1\n", &format!("{headings}{link}"), "");
    }
    judged("customer: C-1\n", "| a |\n|---|\n| [[C-1\\|客户]]、[[R-1#事实\\|上文]] |", "");
    judged(
        "customer: C-1\n",
        &format!("{headings}[a](#getting) | [[C-8\\|客户]]"),
        "records/r.md:13:1 `[a](#getting)` error[reference.link] 本文中没有“getting”一节 | 是不是“Getting”？ | -
         records/r.md:13:17 `[[C-8\\|客户]]` error[reference.dangling] 没有编号为“C-8\\”的记录 | 核对编号；记录尚未建立的，先建立记录 | -",
    );
}

#[test]
fn attachments_lie_beside_the_record() {
    let text = "---\ntype: customer\nid: C-2\nname: 甲\nopened: 2025-01-10\nowner: mei\ngrade: A\nlimit: 0\nattachments: [合同.pdf, 合通.pdf, ../C-1.md]\n---\n";
    let records = with_people([record("a/x.md", text), record("a/合同.pdf", "%PDF")]);
    expect(
        &[&house("")],
        &records,
        "2026-01-01",
        "records/a/x.md:9:23 `合通.pdf` error[reference.attachment] 附件“合通.pdf”不在记录旁边 | 将文件放到记录所在的文件夹，或改正文件名 | -
         records/a/x.md:9:31 `../C-1.md` error[reference.attachment] 附件“../C-1.md”不在记录旁边 | 将文件放到记录所在的文件夹，或改正文件名 | -",
    );
}

#[test]
fn policies_link_too() {
    expect(
        &[&house("见[客户](../records/C-1.md)和[无](../records/C-8.md)。")],
        &with_people(customers()),
        "2026-01-01",
        "policies/0.md:60:26 `[无](../records/C-8.md)` error[reference.link] 链接“../records/C-8.md”没有指向任何文件 | 是不是“../records/C-1.md”？ | -",
    );
}

#[test]
fn what_a_record_supersedes_is_there_and_of_its_type() {
    let correct = |id: &str, to: &str| customer(id, &format!("grade: A\nlimit: 0\nsupersedes: {to}\n"));
    let records = [correct("C-2", "C-1"), correct("C-3", "C-11"), correct("C-4", "mei"), correct("C-5", "C-6"), correct("C-6", "C-5")];
    expect(
        &[&house("")],
        &with_people(customers().into_iter().chain(records)),
        "2026-01-01",
        "records/C-3.md:9:13 `C-11` error[records.supersedes-known] 所取代的记录“C-11”不存在 | 是不是“C-1”？ | -
         records/C-4.md:9:13 `mei` error[records.supersedes-known] mei 与本记录类型不同，本记录取代不了它 | 写明被取代的记录的编号 | -
         records/C-5.md:9:13 `C-6` error[records.supersedes-known] C-5 不能取代它自己 | 写明被取代的记录的编号 | -
         records/C-6.md:9:13 `C-5` error[records.supersedes-known] C-6 不能取代它自己 | 写明被取代的记录的编号 | -",
    );
}

#[test]
fn a_dangling_name_counts_as_read_so_that_it_looks_like_a_hidden_one() {
    let text = "---\ntype: report\nid: R-1\nreported: 2025-05-01\ncustomer: C-2\n---\n## 事实\n\n查实。\n\n## 结论\n\n照旧。\n";
    let (_, report) = open(&[&house("")], &with_people(customers().into_iter().chain([record("r.md", text)])), "2026-01-01");
    let read: Vec<&str> = report.findings[0].reads.records().map(|id| &*id.0).collect();
    assert_eq!((&*report.findings[0].code, read), ("reference.dangling", vec!["C-2", "R-1"]));
}
