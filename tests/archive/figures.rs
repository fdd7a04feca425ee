//! A manager moves a figure of a rulebook: no example breaks, and no article and no message says
//! the old one.

use crate::support::memory::InMemory;
use chancery::{
    archive::Settings,
    check::try_all,
    document::Writing,
    policy::{BlockKind, Policies, Policy, Say, SayPiece},
    source::Sources,
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::{collections::BTreeSet, sync::LazyLock};

static SHIPPED: LazyLock<(Sources, NaiveDate)> = LazyLock::new(|| {
    let shipped = InMemory::shipped();
    (shipped.sources(), shipped.demo_day())
});

fn compiled(sources: &Sources) -> Policies {
    Policies::compile(sources, SHIPPED.1)
}

/// One more and one less, as it is written; a month or a day of the month stays one.
fn moved(written: &str) -> Vec<String> {
    if let Ok(day) = written.parse::<NaiveDate>() {
        return vec![(day + Days::new(1)).to_string(), (day - Days::new(1)).to_string()];
    }
    let digits = written.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: Decimal = digits.parse().unwrap_or_else(|_| panic!("no figure: {written}"));
    let unit = &written[digits.len()..];
    [number + Decimal::ONE, number - Decimal::ONE].into_iter().filter(|n| *n > Decimal::ZERO).map(|n| format!("{n}{unit}")).collect()
}

fn figures() -> Vec<(String, String, String)> {
    let policies = compiled(&SHIPPED.0);
    let of_policy = |policy: &std::sync::Arc<Policy>| {
        let path = policy.document.path.to_string();
        policy.figures.iter().map(move |(name, figure)| (path.clone(), name.to_string(), figure.written.to_string())).collect::<Vec<_>>()
    };
    policies.versions.iter().flat_map(of_policy).collect()
}

/// The shipped policies with one figure moved.
fn with(path: &str, name: &str, written: &str, to: &str) -> Sources {
    let text = &SHIPPED.0.by_path(path).unwrap().text;
    let (head, table) = text.rsplit_once("```yaml settings\n").unwrap();
    let line = table.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap();
    let table = table.replacen(line, &line.replacen(written, to, 1), 1);
    SHIPPED.0.with(path, format!("{head}```yaml settings\n{table}"))
}

#[test]
fn a_figure_that_is_moved_breaks_no_example_and_no_policy() {
    let figures = figures();
    assert!(figures.len() >= 45, "{}", figures.len());
    let before = compiled(&SHIPPED.0).findings;
    std::thread::scope(|scope| {
        for half in figures.chunks(figures.len().div_ceil(2)) {
            let before = &before;
            scope.spawn(move || {
                for (path, name, written) in half {
                    for to in moved(written) {
                        let policies = compiled(&with(path, name, written, &to));
                        let told: Vec<&str> = policies.findings.iter().map(|finding| &*finding.message.zh).collect();
                        assert_eq!(policies.findings.len(), before.len(), "{path} {name}: {to}: {told:?}");
                        let failed = try_all(&policies, &Settings::default()).into_iter().flat_map(|tried| tried.failed);
                        let failed: Vec<String> = failed.map(|finding| finding.message.zh).collect();
                        assert!(failed.is_empty(), "{path} {name}: {to}: {failed:?}");
                    }
                }
            });
        }
    });
}

/// The settings that a block names, and what it says.
fn said(kind: &BlockKind) -> Option<[Option<&Say>; 2]> {
    match kind {
        BlockKind::Rule(rule) => Some([rule.say.as_ref(), rule.fix.as_ref()]),
        BlockKind::Duty(duty) => Some([duty.say.as_ref(), duty.fix.as_ref()]),
        BlockKind::Style(style) => Some([style.say.as_ref(), style.fix.as_ref()]),
        _ => None,
    }
}

/// A whole number below a hundred as it is written in Chinese.
fn in_chinese(number: u32) -> String {
    let digit = |n: u32| "零一二三四五六七八九".chars().nth(n as usize).unwrap().to_string();
    match (number / 10, number % 10) {
        (0, ones) => digit(ones),
        (tens, ones) => {
            let tens = if tens == 1 { String::new() } else { digit(tens) };
            let ones = if ones == 0 { String::new() } else { digit(ones) };
            format!("{tens}十{ones}")
        }
    }
}

/// Whether a text says a number before one of the units in which figures are given.
fn says(text: &str, written: &str) -> bool {
    let digits = written.trim_end_matches(|c: char| !c.is_ascii_digit());
    let mut forms = vec![written.to_owned(), digits.to_owned()];
    forms.extend(digits.parse().ok().filter(|n| (2..100).contains(n)).map(in_chinese));
    let units = ["天", "个月", "日", "万", "元", "分", "学分", "次", " days", " months", "%", "day"];
    let whole = |at: usize| !text[..at].ends_with(|c: char| c.is_ascii_digit() || "零一二三四五六七八九十第".contains(c));
    forms.iter().filter(|form| !form.is_empty()).any(|form| {
        text.match_indices(form.as_str()).any(|(at, found)| {
            let rest = text[at + found.len()..].trim_start_matches(' ');
            whole(at) && units.iter().any(|unit| rest.starts_with(unit.trim_start()))
        })
    })
}

#[test]
fn no_article_and_no_message_says_a_figure_of_its_blocks_by_itself() {
    let policies = compiled(&SHIPPED.0);
    let mut twice = Vec::new();
    for policy in &policies.versions {
        let writing = writing(&SHIPPED.0, policy);
        for article in &policy.articles {
            let end = policy.articles.iter().map(|other| other.span.start).filter(|start| *start > article.span.start).min();
            let within = |start: u32| article.span.start <= start && end.is_none_or(|end| start < end);
            let blocks: Vec<_> = policy.blocks.iter().filter(|block| within(block.span.start)).collect();
            let source = |block: &chancery::policy::Block| SHIPPED.0.slice(block.span).to_owned();
            let named: BTreeSet<&str> = policy
                .figures
                .keys()
                .map(|name| &**name)
                .filter(|name| {
                    blocks.iter().any(|block| said(&block.kind).is_some() && source(block).contains(&format!("settings.{name}")))
                })
                .collect();
            for name in named {
                let written = &*policy.figures[name].written;
                let prose = writing.prose.iter().chain(&writing.cells).filter(|run| within(run.span.start));
                twice.extend(prose.filter(|run| says(&run.text, written)).map(|run| format!("{} {name}: {}", policy.id, run.text)));
                for words in blocks.iter().filter_map(|block| said(&block.kind)).flatten().flatten() {
                    let texts = words.zh.iter().chain(&words.en).filter_map(|piece| match piece {
                        SayPiece::Text(text) => Some(text),
                        SayPiece::Expression(_) => None,
                    });
                    twice.extend(texts.filter(|text| says(text, written)).map(|text| format!("{} {name}: {text}", policy.id)));
                }
            }
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

fn writing(sources: &Sources, policy: &Policy) -> Writing {
    Writing::read(&sources.file(policy.file).text, policy.document.body.span)
}

#[test]
fn the_prose_of_a_page_has_the_figure_that_was_moved() {
    let sources = with("policies/credit.md", "c_report_days", "45", "46");
    let policies = compiled(&sources);
    let credit = policies.versions.iter().find(|policy| &*policy.id == "credit").unwrap();
    let prose: String = writing(&sources, credit).prose.iter().map(|run| credit.filled(&run.text).into_owned()).collect();
    assert!(prose.contains("且自报告日起不超过 46 天") && !prose.contains("{settings."), "{prose}");
}
