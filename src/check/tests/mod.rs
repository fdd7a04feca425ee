//! What is found in little archives that stand in memory: policies and records on the one side,
//! every line of the report on the other.

mod duties;
mod eras;
mod examples;
mod hostile;
mod past;
mod references;
mod rules;
mod sense;
mod shares;
mod shipped;
mod structure;
mod style;
mod versions;

use super::{
    DueState, Report, check_within,
    share::{MEANS, Means},
};
use crate::{
    approval::Approvals,
    archive::{Archive, Settings, shape},
    diagnostic::{Finding, Severity, Words},
    facts::Facts,
    policy::Policies,
    source::Sources,
};
use std::{fmt::Write, sync::Arc};

/// The posts and types that most tests share, and after them the blocks of one.
pub(super) fn house(blocks: &str) -> String {
    format!(
        "---
policy: house
title: 试验制度
status: in-force
effective: 2024-01-01
owner: sales
---
# 试验制度

## 第1条　人员与类型

```yaml posts
posts:
  chief: {{label: {{zh: 总管, en: Chief}}, held_by: [{{person: lin, from: 2024-01-01}}]}}
  clerk: {{label: {{zh: 办事员, en: Clerk}}, reports_to: chief, held_by: [{{person: mei, from: 2024-01-01}}, {{person: wu, from: 2025-01-01}}]}}
departments:
  sales: {{label: {{zh: 销售部, en: Sales}}, head: lin}}
  finance: {{label: {{zh: 财务部, en: Finance}}}}
```

```yaml type
id: person
label: {{zh: 人员, en: Person}}
as: person
title: name
must: {{name: text, joined: date, reporting: [{{from: date, department: department, superior?: person}}]}}
may: {{left: date}}
labels: {{name: {{zh: 姓名, en: Name}}}}
```

```yaml type
id: customer
label: {{zh: 客户, en: Customer}}
title: name
date: opened
must: {{name: text, opened: date, grade: A | B | C, limit: money, owner: person}}
may: {{orders: [{{date: date, amount: money, due?: date, paid?: date}}], contact: {{person: text, phone?: phone}}, active: yes|no}}
labels: {{limit: {{zh: 额度, en: Limit}}, grade: {{zh: 等级, en: Grade}}}}
history: {{grade: {{from: review, at: effective, value: to_grade}}}}
```

```yaml type
id: report
label: {{zh: 报告, en: Report}}
date: reported
must: {{customer: customer, reported: date}}
may: {{kind: regular | urgent, author: person}}
sections: [事实, 结论]
```

```yaml type
id: review
label: {{zh: 核查, en: Review}}
date: effective
must: {{customer: customer, effective: date, to_grade: A | B | C}}
```

## 第2条　规定

{blocks}
"
    )
}

/// A person whose row of reporting begins with 2024.
pub(super) fn person(id: &str, name: &str, department: &str, superior: &str) -> (String, String) {
    let superior = if superior.is_empty() { String::new() } else { format!(", superior: {superior}") };
    let text = format!(
        "---\ntype: person\nid: {id}\nname: {name}\njoined: 2024-01-01\nreporting: [{{from: 2024-01-01, department: {department}{superior}}}]\n---\n"
    );
    (format!("records/{id}.md"), text)
}

/// A customer with what the test says beside.
pub(super) fn customer(id: &str, fields: &str) -> (String, String) {
    let text = format!("---\ntype: customer\nid: {id}\nname: 恒润纺织\nopened: 2025-01-10\nowner: mei\n{fields}---\n");
    (format!("records/{id}.md"), text)
}

/// The people of the posts.
pub(super) fn people() -> Vec<(String, String)> {
    vec![person("lin", "林总", "sales", ""), person("mei", "梅兰", "sales", "lin"), person("wu", "吴敏", "finance", "lin")]
}

pub(super) fn open(policies: &[&str], records: &[(String, String)], on: &str) -> (Archive, Report) {
    open_within(MEANS, policies, records, on)
}

pub(super) fn open_within(means: Means, policies: &[&str], records: &[(String, String)], on: &str) -> (Archive, Report) {
    let policies = policies.iter().enumerate().map(|(i, text)| (format!("policies/{i}.md"), (*text).to_owned()));
    let sources = Arc::new(Sources::from_memory(policies.chain(records.iter().cloned())));
    let today = shape::date(on).expect("a test names a day");
    let compiled = Arc::new(Policies::compile(&sources, today));
    let archive = Archive::build(sources, compiled, Settings { time_zone: Some("+08:00".to_owned()), ..Settings::default() });
    let approvals = Approvals::judge(&archive, today);
    let mut report = check_within(means, Facts::many(&archive, &approvals, today));
    // The policies of these tests are nobody's: that they are not approved, or are without
    // examples, is not what is tested.
    let beside = |finding: &Finding| {
        &*finding.code == "policy.approved" || (&*finding.code == "policy.block" && finding.severity == Severity::Warning)
    };
    report.findings.retain(|finding| !beside(finding));
    (archive, report)
}

fn place(archive: &Archive, span: Option<crate::source::Span>) -> String {
    let Some(span) = span else { return "-".to_owned() };
    let position = archive.sources.position(span.file, span.start);
    format!(
        "{}:{}:{} `{}`",
        archive.sources.file(span.file).path,
        position.line,
        position.column,
        archive.sources.slice(span).lines().next().unwrap_or_default()
    )
}

/// Every finding: place, code, message, fix and article.
pub(super) fn found(policies: &[&str], records: &[(String, String)], on: &str, show: fn(&Words) -> &str) -> String {
    let (archive, report) = open(policies, records, on);
    let mut text = String::new();
    for finding in &report.findings {
        let article = finding.citation.as_ref().map_or("-", |citation| &citation.article);
        let fix = finding.fix.as_ref().map_or("-", show);
        let severity = finding.severity.name();
        let place = place(&archive, finding.span);
        writeln!(text, "{place} {severity}[{}] {} | {fix} | {article}", finding.code, show(&finding.message)).expect("a string takes text");
    }
    text
}

/// The one helper: the findings in Chinese, as whole lines.
#[track_caller]
pub(super) fn expect(policies: &[&str], records: &[(String, String)], on: &str, expected: &str) {
    let found = found(policies, records, on, |words| &words.zh);
    assert_eq!(lines(&found), lines(expected), "\nfound:\n{found}");
}

/// What is due and overdue.
#[track_caller]
pub(super) fn expect_due(policies: &[&str], records: &[(String, String)], on: &str, expected: &str) {
    let (_, report) = open(policies, records, on);
    let mut text = String::new();
    for due in &report.duties {
        let state = if due.state == DueState::Due { "due" } else { "overdue" };
        let record = due.record.as_ref().map_or("-".to_owned(), ToString::to_string);
        let who: Vec<&str> = due.who.iter().map(|person| &*person.0).collect();
        let office = due.office.as_deref().unwrap_or("-");
        writeln!(text, "{} {} {record} {state} {} {office}[{}] {}", due.due, due.duty, due.days, who.join(","), due.message.zh)
            .expect("a string takes text");
    }
    assert_eq!(lines(&text), lines(expected), "\nfound:\n{text}");
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

pub(super) fn record(path: &str, text: &str) -> (String, String) {
    (format!("records/{path}"), text.to_owned())
}

/// People, and then these.
pub(super) fn with_people(records: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    people().into_iter().chain(records).collect()
}
