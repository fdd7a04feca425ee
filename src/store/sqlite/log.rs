//! The access log in a folder, for whoever writes it: a thread of its own does.

use super::{
    book::{Book, write_on},
    fault::SqliteFault,
    volume::{self, Volumes, connected},
    worker::aside,
};
use crate::{
    source::RecordId,
    store::{AccessLine, AccessLog, Consultation, PendingLine, StoreError, log::LineSender},
};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::mpsc::{Sender, channel},
    thread::JoinHandle,
};

/// Files of the log, the last ones, from which a page tells who has read a record: two million
/// lines.
const LOOKED_THROUGH: usize = 40;

/// The log, written by a thread of its own.
pub struct SqliteLog {
    folder: PathBuf,
    lines: Option<Sender<(AccessLine, LineSender)>>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteLog {
    /// Opens, or makes, the log in a folder. Blocks meanwhile.
    ///
    /// # Errors
    /// Where it cannot be made or read.
    pub fn open(folder: &Path) -> Result<SqliteLog, StoreError> {
        SqliteLog::open_in_volumes(folder, volume::LINES)
    }

    /// The same, with volumes of so many lines or more.
    pub(super) fn open_in_volumes(folder: &Path, lines: i64) -> Result<SqliteLog, StoreError> {
        let book = Book::open(folder, lines)?;
        let (lines, waiting) = channel();
        let writer = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || write_on(book, &waiting));
        let writer = writer.map_err(|e| StoreError::Log(e.to_string()))?;
        Ok(SqliteLog { folder: folder.to_owned(), lines: Some(lines), writer: Some(writer) })
    }
}

#[async_trait]
impl AccessLog for SqliteLog {
    fn write(&self, line: AccessLine) -> PendingLine {
        let (written, pending) = PendingLine::begin();
        if let Some(lines) = &self.lines {
            // Where the writer is gone, the sender is dropped here and whoever waits is told so.
            let _gone = lines.send((line.within(), written));
        }
        pending
    }

    /// Told from the last [`LOOKED_THROUGH`] files of the log, and of these from those that can be
    /// read.
    async fn consultations(&self, record: &RecordId, most: usize) -> Result<Vec<Consultation>, StoreError> {
        let (folder, record) = (self.folder.clone(), record.clone());
        aside(move || consultations(&folder, &record, most)).await
    }
}

impl Drop for SqliteLog {
    /// Waits until the lines that were handed over are written.
    fn drop(&mut self) {
        self.lines.take();
        if let Some(writer) = self.writer.take() {
            let _panicked = writer.join();
        }
    }
}

fn consultations(folder: &Path, record: &RecordId, most: usize) -> Result<Vec<Consultation>, SqliteFault> {
    let volumes = Volumes::of(folder, connected(folder)?)?;
    let mut told = Vec::new();
    for part in volumes.parts().rev().take(LOOKED_THROUGH) {
        match part.and_then(|part| Ok(of_part(&part, record, most)?)) {
            Ok(found) => told.extend(found),
            Err(fault) => tracing::warn!("readings are not told from a volume of the access log: {}", StoreError::from(fault)),
        }
        let mut days = BTreeSet::new();
        told.retain(|one: &Consultation| days.insert((one.at.date_naive(), one.who.clone())));
        if told.len() >= most {
            break;
        }
    }
    told.truncate(most);
    Ok(told)
}

fn of_part(part: &Connection, record: &RecordId, most: usize) -> rusqlite::Result<Vec<Consultation>> {
    let sql = "SELECT max(at), who FROM line WHERE record = ?1 AND record <> '' AND allowed
        GROUP BY who, substr(at, 1, 10) ORDER BY max(number) DESC LIMIT ?2";
    let mut query = part.prepare(sql)?;
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let rows = query.query_map(params![&*record.0, most as i64], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let one = |(at, who): (String, String)| Some(Consultation { at: at.parse().ok()?, who: RecordId(who.into()) });
    Ok(rows.into_iter().filter_map(one).collect())
}
