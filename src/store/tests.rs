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
    assert_eq!(fault("zhao.min"), Some(Unfit::OwnId));
    assert_eq!((fault(&"字".repeat(256)), fault(&"字".repeat(257))), (None, Some(Unfit::TooLong)));
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
    AccessLine { at: now(), who: "zhao.min".into(), what: what.into(), origin: "127.0.0.1".into(), allowed: true }
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
