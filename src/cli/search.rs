//! `chancery search`: hits.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, FORMAT, Kind, json},
    print,
};
use crate::{diagnostic::text::visible, search::Index};
use clap::ArgMatches;
use std::io::Write;

/// Hits that are shown.
const MOST: usize = 50;

pub(super) const COMMAND: Command = Command {
    name: "search",
    about: ["全文检索；空格隔开的几个词都须出现", "search the full text; all words, set apart by spaces, must stand in a hit"],
    arguments: &[
        Argument { name: "query", about: ["要找的话", "what to look for"], kind: Kind::Needed("QUERY") },
        Argument { name: "as", about: ["只找此人可读的", "only what this person may read"], kind: Kind::Option("PERSON") },
        FORMAT,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(workplace.reader(&office, arguments)?);
    let query = arguments.get_one::<String>("query").map_or("", String::as_str);
    let lines = json(arguments);
    let hits = Index::build(&office)?.search(query, &view, 0, if lines { usize::MAX } else { MOST })?;
    let mut out = print::words_or_data(lines);
    for hit in &hits.hits {
        if lines {
            writeln!(out, "{}", hit.json())?;
        } else {
            let head = format!("{}  {}  {}", hit.id, hit.title, hit.path);
            writeln!(out, "{}\n  {}", visible(&head), hit.snippet_text().replace('\n', " "))?;
        }
    }
    if !lines {
        writeln!(out, "{}", workplace.say(["共 {n} 条", "{n} in all"]).replace("{n}", &hits.total.to_string()))?;
    }
    out.flush()?;
    Ok(Outcome::Clean)
}
