//! On paper: a policy (`chancery policy print`), a form (`chancery print`); and what an editor is
//! told of a draft.

use crate::support::{self, Shipped};
use std::{fs, process::Command};

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
    let pages = pdf.windows(11).filter(|bytes| *bytes == b"/Type /Page").count();
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

#[test]
fn a_transaction_card_prints_blank_and_filled_in_in_two_copies() {
    let shipped = Shipped::copy();
    let blank = shipped.prints(0, &["print", "客户交易卡"]);
    assert_eq!(blank, shipped.prints(0, &["print", "transaction-card"]));
    for stated in ["越岭泵阀集团档案室", "第 1 份，共 2 份", "第 2 份，共 2 份", "建卡日期 *", "☐ 连带保证", "第13条2"]
    {
        assert!(blank.contains(stated), "{stated}");
    }
    let card = shipped.read("records/transaction-cards/TC-20250904-krii.md");
    assert!(card.contains("conditions: [contract, personal-guarantor]"));
    let filled = shipped.prints(0, &["print", "TC-20250904-krii"]);
    for stated in ["TC-20250904-krii", "☑ 签订合同", "☑ 个人保证", "☐ 连带保证", "2025-09-04"] {
        assert!(filled.contains(stated) && (stated.starts_with('☐') || !blank.contains(stated)), "{stated}");
    }
    for machine in ["<link ", "<script", "http-equiv", "class=\"foot\""] {
        assert!(!blank.contains(machine) && !filled.contains(machine), "{machine}");
    }
    assert_eq!(shipped.prints(0, &["print", "transaction-card", "--copies", "3"]).matches("<article").count(), 3);
    let english = shipped.prints(0, &["print", "customer", "--lang", "en"]);
    assert!(english.contains("Copy 1 of 2") && english.contains("Contact · Phone *") && english.contains("Signature"), "{english}");
    for wrong in [["--copies", "0"], ["--copies", "21"], ["--copies", "two"]] {
        assert!(shipped.prints(2, &[&["print", "customer"][..], &wrong].concat()).is_empty());
    }
}

#[test]
fn every_type_has_a_form_that_its_records_fill_in() {
    // A blank form needs no records.
    let (shipped, bare) = (Shipped::copy(), Shipped::people());
    let types = bare.json(0, &["policy", "list"]);
    let types = types.iter().filter(|block| block["kind"] == "type").map(|block| (&bare, block["id"].as_str().unwrap()));
    let records = ["C-0007", "SR-20260806-kc3f", "CI-20260513-ilxc", "lu.mingyuan"].map(|record| (&shipped, record));
    let mut printed = 0;
    for (archive, what) in types.chain(records) {
        let form = archive.prints(0, &["print", what, "--copies", "1"]);
        assert!(form.contains("<dl class=\"places\">\n<div"), "{what}: {form}");
        printed += 1;
    }
    assert!(printed > 40, "{printed}");
}

/// What a person wrote and nobody understood does not look as if nothing had been written.
#[test]
fn what_was_not_understood_stands_on_the_form_as_it_is_written() {
    let shipped = Shipped::copy();
    shipped.edit(
        "records/transaction-cards/TC-20250904-krii.md",
        "conditions: [contract, personal-guarantor]",
        "conditions: [contract, magic]",
    );
    let form = shipped.prints(0, &["print", "TC-20250904-krii", "--copies", "1"]);
    assert!(form.contains("☐ 签订合同") && form.contains("<code>conditions</code>") && form.contains("magic"), "{form}");
    assert!(!shipped.prints(0, &["print", "TC-20241210-eck4", "--copies", "1"]).contains("<pre>"));
}

#[test]
fn a_form_is_filled_in_with_what_its_reader_may_read_and_take_away() {
    let shipped = Shipped::copy();
    let told = |arguments: &[&str]| {
        let output = shipped.run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    // What he may not see, and what is not there, are told alike.
    let hidden = told(&["print", "TC-20250904-krii", "--as", "cao.guilan"]);
    let missing = told(&["print", "TC-20250904-krix", "--as", "cao.guilan"]);
    assert_eq!(hidden.replace("krii", "krix"), missing);
    // For reading alone: nothing of it goes on paper.
    let kept = told(&["print", "C-0012", "--as", "liu.qingping"]);
    assert!(kept.contains("只可在线阅读"), "{kept}");
}

#[test]
fn whoever_is_signed_in_prints_the_form_from_its_page() {
    let running = support::intranet::Running::shipped();
    let signed = running.sign_in("lu.mingyuan");
    let record = signed.get("/records/TC-20250904-krii/").text();
    assert!(record.contains("href=\"/records/TC-20250904-krii/form/\">打印成表格</a>"), "{record}");
    let form = signed.get("/records/TC-20250904-krii/form/");
    for stated in ["第 1 份，共 2 份", "第 2 份，共 2 份", "TC-20250904-krii", "☑ "] {
        assert!(form.status() == 200 && form.text().contains(stated), "{stated}");
    }
    let list = signed.get("/types/transaction-card/").text();
    assert!(list.contains("href=\"/types/transaction-card/form/\">打印空白表格</a>"), "{list}");
    assert!(signed.get("/types/transaction-card/form/").text().contains("☐ 连带保证"));
    // Who may not read the record has no form of it.
    let other = running.sign_in("tian.shuisheng");
    assert_eq!(other.get("/records/TC-20250904-krii/form/").status(), 404);
    assert_eq!(other.get("/records/TC-20250904-krii/form/").undated().1, other.get("/records/nothing/form/").undated().1);
}

#[test]
fn on_a_form_in_several_copies_no_id_stands_twice() {
    let shipped = Shipped::copy();
    let path = shipped.path_of("C-0007");
    shipped.write(&path, &(shipped.read(&path) + "\n注[^1]，又[^1]。\n\n## 联系方式\n\n[^1]: 脚注。\n"));
    for (what, copies, least) in [("C-0007", "1", 4), ("C-0007", "2", 8), ("C-0007", "5", 20), ("C-0004", "3", 3), ("customer", "2", 0)] {
        let form = shipped.prints(0, &["print", what, "--copies", copies]);
        let ids: Vec<&str> = form.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let different: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert!(ids.len() >= least && different.len() == ids.len(), "{what} × {copies}: {ids:?}");
    }
}
