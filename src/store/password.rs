//! Passwords: what one has to be like, and its hash by Argon2id (RFC 9106) with the crate's recommended parameters.

use super::StoreError;
use crate::{diagnostic::Words, source::RecordId};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

/// Characters of a password.
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
    /// It is the person's id, which everybody knows.
    OwnId,
}

impl Chosen {
    /// The one rule, for the terminal and the browser.
    ///
    /// # Errors
    /// Where it is too easily guessed, or longer than anybody's.
    pub fn new(person: &RecordId, written: &str) -> Result<Chosen, Unfit> {
        match written.chars().count() {
            SHORTEST..=LONGEST_PASSWORD if written.to_lowercase() == person.0.to_lowercase() => Err(Unfit::OwnId),
            SHORTEST..=LONGEST_PASSWORD => Ok(Chosen(written.to_owned())),
            ..SHORTEST => Err(Unfit::TooShort),
            _ => Err(Unfit::TooLong),
        }
    }

    /// # Errors
    /// See [`Password::new`].
    pub fn hash(&self) -> Result<Password, StoreError> {
        Password::new(&self.0)
    }
}

impl Unfit {
    pub fn words(self) -> Words {
        match self {
            Unfit::TooShort => {
                Words::new(format!("密码至少 {SHORTEST} 个字符。"), format!("A password has at least {SHORTEST} characters."))
            }
            Unfit::TooLong => Words::new(
                format!("密码至多 {LONGEST_PASSWORD} 个字符。"),
                format!("A password has at most {LONGEST_PASSWORD} characters."),
            ),
            Unfit::OwnId => Words::new("密码不能与人员编号相同。", "A password must not be the person's own id."),
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
