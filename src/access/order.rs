//! The order in which people look names up: numbers by their value, Chinese by pinyin (Unicode
//! CLDR, `zh` with `kn`).

use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;
use std::{cmp::Ordering, sync::LazyLock};

static COLLATOR: LazyLock<CollatorBorrowed<'static>> =
    LazyLock::new(|| Collator::try_new(locale!("zh-u-kn").into(), CollatorOptions::default()).expect("its data are part of the program"));

/// The order of two ids, names or titles; no two that differ are equal.
pub fn by_name(one: &str, other: &str) -> Ordering {
    COLLATOR.compare(one, other).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::by_name;
    use std::cmp::Ordering;

    #[test]
    fn names_stand_where_people_look_for_them() {
        let sorted = |names: &[&str]| {
            let mut sorted = names.to_vec();
            sorted.reverse();
            sorted.sort_by(|a, b| by_name(a, b));
            assert_eq!(sorted, names);
        };
        sorted(&["C-1", "C-2", "C-10", "C-11", "C-100", "CARD-1"]);
        sorted(&["LR-20260506-b", "LR-20260506-y5cr", "LR-20261001-a"]);
        sorted(&["第2条", "第10条"]);
        sorted(&["王海清", "王雨", "韦平", "张一", "赵敏"]);
        sorted(&["阿里", "保定", "重庆", "东海"]);
        sorted(&["abc", "Abd", "Álvaro", "b"]);
        sorted(&["", "甲", "a"]);
        assert_eq!(by_name("caf\u{e9}", "cafe\u{301}"), Ordering::Greater, "no two that differ are equal");
        sorted(&["C-99999999999999999999999999999998", "C-99999999999999999999999999999999"]);
    }
}
