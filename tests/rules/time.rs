//! What was so on a day does not hang on what came after it: an archive judged on a day is judged
//! as one from which everything later was taken out.

use crate::support::memory::{InMemory, findings};
use chancery::{
    access::Office,
    archive::Record,
    diagnostic::{Finding, Lang},
    policy::Value,
    source::RecordId,
};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Days since all the rulebooks took effect, up to the one that the archive plays, spread by a
/// seed.
fn some_days(archive: &InMemory, count: u64) -> Vec<NaiveDate> {
    let seed: u64 = std::env::var("CHANCERY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    let first = NaiveDate::from_ymd_opt(2025, 3, 3).unwrap();
    let span = (archive.demo_day() - first).num_days() as u64;
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    (0..count).map(|_| first + Days::new(next() % span)).collect()
}

/// A date as it stands in a text.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim().get(..10)?, "%Y-%m-%d").ok()
}

/// The archive without what came after a day: records, rows, what was filled in later, approvals.
fn cut(archive: &InMemory, office: &Office, day: NaiveDate) -> InMemory {
    let mut cut = archive.clone();
    for record in &office.archive.records {
        let path = &*record.document.path.0;
        if record.date.is_some_and(|date| date > day) {
            cut.remove(path);
            continue;
        }
        let text = archive.text(path).unwrap();
        let Some(own) = &record.record_type else { continue };
        let rule = office.whole_approvals().of_record(&record.id).and_then(|chain| chain.rule.as_ref());
        let is_optional = |name: &str| own.fields.iter().any(|field| &*field.name == name && !field.must);
        let later: BTreeSet<&str> =
            rule.iter().flat_map(|rule| &rule.later).map(|field| &**field).filter(|field| is_optional(field)).collect();
        // A row of what is planned is not of a later day: one of what was done is.
        let has_deeds = own.sense.past.iter().any(|path| path.0.len() == 2);
        let shorter = without_later(text, &later, has_deeds, day);
        if shorter != text {
            cut.write_unsigned(path, &shorter);
        }
    }
    cut
}

/// A record's text without its rows and entries of later days.
fn without_later(text: &str, later: &BTreeSet<&str>, has_deeds: bool, day: NaiveDate) -> String {
    let Some((front, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else { return text.to_owned() };
    let mut kept: Vec<String> = Vec::new();
    let mut dropping = false;
    for line in front.lines() {
        let continues = line.starts_with("  ");
        if continues && dropping {
            continue;
        }
        let of_row = (has_deeds && line.starts_with("- {")).then(|| line.split("date: ").nth(1)).flatten().and_then(date);
        let field = line.split_once(": ").filter(|(name, _)| later.contains(name));
        dropping = of_row.is_some_and(|date| date > day) || field.and_then(|(_, value)| date(value)).is_some_and(|date| date > day);
        if !dropping {
            kept.push(unpaid(line, day));
        }
    }
    let mut kept = without_entries(kept, day);
    for at in 0..kept.len() {
        let is_bare = kept[at].ends_with(':') && kept.get(at + 1).is_none_or(|next| !next.starts_with(['-', ' ']));
        if is_bare && ["orders:", "entries:"].contains(&kept[at].as_str()) {
            kept[at] += " []";
        }
    }
    format!("---\n{}\n---\n{body}", kept.join("\n"))
}

/// An order that was paid later was not paid yet.
fn unpaid(line: &str, day: NaiveDate) -> String {
    let paid = line.split("paid_date: ").nth(1).and_then(date);
    match (paid, line.find(", paid: ")) {
        (Some(paid), Some(at)) if paid > day => format!("{}}}", &line[..at]),
        _ => line.to_owned(),
    }
}

/// Entries of approvals, each from its `- step:` to the next.
fn without_entries(lines: Vec<String>, day: NaiveDate) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut entry: Vec<String> = Vec::new();
    let is_later = |entry: &[String]| entry.iter().any(|line| line.trim().strip_prefix("at: ").and_then(date).is_some_and(|at| at > day));
    for line in lines {
        if !entry.is_empty() && !line.starts_with("  ") {
            let done = std::mem::take(&mut entry);
            kept.extend(if is_later(&done) { Vec::new() } else { done });
        }
        if line.starts_with("- step: ") {
            entry.push(line);
        } else if entry.is_empty() {
            kept.push(line);
        } else {
            entry.push(line);
        }
    }
    kept.extend(if is_later(&entry) { Vec::new() } else { entry });
    if kept.last().is_some_and(|line| line == "approvals:") {
        kept.pop();
    }
    kept
}

/// What is told of what was there on the day. That something lies in the future, is missing from
/// the register, or leads nowhere, is of what came later.
fn told(office: &Office, day: NaiveDate) -> BTreeSet<String> {
    let of_later = |finding: &serde_json::Value| {
        let code = finding["code"].as_str().unwrap();
        let record = finding["record"].as_str().and_then(|id| office.archive.record(&id.into()));
        let family =
            ["approval.", "records.", "reference.", "policy.", "posts.", "sense.future"].iter().any(|family| code.starts_with(family));
        family || record.is_some_and(|record| record.date.is_some_and(|date| date > day))
    };
    let shown =
        |finding: serde_json::Value| ["code", "state", "since", "until", "record", "message"].map(|key| finding[key].to_string()).join(" ");
    findings(office, Lang::En).into_iter().filter(|finding| !of_later(finding)).map(shown).collect()
}

#[test]
fn what_came_later_changes_nothing_of_what_was_so() {
    let archive = InMemory::shipped();
    let whole_day = archive.demo_day();
    let office = archive.open(whole_day);
    for day in some_days(&archive, 6) {
        let (whole, cut) = (archive.open(day), cut(&archive, &office, day).open(day));
        let (whole, cut) = (told(&whole, day), told(&cut, day));
        let (only_whole, only_cut): (Vec<_>, Vec<_>) = (whole.difference(&cut).collect(), cut.difference(&whole).collect());
        assert!(only_whole.is_empty() && only_cut.is_empty(), "{day}: only whole {only_whole:#?}\nonly cut {only_cut:#?}");
        assert!(!whole.is_empty(), "{day}: nothing was found at all");
    }
}

/// When the first review that graded a customer took effect.
fn first_graded(archive: &InMemory) -> BTreeMap<RecordId, NaiveDate> {
    let office = archive.open(archive.demo_day());
    let is_review = |record: &&Record| record.record_type.as_ref().is_some_and(|own| &*own.id == "grade-review");
    let mut first = BTreeMap::new();
    for review in office.archive.each_record().filter(is_review) {
        let (Some(Value::Record(customer)), Some(Value::Date(effective))) = (review.value("customer"), review.value("effective")) else {
            panic!("{}", review.id)
        };
        first.entry(customer).and_modify(|day: &mut NaiveDate| *day = effective.min(*day)).or_insert(effective);
    }
    first
}

/// What is over stays as it was told: from one day to a later one, no breach of the past changes.
/// What is told of a customer by a grade that no review had given yet is left out: the one that
/// stands in the file today is not the one of that day, of which nothing tells.
#[test]
fn what_is_over_stays_over() {
    let archive = InMemory::shipped();
    let graded = first_graded(&archive);
    assert!(graded.len() > 10, "{graded:?}");
    let past = |day: NaiveDate| -> BTreeSet<String> {
        let office = archive.open(day);
        let is_graded_later = |finding: &Finding| {
            let first = finding.record.as_ref().and_then(|customer| graded.get(customer));
            &*finding.code == "credit.report-cadence" && first.is_some_and(|first| *first > day)
        };
        let is_over = |finding: &&Finding| finding.state.ended().is_some_and(|past| past.superseded_by.is_none());
        let over = office.whole_report().past.iter().filter(is_over).filter(|finding| !is_graded_later(finding));
        over.map(|finding| format!("{} {:?} {:?} {:?}", finding.code, finding.record, finding.state.since(), finding.state.until()))
            .collect()
    };
    let mut days = some_days(&archive, 4);
    days.sort_unstable();
    for pair in days.windows(2) {
        let (earlier, later) = (past(pair[0]), past(pair[1]));
        let lost: Vec<&String> = earlier.difference(&later).collect();
        assert!(lost.is_empty(), "{} to {}: {lost:#?}", pair[0], pair[1]);
    }
}
