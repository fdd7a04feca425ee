//! `chancery due`: what is due and overdue, and for whom.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    columns::columns,
    print,
};
use crate::{
    access::View,
    check::{Due, DueState, Occasion, Punctuality},
    diagnostic::text::visible,
    render::{calendar, plain},
};
use anyhow::bail;
use clap::ArgMatches;
use std::io::Write;

pub(super) const COMMAND: Command = Command {
    name: "due",
    about: ["列出到期和逾期的事项及其负责人", "what is due and overdue, and for whom"],
    arguments: &[
        Argument {
            name: "about",
            about: ["配合 --history：只列此文书、此人或此项职责", "with --history: only of this record, person or duty"],
            kind: Kind::Maybe("ID"),
        },
        Argument {
            name: "history",
            about: [
                "逐次列出各项职责应完成之日、完成之日和早晚",
                "each time that a duty was to be done: when it was due, when done, how late",
            ],
            kind: Kind::Flag,
        },
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
    let about = arguments.get_one::<String>("about").map(String::as_str);
    if arguments.get_flag("history") {
        let history = view.history().into_iter().filter(|occasion| about.is_none_or(|about| occasion.is_about(about)));
        match format {
            Some("json") => history.map(|occasion| occasion.json()).try_for_each(|line| writeln!(out, "{line}"))?,
            Some("ics") => bail!("{}", workplace.say(["--history 没有日历形式", "--history has no calendar"])),
            _ => columns(&history.map(|occasion| row(workplace, &occasion)).collect::<Vec<_>>())
                .iter()
                .try_for_each(|row| writeln!(out, "{row}"))?,
        }
        out.flush()?;
        return Ok(Outcome::Clean);
    }
    if about.is_some() {
        bail!("{}", workplace.say(["只有 --history 可以指定文书、人员或职责", "a record, person or duty is named with --history only"]));
    }
    match format {
        Some("ics") => out.finished()?.write_all(calendar(&view, workplace.lang).as_bytes())?,
        Some("json") => view.duties().into_iter().try_for_each(|due| writeln!(out, "{}", due.json(workplace.lang)))?,
        _ => view.duties().into_iter().try_for_each(|due| writeln!(out, "{}", told(workplace, &view, &due)))?,
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

/// A time at which a duty was to be done: when, when it was, by how much; which duty, of what, by
/// whom.
fn row(workplace: &Workplace, occasion: &Occasion) -> Vec<String> {
    let (state, days) = occasion.outcome();
    let words = match state {
        Punctuality::Early => ["早 {n} 天", "{n} days early"],
        Punctuality::InTime => ["按期", "in time"],
        Punctuality::Late => ["迟 {n} 天", "{n} days late"],
        Punctuality::Missed => ["未做", "not done"],
        Punctuality::Overdue => ["逾期 {n} 天", "{n} days overdue"],
    };
    let who: Vec<&str> = occasion.who.iter().map(|person| &*person.0).collect();
    let done = occasion.time.done.map_or("—".to_owned(), |done| done.to_string());
    let record = occasion.record.as_ref().map_or(String::new(), |record| record.to_string());
    let state = workplace.say(words).replace("{n}", &days.to_string());
    [occasion.time.due.to_string(), done, state, occasion.duty.to_string(), record, who.join(" ")]
        .iter()
        .map(|cell| visible(cell))
        .collect()
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
