//! Every code that a finding can bear, with its article and remedy, as a page: those that are built
//! in, and those of the policies in force.

use super::{Block, BlockKind, Policies, Say, SayPiece};
use crate::diagnostic::{Lang, codes};
use chrono::NaiveDate;
use std::fmt::Write;

/// The page in Markdown: a table for the built-in codes, and one for each policy.
pub fn page(policies: &Policies, today: NaiveDate, lang: Lang) -> String {
    let say = |words: [&'static str; 2]| if lang == Lang::Zh { words[0] } else { words[1] };
    let head =
        say(["| 代码 | 说明 | 依据 | 改法 |\n|---|---|---|---|\n", "| code | what it tells | article | remedy |\n|---|---|---|---|\n"]);
    let cited: Vec<&Block> = policies.in_force(today).flat_map(|policy| &policy.blocks).collect();
    let mut page = format!("## {}\n\n{head}", say(["内建的检查", "Built in"]));
    for known in codes::BUILT_IN {
        let article = cited.iter().find(|block| *block.id == *known.code).map(|block| block.citation.named(lang)).unwrap_or_default();
        row(&mut page, [known.code, say(known.about), &article, say(known.remedy)]);
    }
    for policy in policies.in_force(today) {
        let mut rows = String::new();
        for block in &policy.blocks {
            let Some((about, remedy)) = said(block) else { continue };
            let text = |words: Option<&Say>| words.map(|words| plain(if lang == Lang::Zh { &words.zh } else { &words.en }));
            row(&mut rows, [&block.id, &text(about).unwrap_or_default(), &block.citation.named(lang), &text(remedy).unwrap_or_default()]);
        }
        if !rows.is_empty() {
            write!(page, "\n## {}\n\n{head}{rows}", flat(&policy.title)).expect("a text takes what is written to it");
        }
    }
    page
}

/// What a block tells and what is to be done; those that cite a built-in check stand with it.
fn said(block: &Block) -> Option<(Option<&Say>, Option<&Say>)> {
    match &block.kind {
        BlockKind::Rule(rule) if rule.builtin.as_deref().is_some_and(|code| code == &*block.id) => None,
        BlockKind::Rule(rule) => Some((rule.say.as_ref(), rule.fix.as_ref())),
        BlockKind::Duty(duty) => Some((duty.say.as_ref(), duty.fix.as_ref())),
        BlockKind::Style(style) => Some((style.say.as_ref(), style.fix.as_ref())),
        _ => None,
    }
}

/// The words with what is filled in: a field by its path, anything longer as `…`.
fn plain(pieces: &[SayPiece]) -> String {
    let is_path = |source: &str| source.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let piece = |piece: &SayPiece| match piece {
        SayPiece::Text(text) => text.to_string(),
        SayPiece::Expression(expression) if is_path(&expression.source) => format!("{{{}}}", expression.source),
        SayPiece::Expression(_) => "…".to_owned(),
    };
    pieces.iter().map(piece).collect()
}

/// On one line, with nothing that a terminal would obey.
fn flat(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bars and line ends inside a cell would end it.
fn row(page: &mut String, cells: [&str; 4]) {
    let [code, about, article, remedy] = cells.map(|cell| flat(cell).replace('|', "\\|"));
    writeln!(page, "| `{code}` | {about} | {article} | {remedy} |").expect("a text takes what is written to it");
}
