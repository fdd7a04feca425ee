//! `chancery due`: what is due and overdue, and for whom.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, FORMAT, Kind, json},
};
use crate::check::{Due, DueState};
use clap::ArgMatches;
use std::io::{BufWriter, Write};

pub(super) const COMMAND: Command = Command {
    name: "due",
    about: ["列出到期和逾期的事项及其负责人", "what is due and overdue, and for whom"],
    arguments: &[
        Argument { name: "as", about: ["只列此人可知的事项", "only what this person may know of"], kind: Kind::Option("PERSON") },
        FORMAT,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(workplace.reader(&office, arguments)?);
    let lines = json(arguments);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for due in view.duties() {
        if lines {
            writeln!(out, "{}", due.json())?;
        } else {
            let title = view.subject(&due).unwrap_or_default();
            writeln!(out, "{}", line(workplace, &due, title))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

fn line(workplace: &Workplace, due: &Due, title: &str) -> String {
    let state = match (due.state, due.days) {
        (DueState::Overdue, days) => workplace.say(["逾期 {n} 天", "{n} days overdue"]).replace("{n}", &days.abs().to_string()),
        (DueState::Due, 0) => workplace.say(["今天到期", "due today"]).to_owned(),
        (DueState::Due, days) => workplace.say(["还有 {n} 天", "in {n} days"]).replace("{n}", &days.to_string()),
    };
    let who: Vec<&str> = due.office.iter().map(|office| &**office).chain(due.who.iter().map(|person| &*person.0)).collect();
    let record = due.record.as_ref().map_or("", |id| &id.0);
    let cited = format!("《{}》{}", due.citation.title, due.citation.article);
    let message = due.message.get(workplace.lang);
    format!("{}  {state}  {record} {title}\n  {message}  {cited}  [{}]\n  {}", due.due, due.duty, who.join("、"))
}
