//! `chancery sign-archive`, for developers: the seals and signatures of a whole archive made anew
//! with one key, and its register.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    state::private_key,
};
use crate::{
    approval::{self, Paper, Resigned},
    archive::Archive,
    edit,
    policy::Policies,
    source::{REGISTER, SETTINGS},
};
use anyhow::Context;
use clap::ArgMatches;
use std::{path::Path, sync::Arc};

pub(super) const COMMAND: Command = Command {
    name: "sign-archive",
    about: ["（开发用）以一把密钥重签全部批准", "(for developers) sign every approval of the archive anew with one key"],
    arguments: &[Argument {
        name: "key",
        about: ["私钥文件（OpenSSH 格式）", "the private key (OpenSSH's format)"],
        kind: Kind::NeededOption("FILE"),
    }],
    hidden: true,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let path = arguments.get_one::<String>("key").map_or("", String::as_str);
    let key = private_key(workplace, Path::new(path))?;
    let today = workplace.today()?;
    let sources = Arc::new(workplace.sources()?);
    let policies = Arc::new(Policies::compile(&sources, today));
    let archive = Archive::build(sources.clone(), policies, workplace.settings.clone());
    let resigned = approval::resign(&archive, today, &key)?;
    let turn = workplace.turn()?;
    for Resigned { path, text } in &resigned {
        let file = sources.by_path(&path.0).with_context(|| path.to_string())?;
        edit::replace(workplace.root()?, &turn, file, text)?;
    }
    let register = approval::register_anew(&archive, today)?;
    match sources.by_path(REGISTER) {
        Some(file) => edit::replace(workplace.root()?, &turn, file, &register)?,
        None => edit::create(workplace.root()?, &REGISTER.into(), &register)?,
    }
    if let Some(file) = sources.by_path(SETTINGS) {
        edit::put(workplace.root()?, &turn, &Paper::Settings.signature_path(), &Paper::Settings.sign(&file.text, &key)?)?;
    }
    workplace.print(format_args!("{} {}", resigned.len(), workplace.say(["份文件重签", "documents signed anew"])))?;
    Ok(Outcome::Clean)
}
