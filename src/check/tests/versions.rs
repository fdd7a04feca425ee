//! By which version a record is judged: that of its own day, as far as that version stands.

use super::{customer, expect, house, open, record, with_people};
use crate::{
    approval::Approvals,
    archive::{Archive, Settings, shape},
    check::check,
    facts::Facts,
    policy::Policies,
    source::Sources,
};
use std::sync::Arc;

fn version(effective: &str, status: &str, blocks: &str) -> String {
    format!(
        "---\npolicy: credit\ntitle: 信用\nstatus: {status}\neffective: {effective}\nowner: sales\n---\n# 信用\n\n## 第1条　额度\n\n{blocks}"
    )
}

/// At most so much, as a setting of the version.
fn most(effective: &str, status: &str, most: &str) -> String {
    let rule =
        "```yaml rule\nid: most\nfor: customer\nrequire: limit <= settings.most\nsay: {zh: \"至多 {settings.most}\", en: most}\n```\n";
    version(effective, status, &format!("```yaml settings\nmost: {most}\n```\n\n{rule}"))
}

/// A customer with a limit of 150, opened on a day.
fn opened(id: &str, day: &str) -> (String, String) {
    let (path, text) = customer(id, "grade: A\nlimit: 150\n");
    (path, text.replace("2025-01-10", day))
}

const LATER: &str = "records/C-2.md:8:8 `150` error[credit.most] 至多 100 | - | 第1条";
const EARLIER: &str = "records/C-1.md:8:8 `150` error[credit.most] 至多 100 | - | 第1条";

/// C-1 is of January 2025, C-2 of August.
#[track_caller]
fn judged(versions: &[&str], expected: &str) {
    let house = house("");
    let policies: Vec<&str> = [&*house].into_iter().chain(versions.iter().copied()).collect();
    expect(&policies, &with_people([opened("C-1", "2025-01-10"), opened("C-2", "2025-08-01")]), "2026-01-01", expected);
}

#[test]
fn the_settings_are_those_of_the_version_of_the_records_day() {
    judged(&[&most("2025-01-01", "in-force", "200"), &most("2025-07-01", "in-force", "100")], LATER);
    judged(&[&most("2025-07-01", "in-force", "200"), &most("2025-01-01", "in-force", "100")], EARLIER);
}

#[test]
fn before_its_first_version_a_policy_binds_nobody() {
    judged(&[&most("2025-07-01", "in-force", "100")], LATER);
}

#[test]
fn one_on_trial_binds_like_one_in_force() {
    judged(&[&most("2025-01-01", "in-force", "200"), &most("2025-07-01", "trial", "100")], LATER);
}

#[test]
fn a_draft_binds_nobody_and_ends_nothing() {
    judged(&[&most("2025-01-01", "in-force", "100"), &most("2025-07-01", "draft", "200")], &format!("{EARLIER}\n{LATER}"));
    judged(&[&most("2025-01-01", "draft", "100")], "");
}

#[test]
fn one_that_is_not_yet_effective_binds_nobody_and_is_tried_all_the_same() {
    judged(&[&most("2025-01-01", "in-force", "200"), &most("2026-01-02", "in-force", "100")], "");
    let next =
        most("2026-01-02", "in-force", "100").replace("en: most}\n", "en: most}\nexamples:\n- holds: {limit: 101}\n- holds: {limit: 99}\n");
    judged(
        &[&next],
        "policies/1.md:22:3 `holds: {limit: 101}` error[policy.example] credit.most 的例子应当符合，却得到：至多 100 | 改正例子，或改正这一条 | 第1条",
    );
    judged(
        &[&next.replace("require: limit", "require: limti").replace("{limit: 101}", "{limit: 99}")],
        "policies/1.md:19:10 `limti` error[policy.expression] 没有名称“limti”，是不是“limit”？ | - | -",
    );
}

#[test]
fn a_withdrawn_one_ends_those_before_it_from_its_day_on() {
    let first = most("2025-01-01", "in-force", "100");
    let withdrawal = version("2025-07-01", "withdrawn", "自 2025 年 7 月 1 日起不再适用。\n");
    judged(&[&first, &withdrawal], EARLIER);
    judged(&[&withdrawal, &first], EARLIER);
    judged(&[&first, &version("2026-01-02", "withdrawn", "不再适用。\n")], &format!("{EARLIER}\n{LATER}"));
    judged(&[&first, &withdrawal, &most("2025-08-01", "in-force", "100")], &format!("{EARLIER}\n{LATER}"));
}

/// The records of a type are read, and those of its time judged, when the policy that declares it
/// is gone.
#[test]
fn the_records_of_a_withdrawn_policys_own_type_are_judged_by_the_version_of_their_day() {
    let blocks = "```yaml type\nid: note\nlabel: {zh: 记事, en: Note}\ndate: written\nmust: {written: date, words: text}\n```\n\n```yaml rule\nid: short\nfor: note\nrequire: words.size() < 3\nsay: {zh: 太长, en: long}\n```\n";
    let note =
        |id: &str, day: &str| record(&format!("{id}.md"), &format!("---\ntype: note\nid: {id}\nwritten: {day}\nwords: 甲乙丙\n---\n"));
    let records = with_people([note("N-1", "2025-06-30"), note("N-2", "2025-07-01")]);
    let (first, last) = (version("2025-01-01", "in-force", blocks), version("2025-07-01", "withdrawn", ""));
    let told = "records/N-1.md:5:8 `甲乙丙` error[credit.short] 太长 | - | 第1条";
    expect(&[&house(""), &first, &last], &records, "2026-01-01", told);
}

/// The block that stands today is the one to mend; an older one does not take its place.
#[test]
fn a_type_with_a_mistake_is_not_read_as_an_older_version_has_it() {
    let first = version("2025-01-01", "in-force", "```yaml type\nid: note\nlabel: {zh: 记事, en: Note}\nmust: {words: text}\n```\n");
    let broken = version("2025-07-01", "in-force", "```yaml type\nid: note\nlabel: {zh: 记事, en: Note}\nmust: {words: txet}\n```\n");
    let (archive, _) = open(&[&house(""), &first, &broken], &with_people([]), "2026-01-01");
    assert!(!archive.policies.types.contains_key("note"));
}

#[test]
fn the_blocks_of_one_that_withdraws_bind_nobody_and_their_mistakes_are_not_told() {
    let whole = most("2025-07-01", "withdrawn", "100").replace("limit <=", "limti <=");
    judged(&[&most("2025-01-01", "in-force", "200"), &whole], "");
}

#[test]
fn to_write_withdrawn_into_the_only_version_is_told() {
    judged(
        &[&most("2025-01-01", "withdrawn", "100")],
        "policies/1.md:4:9 `withdrawn` error[policy.status] 制度“credit”没有更早的版本可废止；此前的档案也不再受它约束 | 原文件保持不变；另写一份同一编号的文件，status 写 withdrawn，effective 写废止之日 | -",
    );
}

#[test]
fn a_withdrawal_on_the_day_of_another_version_is_told() {
    judged(
        &[&most("2025-01-01", "in-force", "200"), &most("2025-07-01", "in-force", "200"), &version("2025-07-01", "withdrawn", "")],
        "policies/3.md:5:12 `2025-07-01` error[policy.status] 制度“credit”有两个版本自同一天起施行 | - | -",
    );
}

#[test]
fn the_chain_is_that_of_the_version_of_the_records_day() {
    let rule = "```yaml rule\nid: signed\nfor: review\nrequire: approved(self)\nsay: {zh: 未批, en: a}\n```\n";
    let review = |id: &str, day: &str| {
        record(&format!("{id}.md"), &format!("---\ntype: review\nid: {id}\ncustomer: C-1\neffective: {day}\nto_grade: A\n---\n"))
    };
    let chain = version("2025-07-01", "in-force", "```yaml approval\nfor: review\nsteps: [chief]\n```\n");
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), review("V-1", "2025-06-30"), review("V-2", "2025-07-01")]);
    let none = version("2025-01-01", "in-force", "");
    expect(
        &[&house(rule), &none, &chain],
        &records,
        "2026-01-01",
        "records/V-2.md:2:1 `type: review` error[house.signed] 未批 | - | 第2条",
    );
    expect(
        &[&house(rule), &none, &chain, &version("2025-06-15", "withdrawn", "")],
        &records,
        "2026-01-01",
        "records/V-2.md:2:1 `type: review` error[house.signed] 未批 | - | 第2条",
    );
}

/// Every finding of `policies/1.md` and of the records, those about approval of the policy itself
/// too.
fn told(policies: &[&str], records: &[(String, String)]) -> Vec<String> {
    let policies = policies.iter().enumerate().map(|(i, text)| (format!("policies/{i}.md"), (*text).to_owned()));
    let sources = Arc::new(Sources::from_memory(policies.chain(records.iter().cloned())));
    let today = shape::date("2026-01-01").expect("a day");
    let compiled = Arc::new(Policies::compile(&sources, today));
    let archive = Archive::build(sources, compiled, Settings::default());
    let report = check(Facts::many(&archive, &Approvals::judge(&archive, today), today));
    let told = report.findings.iter().filter(|finding| finding.severity == crate::diagnostic::Severity::Error);
    let file = |finding: &crate::diagnostic::Finding| finding.span.map_or("", |span| &*archive.sources.file(span.file).path.0).to_owned();
    told.filter(|finding| file(finding) != "policies/0.md")
        .map(|finding| format!("{} {} {}", file(finding), finding.code, finding.message.zh))
        .collect()
}

#[test]
fn one_that_is_not_approved_is_told_and_stands_all_the_same() {
    let house = house("```yaml approval\nfor: policy\nsteps: [chief]\n```\n");
    let records = with_people([opened("C-1", "2025-01-10"), opened("C-2", "2025-08-01")]);
    let first = most("2025-01-01", "in-force", "100");
    let unapproved = "policies/1.md policy.approved 制度自 2025-01-01 起施行，此前未经“总管”有效审批";
    let broken = ["records/C-1.md credit.most 至多 100", "records/C-2.md credit.most 至多 100"];
    assert_eq!(told(&[&house, &first], &records), [unapproved, broken[0], broken[1]]);
    let withdrawal = version("2025-07-01", "withdrawn", "");
    let unapproved_too = "policies/2.md policy.approved 制度自 2025-07-01 废止，此前未经“总管”有效审批";
    assert_eq!(told(&[&house, &first, &withdrawal], &records), [unapproved, unapproved_too, broken[0]]);
    assert_eq!(told(&[&house, &version("2025-01-01", "draft", "")], &records), [""; 0]);
}

/// Otherwise whoever wants no approval would begin by withdrawing the rulebook that demands it.
#[test]
fn the_policy_that_demands_approval_is_withdrawn_by_approval() {
    let demanding = version("2025-01-01", "in-force", "```yaml approval\nfor: policy\nsteps: [chief]\n```\n");
    let told = told(&[&house(""), &demanding, &version("2025-07-01", "withdrawn", "")], &with_people([]));
    assert_eq!(
        told,
        [
            "policies/1.md policy.approved 制度自 2025-01-01 起施行，此前未经“总管”有效审批",
            "policies/2.md policy.approved 制度自 2025-07-01 废止，此前未经“总管”有效审批",
        ]
    );
}

/// Each record counts for the block of the version that judges it.
#[test]
fn tallies_are_kept_version_by_version() {
    let (archive, report) = open(
        &[&house(""), &most("2025-01-01", "in-force", "200"), &most("2025-07-01", "in-force", "100")],
        &with_people([opened("C-1", "2025-01-10"), opened("C-2", "2025-08-01"), opened("C-3", "2025-09-01")]),
        "2026-01-01",
    );
    let policies = &archive.policies;
    let credit = policies.versions.iter().filter(|version| &*version.id == "credit");
    let tallies = credit.flat_map(|version| policies.places(version).zip(&version.blocks));
    let tallies: Vec<_> = tallies.map(|(place, block)| (&*block.id, report.tallies.get(place))).collect();
    let tally = |judged, broken| crate::check::Tally { judged, broken, ..crate::check::Tally::default() };
    let none = ("credit.settings", tally(0, 0));
    assert_eq!(tallies, [none, ("credit.most", tally(1, 0)), none, ("credit.most", tally(2, 2))]);
}
