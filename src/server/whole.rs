//! What every request must be before anybody looks at it: addressed to one host, and here as a
//! whole. Who sends it piece by piece is waited for only so long, and holds nothing meanwhile but
//! the connection.

use super::intranet::Intranet;
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::timeout;

/// No form of ours is larger, in bytes.
const LARGEST: usize = 64 << 10;
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// 400, 408 or 413 for what is none; else hands the request on, and its connection makes room for
/// nobody until it is answered.
pub(super) async fn whole(State(intranet): State<Arc<Intranet>>, request: Request, next: Next) -> Response {
    if !has_one_host(request.version(), request.headers()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let request = match received(request).await {
        Ok(request) => request,
        Err(status) => return status.into_response(),
    };
    let _under_way = peer.map(|peer| intranet.door.under_way(peer));
    next.run(request).await
}

/// RFC 9112, section 3.2: with none (since HTTP/1.1), with two, or with what is no host, a proxy
/// and we might each take it for another's.
fn has_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => host.is_empty() || host.to_str().is_ok_and(is_host),
        _ => false,
    }
}

/// A name or an address, and perhaps a port: no list of them, and nobody's password.
fn is_host(written: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:[]".contains(&byte);
    written.bytes().all(is_plain) && written.parse::<Authority>().is_ok()
}

async fn received(request: Request) -> Result<Request, StatusCode> {
    let (parts, body) = request.into_parts();
    if body.size_hint().lower() > LARGEST as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match timeout(BODY_TIMEOUT, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[track_caller]
    fn check(version: Version, hosts: &[&str], expected: bool) {
        let hosts = hosts.iter().map(|host| (header::HOST, HeaderValue::from_str(host).unwrap()));
        let mut headers = HeaderMap::new();
        for (name, host) in hosts {
            headers.append(name, host);
        }
        assert_eq!(has_one_host(version, &headers), expected, "{headers:?}");
    }

    #[test]
    fn a_request_is_addressed_to_one_host() {
        for host in ["records.example", "records.example:8200", "127.0.0.1:8200", "[::1]:8200", ""] {
            check(Version::HTTP_11, &[host], true);
        }
        for other in ["a b", "a/b", "a@b", "a,b", "a:b:c", "http://a", "a?b", "a#b", "[::1", "a\\b"] {
            check(Version::HTTP_11, &[other], false);
        }
        check(Version::HTTP_11, &[], false);
        check(Version::HTTP_11, &["a", "a"], false);
        check(Version::HTTP_10, &[], true);
        check(Version::HTTP_10, &["a", "b"], false);
    }
}
