//! Addresses: of records, people, policies and lists, in either language, and back. The one place that percent-encodes.

use crate::{diagnostic::Lang, source::RecordId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// RFC 3986: what need not be encoded in a segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// An address without its language, and the language it is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address<'a> {
    pub lang: Lang,
    /// Begins with `/`.
    pub path: &'a str,
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

/// What stands before the id of a heading that might be one of the page's own, and before that of every footnote.
const HEADING: &str = "heading-";
const FOOTNOTE: &str = "footnote-";

/// A heading's anchor as an id of HTML: without white space, and never one of the page's own, which are small ASCII letters.
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

/// A name as one segment. One that a browser, a server or a file system would read as something else is given by its digest.
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

/// Ids may hold `/` (a record's path); every piece of it must be a name that can be a folder, and none that the site uses itself.
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
    fn the_other_language_has_a_prefix() {
        assert_eq!(split("/en/people/", Lang::Zh), Address { lang: Lang::En, path: "/people/" });
        assert_eq!(split("/people/", Lang::Zh), Address { lang: Lang::Zh, path: "/people/" });
        assert_eq!(split("/zh/", Lang::Zh), Address { lang: Lang::Zh, path: "/zh/" });
        assert_eq!(split("/zh/", Lang::En), Address { lang: Lang::Zh, path: "/" });
        assert_eq!(split("/entry/", Lang::Zh), Address { lang: Lang::Zh, path: "/entry/" });
        assert_eq!(in_lang("/people/", Lang::En, Lang::Zh), "/en/people/");
    }
}
