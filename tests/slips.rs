//! Somebody slips while writing a policy: the mistake is told where it was made, and what follows from it is not told again.

mod support;

use chancery::diagnostic::Finding;
use std::collections::BTreeSet;
use support::memory::InMemory;

/// What is found beside what is found without the slip: by code, place in the archive and record.
fn told(archive: &mut InMemory, before: &BTreeSet<(String, String, String)>) -> Vec<Finding> {
    archive.sign(archive.demo_day());
    let office = archive.open(archive.demo_day());
    let sources = &office.archive.sources;
    let likeness = |finding: &Finding| {
        let path = finding.span.map(|span| sources.file(span.file).path.to_string()).unwrap_or_default();
        (finding.code.to_string(), path, finding.record.as_ref().map(ToString::to_string).unwrap_or_default())
    };
    office.report.findings.iter().filter(|finding| !before.contains(&likeness(finding))).cloned().collect()
}

fn before() -> BTreeSet<(String, String, String)> {
    let archive = InMemory::shipped();
    let office = archive.open(archive.demo_day());
    let likeness = |finding: &Finding| {
        let path = finding.span.map(|span| office.archive.sources.file(span.file).path.to_string()).unwrap_or_default();
        (finding.code.to_string(), path, finding.record.as_ref().map(ToString::to_string).unwrap_or_default())
    };
    office.report.findings.iter().map(likeness).collect()
}

const KINDS: [&str; 8] = ["type", "rule", "duty", "approval", "access", "style", "posts", "settings"];

#[test]
fn each_kind_of_block_that_is_broken_gives_three_findings_at_most() {
    let before = before();
    let shipped = InMemory::shipped();
    let policies: Vec<String> = shipped.sources().files.iter().map(|file| file.path.to_string()).collect();
    let policies: Vec<&String> = policies.iter().filter(|path| path.starts_with("policies/") && path.ends_with(".md")).collect();
    let mut tried = 0;
    for path in policies {
        let text = shipped.text(path).unwrap().to_owned();
        for kind in KINDS {
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
