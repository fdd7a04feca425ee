//! The shipped archive in memory, to be changed, signed anew and opened by the hundred.

use chancery::{
    access::Office,
    approval::{self, PrivateKey, REGISTER},
    archive::{Archive, Settings},
    diagnostic::{Lang, json},
    policy::Policies,
    source::Sources,
};
use chrono::NaiveDate;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};

static SHIPPED: LazyLock<InMemory> = LazyLock::new(InMemory::read);

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo_key");
    approval::read_key(&fs::read_to_string(path).unwrap()).unwrap()
});

#[derive(Clone)]
pub struct InMemory {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl InMemory {
    /// The shipped archive.
    pub fn shipped() -> InMemory {
        SHIPPED.clone()
    }

    fn read() -> InMemory {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = BTreeMap::new();
        for part in ["chancery.yaml", "policies", "records"] {
            for entry in walkdir::WalkDir::new(repository.join(part)) {
                let path = entry.unwrap().into_path();
                if path.is_file() {
                    let below = path.strip_prefix(repository).unwrap().to_str().unwrap().to_owned();
                    files.insert(below, fs::read(&path).unwrap().into());
                }
            }
        }
        InMemory { files }
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|bytes| std::str::from_utf8(bytes).unwrap())
    }

    pub fn write(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.as_bytes().into());
    }

    /// Replaces a text that must stand there once.
    pub fn edit(&mut self, path: &str, from: &str, to: &str) {
        let text = self.text(path).unwrap_or_else(|| panic!("no file {path}"));
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}");
        let text = text.replacen(from, to, 1);
        self.write(path, &text);
    }

    pub fn remove(&mut self, path: &str) {
        assert!(self.files.remove(path).is_some(), "no file {path}");
    }

    pub fn settings(&self) -> Settings {
        Settings::of(&self.sources()).unwrap()
    }

    /// The day that the archive plays.
    pub fn demo_day(&self) -> NaiveDate {
        self.settings().demo_day.as_deref().unwrap().parse().unwrap()
    }

    pub fn sources(&self) -> Sources {
        Sources::from_memory(self.files.iter().map(|(path, bytes)| (path.clone(), bytes.to_vec())))
    }

    /// Signs all approvals anew with the demonstration's key, and makes the register to fit.
    pub fn sign(&mut self, today: NaiveDate) {
        let sources = Arc::new(self.sources());
        let policies = Arc::new(Policies::compile(&sources, today));
        let archive = Archive::build(sources, policies, self.settings());
        for resigned in approval::resign(&archive, today, &KEY).unwrap() {
            self.write(&resigned.path.0, &resigned.text);
        }
        self.write(REGISTER, &approval::register_anew(&archive, today));
    }

    pub fn open(&self, today: NaiveDate) -> Office {
        Office::open(self.sources(), self.settings(), today)
    }
}

/// The findings of an office as `check --format json` has them.
pub fn findings(office: &Office, lang: Lang) -> Vec<serde_json::Value> {
    office.report.findings.iter().map(|finding| json::object(finding, &office.archive.sources, lang)).collect()
}
