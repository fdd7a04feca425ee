//! A disk without room: whoever signs out is out, and an account can be shut. The disk is a small
//! one in memory, for which the test must be allowed to mount it.
#![cfg(target_os = "linux")]

use crate::support::{
    self, DEMO_KEY, Shipped,
    intranet::Running,
    process::{self, Server},
    strongroom,
};
use chancery::{
    source::RecordId,
    store::{Audit, Sessions, SqliteAudit, Wait},
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

const NAME: &str = "zhong.nan";
const OTHER: &str = "liu.qingping";
const NEW_PASSWORD: &str = "a better one";

/// What a disk in memory gives out at once, in bytes.
const PAGE: u64 = 4 << 10;

/// A disk of six megabytes; none where it may not be mounted.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mounted() -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(folder.path()).status();
        mount.is_ok_and(|status| status.success()).then_some(SmallDisk(folder))
    }

    /// Fills it, and leaves room for so many pages of 4 KiB.
    fn fill_but(&self, pages: u64) {
        self.fill();
        let filler = File::options().write(true).open(self.0.path().join("filler")).unwrap();
        filler.set_len(filler.metadata().unwrap().len() / PAGE * PAGE - pages * PAGE).unwrap();
    }

    /// Writes until nothing more can be written.
    fn fill(&self) {
        let mut file = File::options().append(true).create(true).open(self.0.path().join("filler")).unwrap();
        for size in [64 << 10, 4 << 10, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
        assert!(fs::write(self.0.path().join("more"), vec![b'x'; 4 << 10]).is_err(), "it is full");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn user(archive: &Path, state: &Path, what: &str, person: &str) -> std::process::Output {
    let mut user = Command::new(env!("CARGO_BIN_EXE_chancery"));
    user.args(["user", what, person, "--lang", "en", "--state"]).arg(state).arg("--archive").arg(archive);
    let mut begun = user.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Only a new password is asked for.
    let _unread = writeln!(begun.stdin.take().unwrap(), "{NEW_PASSWORD}");
    begun.wait_with_output().unwrap()
}

#[test]
fn on_a_full_disk_signing_out_and_shutting_an_account_work() {
    let Some(disk) = SmallDisk::mounted() else {
        println!("not tried: this test must be allowed to mount a disk");
        return;
    };
    let archive = Shipped::people();
    let running = Running::resume(archive.folder.path(), tempfile::tempdir_in(disk.0.path()).unwrap());
    let readers = [NAME, NAME, NAME, OTHER].map(|name| running.sign_in(name));
    let is_in = |n: usize| readers[n].get("/").status() == 200;
    disk.fill();
    assert_eq!(readers[0].post("/sign-out", "").status(), 303);
    assert!(!is_in(0) && is_in(1));
    disk.fill();
    let shut = user(archive.folder.path(), &running.state, "disable", OTHER);
    assert!(shut.status.success(), "{}", String::from_utf8_lossy(&shut.stderr));
    assert!(!is_in(3));
    let out = user(archive.folder.path(), &running.state, "signout", NAME);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(!is_in(1) && !is_in(2));
    disk.fill();
    let changed = user(archive.folder.path(), &running.state, "passwd", NAME);
    assert!(changed.status.success(), "{}", String::from_utf8_lossy(&changed.stderr));
    assert_eq!(running.sign_in_with(NAME, "demo", "").status(), 401, "the password of before is dead");
    assert_eq!(running.sign_in_with(NAME, "a+better+one", "").status(), 500, "the disk is full indeed");
    fs::remove_file(disk.0.path().join("filler")).unwrap();
    assert_eq!(running.sign_in_with(NAME, "a+better+one", "").status(), 303, "and all is well when there is room");
    running.store().close_sessions(&RecordId::from(NAME)).wait().unwrap();
    assert!(running.state.join("slack").metadata().unwrap().len() > 0, "for the next time");
}

/// What lies in a folder, but for an empty lock.
fn all(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap()).filter(|entry| entry.file_type().is_file());
    files
        .filter(|entry| entry.file_name() != "editing.lock")
        .map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// Tries with more and more room on the disk until something succeeds; until then nothing in the
/// archive has changed.
#[track_caller]
fn whole_or_not_at_all(disk: &SmallDisk, archive: &Path, mut succeeds: impl FnMut() -> bool) {
    let before = all(archive);
    for pages in 0..60 {
        disk.fill_but(pages);
        if succeeds() {
            assert!(pages > 0, "the disk was full");
            fs::remove_file(disk.0.path().join("filler")).unwrap();
            return;
        }
        let after = all(archive);
        let changed: Vec<_> = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
        assert!(changed.is_empty(), "with room for {pages} pages: {changed:?}");
    }
    panic!("it never succeeds");
}

/// The document is larger than the register, and smaller: whichever does not find room, neither has
/// changed.
#[test]
fn an_approval_for_which_there_is_no_room_changes_nothing() {
    let Some(disk) = SmallDisk::mounted() else { return println!("not tried: this test must be allowed to mount a disk") };
    support::lay_demo_key();
    for (large, name) in [("policies/house.md", "large-document"), ("policies/register", "large-register")] {
        let archive = disk.0.path().join(name);
        support::small::found(&archive, &["tou"]);
        let mut file = File::options().append(true).create(true).open(archive.join(large)).unwrap();
        let line = if large.ends_with(".md") { "\n说明。\n".to_owned() } else { format!("other/x sha256:{}\n", "0".repeat(64)) };
        file.write_all(line.repeat((40 << 10) / line.len()).as_bytes()).unwrap();
        let state = tempfile::tempdir().unwrap();
        whole_or_not_at_all(&disk, &archive, || {
            let mut approve = Command::new(env!("CARGO_BIN_EXE_chancery"));
            approve.args(["approve", "policies/house", "--step", "head", "--key", DEMO_KEY, "--archive"]).arg(&archive);
            let done = approve.arg("--state").arg(state.path()).output().unwrap();
            let said = String::from_utf8(done.stderr).unwrap();
            assert!(done.status.success() || said.contains("policies/") && said.contains("No space left"), "{said}");
            done.status.success()
        });
        let (document, register) =
            (fs::read_to_string(archive.join("policies/house.md")), fs::read_to_string(archive.join("policies/register")));
        assert!(document.unwrap().contains("approvals:"));
        assert_eq!(register.unwrap().matches("policies/house sha256:").count(), 1);
    }
}

#[test]
fn a_grant_for_which_there_is_no_room_changes_nothing() {
    let Some(disk) = SmallDisk::mounted() else { return println!("not tried: this test must be allowed to mount a disk") };
    let shipped = Shipped::copy();
    let archive = disk.0.path().join("archive");
    assert!(Command::new("cp").arg("-r").arg(shipped.folder.path()).arg(&archive).status().unwrap().success());
    let running = Running::signing(&archive);
    let asked = running.sign_in("tian.shuisheng").post("/ask", "id=C-0004&purpose=%E6%A0%B8%E5%AF%B9&until=2026-11-30");
    assert_eq!(asked.status(), 303);
    let manager = running.sign_in("lu.mingyuan");
    whole_or_not_at_all(&disk, &archive, || {
        let inbox = manager.get("/inbox/").text();
        let (_, rest) = inbox.split_once("name=\"ask\" value=\"").expect("the ask waits still");
        let granted = manager.post("/inbox/", &format!("action=grant&ask={}", rest.split('"').next().unwrap()));
        assert!(granted.status() == 303 || granted.status() == 500 && !granted.text().is_empty(), "{}", granted.head);
        granted.status() == 303
    });
}

/// Asked to stop, it ends in time though nothing can be written of what was counted.
#[test]
fn on_a_full_disk_it_ends_in_time() {
    let Some(disk) = SmallDisk::mounted() else { return println!("not tried: this test must be allowed to mount a disk") };
    let root = process::strongroom();
    let state = disk.0.path().join("state");
    assert!(Command::new("cp").arg("-r").arg(root.path().join(".chancery")).arg(&state).status().unwrap().success());
    let mut server = Server::start_with(&["--state", state.to_str().unwrap()], root.path());
    let cookie = strongroom::sign_in(server.address, "wen");
    (0..40).for_each(|n| assert_eq!(strongroom::get(server.address, &format!("/records/none-{n}/"), &cookie), 404));
    disk.fill();
    assert_eq!(strongroom::get(server.address, "/records/F-0/", &cookie), 503);
    let asked = |n: usize| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let (method, path) = [("GET", "/records/F-0/"), ("POST", "/account/calendar"), ("POST", "/sign-out")][n % 3];
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\ncontent-length: 0\r\n\r\n").unwrap();
        stream
    };
    let _held: Vec<TcpStream> = (0..60).map(asked).collect();
    server.ask_to_stop();
    let (status, after) = server.ends(Duration::from_secs(40));
    assert!(status.success() && after < Duration::from_secs(8), "{status}, {after:?}");
}

/// What one reader asks for that is not there fills nothing: 800 addresses, and one 800 times.
#[test]
fn what_a_reader_asks_for_in_vain_fills_no_disk() {
    let archive = Shipped::people();
    let running = Running::start(archive.folder.path());
    let reader = running.sign_in(NAME);
    let lines = || SqliteAudit::of(&running.state).head().wait().unwrap().number;
    for address in [|_| "/records/none/".to_owned(), |n: usize| format!("/records/none-{n}/")] {
        (0..800).for_each(|n| assert_eq!(reader.get(&address(n)).status(), 404));
    }
    reader.post("/ask", "id=x&purpose=x&until=2999-01-01");
    assert!(lines() <= 32, "{} lines", lines());
    running.wait(chrono::TimeDelta::minutes(10));
    assert_eq!(reader.get("/records/none/").status(), 404);
    reader.post("/ask", "id=x&purpose=x&until=2999-01-01");
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let mut query = log.prepare("SELECT what FROM line").unwrap();
    let written: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(
        written.contains(&"/records/none/ (×799)".to_owned()) && written.contains(&"further addresses (×772)".to_owned()),
        "{written:?}"
    );
    assert_eq!(SqliteAudit::of(&running.state).verify().wait().unwrap(), None);
}

/// What the log has of a reader who asks for addresses, each so many times over, with what he asked
/// for left out.
fn counted(root: &Path, addresses: &[String], times: usize) -> Vec<(String, bool, String)> {
    let running = Running::start(root);
    let cookie = strongroom::sign_in(running.address, "wen");
    for address in addresses.iter().flat_map(|address| std::iter::repeat_n(address, times)) {
        assert_eq!(strongroom::get(running.address, address, &cookie), 404, "{address}");
    }
    running.wait(chrono::TimeDelta::minutes(10));
    // What was counted is told before a line that comes later.
    assert_eq!(strongroom::get(running.address, "/records/F-0/", &cookie), 200);
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let mut query = log.prepare("SELECT what, allowed, record FROM line ORDER BY number").unwrap();
    let lines = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap);
    lines
        .map(|(what, allowed, record)| (what.replace("F-1", "ID").replace("F-9", "ID").replace("scan-1", "scan-9"), allowed, record))
        .collect()
}

/// An address that is there and hidden counts as one that never was: neither the quota nor the
/// count tells which it is.
#[test]
fn what_is_hidden_is_counted_as_what_never_was() {
    let root = tempfile::tempdir().unwrap();
    strongroom::make(root.path());
    let ways = |id: &str, scan: &str| {
        let once = ["/records/{id}/", "/en/records/{id}/", "/api/records/{id}", "/records/{id}/files/{scan}.txt", "/records/{id}/?n=1"];
        once.map(|way| way.replace("{id}", id).replace("{scan}", scan)).to_vec()
    };
    let many = |id: &str| (0..40).map(|n| format!("/records/{id}/?n={n}")).collect::<Vec<_>>();
    for (hidden, never, times) in [(ways("F-1", "scan-1"), ways("F-9", "scan-9"), 3), (many("F-1"), many("F-9"), 2)] {
        let told = counted(root.path(), &hidden, times);
        assert_eq!(told, counted(root.path(), &never, times));
        assert!(told.iter().any(|(what, ..)| what.contains("(×")) && told.len() <= 62, "{told:?}");
    }
}
