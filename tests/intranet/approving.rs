//! Nothing wrong is approved, in the terminal or in the browser, and what is wrong waits for
//! nobody.

use crate::support::{
    DEMO_KEY, Shipped,
    intranet::{Running, Signed, day},
};
use chancery::{
    access::Office,
    approval::{Approvable, Subject},
    archive::Settings,
    source::Sources,
};

const ID: &str = "CR-20261116-test";
const PATH: &str = "records/reports/CR-20261116-test.md";

/// With a report on a customer of the affiliates, in order, which nobody has approved. The manager
/// to whom it goes does not read that customer.
fn with_report() -> Shipped {
    let shipped = Shipped::copy();
    let earlier = shipped.read("records/reports/CR-20260508-xznh.md");
    let (head, rest) = earlier.split_once("approvals:\n").unwrap();
    let body = rest.split_once("---\n").unwrap().1;
    let head = head.replace("CR-20260508-xznh", ID).replace("2026-05-05", "2026-11-14").replace("2026-05-08", "2026-11-16");
    shipped.write(PATH, &format!("{head}---\n{body}"));
    shipped
}

fn without_conclusion(text: &str) -> String {
    text.split_once("## 结论与建议").unwrap().0.to_owned() + "## 结论与建议\n"
}

fn refused(shipped: &Shipped, arguments: &[&str]) -> String {
    let output = shipped.run(arguments);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// The form of the button that approves, as it is posted; `None` where the page has no button.
fn button(page: &str) -> Option<String> {
    let field = |name: &str| Some(page.split(&format!("name=\"{name}\" value=\"")).nth(1)?.split('"').next()?.to_owned());
    Some(format!("action=approve&id={}&step={}&seal={}", field("id")?, field("step")?, field("seal")?))
}

fn waits(reader: &Signed<'_>) -> bool {
    reader.get("/inbox/").text().contains(ID)
}

#[test]
fn an_empty_form_is_not_approved() {
    let shipped = Shipped::copy();
    let said = shipped.prints(0, &["new", "credit-report", "customer=C-0019", "author=bai.ruoxi"]);
    let (draft, blank) = (shipped.path(said.lines().next().unwrap()), shipped.path("records/reports/blank.md"));
    let id = draft.file_stem().unwrap().to_str().unwrap();
    std::fs::rename(&draft, &blank).unwrap();
    let before = std::fs::read(&blank).unwrap();
    let approve = ["approve", id, "--step", "sales-manager", "--by", "zhao.min", "--key", DEMO_KEY];
    assert_eq!(
        refused(&shipped, &approve),
        format!(
            "chancery: {id} 有 11 处错误，改正以前不能批准：
  structure.blank  报告种类（kind）是空的
  structure.blank  调查渠道（channels.1）是空的
  structure.blank  调查人（investigated_by.1）是空的
  structure.blank  调查日期（investigated）是空的
  structure.blank  调查所得等级（grade_found）是空的
  …… 另有 6 处，见 chancery check
"
        )
    );
    let english = refused(&shipped, &[&approve[..], &["--lang", "en"]].concat());
    assert!(english.starts_with(&format!("chancery: {id} has errors (11) and is not approved before they are mended:\n")), "{english}");
    assert_eq!(std::fs::read(&blank).unwrap(), before);
}

#[test]
fn what_is_in_order_is_approved_and_what_is_not_says_what_is_wrong() {
    let shipped = with_report();
    let approve = ["approve", ID, "--step", "sales-manager", "--key", DEMO_KEY];
    let whole = shipped.read(PATH);
    shipped.write(PATH, &without_conclusion(&whole));
    let told = refused(&shipped, &approve);
    assert!(told.contains("有 1 处错误") && told.contains("\n  credit.report-format  "), "{told}");
    // One that was reported late stays so for ever: that is of the past, and hinders nothing.
    shipped.write(PATH, &whole.replace("investigated: 2026-11-14", "investigated: 2026-11-02"));
    assert!(shipped.prints(1, &["check", "--past"]).contains("past[credit.report-prompt]"));
    shipped.prints(0, &approve);
    // Changed since: what is told of the old approval is mended by a new one.
    shipped.edit(PATH, "一台均质泵外加一组离心泵", "两台均质泵");
    assert!(shipped.prints(1, &["check"]).contains("error[approval.stale]"));
    shipped.prints(0, &approve);
}

#[test]
fn a_policy_with_a_mistake_is_not_approved() {
    let shipped = Shipped::copy();
    shipped.edit("policies/market-information.md", "# 市场", "# 各类市场");
    let approve = ["approve", "policies/market-information", "--step", "general-manager", "--key", DEMO_KEY];
    shipped.prints(0, &approve);
    shipped.edit("policies/market-information.md", "refers_to: [", "refers_to: [no-such-policy, ");
    let told = refused(&shipped, &approve);
    assert!(told.contains("policies/market-information 有 1 处错误") && told.contains("policy.reference"), "{told}");
}

#[test]
fn what_is_wrong_is_in_nobodys_inbox_and_its_page_says_so() {
    let shipped = with_report();
    let running = Running::signing(shipped.folder.path());
    let (manager, author) = (running.sign_in("zhao.min"), running.sign_in("liang.zhiheng"));
    let address = format!("/records/{ID}/");
    let wish = button(&manager.get(&address).text()).unwrap();
    assert!(waits(&manager) && !author.get(&address).text().contains("改正以后才送批"));
    let whole = shipped.read(PATH);
    shipped.write(PATH, &without_conclusion(&whole));
    assert!(!waits(&manager));
    for reader in [&manager, &author] {
        let page = reader.get(&address).text();
        assert!(page.contains("有 1 处错误，改正以后才送批。") && button(&page).is_none(), "{page}");
    }
    // Neither what has been put in the place of what was seen, nor what is wrong, were it seen.
    assert_eq!(manager.post("/inbox/", &wish).header("location"), Some("/inbox/?done=done_changed"));
    let seen = wish.rsplit_once('=').unwrap().0;
    let seal = seal_of(&shipped);
    let answer = manager.post("/inbox/", &format!("{seen}={seal}"));
    assert_eq!(answer.header("location"), Some(&*format!("{address}?done=done_not_in_order")));
    assert!(manager.get(&format!("{address}?done=done_not_in_order")).text().contains("这份档案不合规定，没有批准"));
    assert_eq!(shipped.read(PATH), without_conclusion(&whole));
    // Mended, it waits again.
    shipped.write(PATH, &whole);
    assert!(waits(&manager));
    assert_eq!(manager.post("/inbox/", &wish).header("location"), Some("/inbox/?done=done_approved"));
    assert!(!waits(&manager));
}

/// What is wrong may lie in what the approver does not read: then no more is said than that it is
/// not in order.
#[test]
fn of_what_rests_on_a_hidden_record_no_more_is_told_than_that_it_is_not_in_order() {
    let shipped = with_report();
    // That an investigator of the affiliates does not do here is to be known from the customer's
    // department alone.
    shipped.edit(PATH, "investigated_by: [liang.zhiheng, ren.yuanhang]", "investigated_by: [liang.zhiheng]");
    let running = Running::signing(shipped.folder.path());
    let (manager, author) = (running.sign_in("zhao.min"), running.sign_in("liang.zhiheng"));
    let address = format!("/records/{ID}/");
    assert_eq!(manager.get("/records/C-0028/").status(), 404);
    let page = manager.get(&address).text();
    assert!(!page.contains("改正以后才送批") && !page.contains("field-by-sales"), "{page}");
    assert!(author.get(&address).text().contains("有 1 处错误，改正以后才送批。"), "finance reads the customer");
    let answer = manager.post("/inbox/", &button(&page).unwrap());
    assert_eq!(answer.header("location"), Some(&*format!("{address}?done=done_not_in_order")));
    assert!(!shipped.read(PATH).contains("approvals:"));
}

/// The seal of what stands there.
fn seal_of(shipped: &Shipped) -> String {
    let sources = Sources::read(shipped.folder.path()).unwrap();
    let (settings, today) = (Settings::of(&sources).unwrap(), day("2026-11-16"));
    let office = Office::open(sources, settings, today);
    let approvable = Approvable::named(&Subject::named(ID), &office.archive, today).unwrap();
    approvable.seal(&office.archive).unwrap().to_string()
}
