//! `chancery policy check`: what is wrong with a draft alone, as its author wants to know it while
//! writing.

use super::{
    super::{
        Outcome, Workplace,
        print::{self, colour},
    },
    diff,
};
use crate::{
    check::{Proposed, proof},
    diagnostic::{Severity, json, text},
};
use anyhow::Context;
use std::io::Write;

pub(super) fn run(workplace: &Workplace, draft: &str, lines: bool) -> anyhow::Result<Outcome> {
    let proposed = Proposed { shown: draft, bytes: diff::read(draft).with_context(|| draft.to_owned())? };
    let told = proof(&workplace.sources()?, &workplace.settings, workplace.today()?, &proposed);
    let mut out = print::words_or_data(lines);
    match lines {
        true => json::write(&mut out, &told.findings, &told.sources, workplace.lang)?,
        false => text::write(out.finished()?, &told.findings, &told.sources, workplace.lang, colour())?,
    }
    out.flush()?;
    let error = told.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if error { Outcome::Findings } else { Outcome::Clean })
}
