//! `chancery print`: a kind of record as a form on paper, blank or filled in.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    new, sheet, theme,
};
use crate::{
    access::View,
    render::{self, COPIES, FormSubject},
    source::RecordId,
};
use anyhow::{Context, bail};
use clap::ArgMatches;

/// More than anybody signs at once.
const MOST: usize = 20;

pub(super) const COMMAND: Command = Command {
    name: "print",
    about: [
        "按类型打印空白表格，或打印填好的一份（写成一份网页，打印即成）",
        "a blank form of a type, or one filled in from a record, as a page to be printed",
    ],
    arguments: &[
        Argument {
            name: "what",
            about: [
                "类型的标识或名称（打印空白表格），或档案编号（打印填好的表格）",
                "a type, by its id or its label, for a blank form; the id of a record for one filled in",
            ],
            kind: Kind::Needed("TYPE|RECORD"),
        },
        Argument {
            name: "copies",
            about: ["一式几份（默认两份），每份另起一页", "how many copies, each on a page of its own (two unless told)"],
            kind: Kind::Option("N"),
        },
        Argument {
            name: "as",
            about: ["只印出此人可以阅读的内容", "print what this person may read, and nothing else"],
            kind: Kind::Option("PERSON"),
        },
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let view = office.view(workplace.reader(&office, arguments)?);
    let copies = copies(workplace, arguments)?;
    let subject = subject(workplace, &view, arguments.get_one::<String>("what").map_or("", String::as_str))?;
    let theme = theme::of_archive(workplace)?;
    let page = render::form(&subject, copies, workplace.lang, &view, &theme)?;
    sheet::write(page, &view, &theme)?;
    Ok(Outcome::Clean)
}

fn copies(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<usize> {
    let Some(written) = arguments.get_one::<String>("copies") else { return Ok(COPIES) };
    let copies = written.parse().ok().filter(|copies| (1..=MOST).contains(copies));
    let bounds =
        workplace.say(["份数须为 1 至 {most}：", "the number of copies lies between 1 and {most}: "]).replace("{most}", &MOST.to_string());
    copies.with_context(|| format!("{bounds}{written}"))
}

/// A record that this reader sees, else a type: an id that is not there and one that is not for
/// this reader are told alike.
fn subject<'v>(workplace: &Workplace, view: &'v View<'_>, written: &str) -> anyhow::Result<FormSubject<'v>> {
    let Some(seen) = view.record(&RecordId::named(written)) else {
        return Ok(FormSubject::Blank(new::known_type(workplace, view.policies(), written)?));
    };
    if !seen.may_export() {
        bail!(
            "{}{written}",
            workplace.say(["这份档案只可在线阅读，不能打印：", "this record is open for reading alone, and is not printed: "])
        );
    }
    let Some(own) = seen.record_type() else {
        bail!("{}{written}", workplace.say(["这份档案没有可用的类型：", "this record has no type that is known: "]));
    };
    Ok(FormSubject::Filled(own, seen))
}
