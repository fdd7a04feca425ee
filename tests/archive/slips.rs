//! Somebody slips while writing a policy: the mistake is told where it was made, and what follows
//! from it is not told again.

use crate::support::{golden, memory::InMemory};
use chancery::{check::told_once, diagnostic::Finding, policy::Keyword, source::Sources};
use std::{collections::BTreeSet, fmt::Write as _};

/// A finding by code, place in the archive and record.
type Likeness = (String, String, String);

fn likeness(finding: &Finding, sources: &Sources) -> Likeness {
    let path = finding.span.map(|span| sources.file(span.file).path.to_string()).unwrap_or_default();
    (finding.code.to_string(), path, finding.record.as_ref().map(ToString::to_string).unwrap_or_default())
}

/// What `check` tells beside what it tells without the slip.
fn told(archive: &mut InMemory, before: &BTreeSet<Likeness>) -> Vec<Finding> {
    archive.sign(archive.demo_day());
    let office = archive.open(archive.demo_day());
    let is_new = |finding: &Finding| !before.contains(&likeness(finding, &office.archive.sources));
    told_once(office.whole_report(), &office.archive).findings.iter().filter(|finding| is_new(finding)).cloned().collect()
}

fn before() -> BTreeSet<Likeness> {
    let archive = InMemory::shipped();
    let office = archive.open(archive.demo_day());
    office.whole_report().findings.iter().map(|finding| likeness(finding, &office.archive.sources)).collect()
}

#[test]
fn each_kind_of_block_that_is_broken_gives_three_findings_at_most() {
    let before = before();
    let shipped = InMemory::shipped();
    let policies: Vec<String> = shipped.sources().files.iter().map(|file| file.path.to_string()).collect();
    let policies: Vec<&String> = policies.iter().filter(|path| path.starts_with("policies/") && path.ends_with(".md")).collect();
    let mut tried = 0;
    for path in policies {
        let text = shipped.text(path).unwrap().to_owned();
        for kind in Keyword::ALL.map(Keyword::name) {
            let open = format!("```yaml {kind}\n");
            let Some((head, rest)) = text.split_once(&open) else { continue };
            // A setting may bear any name; its value may not be blank.
            let slip = if kind == "settings" { "figure:\n" } else { "nonsense: 1\n" };
            let mut archive = shipped.clone();
            archive.write(path, &format!("{head}{open}{slip}{rest}"));
            let told = told(&mut archive, &before);
            let messages: Vec<String> = told.iter().map(|finding| format!("{} {}", finding.code, finding.message.zh)).collect();
            assert!((1..=3).contains(&told.len()), "{path} {kind}: {messages:#?}");
            tried += 1;
        }
    }
    assert!(tried >= 30, "{tried}");
}

/// Whatever rests on the post, is approved by it or looks for it: the slip is told at its row, and
/// what is not judged in one line.
#[test]
fn a_holder_who_is_not_on_file_is_told_once_whatever_the_post() {
    let before = before();
    let shipped = InMemory::shipped();
    let text = shipped.text(ORGANISATION).unwrap().to_owned();
    let rows: Vec<usize> = text
        .match_indices("- {person: ")
        .map(|(at, row)| at + row.len())
        .chain(text.match_indices("- person: ").map(|(at, row)| at + row.len()))
        .collect();
    assert!(rows.len() >= 15, "{}", rows.len());
    for at in rows.into_iter().step_by(3) {
        let mut archive = shipped.clone();
        archive.write(ORGANISATION, &format!("{}x{}", &text[..at], &text[at..]));
        let told = told(&mut archive, &before);
        let codes: BTreeSet<&str> = told.iter().map(|finding| &*finding.code).collect();
        let row = &text[at..at + 30];
        let all = read_aloud(&told, &archive.sources());
        assert!(told.len() <= 3 && codes.contains("posts.unknown-person") && codes.contains("policy.unjudged"), "{row}: {all}");
    }
}

const CREDIT: &str = "policies/credit.md";
const ORGANISATION: &str = "policies/organisation.md";
const D_RULE: &str = "for: customer\nwhen: grade == \"D\"\nrequire: credit_limit == 0\nat: credit_limit\n";
const D_SAYS: &str = "say:\n  zh: D 级客户的信用额度须为 0\n  en: a grade D customer gets no credit limit\n";
const D_ID: &str = "```yaml rule\nid: d-no-credit\n";
const SONG: &str = "{person: song.yaqin, from: 2016-01-04}";
const OFFICER: &str = "    label: {zh: 财务专员, en: Finance officer}\n    reports_to: finance-manager\n";
const HEADING: &str = "### 第8条　等级核查";

/// What somebody writes in the place of what stands there once.
const SLIPS: [(&str, &str, &str, &str); 40] = [
    (
        "a fence that is never closed",
        CREDIT,
        "- breaks: {grade: D, credit_limit: 5000}\n```\n",
        "- breaks: {grade: D, credit_limit: 5000}\n",
    ),
    ("another kind of block", CREDIT, D_ID, "```yaml ruel\nid: d-no-credit\n"),
    ("another language of data", CREDIT, D_ID, "```yml rule\nid: d-no-credit\n"),
    ("a kind without yaml", CREDIT, D_ID, "```rule\nid: d-no-credit\n"),
    ("an id that is taken", CREDIT, D_ID, "```yaml rule\nid: c-limit\n"),
    ("no id", CREDIT, D_ID, "```yaml rule\n"),
    ("a figure with its unit of money", CREDIT, "c_limit_max: {value: 5万,", "c_limit_max: {value: 5万元,"),
    (
        "a figure with separators",
        CREDIT,
        "c_limit_max: {value: 5万, source: company, label: {zh: C 级额度的上限（元）, en: \"limit of grade C, at most (CNY)\"}}",
        "c_limit_max: 50,000",
    ),
    ("a full-width per cent", CREDIT, "b_raise_max: {value: 50%,", "b_raise_max: {value: 50％,"),
    ("full-width digits", CREDIT, "review_months: {value: 12,", "review_months: {value: １２,"),
    ("who fixed it, misspelt", CREDIT, "a_order_months: {value: 12, source: company,", "a_order_months: {value: 12, source: compny,"),
    (
        "a setting that is not there, in the prose",
        CREDIT,
        "每 {settings.review_months} 个月至少核查一次。",
        "每 {settings.review_month} 个月至少核查一次。",
    ),
    ("a type by its label", CREDIT, D_RULE, "for: 客户档案\nwhen: grade == \"D\"\nrequire: credit_limit == 0\nat: credit_limit\n"),
    ("a type that is not there", CREDIT, D_RULE, "for: custmer\nwhen: grade == \"D\"\nrequire: credit_limit == 0\nat: credit_limit\n"),
    ("a post by its label", CREDIT, "not_before: reported\nsteps: [sales-manager]", "not_before: reported\nsteps: [销售经理]"),
    ("a post by its label, in a duty", CREDIT, "who: finance-manager\n", "who: 财务经理\n"),
    ("a post that is not there", CREDIT, "who: finance-manager\n", "who: finance-manger\n"),
    (
        "a department by its label",
        CREDIT,
        "(d == \"sales\" || d == \"finance\"))\nat: proposed_by",
        "(d == \"sales\" || d == \"财务部\"))\nat: proposed_by",
    ),
    ("a heading without a blank", CREDIT, HEADING, "###第8条　等级核查"),
    ("a heading with a colon", CREDIT, HEADING, "### 第8条：等级核查"),
    ("a heading with full-width digits", CREDIT, HEADING, "### 第８条　等级核查"),
    ("a holder who is not on file", ORGANISATION, SONG, "{person: song.yaqing, from: 2016-01-04}"),
    ("a last day before the first", ORGANISATION, SONG, "{person: song.yaqin, from: 2016-01-04, until: 2015-01-04}"),
    ("a day that is none", ORGANISATION, SONG, "{person: song.yaqin, from: 2016-13-04}"),
    ("a holder without a day", ORGANISATION, SONG, "{person: song.yaqin}"),
    ("a post that reports to none", ORGANISATION, OFFICER, "    label: {zh: 财务专员, en: Finance officer}\n"),
    (
        "a post that reports to one that is not there",
        ORGANISATION,
        OFFICER,
        "    label: {zh: 财务专员, en: Finance officer}\n    reports_to: finance-mananger\n",
    ),
    ("one language", CREDIT, D_SAYS, "say: D 级客户的信用额度须为 0\n"),
    ("Chinese words alone", CREDIT, D_SAYS, "say:\n  zh: D 级客户的信用额度须为 0\n"),
    ("a full-width colon", CREDIT, D_RULE, "for: customer\nwhen：grade == \"D\"\nrequire: credit_limit == 0\nat: credit_limit\n"),
    ("one equals sign", CREDIT, D_RULE, "for: customer\nwhen: grade = \"D\"\nrequire: credit_limit == 0\nat: credit_limit\n"),
    ("quotation marks of prose", CREDIT, D_RULE, "for: customer\nwhen: grade == “D”\nrequire: credit_limit == 0\nat: credit_limit\n"),
    (
        "a word for a sign",
        CREDIT,
        D_RULE,
        "for: customer\nwhen: grade == \"D\" and credit_limit > 0\nrequire: credit_limit == 0\nat: credit_limit\n",
    ),
    ("a value that is none", CREDIT, D_RULE, "for: customer\nwhen: grade == \"E\"\nrequire: credit_limit == 0\nat: credit_limit\n"),
    ("a field that is none", CREDIT, D_RULE, "for: customer\nwhen: grade == \"D\"\nrequire: credit_limt == 0\nat: credit_limit\n"),
    ("a tab", CREDIT, D_SAYS, "say:\n\tzh: D 级客户的信用额度须为 0\n  en: a grade D customer gets no credit limit\n"),
    (
        "a severity that is none",
        CREDIT,
        D_RULE,
        "for: customer\nwhen: grade == \"D\"\nrequire: credit_limit == 0\nat: credit_limit\nseverity: warn\n",
    ),
    (
        "a brace that is never closed",
        CREDIT,
        D_SAYS,
        "say:\n  zh: D 级客户{name 的信用额度须为 0\n  en: a grade D customer gets no credit limit\n",
    ),
    ("a day of effect with slashes", CREDIT, "effective: 2024-04-01\n", "effective: 2024/04/01\n"),
    ("a status in Chinese", CREDIT, "status: in-force\n", "status: 施行\n"),
];

/// The findings of one slip, as a person reads them in both languages.
fn read_aloud(findings: &[Finding], sources: &Sources) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = finding.span.map_or_else(String::new, |span| {
            let at = sources.position(span.file, span.start);
            format!("{}:{}:{}", sources.file(span.file).path, at.line, at.column)
        });
        writeln!(text, "{place} {}", finding.code).unwrap();
        writeln!(text, "  {}", finding.message.zh).unwrap();
        writeln!(text, "  {}", finding.message.en).unwrap();
        if let Some(fix) = &finding.fix {
            writeln!(text, "  → {}\n  → {}", fix.zh, fix.en).unwrap();
        }
    }
    text
}

/// `slips.txt` is what a person reads of each.
#[test]
fn a_natural_slip_says_where_it_is_why_and_what_to_do() {
    let before = before();
    let mut read = String::new();
    for (slip, path, from, to) in SLIPS {
        let mut archive = InMemory::shipped();
        let text = archive.text(path).unwrap();
        assert!(text.contains(from), "{slip} stands nowhere in {path}");
        let text = text.replacen(from, to, 1);
        archive.write(path, &text);
        let told = told(&mut archive, &before);
        writeln!(read, "# {slip}").unwrap();
        read += &read_aloud(&told, &archive.sources());
        assert!(told.len() <= 6, "{slip}: {}", read_aloud(&told, &archive.sources()));
    }
    golden::is_kept("tests/slips.txt", &read);
}
