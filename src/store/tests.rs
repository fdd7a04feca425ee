use super::*;
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn store() -> (tempfile::TempDir, Store, RecordId) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let person = RecordId::from("zhao.min");
    store.add_account(&person, &Password::new("秘密 password").unwrap()).unwrap();
    (folder, store, person)
}

fn sign_in(store: &Store, person: &RecordId) -> Token {
    store.open_session(&store.account(&person.0).unwrap().unwrap(), now()).unwrap().unwrap()
}

#[test]
fn a_password_is_known_by_its_hash_alone() {
    let (_folder, store, person) = store();
    let account = store.account("zhao.min").unwrap().unwrap();
    assert!(account.password.verify("秘密 password"));
    assert!(!account.password.verify("秘密 Password"));
    assert!(!format!("{account:?}").contains("argon2"));
    assert!(matches!(store.add_account(&person, &account.password), Err(StoreError::KnownAccount(_))));
    assert!(matches!(store.disable(&RecordId::from("nobody")), Err(StoreError::UnknownAccount(_))));
}

#[test]
fn a_session_ends_by_idleness_by_age_and_with_the_account() {
    let (_folder, store, person) = store();
    let token = sign_in(&store, &person);
    let holder = |at| store.session(&token, at).unwrap();
    assert_eq!(holder(now() + SESSION_IDLE - TimeDelta::seconds(1)), Some(person.clone()));
    assert_eq!(holder(now() + SESSION_IDLE + TimeDelta::seconds(1)), Some(person.clone()), "asked a moment ago");
    assert_eq!(holder(now() + SESSION_IDLE * 2 + TimeDelta::seconds(1)), None);
    let token = sign_in(&store, &person);
    let mut at = now();
    while at < now() + SESSION_AGE - TimeDelta::hours(1) {
        at += TimeDelta::hours(1);
        assert!(store.session(&token, at).unwrap().is_some());
    }
    assert_eq!(store.session(&token, now() + SESSION_AGE).unwrap(), None);
    let token = sign_in(&store, &person);
    store.disable(&person).unwrap();
    assert_eq!(store.session(&token, now()).unwrap(), None);
    store.enable(&person).unwrap();
    assert_eq!(store.session(&token, now()).unwrap(), None, "it does not come back");
    assert_eq!(store.session(&Token::given("ff"), now()).unwrap(), None);
}

/// Whoever signs in again and again fills no store.
#[test]
fn of_one_persons_sessions_the_earliest_end_when_there_are_many() {
    let (_folder, store, person) = store();
    let other = RecordId::from("li.na");
    store.add_account(&other, &Password::new("秘密 password").unwrap()).unwrap();
    let others = sign_in(&store, &other);
    let tokens: Vec<Token> = (0..40).map(|_| sign_in(&store, &person)).collect();
    let open = |token: &Token| store.session(token, now()).unwrap().is_some();
    assert!(tokens[..8].iter().all(|token| !open(token)) && tokens[8..].iter().all(open) && open(&others));
    assert_eq!(store.sessions(&person, &tokens[39], now()).unwrap().len(), 32);
}

#[test]
fn of_one_persons_devices_the_earliest_are_forgotten_when_there_are_many_or_they_are_old() {
    let (_folder, store, person) = store();
    let at = |n: i64| now() + TimeDelta::minutes(n);
    let tokens: Vec<Token> = (0..20).map(|n| store.note_device(None, &person, at(n)).unwrap()).collect();
    let known = |token: &Token, person: &str, at| store.device(token, person, at).unwrap().is_some();
    assert_eq!(
        tokens.iter().map(|token| known(token, &person.0, at(20))).collect::<Vec<_>>(),
        [[false; 4].as_slice(), &[true; 16]].concat()
    );
    assert!(!known(&tokens[19], "li.na", at(20)) && !known(&tokens[19], &person.0, at(20) + DEVICE_AGE));
    assert_eq!(store.note_device(Some(&tokens[19]), &person, at(21)).unwrap().as_str(), tokens[19].as_str(), "it stays the same");
    let given = Token::given("of somebody else's making");
    assert_ne!(store.note_device(Some(&given), &person, at(21)).unwrap().as_str(), given.as_str());
}

#[test]
fn accounts_outlive_the_process() {
    let (folder, store, person) = store();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.accounts().unwrap().into_iter().map(|account| account.person).collect::<Vec<_>>(), [person]);
}

#[test]
fn who_has_been_shut_out_since_his_password_was_verified_is_not_signed_in() {
    let (_folder, store, person) = store();
    let read = store.account(&person.0).unwrap().unwrap();
    store.set_password(&person, &Password::new("another password").unwrap()).unwrap();
    assert!(store.open_session(&read, now()).unwrap().is_none(), "with the password of before");
    let read = store.account(&person.0).unwrap().unwrap();
    store.disable(&person).unwrap();
    assert!(store.open_session(&read, now()).unwrap().is_none());
}

#[test]
fn a_new_password_keeps_the_session_under_a_new_token_and_no_other() {
    let (_folder, store, person) = store();
    let (here, there) = (sign_in(&store, &person), sign_in(&store, &person));
    let link = store.invite(&Invitation::Person(person.clone()), now()).unwrap();
    let password = Password::new("another password").unwrap();
    let renewed = store.change_password(&here, &person, &password).unwrap().unwrap();
    let holder = |token| store.session(token, now()).unwrap();
    assert_eq!((holder(&renewed), holder(&here), holder(&there)), (Some(person.clone()), None, None));
    assert_eq!(store.invitation(&link, now()).unwrap(), None, "nor a link");
    assert_eq!(store.account(&person.0).unwrap().unwrap().password, password);
    assert!(store.change_password(&there, &person, &password).unwrap().is_none(), "a session that has ended changes nothing");
    assert_eq!(store.sessions(&person, &renewed, now()).unwrap(), [OpenSession { since: now(), seen: now(), this: true }]);
    store.close_sessions(&person).unwrap();
    assert_eq!(holder(&renewed), None);
    assert!(matches!(store.close_sessions(&RecordId::from("nobody")), Err(StoreError::UnknownAccount(_))));
}

#[test]
fn a_link_serves_once_for_its_person_and_until_its_time() {
    let (_folder, store, person) = store();
    let other = RecordId::from("li.na");
    let password = Password::new("a password of hers").unwrap();
    let invite = |person: &RecordId| store.invite(&Invitation::Person(person.clone()), now()).unwrap();
    let (earlier, link) = (invite(&other), invite(&other));
    assert_eq!(store.invitation(&earlier, now()).unwrap(), None, "the later ends the earlier");
    assert_eq!(store.invitation(&link, now()).unwrap(), Some(Invitation::Person(other.clone())));
    assert_eq!(store.invitation(&link, now() + LINK_AGE).unwrap(), None);
    assert!(store.accept(&link, &other, &password, now() + LINK_AGE).unwrap().is_none());
    assert!(store.accept(&link, &person, &password, now()).unwrap().is_none(), "it is not his");
    let session = store.accept(&link, &other, &password, now()).unwrap().unwrap();
    assert_eq!(store.session(&session, now()).unwrap(), Some(other.clone()));
    assert!(store.accept(&link, &other, &password, now()).unwrap().is_none(), "used up");
    let again = invite(&other);
    store.disable(&other).unwrap();
    assert_eq!(store.invitation(&again, now()).unwrap(), None);
    assert!(matches!(store.invite(&Invitation::Person(other.clone()), now()), Err(StoreError::ShutAccount(_))));
    store.enable(&other).unwrap();
    assert_eq!(store.invitation(&again, now()).unwrap(), None, "it does not come back");
}

#[test]
fn the_first_link_is_dead_once_there_is_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let password = Password::new("a password of hers").unwrap();
    let link = store.invite(&Invitation::First, now()).unwrap();
    assert_eq!(store.invitation(&link, now()).unwrap(), Some(Invitation::First));
    assert_eq!(store.invitation(&link, now() + FIRST_LINK_AGE).unwrap(), None);
    store.add_account(&RecordId::from("zhao.min"), &password).unwrap();
    assert_eq!(store.invitation(&link, now()).unwrap(), None);
    assert!(store.accept(&link, &RecordId::from("li.na"), &password, now()).unwrap().is_none());
}

#[test]
fn of_two_who_use_a_link_at_once_one_gets_through() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let stores = [Store::open(folder.path()).unwrap(), Store::open(folder.path()).unwrap()];
        let password = Password::new("a password of hers").unwrap();
        let link = stores[0].invite(&Invitation::First, now()).unwrap();
        let start = std::sync::Barrier::new(2);
        let use_it = |store: &Store, name: &str| {
            start.wait();
            store.accept(&link, &RecordId::from(name), &password, now()).unwrap().is_some()
        };
        let through = std::thread::scope(|scope| {
            let tried = [("zhao.min", &stores[0]), ("li.na", &stores[1])].map(|(name, store)| scope.spawn(|| use_it(store, name)));
            tried.map(|tried| tried.join().unwrap())
        });
        assert_eq!(through.iter().filter(|through| **through).count(), 1);
        assert_eq!(stores[0].accounts().unwrap().len(), 1);
    }
}

#[test]
fn the_address_of_a_calendar_ends_with_the_next_and_with_the_account() {
    let (_folder, store, person) = store();
    assert_eq!(store.calendar_since(&person).unwrap(), None);
    let (earlier, secret) = (store.open_calendar(&person, now()).unwrap(), store.open_calendar(&person, now()).unwrap());
    let opens = |secret: &Token| store.calendar(secret).unwrap();
    assert_eq!((opens(&secret), opens(&earlier), opens(&Token::given("ff"))), (Some(person.clone()), None, None));
    assert_eq!(store.calendar_since(&person).unwrap(), Some(now()));
    store.disable(&person).unwrap();
    assert_eq!(opens(&secret), None);
    store.enable(&person).unwrap();
    assert_eq!((opens(&secret), store.calendar_since(&person).unwrap()), (None, None), "it does not come back");
}

#[test]
fn a_password_has_its_measure_and_is_not_the_persons_id() {
    let person = RecordId::from("Zhao.Min");
    let fault = |written: &str| Chosen::new(&person, written).err();
    assert_eq!(fault("七个汉字还不够"), Some(Unfit::TooShort));
    assert_eq!(fault("八个汉字就够了吗"), None);
    for id in ["zhao.min1", "ZHAO.MIN", "zhaomin2026", "!zhao_min!", "nim.oahz1"] {
        assert_eq!(fault(id), Some(Unfit::OwnId), "{id}");
    }
    assert_eq!((fault(&"八个汉字".repeat(64)), fault(&"字".repeat(257))), (None, Some(Unfit::TooLong)));
    assert_eq!(
        (fault("12345678"), fault("Password1"), fault("aaaaaaaaaa")),
        (Some(Unfit::Common), Some(Unfit::Common), Some(Unfit::Common))
    );
}

#[test]
fn what_cannot_be_seen_makes_no_password_longer() {
    let person = RecordId::from("zhao.min");
    for unseen in [' ', '\u{200b}', '\u{3000}', '\u{feff}', '\u{3164}', '\u{2800}', '\u{ad}', '\u{301}', '\u{7}', '\u{e0041}'] {
        let all = unseen.to_string().repeat(8);
        assert_eq!(Chosen::new(&person, &all).err(), Some(Unfit::TooShort), "{unseen:?}");
        assert_eq!(Chosen::new(&person, &format!("Mz7!kq2{all}")).err(), Some(Unfit::TooShort), "{unseen:?}");
    }
    assert!(Chosen::new(&person, " Mz7! kq2w ").is_ok());
}

#[test]
fn of_two_who_take_an_ask_at_once_one_gets_it_and_it_can_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [Store::open(folder.path()).unwrap(), Store::open(folder.path()).unwrap()];
    let (person, record) = (RecordId::from("zhao.min"), RecordId::from("C-1"));
    let asked = Asked { person: &person, record: &record, purpose: "x", until: now().date_naive() };
    for _ in 0..20 {
        assert!(stores[0].ask(asked, now()).unwrap());
        let ask = stores[0].open_asks().unwrap().remove(0);
        let start = std::sync::Barrier::new(2);
        let taken = std::thread::scope(|scope| {
            let tried = stores.each_ref().map(|store| {
                let (ask, start) = (&ask, &start);
                scope.spawn(move || {
                    start.wait();
                    store.take_ask(ask).unwrap()
                })
            });
            tried.map(|tried| tried.join().unwrap())
        });
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
        stores[1].put_back(&ask).unwrap();
        assert_eq!(stores[0].open_asks().unwrap(), std::slice::from_ref(&ask));
        assert!(stores[1].take_ask(&ask).unwrap() && !stores[0].take_ask(&ask).unwrap());
        Connection::open(folder.path().join("accounts.db")).unwrap().execute_batch("DELETE FROM ask").unwrap();
    }
}

/// What would be of use to whoever steals the file.
#[test]
fn no_token_lies_in_the_store() {
    let (folder, store, person) = store();
    let tokens = [
        sign_in(&store, &person),
        store.invite(&Invitation::Person(person.clone()), now()).unwrap(),
        store.open_calendar(&person, now()).unwrap(),
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
    let log = AccessLog::open(folder.path()).unwrap();
    let pending: Vec<Pending> = (1..=20).map(|i| log.write(line(&format!("/records/C-{i}/")))).collect();
    for pending in pending {
        assert_eq!(pending.blocking_recv().unwrap(), Ok(()));
    }
    folder
}

#[test]
fn however_long_an_address_is_its_line_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::open(folder.path()).unwrap();
    for what in ["/".repeat(60_000), "夹".repeat(20_000), "/".repeat(2_000)] {
        log.write(line(&what)).blocking_recv().unwrap().unwrap();
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
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), None);
    assert_eq!(AccessLog::head(folder.path()).unwrap().number, 20);
}

fn tampered(folder: &tempfile::TempDir, sql: &str) {
    Connection::open(folder.path().join("access-log.db")).unwrap().execute_batch(sql).unwrap();
}

#[track_caller]
fn broken_at(number: i64, sql: &str) {
    let folder = written();
    tampered(&folder, sql);
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), Some(Broken { number }), "{sql}");
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

/// Whoever knows how a digest is made can make one; the next line has the one that stood there before.
#[test]
fn a_digest_made_anew_for_one_line_is_found_at_the_next() {
    let (folder, other) = (written(), tempfile::tempdir().unwrap());
    let log = AccessLog::open(other.path()).unwrap();
    for i in 1..=7 {
        let what = if i == 7 { "/".to_owned() } else { format!("/records/C-{i}/") };
        log.write(line(&what)).blocking_recv().unwrap().unwrap();
    }
    let made = AccessLog::head(other.path()).unwrap().digest;
    tampered(&folder, &format!("UPDATE line SET what = '/', digest = '{made}' WHERE number = 7"));
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), Some(Broken { number: 8 }));
}

#[test]
fn a_cut_tail_is_found_by_the_head_that_was_kept() {
    let folder = written();
    let kept = AccessLog::head(folder.path()).unwrap();
    let has = || AccessLog::has(folder.path(), &kept).unwrap();
    AccessLog::open(folder.path()).unwrap().write(line("/later")).blocking_recv().unwrap().unwrap();
    assert!(has(), "the log has grown");
    tampered(&folder, "DELETE FROM line WHERE number >= 20");
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), None);
    assert!(!has());
    AccessLog::open(folder.path()).unwrap().write(line("/anew")).blocking_recv().unwrap().unwrap();
    assert_eq!(AccessLog::head(folder.path()).unwrap().number, 20);
    assert!(!has(), "a new line in the place of the old");
}

#[test]
fn lines_at_which_time_runs_back_are_told_and_those_that_were_overtaken_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::open(folder.path()).unwrap();
    let minutes = [0, 10, 9, 20, 5, 21, 6, 30];
    for at in minutes {
        let at = now() + chrono::TimeDelta::minutes(at);
        log.write(AccessLine { at, ..line("/") }).blocking_recv().unwrap().unwrap();
    }
    let told = AccessLog::backward(folder.path()).unwrap();
    assert_eq!(told.iter().map(|back| back.number).collect::<Vec<_>>(), [5, 7]);
    assert_eq!(told[0].before - told[0].at, chrono::TimeDelta::minutes(15));
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), None, "though each follows from those before it");
}

#[test]
fn a_head_is_read_as_it_was_printed() {
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::open(folder.path()).unwrap();
    let heads = [(); 2].map(|()| {
        let head = AccessLog::head(folder.path()).unwrap();
        log.write(line("/")).blocking_recv().unwrap().unwrap();
        head
    });
    for head in heads {
        assert_eq!(format!("{head}\n").parse(), Ok(head.clone()));
        assert!(AccessLog::has(folder.path(), &head).unwrap(), "{head}");
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
    assert!(matches!(AccessLog::verify(&absent), Err(StoreError::NoLog(_))));
    assert!(matches!(AccessLog::head(&absent), Err(StoreError::NoLog(_))));
    assert!(!absent.exists());
}

fn open_with(lines: &[&str]) -> (tempfile::TempDir, AccessLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::open(folder.path()).unwrap();
    lines.iter().for_each(|what| log.write(line(what)).blocking_recv().unwrap().unwrap());
    (folder, log)
}

fn tried(log: &AccessLog) -> Result<(), String> {
    log.write(line("/tried")).blocking_recv().unwrap()
}

fn numbers(folder: &tempfile::TempDir) -> i64 {
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), None);
    AccessLog::head(folder.path()).unwrap().number
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
fn two_processes_may_write_one_log() {
    let (folder, one) = open_with(&["/a"]);
    let other = AccessLog::open(folder.path()).unwrap();
    let pending: Vec<Pending> = (0..200).map(|i| [&one, &other][i % 2].write(line("/"))).collect();
    assert!(pending.into_iter().all(|pending| pending.blocking_recv().unwrap() == Ok(())));
    assert_eq!(numbers(&folder), 201);
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
