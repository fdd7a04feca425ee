//! The server is killed, and loses no account and no line of the access log whose page was
//! answered; a build is killed, and leaves the old site or the new one; asked to stop, the server
//! answers first what was asked of it.
#![cfg(unix)]

use crate::support::Shipped;
use chancery::store::{Accounts, Audit, SqliteAudit, SqliteStore, Wait};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

const PASSWORD: &str = "long enough";
const READERS: [&str; 4] = ["lu.mingyuan", "zhong.nan", "fang.yan", "xue.man"];
const ROUNDS: u64 = 6;
/// Get their accounts while the server runs, one in each round.
const LATER: [&str; ROUNDS as usize] = ["bai.ruoxi", "cao.guilan", "dai.siyuan", "deng.xiaolan", "han.zhiqiu", "wu.guoliang"];
const BUILDS: u32 = 20;

/// A server that was started by its command, and the address at which it answers.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(shipped: &Shipped) -> Server {
        shipped.write(".chancery/trusted_signers", &shipped.read("policies/allowed_signers"));
        let mut process = Command::new(env!("CARGO_BIN_EXE_chancery"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(shipped.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap().1.trim_end().trim_end_matches('/').to_owned();
        Server { process, address }
    }

    fn sign_in(&self, name: &str) -> String {
        let body = format!("name={name}&password={}", PASSWORD.replace(' ', "+"));
        let form = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let answer = ask(&self.address, "POST", "/sign-in", &form).unwrap();
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

/// The whole answer; `None` where the connection broke before its end.
fn ask(address: &str, method: &str, path: &str, rest: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{rest}").ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let answer = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length: Option<usize> = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    length.is_none_or(|length| body.len() == length).then_some(answer)
}

fn accounts(shipped: &Shipped) {
    READERS.iter().for_each(|name| account(shipped, name));
}

fn account(shipped: &Shipped, name: &str) {
    let mut add = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["user", "add", name])
        .current_dir(shipped.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(add.wait().unwrap().success());
}

/// Reads restricted pages, each at an address of its own, until the server is gone; gives those
/// that came whole.
fn read_on(address: &str, cookie: &str, mark: &str, stop: &AtomicBool) -> Vec<String> {
    let mut received = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let path = format!("/records/C-0004/?{mark}-{n}");
        match ask(address, "GET", &path, &format!("cookie: {cookie}\r\n\r\n")) {
            Some(answer) if answer.starts_with("HTTP/1.1 200") => received.push(path),
            Some(_) => {}
            None => break,
        }
    }
    received
}

fn logged(shipped: &Shipped) -> BTreeSet<String> {
    let connection = rusqlite::Connection::open(shipped.path(".chancery/access-log.db")).unwrap();
    let mut query = connection.prepare("SELECT what FROM line WHERE allowed").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_killed_server_loses_no_account_and_no_line_of_a_page_that_was_answered() {
    let shipped = Shipped::copy();
    accounts(&shipped);
    let mut received: Vec<String> = Vec::new();
    for (round, later) in (0..).zip(LATER) {
        let mut server = Server::start(&shipped);
        // Those who may read the customer: the general manager, the owner, and finance.
        let cookies: Vec<String> = READERS[..3].iter().map(|name| server.sign_in(name)).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..6)
            .map(|client| {
                let (address, cookie, stop) = (server.address.clone(), cookies[client % 3].clone(), stop.clone());
                thread::spawn(move || read_on(&address, &cookie, &format!("{round}-{client}"), &stop))
            })
            .collect();
        account(&shipped, later);
        thread::sleep(Duration::from_millis(150 + round * 97 % 350));
        // SIGKILL.
        server.process.kill().unwrap();
        stop.store(true, Ordering::Relaxed);
        received.extend(clients.into_iter().flat_map(|client| client.join().unwrap()));
    }
    drop(Server::start(&shipped).sign_in(LATER[ROUNDS as usize - 1]));
    assert!(received.len() > 20, "pages were read while it ran: {}", received.len());
    let lines = logged(&shipped);
    let lost: Vec<&String> = received.iter().filter(|path| !lines.contains(*path)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(SqliteAudit::of(&shipped.path(".chancery")).verify().wait().unwrap(), None);
    let kept: Vec<String> =
        SqliteStore::open(&shipped.path(".chancery")).unwrap().accounts().wait().unwrap().iter().map(|a| a.person.to_string()).collect();
    let mut all: Vec<&str> = READERS.into_iter().chain(LATER).collect();
    all.sort_unstable();
    assert_eq!(kept, all);
}

impl Server {
    /// SIGTERM, as a service manager sends it.
    fn ask_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap().success());
    }

    /// Waits for its end, and gives whether it ended with status 0.
    fn ends(&mut self, within: Duration) -> bool {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.success();
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("it still runs after {within:?}");
    }
}

#[test]
fn asked_to_stop_it_ends_cleanly_and_a_session_outlives_it() {
    let shipped = Shipped::copy();
    accounts(&shipped);
    let mut server = Server::start(&shipped);
    let cookie = server.sign_in("zhong.nan");
    server.ask_to_stop();
    assert!(server.ends(Duration::from_secs(10)));
    let again = Server::start(&shipped);
    let answer = ask(&again.address, "GET", "/records/C-0004/", &format!("cookie: {cookie}\r\n\r\n")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// A form of which half has come when the server is asked to stop.
#[test]
fn asked_to_stop_it_answers_first_what_is_under_way() {
    let shipped = Shipped::copy();
    accounts(&shipped);
    let mut server = Server::start(&shipped);
    let form = format!("name=zhong.nan&password={}", PASSWORD.replace(' ', "+"));
    let (first, rest) = form.split_at(9);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "POST /sign-in HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{first}",
        server.address,
        form.len()
    )
    .unwrap();
    // A page answered on another connection shows that the server has come past ours.
    assert!(ask(&server.address, "GET", "/sign-in", "\r\n").is_some());
    thread::sleep(Duration::from_millis(200));
    server.ask_to_stop();
    thread::sleep(Duration::from_millis(500));
    assert!(server.process.try_wait().unwrap().is_none(), "it waits for the rest");
    assert!(TcpStream::connect(&server.address).is_err(), "nobody else is let in");
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("set-cookie: session="), "{answer}");
    assert!(server.ends(Duration::from_secs(10)));
}

/// Connections on which nothing comes: one that has said nothing, one that was answered, one that
/// breaks off in the middle of a line (which is waited for, but not for ever).
#[test]
fn asked_to_stop_it_does_not_wait_for_who_asks_nothing() {
    let shipped = Shipped::copy();
    accounts(&shipped);
    let mut server = Server::start(&shipped);
    let mut open: Vec<TcpStream> = Vec::new();
    for said in ["", "GET /sign-in HTTP/1.1\r\nhost: localhost\r\n\r\n", "GET /sign-in HT"] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
        open.push(stream);
    }
    let mut answered = [0; 15];
    open[1].read_exact(&mut answered).unwrap();
    assert_eq!(&answered, b"HTTP/1.1 200 OK");
    server.ask_to_stop();
    assert!(server.ends(Duration::from_secs(20)));
}

/// Every file of a site, by its path.
fn site(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder).follow_root_links(true).into_iter().map(|entry| entry.unwrap().into_path());
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.filter(|path| path.is_file()).map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

/// An archive whose site is built by the command itself, in one of two editions: every page bears
/// the archive's name.
struct Works {
    shipped: Shipped,
    settings: String,
    /// On the disk, where writing takes its time.
    folder: tempfile::TempDir,
}

impl Works {
    fn new() -> Works {
        let shipped = Shipped::people();
        let settings = shipped.read("chancery.yaml");
        Works { shipped, settings, folder: tempfile::tempdir().unwrap() }
    }

    fn begin(&self, edition: usize) -> Child {
        let name = self.settings.lines().find(|line| line.starts_with("name: ")).unwrap();
        self.shipped.write("chancery.yaml", &self.settings.replace(name, ["name: 甲版档案室", "name: 乙版档案室"][edition]));
        let mut build = Command::new(env!("CARGO_BIN_EXE_chancery"));
        build.args(["build", "--out"]).arg(self.folder.path().join("public")).current_dir(self.shipped.folder.path());
        build.stdout(Stdio::null()).spawn().unwrap()
    }

    /// Builds it undisturbed.
    fn whole(&self, edition: usize) -> BTreeMap<String, Vec<u8>> {
        assert!(self.begin(edition).wait().unwrap().success());
        self.stands()
    }

    fn stands(&self) -> BTreeMap<String, Vec<u8>> {
        site(&self.folder.path().join("public"))
    }

    /// Everything that lies beside the site.
    fn beside(&self) -> impl Iterator<Item = fs::DirEntry> {
        fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap)
    }

    /// Whether a build has begun to write (or to clear away what another has left) since that time.
    fn writes(&self, since: SystemTime) -> bool {
        let folders = self.beside().filter(|entry| entry.file_name().to_str().unwrap().starts_with(".site-public-"));
        folders.filter_map(|folder| folder.metadata().ok()?.modified().ok()).any(|modified| modified > since)
    }
}

/// Killed at moments of its whole run and, every second time, of the short time in which it writes.
#[test]
fn a_killed_build_leaves_the_old_site_or_the_new_one() {
    let works = Works::new();
    let whole = [0, 1].map(|edition| works.whole(edition));
    assert!(whole[0].len() > 100 && whole[0].keys().eq(whole[1].keys()) && whole[0] != whole[1]);
    let begun = Instant::now();
    works.whole(0);
    let takes = begun.elapsed();
    let (mut seed, mut stands, mut killed) = (0x5eed_u64, 0, 0);
    for round in 0..BUILDS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (seed >> 33) as u32 % 1000;
        let since = SystemTime::now();
        let mut build = works.begin(1 - stands);
        if round % 2 == 0 {
            thread::sleep(takes * part / 1000);
        } else {
            while !works.writes(since) && build.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_micros(200));
            }
            thread::sleep(takes / 4 * part / 1000);
        }
        // SIGKILL.
        build.kill().unwrap();
        killed += u32::from(!build.wait().unwrap().success());
        let found = works.stands();
        assert!(whole.contains(&found), "round {round}: neither the old site nor the new one");
        stands = usize::from(found == whole[1]);
    }
    assert!(killed >= BUILDS / 4, "{killed} of {BUILDS} builds were killed");
    assert!(works.whole(1 - stands) == whole[1 - stands]);
    assert!(works.beside().count() <= 3, "what the killed ones left is gone");
}
