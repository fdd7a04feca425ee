//! Asked to stop, the server ends in the eight seconds that are promised, whatever it is about.
#![cfg(target_os = "linux")]

use crate::support::{
    self,
    process::{Server, strongroom},
    strongroom::{self, sign_in},
};
use chancery::store::{Audit, SqliteAudit, Wait};
use rusqlite::Connection;
use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

const PROMISED: Duration = Duration::from_secs(8);

/// What keeps a server busy, and is held while it is asked to stop.
type Load = fn(&Path, SocketAddr, &str) -> (Vec<TcpStream>, Option<Connection>);

#[track_caller]
fn ends_under(load: Load) {
    let root = strongroom();
    support::small::write(root.path(), ".chancery/server.yaml", "trusted_proxies: [127.0.0.1]\n");
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
    ask_with(server, method, path, &format!("cookie: {cookie}\r\n"), form)
}

fn ask_with(server: SocketAddr, method: &str, path: &str, headers: &str, form: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server).unwrap();
    let kind = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", form.len());
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}{kind}\r\n{form}").unwrap();
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

/// Each attempt beyond the tenth waits, up to ten seconds.
#[test]
fn with_guesses_at_a_name_that_wait() {
    ends_under(|_, server, _| {
        let guess = |n| ask_with(server, "POST", "/sign-in", &format!("x-forwarded-for: 198.51.100.{n}\r\n"), "name=wen&password=guess");
        ((0..30).map(guess).collect(), None)
    });
}

#[test]
fn with_addresses_that_are_not_there_asked_for_in_vain() {
    ends_under(|_, server, cookie| ((0..300).map(|n| ask(server, "GET", &format!("/records/none-{n}/"), cookie, "")).collect(), None));
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

/// Somebody else has the turn to write, and lets nobody else have it.
#[test]
fn with_a_grant_that_waits_for_its_turn() {
    let shipped = support::Shipped::copy();
    let mut server = Server::start_with(&["--demo"], shipped.folder.path());
    let asks = "id=C-0004&purpose=x&until=2026-11-30";
    let reader = sign_in(server.address, "tian.shuisheng");
    assert!(answer(&mut ask(server.address, "POST", "/ask", &reader, asks)).starts_with("HTTP/1.1 303"));
    let manager = sign_in(server.address, "lu.mingyuan");
    let inbox = answer(&mut ask(server.address, "GET", "/inbox/", &manager, ""));
    let (_, rest) = inbox.split_once("name=\"ask\" value=\"").expect("an ask waits");
    let grants = format!("action=grant&ask={}", rest.split('"').next().unwrap());
    let _turn = chancery::edit::Turn::take(&shipped.path(".chancery/demo/.chancery")).unwrap();
    let mut waits = ask(server.address, "POST", "/inbox/", &manager, &grants);
    thread::sleep(Duration::from_millis(500));
    server.ask_to_stop();
    let (status, after) = server.ends(Duration::from_secs(40));
    assert!(status.success() && after < PROMISED, "{status}, {after:?}");
    assert!(answer(&mut waits).contains("location: /inbox/?done=done_busy"), "who waited was told");
}

fn answer(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_millis(1_500))).unwrap();
    let mut bytes = Vec::new();
    // The connection is kept, and nothing more comes.
    let _nothing_more = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What was refused again is counted: asked to stop, the server writes how often; killed, it has
/// written that it was refused, and how often is lost.
#[test]
fn what_was_counted_is_written_at_the_end_and_the_first_of_it_at_once() {
    for is_killed in [false, true] {
        let root = strongroom();
        let mut server = Server::start(root.path());
        let cookie = sign_in(server.address, "wen");
        (0..5).for_each(|_| assert_eq!(strongroom::get(server.address, "/records/none/", &cookie), 404));
        // The log is written in order, and this page waits for its line.
        assert_eq!(strongroom::get(server.address, "/records/F-0/", &cookie), 200);
        if is_killed {
            server.process.kill().unwrap();
        } else {
            server.ask_to_stop();
        }
        server.ends(PROMISED);
        let log = Connection::open(root.path().join(".chancery/access-log.db")).unwrap();
        let mut query = log.prepare("SELECT what FROM line ORDER BY number").unwrap();
        let written: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let all = ["/records/none/", "/records/F-0/", "/records/none/ (×4)"];
        assert_eq!(written, all[..if is_killed { 2 } else { 3 }]);
        assert_eq!(SqliteAudit::of(&root.path().join(".chancery")).verify().wait().unwrap(), None);
    }
}
