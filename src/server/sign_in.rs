//! Signing in and out. A wrong name and a wrong password get the same answer after the same work.

use super::{Intranet, answer, answer::own, arrival::Arrival, pages::PageError};
use crate::{
    access::Reader,
    diagnostic::Lang,
    render::{self, SignIn, SignInProblem},
    source::RecordId,
};
use axum::{
    Form,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// Longer names and passwords are nobody's.
const LONGEST: usize = 256;

#[derive(serde::Deserialize, Default)]
pub(super) struct Next {
    next: Option<String>,
}

#[derive(serde::Deserialize)]
pub(super) struct Given {
    name: String,
    password: String,
    next: Option<String>,
}

/// The form.
pub(super) async fn form(State(intranet): State<Arc<Intranet>>, uri: Uri) -> Response {
    let next = Query::<Next>::try_from_uri(&uri).ok().and_then(|Query(query)| query.next);
    shown(&intranet, StatusCode::OK, SignIn { name: String::new(), problem: None, next: own(next), demo: intranet.demo.clone() }).await
}

/// 303 and a cookie, or 401; 429 after too many attempts.
pub(super) async fn sign_in(State(intranet): State<Arc<Intranet>>, arrival: Arrival, request: Request) -> Response {
    let Ok(Form(given)) = <Form<Given> as axum::extract::FromRequest<()>>::from_request(request, &()).await else {
        return (StatusCode::BAD_REQUEST, "bad form").into_response();
    };
    if given.name.chars().count() > LONGEST {
        return refused(&intranet, StatusCode::UNAUTHORIZED, SignInProblem::Wrong, given).await;
    }
    let now = intranet.clock.now();
    if !intranet.limits.admit(&given.name, &arrival.address, now) {
        return refused(&intranet, StatusCode::TOO_MANY_REQUESTS, SignInProblem::Wait, given).await;
    }
    let person = match verified(&intranet, &given).await {
        Ok(Some(person)) => person,
        Ok(None) => return refused(&intranet, StatusCode::UNAUTHORIZED, SignInProblem::Wrong, given).await,
        Err(error) => return answer::failure(&error),
    };
    intranet.limits.succeeded(&given.name, &arrival.address);
    match intranet.store.open_session(&person, now) {
        Ok(token) => with_cookie(&intranet.cookie(&arrival).set(Some(&token)), &own(given.next).unwrap_or_else(|| "/".to_owned())),
        Err(error) => answer::failure(&error),
    }
}

pub(super) async fn sign_out(State(intranet): State<Arc<Intranet>>, arrival: Arrival, headers: HeaderMap) -> Response {
    let closed = intranet.cookie(&arrival).token(&headers).map_or(Ok(()), |token| intranet.store.close_session(&token));
    match closed {
        Ok(()) => with_cookie(&intranet.cookie(&arrival).set(None), "/sign-in"),
        Err(error) => answer::failure(&error),
    }
}

fn with_cookie(cookie: &str, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The person whose name and password these are. An unknown name, a shut account and one who is not on staff cost the same work.
async fn verified(intranet: &Arc<Intranet>, given: &Given) -> Result<Option<RecordId>, PageError> {
    let account = intranet.store.account(&given.name).map_err(super::ServerError::from)?.filter(|account| !account.disabled);
    let known = account.as_ref().map(|account| account.person.clone());
    let password = account.map_or_else(|| intranet.stranger.clone(), |account| account.password);
    let written: String = given.password.chars().take(LONGEST).collect();
    let _one_of_few = intranet.hashing.acquire().await.map_err(|_| PageError::Panicked)?;
    let right = tokio::task::spawn_blocking(move || password.verify(&written)).await.map_err(|_| PageError::Panicked)?;
    let Some(person) = known.filter(|_| right) else { return Ok(None) };
    super::pages::look(intranet, move |_, open| Ok(open.office.staff().contains(&person).then_some(person))).await
}

async fn refused(intranet: &Arc<Intranet>, status: StatusCode, problem: SignInProblem, given: Given) -> Response {
    let name = given.name.chars().take(LONGEST).collect();
    shown(intranet, status, SignIn { name, problem: Some(problem), next: own(given.next), demo: intranet.demo.clone() }).await
}

async fn shown(intranet: &Arc<Intranet>, status: StatusCode, form: SignIn) -> Response {
    let page = super::pages::look(intranet, move |intranet, open| {
        // Before sign-in there is no reader: the form needs the archive's name alone.
        let view = open.office.view(Reader::Everyone);
        let lang = form.next.as_deref().map_or(view.settings().language, |next| render::lang_of(next, view.settings().language));
        Ok(render::sign_in(lang as Lang, &form, view.settings(), &intranet.theme)?)
    });
    match page.await {
        Ok(page) => answer::page(status, page),
        Err(error) => answer::failure(&error),
    }
}
