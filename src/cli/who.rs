//! `chancery who`: who may read a record, and why.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, FORMAT, Kind, json},
    print,
};
use crate::{access, diagnostic::text::visible, source::RecordId};
use anyhow::bail;
use clap::ArgMatches;
use std::io::Write;

pub(super) const COMMAND: Command = Command {
    name: "who",
    about: ["谁可以读这份档案，凭什么", "who may read this record, and why"],
    arguments: &[Argument { name: "id", about: ["档案编号", "the record's id"], kind: Kind::Needed("ID") }, FORMAT],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let id = RecordId::named(arguments.get_one::<String>("id").map_or("", String::as_str));
    if office.archive.record(&id).is_none() {
        bail!("{}{id}", workplace.say(["没有这份档案：", "there is no record "]));
    }
    let lines = json(arguments);
    let mut out = print::words_or_data(lines);
    for (person, why) in access::who(&office, &id) {
        let why: Vec<String> = why.iter().map(|why| why.words(&office.archive.policies).get(workplace.lang).to_owned()).collect();
        if lines {
            writeln!(out, "{}", serde_json::json!({ "person": &*person.0, "why": why }))?;
        } else {
            let name = office.archive.record(&person).map_or("", |record| &record.title);
            let head = visible(&format!("{person}  {name}"));
            writeln!(out, "{head}\n  {}", visible(&why.join(workplace.say(["；", "; "]))))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}
