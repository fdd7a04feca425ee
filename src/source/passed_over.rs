//! Files whose names look like those of records or policies, and which are read as neither:
//! `a.markdown`, `b.md.txt` as an editor for plain text saves it, `c.md ` with a blank behind,
//! `policies/old/d.md`. What editors keep beside a file while it is open is nothing at all.

use super::{Place, is_hidden, place};
use unicode_normalization::UnicodeNormalization;

/// Endings that Markdown has elsewhere.
const MARKDOWN: [&str; 7] = ["md", "markdown", "mdown", "mdwn", "mkd", "mkdn", "mdtext"];
/// Where a folder tells strangers what it holds.
const README: &str = "readme";
/// What files on their way end in: swap files of editors, partial saves, partial downloads.
const ON_THEIR_WAY: [&str; 7] = ["crdownload", "part", "partial", "swo", "swp", "swx", "tmp"];

/// The path under which such a file would be read; `None` where its name looks like nothing that is
/// read, or it is read.
pub fn meant_path(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/')?;
    let top = path.split('/').next().filter(|top| matches!(*top, "records" | "policies"))?;
    if is_hidden(path) || is_of_an_editor(name) || matches!(place(path), Place::Room(_)) {
        return None;
    }
    let stem = stem(name).filter(|stem| !stem.eq_ignore_ascii_case(README))?;
    let folder = if top == "policies" { top } else { folder };
    Some(format!("{folder}/{stem}.md"))
}

/// Whether a file is a document by its name.
pub(super) fn is_document(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let is_markdown = name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("md"));
    is_markdown && !is_of_an_editor(name)
}

/// What a program keeps beside a file that is open in it, or writes before the file gets its name:
/// `~$a.md` tells who has it open, `a.md.swp` and `a.md.tmp` are what becomes of it.
fn is_of_an_editor(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    name.starts_with("~$") || extension.is_some_and(|extension| ON_THEIR_WAY.contains(&&*extension))
}

/// What stands before an ending of Markdown, whatever follows that. Points and letters of full
/// width count as those of half width.
fn stem(name: &str) -> Option<&str> {
    let points = name.char_indices().filter(|(_, c)| matches!(c, '.' | '．' | '。' | '｡'));
    let mut points = points.map(|(at, point)| (at, &name[at + point.len_utf8()..]));
    let is_ending = |rest: &str| {
        let ending: String = rest.split(['.', '．', '。', '｡']).next().unwrap_or_default().nfkc().collect();
        MARKDOWN.contains(&&*ending.trim().to_ascii_lowercase())
    };
    let (at, _) = points.find(|(_, rest)| is_ending(rest))?;
    Some(name[..at].trim()).filter(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_document_and_is_not_read_as_one() {
        for (path, expected) in [
            ("records/a.markdown", "records/a.md"),
            ("records/a.Markdown", "records/a.md"),
            ("records/north/a.mdown", "records/north/a.md"),
            ("records/a.mkd", "records/a.md"),
            ("records/a.md.txt", "records/a.md"),
            ("records/a.MD.TXT", "records/a.md"),
            ("records/a.md ", "records/a.md"),
            ("records/a.md\u{3000}", "records/a.md"),
            ("records/a.md.", "records/a.md"),
            ("records/a.md.bak", "records/a.md"),
            ("records/a．md", "records/a.md"),
            ("records/a。md", "records/a.md"),
            ("records/a.ｍｄ", "records/a.md"),
            ("policies/q.md.txt", "policies/q.md"),
            ("policies/q.markdown", "policies/q.md"),
            ("policies/old/q.md", "policies/q.md"),
        ] {
            assert_eq!(meant_path(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn what_is_read_or_looks_like_nothing_that_is() {
        for path in [
            "records/a.md",
            "records/a.MD",
            "policies/q.md",
            "records/README.md",
            "policies/README.md",
            "records/readme.markdown",
            "policies/allowed_signers",
            "policies/register",
            "records/a.pdf",
            "records/md",
            "records/cmd.txt",
            "records/.md",
            "records/.a.markdown",
            "records/a.txt",
            "chancery.yaml",
            "a.markdown",
            "themes/own/a.markdown",
            "records/~$a.md",
            "records/a.md.swp",
            "records/a.md.TMP",
            "records/a.md~",
            "records/#a.md#",
            "records/.a.md.swp",
            "records/.~lock.a.md#",
            "policies/~$q.md",
        ] {
            assert_eq!(meant_path(path), None, "{path}");
        }
    }

    #[test]
    fn what_an_editor_keeps_is_not_read() {
        for path in ["records/~$a.md", "records/north/~$a.md", "policies/~$q.md", "records/a.md.swp", "records/a.md.tmp", "records/a.md~"] {
            assert!(!matches!(place(path), Place::Room(_)), "{path}");
        }
    }
}
