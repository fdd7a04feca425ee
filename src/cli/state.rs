//! Who else could read or write what rights rest on, told from the modes of files as OpenSSH does:
//! who may write the list of trusted keys trusts himself, and who may read a key signs with it.
//! Such a file is refused, with what is to be done; it is never mended behind somebody's back.

use super::Workplace;
use crate::approval::{self, PrivateKey};
use anyhow::{Context, bail};
use rustix::process::geteuid;
use std::{
    fs::{self, File, Metadata},
    io::{ErrorKind, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The group and all others may write.
const WRITABLE: u32 = 0o022;
/// The group or any other may do anything.
const OPEN: u32 = 0o077;
/// Any other may do anything; a group may be meant to read a certificate's key.
const PUBLIC: u32 = 0o007;
/// In such a folder nobody moves away what is another's.
const STICKY: u32 = 0o1000;

/// No key is longer.
const LONGEST_KEY: u64 = 64 << 10;

/// What lies in a folder of state, as far as it has a name of its own, and what nobody else may do
/// there.
const NAMED: [(&str, u32); 12] = [
    ("trusted_signers", WRITABLE),
    ("server.yaml", WRITABLE),
    ("keys", WRITABLE),
    ("themes", WRITABLE),
    ("accounts.db", OPEN),
    ("accounts.db-wal", OPEN),
    ("accounts.db-shm", OPEN),
    ("slack", WRITABLE),
    ("access-log", OPEN),
    ("access-log.db", OPEN),
    ("access-log.db-wal", OPEN),
    ("access-log.db-shm", OPEN),
];

/// Refuses a folder of state in which others may write, or read what is secret, or something is
/// another's. One that is not there yet is made for its owner alone. An administrator may help an
/// account with its own.
pub(super) fn guard(workplace: &Workplace, folder: &Path) -> anyhow::Result<()> {
    let helped = fs::metadata(folder).ok().map(|metadata| metadata.uid()).filter(|_| geteuid().is_root());
    let shut = |path: &Path, shut: u32| owned(workplace, path, helped).and_then(|()| closed(workplace, path, shut));
    shut(folder, WRITABLE)?;
    NAMED.iter().try_for_each(|(name, nothing)| shut(&folder.join(name), *nothing))?;
    for secret in ["keys", "access-log"] {
        below(&folder.join(secret))?.iter().try_for_each(|file| shut(file, OPEN))?;
    }
    for theme in below(&folder.join("themes"))? {
        shut(&theme, WRITABLE)?;
        below(&theme)?.iter().try_for_each(|file| shut(file, WRITABLE))?;
    }
    Ok(())
}

/// The same for a server that trusts what lies there: nor may others put another folder in its
/// place, from any folder above it.
pub(super) fn guard_whole(workplace: &Workplace, folder: &Path) -> anyhow::Result<()> {
    guard(workplace, folder)?;
    owned(workplace, folder, None)?;
    let whole = folder.canonicalize().or_else(|_| std::path::absolute(folder))?;
    for above in whole.ancestors().skip(1) {
        // What is not there yet is made for its owner alone.
        let Ok(metadata) = fs::metadata(above) else { continue };
        owned(workplace, above, None)?;
        if metadata.mode() & WRITABLE != 0 && metadata.mode() & STICKY == 0 {
            bail!(
                "{}: {}",
                above.display(),
                workplace
                    .say([
                        "他人可以在此写入，从而换掉其中的状态文件夹；请 chmod go-w {path}，或用 --state 把状态放在别处",
                        "others may write here, and so put another folder of state in its place; chmod go-w {path}, or keep the state elsewhere with --state",
                    ])
                    .replace("{path}", &above.display().to_string())
            );
        }
    }
    Ok(())
}

/// Reads a private key that nobody else may read.
pub(super) fn private_key(workplace: &Workplace, path: &Path) -> anyhow::Result<PrivateKey> {
    let named = || path.display().to_string();
    // The file that is read is the one that was looked at.
    let file = File::open(path).with_context(named)?;
    open_to_none(workplace, path, &file.metadata().with_context(named)?, OPEN)?;
    let mut text = String::new();
    file.take(LONGEST_KEY).read_to_string(&mut text).with_context(named)?;
    approval::read_key(&text).with_context(named)
}

/// Refuses a configuration that others may write: it says whose word is taken for whoever asks.
pub(super) fn config(workplace: &Workplace, path: &Path) -> anyhow::Result<()> {
    owned(workplace, path, None)?;
    closed(workplace, path, WRITABLE)
}

/// Refuses a certificate's key that all the world may read.
pub(super) fn certificate_key(workplace: &Workplace, path: &Path) -> anyhow::Result<()> {
    closed(workplace, path, PUBLIC)
}

/// Refuses what is neither ours, nor root's, nor that of the account that is helped: its owner may
/// write it, whatever its mode says.
fn owned(workplace: &Workplace, path: &Path, helped: Option<u32>) -> anyhow::Result<()> {
    let own = geteuid().as_raw();
    let trusted = |owner: &u32| [0, own].contains(owner) || helped == Some(*owner);
    let Some(owner) = fs::metadata(path).ok().map(|metadata| metadata.uid()).filter(|owner| !trusted(owner)) else { return Ok(()) };
    let words = [
        "属于另一账户（{owner}），其人可以改写或调换，因此不予采信；请 chown {own} {path}，或用 --state 把状态放在别处",
        "another account ({owner}) owns it and may change or replace it, so it is not believed; chown {own} {path}, or keep the state elsewhere with --state",
    ];
    let (owner, own) = (owner.to_string(), helped.unwrap_or(own).to_string());
    let said = workplace.say(words).replace("{owner}", &owner).replace("{own}", &own);
    bail!("{}: {}", path.display(), said.replace("{path}", &path.display().to_string()))
}

fn closed(workplace: &Workplace, path: &Path, shut: u32) -> anyhow::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) => open_to_none(workplace, path, &metadata, shut),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => Ok(()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn open_to_none(workplace: &Workplace, path: &Path, metadata: &Metadata, shut: u32) -> anyhow::Result<()> {
    if metadata.mode() & shut == 0 {
        return Ok(());
    }
    let words = match shut {
        WRITABLE => ["他人可以写入，因此不予采信；请 chmod go-w {path}", "others may write it, so it is not believed; chmod go-w {path}"],
        _ if metadata.is_dir() => ["他人可以读取；请 chmod 700 {path}", "others may read it; chmod 700 {path}"],
        PUBLIC => ["人人可以读取这把私钥；请 chmod o= {path}", "all the world may read this private key; chmod o= {path}"],
        _ => ["他人可以读取，因此不予使用；请 chmod 600 {path}", "others may read it, so it is not used; chmod 600 {path}"],
    };
    let mode = metadata.mode() & 0o777;
    bail!("{} ({mode:04o}): {}", path.display(), workplace.say(words).replace("{path}", &path.display().to_string()))
}

/// What lies in a folder; nothing where there is none.
fn below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
