//! Where a request goes: its address, taken apart once.

use crate::store::Token;
use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// What stands before the addresses of either language: one of them is the archive's own, which
/// needs none.
pub(super) const LANGUAGES: &[&str] = &["", "/zh", "/en"];
/// What an open page asks now and then.
pub(super) const LIVE: &str = "/live";

const WELCOME: &str = "/welcome/";
const CALENDAR: &str = "/calendar/";
const CALENDAR_ENDING: &str = ".ics";

/// An address in the log is no longer than this, in characters.
pub(super) const LOGGED_ADDRESS: usize = 512;

/// The address of a request.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    uri: Uri,
    /// Of [`LANGUAGES`]: what stands before the address, be it the archive's own language or not.
    language: &'static str,
    pub place: AddressKind,
}

/// What an address is of, as far as handlers must know before anything is looked up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum AddressKind {
    /// The page of a one-time link.
    Welcome(Token),
    /// A person's calendar.
    Calendar(Token),
    /// What a page asks by itself.
    Live,
    /// For programs.
    Api,
    /// A file beside a record, or what is written like one.
    File,
    Page,
}

impl Destination {
    pub(super) fn of(uri: &Uri) -> Destination {
        let (language, path) = split(uri.path());
        Destination { uri: uri.clone(), language, place: place(uri.path(), path) }
    }

    /// The path, as it was asked for.
    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The path and the query, as they were asked for.
    pub(super) fn whole(&self) -> &str {
        self.uri.path_and_query().map_or("/", |whole| whole.as_str())
    }

    /// The address as the access log has it: encoded as it came, so that it is one line, and no
    /// longer than that.
    pub(super) fn logged(&self) -> String {
        self.whole().chars().take(LOGGED_ADDRESS).collect()
    }

    /// Another address of the site, in the language of this one.
    pub(super) fn beside(&self, path: &str) -> String {
        format!("{}{path}", self.language)
    }

    /// What the query says; what cannot be read says nothing.
    pub(super) fn query<T: DeserializeOwned + Default>(&self) -> T {
        Query::try_from_uri(&self.uri).map_or_else(|_| T::default(), |Query(query)| query)
    }
}

impl<S: Sync> FromRequestParts<S> for Destination {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Destination, Infallible> {
        Ok(Destination::of(&parts.uri))
    }
}

/// The language that stands before a path, and the rest.
fn split(path: &str) -> (&'static str, &str) {
    let rest = |language: &'static str| Some((language, path.strip_prefix(language).filter(|rest| rest.starts_with('/'))?));
    LANGUAGES.iter().filter(|language| !language.is_empty()).find_map(|language| rest(language)).unwrap_or(("", path))
}

fn place(whole: &str, path: &str) -> AddressKind {
    if let Some(token) = path.strip_prefix(WELCOME) {
        // A slash may have been put behind it.
        return AddressKind::Welcome(Token::given(token.trim_end_matches('/')));
    }
    if path.starts_with(CALENDAR) {
        // A calendar has no language before it, and an ending behind; anything else is nobody's.
        let secret = whole.strip_prefix(CALENDAR).and_then(|name| name.strip_suffix(CALENDAR_ENDING));
        return AddressKind::Calendar(Token::given(secret.unwrap_or_default()));
    }
    match whole {
        LIVE => AddressKind::Live,
        _ if whole.starts_with("/api/") => AddressKind::Api,
        _ if whole.contains("/files/") => AddressKind::File,
        _ => AddressKind::Page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, language: &str, place: AddressKind) {
        let destination = Destination::of(&address.parse().unwrap());
        assert_eq!((destination.language, &destination.place), (language, &place), "{address}");
    }

    #[test]
    fn an_address_is_taken_apart_once() {
        check("/", "", AddressKind::Page);
        check("/en/records/C-0007/?q=1", "/en", AddressKind::Page);
        check("/english/", "", AddressKind::Page);
        check("/zh", "", AddressKind::Page);
        check("/zh/records/C-0007/files/a.pdf", "/zh", AddressKind::File);
        check("/live", "", AddressKind::Live);
        check("/en/live", "/en", AddressKind::Page);
        check("/api/records/C-0007", "", AddressKind::Api);
        check("/en/api/due", "/en", AddressKind::Page);
        check("/en/welcome/abc/", "/en", AddressKind::Welcome(Token::given("abc")));
        check("/welcome/", "", AddressKind::Welcome(Token::given("")));
        check("/calendar/abc.ics?lang=en", "", AddressKind::Calendar(Token::given("abc")));
        check("/calendar/abc", "", AddressKind::Calendar(Token::given("")));
        check("/en/calendar/abc.ics", "/en", AddressKind::Calendar(Token::given("")));
    }

    #[test]
    fn another_address_is_in_the_same_language() {
        let beside = |address: &str| Destination::of(&address.parse().unwrap()).beside("/sign-in");
        assert_eq!(
            (beside("/account/"), beside("/en/sign-out"), beside("/english/")),
            ("/sign-in".into(), "/en/sign-in".into(), "/sign-in".into())
        );
    }

    #[test]
    fn an_address_in_the_log_is_one_short_line() {
        let logged = |address: &str| Destination::of(&address.parse().unwrap()).logged();
        assert_eq!(logged("/search/?q=%0A"), "/search/?q=%0A");
        assert_eq!(logged(&format!("/{}", "a".repeat(600))).len(), LOGGED_ADDRESS);
    }
}
