//! Asks for access: who would read what, why and until when. They are kept whether the record is there or not; only who sees it decides.

use super::{Store, StoreError};
use crate::source::RecordId;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::params;

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS ask (
    number INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, record TEXT NOT NULL, purpose TEXT NOT NULL, until TEXT NOT NULL,
    at INTEGER NOT NULL, open INTEGER NOT NULL DEFAULT 1) STRICT;";

/// Asks of one person in a day, whatever they are for.
pub const ASKS_A_DAY: usize = 20;
/// Nobody has answered: it is forgotten.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Somebody asks for access to a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    pub number: i64,
    pub person: RecordId,
    pub record: RecordId,
    pub purpose: String,
    /// The last day of the access.
    pub until: NaiveDate,
    pub at: DateTime<Utc>,
}

/// What is asked, before it has a number.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub person: &'a RecordId,
    pub record: &'a RecordId,
    pub purpose: &'a str,
    pub until: NaiveDate,
}

impl Store {
    /// Keeps an ask; `false` where the person has asked too often in the last day.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn ask(&self, asked: Asked<'_>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut connection = self.connection()?;
        let transaction = connection.transaction()?;
        transaction.execute("DELETE FROM ask WHERE at <= ?1", [(now - KEPT).timestamp()])?;
        let day_ago = (now - TimeDelta::days(1)).timestamp();
        let lately: i64 =
            transaction.query_row("SELECT count(*) FROM ask WHERE person = ?1 AND at > ?2", params![&*asked.person.0, day_ago], |row| {
                row.get(0)
            })?;
        if lately >= ASKS_A_DAY as i64 {
            return Ok(false);
        }
        let sql = "INSERT INTO ask (person, record, purpose, until, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let Asked { person, record, purpose, until } = asked;
        transaction.execute(sql, params![&*person.0, &*record.0, purpose, until.to_string(), now.timestamp()])?;
        transaction.commit()?;
        Ok(true)
    }

    /// The asks that nobody has decided, the oldest first; of equal person and record the last.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn open_asks(&self) -> Result<Vec<Ask>, StoreError> {
        let connection = self.connection()?;
        let sql = "SELECT number, person, record, purpose, until, at FROM ask WHERE number IN
            (SELECT max(number) FROM ask WHERE open GROUP BY person, record) ORDER BY number";
        let mut query = connection.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            let texts: [String; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
            Ok((row.get::<_, i64>(0)?, texts, row.get::<_, i64>(5)?))
        };
        let rows = query.query_map([], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let ask = |(number, [person, record, purpose, until], at): (i64, [String; 4], i64)| {
            let (until, at) = (until.parse().ok()?, DateTime::from_timestamp(at, 0)?);
            Some(Ask { number, person: RecordId(person.into()), record: RecordId(record.into()), purpose, until, at })
        };
        Ok(rows.into_iter().filter_map(ask).collect())
    }

    /// Takes an ask to decide it, and with it what else the same person asked of the same record: of two who take it at once one alone gets it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn take_ask(&self, ask: &Ask) -> Result<bool, StoreError> {
        let sql = "UPDATE ask SET open = 0 WHERE person = ?1 AND record = ?2 AND open";
        Ok(self.connection()?.execute(sql, params![&*ask.person.0, &*ask.record.0])? > 0)
    }

    /// Puts back an ask that was taken, and about which nothing could be decided.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn put_back(&self, ask: &Ask) -> Result<(), StoreError> {
        self.connection()?.execute("UPDATE ask SET open = 1 WHERE number = ?1", [ask.number])?;
        Ok(())
    }
}
