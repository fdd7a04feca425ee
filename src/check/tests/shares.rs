//! A block that would keep everybody waiting is left out, and says so.

use super::{customer, house, lines, open, open_within, record, with_people};
use crate::{
    approval::Approvals,
    archive::{Archive, Settings},
    check::{
        Report,
        duties::Wanted,
        judged,
        law::Laws,
        share::{MEANS, Means},
    },
    facts::Facts,
    policy::Policies,
    source::{Room, Sources},
};
use chrono::NaiveDate;
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// Half of it is for one block.
const LITTLE: Means = Means { whole: 400_000, a_record: 0 };

/// At a customer of 60 orders some 15,000 steps: far fewer than one evaluation may take.
fn dear(id: &str) -> String {
    format!(
        "```yaml rule\nid: {id}\nfor: customer\nrequire: orders.all(a, orders.all(b, a.amount + b.amount > 5))\nwhen: has(orders)\n\
         say: {{zh: 订单过小, en: small}}\n```\n\n"
    )
}

const CHEAP: &str = "```yaml rule\nid: cheap\nfor: customer\nrequire: limit > 0\nsay: {zh: 额度须大于零, en: a limit}\n```\n\n";

fn customers(n: usize, orders: usize) -> Vec<(String, String)> {
    let rows = "- {date: 2025-02-01, amount: 3}\n".repeat(orders);
    with_people((0..n).map(|i| customer(&format!("C-{i}"), &format!("grade: A\nlimit: 0\norders:\n{rows}"))))
}

/// How often each code is told, and what is pointed at where a block is.
fn told(means: Means, policy: &str, records: &[(String, String)]) -> Vec<(String, usize, String)> {
    let (archive, report) = open_within(means, &[policy], records, "2026-01-01");
    let mut told: Vec<(String, usize, String)> = Vec::new();
    for finding in &report.findings {
        let place = finding.span.filter(|_| finding.record.is_none()).map_or("", |span| archive.sources.slice(span));
        match told.iter_mut().find(|(code, ..)| **code == *finding.code) {
            Some((_, count, _)) => *count += 1,
            None => told.push((finding.code.to_string(), 1, place.lines().next().unwrap_or_default().to_owned())),
        }
    }
    told
}

fn of_records(code: &str, count: usize) -> (String, usize, String) {
    (code.to_owned(), count, String::new())
}

fn left_out(blocks: usize) -> (String, usize, String) {
    ("policy.budget".to_owned(), blocks, "yaml rule".to_owned())
}

#[test]
fn a_rule_that_is_dear_for_the_whole_archive_is_left_out_and_the_others_stand() {
    let policy = house(&format!("{CHEAP}{}", dear("dear")));
    assert_eq!(told(LITTLE, &policy, &customers(3, 60)), [of_records("house.cheap", 3)]);
    assert_eq!(told(LITTLE, &policy, &customers(30, 60)), [left_out(1), of_records("house.cheap", 30)]);
    let more = Means { a_record: 100_000, ..LITTLE };
    assert_eq!(told(more, &policy, &customers(30, 60)), [of_records("house.cheap", 30)], "each record brings something");
}

/// Nine that each stay within half take all of it; with equal shares what is cheap is judged all
/// the same.
#[test]
fn rules_that_are_dear_together_are_left_out_and_the_others_stand() {
    let many: String = (0..9).map(|i| dear(&format!("dear-{i}"))).collect();
    let policy = house(&format!("{many}{CHEAP}"));
    assert_eq!(told(LITTLE, &policy, &customers(4, 60)), [left_out(9), of_records("house.cheap", 4)]);
    assert_eq!(told(LITTLE, &policy, &customers(1, 60)), [of_records("house.cheap", 1)]);
}

#[test]
fn what_is_said_names_the_block_and_its_article_and_tells_no_number() {
    let (_, report) = open_within(LITTLE, &[&house(&dear("dear"))], &customers(30, 60), "2026-01-01");
    let finding = report.findings.iter().find(|finding| &*finding.code == "policy.budget").unwrap();
    assert_eq!(finding.message.zh, "house.dear 用于整个档案时计算步数超限，这一条未作核对");
    assert_eq!(finding.message.en, "house.dear runs out of steps when it judges the whole archive; nothing was judged by it");
    assert_eq!(finding.citation.as_ref().map(|citation| &*citation.article), Some("第2条"));
    let searched = |id: &str| finding.reads.searches().any(|search| &*search.record_type == id && search.linked_to.is_none());
    assert!(finding.record.is_none() && searched("customer") && searched("review"), "it tells of all that is there");
}

/// Half of the customers break it: whatever was found before it was left out is left out too, on
/// any number of threads.
#[test]
fn the_same_archive_is_judged_the_same_each_time() {
    let rules: String = (0..4).map(|i| dear(&format!("dear-{i}")).replace("> 5", "> 7")).collect();
    let policy = house(&format!("{CHEAP}{rules}"));
    for n in [2, 3, 5, 6, 30] {
        let records = customers(n, 60);
        let shown = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be had");
            let Report { findings, past, duties, tallies, .. } = pool.install(|| open_within(LITTLE, &[&policy], &records, "2026-01-01").1);
            format!("{findings:#?} {past:#?} {duties:#?} {tallies:#?}")
        };
        let first = shown(1);
        assert!([2, 3, 7, 16, 16, 16].into_iter().all(|threads| shown(threads) == first), "{n} customers");
    }
}

/// Each of the customers that are found wanting has read all of them: what the rows of one list
/// rest on alike would be kept once.
#[test]
fn what_is_kept_with_findings_is_paid_for() {
    let every =
        "```yaml rule\nid: every\nfor: customer\nrequire: records(\"customer\").exists(c, c.limit > 0)\nsay: {zh: 甲, en: a}\n```\n\n";
    assert_eq!(told(LITTLE, &house(every), &customers(20, 1)), [of_records("house.every", 20)]);
    assert_eq!(told(LITTLE, &house(every), &customers(200, 1)), [left_out(1)]);
}

#[test]
fn a_duty_has_its_share_too() {
    let cheap = "```yaml duty\nid: owed\nfor: customer\nwhere: has(orders)\nneed: report\nby: opened\nwho: [owner]\nsay: {zh: 缺报告, en: report}\n```\n\n";
    let dear = cheap.replace("has(orders)", "has(orders) && orders.all(a, orders.all(b, a.amount + b.amount > 5))");
    let judged = |duty: &str| open_within(LITTLE, &[&house(duty)], &customers(30, 60), "2026-01-01").1;
    assert_eq!(judged(cheap).duties.len(), 30);
    let report = judged(&dear);
    assert!(report.duties.is_empty() && report.findings.iter().any(|finding| &*finding.code == "policy.budget"));
}

/// A hundred words are looked for in all prose.
#[test]
fn a_style_has_its_share_too() {
    let style = |words: usize| {
        let words: Vec<String> = (0..words).map(|i| format!("词{i}")).collect();
        house(&format!("```yaml style\nid: plain\nfor: report\navoid: [{}]\n```\n\n", words.join(", ")))
    };
    let prose = "甲乙丙丁词0".repeat(20_000);
    let report = format!("---\ntype: report\nid: R-0\ncustomer: C-0\nreported: 2025-05-01\n---\n## 事实\n\n{prose}\n\n## 结论\n\n乙\n");
    let records: Vec<_> = customers(1, 1).into_iter().chain([record("r.md", &report)]).collect();
    let found = |words: usize| told(Means { whole: 40_000_000, a_record: 0 }, &style(words), &records);
    assert_eq!(found(1), [of_records("house.plain", 20_000)]);
    assert_eq!(found(5000).iter().map(|(code, count, _)| (&**code, *count)).collect::<Vec<_>>(), [("policy.budget", 1)]);
}

/// What an answer takes is paid by whoever asks, though nothing of it is in the answer.
#[test]
fn to_pass_over_many_records_is_paid_for() {
    let asks = "```yaml rule\nid: asks\nfor: customer\nrequire: years(1, 1000).all(y, linked(\"report\").size() == 0)\nsay: {zh: 甲, en: a}\n```\n\n";
    // They lack a section, and so count for nothing.
    let report = |i: usize| format!("---\ntype: report\nid: R-{i}\ncustomer: C-0\nreported: 2025-05-01\n---\n## 事实\n\n甲\n");
    let reports = (0..2500).map(|i| record(&format!("r{i}.md"), &report(i)));
    let records: Vec<_> = customers(1, 1).into_iter().chain(reports).collect();
    let (_, report) = open(&[&house(asks)], &records, "2026-01-01");
    let dear = report.findings.iter().filter(|finding| &*finding.code == "policy.budget");
    assert_eq!(dear.map(|finding| finding.message.zh.as_str()).collect::<Vec<_>>(), lines("house.asks 判断 C-0 时计算步数超限"));
}

/// A list is made anew each time that it is asked for.
#[test]
fn to_read_a_long_list_is_paid_for() {
    let asks = "```yaml rule\nid: asks\nfor: customer\nrequire: years(1, 1000).all(y, orders.size() >= 0)\nwhen: has(orders)\nsay: {zh: 甲, en: a}\n```\n\n";
    assert_eq!(told(LITTLE, &house(asks), &customers(1, 10)), []);
    assert_eq!(told(LITTLE, &house(asks), &customers(1, 100)), [left_out(1)]);
}

/// An example is judged by itself, and pays for itself: the more there are, the less each may take.
#[test]
fn an_example_that_is_dear_is_told_and_keeps_nobody_waiting() {
    let policy = |examples: usize| {
        let example = "- holds: {customer: C-1, effective: 2025-01-01, to_grade: A}\n".repeat(examples);
        let dear = "years(1, 120).all(a, years(1, 120).all(b, a <= 120))";
        house(&format!("```yaml rule\nid: long\nfor: review\nrequire: {dear}\nsay: {{zh: 甲, en: a}}\nexamples:\n{example}```\n\n"))
    };
    let told = |examples: usize| {
        let (_, report) = open(&[&policy(examples)], &with_people([]), "2026-01-01");
        report.findings.iter().filter(|finding| &*finding.code == "policy.example").count()
    };
    assert_eq!(told(10), 0);
    assert_eq!(told(1000), 1000, "the same are told where there are many");
}

/// The archive at the root of this repository, with so many more of each of its records.
fn shipped(copies: usize) -> Sources {
    let shipped = Sources::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository can be listed");
    let texts = |room: Room| shipped.in_room(room).map(|file| (file.path.to_string(), file.text.to_string())).collect::<Vec<_>>();
    let records = texts(Room::Record);
    let numbered: BTreeSet<&str> = records
        .iter()
        .filter_map(|(_, text)| text.lines().find_map(|line| line.strip_prefix("id: ")))
        .filter(|id| id.contains('-'))
        .collect();
    let is_of_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let copy = |text: &str, n: usize| {
        let parts = text.split_inclusive(|c| !is_of_id(c)).map(|part| match part.trim_end_matches(|c| !is_of_id(c)) {
            id if numbered.contains(id) => part.replacen(id, &format!("{id}-{n}"), 1),
            _ => part.to_owned(),
        });
        parts.collect::<String>()
    };
    let is_copied = |text: &&(String, String)| numbered.iter().any(|id| text.1.contains(&format!("\nid: {id}\n")));
    let copied = (0..copies)
        .flat_map(|n| records.iter().filter(is_copied).map(move |(path, text)| (path.replace(".md", &format!("-{n}.md")), (text, n))));
    let copied: Vec<(String, String)> = copied.map(|(path, (text, n))| (path, copy(text, n))).collect();
    Sources::from_memory(texts(Room::Policy).into_iter().chain(records.iter().cloned()).chain(copied))
}

/// Ten times as little; and not much closer to it where the records are twice as many.
#[test]
fn the_shipped_archive_is_far_from_what_it_may_take() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 2).expect("the second of November is a date");
    for copies in [0, 1] {
        let sources = Arc::new(shipped(copies));
        let archive = Archive::build(sources.clone(), Arc::new(Policies::compile(&sources, today)), Settings::default());
        let approvals = Approvals::judge(&archive, today);
        let facts = Facts::many(&archive, &approvals, today);
        let (shares, ..) = judged(&Laws::new(&archive.policies), &facts, MEANS, Wanted::Report, |judged| judged);
        let (all, dearest) = shares.spent();
        assert!(all < 0.1 && dearest < 0.1, "{} records: {all:.4} of all, {dearest:.4} of a share", archive.records.len());
    }
}
