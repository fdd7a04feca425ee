//! The form to ask for access to what one does not see. It never repeats what was asked for.

use super::{PageKind, Shows, is};
use crate::{
    access::View,
    render::{asked::Asked, frame::PageModel},
};
use chrono::{Days, NaiveDate};
use serde::Serialize;

/// The static site has none: nobody is signed in.
pub(super) const KIND: PageKind = PageKind { templates: &["/ask/"], addresses: |_| Vec::new(), page };

/// The period that the form proposes, in days.
const PROPOSED: Days = Days::new(30);

/// What the form needs; it stands on the page of what is not found, too.
#[derive(Serialize)]
pub(in crate::render) struct AccessForm {
    back: String,
    today: String,
    until: String,
}

pub(in crate::render) fn form(asked: &Asked<'_>, today: NaiveDate) -> AccessForm {
    let until = today.checked_add_days(PROPOSED).unwrap_or(today);
    AccessForm { back: asked.href("/ask/"), today: today.to_string(), until: until.to_string() }
}

fn page(asked: &Asked<'_>, view: &View<'_>, segments: &[&str]) -> Shows {
    if !is(segments, "ask") || asked.me().is_none() {
        return Ok(None);
    }
    asked.page("/ask/", PageModel::new("ask.html", asked.word("ask"), form(asked, view.today()))).map(Some)
}
