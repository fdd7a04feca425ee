//! What was asked for: a view, in a language, by whom; and the ways in which pages speak of
//! records, people and policies.

use super::{
    RenderError, Session, Theme,
    address::{self, Base},
    link::ShownLink,
    twins::Twins,
    words,
};
use crate::{
    access::{Seen, View},
    archive::Settings,
    check::{Due, DueState},
    diagnostic::{Citation, Finding, Lang, Past, Severity, Words},
    policy::{FieldType, Role, Target, Value},
    source::RecordId,
};
use serde::Serialize;

#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// `None` before anybody has signed in.
    pub view: Option<&'a View<'a>>,
    pub settings: &'a Settings,
    pub theme: &'a Theme,
    pub lang: Lang,
    pub session: Option<&'a Session>,
    /// What the addresses on its pages start from.
    pub base: Base<'a>,
    /// Texts that the pages of both languages share, where both are being made.
    pub twins: Option<&'a Twins>,
}

/// A duty, as pages tell it.
#[derive(Serialize)]
pub(super) struct ShownDuty {
    pub id: String,
    pub subject: Option<ShownLink>,
    pub who: Vec<ShownLink>,
    pub due: String,
    pub overdue: bool,
    pub days: i64,
    pub message: String,
    pub citation: ShownLink,
}

/// A finding, as pages tell it.
#[derive(Serialize)]
pub(super) struct Wrong {
    pub code: String,
    pub error: bool,
    pub message: String,
    pub fix: Option<String>,
    pub record: Option<ShownLink>,
    pub place: Option<String>,
    pub citation: Option<ShownLink>,
}

/// A breach that is over, as pages tell it.
#[derive(Serialize)]
pub(super) struct Over {
    pub code: String,
    pub error: bool,
    pub message: String,
    /// `None` where nothing says since when.
    pub since: Option<String>,
    pub until: String,
    /// The days on which it was so, the first and the last counted.
    pub days: Option<i64>,
    pub record: Option<ShownLink>,
    pub citation: Option<ShownLink>,
    pub dealt_with: Option<ShownLink>,
    pub superseded_by: Option<ShownLink>,
}

/// A record in a list.
#[derive(Serialize)]
pub(super) struct ListEntry {
    pub link: ShownLink,
    pub id: String,
    pub kind: String,
    /// The record that it is about, where its title names it by the id alone.
    pub about: Option<String>,
    pub date: Option<String>,
}

impl<'a> Asked<'a> {
    pub fn word(&self, key: &str) -> &'static str {
        words::word(key, self.lang)
    }

    pub fn yes_no(&self, yes: bool) -> &'static str {
        self.word(if yes { "yes" } else { "no" })
    }

    /// The words in the language asked for; where there are none, the key that they stand for.
    pub fn label(&self, words: &Words, key: &str) -> String {
        let label = words.get(self.lang);
        if label.is_empty() { key.to_owned() } else { label.to_owned() }
    }

    pub fn archive_name(&self) -> &'a str {
        self.settings.name_in(self.lang)
    }

    /// The address of a path in the language asked for.
    pub fn address(&self, path: &str) -> String {
        address::in_lang(path, self.lang, self.settings.language)
    }

    /// The same, as it stands on the page.
    pub fn href(&self, path: &str) -> String {
        self.base.href(&self.address(path))
    }

    /// Where the form of what stands at an address is, for whoever is signed in.
    pub fn form_of(&self, path: &str) -> Option<String> {
        self.me().map(|_| self.href(&format!("{path}form/")))
    }

    /// An asset of the theme, as it stands on the page.
    pub fn asset_href(&self, name: &str) -> String {
        self.base.href(&self.theme.address(name))
    }

    /// An attachment, as it stands on the page: one for both languages.
    pub fn attachment_href(&self, id: &RecordId, name: &str) -> String {
        self.base.href(&address::attachment(id, name))
    }

    /// Who is signed in.
    pub fn me(&self) -> Option<&'a RecordId> {
        self.view?.reader().person()
    }

    /// The page of a record: a person's is under `/people/`.
    pub fn record_href(&self, seen: Seen<'_>) -> String {
        self.href(&if is_person(seen) { address::person(seen.id()) } else { address::record(seen.id()) })
    }

    pub fn link(&self, seen: Seen<'_>) -> ShownLink {
        ShownLink { text: seen.title().to_owned(), href: Some(self.record_href(seen)) }
    }

    /// A record that is named: its title and a way to it where it is seen, else what was written.
    pub fn named(&self, id: &RecordId) -> ShownLink {
        match self.view.and_then(|view| view.record(id)) {
            Some(seen) => self.link(seen),
            None => ShownLink::plain(&id.0),
        }
    }

    pub fn entry(&self, seen: Seen<'_>) -> ListEntry {
        ListEntry {
            link: self.link(seen),
            id: seen.id().to_string(),
            kind: seen.record_type().map_or_else(String::new, |t| self.label(&t.label, &t.id)),
            about: self.about(seen),
            date: seen.date().map(|date| date.to_string()),
        }
    }

    /// The title of a record that this one's title names by its id.
    pub fn about(&self, seen: Seen<'_>) -> Option<String> {
        let names = |id: &RecordId| seen.title().contains(&*id.0);
        let fields = seen.record_type()?.fields.iter().filter(|field| matches!(field.field_type, FieldType::Reference(_)));
        let named = fields.filter_map(|field| match seen.value(&field.name) {
            Some(Value::Record(id)) if names(&id) => Some(self.named(&id)),
            _ => None,
        });
        named.filter(|link| link.href.is_some()).map(|link| link.text).next()
    }

    pub fn citation(&self, citation: &Citation) -> ShownLink {
        let text = citation.named(self.lang);
        ShownLink { text, href: Some(self.href(&address::article(&citation.policy, &citation.article))) }
    }

    pub fn post(&self, id: &str) -> String {
        let posts = self.view.map(|view| &view.policies().posts);
        posts.and_then(|posts| posts.post_called(id)).map_or_else(|| id.to_owned(), |post| self.label(&post.label, id))
    }

    pub fn department(&self, id: &str) -> String {
        let posts = self.view.map(|view| &view.policies().posts);
        posts.and_then(|posts| posts.department_called(id)).map_or_else(|| id.to_owned(), |d| self.label(&d.label, id))
    }

    pub fn record_type(&self, id: &str) -> String {
        let record_type = self.view.and_then(|view| view.policies().record_type(id));
        record_type.map_or_else(|| id.to_owned(), |t| self.label(&t.label, id))
    }

    pub fn target(&self, target: &Target) -> String {
        match target {
            Target::Any => self.word("any_record").to_owned(),
            Target::Type(id) => self.record_type(id),
        }
    }

    pub fn duty(&self, due: &Due) -> ShownDuty {
        let mut who: Vec<ShownLink> = due.who.iter().map(|id| self.named(id)).collect();
        if let (true, Some(office)) = (who.is_empty(), &due.office) {
            who.push(ShownLink::plain(&self.office(office)));
        }
        ShownDuty {
            id: due.duty.to_string(),
            subject: due.record.as_ref().map(|id| self.subject(due, id)),
            who,
            due: due.due.to_string(),
            overdue: due.state == DueState::Overdue,
            days: due.days,
            message: due.message.get(self.lang).to_owned(),
            citation: self.citation(&due.citation),
        }
    }

    /// Whoever has to do something is told what about, even where he does not see the record.
    fn subject(&self, due: &Due, id: &RecordId) -> ShownLink {
        let named = self.named(id);
        let title = self.view.filter(|_| named.href.is_none()).and_then(|view| view.subject(due));
        title.map_or(named, |title| ShownLink::plain(&format!("{title} ({id})")))
    }

    /// A post or a department.
    fn office(&self, id: &str) -> String {
        let is_post = self.view.is_some_and(|view| view.policies().posts.posts.contains_key(id));
        if is_post { self.post(id) } else { self.department(id) }
    }

    pub fn wrong(&self, finding: &Finding) -> Wrong {
        let place = finding.span.zip(self.view).map(|(span, view)| view.place(span));
        Wrong {
            code: finding.code.to_string(),
            error: finding.severity == Severity::Error,
            message: finding.message.get(self.lang).to_owned(),
            fix: finding.fix.as_ref().map(|fix| fix.get(self.lang).to_owned()),
            record: finding.record.as_ref().map(|id| self.named(id)),
            place: place.map(|(path, at)| at.map_or_else(|| path.to_string(), |at| format!("{path}:{}:{}", at.line, at.column))),
            citation: finding.citation.as_ref().map(|citation| self.citation(citation)),
        }
    }

    /// A breach and how it ended.
    pub fn over(&self, finding: &Finding, past: &Past) -> Over {
        let named = |id: &Option<RecordId>| id.as_ref().map(|id| self.named(id));
        Over {
            code: finding.code.to_string(),
            error: finding.severity == Severity::Error,
            message: finding.message.get(self.lang).to_owned(),
            since: past.since.map(|day| day.to_string()),
            until: past.until.to_string(),
            days: past.since.map(|since| (past.until - since).num_days() + 1),
            record: named(&finding.record),
            citation: finding.citation.as_ref().map(|citation| self.citation(citation)),
            dealt_with: named(&past.dealt_with),
            superseded_by: named(&past.superseded_by),
        }
    }

    /// A piece of a page by a template of its own.
    pub fn piece<T: Serialize>(&self, template: &str, page: &T) -> Result<String, RenderError> {
        let mut context = tera::Context::new();
        context.insert_value("w", words::values(self.lang));
        context.insert("page", page);
        self.theme.render(template, &context)
    }
}

pub(super) fn is_person(seen: Seen<'_>) -> bool {
    seen.record_type().is_some_and(|t| t.role == Some(Role::Person))
}
