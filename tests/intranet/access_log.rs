//! The access log at the program's edge: the server is killed and no page that was received lacks
//! its line; `chancery log` tells what was done to a log.

use crate::support;
use crate::support::strongroom::{self, AT_ONCE, Chance, PASSWORD, READERS, Readings, line, sign_in, without_line};
use chancery::{
    source::RecordId,
    store::{AccessLine, AccessLog, Accounts, Audit, Password, PendingLine, SqliteAudit, SqliteLog, SqliteStore, Wait},
};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::Ordering,
    thread,
    time::Duration,
};

const PAGES: usize = 10_000;
const KILLS: usize = 10;

/// An archive with an account for everybody.
fn strongroom() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    strongroom::make(root.path());
    let store = SqliteStore::open(&root.path().join(".chancery")).unwrap();
    let password = Password::new(PASSWORD).unwrap();
    READERS.iter().for_each(|reader| store.add_account(&RecordId::from(*reader), &password).wait().unwrap());
    support::trust(root.path(), &root.path().join(".chancery"));
    root
}

fn program(root: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chancery"));
    program.args(arguments).arg("--archive").arg(root);
    program
}

/// A server that was started by its command, and the address at which it answers.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(root: &Path) -> Server {
        let mut serve = program(root, &["serve", "--listen", "127.0.0.1:0"]);
        let mut process = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap().1.trim_end().trim_end_matches('/').parse().unwrap();
        Server { process, address }
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

#[test]
fn of_ten_thousand_pages_and_ten_kills_every_page_that_was_received_has_its_line() {
    let root = strongroom();
    let mut chance = Chance::new();
    let mut server = Server::start(root.path());
    let cookies = READERS.map(|reader| sign_in(server.address, reader));
    let readings = Readings::of(server.address);
    thread::scope(|scope| {
        for n in 0..AT_ONCE {
            let (readings, cookies) = (&readings, &cookies);
            scope.spawn(move || readings.read_on(n % READERS.len(), &cookies[n % READERS.len()], PAGES));
        }
        for kill in 1..=KILLS {
            let share = PAGES / (KILLS + 1);
            readings.wait_for(share * kill - chance.below(share as u64 / 2) as usize);
            thread::sleep(Duration::from_micros(chance.below(20_000)));
            let under_way = readings.under_way.load(Ordering::Relaxed);
            server.kill();
            assert!(under_way > 0);
            server = Server::start(root.path());
            *readings.server.write().unwrap() = server.address;
        }
    });
    server.kill();
    assert!(readings.broken.load(Ordering::Relaxed) >= KILLS, "answers were cut off");
    let received = readings.received.into_inner().unwrap();
    assert!(received.len() >= PAGES);
    assert_eq!(readings.refused.into_inner().unwrap(), [].into(), "sessions outlive the process, and the log is written");
    assert_eq!(without_line(&root.path().join(".chancery"), &received), [] as [&_; 0]);
}

/// An archive of whose log nothing is known but that it has twenty lines.
fn with_lines() -> tempfile::TempDir {
    let root = strongroom();
    let log = SqliteLog::open(&root.path().join(".chancery")).unwrap();
    (1..=20).for_each(|n| log.write(line(&format!("/records/F-{n}/"))).wait().unwrap());
    root
}

fn tampered(root: &Path, sql: &str) {
    rusqlite::Connection::open(root.join(".chancery/access-log.db")).unwrap().execute_batch(sql).unwrap();
}

/// What `chancery log` prints, or complains of, and its status.
#[track_caller]
fn says(root: &Path, arguments: &[&str], status: i32, words: &str) {
    let output = program(root, &[&["log"], arguments].concat()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert_eq!((String::from_utf8(said).unwrap().trim_end(), output.status.code()), (words, Some(status)));
}

fn head(root: &Path) -> String {
    let output = program(root, &["log", "head"]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_command_tells_where_the_chain_breaks() {
    let root = with_lines();
    says(root.path(), &["verify"], 0, "20 行，前后相连");
    says(root.path(), &["verify", "--lang", "en"], 0, "20 lines, an unbroken chain");
    tampered(root.path(), "UPDATE line SET who = 'gao' WHERE number = 7");
    says(root.path(), &["verify"], 1, "第 7 行与此前不相连：被改动、删去或移位");
    says(root.path(), &["verify", "--lang", "en"], 1, "line 7 does not follow from those before it: altered, removed or moved");
}

#[test]
fn the_command_finds_a_cut_tail_by_the_head_that_was_kept() {
    let root = with_lines();
    let kept = head(root.path());
    says(root.path(), &["verify", "--head", &kept], 0, "20 行，前后相连");
    tampered(root.path(), "DELETE FROM line WHERE number > 15");
    says(root.path(), &["verify"], 0, "15 行，前后相连");
    let (zh, en) = (
        "已没有另处保存的第 20 行：被截尾，或自某行起重写",
        "line 20 is not there as it was kept elsewhere: the tail was cut, or written anew",
    );
    says(root.path(), &["verify", "--head", &kept], 1, zh);
    says(root.path(), &["verify", "--head", kept.trim_end(), "--lang", "en"], 1, en);
    let log = SqliteLog::open(&root.path().join(".chancery")).unwrap();
    (16..=25).for_each(|n| log.write(line(&format!("/{n}"))).wait().unwrap());
    says(root.path(), &["verify", "--head", &kept], 1, zh);
}

#[test]
fn the_command_tells_where_time_runs_back() {
    let root = with_lines();
    let log = SqliteLog::open(&root.path().join(".chancery")).unwrap();
    let at = |text: &str| AccessLine { at: text.parse().unwrap(), ..line("/later") };
    for text in ["2026-11-02T08:00:00Z", "2026-11-01T08:00:00Z"] {
        log.write(at(text)).wait().unwrap();
    }
    let (zh, en) = (
        "22 行，前后相连\n第 22 行的时间 2026-11-01T08:00:00Z 早于此前的 2026-11-02T08:00:00Z：时钟被拨回，或记录被重写",
        "22 lines, an unbroken chain\nline 22 bears the time 2026-11-01T08:00:00Z, and one before it 2026-11-02T08:00:00Z: \
         the clock was set back, or the log written anew",
    );
    says(root.path(), &["verify"], 1, zh);
    says(root.path(), &["verify", "--lang", "en"], 1, en);
}

#[test]
fn the_command_says_where_there_is_no_log_or_no_head() {
    let root = strongroom();
    let log = root.path().join(".chancery/access-log.db");
    for what in ["verify", "head"] {
        says(root.path(), &[what], 2, &format!("chancery: 没有查阅记录：{}", log.display()));
        says(root.path(), &[what, "--lang", "en"], 2, &format!("chancery: there is no access log: {}", log.display()));
        assert!(!log.exists());
    }
    let words = "chancery: --head takes the line that chancery log head printed (number and digest, in quotes): 20";
    says(root.path(), &["verify", "--head", "20", "--lang", "en"], 2, words);
    says(root.path(), &["verify", "--head", "20"], 2, "chancery: --head 须为 chancery log head 打印的一行（行号与摘要，加引号）：20");
}

/// A demonstration has a log of its own.
#[test]
fn the_log_of_a_demonstration_is_asked_for_by_name() {
    let root = with_lines();
    let log = SqliteLog::open(&root.path().join(".chancery/demo/.chancery")).unwrap();
    log.write(line("/")).wait().unwrap();
    says(root.path(), &["verify", "--demo"], 0, "1 行，前后相连");
    says(root.path(), &["verify"], 0, "20 行，前后相连");
}

#[test]
fn a_log_that_is_none_is_told_and_nothing_is_served_from_it() {
    let root = with_lines();
    fs::write(root.path().join(".chancery/access-log.db"), "no log at all").unwrap();
    let shown = root.path().join(".chancery/access-log.db");
    let words = format!("chancery: the store {}: file is not a database", shown.display());
    says(root.path(), &["verify"], 2, &words);
    let served = program(root.path(), &["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(served.status.code(), Some(2));
    assert!(String::from_utf8(served.stderr).unwrap().contains(&words));
}

/// Deleted before the server starts, or without its table: a new log begins, and the head that was
/// kept tells.
#[test]
fn a_log_that_was_gone_before_the_start_is_found_by_the_head_that_was_kept() {
    let ways: [fn(&Path); 2] = [
        |root| {
            ["db", "db-wal", "db-shm"].iter().for_each(|end| drop(fs::remove_file(root.join(".chancery/access-log.").with_extension(end))))
        },
        |root| tampered(root, "DROP TABLE line"),
    ];
    for gone in ways {
        let root = with_lines();
        let kept = head(root.path());
        gone(root.path());
        let server = Server::start(root.path());
        let readings = Readings::of(server.address);
        readings.read_on(0, &sign_in(server.address, "wen"), 3);
        assert_eq!(without_line(&root.path().join(".chancery"), &readings.received.lock().unwrap()), [] as [&_; 0]);
        says(root.path(), &["verify"], 0, "3 行，前后相连");
        says(root.path(), &["verify", "--head", &kept], 1, "已没有另处保存的第 20 行：被截尾，或自某行起重写");
    }
}

/// Deleted, replaced or emptied while the server runs: nothing restricted goes out until it is
/// back, and the rest does.
#[test]
fn while_the_log_is_gone_restricted_pages_are_shut_and_the_rest_goes_on() {
    let root = with_lines();
    let state = root.path().join(".chancery");
    let server = Server::start(root.path());
    let cookie = sign_in(server.address, "wen");
    let status = |path: &str| strongroom::get(server.address, path, &cookie);
    let restricted = ["/records/F-0/", "/records/F-0/files/scan-0.txt", "/api/records/F-0", "/search/?q=wen", "/api/search?q=wen"];
    let expect = |wanted: u16, why: &str| {
        restricted.iter().for_each(|path| assert_eq!(status(path), wanted, "{path} {why}"));
        for (path, wanted) in [("/", 200), ("/policies/house/", 200), ("/records/F-1/", 404), ("/api/due", 200)] {
            assert_eq!(status(path), wanted, "{path} {why}");
        }
    };
    expect(200, "at first");
    let away = root.path().join("away");
    fs::create_dir(&away).unwrap();
    let moved = |from: &Path, to: &Path| {
        let ends = ["access-log.db", "access-log.db-wal", "access-log.db-shm"];
        ends.iter().for_each(|part| drop(fs::rename(from.join(part), to.join(part))));
    };
    moved(&state, &away);
    expect(503, "deleted");
    drop(SqliteLog::open(&state).unwrap());
    expect(503, "replaced by an empty one");
    fs::remove_file(state.join("access-log.db")).unwrap();
    fs::create_dir(state.join("access-log.db")).unwrap();
    expect(503, "replaced by a folder");
    fs::remove_dir(state.join("access-log.db")).unwrap();
    moved(&away, &state);
    expect(200, "put back");
    tampered(root.path(), "ALTER TABLE line RENAME TO lines");
    expect(503, "its table dropped");
    tampered(root.path(), "ALTER TABLE lines RENAME TO line");
    expect(200, "its table put back");
    assert_eq!(SqliteAudit::of(&state).verify().wait().unwrap(), None);
}

/// A long log is put by in volumes; what was kept of any of them holds, and what is elsewhere is
/// told.
#[test]
fn the_command_verifies_a_log_over_its_volumes() {
    const LINES: i64 = 50_000;
    let root = with_lines();
    let state = root.path().join(".chancery");
    let kept = head(root.path());
    let log = SqliteLog::open(&state).unwrap();
    let pending: Vec<PendingLine> = (20..LINES + 300).map(|n| log.write(line(&format!("/{n}")))).collect();
    assert!(pending.into_iter().all(|pending| pending.wait().is_ok()));
    drop(log);
    let volume = state.join("access-log/1.db");
    let length = volume.metadata().unwrap().len();
    assert!((5 << 20..25 << 20).contains(&length), "{length}");
    says(root.path(), &["verify", "--head", &kept], 0, "50300 行，前后相连");
    says(root.path(), &["verify", "--head", &head(root.path())], 0, "50300 行，前后相连");
    let size = state.join("access-log.db").metadata().unwrap().len();
    let log = SqliteLog::open(&state).unwrap();
    (0..40_i64).for_each(|_| (0..1_000).map(|n| log.write(line(&format!("/{n}")))).for_each(drop));
    drop(log);
    let grown = state.join("access-log.db").metadata().unwrap().len();
    assert!(grown <= size + (1 << 20), "the room of what was put by is used again: {size}, {grown}");
    let carried = SqliteAudit::of(&state).head().wait().unwrap().number;
    let away = root.path().join("away.db");
    fs::rename(&volume, &away).unwrap();
    let begun = SqliteAudit::of(&state).beginning().wait().unwrap().number;
    assert!((LINES..LINES + 256).contains(&begun));
    let zh = format!("{} 行，前后相连\n第 {begun} 行及此前各行不在此处：把所缺的卷或其链接放回 access-log 文件夹，再核对", carried - begun);
    let en = format!(
        "{} lines, an unbroken chain\nline {begun} and those before it are not here: \
         put their volumes, or links to them, back into the folder access-log, and verify again",
        carried - begun
    );
    says(root.path(), &["verify", "--head", &kept], 1, &zh);
    says(root.path(), &["verify", "--lang", "en"], 1, &en);
    std::os::unix::fs::symlink(&away, &volume).unwrap();
    says(root.path(), &["verify", "--head", &kept], 0, &format!("{carried} 行，前后相连"));
    rusqlite::Connection::open(&away).unwrap().execute("UPDATE line SET who = 'gao' WHERE number = 7", []).unwrap();
    says(root.path(), &["verify"], 1, "第 7 行与此前不相连：被改动、删去或移位");
}
