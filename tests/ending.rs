//! Asked to stop, the server ends in the eight seconds that are promised, whatever it is about.
#![cfg(target_os = "linux")]

mod support;

use rusqlite::Connection;
use std::{
    fs::File,
    io::Write,
    net::{SocketAddr, TcpStream},
    path::Path,
    thread,
    time::Duration,
};
use support::{
    process::{Server, strongroom},
    strongroom::sign_in,
};

const PROMISED: Duration = Duration::from_secs(8);

/// What keeps a server busy, and is held while it is asked to stop.
type Load = fn(&Path, SocketAddr, &str) -> (Vec<TcpStream>, Option<Connection>);

#[track_caller]
fn ends_under(load: Load) {
    let root = strongroom();
    let attachment = File::create(root.path().join("records/scan-0.txt")).unwrap();
    attachment.set_len(256 << 30).unwrap();
    let mut server = Server::start(root.path());
    let cookie = sign_in(server.address, "wen");
    let _held = load(root.path(), server.address, &cookie);
    thread::sleep(Duration::from_secs(1));
    server.ask_to_stop();
    let (status, after) = server.ends(Duration::from_secs(40));
    assert!(after < PROMISED, "{after:?}");
    assert!(status.success(), "{status}");
}

fn ask(server: SocketAddr, method: &str, path: &str, cookie: &str, form: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server).unwrap();
    let kind = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", form.len());
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n{kind}\r\n{form}").unwrap();
    stream
}

/// Holds a store for writing, as a program that copies it might.
fn locked(root: &Path, file: &str) -> Connection {
    let connection = Connection::open(root.join(".chancery").join(file)).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

#[test]
fn with_readers_that_do_not_read() {
    ends_under(|_, server, cookie| ((0..3).map(|_| ask(server, "GET", "/records/F-0/files/scan-0.txt", cookie, "")).collect(), None));
}

#[test]
fn with_questions_about_a_large_file() {
    ends_under(|_, server, cookie| ((0..20).map(|_| ask(server, "HEAD", "/records/F-0/files/scan-0.txt", cookie, "")).collect(), None));
}

#[test]
fn with_passwords_to_be_hashed() {
    ends_under(|_, server, _| {
        let names = (0..200).map(|n| format!("name=nobody-{n}&password=guess"));
        (names.map(|form| ask(server, "POST", "/sign-in", "", &form)).collect(), None)
    });
}

#[test]
fn with_a_store_of_accounts_that_somebody_holds() {
    ends_under(|root, server, cookie| {
        let held = locked(root, "accounts.db");
        let streams = (0..20).map(|n| ask(server, "POST", ["/account/calendar", "/sign-out"][n % 2], cookie, ""));
        (streams.collect(), Some(held))
    });
}

#[test]
fn with_an_access_log_that_somebody_holds() {
    ends_under(|root, server, cookie| {
        let held = locked(root, "access-log.db");
        ((0..300).map(|n| ask(server, "GET", &format!("/records/F-0/?n={n}"), cookie, "")).collect(), Some(held))
    });
}

#[test]
fn with_requests_that_do_not_come_to_their_end() {
    ends_under(|_, server, _| {
        let begun = |words: &str| {
            let mut stream = TcpStream::connect(server).unwrap();
            stream.write_all(words.as_bytes()).unwrap();
            stream
        };
        let form =
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 99\r\n\r\nname=";
        (["", "GET /sign-in HT", form].map(begun).into(), None)
    });
}
