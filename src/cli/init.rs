//! `chancery init`: a new archive.

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind},
    new::{named, random, refused},
    print,
    serve::trust::{KEY, TRUSTED, new_key, signer_line},
};
use crate::{
    approval::{Paper, PrivateKey, Registered, paper_seal},
    archive::Settings,
    diagnostic::nearest,
    edit::{
        self,
        draft::characters,
        founding::{Founded, FoundingError, FoundingPlan, RULEBOOKS, ZONE, founding},
    },
    policy::Role,
    source::{ArchivePath, REGISTER, RecordId},
    store::{Accounts, Password, SqliteStore, Wait},
};
use anyhow::{anyhow, bail};
use chrono::{NaiveDate, Utc};
use clap::ArgMatches;
use ssh_key::LineEnding;
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
        Argument {
            name: "policies",
            about: [
                "所用的制度，以逗号分开，如 credit,conduct（默认：全部）；它们离不开的一并建立",
                "the rulebooks to begin with, as credit,conduct (default: all); what they cannot do without comes with them",
            ],
            kind: Kind::Option("LIST"),
        },
        Argument {
            name: "browser",
            about: [
                "是否让人在浏览器中审批，由服务器的密钥代为签名（不写明的，在终端询问，否则为 yes）",
                "whether people approve in the browser, where the server's key signs for them (not said: asked on a terminal, or else yes)",
            ],
            kind: Kind::Choice(&["yes", "no"]),
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
    let policies: Vec<String> = text("policies")
        .map_or(Vec::new(), |list| list.split([',', '，', '、']).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect());
    let keys = Keys { own: new_key(admin)?, server: new_key("server")?, in_browser: in_browser(workplace, text("browser"))? };
    let server_key = keys.server.public_key().to_openssh()?;
    let plan = FoundingPlan {
        id: &grouped(random::<20>()?),
        name: &name_of(folder)?,
        lang: workplace.lang,
        today: today(workplace),
        admin,
        admin_name: text("name").unwrap_or(admin),
        public_key: &keys.own.public_key().to_openssh()?,
        server_key: keys.in_browser.then_some(&server_key),
        policies: &policies,
    };
    let founded = founding(&plan).map_err(|error| unfounded(workplace, &error))?;
    let password = new_password()?;
    edit::create_folder(folder, |folder| fill(folder, &founded, &keys, &password))?;
    tell(workplace, folder, &founded, &keys, &password)?;
    Ok(Outcome::Clean)
}

/// The keys of a new archive.
struct Keys {
    /// The administrator's.
    own: PrivateKey,
    server: PrivateKey,
    /// Whether the server's signs for whoever is signed in.
    in_browser: bool,
}

/// Whether people approve in the browser: whoever sits at a terminal is asked.
fn in_browser(workplace: &Workplace, said: Option<&str>) -> anyhow::Result<bool> {
    if let Some(said) = said {
        return Ok(said == "yes");
    }
    if !print::can_ask() {
        return Ok(true);
    }
    let question = [
        "让同事在浏览器中审批吗？服务器将用自己的密钥代登录的人签名；不用的，每人用自己的密钥在终端签署。[Y/n] ",
        "May people approve in the browser? The server then signs for whoever is signed in, with a key of its own; without it each signs in a terminal, with a key of their own. [Y/n] ",
    ];
    Ok(print::ask(workplace.say(question), true)?)
}

fn unfounded(workplace: &Workplace, error: &FoundingError) -> anyhow::Error {
    match error {
        FoundingError::Given(error) => anyhow!(refused(workplace, error)),
        FoundingError::Policy(id) => {
            let known = RULEBOOKS.iter().map(|(path, _)| path.trim_start_matches("policies/").trim_end_matches(".md"));
            let near = nearest(id, known.clone())
                .map_or_else(String::new, |near| workplace.say(["，是不是 {}？", "; did you mean {}?"]).replace("{}", near));
            let all = known.collect::<Vec<_>>().join(workplace.say(["、", ", "]));
            anyhow!("{}{id}{near}\n{}{all}", workplace.say(["没有制度 ", "there is no rulebook "]), workplace.say(["有：", "there are: "]))
        }
    }
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

fn fill(folder: &Path, founded: &Founded, keys: &Keys, password: &str) -> anyhow::Result<()> {
    for (path, text) in &founded.files {
        edit::create(folder, path, text)?;
    }
    let signed = [Paper::Settings, Paper::Signers].into_iter().filter_map(|paper| {
        let text = &founded.files.iter().find(|(path, _)| *path == paper.path())?.1;
        Some((paper, text))
    });
    let mut register = String::new();
    for (paper, text) in signed {
        edit::create(folder, &paper.signature_path(), &paper.sign(text, &keys.own)?)?;
        register.push_str(&format!("{}\n", Registered { subject: paper.clone().into(), seal: paper_seal(text), after: None }));
    }
    edit::create(folder, &REGISTER.into(), &register)?;
    edit::create_private(folder, &key_path(&founded.admin).as_str().into(), &keys.own.to_openssh(LineEnding::LF)?)?;
    edit::create_private(folder, &format!(".chancery/{KEY}").as_str().into(), &keys.server.to_openssh(LineEnding::LF)?)?;
    // The server trusts this key from the start: with it the rulebooks are approved.
    edit::create_private(folder, &format!(".chancery/{TRUSTED}").as_str().into(), &(signer_line(&founded.admin, &keys.own)? + "\n"))?;
    let store = SqliteStore::open(&folder.join(".chancery"))?;
    Ok(store.add_account(&founded.admin, &Password::new(password)?).wait()?)
}

fn tell(workplace: &Workplace, folder: &Path, founded: &Founded, keys: &Keys, password: &str) -> std::io::Result<()> {
    let say = |words: [&str; 2], shown: &[&str]| filled(workplace.say(words), shown);
    let key = folder.join(key_path(&founded.admin)).display().to_string();
    let policies: Vec<&str> = founded.policies.versions.iter().map(|policy| &*policy.title).collect();
    let browser = if keys.in_browser {
        [
            "浏览器中的审批由服务器的密钥代签（policies/allowed_signers，已由 {} 签署）",
            "what is approved in the browser, the server's key signs (policies/allowed_signers, signed by {})",
        ]
    } else {
        [
            "浏览器中不办审批；各人用自己的密钥在终端签署",
            "nothing is approved in the browser; each signs in a terminal, with a key of their own",
        ]
    };
    let told = [
        say(["新档案库：{}", "A new archive: {}"], &[&folder.display().to_string()]),
        say(["  制度 {}", "  rulebooks: {}"], &[&policies.join(workplace.say(["、", ", "]))]),
        say(["  账户 {}，密码 {}（只显示这一次）", "  account {}, password {} (shown this once)"], &[&founded.admin.0, password]),
        say(
            ["  签名密钥 {}（仅限本人使用，请另存一份）", "  key to sign with: {} (the administrator's alone; keep a copy elsewhere)"],
            &[&key],
        ),
        format!("  {}", say(browser, &[&founded.admin.0])),
        say(["\n接下来，在这个文件夹中：", "\nWhat comes next, in that folder:"], &[]),
    ];
    let steps = (1..).zip(steps(workplace, founded)).map(|(place, step)| format!("  {place}. {step}"));
    told.into_iter().chain(steps).try_for_each(|line| workplace.print(line))
}

fn filled(words: &str, shown: &[&str]) -> String {
    shown.iter().fold(words.to_owned(), |said, shown| said.replacen("{}", shown, 1))
}

/// What is still to do until a colleague is signed in: each can be followed to the letter.
fn steps(workplace: &Workplace, founded: &Founded) -> Vec<String> {
    let policies = &founded.policies;
    let blanks: Vec<String> = founded.blanks.iter().map(|blank| named(workplace, blank)).collect();
    let people = policies.role(Role::Person).map_or("", |own| &own.id);
    let folder = founded.record.0.rsplit_once('/').map_or("records", |(folder, _)| folder);
    let draft = format!("{folder}/wang.fang.md").as_str().into();
    let draft = ArchivePath::draft(&draft).unwrap_or(draft);
    let posts = policies.posts.citation.as_ref().map_or_else(String::new, |cited| format!("{}:{}", cited.path, cited.line));
    let key = key_path(&founded.admin);
    let say = |words: [&str; 2], shown: &[&str]| filled(workplace.say(words), shown);
    vec![
        say(["填写 {}：{}", "fill in {}: {}"], &[&founded.record.0, &blanks.join(workplace.say(["；", "; "]))]),
        say(
            [
                "在 {} 的岗位表中写明各岗位由谁担任（held_by: [{person: {}, from: 日期}]）、各部门由谁负责（head: {}）；没有的部门和岗位，删去",
                "in the posts block at {} say who holds each post (held_by: [{person: {}, from: DATE}]) and who heads each department (head: {}); take out those that you do not have",
            ],
            &[&posts, &founded.admin.0, &founded.admin.0],
        ),
        say(
            [
                "为同事起草人员档案，填写所列的空项：chancery new {} name=王芳 id=wang.fang",
                "draft a colleague's record, and fill in what is listed: chancery new {} name=\"Wang Fang\" id=wang.fang",
            ],
            &[people],
        ),
        say(["填齐后归入档案：chancery file {}", "once it is filled in, put it on file: chancery file {}"], &[&draft.0]),
        say(["看看还缺什么：chancery check", "see what is still missing: chancery check"], &[]),
        say(
            [
                "通读制度，改成本公司的规定；然后批准制度和人员档案，先列出、后签名：chancery approve --all policies {} --key {}",
                "read the rulebooks and make them your own; then approve them and the people, which are listed first: chancery approve --all policies {} --key {}",
            ],
            &[folder, &key],
        ),
        say(
            [
                "给同事开账户，把印出的一次性链接交给本人：chancery user add wang.fang --link",
                "open an account for the colleague, who gets the one-time link that is printed: chancery user add wang.fang --link",
            ],
            &[],
        ),
        say(["启动内网，用浏览器登录：chancery serve", "start the intranet, and sign in with a browser: chancery serve"], &[]),
        say(
            [
                "以后改动 chancery.yaml、签署人名单或主题的，重新签署才算数：chancery approve chancery.yaml --key {}",
                "later on, a change to chancery.yaml, the list of signers or a theme counts once it is signed anew: chancery approve chancery.yaml --key {}",
            ],
            &[&key],
        ),
    ]
}
