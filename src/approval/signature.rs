//! Signatures in the format of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), armoured on one
//! line.

use super::{Seal, Subject, statement};
use crate::source::RecordId;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use ssh_key::{HashAlg, LineEnding, PrivateKey, SshSig, private::Ed25519Keypair, public::KeyData};

/// The namespace of signatures over approvals (`ssh-keygen -Y verify -n`).
pub const NAMESPACE: &str = "chancery";
/// The namespace of the signature over a list of signers: no statement of an approval passes for
/// one.
pub(super) const LIST_NAMESPACE: &str = "chancery-signers";
const HEAD: &str = "-----BEGIN SSH SIGNATURE-----";
const FOOT: &str = "-----END SSH SIGNATURE-----";

/// Why a key cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error("the key is protected by a passphrase; take it off a copy with ssh-keygen -p")]
    Encrypted,
    #[error("the key cannot sign: {0} (Chancery signs with ed25519 keys)")]
    Key(#[from] ssh_key::Error),
}

/// Reads a private key in OpenSSH's format.
///
/// # Errors
/// Where it is none, or protected by a passphrase.
pub fn read_key(text: &str) -> Result<PrivateKey, SigningError> {
    let key = PrivateKey::from_openssh(text)?;
    if key.is_encrypted() { Err(SigningError::Encrypted) } else { Ok(key) }
}

/// The key that signs the approvals in the examples of policies: nobody's, the same for all, and
/// trusted there alone.
pub fn key_of_examples() -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[0; 32]))
}

/// Signs a statement: the armour's base64 on one line.
///
/// # Errors
/// Where the key cannot sign.
pub fn sign(statement: &str, key: &PrivateKey) -> Result<String, SigningError> {
    in_namespace(NAMESPACE, statement, key)
}

fn in_namespace(namespace: &str, text: &str, key: &PrivateKey) -> Result<String, SigningError> {
    if key.is_encrypted() {
        return Err(SigningError::Encrypted);
    }
    let armour = key.sign(namespace, HashAlg::Sha512, text.as_bytes())?.to_pem(LineEnding::LF)?;
    Ok(one_line(&armour))
}

fn one_line(armour: &str) -> String {
    armour.lines().filter(|line| !line.starts_with("-----")).collect()
}

/// Reads a signature that is written in the one way in which it can be.
fn read(text: &str) -> Option<SshSig> {
    let signature = SshSig::from_pem(armoured(text)).ok()?;
    let again = one_line(&signature.to_pem(LineEnding::LF).ok()?);
    (signature.version() == SshSig::VERSION && again == text).then_some(signature)
}

/// The armour that `ssh-keygen -Y verify` reads.
pub fn armoured(signature: &str) -> String {
    let mut armour = format!("{HEAD}\n");
    for (place, c) in signature.chars().enumerate() {
        if place > 0 && place % 70 == 0 {
            armour.push('\n');
        }
        armour.push(c);
    }
    armour + "\n" + FOOT + "\n"
}

/// Why a signature counts for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsigned {
    /// It is not of the format.
    Unreadable,
    /// It is of another statement, or another namespace.
    Other,
    /// Its key is none that may sign for this person at that time.
    Untrusted,
}

/// The key that has signed a statement, whoever it is.
///
/// # Errors
/// Where none has: see [`Unsigned`].
pub(super) fn signer(signature: &str, statement: &str) -> Result<KeyData, Unsigned> {
    let signature = read(signature).ok_or(Unsigned::Unreadable)?;
    let key = ssh_key::PublicKey::from(signature.public_key().clone());
    key.verify(NAMESPACE, statement.as_bytes(), &signature).map_err(|_| Unsigned::Other)?;
    Ok(key.key_data().clone())
}

/// Signs a paper, beside which the signature is to lie: the armour as `ssh-keygen -Y sign` writes
/// it.
///
/// # Errors
/// Where the key cannot sign.
pub(super) fn sign_beside(namespace: &str, text: &str, key: &PrivateKey) -> Result<String, SigningError> {
    Ok(armoured(&in_namespace(namespace, text, key)?))
}

/// The key that has signed a paper, whoever it is; the signature is armoured.
pub(super) fn signer_beside(namespace: &str, text: &str, armour: &str) -> Option<KeyData> {
    let lines = armour.trim_end().strip_prefix(HEAD)?.strip_suffix(FOOT)?;
    let signature = read(&lines.split_whitespace().collect::<String>())?;
    let key = ssh_key::PublicKey::from(signature.public_key().clone());
    key.verify(namespace, text.as_bytes(), &signature).ok()?;
    Some(key.key_data().clone())
}

/// A moment as entries write it.
pub fn written(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A signed entry: its keys and values, in the order in which they are written.
///
/// # Errors
/// Where the key cannot sign.
pub fn entry(
    subject: &Subject,
    step: &str,
    by: &RecordId,
    at: DateTime<FixedOffset>,
    seal: &Seal,
    key: &PrivateKey,
) -> Result<[(&'static str, String); 5], SigningError> {
    let at = written(at);
    let signature = sign(&statement(subject, step, by, &at, seal), key)?;
    Ok([("step", step.to_owned()), ("by", by.to_string()), ("at", at), ("seal", seal.to_string()), ("signature", signature)])
}
