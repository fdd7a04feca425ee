//! The access log on a disk that drops what was not synced, is full, or fails: killing a process
//! shows nothing of that, for what it has written is the system's then, synced or not.
#![cfg(unix)]

mod disk;
#[path = "../support/mod.rs"]
mod support;

use chancery::{
    source::RecordId,
    store::{AccessLog, Accounts, Holder, Password, Presence, Sessions, SqliteLog, SqliteStore, Wait},
};
use chrono::{DateTime, TimeDelta, Utc};
use disk::{Beyond, Condition, Disk};
use std::{
    path::Path,
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Duration,
};
use support::{
    intranet::Running,
    strongroom::{self, AT_ONCE, Chance, READERS, Readings, Received, line, sign_in, without_line},
};

const PAGES: usize = 10_000;
const LOSSES: usize = 10;
const NONE: [&Received; 0] = [];

/// The intranet of the strongroom on a disk of ours, and all its readers signed in.
struct Watched {
    disk: Arc<Disk>,
    running: Running,
    readings: Readings,
}

impl Watched {
    fn start(root: &Path, state: tempfile::TempDir) -> Watched {
        let disk = Disk::of(state.path());
        let running = Running::resume(root, state);
        let readings = Readings::of(running.address);
        Watched { disk, running, readings }
    }

    fn sign_in(&self) -> [String; 4] {
        READERS.map(|reader| sign_in(self.running.address, reader))
    }
}

/// While readers read so many pages, does something else.
fn while_read<T>(readings: &Readings, cookies: &[String; 4], count: usize, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        for n in 0..AT_ONCE {
            scope.spawn(move || readings.read_on(n % READERS.len(), &cookies[n % READERS.len()], count));
        }
        work()
    })
}

/// Ten times the power goes while everybody reads, and the server is started over what the disk has
/// kept.
#[test]
fn of_ten_thousand_pages_and_ten_losses_of_power_every_page_that_was_received_has_its_line() {
    let root = tempfile::tempdir().unwrap();
    strongroom::make(root.path());
    let mut chance = Chance::new();
    let mut received: Vec<Received> = Vec::new();
    let mut state = tempfile::tempdir().unwrap();
    let mut cookies = None;
    let mut asked = 0;
    for loss in 1..=LOSSES {
        let watched = Watched::start(root.path(), state);
        let cookies = cookies.get_or_insert_with(|| watched.sign_in());
        watched.readings.asked.store(asked, std::sync::atomic::Ordering::Relaxed);
        let share = PAGES / LOSSES;
        // They read on after that moment, so that it comes in the midst of it; what they receive
        // then does not count.
        let (before, left) = while_read(&watched.readings, cookies, share + share / 5, || {
            watched.readings.wait_for(share);
            thread::sleep(Duration::from_micros(chance.below(5_000)));
            let before = watched.readings.received.lock().unwrap().clone();
            let mut drawn = |end| chance.below(end);
            let beyond = if loss % 2 == 0 { Beyond::SomeOf(&mut drawn) } else { Beyond::Nothing };
            (before, watched.disk.without_power(beyond))
        });
        assert_eq!(*watched.readings.refused.lock().unwrap(), [].into(), "sessions outlive the loss");
        received.extend(before);
        asked = watched.readings.asked.into_inner();
        assert_eq!(without_line(left.path(), &received), NONE, "loss {loss}");
        state = left;
    }
    assert!(received.len() >= PAGES);
}

/// The same with a disk that does not sync though it says so: pages are lost, and the comparison
/// finds them.
#[test]
fn a_disk_that_only_pretends_to_sync_is_caught() {
    let root = tempfile::tempdir().unwrap();
    strongroom::make(root.path());
    let watched = Watched::start(root.path(), tempfile::tempdir().unwrap());
    let cookies = watched.sign_in();
    while_read(&watched.readings, &cookies, 200, || ());
    let sound = watched.readings.received.lock().unwrap().clone();
    watched.disk.becomes(Condition::Pretending);
    while_read(&watched.readings, &cookies, 400, || ());
    let received = watched.readings.received.lock().unwrap().clone();
    let left = watched.disk.without_power(Beyond::Nothing);
    assert_eq!(without_line(left.path(), &sound), NONE);
    assert_eq!(without_line(left.path(), &received), received[sound.len()..].iter().collect::<Vec<_>>());
    assert_eq!(without_line(&watched.running.state, &received), NONE, "with power, nothing shows");
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[test]
fn lines_that_come_together_share_syncs_and_each_is_on_the_disk_when_it_is_acknowledged() {
    const LINES: usize = 100;
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let log = SqliteLog::open(folder.path()).unwrap();
    disk.becomes(Condition::Slow(Duration::from_millis(50)));
    let (before, start, kept) = (disk.syncs(), Barrier::new(LINES), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for n in 0..LINES {
            let (disk, log, start, kept) = (&disk, &log, &start, &kept);
            scope.spawn(move || {
                start.wait();
                let what = format!("/records/F-0/?n={n}");
                log.write(line(&what)).wait().unwrap();
                let left = disk.without_power(Beyond::Nothing);
                kept.lock().unwrap().push((Received { who: "wen", what }, left));
            });
        }
    });
    let syncs = disk.syncs() - before;
    assert!(syncs <= LINES / 5, "{syncs} syncs for {LINES} lines");
    let kept = kept.into_inner().unwrap();
    assert_eq!(kept.len(), LINES);
    for (page, left) in kept {
        assert_eq!(without_line(left.path(), &[page]), NONE);
    }
}

/// Over so many lines SQLite brings its tables up to date several times and begins the write-ahead
/// file anew; now and then a sync fails.
#[test]
fn a_long_log_outlasts_a_loss_of_power_at_any_moment() {
    const LINES: usize = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let log = SqliteLog::open(folder.path()).unwrap();
    let acknowledged = Mutex::new(Vec::new());
    let (mut chance, mut ill) = (Chance::new(), Chance::new());
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..LINES {
                let is_ill = ill.below(50) == 0;
                disk.becomes(if is_ill { Condition::Failing } else { Condition::Sound });
                let what = format!("/{n}");
                let written = log.write(line(&what)).wait().map_err(|error| error.to_string());
                assert_eq!(written.is_err(), is_ill, "{written:?}");
                if written.is_ok() {
                    acknowledged.lock().unwrap().push(Received { who: "wen", what });
                }
            }
        });
        for loss in 0.. {
            let ended = writer.is_finished();
            let before = acknowledged.lock().unwrap().clone();
            let mut drawn = |end| chance.below(end);
            let beyond = if loss % 2 == 0 { Beyond::SomeOf(&mut drawn) } else { Beyond::Nothing };
            let left = disk.without_power(beyond);
            let tables = left.path().join("access-log.db").metadata().unwrap().len();
            assert_eq!(without_line(left.path(), &before), NONE, "loss {loss}, after {} lines", before.len());
            if ended {
                assert!(before.len() > LINES * 9 / 10 && tables > 100 << 10, "{} lines, {tables} bytes", before.len());
                break;
            }
        }
    });
}

/// A line that comes alone waits for no other.
#[test]
fn each_line_that_comes_alone_has_a_sync_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let log = SqliteLog::open(folder.path()).unwrap();
    for n in 0..20 {
        let before = disk.syncs();
        log.write(line(&n.to_string())).wait().unwrap();
        assert!(disk.syncs() > before);
    }
}

/// The log that was just made, with its first line, is found again.
#[test]
fn the_first_line_of_a_new_log_outlasts_a_loss_of_power() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let log = SqliteLog::open(folder.path()).unwrap();
    log.write(line("/first")).wait().unwrap();
    let left = disk.without_power(Beyond::Nothing);
    assert_eq!(without_line(left.path(), &[Received { who: "wen", what: "/first".to_owned() }]), NONE);
}

/// While the disk does not work, what is restricted is shut and the rest goes on; when it works
/// again, all is served, without a restart.
#[test]
fn a_disk_that_fails_shuts_restricted_pages_until_it_works_again() {
    let root = tempfile::tempdir().unwrap();
    strongroom::make(root.path());
    let watched = Watched::start(root.path(), tempfile::tempdir().unwrap());
    let cookies = watched.sign_in();
    let status = |path: &str| strongroom::get(watched.running.address, path, &cookies[0]);
    let expect = |wanted: u16, why: &str| {
        for path in ["/records/F-0/", "/records/F-0/files/scan-0.txt", "/api/records/F-0", "/search/?q=wen", "/api/search?q=wen"] {
            assert_eq!(status(path), wanted, "{path} {why}");
        }
        for (path, wanted) in [("/", 200), ("/policies/house/", 200), ("/records/F-1/", 404), ("/api/due", 200)] {
            assert_eq!(status(path), wanted, "{path} {why}");
        }
    };
    expect(200, "at first");
    let mut count = 0;
    for round in 0..3 {
        for condition in [Condition::Full, Condition::Failing] {
            watched.disk.becomes(condition);
            expect(503, &format!("{condition:?} {round}"));
            watched.disk.becomes(Condition::Sound);
            expect(200, &format!("after {condition:?} {round}"));
            // And in the midst of many readings.
            count += 300;
            while_read(&watched.readings, &cookies, count, || {
                watched.readings.wait_for(count - 200);
                watched.disk.becomes(condition);
                let refusals = watched.readings.refusals();
                while watched.readings.refusals() < refusals + AT_ONCE {
                    thread::sleep(Duration::from_millis(1));
                }
                watched.disk.becomes(Condition::Sound);
            });
            let received = watched.readings.received.lock().unwrap().clone();
            assert_eq!(without_line(&watched.running.state, &received), NONE, "{condition:?} {round}");
            let left = watched.disk.without_power(Beyond::Nothing);
            assert_eq!(without_line(left.path(), &received), NONE, "{condition:?} {round}");
        }
    }
    let refused = watched.readings.refused.lock().unwrap().clone();
    assert_eq!(refused.keys().collect::<Vec<_>>(), [&503]);
}

/// A sync failed, and the server is started again: what the system remembers of it is not on the
/// disk, and new lines must not stand upon it.
#[test]
fn a_restart_after_a_failed_sync_builds_on_nothing_that_is_not_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let log = SqliteLog::open(folder.path()).unwrap();
    let write = |log: &SqliteLog, what: &str| log.write(line(what)).wait().map_err(|error| error.to_string());
    assert_eq!(write(&log, "/before"), Ok(()));
    disk.becomes(Condition::Failing);
    assert!(write(&log, "/failed").is_err());
    // Its end, too, fails to clear away what it has written.
    drop(log);
    disk.becomes(Condition::Sound);
    let log = SqliteLog::open(folder.path()).unwrap();
    assert_eq!(write(&log, "/after"), Ok(()));
    let left = disk.without_power(Beyond::Nothing);
    let pages = ["/before", "/after"].map(|what| Received { who: "wen", what: what.to_owned() });
    assert_eq!(without_line(left.path(), &pages), NONE);
}

/// Started on a disk that takes no writes, it refuses lines until it does.
#[test]
fn a_log_is_opened_on_a_full_disk_and_written_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let write = |log: &SqliteLog, what: &str| log.write(line(what)).wait().map_err(|error| error.to_string());
    let log = SqliteLog::open(folder.path()).unwrap();
    assert_eq!(write(&log, "/before"), Ok(()));
    disk.becomes(Condition::Full);
    drop(log);
    let log = SqliteLog::open(folder.path()).unwrap();
    assert_eq!([(); 3].map(|()| write(&log, "/full").is_err()), [true; 3]);
    disk.becomes(Condition::Sound);
    assert_eq!(write(&log, "/after"), Ok(()));
    let left = disk.without_power(Beyond::Nothing);
    let pages = ["/before", "/after"].map(|what| Received { who: "wen", what: what.to_owned() });
    assert_eq!(without_line(left.path(), &pages), NONE);
}

/// When a session was last used is noted down now and then; a full disk is no reason to turn its
/// holder away.
#[test]
fn a_session_goes_on_while_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::of(folder.path());
    let (store, person) = (SqliteStore::open(folder.path()).unwrap(), RecordId::from("wen"));
    store.add_account(&person, &Password::new("demo").unwrap()).wait().unwrap();
    let account = store.account(&person.0).wait().unwrap().unwrap();
    let token = store.open_session(&account, now()).wait().unwrap().unwrap();
    let holder = |store: &SqliteStore, token, hours| store.holder(token, Presence::Here, now() + TimeDelta::hours(hours)).wait().unwrap();
    let held = Some(Holder { person, sight: None });
    disk.becomes(Condition::Full);
    assert_eq!(holder(&store, &token, 1), held);
    disk.becomes(Condition::Sound);
    assert_eq!(holder(&store, &token, 2), held);
    let left = disk.without_power(Beyond::Nothing);
    let store = SqliteStore::open(left.path()).unwrap();
    assert_eq!(holder(&store, &token, 9), held, "and its use was noted at last");
}
