//! What a server has seen of approvals: lines of the register as they were written there, which content of an id was approved last and
//! when (RFC 3339), which authorisations have ended, and the files of people as they were approved last. Only ever added to, but by an administrator.

use super::{Store, StoreError};
use crate::{
    approval::{Approved, Paperwork, Registered, Remembered, Seal},
    source::RecordId,
};
use chrono::DateTime;
use rusqlite::{Row, params};

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS registered (number INTEGER PRIMARY KEY, line TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS approved (id TEXT PRIMARY KEY, seal TEXT NOT NULL, at TEXT NOT NULL, attached INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ended (id TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, path TEXT NOT NULL, text TEXT NOT NULL) STRICT;";

impl Store {
    /// All that was seen, the lines in the order in which they were.
    ///
    /// # Errors
    /// Where the store fails, or holds what was not written by it.
    pub fn remembered(&self) -> Result<Remembered, StoreError> {
        let connection = self.connection()?;
        let all = |sql: &str| -> rusqlite::Result<Vec<String>> { connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
        let lines = all("SELECT line FROM registered ORDER BY number")?;
        let lines = lines.iter().map(|line| Registered::read(line).ok_or_else(|| StoreError::Remembered(line.clone())));
        let mut approved = connection.prepare("SELECT id, seal, at, attached FROM approved")?;
        let approved = approved.query_map([], |row| Ok((row.get::<_, String>(0)?, read(row)?)))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let approved = approved.into_iter().map(|(id, approved)| {
            let id = RecordId::named(&id);
            approved.map(|approved| (id.clone(), approved)).ok_or_else(|| StoreError::Remembered(id.to_string()))
        });
        let ended = all("SELECT id FROM ended")?.into_iter().map(|id| RecordId::named(&id)).collect();
        let mut people = connection.prepare("SELECT id, path, text FROM people")?;
        let people = people.query_map([], |row| Ok((RecordId::named(&row.get::<_, String>(0)?), paperwork(row)?)))?;
        Ok(Remembered {
            lines: lines.collect::<Result<_, _>>()?,
            approved: approved.collect::<Result<_, _>>()?,
            ended,
            people: people.collect::<rusqlite::Result<_>>()?,
        })
    }

    /// Adds what is seen for the first time, all of it or nothing.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn remember(&self, seen: &Remembered) -> Result<(), StoreError> {
        let mut connection = self.connection()?;
        let transaction = connection.transaction()?;
        for line in &seen.lines {
            transaction.prepare_cached("INSERT INTO registered (line) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([line.to_string()])?;
        }
        for (id, Approved { seal, at, attached }) in &seen.approved {
            let sql = "INSERT INTO approved (id, seal, at, attached) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET seal = ?2, at = ?3, attached = ?4";
            transaction.prepare_cached(sql)?.execute(params![&*id.0, seal.to_string(), at.to_rfc3339(), attached.cast_signed()])?;
        }
        for id in &seen.ended {
            transaction.prepare_cached("INSERT INTO ended (id) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([&*id.0])?;
        }
        for (id, Paperwork { path, text }) in &seen.people {
            let sql = "INSERT INTO people (id, path, text) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET path = ?2, text = ?3";
            transaction.prepare_cached(sql)?.execute([&*id.0, &*path.0, &**text])?;
        }
        Ok(transaction.commit()?)
    }

    /// Forgets all that was seen of an id: for an administrator who has restored an older archive on purpose. Whether there was something.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn forget(&self, id: &RecordId) -> Result<bool, StoreError> {
        let lines: Vec<_> = self.remembered()?.lines.into_iter().filter(|line| line.id == *id).collect();
        let mut connection = self.connection()?;
        let transaction = connection.transaction()?;
        let mut forgotten = 0;
        for line in lines {
            forgotten += transaction.execute("DELETE FROM registered WHERE line = ?1", [line.to_string()])?;
        }
        for table in ["approved", "ended", "people"] {
            forgotten += transaction.execute(&format!("DELETE FROM {table} WHERE id = ?1"), [&*id.0])?;
        }
        transaction.commit()?;
        Ok(forgotten > 0)
    }
}

fn paperwork(row: &Row<'_>) -> rusqlite::Result<Paperwork> {
    let (path, text): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Paperwork { path: path.as_str().into(), text: text.into() })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Option<Approved>> {
    let (seal, at, attached): (String, String, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let known = Seal::read(&seal).zip(DateTime::parse_from_rfc3339(&at).ok());
    Ok(known.map(|(seal, at)| Approved { seal, at, attached: attached.cast_unsigned() }))
}
