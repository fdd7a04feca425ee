//! Pages, from a [`View`] and a theme: one function from an address to what is shown there, for the
//! static site and the server alike. Never takes an archive, never decides who may read.

mod address;
mod asked;
mod boxes;
mod calendar;
mod changed;
mod compared;
mod frame;
mod ids;
mod in_short;
mod link;
mod pages;
pub mod plain;
mod prose;
mod session;
mod shown;
mod site;
#[cfg(test)]
mod tests;
mod theme;
mod twins;
mod word_diff;
mod words;

pub use calendar::calendar;
pub use pages::{
    account::{AccountShown, PasswordProblem, SessionShown, Welcome, account, welcome},
    attachment::{Handing, ShownAttachment},
    form::{COPIES, FormSubject},
    search::{A_PAGE, search},
    surface::{SignIn, SignInProblem, not_found, sign_in},
};
pub use session::{Asking, Done, Message, Reading, Session};
pub use site::Site;
pub use theme::Theme;

use crate::{
    access::{Seen, View},
    diagnostic::Lang,
    source::RecordId,
};
use address::Base;
use asked::Asked;
use twins::Twins;

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the theme's template {0}: {1}")]
    Template(String, String),
    #[error("the attachment at {0} cannot be read: {1}")]
    Attachment(String, std::io::Error),
}

/// Something that is shown at an address.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// `/records/C-0007/`, ending in `/` for an HTML page.
    pub address: String,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// The record that it shows or belongs to: what the access log is told before it goes out.
    pub record: Option<RecordId>,
}

/// The headers of every answer: nothing from elsewhere, nothing inline, and no worker that would
/// outlive the page.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; connect-src 'self'; worker-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The language of an address: the archive's own stands without a prefix.
pub fn lang_of(address: &str, own: Lang) -> Lang {
    address::split(address, own).lang
}

/// Whether an address is that of the search page, whose hits the server gives.
pub fn is_search(address: &str, own: Lang) -> bool {
    address::split(address, own).path == "/search/"
}

/// How many readings of a record its page shows.
pub const READINGS: usize = 20;

/// Characters of an id and of a purpose that are asked for.
pub const LONGEST_ASK: usize = 200;

/// The record whose page stands at an address, where the reader sees it.
pub fn shown_at<'v>(address: &str, view: &'v View<'_>) -> Option<Seen<'v>> {
    match address::segments(address::split(address, view.settings().language).path)?[..] {
        ["records" | "people", segment] => pages::seen(view, segment),
        _ => None,
    }
}

/// The address of a record's page, in the archive's own language.
pub fn record_address(id: &RecordId) -> String {
    address::record(id)
}

/// The addresses of all kinds of page, without a language, with names in braces for what is filled
/// in: `/records/{id}/`.
pub fn templates() -> impl Iterator<Item = &'static str> {
    pages::templates()
}

/// The address of a calendar, known to whom the secret was told.
pub fn calendar_address(secret: &str, lang: Lang, own: Lang) -> String {
    let query = if lang == own { String::new() } else { format!("?lang={}", address::code(lang)) };
    format!("/calendar/{secret}.ics{query}")
}

/// A name as the value of a `filename*` has it (RFC 8187), and as one segment of an address.
pub fn encoded(name: &str) -> String {
    address::encoded(name)
}

/// The attachment at an address, opened and not yet read; `None` as with [`page`].
///
/// # Errors
/// Where it cannot be opened.
pub fn attachment(address: &str, view: &View<'_>) -> Result<Option<ShownAttachment>, RenderError> {
    pages::attachment::at(address::split(address, view.settings().language).path, view)
}

/// The present version of a policy as the paper that was issued: its prose and its figures.
///
/// # Errors
/// As [`page`].
pub fn paper(policy: &str, lang: Lang, view: &View<'_>, theme: &Theme) -> Result<Option<Page>, RenderError> {
    pages::paper(
        &Asked { view: Some(view), settings: view.settings(), theme, lang, session: None, base: Base::Root, twins: None },
        view,
        policy,
    )
}

/// A kind of record as a form on paper: blank, or as filled in for a record. So many copies of it,
/// each on a page of its own.
///
/// # Errors
/// As [`page`].
pub fn form(subject: &FormSubject<'_>, copies: usize, lang: Lang, view: &View<'_>, theme: &Theme) -> Result<Page, RenderError> {
    pages::form::page(
        &Asked { view: Some(view), settings: view.settings(), theme, lang, session: None, base: Base::Root, twins: None },
        view,
        subject,
        copies,
    )
}

/// What is shown at an address (without its query), or `None`: not there, or not for this reader,
/// which is the same. Without a session it is a page of the static site.
///
/// # Errors
/// Where a template of the theme cannot be rendered or an attachment cannot be read.
pub fn page(address: &str, view: &View<'_>, theme: &Theme, session: Option<&Session>) -> Result<Option<Page>, RenderError> {
    shown(address, view, theme, session, None)
}

/// The same where pages of both languages are made, and share these texts.
fn shown(
    address: &str,
    view: &View<'_>,
    theme: &Theme,
    session: Option<&Session>,
    twins: Option<&Twins>,
) -> Result<Option<Page>, RenderError> {
    if let Some(asset) = theme.asset(address) {
        return Ok(Some(asset));
    }
    let settings = view.settings();
    let file = address::file(address);
    let base = if session.is_some() { Base::Root } else { Base::File(&file) };
    let address = address::split(address, settings.language);
    let asked = Asked { view: Some(view), settings, theme, lang: address.lang, session, base, twins };
    pages::page(address.path, view, &asked)
}
