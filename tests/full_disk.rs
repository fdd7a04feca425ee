//! A disk without room: whoever signs out is out, and an account can be shut. The disk is a small one in memory, for which the test must be
//! allowed to mount it.
#![cfg(target_os = "linux")]

mod support;

use chancery::{source::RecordId, store::AccessLog};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};
use support::{Shipped, intranet::Running, strongroom};

const NAME: &str = "zhong.nan";
const OTHER: &str = "liu.qingping";
const NEW_PASSWORD: &str = "a better one";

/// A disk of six megabytes; none where it may not be mounted.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mounted() -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(folder.path()).status();
        mount.is_ok_and(|status| status.success()).then_some(SmallDisk(folder))
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
    running.store().close_sessions(&RecordId::from(NAME)).unwrap();
    assert!(running.state.join("slack").metadata().unwrap().len() > 0, "for the next time");
}

/// What one reader asks for that is not there fills nothing: 800 addresses, and one 800 times.
#[test]
fn what_a_reader_asks_for_in_vain_fills_no_disk() {
    let archive = Shipped::people();
    let running = Running::start(archive.folder.path());
    let reader = running.sign_in(NAME);
    let lines = || AccessLog::head(&running.state).unwrap().number;
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
    assert_eq!(AccessLog::verify(&running.state).unwrap(), None);
}

/// What the log has of a reader who asks for addresses, each so many times over, with what he asked for left out.
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

/// An address that is there and hidden counts as one that never was: neither the quota nor the count tells which it is.
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
