use super::{customer, expect, expect_due, house, open, record, with_people};
use crate::{approval::Approvals, archive::shape, check, facts::Facts};

const CADENCE: &str = "```yaml duty
id: cadence
for: customer
where: \"!has(active) || active\"
need: report
match: has(it.kind) && it.kind == \"regular\"
from: opened
every: {by: grade, A: 6 months, B: 1 month, C: 2 years}
grace: 'bind(r, latest(linked(\"review\"), effective), has(r) ? r.effective + days(15) : opened)'
ahead: 10
who: [department finance, owner]
say: {zh: \"{name}（{grade}）须写报告\", en: \"a report on {name}\"}
fix: {zh: 写报告, en: write it}
```
";

fn report(id: &str, day: &str, kind: &str) -> (String, String) {
    let text = format!("---\ntype: report\nid: {id}\ncustomer: C-1\nreported: {day}\nkind: {kind}\n---\n## 事实\n\n甲\n\n## 结论\n\n乙\n");
    record(&format!("{id}.md"), &text)
}

#[track_caller]
fn due(records: &[(String, String)], on: &str, expected: &str) {
    let records = with_people([customer("C-1", "grade: B\nlimit: 0\n")].into_iter().chain(records.iter().cloned()));
    expect_due(&[&house(CADENCE)], &records, on, expected);
}

#[test]
fn the_first_period_counts_from_the_day_named() {
    due(&[], "2025-01-30", "");
    due(&[], "2025-01-31", "2025-02-10 house.cadence C-1 due 10 finance[wu,mei] 恒润纺织（B）须写报告");
    due(&[], "2025-02-10", "2025-02-10 house.cadence C-1 due 0 finance[wu,mei] 恒润纺织（B）须写报告");
    due(&[], "2025-02-11", "2025-02-10 house.cadence C-1 overdue 1 finance[wu,mei] 恒润纺织（B）须写报告");
}

#[test]
fn the_latest_that_matches_starts_the_next_period() {
    let reports = [report("R-1", "2025-03-31", "regular"), report("R-2", "2025-04-20", "urgent")];
    due(&reports, "2025-04-30", "2025-04-30 house.cadence C-1 due 0 finance[wu,mei] 恒润纺织（B）须写报告");
}

#[test]
fn it_does_not_fall_due_before_its_grace() {
    let review = |id: &str, effective: &str, grade: &str| {
        let text = format!("---\ntype: review\nid: {id}\ncustomer: C-1\neffective: {effective}\nto_grade: {grade}\n---\n");
        record(&format!("{id}.md"), &text)
    };
    let reviews = [review("V-1", "2025-01-10", "C"), review("V-2", "2025-02-05", "B")];
    due(&reviews, "2025-02-12", "2025-02-20 house.cadence C-1 due 8 finance[wu,mei] 恒润纺织（B）须写报告");
    // Before the first of them nothing says by which period to count.
    due(&reviews[1..], "2025-03-01", "2025-03-05 house.cadence C-1 due 4 finance[wu,mei] 恒润纺织（B）须写报告");
}

#[test]
fn one_that_is_overdue_is_a_finding_that_says_since_when_and_who() {
    let records = with_people([
        customer("C-1", "grade: B\nlimit: 0\n"),
        customer("C-2", "grade: C\nlimit: 0\n"),
        customer("C-3", "grade: A\nlimit: 0\nactive: no\n"),
    ]);
    expect(
        &[&house(CADENCE)],
        &records,
        "2025-03-01",
        "records/C-1.md:2:1 `type: customer` warning[house.cadence] 恒润纺织（B）须写报告；应于 2025-02-10 完成，已逾期 19 天，由财务部、梅兰（mei）负责 | 写报告 | 第2条",
    );
}

#[test]
fn a_field_of_a_row_is_to_be_filled_by_its_date() {
    let blocks = "```yaml duty\nid: paid\nfor: customer\neach: o in orders\nwhere: has(o.due)\nneed: o.paid\nby: o.due\nwho: clerk\nseverity: error\n```\n";
    let orders = "grade: A\nlimit: 0\norders:\n- {date: 2025-01-01, amount: 1, due: 2025-02-01, paid: 2025-01-30}\n- {date: 2025-01-01, amount: 2, due: 2025-02-01}\n- {date: 2025-01-01, amount: 3, due: 2025-02-20}\n- {date: 2025-01-01, amount: 4, due: 2025-03-05}\n- {date: 2025-01-01, amount: 5}\n";
    let records = with_people([customer("C-1", orders)]);
    expect_due(
        &[&house(blocks)],
        &records,
        "2025-02-10",
        "2025-02-01 house.paid C-1 overdue 9 clerk[mei,wu] o.paid 未填写
         2025-02-20 house.paid C-1 due 10 clerk[mei,wu] o.paid 未填写",
    );
    expect(
        &[&house(blocks)],
        &records,
        "2025-02-10",
        "records/C-1.md:11:3 `{date: 2025-01-01, amount: 2, due: 2025-02-01}` error[house.paid] o.paid 未填写；应于 2025-02-01 完成，已逾期 9 天，由办事员负责 | - | 第2条",
    );
}

#[test]
fn once_within_a_time_and_done_by_a_record() {
    let blocks = "```yaml duty\nid: first\nfor: customer\nneed: report\nfrom: opened\nwithin: days(5)\nwho: owner\n```\n";
    let customers = with_people([customer("C-1", "grade: A\nlimit: 0\n"), {
        let mut c = customer("C-2", "grade: A\nlimit: 0\n");
        c.1 = c.1.replace("C-1", "C-2");
        c
    }]);
    let records: Vec<_> = customers.into_iter().chain([report("R-1", "2025-05-01", "urgent")]).collect();
    let of = |id: &str| format!("2025-01-15 house.first {id} overdue 1 -[mei] 缺少报告");
    // A report that lies in the future is none yet.
    expect_due(&[&house(blocks)], &records, "2025-01-16", &format!("{}\n{}", of("C-1"), of("C-2")));
    let done = record(
        "R-2.md",
        "---\ntype: report\nid: R-2\ncustomer: C-1\nreported: 2025-01-15\nkind: urgent\n---\n## 事实\n\n甲\n\n## 结论\n\n乙\n",
    );
    let records: Vec<_> = records.into_iter().chain([done]).collect();
    expect_due(&[&house(blocks)], &records, "2025-01-16", &of("C-2"));
}

#[test]
fn a_duty_of_the_archive_for_each_year() {
    let blocks = "```yaml duty\nid: yearly\nfor: archive\neach: {y: \"years(2024, year(today))\"}\nneed: report\nmatch: year(it.reported) == y\nby: date_of_year\nwho: chief\n```\n"
        .replace("date_of_year", "2024-12-31 + months(12) * (y - 2024)");
    let blocks = blocks.replace("2024-12-31 + months(12) * (y - 2024)", "bind(start, 2023-12-31, start + months(12 * (y - 2023)))");
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), report("R-1", "2025-05-01", "regular")]);
    expect_due(
        &[&house(&blocks)],
        &records,
        "2026-12-20",
        "2024-12-31 house.yearly - overdue 719 chief[lin] 缺少报告
         2026-12-31 house.yearly - due 11 chief[lin] 缺少报告",
    );
    expect(
        &[&house(&blocks)],
        &records,
        "2025-12-20",
        "policies/0.md:60:4 `yaml duty` warning[house.yearly] 缺少报告；应于 2024-12-31 完成，已逾期 354 天，由总管负责 | - | 第2条",
    );
}

#[test]
fn what_a_record_yet_to_be_written_would_do_is_known_long_before() {
    let records = with_people([customer("C-1", "grade: C\nlimit: 0\n"), report("R-1", "2025-05-01", "regular")]);
    let (archive, report) = open(&[&house(CADENCE)], &records, "2025-06-01");
    assert_eq!(report.duties, []);
    let approvals = Approvals::judge(&archive, shape::date("2025-06-01").unwrap());
    let facts = Facts::new(&archive, &approvals, shape::date("2025-06-01").unwrap());
    let awaited = |needed: &str| {
        let found = check::awaited(archive.record(&"C-1".into()).unwrap(), needed, &facts);
        found.iter().map(|due| format!("{} {} in {}", due.due, due.duty, due.days)).collect::<Vec<_>>()
    };
    assert_eq!(awaited("report"), ["2027-05-01 house.cadence in 699"]);
    assert_eq!(awaited("review"), [""; 0]);
}
