//! A person's own account: the password, the sessions that are open, the address of the calendar.

use super::{
    answer,
    arrival::Arrival,
    cookie::CookieKind,
    destination::Destination,
    error::PageError,
    guard,
    intranet::Intranet,
    look::look,
    pages,
    sign_in::{admitted, remember_device, with_cookie},
    signed_in::SignedIn,
};
use crate::{
    render::{self, AccountShown, Done, PasswordProblem, SessionShown},
    store::{Chosen, Token, Wait},
};
use axum::{
    Form,
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};
use std::sync::Arc;

/// Who asks for his own account, and in which session. There is none for who looks at the archive
/// as somebody else: nothing is changed then.
#[derive(Clone)]
pub(super) struct OwnAccount {
    who: SignedIn,
    token: Token,
    cookie: CookieKind,
    destination: Destination,
    /// What counts as one address.
    network: String,
    /// What the browser has of the device.
    device: Option<Token>,
    /// This site, as his browser names it.
    site: String,
}

impl FromRequestParts<Arc<Intranet>> for OwnAccount {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, intranet: &Arc<Intranet>) -> Result<OwnAccount, Response> {
        let who = SignedIn::from_request_parts(parts, intranet).await?;
        if who.sight.is_some() {
            return Err(pages::not_found(intranet, &who).await);
        }
        let Ok(arrival) = Arrival::from_request_parts(parts, intranet).await;
        let destination = Destination::of(&parts.uri);
        let cookie = arrival.cookie(intranet);
        let token = cookie.token(&parts.headers).ok_or_else(|| guard::stranger(&parts.method, &destination))?;
        let site = intranet.front.origin().map_or_else(|| site(cookie.scheme(), &parts.headers), str::to_owned);
        let device = cookie.device(&parts.headers);
        Ok(OwnAccount { who, token, cookie, destination, network: arrival.network, device, site })
    }
}

impl OwnAccount {
    /// The address of the account's page, in the language of the one asked for.
    fn page(&self) -> String {
        self.destination.beside("/account/")
    }

    fn way_in(&self) -> String {
        self.destination.beside("/sign-in")
    }
}

/// Empty where the browser names none, or something that is no host.
fn site(scheme: &str, headers: &HeaderMap) -> String {
    let is_host = |host: &&str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(is_host);
    host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

#[derive(serde::Deserialize, Default)]
struct AccountQuery {
    #[serde(default)]
    done: String,
}

#[derive(serde::Deserialize)]
pub(super) struct PasswordForm {
    current: String,
    new: String,
    again: String,
}

/// What the page tells besides how things stand.
#[derive(Default)]
struct News {
    done: String,
    problem: Option<PasswordProblem>,
    /// The calendar's secret, when it has just been made.
    secret: Option<Token>,
}

pub(super) async fn page(State(intranet): State<Arc<Intranet>>, own: OwnAccount) -> Response {
    let AccountQuery { done } = own.destination.query();
    shown(&intranet, own, StatusCode::OK, News { done, ..News::default() }).await
}

/// 303 and a new cookie, and every other session ends; or 401, 422 and 429 with the page.
pub(super) async fn change_password(State(intranet): State<Arc<Intranet>>, own: OwnAccount, Form(given): Form<PasswordForm>) -> Response {
    match changed(&intranet, &own, given).await {
        Ok(Ok(Some(token))) => {
            let done = format!("{}?done={}", own.page(), Done::PasswordChanged.key());
            let mut response = with_cookie(&own.cookie.set(Some(&token)), &done);
            remember_device(&intranet, &mut response, own.cookie, None, &own.who.person.0).await;
            response
        }
        Ok(Ok(None)) => with_cookie(&own.cookie.set(None), &own.way_in()),
        Ok(Err((status, problem))) => shown(&intranet, own, status, News { problem: Some(problem), ..News::default() }).await,
        Err(error) => answer::failure(&error),
    }
}

type Refused = (StatusCode, PasswordProblem);

/// The session's new token; none where the session has ended meanwhile.
async fn changed(intranet: &Arc<Intranet>, own: &OwnAccount, given: PasswordForm) -> Result<Result<Option<Token>, Refused>, PageError> {
    let chosen = match chosen(intranet, own, &given) {
        Ok(chosen) => chosen,
        Err(problem) => return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, problem))),
    };
    let person = &own.who.person;
    let (attempt, queue) = admitted(intranet, own.device.as_ref(), &person.0, &own.network).await?;
    let Some(queue) = queue else {
        return Ok(Err((StatusCode::TOO_MANY_REQUESTS, PasswordProblem::Wait)));
    };
    let account = intranet.stores.accounts.account(&person.0).await?;
    let password = account.map_or_else(|| intranet.stranger.clone(), |account| account.password);
    if !intranet.hashing.verified(queue, password, &given.current).await? {
        return Ok(Err((StatusCode::UNAUTHORIZED, PasswordProblem::Wrong)));
    }
    intranet.stores.attempts.take_back(&attempt).await?;
    let password = intranet.hashing.hashed(chosen).await?;
    Ok(Ok(intranet.stores.sessions.change_password(&own.token, person, &password).await?))
}

fn chosen(intranet: &Intranet, own: &OwnAccount, given: &PasswordForm) -> Result<Chosen, PasswordProblem> {
    if !intranet.demo.is_empty() {
        return Err(PasswordProblem::Demo);
    }
    if given.new != given.again {
        return Err(PasswordProblem::Differ);
    }
    Chosen::new(&own.who.person, &given.new).map_err(|unfit| PasswordProblem::Unfit(unfit.words()))
}

pub(super) async fn sign_out_everywhere(State(intranet): State<Arc<Intranet>>, own: OwnAccount) -> Response {
    match intranet.stores.sessions.close_sessions(&own.who.person).await {
        Ok(()) => with_cookie(&own.cookie.set(None), &own.way_in()),
        Err(error) => answer::failure(&error.into()),
    }
}

/// A new address for the calendar. It is shown in this answer: an address to which the browser is
/// sent on would stay in its history.
pub(super) async fn new_calendar(State(intranet): State<Arc<Intranet>>, own: OwnAccount) -> Response {
    match intranet.stores.calendars.open_calendar(&own.who.person, intranet.clock.now()).await {
        Ok(secret) => shown(&intranet, own, StatusCode::OK, News { secret: Some(secret), ..News::default() }).await,
        Err(error) => answer::failure(&error.into()),
    }
}

async fn shown(intranet: &Arc<Intranet>, own: OwnAccount, status: StatusCode, news: News) -> Response {
    let page = look(intranet, move |intranet, open| {
        let view = open.view(&own.who)?;
        let lang = render::lang_of(own.destination.path(), view.settings().language);
        let session = pages::session(intranet, open, &view, &own.who, own.destination.path(), &news.done)?;
        let mut account = stands(intranet, &own)?;
        account.calendar_address = news.secret.map(|secret| {
            let path = render::calendar_address(secret.as_str(), lang, view.settings().language);
            format!("{}{path}", own.site)
        });
        account.problem = news.problem;
        Ok(render::account(lang, &account, &view, &intranet.theme, &session)?)
    });
    match page.await {
        Ok(page) => answer::page(status, page),
        Err(error) => answer::failure(&error),
    }
}

/// How things stand with an account.
fn stands(intranet: &Intranet, own: &OwnAccount) -> Result<AccountShown, PageError> {
    let (person, stores) = (&own.who.person, &intranet.stores);
    let sessions = stores.sessions.sessions(person, &own.token, intranet.clock.now()).wait()?;
    let sessions = sessions.into_iter().map(|open| SessionShown { since: open.since, seen: open.seen, this: open.this }).collect();
    let calendar = stores.calendars.calendar_since(person).wait()?;
    Ok(AccountShown { sessions, calendar, calendar_address: None, problem: None })
}
