//! Who is signed in: a handler that takes a [`SignedIn`] cannot run without one.

use super::{Intranet, answer, arrival::Arrival};
use crate::{
    access::{Office, Reader},
    source::RecordId,
    store::{DEVICE_AGE, StoreError, Token},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// What the session's cookie is called, and whether it demands TLS (RFC 6265bis, section 4.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CookieKind {
    /// `__Host-session`, Secure.
    Host,
    /// `session`, for loopback without TLS.
    Loopback,
}

impl CookieKind {
    fn name(self) -> &'static str {
        match self {
            CookieKind::Host => "__Host-session",
            CookieKind::Loopback => "session",
        }
    }

    /// Of the device on which somebody signs in, which outlives sessions.
    fn device_name(self) -> &'static str {
        match self {
            CookieKind::Host => "__Host-device",
            CookieKind::Loopback => "device",
        }
    }

    /// How the site is reached from outside.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            CookieKind::Host => "https",
            CookieKind::Loopback => "http",
        }
    }

    /// The value of `Set-Cookie`; without a token the cookie ends.
    pub(super) fn set(self, token: Option<&Token>) -> String {
        let (value, end) = token.map_or(("", "; Max-Age=0"), |token| (token.as_str(), ""));
        self.written(self.name(), value, end)
    }

    /// The value of `Set-Cookie` for a device: it is kept as long as the device is.
    pub(super) fn set_device(self, token: &Token) -> String {
        self.written(self.device_name(), token.as_str(), &format!("; Max-Age={}", DEVICE_AGE.num_seconds()))
    }

    fn written(self, name: &str, value: &str, end: &str) -> String {
        let secure = if self == CookieKind::Host { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{end}")
    }

    pub(super) fn token(self, headers: &HeaderMap) -> Option<Token> {
        given(headers, self.name())
    }

    pub(super) fn device(self, headers: &HeaderMap) -> Option<Token> {
        given(headers, self.device_name())
    }
}

/// The value of a cookie, as a token.
fn given(headers: &HeaderMap, name: &str) -> Option<Token> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| Token::given(value))
}

/// A person with a session that has not ended.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub person: RecordId,
    /// As whom he looks at the archive, if it is not as himself.
    pub sight: Option<RecordId>,
    /// The address that the request came from.
    pub origin: String,
}

impl SignedIn {
    /// Only who decides on access looks at the archive as somebody else.
    pub(super) fn reader(&self, office: &Office) -> Reader {
        match &self.sight {
            Some(person) if office.grants(&self.person) => Reader::As { person: person.clone(), shown_to: self.person.clone() },
            _ => Reader::Person(self.person.clone()),
        }
    }
}

impl FromRequestParts<Arc<Intranet>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, intranet: &Arc<Intranet>) -> Result<SignedIn, Response> {
        let Ok(arrival) = Arrival::from_request_parts(parts, intranet).await;
        let token = intranet.cookie(&arrival).token(&parts.headers);
        let held = token.map_or(Ok(None), |token| held(intranet, &token, parts.uri.path()));
        let held = held.map_err(|error| answer::failure(&error))?;
        if let (Some(_), Some(ConnectInfo(peer))) = (&held, parts.extensions.get()) {
            intranet.door.knows(*peer);
        }
        held.map(|(person, sight)| SignedIn { person, sight, origin: arrival.address }).ok_or_else(|| stranger(parts))
    }
}

/// Who holds a token, and as whom he looks at the archive.
fn held(intranet: &Intranet, token: &Token, path: &str) -> Result<Option<(RecordId, Option<RecordId>)>, StoreError> {
    let now = intranet.clock.now();
    let by_itself = path == super::live::ADDRESS;
    let person = if by_itself { intranet.store.idle_session(token, now)? } else { intranet.store.session(token, now)? };
    person.map(|person| Ok((person, intranet.store.sight(token)?))).transpose()
}

/// The answer to whoever is not signed in: the same for every address, but that it is remembered where he wanted to go.
pub(super) fn stranger(parts: &Parts) -> Response {
    if parts.uri.path().starts_with("/api/") {
        return answer::unauthorized();
    }
    let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    match (parts.method == Method::GET || parts.method == Method::HEAD, wanted) {
        (true, wanted) if wanted != "/" => {
            Redirect::to(&format!("/sign-in?next={}", utf8_percent_encode(wanted, NON_ALPHANUMERIC))).into_response()
        }
        _ => Redirect::to("/sign-in").into_response(),
    }
}
