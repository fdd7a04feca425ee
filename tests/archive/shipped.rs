//! The shipped archive passes its own policies, and what breaks them is told at the right line.

use crate::support::{DEMO_KEY, Shipped};
use chancery::edit;
use std::collections::{BTreeMap, BTreeSet};

/// A grade D customer.
const CUSTOMER: &str = "records/customers/C-0006.md";

#[test]
fn it_passes_its_own_policies() {
    let said = Shipped::copy().prints(0, &["check"]);
    assert!(!said.contains("error["), "{said}");
}

/// Over two years, with a record of every type.
#[test]
fn it_has_the_records_of_a_company_at_work() {
    let shipped = Shipped::copy();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(shipped.path("records")) {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(path).unwrap();
            *counts.entry(text.lines().find_map(|line| line.strip_prefix("type: ")).unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    let blocks = shipped.json(0, &["policy", "list"]);
    let types: BTreeSet<&str> = blocks.iter().filter(|block| block["kind"] == "type").map(|block| block["id"].as_str().unwrap()).collect();
    let unused: Vec<&&str> = types.iter().filter(|id| !counts.contains_key(**id)).collect();
    assert!(unused.is_empty(), "{unused:?}");
    assert!(counts.values().sum::<usize>() >= 600, "{counts:?}");
}

/// Every duty is kept, but for the few that `records/README.md` lists with what is late about them.
#[test]
fn what_is_late_is_what_the_readme_of_the_records_lists() {
    let shipped = Shipped::copy();
    let overdue = shipped.json(0, &["due"]).into_iter().filter(|due| due["state"] == "overdue");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let overdue: Vec<[String; 3]> = overdue.map(|due| [text(&due["due"]), text(&due["duty"]), text(&due["record"])]).collect();
    let listed: Vec<[String; 3]> =
        listed(&shipped, "What is late").into_iter().map(|cells| cells[..3].to_vec().try_into().unwrap()).collect();
    assert_eq!(listed, overdue);
    assert!((3..=15).contains(&listed.len()), "a handful");
}

/// The cells of the dated rows in a section of `records/README.md`.
fn listed(shipped: &Shipped, section: &str) -> Vec<Vec<String>> {
    let readme = shipped.read("records/README.md");
    let sections = readme.split("\n## ").filter(|text| text.lines().next().is_some_and(|heading| heading.contains(section)));
    let rows = sections.flat_map(str::lines).filter(|line| line.starts_with("| 20"));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
    rows.map(cells).collect()
}

/// What was breached and is over has its story in `records/README.md`, each with the note that
/// deals with it where there is one.
#[test]
fn what_was_breached_is_what_the_readme_of_the_records_tells() {
    let shipped = Shipped::copy();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let past = shipped.json(0, &["check", "--past"]).into_iter().filter(|finding| finding["state"] == "past");
    let mut past: Vec<Vec<String>> =
        past.map(|finding| ["since", "until", "code", "record", "dealt_with"].map(|key| text(&finding[key])).to_vec()).collect();
    past.sort();
    let rows = listed(&shipped, "What was not as it should be");
    let told: Vec<Vec<String>> = rows.iter().map(|row| [&row[..4], &row[6..]].concat()).collect();
    assert_eq!(told, past);
    assert!(rows.iter().all(|row| !row[4].is_empty() && !row[5].is_empty()), "a story for each");
    assert!(told.len() <= 120 && told.iter().filter(|row| !row[4].is_empty()).count() == 3);
}

/// A correction has taken the place of a session, of a report and of a review: what is wrong in
/// them now is of the past.
#[test]
fn a_session_a_report_and_a_review_are_each_superseded() {
    let shipped = Shipped::copy();
    for (earlier, later) in [
        ("records/training-sessions/TS-20260707-d4qa.md", "TS-20260708-x9hc"),
        ("records/reports/CR-20251124-hm5e.md", "CR-20251127-w6ra"),
        ("records/reviews/GR-20260715-k3ud.md", "GR-20260720-n8fb"),
    ] {
        shipped.edit(earlier, "type: ", "no_such_field: x\ntype: ");
        let findings = shipped.json(0, &["check", "--past"]);
        let of_it: Vec<_> = findings.iter().filter(|finding| finding["path"] == earlier).collect();
        assert!(!of_it.is_empty() && of_it.iter().all(|finding| finding["state"] == "past"), "{of_it:?}");
        assert!(of_it.iter().all(|finding| finding["superseded_by"] == later), "{of_it:?}");
    }
}

/// D gets credit: the code, the place, the article, the remedy, and the approval that it voids.
#[test]
fn a_credit_limit_for_grade_d_is_told_with_article_and_remedy() {
    let shipped = Shipped::copy();
    shipped.edit(CUSTOMER, "credit_limit: 0\n", "credit_limit: 5000\n");
    let line = shipped.read(CUSTOMER).lines().position(|line| line.starts_with("credit_limit")).unwrap() + 1;
    let findings = shipped.json(1, &["check"]);
    let found = |code: &str| findings.iter().find(|finding| finding["code"] == code && finding["path"] == CUSTOMER).unwrap();
    let finding = found("credit.d-no-credit");
    assert_eq!(finding["severity"], "error");
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(line as u64), Some(15)));
    assert_eq!((finding["end_line"].as_u64(), finding["end_column"].as_u64()), (Some(line as u64), Some(19)));
    assert_eq!(finding["record"], "C-0006");
    assert_eq!(finding["message"], "D 级客户的信用额度须为 0");
    assert_eq!((&finding["policy"], &finding["article"]), (&"credit".into(), &"第6条 D".into()));
    assert_eq!(finding["fix"], "将 credit_limit 改为 0，或先办理信用等级核查");
    assert_eq!(found("approval.stale")["severity"], "error");

    let said = shipped.prints(1, &["check", CUSTOMER]);
    let heading = shipped.read("policies/credit.md").lines().position(|line| line.contains("第6条 D")).unwrap() + 1;
    let frame = format!(
        "{CUSTOMER}:{line}:15  error[credit.d-no-credit]  D 级客户的信用额度须为 0\n  {line} │ credit_limit: 5000\n  {}  │               ^^^^\n  \
         依据 《客户信用管理制度》第6条 D（policies/credit.md:{heading}）\n  改法 将 credit_limit 改为 0，或先办理信用等级核查\n",
        " ".repeat(line.to_string().len() - 1)
    );
    let plain = |text: &str| text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n");
    assert!(plain(&said).contains(plain(&frame).trim()), "{said}\nexpected\n{frame}");
    assert!(said.contains("error[approval.stale]"), "{said}");

    let sarif: serde_json::Value = serde_json::from_str(&shipped.prints(1, &["check", "--format", "sarif"])).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "credit.d-no-credit").unwrap();
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startLine"].as_u64(), region["startColumn"].as_u64()), (Some(line as u64), Some(15)));
    assert!(results.iter().any(|result| result["ruleId"] == "approval.stale"));

    let english = shipped.prints(1, &["check", CUSTOMER, "--lang", "en"]);
    assert!(english.contains("a grade D customer gets no credit limit"), "{english}");
}

#[test]
fn a_report_that_is_gone_is_overdue_with_the_day_and_who_is_to_write_it() {
    let shipped = Shipped::copy();
    let before: BTreeSet<String> = overdue(&shipped);
    let customer = "C-0008";
    assert!(!before.contains(customer), "the sample's grade C customer is in time");
    let mut reports: Vec<_> =
        walkdir::WalkDir::new(shipped.path("records/reports")).into_iter().map(|entry| entry.unwrap().into_path()).collect();
    reports.retain(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("customer: {customer}\n"))));
    reports.sort();
    std::fs::remove_file(reports.last().unwrap()).unwrap();
    let due = shipped.json(0, &["due"]);
    let late = due.iter().find(|due| due["duty"] == "credit.report-cadence" && due["record"] == customer).unwrap();
    assert_eq!(late["state"], "overdue");
    assert!(late["days"].as_i64().unwrap() > 0);
    let who: BTreeSet<&str> = late["who"].as_array().unwrap().iter().map(|person| person.as_str().unwrap()).collect();
    assert!(who.contains("fang.yan"), "those who hold the post finance: {who:?}");
    let said = shipped.prints(0, &["check", &format!("records/customers/{customer}.md")]);
    let since = late["due"].as_str().unwrap();
    assert!(said.contains("warning[credit.report-cadence]") && said.contains(since), "{said}");
}

fn overdue(shipped: &Shipped) -> BTreeSet<String> {
    let due = shipped.json(0, &["due"]);
    let late = due.iter().filter(|due| due["duty"] == "credit.report-cadence" && due["state"] == "overdue");
    late.map(|due| due["record"].as_str().unwrap().to_owned()).collect()
}

/// The list and the calendar tell the same, for the terminal and for one reader.
#[test]
fn what_is_due_is_a_calendar_too() {
    let shipped = Shipped::copy();
    for reader in [&[][..], &["--as", "fang.yan"], &["--as", "zhong.nan"]] {
        let due = [&["due"], reader].concat();
        let calendar = shipped.prints(0, &[&due[..], &["--format", "ics"]].concat());
        let days = |line: &str| line.strip_prefix("DTSTART;VALUE=DATE:").map(|day| day.trim_end().to_owned());
        let events: Vec<String> = calendar.lines().filter_map(days).collect();
        let listed: Vec<String> = shipped.json(0, &due).iter().map(|due| due["due"].as_str().unwrap().replace('-', "")).collect();
        assert_eq!(events, listed, "{reader:?}");
        assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
        assert_eq!(calendar, shipped.prints(0, &[&due[..], &["--format", "ics"]].concat()));
    }
}

#[test]
fn search_finds_either_script_and_what_stands_inside_a_word() {
    let shipped = Shipped::copy();
    let ids = |query: &str, who: &[&str]| -> Vec<String> {
        let found = shipped.json(0, &[&["search", query], who].concat());
        found.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
    };
    let simplified = ids("信用额度", &[]);
    assert!(!simplified.is_empty());
    assert_eq!(ids("信用額度", &[]), simplified);
    assert!(ids("岭水务", &[]).contains(&"C-0004".to_owned()), "a piece from the middle of 青石岭水务工程");
    let seen: BTreeSet<String> =
        shipped.json(0, &["sees", "liu.qingping"]).iter().map(|seen| seen["id"].as_str().unwrap().to_owned()).collect();
    let policies = ["credit", "records", "organisation", "customer-files", "confidentiality", "market-information"];
    for id in ids("信用额度", &["--as", "liu.qingping"]) {
        assert!(seen.contains(&id) || policies.contains(&id.as_str()), "{id}");
    }
}

#[test]
fn every_approval_verifies() {
    let said = Shipped::copy().prints(0, &["verify"]);
    assert!(said.contains("无效 0 项"), "{said}");
}

#[test]
fn signing_anew_changes_nothing_that_is_signed_already() {
    let shipped = Shipped::copy();
    // Signed with the demonstration's key, and with one of somebody's own.
    let signed = [CUSTOMER, "records/breach-notes/BN-20260508-t7vk.md", "policies/register"];
    let read = || signed.map(|path| shipped.read(path));
    let before = read();
    shipped.sign();
    assert_eq!(read(), before, "ed25519 is deterministic");
    shipped.edit(signed[1], "author: song.yaqin", "author: fang.yan");
    shipped.sign();
    let said = shipped.prints(0, &["verify"]);
    assert!(said.contains("无效 0 项") && read()[1] != before[1], "what has changed is signed with the key that is there\n{said}");
}

/// A stranger to the archive is told what is wrong, and the exit status says that it could not run.
#[test]
fn what_cannot_run_says_so_with_status_2() {
    let shipped = Shipped::copy();
    for arguments in [
        &["chck"][..],
        &["check", "--on", "2026-2-3"],
        &["check", "--archive", "/nowhere/at/all"],
        &["who", "C-9999"],
        &["due", "--as", "nobody"],
        &[],
    ] {
        let output = shipped.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{arguments:?}");
    }
}

/// A rule edited into nonsense is told in the policy at its line; it alone is off, and every other
/// rule still runs.
#[test]
fn a_rule_edited_into_nonsense_is_told_and_the_others_still_run() {
    let shipped = Shipped::copy();
    let rules = || -> BTreeSet<String> { shipped.json(0, &["policy", "list"]).iter().map(|block| block["id"].to_string()).collect() };
    let before = rules();
    shipped.edit(CUSTOMER, "credit_limit: 0\n", "credit_limit: 5000\n");
    let rule = "when: grade == \"D\"\nrequire: ";
    shipped.edit("policies/credit.md", &format!("{rule}credit_limit == 0\n"), &format!("{rule}credit_limt === 0 || 大概\n"));
    let line = shipped.read("policies/credit.md").lines().position(|line| line.contains("credit_limt")).unwrap() + 1;
    let off: Vec<String> = before.difference(&rules()).cloned().collect();
    assert_eq!(off, ["\"credit.d-no-credit\""]);
    let findings = shipped.json(1, &["check"]);
    let of = |path: &str| -> Vec<(&str, u64)> {
        let found = findings.iter().filter(|finding| finding["path"] == path);
        found.map(|finding| (finding["code"].as_str().unwrap(), finding["line"].as_u64().unwrap())).collect()
    };
    assert!(of("policies/credit.md").contains(&("policy.expression", line as u64)), "{findings:?}");
    let codes: Vec<&str> = of(CUSTOMER).into_iter().map(|(code, _)| code).collect();
    assert!(codes.contains(&"credit.limit-agrees") && !codes.contains(&"credit.d-no-credit"), "{codes:?}");
}

/// An approval adds one line to the register and touches none; a record of which the register knows
/// is missed when it is gone, until an approved disposal names it.
#[test]
fn what_was_approved_is_registered_and_missed_when_it_is_gone() {
    let shipped = Shipped::copy();
    let complaint = "records/complaints/CP-2026-0013.md";
    let register = || shipped.read("policies/register");
    let before = register();
    assert!(!before.contains("CP-2026-0013"));
    let key = DEMO_KEY;
    shipped.prints(0, &["approve", "CP-2026-0013", "--step", "general-manager", "--key", key]);
    let after = register();
    let (kept, line) = after.split_at(before.len());
    assert_eq!(kept, before);
    let seal = shipped.read(complaint).lines().find_map(|line| line.trim().strip_prefix("seal: ").map(str::to_owned)).unwrap();
    assert_eq!(line, format!("CP-2026-0013 {seal}\n"));
    shipped.remove(complaint);
    let vanished = || -> Vec<String> {
        let findings = shipped.json(1, &["check", "policies"]);
        findings.iter().filter(|found| found["code"] == "records.vanished").map(|found| found["message"].to_string()).collect()
    };
    assert!(vanished().len() == 1 && vanished()[0].contains("CP-2026-0013"), "{:?}", vanished());
    shipped.edit("policies/register", &seal, "sha256:0");
    assert!(vanished().is_empty());
    let findings = shipped.json(1, &["check", "policies/register"]);
    assert_eq!(findings.iter().map(|found| &found["code"]).collect::<Vec<_>>(), ["approval.register"], "{findings:?}");
}

/// An approval that cannot be added leaves no line in the register; nor does one of an id that
/// could not be read again.
#[test]
fn what_cannot_be_approved_is_not_registered() {
    let shipped = Shipped::copy();
    let before = shipped.read("policies/register");
    let key = DEMO_KEY;
    shipped.edit("records/complaints/CP-2026-0013.md", "kind:", "approvals: {a: b}\nkind:");
    shipped.prints(2, &["approve", "CP-2026-0013", "--step", "general-manager", "--key", key]);
    shipped.edit("records/complaints/CP-2026-0014.md", "id: CP-2026-0014", "id: \"CP\\nK-9\"");
    shipped.prints(2, &["approve", "CP\nK-9", "--step", "general-manager", "--key", key]);
    assert_eq!(shipped.read("policies/register"), before);
}

/// An id that begins with `#` is no remark.
#[test]
fn every_line_with_a_seal_counts() {
    let shipped = Shipped::copy();
    let seal = format!("sha256:{}", "0".repeat(64));
    let register = shipped.read("policies/register") + &format!("# a remark\n#odd {seal}\n");
    shipped.write("policies/register", &register);
    let findings = shipped.json(1, &["check", "policies/register"]);
    let said: Vec<&str> = findings.iter().map(|found| found["message"].as_str().unwrap()).collect();
    assert!(matches!(said[..], [one] if one.contains("#odd")), "{said:?}");
}

/// Many who approve at once each get their line.
#[test]
fn lines_are_added_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("policies")).unwrap();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let root = folder.path();
            scope.spawn(move || {
                let turn = edit::Turn::take(&root.join(".chancery")).unwrap();
                edit::append_line(root, &turn, "policies/register", &format!("line {n}")).unwrap();
            });
        }
    });
    let text = std::fs::read_to_string(folder.path().join("policies/register")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, (0..8).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

/// What a record says cannot break out of the comments of a draft about it.
#[test]
fn a_title_stays_in_its_comment() {
    let shipped = Shipped::copy();
    let text = shipped.read(CUSTOMER);
    let name = text.lines().find(|line| line.starts_with("name:")).unwrap().to_owned();
    shipped.edit(CUSTOMER, &format!("{name}\n"), "name: \"甲\\ninjected: true\\n---\\n\\u001b[31m乙\"\n");
    shipped.prints(0, &["new", "credit-report", "customer=C-0006", "id=CR-X"]);
    let draft = shipped.read("drafts/reports/CR-X.md");
    assert!(draft.contains("injected"), "{draft}");
    assert!(draft.lines().all(|line| !line.starts_with("injected") && !line.contains('\u{1b}')), "{draft}");
    assert_eq!(draft.lines().filter(|line| *line == "---").count(), 2, "{draft}");
    let due = shipped.prints(0, &["due"]);
    assert!(!due.contains('\u{1b}') && due.lines().all(|line| !line.starts_with("injected")));
}

/// A circle of three superiors is told once, with the places of all three.
#[test]
fn a_circle_is_told_once_with_all_its_places() {
    let shipped = Shipped::copy();
    let row = "- {from: 2026-11-02, department: school, superior: dai.siyuan}\n";
    shipped.edit("records/people/ouyang.hui.md", "superior: lu.mingyuan}\n", &format!("superior: lu.mingyuan}}\n{row}"));
    let said = shipped.prints(1, &["check", "records/people"]);
    assert_eq!(said.matches("error[organisation.superior-circle]").count(), 1, "{said}");
    for place in ["records/people/ouyang.hui.md:8:52  error", "参见 records/people/dai.siyuan.md:", "参见 records/people/lu.jingzhi.md:"]
    {
        assert_eq!(said.matches(place).count(), 1, "{place}\n{said}");
    }
}
