//! The access log: a chain of lines, each with the digest of all before it. A line counts as written when it is on the disk; lines that
//! come together share one fsync.

use super::{StoreError, connect, make_folder};
use crate::source::RecordId;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::{
    path::Path,
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};
use tokio::sync::oneshot;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS line (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, origin TEXT NOT NULL,
    record TEXT NOT NULL, allowed INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS line_of_record ON line (record, number) WHERE record <> '';";

/// No more lines than this share a commit.
const BATCH: usize = 256;

/// Who asked for what, when, from where, and whether he got it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessLine {
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: String,
    pub origin: String,
    /// The record that was read, or is asked for.
    pub record: Option<RecordId>,
    pub allowed: bool,
}

/// A time at which somebody has read a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub at: DateTime<Utc>,
    pub who: RecordId,
}

/// The number and the digest of the last line: kept elsewhere, it shows that none was cut off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub number: i64,
    pub digest: String,
}

/// The first line that does not follow from those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    pub number: i64,
}

/// A line on its way to the disk: answered when it is there.
pub type Pending = oneshot::Receiver<Result<(), String>>;

struct Waiting {
    line: AccessLine,
    done: oneshot::Sender<Result<(), String>>,
}

/// The log, written by a thread of its own.
pub struct AccessLog {
    readings: Mutex<Connection>,
    lines: Option<Sender<Waiting>>,
    writer: Option<JoinHandle<()>>,
}

impl AccessLog {
    /// Opens, or makes, the log in a folder.
    ///
    /// # Errors
    /// Where it cannot be made or read.
    pub fn open(folder: &Path) -> Result<AccessLog, StoreError> {
        let connection = AccessLog::connect(folder)?;
        let (lines, waiting) = channel();
        let writer = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || write(connection, &waiting));
        let writer = writer.map_err(|e| StoreError::Log(e.to_string()))?;
        Ok(AccessLog { readings: Mutex::new(AccessLog::connect(folder)?), lines: Some(lines), writer: Some(writer) })
    }

    /// Who has read a record and when, the latest first: each person at most once a day of the log's own (UTC), and no more than `most`.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn readings(&self, record: &RecordId, most: usize) -> Result<Vec<Reading>, StoreError> {
        let connection = self.readings.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let sql = "SELECT max(at), who FROM line WHERE record = ?1 AND allowed GROUP BY who, substr(at, 1, 10) ORDER BY max(number) DESC LIMIT ?2";
        let mut query = connection.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let rows = query.query_map(params![&*record.0, most as i64], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let reading = |(at, who): (String, String)| Some(Reading { at: at.parse().ok()?, who: RecordId(who.into()) });
        Ok(rows.into_iter().filter_map(reading).collect())
    }

    fn connect(folder: &Path) -> Result<Connection, StoreError> {
        make_folder(folder)?;
        let path = folder.join("access-log.db");
        let connection = connect(&path, "FULL").and_then(|connection| connection.execute_batch(TABLE).map(|()| connection));
        connection.map_err(|e| StoreError::Database(path, e))
    }

    /// Hands a line to the writer; wait for the answer where what follows must not go out without it.
    pub fn write(&self, line: AccessLine) -> Pending {
        let (done, pending) = oneshot::channel();
        if let Some(lines) = &self.lines {
            // Where the writer is gone, the sender is dropped here and the receiver says so.
            let _gone = lines.send(Waiting { line, done });
        }
        pending
    }

    /// The first line that was altered, removed or put elsewhere, if there is one.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn verify(folder: &Path) -> Result<Option<Broken>, StoreError> {
        let connection = AccessLog::connect(folder)?;
        let mut query = connection.prepare("SELECT number, at, who, what, origin, record, allowed, digest FROM line ORDER BY number")?;
        let mut rows = query.query([])?;
        let mut head = Head { number: 0, digest: String::new() };
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let parts: [String; 5] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
            let digest = digest(&head.digest, number, &parts.each_ref().map(String::as_str), row.get(6)?);
            if number != head.number + 1 || digest != row.get::<_, String>(7)? {
                return Ok(Some(Broken { number: head.number + 1 }));
            }
            head = Head { number, digest };
        }
        Ok(None)
    }

    /// # Errors
    /// Where the log cannot be read.
    pub fn head(folder: &Path) -> Result<Head, StoreError> {
        Ok(head(&AccessLog::connect(folder)?)?)
    }
}

impl Drop for AccessLog {
    /// Waits until the lines that were handed over are written.
    fn drop(&mut self) {
        self.lines.take();
        if let Some(writer) = self.writer.take() {
            let _panicked = writer.join();
        }
    }
}

fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT number, digest FROM line ORDER BY number DESC LIMIT 1";
    let last = connection.query_row(sql, [], |row| Ok(Head { number: row.get(0)?, digest: row.get(1)? })).optional()?;
    Ok(last.unwrap_or(Head { number: 0, digest: String::new() }))
}

fn write(mut connection: Connection, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let batch: Vec<Waiting> = std::iter::once(first).chain(waiting.try_iter().take(BATCH - 1)).collect();
        let written = commit(&mut connection, &batch).map_err(|e| e.to_string());
        for line in batch {
            // Whoever asked may have hung up.
            let _gone = line.done.send(written.clone());
        }
    }
}

fn commit(connection: &mut Connection, batch: &[Waiting]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let mut head = head(&transaction)?;
    for Waiting { line, .. } in batch {
        let at = line.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let number = head.number + 1;
        let record = line.record.as_ref().map_or("", |id| &id.0);
        let digest = digest(&head.digest, number, &[&at, &line.who, &line.what, &line.origin, record], line.allowed);
        let mut insert = transaction.prepare_cached("INSERT INTO line VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        insert.execute(params![number, at, line.who, line.what, line.origin, record, line.allowed, digest])?;
        head = Head { number, digest };
    }
    transaction.commit()
}

/// SHA-256 over the digest of the line before and this line's parts, each with its length before it.
fn digest(before: &str, number: i64, parts: &[&str; 5], allowed: bool) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("chancery access log v1\n{before}\n{number} {}\n", u8::from(allowed)));
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
