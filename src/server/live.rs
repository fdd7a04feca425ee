//! What an open page asks now and then: whether its reader still sees what he saw. Where not, it loads itself anew, and what he may no
//! longer read is gone from his screen.

use super::{Intranet, answer, guard::SignedIn, pages::look};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

pub(super) const ADDRESS: &str = "/live";

/// A digest of what the reader sees, in hexadecimal: the same as the page bears as long as nothing of it has changed.
pub(super) async fn live(State(intranet): State<Arc<Intranet>>, who: SignedIn) -> Response {
    match look(&intranet, move |_, open| Ok(super::pages::live(&open.view(&who)?))).await {
        Ok(digest) => digest.into_response(),
        Err(error) => answer::failure(&error),
    }
}
