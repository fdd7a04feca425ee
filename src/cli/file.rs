//! `chancery file`: a draft becomes a record.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    drafts::DraftFolder,
    pending,
    print::{self, colour},
};
use crate::{
    access::Office,
    diagnostic::{Finding, Severity, text},
    edit::{self, EditError},
    source::Sources,
};
use anyhow::bail;
use clap::ArgMatches;

pub(super) const COMMAND: Command = Command {
    name: "file",
    about: [
        "把填齐的草稿归入档案；还没有填齐的，列出缺什么，不归档",
        "put drafts that are filled in among the records; what one still lacks is told, and nothing is filed",
    ],
    arguments: &[Argument {
        name: "draft", about: ["草稿文件，在 drafts/ 中", "the drafts, in drafts/"], kind: Kind::Several("DRAFT")
    }],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let paths = workplace.below_root(arguments.get_many::<String>("draft").unwrap_or_default())?;
    let (desk, sources) = DraftFolder::with(workplace, &paths)?;
    if let Some(other) = paths.iter().find(|path| !desk.has(path)) {
        bail!("{}{}", workplace.say(["不是 drafts/ 中的草稿：", "no draft in drafts/: "]), other.display());
    }
    let office = Office::open(sources, workplace.settings.clone(), workplace.today()?).whole()?;
    for one in &desk.drafts {
        let named = office.archive.record_at(&one.record).map(|record| &record.named);
        if let Some(id) = named.filter(|id| office.archive.holder(id).is_some()) {
            bail!("{}: {}{id}", one.draft, workplace.say(["已有这个编号：", "there is a record of that id already: "]));
        }
    }
    let found = desk.findings(&office);
    let shown = desk.shown(&office.archive.sources);
    if desk.drafts.iter().any(|one| !office.is_written_out(&one.record)) {
        tell(workplace, &found, &shown)?;
        workplace.print(workplace.say(["没有归档：先补齐以上各项", "nothing was filed: see to these first"]))?;
        return Ok(Outcome::Findings);
    }
    for one in &desk.drafts {
        let file = office.archive.sources.by_path(&one.record.0).map(|file| shown.file(file.id));
        match file.map_or(Ok(()), |file| edit::relocate(workplace.root()?, file, &one.record).map_err(anyhow::Error::from)) {
            Err(error) if matches!(error.downcast_ref(), Some(EditError::Changed(_))) => {
                bail!("{}: {}", one.draft, workplace.say(["核对之后又有改动，请再试一次", "it was changed meanwhile; try again"]))
            }
            outcome => outcome?,
        }
        workplace.print(&one.record)?;
    }
    tell(workplace, &found, &office.archive.sources)?;
    for one in office.pending().iter().filter(|one| desk.lays(&one.path)) {
        workplace.print(pending::next(workplace, &office, &one.path.0, one))?;
    }
    let is_wrong = found.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if is_wrong { Outcome::Findings } else { Outcome::Clean })
}

fn tell(workplace: &Workplace, findings: &[Finding], sources: &Sources) -> std::io::Result<()> {
    let mut out = print::words();
    text::write_each(out.finished()?, findings, sources, workplace.lang, colour())
}
