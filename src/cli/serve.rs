//! `chancery serve`: the intranet.

mod demonstration;
pub(super) mod front;
mod lacking;
mod listen;
pub(super) mod trust;

use super::{
    Outcome, Workplace,
    argument::{Argument, Command, Kind, STATE},
    ending, print, state, theme,
};
use crate::{
    access::Office,
    server::{self, Clock, CookieKind, Intranet, Parts, SigningDesk, Trust},
    source::{Origin, RecordId, Watched},
    store::{
        Accounts, FIRST_LINK_AGE, Invitation, Invitations, Password, ServedOrigin, SqliteLog, SqliteStore, StoreError, Stores, Token, Wait,
    },
};
use anyhow::{Context, bail};
use chrono::{NaiveDate, Utc};
use clap::ArgMatches;
use lacking::Lacking;
use std::{net::TcpListener, sync::Arc};
use tokio::runtime::Runtime;
use trust::Trusted;

/// Where, in the folder of state, the server marks what the system has told it of the archive's
/// folder.
const WATCH: &str = "watch";
/// The password of every account of a demonstration.
const DEMO_PASSWORD: &str = "demo";
/// Accounts of a demonstration that are named to whoever starts it.
const SHOWN: usize = 3;

pub(super) const COMMAND: Command = Command {
    name: "serve",
    about: ["启动内网：登录的人各见其可读者", "serve the intranet: each who signs in sees what that person may see"],
    arguments: &[
        Argument {
            name: "listen",
            about: [
                "监听地址，主机可用名称（默认 127.0.0.1:8200）",
                "the address to listen on, the host in numbers or by name (default 127.0.0.1:8200)",
            ],
            kind: Kind::Option("ADDR"),
        },
        Argument {
            name: "demo",
            about: [
                "演示：每个在册人员都有账户，密码均为 demo；只限本机",
                "a demonstration: everyone on file has an account, each with the password demo; on loopback only",
            ],
            kind: Kind::Flag,
        },
        Argument {
            name: "tls-cert",
            about: [
                "以 TLS 服务：证书（PEM，连同中间证书）；更新后一分钟内换用",
                "serve over TLS: the certificate with its chain (PEM); a renewed one is taken over within a minute",
            ],
            kind: Kind::Option("FILE"),
        },
        Argument {
            name: "tls-key", about: ["证书的私钥（PEM）", "the certificate's private key (PEM)"], kind: Kind::Option("FILE")
        },
        Argument {
            name: "config",
            about: [
                "反向代理的配置（默认：状态文件夹中的 server.yaml，如果有）",
                "what is said of proxies (default: the state folder's server.yaml, if it is there)",
            ],
            kind: Kind::Option("FILE"),
        },
        STATE,
    ],
    hidden: false,
    run,
};

fn run(workplace: &Workplace, arguments: &ArgMatches) -> anyhow::Result<Outcome> {
    print::begin_log();
    server::raise_descriptors();
    let listen = arguments.get_one::<String>("listen").map_or("127.0.0.1:8200", String::as_str);
    let address = listen::address(workplace, listen)?;
    let demo = arguments.get_flag("demo");
    if demo && !address.ip().is_loopback() {
        bail!(
            "{}",
            workplace.say([
                "演示的密码人人皆知，只能在本机（127.0.0.1）启动",
                "everybody knows a demonstration's passwords: it serves on loopback (127.0.0.1) only"
            ])
        );
    }
    // A demonstration's copy leaves out what is odd about a theme, and would not tell.
    let worn = if demo { Some(theme::of_archive(workplace)?) } else { None };
    let played = if demo { Some(demonstration::begin(workplace)?) } else { None };
    let workplace = played.as_ref().unwrap_or(workplace);
    let folder = workplace.state()?;
    if demo {
        state::guard(workplace, &folder)?
    } else {
        state::guard_whole(workplace, &folder)?
    }
    let tls = front::tls(workplace, arguments)?;
    let front = front::front(workplace, arguments, &folder, tls.is_some())?;
    let lacking = if demo { None } else { Some(Lacking::in_folder(workplace, &folder)?) };
    let listener = TcpListener::bind(address)
        .with_context(|| format!("--listen {address}: {}", workplace.say(["无法在此监听", "cannot listen there"])))?;
    let store = SqliteStore::open(&folder)?;
    let served = store.served().wait()?.is_some();
    let gone = lacking.and_then(|lacking| lacking.told(workplace, &folder, served));
    let shown = if demo { open_demo(&store, &workplace.office()?)? } else { Vec::new() };
    let today = fixed_day(workplace, demo)?;
    let key = trust::server_key(workplace, &folder)?;
    let Trusted { trust, settings, theme } = match worn {
        Some(theme) => Trusted { trust: Trust::Archive, settings: workplace.settings.clone(), theme },
        None => trust::trusted(workplace, &folder, &store)?,
    };
    let reached = format!("{}://{}", if tls.is_some() { "https" } else { "http" }, listener.local_addr()?);
    let first = if store.accounts().wait()?.is_empty() { Some(store.invite(&Invitation::First, Utc::now()).wait()?) } else { None };
    let origin = front.origin().unwrap_or(&reached);
    let first = first.map(|token| welcome(origin, &token));
    store.serve_at(origin).wait()?;
    let told = announcement(workplace, &reached, today, &shown, first.as_deref());
    let cookie = if address.ip().is_loopback() { CookieKind::Loopback } else { CookieKind::Host };
    let zone = settings.zone();
    let clock =
        Clock { now: Box::new(Utc::now), today: Box::new(move || today.unwrap_or_else(|| Utc::now().with_timezone(&zone).date_naive())) };
    let root = workplace.root()?.to_owned();
    let parts = Parts {
        origin: Origin::Watched(Arc::new(Watched::new(root.clone(), folder.join(WATCH)))),
        trust,
        clock,
        theme,
        stores: Stores::embedded(store, SqliteLog::open(&folder)?),
        cookie,
        front,
        demo: shown,
        desk: Some(SigningDesk { root, state: folder.clone(), key }),
    };
    let intranet = Arc::new(Intranet::new(parts).map_err(|error| trust::refused(workplace, error))?);
    let told = told + &gone.map_or_else(String::new, |gone| format!("\n{gone}")) + &kept_out(workplace, &intranet.kept_out()?);
    let runtime = Runtime::new()?;
    let stop = ending::asked()?;
    // Told when it is true; a server does not end because nobody listens to what it says.
    let _unheard = workplace.print(told);
    runtime.block_on(server::serve(intranet, listener, tls, stop))?;
    // What still runs there reads for somebody who is gone.
    runtime.shutdown_timeout(ending::LEFT);
    Ok(Outcome::Clean)
}

/// The address of a one-time link.
pub(super) fn welcome(origin: &str, token: &Token) -> String {
    format!("{origin}/welcome/{}", token.as_str())
}

/// The day that is played: the one asked for, or in a demonstration the archive's own.
fn fixed_day(workplace: &Workplace, demo: bool) -> anyhow::Result<Option<NaiveDate>> {
    let own = if demo { workplace.demo_day()? } else { None };
    Ok(workplace.asked_day().or(own))
}

/// Makes an account for everybody on staff, and picks those to try: who reads most, who reads
/// least, and one between.
fn open_demo(accounts: &dyn Accounts, office: &Office) -> anyhow::Result<Vec<(String, String)>> {
    let password = Password::new(DEMO_PASSWORD)?;
    let mut by_reach: Vec<(usize, &RecordId)> = Vec::new();
    for person in office.staff() {
        match accounts.add_account(person, &password).wait() {
            Ok(()) | Err(StoreError::KnownAccount(_)) => {}
            Err(error) => return Err(error.into()),
        }
        by_reach.push((crate::access::sees(office, person).len(), person));
    }
    by_reach.sort_by_key(|(reach, person)| (std::cmp::Reverse(*reach), *person));
    by_reach.dedup_by_key(|(reach, _)| *reach);
    let last = by_reach.len().saturating_sub(1);
    let mut picked: Vec<usize> = (0..SHOWN.min(by_reach.len())).map(|i| i * last / (SHOWN - 1)).collect();
    picked.dedup();
    let title = |person: &RecordId| office.archive.record(person).map_or_else(String::new, describe);
    Ok(picked.into_iter().map(|i| (by_reach[i].1.to_string(), title(by_reach[i].1))).collect())
}

/// A person's name and position, as the fields of the type `as: person` have them.
fn describe(record: &crate::archive::Record) -> String {
    let position = record.value("position").map(|value| value.words(crate::diagnostic::Lang::Zh));
    std::iter::once(record.title.clone()).chain(position).collect::<Vec<_>>().join("，")
}

/// Where to look, what day it is, and who can sign in.
fn announcement(workplace: &Workplace, reached: &str, today: Option<NaiveDate>, shown: &[(String, String)], first: Option<&str>) -> String {
    let mut lines = vec![format!("{} {reached}/", workplace.say(["内网：", "The intranet:"]))];
    if let Some(day) = today {
        lines.push(format!("{} {day}", workplace.say(["所演之日：", "It plays the day"])));
    }
    if !shown.is_empty() {
        lines.push(workplace.say(["可用以下账户登录，密码都是 demo：", "Sign in as one of these; every password is demo:"]).to_owned());
    }
    lines.extend(shown.iter().map(|(name, what)| format!("  {name}  {what}")));
    if let Some(link) = first {
        let words = [
            "还没有账户；用这个一次性链接建立第一个（{n} 小时内有效，用过即失效）：",
            "There is no account yet; this link makes the first one (it serves once, within {n} hours):",
        ];
        lines.push(workplace.say(words).replace("{n}", &FIRST_LINK_AGE.num_hours().to_string()));
        lines.push(format!("  {link}"));
    }
    lines.push(workplace.say(["按 Ctrl-C 停止", "Ctrl-C stops it"]).to_owned());
    lines.join("\n")
}

/// Who has an account and cannot sign in, and what there is to do.
fn kept_out(workplace: &Workplace, people: &[RecordId]) -> String {
    let Some(first) = people.first() else { return String::new() };
    let words = [
        "\n以下账户现在不能登录，其人员档案未经批准，或本人已不在职：{people}\n  须批准的：chancery approve {first} --step POST --key FILE；已离职的：chancery user disable {first}",
        "\nThese accounts let nobody in, for the person's record is not approved, or the person is not on staff: {people}\n  approve a record: chancery approve {first} --step POST --key FILE; shut the account of somebody who has left: chancery user disable {first}",
    ];
    let all = people.iter().map(|person| &*person.0).collect::<Vec<_>>().join(workplace.say(["、", ", "]));
    workplace.say(words).replace("{people}", &all).replace("{first}", &first.0)
}
