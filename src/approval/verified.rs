//! Whose signature it is that stands under a statement: that never changes, so a pair that was
//! verified before is not verified again.

use super::{Unsigned, signature::signer};
use crate::archive::Archive;
use sha2::{Digest, Sha256};
use ssh_key::public::KeyData;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// When there are so many they are thrown away: those of what is gone with the rest.
const KEPT: usize = 1 << 18;

/// A memo of verified signatures, by the digest of signature and statement.
#[derive(Default, Debug)]
pub(super) struct VerifiedSignatures(Mutex<HashMap<[u8; 32], Result<KeyData, Unsigned>>>);

impl VerifiedSignatures {
    /// The memo that goes with an archive from one reading to the next, where it is read again.
    pub fn of(archive: &Archive) -> Option<Arc<VerifiedSignatures>> {
        let sources = &archive.sources;
        sources.has_memory().then(|| sources.kept().or_made(|_| true, VerifiedSignatures::default))
    }

    /// The key that has signed a statement.
    ///
    /// # Errors
    /// Where none has: the signature cannot be read, or is of another statement.
    pub fn signer(&self, signature: &str, statement: &str) -> Result<KeyData, Unsigned> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = digest(signature, statement);
        if let Some(outcome) = known().get(&digest) {
            return outcome.clone();
        }
        let outcome = signer(signature, statement);
        let mut known = known();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(digest, outcome.clone());
        outcome
    }
}

/// Of both, and of where the one ends.
fn digest(signature: &str, statement: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update((signature.len() as u64).to_le_bytes());
    digest.update(signature);
    digest.update(statement);
    digest.finalize().into()
}
