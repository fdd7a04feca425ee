//! What waits for approval, in words: the step, and who could take it today.

use super::Workplace;
use crate::{
    access::{Office, Outstanding, Pending},
    diagnostic::{Lang, text::visible},
    source::RecordId,
};

/// The next step of a document, under the name that it is called by here.
pub(super) fn next(workplace: &Workplace, office: &Office, called: &str, pending: &Pending) -> String {
    let step = pending.steps.first().map_or_else(String::new, |step| taken_by(workplace, office, step));
    line(workplace, called, pending, ["待批", "waits for"], &step)
}

/// Every step that is still to be taken, each on a line.
pub(super) fn all(workplace: &Workplace, office: &Office, called: &str, pending: &Pending) -> Vec<String> {
    let later = |step| line(workplace, called, pending, ["其后", "and then"], &taken_by(workplace, office, step));
    std::iter::once(next(workplace, office, called, pending)).chain(pending.steps.iter().skip(1).map(later)).collect()
}

/// How many wait, for who has not named what to look at; nothing where none does.
pub(super) fn summary(workplace: &Workplace, pending: &[Pending]) -> Option<String> {
    let count = pending.len();
    (count > 0).then(|| match workplace.lang {
        Lang::Zh => format!("另有 {count} 份待批；chancery check records policies 逐份列出"),
        Lang::En => format!("{count} waiting for approval; chancery check records policies lists them"),
    })
}

fn line(workplace: &Workplace, called: &str, pending: &Pending, words: [&str; 2], step: &str) -> String {
    let faults = match (workplace.lang, pending.faults) {
        (_, 0) => String::new(),
        (Lang::Zh, faults) => format!("；有 {faults} 处错误，改正以后才能批"),
        (Lang::En, faults) => format!("; errors to be mended before: {faults}"),
    };
    let between = workplace.say(["：", ": "]);
    visible(&format!("{called}  {}{between}{step}{faults}", workplace.say(words)))
}

/// A post with whoever could approve by it today.
fn taken_by(workplace: &Workplace, office: &Office, step: &Outstanding) -> String {
    let label = office.archive.policies.posts.label(&step.post, workplace.lang);
    let people = |people: &[RecordId]| {
        let named = people.iter().map(|id| match office.archive.record(id).map_or(&*id.0, |record| &record.title) {
            title if *title == *id.0 => id.to_string(),
            title => format!("{title} {id}"),
        });
        named.collect::<Vec<_>>().join(workplace.say(["、", ", "]))
    };
    let who = match (&step.able[..], &step.holders[..]) {
        (_, []) => workplace.say(["今天无人担任", "nobody holds it today"]).to_owned(),
        ([], holders) => workplace
            .say([
                "今天在任的 {who} 不能批：是本人所写，或已批过另一步",
                "{who} holds it today and may not: the author, or has taken another step",
            ])
            .replace("{who}", &people(holders)),
        (able, _) => people(able),
    };
    match workplace.lang {
        Lang::Zh => format!("{label}（{who}）"),
        Lang::En => format!("{label} ({who})"),
    }
}
