//! A running intranet, and requests to it.

use chancery::{
    access::Office,
    archive::Settings,
    render::Theme,
    server::{Clock, CookieKind, Front, Intranet, Parts, SigningDesk, Tls, Trust, serve},
    source::{Origin, Sources, Watched},
    store::{Accounts, Password, SqliteLog, SqliteStore, StoreError, Stores, Wait},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// A running intranet, with a clock that the test moves.
pub struct Running {
    pub address: SocketAddr,
    pub day: Arc<Mutex<NaiveDate>>,
    pub now: Arc<Mutex<DateTime<Utc>>>,
    pub state: PathBuf,
    /// Nothing, where it is another's.
    _folder: Option<tempfile::TempDir>,
    _archive: Option<super::Shipped>,
    _runtime: tokio::runtime::Runtime,
}

/// Sends a request and gives the answer, whole.
pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    ask_over(TcpStream::connect(address).unwrap(), address, method, path, headers, body)
}

fn ask_over(mut stream: impl Read + Write, address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    // At once: of a client that sends piece by piece Linux may lose the first when very many
    // connect together (SYN cookies).
    stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    Answer { head: String::from_utf8(bytes[..at].to_vec()).unwrap(), body: bytes[at + 4..].to_vec() }
}

/// How an intranet runs.
struct Manner {
    trust: Trust,
    desk: Option<SigningDesk>,
    front: Front,
    tls: Option<Tls>,
    /// Whether everybody on staff has an account.
    accounts: bool,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner { trust: Trust::Archive, desk: None, front: Front::default(), tls: None, accounts: true }
    }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Running {
    /// With an account for everybody on staff.
    pub fn start(root: &Path) -> Running {
        Running::with(root, super::in_memory(), Manner::default())
    }

    /// Starts over what another has left: accounts, sessions, the access log.
    pub fn resume(root: &Path, folder: tempfile::TempDir) -> Running {
        Running::with(root, folder, Manner::default())
    }

    /// One in which approvals are signed with the demonstration's key: on a copy, for it is written
    /// to.
    pub fn signing(root: &Path) -> Running {
        let desk = Some(SigningDesk { root: root.to_owned(), state: root.join(".chancery"), key: super::demo_key() });
        Running::with(root, super::in_memory(), Manner { desk, ..Manner::default() })
    }

    /// One that trusts those signers from outside the archive.
    pub fn trusting(root: &Path, trust: Trust) -> Running {
        Running::with(root, super::in_memory(), Manner { trust, ..Manner::default() })
    }

    /// The same over what another has left in its state.
    pub fn trusting_in(root: &Path, state: tempfile::TempDir, trust: Trust) -> Running {
        Running::with(root, state, Manner { trust, ..Manner::default() })
    }

    /// Stops it, and leaves what it has in its state.
    pub fn stop(self) -> tempfile::TempDir {
        let Running { _folder, _runtime, .. } = self;
        _runtime.shutdown_timeout(std::time::Duration::from_secs(10));
        _folder.expect("a state of its own")
    }

    /// With proxies before it, or TLS of its own.
    pub fn behind(root: &Path, front: Front, tls: Option<Tls>) -> Running {
        Running::with(root, super::in_memory(), Manner { front, tls, ..Manner::default() })
    }

    /// A second server of the same archive, over the same state.
    pub fn second(&self, root: &Path, trust: Trust) -> Running {
        Running::over(root, &self.state, Manner { trust, ..Manner::default() })
    }

    fn with(root: &Path, folder: tempfile::TempDir, manner: Manner) -> Running {
        let running = Running::over(root, folder.path(), manner);
        Running { _folder: Some(folder), ..running }
    }

    fn over(root: &Path, state: &Path, manner: Manner) -> Running {
        let Manner { trust, desk, front, tls, accounts } = manner;
        let settings: Settings = serde_yaml::from_str(&std::fs::read_to_string(root.join("chancery.yaml")).unwrap()).unwrap();
        let day = Arc::new(Mutex::new(day(settings.demo_day.as_deref().unwrap())));
        let store = SqliteStore::open(state).unwrap();
        let root = root.to_owned();
        let office = Office::open(Sources::read(&root).unwrap(), settings, *day.lock().unwrap());
        let password = Password::new("demo").unwrap();
        for person in office.staff().iter().filter(|_| accounts) {
            match store.add_account(person, &password).wait() {
                Ok(()) | Err(StoreError::KnownAccount(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let played = day.clone();
        let now = Arc::new(Mutex::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let moved = now.clone();
        let clock = Clock { now: Box::new(move || *moved.lock().unwrap()), today: Box::new(move || *played.lock().unwrap()) };
        let stores = Stores::embedded(store, SqliteLog::open(state).unwrap());
        let origin = Origin::Watched(Arc::new(Watched::new(root, state.join("watch"))));
        let (theme, cookie, demo) = (Theme::built_in(), CookieKind::Loopback, Vec::new());
        let parts = Parts { origin, trust, clock, theme, stores, cookie, front, demo, desk };
        let intranet = Arc::new(Intranet::new(parts).unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { serve(intranet, listener, tls, std::future::pending()).await });
        Running { address, day, now, state: state.to_owned(), _folder: None, _archive: None, _runtime: runtime }
    }

    pub fn shipped() -> Running {
        Running::start(Path::new(env!("CARGO_MANIFEST_DIR")))
    }

    /// The people of the shipped archive without its other records.
    pub fn people() -> Running {
        Running::with_people(true)
    }

    /// Nobody has an account yet.
    pub fn without_accounts() -> Running {
        Running::with_people(false)
    }

    fn with_people(accounts: bool) -> Running {
        let archive = super::Shipped::people();
        let running = Running::with(archive.folder.path(), super::in_memory(), Manner { accounts, ..Manner::default() });
        Running { _archive: Some(archive), ..running }
    }

    /// The store as another process opens it.
    pub fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.state).unwrap()
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub fn wait(&self, time: chrono::TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        ask(self.address, method, path, headers, body)
    }

    pub fn ask_over(&self, stream: impl Read + Write, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        ask_over(stream, self.address, method, path, headers, body)
    }

    pub fn sign_in(&self, name: &str) -> Signed<'_> {
        let answer = self.sign_in_with(name, "demo", "");
        assert_eq!(answer.status(), 303, "{}", answer.head);
        self.signed(&answer)
    }

    /// Whoever was given a cookie.
    pub fn signed(&self, answer: &Answer) -> Signed<'_> {
        Signed { running: self, cookie: answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned() }
    }

    /// A form, sent by nobody in particular.
    pub fn post(&self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, "content-type: application/x-www-form-urlencoded\r\n", form)
    }

    pub fn sign_in_with(&self, name: &str, password: &str, headers: &str) -> Answer {
        let headers = format!("content-type: application/x-www-form-urlencoded\r\n{headers}");
        self.ask("POST", "/sign-in", &headers, &format!("name={name}&password={password}"))
    }
}

pub struct Signed<'r> {
    pub running: &'r Running,
    pub cookie: String,
}

impl Signed<'_> {
    /// Submits a form.
    pub fn post(&self, path: &str, form: &str) -> Answer {
        let headers = format!("cookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n", self.cookie);
        self.running.ask("POST", path, &headers, form)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path)
    }

    pub fn ask(&self, method: &str, path: &str) -> Answer {
        self.running.ask(method, path, &format!("cookie: {}\r\n", self.cookie), "")
    }
}

#[derive(PartialEq)]
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// All but the date.
    pub fn undated(&self) -> (String, &[u8]) {
        let lines: Vec<&str> = self.head.lines().filter(|line| !line.starts_with("date: ")).collect();
        (lines.join("\n"), &self.body)
    }
}
