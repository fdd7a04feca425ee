//! Attachments over HTTP: under their own names, in part where a part is asked for, shut off from
//! the site. Read piece by piece, so that a large one costs no memory; few at once, so that they
//! keep neither the pages' threads nor the system's open files.

use super::{
    condition::{self, Conditions, Verdict},
    error::PageError,
    tag::Tag,
};
use crate::{
    render::{Handing, ShownAttachment, encoded},
    source::{DigestCache, MAX_DIGESTED, Opened, RecordId},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, stream};
use std::{
    collections::HashMap,
    io,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// What is read at once, in bytes.
const PIECE: usize = 256 << 10;
/// Whatever it holds, a browser runs nothing of it and lets it ask for nothing.
const SHUT_OFF: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Files that are read for their digests at once.
const DIGESTS_AT_ONCE: usize = 2;
/// Attachments that one person is given at once; browsers ask for a page's pictures together, and
/// the rest wait.
const A_PERSONS: usize = 4;
/// Whose turn has not come by then is told to come again.
const QUEUE: Duration = Duration::from_secs(5);

/// Whose turn it is to be given an attachment, and the digests that are known.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    persons: Mutex<HashMap<RecordId, Arc<Semaphore>>>,
    digesting: Arc<Semaphore>,
    digests: Arc<DigestCache>,
}

/// Held until an attachment has been handed over.
pub(super) struct HandingTurn {
    _one_of_a_person: OwnedSemaphorePermit,
    _one_of_all: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(at_once: usize, digests: Arc<DigestCache>) -> Turns {
        let (all, digesting) = (Arc::new(Semaphore::new(at_once)), Arc::new(Semaphore::new(DIGESTS_AT_ONCE)));
        Turns { all, digesting, persons: Mutex::default(), digests }
    }

    /// Waits for a person's turn: nothing where it does not come soon. The same for every address,
    /// whatever is there.
    pub(super) async fn turn(&self, person: &RecordId) -> Option<HandingTurn> {
        let own = self.of(person);
        let both = async { Some((own.acquire_owned().await.ok()?, self.all.clone().acquire_owned().await.ok()?)) };
        let (of_a_person, of_all) = timeout(QUEUE, both).await.ok().flatten()?;
        Some(HandingTurn { _one_of_a_person: of_a_person, _one_of_all: of_all })
    }

    fn of(&self, person: &RecordId) -> Arc<Semaphore> {
        let mut persons = self.persons.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        persons.entry(person.clone()).or_insert_with(|| Arc::new(Semaphore::new(A_PERSONS))).clone()
    }

    /// An attachment with its tag. Its bytes are read once, as long as the file is as it was.
    ///
    /// # Errors
    /// Those of the disk.
    pub(super) async fn tagged(&self, attachment: ShownAttachment, turn: HandingTurn) -> Result<Tagged, PageError> {
        let ShownAttachment { opened, .. } = &attachment;
        let known = self.digests.known(opened).map_err(PageError::Attachment)?;
        if known.is_some() || opened.length > MAX_DIGESTED {
            return Ok(Tagged { attachment, turn, tag: known.map(Tag::strong) });
        }
        let one_of_few = self.digesting.clone().acquire_owned().await.map_err(|_| PageError::Panicked)?;
        let (digests, mut attachment) = (self.digests.clone(), attachment);
        let task = tokio::task::spawn_blocking(move || {
            let _goes_on_where_nobody_waits = one_of_few;
            digests.sha256(&mut attachment.opened).map(|digest| (attachment, digest))
        });
        let (attachment, digest) = task.await.map_err(|_| PageError::Panicked)?.map_err(PageError::Attachment)?;
        Ok(Tagged { attachment, turn, tag: Some(Tag::strong(digest)) })
    }
}

/// An attachment, and the tag of its bytes: none where it is too large to be read for one.
pub(super) struct Tagged {
    attachment: ShownAttachment,
    turn: HandingTurn,
    tag: Option<Tag>,
}

impl Tagged {
    /// The answer to a request for it.
    pub(super) fn answer(self, conditions: &Conditions) -> Response {
        let length = self.attachment.opened.length;
        let mut headers = self.headers();
        match conditions.judge_part(self.tag.as_ref(), length) {
            Verdict::Failed => StatusCode::PRECONDITION_FAILED.into_response(),
            Verdict::Known => condition::not_modified(headers),
            Verdict::Whole => answer(StatusCode::OK, headers, self.attachment.opened, 0..length, self.turn),
            Verdict::Part(part) => {
                headers.insert(header::CONTENT_RANGE, value(&format!("bytes {}-{}/{length}", part.start, part.end - 1)));
                answer(StatusCode::PARTIAL_CONTENT, headers, self.attachment.opened, part, self.turn)
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
        let all = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.attachment.content_type)),
            (header::CONTENT_DISPOSITION, value(&disposition)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SHUT_OFF)),
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        ];
        HeaderMap::from_iter(all.into_iter().chain(self.tag.as_ref().map(|tag| (header::ETAG, tag.value()))))
    }
}

fn answer(status: StatusCode, mut headers: HeaderMap, opened: Opened, part: Range<u64>, turn: HandingTurn) -> Response {
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    (status, headers, Body::from_stream(pieces(opened, part, turn))).into_response()
}

/// A header's value of visible ASCII.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("what is written here is visible ASCII")
}

/// A part, piece by piece. Where the file has become shorter meanwhile, the answer breaks off.
fn pieces(opened: Opened, part: Range<u64>, turn: HandingTurn) -> impl Stream<Item = io::Result<Vec<u8>>> {
    stream::try_unfold((opened, part, turn), |(mut opened, part, turn)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let most = (part.end - part.start).min(PIECE as u64) as usize;
        let read = tokio::task::spawn_blocking(move || opened.read(part.start, most).map(|piece| (opened, piece)));
        let (opened, piece) = read.await.map_err(io::Error::other)??;
        match piece.len() as u64 {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok(Some((piece, (opened, part.start + length..part.end, turn)))),
        }
    })
}
