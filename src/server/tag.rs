//! Entity tags (RFC 9110, section 8.8.3).

use axum::http::HeaderValue;

/// Bytes of a digest that a tag has.
const TAG_BYTES: usize = 16;

/// An entity tag: of the bytes that this reader gets, never of the archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tag {
    pub(super) is_weak: bool,
    pub(super) opaque: String,
}

impl Tag {
    /// For what is sent byte for byte.
    pub(super) fn strong(digest: [u8; 32]) -> Tag {
        Tag { is_weak: false, opaque: digest.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect() }
    }

    /// For what may be sent compressed.
    pub(super) fn weak(digest: [u8; 32]) -> Tag {
        Tag { is_weak: true, ..Tag::strong(digest) }
    }

    pub(super) fn value(&self) -> HeaderValue {
        let weak = if self.is_weak { "W/" } else { "" };
        HeaderValue::from_str(&format!("{weak}\"{}\"", self.opaque)).expect("hexadecimal digits are visible ASCII")
    }

    /// RFC 9110, section 8.8.3.2.
    pub(super) fn is_strongly(&self, other: &Tag) -> bool {
        !self.is_weak && self == other
    }

    pub(super) fn is_weakly(&self, other: &Tag) -> bool {
        self.opaque == other.opaque
    }
}
