use super::{customer, expect, found, house, record, with_people};

#[track_caller]
fn judged(text: &str, expected: &str) {
    expect(&[&house("")], &with_people([record("x.md", text)]), "2026-01-01", expected);
}

#[test]
fn a_record_that_holds_what_its_type_says_is_clean() {
    judged(
        "---\ntype: customer\nid: C-1\nname: 恒润\nopened: 2025-01-10\ngrade: B\n额度: 5000\nowner: mei\norders:\n- {date: 2025-02-01, amount: 10}\n---\n",
        "",
    );
}

#[test]
fn no_type_and_a_type_of_no_policy() {
    judged(
        "---\nname: 甲\n---\n",
        "records/x.md:1:1 `---` error[structure.type] 没有写明记录的类型 | 写明 type，如 customer、person、report、review | -",
    );
    judged(
        "---\ntype: custmer\n---\n",
        "records/x.md:2:1 `type: custmer` error[structure.type] 没有“custmer”这一类型 | 是不是“customer”？ | -",
    );
    judged(
        "---\ntype: 发票\n---\n",
        "records/x.md:2:1 `type: 发票` error[structure.type] 没有“发票”这一类型 | 写明 type，如 customer、person、report、review | -",
    );
}

#[test]
fn fields_unknown_missing_blank_and_written_twice() {
    judged(
        "---\ntype: customer\nid: C-1\nname:\nopened: 2025-01-10\ngarde: B\nlimit: 5000\n额度: 6000\nowner: mei\nactive:\ncontact: {persn: 王}\n---\n",
        "records/x.md:2:1 `type: customer` error[structure.missing-field] 缺少等级（grade） | 补写 grade: A | -
         records/x.md:4:1 `name` error[structure.blank] name是空的 | 填写 name，用文字写明 | -
         records/x.md:6:1 `garde` error[structure.unknown-field] “客户”没有字段“garde” | 是不是“grade”？ | -
         records/x.md:8:1 `额度` error[structure.duplicate-field] 字段“额度”已经写过 | 保留其中一处，去掉另一处 | -
         records/x.md:10:1 `active` warning[structure.blank] active是空的 | 填写，或去掉这一项 | -
         records/x.md:11:10 `{persn: 王}` error[structure.missing-field] 缺少contact.person | 补写 person，用文字写明 | -
         records/x.md:11:11 `persn` error[structure.unknown-field] contact 中没有字段“persn” | 是不是“person”？ | -",
    );
}

#[test]
fn values_of_the_wrong_type_say_what_was_expected() {
    judged(
        "---\ntype: customer\nid: C-1\nname: 甲\nopened: 2025-1-10\ngrade: E\nlimit: 五千\nowner: mei\norders:\n- {date: 2025-02-01, amount: 10}\n- {date: 昨天, amount: 20}\nactive: maybe\n---\n",
        "records/x.md:5:9 `2025-1-10` error[structure.wrong-type] opened应为日期（年-月-日），现为 2025-1-10 | 写成 2025-01-10 | -
         records/x.md:6:8 `E` error[structure.wrong-type] 等级（grade）应为 A、B、C 之一，现为 E | 改写为如 A 的形式 | -
         records/x.md:7:8 `五千` error[structure.wrong-type] 额度（limit）应为金额，现为 五千 | 改写为如 50000.00 的形式 | -
         records/x.md:11:10 `昨天` error[structure.wrong-type] orders.2.date应为日期（年-月-日），现为 昨天 | 改写为如 2026-03-04 的形式 | -
         records/x.md:12:9 `maybe` error[structure.wrong-type] active应为 yes 或 no，现为 maybe | 改写为如 yes 的形式 | -",
    );
    judged(
        "---\ntype: person\nid: x\nname: 甲\njoined: 2024-01-01\nreporting: [{from: 2024-01-01, department: salse}]\n---\n",
        "records/x.md:6:44 `salse` error[structure.wrong-type] reporting.1.department应为 finance、sales 之一，现为 salse | 是不是“sales”？ | -",
    );
}

#[test]
fn sections_missing_empty_and_out_of_order() {
    let head = "---\ntype: report\nid: R-1\ncustomer: C-1\nreported: 2025-05-01\n---\n";
    let judged = |body: &str, expected: &str| {
        let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("r.md", &format!("{head}{body}"))]);
        expect(&[&house("")], &records, "2026-01-01", expected);
    };
    judged("## 事实\n\n查实。\n\n## 结论\n\n照旧。\n", "");
    judged("## 事实\n\n查实。\n", "records/r.md:2:1 `type: report` error[structure.section] 缺少“结论”一节 | 依次写明：事实、结论 | -");
    judged(
        "## 结论\n\n照旧。\n\n## 事实\n",
        "records/r.md:7:1 `## 结论` error[structure.section] “结论”一节应在“事实”之后 | 依次写明：事实、结论 | -
         records/r.md:11:1 `## 事实` error[structure.section] “事实”一节是空的 | 写明内容；没有的，写“无”及其原因 | -",
    );
}

#[test]
fn a_rule_may_claim_the_sections_of_a_type() {
    let blocks =
        "```yaml rule\nid: format\nfor: report\nbuiltin: structure.section\nsay: {zh: 报告有两节, en: a report has two sections}\n```\n";
    let text = "---\ntype: report\nid: R-1\ncustomer: C-1\nreported: 2025-05-01\n---\n## 事实\n\n查实。\n";
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("r.md", text)]);
    expect(
        &[&house(blocks)],
        &records,
        "2026-01-01",
        "records/r.md:2:1 `type: report` error[house.format] 报告有两节：缺少“结论”一节 | 依次写明：事实、结论 | 第2条",
    );
}

#[test]
fn exactly_one_of_two() {
    let blocks = "```yaml type\nid: visit\nlabel: {zh: 访问, en: Visit}\nmay: {customer: customer, prospect: text, rows: [{a?: text, b?: text}]}\nxor: [[customer, prospect], [rows.a, rows.b]]\n```\n";
    let judged = |fields: &str, expected: &str| {
        let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("v.md", &format!("---\ntype: visit\n{fields}---\n"))]);
        expect(&[&house(blocks)], &records, "2026-01-01", expected);
    };
    judged("customer: C-1\n", "");
    judged(
        "",
        "records/v.md:2:1 `type: visit` error[structure.exactly-one] customer 和 prospect 须写一个 | customer 和 prospect 保留且只保留一个 | -",
    );
    judged(
        "customer:\nrows:\n- b:\n",
        "records/v.md:3:1 `customer` error[structure.exactly-one] customer 和 prospect 须写一个 | customer 和 prospect 保留且只保留一个 | -
         records/v.md:5:3 `b` error[structure.exactly-one] a 和 b 须写一个 | a 和 b 保留且只保留一个 | -",
    );
    judged(
        "customer: C-1\nprospect: 远大\nrows:\n- {a: 甲}\n- {a: 甲, b: 乙}\n",
        "records/v.md:4:1 `prospect` error[structure.exactly-one] customer 和 prospect 只能写一个 | customer 和 prospect 保留且只保留一个 | -
         records/v.md:7:10 `b` error[structure.exactly-one] a 和 b 只能写一个 | a 和 b 保留且只保留一个 | -",
    );
}

/// What is proposed never looks the same as what is written, without a word on what tells them
/// apart.
#[test]
fn characters_that_nobody_sees_are_named() {
    let told = |fields: &str| -> Vec<String> {
        let text = format!("---\ntype: customer\nid: C-1\nname: 甲\nopened: 2025-01-10\nlimit: 1\nowner: mei\n{fields}\n---\n");
        let (_, report) = super::open(&[&house("")], &with_people([record("x.md", &text)]), "2026-01-01");
        let of_structure = report.findings.into_iter().filter(|finding| finding.code.starts_with("structure."));
        of_structure.map(|finding| finding.fix.expect("a remedy").zh.to_string()).collect()
    };
    let unseen = |name: &str, number: &str| format!("重新打一遍“{name}”：现在写的里面有看不见的字符 {number}");
    assert_eq!(told("grade: A\u{200b}"), [unseen("A", "U+200B")]);
    assert_eq!(told("grade: A\nact\u{a0}ive: yes"), [unseen("active", "U+00A0")]);
    assert_eq!(told("grade: A\nacti\u{feff}ve: yes"), [unseen("active", "U+FEFF")]);
    assert_eq!(told("grade: \u{410}"), ["重新打一遍“A”：现在写的“\u{410}”是 U+0410，只是看上去一样"]);
    assert_eq!(told("grade: A\u{3000}"), [unseen("A", "U+3000")]);
    assert_eq!(told("grade: \"A\u{a0}\""), [unseen("A", "U+00A0")]);
    assert_eq!(told("grade: A\nactive: \u{a0}yes"), [unseen("yes", "U+00A0")]);
}

#[test]
fn what_must_be_there_is_shown_by_an_example_of_this_archive() {
    let told = |text: &str| -> Vec<String> {
        let (_, report) = super::open(&[&house("")], &with_people([record("x.md", text)]), "2026-01-01");
        report.findings.into_iter().map(|finding| finding.fix.expect("a remedy").zh.to_string()).collect()
    };
    let fixes = told("---\ntype: report\nid: R-1\n---\n## 事实\n\n见。\n\n## 结论\n\n照旧。\n");
    assert_eq!(fixes, ["补写 customer: 一份“客户”的编号", "补写 reported: 2026-03-04"]);
    let fixes = told("---\ntype: person\nid: x\nname: 甲\njoined: 2024-01-01\n---\n");
    assert_eq!(fixes, ["补写 reporting: [{from: 2026-03-04, department: finance}]；没有的，写 reporting: []"]);
}

#[test]
fn the_same_in_english() {
    let records =
        with_people([record("x.md", "---\ntype: customer\nid: C-1\nname: A\nopened: 2025-01-10\nlimit: many\nowner: mei\nphne: 1\n---\n")]);
    let found = found(&[&house("")], &records, "2026-01-01", |words| &words.en);
    assert_eq!(
        found,
        "records/x.md:2:1 `type: customer` error[structure.missing-field] Grade (grade) is missing | add grade: A | -\n\
         records/x.md:6:8 `many` error[structure.wrong-type] Limit (limit) should be an amount of money, and is many | write it like 50000.00 | -\n\
         records/x.md:8:1 `phne` error[structure.unknown-field] a “Customer” has no field “phne” | take it out, or say it in the body | -\n"
    );
}

/// YAML says so without quotes: it is nothing.
#[test]
fn null_is_blank_and_a_word_in_quotes() {
    let told = |value: &str| {
        let text = format!("---\ntype: customer\nid: C-1\nname: {value}\nopened: 2025-01-10\ngrade: B\nlimit: 1\nowner: mei\n---\n");
        super::open(&[&house("")], &with_people([record("x.md", &text)]), "2026-01-01")
            .1
            .findings
            .iter()
            .map(|finding| finding.code.to_string())
            .collect::<Vec<_>>()
    };
    for value in ["null", "~", "Null", "NULL", "", "~ # 待查"] {
        assert_eq!(told(value), ["structure.blank"], "{value}");
    }
    for value in ["\"null\"", "'Null'", "null 公司", "nuLL"] {
        assert_eq!(told(value), [""; 0], "{value}");
    }
}

#[test]
fn words_that_a_comment_cuts_short_are_told() {
    let told = |value: &str| {
        let text = format!(
            "---\ntype: customer\nid: C-1 # 编号\nname: {value}\nopened: 2025-01-10 # 建档\ngrade: B # 乙\nlimit: 1 # 元\nowner: mei # 梅\n---\n"
        );
        let found = super::open(&[&house("")], &with_people([record("x.md", &text)]), "2026-01-01").1.findings;
        found.iter().map(|finding| format!("{} {}", finding.code, finding.message.zh)).collect::<Vec<_>>()
    };
    for (value, comment) in [("第 #3 号", "#3 号"), ("海川 # 老客户", "# 老客户"), ("海川　#1", ""), ("海川\t#1", "#1")] {
        let expected: Vec<String> = Some(comment)
            .filter(|comment| !comment.is_empty())
            .into_iter()
            .map(|comment| format!("structure.cut-short name只读到这里：“{comment}”成了注释"))
            .collect();
        assert_eq!(told(value), expected, "{value}");
    }
    for value in ["\"第 #3 号\"", "第#3号", "'海川' # 老客户", "海川\n# 老客户"] {
        assert_eq!(told(value), [""; 0], "{value}");
    }
}

#[test]
fn a_slip_in_a_heading_is_told_at_its_line() {
    let told = |body: &str| {
        let text = format!("---\ntype: report\nid: R-1\ncustomer: C-1\nreported: 2025-05-01\n---\n{body}\n\n查实。\n\n## 结论\n\n照旧。\n");
        let (archive, report) =
            super::open(&[&house("")], &with_people([customer("C-1", "grade: A\nlimit: 0\n"), record("r.md", &text)]), "2026-01-01");
        let at = |finding: &crate::diagnostic::Finding| finding.span.map(|span| archive.sources.slice(span).to_owned()).unwrap_or_default();
        report.findings.iter().filter(|finding| &*finding.code == "structure.section").map(at).collect::<Vec<_>>()
    };
    for heading in ["##事实", "## 事实：", "＃＃ 事实", "## 一、事实", "# 事实", "**事实**", "事实："] {
        assert_eq!(told(heading), [heading], "{heading}");
    }
    assert_eq!(told("```\n## 事实：\n```"), ["type: report"], "what stands in a fence is no heading");
    assert_eq!(told("无标题的一段。"), ["type: report"]);
}
