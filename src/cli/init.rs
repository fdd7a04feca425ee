//! `chancery init`: a new archive.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    new::{named, random, refused},
    serve::trust::{TRUSTED, signer_line},
};
use crate::{
    approval::{Paper, Registered, chain_for, paper_seal},
    archive::Settings,
    edit::{
        self,
        draft::characters,
        founding::{Founded, Plan, ZONE, founding},
    },
    policy::Role,
    source::{REGISTER, RecordId, SETTINGS},
    store::{Password, Store},
};
use anyhow::bail;
use chrono::{NaiveDate, Utc};
use clap::ArgMatches;
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};
use std::{fs, path::Path};

pub(super) const COMMAND: Command = Command {
    name: "init",
    about: [
        "新建档案库：制度、一名管理员及其账户和签名密钥",
        "a new archive: the rulebooks, and an administrator with an account and a key to sign with",
    ],
    arguments: &[
        Argument {
            name: "dir", about: ["文件夹，须为空或尚不存在", "the folder: an empty one, or none yet"], kind: Kind::Needed("DIR")
        },
        Argument {
            name: "admin",
            about: ["管理员的人员编号（默认 admin）", "the administrator's id (default: admin)"],
            kind: Kind::Option("ID"),
        },
        Argument {
            name: "name",
            about: ["管理员的姓名（默认同编号）", "the administrator's name (default: the id)"],
            kind: Kind::Option("NAME"),
        },
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    let text = |name| arguments.get_one::<String>(name).map(String::as_str);
    let folder = Path::new(text("dir").unwrap_or("."));
    if folder.exists() && (!folder.is_dir() || fs::read_dir(folder)?.next().is_some()) {
        bail!("{}{}", workplace.say(["不是空文件夹：", "not an empty folder: "]), folder.display());
    }
    let admin = text("admin").unwrap_or("admin");
    let key = new_key(admin)?;
    let plan = Plan {
        id: &grouped(random::<20>()?),
        name: &name_of(folder)?,
        lang: workplace.lang,
        today: today(workplace),
        admin,
        admin_name: text("name").unwrap_or(admin),
        public_key: &key.public_key().to_openssh()?,
    };
    let founded = founding(&plan).map_err(|error| anyhow::anyhow!(refused(workplace, &error)))?;
    let password = new_password()?;
    edit::create_folder(folder, |folder| fill(folder, &founded, &key, &password))?;
    tell(workplace, folder, &founded, &password, plan.today)?;
    Ok(Outcome::Clean)
}

/// The archive's name until it is given a better one: its folder's.
fn name_of(folder: &Path) -> anyhow::Result<String> {
    let whole = std::path::absolute(folder)?;
    Ok(whole.file_name().map_or_else(|| "Chancery".to_owned(), |name| name.to_string_lossy().into_owned()))
}

/// Not that of an archive in which the command may happen to be called.
fn today(workplace: &Workplace) -> NaiveDate {
    let settings = Settings { time_zone: Some(ZONE.to_owned()), ..Settings::default() };
    workplace.asked_day().unwrap_or_else(|| Utc::now().with_timezone(&settings.zone()).date_naive())
}

fn new_key(admin: &str) -> anyhow::Result<PrivateKey> {
    let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&random()?));
    key.set_comment(admin);
    Ok(key)
}

/// Eighty random bits.
fn new_password() -> anyhow::Result<String> {
    Ok(grouped(random::<16>()?))
}

/// Random bytes as characters in groups of four, to be read out: five bits of each byte.
fn grouped<const N: usize>(random: [u8; N]) -> String {
    random.chunks(4).map(characters).collect::<Vec<_>>().join("-")
}

fn key_path(admin: &RecordId) -> String {
    format!(".chancery/keys/{admin}")
}

fn fill(folder: &Path, founded: &Founded, key: &PrivateKey, password: &str) -> anyhow::Result<()> {
    for (path, text) in &founded.files {
        edit::create(folder, path, text)?;
    }
    let settings = founded.files.iter().find(|(path, _)| *path.0 == *SETTINGS).map_or("", |(_, text)| text);
    edit::create(folder, &Paper::Settings.signature_path(), &Paper::Settings.sign(settings, key)?)?;
    let line = Registered { id: Paper::Settings.id(), seal: paper_seal(settings), after: None };
    edit::create(folder, &REGISTER.into(), &format!("{line}\n"))?;
    edit::create_private(folder, &key_path(&founded.admin).as_str().into(), &key.to_openssh(LineEnding::LF)?)?;
    // The server trusts this key from the start: with it the rulebooks are approved.
    edit::create_private(folder, &format!(".chancery/{TRUSTED}").as_str().into(), &(signer_line(&founded.admin, key)? + "\n"))?;
    Ok(Store::open(&folder.join(".chancery"))?.add_account(&founded.admin, &Password::new(password)?)?)
}

fn tell(workplace: &Workplace, folder: &Path, founded: &Founded, password: &str, today: NaiveDate) -> std::io::Result<()> {
    let (admin, key) = (&founded.admin, folder.join(key_path(&founded.admin)));
    let account =
        workplace.say(["账户 {admin}，密码 {password}（只显示这一次）", "account {admin}, password {password} (shown this once)"]);
    let signing = workplace
        .say(["签名密钥 {key}（仅限本人使用，请另存一份）", "key to sign with: {key} (the administrator's alone; keep a copy elsewhere)"]);
    workplace.print(format_args!("{}{}", workplace.say(["新档案库：", "A new archive: "]), folder.display()))?;
    workplace.print(format_args!("  {}", account.replace("{admin}", &admin.0).replace("{password}", password)))?;
    workplace.print(format_args!("  {}", signing.replace("{key}", &key.display().to_string())))?;
    workplace.print(format_args!("\n{}", workplace.say(["接下来：", "What comes next:"])))?;
    for (place, step) in (1..).zip(steps(workplace, founded, today)) {
        workplace.print(format_args!("  {place}. {step}"))?;
    }
    Ok(())
}

/// What is still to do before `check` is content.
fn steps(workplace: &Workplace, founded: &Founded, today: NaiveDate) -> Vec<String> {
    let policies = &founded.policies;
    let blanks: Vec<String> = founded.blanks.iter().map(|blank| named(workplace, blank)).collect();
    let people = policies.role(Role::Person).map_or("", |own| &own.id);
    let posts = policies.posts.citation.as_ref().map_or_else(String::new, |cited| format!("{}:{}", cited.path, cited.line));
    let chain =
        chain_for(policies, "policy", today).map_or_else(Vec::new, |rule| rule.steps.iter().map(|step| step.post.to_string()).collect());
    let say =
        |words: [&str; 2], shown: &[&str]| shown.iter().fold(workplace.say(words).to_owned(), |said, shown| said.replacen("{}", shown, 1));
    vec![
        say(["填写 {}：{}", "fill in {}: {}"], &[&founded.record.0, &blanks.join(workplace.say(["；", "; "]))]),
        say(["为其他人员建档：chancery new {}", "put the other people on file: chancery new {}"], &[people]),
        say(
            [
                "在 {} 的岗位表中写明各岗位由谁担任、各部门由谁负责",
                "name who holds each post and who heads each department, in the posts block at {}",
            ],
            &[&posts],
        ),
        say(
            [
                "把制度改成本公司的规定，由批准人签署（{}）：chancery approve policies/NAME --step POST --key FILE；签署人的公钥须列入 policies/allowed_signers；晚于今天批准的，相应推迟 effective；人员档案同样由批准人签署（chancery approve {} …），此后本人才能登录",
                "make the rulebooks your own and have them signed ({}): chancery approve policies/NAME --step POST --key FILE; whoever signs is listed in policies/allowed_signers; put effective off where that is later than today; each person's record is signed likewise (chancery approve {} …), and only then can that person sign in",
            ],
            &[&chain.join(" → "), &founded.admin.0],
        ),
        say(
            [
                "chancery.yaml 已由 {} 签署；改动它、签署人名单或主题之后重新签署，内网才采用：chancery approve chancery.yaml --key FILE（或 policies/allowed_signers、themes/NAME）",
                "chancery.yaml is signed by {}; sign it anew after a change, as the list of signers and a theme, for the intranet to go by it: chancery approve chancery.yaml --key FILE (or policies/allowed_signers, themes/NAME)",
            ],
            &[&founded.admin.0],
        ),
        say(
            [
                "随时核对：chancery check；启动内网：chancery serve",
                "see what is left with chancery check; start the intranet with chancery serve",
            ],
            &[],
        ),
    ]
}
