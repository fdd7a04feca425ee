//! What the checker says, and where.

use super::{compile, place, scope, with_schema};
use crate::{
    policy::{
        CalendarDuration,
        expression::{Expression, ExpressionPlace, Scope, Type},
    },
    source::{FileId, Span},
};

fn mistakes(text: &str, expected: Option<&Type>) -> String {
    compile(text, expected).map_or_else(|mistakes| mistakes, |expression| format!("good: {}", expression.result.words().en))
}

/// Checks a table: an expression, and in the lines below it, indented, its mistakes: what is
/// pointed at, the words in zh and in en.
fn check(table: &str) {
    let mut cases: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        match (line.strip_prefix("            "), cases.last_mut()) {
            (Some(mistake), Some((_, mistakes))) => mistakes.push(mistake),
            _ => cases.push((line.trim(), Vec::new())),
        }
    }
    assert!(!cases.is_empty(), "a table without a case tests nothing");
    let differing: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, mistakes(text, None), expected.join("\n")))
        .filter(|(_, found, expected)| found != expected)
        .map(|(text, found, _)| format!("        {text}\n            {}", found.replace('\n', "\n            ")))
        .collect();
    assert!(differing.is_empty(), "found\n{}", differing.join("\n"));
}

#[test]
fn unreadable_text() {
    check(
        r#"
        1 +
            [] 表达式没有写完：这里缺一个值 | the expression breaks off: a value is missing here
        grade = "A"
            [=] “=”应写作“==” | write “==” instead of “=”
        grade == “A”
            [“] 引号须用半角的 " 或 ' | quotation marks are the plain " or '
            [”] 引号须用半角的 " 或 ' | quotation marks are the plain " or '
        （1）
            [（] “（”应写作“(” | write “(” instead of “（”
            [）] “）”应写作“)” | write “)” instead of “）”
        credit_limit ≥ 5
            [≥] “≥”应写作“>=” | write “>=” instead of “≥”
        a & b
            [&] “&”应写作“&&” | write “&&” instead of “&”
        "abc
            ["abc] 引号没有结束 | this quotation mark is never closed
        "\q"
            [\q] 没有这样的转义写法；反斜线本身写作 \\ | there is no such escape; a backslash itself is written \\
        "\ud800"
            [\ud800] 没有这样的转义写法；反斜线本身写作 \\ | there is no such escape; a backslash itself is written \\
        2026-3-1
            [2026-3-1] 日期须写作 2026-03-01 的样子 | a date is written like 2026-03-01
        2026-02-30
            [2026-02-30] 没有 2026-02-30 这一天 | there is no day 2026-02-30
        5 mnths
            [mnths] 数的后面不能跟“mnths”，是不是“months”？ | “mnths” cannot follow a number; did you mean “months”?
        50元
            [元] 数的后面不能跟“元”；单位有 万、亿、%、天、周、个月、年 | “元” cannot follow a number; the units are 万, 亿, %, days, weeks, months, years
        1.5 months
            [1.5 months] 时长须是不太大的整数 | a duration is a whole number, and not too large a one
        99999999999999999999999999999999
            [99999999999999999999999999999999] 这个数的位数太多 | this number has too many digits
        999999999999999999 years
            [999999999999999999 years] 时长须是不太大的整数 | a duration is a whole number, and not too large a one
        grade == "A" and vip
            [and] “and”应写作“&&” | write “&&” instead of “and”
        1 2
            [2] 表达式在这之前已经完整 | the expression is complete before this
        (1
            [] 这里应有“)” | “)” is missing here
        [1, 2
            [] 这里应有“]” | “]” is missing here
        name.
            [] 点的后面应是字段或方法的名称 | the name of a field or method belongs after the point
        * 2
            [*] 这里应是一个值，却是“*” | a value belongs here, not “*”
        in [1]
            [in] “in”的前面缺一个值 | a value is missing before “in”
        {"a": 1}
            [{] 这里不能有字符“{” | the character “{” cannot stand here
            [}] 这里不能有字符“}” | the character “}” cannot stand here
        x # 1
            [#] 这里不能有字符“#” | the character “#” cannot stand here
        "#,
    );
}

#[test]
fn unknown_names() {
    check(
        r#"
        grdae == "A"
            [grdae] 没有名称“grdae”，是不是“grade”？ | there is nothing named “grdae”; did you mean “grade”?
        gradee
            [gradee] 没有名称“gradee”，是不是“grade”？ | there is nothing named “gradee”; did you mean “grade”?
        self.grde
            [grde] “customer”没有字段“grde”，是不是“grade”？ | “customer” has no field “grde”; did you mean “grade”?
        o.du
            [du] 这里没有字段“du”，是不是“due”？ | there is no field “du”; did you mean “due”?
        o.tersm == "cash"
            [tersm] 这里没有字段“tersm”，是不是“terms”？ | there is no field “tersm”; did you mean “terms”?
        contact.phon
            [phon] 这里没有字段“phon”，是不是“phone”？ | there is no field “phon”; did you mean “phone”?
        custodian.nam
            [nam] “person”没有字段“nam”，是不是“name”？ | “person” has no field “nam”; did you mean “name”?
        custodian.grade
            [grade] “person”没有字段“grade”，只有 name、id、type | “person” has no field “grade”, only name, id, type
        settings.c_limit
            [c_limit] 这份制度的 settings 里没有“c_limit”，只有 c_limit_max、office、period、report_days、strict | the settings of this policy have no “c_limit”, only c_limit_max, office, period, report_days, strict
        settings.nothing
            [nothing] 这份制度的 settings 里没有“nothing”，只有 c_limit_max、office、period、report_days、strict | the settings of this policy have no “nothing”, only c_limit_max, office, period, report_days, strict
        linked("custmer")
            ["custmer"] 没有记录类型“custmer”，是不是“customer”？ | there is no record type “custmer”; did you mean “customer”?
        records(name)
            [name] 这里须直接写出记录类型，如 "customer" | the record type is written out here, like "customer"
        liked("card")
            [liked] 没有函数“liked”，是不是“linked”？ | there is no function “liked”; did you mean “linked”?
        name.startWith("a")
            [startWith] 没有方法“startWith”，是不是“startsWith”？ | there is no method “startWith”; did you mean “startsWith”?
        starts(name)
            [starts] 没有函数“starts” | there is no function “starts”
        holds_post(custodian, "manger", today)
            ["manger"] 没有这个岗位：“manger”，是不是“manager”？ | there is no post “manger”; did you mean “manager”?
        head("sale")
            ["sale"] 没有这个部门：“sale”，是不是“sales”？ | there is no department “sale”; did you mean “sales”?
        department == "sals"
            ["sals"] 没有这个部门：“sals”，是不是“sales”？ | there is no department “sals”; did you mean “sales”?
        grade == "E"
            ["E"] 没有这个取值：“E”，只有 A、B、C、D | there is no value “E”, only A, B, C, D
        grade in ["A", "E", "F"]
            ["E"] 没有这个取值：“E”，只有 A、B、C、D | there is no value “E”, only A, B, C, D
            ["F"] 没有这个取值：“F”，只有 A、B、C、D | there is no value “F”, only A, B, C, D
        vip ? grade == "E" : false
            ["E"] 没有这个取值：“E”，只有 A、B、C、D | there is no value “E”, only A, B, C, D
        grade == "E" || department == "x" || nothing
            ["E"] 没有这个取值：“E”，只有 A、B、C、D | there is no value “E”, only A, B, C, D
            ["x"] 没有这个部门：“x”，只有 office、sales | there is no department “x”, only office, sales
            [nothing] 没有名称“nothing” | there is nothing named “nothing”
        approval(self, "manage")
            ["manage"] 没有这个岗位：“manage”，是不是“manager”？ | there is no post “manage”; did you mean “manager”?
        "manger" in readers
            ["manger"] 没有这个岗位：“manger”，是不是“manager”？ | there is no post “manger”; did you mean “manager”?
        type == "custome"
            ["custome"] 没有这个取值：“custome”，是不是“customer”？ | there is no value “custome”; did you mean “customer”?
        null
            [null] 没有 null：用 has(x) 问有没有 | there is no null: ask has(x) whether a value is there
        today()
            [today] “today”不是函数，后面没有括号 | “today” is no function: no brackets belong behind it
        size
            [size] “size”是函数，后面要有括号 | “size” is a function: brackets belong behind it
        it.name
            [it] 没有名称“it” | there is nothing named “it”
        "#,
    );
}

#[test]
fn wrong_types() {
    check(
        r#"
        credit_limit == "5"
            [credit_limit == "5"] “==”不能用于数和文字 | “==” does not go between a number and a text
        name > 5
            [name > 5] “>”不能用于文字和数 | “>” does not go between a text and a number
        vip && 1
            [1] 这里应是真假，却是数 | this should be true or false, but is a number
        !name
            [name] 这里应是真假，却是文字 | this should be true or false, but is a text
        -name
            [name] “-”不能用于文字 | “-” is not for a text
        name + 1
            [name + 1] “+”不能用于文字和数：先用 string(…) 把数写成文字 | “+” does not go between a text and a number: write the number as text with string(…)
        name * 2
            [name * 2] “*”不能用于文字和数 | “*” does not go between a text and a number
        opened + 5
            [opened + 5] “+”不能用于日期和数：日期加减天数，写作 5 天 或 days(5) | “+” does not go between a date and a number: days are added to a date, written 5 days or days(5)
        opened - today <= 5
            [opened - today <= 5] “<=”不能用于天数和数：天数写作 5 天 或 days(5) | “<=” does not go between a duration in days and a number: a number of days is written 5 days or days(5)
        opened - today <= 1 month
            [opened - today <= 1 month] “<=”不能用于天数和月数：月有长短，不能与天数相比 | “<=” does not go between a duration in days and a duration in months: months differ in length and are never compared with days
        1 month > 30 days
            [1 month > 30 days] “>”不能用于月数和天数：月有长短，不能与天数相比 | “>” does not go between a duration in months and a duration in days: months differ in length and are never compared with days
        1 month == 1 month + 1 day
            [1 month == 1 month + 1 day] “==”不能用于月数和月数和天数 | “==” does not go between a duration in months and a duration in months and days
        opened > "2026-01-01"
            [opened > "2026-01-01"] “>”不能用于日期和文字：日期不加引号，写作 2026-03-01 | “>” does not go between a date and a text: a date stands without quotation marks, like 2026-03-01
        asked > opened
            [asked > opened] “>”不能用于带日期的时刻和日期：先用 date(…) 取时刻的日期 | “>” does not go between a date and time and a date: take the day of the time with date(…)
        custodian == "li"
            [custodian == "li"] “==”不能用于“person”记录和文字：与编号相比写 .id | “==” does not go between a record of type “person” and a text: compare its .id with a text
        custodian == self
            [custodian == self] “==”不能用于“person”记录和“customer”记录 | “==” does not go between a record of type “person” and a record of type “customer”
        opened == credit_limit
            [opened == credit_limit] “==”不能用于日期和数：日期加减天数，写作 5 天 或 days(5) | “==” does not go between a date and a number: days are added to a date, written 5 days or days(5)
        vip < false
            [vip < false] “<”不能用于真假和真假 | “<” does not go between true or false and true or false
        grade == 1
            [grade == 1] “==”不能用于A、B、C、D 之一和数 | “==” does not go between one of A, B, C, D and a number
        grade < o.terms
            [grade < o.terms] “<”不能用于A、B、C、D 之一和cash、credit 之一 | “<” does not go between one of A, B, C, D and one of cash, credit
        grade == readers
            [grade == readers] “==”不能用于A、B、C、D 之一和人员或岗位的列表：是否在列表里，用 in 问 | “==” does not go between one of A, B, C, D and a list, each a person or a post: ask with “in” whether it is in the list
        name in name
            [name in name] “in”不能用于文字和文字：文字里有没有，用 contains 问 | “in” does not go between a text and a text: ask with contains() whether a text holds another
        1 in ["a"]
            [1 in ["a"]] “in”不能用于数和文字的列表 | “in” does not go between a number and a list, each a text
        [1, "a"]
            ["a"] 同一个列表里的值须是一类：前面是数，这里是文字 | a list holds values of one type: before this a number, here a text
        vip ? 1 : "a"
            ["a"] “?”的两个结果须是一类：一个是数，一个是文字 | both results of “?” must be of one type: one is a number, the other a text
        credit_limit ? 1 : 2
            [credit_limit] 这里应是真假，却是数 | this should be true or false, but is a number
        credit_limit.x
            [x] 数没有字段，不能取“.x” | a number has no fields; there is no “.x”
        name[0]
            [name] 只有列表才能用 [n]，这是文字 | only a list has [n]; this is a text
        [1]["a"]
            ["a"] 这里应是数，却是文字 | this should be a number, but is a text
        name.all(x, true)
            [name] 这里应是列表，却是文字 | this should be a list, but is a text
        [1].all(x, x)
            [x] 这里应是真假，却是数 | this should be true or false, but is a number
        [1].all(x + 1, true)
            [x + 1] “all”的用法是 list.all(x, condition) | “all” is written list.all(x, condition)
        [1].sum(2)
            [[1].sum(2)] “sum”的用法是 list.sum() | “sum” is written list.sum()
        sum([1])
            [sum] “sum”的用法是 list.sum() | “sum” is written list.sum()
        name.sum()
            [name] 这里应是数的列表，却是文字 | this should be a list, each a number, but is a text
        ["a"].sum()
            [["a"]] 这里应是数的列表，却是文字的列表 | this should be a list, each a number, but is a list, each a text
        name.round(1)
            [round] “round”的用法是 round(x, n) | “round” is written round(x, n)
        round(1)
            [round(1)] “round”的用法是 round(x, n) | “round” is written round(x, n)
        [vip].max()
            [[vip]] 这里应是有大小先后的值的列表，却是真假的列表 | this should be a list of values that have an order, but is a list, each true or false
        readers.sort_by(r, r)
            [r] 不能按人员或岗位排先后 | a person or a post has no order
        custodian.linked("card").sort_by(c, c)
            [c] 不能按“card”记录排先后 | a record of type “card” has no order
        holds_post(self, "manager", today)
            [self] 这里应是“person”记录，却是“customer”记录 | this should be a record of type “person”, but is a record of type “customer”
        holds_post(custodian, "manager", asked)
            [asked] 这里应是日期，却是带日期的时刻 | this should be a date, but is a date and time
        superior(name, today)
            [name] 这里应是“person”记录，却是文字 | this should be a record of type “person”, but is a text
        previous(name)
            [name] 这里应是一份记录，却是文字 | this should be a record, but is a text
        name.linked("card")
            [name] 这里应是记录，却是文字 | this should be a record, but is a text
        latest([1], 2)
            [2] “latest”的用法是 latest(list, key) | “latest” is written latest(list, key)
        latest(linked("report"), found.x)
            [x] A、B、C、D 之一没有字段，不能取“.x” | one of A, B, C, D has no fields; there is no “.x”
        credit_limit.on(today)
            [credit_limit] “credit_limit”没有 history：只有类型里写了 history 的字段才能问某一天的值 | “credit_limit” has no history: only a field that the type lists under `history` has past values
        name.on(today)
            [name] “name”没有 history：只有类型里写了 history 的字段才能问某一天的值 | “name” has no history: only a field that the type lists under `history` has past values
        bind(1, 2, 3)
            [1] “bind”的用法是 bind(v, value, expression) | “bind” is written bind(v, value, expression)
        has()
            [has()] “has”的用法是 has(x) | “has” is written has(x)
        date(opened)
            [opened] 这里应是带日期的时刻，却是日期 | this should be a date and time, but is a date
        same_set([1], ["a"])
            [["a"]] 这里应是数的列表，却是文字的列表 | this should be a list, each a number, but is a list, each a text
        self.id == self
            [self.id == self] “==”不能用于文字和“customer”记录：与编号相比写 .id | “==” does not go between a text and a record of type “customer”: compare its .id with a text
        string([1])
            [[1]] 这里应是单个的值，却是数的列表 | this should be a single value, but is a list, each a number
        "#,
    );
}

#[test]
fn what_may_be_missing() {
    check(
        r#"
        closed > today
            [closed] “closed”可能没有：先用 has(closed) 问过，或用 orValue | “closed” may be missing: ask has(closed) first, or use orValue
        has(closed) || closed > today
            [closed] “closed”可能没有：先用 has(closed) 问过，或用 orValue | “closed” may be missing: ask has(closed) first, or use orValue
        !has(closed) && closed > today
            [closed] “closed”可能没有：先用 has(closed) 问过，或用 orValue | “closed” may be missing: ask has(closed) first, or use orValue
        has(owner) && closed > today
            [closed] “closed”可能没有：先用 has(closed) 问过，或用 orValue | “closed” may be missing: ask has(closed) first, or use orValue
        owner.name == "x"
            [owner] “owner”可能没有：先用 has(owner) 问过，或用 orValue | “owner” may be missing: ask has(owner) first, or use orValue
        feedback.date > today
            [feedback] “feedback”可能没有：先用 has(feedback) 问过，或用 orValue | “feedback” may be missing: ask has(feedback) first, or use orValue
        has(feedback) && feedback.note == "x"
            [feedback.note] “feedback.note”可能没有：先用 has(feedback.note) 问过，或用 orValue | “feedback.note” may be missing: ask has(feedback.note) first, or use orValue
        contact.email == "x"
            [contact.email] “contact.email”可能没有：先用 has(contact.email) 问过，或用 orValue | “contact.email” may be missing: ask has(contact.email) first, or use orValue
        previous(self).name
            [previous(self)] “previous(self)”可能没有：先用 has(previous(self)) 问过，或用 orValue | “previous(self)” may be missing: ask has(previous(self)) first, or use orValue
        latest(linked("report"), date).found == "A"
            [latest(linked("report"), date)] “latest(linked("report"), date)”可能没有：先用 has(latest(linked("report"), date)) 问过，或用 orValue | “latest(linked("report"), date)” may be missing: ask has(latest(linked("report"), date)) first, or use orValue
        latest(linked("report").filter(r, true), date).found == "A"
            [latest(linked("report").filter(r, true), date)] 这个值可能没有：先用 bind(v, …, has(v) && …) 问过，或用 orValue | this may be missing: ask first, with bind(v, …, has(v) && …), or use orValue
        linked("report").all(r, r.answered > r.date)
            [r.answered] “r.answered”可能没有：先用 has(r.answered) 问过，或用 orValue | “r.answered” may be missing: ask has(r.answered) first, or use orValue
        linked("report").filter(r, has(r.about)).all(r, r.answered > r.date)
            [r.answered] “r.answered”可能没有：先用 has(r.answered) 问过，或用 orValue | “r.answered” may be missing: ask has(r.answered) first, or use orValue
        linked("report").filter(o, has(o.answered)).all(r, o.due > r.answered)
            [o.due] “o.due”可能没有：先用 has(o.due) 问过，或用 orValue | “o.due” may be missing: ask has(o.due) first, or use orValue
        has(o.due) && [1].all(o, o > 0) && o.due > today
            good: true or false
        linked("card").map(o, has(o.due))
            [due] “card”没有字段“due”，只有 customer、orders、id、type | “card” has no field “due”, only customer, orders, id, type
        [1].average() > 0
            [[1].average()] “[1].average()”可能没有：先用 has([1].average()) 问过，或用 orValue | “[1].average()” may be missing: ask has([1].average()) first, or use orValue
        closed.orValue("x")
            ["x"] 代替的值应是日期，却是文字 | the value instead should be a date, but is a text
        [closed]
            [closed] “closed”可能没有：先用 has(closed) 问过，或用 orValue | “closed” may be missing: ask has(closed) first, or use orValue
        grade.on(today) == "A"
            [grade.on(today)] “grade.on(today)”可能没有：先用 has(grade.on(today)) 问过，或用 orValue | “grade.on(today)” may be missing: ask has(grade.on(today)) first, or use orValue
        tags.size()
            [tags] “tags”可能没有：先用 has(tags) 问过，或用 orValue | “tags” may be missing: ask has(tags) first, or use orValue
        bind(p, owner, p.name)
            [p] “p”可能没有：先用 has(p) 问过，或用 orValue | “p” may be missing: ask has(p) first, or use orValue
        "#,
    );
}

#[test]
fn what_a_place_demands() {
    let demand = |text: &str, expected: &Type| mistakes(text, Some(expected));
    assert_eq!(demand("vip", &Type::Bool), "good: true or false");
    assert_eq!(demand("3 days", &Type::Calendar), "good: a duration in days");
    assert_eq!(demand("closed", &Type::Date.optional()), "good: a date that may be missing");
    assert_eq!(demand("name", &Type::Bool), "[name] 这里应是真假，却是文字 | this should be true or false, but is a text");
    assert_eq!(
        demand("closed", &Type::Date),
        "[closed] “closed”可能没有：先用 has(closed) 问过，或用 orValue | “closed” may be missing: ask has(closed) first, or use orValue"
    );
    assert_eq!(
        demand("\"salse\"", &Type::Department),
        "[\"salse\"] 没有这个部门：“salse”，是不是“sales”？ | there is no department “salse”; did you mean “sales”?"
    );
}

#[test]
fn where_there_is_no_record() {
    let compile = |text: &str| {
        let scope = Scope { record: None, ..scope() };
        with_schema(|schema| Expression::compile(text, place(text), &scope, schema, None)).map_err(|m| m[0].message.en.clone())
    };
    assert!(compile("records(\"customer\").all(c, c.vip)").is_ok());
    let none = Err("there is no self here: it is not a record that is judged".to_owned());
    assert_eq!(compile("self.name").map(|_| ()), none);
    assert_eq!(compile("linked(\"card\")").map(|_| ()), none);
    assert_eq!(compile("name").map(|_| ()), Err("there is nothing named “name”, only o, year_of, today, settings".to_owned()));
}

#[test]
fn mistakes_stand_in_the_file() {
    let span = |verbatim_from| {
        let place = ExpressionPlace { span: Span { file: FileId::NONE, start: 100, end: 160 }, verbatim_from };
        with_schema(|schema| Expression::compile("等级 == grdae", place, &scope(), schema, None)).expect_err("a mistake")[0].span
    };
    assert_eq!(span(Some(101)), Span { file: FileId::NONE, start: 111, end: 116 });
    assert_eq!(span(None), Span { file: FileId::NONE, start: 100, end: 160 });
}

#[test]
fn depth_is_bounded() {
    let too_deep = |text: &str| mistakes(text, None).contains("nested more than");
    for deep in [
        "(".repeat(5000),
        "[".repeat(5000),
        "!".repeat(5000) + "true",
        "-".repeat(5000) + "1",
        "1".to_owned() + &" + 1".repeat(5000),
        "name".to_owned() + &".trim()".repeat(5000),
        "true ? 1 : ".repeat(5000) + "2",
        "size(".repeat(5000),
    ] {
        assert!(too_deep(&deep), "{}", &deep[..20]);
    }
    assert!(!too_deep(&("true".to_owned() + &" && true".repeat(5000))), "a long chain is not deep");
}

#[test]
fn calendar_durations() {
    let after = |months, days, date: &str| {
        let day = CalendarDuration { months, days }.after(date.parse().expect("a date of the test"));
        day.map_or("none".to_owned(), |day| day.to_string())
    };
    assert_eq!(after(1, 0, "2026-01-31"), "2026-02-28");
    assert_eq!(after(12, 0, "2024-02-29"), "2025-02-28");
    assert_eq!(after(-1, -1, "2026-03-31"), "2026-02-27");
    assert_eq!(after(0, 1, "9999-12-31"), "none");
    assert_eq!(after(i32::MIN, i32::MIN, "2026-01-01"), "none");
}
