use super::{expect, house, with_people};

#[track_caller]
fn tried(blocks: &str, expected: &str) {
    expect(&[&house(blocks)], &with_people([]), "2026-01-01", expected);
}

const RULE: &str = "```yaml rule\nid: r\nfor: customer\nwhen: grade == \"C\"\nrequire: limit <= 100 || linked(\"review\").exists(v, approved(v, v.effective))\nsay: {zh: 额度太高, en: too high}\nexamples:\n";

#[test]
fn examples_that_come_out_as_they_say() {
    tried(
        &format!(
            "{RULE}- holds: {{grade: C, limit: 100}}\n- breaks: {{grade: C, limit: 101}}\n- holds: {{grade: A, limit: 101}}\n- holds: {{grade: C, limit: 101}}\n  with: [{{type: review, customer: example, effective: 2025-01-01}}]\n```\n"
        ),
        "",
    );
}

#[test]
fn examples_that_come_out_otherwise() {
    tried(
        &format!("{RULE}- holds: {{grade: C, limit: 101}}\n- breaks: {{grade: C, limit: 100}}\n- breaks: {{grade: A, limit: 101}}\n- holds: {{grade: C}}\n- holds: {{grade: C, limit: 多}}\n```\n"),
        "policies/0.md:67:3 `holds: {grade: C, limit: 101}` error[policy.example] house.r 的例子应当符合，却得到：额度太高 | 改正例子，或改正这一条 | 第2条
         policies/0.md:68:3 `breaks: {grade: C, limit: 100}` error[policy.example] house.r 的例子应当违反，却没有发现问题 | 改正例子，或改正这一条 | 第2条
         policies/0.md:69:3 `breaks: {grade: A, limit: 101}` error[policy.example] house.r 的例子应当违反，却不在这一条所说的范围内 | 改正例子，或改正这一条 | 第2条
         policies/0.md:70:3 `holds: {grade: C}` error[policy.example] house.r 的例子无法判断：没有写 example.limit | 改正例子，或改正这一条 | 第2条
         policies/0.md:71:3 `holds: {grade: C, limit: 多}` error[policy.example] house.r 的例子写错了：额度（limit）应为金额 | 改正例子，或改正这一条 | 第2条",
    );
}

#[test]
fn approvals_posts_departments_and_the_day() {
    tried(
        "```yaml approval\nfor: review\nsteps: [clerk, chief]\n```\n
```yaml rule\nid: approved\nfor: review\nrequire: approved(self, effective) && bind(a, approval(self, \"clerk\"), has(a) && a.by != customer.owner)\nsay: {zh: 甲, en: a}\nexamples:\n- holds: {customer: c, effective: 2025-01-01}\n  approved: true\n  with: [{type: customer, id: c, owner: o}]\n- breaks: {customer: c, effective: 2025-01-01}\n  with: [{type: customer, id: c, owner: o}]\n- breaks: {customer: c, effective: 2025-01-01}\n  approved: 2025-01-02\n  with: [{type: customer, id: c, owner: o}]\n- holds: {customer: c, effective: 2025-01-02}\n  approved: 2025-01-02\n  with: [{type: customer, id: c, owner: o}]\n- breaks: {customer: c, effective: 2025-01-02}\n  approved: {clerk: {by: o}, chief: {by: p, at: 2025-01-01T08:00:00+08:00}}\n  with: [{type: customer, id: c, owner: o}]\n- breaks: {customer: c, effective: 2025-01-02}\n  approved: {clerk: {by: p}}\n  with: [{type: customer, id: c, owner: o}]\n- breaks: {customer: c, effective: 2025-01-02}\n  approved: true\n  posts: {clerk: [o]}\n  with: [{type: customer, id: c, owner: o}]\n```\n
```yaml rule\nid: staffed\nfor: archive\neach: {d: departments()}\nrequire: has(d.head) && on_staff(d.head, today)\nsay: {zh: \"{d.id} 无人\", en: a}\nexamples:\n- holds: {}\n  departments: {sales: m}\n- breaks: {}\n  departments: {sales: m}\n  with: [{type: person, id: m, joined: 2024-01-01, left: 2025-12-31}]\n- holds: {}\n  departments: {sales: m}\n  with: [{type: person, id: m, joined: 2024-01-01, left: 2025-12-31}]\n  on: 2025-12-30\n- breaks: {}\n  departments:\n    sales:\n```\n",
        "policies/0.md:18:3 `finance` error[house.staffed] 财务部无人 | - | 第2条",
    );
}

#[test]
fn examples_of_duties_styles_and_what_is_built_in() {
    tried(
        "```yaml duty\nid: d\nfor: customer\nneed: report\nfrom: opened\nwithin: days(5)\nwho: owner\nexamples:\n- holds: {opened: 2025-01-01}\n  on: 2025-01-06\n- breaks: {opened: 2025-01-01}\n  on: 2025-01-07\n- breaks: {opened: 2025-01-01}\n  on: 2025-01-05\n```\n
```yaml style\nid: s\nfor: report\nsections: [事实]\navoid: [大概]\nsay: {zh: 不推测, en: a}\nexamples:\n- breaks: 大概没有。\n- holds: 没有。\n- holds: |\n    ## 结论\n\n    大概没有。\n- breaks: 也许没有。\n```\n
```yaml rule\nid: format\nfor: report\nbuiltin: structure.section\nexamples:\n- holds: |\n    ## 事实\n\n    甲\n\n    ## 结论\n\n    乙\n- breaks: |\n    ## 结论\n\n    乙\n```\n",
        "policies/0.md:72:3 `breaks: {opened: 2025-01-01}` error[policy.example] house.d 的例子应当违反，却没有发现问题 | 改正例子，或改正这一条 | 第2条
         policies/0.md:89:3 `breaks: 也许没有。` error[policy.example] house.s 的例子应当违反，却没有发现问题 | 改正例子，或改正这一条 | 第2条",
    );
}

/// A check that is built in is tried on papers: sealed and signed as real ones are, but for what
/// the example says of them.
#[test]
fn papers_of_examples_are_sealed_and_signed() {
    let entry = "approvals: [{step: chief, by: p, at: '2025-01-02T09:00:00+08:00'}]";
    let review = format!("type: review, customer: c, effective: 2025-01-01, to_grade: A, {entry}");
    tried(
        &format!(
            "```yaml approval\nfor: review\nsteps: [chief]\n```\n
```yaml rule\nid: approval.stale\nbuiltin: true\nsay: {{zh: 甲, en: a}}\nexamples:\n- holds: {{{review}}}\n  posts: {{chief: [p]}}\n- breaks: {{{review}}}\n  posts: {{chief: [p]}}\n  changed: {{to_grade: B}}\n- breaks: {{{review}}}\n  posts: {{chief: [p]}}\n- holds: {{}}\n```\n
```yaml rule\nid: approval.unsigned\nbuiltin: true\nsay: {{zh: 乙, en: b}}\nexamples:\n- holds: {{{review}}}\n  posts: {{chief: [p]}}\n- breaks: {{{review}}}\n  posts: {{chief: [p]}}\n  signed: no\n- holds: {{type: review, approvals: [{{step: chief, by: p}}]}}\n```\n"
        ),
        "policies/0.md:75:3 `breaks: {type: review, customer: c, effective: 2025-01-01, to_grade: A, approvals: [{step: chief, by: p, at: '2025-01-02T09:00:00+08:00'}]}` error[policy.example] approval.stale 的例子应当违反，却没有发现问题 | 改正例子，或改正这一条 | 第2条
         policies/0.md:77:3 `holds: {}` error[policy.example] approval.stale 的例子写错了：没有写出要试的文书 | 改正例子，或改正这一条 | 第2条
         policies/0.md:90:3 `holds: {type: review, approvals: [{step: chief, by: p}]}` error[policy.example] approval.unsigned 的例子写错了：第 1 条批准没有可以签署的 at | 改正例子，或改正这一条 | 第2条",
    );
}
