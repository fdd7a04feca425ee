use super::{customer, expect, found, house, open, person, record, with_people};

const LIMIT: &str = "```yaml rule
id: c-limit
for: customer
when: grade == \"C\"
require: limit <= 5万
at: limit
say: {zh: \"C 级客户的额度至多 5 万元，{name}现为 {limit} 元，由 {owner} 负责\", en: \"at most 50000; {limit} on file, {owner}\"}
fix: {zh: 降低额度, en: lower it}
```
";

#[test]
fn a_rule_that_holds_and_one_that_is_broken() {
    let records = with_people([
        customer("C-1", "grade: C\nlimit: 50000\n"),
        customer("C-2", "grade: C\nlimit: 50000.01\n"),
        customer("C-3", "grade: A\nlimit: 90000\n"),
    ]);
    expect(
        &[&house(LIMIT)],
        &records,
        "2026-01-01",
        "records/C-2.md:8:8 `50000.01` error[house.c-limit] C 级客户的额度至多 5 万元，恒润纺织现为 50000.01 元，由梅兰（mei）负责 | 降低额度 | 第2条",
    );
    let english = found(&[&house(LIMIT)], &records, "2026-01-01", |words| &words.en);
    assert_eq!(
        english,
        "records/C-2.md:8:8 `50000.01` error[house.c-limit] at most 50000; 50000.01 on file, 梅兰 (mei) | lower it | 第2条\n"
    );
}

#[test]
fn what_a_finding_rests_on_is_noted() {
    let (_, report) = open(&[&house(LIMIT)], &with_people([customer("C-2", "grade: C\nlimit: 60000\n")]), "2026-01-01");
    let reads = &report.findings[0].reads;
    let fields: Vec<String> = reads.fields().map(|(id, field)| format!("{id}.{field}")).collect();
    assert_eq!(fields, ["C-2.grade", "C-2.limit", "C-2.name", "C-2.owner", "mei.name", "mei.title"]);
    assert_eq!(reads.records().map(|id| &*id.0).collect::<Vec<_>>(), ["C-2", "mei"]);
    assert_eq!(reads.searches().count(), 0);
}

#[test]
fn a_search_without_a_hit_is_noted() {
    let blocks = "```yaml rule\nid: reported\nfor: customer\nrequire: linked(\"report\").size() > 0\nsay: {zh: 无报告, en: none}\n```\n";
    let (_, report) = open(&[&house(blocks)], &with_people([customer("C-2", "grade: C\nlimit: 1\n")]), "2026-01-01");
    let searches: Vec<String> = report.findings[0].reads.searches().map(|s| format!("{} {:?}", s.record_type, s.linked_to)).collect();
    assert_eq!(searches, ["report Some(RecordId(\"C-2\"))"]);
}

#[test]
fn each_row_is_judged_and_pointed_at() {
    let blocks = "```yaml rule\nid: due\nfor: customer\neach: o in orders\nwhen: o.amount > 100\nrequire: has(o.due) && o.due >= o.date\nat: o.due\nsay: {zh: \"{o.date} 的订单须写明到期日\", en: due}\n```\n";
    let orders = "grade: A\nlimit: 0\norders:\n- {date: 2025-02-01, amount: 50}\n- {date: 2025-03-01, amount: 500}\n- {date: 2025-04-01, amount: 500, due: 2025-03-31}\n";
    expect(
        &[&house(blocks)],
        &with_people([customer("C-1", orders)]),
        "2026-01-01",
        "records/C-1.md:11:3 `{date: 2025-03-01, amount: 500}` error[house.due] 2025-03-01 的订单须写明到期日 | - | 第2条
         records/C-1.md:12:40 `2025-03-31` error[house.due] 2025-04-01 的订单须写明到期日 | - | 第2条",
    );
}

#[test]
fn nested_variables_and_rules_of_the_archive() {
    let blocks = "```yaml rule\nid: yearly\nfor: archive\neach: {y: \"years(2025, 2026)\", g: '[\"A\", \"B\"]'}\nrequire: records(\"customer\").exists(c, c.grade == g && year(c.opened) == y)\nsay: {zh: \"{y} 年没有 {g} 级新客户\", en: none}\n```\n";
    expect(
        &[&house(blocks)],
        &with_people([customer("C-1", "grade: A\nlimit: 0\n")]),
        "2026-01-01",
        "policies/0.md:60:4 `yaml rule` error[house.yearly] 2025 年没有 B 级新客户 | - | 第2条
         policies/0.md:60:4 `yaml rule` error[house.yearly] 2026 年没有 A 级新客户 | - | 第2条
         policies/0.md:60:4 `yaml rule` error[house.yearly] 2026 年没有 B 级新客户 | - | 第2条",
    );
}

#[test]
fn a_rule_of_the_archive_points_at_the_record_or_the_department_that_it_judges() {
    let blocks = "```yaml rule\nid: staffed\nfor: archive\neach: {d: departments()}\nrequire: has(d.head)\nsay: {zh: \"{d.id} 没有负责人\", en: no head}\n```\n
```yaml rule\nid: named\nfor: archive\neach: {c: 'records(\"customer\")'}\nrequire: c.limit > 0\nat: c.limit\nsay: {zh: \"{c} 没有额度\", en: none}\n```\n";
    expect(
        &[&house(blocks)],
        &with_people([customer("C-1", "grade: A\nlimit: 0\n")]),
        "2026-01-01",
        "policies/0.md:18:3 `finance` error[house.staffed] 财务部没有负责人 | - | 第2条
         records/C-1.md:8:8 `0` error[house.named] 恒润纺织（C-1）没有额度 | - | 第2条",
    );
}

const CIRCLE: &str = "```yaml rule\nid: circle\nfor: person\nrequire: cycle(self, today).size() == 0\nonce_for: cycle(self, today)\nsay: {zh: \"汇报成圈：{cycle(self, today)}\", en: circle}\n```\n";

#[test]
fn a_circle_of_superiors_is_told_once_with_all_its_members() {
    let records = [
        person("lin", "林", "sales", "wu"),
        person("mei", "梅", "sales", "lin"),
        person("wu", "吴", "sales", "mei"),
        person("an", "安", "sales", "lin"),
    ];
    expect(
        &[&house(CIRCLE)],
        &records,
        "2026-01-01",
        "records/lin.md:2:1 `type: person` error[house.circle] 汇报成圈：林（lin）、吴（wu）、梅（mei） | - | 第2条",
    );
}

#[test]
fn a_rule_is_silent_where_something_it_reads_is_wrong_already() {
    let records = with_people([
        customer("C-1", "grade: C\nlimit: 很多\n"),
        customer("C-2", "grade: C\n"),
        record("r.md", "---\ntype: report\nid: R-1\ncustomer: C-9\nreported: 2025-05-01\n---\n## 事实\n\n甲\n\n## 结论\n\n乙\n"),
    ]);
    let blocks =
        format!("{LIMIT}\n```yaml rule\nid: of-a\nfor: report\nrequire: customer.grade == \"A\"\nsay: {{zh: 非 A, en: not A}}\n```\n");
    expect(
        &[&house(&blocks)],
        &records,
        "2026-01-01",
        "records/C-1.md:8:8 `很多` error[structure.wrong-type] 额度（limit）应为金额，现为 很多 | 改写为如 50000.00 的形式 | -
         records/C-2.md:2:1 `type: customer` error[structure.missing-field] 缺少额度（limit） | 补写 limit: 50000.00 | -
         records/r.md:4:11 `C-9` error[reference.dangling] 没有编号为“C-9”的记录 | 是不是“C-1”？ | -",
    );
}

#[test]
fn a_rule_that_divides_by_nothing_or_never_ends_is_a_finding_in_the_policy() {
    let blocks = "```yaml rule\nid: share\nfor: customer\nrequire: 1 / limit < 1\nsay: {zh: 甲, en: a}\n```\n
```yaml rule\nid: long\nfor: customer\nrequire: |\n  orders.all(a, orders.all(b, orders.all(c, a.date >= 2000-01-01 || b.amount == c.amount)))\nwhen: has(orders)\nsay: {zh: 乙, en: b}\n```\n";
    let rows: String = (0..400).map(|_| "- {date: 2025-02-01, amount: 1}\n").collect();
    let records = with_people([customer("C-1", "grade: A\nlimit: 0\n"), customer("C-2", &format!("grade: A\nlimit: 2\norders:\n{rows}"))]);
    expect(
        &[&house(blocks)],
        &records,
        "2026-01-01",
        "policies/0.md:63:10 `1 / limit < 1` error[policy.fault] house.share 无法判断 C-1：除数是 0 | - | -
         policies/0.md:71:3 `orders.all(a, orders.all(b, orders.all(c, a.date >= 2000-01-01 || b.amount == c.amount)))` error[policy.budget] house.long 判断 C-2 时计算步数超限 | - | -",
    );
}

#[test]
fn a_rule_of_more_rows_than_are_judged_is_a_finding_in_the_policy() {
    let blocks = "```yaml rule\nid: many\nfor: archive\neach: {a: \"years(1, 1000)\", b: \"years(1, 1000)\"}\nrequire: a > b\nsay: {zh: 甲, en: a}\n```\n";
    expect(
        &[&house(blocks)],
        &with_people([]),
        "2026-01-01",
        "policies/0.md:63:32 `\"years(1, 1000)\"` error[policy.budget] house.many 判断整个档案时计算步数超限 | - | -",
    );
}

#[test]
fn a_record_is_judged_by_the_version_of_its_own_day() {
    let version = |effective: &str, most: &str| {
        format!(
            "---\npolicy: credit\ntitle: 信用\nstatus: in-force\neffective: {effective}\nowner: sales\n---\n# 信用\n\n## 第{most}条　额度\n\n```yaml rule\nid: most\nfor: customer\nrequire: limit <= {most}\nsay: {{zh: \"至多 {most}\", en: most}}\n```\n"
        )
    };
    let mut later = customer("C-2", "grade: A\nlimit: 150\n");
    later.1 = later.1.replace("2025-01-10", "2025-08-01");
    expect(
        &[&house(""), &version("2025-01-01", "200"), &version("2025-07-01", "100")],
        &with_people([customer("C-1", "grade: A\nlimit: 150\n"), later]),
        "2026-01-01",
        "records/C-2.md:8:8 `150` error[credit.most] 至多 100 | - | 第100条",
    );
}

#[test]
fn past_values_and_the_one_before() {
    let review = |id: &str, day: &str, grade: &str| {
        record(&format!("{id}.md"), &format!("---\ntype: review\nid: {id}\ncustomer: C-1\neffective: {day}\nto_grade: {grade}\n---\n"))
    };
    let blocks = "```yaml rule\nid: agrees\nfor: customer\nrequire: bind(g, grade.on(today), has(g) && g == grade)\nat: grade\nsay: {zh: \"核查为 {grade.on(today)}\", en: a}\n```\n
```yaml rule\nid: changes\nfor: review\nrequire: bind(p, previous(self), !has(p) || p.to_grade != to_grade)\nat: to_grade\nsay: {zh: \"与上次相同\", en: a}\n```\n";
    let records = with_people([
        customer("C-1", "grade: A\nlimit: 0\n"),
        customer("C-2", "grade: C\nlimit: 0\n"),
        review("V-1", "2025-02-01", "A"),
        review("V-2", "2025-06-01", "B"),
        review("V-3", "2025-12-31", "B"),
        review("V-4", "2026-02-01", "C"),
    ]);
    expect(
        &[&house(blocks)],
        &records,
        "2026-01-01",
        "records/C-1.md:7:8 `A` error[house.agrees] 核查为 B | - | 第2条
         records/V-3.md:6:11 `B` error[house.changes] 与上次相同 | - | 第2条",
    );
}

/// What is written and cannot be read is there: that it is missing would be false, and what is
/// wrong with it is told already.
#[test]
fn a_field_that_cannot_be_read_is_not_called_missing() {
    let rule = "```yaml rule\nid: said\nfor: customer\nrequire: has(active)\nsay: {zh: 没有写明, en: not said}\n```\n";
    let written = |active: &str| with_people([customer("C-1", &format!("grade: A\nlimit: 0\n{active}"))]);
    expect(&[&house(rule)], &written(""), "2026-01-01", "records/C-1.md:2:1 `type: customer` error[house.said] 没有写明 | - | 第2条");
    expect(&[&house(rule)], &written("active: yes\n"), "2026-01-01", "");
    let (_, report) = super::open(&[&house(rule)], &written("active: 也许\n"), "2026-01-01");
    let codes: Vec<&str> = report.findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["structure.wrong-type"]);
}

/// Of three who stand in a circle each names the other two: the circle is told once, and each of
/// the two once.
#[test]
fn what_belongs_to_a_finding_is_named_once() {
    let rule = "```yaml rule\nid: round\nfor: person\neach: r in reporting\nrequire: cycle(self, r.from).size() == 0\nat: r.superior\nonce_for: cycle(self, r.from)\nalso: cycle(self, r.from)\nsay: {zh: 圈, en: round}\n```\n";
    let circle = [
        super::person("lin", "林总", "sales", "mei"),
        super::person("mei", "梅兰", "sales", "wu"),
        super::person("wu", "吴敏", "finance", "lin"),
    ];
    let (archive, report) = super::open(&[&house(rule)], &circle, "2026-01-01");
    let [found] = &report.findings[..] else { panic!("{:?}", report.findings) };
    let named: Vec<&str> = found.related.iter().map(|(span, _)| &*archive.sources.file(span.file).path.0).collect();
    assert_eq!((found.record.as_ref().map(|id| &*id.0), named), (Some("lin"), vec!["records/mei.md", "records/wu.md"]));
}
