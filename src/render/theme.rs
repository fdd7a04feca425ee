//! A theme: templates and assets. The default ones are built in, from one list; an archive's
//! `themes/NAME/` overrides them file by file.

use super::{Page, RenderError, words};
use crate::source::theme::ThemeFiles;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::BTreeMap};
use tera::{Context, Kwargs, State, Tera};

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_bytes!(concat!("theme/", $name)))),*] };
}

/// The default theme.
const BUILT_IN: &[(&str, &[u8])] = files![
    "base.html",
    "parts.html",
    "home.html",
    "types.html",
    "list.html",
    "record.html",
    "policies.html",
    "policy.html",
    "block.html",
    "changes.html",
    "form.html",
    "people.html",
    "person.html",
    "due.html",
    "findings-past.html",
    "findings.html",
    "inbox.html",
    "ask.html",
    "search.html",
    "not-found.html",
    "sign-in.html",
    "welcome.html",
    "account.html",
    "style.css",
    "search.js",
    "live.js",
    "mark.svg",
];

/// Templates and assets, parsed.
#[derive(Debug)]
pub struct Theme {
    templates: Tera,
    /// By name; shown at `/assets/NAME`.
    assets: BTreeMap<String, Cow<'static, [u8]>>,
    /// Of all assets: an address that carries it may be kept for ever.
    version: String,
}

impl Theme {
    /// The default theme, as it is.
    pub fn built_in() -> Theme {
        Theme::with(BTreeMap::new()).expect("the built-in templates can be parsed: a test says so")
    }

    /// The default theme with some files replaced or added: those that end in `.html` are
    /// templates, the others assets.
    ///
    /// # Errors
    /// Where a template is not UTF-8 or cannot be parsed.
    pub fn with(overrides: ThemeFiles) -> Result<Theme, RenderError> {
        let mut files: BTreeMap<String, Cow<'static, [u8]>> =
            BUILT_IN.iter().map(|&(name, bytes)| (name.to_owned(), Cow::Borrowed(bytes))).collect();
        files.extend(overrides.into_iter().map(|(name, bytes)| (name, Cow::Owned(bytes))));
        let (templates, assets): (BTreeMap<_, _>, BTreeMap<_, _>) = files.into_iter().partition(|(name, _)| name.ends_with(".html"));
        Ok(Theme { templates: parse(&templates)?, version: digest(&assets), assets })
    }

    /// The names of the files of the default theme, which may be overridden.
    pub fn files() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|&(name, _)| name)
    }

    pub(super) fn render(&self, template: &str, context: &Context) -> Result<String, RenderError> {
        self.templates.render(template, context).map_err(|e| RenderError::Template(template.to_owned(), e.to_string()))
    }

    /// The address of an asset, with the version behind it.
    pub(super) fn address(&self, name: &str) -> String {
        format!("/assets/{name}?v={}", self.version)
    }

    /// What is shown at an address below `/assets/`: the same for every reader, signed in or not.
    pub fn asset(&self, address: &str) -> Option<Page> {
        let name = address.strip_prefix("/assets/")?;
        let body = self.assets.get(name)?.to_vec();
        Some(Page { address: address.to_owned(), content_type: content_type(name), body, record: None })
    }

    /// The names of the assets.
    pub(super) fn assets(&self) -> impl Iterator<Item = &str> {
        self.assets.keys().map(String::as_str)
    }
}

fn parse(templates: &BTreeMap<String, Cow<'static, [u8]>>) -> Result<Tera, RenderError> {
    let mut texts = Vec::new();
    for (name, bytes) in templates {
        let text = std::str::from_utf8(bytes).map_err(|e| RenderError::Template(name.clone(), e.to_string()))?;
        texts.push((name.as_str(), text));
    }
    let mut tera = Tera::default();
    tera.autoescape_on([".html"]);
    tera.register_filter("fill", fill);
    tera.add_raw_templates(texts).map_err(|e| RenderError::Template("theme".to_owned(), e.to_string()))?;
    Ok(tera)
}

/// `{{ w.records_count | fill(n=12) }}`
fn fill(words: &str, arguments: Kwargs, _: &State) -> String {
    arguments.iter().fold(words.to_owned(), |words, (name, value)| words::fill(&words, &name.to_string(), &value.to_string()))
}

fn digest(assets: &BTreeMap<String, Cow<'static, [u8]>>) -> String {
    let mut hasher = Sha256::new();
    for (name, bytes) in assets {
        hasher.update(name.as_bytes());
        hasher.update([0]);
        hasher.update(Sha256::digest(bytes));
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// By the name's extension: one for each of [`KINDS`](crate::source::theme::KINDS) but the
/// templates. What is none of them is given as bytes to be saved.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_archive_takes_the_place_of_the_one_built_in() {
        let theme =
            Theme::with(BTreeMap::from([("style.css".to_owned(), b"body{}".to_vec()), ("logo.svg".to_owned(), b"<svg/>".to_vec())]))
                .unwrap();
        assert_eq!(theme.asset("/assets/style.css").unwrap().body, b"body{}");
        assert_eq!(theme.asset("/assets/logo.svg").unwrap().content_type, "image/svg+xml");
        assert_eq!(theme.asset("/assets/search.js").unwrap().body, include_bytes!("theme/search.js"));
        assert_eq!(theme.asset("/assets/base.html"), None);
        assert_ne!(theme.version, Theme::built_in().version);
    }

    #[test]
    fn every_kind_of_file_that_a_theme_may_have_goes_out_under_its_own_name() {
        let kinds = crate::source::theme::KINDS.into_iter().filter(|kind| *kind != "html");
        assert_eq!(
            kinds.filter(|kind| content_type(&format!("a.{kind}")) == "application/octet-stream").collect::<Vec<_>>(),
            [] as [&str; 0]
        );
        assert_eq!(content_type("server"), "application/octet-stream");
    }

    /// What a template may do without end is an error, before a page is asked for or at the page:
    /// never a stack that overflows.
    #[test]
    fn a_template_that_leads_back_to_itself_or_to_none_is_an_error() {
        let parsed = |pairs: &[(&str, &str)]| {
            let files = pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
            Theme::with(files.collect())
                .and_then(|theme| theme.render("home.html", &Context::new()))
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        for pairs in [
            &[("home.html", "{% include \"home.html\" %}")][..],
            &[("home.html", "{% include \"a.html\" %}"), ("a.html", "{% include \"home.html\" %}")],
            &[("home.html", "{% extends \"a.html\" %}"), ("a.html", "{% extends \"home.html\" %}")],
            &[("home.html", "{% component a() %}{{ <a/> }}{% endcomponent a %}{{ <a/> }}")],
            &[("home.html", "{% include \"none.html\" %}")],
            &[("home.html", "{% extends \"none.html\" %}")],
            &[("home.html", "{% include \"style.css\" %}")],
            &[("home.html", "{% for n in range(end=1000000000000) %}{{ n }}{% endfor %}")],
            &[("home.html", "{{ missing }}")],
        ] {
            let error = parsed(pairs).expect_err(pairs[0].1);
            assert!(error.contains("home.html") || error.contains("a.html"), "{error}");
        }
    }

    #[test]
    fn a_template_that_cannot_be_parsed_is_an_error_that_names_it() {
        let error = Theme::with(BTreeMap::from([("home.html".to_owned(), b"{% if %}".to_vec())])).unwrap_err();
        assert!(error.to_string().contains("home.html"), "{error}");
    }

    #[test]
    fn the_manual_of_themes_names_every_file() {
        let manual = include_str!("../../themes/README.md");
        let table =
            manual.lines().filter(|line| line.starts_with("| `")).flat_map(|line| line.split('|').nth(1)).flat_map(|cell| cell.split('`'));
        let mut told: Vec<&str> = table.filter(|name| name.contains('.')).collect();
        told.sort_unstable();
        let mut listed: Vec<&str> = Theme::files().collect();
        listed.sort_unstable();
        assert_eq!(told, listed);
    }

    #[test]
    fn the_list_holds_every_file_of_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/render/theme");
        let mut on_disk: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        on_disk.sort();
        let mut listed: Vec<&str> = Theme::files().collect();
        listed.sort_unstable();
        assert_eq!(listed, on_disk);
    }
}
