//! Passwords: Argon2id (RFC 9106) with the crate's recommended parameters.

use super::StoreError;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

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
