//! `chancery policy list`: every block of the rulebooks.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, FORMAT, Kind, json},
};
use crate::policy::{self, Policies};
use clap::ArgMatches;
use std::io::{BufWriter, Write};

pub(super) const COMMAND: Command = Command {
    name: "policy",
    about: ["制度：list 列出每一条文下的机器条款", "the policies: list shows every block under its article"],
    arguments: &[Argument { name: "what", about: ["要做什么", "what to do"], kind: Kind::Verb(&["list"]) }, FORMAT],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let sources = workplace.sources()?;
    let policies = Policies::compile(&sources, workplace.today()?);
    let lines = json(arguments);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for listed in policy::list::list(&policies) {
        if lines {
            writeln!(out, "{}", serde_json::to_string(&listed)?)?;
        } else {
            let say = listed.say.as_ref().map_or("", |say| workplace.say([&say.zh, &say.en]));
            writeln!(out, "{:<9} {}  {}  {}:{}  {say}", listed.kind, listed.id, listed.article, listed.path, listed.line)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}
