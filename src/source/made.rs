//! What a later stage makes of each text by itself. Where an archive is read again after a change,
//! what was made of a text that is as it was is there already.

use super::{Room, SourceFile, Sources};
use rayon::prelude::*;
use std::{any::Any, sync::Arc};

/// What was made of the texts of one reading, each with the text (a memo): in the order of their
/// paths.
struct MadeOfTexts<T>(Vec<(SourceFile, Arc<T>)>);

impl<T> MadeOfTexts<T> {
    /// `near`: where it may stand.
    fn of(&self, file: &SourceFile, near: usize) -> Option<Arc<T>> {
        let is_of = |known: &SourceFile| known.id == file.id;
        let by_path = || self.0.binary_search_by(|(known, _)| known.path.cmp(&file.path)).ok();
        let at = if self.0.get(near).is_some_and(|(known, _)| is_of(known)) { near } else { by_path()? };
        let (known, made) = &self.0[at];
        (known == file).then(|| made.clone())
    }
}

impl Sources {
    /// What `make` makes of each text in a room, in the order of their paths; it must look at
    /// nothing but the text. A type is made in one way alone: it is what this is known by.
    pub fn made_of_each<T: Any + Send + Sync>(&self, room: Room, make: impl Fn(&SourceFile) -> T + Sync) -> Vec<Arc<T>> {
        let files: Vec<&SourceFile> = self.in_room(room).collect();
        let before = self.kept().last::<MadeOfTexts<T>>();
        let known = |file: &SourceFile, at| before.as_ref().and_then(|before| before.of(file, at));
        let made = files.par_iter().enumerate().map(|(at, file)| known(file, at).unwrap_or_else(|| Arc::new(make(file))));
        let made: Vec<Arc<T>> = made.collect();
        if self.is_followed() {
            let each = files.into_iter().zip(&made);
            self.kept().keep(MadeOfTexts(each.map(|(file, made)| (file.clone(), made.clone())).collect()));
        }
        made
    }
}
