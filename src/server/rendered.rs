//! A page as it goes out: with its tag, and compressed once.

use super::tag::Tag;
use crate::{render::Page, source::RecordId};
use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{io::Write, sync::OnceLock};

/// A page as it goes out.
#[derive(Debug)]
pub(super) struct Rendered {
    pub content_type: &'static str,
    pub body: Bytes,
    pub tag: Tag,
    /// The record that it shows or belongs to.
    pub record: Option<RecordId>,
    compressed: OnceLock<Bytes>,
}

impl From<Page> for Rendered {
    fn from(page: Page) -> Rendered {
        let Page { content_type, body, record, .. } = page;
        let tag = Tag::weak(Sha256::digest(&body).into());
        Rendered { content_type, body: body.into(), tag, record, compressed: OnceLock::new() }
    }
}

impl Rendered {
    /// The body as gzip (RFC 1952), made for the first who takes it so.
    pub fn compressed(&self) -> Bytes {
        self.compressed.get_or_init(|| gzip(&self.body)).clone()
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes what is written").into()
}
