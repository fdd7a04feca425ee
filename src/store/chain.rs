//! The digests that make a chain of the access log's lines, the same in every store: a log can be
//! carried from one into another.

use super::log::AccessLine;
use chrono::SecondsFormat;
use sha2::{Digest, Sha256};

/// The texts of a line, in the order in which they are digested: time (RFC 3339, milliseconds,
/// UTC), person, address, origin, record.
pub(super) type Texts<'a> = [&'a str; 5];

/// The time of a line as it is written.
pub(super) fn time_of(line: &AccessLine) -> String {
    line.at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// SHA-256, in hexadecimal, over the digest of the line before and this line's parts, each with its
/// length before it.
pub(super) fn digest(before: &str, number: i64, texts: &Texts<'_>, allowed: i64) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("chancery access log v1\n{before}\n{number} {allowed}\n"));
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
