//! Signing in and out. A wrong name and a wrong password get the same answer after the same work.

use super::{
    answer::{self, own},
    arrival::Arrival,
    cookie::CookieKind,
    destination::Destination,
    error::PageError,
    hashing::Queue,
    intranet::Intranet,
    look::look,
};
use crate::{
    access::Reader,
    render::{self, SignIn, SignInProblem},
    source::RecordId,
    store::{Attempt, StoreError, Token},
};
use axum::{
    Form,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// Longer names are nobody's.
const LONGEST: usize = 256;

#[derive(serde::Deserialize, Default)]
struct SignInQuery {
    next: Option<String>,
}

#[derive(serde::Deserialize)]
struct Credentials {
    name: String,
    password: String,
    next: Option<String>,
}

/// The form.
pub(super) async fn form(State(intranet): State<Arc<Intranet>>, destination: Destination) -> Response {
    let SignInQuery { next } = destination.query();
    shown(
        &intranet,
        &destination,
        StatusCode::OK,
        SignIn { name: String::new(), problem: None, next: own(next), demo: intranet.demo.clone() },
    )
    .await
}

/// 303 and a cookie, or 401; 429 after too many attempts.
pub(super) async fn sign_in(
    State(intranet): State<Arc<Intranet>>,
    arrival: Arrival,
    destination: Destination,
    request: Request,
) -> Response {
    let cookie = arrival.cookie(&intranet);
    let (earlier, device) = (cookie.token(request.headers()), cookie.device(request.headers()));
    let Ok(Form(given)) = <Form<Credentials> as axum::extract::FromRequest<()>>::from_request(request, &()).await else {
        return (StatusCode::BAD_REQUEST, "bad form").into_response();
    };
    if given.name.chars().count() > LONGEST {
        return refused(&intranet, &destination, StatusCode::UNAUTHORIZED, SignInProblem::Wrong, given).await;
    }
    let (attempt, queue) = match admitted(&intranet, device.as_ref(), &given.name, &arrival.network).await {
        Ok((attempt, Some(queue))) => (attempt, queue),
        Ok((_, None)) => return refused(&intranet, &destination, StatusCode::TOO_MANY_REQUESTS, SignInProblem::Wait, given).await,
        Err(error) => return answer::failure(&error.into()),
    };
    match opened(&intranet, queue, &given).await {
        Ok(Ok(token)) => {
            if let Err(error) = intranet.stores.attempts.take_back(&attempt).await {
                tracing::warn!("an attempt that succeeded is counted as if it had not: {error}");
            }
            ends_earlier(&intranet, earlier).await;
            let mut response = with_cookie(&cookie.set(Some(&token)), &own(given.next).unwrap_or_else(|| "/".to_owned()));
            remember_device(&intranet, &mut response, cookie, device.as_ref(), &given.name).await;
            response
        }
        Ok(Err(problem)) => refused(&intranet, &destination, StatusCode::UNAUTHORIZED, problem, given).await,
        Err(PageError::Busy) => refused(&intranet, &destination, StatusCode::TOO_MANY_REQUESTS, SignInProblem::Wait, given).await,
        Err(error) => answer::failure(&error),
    }
}

pub(super) async fn sign_out(
    State(intranet): State<Arc<Intranet>>,
    arrival: Arrival,
    destination: Destination,
    headers: HeaderMap,
) -> Response {
    let cookie = arrival.cookie(&intranet);
    if let Some(token) = cookie.token(&headers)
        && let Err(error) = intranet.stores.sessions.close_session(&token).await
    {
        return answer::failure(&error.into());
    }
    with_cookie(&cookie.set(None), &destination.beside("/sign-in"))
}

/// An attempt at a name, and where to wait until its password is verified; nowhere where it is one
/// too many. The same work for every name, and with a device or without.
pub(super) async fn admitted(
    intranet: &Intranet,
    device: Option<&Token>,
    name: &str,
    network: &str,
) -> Result<(Attempt, Option<Queue>), StoreError> {
    let (none, stores, now) = (Token::given(""), &intranet.stores, intranet.clock.now());
    let device = stores.devices.device(device.unwrap_or(&none), name, now).await?;
    let attempt = Attempt { name: name.to_owned(), network: network.to_owned(), device };
    let queue = intranet.limits.admit(&*stores.attempts, &attempt, now).await?;
    Ok((attempt, queue))
}

/// Has the browser bear a token of its device from now on. Where that cannot be noted, the next
/// sign-in is one from elsewhere.
pub(super) async fn remember_device(intranet: &Intranet, response: &mut Response, cookie: CookieKind, device: Option<&Token>, name: &str) {
    match intranet.stores.devices.note_device(device, &RecordId::from(name), intranet.clock.now()).await {
        Ok(token) => add_cookie(response, &cookie.set_device(&token)),
        Err(error) => tracing::warn!("a device is not remembered: {error}"),
    }
}

/// Ends the session that a browser had before, perhaps somebody else's: its cookie is about to be
/// overwritten, and nobody could sign it out.
pub(super) async fn ends_earlier(intranet: &Intranet, earlier: Option<Token>) {
    let Some(token) = earlier else { return };
    if let Err(error) = intranet.stores.sessions.close_session(&token).await {
        tracing::error!("an earlier session goes on until it is old: {error}");
    }
}

pub(super) fn with_cookie(cookie: &str, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    add_cookie(&mut response, cookie);
    response
}

fn add_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A session for the person whose name and password these are. An unknown name, a wrong password, a
/// shut account and one who is not on staff cost the same work: all of it is done before anything
/// is told. Whose file only lacks its approval is told so, where the password is right; who has
/// left is told nothing.
async fn opened(intranet: &Arc<Intranet>, queue: Queue, given: &Credentials) -> Result<Result<Token, SignInProblem>, PageError> {
    let account = intranet.stores.accounts.account(&given.name).await?.filter(|account| !account.disabled);
    let password = account.as_ref().map_or(&intranet.stranger, |account| &account.password).clone();
    let right = intranet.hashing.verified(queue, password, &given.password).await?;
    let name = RecordId::named(given.name.as_str());
    let looked = look(intranet, move |_, open| Ok((open.office.staff().contains(&name), open.office.lacks_approval(&name))));
    let (on_staff, unapproved) = looked.await?;
    let Some(account) = account.filter(|_| right) else { return Ok(Err(SignInProblem::Wrong)) };
    if !on_staff {
        tracing::warn!("{} is kept out: the record of that person is not approved, or not of somebody on staff", given.name);
        return Ok(Err(if unapproved { SignInProblem::KeptOut } else { SignInProblem::Wrong }));
    }
    let session = intranet.stores.sessions.open_session(&account, intranet.clock.now()).await?;
    Ok(session.ok_or(SignInProblem::Wrong))
}

async fn refused(
    intranet: &Arc<Intranet>,
    destination: &Destination,
    status: StatusCode,
    problem: SignInProblem,
    given: Credentials,
) -> Response {
    let name = given.name.chars().take(LONGEST).collect();
    shown(intranet, destination, status, SignIn { name, problem: Some(problem), next: own(given.next), demo: intranet.demo.clone() }).await
}

async fn shown(intranet: &Arc<Intranet>, destination: &Destination, status: StatusCode, form: SignIn) -> Response {
    let destination = destination.clone();
    let page = look(intranet, move |intranet, open| {
        // Before sign-in there is no reader: the form needs the archive's name alone.
        let view = open.view_of(Reader::Everyone);
        let language = view.settings().language;
        // Who was sent here from a page is asked in its language.
        let addresses = [Some(destination.path()), form.next.as_deref()];
        let lang = addresses.into_iter().flatten().map(|address| render::lang_of(address, language)).find(|lang| *lang != language);
        Ok(render::sign_in(lang.unwrap_or(language), &form, view.settings(), &intranet.theme)?)
    });
    match page.await {
        Ok(page) => answer::page(status, page),
        Err(error) => answer::failure(&error),
    }
}
