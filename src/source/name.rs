//! Words that stand in very many places: keys of front matter, fields, and what the documents of a
//! kind say alike.

use std::{
    cell::RefCell,
    collections::{HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Nobody's policies name more fields than this; what is written beyond that is no name.
const MOST: usize = 4_096;
/// In bytes.
const LONGEST: usize = 64;

/// So many words are remembered to be shared.
const PLACES: usize = 4_096;

thread_local! {
    static NAMES: RefCell<HashSet<Arc<str>>> = RefCell::default();
    static WORDS: RefCell<Vec<Option<Arc<str>>>> = RefCell::new(vec![None; PLACES]);
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

/// Words that may stand in other documents too: the same copy as the last time that they were
/// asked for, unless others have taken their place since (a direct-mapped cache, one a thread).
pub fn shared(words: &str) -> Arc<str> {
    if words.len() > LONGEST {
        return words.into();
    }
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    WORDS.with_borrow_mut(|known| {
        let place = &mut known[hasher.finish() as usize % PLACES];
        match place {
            Some(same) if **same == *words => same.clone(),
            _ => place.insert(words.into()).clone(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shared_while_they_are_remembered() {
        assert!(Arc::ptr_eq(&shared("已完成"), &shared("已完成")));
        let before = shared("已完成");
        for number in 0..PLACES * 20 {
            assert_eq!(*shared(&number.to_string()), *number.to_string());
        }
        assert!(!Arc::ptr_eq(&before, &shared("已完成")), "others took the place");
        let long = "客".repeat(LONGEST);
        assert!(*shared(&long) == *long && !Arc::ptr_eq(&shared(&long), &shared(&long)));
    }

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
