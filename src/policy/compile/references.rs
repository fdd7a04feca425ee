//! What the front matter of policies says of each other: policies that they name, owners, and the days on which they take effect.

use super::{
    desk::{code, write},
    draft::Draft,
    names::{Names, Told},
};
use crate::{
    diagnostic::{Finding, Words, nearest},
    policy::{Policy, Status},
    source::Span,
};

pub(super) fn check(drafts: &[Draft], names: &[Names], told: &Told, findings: &mut Vec<Finding>) {
    for (draft, names) in drafts.iter().zip(names) {
        findings.extend(owner(draft, names).filter(|_| draft.policy.owner.as_ref().is_none_or(|owner| !told.contains(owner))));
        findings
            .extend(draft.policy.refers_to.iter().filter(|(id, _)| !told.contains(id)).filter_map(|(id, span)| policy(drafts, id, *span)));
    }
    let standing: Vec<&Draft> = drafts.iter().filter(|draft| draft.policy.status != Status::Draft).collect();
    findings.extend(standing.windows(2).filter_map(same_day));
    let first = |i: usize| i == 0 || standing[i - 1].policy.id != standing[i].policy.id;
    let withdrawing = standing.iter().enumerate().filter(|(i, draft)| first(*i) && draft.policy.status == Status::Withdrawn);
    findings.extend(withdrawing.filter_map(|(_, draft)| withdraws_nothing(&draft.policy)));
}

/// A company without departments cannot name one.
fn owner(draft: &Draft, names: &Names) -> Option<Finding> {
    let owner = draft.policy.owner.as_ref()?;
    if names.departments.is_empty() || names.departments.contains(owner) {
        return None;
    }
    let span = draft.policy.document.front.get("owner")?.span;
    let message = Words::new(format!("没有部门“{owner}”"), format!("there is no department “{owner}”"));
    Some(unknown(span, message, nearest(owner, names.departments.iter().map(|d| &**d))))
}

fn policy(drafts: &[Draft], id: &str, span: Span) -> Option<Finding> {
    if drafts.iter().any(|d| *d.policy.id == *id) {
        return None;
    }
    let message = Words::new(format!("没有制度“{id}”"), format!("there is no policy “{id}”"));
    Some(unknown(span, message, nearest(id, drafts.iter().map(|d| &*d.policy.id))))
}

fn unknown(span: Span, message: Words, meant: Option<&str>) -> Finding {
    let finding = Finding::error(code::REFERENCE, span, message);
    match meant {
        Some(meant) => finding.with_fix(write(meant)),
        None => finding,
    }
}

/// Of two versions that take effect on the same day nobody could tell which one stands.
fn same_day(pair: &[&Draft]) -> Option<Finding> {
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

/// Whoever writes `withdrawn` into the document that was in force takes the law from the records of its time.
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
