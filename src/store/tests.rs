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

#[test]
fn a_password_is_known_by_its_hash_alone() {
    let (_folder, store, person) = store();
    let account = store.account("zhao.min").unwrap().unwrap();
    assert!(account.password.verify("秘密 password"));
    assert!(!account.password.verify("秘密 Password"));
    assert!(!format!("{account:?}").contains("argon2"));
    assert!(matches!(store.add_account(&person, &account.password), Err(StoreError::KnownAccount(_))));
    assert!(matches!(store.set_disabled(&RecordId::from("nobody"), true), Err(StoreError::UnknownAccount(_))));
}

#[test]
fn a_session_ends_by_idleness_by_age_and_with_the_account() {
    let (_folder, store, person) = store();
    let token = store.open_session(&person, now()).unwrap();
    let holder = |at| store.session(&token, at).unwrap();
    assert_eq!(holder(now() + SESSION_IDLE - TimeDelta::seconds(1)), Some(person.clone()));
    assert_eq!(holder(now() + SESSION_IDLE + TimeDelta::seconds(1)), Some(person.clone()), "asked a moment ago");
    assert_eq!(holder(now() + SESSION_IDLE * 2 + TimeDelta::seconds(1)), None);
    let token = store.open_session(&person, now()).unwrap();
    let mut at = now();
    while at < now() + SESSION_AGE - TimeDelta::hours(1) {
        at += TimeDelta::hours(1);
        assert!(store.session(&token, at).unwrap().is_some());
    }
    assert_eq!(store.session(&token, now() + SESSION_AGE).unwrap(), None);
    let token = store.open_session(&person, now()).unwrap();
    store.set_disabled(&person, true).unwrap();
    assert_eq!(store.session(&token, now()).unwrap(), None);
    store.set_disabled(&person, false).unwrap();
    assert_eq!(store.session(&token, now()).unwrap(), None, "it does not come back");
    assert_eq!(store.session(&Token::from_cookie("ff"), now()).unwrap(), None);
}

#[test]
fn accounts_outlive_the_process() {
    let (folder, store, person) = store();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.accounts().unwrap().into_iter().map(|account| account.person).collect::<Vec<_>>(), [person]);
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
fn a_chain_that_nobody_touched_verifies() {
    let folder = written();
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), None);
    assert_eq!(AccessLog::head(folder.path()).unwrap().number, 20);
}

#[test]
fn an_altered_a_removed_and_a_moved_line_are_found() {
    for tamper in [
        "UPDATE line SET what = '/' WHERE number = 7",
        "UPDATE line SET allowed = 0 WHERE number = 7",
        "DELETE FROM line WHERE number = 7",
        "UPDATE line SET number = -1 WHERE number = 7; UPDATE line SET number = 7 WHERE number = 8; UPDATE line SET number = 8 WHERE number = -1",
    ] {
        let folder = written();
        Connection::open(folder.path().join("access-log.db")).unwrap().execute_batch(tamper).unwrap();
        assert_eq!(AccessLog::verify(folder.path()).unwrap(), Some(Broken { number: 7 }), "{tamper}");
    }
}

#[test]
fn a_cut_tail_shows_in_the_head() {
    let folder = written();
    let kept = AccessLog::head(folder.path()).unwrap();
    Connection::open(folder.path().join("access-log.db")).unwrap().execute("DELETE FROM line WHERE number = 20", []).unwrap();
    assert_eq!(AccessLog::verify(folder.path()).unwrap(), None);
    assert_ne!(AccessLog::head(folder.path()).unwrap(), kept);
}

#[test]
fn a_log_that_cannot_be_written_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::open(folder.path()).unwrap();
    Connection::open(folder.path().join("access-log.db")).unwrap().execute_batch("DROP TABLE line").unwrap();
    assert!(log.write(line("/")).blocking_recv().unwrap().is_err());
}
