//! Names that stand in very many places: keys of front matter, fields.

use std::{cell::RefCell, collections::HashSet, sync::Arc};

/// Nobody's policies name more fields than this; what is written beyond that is no name.
const MOST: usize = 4_096;
/// In bytes.
const LONGEST: usize = 64;

thread_local! {
    static NAMES: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

/// A name of which each thread keeps one copy for all places in which it stands (interning).
pub fn interned(name: &str) -> Arc<str> {
    NAMES.with_borrow_mut(|names| {
        if let Some(known) = names.get(name) {
            return known.clone();
        }
        let own: Arc<str> = name.into();
        if names.len() < MOST && name.len() <= LONGEST {
            names.insert(own.clone());
        }
        own
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_no_more_than_there_may_be() {
        assert!(Arc::ptr_eq(&interned("customer"), &interned("customer")));
        assert_eq!(&*interned(&"客".repeat(LONGEST)), "客".repeat(LONGEST));
        (0..MOST + 10).for_each(|number| assert_eq!(*interned(&number.to_string()), *number.to_string()));
        assert_eq!(NAMES.with_borrow(HashSet::len), MOST);
        assert!(Arc::ptr_eq(&interned("customer"), &interned("customer")), "what was kept stays");
        assert!(!Arc::ptr_eq(&interned("one too many"), &interned("one too many")));
    }
}
