//! Attachments and conditional requests over HTTP (RFC 9110): parts, tags, types and names, and
//! that no condition tells what is hidden.

use crate::support::{
    intranet::{Answer, Running, Signed},
    small::Small,
};
use chancery::store::{Audit, SqliteAudit, Wait};
use chrono::{TimeDelta, Utc};
use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

const NOTE: &str = "/records/N-1/files/";
const FILE: &str = "/records/F-1/files/";
/// The digits, as a PDF.
const TEN: (&str, &[u8]) = ("十.pdf", b"0123456789");
const TEN_AT: &str = "%E5%8D%81.pdf";

fn with(reader: &Signed<'_>, method: &str, path: &str, headers: &str) -> Answer {
    reader.running.ask(method, path, &format!("cookie: {}\r\n{headers}", reader.cookie), "")
}

/// The lines of an answer's head, but for the date.
fn sorted(answer: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = answer.undated().0.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn lines(running: &Running) -> i64 {
    SqliteAudit::of(&running.state).head().wait().unwrap().number
}

#[test]
fn every_page_has_a_tag_of_what_this_reader_gets() {
    let small = Small::new(&[]);
    let running = Running::start(small.path());
    let (ma, gao) = (running.sign_in("ma"), running.sign_in("gao"));
    for path in ["/", "/records/N-1/", "/en/people/", "/api/due", "/assets/style.css", "/search/?q=a"] {
        let answer = ma.get(path);
        let tag = answer.header("etag").unwrap().to_owned();
        assert!(tag.starts_with("W/\"") && tag.len() == 36, "{path}: {tag}");
        assert_eq!(ma.get(path).header("etag"), Some(&*tag), "{path}");
        for method in ["GET", "HEAD"] {
            let known = with(&ma, method, path, &format!("if-none-match: \"other\", {}\r\n", &tag[2..]));
            assert_eq!((known.status(), known.body.len(), known.header("etag")), (304, 0, Some(&*tag)), "{method} {path}");
            for gone in ["content-length", "content-type", "transfer-encoding", "content-encoding"] {
                assert_eq!(known.header(gone), None, "{method} {path}: {gone}\n{}", known.head);
            }
            for kept in ["cache-control", "vary", "x-content-type-options"] {
                assert_eq!(known.header(kept), answer.header(kept), "{path}: {kept}");
            }
        }
        assert_eq!(with(&ma, "GET", path, "if-none-match: \"other\"\r\n").status(), 200);
        assert_eq!(with(&ma, "GET", path, "if-modified-since: Fri, 01 Jan 2100 00:00:00 GMT\r\n").status(), 200);
        assert_eq!(with(&ma, "GET", path, "if-unmodified-since: Fri, 01 Jan 1980 00:00:00 GMT\r\n").status(), 200);
        assert_eq!(with(&ma, "GET", path, "if-match: \"other\"\r\n").status(), 412);
        assert_eq!(with(&ma, "GET", path, "range: bytes=0-3\r\n").status(), 200, "no page is had in part");
        assert_eq!(answer.header("last-modified"), None);
    }
    assert_ne!(ma.get("/").header("etag"), gao.get("/").header("etag"));
    assert_eq!(running.ask("GET", "/sign-in", "", "").header("cache-control"), Some("private, no-store"));
}

#[test]
fn a_head_is_that_of_its_get() {
    let small = Small::new(&[TEN]);
    let running = Running::start(small.path());
    let ma = running.sign_in("ma");
    for path in ["/", "/records/F-1/", "/records/none/", &format!("{FILE}{TEN_AT}"), &format!("{FILE}none.pdf"), "/api/due", "/search/?q=a"]
    {
        for headers in ["", "if-none-match: *\r\n", "if-match: \"x\"\r\n"] {
            let (get, head) = (with(&ma, "GET", path, headers), with(&ma, "HEAD", path, headers));
            assert_eq!(sorted(&get), sorted(&head), "{path} {headers}");
            assert!(head.body.is_empty());
        }
    }
    let head = with(&ma, "HEAD", &format!("{FILE}{TEN_AT}"), "range: bytes=0-3\r\n");
    assert_eq!((head.status(), head.header("content-length")), (200, Some("10")));
}

#[test]
fn a_part_of_an_attachment_is_cut_out() {
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let small = Small::new(&[TEN, ("大.bin", &large), ("空.txt", b"")]);
    let running = Running::start(small.path());
    let ma = running.sign_in("ma");
    let path = format!("{FILE}{TEN_AT}");
    let whole = ma.get(&path);
    let tag = whole.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    assert_eq!((whole.status(), whole.body.as_slice(), whole.header("accept-ranges")), (200, TEN.1, Some("bytes")));
    for (range, told, part) in
        [("bytes=0-3", "bytes 0-3/10", "0123"), ("bytes=8-", "bytes 8-9/10", "89"), ("bytes=-4", "bytes 6-9/10", "6789")]
    {
        let answer = with(&ma, "GET", &path, &format!("range: {range}\r\nif-range: {tag}\r\n"));
        assert_eq!((answer.status(), answer.header("content-range"), &*answer.text()), (206, Some(told), part));
        assert_eq!((answer.header("content-length"), answer.header("etag")), (Some(&*part.len().to_string()), Some(&*tag)));
        assert_eq!(answer.header("content-security-policy"), whole.header("content-security-policy"));
    }
    let beyond = with(&ma, "GET", &path, "range: bytes=10-\r\n");
    assert_eq!((beyond.status(), beyond.header("content-range"), beyond.body.len()), (416, Some("bytes */10"), 0));
    for headers in ["range: bytes=0-1,3-4\r\n", "range: bytes=x\r\n", "range: bytes=0-3\r\nif-range: \"other\"\r\n"] {
        let answer = with(&ma, "GET", &path, headers);
        assert_eq!((answer.status(), answer.body.as_slice()), (200, TEN.1), "{headers}");
    }
    assert_eq!(with(&ma, "GET", &path, &format!("if-none-match: {tag}\r\nrange: bytes=0-3\r\n")).status(), 304);
    assert_eq!(with(&ma, "GET", &path, &format!("if-match: {tag}\r\n")).status(), 200);
    let large_at = format!("{FILE}%E5%A4%A7.bin");
    assert!(ma.get(&large_at).body == large);
    let middle = with(&ma, "GET", &large_at, "range: bytes=1000000-2999999\r\n");
    assert!(middle.body == large[1_000_000..], "{}", middle.head);
    let empty = ma.get(&format!("{FILE}%E7%A9%BA.txt"));
    assert_eq!((empty.status(), empty.header("content-length")), (200, Some("0")));
}

#[test]
fn what_a_browser_could_run_is_saved_under_its_own_name() {
    let kinds: [(&str, &str, &str, &str); 8] = [
        ("合同 甲.pdf", "%E5%90%88%E5%90%8C%20%E7%94%B2.pdf", "application/pdf", "inline"),
        ("图.PNG", "%E5%9B%BE.PNG", "image/png", "inline"),
        ("表.csv", "%E8%A1%A8.csv", "text/plain; charset=utf-8", "inline"),
        ("表.xlsx", "%E8%A1%A8.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
        ("x'y;z.zip", "x%27y%3Bz.zip", "application/zip", "attachment"),
        ("a.svg", "a.svg", "application/octet-stream", "attachment"),
        ("a.html", "a.html", "application/octet-stream", "attachment"),
        ("无", "%E6%97%A0", "application/octet-stream", "attachment"),
    ];
    let attachments: Vec<(&str, &[u8])> = kinds.iter().map(|(name, ..)| (*name, &b"<script>alert(1)</script>"[..])).collect();
    let small = Small::new(&attachments);
    let running = Running::start(small.path());
    let gao = running.sign_in("gao");
    for (_, encoded, content_type, handing) in kinds {
        let answer = gao.get(&format!("{NOTE}{encoded}"));
        assert_eq!((answer.status(), answer.header("content-type")), (200, Some(content_type)));
        assert_eq!(answer.header("content-disposition"), Some(&*format!("{handing}; filename*=UTF-8''{encoded}")));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox; default-src 'none'"));
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        let compressed = with(&gao, "GET", &format!("{NOTE}{encoded}"), "accept-encoding: gzip\r\n");
        assert_eq!((compressed.header("content-encoding"), compressed.body == answer.body), (None, true));
    }
}

#[test]
fn what_reflects_the_request_is_not_compressed() {
    let small = Small::new(&[]);
    let running = Running::start(small.path());
    let gao = running.sign_in("gao");
    let encoding = |path: &str| with(&gao, "GET", path, "accept-encoding: gzip\r\n").header("content-encoding").map(str::to_owned);
    for path in ["/", "/records/N-1/", "/policies/house/", "/assets/style.css"] {
        assert_eq!(encoding(path).as_deref(), Some("gzip"), "{path}");
        assert_eq!(gao.get(path).header("vary"), Some("accept-encoding"));
    }
    for path in ["/search/?q=abc", "/api/search?q=abc", "/?x=abc", "/records/N-1/?x", "/records/none/", "/sign-in?next=%2Fabc"] {
        assert_eq!(encoding(path), None, "{path}");
    }
}

#[test]
fn neither_a_304_nor_a_206_goes_out_before_its_line() {
    let small = Small::new(&[TEN]);
    let running = Running::start(small.path());
    let ma = running.sign_in("ma");
    let path = format!("{FILE}{TEN_AT}");
    let conditions = ["", "if-none-match: *\r\n", "range: bytes=0-3\r\n", "range: bytes=99-\r\n", "if-match: \"x\"\r\n"];
    for (path, condition) in [&*path, "/records/F-1/"].into_iter().flat_map(|path| conditions.map(|condition| (path, condition))) {
        let before = lines(&running);
        with(&ma, "GET", path, condition);
        assert_eq!(lines(&running), before + 1, "{path} {condition}");
    }
    let before = lines(&running);
    assert_eq!(running.sign_in("gao").get(&format!("{NOTE}{TEN_AT}")).status(), 200);
    assert_eq!(lines(&running), before, "what everybody reads is no secret");
    rusqlite::Connection::open(running.state.join("access-log.db")).unwrap().execute_batch("DROP TABLE line").unwrap();
    for (path, condition) in [&*path, "/records/F-1/"].into_iter().flat_map(|path| conditions.map(|condition| (path, condition))) {
        assert_eq!(with(&ma, "GET", path, condition).status(), 503, "{path} {condition}");
    }
}

/// An archive with an attachment of so many bytes, which cost no disk.
fn with_large(bytes: u64) -> (Small, Running) {
    let small = Small::new(&[("大.bin", b"")]);
    File::options().write(true).open(small.path().join("records/f/大.bin")).unwrap().set_len(bytes).unwrap();
    let running = Running::start(small.path());
    // Long after the file was written, whatever day the test is run.
    *running.now.lock().unwrap() = Utc::now() + TimeDelta::days(1);
    (small, running)
}

const LARGE: &str = "/records/F-1/files/%E5%A4%A7.bin";

/// What this process has read so far, in bytes.
fn read_so_far() -> u64 {
    let told = fs::read_to_string("/proc/self/io").unwrap();
    told.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// A flood of questions about a large file reads it once, and whoever signs in meanwhile is not
/// kept waiting.
#[cfg(target_os = "linux")]
#[test]
fn what_is_asked_of_a_large_attachment_reads_it_once_and_leaves_signing_in_quick() {
    const BYTES: u64 = 512 << 20;
    let (_small, running) = with_large(BYTES);
    let (ma, before) = (running.sign_in("ma"), read_so_far());
    let tag = thread::scope(|scope| {
        let asked = |headers: &'static str, method: &'static str, status: u16| {
            let ma = &ma;
            move || {
                let answer = with(ma, method, LARGE, headers);
                assert_eq!(answer.status(), status, "{headers} {}", answer.head);
            }
        };
        for n in 0..560 {
            match n % 3 {
                0 => scope.spawn(asked("", "HEAD", 200)),
                1 => scope.spawn(asked("if-none-match: *\r\n", "GET", 304)),
                _ => scope.spawn(asked("range: bytes=0-0\r\n", "GET", 206)),
            };
        }
        let begun = Instant::now();
        running.sign_in("gao");
        assert!(begun.elapsed() < Duration::from_secs(5), "signing in took {:?}", begun.elapsed());
        with(&ma, "HEAD", LARGE, "").header("etag").unwrap().to_owned()
    });
    let read = read_so_far() - before;
    assert!(read < BYTES * 2, "{} times", read / BYTES);
    fs::write(_small.path().join("records/f/大.bin"), "anew").unwrap();
    assert_ne!(ma.get(LARGE).header("etag").unwrap(), tag, "what was written anew has another tag");
}

/// A file of a million million bytes is handed over like another; only its tag it lacks, for that
/// would have to be read.
#[test]
fn an_attachment_that_is_too_large_to_be_digested_costs_nothing() {
    let (_small, running) = with_large(1 << 40);
    let ma = running.sign_in("ma");
    let begun = Instant::now();
    let head = ma.ask("HEAD", LARGE);
    assert_eq!((head.status(), head.header("content-length"), head.header("etag")), (200, Some("1099511627776"), None));
    let end = with(&ma, "GET", LARGE, "range: bytes=1099511627774-\r\n");
    assert_eq!((end.status(), end.body.as_slice()), (206, &[0, 0][..]));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// Who takes many and reads none has no more open than his share, and others are given theirs.
#[test]
fn one_person_is_given_few_attachments_at_once() {
    let (small, running) = with_large(64 << 20);
    small.write("records/n/a.txt", "a");
    let ma = running.sign_in("ma");
    let open = || {
        let mut stream = TcpStream::connect(running.address).unwrap();
        write!(stream, "GET {LARGE} HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", ma.cookie).unwrap();
        stream
    };
    let mut held: Vec<TcpStream> = (0..4).map(|_| open()).collect();
    held.iter_mut().for_each(|stream| stream.read_exact(&mut [0; 15]).unwrap());
    let waiting = [LARGE, &format!("{FILE}none.pdf"), "/records/none/files/none.pdf"];
    let told = thread::scope(|scope| waiting.map(|path| scope.spawn(|| ma.get(path))).map(|waiting| waiting.join().unwrap()));
    assert_eq!((told[0].status(), told[0].header("retry-after")), (503, Some("5")), "he has waited for his turn");
    assert!(told[1..].iter().all(|other| other.undated() == told[0].undated()), "which does not tell what is there");
    for path in ["/records/F-1/", "/records/N-1/"] {
        assert_eq!(ma.get(path).status(), 200, "pages have no turn");
    }
    assert_eq!(running.sign_in("gao").get(&format!("{NOTE}%E5%A4%A7.bin")).status(), 200);
    drop(held);
    assert_eq!(ma.ask("HEAD", LARGE).status(), 200);
}

/// Hidden, never there, and every way to write a path that a server or a file system might read as
/// another: one answer.
#[test]
fn no_path_leads_anywhere_else() {
    let small = Small::new(&[TEN, ("a.txt", b"own"), ("é.txt", b"own")]);
    small.write("records/secret.txt", "密文");
    small.write("records/f/secret.txt", "密文");
    small.write(".chancery/accounts.db", "密文");
    let running = Running::start(small.path());
    let gao = running.sign_in("gao");
    let conditions =
        ["", "if-none-match: *\r\n", "if-match: \"x\"\r\n", "range: bytes=0-3\r\n", "range: bytes=99-\r\n", "accept-encoding: gzip\r\n"];
    let never = |method: &str, condition: &str| with(&gao, method, "/records/none/files/none.txt", condition);
    let odd = [
        "../f/secret.txt",
        "..%2Ff%2Fsecret.txt",
        "%2E%2E%2Ff%2Fsecret.txt",
        "%252E%252E%252Ff%252Fsecret.txt",
        "..%5Cf%5Csecret.txt",
        "..\\f\\secret.txt",
        "%2Fetc%2Fpasswd",
        "/etc/passwd",
        "..%2F..%2F.chancery%2Faccounts.db",
        "..%c0%afsecret.txt",
        "secret.txt",
        "N-1.md",
        "a.txt%00",
        "a.txt%00.pdf",
        "a.txt.",
        "a.txt%20",
        "%20a.txt",
        "a.txt/",
        "a.txt//",
        "a.txt%2F",
        ".%2Fa.txt",
        "%2e/a.txt",
        "A.TXT",
        "a.txt::$DATA",
        "a.txt%0A",
        "e%CC%81.txt",
        "%EF%BD%81.txt",
        "a%EF%BC%8Etxt",
        "%FF",
        "%",
        "%2",
        "",
        ".",
        "..",
        "~0000",
    ];
    for method in ["GET", "HEAD"] {
        for condition in conditions {
            let never = never(method, condition);
            assert_eq!(never.status(), 404);
            for name in odd {
                let answer = with(&gao, method, &format!("{NOTE}{name}"), condition);
                assert!(answer.undated() == never.undated() || answer.status() == 400, "{method} {name} {condition}\n{}", answer.head);
            }
            for hidden in [TEN_AT, "a.txt", "none.txt"] {
                let answer = with(&gao, method, &format!("{FILE}{hidden}"), condition);
                assert!(answer.undated() == never.undated(), "{method} {hidden} {condition}\n{}", answer.head);
            }
        }
    }
    assert_eq!((gao.get(&format!("{NOTE}a%2Etxt")).text(), gao.get(&format!("{NOTE}%C3%A9.txt")).text()), ("own".into(), "own".into()));
}
