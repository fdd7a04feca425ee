//! Tests: chains of approvals and what is found in them. Records are written with `step`, `by` and `at`, signed with the demonstration
//! key, and then spoilt.

use super::*;
use crate::{archive::Archive, archive::tests::archive, diagnostic::Words, source::Sources};
use chrono::NaiveDate;

const HOUSE: &str = r#"---
policy: house
title: 规章
status: in-force
effective: 2026-01-10
owner: sales
approvals:
- step: president
  by: p
  at: 2026-01-09T09:00:00+08:00
---
## 第1条 文书

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
must: {name: text, joined: date, reporting: [{from: date, department: department, superior?: person}]}
may: {left: date}
```

```yaml type
id: note
label: {zh: 文书, en: Note}
author: writer
must: {writer: person}
may: {grade: text, done: text}
labels: {writer: {zh: 作者, en: Writer}, grade: {zh: 等级, en: Grade}, done: {zh: 完成, en: Done}}
```

```yaml approval
for: note
steps: [clerk, {post: president, when: has(grade)}, manager]
later: [done]
```

```yaml approval
for: policy
steps: [president]
```

## 第2条 岗位

```yaml posts
posts:
  clerk: {label: {zh: 文员, en: clerk}, held_by: [{person: a, from: 2026-01-01, until: 2026-02-28}, {person: b, from: 2026-03-01}, {person: m, from: 2026-01-01}]}
  manager: {label: {zh: 经理, en: manager}, held_by: [{person: m, from: 2026-01-01}]}
  president: {label: {zh: 总裁, en: president}, held_by: [{person: p, from: 2026-01-01}]}
departments:
  sales: {label: {zh: 销售部, en: Sales}}
```
"#;

const SIGNERS: &str = include_str!("../../policies/allowed_signers");

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).expect("the day of the tests is one")
}

fn demo_key() -> PrivateKey {
    read_key(include_str!("../../tests/demo_key")).expect("the demonstration key is one")
}

/// A note by `w` with these entries, signed anew, and then with one text put for another.
fn note(entries: &[&str], spoil: (&str, &str)) -> Archive {
    let entries: String = entries.iter().map(|entry| format!("- {{{entry}}}\n")).collect();
    let text = format!("---\ntype: note\nid: N-1\nwriter: w\napprovals:\n{entries}---\n## 正文\n文\n");
    let house = signed(&[("policies/house.md", HOUSE), ("records/n.md", &text)]);
    let text = |path: &str| house.sources.by_path(path).map_or("", |file| &file.text).to_owned();
    let spoilt = text("records/n.md").replacen(spoil.0, spoil.1, 1);
    files(&[("policies/house.md", &text("policies/house.md")), ("records/n.md", &spoilt)])
}

fn files(files: &[(&str, &str)]) -> Archive {
    let common = [("chancery.yaml", "time_zone: '+08:00'\n"), ("policies/allowed_signers", SIGNERS)];
    let all: Vec<(&str, &str)> = common.into_iter().chain(files.iter().copied()).collect();
    archive(&all)
}

/// The archive with every approval signed anew.
fn signed(texts: &[(&str, &str)]) -> Archive {
    let before = files(texts);
    let resigned = resign(&before, today(), &demo_key()).expect("the entries of this test can be signed");
    let now = |path: &str, text: &str| resigned.iter().find(|r| &*r.path.0 == path).map_or(text.to_owned(), |r| r.text.clone());
    let texts: Vec<(&str, String)> = texts.iter().map(|(path, text)| (*path, now(path, text))).collect();
    files(&texts.iter().map(|(path, text)| (*path, &**text)).collect::<Vec<_>>())
}

/// Each finding as `code [what is pointed at] message`.
fn found(archive: &Archive) -> Vec<String> {
    let show = |finding: &crate::diagnostic::Finding| {
        let at = finding.span.map_or("", |span| archive.sources.slice(span));
        let at: String = at.chars().take(24).collect();
        format!("{} [{at}] {}", finding.code, finding.message.en)
    };
    Approvals::judge(archive, today()).findings.iter().map(show).collect()
}

const NOTHING: (&str, &str) = ("", "");
const CLERK: &str = "step: clerk, by: b, at: 2026-03-02T09:00:00+08:00";
const MANAGER: &str = "step: manager, by: m, at: 2026-03-03T09:00:00+08:00";

#[test]
fn a_chain_in_order_has_no_flaw() {
    for entries in [
        &[][..],
        &[CLERK],
        &[CLERK, MANAGER],
        &[MANAGER, CLERK],
        &[CLERK, "step: president, by: p, at: 2026-03-02T10:00:00+08:00", MANAGER],
        &["step: 文员, by: b, at: 2026-03-02T09:00:00+08:00"],
        &["step: clerk, by: a, at: 2026-02-28T23:59:59+08:00"],
        &["step: clerk, by: b, at: 2026-02-28T16:00:00Z"],
    ] {
        let archive = note(entries, NOTHING);
        assert_eq!(found(&archive), Vec::<String>::new(), "{entries:?}");
        let approvals = Approvals::judge(&archive, today());
        let chain = &approvals.chains[&RecordId::from("N-1")];
        assert!(chain.entries.len() == entries.len() && chain.entries.iter().all(|entry| entry.valid));
        assert!(approvals.chains[&RecordId::from("policies/house")].step("president").is_some());
    }
}

#[test]
fn each_flaw_is_told_at_its_place() {
    for (entries, spoil, expected) in [
        (
            &["step: clerk, by: w, at: 2026-03-02T09:00:00+08:00"][..],
            NOTHING,
            &["approval.own-record [w] w approved his or her own record", "approval.post [w] w was not clerk on 2026-03-02"][..],
        ),
        (
            &["step: clerk, by: m, at: 2026-03-02T09:00:00+08:00", MANAGER],
            NOTHING,
            &["approval.same-person [m] m has already approved step `clerk` and may not approve `manager` too"],
        ),
        (&[MANAGER], NOTHING, &["approval.order [manager] manager approved before clerk had"]),
        (
            &["step: clerk, by: b, at: 2026-03-04T09:00:00+08:00", MANAGER],
            NOTHING,
            &["approval.order [manager] manager approved before clerk had"],
        ),
        (
            &[CLERK, "step: president, by: p, at: 2026-03-09T10:00:00+08:00", MANAGER],
            NOTHING,
            &["approval.order [manager] manager approved before president had"],
        ),
        (
            &["step: clerk, by: b, at: 2026-06-01T16:00:00Z"],
            NOTHING,
            &["approval.future [2026-06-01T16:00:00Z] approved on 2026-06-02, which is after today (2026-06-01)"],
        ),
        (&["step: clerk, by: a, at: 2026-03-01T00:00:00+08:00"], NOTHING, &["approval.post [a] a was not clerk on 2026-03-01"]),
        (&[CLERK], ("文\n", "武\n"), &["approval.stale [sha256:SEAL] the content was changed after this approval, which no longer counts"]),
        (
            &[CLERK, MANAGER],
            ("writer: w", "writer: v"),
            &[
                "approval.stale [sha256:SEAL] the content was changed after this approval, which no longer counts",
                "approval.stale [sha256:SEAL] the content was changed after this approval, which no longer counts",
            ],
        ),
        (&[CLERK], ("writer: w", "writer: w\ndone: yes"), &[]),
        (&[CLERK], ("by: b", "by: m"), &["approval.unsigned [U1NIU0lHAAAAAQAAADMAAAAL] the signature is not of this approval"]),
        (&[CLERK], ("09:00", "09:01"), &["approval.unsigned [U1NIU0lHAAAAAQAAADMAAAAL] the signature is not of this approval"]),
        (&[CLERK], ("signature: U1", "signature: V1"), &["approval.unsigned [V1NIU0lHAAAAAQAAADMAAAAL] the signature cannot be read"]),
        (
            &[CLERK],
            ("step: clerk", "step: clark"),
            &[
                "approval.form [clark] the chain of approval has no step `clark`",
                "approval.post [b] b was not clark on 2026-03-02",
                "approval.unsigned [U1NIU0lHAAAAAQAAADMAAAAL] the signature is not of this approval",
            ],
        ),
        (&[CLERK], ("seal: sha256:", "seal: sha1:"), &["approval.form [sha1:SEAL] a seal is written as sha256: and 64 hexadecimal digits"]),
        (&[CLERK], ("by: b", "by: "), &["approval.form [{step: clerk, by: , at: ] this approval lacks `by`"]),
        (&[CLERK], ("by: b", "from: b"), &["approval.form [from] an approval has no `from`"]),
        (
            &[CLERK],
            ("T09", " 09"),
            &["approval.form [2026-03-02 09:00:00+08:0] the time of an approval is written like 2026-03-05T10:22:31+08:00"],
        ),
        (&[CLERK], ("- {", "- x\n- {"), &["approval.form [x] this approval is not made of keys and values"]),
        (&[], ("approvals:\n", "approvals: yes\n"), &["approval.form [yes] `approvals` must be a list"]),
        (&[CLERK], ("by: b", "by: \"b\\nat: x\""), &["approval.form [\"b\\nat: x\"] `by` must be one line of text"]),
    ] {
        let archive = note(entries, spoil);
        let found: Vec<String> = found(&archive).iter().map(|line| without_digits(line)).collect();
        assert_eq!(found, expected, "{entries:?} {spoil:?}");
    }
}

/// A finding's line with the digits of a seal left out.
fn without_digits(line: &str) -> String {
    let (head, tail) = line.split_once("] ").unwrap_or((line, ""));
    let cut = head.find("sha256:").map(|at| at + 7).or_else(|| head.find("sha1:").map(|at| at + 5));
    cut.map_or(line.to_owned(), |cut| format!("{}SEAL] {tail}", &head[..cut]))
}

#[test]
fn an_entry_that_nobody_signed_is_none() {
    let sealed = format!("{CLERK}, seal: sha256:{}", "0".repeat(64));
    for (entry, expected) in [
        (CLERK, &["approval.unsigned [{step: clerk, by: b, at:] this approval has no seal"][..]),
        (
            &*sealed,
            &[
                "approval.stale [sha256:SEAL] the content was changed after this approval, which no longer counts",
                "approval.unsigned [{step: clerk, by: b, at:] this approval is not signed",
            ],
        ),
    ] {
        let house = signed(&[("policies/house.md", HOUSE)]);
        let house = house.sources.by_path("policies/house.md").map_or("", |file| &file.text);
        let text = format!("---\ntype: note\nid: N-1\nwriter: w\napprovals: [{{{entry}}}]\n---\n");
        let found: Vec<String> =
            found(&files(&[("policies/house.md", house), ("records/n.md", &text)])).iter().map(|line| without_digits(line)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_changed_document_may_be_approved_anew() {
    let old = note(&[CLERK], NOTHING);
    let stale = old.sources.by_path("records/n.md").map_or("", |file| &file.text).replace("文\n", "武\n");
    let spoilt = files(&[("policies/house.md", HOUSE), ("records/n.md", &stale)]);
    let subject = Subject::named(&RecordId::from("N-1"), &spoilt, today()).expect("the note is there");
    let (by, at) = (RecordId::from("b"), crate::archive::shape::timestamp("2026-04-01T09:00:00+08:00").expect("a time"));
    let fields = entry(&subject.id, "clerk", &by, at, &subject.seal(&spoilt), &demo_key()).expect("the demonstration key signs");
    let item: Vec<String> = fields.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let anew = stale.replacen("\n---\n##", &format!("\n- {{{}}}\n---\n##", item.join(", ")), 1);
    let house = old.sources.by_path("policies/house.md").map_or("", |file| &file.text);
    let archive = files(&[("policies/house.md", house), ("records/n.md", &anew)]);
    assert_eq!(found(&archive), Vec::<String>::new());
    let approvals = Approvals::judge(&archive, today());
    let states: Vec<bool> = approvals.chains[&RecordId::from("N-1")].entries.iter().map(|entry| entry.valid).collect();
    assert_eq!(states, [false, true]);
}

#[test]
fn a_policy_is_approved_before_it_takes_effect() {
    let policy = |spoil: (&str, &str)| {
        let archive = signed(&[("policies/house.md", HOUSE)]);
        let text = archive.sources.by_path("policies/house.md").map_or("", |file| &file.text).replacen(spoil.0, spoil.1, 1);
        found(&files(&[("policies/house.md", &text)]))
    };
    let unapproved = "in effect from 2026-01-10, and not validly approved by president before";
    let stale = "approval.stale [sha256:SEAL] the content was changed after this approval, which no longer counts";
    for (spoil, expected) in [
        (NOTHING, vec![]),
        (("规章", "新规章"), vec![stale.to_owned(), format!("policy.approved [in-force] {unapproved}")]),
        // with it go the posts that it lists
        (("status: in-force", "status: draft"), vec!["approval.post [p] p was not president on 2026-01-09".to_owned(), stale.to_owned()]),
        (("status: in-force", "status: trial"), vec![stale.to_owned(), format!("policy.approved [trial] {unapproved}")]),
    ] {
        let found: Vec<String> = policy(spoil).iter().map(|line| without_digits(line)).collect();
        assert_eq!(found, expected, "{spoil:?}");
    }
    let late = HOUSE.replace("2026-01-09T09", "2026-01-11T09");
    let archive = signed(&[("policies/house.md", &late)]);
    assert_eq!(found(&archive), [format!("policy.approved [in-force] {unapproved}")]);
}

#[test]
fn an_archive_that_trusts_no_key_has_no_approval() {
    let archive = note(&[CLERK], NOTHING);
    let approvals = Approvals::judge_by(&archive, today(), &AllowedSigners::default());
    let found: Vec<&str> = approvals.findings.iter().map(|finding| &*finding.message.en).collect();
    assert_eq!(
        found,
        [
            "the signature's key may not sign for b at that time",
            "the signature's key may not sign for p at that time",
            "in effect from 2026-01-10, and not validly approved by president before"
        ]
    );
    let refused = archive.sources.with("policies/allowed_signers", "# none\n* ssh-ed25519 AAAA\n");
    let archive = Archive::build(std::sync::Arc::new(refused), archive.policies.clone(), archive.settings.clone());
    let last = Approvals::judge(&archive, today()).findings.pop().expect("the line is told");
    assert_eq!(
        last.message,
        Words::new(
            "这一行不能确认任何人的签名：选项未知或重复",
            "this line lets nobody sign: an option that is not known here, or is given twice"
        )
    );
    assert_eq!(last.span.map(|span| archive.sources.slice(span)), Some("* ssh-ed25519 AAAA"));
}

#[test]
fn signing_anew_touches_only_seals_and_signatures() {
    let marks = |text: &str| {
        let keep = |line: &&str| !["seal:", "signature:"].iter().any(|key| line.trim_start_matches([' ', '-']).starts_with(key));
        text.split_inclusive('\n').filter(keep).collect::<String>()
    };
    for front in [
        "approvals:\n- step: clerk\n  by: b\n  at: 2026-03-02T09:00:00+08:00\n",
        "approvals:\n  # 注\n  - step: clerk # 甲\n    by: b\n    at: 2026-03-02T09:00:00+08:00 # 乙\n# 丙\ngrade: x\n",
        "approvals:\r\n- step: clerk\r\n  by: b\r\n  at: 2026-03-02T09:00:00+08:00\r\n  seal:\r\n  signature: old\r\ngrade: x\r\n",
        "approvals:\n-   seal: sha256:00\n    signature: x\n    by: b\n    at: 2026-03-02T09:00:00+08:00\n    step: clerk\n",
    ] {
        let text = format!("---\ntype: note\nid: N-1\nwriter: w\n{front}---\n文");
        let before = files(&[("policies/house.md", HOUSE), ("records/n.md", &text)]);
        let resigned = resign(&before, today(), &demo_key()).expect("the entries of this test can be signed");
        let anew = &resigned.iter().find(|r| &*r.path.0 == "records/n.md").expect("it is signed anew").text;
        assert_eq!(marks(anew), marks(&text));
        let archive = signed(&[("policies/house.md", HOUSE), ("records/n.md", anew)]);
        assert_eq!(found(&archive), Vec::<String>::new(), "{anew}");
        assert_eq!(resign(&archive, today(), &demo_key()).expect("the same again"), [], "signing anew twice changes nothing");
    }
    let bare = files(&[("records/n.md", "---\ntype: note\napprovals: [{step: clerk, by: b}]\n---\n"), ("policies/house.md", HOUSE)]);
    let why = resign(&bare, today(), &demo_key()).map_err(|error| error.to_string());
    assert_eq!(why, Err("records/n.md: approval 1 has no at that can be signed".to_owned()));
}

#[test]
fn of_two_records_of_one_id_both_are_judged() {
    let text = |word: &str| format!("---\ntype: note\nid: N-1\nwriter: w\napprovals:\n- {{{CLERK}}}\n---\n{word}\n");
    let archive = signed(&[("policies/house.md", HOUSE), ("records/a.md", &text("甲")), ("records/b.md", &text("乙"))]);
    let spoilt = |path: &str, word: &str| {
        let text = archive.sources.by_path(path).map_or("", |file| &file.text).replace(word, "丙");
        let sources: Sources = archive.sources.with(path, &text);
        let archive = Archive::build(std::sync::Arc::new(sources), archive.policies.clone(), archive.settings.clone());
        let approvals = Approvals::judge(&archive, today());
        (approvals.findings.len(), approvals.chains[&RecordId::from("N-1")].entries[0].valid)
    };
    assert_eq!(spoilt("records/a.md", "甲"), (1, false));
    assert_eq!(spoilt("records/b.md", "乙"), (1, true));
}
