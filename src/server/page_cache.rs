//! Pages that were rendered for somebody, kept while the archive is as it was: for the same reader,
//! address and session the same page comes out again. A changed archive is opened anew, with
//! nothing kept; so no page outlives the right to it.

use super::{disclosure::Disclosure, rendered::Rendered};
use crate::{access::Reader, render::Session};
use lru::LruCache;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bodies of all pages that are kept, in bytes.
const MOST: usize = 32 << 20;

/// By what decides a page, besides the archive and the theme.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct PageKey {
    pub reader: Reader,
    /// Without its query.
    pub address: String,
    pub session: Session,
}

/// The pages of one state of the archive: those that were asked for last.
#[derive(Debug)]
pub(super) struct PageCache(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    pages: LruCache<PageKey, (Arc<Rendered>, Disclosure)>,
    bytes: usize,
}

impl Default for PageCache {
    fn default() -> PageCache {
        PageCache(Mutex::new(Kept { pages: LruCache::unbounded(), bytes: 0 }))
    }
}

impl PageCache {
    pub fn get(&self, key: &PageKey) -> Option<(Arc<Rendered>, Disclosure)> {
        self.kept().pages.get(key).cloned()
    }

    /// Keeps a page, and lets go of those that nobody has asked for the longest.
    pub fn keep(&self, key: PageKey, page: Arc<Rendered>, disclosure: Disclosure) {
        let mut kept = self.kept();
        kept.bytes += page.body.len();
        if let Some((_, (before, _))) = kept.pages.push(key, (page, disclosure)) {
            kept.bytes -= before.body.len();
        }
        while kept.bytes > MOST {
            let Some((_, (oldest, _))) = kept.pages.pop_lru() else { return };
            kept.bytes -= oldest.body.len();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Page;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn page(body: Vec<u8>) -> Arc<Rendered> {
        Arc::new(Page { address: "/".to_owned(), content_type: "text/html", body, record: None }.into())
    }

    fn key(person: &str, address: &str) -> PageKey {
        PageKey { reader: Reader::Person(person.into()), address: address.to_owned(), session: Session::default() }
    }

    #[test]
    fn a_page_is_for_one_reader_at_one_address_in_one_session() {
        let cache = PageCache::default();
        cache.keep(key("mei", "/"), page(b"mei's".to_vec()), Disclosure::Open);
        let body = |key: &PageKey| cache.get(key).map(|(page, _)| page.body.to_vec());
        assert_eq!(body(&key("mei", "/")), Some(b"mei's".to_vec()));
        let signs = Session { signs: true, ..Session::default() };
        let other = PageKey { session: signs, ..key("mei", "/") };
        let through = Reader::As { person: "mei".into(), shown_to: "lin".into() };
        for none in [key("lin", "/"), key("mei", "/due/"), other, PageKey { reader: through, ..key("mei", "/") }] {
            assert_eq!(body(&none), None, "{none:?}");
        }
        cache.keep(key("mei", "/"), page(b"again".to_vec()), Disclosure::Open);
        assert_eq!((body(&key("mei", "/")), cache.kept().bytes), (Some(b"again".to_vec()), 5));
    }

    #[test]
    fn what_was_not_asked_for_the_longest_makes_room() {
        let cache = PageCache::default();
        let large = || page(vec![0; MOST / 3]);
        ["/1/", "/2/", "/3/"].into_iter().for_each(|address| cache.keep(key("mei", address), large(), Disclosure::Open));
        assert!(cache.get(&key("mei", "/1/")).is_some());
        cache.keep(key("mei", "/4/"), large(), Disclosure::Open);
        let is_kept = ["/1/", "/2/", "/3/", "/4/"].map(|address| cache.get(&key("mei", address)).is_some());
        assert_eq!(is_kept, [true, false, true, true]);
        cache.keep(key("mei", "/5/"), page(vec![0; MOST + 1]), Disclosure::Open);
        let kept = cache.kept();
        assert_eq!((kept.pages.len(), kept.bytes), (0, 0), "none is larger than all may be");
    }

    #[test]
    fn what_is_compressed_is_the_page() {
        let page = page("甲乙丙".repeat(500).into_bytes());
        let mut read = Vec::new();
        GzDecoder::new(&*page.compressed()).read_to_end(&mut read).unwrap();
        assert!(read == page.body && page.compressed().len() < page.body.len() / 10);
    }
}
