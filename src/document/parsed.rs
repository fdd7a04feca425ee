//! The documents of an archive's records. Where an archive is read again after a change, a text
//! that is as it was is not parsed again.

use super::{Document, parse};
use crate::source::{FileId, Room, SourceFile, Sources};
use rayon::prelude::*;
use std::{collections::HashMap, sync::Arc};

/// The documents of one reading, each with what it was parsed from.
struct Parsed(HashMap<FileId, (SourceFile, Arc<Document>)>);

impl Parsed {
    fn of(&self, file: &SourceFile) -> Option<&Arc<Document>> {
        self.0.get(&file.id).filter(|(known, _)| known == file).map(|(_, document)| document)
    }
}

/// What stands in the records' files, in the order of their paths.
pub fn of_records(sources: &Sources) -> Vec<Arc<Document>> {
    let files: Vec<&SourceFile> = sources.in_room(Room::Record).collect();
    let before = sources.kept().last::<Parsed>();
    let parsed = |file: &&SourceFile| before.as_ref().and_then(|before| before.of(file)).cloned().unwrap_or_else(|| Arc::new(parse(file)));
    let documents: Vec<Arc<Document>> = files.par_iter().map(parsed).collect();
    if sources.is_followed() {
        let each = files.into_iter().zip(&documents);
        sources.kept().keep(Parsed(each.map(|(file, document)| (file.id, (file.clone(), document.clone()))).collect()));
    }
    documents
}
