//! One-time links: whoever holds one sets a password and is signed in. A link that was used, has run out or never was gets one answer.

use super::{
    Intranet, ServerError, answer,
    arrival::Arrival,
    hashing, pages,
    pages::PageError,
    sign_in::{ends_earlier, remember_device, with_cookie},
};
use crate::{
    access::Reader,
    render::{self, PasswordProblem, Welcome},
    source::RecordId,
    store::{Chosen, Invitation, Token},
};
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use std::sync::Arc;

#[derive(serde::Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    name: String,
    new: String,
    again: String,
}

/// The form. Looking at it does not use the link up: mail programs look at links before people do.
pub(super) async fn form(State(intranet): State<Arc<Intranet>>, uri: Uri) -> Response {
    match invited(&intranet, &token(&uri)).await {
        Ok(Some(invitation)) => shown(&intranet, &uri, StatusCode::OK, page_for(&uri, &invitation, String::new(), None)).await,
        Ok(None) => dead(&intranet, &uri).await,
        Err(error) => answer::failure(&error),
    }
}

/// 303 and a cookie; 422 with the form, and the link is not used up; or the one answer to dead links.
pub(super) async fn accept(
    State(intranet): State<Arc<Intranet>>,
    arrival: Arrival,
    uri: Uri,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    match accepted(&intranet, &uri, given).await {
        Ok(Accepted::Session(token, person)) => {
            let cookie = intranet.cookie(&arrival);
            ends_earlier(&intranet, cookie.token(&headers));
            let home = uri.path().split_once("/welcome/").map_or("", |(lang, _)| lang);
            let mut response = with_cookie(&cookie.set(Some(&token)), &format!("{home}/"));
            remember_device(&intranet, &mut response, cookie, cookie.device(&headers).as_ref(), &person.0);
            sealed(response)
        }
        Ok(Accepted::Mistake(page)) => shown(&intranet, &uri, StatusCode::UNPROCESSABLE_ENTITY, page).await,
        Ok(Accepted::Dead) => dead(&intranet, &uri).await,
        Err(error) => answer::failure(&error),
    }
}

enum Accepted {
    Session(Token, RecordId),
    Mistake(Welcome),
    Dead,
}

async fn accepted(intranet: &Arc<Intranet>, uri: &Uri, given: Given) -> Result<Accepted, PageError> {
    let link = token(uri);
    let Some(invitation) = invited(intranet, &link).await? else { return Ok(Accepted::Dead) };
    let chosen = match chosen(intranet, &invitation, &given).await? {
        Ok(chosen) => chosen,
        Err(problem) => return Ok(Accepted::Mistake(page_for(uri, &invitation, given.name, Some(problem)))),
    };
    let (person, chosen) = chosen;
    let password = hashing::hashed(intranet, chosen).await?;
    let session = intranet.store.accept(&link, &person, &password, intranet.clock.now()).map_err(ServerError::from)?;
    Ok(session.map_or(Accepted::Dead, |token| Accepted::Session(token, person)))
}

/// Whose account it becomes, and with which password.
async fn chosen(
    intranet: &Arc<Intranet>,
    invitation: &Invitation,
    given: &Given,
) -> Result<Result<(RecordId, Chosen), PasswordProblem>, PageError> {
    let person = match invitation {
        Invitation::First => RecordId::named(given.name.trim()),
        Invitation::Person(person) => person.clone(),
    };
    if !on_staff(intranet, person.clone()).await? {
        return Ok(Err(PasswordProblem::NotOnStaff(person.to_string())));
    }
    if given.new != given.again {
        return Ok(Err(PasswordProblem::Differ));
    }
    let chosen = Chosen::new(&person, &given.new).map_err(|unfit| PasswordProblem::Unfit(unfit.words()));
    Ok(chosen.map(|chosen| (person, chosen)))
}

/// For whom a link is. One for who has left since is dead.
async fn invited(intranet: &Arc<Intranet>, link: &Token) -> Result<Option<Invitation>, PageError> {
    match intranet.store.invitation(link, intranet.clock.now()).map_err(ServerError::from)? {
        Some(Invitation::Person(person)) if !on_staff(intranet, person.clone()).await? => Ok(None),
        found => Ok(found),
    }
}

async fn on_staff(intranet: &Arc<Intranet>, person: RecordId) -> Result<bool, PageError> {
    pages::look(intranet, move |_, open| Ok(open.office.staff().contains(&person))).await
}

/// What stands behind `/welcome/`. A slash may have been put behind it.
fn token(uri: &Uri) -> Token {
    let given = uri.path().split_once("/welcome/").map_or("", |(_, given)| given);
    Token::given(given.trim_end_matches('/'))
}

fn page_for(uri: &Uri, invitation: &Invitation, given: String, problem: Option<PasswordProblem>) -> Welcome {
    let token = token(uri).as_str().to_owned();
    match invitation {
        Invitation::First => Welcome::First { token, name: given.trim().to_owned(), problem },
        Invitation::Person(person) => Welcome::Person { token, name: person.to_string(), problem },
    }
}

async fn dead(intranet: &Arc<Intranet>, uri: &Uri) -> Response {
    shown(intranet, uri, StatusCode::NOT_FOUND, Welcome::Dead).await
}

async fn shown(intranet: &Arc<Intranet>, uri: &Uri, status: StatusCode, welcome: Welcome) -> Response {
    let uri = uri.clone();
    let page = pages::look(intranet, move |intranet, open| {
        // Whoever holds a link is no reader yet: the form needs the archive's name alone.
        let view = open.view_of(Reader::Everyone);
        let lang = render::lang_of(uri.path(), view.settings().language);
        Ok(render::welcome(lang, &welcome, view.settings(), &intranet.theme)?)
    });
    match page.await {
        Ok(page) => sealed(answer::page(status, page)),
        Err(error) => answer::failure(&error),
    }
}

/// The address is the key: no other page is told that one came from here.
fn sealed(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
