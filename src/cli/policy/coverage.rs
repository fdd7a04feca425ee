//! `chancery policy coverage`: article by article, what is enforced, and for how many records.

use super::{
    super::{Outcome, Workplace, columns::columns, print},
    kind,
};
use crate::{
    access::{Clause, Covered, Enforced, coverage},
    diagnostic::text::visible,
    policy::{BlockKind, Status, Unenforced},
};
use std::io::Write;

pub(super) fn run(workplace: &Workplace, lines: bool) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let covered = coverage(&office);
    let mut out = print::words_or_data(lines);
    for covered in &covered {
        if lines {
            covered.json().iter().try_for_each(|line| writeln!(out, "{line}"))?;
        } else {
            tell(&mut out, workplace, covered)?;
        }
    }
    if !lines {
        writeln!(out, "{}", sum(workplace, &covered))?;
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

fn tell(out: &mut impl Write, workplace: &Workplace, covered: &Covered<'_>) -> std::io::Result<()> {
    let policy = covered.policy;
    let since = if policy.status == Status::Trial { ["起试行", "on trial from"] } else { ["起施行", "in force from"] };
    let since = workplace.say(since);
    let (title, id, path, day) = (&policy.title, &policy.id, &policy.document.path, policy.effective);
    let zh = format!("《{title}》（{id}，{path}，自 {day} {since}）");
    let en = format!("“{title}” ({id}, {path}, {since} {day})");
    writeln!(out, "{}", visible(workplace.say([&zh, &en])))?;
    let rows: Vec<Vec<String>> = covered.articles.iter().flat_map(|clause| &clause.blocks).map(|block| row(workplace, block)).collect();
    let mut rows = columns(&rows).into_iter();
    for clause in &covered.articles {
        writeln!(out, "  {}", visible(&heading(workplace, clause)))?;
        rows.by_ref().take(clause.blocks.len()).try_for_each(|row| writeln!(out, "    {row}"))?;
    }
    writeln!(out)
}

fn heading(workplace: &Workplace, clause: &Clause<'_>) -> String {
    let between = if clause.article.title.is_empty() { "" } else { "\u{3000}" };
    let prose = if clause.blocks.is_empty() { workplace.say(why(clause.unenforced)) } else { "" };
    format!("{}{between}{}{prose}", clause.article.key, clause.article.title)
}

/// Why an article is prose alone.
fn why(unenforced: Option<Unenforced>) -> [&'static str; 2] {
    match unenforced {
        Some(Unenforced::Purpose) => ["（条文：宗旨、适用与解释）", " (prose: purpose, scope, interpretation)"],
        Some(Unenforced::Judgement) => ["（条文：由人判断）", " (prose: for people to judge)"],
        Some(Unenforced::Elsewhere) => ["（条文：由别处核对）", " (prose: seen to elsewhere)"],
        None => ["（条文：无人核对）", " (prose: nobody watches over it)"],
    }
}

fn row(workplace: &Workplace, enforced: &Enforced<'_>) -> Vec<String> {
    let name = kind(workplace, enforced.block.kind.keyword());
    vec![name.to_owned(), enforced.block.id.to_string(), figures(workplace, enforced)]
}

fn figures(workplace: &Workplace, enforced: &Enforced<'_>) -> String {
    let [judged, broken] = match enforced.block.kind {
        BlockKind::Duty(_) => [["适用", "binds"], ["逾期", "overdue"]],
        BlockKind::Approval(_) => [["须批", "needed"], ["未批齐", "incomplete"]],
        BlockKind::Access(_) => [["涉及", "speaks of"], ["", ""]],
        BlockKind::Type(_) => [["档案", "records"], ["", ""]],
        _ => [["判断", "judged"], ["违反", "broken"]],
    };
    let named = [(judged, enforced.judged), (["到期", "due"], enforced.due), (broken, enforced.broken)];
    let past = [(["过去", "past"], Some(enforced.past).filter(|past| *past > 0))];
    let named = named.into_iter().chain(past);
    let told = named.filter_map(|(words, figure)| Some(format!("{} {}", workplace.say(words), figure?)));
    let in_time = enforced.punctuality.map(|part| format!("{} {part}%", workplace.say(["按期", "in time"])));
    told.chain(in_time).collect::<Vec<_>>().join(workplace.say(["，", ", "]))
}

fn sum(workplace: &Workplace, covered: &[Covered<'_>]) -> String {
    let articles = || covered.iter().flat_map(|covered| &covered.articles);
    let prose = articles().filter(|clause| clause.blocks.is_empty()).count();
    let unwatched = articles().filter(|clause| clause.blocks.is_empty() && clause.unenforced.is_none()).count();
    let figures = [
        ("{policies}", covered.len()),
        ("{articles}", articles().count()),
        ("{enforced}", articles().count() - prose),
        ("{prose}", prose),
        ("{unwatched}", unwatched),
        ("{blocks}", articles().map(|clause| clause.blocks.len()).sum()),
    ];
    let sum = workplace.say([
        "{policies} 部制度，{articles} 条：{enforced} 条有机器条款（共 {blocks} 项），{prose} 条是条文，其中 {unwatched} 条无人核对",
        "policies: {policies}; articles: {articles}, of them enforced: {enforced} (blocks: {blocks}), prose: {prose}, of that watched over by nobody: {unwatched}",
    ]);
    figures.iter().fold(sum.to_owned(), |sum, (name, figure)| sum.replace(name, &figure.to_string()))
}
