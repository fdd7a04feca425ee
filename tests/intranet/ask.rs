//! Access that somebody asks for: one answer for what is there and what is not, and what comes of
//! it.

use crate::support::{
    Shipped,
    intranet::{Running, Signed, day},
};
use chancery::store::{Audit, SqliteAudit, Wait};

const FORM: &str = "&purpose=%E5%8F%82%E5%8A%A0%E8%B5%B0%E8%AE%BF&until=2026-12-01";

/// The path of the authorisation that holds some words.
fn holding(shipped: &Shipped, words: &str) -> String {
    let folder = shipped.path("records/authorisations");
    let mut names =
        std::fs::read_dir(&folder).unwrap().map(|entry| format!("records/authorisations/{}", entry.unwrap().file_name().to_str().unwrap()));
    names.find(|path| shipped.read(path).contains(words)).unwrap()
}

fn ask(reader: &Signed<'_>, id: &str) -> (String, Vec<u8>) {
    let answer = reader.post("/ask", &format!("id={id}{FORM}"));
    let (head, body) = answer.undated();
    (head, body.to_vec())
}

/// The last line of the log, without what tells one request from another by its own words.
fn last_line(running: &Running) -> (String, String, String, bool) {
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?));
    log.query_row("SELECT who, what, record, allowed FROM line ORDER BY number DESC LIMIT 1", [], read).unwrap()
}

#[test]
fn what_is_there_and_what_is_not_get_one_answer_one_line_and_one_quota() {
    let running = Running::shipped();
    let (one, other) = (running.sign_in("tian.shuisheng"), running.sign_in("liang.zhiheng"));
    for i in 0..22 {
        let (hidden, never) = (ask(&one, "C-0004"), ask(&other, "C-9999"));
        assert_eq!(hidden, never, "{i}");
        assert!(hidden.0.contains(if i < 20 { "done_asked" } else { "done_asked_too_often" }), "{i}: {}", hidden.0);
        let (_, what, record, allowed) = last_line(&running);
        assert_eq!((&*what, &*record, allowed), ("/ask C%2D9999", "", false));
    }
    let hidden = one.get("/records/C-0004/");
    assert_eq!(hidden.status(), 404);
    assert!(hidden.text().contains("action=\"/ask\"") && !hidden.text().contains("C-0004"), "{}", hidden.text());
    assert!(hidden.undated() == one.get("/records/C-9999/").undated());
    assert_eq!(SqliteAudit::of(&running.state).verify().wait().unwrap(), None);
}

#[test]
fn a_wish_that_says_too_little_is_not_kept_and_not_repeated() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let reader = running.sign_in("tian.shuisheng");
    for wish in [
        "id=C-0004",
        "id=&purpose=x&until=2026-12-01",
        "id=C-0004&purpose=x&until=2026-11-15",
        "id=C-0004&purpose=x&until=2027-11-17",
        "id=C-0004&purpose=x&until=soon",
        "id=C-0004&purpose=%20%0a&until=2026-12-01",
    ] {
        let answer = reader.post("/ask", wish);
        assert_eq!((answer.status(), answer.header("location")), (303, Some("/ask/?done=done_asked_incompletely")), "{wish}");
    }
    assert!(reader.get("/ask/?done=done_asked_incompletely").text().contains("申请未收到"));
    assert!(!running.sign_in("lu.mingyuan").get("/inbox/").text().contains("参加走访"));
    // Back to a page of this site, in the language in which it was asked, and nowhere else.
    for (back, to) in [
        ("/en/ask/", "/en/ask/?done=done_asked"),
        ("https://evil.example/ask/", "/ask/?done=done_asked"),
        ("//evil.example/ask/", "/ask/?done=done_asked"),
    ] {
        let answer = reader.post("/ask", &format!("id=C-1{FORM}&back={}", back.replace(':', "%3A").replace('/', "%2F")));
        assert_eq!(answer.header("location"), Some(to));
    }
}

#[test]
fn whoever_decides_grants_and_the_asker_reads_in_those_dates_only() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let (reader, manager) = (running.sign_in("tian.shuisheng"), running.sign_in("lu.mingyuan"));
    assert_eq!(reader.get("/records/C-0004/").status(), 404);
    ask(&reader, "C-0004");
    ask(&reader, "C-9999");
    let inbox = manager.get("/inbox/").text();
    assert!(inbox.contains("衢州青石岭水务工程有限公司") && inbox.contains("参加走访") && inbox.contains("2026-12-01"), "{inbox}");
    assert!(!inbox.contains("C-9999"), "only what exists");
    let number = inbox.split("name=\"ask\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Nobody else can.
    for other in ["tian.shuisheng", "zhong.nan", "meng.fanshu"] {
        assert_eq!(running.sign_in(other).post("/inbox/", &format!("action=grant&ask={number}")).status(), 404, "{other}");
    }
    let granted = manager.post("/inbox/", &format!("action=grant&ask={number}"));
    assert_eq!(granted.header("location"), Some("/inbox/?done=done_granted"), "{}", granted.text());
    assert_eq!(reader.get("/records/C-0004/").status(), 200, "at the next request");
    assert!(!manager.get("/inbox/").text().contains("参加走访"));
    // It is an authorisation like any other, sound in the terminal too.
    let check = shipped.prints(0, &["check"]);
    assert!(check.contains("0 个错误"), "{check}");
    for (on, status) in [("2026-12-01", 200), ("2026-12-02", 404)] {
        *running.day.lock().unwrap() = day(on);
        assert_eq!(reader.get("/records/C-0004/").status(), status, "{on}");
    }
    *running.day.lock().unwrap() = day("2026-11-16");
    // Revoked: a line in its file, and the next request gets nothing, from no cache.
    let path = holding(&shipped, "参加走访");
    let text = shipped.read(&path);
    shipped.write(&path, &text.replacen("\napprovals:", "\nrevoked: 2026-11-16\napprovals:", 1));
    let never = reader.get("/records/C-9999/");
    assert!(reader.get("/records/C-0004/").undated() == never.undated());
    assert!(!reader.get("/search/?q=%E9%9D%92%E7%9F%B3%E5%B2%AD").text().contains("青石岭水务"));
}

#[test]
fn a_refusal_is_told_to_nobody() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let (reader, manager) = (running.sign_in("tian.shuisheng"), running.sign_in("lu.mingyuan"));
    let before = reader.get("/").undated().1.to_vec();
    ask(&reader, "C-0004");
    let number = manager.get("/inbox/").text().split("name=\"ask\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(manager.post("/inbox/", &format!("action=refuse&ask={number}")).status(), 303);
    assert!(!manager.get("/inbox/").text().contains("参加走访"));
    assert!(reader.get("/").undated().1 == before);
    assert_eq!(reader.get("/records/C-0004/").status(), 404);
}

/// A double click, two windows, two who decide: one decision counts, and the others are told that
/// it was taken.
#[test]
fn an_ask_that_is_decided_many_times_at_once_is_decided_once() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let (reader, manager) = (running.sign_in("tian.shuisheng"), running.sign_in("lu.mingyuan"));
    let before = std::fs::read_dir(shipped.path("records/authorisations")).unwrap().count();
    ask(&reader, "C-0004");
    let number = manager.get("/inbox/").text().split("name=\"ask\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let start = std::sync::Barrier::new(8);
    let decide = |n: usize| {
        start.wait();
        let answer = manager.post("/inbox/", &format!("action={}&ask={number}", ["grant", "grant", "grant", "refuse"][n % 4]));
        answer.header("location").map(str::to_owned)
    };
    let told = std::thread::scope(|scope| {
        let decide = &decide;
        let decided: Vec<_> = (0..8).map(|n| scope.spawn(move || decide(n))).collect();
        decided.into_iter().map(|decided| decided.join().unwrap()).collect::<Vec<_>>()
    });
    let of = |done: &str| told.iter().filter(|to| to.as_deref() == Some(&*format!("/inbox/?done=done_{done}"))).count();
    assert_eq!(of("granted") + of("refused"), 1, "{told:?}");
    assert_eq!(of("changed") + told.iter().filter(|to| to.is_none()).count(), 7, "{told:?}");
    let after = std::fs::read_dir(shipped.path("records/authorisations")).unwrap().count();
    assert_eq!(after - before, of("granted"));
}

/// An id that would grant more than what the manager sees in his inbox.
#[test]
fn an_authorisation_grants_what_was_asked_and_nothing_more() {
    let shipped = Shipped::copy();
    shipped.write("records/own/x.md", "---\ntype: customer\nid: \"C-0012,C-0004\"\nname: 某公司\n---\n");
    let running = Running::signing(shipped.folder.path());
    let (reader, manager) = (running.sign_in("tian.shuisheng"), running.sign_in("lu.mingyuan"));
    ask(&reader, "C-0012%2CC-0004");
    let inbox = manager.get("/inbox/").text();
    if let Some(number) = inbox.split("name=\"ask\" value=\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned()) {
        manager.post("/inbox/", &format!("action=grant&ask={number}"));
    }
    assert_eq!(reader.get("/records/C-0004/").status(), 404);
    assert_eq!(reader.get("/records/C-0012/").status(), 404);
}

#[test]
fn what_waits_is_approved_in_the_browser_once_and_by_whoever_may() {
    let shipped = Shipped::copy();
    let running = Running::signing(shipped.folder.path());
    let manager = running.sign_in("lu.mingyuan");
    let inbox = manager.get("/inbox/").text();
    let waiting = inbox.split("id=\"waits\"").nth(1).unwrap();
    let address = waiting.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = |page: &str| {
        let field = |name: &str| page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        (field("id"), format!("action=approve&id={}&step={}&seal={}", field("id"), field("step"), field("seal")))
    };
    let (id, wish) = form(&manager.get(address).text());
    assert_eq!(running.sign_in("tian.shuisheng").post("/inbox/", &wish).status(), 404);
    // What has been put in its place since he read it is not approved.
    let path = shipped.path_of(&id);
    let text = shipped.read(&path);
    shipped.write(&path, &format!("{text}\n又添一句。\n"));
    assert_eq!(manager.post("/inbox/", &wish).header("location"), Some("/inbox/?done=done_changed"));
    shipped.write(&path, &text);
    assert_eq!(manager.post("/inbox/", &wish).header("location"), Some("/inbox/?done=done_approved"));
    assert!(!manager.get("/inbox/").text().contains(address));
    assert_eq!(manager.post("/inbox/", &wish).status(), 404, "it waits no longer");
    assert!(shipped.prints(0, &["verify", &id]).contains("lu.mingyuan"));
}
