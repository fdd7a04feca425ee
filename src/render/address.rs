//! Addresses: of records, people, policies and lists, in either language, and back; and how a page
//! refers to one. The one place that percent-encodes.

use crate::{diagnostic::Lang, source::RecordId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// RFC 3986: what need not be encoded in a segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// An address without its language, and the language it is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address<'a> {
    pub lang: Lang,
    /// Begins with `/`.
    pub path: &'a str,
}

/// What the addresses on a page start from (the base URL of HTML).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base<'a> {
    /// The root of the host, of which the server has the whole.
    Root,
    /// The [`file`] that holds the page, for the static site: its files refer to each other
    /// wherever their folder lies.
    File(&'a str),
    /// A path of the host at which the static site stands, for a page that is shown in the place of
    /// any other.
    Path(&'a str),
}

impl Base<'_> {
    /// An address of the site as it stands on the page.
    pub fn href(self, address: &str) -> String {
        match self {
            Base::Root => address.to_owned(),
            Base::File(own) => relative(own, &file(address)),
            Base::Path(path) => format!("{}{}", path.trim_end_matches('/'), file(address)),
        }
    }
}

/// The file that holds a page of the static site, as an address: from a folder nothing else leads
/// to it. An id that holds `/` makes folders.
pub fn file(address: &str) -> String {
    let (path, end) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
    let name = if path.ends_with('/') { "index.html" } else { "" };
    let path = if path.contains("%2F") { Cow::Owned(path.replace("%2F", "/")) } else { Cow::Borrowed(path) };
    [&*path, name, end].concat()
}

/// The reference from one file of the static site to another (RFC 3986, section 4.2).
fn relative(own: &str, other: &str) -> String {
    if let Some(fragment) = other.strip_prefix(own).filter(|rest| rest.starts_with('#')) {
        return fragment.to_owned();
    }
    let alike = own.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let shared = own.as_bytes()[..alike].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let up = own[shared..].matches('/').count();
    "../".repeat(up) + &other[shared..]
}

/// Splits the language off an address: the archive's own has no prefix.
pub fn split(address: &str, own: Lang) -> Address<'_> {
    let other = other(own);
    match address.strip_prefix('/').and_then(|rest| rest.strip_prefix(code(other))) {
        Some(path) if path.starts_with('/') => Address { lang: other, path },
        _ => Address { lang: own, path: address },
    }
}

/// An address in a language.
pub fn in_lang(path: &str, lang: Lang, own: Lang) -> String {
    if lang == own { path.to_owned() } else { format!("/{}{path}", code(lang)) }
}

pub fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    }
}

/// The language as it stands in addresses.
pub fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

/// The path's segments, still encoded; `None` where it does not begin and end with `/`.
pub fn segments(path: &str) -> Option<Vec<&str>> {
    let inner = path.strip_prefix('/')?;
    if inner.is_empty() {
        return Some(Vec::new());
    }
    Some(inner.strip_suffix('/')?.split('/').collect())
}

pub fn record(id: &RecordId) -> String {
    format!("/records/{}/", segment(&id.0))
}

pub fn attachment(id: &RecordId, name: &str) -> String {
    format!("/records/{}/files/{}", segment(&id.0), segment(name))
}

pub fn person(id: &RecordId) -> String {
    format!("/people/{}/", segment(&id.0))
}

pub fn record_type(id: &str) -> String {
    format!("/types/{}/", segment(id))
}

pub fn policy(id: &str) -> String {
    format!("/policies/{}/", segment(id))
}

/// What stands before the id of a heading that might be one of the page's own, and before that of
/// every footnote.
const HEADING: &str = "heading-";
const FOOTNOTE: &str = "footnote-";

/// A heading's anchor as an id of HTML: without white space, and never one of the page's own, which
/// are small ASCII letters.
pub fn fragment(anchor: &str) -> String {
    let id = without_white_space(anchor);
    let is_small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let may_be_ours = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(is_small);
    if may_be_ours || id.starts_with(HEADING) || id.starts_with(FOOTNOTE) { format!("{HEADING}{id}") } else { id }
}

/// A footnote's label as an id of HTML.
pub fn footnote(label: &str) -> String {
    format!("{FOOTNOTE}{}", without_white_space(label))
}

fn without_white_space(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join("-")
}

pub fn article(id: &str, article: &str) -> String {
    format!("{}#{}", policy(id), utf8_percent_encode(&fragment(article), SEGMENT))
}

/// A name percent-encoded, as RFC 3986 and RFC 8187 both take it.
pub fn encoded(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}

/// A name as one segment. One that a browser, a server or a file system would read as something
/// else is given by its digest.
pub fn segment(name: &str) -> String {
    if is_plain(name) {
        return encoded(name);
    }
    let digest: String = Sha256::digest(name.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("~{digest}")
}

/// The name that a segment gives; a digest is compared with the names there are.
pub fn name<'a>(segment: &str, mut names: impl Iterator<Item = &'a str>) -> Option<String> {
    if segment.starts_with('~') {
        return names.find(|name| self::segment(name) == segment).map(str::to_owned);
    }
    let name = percent_decode_str(segment).decode_utf8().ok()?.into_owned();
    is_plain(&name).then_some(name)
}

/// Ids may hold `/` (a record's path); every piece of it must be a name that can be a folder, and
/// none that the site uses itself.
fn is_plain(name: &str) -> bool {
    const OURS: [&str; 5] = ["files", "history", "page", "index.html", "versions"];
    let is_piece = |piece: &str| {
        !piece.is_empty() && piece.len() <= 200 && !piece.starts_with(['.', '~']) && !piece.ends_with(['.', ' ']) && !OURS.contains(&piece)
    };
    name.len() <= 1000 && !name.contains(|c: char| c.is_control() || r#"\:*?"<>|"#.contains(c)) && name.split('/').all(is_piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_its_segment() {
        let names = [
            "C-0007",
            "customers/禾源",
            "李 四",
            "..",
            ".",
            "",
            "a/../b",
            "/a",
            "a/",
            "a/files/b",
            "~x",
            "100%",
            "a?b#c",
            "a\nb",
            "index.html",
            "con.",
        ];
        let long = "长".repeat(90);
        for name in names.into_iter().chain([long.as_str()]) {
            let segment = segment(name);
            assert!(!segment.contains(['/', '?', '#', '\n']) && segment != "." && segment != ".." && !segment.is_empty(), "{segment}");
            assert_eq!(self::name(&segment, names.into_iter().chain([long.as_str()])).as_deref(), Some(name));
        }
    }

    #[test]
    fn an_encoded_way_out_of_the_folder_is_no_name() {
        for segment in ["%2E%2E", "..", ".", "%2e", "a%2F..%2Fb", "%00", "%ff", ""] {
            assert_eq!(name(segment, std::iter::empty()), None, "{segment}");
        }
    }

    #[test]
    fn no_heading_has_an_id_of_the_page_or_of_another_heading() {
        let anchors = ["main", "heading-main", "Main", "第1条", "第6条 D", "footnote-1", "footnote-甲", "heading-甲", "1", "e"];
        let ids: std::collections::BTreeSet<String> = anchors.into_iter().map(fragment).collect();
        assert_eq!(ids.len(), anchors.len());
        assert!(ids.iter().all(|id| !["main", "e", "footnote-1", "footnote-甲"].contains(&id.as_str()) && !id.contains(' ')));
        assert_eq!([fragment("第6条 D"), fragment("Main"), fragment("1")], ["第6条-D", "Main", "1"]);
    }

    #[test]
    fn a_page_of_the_static_site_refers_to_files_from_where_it_lies() {
        for (page, address, expected) in [
            ("/", "/", "index.html"),
            ("/", "/records/C-1/", "records/C-1/index.html"),
            ("/", "/assets/style.css?v=0a/b", "assets/style.css?v=0a/b"),
            ("/records/C-1/", "/", "../../index.html"),
            ("/records/C-1/", "/records/C-1/files/%E5%9B%BE.png", "files/%E5%9B%BE.png"),
            ("/records/C-1/", "/records/C-10/#fields", "../C-10/index.html#fields"),
            ("/records/C-1/", "/records/C-1/#a/b", "#a/b"),
            ("/records/C-1/", "/en/records/C-1/", "../../en/records/C-1/index.html"),
            ("/en/records/C-1/", "/records/C-1/files/a.pdf", "../../../records/C-1/files/a.pdf"),
            ("/en/", "/en/search/", "search/index.html"),
            ("/records/a%2Fb/", "/records/a%2Fc/", "../c/index.html"),
            ("/records/a%2Fb/", "/assets/mark.svg", "../../../assets/mark.svg"),
            ("/policies/p/versions/2026-01-01/changes/", "/policies/p/#1", "../../../index.html#1"),
            ("/404.html", "/types/", "types/index.html"),
        ] {
            assert_eq!(Base::File(&file(page)).href(address), expected, "{page} to {address}");
        }
    }

    #[test]
    fn what_is_shown_in_the_place_of_any_page_refers_to_files_below_a_path() {
        for (path, address, expected) in [
            ("/", "/", "/index.html"),
            ("/", "/assets/style.css?v=1", "/assets/style.css?v=1"),
            ("/office/site/", "/en/", "/office/site/en/index.html"),
            ("/office/site", "/en/", "/office/site/en/index.html"),
        ] {
            assert_eq!(Base::Path(path).href(address), expected);
        }
        assert_eq!(Base::Root.href("/records/a%2Fb/#c"), "/records/a%2Fb/#c");
    }

    #[test]
    fn the_other_language_has_a_prefix() {
        assert_eq!(split("/en/people/", Lang::Zh), Address { lang: Lang::En, path: "/people/" });
        assert_eq!(split("/people/", Lang::Zh), Address { lang: Lang::Zh, path: "/people/" });
        assert_eq!(split("/zh/", Lang::Zh), Address { lang: Lang::Zh, path: "/zh/" });
        assert_eq!(split("/zh/", Lang::En), Address { lang: Lang::Zh, path: "/" });
        assert_eq!(split("/entry/", Lang::Zh), Address { lang: Lang::Zh, path: "/entry/" });
        assert_eq!(in_lang("/people/", Lang::En, Lang::Zh), "/en/people/");
    }
}
