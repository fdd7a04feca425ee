//! The static site: every page of a view in both languages, its attachments and the theme's assets,
//! each made when it is asked for, so that nobody need hold them all.

use super::{Page, RenderError, Theme, address, address::Base, asked::Asked, pages, shown, twins::Twins};
use crate::{access::View, diagnostic::Lang};
use rayon::prelude::*;

const NOT_FOUND: &str = "/404.html";
const ROBOTS: &str = "/robots.txt";

/// The pages refer to each other wherever they lie; the one for what is not there (`404.html`),
/// which a host shows at any address, refers to them below a path, `/` for the host's root.
#[derive(Debug)]
pub struct Site<'v> {
    view: &'v View<'v>,
    theme: &'v Theme,
    /// The path of the host below which the site stands, for the one page that a host shows at any
    /// address.
    path: &'v str,
    /// In the order of their paths; the two languages of a path stand side by side.
    addresses: Vec<String>,
    twins: Twins,
}

impl<'v> Site<'v> {
    pub fn of(view: &'v View<'v>, theme: &'v Theme, path: &'v str) -> Site<'v> {
        view.prepare();
        let own = view.settings().language;
        let mut addresses: Vec<String> = theme.assets().map(|name| format!("/assets/{name}")).collect();
        for path in pages::addresses(view) {
            addresses.extend([Lang::Zh, Lang::En].map(|lang| address::in_lang(&path, lang, own)));
        }
        addresses.extend(pages::files(view));
        addresses.extend([NOT_FOUND, ROBOTS].map(str::to_owned));
        addresses.sort_by_cached_key(|address| (address::split(address, own).path.to_owned(), address.len()));
        Site { view, theme, path, addresses, twins: Twins::default() }
    }

    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.addresses.iter().map(String::as_str)
    }

    /// What stands at one of the addresses.
    ///
    /// # Errors
    /// Where a template of the theme cannot be rendered or an attachment cannot be read.
    pub fn page(&self, address: &str) -> Result<Option<Page>, RenderError> {
        match address {
            NOT_FOUND => self.not_found().map(Some),
            ROBOTS => Ok(Some(for_robots())),
            _ => shown(address, self.view, self.theme, None, Some(&self.twins)),
        }
    }

    /// All of them, in the order of [`Site::addresses`].
    ///
    /// # Errors
    /// As [`Site::page`].
    pub fn pages(&self) -> Result<Vec<Page>, RenderError> {
        let addresses: Vec<&str> = self.addresses().collect();
        let shown: Result<Vec<Option<Page>>, RenderError> = addresses.par_iter().map(|address| self.page(address)).collect();
        Ok(shown?.into_iter().flatten().collect())
    }

    fn not_found(&self) -> Result<Page, RenderError> {
        let (view, theme) = (self.view, self.theme);
        let lang = view.settings().language;
        let anywhere =
            Asked { view: Some(view), settings: view.settings(), theme, lang, session: None, base: Base::Path(self.path), twins: None };
        Ok(Page { address: NOT_FOUND.to_owned(), ..pages::surface::nothing_there(&anywhere)? })
    }
}

/// A site that is reached from outside by mistake should at least stand in no index: attachments
/// bear no such word themselves (RFC 9309).
fn for_robots() -> Page {
    let body = b"User-agent: *\nDisallow: /\n".to_vec();
    Page { address: ROBOTS.to_owned(), content_type: "text/plain; charset=utf-8", body, record: None }
}
