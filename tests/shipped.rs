//! The shipped archive passes its own policies, and what breaks them is told at the right line.

mod support;

use std::collections::BTreeSet;
use support::Shipped;

/// A grade D customer.
const CUSTOMER: &str = "records/customers/C-0006.md";

#[test]
fn it_passes_its_own_policies() {
    let said = Shipped::copy().prints(0, &["check"]);
    assert!(!said.contains("error["), "{said}");
}

#[test]
fn it_has_the_records_of_a_company_at_work() {
    let shipped = Shipped::copy();
    let count = |kind: &str| {
        let sought = format!("type: {kind}\n");
        walkdir::WalkDir::new(shipped.path("records"))
            .into_iter()
            .filter(|entry| std::fs::read_to_string(entry.as_ref().unwrap().path()).is_ok_and(|text| text.contains(&sought)))
            .count()
    };
    assert!(count("person") >= 40 && count("customer") >= 30 && count("complaint") >= 10 && count("credit-report") >= 50);
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
    let before = shipped.read(CUSTOMER);
    shipped.sign();
    assert_eq!(shipped.read(CUSTOMER), before, "ed25519 is deterministic");
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
