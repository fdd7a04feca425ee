//! The pages that tell nothing of the archive: not found, and the way in.

use super::ask;
use crate::{
    access::View,
    archive::Settings,
    diagnostic::Lang,
    render::{Page, RenderError, Session, Theme, address::Base, asked::Asked, frame::PageModel},
};
use serde::Serialize;

/// What the form of sign-in says.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// The name that was given.
    pub name: String,
    pub problem: Option<SignInProblem>,
    /// Where to go afterwards; the server has looked that it is a path of its own.
    pub next: Option<String>,
    /// The accounts of a demonstration that may be tried: name and what they are.
    pub demo: Vec<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInProblem {
    Wrong,
    Wait,
    /// The password is right, and the record of the person is not approved.
    KeptOut,
}

#[derive(Serialize)]
struct Form<'a> {
    action: String,
    name: &'a str,
    problem: Option<&'static str>,
    next: Option<String>,
    demo: &'a [(String, String)],
}

#[derive(Serialize)]
struct NotFound {
    /// Who is signed in may ask for access, whatever it was.
    ask: Option<ask::AccessForm>,
}

/// The page for an address where there is nothing, the same for every one of them.
///
/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn not_found(
    lang: Lang,
    view: Option<&View<'_>>,
    settings: &Settings,
    theme: &Theme,
    session: Option<&Session>,
) -> Result<Page, RenderError> {
    nothing_there(&Asked { view, settings, theme, lang, session, base: Base::Root, twins: None })
}

pub(in crate::render) fn nothing_there(asked: &Asked<'_>) -> Result<Page, RenderError> {
    let ask = asked.view.filter(|_| asked.session.is_some()).map(|view| ask::form(asked, view.today()));
    asked.page("/", PageModel::new("not-found.html", asked.word("not_found"), NotFound { ask }))
}

/// # Errors
/// Where a template of the theme cannot be rendered.
pub fn sign_in(lang: Lang, form: &SignIn, settings: &Settings, theme: &Theme) -> Result<Page, RenderError> {
    let asked = Asked { view: None, settings, theme, lang, session: None, base: Base::Root, twins: None };
    let problem = form.problem.map(|problem| match problem {
        SignInProblem::Wrong => asked.word("sign_in_wrong"),
        SignInProblem::Wait => asked.word("sign_in_wait"),
        SignInProblem::KeptOut => asked.word("sign_in_kept_out"),
    });
    let home = asked.href("/");
    let next = form.next.clone().or_else(|| (home != "/").then_some(home));
    let page = Form { action: asked.href("/sign-in"), name: &form.name, problem, next, demo: &form.demo };
    asked.page("/sign-in", PageModel::new("sign-in.html", asked.word("sign_in"), page))
}
