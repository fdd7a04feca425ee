//! The cookies of the site: of a session, and of the device on which somebody signs in.

use crate::store::{DEVICE_AGE, Token};
use axum::http::{HeaderMap, header};

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
