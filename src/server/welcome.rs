//! One-time links: whoever holds one sets a password and is signed in. A link that was used, has
//! run out or never was gets one answer.

use super::{
    answer,
    arrival::Arrival,
    destination::{AddressKind, Destination},
    error::PageError,
    intranet::Intranet,
    look::look,
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
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use std::sync::Arc;

#[derive(serde::Deserialize)]
pub(super) struct WelcomeForm {
    #[serde(default)]
    name: String,
    new: String,
    again: String,
}

/// The form. Looking at it does not use the link up: mail programs look at links before people do.
pub(super) async fn form(State(intranet): State<Arc<Intranet>>, destination: Destination) -> Response {
    let link = link(&destination);
    match invited(&intranet, &link).await {
        Ok(Some(invitation)) => shown(&intranet, &destination, StatusCode::OK, page_for(&link, &invitation, String::new(), None)).await,
        Ok(None) => dead(&intranet, &destination).await,
        Err(error) => answer::failure(&error),
    }
}

/// 303 and a cookie; 422 with the form, and the link is not used up; or the one answer to dead
/// links.
pub(super) async fn accept(
    State(intranet): State<Arc<Intranet>>,
    arrival: Arrival,
    destination: Destination,
    headers: HeaderMap,
    Form(given): Form<WelcomeForm>,
) -> Response {
    match accepted(&intranet, link(&destination), given).await {
        Ok(Accepted::Session(token, person)) => {
            let cookie = arrival.cookie(&intranet);
            ends_earlier(&intranet, cookie.token(&headers)).await;
            let mut response = with_cookie(&cookie.set(Some(&token)), &destination.beside("/"));
            remember_device(&intranet, &mut response, cookie, cookie.device(&headers).as_ref(), &person.0).await;
            sealed(response)
        }
        Ok(Accepted::Mistake(page)) => shown(&intranet, &destination, StatusCode::UNPROCESSABLE_ENTITY, page).await,
        Ok(Accepted::Dead) => dead(&intranet, &destination).await,
        Err(error) => answer::failure(&error),
    }
}

enum Accepted {
    Session(Token, RecordId),
    Mistake(Welcome),
    Dead,
}

async fn accepted(intranet: &Arc<Intranet>, link: Token, given: WelcomeForm) -> Result<Accepted, PageError> {
    let Some(invitation) = invited(intranet, &link).await? else { return Ok(Accepted::Dead) };
    let chosen = match chosen(intranet, &invitation, &given).await? {
        Ok(chosen) => chosen,
        Err(problem) => return Ok(Accepted::Mistake(page_for(&link, &invitation, given.name, Some(problem)))),
    };
    let (person, chosen) = chosen;
    let password = intranet.hashing.hashed(chosen).await?;
    let session = intranet.stores.invitations.accept(&link, &person, &password, intranet.clock.now()).await?;
    Ok(session.map_or(Accepted::Dead, |token| Accepted::Session(token, person)))
}

/// Whose account it becomes, and with which password.
async fn chosen(
    intranet: &Arc<Intranet>,
    invitation: &Invitation,
    given: &WelcomeForm,
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
    match intranet.stores.invitations.invitation(link, intranet.clock.now()).await? {
        Some(Invitation::Person(person)) if !on_staff(intranet, person.clone()).await? => Ok(None),
        found => Ok(found),
    }
}

async fn on_staff(intranet: &Arc<Intranet>, person: RecordId) -> Result<bool, PageError> {
    look(intranet, move |_, open| Ok(open.office.staff().contains(&person))).await
}

/// What stands behind `/welcome/`; anything else is no link.
fn link(destination: &Destination) -> Token {
    if let AddressKind::Welcome(link) = &destination.place { link.clone() } else { Token::given("") }
}

fn page_for(link: &Token, invitation: &Invitation, given: String, problem: Option<PasswordProblem>) -> Welcome {
    let token = link.as_str().to_owned();
    match invitation {
        Invitation::First => Welcome::First { token, name: given.trim().to_owned(), problem },
        Invitation::Person(person) => Welcome::Person { token, name: person.to_string(), problem },
    }
}

async fn dead(intranet: &Arc<Intranet>, destination: &Destination) -> Response {
    shown(intranet, destination, StatusCode::NOT_FOUND, Welcome::Dead).await
}

async fn shown(intranet: &Arc<Intranet>, destination: &Destination, status: StatusCode, welcome: Welcome) -> Response {
    let destination = destination.clone();
    let page = look(intranet, move |intranet, open| {
        // Whoever holds a link is no reader yet: the form needs the archive's name alone.
        let view = open.view_of(Reader::Everyone);
        let lang = render::lang_of(destination.path(), view.settings().language);
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
