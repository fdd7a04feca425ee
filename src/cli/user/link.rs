//! `chancery user … --link`: a one-time link with which a person sets the password. Whoever hands
//! it over never knows the password.

use super::super::{
    Outcome, Workplace,
    serve::{front, welcome},
};
use crate::{
    source::RecordId,
    store::{Accounts, Invitation, Invitations, LINK_AGE, ServedOrigin, SqliteStore, StoreError, Wait},
};
use chrono::Utc;
use clap::ArgMatches;
use std::{net::SocketAddr, path::Path};

/// What is known of where readers find the intranet.
enum Site {
    /// By the server's configuration, or by where it listened last.
    At(String),
    /// It listened last where this machine alone reaches it.
    OnlyHere(String),
    Unknown,
}

/// Prints a link for a person who has no account yet, or for one who has.
pub(super) fn print(
    workplace: &Workplace,
    arguments: &ArgMatches,
    state: &Path,
    store: &SqliteStore,
    person: RecordId,
    is_new: bool,
) -> anyhow::Result<Outcome> {
    match (store.account(&person.0).wait()?, is_new) {
        (Some(_), true) => return Err(StoreError::KnownAccount(person.to_string()).into()),
        (None, false) => return Err(StoreError::UnknownAccount(person.to_string()).into()),
        _ => {}
    }
    let site = site(workplace, arguments, state, store)?;
    let words = [
        "给 {person} 的一次性链接：{n} 小时内有效，用过即失效，此前的链接作废。",
        "A link for {person}: it serves once, within {n} hours, and any earlier one is void.",
    ];
    let words = workplace.say(words).replace("{person}", &person.0).replace("{n}", &LINK_AGE.num_hours().to_string());
    let token = store.invite(&Invitation::Person(person), Utc::now()).wait()?;
    let config = state.join(front::CONFIG).display().to_string();
    let remark = site.remark(workplace).map_or_else(String::new, |remark| format!("\n{}", remark.replace("{config}", &config)));
    workplace.print(format_args!("{words}{remark}\n  {}", welcome(site.origin(), &token)))?;
    Ok(Outcome::Clean)
}

fn site(workplace: &Workplace, arguments: &ArgMatches, state: &Path, origin: &dyn ServedOrigin) -> anyhow::Result<Site> {
    let front = front::front(workplace, arguments, state, false)?;
    if let Some(origin) = front.origin() {
        return Ok(Site::At(origin.to_owned()));
    }
    let Some(origin) = origin.served().wait()? else { return Ok(Site::Unknown) };
    let address = origin.split_once("//").and_then(|(_, address)| address.parse::<SocketAddr>().ok()).map(|address| address.ip());
    Ok(match address {
        // It listened on every address that the machine has.
        Some(ip) if ip.is_unspecified() => Site::Unknown,
        Some(ip) if ip.is_loopback() => Site::OnlyHere(origin),
        _ => Site::At(origin),
    })
}

impl Site {
    fn origin(&self) -> &str {
        match self {
            Site::At(origin) | Site::OnlyHere(origin) => origin,
            Site::Unknown => "",
        }
    }

    /// What is to be done before somebody elsewhere can open the link.
    fn remark<'w>(&self, workplace: &'w Workplace) -> Option<&'w str> {
        match self {
            Site::At(_) => None,
            Site::OnlyHere(_) => Some(workplace.say([
                "它只在这台机器上能打开；读者在别处的，请先把他们访问内网的地址写进 {config} 的 origin，再发链接：",
                "This machine alone opens it. For a reader elsewhere, first write where readers find the intranet into {config}, as origin; then make the link:",
            ])),
            Site::Unknown => Some(workplace.say([
                "请在前面加上读者访问内网的地址，如 https://records.example（写进 {config} 的 origin，以后就会自动加上）：",
                "Put before it where readers find the intranet, such as https://records.example (written into {config}, as origin, it stands there by itself):",
            ])),
        }
    }
}
