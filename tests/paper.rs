//! A policy as a paper: `chancery policy print`, and what an editor is told of a draft.

mod support;

use std::{fs, process::Command};
use support::Shipped;

#[test]
fn the_paper_has_the_prose_with_its_figures_and_no_machine_part() {
    let shipped = Shipped::copy();
    let paper = shipped.prints(0, &["policy", "print", "credit"]);
    assert!(paper.contains("且自报告日起不超过 45 天"), "{paper}");
    for machine in ["{settings.", "<code>credit.d-no-credit", "class=\"examples\"", "<link ", "<script"] {
        assert!(!paper.contains(machine), "{machine}");
    }
    // Whose archive, which policy, since when, in what state, and who approved it.
    for stated in ["越岭泵阀集团档案室", "<code class=\"id\">credit</code>", "施行日期", "2024-04-01", "陆明远", "2024-03-22"]
    {
        assert!(paper.contains(stated), "{stated}");
    }
    shipped.edit("policies/credit.md", "c_report_days: {value: 45,", "c_report_days: {value: 46,");
    let paper = shipped.prints(0, &["policy", "print", "credit"]);
    assert!(paper.contains("且自报告日起不超过 46 天") && !paper.contains("45 天"));
    assert!(shipped.prints(2, &["policy", "print", "credits"]).is_empty());
}

#[test]
fn the_credit_policy_prints_on_eight_sheets_at_most() {
    let shipped = Shipped::copy();
    let folder = tempfile::tempdir().unwrap();
    let (page, pdf) = (folder.path().join("credit.html"), folder.path().join("credit.pdf"));
    fs::write(&page, shipped.prints(0, &["policy", "print", "credit"])).unwrap();
    let browser = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(browser.status.success(), "{}", String::from_utf8_lossy(&browser.stderr));
    let pdf = fs::read(&pdf).unwrap();
    let pages = pdf.windows(11).filter(|bytes| bytes.starts_with(b"/Type /Page") && bytes.len() == 11).count();
    // The tree of the pages is one of them.
    let trees = pdf.windows(12).filter(|bytes| *bytes == b"/Type /Pages").count();
    assert!((4..=8).contains(&(pages - trees)), "{}", pages - trees);
}

#[test]
fn an_editor_is_told_of_the_draft_alone() {
    let shipped = Shipped::copy();
    let text = shipped.read("policies/credit.md");
    let draft = |text: &str| {
        let path = shipped.path("draft.md");
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    // What is wrong elsewhere is none of its business.
    shipped.edit("policies/training.md", "id: weekly-study\n", "id: weekly-study\nnonsense: yes\n");
    assert_eq!(shipped.json(0, &["policy", "check", &draft(&text)]), Vec::<serde_json::Value>::new());
    let wrong = text
        .replacen("require: credit_limit == 0\nat: credit_limit\n", "require: credit_limt == 0\nat: credit_limit\n", 1)
        .replacen("额度最高为 {settings.c_limit_max}元", "额度最高为 {settings.c_limit}元", 1)
        .replacen("- breaks: {grade: C, credit_limit: 50000.01}", "- breaks: {grade: C, credit_limit: 50000}", 1);
    let told = shipped.json(1, &["policy", "check", &draft(&wrong)]);
    let codes: Vec<&str> = told.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["policy.type", "policy.example", "policy.expression"], "{told:?}");
    assert!(told.iter().all(|finding| finding["path"].as_str().unwrap().ends_with("draft.md")), "{told:?}");
}
