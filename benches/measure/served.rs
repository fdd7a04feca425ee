//! A running intranet over a grown archive: how soon it answers, what a change costs, what stays in
//! memory, and how many requests it answers.

use super::{Line, archives, chancery, child, families::Growth, grown};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

const CONNECTIONS: usize = 32;
const FOR: Duration = Duration::from_secs(3);
/// Of single requests the middle one of so many is told.
const TIMES: usize = 15;

/// A program that answers on a port, and is ended with this.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub fn run(folder: &Path, growth: Growth) -> Vec<Line> {
    let (root, size) = (grown(folder, growth), growth.size);
    let begun = Instant::now();
    let running = start(&root);
    let line = |what: &str, figures: String| Line { what: what.to_owned(), records: size, figures };
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let mut lines = vec![line("serve --demo until it answers (with its copy of the archive)", milliseconds(begun.elapsed()))];
    let cookie = sign_in(&running);
    let page = "/records/C-0001/";
    let middle = |path: &str| {
        let mut times: Vec<Duration> = (0..TIMES).map(|_| timed(|| ask(&running, path, &cookie)).0).collect();
        times.sort();
        times[TIMES / 2]
    };
    for path in ["/live", page, "/", "/due/", "/findings/", "/types/customer/", "/search/?q=%E4%BB%98%E6%AC%BE"] {
        let weight = timed(|| ask(&running, path, &cookie)).1.body.len() / 1000;
        let before = cpu(&running);
        let time = middle(path);
        let each = (cpu(&running) - before) * 1e3 / TIMES as f64;
        lines.push(line(&format!("{path}, nothing changed, {weight} kB"), format!("{} (CPU {each:.1} ms)", milliseconds(time))));
    }
    lines.push(line("resident after that", format!("{} MB", resident(&running))));
    let record = played(&root).join("records/customers/C-0001.md");
    let changes: Vec<Duration> = (0..3)
        .map(|turn| {
            let text = fs::read_to_string(&record).expect("the record");
            fs::write(&record, format!("{text}\n第 {turn} 次改动。\n")).expect("the record");
            timed(|| ask(&running, page, &cookie)).0
        })
        .collect();
    lines.push(line("first page after one change", changes.into_iter().map(milliseconds).collect::<Vec<_>>().join(", ")));
    lines.push(line("resident after three changes", format!("{} MB", resident(&running))));
    let open = "/policies/credit/";
    // Made for whoever asks first: what is told is what it takes after that.
    ask(&running, open, &cookie);
    for path in ["/live", open, page] {
        lines.push(line(&format!("{path}, {CONNECTIONS} connections"), format!("{:.0} requests a second", rate(&running, path, &cookie))));
    }
    if let Some(nginx) = nginx(folder, &ask(&running, open, &cookie).body) {
        lines.push(line("nginx with the bytes of the open page", format!("{:.0} requests a second", rate(&nginx, "/page.html", ""))));
    }
    lines
}

fn played(root: &Path) -> PathBuf {
    root.join(".chancery/demo")
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

fn start(root: &Path) -> Running {
    let address = free_port();
    let mut command = Command::new(chancery());
    command.args(["serve", "--demo", "--listen", &address.to_string()]).current_dir(root);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let running = Running { child, address };
    until_it_listens(&running);
    // Whoever comes early waits until the archive is open.
    ask(&running, "/sign-in", "");
    running
}

fn until_it_listens(running: &Running) {
    let begun = Instant::now();
    while TcpStream::connect(running.address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(600), "it does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

fn timed<T>(act: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let done = act();
    (begun.elapsed(), done)
}

fn ask(running: &Running, path: &str, cookie: &str) -> Answer {
    send(running, &format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n", running.address))
}

fn send(running: &Running, request: &str) -> Answer {
    let mut stream = TcpStream::connect(running.address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("it answers");
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    Answer { head: String::from_utf8_lossy(&bytes[..at]).into_owned(), body: bytes[at + 4..].to_vec() }
}

fn sign_in(running: &Running) -> String {
    let form = format!("name={}&password=demo", archives::MOST);
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        running.address,
        form.len()
    );
    let head = send(running, &request).head;
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a session");
    cookie.split(';').next().expect("a cookie").to_owned()
}

/// Requests a second over so many connections that stay open. What asks shares the machine with
/// what answers.
fn rate(running: &Running, path: &str, cookie: &str) -> f64 {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\r\n", running.address);
    let answered = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let stream = TcpStream::connect(running.address).expect("it listens");
                let mut answers = BufReader::new(stream.try_clone().expect("a second hand"));
                let mut stream = stream;
                while begun.elapsed() < FOR && stream.write_all(request.as_bytes()).is_ok() && took(&mut answers) {
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    answered.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// Reads one answer with a length, and tells whether it was a good one.
fn took(answers: &mut impl BufRead) -> bool {
    let (mut length, mut is_good, mut line) = (0, false, String::new());
    loop {
        line.clear();
        if answers.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        let lower = line.to_ascii_lowercase();
        is_good |= lower.starts_with("http/1.1 200");
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    is_good && answers.read_exact(&mut vec![0; length]).is_ok()
}

fn stat(running: &Running, file: &str) -> String {
    fs::read_to_string(format!("/proc/{}/{file}", running.child.id())).unwrap_or_default()
}

/// In megabytes.
fn resident(running: &Running) -> u64 {
    let kilobytes =
        stat(running, "status").lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

/// Of user and system until now, in seconds: the clock of `/proc` has a hundred ticks in one.
fn cpu(running: &Running) -> f64 {
    let text = stat(running, "stat");
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// nginx in a folder of its own, where it is installed.
fn nginx(folder: &Path, page: &[u8]) -> Option<Running> {
    let program = ["nginx", "/usr/sbin/nginx"].into_iter().find(|program| child::is_installed(program))?;
    let (root, address) = (folder.join("nginx"), free_port());
    fs::create_dir_all(&root).expect("a folder");
    fs::write(root.join("page.html"), page).expect("a page");
    let at = root.display();
    let settings = format!(
        "daemon off; worker_processes 2; pid {at}/pid; error_log {at}/error.log;\nevents {{}}\nhttp {{ access_log off; keepalive_requests 1000000; \
         client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c; uwsgi_temp_path {at}/d; scgi_temp_path {at}/e; \
         server {{ listen {address}; root {at}; }} }}\n"
    );
    fs::write(root.join("nginx.conf"), settings).expect("the settings");
    let mut command = Command::new(program);
    command.arg("-c").arg(root.join("nginx.conf")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running { child: command.spawn().ok()?, address };
    until_it_listens(&running);
    Some(running)
}
