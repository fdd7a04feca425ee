//! What surrounds every page: the archive's name, the ways about it, who is signed in, the day.

use super::{
    Page, RenderError, address,
    asked::Asked,
    session::{Message, Session},
    words,
};
use crate::diagnostic::Lang;
use serde::Serialize;
use std::collections::BTreeMap;

/// A page to be told: its template, title and model.
pub(super) struct PageModel<'a, T> {
    pub template: &'static str,
    pub title: &'a str,
    pub page: T,
}

impl<'a, T> PageModel<'a, T> {
    pub fn new(template: &'static str, title: &'a str, page: T) -> PageModel<'a, T> {
        PageModel { template, title, page }
    }
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

impl Asked<'_> {
    /// A page in its frame.
    pub fn page<T: Serialize>(&self, path: &str, told: PageModel<'_, T>) -> Result<Page, RenderError> {
        let mut context = tera::Context::new();
        context.insert("frame", &Frame::new(self, path, told.title));
        context.insert_value("w", words::values(self.lang));
        context.insert("page", &told.page);
        Ok(Page {
            address: self.address(path),
            content_type: "text/html; charset=utf-8",
            body: self.theme.render(told.template, &context)?.into_bytes(),
            record: None,
        })
    }
}

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
