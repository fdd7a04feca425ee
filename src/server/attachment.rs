//! Attachments over HTTP: under their own names, in part where a part is asked for, shut off from the site. Read piece by piece, so that a
//! large one costs no memory.

use super::condition::{self, Asked, Tag, Verdict};
use crate::{
    render::{Attachment, Handing, encoded},
    source::Opened,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, stream};
use sha2::{Digest, Sha256};
use std::{io, ops::Range};

/// What is read at once, in bytes.
const PIECE: usize = 256 << 10;
/// Whatever it holds, a browser runs nothing of it and lets it ask for nothing.
const SHUT_OFF: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// An attachment, and the tag of its bytes.
pub(super) struct Tagged {
    attachment: Attachment,
    tag: Tag,
}

impl Tagged {
    /// Reads it once, for its tag. Blocks.
    ///
    /// # Errors
    /// Those of the disk.
    pub(super) fn new(mut attachment: Attachment) -> io::Result<Tagged> {
        let tag = Tag::strong(digest(&mut attachment.opened)?);
        Ok(Tagged { attachment, tag })
    }

    /// The answer to a request for it.
    pub(super) fn answer(self, asked: &Asked) -> Response {
        let length = self.attachment.opened.length;
        let mut headers = self.headers();
        match asked.judge_part(&self.tag, length) {
            Verdict::Failed => StatusCode::PRECONDITION_FAILED.into_response(),
            Verdict::Known => condition::not_modified(headers),
            Verdict::Whole => answer(StatusCode::OK, headers, self.attachment.opened, 0..length),
            Verdict::Part(part) => {
                headers.insert(header::CONTENT_RANGE, value(&format!("bytes {}-{}/{length}", part.start, part.end - 1)));
                answer(StatusCode::PARTIAL_CONTENT, headers, self.attachment.opened, part)
            }
            Verdict::NoSuchPart => {
                let none = [(header::CONTENT_RANGE, value(&format!("bytes */{length}")))];
                (StatusCode::RANGE_NOT_SATISFIABLE, none).into_response()
            }
        }
    }

    fn headers(&self) -> HeaderMap {
        let handing = if self.attachment.handing == Handing::Inline { "inline" } else { "attachment" };
        // RFC 6266, with the name as RFC 8187 has it.
        let disposition = format!("{handing}; filename*=UTF-8''{}", encoded(&self.attachment.name));
        HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static(self.attachment.content_type)),
            (header::CONTENT_DISPOSITION, value(&disposition)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SHUT_OFF)),
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            (header::ETAG, self.tag.value()),
        ])
    }
}

fn answer(status: StatusCode, mut headers: HeaderMap, opened: Opened, part: Range<u64>) -> Response {
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    (status, headers, Body::from_stream(pieces(opened, part))).into_response()
}

/// A header's value of visible ASCII.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("what is written here is visible ASCII")
}

fn digest(opened: &mut Opened) -> io::Result<[u8; 32]> {
    let (mut digest, mut at) = (Sha256::new(), 0);
    while at < opened.length {
        let piece = opened.read(at, PIECE)?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        digest.update(piece);
    }
    Ok(digest.finalize().into())
}

/// A part, piece by piece. Where the file has become shorter meanwhile, the answer breaks off.
fn pieces(opened: Opened, part: Range<u64>) -> impl Stream<Item = io::Result<Vec<u8>>> {
    stream::try_unfold((opened, part), |(mut opened, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let most = (part.end - part.start).min(PIECE as u64) as usize;
        let read = tokio::task::spawn_blocking(move || opened.read(part.start, most).map(|piece| (opened, piece)));
        let (opened, piece) = read.await.map_err(io::Error::other)??;
        match piece.len() as u64 {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok(Some((piece, (opened, part.start + length..part.end)))),
        }
    })
}
