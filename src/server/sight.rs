//! Who decides on access looks at the archive as somebody else sees it, as far as he may see it
//! himself. Nothing can be changed meanwhile, and the log has who it really was.

use super::{
    answer, arrival::Arrival, entry::note, error::PageError, intranet::Intranet, look::look, pages::not_found, signed_in::SignedIn,
};
use crate::{access::Reader, source::RecordId};
use axum::{
    Form,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

#[derive(serde::Deserialize)]
pub(super) struct SightForm {
    /// Nobody: as himself again.
    #[serde(default)]
    person: String,
}

pub(super) async fn change(
    State(intranet): State<Arc<Intranet>>,
    who: SignedIn,
    arrival: Arrival,
    headers: HeaderMap,
    Form(wanted): Form<SightForm>,
) -> Response {
    let wanted = Some(wanted.person).filter(|person| !person.is_empty()).map(|person| RecordId::from(person.as_str()));
    let (me, as_whom) = (SignedIn { sight: None, ..who.clone() }, wanted.clone());
    let may = look(&intranet, move |_, open| {
        let view = open.view(&me)?;
        Ok(as_whom.is_none_or(|person| view.decides_on_access() && view.is_on_staff(&person)))
    });
    match (may.await, arrival.cookie(&intranet).token(&headers)) {
        (Ok(true), Some(token)) => {
            let what = wanted.as_ref().map_or_else(|| "/view-as".to_owned(), |person| format!("/view-as {person}"));
            if let Err(error) = note(&intranet, &who, what, None, true).await {
                return answer::unavailable(&error);
            }
            match intranet.stores.sessions.set_sight(&token, wanted.as_ref()).await {
                Ok(()) => Redirect::to("/").into_response(),
                Err(error) => answer::failure(&error.into()),
            }
        }
        (Err(error), _) => answer::failure(&error),
        _ => not_found(&intranet, &who).await,
    }
}

/// Whether a reader looks as himself: only then may he change something.
pub(super) fn is_own(reader: &Reader) -> Result<(), PageError> {
    if matches!(reader, Reader::Person(_)) { Ok(()) } else { Err(PageError::NotThere) }
}
