use super::{expect, house, record, with_people};

/// A type whose dates and figures are of every kind of place.
const ORDER: &str = "```yaml type
id: deal
label: {zh: 买卖, en: Deal}
may:
  from: date
  until: date
  closed: timestamp
  note: {on: date}
  extra: list of date
  cap: money
  agent: person
  team: list of person
  rows: [{clerk?: person, day?: date, paid_on?: date, pieces?: number, price?: money, paid?: money}]
labels: {from: {zh: 起日, en: From}, rows.paid_on: {zh: 付清日期, en: Paid on}}
order: [[from, rows.day, until, closed], [rows.day, rows.paid_on], [from, note.on], [from, extra]]
past: [note.on, rows.paid_on, closed, extra]
staff: [[agent, from], [team, closed], [rows.clerk, rows.day]]
above: {rows.pieces: 0}
min: {rows.paid: 0, cap: 1万}
max: {rows.paid: rows.price, rows.price: cap}
```
";

#[track_caller]
fn judged(fields: &str, expected: &str) {
    let text = format!("---\ntype: deal\n{fields}---\n");
    expect(&[&house(ORDER)], &with_people([record("x.md", &text)]), "2026-01-01", expected);
}

#[test]
fn what_makes_sense_is_clean() {
    judged("", "");
    judged(
        "from: 2025-01-01\nuntil: 2025-01-01\nclosed: 2025-12-31T23:30:00+08:00\nnote: {on: 2026-01-01}\nextra: [2025-01-01]\ncap: 10000\nrows:\n- {day: 2025-01-01, paid_on: 2025-01-01, pieces: 0.5, price: 10000, paid: 10000}\n- {paid: 5}\n",
        "",
    );
    // What is not recorded as done may lie ahead.
    judged("from: 2027-01-01\nuntil: 2027-02-01\nrows: [{day: 2027-01-20}]\n", "");
}

#[test]
fn two_dates_the_wrong_way_round() {
    judged(
        "from: 2025-03-01\nuntil: 2025-02-01\n",
        "records/x.md:4:8 `2025-02-01` error[sense.order] until 2025-02-01 早于起日（from）2025-03-01 | 核对两个日期，更正写错的一个 | -",
    );
    // What stands between them is not written; a timestamp is compared by its day.
    judged(
        "from: 2025-03-02\nclosed: 2025-03-01T15:00:00Z\nnote: {on: 2025-03-01}\nextra: [2025-03-02, 2025-02-01]\n",
        "records/x.md:4:9 `2025-03-01T15:00:00Z` error[sense.order] closed 2025-03-01 早于起日（from）2025-03-02 | 核对两个日期，更正写错的一个 | -
         records/x.md:5:12 `2025-03-01` error[sense.order] note.on 2025-03-01 早于起日（from）2025-03-02 | 核对两个日期，更正写错的一个 | -
         records/x.md:6:21 `2025-02-01` error[sense.order] extra.2 2025-02-01 早于起日（from）2025-03-02 | 核对两个日期，更正写错的一个 | -",
    );
}

#[test]
fn rows_within_themselves_and_within_the_record() {
    judged(
        "from: 2025-03-01\nuntil: 2025-03-31\nrows:\n- {day: 2025-02-27}\n- {day: 2025-04-01, paid_on: 2025-03-31}\n- {day: 2025-03-31}\n- {paid_on: 2025-01-01}\n",
        "records/x.md:6:9 `2025-02-27` error[sense.order] rows.1.day 2025-02-27 早于起日（from）2025-03-01 | 核对两个日期，更正写错的一个 | -
         records/x.md:7:9 `2025-04-01` error[sense.order] rows.2.day 2025-04-01 晚于 until 2025-03-31 | 核对两个日期，更正写错的一个 | -
         records/x.md:7:30 `2025-03-31` error[sense.order] 付清日期（rows.2.paid_on）2025-03-31 早于 rows.2.day 2025-04-01 | 核对两个日期，更正写错的一个 | -",
    );
    // No row fits into a period that ends before it begins: that alone is told.
    judged(
        "from: 2025-03-01\nuntil: 2025-02-01\nrows: [{day: 2025-02-15}]\n",
        "records/x.md:4:8 `2025-02-01` error[sense.order] until 2025-02-01 早于起日（from）2025-03-01 | 核对两个日期，更正写错的一个 | -",
    );
}

#[test]
fn what_is_recorded_as_done_on_a_day_still_to_come() {
    judged(
        "note: {on: 2026-01-02}\nrows: [{paid_on: 2027-01-10}]\nclosed: 2026-01-01T16:00:00Z\n",
        "records/x.md:3:12 `2026-01-02` error[sense.future] note.on 2026-01-02 还没有到 | 改为实际的日期；事情还没有做的，做了再写 | -
         records/x.md:4:18 `2027-01-10` error[sense.future] 付清日期（rows.1.paid_on）2027-01-10 还没有到 | 改为实际的日期；事情还没有做的，做了再写 | -
         records/x.md:5:9 `2026-01-01T16:00:00Z` error[sense.future] closed 2026-01-02 还没有到 | 改为实际的日期；事情还没有做的，做了再写 | -",
    );
}

#[test]
fn figures_beyond_their_bounds() {
    judged(
        "cap: 9999.5\nrows:\n- {pieces: 0, price: 100, paid: 101}\n- {pieces: 1, price: 10000, paid: -1}\n",
        "records/x.md:3:6 `9999.5` error[sense.range] cap 9999.5 小于 10000 | 核对原始凭证，更正这个数 | -
         records/x.md:5:12 `0` error[sense.range] rows.1.pieces 0 不大于 0 | 核对原始凭证，更正这个数 | -
         records/x.md:5:33 `101` error[sense.range] rows.1.paid 101 大于 rows.1.price 100 | 核对原始凭证，更正写错的一个数 | -
         records/x.md:6:22 `10000` error[sense.range] rows.2.price 10000 大于 cap 9999.5 | 核对原始凭证，更正写错的一个数 | -
         records/x.md:6:35 `-1` error[sense.range] rows.2.paid -1 小于 0 | 核对原始凭证，更正这个数 | -",
    );
}

#[test]
fn values_that_cannot_be_read_have_a_finding_of_their_own_alone() {
    judged(
        "from: 2025-03-01\nuntil: 昨天\nrows: [{day: 2025-03-05, pieces: 许多}]\n",
        "records/x.md:4:8 `昨天` error[structure.wrong-type] until应为日期（年-月-日），现为 昨天 | 改写为如 2026-03-04 的形式 | -
         records/x.md:5:34 `许多` error[structure.wrong-type] rows.1.pieces应为数，现为 许多 | 改写为如 12.5 的形式 | -",
    );
}

#[test]
fn an_article_may_claim_what_makes_no_sense_of_a_type() {
    let rule = "```yaml rule\nid: paid\nfor: deal\nbuiltin: sense.order\nsay: {zh: 先买后付, en: bought before it is paid}\nfix: {zh: 更正, en: mend it}\n```\n";
    let text = "---\ntype: deal\nfrom: 2025-03-01\nuntil: 2025-02-01\n---\n";
    expect(
        &[&house(&format!("{ORDER}\n{rule}"))],
        &with_people([record("x.md", text)]),
        "2026-01-01",
        "records/x.md:4:8 `2025-02-01` error[house.paid] 先买后付：until 2025-02-01 早于起日（from）2025-03-01 | 更正 | 第2条",
    );
}

#[test]
fn who_was_not_on_staff_on_the_day() {
    let person = |id: &str, left: &str| {
        let reporting = "reporting: [{from: 2024-01-01, department: sales, superior: lin}]";
        record(
            &format!("{id}.md"),
            &format!("---\ntype: person\nid: {id}\nname: 高远\njoined: 2024-01-01\nleft: {left}\n{reporting}\n---\n"),
        )
    };
    let judged = |fields: &str, expected: &str| {
        let text = format!("---\ntype: deal\n{fields}---\n");
        let records = [person("gone", "2025-03-01"), person("odd", "2023-03-01"), record("x.md", &text)];
        expect(&[&house(ORDER)], &with_people(records), "2026-01-01", expected);
    };
    judged(
        "agent: gone\nfrom: 2025-02-28\nteam: [mei, gone]\nclosed: 2025-02-28T15:00:00Z\nrows: [{clerk: gone}, {day: 2025-02-28}]\n",
        "",
    );
    // Whose file cannot be, or who has none, is told there.
    judged("agent: odd\nfrom: 2025-02-28\n", "");
    let fix = "核对人员和日期，更正写错的一个";
    judged(
        "agent: gone\nfrom: 2025-03-01\nteam: [mei, gone]\nclosed: 2025-03-01T16:00:00Z\nrows: [{clerk: gone, day: 2025-03-02}]\n",
        &format!(
            "records/x.md:3:8 `gone` error[sense.not-on-staff] agent 写的高远（gone），2025-03-01 不是在职人员 | {fix} | -
             records/x.md:5:13 `gone` error[sense.not-on-staff] team.2 写的高远（gone），2025-03-02 不是在职人员 | {fix} | -
             records/x.md:7:16 `gone` error[sense.not-on-staff] rows.1.clerk 写的高远（gone），2025-03-02 不是在职人员 | {fix} | -"
        ),
    );
}
