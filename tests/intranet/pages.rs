//! The intranet over HTTP, on the shipped archive: who signs in sees what he may see, and what he
//! may not see does not exist.

use crate::support::{
    Shipped,
    intranet::{Running, day},
};
use chancery::{
    source::RecordId,
    store::{Audit, SqliteAudit, Wait},
};

#[test]
fn the_owner_sees_his_customer_and_for_a_stranger_it_never_existed() {
    let running = Running::shipped();
    let owner = running.sign_in("zhong.nan").get("/records/C-0004/");
    assert_eq!(owner.status(), 200);
    assert!(owner.text().contains("衢州青石岭水务工程有限公司"));
    let stranger = running.sign_in("liu.qingping");
    for hidden in ["/records/C-0004/", "/en/records/C-0004/", "/api/records/C-0004", "/records/C-0004/files/a.pdf"] {
        for method in ["GET", "HEAD"] {
            let never = hidden.replace("C-0004", "C-9999");
            let (hidden, never) = (stranger.ask(method, hidden), stranger.ask(method, &never));
            assert_eq!(hidden.status(), 404);
            assert!(hidden.undated() == never.undated(), "{}\n{}", hidden.head, never.head);
        }
    }
}

#[test]
fn an_authorisation_opens_in_its_dates_and_no_longer() {
    let running = Running::shipped();
    let reader = running.sign_in("liu.qingping");
    let asked = |on: &str| {
        *running.day.lock().unwrap() = day(on);
        (reader.get("/records/C-0012/").status(), reader.get("/records/CARD-0012/").status())
    };
    assert_eq!(asked("2026-10-18"), (404, 404), "the day before it begins");
    assert_eq!(asked("2026-10-19"), (200, 200), "the file, and what inherits from it");
    assert_eq!(asked("2026-12-31"), (200, 200), "its last day");
    assert_eq!(asked("2027-01-01"), (404, 404), "the day after");
    *running.day.lock().unwrap() = day("2026-11-16");
    let unapproved = running.sign_in("ren.yuanhang").get("/records/C-0004/");
    assert_eq!(unapproved.status(), 404, "one that nobody approved opens nothing");
}

#[test]
fn a_restricted_page_is_in_the_log_before_it_goes_out() {
    let running = Running::shipped();
    let owner = running.sign_in("zhong.nan");
    let lines = || SqliteAudit::of(&running.state).head().wait().unwrap().number;
    let before = lines();
    assert_eq!(owner.get("/records/C-0004/").status(), 200);
    assert_eq!(lines(), before + 1);
    assert_eq!(owner.get("/policies/").status(), 200);
    assert_eq!(lines(), before + 1, "a policy is no secret");
    rusqlite::Connection::open(running.state.join("access-log.db")).unwrap().execute_batch("DROP TABLE line").unwrap();
    assert_eq!(owner.get("/records/C-0004/").status(), 503);
    assert_eq!(owner.get("/policies/").status(), 200, "the rest goes on");
    assert_eq!(owner.get("/records/C-9999/").status(), 404);
}

#[test]
fn nobody_sees_anything_before_he_signs_in() {
    let running = Running::shipped();
    for path in ["/", "/records/C-0004/", "/records/C-9999/", "/search/?q=a", "/policies/credit/"] {
        let answer = running.ask("GET", path, "", "");
        assert_eq!((answer.status(), answer.body.len()), (303, 0), "{path}");
    }
    let hidden = running.ask("GET", "/records/C-0004/", "", "").head.replace("C%2D0004", "C%2D9999");
    let strip = |head: &str| head.lines().filter(|line| !line.starts_with("date")).collect::<Vec<_>>().join("\n");
    assert_eq!(strip(&hidden), strip(&running.ask("GET", "/records/C-9999/", "", "").head));
    assert_eq!(running.ask("GET", "/api/due", "", "").status(), 401);
    assert_eq!(running.ask("GET", "/sign-in", "", "").status(), 200);
    assert_eq!(running.ask("GET", "/assets/style.css", "", "").status(), 200);
    let forged = running.ask("GET", "/", "cookie: session=0000000000000000000000000000000000000000000000000000000000000000\r\n", "");
    assert_eq!(forged.status(), 303);
}

#[test]
fn a_wrong_name_and_a_wrong_password_get_one_answer_and_too_many_are_stopped() {
    let running = Running::shipped();
    let wrong = running.sign_in_with("zhong.nan", "guess", "");
    assert_eq!(wrong.status(), 401);
    let unknown = running.sign_in_with("nobody", "guess", "").text().replace("nobody", "zhong.nan");
    assert!(wrong.text() == unknown);
    for _ in 0..4 {
        assert_eq!(running.sign_in_with("zhong.nan", "guess", "").status(), 401);
    }
    assert_eq!(running.sign_in_with("zhong.nan", "demo", "").status(), 429);
}

#[test]
fn another_site_cannot_make_a_browser_sign_in_or_out() {
    let running = Running::shipped();
    for headers in ["sec-fetch-site: cross-site\r\n", "origin: https://evil.example\r\n"] {
        assert_eq!(running.sign_in_with("zhong.nan", "demo", headers).status(), 403, "{headers}");
    }
}

#[test]
fn signing_out_ends_the_session() {
    let running = Running::shipped();
    let reader = running.sign_in("zhong.nan");
    assert_eq!(reader.get("/").status(), 200);
    assert_eq!(reader.ask("POST", "/sign-out").status(), 303);
    assert_eq!(reader.get("/").status(), 303);
}

#[test]
fn every_answer_bears_the_headers_of_the_house() {
    let running = Running::shipped();
    let reader = running.sign_in("zhong.nan");
    for path in ["/", "/records/C-0004/", "/records/C-9999/", "/search/?q=泵", "/api/due"] {
        let answer = reader.get(&path.replace('泵', "%E6%B3%B5"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert!(!answer.text().contains("<script>") && !answer.text().contains(" style=\""));
    }
}

#[test]
fn requests_too_large_or_mangled_are_refused() {
    let running = Running::shipped();
    let large = format!("name=a&password={}", "x".repeat(100 << 10));
    let answer = running.ask("POST", "/sign-in", "content-type: application/x-www-form-urlencoded\r\n", &large);
    assert!(matches!(answer.status(), 400 | 413), "{}", answer.head);
    let reader = running.sign_in("zhong.nan");
    for path in
        ["/records/%00/", "/records/%FF/", "/records/../../etc/passwd", "/records/C-0004/files/..%2F..%2Fchancery.yaml", "//evil.example/"]
    {
        assert!(matches!(reader.get(path).status(), 404 | 400), "{path}");
    }
}

#[test]
fn search_tells_each_reader_of_his_own_alone() {
    let running = Running::shipped();
    let query = "/api/search?q=%E9%A1%8D%E5%BA%A6&limit=100";
    let found = |name: &str| -> serde_json::Value { serde_json::from_slice(&running.sign_in(name).get(query).body).unwrap() };
    let (all, few) = (found("lu.mingyuan"), found("tian.shuisheng"));
    assert!(all["total"].as_u64() > few["total"].as_u64());
    for hit in few["hits"].as_array().unwrap() {
        let id = RecordId::from(hit["id"].as_str().unwrap());
        assert!(hit["type"] == "policy" || running.sign_in("tian.shuisheng").get(&format!("/records/{id}/")).status() == 200, "{hit}");
    }
}

/// The file of a customer with a paper beside it, read under an authorisation that lets it be taken
/// away or not.
fn with_paper(may_export: &str) -> (Shipped, Running) {
    let shipped = Shipped::copy();
    let path = "records/authorisations/AU-20261012-3hd4.md";
    let text = shipped.read(path);
    let line = text.lines().find(|line| line.starts_with("may_export:")).unwrap().to_owned();
    shipped.edit(path, &line, &format!("may_export: {may_export}"));
    shipped.edit("records/customers/C-0012.md", "id: C-0012\n", "id: C-0012\nattachments: [海产.txt]\n");
    shipped.edit("records/customers/C-0012.md", "## 信用状况\n", "## 信用状况\n![图](海产.txt)\n");
    shipped.write("records/customers/海产.txt", "附件的内容");
    shipped.sign();
    let running = Running::start(shipped.folder.path());
    (shipped, running)
}

const PAPER: &str = "/records/C-0012/files/%E6%B5%B7%E4%BA%A7.txt";

#[test]
fn an_authorisation_for_reading_alone_lets_nothing_be_taken_away() {
    let (_shipped, running) = with_paper("no");
    let reader = running.sign_in("liu.qingping");
    for (address, words) in [
        ("/records/C-0012/", "不供打印或另存"),
        ("/en/records/C-0012/", "not to be printed or kept"),
        ("/records/CARD-0012/", "不供打印或另存"),
    ] {
        let page = reader.get(address);
        assert_eq!(page.status(), 200);
        assert!(page.text().contains(words) && page.text().contains("class=\"record kept\""), "{address}");
    }
    let page = reader.get("/records/C-0012/").text();
    assert!(page.contains("海产.txt") && !page.contains("/files/"), "its name, and no way to it: {page}");
    for kept in [PAPER, "/api/records/C-0012", "/api/records/CARD-0012"] {
        let never = kept.replace("0012", "9999");
        assert!(reader.get(kept).undated() == reader.get(&never).undated(), "{kept}");
        assert_eq!(reader.get(kept).status(), 404, "{kept}");
    }
    let search = reader.get("/api/search?q=%E6%B8%A9%E5%B2%AD%E7%9F%B3%E5%A1%98&limit=100");
    let search: serde_json::Value = serde_json::from_slice(&search.body).unwrap();
    let hits = search["hits"].as_array().unwrap();
    let snippet = |id: &str| hits.iter().find(|hit| hit["id"] == id).unwrap()["snippet"].as_str().unwrap().to_owned();
    assert_eq!(snippet("C-0012"), "", "that it is there, and none of its text");
    let findings = reader.get("/api/findings").text() + &reader.get("/api/due").text();
    assert!(!findings.contains("C-0012"), "{findings}");
    assert!(
        reader.get("/assets/style.css").text().contains(".kept > :not(.notice) { display: none; }"),
        "on paper the notice stands alone"
    );
    // Whoever has another reason to read it is not narrowed.
    for other in ["lu.mingyuan", "deng.xiaolan"] {
        let other = running.sign_in(other);
        let page = other.get("/records/C-0012/").text();
        assert!(!page.contains("不供打印或另存") && page.contains("/files/"));
        assert_eq!([PAPER, "/api/records/C-0012"].map(|address| other.get(address).status()), [200, 200]);
    }
}

/// What was wrong and is over stands at an address of its own, for each as far as they may know.
#[test]
fn the_past_is_behind_a_tab() {
    let shipped = Shipped::copy();
    let running = Running::start(shipped.folder.path());
    let manager = running.sign_in("lu.mingyuan");
    let (now, past) = (manager.get("/findings/").text(), manager.get("/findings/past/").text());
    assert!(now.contains("<a href=\"/findings/past/\">过去 <span class=\"count\">"), "{now}");
    assert!(past.contains("<a href=\"/findings/\">现在 <span class=\"count\">") && past.contains("id=\"credit.report-cadence\""), "{past}");
    assert!(manager.get("/en/findings/past/").text().contains("Past breaches"));
    assert!(manager.get("/policies/credit/").text().contains("href=\"/findings/past/#credit.report-cadence\""));
    let cleaner = running.sign_in("tian.shuisheng");
    for address in ["/findings/past/", "/policies/credit/"] {
        let page = cleaner.get(address).text();
        assert!(!page.contains("#credit.report-cadence") && !page.contains("id=\"credit.report-cadence\""), "{address}: {page}");
    }
    assert_eq!(running.ask("GET", "/findings/past/", "", "").status(), 303, "before anybody has signed in");
}

#[test]
fn an_authorisation_that_says_so_lets_a_record_be_taken_away() {
    let (_shipped, running) = with_paper("yes");
    let reader = running.sign_in("liu.qingping");
    assert!(!reader.get("/records/C-0012/").text().contains("不供打印或另存"));
    assert_eq!([PAPER, "/api/records/C-0012", "/api/records/CARD-0012"].map(|address| reader.get(address).status()), [200, 200, 200]);
}

/// What is sealed and not understood is shown to whoever approves it, and to readers from whom
/// nothing of the record is hidden: a misspelt field may be one that is hidden.
#[test]
fn what_is_not_understood_is_shown_where_nothing_is_hidden() {
    let shipped = Shipped::copy();
    let person = shipped.path_of("liu.qingping");
    shipped.edit(&person, "type: person\n", "type: person\nphne: 0571-7777 777\n");
    let customer = "records/customers/C-0004.md";
    shipped.edit(customer, "type: customer\n", "type: customer\nrebate: 每单另返百分之二\ngrde: A\n");
    shipped.edit(customer, "grade: ", "grade: 超\nzgrade: ");
    let running = Running::start(shipped.folder.path());
    let sees = |who: &str, address: &str, words: &str| running.sign_in(who).get(address).text().contains(words);
    for words in ["rebate", "每单另返百分之二", "grde", "<pre>超</pre>", "未能识别的内容"] {
        assert!(sees("lu.mingyuan", "/records/C-0004/", words), "{words}");
    }
    assert!(!sees("tian.shuisheng", "/people/liu.qingping/", "0571-7777 777"), "phones are hidden from him");
    assert!(sees("meng.fanshu", "/people/liu.qingping/", "0571-7777 777"), "and not from the office");
    assert!(sees("lu.mingyuan", "/people/liu.qingping/", "0571-7777 777"), "nor from whoever is to approve it");
}

/// What no page shows, and a seal is of all the same: whoever approves it finds it in the text that
/// is sealed, and nobody else is told.
#[test]
fn whoever_approves_is_shown_every_byte_that_is_sealed() {
    let shipped = Shipped::copy();
    let customer = "records/customers/C-0004.md";
    shipped.edit(customer, "type: customer\n", "type: customer # 每单另返百分之二\n# 口头承诺账期一年\n");
    shipped.write(customer, &format!("{}\n[另议]: /nowhere \"免收违约金\"\n", shipped.read(customer)));
    let running = Running::start(shipped.folder.path());
    let [approves, reads] = ["han.zhiqiu", "lu.mingyuan"].map(|who| running.sign_in(who).get("/records/C-0004/"));
    assert_eq!([&approves, &reads].map(|page| page.status()), [200, 200]);
    for words in ["每单另返百分之二", "口头承诺账期一年", "免收违约金"] {
        assert!(approves.text().contains(words) && !reads.text().contains(words), "{words}");
    }
}

/// Not even to whoever approves it: a hidden field that stands there twice, or something that
/// stands within one.
#[test]
fn what_is_not_understood_shows_no_hidden_field() {
    let shipped = Shipped::copy();
    shipped.edit("policies/confidentiality.md", "phone: [office, line(self)]", "phone: [office]\n  reporting: [office]");
    shipped.sign();
    let person = shipped.path_of("liu.qingping");
    shipped.edit(&person, "type: person\n", "type: person\nphne: 0571-7777 777\n电话: 0571-2222 222\nPhone: 0571-3333 333\n");
    shipped.edit(&person, "reporting:\n", "reporting:\n- {from: 2023-07-01, department: sales, wage: 8848}\n");
    let running = Running::start(shipped.folder.path());
    let (approves, office) = (running.sign_in("lu.mingyuan"), running.sign_in("meng.fanshu"));
    for address in ["/people/liu.qingping/", "/en/people/liu.qingping/"] {
        let [approves, office] = [&approves, &office].map(|client| client.get(address).text());
        assert!(approves.contains("phne") && approves.contains("0571-7777 777"), "it is approved, and no field's: {approves}");
        for hidden in ["0571-2222 222", "0571-3333 333", "8848", "wage"] {
            assert!(!approves.contains(hidden) && office.contains(hidden), "{hidden}");
        }
    }
}
