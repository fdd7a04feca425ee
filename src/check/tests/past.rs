//! What was so, and what counts: duties over time, rules at a day, what is superseded, disposed of
//! and dealt with.

use super::{lines, open, record};
use crate::diagnostic::FindingState;
use std::fmt::Write;

/// A little rulebook of credit: customers whose grade follows from reviews, orders, reports, notes
/// and disposals.
fn book(effective: &str, blocks: &str) -> String {
    format!(
        "---
policy: credit
title: 试验制度
status: in-force
effective: {effective}
owner: sales
---
# 试验制度

## 第1条　类型

```yaml posts
posts:
  chief: {{label: {{zh: 总管, en: Chief}}, held_by: [{{person: lin, from: 2024-01-01}}]}}
departments:
  sales: {{label: {{zh: 销售部, en: Sales}}, head: lin}}
```

```yaml type
id: person
label: {{zh: 人员, en: Person}}
as: person
title: name
must: {{name: text, joined: date, reporting: [{{from: date, department: department, superior?: person}}]}}
may: {{left: date}}
```

```yaml type
id: customer
label: {{zh: 客户, en: Customer}}
must: {{name: text, grade: A | B | C, opened: date}}
may:
  orders: [{{date: date, amount: money, paid?: date}}]
  called: date
  outcome: text
history:
  grade: {{from: review, at: effective, value: to_grade}}
```

```yaml type
id: review
label: {{zh: 核查, en: Review}}
date: date
must: {{customer: customer, date: date, to_grade: A | B | C, effective: date}}
```

```yaml type
id: report
label: {{zh: 报告, en: Report}}
prefix: R
date: reported
must: {{customer: customer, reported: date}}
sections: [事实]
```

```yaml type
id: disposal
as: disposal
label: {{zh: 销毁, en: Disposal}}
date: date
must: {{disposed: list of text, date: date}}
```

```yaml type
id: note
as: breach-note
label: {{zh: 说明, en: Note}}
must: {{rule: text, record: record, day: date, done: text}}
```

## 第2条　规定

{blocks}
"
    )
}

const CADENCE: &str = "```yaml duty
id: cadence
for: customer
need: report
from: opened
every: {by: grade, A: 6 months, B: 3 months, C: 1 month}
grace: 'linked(\"review\").filter(r, r.effective <= today).map(r, r.effective + days(15)).max()'
who: chief
say: {zh: \"{grade} 级须报告\", en: \"a report, grade {grade}\"}
```
";

fn customer(rest: &str) -> (String, String) {
    record("C.md", &format!("---\ntype: customer\nid: C\nname: 恒润\ngrade: B\nopened: 2025-01-10\n{rest}---\n"))
}

fn report(id: &str, day: &str, rest: &str) -> (String, String) {
    let text = format!("---\ntype: report\nid: {id}\ncustomer: C\nreported: {day}\n{rest}---\n## 事实\n\n甲\n");
    record(&format!("{id}.md"), &text)
}

fn review(id: &str, effective: &str, grade: &str) -> (String, String) {
    let text = format!("---\ntype: review\nid: {id}\ncustomer: C\ndate: {effective}\nto_grade: {grade}\neffective: {effective}\n---\n");
    record(&format!("{id}.md"), &text)
}

/// Every finding with its state, and every duty.
#[track_caller]
fn expect(policies: &[&str], records: &[(String, String)], on: &str, expected: &str) {
    let people = "---\ntype: person\nid: lin\nname: 林总\njoined: 2024-01-01\nreporting: [{from: 2024-01-01, department: sales}]\n---\n";
    let records: Vec<_> = records.iter().cloned().chain([record("lin.md", people)]).collect();
    let (_, found) = open(policies, &records, on);
    let mut text = String::new();
    for finding in found.findings.iter().chain(&found.past) {
        let state = match &finding.state {
            FindingState::Open { since } => format!("open {}", since.map_or("-".to_owned(), |day| day.to_string())),
            FindingState::Past(past) => {
                let by = past.superseded_by.as_ref().or(past.dealt_with.as_ref()).map_or(String::new(), |by| format!(" by {by}"));
                format!("past {}..{}{by}", past.since.map_or("-".to_owned(), |day| day.to_string()), past.until)
            }
        };
        writeln!(text, "{state} {} {}", finding.code, finding.message.zh).expect("a string takes text");
    }
    for due in found.duties.iter().filter(|due| due.superseded_by.is_none()) {
        writeln!(text, "due {} {}", due.due, due.duty).expect("a string takes text");
    }
    assert_eq!(lines(&text), lines(expected), "\nfound:\n{text}");
}

fn cadence(records: &[(String, String)], on: &str, expected: &str) {
    let records: Vec<_> = records.iter().cloned().chain([customer("")]).collect();
    expect(&[&book("2024-01-01", CADENCE)], &records, on, expected);
}

#[test]
fn a_gap_stays_a_breach_when_a_later_record_stands() {
    let reports = [report("R-1", "2025-03-01", ""), report("R-2", "2025-09-01", "")];
    let gap = "past 2025-06-02..2025-09-01 credit.cadence B 级须报告；应于 2025-06-01 完成，2025-09-01 才完成，迟 92 天，由总管负责";
    cadence(&reports, "2025-11-01", gap);
    cadence(&reports, "2025-12-01", &format!("{gap}\ndue 2025-12-01 credit.cadence"));
    // As long as the later one has not come, it is overdue.
    cadence(
        &reports,
        "2025-06-03",
        "open 2025-06-02 credit.cadence B 级须报告；应于 2025-06-01 完成，已逾期 2 天，由总管负责
         due 2025-06-01 credit.cadence",
    );
    // On the very day that it was due it is in time.
    cadence(&[report("R-1", "2025-04-10", "")], "2025-05-01", "");
    cadence(
        &[report("R-1", "2025-04-11", "")],
        "2025-05-01",
        "past 2025-04-11..2025-04-11 credit.cadence B 级须报告；应于 2025-04-10 完成，2025-04-11 才完成，迟 1 天，由总管负责",
    );
}

#[test]
fn each_period_goes_by_what_applied_in_it() {
    let reviews = |more: &[(String, String)]| [&[review("V-1", "2025-01-10", "A"), review("V-2", "2025-08-01", "C")], more].concat();
    // Half a year at grade A, then monthly, with 15 days to prepare.
    cadence(&reviews(&[report("R-1", "2025-07-05", ""), report("R-2", "2025-08-16", "")]), "2025-09-05", "due 2025-09-16 credit.cadence");
    cadence(
        &reviews(&[report("R-1", "2025-07-05", ""), report("R-2", "2025-08-20", "")]),
        "2025-09-01",
        "past 2025-08-17..2025-08-20 credit.cadence C 级须报告；应于 2025-08-16 完成，2025-08-20 才完成，迟 4 天，由总管负责",
    );
    // What became overdue by a stricter grade, and no longer is by a milder one, is over without a
    // report.
    cadence(
        &reviews(&[report("R-1", "2025-07-05", ""), review("V-3", "2025-09-10", "A")]),
        "2025-10-01",
        "past 2025-08-17..2025-09-09 credit.cadence C 级须报告；应于 2025-08-16 完成，至 2025-09-09 未完成，由总管负责",
    );
}

#[test]
fn a_period_may_change_on_a_day_that_the_policy_names() {
    let strict = CADENCE
        .replace("B: 3 months", "B: \"today < settings.strict_from ? 6 months : 1 month\"")
        .replace("grace: 'linked(\"review\").filter(r, r.effective <= today).map(r, r.effective + days(15)).max()'\n", "");
    let policy = book("2024-01-01", &format!("{strict}\n```yaml settings\nstrict_from: 2025-06-01\n```\n"));
    let records = [report("R-1", "2025-03-01", ""), customer("")];
    expect(&[&policy], &records, "2025-05-17", "");
    // Brought forward by the change, it falls due on the day of the change, and not months before.
    let overdue = "open 2025-06-02 credit.cadence B 级须报告；应于 2025-06-01 完成，已逾期 1 天，由总管负责\ndue 2025-06-01 credit.cadence";
    expect(&[&policy], &records, "2025-06-02", overdue);
}

#[test]
fn a_later_version_counts_from_the_day_on_which_it_takes_effect() {
    let yearly = CADENCE.replace("A: 6 months, B: 3 months, C: 1 month", "A: 12 months, B: 12 months, C: 12 months");
    let (old, new) = (book("2024-01-01", &yearly), book("2025-09-01", CADENCE));
    let records = [report("R-1", "2025-02-01", ""), customer("")];
    // Seven months were allowed then; by the new version it falls due on its first day, and not
    // before.
    expect(&[&old, &new], &records, "2025-08-31", "");
    expect(&[&old, &new], &records, "2025-09-01", "due 2025-09-01 credit.cadence");
    let late = "past 2025-09-02..2025-09-04 credit.cadence B 级须报告；应于 2025-09-01 完成，2025-09-04 才完成，迟 3 天，由总管负责";
    expect(&[&old, &new], &[records.to_vec(), vec![report("R-2", "2025-09-04", "")]].concat(), "2025-10-01", late);
    // Before the first version took effect nothing was owed.
    let first = book("2025-06-01", CADENCE);
    expect(&[&first], &[customer("")], "2025-09-01", "due 2025-09-01 credit.cadence");
}

#[test]
fn what_is_empty_in_the_future_or_of_a_later_day_does_no_duty() {
    let overdue = "open 2025-04-11 credit.cadence B 级须报告；应于 2025-04-10 完成，已逾期 1 天，由总管负责
        due 2025-04-10 credit.cadence";
    cadence(&[report("R-1", "2025-05-01", "")], "2025-04-11", overdue);
    let empty = record("R-1.md", "---\ntype: report\nid: R-1\ncustomer: C\nreported: 2025-04-01\n---\n## 事实\n");
    cadence(&[empty], "2025-04-11", &overdue.replace("\n", "\nopen - structure.section “事实”一节是空的\n"));
}

#[test]
fn a_deed_with_a_date_is_compared_with_its_day() {
    let blocks = "```yaml duty
id: called
for: customer
need: called
from: opened
within: days(10)
who: chief
say: {zh: 须去电, en: a call}
```

```yaml duty
id: outcome
for: customer
need: outcome
done: called
by: opened + days(5)
who: chief
say: {zh: 须有结果, en: an outcome}
```
";
    let policy = book("2024-01-01", blocks);
    let on = |rest: &str, expected: &str| expect(&[&policy], &[customer(rest)], "2025-02-01", expected);
    on("called: 2025-01-15\noutcome: 好\n", "");
    on(
        "called: 2025-01-22\noutcome: 好\n",
        "past 2025-01-21..2025-01-22 credit.called 须去电；应于 2025-01-20 完成，2025-01-22 才完成，迟 2 天，由总管负责
         past 2025-01-16..2025-01-22 credit.outcome 须有结果；应于 2025-01-15 完成，2025-01-22 才完成，迟 7 天，由总管负责",
    );
    // What lies before the thing that it answers, or in the future, has not been done.
    on(
        "called: 2025-01-09\noutcome: 好\n",
        "open 2025-01-21 credit.called 须去电；应于 2025-01-20 完成，已逾期 12 天，由总管负责
         due 2025-01-20 credit.called",
    );
    on(
        "called: 2025-02-02\noutcome: 好\n",
        "open 2025-01-21 credit.called 须去电；应于 2025-01-20 完成，已逾期 12 天，由总管负责
         open 2025-01-16 credit.outcome 须有结果；应于 2025-01-15 完成，已逾期 17 天，由总管负责
         due 2025-01-15 credit.outcome
         due 2025-01-20 credit.called",
    );
}

const AT_ORDER: &str = "```yaml rule
id: order-report
for: customer
each: o in orders
on: o.date
until: o.paid
when: grade == \"C\"
require: linked(\"report\").exists(r, o.date - r.reported <= days(30))
at: o.date
say: {zh: \"{o.date} 的订单没有报告\", en: no report}
examples: [{holds: {grade: C, orders: []}}]
```
";

#[test]
fn a_rule_is_judged_at_the_day_that_it_names() {
    let policy = book("2024-01-01", AT_ORDER);
    let orders = |paid: &str| customer(&format!("orders: [{{date: 2025-03-01, amount: 5{paid}}}]\n"));
    let on = |records: &[(String, String)], day: &str, expected: &str| expect(&[&policy], records, day, expected);
    let c = review("V-1", "2025-02-01", "C");
    // The file says B today: on the day of the order the grade was C.
    on(&[orders(""), c.clone()], "2025-04-01", "open 2025-03-01 credit.order-report 2025-03-01 的订单没有报告");
    on(
        &[orders(", paid: 2025-03-20"), c.clone()],
        "2025-04-01",
        "past 2025-03-01..2025-03-20 credit.order-report 2025-03-01 的订单没有报告",
    );
    // What came later cures nothing; what was there then, does.
    on(
        &[orders(""), c.clone(), report("R-1", "2025-03-02", "")],
        "2025-04-01",
        "open 2025-03-01 credit.order-report 2025-03-01 的订单没有报告",
    );
    on(&[orders(""), c.clone(), report("R-1", "2025-02-20", "")], "2025-04-01", "");
    on(&[orders(""), review("V-1", "2025-03-02", "C")], "2025-04-01", "");
    // An order of the future is not judged yet, one of before the policy never.
    on(&[orders(""), c.clone()], "2025-02-28", "");
    expect(&[&book("2025-03-02", AT_ORDER)], &[orders(""), c], "2025-04-01", "");
}

#[test]
fn a_rule_without_an_end_is_of_its_day_alone() {
    let policy = book("2024-01-01", &AT_ORDER.replace("until: o.paid\n", ""));
    let records = [customer("orders: [{date: 2025-03-01, amount: 5}]\n"), review("V-1", "2025-02-01", "C")];
    expect(&[&policy], &records, "2025-03-01", "open 2025-03-01 credit.order-report 2025-03-01 的订单没有报告");
    expect(&[&policy], &records, "2025-03-02", "past 2025-03-01..2025-03-01 credit.order-report 2025-03-01 的订单没有报告");
}

#[test]
fn each_version_judges_the_days_on_which_it_bound() {
    let milder = AT_ORDER.replace("days(30)", "days(90)");
    let (old, new) = (book("2024-01-01", &milder), book("2025-06-01", AT_ORDER));
    let orders = "orders:\n- {date: 2025-05-01, amount: 5, paid: 2025-05-02}\n- {date: 2025-06-01, amount: 5, paid: 2025-06-02}\n";
    let records = [customer(orders), review("V-1", "2025-02-01", "C"), report("R-1", "2025-03-15", "")];
    expect(&[&old, &new], &records, "2025-07-01", "past 2025-06-01..2025-06-02 credit.order-report 2025-06-01 的订单没有报告");
}

#[test]
fn what_is_superseded_counts_no_longer_and_its_findings_are_over() {
    let blocks = "```yaml rule
id: once
for: customer
require: linked(\"report\").size() <= 1
say: {zh: '报告有 {linked(\"report\").size()} 份', en: too many}
examples: [{holds: {}}]
```

```yaml rule
id: never-first
for: report
require: day(reported) != 1
say: {zh: 不得在一日, en: not on the first}
examples: [{holds: {reported: 2025-01-02}}]
```
";
    let policy = book("2024-01-01", blocks);
    let first = report("R-1", "2025-03-01", "");
    let on = |later: &[(String, String)], day: &str, expected: &str| {
        expect(&[&policy], &[&[customer(""), first.clone()], later].concat(), day, expected);
    };
    on(&[], "2025-04-01", "open - credit.never-first 不得在一日");
    let correction = [report("R-2", "2025-03-10", "supersedes: R-1\n")];
    on(&correction, "2025-04-01", "past -..2025-03-10 by R-2 credit.never-first 不得在一日");
    // Before its day it has superseded nothing.
    on(&correction, "2025-03-05", "open - credit.never-first 不得在一日");
    // One that is not whole supersedes nothing, nor does one of another customer.
    let empty = record("R-2.md", "---\ntype: report\nid: R-2\ncustomer: C\nreported: 2025-03-10\nsupersedes: R-1\n---\n");
    on(&[empty], "2025-04-01", "open - credit.never-first 不得在一日\nopen - structure.section 缺少“事实”一节");
    let other = record("D.md", "---\ntype: customer\nid: D\nname: 别家\ngrade: B\nopened: 2025-01-10\n---\n");
    let foreign = report("R-2", "2025-03-10", "supersedes: R-1\n");
    let foreign = (foreign.0, foreign.1.replace("customer: C", "customer: D"));
    on(
        &[other, foreign],
        "2025-04-01",
        "open - credit.never-first 不得在一日
         open - records.supersedes-known R-1 的首个引用与本记录不同，本记录取代不了它",
    );
    // A correction of a correction leaves the first one where it is.
    let twice = [report("R-2", "2025-03-10", "supersedes: R-1\n"), report("R-3", "2025-03-11", "supersedes: R-2\n")];
    on(&twice, "2025-04-01", "past -..2025-03-10 by R-2 credit.never-first 不得在一日");
}

#[test]
fn a_disposal_leaves_a_stub() {
    let naming = report("R-20250301-aaaa", "2025-03-01", "");
    let naming = (naming.0, naming.1.replace("甲", "与[[R-20250115-zzzz]]比"));
    let records = |disposal: &[(String, String)]| [&[customer(""), naming.clone()], disposal].concat();
    let disposal = record("D-1.md", "---\ntype: disposal\nid: D-1\ndisposed: [R-20250115-zzzz]\ndate: 2025-03-20\n---\n");
    let policy = book("2024-01-01", CADENCE);
    expect(&[&policy], &records(&[]), "2025-04-01", "open - reference.dangling 没有编号为“R-20250115-zzzz”的记录");
    expect(&[&policy], &records(std::slice::from_ref(&disposal)), "2025-04-01", "");
    expect(&[&policy], &records(&[disposal]), "2025-03-19", "open - reference.dangling 没有编号为“R-20250115-zzzz”的记录");
}

#[test]
fn a_note_deals_with_the_breach_of_its_day() {
    let reports = [report("R-1", "2025-03-01", ""), report("R-2", "2025-09-01", ""), customer("")];
    let note = |rule: &str, day: &str| {
        let text = format!("---\ntype: note\nid: N\nrule: {rule}\nrecord: C\nday: {day}\ndone: 已催办\n---\n");
        [&reports[..], &[record("N.md", &text)]].concat()
    };
    let gap = |by: &str| {
        format!("past 2025-06-02..2025-09-01{by} credit.cadence B 级须报告；应于 2025-06-01 完成，2025-09-01 才完成，迟 92 天，由总管负责")
    };
    let policy = book("2024-01-01", CADENCE);
    expect(&[&policy], &note("credit.cadence", "2025-07-01"), "2025-10-01", &gap(" by N"));
    // One that speaks of no breach that is over says so.
    let idle =
        |day: &str, rule: &str| format!("open - records.idle-note 说明所写的违规查不到：C 在 {day} 没有已经结束的 {rule}\n{}", gap(""));
    expect(&[&policy], &note("credit.cadence", "2025-06-01"), "2025-10-01", &idle("2025-06-01", "credit.cadence"));
    expect(&[&policy], &note("credit.other", "2025-07-01"), "2025-10-01", &idle("2025-07-01", "credit.other"));
}
