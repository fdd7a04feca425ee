//! Accounts over HTTP: the ways in, what ends a session, one-time links, the account's own page,
//! and the calendar's address.

use crate::support::{
    Shipped,
    intranet::{Answer, Running, Signed, ask},
};
use chancery::{
    server::{Config, Front},
    source::RecordId,
    store::{
        Accounts, Audit, Calendars, FIRST_LINK_AGE, Invitation, Invitations, LINK_AGE, Password, SESSION_AGE, SESSION_IDLE, Sessions,
        SqliteAudit, SqliteStore, Token, Wait,
    },
};
use chrono::TimeDelta;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

const NAME: &str = "zhong.nan";
const OTHER: &str = "liu.qingping";

fn person(name: &str) -> RecordId {
    RecordId::from(name)
}

fn to(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status(), answer.header("location"))
}

fn is_in(reader: &Signed<'_>) -> bool {
    reader.get("/").status() == 200
}

/// The form of a one-time link, filled in.
fn form(name: &str, password: &str) -> String {
    format!("name={name}&new={password}&again={password}")
}

fn change(current: &str, new: &str) -> String {
    format!("current={current}&new={new}&again={new}")
}

fn link(running: &Running, invitation: &Invitation) -> String {
    format!("/welcome/{}", running.store().invite(invitation, running.now()).wait().unwrap().as_str())
}

// what ends a session

#[test]
fn a_session_ends_by_idleness_and_by_age() {
    let running = Running::people();
    let second = TimeDelta::seconds(1);
    let reader = running.sign_in(NAME);
    running.wait(SESSION_IDLE - second);
    assert!(is_in(&reader));
    running.wait(SESSION_IDLE - second);
    assert!(is_in(&reader), "it was used meanwhile");
    running.wait(SESSION_IDLE);
    assert!(!is_in(&reader));
    let reader = running.sign_in(NAME);
    let end = running.now() + SESSION_AGE;
    while running.now() < end - TimeDelta::hours(1) {
        running.wait(TimeDelta::hours(1));
        assert!(is_in(&reader));
    }
    running.wait(TimeDelta::hours(1));
    assert!(!is_in(&reader), "however much it was used");
}

#[test]
fn a_disabled_persons_sessions_end_at_once() {
    let running = Running::people();
    let (reader, other) = (running.sign_in(NAME), running.sign_in(OTHER));
    assert!(is_in(&reader));
    running.store().disable(&person(NAME)).wait().unwrap();
    assert!(!is_in(&reader) && is_in(&other));
    running.store().enable(&person(NAME)).wait().unwrap();
    assert!(!is_in(&reader), "the session does not come back");
    assert!(is_in(&running.sign_in(NAME)));
}

#[test]
fn who_is_signed_out_everywhere_is_so_at_once_and_can_sign_in_again() {
    let running = Running::people();
    let (here, there, other) = (running.sign_in(NAME), running.sign_in(NAME), running.sign_in(OTHER));
    let answer = here.post("/account/sign-out-everywhere", "");
    assert_eq!(to(&answer), (303, Some("/sign-in")));
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert!(!is_in(&here) && !is_in(&there) && is_in(&other));
    let again = running.sign_in(NAME);
    assert_eq!(to(&again.post("/en/account/sign-out-everywhere", "")), (303, Some("/en/sign-in")));
    assert!(!is_in(&again));
}

/// A calendar program has no session, and goes on with its address: whoever ends all that is open
/// ends that too.
#[test]
fn a_calendars_address_ends_with_the_sessions_and_with_the_password() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    let address = || format!("/calendar/{}.ics", running.store().open_calendar(&person(NAME), running.now()).wait().unwrap().as_str());
    let ends = |what: &str, address: &str, end: &dyn Fn()| {
        assert_eq!(running.ask("GET", address, "", "").status(), 200, "{what}");
        end();
        assert_eq!(running.ask("GET", address, "", "").status(), 404, "{what}");
        assert_eq!(running.store().calendar_since(&person(NAME)).wait().unwrap(), None, "{what}");
    };
    ends("a new password", &address(), &|| assert_eq!(reader.post("/account/password", &change("demo", "a+better+one")).status(), 303));
    let link = || link(&running, &Invitation::Person(person(NAME)));
    ends("a one-time link", &address(), &|| assert_eq!(running.post(&link(), &form("", "a+third+one")).status(), 303));
    let again = || running.signed(&running.sign_in_with(NAME, "a+third+one", ""));
    ends("signed out everywhere", &address(), &|| assert_eq!(again().post("/account/sign-out-everywhere", "").status(), 303));
    ends("by an administrator", &address(), &|| running.store().close_sessions(&person(NAME)).wait().unwrap());
    ends("a password from an administrator", &address(), &|| {
        running.store().set_password(&person(NAME), &Password::new("demo").unwrap()).wait().unwrap();
    });
    ends("a shut account", &address(), &|| running.store().disable(&person(NAME)).wait().unwrap());
}

/// Its cookie is overwritten, so that nobody could sign it out; whoever has copied it would have it
/// for a day.
#[test]
fn signing_in_again_ends_the_session_that_the_browser_had() {
    let running = Running::people();
    let with_cookie =
        |reader: &Signed<'_>, name: &str, password: &str| running.sign_in_with(name, password, &format!("cookie: {}\r\n", reader.cookie));
    let (first, elsewhere) = (running.sign_in(NAME), running.sign_in(NAME));
    assert_eq!(with_cookie(&first, NAME, "guess").status(), 401);
    assert!(is_in(&first), "not by an attempt that failed");
    let second = running.signed(&with_cookie(&first, NAME, "demo"));
    assert!(!is_in(&first) && is_in(&second) && is_in(&elsewhere));
    let other = running.signed(&with_cookie(&second, OTHER, "demo"));
    assert!(!is_in(&second) && is_in(&other), "nor does another person's go on behind it");
    let link = link(&running, &Invitation::Person(person(NAME)));
    let headers = format!("cookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n", other.cookie);
    let by_link = running.signed(&running.ask("POST", &link, &headers, &form("", "a+good+password")));
    assert!(!is_in(&other) && is_in(&by_link), "nor by a one-time link");
}

/// Another store is put in the place of the one that is open, or none: nobody is answered from what
/// nobody else sees.
#[test]
fn a_store_that_was_deleted_or_replaced_under_the_server_is_noticed() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    let away = tempfile::tempdir_in(running.state.parent().unwrap()).unwrap();
    let parts = ["accounts.db", "accounts.db-wal", "accounts.db-shm"];
    let moved = |from: &std::path::Path, to: &std::path::Path, parts: &[&str]| {
        parts.iter().for_each(|part| drop(std::fs::rename(from.join(part), to.join(part))));
    };
    let refused = |why: &str| {
        let answers = [
            reader.get("/"),
            reader.post("/sign-out", ""),
            running.sign_in_with(NAME, "demo", ""),
            running.ask("GET", "/welcome/0", "", ""),
        ];
        assert_eq!(answers.map(|answer| answer.status()), [500; 4], "{why}");
    };
    for part in &parts[..2] {
        moved(&running.state, away.path(), &[part]);
        refused(part);
        moved(away.path(), &running.state, &[part]);
        assert!(is_in(&reader), "{part} is back");
    }
    moved(&running.state, away.path(), &parts);
    let other = running.store();
    other.add_account(&person(NAME), &Password::new("demo").unwrap()).wait().unwrap();
    refused("another store");
    drop(other);
    parts.iter().for_each(|part| drop(std::fs::remove_file(running.state.join(part))));
    moved(away.path(), &running.state, &parts);
    assert!(is_in(&reader), "all is back");
}

// the ways in

/// A wrong password, an unknown name, a shut account with its own password, and one who has left
/// with his.
#[test]
fn whoever_may_not_in_gets_one_answer() {
    let running = Running::people();
    running.store().disable(&person(OTHER)).wait().unwrap();
    running.store().add_account(&person("left.long.ago"), &Password::new("demo").unwrap()).wait().unwrap();
    let answer = |name: &str, password: &str| {
        let answer = running.sign_in_with(name, password, "");
        let (head, _) = answer.undated();
        let head: Vec<&str> = head.lines().filter(|line| !line.starts_with("content-length")).collect();
        (head.join("\n"), answer.text().replace(&format!("value=\"{name}\""), "value=\"-\""))
    };
    let wrong = answer(NAME, "guess");
    assert!(wrong.0.starts_with("HTTP/1.1 401"));
    for (name, password) in [("nobody", "guess"), (OTHER, "demo"), ("left.long.ago", "demo"), (NAME, "demo%00")] {
        assert!(answer(name, password) == wrong, "{name}");
    }
}

#[test]
fn too_many_attempts_are_stopped_by_name_and_by_address_and_time_heals() {
    let running = Running::people();
    for _ in 0..5 {
        assert_eq!(running.sign_in_with(NAME, "guess", "").status(), 401);
    }
    assert_eq!(running.sign_in_with(NAME, "demo", "").status(), 429, "even with the right one");
    assert!(is_in(&running.sign_in(OTHER)), "another name is not shut");
    let tried = (0..40).map(|i| running.sign_in_with(&format!("name-{i}"), "guess", "").status()).collect::<Vec<_>>();
    assert_eq!(tried.iter().filter(|status| **status == 401).count(), 25, "the address has its thirty");
    assert_eq!(running.sign_in_with(OTHER, "demo", "").status(), 429);
    running.wait(TimeDelta::minutes(5));
    assert!(is_in(&running.sign_in(NAME)));
}

/// An intranet behind a proxy that tells from where each asks.
fn proxied(archive: &Shipped) -> Running {
    let config = Config { trusted_proxies: vec!["127.0.0.1".to_owned()], origin: None };
    Running::behind(archive.folder.path(), Front::new(config, false).unwrap(), None)
}

/// An attempt from an address, with the cookies that a browser has kept.
fn tries(running: &Running, name: &str, password: &str, from: &str, cookies: &str) -> Answer {
    running.sign_in_with(name, password, &format!("x-forwarded-for: {from}\r\ncookie: {cookies}\r\n"))
}

fn device(answer: &Answer) -> String {
    let cookies = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("device=")).unwrap().to_owned()
}

#[test]
fn who_guesses_at_a_name_shuts_it_for_his_own_network_and_for_nobody_else() {
    let archive = Shipped::people();
    let running = proxied(&archive);
    for n in 1..=5 {
        assert_eq!(tries(&running, NAME, "guess", &format!("2001:db8:0:7::{n}"), "").status(), 401);
    }
    let statuses = |from: &str| [NAME, "nobody"].map(|name| tries(&running, name, "demo", from, "").status());
    assert_eq!(statuses("2001:db8:0:7::6"), [429, 401], "all of a network of IPv6 is one");
    assert_eq!(statuses("2001:db8:0:8::6"), [303, 401], "another is not");
    assert_eq!(statuses("203.0.113.7"), [303, 401]);
    (0..4).for_each(|_| assert_eq!(tries(&running, "nobody", "guess", "2001:db8:0:7::1", "").status(), 401));
    assert_eq!(statuses("2001:db8:0:7::6"), [429, 429], "a name that is nobody's is counted like another");
}

/// Somebody in the same office guesses at a colleague's name; the colleague has signed in on his
/// own machine before.
#[test]
fn a_device_on_which_a_person_has_signed_in_is_not_shut_by_others() {
    let archive = Shipped::people();
    let running = proxied(&archive);
    let office = "203.0.113.7";
    let own = device(&tries(&running, NAME, "demo", office, ""));
    let others = device(&tries(&running, OTHER, "demo", office, ""));
    (0..5).for_each(|_| assert_eq!(tries(&running, NAME, "guess", office, &others).status(), 401));
    assert_eq!(tries(&running, NAME, "demo", office, "").status(), 429);
    for none in [&*others, "device=", "device=0000", &own[..own.len() - 1]] {
        assert_eq!(tries(&running, NAME, "demo", office, none).status(), 429, "{none}: a device of somebody else's, or of nobody's");
    }
    let again = tries(&running, NAME, "demo", office, &own);
    assert_eq!((again.status(), device(&again)), (303, own.clone()), "the same device");
    (0..5).for_each(|_| assert_eq!(tries(&running, NAME, "guess", office, &own).status(), 401));
    assert_eq!(tries(&running, NAME, "demo", office, &own).status(), 429, "it has its own five");
    running.wait(TimeDelta::minutes(5));
    running.store().close_sessions(&person(NAME)).wait().unwrap();
    (0..5).for_each(|_| assert_eq!(tries(&running, NAME, "guess", office, "").status(), 401));
    assert_eq!(tries(&running, NAME, "demo", office, &own).status(), 429, "signed out everywhere, it is forgotten");
}

/// Somebody with many addresses: his guesses get slower, and the name's owner signs in at once
/// where he has done so before.
#[test]
fn a_name_that_is_tried_from_everywhere_is_slower_to_try_and_never_shut() {
    let archive = Shipped::people();
    let running = proxied(&archive);
    let own = device(&tries(&running, NAME, "demo", "203.0.113.7", ""));
    let took = |name: &str, password: &str, from: &str, cookies: &str| {
        let begun = Instant::now();
        let status = tries(&running, name, password, from, cookies).status();
        (status, begun.elapsed() >= Duration::from_secs(1))
    };
    for name in [NAME, "nobody"] {
        (0..10).for_each(|n| assert_eq!(tries(&running, name, "guess", &format!("198.51.100.{n}"), "").status(), 401));
        assert_eq!(took(name, "guess", "198.51.100.99", ""), (401, true), "{name}");
    }
    assert_eq!(took(NAME, "demo", "198.51.100.98", ""), (303, true), "from elsewhere, too, the right password opens");
    assert_eq!(took(NAME, "demo", "203.0.113.7", &own).0, 303);
    let begun = Instant::now();
    let floods = std::thread::scope(|scope| {
        let flood: Vec<_> = (0..12)
            .map(|n| {
                scope.spawn({
                    let running = &running;
                    move || tries(running, NAME, "guess", &format!("192.0.2.{n}"), "").status()
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(tries(&running, NAME, "demo", "203.0.113.7", &own).status(), 303);
        assert!(begun.elapsed() < Duration::from_secs(2), "at once: {:?}", begun.elapsed());
        flood.into_iter().map(|flood| flood.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(floods.iter().filter(|status| **status == 429).count(), 8, "four wait for a name at once: {floods:?}");
}

/// Somebody guesses at a colleague's name while the colleague, in the same office, changes his
/// password.
#[test]
fn who_guesses_at_a_name_keeps_its_owner_from_no_new_password() {
    let archive = Shipped::people();
    let running = proxied(&archive);
    let office = "203.0.113.7";
    let answer = tries(&running, NAME, "demo", office, "");
    let (session, own) = (running.signed(&answer).cookie, device(&answer));
    (0..5).for_each(|_| assert_eq!(tries(&running, NAME, "guess", office, "").status(), 401));
    let changes = |cookies: &str, current: &str, new: &str| {
        let headers = format!("x-forwarded-for: {office}\r\ncookie: {cookies}\r\ncontent-type: application/x-www-form-urlencoded\r\n");
        running.ask("POST", "/account/password", &headers, &change(current, new))
    };
    assert_eq!(changes(&session, "demo", "a+better+one").status(), 429, "who has stolen the session is no device of his");
    let changed = changes(&format!("{session}; {own}"), "demo", "a+better+one");
    assert_eq!(changed.status(), 303);
    let renewed = device(&changed);
    assert_ne!(renewed, own);
    assert_eq!(tries(&running, NAME, "a+better+one", office, &own).status(), 429, "with the password the devices end, but for this one");
    assert_eq!(tries(&running, NAME, "a+better+one", office, &renewed).status(), 303);
}

#[test]
fn who_has_set_his_password_by_a_link_has_a_device_there() {
    let archive = Shipped::people();
    let running = proxied(&archive);
    let own = device(&running.post(&link(&running, &Invitation::Person(person(NAME))), &form(NAME, "a+good+password")));
    let office = "203.0.113.7";
    (0..5).for_each(|_| assert_eq!(tries(&running, NAME, "guess", office, "").status(), 401));
    assert_eq!(tries(&running, NAME, "a+good+password", office, &own).status(), 303);
}

/// From everywhere passwords are tried for made-up names: who has signed in on his device before
/// waits behind none of them.
#[test]
fn a_flood_of_attempts_makes_nobody_wait_on_a_device_of_his_own() {
    const FLOOD: usize = 300;
    let archive = Shipped::people();
    let running = proxied(&archive);
    let own = device(&tries(&running, NAME, "demo", "203.0.113.7", ""));
    let [answered, hashed] = [0, 0].map(AtomicUsize::new);
    std::thread::scope(|scope| {
        for n in 0..FLOOD {
            let (running, answered, hashed) = (&running, &answered, &hashed);
            scope.spawn(move || {
                let from = format!("198.51.{}.{}", n / 100, n % 100);
                let status = tries(running, &format!("nobody-{n}"), "guess", &from, "").status();
                assert!(status == 401 || status == 429, "{status}");
                hashed.fetch_add(usize::from(status == 401), Ordering::Relaxed);
                answered.fetch_add(1, Ordering::Relaxed);
            });
        }
        while answered.load(Ordering::Relaxed) < 5 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(tries(&running, NAME, "demo", "203.0.113.7", &own).status(), 303);
        let before = hashed.load(Ordering::Relaxed);
        assert!(before < FLOOD / 2, "{before} of {FLOOD} came first");
    });
    // Nor do those who guess keep their connections for as long as all of them take.
    let hashed = hashed.into_inner();
    assert!(hashed < FLOOD, "all of {FLOOD} waited");
}

/// Told, not judged: a machine that does other work besides would fail it.
#[test]
fn the_time_that_a_refusal_takes_is_told() {
    let running = Running::people();
    running.store().disable(&person(OTHER)).wait().unwrap();
    running.store().add_account(&person("left.long.ago"), &Password::new("demo").unwrap()).wait().unwrap();
    let cases = [
        ("wrong password", NAME, "guess"),
        ("unknown name", "nobody", "guess"),
        ("shut account", OTHER, "demo"),
        ("not on staff", "left.long.ago", "demo"),
    ];
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..20 {
        running.wait(TimeDelta::minutes(5));
        for ((_, name, password), times) in cases.iter().zip(&mut times) {
            let start = Instant::now();
            assert_eq!(running.sign_in_with(name, password, "").status(), 401);
            times.push(start.elapsed());
        }
    }
    for ((case, ..), times) in cases.iter().zip(&mut times) {
        times.sort();
        println!("{case}: median {:?}, from {:?} to {:?}", times[times.len() / 2], times[0], times[times.len() - 1]);
    }
}

#[test]
fn the_ways_in_and_out_speak_both_languages() {
    let running = Running::people();
    let page = running.ask("GET", "/en/sign-in", "", "");
    assert!(page.text().contains("action=\"/en/sign-in\"") && page.text().contains("name=\"next\" value=\"/en/\""));
    let answer = running.post("/en/sign-in", &format!("name={NAME}&password=demo&next=%2Fen%2F"));
    assert_eq!(to(&answer), (303, Some("/en/")));
    let reader = running.signed(&answer);
    assert!(reader.get("/en/").text().contains("action=\"/en/sign-out\""));
    assert_eq!(to(&reader.post("/en/sign-out", "")), (303, Some("/en/sign-in")));
    assert!(!is_in(&reader));
    assert!(running.post("/en/sign-in", &format!("name={NAME}&password=guess")).text().contains("The name or the password is wrong."));
}

// one-time links

#[test]
fn the_first_account_is_made_with_a_link_that_is_then_dead() {
    let running = Running::without_accounts();
    let first = link(&running, &Invitation::First);
    for _ in 0..2 {
        let page = running.ask("GET", &first, "", "");
        assert_eq!(page.status(), 200, "looking does not use it up");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert!(page.text().contains("<meta name=\"referrer\" content=\"no-referrer\">"));
    }
    let unknown = running.post(&first, &form("nobody", "a+good+password"));
    assert_eq!(unknown.status(), 422);
    assert!(unknown.text().contains("在册人员中没有“nobody”，请核对人员编号。"));
    let short = running.post(&first, &form(NAME, "1234567"));
    assert!(
        short.status() == 422
            && short.text().contains("密码至少 8 个字符，空格和看不见的字符不算。")
            && short.text().contains(&format!("value=\"{NAME}\""))
    );
    let own = running.post(&format!("/en{first}"), &form(NAME, NAME));
    assert!(own.status() == 422 && own.text().contains("must not be the person&#39;s own id"), "{}", own.text());
    let twice = running.post(&first, &format!("name={NAME}&new=a+good+password&again=a+good+passwort"));
    assert!(twice.status() == 422 && twice.text().contains("两次输入的新密码不一致。"));
    let answer = running.post(&format!("/en{first}"), &form(NAME, "a+good+password"));
    assert_eq!(to(&answer), (303, Some("/en/")));
    assert!(is_in(&running.signed(&answer)));
    assert_eq!(running.sign_in_with(NAME, "a+good+password", "").status(), 303);
    assert_eq!(running.ask("GET", &first, "", "").status(), 404);
    assert_eq!(running.post(&first, &form(OTHER, "a+good+password")).status(), 404);
    assert_eq!(running.store().accounts().wait().unwrap().len(), 1);
}

#[test]
fn a_dead_link_is_a_dead_link() {
    let running = Running::people();
    let invitation = Invitation::Person(person(NAME));
    let earlier = link(&running, &invitation);
    let used = link(&running, &invitation);
    assert_eq!(running.post(&used, &form("", "a+good+password")).status(), 303);
    let first = link(&running, &Invitation::First);
    let of_one_who_left = link(&running, &Invitation::Person(person("left.long.ago")));
    let shut = link(&running, &Invitation::Person(person(OTHER)));
    running.store().disable(&person(OTHER)).wait().unwrap();
    let late = link(&running, &invitation);
    assert_eq!(running.ask("GET", &late, "", "").status(), 200);
    running.wait(LINK_AGE);
    let never = running.ask("GET", "/welcome/0000", "", "");
    assert!(never.status() == 404 && never.text().contains("链接无效"));
    let never_used = running.post("/welcome/0000", &form(NAME, "a+good+password"));
    for dead in [&earlier, &used, &first, &of_one_who_left, &shut, &late, "/welcome/", "/welcome/%FF", "/welcome/..", "/welcome/a/b"] {
        assert!(running.ask("GET", dead, "", "").undated() == never.undated(), "{dead}");
        if dead.len() > "/welcome/".len() {
            assert!(running.post(dead, &form(NAME, "a+good+password")).undated() == never_used.undated(), "{dead}");
        }
    }
    assert!(FIRST_LINK_AGE < LINK_AGE);
}

/// A page that is not found is in the access log with its address.
#[test]
fn an_address_that_is_a_key_is_in_no_log_however_it_was_written() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    let own = link(&running, &Invitation::Person(person(OTHER)));
    let secret = format!("/calendar/{}.ics", running.store().open_calendar(&person(NAME), running.now()).wait().unwrap().as_str());
    let behind = [("", 200, 200), ("/", 200, 404), ("/x", 404, 404)];
    for (more, link, calendar) in behind {
        assert_eq!(reader.get(&format!("{own}{more}")).status(), link, "{more}");
        assert_eq!(reader.get(&format!("/en{own}{more}")).status(), link, "{more}");
        assert_eq!(reader.get(&format!("{secret}{more}")).status(), calendar, "{more}");
        assert_eq!(reader.get(&format!("/en{secret}{more}")).status(), 404, "{more}");
    }
    assert_eq!(reader.get("/nothing/").status(), 404);
    assert_eq!(reader.get(&secret).status(), 200, "which waits for the lines before it");
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let mut query = log.prepare("SELECT what FROM line").unwrap();
    let mut lines: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    lines.dedup();
    assert_eq!(lines, ["/calendar/", "/nothing/", "/calendar/"]);
}

/// Somebody who held the account before knows neither the password nor a session any longer.
#[test]
fn a_link_gives_the_account_a_new_password_and_ends_its_sessions() {
    let running = Running::people();
    let before = running.sign_in(NAME);
    let own = link(&running, &Invitation::Person(person(NAME)));
    let page = running.ask("GET", &own, "", "").text();
    assert!(page.contains("设置密码") && page.contains(&format!("value=\"{NAME}\"")) && !page.contains("<nav"));
    let after = running.signed(&running.post(&own, &form(OTHER, "a+good+password")));
    assert!(!is_in(&before) && is_in(&after));
    assert!(after.get("/account/").text().contains(&format!("<code class=\"id\">{NAME}</code>")), "whatever name was sent");
    assert_eq!(running.sign_in_with(NAME, "demo", "").status(), 401);
    assert_eq!(running.sign_in_with(OTHER, "demo", "").status(), 303);
}

// the account's own page

#[test]
fn a_new_password_ends_every_other_session_and_keeps_this_one_under_a_new_token() {
    let running = Running::people();
    let (here, there) = (running.sign_in(NAME), running.sign_in(NAME));
    running.wait(TimeDelta::minutes(2));
    let answer = here.post("/account/password", &change("demo", "a+better+one"));
    assert_eq!(to(&answer), (303, Some("/account/?done=done_password_changed")));
    let renewed = running.signed(&answer);
    assert!(!is_in(&here) && !is_in(&there));
    let page = renewed.get("/account/?done=done_password_changed").text();
    assert!(page.contains("密码已更改") && page.matches("<span class=\"mark good\">本次</span>").count() == 1, "{page}");
    assert!(!renewed.get("/account/?done=nonsense").text().contains("role=\"status\""));
    assert_eq!(running.sign_in_with(NAME, "demo", "").status(), 401);
    assert_eq!(running.sign_in_with(NAME, "a+better+one", "").status(), 303);
    let english = renewed.post("/en/account/password", &change("a+better+one", "a+third+one"));
    assert_eq!(to(&english), (303, Some("/en/account/?done=done_password_changed")));
}

#[test]
fn a_password_is_not_changed_without_the_one_of_before_nor_against_the_rule() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    let tried = |form: &str| {
        let answer = reader.post("/account/password", form);
        (answer.status(), answer.text().split("role=\"alert\">").nth(1).unwrap_or_default().split('<').next().unwrap().to_owned())
    };
    let refused = |status: u16, words: &str| (status, words.to_owned());
    assert_eq!(tried(&change("demo", "1234567")), refused(422, "密码至少 8 个字符，空格和看不见的字符不算。"));
    assert_eq!(tried(&change("demo", &"x".repeat(257))), refused(422, "密码至多 256 个字符。"));
    assert_eq!(tried(&change("demo", "ZHONG.NAN")), refused(422, "密码不能与人员编号相同，也不能只是在编号上加数字或符号。"));
    assert_eq!(tried(&change("demo", "12345678")), refused(422, "这个密码太常见，最先被人猜到。请换一个，比如几个不相干的词。"));
    assert_eq!(tried("current=demo&new=a+better+one&again=another+one"), refused(422, "两次输入的新密码不一致。"));
    for _ in 0..5 {
        assert_eq!(tried(&change("guess", "a+better+one")), refused(401, "现在的密码不对。"));
    }
    assert_eq!(tried(&change("demo", "a+better+one")), refused(429, "尝试次数过多，请过几分钟再试。"));
    assert_eq!(running.sign_in_with(NAME, "demo", "").status(), 429, "the same count as for signing in");
    assert!(is_in(&reader));
    running.wait(TimeDelta::minutes(5));
    assert!(is_in(&running.sign_in(NAME)), "the password is that of before");
}

#[test]
fn nobody_does_anything_to_an_account_before_he_signs_in_nor_from_another_site() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    assert_eq!(to(&running.ask("GET", "/account/", "", "")), (303, Some("/sign-in?next=%2Faccount%2F")));
    for path in ["/account/password", "/account/sign-out-everywhere", "/account/calendar"] {
        assert_eq!(to(&running.post(path, &change("demo", "a+better+one"))), (303, Some("/sign-in")));
        let headers = format!("cookie: {}\r\nsec-fetch-site: cross-site\r\n", reader.cookie);
        assert_eq!(running.ask("POST", path, &headers, "").status(), 403);
    }
    assert!(is_in(&reader));
}

/// Who looks at the archive as somebody else has no account meanwhile: neither his own nor the
/// other's.
#[test]
fn there_is_no_account_through_the_eyes_of_somebody_else() {
    let running = Running::people();
    let answer = running.sign_in_with(NAME, "demo", "");
    let token = Token::given(answer.header("set-cookie").unwrap().split(['=', ';']).nth(1).unwrap());
    let reader = running.signed(&answer);
    assert_eq!(reader.get("/account/").status(), 200);
    running.store().set_sight(&token, Some(&person(OTHER))).wait().unwrap();
    assert_eq!(reader.get("/account/").status(), 404);
    assert_eq!(reader.post("/account/password", &change("demo", "a+better+one")).status(), 404);
    running.store().set_sight(&token, None).wait().unwrap();
    let changed = reader.post("/account/password", &change("demo", "a+better+one"));
    assert!(is_in(&running.signed(&changed)));
}

// the calendar

/// The address that the page shows, without the site before it.
fn calendar(page: &Answer, running: &Running) -> String {
    let text = page.text();
    let shown = text.split("tabindex=\"0\">http://").nth(1).unwrap().split('<').next().unwrap();
    shown.strip_prefix(&running.address.to_string()).unwrap().replace("&#47;", "/")
}

#[test]
fn a_calendar_needs_no_session_and_is_in_the_log_without_its_secret() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    let made = reader.post("/account/calendar", "");
    assert_eq!(made.status(), 200);
    let address = calendar(&made, &running);
    assert!(!reader.get("/account/").text().contains(&address), "it is shown once");
    let lines = || SqliteAudit::of(&running.state).head().wait().unwrap().number;
    let before = lines();
    let answer = running.ask("GET", &address, "", "");
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    assert!(answer.text().starts_with("BEGIN:VCALENDAR\r\n") && answer.text().contains("到期事项"));
    assert!(running.ask("GET", &format!("{address}?lang=en"), "", "").text().contains("what is due"));
    assert_eq!(lines(), before + 2);
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let last: (String, String) =
        log.query_row("SELECT who, what FROM line ORDER BY number DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(last, ("zhong.nan".to_owned(), "/calendar/".to_owned()));
    let english = calendar(&reader.post("/en/account/calendar", ""), &running);
    assert!(english.ends_with(".ics?lang=en"));
    assert!(running.ask("GET", &english, "", "").text().contains("what is due"));
    log.execute_batch("DROP TABLE line").unwrap();
    assert_eq!(running.ask("GET", &english, "", "").status(), 503, "it waits for the log");
}

#[test]
fn the_address_of_a_calendar_ends_and_then_never_was() {
    let running = Running::people();
    let reader = running.sign_in(NAME);
    let make = || calendar(&reader.post("/account/calendar", ""), &running);
    let (earlier, later) = (make(), make());
    assert_eq!(running.ask("GET", &later, "", "").status(), 200);
    let never = running.ask("GET", &format!("/calendar/{}.ics", "0".repeat(64)), "", "");
    assert_eq!(never.status(), 404);
    let is_never = |path: &str| running.ask("GET", path, "", "").undated() == never.undated();
    for path in [&earlier, "/calendar/x", "/calendar/.ics", "/calendar/a/b.ics", "/calendar/%FF.ics", later.strip_suffix(".ics").unwrap()] {
        assert!(is_never(path), "{path}");
    }
    running.store().disable(&person(NAME)).wait().unwrap();
    assert!(is_never(&later));
    running.store().enable(&person(NAME)).wait().unwrap();
    assert!(is_never(&later), "it does not come back");
    // Of one who is not on staff, the store knows the address and nobody is answered.
    let store = running.store();
    store.add_account(&person("left.long.ago"), &Password::new("demo").unwrap()).wait().unwrap();
    let left = format!("/calendar/{}.ics", store.open_calendar(&person("left.long.ago"), running.now()).wait().unwrap().as_str());
    assert!(is_never(&left));
}

// the terminal

/// The link that the program printed.
fn printed(said: &str) -> &str {
    said.split_whitespace().find(|word| word.contains("/welcome/")).unwrap()
}

#[test]
fn the_terminal_gives_links_and_signs_out() {
    let shipped = Shipped::people();
    let store = || SqliteStore::open(&shipped.path(".chancery")).unwrap();
    let first = printed(&shipped.prints(0, &["user", "add", NAME, "--link"])).to_owned();
    let second = printed(&shipped.prints(0, &["user", "add", NAME, "--link", "--lang", "en"])).to_owned();
    assert!(first.len() == "/welcome/".len() + 64 && first.starts_with("/welcome/") && first != second);
    assert_eq!(store().accounts().wait().unwrap(), [], "the account is made when the link is used");
    shipped.prints(2, &["user", "passwd", NAME, "--link"]);
    shipped.prints(2, &["user", "add", "nobody", "--link"]);
    shipped.prints(2, &["user", "list", "--link"]);
    shipped.prints(2, &["user", "signout", NAME]);
    store().add_account(&person(NAME), &Password::new("a good password").unwrap()).wait().unwrap();
    shipped.prints(2, &["user", "add", NAME, "--link"]);
    printed(&shipped.prints(0, &["user", "passwd", NAME, "--link"]));
    assert_eq!(shipped.prints(0, &["user", "signout", NAME]), "zhong.nan: 已办\n");
    shipped.prints(0, &["user", "disable", NAME]);
    shipped.prints(2, &["user", "passwd", NAME, "--link"]);
}

/// A server that was started by its command; the terminal that changes accounts is another process.
#[test]
fn a_server_prints_the_first_link_and_a_person_disabled_in_the_terminal_is_out() {
    let shipped = Shipped::copy();
    shipped.write(".chancery/trusted_signers", &shipped.read("policies/allowed_signers"));
    let mut server = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(shipped.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said: String = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok).take(3).collect::<Vec<_>>().join("\n");
    let (address, path) = printed(&said).strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (address, path) = (address.parse().unwrap(), format!("/{path}"));
    let answer = ask(address, "POST", &path, "content-type: application/x-www-form-urlencoded\r\n", &form(NAME, "a+good+password"));
    let cookie = format!("cookie: {}\r\n", answer.header("set-cookie").unwrap().split(';').next().unwrap());
    let status = || ask(address, "GET", "/records/C-0004/", &cookie, "").status();
    assert_eq!(status(), 200);
    shipped.prints(0, &["user", "signout", NAME]);
    assert_eq!(status(), 303);
    let answer =
        ask(address, "POST", "/sign-in", "content-type: application/x-www-form-urlencoded\r\n", "name=zhong.nan&password=a+good+password");
    let cookie = format!("cookie: {}\r\n", answer.header("set-cookie").unwrap().split(';').next().unwrap());
    let status = || ask(address, "GET", "/records/C-0004/", &cookie, "").status();
    assert_eq!(status(), 200);
    shipped.prints(0, &["user", "disable", NAME]);
    assert_eq!(status(), 303);
    server.kill().unwrap();
    let mut logged = String::new();
    server.stderr.take().unwrap().read_to_string(&mut logged).unwrap();
    server.wait().unwrap();
    assert!(!logged.contains("welcome"), "{logged}");
    let log = rusqlite::Connection::open(shipped.path(".chancery/access-log.db")).unwrap();
    let lines: i64 = log.query_row("SELECT count(*) FROM line WHERE what LIKE '%welcome%'", [], |row| row.get(0)).unwrap();
    assert_eq!(lines, 0);
}
