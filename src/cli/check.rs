//! `chancery check`: every finding.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    print::{self, colour},
    state,
};
use crate::{
    access::Office,
    check,
    diagnostic::{Finding, Severity, json, sarif, text},
    source::Sources,
    store::Store,
};
use anyhow::bail;
use clap::ArgMatches;
use std::{
    borrow::Cow,
    io::Write,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
};

pub(super) const COMMAND: Command = Command {
    name: "check",
    about: ["以制度核对档案，列出全部问题", "check the records against the policies and list every finding"],
    arguments: &[
        Argument {
            name: "path",
            about: ["只列这些文件或文件夹中的问题", "only findings in these files or folders"],
            kind: Kind::Many("PATH"),
        },
        Argument {
            name: "format",
            about: ["输出形式：text 文本，json 每行一个对象，sarif", "form of the output: text, json (an object a line), sarif"],
            kind: Kind::Choice(&["text", "json", "sarif"]),
        },
        Argument { name: "past", about: ["也列出已成过去的违规", "also list breaches that are over"], kind: Kind::Flag },
        Argument {
            name: "state",
            about: [
                "服务器的状态文件夹：它见过的批准，档案库中缺了的也列出",
                "the server's folder of state: approvals that it has seen are told too where the archive has lost them",
            ],
            kind: Kind::Option("DIR"),
        },
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    // Let go with the process, and not part by part before.
    let office = ManuallyDrop::new(opened(workplace, arguments)?);
    let report = check::told_once(office.whole_report(), &office.archive);
    let sources = &office.archive.sources;
    let paths = workplace.below_root(arguments.get_many::<String>("path").unwrap_or_default())?;
    let wanted = |all: &'_ [Finding]| -> Vec<Finding> { all.iter().filter(|finding| lies_in(finding, &paths, sources)).cloned().collect() };
    let chosen = |all| if paths.is_empty() { Cow::Borrowed(all) } else { Cow::Owned(wanted(all)) };
    let (mut findings, past) = (chosen(&report.findings[..]), chosen(&report.past[..]));
    let asked_for_past = arguments.get_flag("past");
    if asked_for_past {
        findings.to_mut().extend_from_slice(&past);
    }
    let format = arguments.get_one::<String>("format").map(String::as_str);
    let mut out = print::words_or_data(format.is_some_and(|format| format != "text"));
    match format {
        Some("json") => json::write(&mut out, &findings, sources, workplace.lang)?,
        Some("sarif") => sarif::write(&mut out, &findings, sources, workplace.lang)?,
        _ => {
            let out = out.finished()?;
            text::write(out, &findings, sources, workplace.lang, colour())?;
            let untold = text::past_summary(&past, workplace.lang).filter(|_| !asked_for_past);
            untold.map_or(Ok(()), |summary| writeln!(out, "{summary}"))?;
        }
    }
    out.flush()?;
    let error = findings.iter().any(|finding| finding.severity == Severity::Error && finding.state.ended().is_none());
    Ok(if error { Outcome::Findings } else { Outcome::Clean })
}

/// The archive, with what a server remembers of it where its state is named.
fn opened(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Office> {
    if arguments.get_one::<String>("state").is_none() {
        return workplace.office();
    }
    let folder = workplace.state()?;
    if !Store::is_in(&folder) {
        bail!("{}: {}", folder.display(), workplace.say(["没有服务器的状态", "no server has its state there"]));
    }
    state::guard(workplace, &folder)?;
    let remembered = Store::open(&folder)?.remembered()?;
    Ok(Office::open_remembering(workplace.sources()?, workplace.settings.clone(), workplace.today()?, &remembered).whole()?)
}

fn lies_in(finding: &Finding, paths: &[PathBuf], sources: &Sources) -> bool {
    let file = finding.span.map(|span| sources.file(span.file).path.to_string());
    file.is_some_and(|file| paths.iter().any(|path| Path::new(&file).starts_with(path)))
}
