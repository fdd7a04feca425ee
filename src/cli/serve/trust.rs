//! Whom the server trusts, and the key with which it signs for whoever is signed in. Both lie in
//! its state, which no editor of records reaches.

use super::super::{
    Workplace, state,
    theme::{self, Grounds},
};
use crate::{
    approval::{AllowedSigners, NAMESPACE, PrivateKey, Register, TrustedSettings, trusted_settings},
    archive::{Settings, Zone},
    edit,
    render::Theme,
    server::{ServerError, Trust},
    source::{RecordId, SETTINGS, SIGNERS},
    store::{SeenApprovals, Wait},
};
use anyhow::{Context, anyhow, bail};
use chrono::Utc;
use ssh_key::{LineEnding, private::Ed25519Keypair};
use std::{fs, path::Path};

/// The keys that are trusted outside the archive, in the state's folder.
pub(in crate::cli) const TRUSTED: &str = "trusted_signers";
/// The server's own key, in the state's folder.
pub(in crate::cli) const KEY: &str = "keys/server";

/// What a server goes by: whose approvals count, and the settings and the theme that they have
/// signed.
pub(super) struct Trusted {
    pub trust: Trust,
    pub settings: Settings,
    pub theme: Theme,
}

/// Everything that the list in the state's folder stands behind.
pub(super) fn trusted(workplace: &Workplace, state: &Path, approvals: &dyn SeenApprovals) -> anyhow::Result<Trusted> {
    let path = state.join(TRUSTED);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (sources, remembered) = (workplace.sources()?, approvals.remembered().wait()?);
    let day = workplace.asked_day().unwrap_or_else(|| Utc::now().date_naive());
    // The settings say in which zone a key's time ends: until they are believed it is Greenwich's.
    let signers = listed(workplace, &path, &text, Settings::default().zone())?;
    let judged = trusted_settings(&sources, &remembered, None, &signers, day);
    let TrustedSettings { settings, .. } = judged.map_err(|one| refused(workplace, ServerError::Untrusted(vec![one])))?;
    let signers = listed(workplace, &path, &text, settings.zone())?;
    let (register, _) = Register::of(&sources, &remembered);
    let theme = theme::trusted(workplace, &settings, state, &Grounds { signers: &signers, register: &register, day })?;
    Ok(Trusted { trust: Trust::Signers(signers), settings, theme })
}

/// The keys of the list in a folder of state, as far as its lines can be understood; `None` where
/// there is none.
///
/// # Errors
/// Where it cannot be read.
pub(in crate::cli) fn listed_in(state: &Path, zone: Zone) -> anyhow::Result<Option<AllowedSigners>> {
    let path = state.join(TRUSTED);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(AllowedSigners::parse(&text, zone))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// The keys of the list, of which every line must be understood.
fn listed(workplace: &Workplace, path: &Path, text: &str, zone: Zone) -> anyhow::Result<AllowedSigners> {
    let signers = AllowedSigners::parse(text, zone);
    if let Some(line) = signers.refused.first() {
        let why = workplace.say([line.why.zh(), &line.why.to_string()]).to_owned();
        bail!("{}: {why}: {}", path.display(), &text[line.bytes.clone()]);
    }
    if !signers.is_empty() {
        return Ok(signers);
    }
    let words = [
        "{path} 中没有可信的密钥：请按 ssh-keygen 的 ALLOWED SIGNERS 格式写入可以批准制度的人及其公钥，例如\n  lu.mingyuan namespaces=\"chancery\" ssh-ed25519 AAAA…\n只想看看，可用 chancery serve --demo",
        "there is no trusted key in {path}: name who may approve policies, with the public key, in the format of ssh-keygen's ALLOWED SIGNERS, as\n  lu.mingyuan namespaces=\"chancery\" ssh-ed25519 AAAA…\nJust to have a look: chancery serve --demo",
    ];
    bail!("{}", workplace.say(words).replace("{path}", &path.display().to_string()))
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
        "下列文件没有可信的批准，暂不提供服务（否则谁改动它们，谁就能给自己权限）：",
        "these have no approval that can be trusted, so nothing is served (whoever edits one could let himself in):",
    ]);
    let is_of = |paper: &str| lines.iter().all(|line| line.trim_start().starts_with(&format!("{paper} ")));
    if let Some(paper) = [SETTINGS, SIGNERS].into_iter().find(|paper| is_of(paper)) {
        let fix = workplace.say([
            "请由 trusted_signers 中的人签署：chancery approve {paper} --key FILE",
            "have somebody listed in trusted_signers sign it: chancery approve {paper} --key FILE",
        ]);
        return anyhow!("{head}\n{}\n{}", lines.join("\n"), fix.replace("{paper}", paper));
    }
    let fix = workplace.say([
        "请由批准人签署：chancery approve policies/NAME --step POST --key FILE；其公钥须在 trusted_signers 中，或在 policies/allowed_signers 中并由可信密钥签署（chancery approve policies/allowed_signers --key FILE）",
        "have them approved: chancery approve policies/NAME --step POST --key FILE; the key is listed in trusted_signers, or in policies/allowed_signers with a trusted key's signature over that file (chancery approve policies/allowed_signers --key FILE)",
    ]);
    anyhow!("{head}\n{}\n{fix}", lines.join("\n"))
}

/// The server's own key, made where there is none.
pub(super) fn server_key(workplace: &Workplace, folder: &Path) -> anyhow::Result<PrivateKey> {
    let path = folder.join(KEY);
    if !path.exists() {
        edit::create_private(folder, &KEY.into(), &new_key("server")?.to_openssh(LineEnding::LF)?)?;
    }
    state::private_key(workplace, &path)
}

/// A key with a comment that says whose it is.
pub(in crate::cli) fn new_key(whose: &str) -> anyhow::Result<PrivateKey> {
    let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&super::super::new::random()?));
    key.set_comment(whose);
    Ok(key)
}

/// The line by which a list lets a key sign for somebody.
pub(in crate::cli) fn signer_line(who: &RecordId, key: &PrivateKey) -> anyhow::Result<String> {
    Ok(format!("{who} namespaces=\"{NAMESPACE}\" {}", key.public_key().to_openssh()?))
}
