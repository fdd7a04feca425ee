//! Answers: a page as HTTP, the one answer to all that is not there, and failures that tell nothing.

use crate::render::Page;
use axum::{
    body::Body,
    http::{HeaderValue, Response as HttpResponse, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A page under its content type.
pub(super) fn page(status: StatusCode, page: Page) -> Response {
    let mut response = HttpResponse::new(Body::from(page.body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    response.into_response()
}

pub(super) fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "application/json")], r#"{"error":"sign in first"}"#).into_response()
}

/// Something of ours failed: the operator reads it in the log, the reader is told no more than that.
pub(super) fn failure(error: &dyn std::error::Error) -> Response {
    tracing::error!("{error}");
    (StatusCode::INTERNAL_SERVER_ERROR, "暂时无法处理，请稍后再试。 This cannot be done at the moment; try again later.").into_response()
}

/// The access log cannot be written: nothing restricted goes out.
pub(super) fn unavailable(error: &str) -> Response {
    tracing::error!("the access log cannot be written: {error}");
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "查阅记录暂时无法写入，受限文件暂停查阅。 The access log cannot be written; restricted records are closed meanwhile.",
    )
        .into_response()
}
