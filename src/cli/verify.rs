//! `chancery verify`: every approval.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
};
use crate::{
    approval::{self, AllowedSigners, Approvals, Remembered},
    archive::Archive,
    diagnostic::{Finding, text, text::Colour},
    policy::Policies,
};
use clap::ArgMatches;
use std::{
    io::{BufWriter, Write},
    sync::Arc,
};

pub(super) const COMMAND: Command = Command {
    name: "verify",
    about: ["核验批准：签名、封印、职务和次序", "verify approvals: signatures, seals, posts and order"],
    arguments: &[Argument { name: "id", about: ["只核验这一份", "this record alone"], kind: Kind::Maybe("ID") }],
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
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut good, mut bad) = (0, 0);
    for (id, entry) in chains.flat_map(|(id, chain)| chain.entries.iter().map(move |entry| (id, entry))) {
        let state = if entry.valid { ["有效", "valid"] } else { ["无效", "not valid"] };
        writeln!(out, "{id}  {}  {}  {}  {}", entry.step, entry.by, entry.at.to_rfc3339(), workplace.say(state))?;
        *(if entry.valid { &mut good } else { &mut bad }) += 1;
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
        text::write(&mut out, &findings, &archive.sources, workplace.lang, Colour::Plain)?;
    }
    out.flush()?;
    Ok(if findings.is_empty() && bad == 0 { Outcome::Clean } else { Outcome::Findings })
}
