//! Lets in who is signed in: a handler that takes a [`SignedIn`] cannot run without one.

use super::{
    answer,
    arrival::Arrival,
    destination::{AddressKind, Destination},
    intranet::Intranet,
    signed_in::SignedIn,
};
use crate::store::Presence;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Method, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

impl FromRequestParts<Arc<Intranet>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, intranet: &Arc<Intranet>) -> Result<SignedIn, Response> {
        let Ok(arrival) = Arrival::from_request_parts(parts, intranet).await;
        let destination = Destination::of(&parts.uri);
        let Some(token) = arrival.cookie(intranet).token(&parts.headers) else { return Err(stranger(&parts.method, &destination)) };
        let presence = if destination.place == AddressKind::Live { Presence::Unknown } else { Presence::Here };
        let held = intranet.stores.sessions.holder(&token, presence, intranet.clock.now()).await;
        let Some(holder) = held.map_err(|error| answer::failure(&error.into()))? else {
            return Err(stranger(&parts.method, &destination));
        };
        if let Some(ConnectInfo(peer)) = parts.extensions.get() {
            intranet.door.knows(*peer);
        }
        Ok(SignedIn { person: holder.person, sight: holder.sight, origin: arrival.address })
    }
}

/// The answer to whoever is not signed in: the same for every address, but that it is remembered
/// where they wanted to go.
pub(super) fn stranger(method: &Method, destination: &Destination) -> Response {
    if destination.place == AddressKind::Api {
        return answer::unauthorized();
    }
    let wanted = destination.whole();
    match (*method == Method::GET || *method == Method::HEAD, wanted) {
        (true, wanted) if wanted != "/" => {
            Redirect::to(&format!("/sign-in?next={}", utf8_percent_encode(wanted, NON_ALPHANUMERIC))).into_response()
        }
        _ => Redirect::to("/sign-in").into_response(),
    }
}
