//! `chancery verify`: every approval.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
    print,
    serve::trust::listed_in,
    theme,
};
use crate::{
    approval::{self, AllowedSigners, Approvals, Paper, Register, Remembered, manifest},
    archive::Archive,
    diagnostic::{
        Finding, Words,
        text::{self, Colour, visible},
    },
    policy::Policies,
    source::{self, ArchivePath},
};
use chrono::NaiveDate;
use clap::ArgMatches;
use std::{io::Write, sync::Arc};

pub(super) const COMMAND: Command = Command {
    name: "verify",
    about: [
        "核验批准：签名、封印、职务和次序；以及 chancery.yaml、签署人名单和主题的签名",
        "verify approvals: signatures, seals, posts and order; and the signatures over chancery.yaml, the list of signers and the theme",
    ],
    arguments: &[Argument { name: "id", about: ["只核验这一份", "this one alone"], kind: Kind::Maybe("ID") }, STATE],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let today = workplace.today()?;
    let sources = Arc::new(workplace.sources()?);
    let policies = Arc::new(Policies::compile(&sources, today));
    let archive = Archive::build(sources, policies, workplace.settings.clone());
    let signers = AllowedSigners::of(&archive);
    let archive = approval::settled(archive, &signers, &Remembered::default(), today);
    let approvals = Approvals::judge(&archive, today);
    let asked = arguments.get_one::<String>("id");
    let chains = approvals.chains.iter().filter(|(id, _)| asked.is_none_or(|asked| *asked == *id.0));
    let mut out = print::words();
    let (mut good, mut bad) = (0, 0);
    for (id, entry) in chains.flat_map(|(id, chain)| chain.entries.iter().map(move |entry| (id, entry))) {
        let state = if entry.valid { ["有效", "valid"] } else { ["无效", "not valid"] };
        let line = format!("{id}  {}  {}  {}  {}", entry.step, entry.by, entry.at.to_rfc3339(), workplace.say(state));
        writeln!(out, "{}", visible(&line))?;
        *(if entry.valid { &mut good } else { &mut bad }) += 1;
    }
    for (paper, state) in papers(workplace, &archive, &approvals.register, today)? {
        let is_asked = asked.is_none_or(|asked| *paper.id().0 == **asked);
        if is_asked && let Some(told) = told(workplace, &state) {
            writeln!(out, "{}  {told}", paper.id())?;
            good += usize::from(state == Beside::Valid);
            bad += usize::from(matches!(state, Beside::Not(_)));
        }
    }
    let wanted = |finding: &&Finding| asked.is_none_or(|asked| finding.record.as_ref().is_some_and(|record| *record.0 == **asked));
    let findings: Vec<Finding> = approvals.findings.iter().filter(wanted).cloned().collect();
    writeln!(
        out,
        "{}",
        workplace
            .say(["有效 {g} 项，无效 {b} 项", "{g} valid, {b} not"])
            .replace("{g}", &good.to_string())
            .replace("{b}", &bad.to_string())
    )?;
    if !findings.is_empty() {
        text::write(out.finished()?, &findings, &archive.sources, workplace.lang, Colour::Plain)?;
    }
    out.flush()?;
    Ok(if findings.is_empty() && bad == 0 { Outcome::Clean } else { Outcome::Findings })
}

/// The state of a paper that is signed beside.
#[derive(PartialEq, Eq)]
enum Beside {
    Valid,
    Not(Words),
    Unsigned,
    /// There is no such paper.
    Nothing,
}

/// The settings, the list of signers and the theme that the settings name, by the signers that the server trusts, or else those of the archive.
fn papers(workplace: &Workplace, archive: &Archive, register: &Register, day: NaiveDate) -> anyhow::Result<Vec<(Paper, Beside)>> {
    let signers = listed_in(&workplace.state()?, workplace.zone())?.unwrap_or_else(|| AllowedSigners::of(archive));
    let theme = workplace.settings.theme().map(Paper::Theme);
    let all = [Paper::Settings, Paper::Signers].into_iter().chain(theme);
    all.map(|paper| {
        let Some((text, signature)) = beside(workplace, &paper, archive)? else { return Ok((paper, Beside::Nothing)) };
        let state = match (&signature, paper.lack(&text, signature.as_deref(), &signers, register, day)) {
            (None, _) => Beside::Unsigned,
            (Some(_), None) => Beside::Valid,
            (Some(_), Some(why)) => Beside::Not(why),
        };
        Ok((paper, state))
    })
    .collect()
}

/// The text of a paper, and its signature where it has one.
fn beside(workplace: &Workplace, paper: &Paper, archive: &Archive) -> anyhow::Result<Option<(String, Option<String>)>> {
    if let Paper::Theme(name) = paper {
        let root = workplace.root()?;
        let list = manifest(name, &theme::files(workplace, root, name)?);
        return Ok(Some((list, source::theme::beside(root, name, ".sha256.sig"))));
    }
    let text = |path: &ArchivePath| archive.sources.by_path(&path.0).map(|file| file.text.to_string());
    Ok(text(&paper.path()).map(|whole| (whole, text(&paper.signature_path()))))
}

fn told(workplace: &Workplace, state: &Beside) -> Option<String> {
    match state {
        Beside::Valid => Some(workplace.say(["有效", "valid"]).to_owned()),
        Beside::Not(why) => Some(format!("{}{}", workplace.say(["无效：", "not valid: "]), why.get(workplace.lang))),
        Beside::Unsigned => Some(workplace.say(["没有签署", "not signed"]).to_owned()),
        Beside::Nothing => None,
    }
}
