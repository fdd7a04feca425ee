//! `chancery log`: the access log.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
};
use crate::store::AccessLog;
use clap::ArgMatches;

pub(super) const COMMAND: Command = Command {
    name: "log",
    about: [
        "查阅记录：verify 核对是否被改动，head 打印末行摘要（另处保存，可查出截尾）",
        "the access log: verify its chain; head prints what to keep elsewhere, so that a cut tail is found too",
    ],
    arguments: &[Argument { name: "what", about: ["要做什么", "what to do"], kind: Kind::Verb(&["verify", "head"]) }, STATE],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let folder = workplace.state()?;
    let head = AccessLog::head(&folder)?;
    if arguments.get_one::<String>("what").is_some_and(|what| what == "head") {
        workplace.print(format_args!("{} {}", head.number, head.digest))?;
        return Ok(Outcome::Clean);
    }
    match AccessLog::verify(&folder)? {
        None => {
            workplace.print(format_args!(
                "{}",
                workplace.say(["{n} 行，前后相连", "{n} lines, an unbroken chain"]).replace("{n}", &head.number.to_string())
            ))?;
            Ok(Outcome::Clean)
        }
        Some(broken) => {
            let words =
                ["第 {n} 行与此前不相连：被改动、删去或移位", "line {n} does not follow from those before it: altered, removed or moved"];
            workplace.print(format_args!("{}", workplace.say(words).replace("{n}", &broken.number.to_string())))?;
            Ok(Outcome::Findings)
        }
    }
}
