//! Whom the server trusts, and the key with which it signs for who is signed in. Both lie in its state, which no editor of records reaches.

use super::super::Workplace;
use crate::{
    approval::{self, AllowedSigners, NAMESPACE, PrivateKey},
    edit,
    server::{ServerError, Trust},
    source::RecordId,
};
use anyhow::{Context, anyhow, bail};
use ssh_key::{LineEnding, private::Ed25519Keypair};
use std::{fs, path::Path};

/// The keys that are trusted outside the archive, in the state's folder.
pub(in crate::cli) const TRUSTED: &str = "trusted_signers";
const KEY: &str = "keys/server";

/// Who is trusted, by the list in the state's folder.
pub(super) fn trusted(workplace: &Workplace, state: &Path) -> anyhow::Result<Trust> {
    let path = state.join(TRUSTED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!("{}", missing(workplace, &path)),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let signers = AllowedSigners::parse(&text, workplace.zone());
    if let Some(line) = signers.refused.first() {
        let why = workplace.say([line.why.zh(), &line.why.to_string()]).to_owned();
        bail!("{}: {why}: {}", path.display(), &text[line.bytes.clone()]);
    }
    if signers.is_empty() {
        bail!("{}", missing(workplace, &path));
    }
    Ok(Trust::Signers(signers))
}

fn missing(workplace: &Workplace, path: &Path) -> String {
    let words = [
        "{path} 中没有可信的密钥：请按 ssh-keygen 的 ALLOWED SIGNERS 格式写入可以批准制度的人及其公钥，例如\n  lu.mingyuan namespaces=\"chancery\" ssh-ed25519 AAAA…\n只想看看，可用 chancery serve --demo",
        "there is no trusted key in {path}: name who may approve policies, with the public key, in the format of ssh-keygen's ALLOWED SIGNERS, as\n  lu.mingyuan namespaces=\"chancery\" ssh-ed25519 AAAA…\nJust to have a look: chancery serve --demo",
    ];
    workplace.say(words).replace("{path}", &path.display().to_string())
}

/// Why the archive is not served, with what is to be done.
pub(super) fn refused(workplace: &Workplace, error: ServerError) -> anyhow::Error {
    let cause = |error: &ServerError| match error {
        ServerError::Untrusted(untrusted) => {
            Some(untrusted.iter().map(|one| format!("  {}  {}", one.path, one.why.get(workplace.lang))).collect::<Vec<_>>())
        }
        _ => None,
    };
    let told = match &error {
        ServerError::Looked(inner) => cause(inner),
        own => cause(own),
    };
    let Some(lines) = told else { return error.into() };
    let head = workplace.say([
        "下列制度没有可信的批准，暂不提供服务（否则谁改动制度，谁就能给自己权限）：",
        "these policies have no approval that can be trusted, so nothing is served (whoever edits a policy could let himself in):",
    ]);
    let fix = workplace.say([
        "请由批准人签署：chancery approve policies/NAME --step POST --key FILE；其公钥须在 trusted_signers 中，或在 policies/allowed_signers 中并由可信密钥签署（ssh-keygen -Y sign -f KEY -n chancery-signers policies/allowed_signers）",
        "have them approved: chancery approve policies/NAME --step POST --key FILE; the key is listed in trusted_signers, or in policies/allowed_signers with a trusted key's signature over that file (ssh-keygen -Y sign -f KEY -n chancery-signers policies/allowed_signers)",
    ]);
    anyhow!("{head}\n{}\n{fix}", lines.join("\n"))
}

/// The server's own key, made where there is none.
pub(super) fn server_key(state: &Path) -> anyhow::Result<PrivateKey> {
    let path = state.join(KEY);
    if !path.exists() {
        let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&super::super::new::random()?));
        key.set_comment("server");
        edit::create_private(state, &KEY.into(), &key.to_openssh(LineEnding::LF)?)?;
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    approval::read_key(&text).with_context(|| path.display().to_string())
}

/// The line by which a list lets a key sign for somebody.
pub(in crate::cli) fn signer_line(who: &RecordId, key: &PrivateKey) -> anyhow::Result<String> {
    Ok(format!("{who} namespaces=\"{NAMESPACE}\" {}", key.public_key().to_openssh()?))
}
