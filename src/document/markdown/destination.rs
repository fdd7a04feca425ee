//! Which destinations may be rendered as a link: an allow-list, read as leniently as browsers read
//! addresses.

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Whether a link with this destination may be rendered: http, https, mailto, tel and relative
/// ones.
pub fn allowed_destination(destination: &str) -> bool {
    let address = as_a_browser_reads_it(destination);
    match scheme(&address) {
        Some(scheme) => SCHEMES.contains(&scheme),
        None => !address.starts_with("//"),
    }
}

/// Whether it leaves the archive.
pub fn is_web(destination: &str) -> bool {
    allowed_destination(destination) && scheme(&as_a_browser_reads_it(destination)).is_some()
}

/// Browsers drop white space and control characters, and take `\` for `/`.
fn as_a_browser_reads_it(destination: &str) -> String {
    let invisible = |c: &char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}');
    destination.chars().filter(|c| !invisible(c)).map(|c| if c == '\\' { '/' } else { c }).flat_map(char::to_lowercase).collect()
}

/// What stands before a colon that no `/`, `?` or `#` precedes.
fn scheme(address: &str) -> Option<&str> {
    let (head, _) = address.split_once(':')?;
    (!head.contains(['/', '?', '#'])).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_allowed() {
        let allowed =
            ["http://a.cn", "HTTPS://a.cn", "mailto:a@b.cn", "tel:10086", "a.md", "../b/c.md#d", "#第6条", "/records/", "a/b:c", ""];
        let refused = [
            "javascript:alert(1)",
            "JaVa\tscript:x",
            "\u{1}javascript:x",
            " data:text/html,x",
            "//evil.cn",
            "/\\evil.cn",
            "\\\\evil",
            "file:///etc",
            "C:\\x",
            "vbscript:x",
            ":x",
        ];
        assert_eq!(allowed.map(allowed_destination), [true; 10]);
        assert_eq!(refused.map(allowed_destination), [false; 11]);
        assert!(is_web("https://a.cn") && !is_web("a.md") && !is_web("javascript:x"));
    }
}
