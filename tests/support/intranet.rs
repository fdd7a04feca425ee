//! A running intranet, and requests to it.

use chancery::{
    access::Office,
    archive::Settings,
    render::Theme,
    server::{Clock, CookieKind, Front, Intranet, Parts, Tls, serve},
    source::Sources,
    store::{AccessLog, Password, Store},
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
    pub state: PathBuf,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Running {
    pub fn start(root: &Path) -> Running {
        Running::behind(root, Front::default(), None)
    }

    /// With proxies before it, or TLS of its own.
    pub fn behind(root: &Path, front: Front, tls: Option<Tls>) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let settings: Settings = serde_yaml::from_str(&std::fs::read_to_string(root.join("chancery.yaml")).unwrap()).unwrap();
        let day = Arc::new(Mutex::new(day(settings.demo_day.as_deref().unwrap())));
        let store = Store::open(folder.path()).unwrap();
        let root = root.to_owned();
        let opener = Box::new(move |today| Ok(Office::open(Sources::read(&root)?, settings.clone(), today)));
        let password = Password::new("demo").unwrap();
        for person in opener(*day.lock().unwrap()).unwrap().staff() {
            store.add_account(person, &password).unwrap();
        }
        let played = day.clone();
        let now: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Clock { now: Box::new(move || now), today: Box::new(move || *played.lock().unwrap()) };
        let log = AccessLog::open(folder.path()).unwrap();
        let (cookie, demo) = (CookieKind::Loopback, Vec::new());
        let parts = Parts { opener, clock, theme: Theme::built_in(), store, log, cookie, front, demo };
        let intranet = Arc::new(Intranet::new(parts).unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { serve(intranet, listener, tls, std::future::pending()).await });
        Running { address, day, state: folder.path().to_owned(), _folder: folder, _runtime: runtime }
    }

    pub fn shipped() -> Running {
        Running::start(Path::new(env!("CARGO_MANIFEST_DIR")))
    }

    /// Sends a request and gives the answer, whole.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        self.ask_over(TcpStream::connect(self.address).unwrap(), method, path, headers, body)
    }

    pub fn ask_over(&self, mut stream: impl Read + Write, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let (host, length) = (self.address, body.len());
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}",)
            .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        Answer { head: String::from_utf8(bytes[..at].to_vec()).unwrap(), body: bytes[at + 4..].to_vec() }
    }

    pub fn sign_in(&self, name: &str) -> Signed<'_> {
        let answer = self.sign_in_with(name, "demo", "");
        assert_eq!(answer.status(), 303, "{}", answer.head);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Signed { running: self, cookie }
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
