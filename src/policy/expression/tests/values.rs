//! What expressions give.

use super::{World, compile, evaluate, place, scope, with_schema};
use crate::{
    diagnostic::Lang,
    policy::{
        Value,
        expression::{Budget, Expression, Scope, Stop, Type, reference},
    },
    source::RecordId,
};

/// Checks a table of expressions and their values, one on a line, `=>` between them.
fn check(table: &str) {
    let lines: Vec<(&str, &str)> = table.lines().filter_map(|line| line.trim().split_once(" =>")).collect();
    let found: Vec<String> = lines.iter().map(|(text, _)| format!("{text} => {}", evaluate(text))).collect();
    let expected: Vec<String> = lines.iter().map(|(text, value)| format!("{text} => {}", value.trim())).collect();
    assert!(!lines.is_empty(), "a table without a line tests nothing");
    let differing: Vec<String> = found
        .iter()
        .zip(&expected)
        .filter(|(found, expected)| found != expected)
        .map(|(f, e)| format!("found    {f}\nexpected {e}"))
        .collect();
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}

#[test]
fn literals_and_units() {
    check(
        r#"
        50万 => 500000
        2亿 + 1 => 200000001
        1.5万 => 15000
        50 万 => 500000
        80% => 0.8
        80% * 50 => 40
        10 % 3 => 1
        10%3 => 1
        12.5% - 0.5% => 0.12
        18 months => 18 months
        18个月 => 18 months
        2年 => 24 months
        45天 == 45 days => yes
        2 weeks => 14 days
        2周 == days(14) => yes
        2026-03-01 => 2026-03-01
        2026 - 03 - 01 => 2022
        "a\t\u4e00\x41\101\"" => a	一AA"
        r'\d' => \d
        '''it's''' => it's
        "//" // what follows two strokes is a remark => //
        80 % -3 => 2
        3 + // a remark => [] 表达式没有写完：这里缺一个值 | the expression breaks off: a value is missing here
        [1, 2.50, 3] => 1, 2.5, 3
        "#,
    );
}

#[test]
fn operators() {
    check(
        r#"
        1 + 2 * 3 => 7
        (1 + 2) * 3 => 9
        7 - 2 - 1 => 4
        0.1 + 0.2 == 0.3 => yes
        7 / 2 => 3.5
        -7 % 3 => -1
        - -3 => 3
        !!true => yes
        1 < 2 == true => yes
        1 < 2 && 2 < 1 || true => yes
        true ? 1 : false ? 2 : 3 => 1
        false ? 1 : false ? 2 : 3 => 3
        2 in [1, 2] => yes
        50% in [0.5] => yes
        "信用" + "额度" => 信用额度
        [1] + [2, 3] => 1, 2, 3
        [1, 2, 3][1] => 2
        [] == [] => yes
        [1.0] == [1] => yes
        "a" < "b" => yes
        2026-03-01 - 2026-02-01 => 28 days
        2026-01-31 + 1 month => 2026-02-28
        2024-01-31 + 1个月 => 2024-02-29
        2026-03-31 - 1 month => 2026-02-28
        2026-03-01 - 3 days => 2026-02-26
        1 month + 1 day => 1 month 1 day
        2026-01-31 + (1 month + 1 day) => 2026-03-01
        today - opened <= 800 days => yes
        1 / 0 => fault [1 / 0] 除数是 0 | this divides by 0
        1 % 0 => fault [1 % 0] 除数是 0 | this divides by 0
        [1][1] => fault [1] 列表有 1 个元素，没有 [1] | the list has 1 elements; there is no [1]
        [1][0.5] => fault [0.5] 列表有 1 个元素，没有 [0.5] | the list has 1 elements; there is no [0.5]
        79228162514264337593543950335 + 1 => fault [79228162514264337593543950335 + 1] 结果太大，数容不下 | the result is too large for a number
        9999-12-31 + 1 day => fault [9999-12-31 + 1 day] 日期超出了历法的范围 | the date is out of the calendar's range
        days(1.5) => fault [days(1.5)] 这里须是不太大的整数，却是 1.5 | this must be a whole number and not too large, but is 1.5
        "#,
    );
}

#[test]
fn what_has_no_value_matters_only_where_nothing_else_decides() {
    check(
        "
        1 / 0 == 1 || true => yes
        1 / 0 == 1 && false => no
        unreadable > 3 || grade == \"C\" => yes
        unreadable > 3 && grade == \"C\" => Unknown
        [0, 1].exists(x, 1 / x == 1) => yes
        [0, 1].all(x, 1 / x == 2) => no
        [0, 1].all(x, 1 / x == 1) => fault [1 / x] 除数是 0 | this divides by 0
        unreadable > 3 ? 1 : 2 => Unknown
        ",
    );
}

#[test]
fn fields_and_references() {
    check(
        r#"
        name => 广达
        self.name => 广达
        等级 => C
        self.等级 == "C" => yes
        id => C-1
        type => customer
        self.type == "customer" => yes
        grade > "B" => yes
        grade < "D" => yes
        ["D", "A"].sort_by(g, g) => A, D
        contact.phone => 0086-1
        custodian => li
        custodian.name => 李
        has(owner) && owner.name == "王" => yes
        !has(owner) || owner == custodian => no
        has(owner) ? owner.name : "" => 王
        has(closed) => no
        has(unreadable) => no
        has(name) => yes
        !has(unreadable) || unreadable > 3 => yes
        closed.orValue(today) => 2026-03-01
        has(feedback.date) && feedback.date < today => yes
        has(feedback.note) => no
        has(feedback) && feedback.date == 2026-02-03 => yes
        feedback.date.orValue(today) => 2026-02-03
        feedback.note.orValue("-") => -
        has(contact.email) => no
        tags.orValue([]) == [] => yes
        department == "sales" => yes
        department == settings.office => yes
        hour >= "09:30" && hour < "17:00" => yes
        date(asked) => 2026-03-05
        o.amount * 2 => 1000
        has(o.due) && o.due - o.date <= 31天 => yes
        year_of == year(today) => yes
        credit_limit <= settings.c_limit_max => yes
        grade in settings.strict => yes
        today - settings.period => 2024-09-01
        unreadable => Unknown
        readers.exists(r, r == custodian) => yes
        "finance" in readers => yes
        readers.exists(r, r == "manager") => no
        "#,
    );
}

#[test]
fn macros_and_lists() {
    check(
        r#"
        [1, 2, 3].all(x, x > 0) => yes
        [].all(x, x) => yes
        [1, 2, 3].exists(x, x > 2) => yes
        [1, 2, 2].exists_one(x, x == 2) => no
        [1, 2, 3].filter(x, x != 2) => 1, 3
        [1, 2, 3].map(x, x * x) => 1, 4, 9
        [1, 2, 3].map(x, x > 1, x * x) => 4, 9
        [1, 2, 3].count(x, x > 1) => 2
        [3, 1, 2].sort_by(x, -x) => 3, 2, 1
        [[1, 2], [3]].map(x, x.map(y, y + x.size())) => 3, 4, 4
        [1, 2].map(x, [10, 20].map(x, x)).size() => 2
        size([1, 2]) + "信用".size() => 4
        [1, 2.5].sum() => 3.5
        [].sum() => 0
        [1, 2].average() => 1.5
        [1, 2].average().orValue(0) => 1.5
        has([].average()) => no
        [2, 1].min().orValue(0) => 1
        [2026-01-01, 2026-02-01].max().orValue(today) => 2026-02-01
        ["a", "b"].first().orValue("") => a
        has([1].last()) && [1].last() == 1 => yes
        same_set([1, 2, 1], [2, 1]) => yes
        same_set([1], [1, 2]) => no
        duplicates([1, 2, 1, 3, 3, 1]) => 1, 3
        bind(x, 3, x * x) => 9
        bind(p, owner, has(p) && p.name == "王") => yes
        bind(name, 1, name) => 1
        round(2.5, 0) => 3
        round(-2.5, 0) => -3
        round(1.005, 2) => 1.01
        round(123456, -4) => 120000
        round(125000, -4) => 130000
        round(1, -40) => 0
        round(-0.4, 0) => 0
        -0 * 5 => 0
        [7][-0] => 7
        abs(-1.5) => 1.5
        "信用额度".contains("额") => yes
        "信用".startsWith("信") && "信用".endsWith("用") => yes
        "　a ".trim() => a
        folded("ＡＢＣ 泵业（苏州）·二厂") => abc泵业苏州二厂
        folded(" —— /。") == "" => yes
        digits("(021) ５555-0101") => 02155550101
        string(1.50) + string(true) + string(today) + string(custodian) => 1.5true2026-03-01li
        year(today) * 100 + month(today) + day(today) => 202604
        years(2024, 2026) => 2024, 2025, 2026
        years(2026, 2024) => 
        week(2026-03-01) => 2026-02-23
        weeks(2026-02-22, 2026-03-02) => 2026-02-16, 2026-02-23, 2026-03-02
        weeks(2026-03-02, 2026-03-01) => 
        2026-01-01 + months(2) - days(1) => 2026-02-28
        "#,
    );
}

#[test]
fn records_and_people() {
    check(
        r#"
        linked("report") => R-1, R-2, R-3
        self.linked("card")[0].orders.map(o, o.amount).sum() => 1200
        linked("card").exists(c, c.orders.exists(o, has(o.due) && o.due < today)) => yes
        linked("card").map(c, c.orders.filter(o, has(o.due)).map(o, o.due)) => 2026-02-10
        linked("report").filter(r, has(r.answered)).all(r, r.answered > r.date) => yes
        latest(linked("report"), date) => R-3
        latest(linked("report"), answered) => R-1
        latest(linked("report"), found) => R-3
        latest(linked("report"), customer.opened) => R-3
        has(latest(linked("report"), date)) && latest(linked("report"), date).found == "D" => yes
        bind(r, latest(linked("report").filter(r, has(r.answered)), date), has(r) && r.answered < today) => yes
        linked("report").exists(r, has(previous(r)) && previous(r).date < r.date) => yes
        linked("report").sort_by(r, r.found).map(r, r.found) => B, C, D
        records("customer").map(c, c.name) => 广达, 华新
        records("customer").filter(c, c.grade == "A").map(c, c.name) => 华新
        grade.on(2026-01-01) => B
        has(grade.on(2024-01-01)) => no
        has(grade.on(today)) && grade.on(today) == "B" => yes
        linked("report")[0].customer.grade.on(today).orValue("A") => B
        approved(self) => yes
        approved(self, 2025-12-31) => no
        has(approval(self, "manager")) && approval(self, "manager").by.name == "赵" => yes
        bind(a, approval(self, "manager"), has(a) && date(a.at) == 2026-01-01) => yes
        has(approval(self, "finance")) => no
        holds_post(custodian, "manager", today) => no
        department(custodian, today) == "sales" => [department(custodian, today)] “department(custodian, today)”可能没有：先用 has(department(custodian, today)) 问过，或用 orValue | “department(custodian, today)” may be missing: ask has(department(custodian, today)) first, or use orValue
        has(department(custodian, today)) && department(custodian, today) == department => yes
        superior(custodian, today) => zhao
        superiors(linked("report")[0].customer.custodian, today) => zhao
        has(owner) && custodian in line(owner) => yes
        cycle(custodian, today).size() => 0
        cycle(custodian, 2020-01-01) => li, zhao, wang
        line([linked("report")[0].customer.custodian, custodian]) => zhao
        has(owner) ? line([owner, custodian]) : [] => li, zhao
        has(owner) && cycle(owner, 2020-01-01) == cycle(custodian, 2020-01-01) => yes
        superiors(custodian, 2020-01-01) => zhao, wang
        on_staff(custodian, today) => yes
        head("sales") => zhao
        head(department) => zhao
        posts().filter(p, !has(p.reports_to)).map(p, p.id) => manager
        posts().all(p, has(p.reports_to) || p.id == "manager") => yes
        departments().count(d, has(d.head) && on_staff(d.head, today)) => 1
        article_exists("credit", "第6条") && policy_exists("credit") => yes
        policy_exists("credit", 2024-04-01) && !policy_exists("credit", 2024-03-31) => yes
        article_exists("credit", "第6条", 2024-04-01) && !article_exists("credit", "第6条", 2024-03-31) => yes
        policies().map(p, p.id + (has(p.passed_at) ? "?" : "!")) => credit!
        policy_exists("x") => no
        "#,
    );
}

/// The equalities that the world was searched with.
fn searched(text: &str) -> String {
    let world = World::default();
    let expression = compile(text, None).expect("a good expression");
    let value = expression.evaluate(Some(&RecordId::from("C-1")), &world.variables(), &world, &Budget::new(10_000));
    format!("{} -> {}", world.searched.take().join(" "), value.map_or_else(|stop| format!("{stop:?}"), |v| v.words(Lang::En)))
}

#[test]
fn equalities_of_a_filter_go_to_the_search() {
    for (text, expected) in [
        (r#"records("report").filter(r, r.customer == self && r.date > 2026-01-01)"#, "customer=C-1 -> R-2, R-3"),
        (r#"records("report").exists(r, "D" == r.found && self == r.customer)"#, "found=D customer=C-1 -> yes"),
        (r#"records("report").count(r, r.found == "D" || r.found == "C")"#, " -> 2"),
        (r#"records("report").filter(r, r.date == r.customer.opened).size()"#, " -> 0"),
        (r#"records("customer").map(c, records("report").count(r, r.customer == c))"#, "customer=C-1 customer=C-2 -> 3, 0"),
        (r#"records("report").filter(r, r.found == bind(y, "D", bind(z, "C", y)))"#, "found=D -> R-3"),
        (r#"records("report").filter(r, has(closed) && r.date == closed)"#, " -> none"),
        (r#"records("report").all(r, r.found == "D")"#, " -> no"),
    ] {
        let found = searched(text);
        assert_eq!(if found.ends_with(" -> ") { format!("{found}none") } else { found }, expected, "{text}");
    }
}

#[test]
fn what_a_condition_tells_is_known_behind_it() {
    let rule = |when: &str, require: &str| {
        with_schema(|schema| {
            let when = Expression::compile(when, place(when), &scope(), schema, Some(&Type::Bool)).expect("a good condition");
            let scope = Scope { present: when.asserts_present(), ..scope() };
            (when.asserts_present().join(" "), Expression::compile(require, place(require), &scope, schema, Some(&Type::Bool)).is_ok())
        })
    };
    let yes = |present: &str| (present.to_owned(), true);
    assert_eq!(rule("has(closed)", "closed < today"), yes("closed"));
    assert_eq!(rule("vip && has(o.due)", "o.due > o.date"), yes("o.due"));
    assert_eq!(rule("has(feedback.note)", "feedback.date < today && feedback.note.size() > 0"), yes("feedback feedback.note"));
    assert_eq!(rule("!(!has(closed) || vip)", "closed < today"), yes("closed"));
    assert_eq!(rule("vip ? has(closed) : false", "closed < today"), yes("closed"));
    assert_eq!(rule("has(previous(self))", "previous(self).opened < opened"), yes("previous(self)"));
    assert_eq!(rule("has(grade.on(today - 12 months))", "grade.on(today - 12 months) == grade"), yes("grade.on((today - 12 months))"));
    assert_eq!(rule("has(closed) || vip", "closed < today"), (String::new(), false));
    assert_eq!(rule("!has(closed)", "closed < today"), (String::new(), false));
}

#[test]
fn first_path_is_what_is_read_first() {
    for (text, path) in [
        ("credit_limit == 0", "credit_limit"),
        ("today > opened", "opened"),
        ("contact.phone != \"\"", "contact.phone"),
        ("has(o.due) && o.due > opened", "o.due"),
        ("custodian.name == name", "custodian"),
        ("linked(\"report\").size() > 0", ""),
        ("1 + 1 == 2", ""),
    ] {
        let found = compile(text, None).expect("a good expression").first_path().unwrap_or_default();
        assert_eq!(found.join("."), path, "{text}");
    }
}

#[test]
fn work_is_bounded() {
    let steps = |text: &str, steps| {
        let world = World::default();
        let value = compile(text, None).expect("a good expression").evaluate(None, &world.variables(), &world, &Budget::new(steps));
        value.map(|value| value.words(Lang::En))
    };
    assert_eq!(steps("1 + 1", 3), Ok("2".into()));
    assert_eq!(steps("1 + 1", 2), Err(Stop::Budget));
    assert_eq!(steps("years(0, 2000000000).size()", 1_000_000), Err(Stop::Budget));
    let many = "[1,2,3,4,5,6,7,8,9,10]";
    let nested = format!("{many}.all(a, {many}.all(b, {many}.all(c, {many}.all(d, {many}.all(e, {many}.all(f, true))))))");
    assert_eq!(steps(&nested, 100_000), Err(Stop::Budget));
    // Text and lists that double with each step are paid for by their length, and compared step by
    // step.
    let doubled = |start: &str, end: &str| {
        (0..40).fold((String::new(), start.to_owned()), |(s, last), i| (format!("{s}bind(x{i}, {last} + {last}, "), format!("x{i}"))).0
            + end
            + &")".repeat(40)
    };
    assert_eq!(steps(&doubled("\"abcdefgh\"", "x39.size()"), 100_000), Err(Stop::Budget));
    let shared =
        (0..40).fold((String::new(), "1".to_owned()), |(s, last), i| (format!("{s}bind(x{i}, [{last}, {last}], "), format!("x{i}"))).0;
    let equal = format!("{shared}[x39[0], x39[0]] == [x39[1], x39[1]]{}", ")".repeat(40));
    assert_eq!(steps(&equal, 100_000), Err(Stop::Budget));
}

#[test]
fn values_in_words() {
    let value = Value::List([Value::Bool(true), Value::Missing, Value::Date("2026-03-01".parse().expect("a date"))].into());
    assert_eq!(value.words(Lang::Zh), "是、无、2026-03-01");
    assert_eq!(value.words(Lang::En), "yes, none, 2026-03-01");
    let long = Value::List(vec![Value::Bool(true); 1000].into());
    assert!(long.words(Lang::En).ends_with(", …") && long.words(Lang::En).len() < 2000);
}

#[test]
fn the_reference_is_the_list_of_functions() {
    let docs = include_str!("../../../../docs/policies.md");
    let table = format!("| written | gives |\n|---|---|\n{}", reference());
    assert!(docs.contains(&table), "docs/policies.md should hold this table:\n{table}");
}
