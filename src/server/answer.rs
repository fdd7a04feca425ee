//! Answers: a page as HTTP, the one answer to all that is not there, and failures that tell
//! nothing.

use super::{
    error::{PageError, ServerError},
    rendered::Rendered,
};
use crate::{
    render::{Done, Page},
    store::StoreError,
};
use axum::{
    body::Body,
    http::{HeaderValue, Response as HttpResponse, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// A page under its content type.
pub(super) fn page(status: StatusCode, page: Page) -> Response {
    let mut response = HttpResponse::new(Body::from(page.body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    response.into_response()
}

/// A page that was rendered, and may be kept.
pub(super) fn rendered(status: StatusCode, page: Arc<Rendered>) -> Response {
    let mut response = HttpResponse::new(Body::from(page.body.clone()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    response.extensions_mut().insert(page);
    response.into_response()
}

/// Back to a page of this site, where it is told what has been done.
pub(super) fn back(to: Option<String>, page: &str, done: Done) -> Response {
    let to = own(to).filter(|to| to.ends_with(page)).unwrap_or_else(|| page.to_owned());
    Redirect::to(&format!("{to}?done={}", done.key())).into_response()
}

/// A path of this site, and nothing that a browser would take for another's.
pub(super) fn own(path: Option<String>) -> Option<String> {
    path.filter(|path| {
        let is_path = path.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']));
        is_path && path.len() <= 1024 && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    })
}

pub(super) fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "application/json")], r#"{"error":"sign in first"}"#).into_response()
}

/// Something of ours failed: the operator reads it in the log, the reader is told no more than
/// that. Who is not on staff signs in anew.
pub(super) fn failure(error: &PageError) -> Response {
    match error {
        PageError::Left => Redirect::to("/sign-in").into_response(),
        PageError::Busy => {
            let words = "现在请求太多，请稍后再试。 Too many are asking just now; try again in a moment.";
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], words).into_response()
        }
        PageError::Server(ServerError::Looked(_)) => {
            tracing::error!("{error}");
            let words = "档案库暂时无法读取，请稍后再试。 The archive cannot be read at the moment; try again later.";
            (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
        }
        error => {
            tracing::error!("{error}");
            let words = "暂时无法处理，请稍后再试。 This cannot be done at the moment; try again later.";
            (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
        }
    }
}

/// Too many attachments are being handed over.
pub(super) fn busy() -> Response {
    let words = "附件正在排队，请稍后再试。 Attachments are waiting their turn; try again in a moment.";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], words).into_response()
}

/// The access log cannot be written: nothing restricted goes out.
pub(super) fn unavailable(error: &StoreError) -> Response {
    tracing::error!("{error}");
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "查阅记录暂时无法写入，受限文件暂停查阅。 The access log cannot be written; restricted records are closed meanwhile.",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn only_paths_of_our_own_are_gone_to() {
        for good in ["/", "/records/C-0007/", "/search/?q=%E4%BF%A1"] {
            assert_eq!(own(Some(good.to_owned())), Some(good.to_owned()));
        }
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/信", "/a\\b"] {
            assert_eq!(own(Some(bad.to_owned())), None, "{bad}");
        }
    }
}
