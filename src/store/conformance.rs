//! What every store must do, through its traits alone. An implementation is tried by one line at
//! the end: what opens handles on one store, as several servers and commands have them.

use super::*;
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};
use std::{sync::Barrier, thread, time::Duration};

/// An implementation, with an empty store.
trait Trial {
    fn begin() -> Self;
    /// A further handle on the store.
    fn open(&self) -> Stores;
    /// The audit of its access log.
    fn audit(&self) -> Box<dyn Audit>;
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn zhao() -> RecordId {
    RecordId::from("zhao.min")
}

fn li() -> RecordId {
    RecordId::from("li.na")
}

fn password() -> Password {
    static HASHED: std::sync::LazyLock<Password> = std::sync::LazyLock::new(|| Password::new("秘密 password").unwrap());
    HASHED.clone()
}

fn another_password() -> Password {
    Password::new("another password").unwrap()
}

/// A store in which one person has an account.
fn with_account(trial: &impl Trial) -> Stores {
    let stores = trial.open();
    stores.accounts.add_account(&zhao(), &password()).wait().unwrap();
    stores
}

fn sign_in(stores: &Stores, person: &RecordId) -> Token {
    let account = stores.accounts.account(&person.0).wait().unwrap().unwrap();
    stores.sessions.open_session(&account, now()).wait().unwrap().unwrap()
}

fn holder_at(stores: &Stores, token: &Token, at: DateTime<Utc>) -> Option<RecordId> {
    stores.sessions.holder(token, Presence::Here, at).wait().unwrap().map(|holder| holder.person)
}

fn holder(stores: &Stores, token: &Token) -> Option<RecordId> {
    holder_at(stores, token, now())
}

fn invite(stores: &Stores, person: &RecordId) -> Token {
    stores.invitations.invite(&Invitation::Person(person.clone()), now()).wait().unwrap()
}

fn invitation(stores: &Stores, link: &Token, at: DateTime<Utc>) -> Option<Invitation> {
    stores.invitations.invitation(link, at).wait().unwrap()
}

/// Whether a link let a person in; the session.
fn accept(stores: &Stores, link: &Token, person: &RecordId, at: DateTime<Utc>) -> Option<Token> {
    stores.invitations.accept(link, person, &password(), at).wait().unwrap()
}

fn opens(stores: &Stores, secret: &Token) -> Option<RecordId> {
    stores.calendars.calendar(secret).wait().unwrap()
}

fn new_ask(record: &str) -> NewAsk {
    NewAsk { person: zhao(), record: RecordId::from(record), purpose: "续约".to_owned(), until: now().date_naive() }
}

/// What each of two handles answers when both are asked at the same moment.
fn at_once<T: Send>(handles: [Stores; 2], ask: impl Fn(&Stores, usize) -> T + Sync) -> [T; 2] {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let (start, ask) = (&start, &ask);
        let asked = [0, 1].map(|n| {
            let stores = handles[n].clone();
            scope.spawn(move || {
                start.wait();
                ask(&stores, n)
            })
        });
        asked.map(|asked| asked.join().unwrap())
    })
}

fn a_password_is_known_by_its_hash_alone<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let account = stores.accounts.account("zhao.min").wait().unwrap().unwrap();
    assert!(account.password.verify("秘密 password") && !account.password.verify("秘密 Password"));
    assert!(!format!("{account:?}").contains("argon2"));
    assert!(matches!(stores.accounts.add_account(&zhao(), &password()).wait(), Err(StoreError::KnownAccount(_))));
}

fn what_is_nobodys_is_answered_as_that<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    for bad in ["", "nobody", "Zhao.min", "zhao.min\0", "' OR 1 = 1 --", "\u{202e}", &"长".repeat(100_000)] {
        let (person, token) = (RecordId::named(bad), Token::given(bad));
        let is_unknown = |answer| matches!(answer, Err(StoreError::UnknownAccount(_)));
        assert_eq!(stores.accounts.account(bad).wait().unwrap(), None);
        assert!(is_unknown(stores.accounts.disable(&person).wait()) && is_unknown(stores.accounts.enable(&person).wait()));
        assert!(is_unknown(stores.accounts.set_password(&person, &password()).wait()));
        assert!(is_unknown(stores.sessions.close_sessions(&person).wait()));
        assert_eq!((holder(&stores, &token), invitation(&stores, &token, now()), opens(&stores, &token)), (None, None, None));
        assert!(stores.sessions.change_password(&token, &zhao(), &another_password()).wait().unwrap().is_none());
        assert!(accept(&stores, &token, &zhao(), now()).is_none());
        assert_eq!(stores.devices.device(&token, bad, now()).wait().unwrap(), None);
        assert_eq!(stores.calendars.calendar_since(&person).wait().unwrap(), None);
        assert!(stores.calendars.open_calendar(&person, now()).wait().is_err(), "there is no account");
        assert!(stores.sessions.set_sight(&token, Some(&zhao())).wait().is_err(), "there is no session");
        stores.sessions.close_session(&token).wait().unwrap();
        assert!(!stores.approvals.forget(&(&person).into()).wait().unwrap());
    }
    assert_eq!(stores.accounts.account("zhao.min").wait().unwrap().unwrap().password, password());
}

fn a_session_ends_by_idleness_by_age_and_with_the_account<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let token = sign_in(&stores, &zhao());
    assert_eq!(holder_at(&stores, &token, now() + SESSION_IDLE - TimeDelta::seconds(1)), Some(zhao()));
    assert_eq!(holder_at(&stores, &token, now() + SESSION_IDLE + TimeDelta::seconds(1)), Some(zhao()), "asked a moment ago");
    assert_eq!(holder_at(&stores, &token, now() + SESSION_IDLE * 2 + TimeDelta::seconds(1)), None);
    let token = sign_in(&stores, &zhao());
    let mut at = now();
    while at < now() + SESSION_AGE - TimeDelta::hours(1) {
        at += TimeDelta::hours(1);
        assert!(holder_at(&stores, &token, at).is_some());
    }
    assert_eq!(holder_at(&stores, &token, now() + SESSION_AGE), None);
    let token = sign_in(&stores, &zhao());
    stores.accounts.disable(&zhao()).wait().unwrap();
    assert_eq!(holder(&stores, &token), None);
    stores.accounts.enable(&zhao()).wait().unwrap();
    assert_eq!(holder(&stores, &token), None, "it does not come back");
}

fn a_page_that_asks_by_itself_keeps_no_session_open<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let token = sign_in(&stores, &zhao());
    let by_itself = |at| stores.sessions.holder(&token, Presence::Unknown, at).wait().unwrap().map(|holder| holder.person);
    assert_eq!(by_itself(now() + SESSION_IDLE - TimeDelta::seconds(1)), Some(zhao()));
    assert_eq!(by_itself(now() + SESSION_IDLE + TimeDelta::seconds(1)), None);
}

/// Whatever one handle ends is ended for the other at its next question, though it was answered a
/// moment before.
fn what_one_handle_ends_is_ended_for_the_other<T: Trial>(trial: &T) {
    let (here, there) = (with_account(trial), trial.open());
    type End = fn(&Stores, &Token);
    let ends: [End; 5] = [
        |stores, token| stores.sessions.close_session(token).wait().unwrap(),
        |stores, _| stores.sessions.close_sessions(&zhao()).wait().unwrap(),
        |stores, _| stores.accounts.set_password(&zhao(), &password()).wait().unwrap(),
        |stores, token| drop(stores.sessions.change_password(token, &zhao(), &password()).wait().unwrap().unwrap()),
        |stores, _| stores.accounts.disable(&zhao()).wait().unwrap(),
    ];
    for end in ends {
        let token = sign_in(&there, &zhao());
        for stores in [&here, &there, &here] {
            assert_eq!(holder(stores, &token), Some(zhao()));
        }
        end(&there, &token);
        assert_eq!((holder(&here, &token), holder(&there, &token)), (None, None));
    }
}

fn as_whom_a_session_looks_is_known_at_once_and_ends_with_it<T: Trial>(trial: &T) {
    let (here, there) = (with_account(trial), trial.open());
    let token = sign_in(&here, &zhao());
    let held = |stores: &Stores, token| stores.sessions.holder(token, Presence::Here, now()).wait().unwrap();
    let looking = |sight: Option<RecordId>| Some(Holder { person: zhao(), sight });
    assert_eq!(held(&here, &token), looking(None));
    there.sessions.set_sight(&token, Some(&li())).wait().unwrap();
    assert_eq!((held(&here, &token), held(&there, &token)), (looking(Some(li())), looking(Some(li()))));
    let renewed = here.sessions.change_password(&token, &zhao(), &password()).wait().unwrap().unwrap();
    assert_eq!((held(&there, &token), held(&there, &renewed)), (None, looking(Some(li()))));
    here.sessions.set_sight(&renewed, None).wait().unwrap();
    assert_eq!(held(&there, &renewed), looking(None));
}

/// Whoever signs in again and again fills no store.
fn of_one_persons_sessions_the_earliest_end_when_there_are_many<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    stores.accounts.add_account(&li(), &password()).wait().unwrap();
    let others = sign_in(&stores, &li());
    let tokens: Vec<Token> = (0..40).map(|_| sign_in(&stores, &zhao())).collect();
    let open = |token: &Token| holder(&stores, token).is_some();
    assert!(tokens[..8].iter().all(|token| !open(token)) && tokens[8..].iter().all(open) && open(&others));
    assert_eq!(stores.sessions.sessions(&zhao(), &tokens[39], now()).wait().unwrap().len(), 32);
}

fn of_two_who_open_sessions_at_once_both_are_in<T: Trial>(trial: &T) {
    let handles = [with_account(trial), trial.open()];
    let tokens = at_once(handles.clone(), |stores, _| (0..20).map(|_| sign_in(stores, &zhao())).collect::<Vec<_>>()).concat();
    let open = tokens.iter().filter(|token| handles.iter().all(|stores| holder(stores, token).is_some()));
    assert_eq!(open.count(), 32, "of one person's, as many as there may be");
}

fn of_one_persons_devices_the_earliest_are_forgotten<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let at = |n: i64| now() + TimeDelta::minutes(n);
    let note = |token: Option<&Token>, at| stores.devices.note_device(token, &zhao(), at).wait().unwrap();
    let tokens: Vec<Token> = (0..20).map(|n| note(None, at(n))).collect();
    let known = |token: &Token, person: &str, at| stores.devices.device(token, person, at).wait().unwrap().is_some();
    let all: Vec<bool> = tokens.iter().map(|token| known(token, "zhao.min", at(20))).collect();
    assert_eq!(all, [[false; 4].as_slice(), &[true; 16]].concat());
    assert!(!known(&tokens[19], "li.na", at(20)) && !known(&tokens[19], "zhao.min", at(20) + DEVICE_AGE));
    assert_eq!(note(Some(&tokens[19]), at(21)).as_str(), tokens[19].as_str(), "it stays the same");
    let given = Token::given("of somebody else's making");
    assert_ne!(note(Some(&given), at(21)).as_str(), given.as_str());
    stores.sessions.close_sessions(&zhao()).wait().unwrap();
    assert!(!known(&tokens[19], "zhao.min", at(22)), "they end with the sessions");
}

fn what_was_written_outlives_its_handle<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let (token, secret) = (sign_in(&stores, &zhao()), stores.calendars.open_calendar(&zhao(), now()).wait().unwrap());
    drop(stores);
    let stores = trial.open();
    let people: Vec<RecordId> = stores.accounts.accounts().wait().unwrap().into_iter().map(|account| account.person).collect();
    assert_eq!((people, holder(&stores, &token), opens(&stores, &secret)), (vec![zhao()], Some(zhao()), Some(zhao())));
}

fn who_was_shut_out_since_the_password_was_verified_is_not_signed_in<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let read = || stores.accounts.account("zhao.min").wait().unwrap().unwrap();
    let before = read();
    stores.accounts.set_password(&zhao(), &another_password()).wait().unwrap();
    assert!(stores.sessions.open_session(&before, now()).wait().unwrap().is_none(), "with the password of before");
    let before = read();
    stores.accounts.disable(&zhao()).wait().unwrap();
    assert!(stores.sessions.open_session(&before, now()).wait().unwrap().is_none());
    assert!(stores.sessions.open_session(&read(), now()).wait().unwrap().is_none(), "nor who is shut now");
}

fn a_new_password_keeps_the_session_under_a_new_token_and_no_other<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let (here, there) = (sign_in(&stores, &zhao()), sign_in(&stores, &zhao()));
    let link = invite(&stores, &zhao());
    let change = |token| stores.sessions.change_password(token, &zhao(), &another_password()).wait().unwrap();
    let renewed = change(&here).unwrap();
    assert_eq!((holder(&stores, &renewed), holder(&stores, &here), holder(&stores, &there)), (Some(zhao()), None, None));
    assert_eq!(invitation(&stores, &link, now()), None, "nor a link");
    assert!(stores.accounts.account("zhao.min").wait().unwrap().unwrap().password.verify("another password"));
    assert!(change(&there).is_none(), "a session that has ended changes nothing");
    let open = stores.sessions.sessions(&zhao(), &renewed, now()).wait().unwrap();
    assert_eq!(open, [OpenSession { since: now(), seen: now(), this: true }]);
}

fn a_link_serves_once_for_its_person_and_until_its_time<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let (earlier, link) = (invite(&stores, &li()), invite(&stores, &li()));
    assert_eq!(invitation(&stores, &earlier, now()), None, "the later ends the earlier");
    assert_eq!(invitation(&stores, &link, now()), Some(Invitation::Person(li())));
    assert_eq!(stores.invitations.open_links(now()).wait().unwrap(), [(li(), now() + LINK_AGE)].into());
    assert_eq!(invitation(&stores, &link, now() + LINK_AGE), None);
    assert!(accept(&stores, &link, &li(), now() + LINK_AGE).is_none());
    assert!(accept(&stores, &link, &zhao(), now()).is_none(), "it is another's");
    let session = accept(&stores, &link, &li(), now()).unwrap();
    assert_eq!(holder(&stores, &session), Some(li()));
    assert!(accept(&stores, &link, &li(), now()).is_none(), "used up");
    let again = invite(&stores, &li());
    stores.accounts.disable(&li()).wait().unwrap();
    assert_eq!(invitation(&stores, &again, now()), None);
    let invited = stores.invitations.invite(&Invitation::Person(li()), now()).wait();
    assert!(matches!(invited, Err(StoreError::ShutAccount(_))));
    stores.accounts.enable(&li()).wait().unwrap();
    assert_eq!(invitation(&stores, &again, now()), None, "it does not come back");
}

fn the_first_link_is_dead_once_there_is_an_account<T: Trial>(trial: &T) {
    let stores = trial.open();
    let link = stores.invitations.invite(&Invitation::First, now()).wait().unwrap();
    assert_eq!(invitation(&stores, &link, now()), Some(Invitation::First));
    assert_eq!(invitation(&stores, &link, now() + FIRST_LINK_AGE), None);
    stores.accounts.add_account(&zhao(), &password()).wait().unwrap();
    assert_eq!(invitation(&stores, &link, now()), None);
    assert!(accept(&stores, &link, &li(), now()).is_none());
}

fn of_two_who_use_a_link_at_once_one_gets_through<T: Trial>(trial: &T) {
    let handles = [trial.open(), trial.open()];
    let link = handles[0].invitations.invite(&Invitation::First, now()).wait().unwrap();
    let through = at_once(handles.clone(), |stores, n| accept(stores, &link, &[zhao(), li()][n], now()).is_some());
    assert_ne!(through[0], through[1]);
    assert_eq!(handles[0].accounts.accounts().wait().unwrap().len(), 1);
}

fn the_address_of_a_calendar_ends_with_the_next_and_with_the_account<T: Trial>(trial: &T) {
    let stores = with_account(trial);
    let since = || stores.calendars.calendar_since(&zhao()).wait().unwrap();
    assert_eq!(since(), None);
    let open = || stores.calendars.open_calendar(&zhao(), now()).wait().unwrap();
    let (earlier, secret) = (open(), open());
    assert_eq!((opens(&stores, &secret), opens(&stores, &earlier), since()), (Some(zhao()), None, Some(now())));
    stores.accounts.disable(&zhao()).wait().unwrap();
    assert_eq!(opens(&stores, &secret), None);
    stores.accounts.enable(&zhao()).wait().unwrap();
    assert_eq!((opens(&stores, &secret), since()), (None, None), "it does not come back");
}

fn attempt(name: &str, network: &str) -> Attempt {
    Attempt { name: name.to_owned(), network: network.to_owned(), device: None }
}

/// How long an attempt waits; nothing where it is one too many.
fn tried(stores: &Stores, attempt: &Attempt, at: DateTime<Utc>) -> Option<Duration> {
    stores.attempts.count(attempt, at).wait().unwrap().map(|leave| leave.after)
}

fn a_name_is_shut_for_the_network_that_guessed_at_it_and_for_nobody_else<T: Trial>(trial: &T) {
    let handles = [trial.open(), trial.open()];
    let [one, other] = &handles;
    let guess = attempt("zhao.min", "a");
    assert!((0..5).all(|n| tried(&handles[n % 2], &guess, now()) == Some(Duration::ZERO)), "over both handles");
    assert_eq!((tried(one, &guess, now()), tried(other, &guess, now())), (None, None));
    for elsewhere in [attempt("zhao.min", "b"), attempt("li.na", "a"), attempt("a", "zhao.min"), attempt("zhao.mina", "")] {
        assert_eq!(tried(other, &elsewhere, now()), Some(Duration::ZERO), "{elsewhere:?}");
    }
    assert_eq!(tried(one, &guess, now() + FAILURES_KEPT - TimeDelta::milliseconds(1)), None);
    assert_eq!(tried(one, &guess, now() + FAILURES_KEPT), Some(Duration::ZERO), "time heals");
}

fn a_network_has_its_limit_whatever_names_it_tries<T: Trial>(trial: &T) {
    let handles = [trial.open(), trial.open()];
    let many = (0..40).filter(|n| tried(&handles[n % 2], &attempt(&format!("name-{n}"), "a"), now()).is_some());
    assert_eq!(many.count(), 30);
    assert!(tried(&handles[0], &attempt("name-0", "b"), now()).is_some());
}

fn of_many_who_try_at_once_as_many_get_through_as_may<T: Trial>(trial: &T) {
    let guess = attempt("zhao.min", "a");
    let through = at_once([trial.open(), trial.open()], |stores, _| (0..10).filter(|_| tried(stores, &guess, now()).is_some()).count());
    assert_eq!(through.iter().sum::<usize>(), 5);
}

fn a_name_that_is_tried_from_everywhere_is_slower_to_try_but_on_its_own_device<T: Trial>(trial: &T) {
    let handles = [trial.open(), trial.open()];
    let from = |n: usize| attempt("zhao.min", &n.to_string());
    let times: Vec<Duration> = (0..40).map(|n| tried(&handles[n % 2], &from(n), now()).unwrap()).collect();
    assert_eq!(times[..10], [Duration::ZERO; 10]);
    assert!(times[10..].is_sorted() && times[10] == Duration::from_secs(1) && times[39] == Duration::from_secs(10), "{times:?}");
    let stores = &handles[1];
    let own = Attempt { device: Some(7), ..from(0) };
    let count = || stores.attempts.count(&own, now()).wait().unwrap();
    stores.attempts.take_back(&own).wait().unwrap();
    let at_once = Some(Leave { after: Duration::ZERO, own: true });
    let late = Some(Leave { after: Duration::from_secs(10), own: false });
    assert!((0..5).all(|_| count() == at_once));
    assert_eq!(count(), late, "then it is a device like another");
    assert_eq!(tried(stores, &from(41), now()), Some(Duration::from_secs(10)), "a success there forgives nobody else");
    stores.attempts.take_back(&own).wait().unwrap();
    assert_eq!(count(), at_once);
}

fn an_attempt_that_succeeded_is_taken_back_and_nothing_of_what_others_tried<T: Trial>(trial: &T) {
    let (one, other) = (trial.open(), trial.open());
    let (own, guess) = (attempt("zhao.min", "a"), attempt("li.na", "a"));
    assert!((0..20).all(|n| tried(&one, &attempt(&format!("name-{n}"), "a"), now()).is_some()));
    assert!((0..4).all(|_| tried(&one, &guess, now()).is_some()) && (0..3).all(|_| tried(&one, &own, now()).is_some()));
    other.attempts.take_back(&own).wait().unwrap();
    // Of the network's 27 one is taken back.
    let left = (0..9).filter(|n| tried(&one, &attempt(&format!("other-{n}"), "a"), now()).is_some()).count();
    assert_eq!(left, 4);
    other.attempts.take_back(&attempt("nobody", "b")).wait().unwrap();
    assert_eq!(tried(&one, &attempt("other-9", "a"), now()), None);
}

fn of_two_who_take_an_ask_at_once_one_gets_it_and_it_can_be_put_back<T: Trial>(trial: &T) {
    let handles = [trial.open(), trial.open()];
    let [one, other] = &handles;
    let take = |stores: &Stores, ask: &Ask| stores.asks.take_ask(ask).wait().unwrap();
    for n in 0..ASKS_A_DAY {
        assert!(one.asks.ask(new_ask(&format!("C-{n}")), now()).wait().unwrap());
        let ask = other.asks.open_asks().wait().unwrap().remove(0);
        let taken = at_once(handles.clone(), |stores, _| take(stores, &ask));
        assert_ne!(taken[0], taken[1]);
        other.asks.put_back(&ask).wait().unwrap();
        assert_eq!(one.asks.open_asks().wait().unwrap(), std::slice::from_ref(&ask));
        assert!(take(other, &ask) && !take(one, &ask));
    }
}

fn asks_are_counted_by_person_and_of_equal_ones_the_last_stands<T: Trial>(trial: &T) {
    let (one, other) = (trial.open(), trial.open());
    let kept = |stores: &Stores, at| stores.asks.ask(new_ask("C-1"), at).wait().unwrap();
    assert!((0..ASKS_A_DAY).all(|n| kept([&one, &other][n % 2], now())), "over both handles");
    assert!(!kept(&one, now()) && !kept(&other, now()));
    let li = NewAsk { person: li(), ..new_ask("C-1") };
    assert!(one.asks.ask(li, now()).wait().unwrap(), "another is not hindered");
    let open = other.asks.open_asks().wait().unwrap();
    assert_eq!(open.iter().map(|ask| &*ask.person.0).collect::<Vec<_>>(), ["zhao.min", "li.na"]);
    assert!(other.asks.take_ask(&open[0]).wait().unwrap());
    assert_eq!(one.asks.open_asks().wait().unwrap().len(), 1, "all that are equal are taken with it");
    assert!(kept(&one, now() + TimeDelta::days(1)));
    assert!(one.asks.ask(new_ask("C-2"), now() + TimeDelta::days(90)).wait().unwrap());
    assert_eq!(one.asks.open_asks().wait().unwrap().len(), 2, "what nobody answered is forgotten");
}

fn what_servers_share_is_added_to_by_one_at_a_time_and_forgotten_on_purpose<T: Trial>(trial: &T) {
    use crate::approval::{Approved, Paperwork, Registered, Remembered, Seal, Subject};
    let (one, other) = (trial.open(), trial.open());
    assert_eq!(one.approvals.remembered().wait().unwrap(), Remembered::default());
    let seal = |n: usize| format!("sha256:{}", n.to_string().repeat(64));
    let line = |id: &str, n| Registered::read(&format!("{id} {}", seal(n))).expect("a line of the register");
    let approved = |n: usize| Approved {
        seal: Seal::read(&seal(n)).unwrap(),
        at: DateTime::parse_from_rfc3339("2026-03-05T10:22:31+08:00").unwrap(),
        attached: u64::MAX - n as u64,
    };
    let paperwork = |text: &str| Paperwork { path: "records/li.na.md".into(), text: text.into() };
    let first = Remembered {
        lines: vec![line("C-1", 1), line("C-2", 2)],
        approved: [(Subject::named("C-1"), approved(1))].into(),
        ended: ["AU-1".into()].into(),
        people: [("li.na".into(), paperwork("once"))].into(),
    };
    let share =
        |stores: &Stores, known, news: &Remembered, texts: &TrustedTexts| stores.approvals.share(known, news, texts).wait().unwrap();
    let since = |stores: &Stores, known| stores.approvals.shared_since(known).wait().unwrap();
    let texts = |all: &[(&str, &str)]| all.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect::<TrustedTexts>();
    let nothing = since(&one, None).expect("whoever knows nothing is told all");
    assert_eq!((&nothing.remembered, &nothing.trusted), (&Remembered::default(), &texts(&[])));
    let trusted = texts(&[("policies/a.md", "一"), ("policies/b.md", "二")]);
    let revision = share(&one, nothing.revision, &first, &trusted).expect("nobody has added anything since");
    let shared = Shared { revision, remembered: first.clone(), trusted };
    assert_eq!((since(&other, Some(nothing.revision)), since(&other, Some(revision))), (Some(shared), None));
    assert_eq!(other.approvals.remembered().wait().unwrap(), first);
    let news = Remembered {
        lines: vec![line("C-2", 2), line("C-1", 3)],
        approved: [(Subject::named("C-1"), approved(3))].into(),
        people: [("li.na".into(), paperwork("now"))].into(),
        ..Remembered::default()
    };
    let trusted = texts(&[("policies/b.md", "三")]);
    assert_eq!(share(&other, nothing.revision, &news, &trusted), None, "whoever has not seen it looks again");
    assert_eq!(other.approvals.remembered().wait().unwrap(), first, "and nothing was done");
    let next = share(&other, revision, &news, &trusted).expect("nobody has added anything since");
    assert_eq!(since(&one, Some(revision)).map(|shared| (shared.revision, shared.trusted)), Some((next, trusted.clone())));
    let added = at_once([one.clone(), other.clone()], |stores, _| share(stores, next, &Remembered::default(), &trusted).is_some());
    assert_ne!(added[0], added[1], "of two who add at once one alone does");
    let both = Remembered { lines: vec![line("C-1", 1), line("C-2", 2), line("C-1", 3)], ended: first.ended.clone(), ..news };
    assert_eq!(one.approvals.remembered().wait().unwrap(), both);
    let forget = || one.approvals.forget(&Subject::named("C-1")).wait().unwrap();
    assert!(forget() && !forget());
    let left = other.approvals.remembered().wait().unwrap();
    assert_eq!((left.lines, left.approved.len(), left.ended, left.people), (vec![line("C-2", 2)], 0, both.ended, both.people));
}

fn line(what: &str, minute: i64) -> AccessLine {
    let record = what.strip_prefix("/records/").map(RecordId::from);
    let at = now() + TimeDelta::minutes(minute);
    AccessLine { at, who: "zhao.min".into(), what: what.into(), origin: "127.0.0.1".into(), record, allowed: true }
}

fn lines_of_two_handles_make_one_chain<T: Trial>(trial: &T) {
    let handles = [trial.open(), trial.open()];
    let written = at_once(handles, |stores, _| {
        let pending: Vec<PendingLine> = (0..100).map(|_| stores.log.write(line("/records/C-1", 0))).collect();
        pending.into_iter().all(|pending| pending.wait().is_ok())
    });
    let audit = trial.audit();
    assert_eq!((written, audit.verify().wait().unwrap()), ([true; 2], None));
    let head = audit.head().wait().unwrap();
    assert_eq!((head.number, audit.beginning().wait().unwrap(), audit.backward().wait().unwrap()), (200, Head::NONE, Vec::new()));
    assert!(audit.has(&head).wait().unwrap() && audit.has(&Head::NONE).wait().unwrap());
    for other in [Head { number: 201, ..head.clone() }, Head { digest: "0".repeat(64), ..head }] {
        assert!(!audit.has(&other).wait().unwrap());
    }
}

fn a_line_that_nobody_waits_for_is_written_all_the_same<T: Trial>(trial: &T) {
    let stores = trial.open();
    (0..10).for_each(|_| drop(stores.log.write(line("/", 0))));
    drop(stores);
    assert_eq!(trial.audit().head().wait().unwrap().number, 10);
}

fn lines_at_which_time_runs_back_are_told_and_those_that_were_overtaken_are_not<T: Trial>(trial: &T) {
    let stores = trial.open();
    for minute in [0, 10, 9, 20, 5, 21, 6, 30] {
        stores.log.write(line("/", minute)).wait().unwrap();
    }
    let told = trial.audit().backward().wait().unwrap();
    assert_eq!(told.iter().map(|back| back.number).collect::<Vec<_>>(), [5, 7]);
    assert_eq!(told[0].before - told[0].at, TimeDelta::minutes(15));
    assert_eq!(trial.audit().verify().wait().unwrap(), None, "though each follows from those before it");
}

fn who_has_read_a_record_is_told_once_a_day<T: Trial>(trial: &T) {
    let stores = trial.open();
    let days = |n: i64| n * 24 * 60;
    let other = AccessLine { who: "li.na".into(), ..line("/records/C-1", days(1)) };
    let refused = AccessLine { allowed: false, ..line("/records/C-1", days(2)) };
    let lines = [line("/records/C-1", 0), line("/records/C-1", 5), other, refused, line("/records/C-2", days(3)), line("/", days(3))];
    let pending: Vec<PendingLine> = lines.into_iter().map(|line| stores.log.write(line)).collect();
    pending.into_iter().for_each(|pending| pending.wait().unwrap());
    let told = |record: &str, most| stores.log.consultations(&record.into(), most).wait().unwrap();
    let one = |who: &str, minute| Consultation { at: now() + TimeDelta::minutes(minute), who: who.into() };
    assert_eq!(told("C-1", 9), [one("li.na", days(1)), one("zhao.min", 5)]);
    assert_eq!((told("C-1", 1).len(), told("C-2", 9).len(), told("C-3", 9).len()), (1, 1, 0));
}

/// The tests of an implementation.
macro_rules! conforms {
    ($name:ident, $trial:ty: $($case:ident,)*) => {
        mod $name {
            use super::Trial;
            $(#[test] fn $case() { super::$case(&<$trial>::begin()); })*
        }
    };
    ($name:ident, $trial:ty) => {
        conforms! { $name, $trial:
            a_password_is_known_by_its_hash_alone,
            what_is_nobodys_is_answered_as_that,
            a_session_ends_by_idleness_by_age_and_with_the_account,
            a_page_that_asks_by_itself_keeps_no_session_open,
            what_one_handle_ends_is_ended_for_the_other,
            as_whom_a_session_looks_is_known_at_once_and_ends_with_it,
            of_one_persons_sessions_the_earliest_end_when_there_are_many,
            of_two_who_open_sessions_at_once_both_are_in,
            of_one_persons_devices_the_earliest_are_forgotten,
            what_was_written_outlives_its_handle,
            who_was_shut_out_since_the_password_was_verified_is_not_signed_in,
            a_new_password_keeps_the_session_under_a_new_token_and_no_other,
            a_link_serves_once_for_its_person_and_until_its_time,
            the_first_link_is_dead_once_there_is_an_account,
            of_two_who_use_a_link_at_once_one_gets_through,
            the_address_of_a_calendar_ends_with_the_next_and_with_the_account,
            a_name_is_shut_for_the_network_that_guessed_at_it_and_for_nobody_else,
            a_network_has_its_limit_whatever_names_it_tries,
            of_many_who_try_at_once_as_many_get_through_as_may,
            a_name_that_is_tried_from_everywhere_is_slower_to_try_but_on_its_own_device,
            an_attempt_that_succeeded_is_taken_back_and_nothing_of_what_others_tried,
            of_two_who_take_an_ask_at_once_one_gets_it_and_it_can_be_put_back,
            asks_are_counted_by_person_and_of_equal_ones_the_last_stands,
            what_servers_share_is_added_to_by_one_at_a_time_and_forgotten_on_purpose,
            lines_of_two_handles_make_one_chain,
            a_line_that_nobody_waits_for_is_written_all_the_same,
            lines_at_which_time_runs_back_are_told_and_those_that_were_overtaken_are_not,
            who_has_read_a_record_is_told_once_a_day,
        }
    };
}

impl Trial for tempfile::TempDir {
    fn begin() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn open(&self) -> Stores {
        Stores::embedded(SqliteStore::open(self.path()).unwrap(), SqliteLog::open(self.path()).unwrap())
    }

    fn audit(&self) -> Box<dyn Audit> {
        Box::new(SqliteAudit::of(self.path()))
    }
}

conforms!(sqlite, tempfile::TempDir);
