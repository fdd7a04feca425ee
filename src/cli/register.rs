//! `chancery register`: what the server has seen of the register of approvals, beside what stands
//! there; and the first register of an archive that is older than registers.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
    state,
};
use crate::{
    approval::{Register, Subject, unregistered},
    edit,
    store::{SeenApprovals, SqliteStore, Wait},
};
use anyhow::{Context, bail};
use clap::ArgMatches;

pub(super) const COMMAND: Command = Command {
    name: "register",
    about: [
        "批准登记簿：make 为没有登记簿的旧档案库建立一次，missing 列出服务器见过、现已缺失的行，forget 让服务器忘掉一个编号",
        "the register of approvals: make makes one for an older archive that has none, missing lists lines that the server has seen and that are gone, forget lets it forget an id",
    ],
    arguments: &[
        Argument { name: "what", about: ["要做什么", "what to do"], kind: Kind::Verb(&["make", "missing", "forget"]) },
        Argument {
            name: "id",
            about: ["forget 时：档案编号；制度写作 policies/NAME", "with forget: the record's id; a policy as policies/NAME"],
            kind: Kind::Maybe("ID"),
        },
        STATE,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let what = arguments.get_one::<String>("what").map_or("", String::as_str);
    if what == "make" {
        return make(workplace);
    }
    let folder = workplace.state()?;
    state::guard(workplace, &folder)?;
    let store = SqliteStore::open(&folder)?;
    if what == "missing" {
        return missing(workplace, &store);
    }
    let needed = workplace.say(["请写明编号", "name the id"]).to_owned();
    let subject = Subject::named(arguments.get_one::<String>("id").context(needed)?.as_str());
    if !store.forget(&subject).wait()? {
        bail!("{}{subject}", workplace.say(["服务器没有见过这个编号的批准：", "the server has seen no approval of "]));
    }
    let done = ["已忘掉；服务器重新启动后生效", "forgotten, from the next start of the server on"];
    workplace.print(format_args!("{subject}: {}", workplace.say(done)))?;
    Ok(Outcome::Clean)
}

/// Enters everything that is validly approved. Only where nothing is entered yet: what is missing
/// from a register was there once, or was never approved as `approve` does it, and neither is for a
/// command to mend.
fn make(workplace: &Workplace) -> anyhow::Result<Outcome> {
    let turn = workplace.turn()?;
    let office = workplace.office()?;
    let approvals = office.whole_approvals();
    if approvals.register.lines().next().is_some() {
        let refused = [
            "登记簿里已有登记。缺行的，从备份恢复；make 只为没有登记簿的旧档案库建立一次",
            "the register has lines. What it lacks is restored from a backup; make is for an older archive that never had a register",
        ];
        bail!("{}", workplace.say(refused));
    }
    let lines: Vec<String> = unregistered(approvals).map(|line| line.to_string()).collect();
    edit::register(workplace.root()?, &turn, &lines)?;
    let words = ["已登记 {n} 行", "{n} lines are entered"];
    workplace.print(workplace.say(words).replace("{n}", &lines.len().to_string()))?;
    Ok(Outcome::Clean)
}

fn missing(workplace: &Workplace, approvals: &dyn SeenApprovals) -> anyhow::Result<Outcome> {
    let (register, _) = Register::of(&workplace.sources()?, &approvals.remembered().wait()?);
    for line in register.missing() {
        workplace.print(line)?;
    }
    let count = register.missing().count();
    let words = ["登记簿缺 {n} 行", "{n} lines are missing from the register"];
    workplace.print(workplace.say(words).replace("{n}", &count.to_string()))?;
    Ok(if count == 0 { Outcome::Clean } else { Outcome::Findings })
}
