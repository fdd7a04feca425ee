//! `chancery policy`: the blocks of the rulebooks, their examples, what they enforce, and what a
//! draft would change.

mod cost;
mod coverage;
mod diff;
mod paper;
mod proof;
mod test;

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, FORMAT, Kind, json},
    columns::columns,
    print,
};
use crate::{
    diagnostic::Lang,
    policy::{self, Keyword, Policies},
    render::plain,
};
use anyhow::bail;
use clap::ArgMatches;
use std::io::Write;

pub(super) const COMMAND: Command = Command {
    name: "policy",
    about: [
        "制度：各条款、自带的例子、执行情况，以及草案会改变什么",
        "the policies: their blocks and examples, what is enforced, and what a draft would change",
    ],
    arguments: &[
        Argument {
            name: "what",
            about: [
                "list 列出每一条文下的机器条款；test 试各条款自带的例子；coverage 逐条列出由系统执行的规定和所涉档案数；check 只核对一份草案本身；diff 比较草案与现行版本；print 打印一项制度",
                "list: every block under its article; test: run the examples; coverage: article by article what is enforced, and for how \
                 many records; check: what is wrong with a draft alone; diff: compare a draft with the version in force; print: the paper of a policy",
            ],
            kind: Kind::Verb(&["list", "test", "coverage", "check", "diff", "print"]),
        },
        Argument {
            name: "drafts",
            about: [
                "print 所打印的制度的编号（写成一份网页，打印即成文）；check 所核对、diff 所比较的草案，可在档案库之外；互相依靠的几份草案一起交给 diff。比较时把每一份当作已经取代同一编号的现行版本，施行日期也照现行版本计：凡现行版本今天所管的档案，\
                 都按草案判断；新制度则用以判断全部档案，废止则当作自今天起。不写入任何文件",
                "for print: the id of the policy (written as a page that prints as the paper). For check and diff: the draft, which may lie outside the archive; drafts that rest on one another are given to diff together. To compare, each is taken to stand in the place of the version of its policy that is in \
                 force, from that version's day on: all that this version judges today is judged by the draft; a new policy judges every record; \
                 one that withdraws a policy is taken to do so today. Nothing is written",
            ],
            kind: Kind::Many("DRAFT.md|POLICY"),
        },
        Argument {
            name: "cost",
            about: [
                "与 coverage 同用：每一项规定判断一遍全部档案要多少步、多少时间，以及哪些档案有很多判断要读到",
                "with coverage: the steps and the time that each block takes to judge the whole archive, and on which records very many judgements rest",
            ],
            kind: Kind::Flag,
        },
        FORMAT,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let what = arguments.get_one::<String>("what").map_or("", String::as_str);
    let given: Vec<&String> = arguments.get_many("drafts").into_iter().flatten().collect();
    let costs = arguments.get_flag("cost");
    if costs && what != "coverage" {
        bail!("{}", workplace.say(["--cost 只与 coverage 同用", "--cost goes with coverage alone"]));
    }
    match (what, &given[..]) {
        ("diff", [_, ..]) => diff::run(workplace, &given, json(arguments)),
        ("check", [draft]) => proof::run(workplace, draft, json(arguments)),
        ("print", [policy]) => paper::run(workplace, policy),
        ("print", []) => bail!("{}", workplace.say(["print 须写明制度的编号", "print needs the id of a policy"])),
        ("diff" | "check", []) => bail!("{what} {}", workplace.say(["须写明草案文件", "needs the file of a draft"])),
        ("check" | "print", [_, further, ..]) => {
            bail!("{}{further}", workplace.say(["一次只能写明一份，多出的是：", "one at a time; there is one more: "]))
        }
        (_, [given, ..]) => {
            bail!("{}{given}", workplace.say(["只有 check、diff 和 print 才带参数：", "only check, diff and print take one: "]))
        }
        ("test", []) => test::run(workplace, json(arguments)),
        ("coverage", []) if costs => cost::run(workplace, json(arguments)),
        ("coverage", []) => coverage::run(workplace, json(arguments)),
        _ => list(workplace, json(arguments)),
    }
}

fn list(workplace: &Workplace, lines: bool) -> anyhow::Result<Outcome> {
    let sources = workplace.sources()?;
    let policies = Policies::compile(&sources, workplace.today()?);
    let listed: Vec<_> = policy::list::list(&policies).collect();
    let mut out = print::words_or_data(lines);
    if lines {
        for listed in listed {
            writeln!(out, "{}", serde_json::to_string(&listed)?)?;
        }
    } else {
        let row = |listed: &policy::list::Listed<'_>| {
            let say = listed.say.as_ref().map_or("", |say| workplace.say([&say.zh, &say.en]));
            let place = format!("{}:{}", listed.path, listed.line);
            [kind(workplace, listed.kind), listed.id, listed.article, &place, say].map(str::to_owned).to_vec()
        };
        for line in columns(&listed.iter().map(row).collect::<Vec<_>>()) {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

/// A kind of block as a clerk calls it.
fn kind(workplace: &Workplace, keyword: Keyword) -> &'static str {
    workplace.say([plain::block_kind(keyword, Lang::Zh), keyword.name()])
}
