//! A person's own account: the password, where he is signed in, the address of his calendar. And
//! the page of a one-time link.

use crate::{
    access::View,
    archive::{Settings, Zone},
    diagnostic::{Lang, Words},
    render::{
        Page, RenderError, Session, Theme,
        address::Base,
        asked::Asked,
        frame::PageModel,
        words::{fill, word},
    },
};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What a person is told of his own account.
#[derive(Clone, Debug, Default)]
pub struct AccountShown {
    pub sessions: Vec<SessionShown>,
    /// Since when his calendar has an address.
    pub calendar: Option<DateTime<Utc>>,
    /// The address, when it has just been made: nobody can tell it later.
    pub calendar_address: Option<String>,
    pub problem: Option<PasswordProblem>,
}

#[derive(Clone, Copy, Debug)]
pub struct SessionShown {
    pub since: DateTime<Utc>,
    pub seen: DateTime<Utc>,
    /// The one in which he asks.
    pub this: bool,
}

/// What a one-time link asks for.
#[derive(Clone, Debug)]
pub enum Welcome {
    /// The person's id (as it was given, after a mistake), and a password for the archive's first
    /// account.
    First { token: String, name: String, problem: Option<PasswordProblem> },
    /// A password for a person's account.
    Person { token: String, name: String, problem: Option<PasswordProblem> },
    /// Nothing: the link was used, has run out, or never was.
    Dead,
}

/// Why a password was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PasswordProblem {
    /// The one of before is another.
    Wrong,
    /// Too many attempts.
    Wait,
    /// Written twice, and not the same.
    Differ,
    NotOnStaff(String),
    /// Against the rule for passwords, in its words.
    Unfit(Words),
    /// A demonstration's passwords are everybody's.
    Demo,
}

impl PasswordProblem {
    fn words(&self, lang: Lang) -> String {
        let key = match self {
            PasswordProblem::Wrong => "password_wrong",
            PasswordProblem::Wait => "sign_in_wait",
            PasswordProblem::Differ => "passwords_differ",
            PasswordProblem::NotOnStaff(name) => return fill(word("not_on_staff", lang), "name", name),
            PasswordProblem::Unfit(words) => return words.get(lang).to_owned(),
            PasswordProblem::Demo => "password_demo",
        };
        word(key, lang).to_owned()
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    password: String,
    sign_out_everywhere: String,
    calendar: String,
    is_demo: bool,
    problem: Option<String>,
    sessions: Vec<Row>,
    calendar_since: Option<String>,
    calendar_address: Option<&'a str>,
}

#[derive(Serialize)]
struct Row {
    since: String,
    seen: String,
    this: bool,
}

#[derive(Serialize)]
struct Form<'a> {
    action: String,
    sign_in: String,
    first: bool,
    dead: bool,
    name: &'a str,
    /// It is the name that has to be given again.
    name_wrong: bool,
    problem: Option<String>,
}

/// The account of who is signed in.
///
/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn account(lang: Lang, account: &AccountShown, view: &View<'_>, theme: &Theme, session: &Session) -> Result<Page, RenderError> {
    let asked = Asked { view: Some(view), settings: view.settings(), theme, lang, session: Some(session), base: Base::Root, twins: None };
    let zone = view.settings().zone();
    let row = |open: &SessionShown| Row { since: moment(open.since, zone), seen: moment(open.seen, zone), this: open.this };
    let page = Shown {
        id: asked.me().map_or("", |me| &me.0),
        password: asked.href("/account/password"),
        sign_out_everywhere: asked.href("/account/sign-out-everywhere"),
        calendar: asked.href("/account/calendar"),
        is_demo: session.is_demo,
        problem: account.problem.as_ref().map(|problem| problem.words(lang)),
        sessions: account.sessions.iter().map(row).collect(),
        calendar_since: account.calendar.map(|since| moment(since, zone)),
        calendar_address: account.calendar_address.as_deref(),
    };
    asked.page("/account/", PageModel::new("account.html", asked.word("account"), page))
}

/// The page of a one-time link.
///
/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn welcome(lang: Lang, welcome: &Welcome, settings: &Settings, theme: &Theme) -> Result<Page, RenderError> {
    let asked = Asked { view: None, settings, theme, lang, session: None, base: Base::Root, twins: None };
    let (token, name, problem, title) = match welcome {
        Welcome::First { token, name, problem } => (&**token, &**name, problem.as_ref(), "welcome_first"),
        Welcome::Person { token, name, problem } => (&**token, &**name, problem.as_ref(), "welcome"),
        Welcome::Dead => ("", "", None, "link_dead"),
    };
    let path = format!("/welcome/{token}");
    let page = Form {
        action: asked.href(&path),
        sign_in: asked.href("/sign-in"),
        first: matches!(welcome, Welcome::First { .. }),
        dead: matches!(welcome, Welcome::Dead),
        name,
        name_wrong: name.is_empty() || matches!(problem, Some(PasswordProblem::NotOnStaff(_))),
        problem: problem.map(|problem| problem.words(lang)),
    };
    asked.page(&path, PageModel::new("welcome.html", asked.word(title), page))
}

/// To the minute, in the archive's zone.
fn moment(at: DateTime<Utc>, zone: Zone) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
