//! What an open page asks now and then: whether its reader still sees what they saw. Where not, it
//! loads itself anew, and what they may no longer read is gone from their screen.

use super::{answer, intranet::Intranet, look::look, pages, signed_in::SignedIn};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// A digest of what the reader sees, in hexadecimal: the same as the page bears as long as nothing
/// of it has changed.
pub(super) async fn live(State(intranet): State<Arc<Intranet>>, who: SignedIn) -> Response {
    match look(&intranet, move |_, open| Ok(pages::live(&open.view(&who)?))).await {
        Ok(digest) => digest.into_response(),
        Err(error) => answer::failure(&error),
    }
}
