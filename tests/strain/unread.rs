//! Clients that do not read, or hardly send, on a server that may open few files: nobody else is
//! kept out, and what they held is given back.
#![cfg(target_os = "linux")]

use crate::support::{
    process::{Server, strongroom},
    strongroom::{Kept, sign_in},
};
use std::{
    io::{BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

const FEW: &str = "ulimit -n 256";
/// A reader is answered in this time, whoever else is there.
const SOON: Duration = Duration::from_secs(5);

/// A client that asks for so many pages at once, as far as the system takes that, and reads none.
fn unread(server: SocketAddr, pages: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_nonblocking(true).unwrap();
    let asked = format!("GET /assets/style.css HTTP/1.1\r\nhost: {server}\r\n\r\n").repeat(pages);
    let _as_much_as_it_takes = stream.write(asked.as_bytes());
    stream
}

fn says(server: SocketAddr, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server).unwrap();
    let _left_already = stream.write_all(words.as_bytes());
    stream
}

#[track_caller]
fn soon<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    assert!(begun.elapsed() < SOON, "{what}: {:?}", begun.elapsed());
    done
}

/// Waits until the server has no more files open than so many, the clients still being there.
#[track_caller]
fn given_back(server: &Server, descriptors: usize, within: Duration) {
    let begun = Instant::now();
    while server.descriptors() > descriptors {
        assert!(begun.elapsed() < within, "{} open after {within:?}, of {descriptors}", server.descriptors());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_thousand_connections_that_read_nothing_keep_nobody_out_and_are_left() {
    let root = strongroom();
    let server = Server::start_under(FEW, root.path());
    let before = server.descriptors();
    let cookie = sign_in(server.address, "wen");
    let mut manager = Kept::open(server.address);
    assert_eq!(manager.get("/records/F-0/", &cookie), Some(200));
    let half = "GET /sign-in HTTP/1.1\r\nhost: x\r\ncookie: a";
    let mut held: Vec<TcpStream> = Vec::new();
    for n in 0..1_000 {
        held.push(match n % 4 {
            0 => says(server.address, ""),
            1 => says(server.address, half),
            _ => unread(server.address, 400),
        });
        if n % 100 == 99 {
            assert_eq!(soon("a manager", || manager.get("/records/F-0/", &cookie)), Some(200), "after {n}");
            assert!(server.descriptors() < 250, "{} open", server.descriptors());
        }
    }
    let other = soon("who signs in", || sign_in(server.address, "gao"));
    assert_eq!(soon("who has signed in", || Kept::open(server.address).get("/records/F-2/", &other)), Some(200));
    assert_eq!(soon("a manager", || manager.get("/records/F-0/", &cookie)), Some(200));
    // The manager's connection, the log, and what the pages have opened since the start.
    given_back(&server, before + 8, Duration::from_secs(45));
    assert_eq!(held.len(), 1_000);
}

/// Two members of the kind that are signed in: one reads nothing of an attachment, one a byte now
/// and then.
#[test]
fn who_reads_a_byte_now_and_then_is_left_too() {
    let root = strongroom();
    let large = std::fs::File::create(root.path().join("records/scan-0.txt")).unwrap();
    large.set_len(64 << 20).unwrap();
    let server = Server::start_under(FEW, root.path());
    let cookie = sign_in(server.address, "wen");
    assert_eq!(Kept::open(server.address).get("/records/F-0/", &cookie), Some(200));
    thread::sleep(Duration::from_millis(500));
    let before = server.descriptors();
    let asked = format!("GET /records/F-0/files/scan-0.txt HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n\r\n");
    let mut streams = [says(server.address, &asked), says(server.address, &asked)];
    thread::sleep(Duration::from_secs(3));
    assert!(server.descriptors() >= before + 4, "two connections and two files");
    let begun = Instant::now();
    while server.descriptors() > before {
        assert!(begun.elapsed() < Duration::from_secs(70), "{} open, of {before}", server.descriptors());
        let _ended = streams[1].read(&mut [0]);
        thread::sleep(Duration::from_millis(200));
    }
}

/// Who sends a byte now and then, in each place where something is awaited: the head, the body, the
/// next request.
#[test]
fn who_sends_a_byte_now_and_then_is_left() {
    let root = strongroom();
    let server = Server::start_under(FEW, root.path());
    let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\nname=";
    let ways = [
        ("", ""),
        ("GET /sign-in HTTP/1.1\r\nhost: x\r\nx: ", ""),
        ("POST /sign-in HTTP/1.1\r\nhost: x\r\n", form),
        ("GET /assets/style.css HTTP/1.1\r\nhost: x\r\n\r\n", "GET /"),
    ];
    thread::scope(|scope| {
        for (first, then) in ways {
            let server = &server;
            scope.spawn(move || {
                let mut stream = says(server.address, &format!("{first}{then}"));
                stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
                let begun = Instant::now();
                let mut buffer = [0; 64 << 10];
                loop {
                    match stream.read(&mut buffer) {
                        Ok(0) => break,
                        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                        _ => {}
                    }
                    let _left = stream.write_all(b"a");
                    assert!(begun.elapsed() < Duration::from_secs(25), "{first:?} is still waited for");
                }
            });
        }
    });
}

/// Heads that come nearly whole, and bodies: what is kept of each is little, however much is sent.
#[test]
fn what_is_sent_and_never_ends_fills_no_memory() {
    let root = strongroom();
    let server = Server::start(root.path());
    sign_in(server.address, "wen");
    let before = server.memory();
    let much = "a".repeat(390_000);
    let ways = [
        format!("GET /sign-in HTTP/1.1\r\nhost: x\r\nx: {much}"),
        format!("GET /{much}"),
        format!("GET /sign-in HTTP/1.1\r\nhost: x\r\n{}", "x: aaaaaaaaaaaaaaaaaaaa\r\n".repeat(16_000)),
        format!("POST /sign-in HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5f000\r\n{much}"),
    ];
    let _held: Vec<TcpStream> = (0..400).map(|n| says(server.address, &ways[n % 4])).collect();
    thread::sleep(Duration::from_secs(1));
    let more = server.memory().saturating_sub(before);
    assert!(more < 400 * (128 << 10), "{} KiB each", more / 400 / 1024);
    let long = format!("GET /sign-in HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(16 << 10));
    let mut answer = [0; 12];
    says(server.address, &long).read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200", "a long one is read");
}

/// RFC 9112, section 3.2.
#[test]
fn a_request_for_no_host_or_for_two_is_none() {
    let root = strongroom();
    let server = Server::start(root.path());
    let asked = |head: &str| {
        let mut stream = says(server.address, &format!("{head}connection: close\r\n\r\n"));
        let mut answer = String::new();
        BufReader::new(&mut stream).read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    assert_eq!(asked("GET /sign-in HTTP/1.1\r\nhost: x\r\n"), 200);
    assert_eq!(asked("GET /sign-in HTTP/1.0\r\n"), 200);
    for (none, head) in [
        ("no host", "GET /sign-in HTTP/1.1\r\n"),
        ("two", "GET /sign-in HTTP/1.1\r\nhost: x\r\nhost: y\r\n"),
        ("one twice", "GET /sign-in HTTP/1.1\r\nhost: x\r\nhost: x\r\n"),
        ("two before there was one", "GET /sign-in HTTP/1.0\r\nhost: x\r\nhost: y\r\n"),
        ("no name", "GET /sign-in HTTP/1.1\r\nhost: a b\r\n"),
        ("a list", "GET /sign-in HTTP/1.1\r\nhost: x, y\r\n"),
        ("an address", "GET /sign-in HTTP/1.1\r\nhost: http://x/\r\n"),
        ("a form", "POST /sign-in HTTP/1.1\r\ncontent-length: 0\r\n"),
    ] {
        assert_eq!(asked(head), 400, "{none}");
    }
}
