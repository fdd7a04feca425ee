//! `chancery user`: accounts.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
};
use crate::{
    source::RecordId,
    store::{Password, Store},
};
use anyhow::{Context, bail};
use clap::ArgMatches;
use std::io::{BufRead, IsTerminal};

/// A shorter password is refused.
const SHORTEST: usize = 8;

pub(super) const COMMAND: Command = Command {
    name: "user",
    about: [
        "账户：add 新增，passwd 改密码，list 列出，disable 停用，enable 恢复",
        "accounts: add, passwd (a new password), list, disable, enable",
    ],
    arguments: &[
        Argument { name: "what", about: ["要做什么", "what to do"], kind: Kind::Verb(&["add", "passwd", "list", "disable", "enable"]) },
        Argument { name: "person", about: ["人员编号", "the person's id"], kind: Kind::Maybe("PERSON") },
        STATE,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let store = Store::open(&workplace.state()?)?;
    let what = arguments.get_one::<String>("what").map_or("", String::as_str);
    if what == "list" {
        return list(workplace, &store);
    }
    let missing = workplace.say(["请写明人员编号", "name the person"]).to_owned();
    let person = RecordId::from(arguments.get_one::<String>("person").context(missing)?.as_str());
    match what {
        "add" => {
            if !workplace.office()?.staff().contains(&person) {
                bail!("{}{person}", workplace.say(["今天在册人员中没有 ", "nobody on staff today is "]));
            }
            store.add_account(&person, &ask(workplace)?)?;
        }
        "passwd" => store.set_password(&person, &ask(workplace)?)?,
        "disable" => store.set_disabled(&person, true)?,
        _ => store.set_disabled(&person, false)?,
    }
    workplace.print(format_args!("{person}: {}", workplace.say(["已办", "done"])))?;
    Ok(Outcome::Clean)
}

fn list(workplace: &Workplace, store: &Store) -> anyhow::Result<Outcome> {
    for account in store.accounts()? {
        let state = if account.disabled { ["停用", "disabled"] } else { ["可用", "in use"] };
        workplace.print(format_args!("{}  {}", account.person, workplace.say(state)))?;
    }
    Ok(Outcome::Clean)
}

/// A new password: typed unseen at a terminal, else a line of standard input.
fn ask(workplace: &Workplace) -> anyhow::Result<Password> {
    let written = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(workplace.say(["新密码：", "New password: "]))?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if written.chars().count() < SHORTEST {
        bail!("{}", workplace.say(["密码至少 8 个字符", "a password has at least 8 characters"]));
    }
    Ok(Password::new(&written)?)
}
