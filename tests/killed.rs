//! The server is killed, and loses no account and no line of the access log whose page was answered; asked to stop, it stops gracefully.
#![cfg(unix)]

mod support;

use chancery::store::{AccessLog, Store};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use support::Shipped;

const PASSWORD: &str = "long enough";
const READERS: [&str; 4] = ["lu.mingyuan", "zhong.nan", "fang.yan", "xue.man"];
const ROUNDS: u64 = 6;

/// A server that was started by its command, and the address at which it answers.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(shipped: &Shipped) -> Server {
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
    for name in READERS {
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
}

/// Reads restricted pages, each at an address of its own, until the server is gone; gives those that came whole.
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
    for round in 0..ROUNDS {
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
        thread::sleep(Duration::from_millis(150 + round * 97 % 350));
        // SIGKILL.
        server.process.kill().unwrap();
        stop.store(true, Ordering::Relaxed);
        received.extend(clients.into_iter().flat_map(|client| client.join().unwrap()));
    }
    assert!(received.len() > 20, "pages were read while it ran: {}", received.len());
    let lines = logged(&shipped);
    let lost: Vec<&String> = received.iter().filter(|path| !lines.contains(*path)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(AccessLog::verify(&shipped.path(".chancery")).unwrap(), None);
    let kept: Vec<String> =
        Store::open(&shipped.path(".chancery")).unwrap().accounts().unwrap().iter().map(|a| a.person.to_string()).collect();
    assert_eq!(kept, ["fang.yan", "lu.mingyuan", "xue.man", "zhong.nan"]);
}

#[test]
fn asked_to_stop_it_ends_cleanly_and_a_session_outlives_it() {
    let shipped = Shipped::copy();
    accounts(&shipped);
    let mut server = Server::start(&shipped);
    let cookie = server.sign_in("zhong.nan");
    let asked = Command::new("kill").args(["-TERM", &server.process.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert!(server.process.wait().unwrap().success());
    let again = Server::start(&shipped);
    let answer = ask(&again.address, "GET", "/records/C-0004/", &format!("cookie: {cookie}\r\n\r\n")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
