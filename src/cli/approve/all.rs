//! `chancery approve --all`: whatever waits for one person in some folders, listed, asked for, and
//! signed.

use super::{
    super::{Outcome, Workplace, columns::columns, print, state::private_key},
    faulty,
};
use crate::{
    access::{Awaiting, Hand, NotSigned, Office},
    approval::PrivateKey,
    diagnostic::Lang,
    edit,
    source::RecordId,
};
use anyhow::bail;
use chrono::Utc;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

pub(super) fn approve(workplace: &Workplace, arguments: &ArgMatches, given: &[&String]) -> anyhow::Result<Outcome> {
    let text = |name| arguments.get_one::<String>(name).map(String::as_str);
    let paths = workplace.below_root(given.iter().copied())?;
    let key = private_key(workplace, Path::new(text("key").unwrap_or_default()))?;
    let waiting = |office: &Office| -> anyhow::Result<(RecordId, Vec<Awaiting>)> {
        let by = signer(workplace, office, &key, text("by"))?;
        let mut waiting = office.awaiting(&by);
        waiting.retain(|one| lies_in(&one.path.0, &paths) && text("step").is_none_or(|step| *one.step == *step));
        Ok((by, waiting))
    };
    let office = workplace.office()?;
    let (by, seen) = waiting(&office)?;
    list(workplace, &office, &by, &seen)?;
    if seen.is_empty() {
        return Ok(Outcome::Clean);
    }
    let question = workplace.say(["以上内容均已读过，现在签署？[y/N] ", "You have read all of these: sign them now? [y/N] "]);
    if !arguments.get_flag("yes") && !print::ask(question, false)? {
        workplace.print(workplace.say(["没有签署任何一份", "nothing was signed"]))?;
        return Ok(Outcome::Findings);
    }
    // What was not listed is not signed, and what was is as it was read.
    let turn = workplace.turn()?;
    let office = workplace.office()?;
    let (_, now) = waiting(&office)?;
    let mut refused = 0;
    for one in seen {
        let outcome = match now.contains(&one) {
            true => signed(workplace, &office, &turn, &one, &by, &key)?,
            false => Err(workplace.say(["列出之后有改动，没有签署", "changed since it was listed, and not signed"]).to_owned()),
        };
        match outcome {
            Ok(()) => workplace.print(format_args!("{}  {}  {by}", one.subject, one.step))?,
            Err(why) => {
                refused += 1;
                print::complain(&format!("{}: {why}", one.subject));
            }
        }
    }
    Ok(if refused == 0 { Outcome::Clean } else { Outcome::Findings })
}

/// For whom it is signed: whoever is named, or the one person for whom the key is listed.
fn signer(workplace: &Workplace, office: &Office, key: &PrivateKey, named: Option<&str>) -> anyhow::Result<RecordId> {
    let at = workplace.settings.moment(Utc::now(), office.today);
    let people = office.signs_for(key, at);
    let by = match (named, people.as_slice()) {
        (Some(by), _) => RecordId::from(by),
        (None, [only]) => only.clone(),
        (None, _) => bail!("{}", workplace.say(["请用 --by 写明批准人", "say who approves with --by"])),
    };
    if !office.trusts(key, &by, at) {
        let words = ["这把密钥没有为 {} 列在 policies/allowed_signers 中", "policies/allowed_signers does not list this key for {}"];
        bail!("{}", workplace.say(words).replace("{}", &by.0));
    }
    Ok(by)
}

fn lies_in(path: &str, paths: &[PathBuf]) -> bool {
    paths.is_empty() || paths.iter().any(|folder| Path::new(path).starts_with(folder))
}

fn list(workplace: &Workplace, office: &Office, by: &RecordId, waiting: &[Awaiting]) -> std::io::Result<()> {
    let count = waiting.len();
    workplace.print(match (workplace.lang, count) {
        (Lang::Zh, 0) => format!("没有等待 {by} 批准的"),
        (Lang::En, 0) => format!("nothing waits for {by}"),
        (Lang::Zh, _) => format!("等待 {by} 批准的，共 {count} 份："),
        (Lang::En, _) => format!("what waits for {by} ({count}):"),
    })?;
    let rows: Vec<Vec<String>> = waiting
        .iter()
        .map(|one| {
            let post = office.archive.policies.posts.posts.get(&one.step);
            let step = post.map_or_else(|| one.step.to_string(), |post| post.label.or_id(&post.id).get(workplace.lang).to_owned());
            let state = match (workplace.lang, one.faults) {
                (_, 0) => one.seal.to_string().chars().take(15).collect(),
                (Lang::Zh, faults) => format!("有 {faults} 处错误，不签"),
                (Lang::En, faults) => format!("has {faults} errors: not signed"),
            };
            vec![one.path.to_string(), one.title.clone(), step, state]
        })
        .collect();
    columns(&rows).iter().try_for_each(|line| workplace.print(format_args!("  {line}")))
}

/// Signs one of them, or says why not.
fn signed(
    workplace: &Workplace,
    office: &Office,
    turn: &edit::Turn,
    one: &Awaiting,
    by: &RecordId,
    key: &PrivateKey,
) -> anyhow::Result<Result<(), String>> {
    let at = workplace.settings.moment(Utc::now(), office.today);
    match office.signed(&one.subject, Hand { step: &one.step, by, at, key }) {
        Ok(signed) => {
            edit::append_approval(workplace.root()?, turn, &signed)?;
            Ok(Ok(()))
        }
        Err(NotSigned::Faulty(faults)) => Ok(Err(faulty(workplace, &one.subject, &faults))),
        Err(error) => Ok(Err(super::refused(workplace, error)?)),
    }
}
