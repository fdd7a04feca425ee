//! The shapes in which values are written. Each is strict: one way to write a thing, and no guess.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use rust_decimal::Decimal;

/// `2026-03-01`, a day that exists (chrono alone would take `2026-3-1`).
pub fn date(text: &str) -> Option<NaiveDate> {
    if !fits(text, "9999-99-99") {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// `09:30`
pub fn time(text: &str) -> Option<NaiveTime> {
    if !fits(text, "99:99") {
        return None;
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

/// RFC 3339, with a `T`, seconds and a zone: `2026-03-05T10:22:31+08:00`.
pub fn timestamp(text: &str) -> Option<DateTime<FixedOffset>> {
    let (head, tail) = text.split_at_checked("9999-99-99T99:99:99".len())?;
    let zone = tail.strip_prefix('.').map_or(tail, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let zoned = zone == "Z" || zone.strip_prefix(['+', '-']).is_some_and(|zone| fits(zone, "99:99"));
    if !fits(head, "9999-99-99T99:99:99") || !zoned {
        return None;
    }
    DateTime::parse_from_rfc3339(text).ok()
}

/// A decimal without separators of thousands: `50000`, `-3.50`.
pub fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

/// A whole number, not below zero.
pub fn count(text: &str) -> Option<Decimal> {
    is_digits(text).then(|| Decimal::from_str_exact(text).ok()).flatten()
}

pub fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" | "是" => Some(true),
        "no" | "false" | "否" => Some(false),
        _ => None,
    }
}

/// Digits, spaces, `+`, `-` and parentheses; 5 to 20 digits.
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c))
}

/// One `@` between a name and a domain with a dot.
pub fn is_email(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[]:;,\\\"@".contains(c);
    text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && name.chars().all(plain) && is_domain(domain))
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    text.contains('.') && text.split('.').all(label)
}

/// http or https, with a host.
pub fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty()) && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text has the form of a pattern, in which `9` stands for any digit.
fn fits(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'9' { b.is_ascii_digit() } else { b == p })
}

/// Words that stand where something is still to be written. “None” is no such word: it may be the
/// answer.
const FILLERS: [&str; 6] = ["略", "待补", "待定", "同上", "tbd", "xx"];

/// In characters.
const LONGEST_FILLER: usize = 3;

/// Whether a text has no letter or digit in it, or is but a word that fills the place.
pub fn says_nothing(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphanumeric());
    // More letters than any of those words has are words of their own: of a long text no more is
    // read.
    if letters().take(LONGEST_FILLER + 1).count() > LONGEST_FILLER {
        return false;
    }
    let bare: String = letters().flat_map(char::to_lowercase).collect();
    bare.is_empty() || FILLERS.contains(&&*bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken<T>(shape: impl Fn(&str) -> Option<T>, texts: &[&str]) -> Vec<String> {
        texts.iter().filter(|text| shape(text).is_some()).map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn dates_and_times_have_one_shape() {
        assert_eq!(
            taken(
                date,
                &[
                    "2026-02-28",
                    "2024-02-29",
                    "2026-02-29",
                    "2026-2-3",
                    "26-02-03",
                    "2026/02/03",
                    " 2026-02-03",
                    "２０２６-02-03",
                    "+026-01-01"
                ]
            ),
            ["2026-02-28", "2024-02-29"]
        );
        assert_eq!(taken(time, &["09:30", "00:00", "23:59", "24:00", "9:30", "09:60", "09:30:00"]), ["09:30", "00:00", "23:59"]);
        assert_eq!(
            taken(
                timestamp,
                &[
                    "2026-03-05T10:22:31+08:00",
                    "2026-03-05T02:22:31Z",
                    "2026-03-05T02:22:31.25Z",
                    "2026-03-05 10:22:31+08:00",
                    "2026-03-05T10:22+08:00",
                    "2026-03-05T10:22:31",
                    "2026-03-05t10:22:31z",
                    "2026-02-30T10:22:31Z",
                    "2026-03-05T10:22:31.Z",
                    "二〇二六年三月五日上午十时",
                ]
            ),
            ["2026-03-05T10:22:31+08:00", "2026-03-05T02:22:31Z", "2026-03-05T02:22:31.25Z"]
        );
    }

    #[test]
    fn numbers_are_decimal_and_exact() {
        assert_eq!(
            taken(
                decimal,
                &[
                    "0",
                    "50000",
                    "-3.50",
                    "0086",
                    "1,000",
                    "1e3",
                    ".5",
                    "5.",
                    "+5",
                    "5万",
                    "",
                    "-",
                    "0.00000000000000000000000000000000000001"
                ]
            ),
            ["0", "50000", "-3.50", "0086"]
        );
        assert_eq!(taken(count, &["0", "30", "-1", "1.0", "99999999999999999999999999999999999"]), ["0", "30"]);
        assert_eq!(decimal("1.10").map(|d| d.to_string()), Some("1.10".to_owned()));
    }

    #[test]
    fn phones_addresses_and_answers() {
        let fitting = |fits: fn(&str) -> bool, texts: &[&str]| taken(|text| fits(text).then_some(()), texts);
        assert_eq!(
            fitting(is_phone, &["010-8888 6666", "+86 (20) 1234567", "1234", "123456789012345678901", "电话12345", "12345x"]),
            ["010-8888 6666", "+86 (20) 1234567"]
        );
        assert_eq!(
            fitting(is_email, &["a@b.cn", "王@例子.公司", "a@b", "a@@b.cn", "a b@c.cn", "@b.cn", "a@.cn", "a@b.cn>"]),
            ["a@b.cn", "王@例子.公司"]
        );
        assert_eq!(
            fitting(
                is_url,
                &["https://a.cn/x?y", "http://a", "ftp://a.cn", "https://", "https:///x", "javascript:alert(1)", "https://a b"]
            ),
            ["https://a.cn/x?y", "http://a"]
        );
        assert_eq!(
            taken(yes_no, &["yes", "no", "true", "false", "是", "否", "Yes", "on", "1", "对"]),
            ["yes", "no", "true", "false", "是", "否"]
        );
    }
}
