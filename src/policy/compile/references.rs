//! What the front matter of policies says of each other: policies that they name, owners, and the
//! days on which they take effect.

use super::{
    desk::{code, stretch, write},
    draft::UnreadPolicy,
    names::{Names, Reported},
};
use crate::{
    diagnostic::{Finding, Words, nearest},
    document::{ProseRun, Writing},
    policy::{Policy, Status, Unenforced, figure},
    source::Span,
};
use std::{ops::Range, sync::Arc};

pub(super) fn check(drafts: &[UnreadPolicy], names: &[Names], told: &Reported, findings: &mut Vec<Finding>) {
    for (draft, names) in drafts.iter().zip(names) {
        findings.extend(owner(draft, names).filter(|_| draft.policy.owner.as_ref().is_none_or(|owner| !told.contains(owner))));
        findings
            .extend(draft.policy.refers_to.iter().filter(|(id, _)| !told.contains(id)).filter_map(|(id, span)| policy(drafts, id, *span)));
    }
    let standing: Vec<&UnreadPolicy> = drafts.iter().filter(|draft| draft.policy.status != Status::Draft).collect();
    findings.extend(standing.windows(2).filter_map(same_day));
    let first = |i: usize| i == 0 || standing[i - 1].policy.id != standing[i].policy.id;
    let withdrawing = standing.iter().enumerate().filter(|(i, draft)| first(*i) && draft.policy.status == Status::Withdrawn);
    findings.extend(withdrawing.filter_map(|(_, draft)| withdraws_nothing(&draft.policy)));
}

/// Articles that are said to be prose, and are not there.
pub(super) fn of_unenforced(policy: &Policy) -> Vec<Finding> {
    let missing = policy.unenforced.iter().filter(|(key, ..)| policy.article(key).is_none());
    let finding = |(key, span, _): &(Arc<str>, Span, Unenforced)| {
        let message = Words::new(format!("这份制度没有“{key}”这一条"), format!("this policy has no article “{key}”"));
        unknown(code::REFERENCE, *span, message, nearest(key, policy.articles.iter().map(|article| &*article.key)))
    };
    missing.map(finding).collect()
}

/// Settings that the prose names and the policy has not.
pub(super) fn of_figures(policy: &Policy, text: &str, told: &Reported) -> Vec<Finding> {
    let writing = Writing::read(text, policy.document.body.span);
    let runs = writing.prose.iter().chain(&writing.cells);
    let named = runs.flat_map(|run| figure::named(&run.text).into_iter().map(move |(at, name)| (run, at, name)));
    let unknown = named.filter(|(_, _, name)| !policy.figures.contains_key(*name) && !told.contains(name));
    let finding = |(run, at, name): (&ProseRun, Range<usize>, &str)| {
        // What is written with escapes is pointed at as a whole.
        let is_verbatim = run.text.len() == (run.span.end - run.span.start) as usize;
        let span = if is_verbatim { stretch(run.span, run.span.start + at.start as u32, at.len()) } else { run.span };
        let message = Words::new(
            format!("正文写到数额“{name}”，这份制度的 settings 里没有"),
            format!("the prose names the setting “{name}”, which this policy has not"),
        );
        self::unknown(code::TYPE, span, message, nearest(name, policy.figures.keys().map(|known| &**known)))
    };
    unknown.map(finding).collect()
}

/// A company without departments cannot name one.
fn owner(draft: &UnreadPolicy, names: &Names) -> Option<Finding> {
    let owner = draft.policy.owner.as_ref()?;
    if names.departments.is_empty() || names.department(owner).is_some() {
        return None;
    }
    let span = draft.policy.document.front.get("owner")?.span;
    let message = Words::new(format!("没有部门“{owner}”"), format!("there is no department “{owner}”"));
    Some(unknown(code::REFERENCE, span, message, nearest(owner, names.departments.iter().map(|d| &**d))))
}

fn policy(drafts: &[UnreadPolicy], id: &str, span: Span) -> Option<Finding> {
    if drafts.iter().any(|d| *d.policy.id == *id) {
        return None;
    }
    let message = Words::new(format!("没有制度“{id}”"), format!("there is no policy “{id}”"));
    Some(unknown(code::REFERENCE, span, message, nearest(id, drafts.iter().map(|d| &*d.policy.id))))
}

fn unknown(code: &str, span: Span, message: Words, meant: Option<&str>) -> Finding {
    let finding = Finding::error(code, span, message);
    match meant {
        Some(meant) => finding.with_fix(write(meant)),
        None => finding,
    }
}

/// Of two versions that take effect on the same day nobody could tell which one stands.
fn same_day(pair: &[&UnreadPolicy]) -> Option<Finding> {
    if pair.iter().any(|draft| draft.stands_in) {
        return None;
    }
    let [a, b] = [&pair.first()?.policy, &pair.get(1)?.policy];
    if a.id != b.id || a.effective != b.effective {
        return None;
    }
    let span = |policy: &Policy| policy.document.front.get("effective").map(|n| n.span);
    let message = Words::new(
        format!("制度“{}”有两个版本自同一天起施行", b.id),
        format!("two versions of policy “{}” take effect on the same day", b.id),
    );
    let mut finding = Finding::error(code::STATUS, span(b)?, message);
    finding.related.extend(span(a).map(|span| (span, Words::new("另一个版本", "the other version"))));
    Some(finding)
}

/// Whoever writes `withdrawn` into the document that was in force takes the law from the records of
/// its time.
fn withdraws_nothing(policy: &Policy) -> Option<Finding> {
    let message = Words::new(
        format!("制度“{}”没有更早的版本可废止；此前的档案也不再受它约束", policy.id),
        format!("policy “{}” has no earlier version to withdraw: it no longer binds the records of its own time either", policy.id),
    );
    let fix = Words::new(
        "原文件保持不变；另写一份同一编号的文件，status 写 withdrawn，effective 写废止之日",
        "leave the document as it was, and write another of the same id beside it: status withdrawn, effective on the day of withdrawal",
    );
    Some(Finding::error(code::STATUS, policy.document.front.get("status")?.span, message).with_fix(fix))
}
