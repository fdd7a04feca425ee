//! `chancery log`: the access log.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
};
use crate::store::{Audit, Backward, Head, NoHead, SqliteAudit, StoreError, Wait};
use anyhow::{anyhow, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::ArgMatches;

/// Lines at which time runs back that are told one by one.
const TOLD: usize = 10;

pub(super) const COMMAND: Command = Command {
    name: "log",
    about: [
        "查阅记录：verify 逐卷核对是否被改动、时间是否倒退，head 打印末行摘要（另处保存，可查出截尾）",
        "the access log: verify the chain of all its volumes and the order of its times; head prints what to keep elsewhere, so that a cut tail is found too",
    ],
    arguments: &[
        Argument { name: "what", about: ["要做什么", "what to do"], kind: Kind::Verb(&["verify", "head"]) },
        Argument {
            name: "head",
            about: [
                "verify 时：此前由 head 打印、另处保存的一行；记录中已没有这一行的，即为截尾",
                "with verify: what head printed and was kept elsewhere; a log without that line has lost its tail",
            ],
            kind: Kind::Option("N DIGEST"),
        },
        Argument {
            name: "demo", about: ["演示（serve --demo）的查阅记录", "the log of a demonstration (serve --demo)"], kind: Kind::Flag
        },
        STATE,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let folder = if arguments.get_flag("demo") { workplace.moved_to(&workplace.demo_copy()?).state()? } else { workplace.state()? };
    let kept = arguments.get_one::<String>("head").map(|kept| kept_head(workplace, kept)).transpose()?;
    let log = SqliteAudit::of(&folder);
    let head = match log.head().wait() {
        Err(StoreError::NoLog(path)) => bail!("{}{}", workplace.say(["没有查阅记录：", "there is no access log: "]), path.display()),
        head => head?,
    };
    if arguments.get_one::<String>("what").is_some_and(|what| what == "head") {
        workplace.print(&head)?;
        return Ok(Outcome::Clean);
    }
    let told = |words, number: i64| workplace.print(workplace.say(words).replace("{n}", &number.to_string()));
    if let Some(broken) = log.verify().wait()? {
        told(
            ["第 {n} 行与此前不相连：被改动、删去或移位", "line {n} does not follow from those before it: altered, removed or moved"],
            broken.number,
        )?;
        return Ok(Outcome::Findings);
    }
    let beginning = log.beginning().wait()?.number;
    // Of a line that is elsewhere it is told there.
    if let Some(kept) = kept.filter(|kept| kept.number >= beginning)
        && !log.has(&kept).wait()?
    {
        told(
            [
                "已没有另处保存的第 {n} 行：被截尾，或自某行起重写",
                "line {n} is not there as it was kept elsewhere: the tail was cut, or written anew",
            ],
            kept.number,
        )?;
        return Ok(Outcome::Findings);
    }
    told(["{n} 行，前后相连", "{n} lines, an unbroken chain"], head.number - beginning)?;
    if beginning > 0 {
        told(
            [
                "第 {n} 行及此前各行不在此处：把所缺的卷或其链接放回 access-log 文件夹，再核对",
                "line {n} and those before it are not here: put their volumes, or links to them, back into the folder access-log, and verify again",
            ],
            beginning,
        )?;
    }
    let backward = log.backward().wait()?;
    for Backward { number, at, before } in backward.iter().take(TOLD) {
        let words = [
            "第 {n} 行的时间 {at} 早于此前的 {before}：时钟被拨回，或记录被重写",
            "line {n} bears the time {at}, and one before it {before}: the clock was set back, or the log written anew",
        ];
        let words = workplace.say(words).replace("{n}", &number.to_string());
        workplace.print(words.replace("{at}", &shown(*at)).replace("{before}", &shown(*before)))?;
    }
    if backward.len() > TOLD {
        told(["另有 {n} 行如此", "and {n} more such lines"], (backward.len() - TOLD) as i64)?;
    }
    Ok(if beginning == 0 && backward.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// In UTC, as the log has it, to the second.
fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn kept_head(workplace: &Workplace, kept: &str) -> anyhow::Result<Head> {
    let words = [
        "--head 须为 chancery log head 打印的一行（行号与摘要，加引号）：",
        "--head takes the line that chancery log head printed (number and digest, in quotes): ",
    ];
    kept.parse().map_err(|NoHead| anyhow!("{}{kept}", workplace.say(words)))
}
