//! `chancery sees`: what a person may read, and why.

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
    name: "sees",
    about: ["这个人可以读哪些档案，凭什么", "what this person may read, and why"],
    arguments: &[Argument { name: "person", about: ["人员编号", "the person's id"], kind: Kind::Needed("PERSON") }, FORMAT],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let person = RecordId::named(arguments.get_one::<String>("person").map_or("", String::as_str));
    if !office.staff().contains(&person) {
        bail!("{}{person}", workplace.say(["今天在册人员中没有 ", "nobody on staff today is "]));
    }
    let lines = json(arguments);
    let mut out = print::words_or_data(lines);
    for (id, why) in access::sees(&office, &person) {
        let why: Vec<String> = why.iter().map(|why| why.words(&office.archive.policies).get(workplace.lang).to_owned()).collect();
        let record = office.archive.record(&id);
        let record_type = record.and_then(|record| record.record_type.as_ref());
        if lines {
            writeln!(out, "{}", serde_json::json!({ "id": &*id.0, "type": record_type.map(|t| &*t.id), "why": why }))?;
        } else {
            let head = format!("{id}  {}", record.map_or("", |record| &record.title));
            writeln!(out, "{}\n  {}", visible(&head), visible(&why.join(workplace.say(["；", "; "]))))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}
