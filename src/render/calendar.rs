//! What is due as a calendar (RFC 5545): a whole day for each duty that a reader may know of. Equal
//! views on equal days give equal bytes.
//!
//! An event is known again by its UID, whichever day and in whichever language it is asked for, and
//! whoever asks: it is made of the duty, the record and the row. Who is told of a duty without
//! knowing what it rests on gets one that is made of nothing but what he is told, for a digest of a
//! hidden row could be tried out, and would tell when the row changes.

use super::{plain, words::word};
use crate::{
    access::View,
    check::{Due, DueState, Which},
    diagnostic::Lang,
};
use chrono::{NaiveDate, NaiveTime};
use icalendar::{Calendar, Class, Component, Event, EventLike, Property};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::BTreeMap, fmt::Write};

/// What a UID ends in.
const SUFFIX: &str = "@due.chancery";

/// Octets of a line, its end not counted (RFC 5545, 3.1).
const LINE: usize = 75;

/// Characters of a title and of a description: more than anybody reads.
const TITLE: usize = 200;
const DESCRIPTION: usize = 2000;

/// The calendar of a view's duties.
pub fn calendar(view: &View<'_>, lang: Lang) -> String {
    let name = match lang {
        Lang::Zh => format!("{}：到期事项", view.settings().name_in(lang)),
        Lang::En => format!("{}: what is due", view.settings().name_in(lang)),
    };
    let mut calendar = Calendar::empty();
    // Without a METHOD: that is for what is sent to somebody, and would want an ORGANIZER (RFC
    // 5546, 3.2.1).
    let head = [("VERSION", "2.0"), ("PRODID", "-//Chancery//Chancery//EN"), ("CALSCALE", "GREGORIAN")];
    head.into_iter().chain([("X-WR-CALNAME", &*plain_text(&name))]).for_each(|(key, value)| {
        calendar.append_property(Property::new(key, value));
    });
    for (uid, due) in with_uids(view) {
        calendar.push(event(view, &due, &uid, lang));
    }
    folded(&calendar.to_string())
}

fn event(view: &View<'_>, due: &Due, uid: &str, lang: Lang) -> Event {
    let mut event = Event::with_uid(uid);
    event.timestamp(view.today().and_time(NaiveTime::MIN).and_utc());
    // Without an end it lasts that day (RFC 5545, 3.6.1).
    event.starts(due.due);
    event.summary(&short(&plain_text(&title(view, due, lang)), TITLE));
    event.description(&short(&plain_text(&description(view, due, lang)), DESCRIPTION));
    event.categories([state(due, lang), &*plain_text(&due.citation.title)]);
    // It takes up no time, and in a calendar that others see it does not say what it is.
    event.add_property("TRANSP", "TRANSPARENT");
    event.class(Class::Private);
    event.done()
}

fn state(due: &Due, lang: Lang) -> &'static str {
    word(if due.state == DueState::Overdue { "overdue" } else { "due_soon" }, lang)
}

/// What is to be done, and about what where that does not say it.
fn title(view: &View<'_>, due: &Due, lang: Lang) -> String {
    let message = due.message.get(lang);
    let late = match (due.state, lang) {
        (DueState::Due, _) => "",
        (DueState::Overdue, Lang::Zh) => "逾期：",
        (DueState::Overdue, Lang::En) => "Overdue: ",
    };
    match plain::subject(view, due).filter(|subject| !message.contains(subject)) {
        Some(subject) => format!("{late}{message} · {subject}"),
        None => format!("{late}{message}"),
    }
}

fn description(view: &View<'_>, due: &Due, lang: Lang) -> String {
    let lines = [("about", plain::about(view, due)), ("who", plain::who(view, due, lang)), ("basis", due.citation.named(lang))];
    let mut description = due.message.get(lang).to_owned();
    for (key, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        let colon = if lang == Lang::Zh { "：" } else { ": " };
        write!(description, "\n{}{colon}{value}", word(key, lang)).expect("a string takes text");
    }
    description
}

/// The duties with their UIDs, by date, then duty, record and UID.
fn with_uids<'a>(view: &View<'a>) -> Vec<(String, Cow<'a, Due>)> {
    let mut met: BTreeMap<(NaiveDate, String), u64> = BTreeMap::new();
    let mut number = |due: &Due| {
        let number = met.entry((due.due, format!("{:?} {:?}", due.duty, due.record))).or_default();
        *number += 1;
        *number
    };
    let archive = &view.settings().name;
    let uid = |due: &Due, number| uid(archive, due, number);
    let mut all: Vec<(String, Cow<'a, Due>)> = Vec::new();
    for due in view.exported_duties() {
        let number = if due.which == Which::Untold { number(&due) } else { 0 };
        all.push((uid(&due, number), due));
    }
    all.sort_by(|(a, x), (b, y)| (x.due, &x.duty, &x.record, a).cmp(&(y.due, &y.duty, &y.record, b)));
    all
}

/// `number` tells untold ones of one day apart.
fn uid(archive: &str, due: &Due, number: u64) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    };
    add(archive.as_bytes());
    add(due.duty.as_bytes());
    add(due.record.as_ref().map_or(b"", |id| id.0.as_bytes()));
    match due.which {
        Which::Only => {}
        Which::Row(row) => add(&row),
        Which::Untold => add(format!("{} {number}", due.due).as_bytes()),
    }
    let digest = digest.finalize();
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>() + SUFFIX
}

/// Text without control characters but for the ends of its lines.
fn plain_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

fn short(text: &str, length: usize) -> Cow<'_, str> {
    match text.char_indices().nth(length) {
        None => text.into(),
        Some((end, _)) => format!("{}…", &text[..end]).into(),
    }
}

/// Lines folded anew: those of icalendar 0.17 may be an octet too long where they go on.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let mut rest = line;
        let mut room = LINE;
        while rest.len() > room {
            let (piece, behind) = rest.split_at(rest.floor_char_boundary(room));
            folded.extend([piece, "\r\n "]);
            (rest, room) = (behind, LINE - 1);
        }
        folded.extend([rest, "\r\n"]);
    }
    folded
}

#[cfg(test)]
mod tests;
