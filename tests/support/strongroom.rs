//! A strongroom: an archive as small as can be, in which each reads a file of his own and nobody
//! else does; readers who ask for them without a pause, each time at an address of its own; and
//! what the access log has of it.

use super::small::{found, write};
use chancery::store::{AccessLine, Audit, SqliteAudit, Wait};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{
        Mutex, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

pub const READERS: [&str; 4] = ["wen", "tou", "gao", "ma"];
pub const PASSWORD: &str = "demo";
/// Threads that read at once.
pub const AT_ONCE: usize = 24;

/// Makes the archive: `wen` reads F-0, `tou` F-1, and so on; each file has an attachment.
pub fn make(root: &Path) {
    found(root, &READERS);
    for (n, person) in READERS.into_iter().enumerate() {
        let front = format!("type: file\nid: F-{n}\nname: {person}的案卷\nowner: {person}\nattachments: [scan-{n}.txt]\n");
        write(root, &format!("records/F-{n}.md"), format!("---\n{front}---\n"));
        write(root, &format!("records/scan-{n}.txt"), format!("只给{person}看"));
    }
}

/// A line about the first reader's reading.
pub fn line(what: &str) -> AccessLine {
    AccessLine {
        at: std::time::UNIX_EPOCH.into(),
        who: READERS[0].into(),
        what: what.into(),
        origin: "127.0.0.1".into(),
        record: None,
        allowed: true,
    }
}

/// A page that came whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Received {
    pub who: &'static str,
    pub what: String,
}

/// Those of the received pages that have no line in the log, which must be an unbroken chain.
pub fn without_line<'r>(state: &Path, received: &'r [Received]) -> Vec<&'r Received> {
    assert_eq!(SqliteAudit::of(state).verify().wait().unwrap(), None);
    let connection = rusqlite::Connection::open(state.join("access-log.db")).unwrap();
    let mut query = connection.prepare("SELECT what, who FROM line WHERE allowed = 1").unwrap();
    let lines = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let lines: BTreeMap<String, String> = lines.collect::<Result<_, _>>().unwrap();
    received.iter().filter(|page| lines.get(&page.what).is_none_or(|who| who != page.who)).collect()
}

/// Where the server is, what readers have received of it, and what came of their other requests.
pub struct Readings {
    pub server: RwLock<SocketAddr>,
    pub received: Mutex<Vec<Received>>,
    pub asked: AtomicUsize,
    pub under_way: AtomicUsize,
    /// Requests that got no whole answer.
    pub broken: AtomicUsize,
    /// Statuses of other answers.
    pub refused: Mutex<BTreeMap<u16, usize>>,
}

impl Readings {
    pub fn of(server: SocketAddr) -> Readings {
        Readings {
            server: RwLock::new(server),
            received: Mutex::default(),
            asked: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            broken: AtomicUsize::new(0),
            refused: Mutex::default(),
        }
    }

    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    pub fn refusals(&self) -> usize {
        self.refused.lock().unwrap().values().sum()
    }

    /// Waits until so many pages have come.
    pub fn wait_for(&self, count: usize) {
        let mut last = (self.count(), 0);
        while last.0 < count {
            thread::sleep(Duration::from_millis(1));
            let now = self.count();
            last = if now > last.0 { (now, 0) } else { (now, last.1 + 1) };
            assert!(last.1 < 30_000, "no page came for long: {:?}", self.refused.lock().unwrap());
        }
    }

    /// One of the readers: reads his file until so many pages have been received by all.
    pub fn read_on(&self, reader: usize, cookie: &str, count: usize) {
        let mut line = Kept(None);
        while self.count() < count {
            let n = self.asked.fetch_add(1, Ordering::Relaxed);
            let what = match n % 10 {
                0 => format!("/records/F-{reader}/?n={n}"),
                1 => format!("/records/F-{reader}/files/scan-{reader}.txt?n={n}"),
                _ => format!("/api/records/F-{reader}?n={n}"),
            };
            let server = *self.server.read().unwrap();
            self.under_way.fetch_add(1, Ordering::Relaxed);
            let came = line.get_from(server, &what, cookie);
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            match came {
                Some(200) => self.received.lock().unwrap().push(Received { who: READERS[reader], what }),
                Some(status) => *self.refused.lock().unwrap().entry(status).or_default() += 1,
                None => {
                    self.broken.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }
}

/// A connection that is kept, and to which server.
pub struct Kept(Option<(SocketAddr, BufReader<TcpStream>)>);

impl Kept {
    pub fn open(server: SocketAddr) -> Kept {
        Kept(Some((server, connect(server).unwrap())))
    }

    /// The status of an answer that came whole, over a new connection where the last one broke.
    fn get_from(&mut self, server: SocketAddr, path: &str, cookie: &str) -> Option<u16> {
        if self.0.as_ref().is_none_or(|(to, _)| *to != server) {
            self.0 = Some((server, connect(server)?));
        }
        self.get(path, cookie)
    }

    /// The status of an answer that came whole over this connection.
    pub fn get(&mut self, path: &str, cookie: &str) -> Option<u16> {
        // Put back when the answer is whole: a connection that broke is not used again.
        let (server, mut stream) = self.0.take()?;
        write!(stream.get_mut(), "GET {path} HTTP/1.1\r\nhost: {server}\r\ncookie: {cookie}\r\n\r\n").ok()?;
        let (head, _) = answer(&mut stream)?;
        self.0 = Some((server, stream));
        status(&head)
    }
}

/// The status of the answer to one request.
pub fn get(server: SocketAddr, path: &str, cookie: &str) -> u16 {
    Kept(None).get_from(server, path, cookie).unwrap()
}

fn connect(server: SocketAddr) -> Option<BufReader<TcpStream>> {
    let stream = TcpStream::connect(server).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(40))).ok()?;
    Some(BufReader::new(stream))
}

fn status(head: &str) -> Option<u16> {
    head.split(' ').nth(1)?.parse().ok()
}

/// Head and body of an answer, if all of its body came.
fn answer(stream: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// Signs a reader in, and gives the cookie.
pub fn sign_in(server: SocketAddr, name: &str) -> String {
    let mut stream = connect(server).unwrap();
    let body = format!("name={name}&password={PASSWORD}");
    let form = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    write!(stream.get_mut(), "POST /sign-in HTTP/1.1\r\nhost: {server}\r\n{form}").unwrap();
    let (head, _) = answer(&mut stream).unwrap();
    assert_eq!(status(&head), Some(303), "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Numbers without a pattern, from a seed that is told where a test fails.
pub struct Chance(u64);

impl Chance {
    pub fn new() -> Chance {
        let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        println!("the seed is {seed}");
        Chance(seed)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
