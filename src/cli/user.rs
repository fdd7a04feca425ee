//! `chancery user`: accounts.

mod link;
mod list;

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
    state,
};
use crate::{
    diagnostic::Finding,
    source::RecordId,
    store::{Accounts, Chosen, Password, Sessions, SqliteStore, Wait},
};
use anyhow::{Context, bail};
use clap::ArgMatches;
use std::io::{BufRead, IsTerminal};

pub(super) const COMMAND: Command = Command {
    name: "user",
    about: [
        "账户：add 新增，passwd 改密码，list 列出谁能登录、谁不能及其原因，disable 停用，enable 恢复，signout 在所有地方退出（日历地址一并作废）",
        "accounts: add, passwd (a new password), list (who can sign in, and who cannot and why), disable, enable, signout (ends every session, and the calendar's address)",
    ],
    arguments: &[
        Argument {
            name: "what",
            about: ["要做什么", "what to do"],
            kind: Kind::Verb(&["add", "passwd", "list", "disable", "enable", "signout"]),
        },
        Argument { name: "person", about: ["人员编号", "the person's id"], kind: Kind::Maybe("PERSON") },
        Argument {
            name: "link",
            about: [
                "add 和 passwd：不问密码，给出一次性链接，由本人自己设置（48 小时内有效）",
                "for add and passwd: asks for no password, but prints a link with which the person sets it (valid for 48 hours)",
            ],
            kind: Kind::Flag,
        },
        STATE,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let folder = workplace.state()?;
    state::guard(workplace, &folder)?;
    let store = SqliteStore::open(&folder)?;
    let what = arguments.get_one::<String>("what").map_or("", String::as_str);
    let link = arguments.get_flag("link");
    if link && !matches!(what, "add" | "passwd") {
        bail!("{}", workplace.say(["--link 只用于 add 和 passwd", "--link goes with add and passwd"]));
    }
    if what == "list" {
        return list::run(workplace, &folder, &store);
    }
    let missing = workplace.say(["请写明人员编号", "name the person"]).to_owned();
    let person = RecordId::named(arguments.get_one::<String>("person").context(missing)?.as_str());
    if what == "add" || link {
        on_staff(workplace, &person)?;
    }
    match what {
        "add" | "passwd" if link => return link::print(workplace, arguments, &folder, &store, person, what == "add"),
        "add" => store.add_account(&person, &ask(workplace, &person)?).wait()?,
        "passwd" => store.set_password(&person, &ask(workplace, &person)?).wait()?,
        "disable" => store.disable(&person).wait()?,
        "enable" => store.enable(&person).wait()?,
        _ => store.close_sessions(&person).wait()?,
    }
    workplace.print(format_args!("{person}: {}", workplace.say(["已办", "done"])))?;
    Ok(Outcome::Clean)
}

fn on_staff(workplace: &Workplace, person: &RecordId) -> anyhow::Result<()> {
    let office = workplace.office()?;
    if office.staff().contains(person) {
        return Ok(());
    }
    let unapproved = |finding: &Finding| &*finding.code == "approval.person" && finding.record.as_ref() == Some(person);
    if office.whole_report().findings.iter().any(unapproved) {
        let words = [
            "{} 的人员档案尚未批准，批准以后才能开账户：chancery approve --all records --key FILE",
            "the record of {} is not approved, and accounts are for those whose record is: chancery approve --all records --key FILE",
        ];
        bail!("{}", workplace.say(words).replace("{}", &person.0));
    }
    bail!("{}{person}", workplace.say(["今天在册人员中没有 ", "nobody on staff today is "]))
}

/// A new password: typed unseen at a terminal, else a line of standard input.
fn ask(workplace: &Workplace, person: &RecordId) -> anyhow::Result<Password> {
    let written = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(workplace.say(["新密码：", "New password: "]))?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    match Chosen::new(person, &written) {
        Ok(chosen) => Ok(chosen.hash()?),
        Err(unfit) => bail!("{}", unfit.words().get(workplace.lang)),
    }
}
