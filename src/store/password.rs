//! Passwords: what one has to be like, and its hash by Argon2id (RFC 9106) with the crate's
//! recommended parameters.

use super::{StoreError, common::is_common};
use crate::{diagnostic::Words, source::RecordId};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use unicode_width::UnicodeWidthChar;

/// Characters of a password that can be seen.
const SHORTEST: usize = 8;
pub const LONGEST_PASSWORD: usize = 256;

/// A password that a person may take for an account.
#[derive(Clone)]
pub struct Chosen(String);

/// Why a password may not be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    TooShort,
    TooLong,
    /// It is the person's id, which everybody knows, or the id with figures and signs around it.
    OwnId,
    /// It is among those that are tried first.
    Common,
}

impl Chosen {
    /// The one rule, for the terminal and the browser.
    ///
    /// # Errors
    /// Where it is too easily guessed, or longer than anybody's.
    pub fn new(person: &RecordId, written: &str) -> Result<Chosen, Unfit> {
        match written.chars().filter(|c| is_seen(*c)).count() {
            _ if written.chars().count() > LONGEST_PASSWORD => Err(Unfit::TooLong),
            ..SHORTEST => Err(Unfit::TooShort),
            _ if is_named_by(written, person) => Err(Unfit::OwnId),
            _ if is_common(written) => Err(Unfit::Common),
            _ => Ok(Chosen(written.to_owned())),
        }
    }

    /// # Errors
    /// See [`Password::new`].
    pub fn hash(&self) -> Result<Password, StoreError> {
        Password::new(&self.0)
    }
}

/// Neither a space, nor of no width, nor one of the letters that are drawn as nothing (Unicode's
/// Default_Ignorable_Code_Point, and the blank of Braille).
fn is_seen(c: char) -> bool {
    let is_blank = matches!(c, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}');
    !c.is_whitespace() && !is_blank && c.width().is_some_and(|width| width > 0)
}

fn is_named_by(password: &str, person: &RecordId) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect::<String>();
    let (id, given) = (letters(&person.0), letters(password));
    !id.is_empty() && (given == id || given.chars().rev().eq(id.chars()))
}

impl Unfit {
    pub fn words(self) -> Words {
        match self {
            Unfit::TooShort => Words::new(
                format!("密码至少 {SHORTEST} 个字符，空格和看不见的字符不算。"),
                format!("A password has at least {SHORTEST} characters; spaces and what cannot be seen do not count."),
            ),
            Unfit::TooLong => Words::new(
                format!("密码至多 {LONGEST_PASSWORD} 个字符。"),
                format!("A password has at most {LONGEST_PASSWORD} characters."),
            ),
            Unfit::OwnId => Words::new(
                "密码不能与人员编号相同，也不能只是在编号上加数字或符号。",
                "A password must not be the person's own id, nor the id with figures or signs added.",
            ),
            Unfit::Common => Words::new(
                "这个密码太常见，最先被人猜到。请换一个，比如几个不相干的词。",
                "This password is among the first that anybody tries. Take another: a few unrelated words, say.",
            ),
        }
    }
}

/// The hash of a password, in the PHC string format.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Password {
    /// Hashes a password. Takes some 20 ms and 19 MiB.
    ///
    /// # Errors
    /// Where it is longer than the algorithm takes, or no random salt can be had.
    pub fn new(password: &str) -> Result<Password, StoreError> {
        let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(|e| StoreError::Password(e.to_string()))?;
        Ok(Password(hash.to_string()))
    }

    pub(super) fn from_hash(hash: String) -> Password {
        Password(hash)
    }

    pub(super) fn hash(&self) -> &str {
        &self.0
    }

    /// Whether this is the password. Takes as long for a wrong one.
    pub fn verify(&self, password: &str) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_its_measure_and_is_not_the_persons_id() {
        let person = RecordId::from("Zhao.Min");
        let fault = |written: &str| Chosen::new(&person, written).err();
        assert_eq!(fault("七个汉字还不够"), Some(Unfit::TooShort));
        assert_eq!(fault("八个汉字就够了吗"), None);
        for id in ["zhao.min1", "ZHAO.MIN", "zhaomin2026", "!zhao_min!", "nim.oahz1"] {
            assert_eq!(fault(id), Some(Unfit::OwnId), "{id}");
        }
        assert_eq!((fault(&"八个汉字".repeat(64)), fault(&"字".repeat(257))), (None, Some(Unfit::TooLong)));
        assert_eq!(
            (fault("12345678"), fault("Password1"), fault("aaaaaaaaaa")),
            (Some(Unfit::Common), Some(Unfit::Common), Some(Unfit::Common))
        );
    }

    #[test]
    fn what_cannot_be_seen_makes_no_password_longer() {
        let person = RecordId::from("zhao.min");
        for unseen in [' ', '\u{200b}', '\u{3000}', '\u{feff}', '\u{3164}', '\u{2800}', '\u{ad}', '\u{301}', '\u{7}', '\u{e0041}'] {
            let all = unseen.to_string().repeat(8);
            assert_eq!(Chosen::new(&person, &all).err(), Some(Unfit::TooShort), "{unseen:?}");
            assert_eq!(Chosen::new(&person, &format!("Mz7!kq2{all}")).err(), Some(Unfit::TooShort), "{unseen:?}");
        }
        assert!(Chosen::new(&person, " Mz7! kq2w ").is_ok());
    }
}
