//! By which version of its type a record is read: that of its own day. The first version is of
//! January 2025, the second of July.

use super::{expect, found, house, open, record, with_people};
use crate::policy::RecordType;
use std::sync::Arc;

fn version(effective: &str, blocks: &str) -> String {
    format!(
        "---\npolicy: notes\ntitle: 记事\nstatus: in-force\neffective: {effective}\nowner: sales\n---\n# 记事\n\n## 第1条　记事\n\n{blocks}"
    )
}

/// A version of the type, by what it says beside id and label.
fn note(says: &str) -> String {
    format!("```yaml type\nid: note\nlabel: {{zh: 记事, en: Note}}\n{says}```\n")
}

fn first(says: &str) -> String {
    version("2025-01-01", &note(says))
}

fn second(says: &str) -> String {
    version("2025-07-01", &note(says))
}

const PLAIN: &str = "date: written\nmust: {written: date}\n";

/// A note of a day, with the lines of its front matter behind it.
fn of(id: &str, day: &str, lines: &str) -> (String, String) {
    record(&format!("{id}.md"), &format!("---\ntype: note\nid: {id}\nwritten: {day}\n{lines}---\n"))
}

/// The same lines in a note of June and in one of July.
fn before_and_after(lines: &str) -> Vec<(String, String)> {
    with_people([of("N-1", "2025-06-30", lines), of("N-2", "2025-07-01", lines)])
}

#[track_caller]
fn judged(policies: &[&str], records: &[(String, String)], expected: &str) {
    let house = house("");
    let policies: Vec<&str> = [&*house].into_iter().chain(policies.iter().copied()).collect();
    expect(&policies, records, "2026-01-01", expected);
}

/// The type by which a record is read.
fn read_by(policies: &[&str], records: &[(String, String)], id: &str) -> Option<Arc<RecordType>> {
    let house = house("");
    let policies: Vec<&str> = [&*house].into_iter().chain(policies.iter().copied()).collect();
    let (archive, _) = open(&policies, records, "2026-01-01");
    archive.record(&id.into()).expect("the record is there").record_type.clone()
}

#[test]
fn what_a_later_version_demands_is_not_demanded_of_older_records() {
    let later = second("date: written\nmust: {written: date, words: text}\n");
    judged(
        &[&first(PLAIN), &later],
        &before_and_after(""),
        "records/N-2.md:2:1 `type: note` error[structure.missing-field] 缺少words | 补写 words，用文字写明 | -",
    );
    judged(&[&first(PLAIN), &later], &before_and_after("words: 甲\n"), "");
}

/// Also in a row of a table.
#[test]
fn nor_is_a_column() {
    let rows = |columns: &str| format!("date: written\nmust: {{written: date}}\nmay: {{rows: [{columns}]}}\n");
    judged(
        &[&first(&rows("{on: date}")), &second(&rows("{on: date, by: text}"))],
        &before_and_after("rows: [{on: 2025-06-01}]\n"),
        "records/N-2.md:5:8 `{on: 2025-06-01}` error[structure.missing-field] 缺少rows.1.by | 补写 by，用文字写明 | -",
    );
    judged(
        &[&first(&rows("{on: date}")), &second(&rows("{on: date, by: text}"))],
        &before_and_after("rows: [{on: 2025-06-01, by: 甲}]\n"),
        "",
    );
}

#[test]
fn what_a_later_version_no_longer_knows_is_known_in_older_records() {
    let earlier = first("date: written\nmust: {written: date, words: text}\n");
    judged(
        &[&earlier, &second(PLAIN)],
        &before_and_after("words: 甲\n"),
        "records/N-2.md:5:1 `words` error[structure.unknown-field] “记事”没有字段“words” | 去掉这一项，或将其内容写入正文 | -",
    );
    judged(
        &[&earlier, &second(PLAIN)],
        &before_and_after(""),
        "records/N-1.md:2:1 `type: note` error[structure.missing-field] 缺少words | 补写 words，用文字写明 | -",
    );
}

/// A value that is dropped stays one of the older records; one that is new is theirs too, for they
/// are written on.
#[test]
fn the_values_of_an_enumeration_are_those_of_the_day_and_those_of_today() {
    let kinds = |kinds: &str| format!("date: written\nmust: {{written: date, kind: {kinds}}}\n");
    let versions = [first(&kinds("a | b")), second(&kinds("b | c"))];
    let versions = versions.each_ref().map(|text| &**text);
    judged(
        &versions,
        &before_and_after("kind: a\n"),
        "records/N-2.md:5:7 `a` error[structure.wrong-type] kind应为 b、c 之一，现为 a | 改写为如 b 的形式 | -",
    );
    judged(&versions, &before_and_after("kind: c\n"), "");
}

#[test]
fn sections_and_pairs_are_those_of_the_day() {
    let earlier = first("date: written\nmust: {written: date}\nmay: {one: text, other: text}\nsections: [经过]\n");
    let later =
        second("date: written\nmust: {written: date}\nmay: {one: text, other: text}\nsections: [经过, 结论]\nxor: [[one, other]]\n");
    let records = before_and_after("").into_iter().map(|(path, text)| {
        let text = if path.contains("/N-") { text + "## 经过\n\n甲。\n" } else { text };
        (path, text)
    });
    judged(
        &[&earlier, &later],
        &records.collect::<Vec<_>>(),
        "records/N-2.md:2:1 `type: note` error[structure.exactly-one] one 和 other 须写一个 | one 和 other 保留且只保留一个 | -
         records/N-2.md:2:1 `type: note` error[structure.section] 缺少“结论”一节 | 依次写明：经过、结论 | -",
    );
}

#[test]
fn before_any_version_declared_it_a_type_is_as_the_first_has_it() {
    let later = second("date: written\nmust: {written: date, words: text}\n");
    let last = version("2025-10-01", &note("date: written\nmust: {written: date, words: text, more: text}\n"));
    judged(
        &[&version("2025-01-01", ""), &later, &last],
        &with_people([of("N-1", "2024-01-01", "words: 甲\n"), of("N-2", "2025-06-30", "")]),
        "records/N-2.md:2:1 `type: note` error[structure.missing-field] 缺少words | 补写 words，用文字写明 | -",
    );
}

#[test]
fn when_no_version_declares_it_any_more_it_is_as_on_its_last_day() {
    let last = version("2025-10-01", "");
    judged(
        &[&first(PLAIN), &second("date: written\nmust: {written: date, words: text}\n"), &last],
        &with_people([of("N-1", "2025-06-30", ""), of("N-2", "2025-12-01", "")]),
        "records/N-2.md:2:1 `type: note` error[structure.missing-field] 缺少words | 补写 words，用文字写明 | -",
    );
}

#[test]
fn a_record_is_dated_by_the_field_of_its_own_version() {
    let renamed = second("date: made\nmust: {made: date, words: text}\nmay: {written: date}\n");
    let new = |id: &str, lines: &str| record(&format!("{id}.md"), &format!("---\ntype: note\nid: {id}\n{lines}---\n"));
    let made = "records/N-3.md:2:1 `type: note` error[structure.missing-field] 缺少made | 补写 made: 2026-03-04 | -";
    judged(
        &[&first(PLAIN), &renamed],
        &with_people([
            of("N-1", "2025-06-30", ""),
            new("N-2", "made: 2025-07-01\nwritten: 2025-01-01\nwords: 甲\n"),
            of("N-3", "2025-07-01", "words: 甲\n"),
        ]),
        made,
    );
    let dated = new("N-4", "made: 2025-06-30\nwritten: 2025-07-02\nwords: 甲\n");
    // Each version dates it into the time of the other: today's field decides.
    let own = read_by(&[&first(PLAIN), &renamed], &with_people([dated]), "N-4").expect("the type is there");
    assert_eq!(own.date.as_deref(), Some("written"));
}

/// What has no date, or none that can be read, is of today.
#[test]
fn an_undated_record_is_as_today() {
    let later = second("date: written\nmust: {written: date, words: text}\n");
    let told = "records/N-1.md:2:1 `type: note` error[structure.missing-field] 缺少words | 补写 words，用文字写明 | -";
    let blank =
        "records/N-1.md:4:10 `三月` error[structure.wrong-type] written应为日期（年-月-日），现为 三月 | 改写为如 2026-03-04 的形式 | -";
    judged(&[&first(PLAIN), &later], &with_people([of("N-1", "三月", "")]), &format!("{told}\n{blank}"));
}

#[test]
fn labels_of_the_day_are_read_and_so_is_the_label_that_the_type_had() {
    let old = "```yaml type\nid: note\nlabel: {zh: 旧记, en: Old}\ndate: written\nmust: {written: date}\nlabels: {written: {zh: 写于, en: On}}\n```\n";
    let text = "---\n类型: x\ntype: 旧记\nid: N-1\n写于: 2025-06-30\n---\n".replace("类型: x\n", "");
    judged(
        &[&version("2025-01-01", old), &second("date: written\nmust: {written: date, words: text}\n")],
        &with_people([record("N-1.md", &text)]),
        "",
    );
}

/// A rule that is written for another version of the type judges no record wrongly: what that
/// version may lack is missing, and what it must have is unknown.
#[test]
fn what_another_version_of_the_type_says_is_missing_or_unknown() {
    let rule = |id: &str, holds: &str| {
        format!(
            "```yaml rule\nid: {id}\nfor: archive\neach: n in records(\"note\")\nrequire: {holds}\nsay: {{zh: \"{{n.id}}\", en: n}}\n```\n\n"
        )
    };
    let rules = [
        rule("must", "n.words == '乙'"),
        rule("asks", "has(n.words)"),
        rule("may", "has(n.tone) && n.tone == 'soft'"),
        rule("searched", "records(\"note\").filter(m, m.words == '乙').size() == 0"),
        rule("kind", "n.kind == 'x'"),
    ];
    let later = "date: written\nmust: {written: date, words: text, kind: text}\nmay: {tone: soft | loud}\n";
    let earlier = "date: written\nmust: {written: date, kind: date}\n";
    let records = with_people([of("N-1", "2025-06-30", "kind: 2025-01-01\n"), of("N-2", "2025-07-01", "words: 甲\nkind: y\n")]);
    let house = house(&rules.concat());
    let told = found(&[&house, &first(earlier), &second(later)], &records, "2026-01-01", |words| &words.zh);
    let told: Vec<&str> =
        told.lines().map(|line| line.split_once(' ').map_or(line, |(_, rest)| rest.split(" | ").next().unwrap())).collect();
    let told: Vec<&str> = told.into_iter().filter_map(|line| line.split_once("error").map(|(_, rest)| rest)).collect();
    assert_eq!(told, ["[house.asks] N-1", "[house.may] N-1", "[house.kind] N-2", "[house.may] N-2", "[house.must] N-2"]);
}

#[test]
fn what_refers_is_found_whatever_its_version() {
    let rule = "```yaml rule\nid: one\nfor: customer\nrequire: linked(\"note\").size() == 2 && records(\"note\").size() == 3\nsay: {zh: \"{linked('note').size()}\", en: n}\n```\n";
    let versions =
        [first("date: written\nmust: {written: date, about: customer}\n"), second("date: written\nmust: {written: date, of: customer}\n")];
    let records = with_people([
        super::customer("C-1", "grade: A\nlimit: 0\n"),
        of("N-1", "2025-06-30", "about: C-1\n"),
        of("N-2", "2025-07-01", "of: C-1\n"),
        of("N-3", "2025-06-30", "about: lin\n"),
    ]);
    let wrong = "records/N-3.md:5:8 `lin` error[reference.wrong-type] lin 是“人员”，这里应为“客户” | 改为一份“客户”的编号 | -";
    expect(&[&house(rule), &versions[0], &versions[1]], &records, "2026-01-01", wrong);
}

/// A version that has ended means what it meant: a change in another rulebook later makes no
/// mistake of it.
#[test]
fn a_version_that_has_ended_is_read_with_the_rulebooks_of_its_time() {
    let rule = |effective: &str, holds: &str| {
        format!(
            "---\npolicy: rules\ntitle: 规则\nstatus: in-force\neffective: {effective}\nowner: sales\n---\n# 规则\n\n## 第1条　规则\n\n```yaml rule\nid: short\nfor: note\nrequire: {holds}\nsay: {{zh: 太长, en: long}}\nexamples:\n- holds: {{{}: 甲, written: 2025-01-01}}\n- breaks: {{{}: 甲乙丙, written: 2025-01-01}}\n```\n",
            holds.split('.').next().unwrap(),
            holds.split('.').next().unwrap()
        )
    };
    let (old, new) = (rule("2025-01-01", "words.size() < 3"), rule("2025-07-01", "text.size() < 3"));
    let notes =
        [first("date: written\nmust: {written: date, words: text}\n"), second("date: written\nmust: {written: date, text: text}\n")];
    judged(
        &[&notes[0], &notes[1], &old, &new],
        &with_people([of("N-1", "2025-06-30", "words: 甲乙丙\n"), of("N-2", "2025-07-01", "text: 甲乙丙\n")]),
        "records/N-1.md:5:8 `甲乙丙` error[rules.short] 太长 | - | 第1条
         records/N-2.md:5:7 `甲乙丙` error[rules.short] 太长 | - | 第1条",
    );
}
