//! Words that lead somewhere.

use serde::Serialize;

/// Words, and where they lead; nowhere where the reader sees nothing behind them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub(super) struct ShownLink {
    pub text: String,
    pub href: Option<String>,
}

impl ShownLink {
    pub fn plain(text: &str) -> ShownLink {
        ShownLink { text: text.to_owned(), href: None }
    }
}
