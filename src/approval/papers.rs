//! Papers that bear no approvals themselves and count as a whole: the settings, the list of
//! signers, a theme. Each is signed beside, in OpenSSH's form and in a namespace of its own, so
//! that no signature over one passes for another's. A server takes a paper as far as a key that it
//! trusts from outside the archive has signed it, and the register has no later one.

use super::{AllowedSigners, Register, Remembered, SigningError, Standing, Subject, Untrusted, paper_seal, signature};
use crate::{
    archive::Settings,
    diagnostic::{Finding, Words},
    source::{
        ArchivePath, REGISTER, Room, SETTINGS, SIGNERS, SourceFile, Sources, Span,
        theme::{THEMES, ThemeFiles, ThemeName},
    },
};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use sha2::{Digest, Sha256};
use ssh_key::PrivateKey;
use std::fmt::{self, Write};

/// A paper that is signed beside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Paper {
    Settings,
    Signers,
    Theme(ThemeName),
}

impl Paper {
    /// The paper of a name: its path, that of a theme's folder for a theme.
    pub fn named(name: &str) -> Option<Paper> {
        match name {
            SETTINGS => Some(Paper::Settings),
            SIGNERS => Some(Paper::Signers),
            path => path.strip_prefix(THEMES)?.strip_prefix('/').and_then(ThemeName::new).map(Paper::Theme),
        }
    }

    /// The file that is signed: of a theme the list of its files with their digests.
    pub fn path(&self) -> ArchivePath {
        match self {
            Paper::Theme(_) => format!("{self}.sha256").as_str().into(),
            Paper::Settings | Paper::Signers => self.to_string().as_str().into(),
        }
    }

    /// Where its signature lies, as `ssh-keygen -Y sign` names it.
    pub fn signature_path(&self) -> ArchivePath {
        format!("{}.sig", self.path()).as_str().into()
    }

    /// The namespace of its signature (`ssh-keygen -n`).
    pub fn namespace(&self) -> &'static str {
        match self {
            Paper::Settings => "chancery-settings",
            Paper::Signers => signature::LIST_NAMESPACE,
            Paper::Theme(_) => "chancery-theme",
        }
    }

    /// Signs its text: the armour as `ssh-keygen -Y sign` writes it.
    ///
    /// # Errors
    /// Where the key cannot sign.
    pub fn sign(&self, text: &str, key: &PrivateKey) -> Result<String, SigningError> {
        signature::sign_beside(self.namespace(), text, key)
    }

    /// What its text lacks to count on a day: a signature by one of these signers, or a place in
    /// force in the register.
    pub fn lack(&self, text: &str, armour: Option<&str>, signers: &AllowedSigners, register: &Register, day: NaiveDate) -> Option<Words> {
        let Some(armour) = armour else { return Some(Words::new("没有签名", "it is not signed")) };
        if !signers.has_signed(self.namespace(), text, armour, begun(day)) {
            return Some(Words::new("签名不是可信的密钥对现有内容所签", "its signature is none of a trusted key over what stands there"));
        }
        match register.standing(&self.clone().into(), &paper_seal(text)) {
            Standing::Unregistered | Standing::InForce => None,
            Standing::Superseded => {
                Some(Words::new("这是已被后来的签署取代的旧内容", "it is an old one, which another that was signed later has succeeded"))
            }
            Standing::Conflict => {
                Some(Words::new("登记簿中有两份互不接替的内容", "the register has two of which neither succeeds the other"))
            }
        }
    }
}

impl fmt::Display for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Paper::Settings => f.write_str(SETTINGS),
            Paper::Signers => f.write_str(SIGNERS),
            Paper::Theme(name) => write!(f, "{THEMES}/{name}"),
        }
    }
}

impl From<Paper> for Subject {
    fn from(paper: Paper) -> Subject {
        Subject::Paper(paper)
    }
}

/// The beginning of a day in Greenwich: the settings' own zone is not believed before they are.
fn begun(day: NaiveDate) -> DateTime<FixedOffset> {
    day.and_time(NaiveTime::MIN).and_utc().fixed_offset()
}

/// The list of a theme's files with their digests, as `sha256sum NAME/*` prints it in the folder of
/// themes: `sha256sum -c` reads it.
pub fn manifest(name: &ThemeName, files: &ThemeFiles) -> String {
    let mut list = String::new();
    for (file, bytes) in files {
        Sha256::digest(bytes).iter().for_each(|byte| write!(list, "{byte:02x}").expect("a text takes what is written to it"));
        writeln!(list, "  {name}/{file}").expect("a text takes what is written to it");
    }
    list
}

/// The settings that count on a server, and why they are not those that stand there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedSettings {
    pub settings: Settings,
    /// Where the earlier ones go on counting.
    pub instead_of: Option<Untrusted>,
}

/// The settings of an archive as they may be trusted: those that stand there, or else the earlier
/// ones. An archive without `chancery.yaml` has the defaults, unless it had one.
///
/// # Errors
/// Why those that stand there may not be trusted, where there are no earlier ones.
pub fn trusted_settings(
    sources: &Sources,
    remembered: &Remembered,
    earlier: Option<&Settings>,
    signers: &AllowedSigners,
    day: NaiveDate,
) -> Result<TrustedSettings, Untrusted> {
    let (register, _) = Register::of(sources, remembered);
    let judged = match sources.by_path(SETTINGS) {
        Some(file) => of_file(sources, file, signers, &register, day),
        None if register.knows(&Paper::Settings.into()) || earlier.is_some_and(|earlier| *earlier != Settings::default()) => Err(gone()),
        None => Ok(Settings::default()),
    };
    let untrusted = |why| Untrusted { path: SETTINGS.into(), why };
    match (judged, earlier) {
        (Ok(settings), _) => Ok(TrustedSettings { settings, instead_of: None }),
        (Err(why), Some(earlier)) => Ok(TrustedSettings { settings: earlier.clone(), instead_of: Some(untrusted(why)) }),
        (Err(why), None) => Err(untrusted(why)),
    }
}

/// What the list of signers lacks to count; nothing where it counts, nor where the archive has none
/// and never had one.
pub fn lack_of_signers(sources: &Sources, remembered: &Remembered, signers: &AllowedSigners, day: NaiveDate) -> Option<Untrusted> {
    let (register, _) = Register::of(sources, remembered);
    let text = |room| sources.in_room(room).next().map(|file| &*file.text);
    let why = match text(Room::Signers) {
        Some(list) => Paper::Signers.lack(list, text(Room::SignersSignature), signers, &register, day),
        None => register.knows(&Paper::Signers.into()).then(gone),
    };
    why.map(|why| Untrusted { path: SIGNERS.into(), why })
}

/// Papers that are in the register and are not as they stand there: an old one was put back, one is
/// edited and not signed anew, or gone.
pub(super) fn findings(sources: &Sources, register: &Register) -> Vec<Finding> {
    let papers = [Paper::Settings, Paper::Signers];
    papers.iter().filter(|paper| register.knows(&(*paper).clone().into())).filter_map(|paper| finding(paper, sources, register)).collect()
}

fn finding(paper: &Paper, sources: &Sources, register: &Register) -> Option<Finding> {
    let path = paper.path();
    let file = sources.by_path(&path.0);
    let why = match file.map(|file| register.standing(&paper.clone().into(), &paper_seal(&file.text))) {
        Some(Standing::InForce | Standing::Unregistered) => return None,
        Some(Standing::Superseded) => Words::new(
            format!("{path} 不是最后签署的那一份：改动后没有签署，或换回了旧的"),
            format!("{path} is not the one that was signed last: it was changed and not signed, or an old one was put back"),
        ),
        Some(Standing::Conflict) => Words::new(
            format!("登记簿中的 {path} 有两份互不接替的内容，哪一份都不算数"),
            format!("the register has two contents of {path} of which neither succeeds the other: none counts"),
        ),
        None => Words::new(
            format!("登记簿中有 {path} 的签署，文件却不见了"),
            format!("the register has a signature over {path}, and the file is gone"),
        ),
    };
    let fix = Words::new(
        format!("恢复签署的那一份，或由服务器信任的人签署：chancery approve {path} --key FILE"),
        format!("restore the one that was signed, or have somebody sign it whom the server trusts: chancery approve {path} --key FILE"),
    );
    let shown = file.or_else(|| sources.in_room(Room::Register).next())?;
    let mut finding = Finding::error("approval.paper", Span::new(shown.id, 0..0), why);
    // What is in the register is nobody's to know but who reads the folder's.
    finding.reads.add_path(&REGISTER.into());
    Some(finding.with_fix(fix))
}

fn gone() -> Words {
    Words::new("文件不见了；请从备份恢复它", "the file is gone; restore it from a backup")
}

fn of_file(sources: &Sources, file: &SourceFile, signers: &AllowedSigners, register: &Register, day: NaiveDate) -> Result<Settings, Words> {
    // A link, a folder or what cannot be read has no text: nobody may have signed that.
    if file.fault.is_some() || file.byte_order_mark {
        return Err(Words::new("不是不带字节顺序标记的 UTF-8 普通文件", "it is no plain file in UTF-8 without a byte-order mark"));
    }
    let armour = sources.in_room(Room::SettingsSignature).next().map(|file| &*file.text);
    match Paper::Settings.lack(&file.text, armour, signers, register, day) {
        Some(why) => Err(why),
        None => Settings::read(&file.text).map_err(|error| error.words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::{AllowedSigners, Registered};
    use ssh_key::private::Ed25519Keypair;

    const NAMED: &str = "name: 甲\ntime_zone: \"+08:00\"\n";
    const RENAMED: &str = "name: 乙\ntime_zone: \"-11:00\"\ntheme: own\n";

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
    }

    fn signers() -> AllowedSigners {
        AllowedSigners::of_key(key(1).public_key())
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 1).unwrap()
    }

    fn signed(text: &str, seed: u8) -> String {
        Paper::Settings.sign(text, &key(seed)).unwrap()
    }

    /// What counts of an archive of these files, the earlier settings being those of [`NAMED`] or
    /// none.
    fn counting(files: &[(&str, &str)], was_trusted: bool) -> Result<(String, Option<String>), String> {
        let sources = Sources::from_memory(files.iter().copied());
        let earlier = Settings::read(NAMED).unwrap();
        let judged = trusted_settings(&sources, &Remembered::default(), was_trusted.then_some(&earlier), &signers(), day());
        judged.map(|counted| (counted.settings.name, counted.instead_of.map(|one| one.why.en))).map_err(|one| one.why.en)
    }

    fn line(text: &str, after: Option<&str>) -> String {
        let line = Registered { subject: Paper::Settings.into(), seal: paper_seal(text), after: after.map(paper_seal) };
        format!("{line}\n")
    }

    #[test]
    fn settings_count_as_they_were_signed_by_whom_the_server_trusts() {
        let old = signed(NAMED, 1);
        assert_eq!(counting(&[(SETTINGS, NAMED), ("chancery.yaml.sig", &old)], false), Ok(("甲".to_owned(), None)));
        let new = signed(RENAMED, 1);
        assert_eq!(counting(&[(SETTINGS, RENAMED), ("chancery.yaml.sig", &new)], true), Ok(("乙".to_owned(), None)));
        assert_eq!(counting(&[], false), Ok((String::new(), None)), "an archive may have none");
    }

    #[test]
    fn what_nobody_trusted_has_signed_changes_nothing_and_is_not_begun_with() {
        let (old, foreign) = (signed(NAMED, 1), signed(RENAMED, 2));
        let list = Paper::Signers.sign(RENAMED, &key(1)).unwrap();
        let approval = signature::armoured(&signature::sign(RENAMED, &key(1)).unwrap());
        let other = "its signature is none of a trusted key over what stands there";
        for (armour, why) in [
            (None, "it is not signed"),
            (Some(&old), other),
            (Some(&foreign), other),
            (Some(&list), other),
            (Some(&approval), other),
            (Some(&"x".to_owned()), other),
        ] {
            let mut files = vec![(SETTINGS, RENAMED)];
            files.extend(armour.map(|armour| ("chancery.yaml.sig", armour.as_str())));
            assert_eq!(counting(&files, false), Err(why.to_owned()));
            assert_eq!(counting(&files, true), Ok(("甲".to_owned(), Some(why.to_owned()))));
        }
    }

    #[test]
    fn settings_that_are_gone_or_no_settings_change_nothing() {
        let gone = "the file is gone; restore it from a backup";
        assert_eq!(counting(&[], true), Ok(("甲".to_owned(), Some(gone.to_owned()))));
        assert_eq!(counting(&[("policies/register", &line(NAMED, None))], false), Err(gone.to_owned()));
        let odd = "theme: ../.chancery/keys\n";
        assert_eq!(counting(&[(SETTINGS, odd), ("chancery.yaml.sig", &signed(odd, 1))], true).unwrap().0, "甲");
        let blank = signed("", 1);
        let utf_16: Vec<u8> = NAMED.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let sources = Sources::from_memory([(SETTINGS, utf_16), ("chancery.yaml.sig", blank.into_bytes())]);
        assert!(trusted_settings(&sources, &Remembered::default(), None, &signers(), day()).is_err());
    }

    #[test]
    fn old_settings_that_are_put_back_with_their_signature_do_not_count() {
        let (old, new) = (signed(NAMED, 1), signed(RENAMED, 1));
        let register = line(NAMED, None) + &line(RENAMED, Some(NAMED));
        let files = |text, armour| [(SETTINGS, text), ("chancery.yaml.sig", armour), ("policies/register", register.as_str())];
        assert_eq!(counting(&files(RENAMED, &new), false), Ok(("乙".to_owned(), None)));
        let why = "it is an old one, which another that was signed later has succeeded";
        assert_eq!(counting(&files(NAMED, &old), false), Err(why.to_owned()));
        // The line taken out of the register as well: it was seen.
        let seen = Remembered { lines: register.lines().filter_map(Registered::read).collect(), ..Remembered::default() };
        let cut = Sources::from_memory([(SETTINGS, NAMED), ("chancery.yaml.sig", &old), ("policies/register", &line(NAMED, None))]);
        assert_eq!(trusted_settings(&cut, &seen, None, &signers(), day()).unwrap_err().why.en, why);
    }

    #[test]
    fn each_paper_has_an_id_a_place_and_a_namespace_of_its_own() {
        let papers = ["chancery.yaml", "policies/allowed_signers", "themes/plain"].map(|id| Paper::named(id).unwrap());
        let told: Vec<[String; 4]> = papers
            .iter()
            .map(|paper| [paper.to_string(), paper.path().to_string(), paper.signature_path().to_string(), paper.namespace().to_owned()])
            .collect();
        assert_eq!(told[0], ["chancery.yaml", "chancery.yaml", "chancery.yaml.sig", "chancery-settings"]);
        assert_eq!(told[1], ["policies/allowed_signers", "policies/allowed_signers", "policies/allowed_signers.sig", "chancery-signers"]);
        assert_eq!(told[2], ["themes/plain", "themes/plain.sha256", "themes/plain.sha256.sig", "chancery-theme"]);
        for id in ["themes/plain/", "themes", "themes/", "themes/..", "themes/a/b", "themes/../keys", "policies/records", "C-0001", ""] {
            assert_eq!(Paper::named(id), None, "{id}");
        }
    }

    #[test]
    fn a_theme_is_signed_with_its_name_its_files_and_their_bytes() {
        let files = |pairs: &[(&str, &str)]| -> ThemeFiles {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let plain = ThemeName::new("plain").unwrap();
        let whole = manifest(&plain, &files(&[("b.js", "x"), ("a.css", "")]));
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(whole.starts_with(&format!("{empty}  plain/a.css\n")) && whole.ends_with("  plain/b.js\n"), "{whole}");
        let paper = Paper::Theme(plain.clone());
        let armour = paper.sign(&whole, &key(1)).unwrap();
        let lack = |text: &str| paper.lack(text, Some(&armour), &signers(), &Register::default(), day());
        assert_eq!(lack(&whole), None);
        for (name, changed) in [
            ("other", &[("b.js", "x"), ("a.css", "")][..]),
            ("plain", &[("b.js", "y"), ("a.css", "")]),
            ("plain", &[("b.js", "x"), ("a.css", ""), ("c.js", "")]),
            ("plain", &[("b.js", "x")]),
            ("plain", &[("live.js", "x"), ("a.css", "")]),
        ] {
            assert!(lack(&manifest(&ThemeName::new(name).unwrap(), &files(changed))).is_some(), "{changed:?}");
        }
    }
}
