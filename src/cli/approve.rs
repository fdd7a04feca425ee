//! `chancery approve`: signs an approval and adds it to the document.

mod all;
mod paper;

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
    state::private_key,
};
use crate::{
    access::{Hand, NotSigned, Office, Reader},
    approval::{Paper, Subject},
    diagnostic::{Finding, Lang},
    edit,
    source::RecordId,
};
use anyhow::{Context, bail};
use chrono::{SecondsFormat, Utc};
use clap::ArgMatches;
use std::path::Path;

pub(super) const COMMAND: Command = Command {
    name: "approve",
    about: ["以自己的 SSH 密钥批准一份档案或制度", "approve a record or a policy with your own SSH key"],
    arguments: &[
        Argument {
            name: "id",
            about: [
                "档案编号；制度写作 policies/NAME，主题写作 themes/NAME，另有 chancery.yaml 和 policies/allowed_signers",
                "the record's id; a policy as policies/NAME, a theme as themes/NAME; also chancery.yaml and policies/allowed_signers",
            ],
            kind: Kind::Many("ID"),
        },
        Argument {
            name: "all",
            about: [
                "批准所给文件夹中等待此人批准的全部制度和档案：先列出，问过再签",
                "approve whatever waits for this person in the files and folders that are given: it is listed first, and asked for",
            ],
            kind: Kind::Flag,
        },
        Argument { name: "yes", about: ["列出后不再询问", "do not ask after the list"], kind: Kind::Flag },
        Argument {
            name: "step",
            about: ["批准的步骤，即职务编号（档案和制度须写明）", "the step: the post's id (needed for records and policies)"],
            kind: Kind::Option("POST"),
        },
        Argument {
            name: "key",
            about: ["私钥文件（OpenSSH 格式）", "the private key (OpenSSH's format)"],
            kind: Kind::NeededOption("FILE"),
        },
        Argument {
            name: "by",
            about: ["批准人（该职务由多人担任时须写明）", "who approves (needed where several hold the post)"],
            kind: Kind::Option("PERSON"),
        },
        STATE,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let given: Vec<&String> = arguments.get_many::<String>("id").unwrap_or_default().collect();
    if arguments.get_flag("all") {
        return all::approve(workplace, arguments, &given);
    }
    let [id] = given[..] else {
        bail!(
            "{}",
            workplace
                .say(["请写明要批准的一份；批准一批用 --all", "name what is to be approved, one at a time; a number of them with --all"])
        );
    };
    // An approval of such an id could not be read again, and its line in the register would be two.
    if id.chars().any(char::is_control) {
        bail!(
            "{}",
            workplace.say(["编号里有换行或控制字符，无法批准", "the id has line breaks or control characters; it cannot be approved"])
        );
    }
    let text = |name| arguments.get_one::<String>(name).map_or("", String::as_str);
    let key = || private_key(workplace, Path::new(text("key")));
    if let Some(paper) = Paper::named(id.trim_end_matches('/')) {
        return paper::approve(workplace, &paper, &key()?);
    }
    let missing = ["请用 --step 写明批准的步骤", "name the step with --step"];
    arguments.get_one::<String>("step").with_context(|| workplace.say(missing).to_owned())?;
    let (subject, step) = (Subject::named(id), text("step"));
    let may = |office: &Office| {
        let by = approver(workplace, office, step, arguments.get_one::<String>("by"))?;
        refuse_early(workplace, office, &subject, step, &by)?;
        Ok::<RecordId, anyhow::Error>(by)
    };
    may(&workplace.office()?)?;
    let key = key()?;
    // A key may have to be asked for: what is decided by is read anew, and nobody who takes turns
    // writes meanwhile.
    let turn = workplace.turn()?;
    let office = workplace.office()?;
    let by = may(&office)?;
    let at = workplace.settings.moment(Utc::now(), office.today);
    let signed = match office.signed(&subject, Hand { step, by: &by, at, key: &key }) {
        Err(NotSigned::Faulty(faults)) => bail!("{}", faulty(workplace, &subject, &faults)),
        Err(NotSigned::Unknown(subject)) => bail!("{}{subject}", workplace.say(["没有这份档案：", "there is no record "])),
        Err(error) => bail!("{subject}: {}", refused(workplace, error)?),
        Ok(signed) => signed,
    };
    edit::append_approval(workplace.root()?, &turn, &signed)?;
    workplace.print(format_args!("{subject}  {step}  {by}  {}", at.to_rfc3339_opts(SecondsFormat::Secs, true)))?;
    Ok(Outcome::Clean)
}

/// Why something is not signed that could be, were it changed.
///
/// # Errors
/// Where the key or the disk is to blame.
fn refused(workplace: &Workplace, error: NotSigned) -> anyhow::Result<String> {
    match error {
        NotSigned::Superseded(_) => Ok(workplace
            .say([
                "这份内容曾获批准，其后另有内容获得批准；请改动其中一处（例如日期）后再批准",
                "this content was approved before, and another after it; change something in it (a date, say), then approve",
            ])
            .to_owned()),
        other => Err(other.into()),
    }
}

/// How many errors are told here; `chancery check` has them all.
const TOLD: usize = 5;

/// What is wrong with it, and is mended before anybody approves it. Whoever is at a terminal reads
/// the folder.
fn faulty(workplace: &Workplace, subject: &Subject, faults: &[Finding]) -> String {
    let count = faults.len();
    let mut said = match workplace.lang {
        Lang::Zh => format!("{subject} 有 {count} 处错误，改正以前不能批准："),
        Lang::En => format!("{subject} has errors ({count}) and is not approved before they are mended:"),
    };
    for finding in faults.iter().take(TOLD) {
        said.push_str(&format!("\n  {}  {}", finding.code, finding.message.get(workplace.lang)));
    }
    if count > TOLD {
        said.push_str(&match workplace.lang {
            Lang::Zh => format!("\n  …… 另有 {} 处，见 chancery check", count - TOLD),
            Lang::En => format!("\n  … and {} more: see chancery check", count - TOLD),
        });
    }
    said
}

fn approver(workplace: &Workplace, office: &Office, step: &str, asked: Option<&String>) -> anyhow::Result<RecordId> {
    if let Some(by) = asked {
        return Ok(RecordId::named(by.as_str()));
    }
    let holders = office.holders(step);
    match holders.as_slice() {
        [only] => Ok(only.clone()),
        [] => bail!("{}{step}", workplace.say(["今天无人担任此职务：", "nobody holds the post today: "])),
        _ => bail!("{}", workplace.say(["该职务由多人担任，请用 --by 写明批准人", "several hold the post: say who approves with --by"])),
    }
}

/// Refuses what could not count: a record of one's own, out of turn, without the post.
fn refuse_early(workplace: &Workplace, office: &Office, subject: &Subject, step: &str, by: &RecordId) -> anyhow::Result<()> {
    let view = office.view(Reader::Person(by.clone()));
    let Some(id) = subject.record().filter(|id| office.archive.record(id).is_some()) else { return Ok(()) };
    let waits = view.record(id).and_then(|record| record.my_turn()).is_some_and(|(post, _)| *post == *step);
    if !waits && !office.awaits_own(id, step, by) {
        bail!("{}", workplace.say([
            "这份档案今天不等此人以此职务批准：可能是本人所写、未轮到、已批准，或此人不任该职务、无权查阅",
            "this record does not wait for this person's approval by this post today: it may be his own, not its turn, approved already, or he does not hold the post or may not read it",
        ]));
    }
    Ok(())
}
