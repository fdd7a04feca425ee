//! The conditions of a request and the part that it asks for (RFC 9110, sections 13 and 14). Judged
//! only where the answer would be 200, so that no header tells what is hidden from what never was.
//! There are no dates: conditions on one are ignored, as section 13.1 says.

use super::{rendered::Rendered, tag::Tag};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use sha2::{Digest, Sha256};
use std::{convert::Infallible, ops::Range, sync::Arc};

/// What a request says of the answer that it wants.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    method: Method,
    headers: HeaderMap,
}

/// What follows from it for an answer that would be 200.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Whole,
    /// 304.
    Known,
    /// 412.
    Failed,
    /// 206, these bytes; not empty.
    Part(Range<u64>),
    /// 416.
    NoSuchPart,
}

impl Conditions {
    pub(super) fn new(method: &Method, headers: &HeaderMap) -> Conditions {
        Conditions { method: method.clone(), headers: headers.clone() }
    }

    fn is_for_reading(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    /// Whether gzip is among the codings that are accepted (section 12.5.3), by its name or as any.
    fn takes_gzip(&self) -> bool {
        let written = self.headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let weighed = |coding: &str| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().to_ascii_lowercase();
            let is_refused = weight.strip_prefix("q=").is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
            (name.trim().to_ascii_lowercase(), !is_refused)
        };
        let codings: Vec<(String, bool)> = written.flat_map(|list| list.split(',')).map(weighed).collect();
        let named = |name: &str| codings.iter().find(|(coding, _)| coding == name).map(|(_, is_taken)| *is_taken);
        named("gzip").or_else(|| named("*")).unwrap_or(false)
    }

    /// In the order of section 13.2.2, without dates. What has no tag is of no state that anybody
    /// could name.
    fn judge(&self, tag: Option<&Tag>) -> Verdict {
        let is = |own: &Tag, as_tag: fn(&Tag, &Tag) -> bool| tag.is_some_and(|tag| as_tag(own, tag));
        if self.listed(&header::IF_MATCH).is_some_and(|listed| !listed.has(|own| is(own, Tag::is_strongly))) {
            return Verdict::Failed;
        }
        match self.listed(&header::IF_NONE_MATCH) {
            Some(listed) if listed.has(|own| is(own, Tag::is_weakly)) => Verdict::Known,
            _ => Verdict::Whole,
        }
    }

    /// The same for what can be had in part.
    pub(super) fn judge_part(&self, tag: Option<&Tag>, length: u64) -> Verdict {
        match self.judge(tag) {
            Verdict::Whole if self.method == Method::GET && self.wants_part_of(tag) => self.part(length),
            verdict => verdict,
        }
    }

    /// Section 13.1.5: of another state than this one nobody wants a part.
    fn wants_part_of(&self, tag: Option<&Tag>) -> bool {
        let Some(condition) = self.headers.get(header::IF_RANGE) else { return true };
        matches!(tags(condition.to_str().unwrap_or_default()).as_slice(), [own] if tag.is_some_and(|tag| own.is_strongly(tag)))
    }

    /// Several parts, or what cannot be read, get the whole.
    fn part(&self, length: u64) -> Verdict {
        let mut values = self.headers.get_all(header::RANGE).iter();
        match (values.next().map(HeaderValue::to_str), values.next()) {
            (Some(Ok(written)), None) => part(written, length),
            _ => Verdict::Whole,
        }
    }

    fn listed(&self, name: &HeaderName) -> Option<Listed> {
        let values: Vec<&str> = self.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
        let joined = values.join(",");
        (!values.is_empty()).then(|| if joined.trim() == "*" { Listed::Any } else { Listed::Tags(tags(&joined)) })
    }
}

/// The value of `If-Match` or `If-None-Match`.
enum Listed {
    Any,
    Tags(Vec<Tag>),
}

impl Listed {
    fn has(&self, is: impl Fn(&Tag) -> bool) -> bool {
        match self {
            Listed::Any => true,
            Listed::Tags(tags) => tags.iter().any(is),
        }
    }
}

/// The entity tags of a list (section 8.8.3), up to what is none.
fn tags(list: &str) -> Vec<Tag> {
    let (mut rest, mut tags) = (list, Vec::new());
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let is_weak = rest.starts_with("W/");
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"');
        let Some((opaque, behind)) = quoted.and_then(|quoted| quoted.split_once('"')) else { return tags };
        tags.push(Tag { is_weak, opaque: opaque.to_owned() });
        rest = behind;
    }
}

/// The part that a `Range` names (section 14.1.1).
fn part(written: &str, length: u64) -> Verdict {
    let spec = written.split_once('=').filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes")).map(|(_, spec)| spec.trim());
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else { return Verdict::Whole };
    let (Some(first), Some(last)) = (number(first), number(last)) else { return Verdict::Whole };
    let part = match (first, last) {
        (None, None) => return Verdict::Whole,
        (Some(first), Some(last)) if last < first => return Verdict::Whole,
        (Some(first), last) => first..last.map_or(length, |last| last.saturating_add(1).min(length)),
        (None, Some(suffix)) => length.saturating_sub(suffix)..length,
    };
    if part.is_empty() { Verdict::NoSuchPart } else { Verdict::Part(part) }
}

/// Digits, or nothing at all; `None` for anything else. No file reaches a number that is too large
/// to be held.
fn number(digits: &str) -> Option<Option<u64>> {
    match digits {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(Some(digits.parse().unwrap_or(u64::MAX))),
        _ => None,
    }
}

/// An answer that may be compressed: nothing in it was put there by whoever made the request, so
/// that its length tells nothing of the rest (BREACH).
#[derive(Clone)]
pub(super) struct Compressible;

/// Gives every page its tag, judges the conditions of its request, and says whether it may be
/// compressed.
pub(super) async fn pages(request: Request, next: Next) -> Response {
    let conditions = Conditions::new(request.method(), request.headers());
    let reflects = request.uri().query().is_some();
    let answer = next.run(request).await;
    // What has no length yet is a stream, which may never end.
    let is_page = answer.body().size_hint().exact().is_some() && !answer.headers().contains_key(header::ETAG);
    if answer.status() != StatusCode::OK || !conditions.is_for_reading() || !is_page {
        return answer;
    }
    let (mut parts, mut body) = answer.into_parts();
    let rendered = parts.extensions.remove::<Arc<Rendered>>();
    let tag = match &rendered {
        Some(rendered) => rendered.tag.clone(),
        None => {
            let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
            let tag = Tag::weak(Sha256::digest(&bytes).into());
            body = Body::from(bytes);
            tag
        }
    };
    parts.headers.insert(header::ETAG, tag.value());
    if !reflects {
        parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    match (conditions.judge(Some(&tag)), rendered) {
        (Verdict::Known, _) => return not_modified(parts.headers),
        (Verdict::Failed, _) => return StatusCode::PRECONDITION_FAILED.into_response(),
        (_, Some(rendered)) if !reflects && conditions.takes_gzip() => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            body = Body::from(rendered.compressed());
        }
        (_, None) if !reflects => drop(parts.extensions.insert(Compressible)),
        _ => {}
    }
    Response::from_parts(parts, body)
}

/// 304, with what its 200 would have said but of the body (section 15.4.5).
pub(super) fn not_modified(mut headers: HeaderMap) -> Response {
    for of_the_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_DISPOSITION, header::ACCEPT_RANGES] {
        headers.remove(of_the_body);
    }
    // Of a length that nobody knows: section 8.6 forbids to say 0 here.
    let empty = Body::from_stream(stream::empty::<Result<Bytes, Infallible>>());
    (StatusCode::NOT_MODIFIED, headers, empty).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "\"a1\"";

    fn asked(method: Method, headers: &[(HeaderName, &str)]) -> Conditions {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name, value);
        }
        Conditions::new(&method, &all)
    }

    fn strong() -> Tag {
        Tag { is_weak: false, opaque: "a1".to_owned() }
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let judged = |name: HeaderName, value: &str, tag: &Tag| asked(Method::GET, &[(name, value)]).judge(Some(tag));
        let weak = Tag { is_weak: true, ..strong() };
        for known in [OWN, "W/\"a1\"", "*", " * ", "\"b\", \"a1\"", "\"b,c\",,W/\"a1\"", "\"\" , \"a1\""] {
            assert_eq!(judged(header::IF_NONE_MATCH, known, &strong()), Verdict::Known, "{known}");
            assert_eq!(judged(header::IF_NONE_MATCH, known, &weak), Verdict::Known, "{known}");
        }
        for other in ["", "a1", "\"b\"", "\"a1", "w/\"a1\"", "\"*\"", "\"b\" x \"a1\""] {
            assert_eq!(judged(header::IF_NONE_MATCH, other, &strong()), Verdict::Whole, "{other}");
        }
        assert_eq!(judged(header::IF_MATCH, OWN, &strong()), Verdict::Whole);
        assert_eq!(judged(header::IF_MATCH, "*", &weak), Verdict::Whole);
        assert_eq!(judged(header::IF_MATCH, "\"b\"", &strong()), Verdict::Failed);
        assert_eq!(judged(header::IF_MATCH, "W/\"a1\"", &weak), Verdict::Failed, "a weak tag is not strongly anything");
        assert_eq!(judged(header::IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT", &strong()), Verdict::Whole);
        assert_eq!(judged(header::IF_UNMODIFIED_SINCE, "Fri, 01 Jan 1980 00:00:00 GMT", &strong()), Verdict::Whole);
        let two = asked(Method::GET, &[(header::IF_NONE_MATCH, "\"b\""), (header::IF_NONE_MATCH, OWN)]);
        assert_eq!(two.judge(Some(&strong())), Verdict::Known, "a list may stand in several lines");
    }

    #[test]
    fn one_part_is_cut_out_and_all_else_is_the_whole() {
        let judged = |range: &str, length| asked(Method::GET, &[(header::RANGE, range)]).judge_part(Some(&strong()), length);
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=2-", 2..10),
            ("bytes=2-99", 2..10),
            ("bytes=9-99999999999999999999999", 9..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("Bytes= 1-1 ", 1..2),
        ] {
            assert_eq!(judged(range, 10), Verdict::Part(part), "{range}");
        }
        for none in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(judged(none, 10), Verdict::NoSuchPart, "{none}");
        }
        assert_eq!((judged("bytes=0-", 0), judged("bytes=-5", 0)), (Verdict::NoSuchPart, Verdict::NoSuchPart));
        for whole in ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes=", "bytes", "lines=0-1", "bytes=a-b", "bytes=+1-2", "bytes=1--2", ""]
        {
            assert_eq!(judged(whole, 10), Verdict::Whole, "{whole}");
        }
        let twice = asked(Method::GET, &[(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")]);
        assert_eq!(twice.judge_part(Some(&strong()), 10), Verdict::Whole);
        assert_eq!(asked(Method::HEAD, &[(header::RANGE, "bytes=0-1")]).judge_part(Some(&strong()), 10), Verdict::Whole);
    }

    #[test]
    fn of_what_has_no_tag_nobody_knows_a_state() {
        let judged = |name: HeaderName, value: &str| asked(Method::GET, &[(name, value)]).judge_part(None, 10);
        assert_eq!((judged(header::IF_NONE_MATCH, OWN), judged(header::IF_NONE_MATCH, "*")), (Verdict::Whole, Verdict::Known));
        assert_eq!((judged(header::IF_MATCH, OWN), judged(header::IF_MATCH, "*")), (Verdict::Failed, Verdict::Whole));
        assert_eq!(judged(header::RANGE, "bytes=0-3"), Verdict::Part(0..4));
        let part = asked(Method::GET, &[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, OWN)]);
        assert_eq!(part.judge_part(None, 10), Verdict::Whole);
    }

    #[test]
    fn a_page_is_compressed_for_whoever_takes_it_so() {
        let takes = |lists: &[&str]| {
            let headers: Vec<_> = lists.iter().map(|list| (header::ACCEPT_ENCODING, *list)).collect();
            asked(Method::GET, &headers).takes_gzip()
        };
        for taken in [&["gzip"][..], &["br, GZIP;q=0.5"], &["*"], &["br", "gzip"], &["gzip ; q=1"], &["deflate, *;q=0.1"], &["gzip;q=x"]] {
            assert!(takes(taken), "{taken:?}");
        }
        for not in [&[][..], &[""], &["br"], &["gzip;q=0"], &["gzip;q=0.000, *"], &["*;q=0"], &["identity"], &["gzipped"]] {
            assert!(!takes(not), "{not:?}");
        }
    }

    #[test]
    fn a_part_is_wanted_of_the_same_state_only() {
        let judged = |condition: &str| {
            asked(Method::GET, &[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, condition)]).judge_part(Some(&strong()), 10)
        };
        assert_eq!(judged(OWN), Verdict::Part(0..2));
        for other in ["\"b\"", "W/\"a1\"", "Fri, 01 Jan 2100 00:00:00 GMT", "*", "", "\"a1\", \"b\""] {
            assert_eq!(judged(other), Verdict::Whole, "{other}");
        }
        let both = asked(Method::GET, &[(header::RANGE, "bytes=0-1"), (header::IF_NONE_MATCH, OWN)]);
        assert_eq!(both.judge_part(Some(&strong()), 10), Verdict::Known, "a condition goes before a part");
    }
}
