//! Who is signed in, and what was done at their last request.

use super::words;
use crate::{diagnostic::Lang, source::RecordId};
use chrono::{DateTime, FixedOffset, NaiveDate};

/// Who is signed in, and what the server knows that a page tells him; there is none in the static
/// site. With the view, the theme and the address it decides the whole page.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Session {
    /// The name shown.
    pub name: String,
    /// The archive plays a day: every page says which.
    pub is_demo: bool,
    pub messages: Vec<Message>,
    /// A digest of what he sees, for a page that stays open.
    pub live: String,
    /// He looks at the archive as somebody else.
    pub sight: bool,
    /// What he approves here counts.
    pub signs: bool,
    /// The access that others ask for, and he decides on.
    pub asks: Vec<Asking>,
    /// Who has read the record that is shown, the latest first, where he is told.
    pub readings: Option<Vec<Reading>>,
}

/// Somebody asks for access to a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Asking {
    pub number: i64,
    pub person: RecordId,
    pub record: RecordId,
    pub purpose: String,
    pub until: NaiveDate,
}

/// Somebody has read a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reading {
    pub who: RecordId,
    pub at: DateTime<FixedOffset>,
}

/// What was done at the last request. Its key stands in the address, so that the page tells it
/// once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    Asked,
    AskedIncompletely,
    AskedTooOften,
    Approved,
    Granted,
    Refused,
    /// Somebody else has changed what was to be approved.
    Changed,
    /// Something is wrong with what was to be approved.
    NotInOrder,
    /// Somebody else was writing all the while.
    Busy,
    PasswordChanged,
}

impl Done {
    const ALL: [Done; 10] = [
        Done::Asked,
        Done::AskedIncompletely,
        Done::AskedTooOften,
        Done::Approved,
        Done::Granted,
        Done::Refused,
        Done::Changed,
        Done::NotInOrder,
        Done::Busy,
        Done::PasswordChanged,
    ];

    /// As it stands in an address; also the key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Done::Asked => "done_asked",
            Done::AskedIncompletely => "done_asked_incompletely",
            Done::AskedTooOften => "done_asked_too_often",
            Done::Approved => "done_approved",
            Done::Granted => "done_granted",
            Done::Refused => "done_refused",
            Done::Changed => "done_changed",
            Done::NotInOrder => "done_not_in_order",
            Done::Busy => "done_busy",
            Done::PasswordChanged => "done_password_changed",
        }
    }

    /// The message that a key stands for.
    pub fn message(key: &str, lang: Lang) -> Option<Message> {
        let done = Done::ALL.into_iter().find(|done| done.key() == key)?;
        let good = !matches!(done, Done::AskedIncompletely | Done::AskedTooOften | Done::Changed | Done::NotInOrder | Done::Busy);
        Some(Message { good, text: words::word(done.key(), lang).to_owned() })
    }
}

/// Something that happened at the last request, told once.
#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Serialize)]
pub struct Message {
    pub good: bool,
    pub text: String,
}
