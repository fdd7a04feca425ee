//! The file of a person opens the intranet as it was approved last: an edit that nobody has
//! approved neither lets in nor keeps out, but for whoever has left by it. Who is kept out is told
//! so, and so is the operator. And a department or a post may get another name.

use crate::support::{Shipped, intranet::Running};
use chancery::{
    approval::AllowedSigners,
    server::Trust,
    store::{Accounts, Password, Wait},
};

const WHO: &str = "han.zhiqiu";
const FILE: &str = "records/people/han.zhiqiu.md";
/// Read by whoever is of sales, and above.
const SALES: &str = "/records/C-0004/";

fn trust(shipped: &Shipped) -> Trust {
    let list = shipped.read("policies/allowed_signers");
    Trust::Signers(AllowedSigners::parse(&list, chancery::archive::Zone::read("+08:00").unwrap()))
}

fn served(shipped: &Shipped) -> Running {
    Running::trusting(shipped.folder.path(), trust(shipped))
}

fn status(running: &Running, who: &str, address: &str) -> u16 {
    running.sign_in(who).get(address).status()
}

#[test]
fn an_edit_that_nobody_approved_takes_nothing_and_gives_nothing() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    assert_eq!(status(&running, WHO, SALES), 200);
    let text = shipped.read(FILE);
    let edits = [
        ("the department", text.replacen("department: sales", "department: school", 1)),
        ("the superior", text.replacen("superior: ", "superior: tian.shuisheng # ", 1)),
        ("a date of joining in the future", text.replacen("joined: 20", "joined: 29", 1)),
        ("another id", text.replacen("id: han.zhiqiu", "id: somebody.else", 1)),
        ("front matter that cannot be read", text.replacen("---\n", "---\n\t: [\n", 1)),
        ("nothing", String::new()),
    ];
    for (what, edited) in edits {
        assert_ne!(edited, text, "{what}");
        shipped.write(FILE, &edited);
        assert_eq!(status(&running, WHO, SALES), 200, "{what}");
    }
    // Nor does anybody write himself into a department.
    let cleaner = "records/people/tian.shuisheng.md";
    shipped.write(FILE, &text);
    let own = shipped.read(cleaner);
    shipped.write(cleaner, &own.replacen("department: administration", "department: finance", 1));
    assert_ne!(shipped.read(cleaner), own);
    assert_eq!(status(&running, "tian.shuisheng", SALES), 404);
    assert_eq!(status(&running, "tian.shuisheng", "/"), 200);
}

#[test]
fn a_server_that_begins_anew_knows_what_was_approved_last() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let text = shipped.read(FILE);
    assert_eq!(status(&running, WHO, SALES), 200);
    shipped.write(FILE, &text.replacen("department: sales", "department: school", 1));
    let state = running.stop();
    let running = Running::trusting_in(shipped.folder.path(), state, trust(&shipped));
    assert_eq!(status(&running, WHO, SALES), 200);
    // What is approved takes effect, and what it ends does not come back with the earlier text.
    shipped.sign();
    let page = running.sign_in(WHO).get("/account/").text();
    assert!(page.contains(WHO), "{page}");
    let moved = status(&running, WHO, SALES);
    shipped.write(FILE, &text);
    assert_eq!(status(&running, WHO, SALES), moved, "an older state counts for nothing");
}

/// What ends a right ends it at once, whoever has written it.
#[test]
fn who_has_left_by_the_file_is_let_in_no_more() {
    let shipped = Shipped::copy();
    let running = served(&shipped);
    let session = running.sign_in(WHO);
    assert_eq!(session.get(SALES).status(), 200);
    let text = shipped.read(FILE);
    let leaving = |day: &str| text.replacen("\njoined:", &format!("\nleft: {day}\njoined:"), 1);
    shipped.write(FILE, &leaving("2026-11-17"));
    assert_eq!(session.get(SALES).status(), 200, "on the day before");
    shipped.write(FILE, &leaving("2026-11-16"));
    assert_eq!(session.get(SALES).status(), 303, "on the day itself");
    shipped.write(FILE, &leaving("one day"));
    assert_eq!(session.get(SALES).status(), 303, "on a day that cannot be read");
    shipped.remove(FILE);
    assert_eq!(session.get(SALES).status(), 303, "nor by a file that is gone");
}

#[test]
fn who_is_kept_out_is_told_so_and_nobody_else_is() {
    let shipped = Shipped::copy();
    let text = shipped.read(FILE);
    let (front, _) = text.split_once("approvals:").unwrap();
    shipped.write(FILE, &format!("{front}---\n"));
    let running = served(&shipped);
    running.store().add_account(&WHO.into(), &Password::new("demo").unwrap()).wait().unwrap();
    let told = "您的人员档案尚未批准";
    let answer = running.sign_in_with(WHO, "demo", "");
    assert_eq!(answer.status(), 401);
    assert!(answer.text().contains(told) && answer.text().contains("请联系档案库的管理员"), "{}", answer.text());
    for (name, password) in [(WHO, "guess"), ("nobody", "demo")] {
        let answer = running.sign_in_with(name, password, "");
        assert!(answer.status() == 401 && !answer.text().contains(told), "{}", answer.text());
    }
    let english = running.post("/en/sign-in", &format!("name={WHO}&password=demo&next=%2Fen%2F")).text();
    assert!(english.contains("your record is not approved yet"), "{english}");
}

#[test]
fn check_tells_of_people_whom_nobody_has_approved() {
    let shipped = Shipped::copy();
    let text = shipped.read(FILE);
    let (front, _) = text.split_once("approvals:").unwrap();
    shipped.write(FILE, &format!("{front}---\n"));
    let of_people = |lang: &str| {
        let output = shipped.run(&["check", FILE, "--lang", lang]);
        let said = String::from_utf8(output.stdout).unwrap();
        said.split("\n\n").find(|finding| finding.contains("[approval.person]")).unwrap_or_else(|| panic!("{said}")).to_owned()
    };
    let zh = of_people("zh");
    assert!(zh.contains("han.zhiqiu 的人员档案尚未经“总经理”审批，本人不能登录内网"), "{zh}");
    assert!(zh.contains("改法 由“总经理”在内网的待办中审批，或用 chancery approve han.zhiqiu --step general-manager --key FILE"), "{zh}");
    assert!(zh.contains("《销售组织指挥与汇报制度》"), "{zh}");
    let en = of_people("en");
    assert!(en.contains("the record of han.zhiqiu is not approved by General manager: han.zhiqiu cannot sign in to the intranet"), "{en}");
    // Of who has left nothing is to be approved for that.
    shipped.write(FILE, &format!("{}left: 2026-11-01\n---\n", front));
    let left = String::from_utf8(shipped.run(&["check", FILE]).stdout).unwrap();
    assert!(!left.contains("approval.person"), "{left}");
}

/// What is told of the archive, but for the file in which posts are declared.
fn told(shipped: &Shipped) -> Vec<String> {
    let output = shipped.run(&["check", "--past", "--format", "json"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<String> = said.lines().filter(|line| !line.contains("policies/organisation.md")).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_department_and_a_post_that_are_renamed_break_no_record() {
    let shipped = Shipped::copy();
    let before = told(&shipped);
    let path = "policies/organisation.md";
    shipped.edit(
        path,
        "  sales:\n    label: {zh: 销售部, en: Sales}\n",
        "  commerce:\n    label: {zh: 商务部, en: Commerce}\n    aliases: [sales, 销售部]\n",
    );
    shipped.edit(
        path,
        "  sales-manager:\n    label: {zh: 销售经理, en: Sales manager}\n",
        "  sales-lead:\n    label: {zh: 销售主管, en: Sales lead}\n    aliases: [sales-manager]\n",
    );
    shipped.sign();
    let renamed = |line: &String| line.replace("销售经理", "销售主管").replace("Sales manager", "Sales lead").replace("销售部", "商务部");
    let (after, before): (Vec<String>, Vec<String>) = (told(&shipped), before.iter().map(renamed).collect());
    let of = |all: &[String]| -> Vec<(String, String, String)> {
        let part = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            ["code", "path", "record"].map(|key| line[key].to_string())
        };
        all.iter().map(|line| part(line).into()).collect()
    };
    assert_eq!(of(&after), of(&before));
    let sees = |who: &str| String::from_utf8(shipped.run(&["sees", who]).stdout).unwrap();
    assert!(sees("zhao.min").contains("C-0004"));
}
