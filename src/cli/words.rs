//! The language of the command line itself: as asked with `--lang`, else as the environment says,
//! else Chinese.

use crate::diagnostic::Lang;
use std::ffi::OsString;

/// One of two texts.
pub(super) fn say([zh, en]: [&str; 2], lang: Lang) -> &str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The language of help and errors, before the arguments are parsed.
pub(super) fn help_language(arguments: &[OsString]) -> Lang {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    let apart = texts.iter().position(|text| *text == "--lang").and_then(|at| texts.get(at + 1)).copied();
    let environment = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match joined.or(apart).or(environment.as_deref()) {
        Some(lang) if lang.starts_with("en") => Lang::En,
        _ => Lang::Zh,
    }
}
