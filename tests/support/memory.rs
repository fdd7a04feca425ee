//! The shipped archive in memory, to be changed, signed anew and opened by the hundred.

use chancery::{
    access::Office,
    approval::{self, Paper, PrivateKey},
    archive::{Archive, Settings},
    diagnostic::{Lang, json},
    policy::Policies,
    source::{DigestCache, REGISTER, SETTINGS, Sources},
};
use chrono::NaiveDate;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};

/// Files of an archive, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Those of the shipped archive.
pub fn shipped_files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let parts = ["chancery.yaml", "policies", "records"].into_iter().flat_map(|part| walkdir::WalkDir::new(root.join(part)));
    let files = parts.map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file());
    files.map(|path| (path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

/// An archive of some files, which shares what is kept from one reading to the next with all others
/// of this process.
pub fn sources_of(files: &Files) -> Sources {
    static KEPT: LazyLock<Arc<DigestCache>> = LazyLock::new(Arc::default);
    Sources::from_memory(files.clone()).digested_by(&KEPT)
}

/// What the settings among some files say.
pub fn settings_of(files: &Files) -> Settings {
    serde_yaml::from_slice(&files[SETTINGS]).unwrap()
}

/// The same files, every approval and the register signed anew.
pub fn signed(mut files: Files, today: NaiveDate) -> Files {
    for (path, text) in signed_anew(sources_of(&files), settings_of(&files), today) {
        files.insert(path, text.into_bytes());
    }
    files
}

static SHIPPED: LazyLock<InMemory> = LazyLock::new(InMemory::read);

static KEY: LazyLock<PrivateKey> = LazyLock::new(super::demo_key);

#[derive(Clone)]
pub struct InMemory {
    sources: Sources,
    /// Whether a document with approvals has been changed.
    to_sign: bool,
}

impl InMemory {
    /// The shipped archive.
    pub fn shipped() -> InMemory {
        SHIPPED.clone()
    }

    fn read() -> InMemory {
        // What is made of a text is kept for all the archives in which it stands unchanged, as a
        // server keeps it from one reading to the next.
        let sources = Sources::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap().digested_by(&Arc::default());
        InMemory { sources, to_sign: false }
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.sources.by_path(path).map(|file| &*file.text)
    }

    pub fn write(&mut self, path: &str, text: &str) {
        self.to_sign |= text.contains("\napprovals:");
        self.write_unsigned(path, text);
    }

    /// Writes a document whose approvals are left as they are, as long as nothing else is to be
    /// signed.
    pub fn write_unsigned(&mut self, path: &str, text: &str) {
        self.sources = self.sources.with(path, text);
    }

    /// Replaces a text that must stand there once.
    pub fn edit(&mut self, path: &str, from: &str, to: &str) {
        let text = self.text(path).unwrap_or_else(|| panic!("no file {path}"));
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}");
        let text = text.replacen(from, to, 1);
        self.write(path, &text);
    }

    pub fn remove(&mut self, path: &str) {
        assert!(self.text(path).is_some(), "no file {path}");
        self.sources = self.sources.without(path);
    }

    pub fn settings(&self) -> Settings {
        Settings::of(&self.sources()).unwrap()
    }

    /// The day that the archive plays.
    pub fn demo_day(&self) -> NaiveDate {
        self.settings().demo_day.as_deref().unwrap().parse().unwrap()
    }

    pub fn sources(&self) -> Sources {
        self.sources.clone()
    }

    /// Signs all approvals anew with the demonstration's key, and makes the register to fit.
    pub fn sign(&mut self, today: NaiveDate) {
        if !self.to_sign {
            return;
        }
        for (path, text) in signed_anew(self.sources(), self.settings(), today) {
            self.write(&path, &text);
        }
        self.to_sign = false;
    }

    pub fn open(&self, today: NaiveDate) -> Office {
        Office::open(self.sources(), self.settings(), today)
    }
}

/// The documents of an archive that change when all approvals are signed anew with the
/// demonstration's key, and the register to fit.
pub fn signed_anew(sources: Sources, settings: Settings, today: NaiveDate) -> Vec<(String, String)> {
    let sources = Arc::new(sources);
    let policies = Policies::of(&sources, today);
    let archive = Archive::build(sources, policies, settings);
    let resigned = approval::resign(&archive, today, &KEY).unwrap().into_iter().map(|resigned| (resigned.path.to_string(), resigned.text));
    let settings = archive.sources.by_path(SETTINGS).map(|file| {
        let signature = Paper::Settings.sign(&file.text, &KEY).unwrap();
        (Paper::Settings.signature_path().to_string(), signature)
    });
    resigned.chain(settings).chain([(REGISTER.to_owned(), approval::register_anew(&archive, today).unwrap())]).collect()
}

/// The findings of an office as `check --format json` has them.
pub fn findings(office: &Office, lang: Lang) -> Vec<serde_json::Value> {
    office
        .whole_report()
        .findings
        .iter()
        .chain(&office.whole_report().past)
        .map(|finding| json::object(finding, &office.archive.sources, lang))
        .collect()
}
