//! `chancery explain`: the article and the rule behind a code.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
};
use crate::{
    diagnostic::{codes, text::visible},
    policy::{self, Block, Policies, Policy},
};
use anyhow::bail;
use clap::ArgMatches;
use std::sync::Arc;

pub(super) const COMMAND: Command = Command {
    name: "explain",
    about: ["说明一个问题代码所依据的条文和规则", "the article and the rule behind a code"],
    arguments: &[Argument {
        name: "code",
        about: ["问题代码，如 check 所列；不写则列出全部代码", "the code, as check lists it; without one, a page of all codes"],
        kind: Kind::Maybe("CODE"),
    }],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let sources = Arc::new(workplace.sources()?);
    let policies = Policies::compile(&sources, workplace.today()?);
    let Some(code) = arguments.get_one::<String>("code") else {
        workplace.print(policy::codes::page(&policies, workplace.today()?, workplace.lang).trim_end())?;
        return Ok(Outcome::Clean);
    };
    let built_in = codes::BUILT_IN.iter().find(|known| known.code == *code);
    let found = policies.in_force(workplace.today()?).flat_map(|policy| policy.blocks.iter().map(move |block| (policy, block)));
    let blocks: Vec<(&Arc<Policy>, &Block)> = found.filter(|(_, block)| *block.id == **code).collect();
    if built_in.is_none() && blocks.is_empty() {
        let known = policies.in_force(workplace.today()?).flat_map(|policy| &policy.blocks).map(|block| &*block.id);
        let near = crate::diagnostic::nearest(code, known.chain(codes::BUILT_IN.iter().map(|known| known.code)));
        let hint = near.map_or_else(String::new, |near| format!("{}{near}", workplace.say(["，是不是 ", "; did you mean "])));
        bail!("{}{code}{hint}", workplace.say(["没有这个代码：", "there is no code "]));
    }
    workplace.print(format_args!("{code}"))?;
    if let Some(known) = built_in {
        workplace.print(format_args!(
            "{}\n{}{}",
            workplace.say(known.about),
            workplace.say(["改法 ", "fix "]),
            workplace.say(known.remedy)
        ))?;
    }
    for (policy, block) in blocks {
        let text = &sources.file(policy.file).text;
        workplace.print(format_args!("\n{}{}", workplace.say(["依据 ", "under "]), visible(&block.citation.placed(workplace.lang))))?;
        workplace.print(format_args!("{}", article_text(policy, block, text).trim()))?;
    }
    Ok(Outcome::Clean)
}

/// The article as it stands in the policy, up to the next heading, with those blocks that do not
/// speak of the code left out.
fn article_text<'a>(policy: &Policy, block: &Block, text: &'a str) -> String {
    let start =
        policy.articles.iter().rev().find(|article| article.span.start <= block.span.start).map_or(block.span.start, |a| a.span.start);
    let end = policy.articles.iter().map(|article| article.span.start).find(|at| *at > block.span.start).unwrap_or(text.len() as u32);
    let others = policy.document.body.fences.iter().filter(|fence| fence.span.start != block.span.start);
    let others: Vec<_> =
        others.filter(|fence| start <= fence.span.start && fence.span.end <= end && fence.info.starts_with("yaml ")).collect();
    let (mut shown, mut at) = (String::new(), start);
    for fence in others {
        let before: &'a str = text.get(at as usize..fence.span.start as usize).unwrap_or("");
        shown.push_str(before.trim_end());
        shown.push_str("\n\n");
        at = fence.span.end;
    }
    shown.push_str(text.get(at as usize..end as usize).unwrap_or("").trim_start());
    shown
}
