//! `chancery due`: what is due and overdue, and for whom.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    print,
};
use crate::{
    access::View,
    check::{Due, DueState},
    diagnostic::text::visible,
    render::{calendar, plain},
};
use clap::ArgMatches;
use std::io::Write;

pub(super) const COMMAND: Command = Command {
    name: "due",
    about: ["列出到期和逾期的事项及其负责人", "what is due and overdue, and for whom"],
    arguments: &[
        Argument { name: "as", about: ["只列此人可知的事项", "only what this person may know of"], kind: Kind::Option("PERSON") },
        Argument {
            name: "format",
            about: [
                "输出形式：text 文本，json 每行一个对象，ics 日历文件（可导入日历软件）",
                "form of the output: text, json (an object a line), ics (a calendar file for any calendar program)",
            ],
            kind: Kind::Choice(&["text", "json", "ics"]),
        },
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(workplace.reader(&office, arguments)?);
    let format = arguments.get_one::<String>("format").map(String::as_str);
    let mut out = print::words_or_data(format == Some("json"));
    match format {
        Some("ics") => out.finished()?.write_all(calendar(&view, workplace.lang).as_bytes())?,
        Some("json") => view.duties().iter().try_for_each(|due| writeln!(out, "{}", due.json()))?,
        _ => view.duties().iter().try_for_each(|due| writeln!(out, "{}", told(workplace, &view, due)))?,
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

fn told(workplace: &Workplace, view: &View<'_>, due: &Due) -> String {
    let state = match (due.state, due.days) {
        (DueState::Overdue, days) => workplace.say(["逾期 {n} 天", "{n} days overdue"]).replace("{n}", &days.to_string()),
        (DueState::Due, 0) => workplace.say(["今天到期", "due today"]).to_owned(),
        (DueState::Due, days) => workplace.say(["还有 {n} 天", "in {n} days"]).replace("{n}", &days.to_string()),
    };
    let (message, cited) = (due.message.get(workplace.lang), due.citation.named(workplace.lang));
    let head = visible(&format!("{}  {state}  {}", due.due, plain::about(view, due)));
    let what = visible(&format!("{message}  {cited}  [{}]", due.duty));
    format!("{}\n  {what}\n  {}", head.trim_end(), visible(&plain::who(view, due, workplace.lang)))
}
