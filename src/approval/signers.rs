//! Who may sign with which key, in the format of OpenSSH's `allowed_signers` (ssh-keygen(1),
//! "ALLOWED SIGNERS").

use super::{
    Unsigned,
    signature::{self, NAMESPACE},
    verified::VerifiedSignatures,
};
use crate::{
    archive::{Archive, Zone},
    source::RecordId,
};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use ssh_key::{PublicKey, public::KeyData};
use std::{ops::Range, sync::Arc};

/// `policies/allowed_signers`: who may sign with which key.
#[derive(Clone, Debug, Default)]
pub struct AllowedSigners {
    signers: Vec<Signer>,
    /// Lines that cannot be read; they allow nobody.
    pub refused: Vec<RefusedLine>,
    /// What was verified before.
    verified: Option<Arc<VerifiedSignatures>>,
}

impl PartialEq for AllowedSigners {
    /// They allow the same.
    fn eq(&self, other: &AllowedSigners) -> bool {
        self.signers == other.signers && self.refused == other.refused
    }
}

/// A line that allows nobody, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedLine {
    pub bytes: Range<usize>,
    pub why: Refusal,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("no key that can be read")]
    Key,
    #[error("an option that is not known here, or is given twice")]
    Option,
    #[error("certificate authorities are not supported")]
    Authority,
    #[error("a time that is not of the form YYYYMMDD[HHMM[SS]][Z]")]
    Time,
    #[error("a quotation mark that is not closed")]
    Quote,
}

impl Refusal {
    pub fn zh(self) -> &'static str {
        match self {
            Refusal::Key => "没有可读的密钥",
            Refusal::Option => "选项未知或重复",
            Refusal::Authority => "不支持证书颁发机构",
            Refusal::Time => "时间须写作 YYYYMMDD[HHMM[SS]][Z]",
            Refusal::Quote => "引号没有闭合",
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
struct Signer {
    principals: String,
    key: KeyData,
    options: Options,
}

#[derive(Clone, PartialEq, Debug, Default)]
struct Options {
    namespaces: Option<String>,
    valid_after: Option<DateTime<FixedOffset>>,
    valid_before: Option<DateTime<FixedOffset>>,
}

impl AllowedSigners {
    /// Reads the file. Times that do not end in `Z` are of the zone given.
    pub fn parse(text: &str, zone: Zone) -> AllowedSigners {
        let mut allowed = AllowedSigners::default();
        let mut start = 0;
        for whole in text.split_inclusive('\n') {
            let line = whole.trim();
            if !line.is_empty() && !line.starts_with('#') {
                match signer(line, zone) {
                    Ok(signer) => allowed.signers.push(signer),
                    Err(why) => allowed.refused.push(RefusedLine { bytes: start..start + whole.trim_end().len(), why }),
                }
            }
            start += whole.len();
        }
        allowed
    }

    /// Anyone may sign with this key, and with no other.
    pub fn of_key(key: &PublicKey) -> AllowedSigners {
        let signer = Signer { principals: "*".to_owned(), key: key.key_data().clone(), options: Options::default() };
        AllowedSigners { signers: vec![signer], ..AllowedSigners::default() }
    }

    /// These signers and others.
    pub fn and(mut self, others: AllowedSigners) -> AllowedSigners {
        self.signers.extend(others.signers);
        self.refused.extend(others.refused);
        self
    }

    /// The same signers, for an archive that may be read again: what is verified for it once is not
    /// verified again.
    pub(super) fn for_archive(self, archive: &Archive) -> AllowedSigners {
        AllowedSigners { verified: VerifiedSignatures::of(archive), ..self }
    }

    /// The key that has signed a statement, whoever it is.
    pub(super) fn signer_of(&self, signature: &str, statement: &str) -> Result<KeyData, Unsigned> {
        match &self.verified {
            Some(verified) => verified.signer(signature, statement),
            None => signature::signer(signature, statement),
        }
    }

    /// Verifies that `by` signed a statement at a time with a key that may.
    ///
    /// # Errors
    /// See [`Unsigned`].
    pub fn verify(&self, signature: &str, statement: &str, by: &RecordId, at: DateTime<FixedOffset>) -> Result<(), Unsigned> {
        let key = self.signer_of(signature, statement)?;
        if self.allows(&by.0, &key, at) { Ok(()) } else { Err(Unsigned::Untrusted) }
    }

    /// Whether the armoured signature over a paper is by a key that is listed for anybody at a
    /// time.
    pub(super) fn has_signed(&self, namespace: &str, text: &str, armour: &str, at: DateTime<FixedOffset>) -> bool {
        signature::signer_beside(namespace, text, armour).is_some_and(|key| self.has(&key, at))
    }

    /// Whether a key is listed for anybody at a time.
    pub fn has(&self, key: &KeyData, at: DateTime<FixedOffset>) -> bool {
        self.signers.iter().any(|signer| signer.key == *key && signer.options.allow(at))
    }

    /// Those for whom a key may sign approvals at a time, as far as they are named and not by a
    /// pattern; in their order.
    pub fn named(&self, key: &KeyData, at: DateTime<FixedOffset>) -> Vec<&str> {
        let lists = self.signers.iter().filter(|signer| signer.key == *key && signer.options.allow(at));
        let names = lists.flat_map(|signer| signer.principals.split(',')).filter(|name| !name.contains(['*', '?', '!']));
        names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// Whether nobody is listed.
    pub fn is_empty(&self) -> bool {
        self.signers.is_empty()
    }

    /// Whether somebody may sign approvals with a key at a time.
    pub fn allows(&self, principal: &str, key: &KeyData, at: DateTime<FixedOffset>) -> bool {
        self.signers.iter().any(|signer| signer.key == *key && in_list(&signer.principals, principal) && signer.options.allow(at))
    }
}

impl Options {
    fn allow(&self, at: DateTime<FixedOffset>) -> bool {
        self.namespaces.as_deref().is_none_or(|list| in_list(list, NAMESPACE))
            && self.valid_after.is_none_or(|after| after <= at)
            && self.valid_before.is_none_or(|before| at <= before)
    }
}

fn signer(line: &str, zone: Zone) -> Result<Signer, Refusal> {
    let (principals, rest) = word(line)?;
    let principals = unquoted(principals).unwrap_or(principals).to_owned();
    if let Ok(key) = PublicKey::from_openssh(rest) {
        return Ok(Signer { principals, key: key.key_data().clone(), options: Options::default() });
    }
    let (options, rest) = word(rest)?;
    let options = read_options(options, zone)?;
    let key = PublicKey::from_openssh(rest).map_err(|_| Refusal::Key)?;
    Ok(Signer { principals, key: key.key_data().clone(), options })
}

/// The first word, in which white space between quotation marks does not count, and what follows
/// it.
fn word(text: &str) -> Result<(&str, &str), Refusal> {
    let end = outside_quotes(text, |c| c == ' ' || c == '\t')?.unwrap_or(text.len());
    Ok((&text[..end], text[end..].trim_start()))
}

/// Where a character stands first outside quotation marks.
fn outside_quotes(text: &str, sought: impl Fn(char) -> bool) -> Result<Option<usize>, Refusal> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if !quoted && sought(c) => return Ok(Some(at)),
            _ => {}
        }
    }
    if quoted { Err(Refusal::Quote) } else { Ok(None) }
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

fn read_options(mut text: &str, zone: Zone) -> Result<Options, Refusal> {
    let mut options = Options::default();
    while !text.is_empty() {
        let end = outside_quotes(text, |c| c == ',')?.unwrap_or(text.len());
        let (name, value) = text[..end].split_once('=').unwrap_or((&text[..end], ""));
        options.read(&name.to_ascii_lowercase(), value, zone)?;
        text = text[end..].strip_prefix(',').unwrap_or_default();
    }
    Ok(options)
}

impl Options {
    fn read(&mut self, name: &str, value: &str, zone: Zone) -> Result<(), Refusal> {
        let value = unquoted(value);
        let once = match (name, value) {
            ("cert-authority", _) => return Err(Refusal::Authority),
            ("namespaces", Some(list)) => self.namespaces.replace(list.to_owned()).is_none(),
            ("valid-after", Some(text)) => self.valid_after.replace(time(text, zone)?).is_none(),
            ("valid-before", Some(text)) => self.valid_before.replace(time(text, zone)?).is_none(),
            _ => false,
        };
        if once { Ok(()) } else { Err(Refusal::Option) }
    }
}

fn time(text: &str, zone: Zone) -> Result<DateTime<FixedOffset>, Refusal> {
    let (digits, zone) = match text.strip_suffix('Z') {
        Some(digits) => (digits, Zone::GREENWICH),
        None => (text, zone),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::Time);
    }
    let moment = match digits.len() {
        8 => NaiveDate::parse_from_str(digits, "%Y%m%d").ok().map(|day| day.and_time(NaiveTime::MIN)),
        12 => NaiveDateTime::parse_from_str(&format!("{digits}00"), "%Y%m%d%H%M%S").ok(),
        14 => NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok(),
        _ => None,
    };
    moment.and_then(|moment| zone.moment(moment)).ok_or(Refusal::Time)
}

/// Whether a list of patterns, separated by commas, names a text: one of them must match, and none
/// that begins with `!`.
fn in_list(list: &str, text: &str) -> bool {
    let (never, some): (Vec<&str>, Vec<&str>) = list.split(',').partition(|pattern| pattern.starts_with('!'));
    some.iter().any(|pattern| matches(pattern, text)) && !never.iter().any(|pattern| matches(&pattern[1..], text))
}

/// Whether a pattern with `*` and `?` matches a text whole. Linear in the product of both, however
/// many stars there are.
fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for p in pattern.chars() {
        if p == '*' {
            let first = reached.iter().position(|&r| r).unwrap_or(reached.len());
            reached[first..].fill(true);
        } else {
            for at in (0..text.len()).rev() {
                reached[at + 1] = reached[at] && (p == '?' || p == text[at]);
            }
            reached[0] = false;
        }
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::shape::timestamp;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    fn allowed(lines: &str) -> AllowedSigners {
        AllowedSigners::parse(&lines.replace("KEY", KEY), Zone::read("+08:00").expect("eight hours are an offset"))
    }

    /// Whether the line lets `who` sign at noon (in China) of 5 March 2026.
    fn lets(line: &str, who: &str) -> bool {
        lets_at(line, who, "2026-03-05T12:00:00+08:00")
    }

    fn lets_at(line: &str, who: &str, at: &str) -> bool {
        let key = PublicKey::from_openssh(KEY).expect("the key of this test is one");
        allowed(line).allows(who, key.key_data(), timestamp(at).expect("the time of this test is one"))
    }

    #[test]
    fn principals_are_patterns() {
        for (patterns, who, expected) in [
            ("*", "zhao.min", true),
            ("zhao.min", "zhao.min", true),
            ("zhao.min", "Zhao.min", false),
            ("zhao.*", "zhao.min", true),
            ("zhao.m?n", "zhao.min", true),
            ("zhao.m?n", "zhao.miin", false),
            ("li.na,zhao.min", "zhao.min", true),
            ("*,!zhao.min", "zhao.min", false),
            ("*,!zhao.min", "li.na", true),
            ("!zhao.min", "li.na", false),
            ("\"li.na,zhao.min\"", "zhao.min", true),
            ("\"zhao min\"", "zhao min", true),
            ("赵*", "赵敏", true),
            ("*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(lets(&format!("{patterns} KEY"), who), expected, "{patterns} for {who}");
        }
    }

    #[test]
    fn options_narrow_what_a_key_may() {
        for (options, expected) in [
            ("namespaces=\"chancery\"", true),
            ("NAMESPACES=\"git,chan*\"", true),
            ("namespaces=\"git\"", false),
            ("valid-after=\"20260305\"", true),
            ("valid-after=\"202603051200\"", true),
            ("valid-after=\"20260305120001\"", false),
            ("valid-after=\"20260305120000Z\"", false),
            ("valid-before=\"20260305\"", false),
            ("valid-before=\"20260305040000Z\"", true),
            ("namespaces=\"chancery\",valid-after=\"20250101\",valid-before=\"20270101\"", true),
        ] {
            assert_eq!(lets(&format!("* {options} KEY comment of it"), "x"), expected, "{options}");
        }
        let noon = "20260305120000";
        assert!(lets_at(&format!("* valid-before=\"{noon}\" KEY"), "x", "2026-03-05T12:00:00+08:00"), "the last second counts");
        assert!(!lets_at(&format!("* valid-before=\"{noon}\" KEY"), "x", "2026-03-05T12:00:01+08:00"));
    }

    #[test]
    fn a_line_that_cannot_be_read_allows_nobody_and_is_told() {
        let refused = |line: &str| allowed(line).refused.into_iter().map(|line| line.why).collect::<Vec<_>>();
        assert_eq!(refused("# a comment\n\n  \n* KEY"), []);
        for (line, why) in [
            ("*", Refusal::Key),
            ("* ssh-ed25519 AAAA", Refusal::Option),
            ("* namespaces=\"chancery\" ssh-ed25519 AAAA", Refusal::Key),
            ("* cert-authority KEY", Refusal::Authority),
            ("* no-such-option KEY", Refusal::Option),
            ("* namespaces=chancery KEY", Refusal::Option),
            ("* namespaces=\"git\",namespaces=\"chancery\" KEY", Refusal::Option),
            ("* valid-after=\"2026-03-05\" KEY", Refusal::Time),
            ("* valid-after=\"20260230\" KEY", Refusal::Time),
            ("\"* KEY", Refusal::Quote),
        ] {
            assert_eq!(refused(line), [why], "{line}");
            assert!(!lets(line, "x"), "{line}");
        }
    }
}
