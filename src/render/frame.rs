//! What surrounds every page: the archive's name, the ways about it, who is signed in, the day.

use super::{address, asked::Asked};
use crate::{diagnostic::Lang, source::RecordId};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::collections::BTreeMap;

/// Who is signed in, and what the server knows that a page tells him; there is none in the static
/// site. With the view, the theme and the address it decides the whole page.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Session {
    /// The name shown.
    pub name: String,
    /// The archive plays a day: every page says which.
    pub is_demo: bool,
    pub messages: Vec<Message>,
    /// A digest of what he sees, for a page that stays open.
    pub live: String,
    /// He looks at the archive as somebody else.
    pub sight: bool,
    /// What he approves here counts.
    pub signs: bool,
    /// The access that others ask for, and he decides on.
    pub asks: Vec<Asking>,
    /// Who has read the record that is shown, the latest first, where he is told.
    pub readings: Option<Vec<Reading>>,
}

/// Somebody asks for access to a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Asking {
    pub number: i64,
    pub person: RecordId,
    pub record: RecordId,
    pub purpose: String,
    pub until: NaiveDate,
}

/// Somebody has read a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reading {
    pub who: RecordId,
    pub at: DateTime<FixedOffset>,
}

/// What was done at the last request. Its key stands in the address, so that the page tells it
/// once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    Asked,
    AskedIncompletely,
    AskedTooOften,
    Approved,
    Granted,
    Refused,
    /// Somebody else has changed what was to be approved.
    Changed,
    /// Something is wrong with what was to be approved.
    NotInOrder,
    /// Somebody else was writing all the while.
    Busy,
    PasswordChanged,
}

impl Done {
    const ALL: [Done; 10] = [
        Done::Asked,
        Done::AskedIncompletely,
        Done::AskedTooOften,
        Done::Approved,
        Done::Granted,
        Done::Refused,
        Done::Changed,
        Done::NotInOrder,
        Done::Busy,
        Done::PasswordChanged,
    ];

    /// As it stands in an address; also the key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Done::Asked => "done_asked",
            Done::AskedIncompletely => "done_asked_incompletely",
            Done::AskedTooOften => "done_asked_too_often",
            Done::Approved => "done_approved",
            Done::Granted => "done_granted",
            Done::Refused => "done_refused",
            Done::Changed => "done_changed",
            Done::NotInOrder => "done_not_in_order",
            Done::Busy => "done_busy",
            Done::PasswordChanged => "done_password_changed",
        }
    }

    /// The message that a key stands for.
    pub fn message(key: &str, lang: Lang) -> Option<Message> {
        let done = Done::ALL.into_iter().find(|done| done.key() == key)?;
        let good = !matches!(done, Done::AskedIncompletely | Done::AskedTooOften | Done::Changed | Done::NotInOrder | Done::Busy);
        Some(Message { good, text: super::words::word(done.key(), lang).to_owned() })
    }
}

/// Something that happened at the last request, told once.
#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Serialize)]
pub struct Message {
    pub good: bool,
    pub text: String,
}

#[derive(serde::Serialize)]
pub(super) struct Frame<'a> {
    pub lang: &'static str,
    /// The language in which the records and policies are written.
    pub written: &'static str,
    pub archive: &'a str,
    pub title: String,
    pub home: String,
    pub search: String,
    /// The search page has a form of its own.
    pub find: bool,
    pub nav: Vec<Way>,
    /// The same page in the other language.
    pub other: Way,
    pub user: Option<User<'a>>,
    pub account: String,
    pub sign_out: String,
    pub day: Option<String>,
    /// Whose site it is, where it is one person's and not that of all staff.
    pub whose: Option<String>,
    /// Every file of the theme that is no template, by its name.
    pub assets: BTreeMap<&'a str, String>,
    pub style: String,
    pub mark: String,
    /// The static site, which has no server to send the header.
    pub content_security_policy: Option<String>,
}

#[derive(serde::Serialize)]
pub(super) struct Way {
    pub text: &'static str,
    pub href: String,
    pub current: bool,
}

#[derive(serde::Serialize)]
pub(super) struct User<'a> {
    pub name: &'a str,
    pub page: Option<String>,
    pub is_demo: bool,
    pub messages: &'a [Message],
    pub live: &'a str,
    pub script: String,
    /// As whom he looks at the archive, if it is as somebody else.
    pub sight: Option<String>,
    pub end_sight: String,
}

/// The ways that stand on every page: their word and their address.
const WAYS: [(&str, &str); 6] = [
    ("home", "/"),
    ("records", "/types/"),
    ("policies", "/policies/"),
    ("people", "/people/"),
    ("due", "/due/"),
    ("findings", "/findings/"),
];

impl<'a> Frame<'a> {
    pub fn new(asked: &Asked<'a>, path: &str, title: &str) -> Frame<'a> {
        let reader = asked.view.is_some();
        Frame {
            lang: tag(asked.lang),
            written: tag(asked.settings.language),
            archive: asked.archive_name(),
            title: title.to_owned(),
            home: asked.href("/"),
            search: asked.href("/search/"),
            find: !path.starts_with("/search/"),
            nav: if reader { ways(asked, path, title) } else { Vec::new() },
            other: other(asked, path),
            user: asked.session.map(|session| user(asked, session)),
            account: asked.href("/account/"),
            sign_out: asked.href("/sign-out"),
            day: asked.view.map(|view| view.today().to_string()),
            whose: asked.me().map(|me| asked.named(me).text),
            assets: asked.theme.assets().map(|name| (name, asked.asset_href(name))).collect(),
            style: asked.asset_href("style.css"),
            mark: asked.asset_href("mark.svg"),
            content_security_policy: asked.session.is_none().then(meta_policy),
        }
    }
}

/// BCP 47.
pub(super) fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

fn ways(asked: &Asked<'_>, path: &str, title: &str) -> Vec<Way> {
    // Only the home page has no title; not-found borrows its address.
    let is_current = |way: &str| if way == "/" { path == "/" && title.is_empty() } else { path.starts_with(way) };
    let records = path.starts_with("/records/");
    // Nothing waits for nobody.
    let inbox = asked.session.map(|_| ("inbox", "/inbox/"));
    WAYS.iter()
        .take(1)
        .chain(&inbox)
        .chain(WAYS.iter().skip(1))
        .map(|&(word, way)| Way {
            text: asked.word(word),
            href: asked.href(way),
            current: is_current(way) || (way == "/types/" && records),
        })
        .collect()
}

fn other(asked: &Asked<'_>, path: &str) -> Way {
    let lang = address::other(asked.lang);
    let text = super::words::word("language", lang);
    Way { text, href: asked.base.href(&address::in_lang(path, lang, asked.settings.language)), current: false }
}

fn user<'a>(asked: &Asked<'a>, session: &'a Session) -> User<'a> {
    User {
        name: &session.name,
        page: asked.me().filter(|_| !session.sight).map(|me| asked.href(&address::person(me))),
        is_demo: session.is_demo,
        messages: &session.messages,
        live: &session.live,
        script: asked.asset_href("live.js"),
        sight: asked.me().filter(|_| session.sight).map(|me| asked.named(me).text),
        end_sight: "/view-as".to_owned(),
    }
}

/// `frame-ancestors` means nothing in a page's own head.
fn meta_policy() -> String {
    super::CONTENT_SECURITY_POLICY.replace("; frame-ancestors 'none'", "")
}
