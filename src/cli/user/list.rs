//! `chancery user list`: everybody who has an account, is invited or is on staff; who can sign in,
//! and who cannot and why.

use super::super::{Outcome, Workplace, columns::columns, serve::trust::listed_in};
use crate::{
    access::{Office, Trusting},
    archive::Tenure,
    policy::Role,
    source::RecordId,
    store::{Accounts, Invitations, SeenApprovals, SqliteStore, Wait},
};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

struct List<'a> {
    workplace: &'a Workplace,
    office: Office,
    /// Whether each account is shut.
    accounts: BTreeMap<RecordId, bool>,
    /// Until when each person's link is open.
    links: BTreeMap<RecordId, DateTime<Utc>>,
}

pub(super) fn run(workplace: &Workplace, state: &Path, store: &SqliteStore) -> anyhow::Result<Outcome> {
    let accounts = store.accounts().wait()?.into_iter().map(|account| (account.person, account.disabled)).collect();
    let list = List { workplace, office: office(workplace, state, store)?, accounts, links: store.open_links(Utc::now()).wait()? };
    let rows: Vec<Vec<String>> = list.people().into_iter().map(|person| list.row(person)).collect();
    columns(&rows).iter().try_for_each(|line| workplace.print(line))?;
    Ok(Outcome::Clean)
}

/// The archive as the server judges it: by the keys that the state's folder trusts, where it names
/// any.
fn office(workplace: &Workplace, state: &Path, approvals: &dyn SeenApprovals) -> anyhow::Result<Office> {
    let Some(signers) = listed_in(state, workplace.zone())? else { return workplace.office() };
    let trusting = Trusting { signers: &signers, remembered: &approvals.remembered().wait()? };
    Ok(Office::open_trusting(workplace.sources()?, workplace.settings.clone(), workplace.today()?, trusting).whole()?)
}

impl List<'_> {
    fn people(&self) -> BTreeSet<&RecordId> {
        let archive = &self.office.archive;
        let on_file = archive.policies.role(Role::Person).into_iter().flat_map(|role| archive.of_type(&role.id)).map(|record| &record.id);
        let awaited = on_file.filter(|person| self.office.lacks_approval(person));
        self.accounts.keys().chain(self.links.keys()).chain(self.office.staff()).chain(awaited).collect()
    }

    fn row(&self, person: &RecordId) -> Vec<String> {
        let name = self.office.archive.record(person).map_or_else(String::new, |record| record.title.clone());
        let (account, staff) = (self.lacks_account(person), self.not_on_staff(person));
        let can = account.is_none() && staff.is_none();
        let state = self.workplace.say(if can { ["可以登录", "can sign in"] } else { ["不能登录", "cannot sign in"] });
        let link = self.links.get(person).map(|until| {
            let until = until.with_timezone(&self.workplace.zone()).format("%Y-%m-%d %H:%M").to_string();
            let words = match self.accounts.contains_key(person) {
                false => ["已邀请，链接 {until} 前有效", "invited, with a link that is open until {until}"],
                true => ["另有改密码的链接，{until} 前有效", "has a link for a new password, open until {until}"],
            };
            self.workplace.say(words).replace("{until}", &until)
        });
        let notes: Vec<String> = [staff, account, link].into_iter().flatten().collect();
        vec![person.to_string(), name, state.to_owned(), notes.join(self.workplace.say(["；", "; "]))]
    }

    fn lacks_account(&self, person: &RecordId) -> Option<String> {
        let words = match self.accounts.get(person) {
            None => ["没有账户", "no account"],
            Some(true) => ["账户已停用", "the account is disabled"],
            Some(false) => return None,
        };
        Some(self.workplace.say(words).to_owned())
    }

    fn not_on_staff(&self, person: &RecordId) -> Option<String> {
        if self.office.staff().contains(person) {
            return None;
        }
        if self.office.lacks_approval(person) {
            return Some(self.workplace.say(["人员档案未经批准", "the person's record is not approved"]).to_owned());
        }
        let Some(record) = self.office.archive.record(person) else {
            return Some(self.workplace.say(["没有这份人员档案", "there is no record of this person"]).to_owned());
        };
        let today = self.office.today;
        let (words, day) = match Tenure::of(record) {
            Some(Tenure { left: Some(day), .. }) if day <= today => (["{day} 起已离职", "left on {day}"], Some(day)),
            Some(Tenure { joined: Some(day), .. }) if day > today => (["{day} 到职", "joins on {day}"], Some(day)),
            _ => (["人员档案有误，见 chancery check", "the person's record has mistakes: see chancery check"], None),
        };
        Some(self.workplace.say(words).replace("{day}", &day.map_or_else(String::new, |day| day.to_string())))
    }
}
