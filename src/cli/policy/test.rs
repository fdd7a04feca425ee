//! `chancery policy test`: the examples of every block, and what came of them.

use super::super::{
    Outcome, Workplace,
    columns::columns,
    print::{self, Output, colour},
};
use crate::{
    check::{Tried, try_all},
    diagnostic::{Finding, Severity, text},
    policy::Policies,
    source::Sources,
};
use std::io::Write;

pub(super) fn run(workplace: &Workplace, lines: bool) -> anyhow::Result<Outcome> {
    let sources = workplace.sources()?;
    let policies = Policies::compile(&sources, workplace.today()?);
    let tried = try_all(&policies, &workplace.settings);
    // A block with a mistake is switched off, and its examples with it.
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let mistakes: Vec<Finding> = policies.findings.iter().filter(is_error).cloned().collect();
    let mut out = print::words_or_data(lines);
    if lines {
        for tried in &tried {
            writeln!(out, "{}", tried.json(workplace.lang))?;
        }
        if !mistakes.is_empty() {
            let words = [
                "制度有误，有错的条款未能试验，见 chancery check",
                "the policies have mistakes, and what has one was not tried; see chancery check",
            ];
            print::complain_in(workplace.lang, words);
        }
    } else {
        tell(&mut out, workplace, &sources, &tried, &mistakes)?;
    }
    out.flush()?;
    let clean = mistakes.is_empty() && tried.iter().all(|tried| tried.failed.is_empty());
    Ok(if clean { Outcome::Clean } else { Outcome::Findings })
}

fn tell(out: &mut Output, workplace: &Workplace, sources: &Sources, tried: &[Tried<'_>], mistakes: &[Finding]) -> std::io::Result<()> {
    for line in columns(&tried.iter().map(|tried| row(workplace, tried)).collect::<Vec<_>>()) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    let failed: Vec<Finding> = tried.iter().flat_map(|tried| &tried.failed).cloned().collect();
    text::write_each(out.finished()?, &failed, sources, workplace.lang, colour())?;
    if !mistakes.is_empty() {
        let words = ["制度有误，有错的条款未能试验：", "The policies have mistakes; what has one was not tried:"];
        writeln!(out, "{}\n", workplace.say(words))?;
        text::write_each(out.finished()?, mistakes, sources, workplace.lang, colour())?;
    }
    let (examples, lacking) = (tried.iter().map(count).sum::<usize>(), tried.iter().filter(|tried| tried.lacks_examples()).count());
    let sum = workplace.say([
        "{blocks} 项规定，{examples} 个例子，{failed} 个与所写不符；{lacking} 项规则缺例子",
        "blocks: {blocks}; examples: {examples}; failed: {failed}; rules without examples: {lacking}",
    ]);
    let figures = [("{blocks}", tried.len()), ("{examples}", examples), ("{failed}", failed.len()), ("{lacking}", lacking)];
    let sum = figures.iter().fold(sum.to_owned(), |sum, (name, figure)| sum.replace(name, &figure.to_string()));
    writeln!(out, "{sum}")
}

fn count(tried: &Tried<'_>) -> usize {
    tried.holds + tried.breaks + tried.late
}

fn row(workplace: &Workplace, tried: &Tried<'_>) -> Vec<String> {
    let outcome = match tried.failed.len() {
        _ if tried.lacks_examples() => ["缺例子", "no examples"],
        0 if count(tried) == 0 => ["无例子", "-"],
        0 => ["相符", "ok"],
        _ => ["不符", "failed"],
    };
    let figure = |words, n: usize| format!("{} {n}", workplace.say(words));
    let late = Some(tried.late).filter(|late| *late > 0).map(|late| figure(["做迟", "late"], late));
    let row = [
        workplace.say(outcome).to_owned(),
        tried.block.id.to_string(),
        tried.block.citation.article.to_string(),
        figure(["符合", "holds"], tried.holds),
        figure(["违反", "breaks"], tried.breaks),
    ];
    row.into_iter().chain(late).collect()
}
