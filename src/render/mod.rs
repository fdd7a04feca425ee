//! Pages, from a [`View`] and a theme. Never takes an archive.

use crate::{access::View, diagnostic::Lang};

/// A theme: templates and assets, the default ones built into the binary, overridden file by file by `themes/NAME/`.
pub struct Theme {}

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the theme's template {0}: {1}")]
    Template(String, String),
}

/// Something that is shown at an address.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// `/records/C-0007/`, ending in `/` for an HTML page.
    pub address: String,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

/// What surrounds a page that is served to somebody who is signed in; `None` in the static site.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The name shown.
    pub name: String,
    pub is_demo: bool,
}

/// Every page of a view (the static site).
///
/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn site(view: &View<'_>, theme: &Theme) -> Result<Vec<Page>, RenderError> {
    let _ = (view, theme);
    todo!()
}

/// The page at an address, or `None`: not there, or not for this reader, which is the same.
///
/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn page(address: &str, lang: Lang, view: &View<'_>, theme: &Theme, session: Option<&Session>) -> Result<Option<Page>, RenderError> {
    let _ = (address, lang, view, theme, session);
    todo!()
}
