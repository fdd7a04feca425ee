//! Whoever may read the folder cannot keep others from writing: turns are taken in the folder of
//! state.

use crate::support::{DEMO_KEY, Shipped, intranet::Running};
use chancery::edit::{EditError, Turn, append_line};
use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

const REGISTER: &str = "policies/register";

/// Locks on everything in a folder that a reader can open.
fn held(root: &Path) -> Vec<File> {
    let files = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap().into_path());
    let readable = |path: &std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o004 != 0;
    let locked = files.filter(readable).map(|path| File::open(path).unwrap());
    locked.inspect(|file| file.lock().unwrap()).collect()
}

/// Asks for access to a record, and has the manager grant it.
fn grant(running: &Running, id: &str) -> String {
    let asked = running.sign_in("tian.shuisheng").post("/ask", &format!("id={id}&purpose=%E6%A0%B8%E5%AF%B9&until=2026-11-30"));
    assert_eq!(asked.status(), 303, "{}", asked.text());
    let manager = running.sign_in("lu.mingyuan");
    let inbox = manager.get("/inbox/").text();
    let (_, rest) = inbox.split_once("name=\"ask\" value=\"").expect("an ask waits");
    let number = rest.split('"').next().unwrap();
    let answer = manager.post("/inbox/", &format!("action=grant&ask={number}"));
    answer.header("location").unwrap_or_default().to_owned()
}

#[test]
fn a_lock_of_a_readers_stops_no_grant() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let before = shipped.read(REGISTER).lines().count();
    let _held = held(&shipped.path("policies"));
    let _all = held(&shipped.path("records"));
    let begun = Instant::now();
    assert_eq!(grant(&running, "C-0004"), "/inbox/?done=done_granted");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(shipped.read(REGISTER).lines().count(), before + 1);
}

#[test]
fn nor_does_it_stop_an_approval_at_a_terminal() {
    let shipped = Shipped::people();
    let _held = (held(&shipped.path("policies")), held(&shipped.path("records")));
    let approved = shipped.run(&["approve", "policies/records", "--step", "general-manager", "--key", DEMO_KEY, "--by", "lu.mingyuan"]);
    assert!(approved.status.success(), "{}", String::from_utf8_lossy(&approved.stderr));
}

/// Neither the folder that is made for it nor the lock is anybody else's to open.
#[test]
fn the_lock_is_nobody_elses_to_hold() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("deep/state");
    let _turn = Turn::take(&state).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join("editing.lock"))), (0o700, 0o600));
}

#[test]
fn who_waits_too_long_is_told_in_his_own_language() {
    let shipped = Shipped::people();
    let _turn = Turn::take(&shipped.path(".chancery")).unwrap();
    assert!(matches!(Turn::take(&shipped.path(".chancery")), Err(EditError::Busy)));
    let arguments = ["approve", "policies/records", "--step", "general-manager", "--key", DEMO_KEY, "--by", "lu.mingyuan", "--lang"];
    for (lang, said) in [("zh", "别人正在写入，请稍后再试"), ("en", "somebody else is writing; try again in a moment")] {
        let output = shipped.run(&[&arguments[..], &[lang]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_manager_is_told_that_somebody_else_is_writing() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let _turn = Turn::take(&shipped.path(".chancery")).unwrap();
    assert_eq!(grant(&running, "C-0004"), "/inbox/?done=done_busy");
    let told = running.sign_in("lu.mingyuan").get("/inbox/?done=done_busy").text();
    assert!(told.contains("别人正在写入"), "{told}");
}

/// The server and a terminal write at once: each line is there, and the register is whole.
#[test]
fn the_server_and_a_terminal_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("policies")).unwrap();
    thread::scope(|scope| {
        for writer in 0..6 {
            scope.spawn(move || {
                for n in 0..10 {
                    let turn = Turn::take(&root.join(".chancery")).unwrap();
                    append_line(root, &turn, REGISTER, &format!("{writer} {n}")).unwrap();
                }
            });
        }
    });
    let mut lines: Vec<String> = fs::read_to_string(root.join(REGISTER)).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 60);
}

/// An archive without a folder of state, and one whose state is somewhere else.
#[test]
fn a_terminal_writes_wherever_the_state_lies() {
    for state in [None, Some("elsewhere/state")] {
        let shipped = Shipped::people();
        let elsewhere = state.map(|state| shipped.path(state).to_str().unwrap().to_owned());
        let own = ["approve", "policies/records", "--step", "general-manager", "--key", DEMO_KEY, "--by", "lu.mingyuan"];
        let named: Vec<&str> = elsewhere.iter().flat_map(|state| ["--state", state]).collect();
        shipped.prints(0, &[&own[..], &named].concat());
        assert_eq!(shipped.path(".chancery").exists(), state.is_none());
    }
}
