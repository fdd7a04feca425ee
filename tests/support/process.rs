//! A server that was started by its command, in a process of its own.

use super::strongroom::{self, PASSWORD, READERS};
use chancery::{
    source::RecordId,
    store::{Accounts, Password, SqliteStore, Wait},
};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

pub struct Server {
    pub process: Child,
    pub address: SocketAddr,
}

/// A strongroom that is trusted, with an account for each of its readers.
pub fn strongroom() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    strongroom::make(root.path());
    let state = root.path().join(".chancery");
    let store = SqliteStore::open(&state).unwrap();
    let password = Password::new(PASSWORD).unwrap();
    READERS.iter().for_each(|reader| store.add_account(&RecordId::from(*reader), &password).wait().unwrap());
    super::trust(root.path(), &state);
    root
}

impl Server {
    pub fn start(root: &Path) -> Server {
        Server::start_with(&[], root)
    }

    /// With more arguments.
    pub fn start_with(arguments: &[&str], root: &Path) -> Server {
        Server::started(Command::new(env!("CARGO_BIN_EXE_chancery")), arguments, root)
    }

    /// With what the shell says first: a limit, say.
    pub fn start_under(said: &str, root: &Path) -> Server {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{said}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_chancery")]);
        Server::started(shell, &[], root)
    }

    fn started(mut command: Command, arguments: &[&str], root: &Path) -> Server {
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--archive"])
            .arg(root)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap().1.trim_end().trim_end_matches('/').parse().unwrap();
        Server { process, address }
    }

    /// How many files it has open.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.process.id())).unwrap().count()
    }

    /// How much memory it has, in bytes.
    pub fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")).unwrap();
        held.parse::<usize>().unwrap() << 10
    }

    /// SIGTERM, as a service manager sends it.
    pub fn ask_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap().success());
    }

    /// Its end, and after how long.
    pub fn ends(&mut self, within: Duration) -> (ExitStatus, Duration) {
        ends(&mut self.process, within)
    }
}

/// The end of a process, and after how long.
pub fn ends(process: &mut Child, within: Duration) -> (ExitStatus, Duration) {
    let begun = Instant::now();
    while begun.elapsed() < within {
        if let Some(status) = process.try_wait().unwrap() {
            return (status, begun.elapsed());
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("it still runs after {within:?}");
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}
