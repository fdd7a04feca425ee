//! `chancery verify`: every approval.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
    pending, print,
    serve::trust::listed_in,
    theme,
};
use crate::{
    access::Office,
    approval::{AllowedSigners, Entry, Paper, Register, Subject, manifest},
    archive::Archive,
    diagnostic::{
        Finding, Words,
        text::{self, Colour, visible},
    },
    source::{self, ArchivePath},
};
use anyhow::bail;
use chrono::NaiveDate;
use clap::ArgMatches;
use std::io::Write;

pub(super) const COMMAND: Command = Command {
    name: "verify",
    about: [
        "核验批准：签名、封印、职务和次序，无效的说明原因；写明一份的，还说明缺哪一步、今天可由谁批；以及 chancery.yaml、签署人名单和主题的签名",
        "verify approvals: signatures, seals, posts and order, and why one does not count; of a record that is named also which step is missing and who could take it today; and the signatures over chancery.yaml, the list of signers and the theme",
    ],
    arguments: &[Argument { name: "id", about: ["只核验这一份", "this one alone"], kind: Kind::Maybe("ID") }, STATE],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let office = workplace.office()?;
    let (archive, approvals, today) = (&office.archive, office.whole_approvals(), office.today);
    let asked = arguments.get_one::<String>("id").map(|name| Subject::named(name));
    let asked = asked.as_ref();
    let chains = approvals.chains.iter().filter(|(subject, _)| asked.is_none_or(|asked| asked == *subject));
    let mut out = print::words();
    let (mut good, mut bad) = (0, 0);
    for (subject, entry) in chains.flat_map(|(subject, chain)| chain.entries.iter().map(move |entry| (subject, entry))) {
        let line = format!("{subject}  {}  {}  {}  {}", entry.step, entry.by, entry.at.to_rfc3339(), state(workplace, entry));
        writeln!(out, "{}", visible(&line))?;
        *(if entry.valid { &mut good } else { &mut bad }) += 1;
    }
    if let Some(subject) = asked {
        missing(workplace, &office, subject)?.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    for (paper, state) in papers(workplace, archive, &approvals.register, today)? {
        let is_asked = asked.is_none_or(|asked| *asked == Subject::Paper(paper.clone()));
        if is_asked && let Some(told) = told(workplace, &state) {
            writeln!(out, "{paper}  {told}")?;
            good += usize::from(state == Beside::Valid);
            bad += usize::from(matches!(state, Beside::Not(_)));
        }
    }
    let wanted = |finding: &&Finding| asked.is_none_or(|asked| finding.record.as_ref().is_some_and(|id| asked.record() == Some(id)));
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

/// Whether an approval counts, and why it does not.
fn state(workplace: &Workplace, entry: &Entry) -> String {
    let why: Vec<&str> = entry.void.iter().map(|why| why.get(workplace.lang)).collect();
    match (entry.valid, why.is_empty()) {
        (true, _) => workplace.say(["有效", "valid"]).to_owned(),
        (false, true) => workplace.say(["无效", "not valid"]).to_owned(),
        (false, false) => format!("{}{}", workplace.say(["无效：", "not valid: "]), why.join(workplace.say(["；", "; "]))),
    }
}

/// What a document still lacks: each step with who could take it today.
fn missing(workplace: &Workplace, office: &Office, subject: &Subject) -> anyhow::Result<Vec<String>> {
    if let Some(pending) = office.pending_of(subject) {
        return Ok(pending::all(workplace, office, &subject.to_string(), &pending));
    }
    let chain = office.whole_approvals().of(subject);
    let words = match chain.filter(|chain| chain.rule.is_some()) {
        Some(chain) if chain.is_whole() => ["批准已齐", "approved in full"],
        Some(_) => ["已被取代或已销毁，不再待批", "superseded or disposed of, and waits for nobody"],
        None if chain.is_some() || subject.record().is_some_and(|id| office.archive.record(id).is_some()) => {
            ["制度没有规定须经批准", "no policy asks for its approval"]
        }
        None if matches!(subject, Subject::Paper(_)) => return Ok(Vec::new()),
        None => bail!("{}{subject}", workplace.say(["没有这份档案或制度：", "there is no record or policy "])),
    };
    Ok(vec![visible(&format!("{subject}  {}", workplace.say(words)))])
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

/// The settings, the list of signers and the theme that the settings name, by the signers that the
/// server trusts, or else those of the archive.
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
