use crate::{
    source::RecordId,
    store::{
        AccessLine, AccessLog, Accounts, Asks, Audit, BrokenLine, Calendars, Head, Invitation, Invitations, NoHead, Password, PendingLine,
        Presence, SeenApprovals, Sessions, SqliteAudit, SqliteLog, SqliteStore, StoreError, Token, Wait,
    },
};
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use std::{path::Path, time::Duration};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// A store in which one person is signed in.
fn signed_in() -> (tempfile::TempDir, SqliteStore, Token) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    store.add_account(&RecordId::from("zhao.min"), &Password::new("秘密 password").unwrap()).wait().unwrap();
    let account = store.account("zhao.min").wait().unwrap().unwrap();
    let token = store.open_session(&account, now()).wait().unwrap().unwrap();
    (folder, store, token)
}

fn is_held(store: &SqliteStore, token: &Token) -> bool {
    store.holder(token, Presence::Here, now()).wait().unwrap().is_some()
}

/// Another program holds the file, and the thread that works on it waits.
#[test]
fn while_the_file_is_held_whoever_is_signed_in_is_answered() {
    let (folder, store, token) = signed_in();
    assert!(is_held(&store, &token));
    let other = Connection::open(folder.path().join("accounts.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| store.close_session(&token).wait());
        std::thread::sleep(Duration::from_millis(200));
        assert!((0..100).all(|_| is_held(&store, &token)) && !waits.is_finished());
        other.execute_batch("COMMIT").unwrap();
        waits.join().unwrap().unwrap();
    });
    assert!(!is_held(&store, &token));
}

/// As another program may: nothing is asked of us.
#[test]
fn what_is_changed_past_every_store_counts_at_the_next_question() {
    let (folder, store, token) = signed_in();
    assert!(is_held(&store, &token));
    let other = Connection::open(folder.path().join("accounts.db")).unwrap();
    other.execute_batch("UPDATE account SET disabled = 1").unwrap();
    assert!(!is_held(&store, &token));
    other.execute_batch("UPDATE account SET disabled = 0").unwrap();
    assert!(is_held(&store, &token));
    other.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM session").unwrap();
    assert!(!is_held(&store, &token));
}

/// With the tables of the first version that kept accounts in this file, and a row in each.
#[test]
fn a_file_of_an_earlier_version_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (token, password) = (Token::given("held"), Password::new("秘密 password").unwrap());
    let earlier = Connection::open(folder.path().join("accounts.db")).unwrap();
    let tables = "PRAGMA journal_mode = WAL;
        CREATE TABLE account (person TEXT PRIMARY KEY, password TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE session (token BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES account (person), since INTEGER NOT NULL,
            seen INTEGER NOT NULL) STRICT;
        CREATE TABLE ask (number INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, record TEXT NOT NULL, purpose TEXT NOT NULL,
            until TEXT NOT NULL, at INTEGER NOT NULL, open INTEGER NOT NULL DEFAULT 1) STRICT;
        CREATE TABLE ended (id TEXT PRIMARY KEY) STRICT;
        INSERT INTO ask VALUES (7, 'zhao.min', 'C-1', 'x', '2026-11-30', 1800000000, 1);
        INSERT INTO ask VALUES (8, 'zhao.min', 'C-2', 'x', 'no day', 1800000000, 1);
        INSERT INTO ended VALUES ('AU-1');";
    earlier.execute_batch(tables).unwrap();
    earlier.execute("INSERT INTO account (person, password) VALUES ('zhao.min', ?1)", [password.hash()]).unwrap();
    let session = rusqlite::params![token.hash(), now().timestamp()];
    earlier.execute("INSERT INTO session VALUES (?1, 'zhao.min', ?2, ?2)", session).unwrap();
    drop(earlier);
    let store = SqliteStore::open(folder.path()).unwrap();
    assert!(is_held(&store, &token) && store.account("zhao.min").wait().unwrap().unwrap().password.verify("秘密 password"));
    assert_eq!(store.open_asks().wait().unwrap().iter().map(|ask| ask.number).collect::<Vec<_>>(), [7], "one is no ask");
    assert_eq!(store.remembered().wait().unwrap().ended, ["AU-1".into()].into());
}

/// What would be of use to whoever steals the file.
#[test]
fn no_token_lies_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    let person = RecordId::from("zhao.min");
    store.add_account(&person, &Password::new("秘密 password").unwrap()).wait().unwrap();
    let account = store.account("zhao.min").wait().unwrap().unwrap();
    let tokens = [
        store.open_session(&account, now()).wait().unwrap().unwrap(),
        store.invite(&Invitation::Person(person.clone()), now()).wait().unwrap(),
        store.open_calendar(&person, now()).wait().unwrap(),
    ];
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for token in &tokens {
            assert!(!bytes.windows(64).any(|written| written == token.as_str().as_bytes()));
        }
    }
}

fn line(what: &str) -> AccessLine {
    AccessLine { at: now(), who: "zhao.min".into(), what: what.into(), origin: "127.0.0.1".into(), record: None, allowed: true }
}

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    let pending: Vec<PendingLine> = (1..=20).map(|i| log.write(line(&format!("/records/C-{i}/")))).collect();
    for pending in pending {
        pending.wait().unwrap();
    }
    folder
}

#[test]
fn however_long_an_address_is_its_line_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    for what in ["/".repeat(60_000), "夹".repeat(20_000), "/".repeat(2_000)] {
        log.write(line(&what)).wait().unwrap();
    }
    let log = Connection::open(folder.path().join("access-log.db")).unwrap();
    let mut query = log.prepare("SELECT what FROM line").unwrap();
    let written: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let ends =
        written.iter().map(|what| (what.len(), what.chars().rev().take(15).collect::<Vec<_>>().into_iter().rev().collect::<String>()));
    assert_eq!(ends.clone().map(|(_, end)| end).collect::<Vec<_>>(), ["… (60000 bytes)", "… (60000 bytes)", "///////////////"]);
    assert!(written.iter().all(|what| what.len() <= 2_020));
}

#[test]
fn a_chain_that_nobody_touched_verifies() {
    let folder = written();
    assert_eq!(SqliteAudit::of(folder.path()).verify().wait().unwrap(), None);
    assert_eq!(SqliteAudit::of(folder.path()).head().wait().unwrap().number, 20);
}

fn tampered(folder: &tempfile::TempDir, sql: &str) {
    Connection::open(folder.path().join("access-log.db")).unwrap().execute_batch(sql).unwrap();
}

#[track_caller]
fn broken_at(number: i64, sql: &str) {
    let folder = written();
    tampered(&folder, sql);
    assert_eq!(SqliteAudit::of(folder.path()).verify().wait().unwrap(), Some(BrokenLine { number }), "{sql}");
}

#[test]
fn a_line_altered_in_any_column_is_found() {
    let folder = written();
    let connection = Connection::open(folder.path().join("access-log.db")).unwrap();
    let mut query = connection.prepare("SELECT name, type FROM pragma_table_info('line')").unwrap();
    let columns = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let columns: Vec<(String, String)> = columns.collect::<Result<_, _>>().unwrap();
    assert!(columns.len() >= 7);
    for (name, kind) in columns {
        let other = if kind == "INTEGER" { format!("{name} + 100") } else { format!("coalesce({name}, '') || ' '") };
        broken_at(7, &format!("UPDATE line SET {name} = {other} WHERE number = 7"));
    }
    // Yes in other words, text that is none, and the first and last lines.
    broken_at(7, "UPDATE line SET allowed = 2 WHERE number = 7");
    broken_at(7, "UPDATE line SET who = CAST(x'ff' AS TEXT) WHERE number = 7");
    broken_at(7, "UPDATE line SET at = 'yesterday' WHERE number = 7");
    broken_at(7, "UPDATE line SET who = 'zhao', what = '.min' || what WHERE number = 7");
    broken_at(1, "UPDATE line SET who = 'li.na' WHERE number = 1");
    broken_at(20, "UPDATE line SET who = 'li.na' WHERE number = 20");
}

#[test]
fn a_removed_a_moved_and_an_inserted_line_are_found() {
    let close_up = |from: i64| format!("DELETE FROM line WHERE number = {from}; UPDATE line SET number = number - 1 WHERE number > {from}");
    let moved = |one: i64, other: i64| {
        format!(
            "UPDATE line SET number = -1 WHERE number = {one}; UPDATE line SET number = {one} WHERE number = {other};
             UPDATE line SET number = {other} WHERE number = -1"
        )
    };
    broken_at(1, "DELETE FROM line WHERE number = 1");
    broken_at(7, "DELETE FROM line WHERE number = 7");
    broken_at(7, "DELETE FROM line WHERE number BETWEEN 7 AND 19");
    broken_at(1, &close_up(1));
    broken_at(7, &close_up(7));
    broken_at(7, &moved(7, 8));
    broken_at(1, &moved(1, 20));
    let copied = |number: &str| {
        format!(
            "CREATE TABLE copied AS SELECT * FROM line WHERE number = 20; UPDATE copied SET number = {number};
             INSERT INTO line SELECT * FROM copied; DROP TABLE copied"
        )
    };
    broken_at(21, &copied("21"));
    broken_at(21, &copied("9223372036854775807"));
    broken_at(1, &copied("0"));
    broken_at(1, &copied("-5"));
    let made_room = "UPDATE line SET number = -number WHERE number >= 7; UPDATE line SET number = 1 - number WHERE number < 0";
    broken_at(7, &format!("{made_room}; {}", copied("7")));
}

/// Whoever knows how a digest is made can make one; the next line has the one that stood there
/// before.
#[test]
fn a_digest_made_anew_for_one_line_is_found_at_the_next() {
    let (folder, other) = (written(), tempfile::tempdir().unwrap());
    let log = SqliteLog::open(other.path()).unwrap();
    for i in 1..=7 {
        let what = if i == 7 { "/".to_owned() } else { format!("/records/C-{i}/") };
        log.write(line(&what)).wait().unwrap();
    }
    let made = SqliteAudit::of(other.path()).head().wait().unwrap().digest;
    tampered(&folder, &format!("UPDATE line SET what = '/', digest = '{made}' WHERE number = 7"));
    assert_eq!(SqliteAudit::of(folder.path()).verify().wait().unwrap(), Some(BrokenLine { number: 8 }));
}

#[test]
fn a_cut_tail_is_found_by_the_head_that_was_kept() {
    let folder = written();
    let kept = SqliteAudit::of(folder.path()).head().wait().unwrap();
    let has = || SqliteAudit::of(folder.path()).has(&kept).wait().unwrap();
    SqliteLog::open(folder.path()).unwrap().write(line("/later")).wait().unwrap();
    assert!(has(), "the log has grown");
    tampered(&folder, "DELETE FROM line WHERE number >= 20");
    assert_eq!(SqliteAudit::of(folder.path()).verify().wait().unwrap(), None);
    assert!(!has());
    SqliteLog::open(folder.path()).unwrap().write(line("/anew")).wait().unwrap();
    assert_eq!(SqliteAudit::of(folder.path()).head().wait().unwrap().number, 20);
    assert!(!has(), "a new line in the place of the old");
}

#[test]
fn a_head_is_read_as_it_was_printed() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    let heads = [(); 2].map(|()| {
        let head = SqliteAudit::of(folder.path()).head().wait().unwrap();
        log.write(line("/")).wait().unwrap();
        head
    });
    for head in heads {
        assert_eq!(format!("{head}\n").parse(), Ok(head.clone()));
        assert!(SqliteAudit::of(folder.path()).has(&head).wait().unwrap(), "{head}");
    }
    let digest = "a".repeat(64);
    for no_head in ["", "7", "x", "-1", &digest, &format!("0 {digest}"), &format!("-7 {digest}"), &format!("7 {digest}0"), "7 DIGEST"] {
        assert_eq!(no_head.parse::<Head>(), Err(NoHead), "{no_head}");
    }
}

#[test]
fn where_there_is_no_log_none_is_made_to_verify_it() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join(".chancery");
    assert!(matches!(SqliteAudit::of(&absent).verify().wait(), Err(StoreError::NoLog(_))));
    assert!(matches!(SqliteAudit::of(&absent).head().wait(), Err(StoreError::NoLog(_))));
    assert!(!absent.exists());
}

fn open_with(lines: &[&str]) -> (tempfile::TempDir, SqliteLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    lines.iter().for_each(|what| log.write(line(what)).wait().unwrap());
    (folder, log)
}

fn tried(log: &SqliteLog) -> Result<(), String> {
    log.write(line("/tried")).wait().map_err(|error| error.to_string())
}

fn numbers(folder: &tempfile::TempDir) -> i64 {
    assert_eq!(SqliteAudit::of(folder.path()).verify().wait().unwrap(), None);
    SqliteAudit::of(folder.path()).head().wait().unwrap().number
}

#[test]
fn a_log_without_its_table_cannot_be_written() {
    for lines in [&[] as &[&str], &["/a", "/b"]] {
        let (folder, log) = open_with(lines);
        tampered(&folder, "DROP TABLE line");
        for _ in 0..3 {
            assert!(tried(&log).is_err());
        }
    }
}

#[test]
fn lines_that_are_gone_stop_the_log_until_they_are_back() {
    let (folder, log) = open_with(&["/a", "/b"]);
    tampered(&folder, "CREATE TABLE away AS SELECT * FROM line WHERE number = 2; DELETE FROM line WHERE number = 2");
    assert!(tried(&log).unwrap_err().contains("line 2 was written and is gone"));
    tampered(&folder, "INSERT INTO line SELECT * FROM away; DROP TABLE away");
    assert_eq!(tried(&log), Ok(()));
    assert_eq!(numbers(&folder), 3);
}

/// What is written to an open file that was deleted succeeds, and is nowhere.
#[cfg(unix)]
#[test]
fn a_log_that_was_deleted_or_replaced_is_not_written_until_it_is_back() {
    let parts = ["access-log.db", "access-log.db-wal", "access-log.db-shm"];
    let (folder, log) = open_with(&["/a", "/b"]);
    let away = tempfile::tempdir_in(folder.path()).unwrap();
    let moved = |from: &Path, to: &Path| {
        for part in parts.iter().filter(|part| from.join(part).exists()) {
            std::fs::rename(from.join(part), to.join(part)).unwrap();
        }
    };
    moved(folder.path(), away.path());
    for _ in 0..3 {
        assert!(tried(&log).is_err());
        assert!(!folder.path().join(parts[0]).exists(), "no new log is begun");
    }
    let (other, _) = open_with(&["/of", "/another"]);
    moved(other.path(), folder.path());
    assert!(tried(&log).unwrap_err().contains("line 2 was written and is gone"));
    std::fs::write(folder.path().join(parts[0]), "no log at all").unwrap();
    assert!(tried(&log).is_err());
    parts.iter().for_each(|part| drop(std::fs::remove_file(folder.path().join(part))));
    moved(away.path(), folder.path());
    assert_eq!(tried(&log), Ok(()));
    assert_eq!(numbers(&folder), 3);
}

#[cfg(unix)]
#[test]
fn the_files_beside_the_log_may_be_deleted_and_no_line_is_lost() {
    for part in ["access-log.db-wal", "access-log.db-shm"] {
        let (folder, log) = open_with(&["/a", "/b"]);
        std::fs::remove_file(folder.path().join(part)).unwrap();
        assert_eq!(tried(&log), Ok(()), "{part}");
        assert_eq!(numbers(&folder), 3);
    }
}

#[test]
fn a_log_that_another_holds_locked_is_written_again_afterwards() {
    let (folder, log) = open_with(&["/a"]);
    let other = Connection::open(folder.path().join("access-log.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(tried(&log).is_err());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(tried(&log), Ok(()));
    assert_eq!(numbers(&folder), 2);
}
