//! `chancery check`: every finding.

mod watch;

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    drafts::DraftFolder,
    pending,
    print::{self, colour},
    state,
};
use crate::{
    access::{Office, Pending},
    check,
    diagnostic::{
        Finding, Severity, json, sarif,
        text::{self, visible},
    },
    source::Sources,
    store::{SeenApprovals, SqliteStore, Wait},
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
            about: [
                "只列这些文件或文件夹中的问题；写明 drafts/ 中的草稿，就看它还缺什么",
                "only findings in these files or folders; of a draft in drafts/, what it still lacks",
            ],
            kind: Kind::Many("PATH"),
        },
        Argument {
            name: "format",
            about: ["输出形式：text 文本，json 每行一个对象，sarif", "form of the output: text, json (an object a line), sarif"],
            kind: Kind::Choice(&["text", "json", "sarif"]),
        },
        Argument { name: "past", about: ["也列出已成过去的违规", "also list breaches that are over"], kind: Kind::Flag },
        Argument {
            name: "watch",
            about: [
                "一直核对下去，Ctrl-C 结束：有文件改动，就先列出其中的问题，再列出因此在别处新出现和已消除的问题",
                "go on checking until Ctrl-C: whenever files change, what is found in them, and then what has come up or ceased elsewhere because of it",
            ],
            kind: Kind::Flag,
        },
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
    let paths = workplace.below_root(arguments.get_many::<String>("path").unwrap_or_default())?;
    if arguments.get_flag("watch") {
        return watch::run(workplace, arguments, &paths);
    }
    let (desk, sources) = DraftFolder::with(workplace, &paths)?;
    // Let go with the process, and not part by part before.
    let office = ManuallyDrop::new(opened(workplace, arguments, sources)?);
    let report = check::told_once(office.whole_report(), &office.archive);
    let sources = &desk.shown(&office.archive.sources);
    let (mut findings, past) = (chosen(&report.findings, &paths, sources), chosen(&report.past, &paths, sources));
    if arguments.get_flag("past") {
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
            let untold = if arguments.get_flag("past") { &[][..] } else { &past };
            beside(workplace, &office, untold, &desk, &paths).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    out.flush()?;
    let error = findings.iter().any(|finding| finding.severity == Severity::Error && finding.state.ended().is_none());
    Ok(if error { Outcome::Findings } else { Outcome::Clean })
}

/// Those findings that lie in the files and folders that were named; all of them where none was.
fn chosen<'f>(findings: &'f [Finding], paths: &[PathBuf], sources: &Sources) -> Cow<'f, [Finding]> {
    if paths.is_empty() {
        return Cow::Borrowed(findings);
    }
    findings.iter().filter(|finding| lies_in(finding, paths, sources)).cloned().collect()
}

/// What is told beside the findings: how many breaches are over that were not listed, what waits
/// for approval, and which drafts can be filed.
fn beside(workplace: &Workplace, office: &Office, untold: &[Finding], desk: &DraftFolder, paths: &[PathBuf]) -> Vec<String> {
    let past = text::past_summary(untold, workplace.lang);
    let ready = desk.drafts.iter().filter(|one| office.is_written_out(&one.record)).map(|one| &one.draft);
    let filled_in = workplace.say(["已填齐，可以归档：", "filled in, and can be filed: "]);
    let ready = ready.map(|draft| visible(&format!("{filled_in}chancery file {draft}")));
    past.into_iter().chain(waiting(workplace, office, &office.pending(), desk, paths)).chain(ready).collect()
}

/// What waits for approval: of the files that are named each on a line, else how much it is. A
/// draft waits for nothing yet.
fn waiting(workplace: &Workplace, office: &Office, pending: &[Pending], desk: &DraftFolder, paths: &[PathBuf]) -> Vec<String> {
    if paths.is_empty() {
        return pending::summary(workplace, pending).into_iter().collect();
    }
    let is_wanted = |one: &&Pending| paths.iter().any(|path| Path::new(&*one.path.0).starts_with(path)) && !desk.lays(&one.path);
    pending.iter().filter(is_wanted).map(|one| pending::next(workplace, office, &one.path.0, one)).collect()
}

/// The archive, with what a server remembers of it where its state is named.
fn opened(workplace: &Workplace, arguments: &ArgMatches, sources: Sources) -> anyhow::Result<Office> {
    let (settings, today) = (workplace.settings.clone(), workplace.today()?);
    if arguments.get_one::<String>("state").is_none() {
        return Ok(Office::open(sources, settings, today).whole()?);
    }
    let folder = workplace.state()?;
    if !SqliteStore::is_in(&folder) {
        bail!("{}: {}", folder.display(), workplace.say(["没有服务器的状态", "no server has its state there"]));
    }
    state::guard(workplace, &folder)?;
    let remembered = SqliteStore::open(&folder)?.remembered().wait()?;
    Ok(Office::open_remembering(sources, settings, today, &remembered).whole()?)
}

fn lies_in(finding: &Finding, paths: &[PathBuf], sources: &Sources) -> bool {
    let file = finding.span.map(|span| sources.file(span.file).path.to_string());
    file.is_some_and(|file| paths.iter().any(|path| Path::new(&file).starts_with(path)))
}
