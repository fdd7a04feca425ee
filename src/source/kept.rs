//! What later stages have made of some texts, kept for whoever reads the archive again: most of the
//! texts have not changed by then. Never knows what it keeps.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

/// So many values of a type are kept: those that were asked for last.
const KEPT: usize = 8;

/// A memo of the last values of any type (in the manner of a least-recently-used cache).
#[derive(Default)]
pub struct Kept(Mutex<HashMap<TypeId, Values>>);

/// Values of one type, the one that was asked for last first.
type Values = Vec<Arc<dyn Any + Send + Sync>>;

impl Kept {
    /// The value of a type that `fits`, where one is kept; else what is made now, and kept from now
    /// on. Two who ask at once may both make it.
    pub fn or_made<T: Any + Send + Sync>(&self, fits: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> Arc<T> {
        let known = self.of_type::<T, _>(|values| {
            let at = values.iter().position(|value| value.downcast_ref().is_some_and(&fits))?;
            values.remove(at).downcast().ok()
        });
        let value = known.unwrap_or_else(|| Arc::new(make()));
        self.of_type::<T, _>(|values| {
            values.insert(0, value.clone());
            values.truncate(KEPT);
        });
        value
    }

    /// The value of a type that was [kept](Kept::keep) last.
    pub fn last<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.of_type::<T, _>(|values| values.first()?.clone().downcast().ok())
    }

    /// Keeps a value in the place of any other of its type.
    pub fn keep<T: Any + Send + Sync>(&self, value: T) {
        self.of_type::<T, _>(|values| *values = vec![Arc::new(value)]);
    }

    fn of_type<T: Any, R>(&self, act: impl FnOnce(&mut Values) -> R) -> R {
        let mut all = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        act(all.entry(TypeId::of::<T>()).or_default())
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_made_once_and_the_oldest_goes() {
        let kept = Kept::default();
        let asked = |number: u32, makes: bool| {
            let mut is_made = false;
            let value = kept.or_made(
                |known: &u32| *known == number,
                || {
                    is_made = true;
                    number
                },
            );
            assert_eq!((*value, is_made), (number, makes), "{number}");
        };
        asked(1, true);
        asked(1, false);
        assert_eq!(*kept.or_made(|_: &String| true, || "another type".to_owned()), "another type");
        asked(1, false);
        (2..2 + KEPT as u32).for_each(|number| asked(number, true));
        asked(1, true);
    }

    #[test]
    fn of_what_is_kept_in_the_place_of_the_last_there_is_one() {
        let kept = Kept::default();
        assert_eq!(kept.last::<u32>(), None);
        (0..3_u32).for_each(|number| kept.keep(number));
        kept.keep("another type".to_owned());
        assert_eq!((kept.last::<u32>().as_deref(), kept.last::<String>().as_deref().map(String::as_str)), (Some(&2), Some("another type")));
        assert_eq!(kept.0.lock().unwrap().values().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
    }
}
