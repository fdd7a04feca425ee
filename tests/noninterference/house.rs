//! An intranet without a socket: the server's own router, asked in process.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, Response},
};
use chancery::{
    access::Office,
    render::Theme,
    server::{Clock, CookieKind, Front, Intranet, Parts, SigningDesk, Trust, router},
    source::{Origin, RecordId},
    store::{Accounts, Calendars, Invitation, Invitations, Password, Sessions, SqliteLog, SqliteStore, Stores, Wait},
};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex},
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

static PASSWORD: LazyLock<Password> = LazyLock::new(|| Password::new("demo").unwrap());

/// Headers that are not the archive's: the time, who is signed in, and which request it was.
const APART: [&str; 3] = ["date", "set-cookie", "x-request-id"];

pub struct House {
    router: Router,
    runtime: Runtime,
    store: SqliteStore,
    cookies: Mutex<BTreeMap<String, String>>,
    _state: tempfile::TempDir,
}

/// A request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Asked {
    pub method: &'static str,
    pub address: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    pub status: u16,
    /// All but those that are not the archive's.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn get(address: impl Into<String>) -> Asked {
        Asked { method: "GET", address: address.into(), headers: Vec::new(), body: String::new() }
    }

    pub fn post(address: impl Into<String>, body: String) -> Asked {
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        Asked { method: "POST", headers, body, ..Asked::get(address) }
    }

    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Asked {
        let mut asked = self.clone();
        asked.headers.push((name, value.into()));
        asked
    }

    pub fn by(&self, method: &'static str) -> Asked {
        Asked { method, ..self.clone() }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|own| own.starts_with("text/html")) && self.header("content-encoding").is_none()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// It did what was asked: a page, or the way to one.
    pub fn succeeded(&self) -> bool {
        (200..400).contains(&self.status)
    }
}

impl House {
    /// Serves the archive of an office, as it lies in memory.
    pub fn open(office: &Office) -> House {
        let state = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let (store, today) = (SqliteStore::open(state.path()).unwrap(), office.today);
        for person in office.staff() {
            store.add_account(person, &PASSWORD).wait().unwrap();
        }
        let parts = Parts {
            origin: Origin::Memory((*office.archive.sources).clone()),
            trust: Trust::Archive,
            clock: Clock { now: Box::new(now), today: Box::new(move || today) },
            theme: Theme::built_in(),
            stores: Stores::embedded(SqliteStore::open(state.path()).unwrap(), SqliteLog::open(state.path()).unwrap()),
            cookie: CookieKind::Loopback,
            front: Front::default(),
            demo: Vec::new(),
            desk: Some(SigningDesk { root: state.path().join("archive"), state: state.path().to_owned(), key: crate::support::demo_key() }),
        };
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let router = router(Arc::new(Intranet::new(parts).unwrap()));
        House { router, runtime, store, cookies: Mutex::default(), _state: state }
    }

    /// The answer to somebody who is signed in; `None` where the address is none that HTTP could
    /// carry.
    pub fn ask(&self, who: &str, asked: &Asked) -> Option<Answer> {
        let mut request = Request::builder().method(asked.method).uri(&asked.address).header("host", "archive.example");
        request = request.header("cookie", self.cookie(who));
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(Body::from(asked.body.clone())).ok()?;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4000))));
        Some(self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            heard(response).await
        }))
    }

    /// The secret of a person's calendar; an earlier one ends.
    pub fn calendar(&self, who: &str) -> String {
        self.store.open_calendar(&RecordId::from(who), now()).wait().unwrap().as_str().to_owned()
    }

    /// What opens the page on which a person sets a password without one.
    pub fn invitation(&self, who: &str) -> String {
        self.store.invite(&Invitation::Person(RecordId::from(who)), now()).wait().unwrap().as_str().to_owned()
    }

    /// Lets somebody sign in again: his session has ended.
    pub fn forget(&self, who: &str) {
        self.cookies.lock().unwrap().remove(who);
    }

    fn cookie(&self, who: &str) -> String {
        let mut cookies = self.cookies.lock().unwrap();
        let open = || {
            let account = self.store.account(who).wait().unwrap().unwrap();
            format!("session={}", self.store.open_session(&account, now()).wait().unwrap().unwrap().as_str())
        };
        cookies.entry(who.to_owned()).or_insert_with(open).clone()
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

async fn heard(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let named = parts.headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut headers: Vec<_> = named.filter(|(name, _)| !APART.contains(&name.as_str())).collect();
    headers.sort();
    // What goes on as long as somebody listens is not waited for.
    let endless = headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("text/event-stream"));
    let body = if endless { Vec::new() } else { to_bytes(body, usize::MAX).await.unwrap().to_vec() };
    Answer { status: parts.status.as_u16(), headers, body }
}
