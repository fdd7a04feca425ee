//! What a later stage makes of each text by itself. Where an archive is read again after a change,
//! what was made of a text that is as it was is there already.

use super::{FileId, Room, SourceFile, Sources};
use rayon::prelude::*;
use std::{any::Any, collections::HashMap, sync::Arc};

/// What was made of the texts of one reading, each with the text (a memo).
struct MadeOfTexts<T>(HashMap<FileId, (SourceFile, Arc<T>)>);

impl<T> MadeOfTexts<T> {
    fn of(&self, file: &SourceFile) -> Option<Arc<T>> {
        self.0.get(&file.id).filter(|(known, _)| known == file).map(|(_, made)| made.clone())
    }
}

impl Sources {
    /// What `make` makes of each text in a room, in the order of their paths; it must look at
    /// nothing but the text. A type is made in one way alone: it is what this is known by.
    pub fn made_of_each<T: Any + Send + Sync>(&self, room: Room, make: impl Fn(&SourceFile) -> T + Sync) -> Vec<Arc<T>> {
        let files: Vec<&SourceFile> = self.in_room(room).collect();
        let before = self.kept().last::<MadeOfTexts<T>>();
        let known = |file: &SourceFile| before.as_ref().and_then(|before| before.of(file));
        let made: Vec<Arc<T>> = files.par_iter().map(|file| known(file).unwrap_or_else(|| Arc::new(make(file)))).collect();
        if self.is_followed() {
            let each = files.into_iter().zip(&made);
            self.kept().keep(MadeOfTexts(each.map(|(file, made)| (file.id, (file.clone(), made.clone()))).collect()));
        }
        made
    }
}
