//! What the tests of the whole program share: a copy of the shipped archive that a test may change,
//! and the program itself.
#![allow(dead_code, reason = "each test uses its own part")]

pub mod browser;
pub mod families;
pub mod golden;
pub mod intranet;
pub mod memory;
pub mod process;
pub mod rename;
pub mod small;
pub mod strongroom;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The demonstration's key as the repository has it, which keeps no mode of a file: what is shipped
/// is signed with it.
const KEPT_KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/demo_key");

/// A copy of it that nobody else may read, by its path: only such a key signs. It is there once an
/// archive to be signed is.
pub const DEMO_KEY: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/demo_key");

/// Lays the copy there: whole, whoever else does so meanwhile.
pub fn lay_demo_key() {
    let mut file = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    file.write_all(&fs::read(KEPT_KEY).unwrap()).unwrap();
    file.persist(DEMO_KEY).unwrap();
}

/// The same, read.
pub fn demo_key() -> chancery::approval::PrivateKey {
    chancery::approval::read_key(&fs::read_to_string(KEPT_KEY).unwrap()).unwrap()
}

/// A copy of the shipped archive.
pub struct Shipped {
    pub folder: tempfile::TempDir,
}

/// A folder in memory where the machine has one: hundreds of documents "down to the disk" would
/// take a minute.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl Shipped {
    pub fn copy() -> Shipped {
        Shipped::of(&["chancery.yaml", "chancery.yaml.sig", "policies", "records"])
    }

    /// The policies and the people alone, for what has to do with accounts: it opens in a fraction
    /// of the time.
    pub fn people() -> Shipped {
        Shipped::of(&["chancery.yaml", "chancery.yaml.sig", "policies", "records/people"])
    }

    fn of(parts: &[&str]) -> Shipped {
        lay_demo_key();
        let folder = in_memory();
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        for part in parts {
            fs::create_dir_all(folder.path().join(part).parent().unwrap()).unwrap();
            copy(&repository.join(part), &folder.path().join(part));
        }
        Shipped { folder }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// Replaces a text that must stand there once.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}");
        self.write(path, &text.replace(from, to));
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Where the record of an id lies.
    pub fn path_of(&self, id: &str) -> String {
        let files = walkdir::WalkDir::new(self.path("records")).into_iter().map(|entry| entry.unwrap().into_path());
        let bears = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("\nid: {id}\n")));
        let found = files.filter(|path| path.is_file()).find(bears).unwrap();
        found.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned()
    }

    /// Signs all approvals anew with the demonstration's key.
    pub fn sign(&self) {
        let output = self.run(&["sign-archive", "--key", DEMO_KEY]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs the program in the archive's folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_chancery"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LANG", "zh_CN.UTF-8")
            .output()
            .unwrap()
    }

    /// Runs the program, which must end with this status, and gives what it printed.
    pub fn prints(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// The lines of a JSON output.
    pub fn json(&self, status: i32, arguments: &[&str]) -> Vec<serde_json::Value> {
        let said = self.prints(status, &[arguments, &["--format", "json"]].concat());
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Has the demonstration's key approve the settings and the one policy of a small archive, and the
/// server trust that key: only then is it served.
pub fn trust(root: &Path, state: &Path) {
    lay_demo_key();
    fs::create_dir_all(state).unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/allowed_signers"), state.join("trusted_signers")).unwrap();
    for arguments in [&["policies/house", "--step", "head"][..], &["chancery.yaml"]] {
        let mut approve = Command::new(env!("CARGO_BIN_EXE_chancery"));
        approve.arg("approve").args(arguments).args(["--key", DEMO_KEY, "--archive"]).arg(root).arg("--state").arg(state);
        assert!(approve.output().unwrap().status.success());
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
