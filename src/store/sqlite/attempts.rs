use super::{fault::SqliteFault, store::SqliteStore, unwritten::Unwritten};
use crate::store::{Attempt, Attempts, FAILURES_KEPT, Leave, StoreError, attempts::AttemptSubject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, TransactionBehavior, params};

/// No more rows are kept: made-up names must not fill the disk.
const MOST: i64 = 300_000;
#[async_trait]
impl Attempts for SqliteStore {
    async fn count(&self, attempt: &Attempt, now: DateTime<Utc>) -> Result<Option<Leave>, StoreError> {
        let (attempt, unwritten) = (attempt.clone(), self.unwritten().clone());
        let count = move |connection: &mut Connection| {
            let mut unwritten = unwritten.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            match written(connection, &mut unwritten, &attempt, now) {
                Err(fault) if fault.is_for_want_of_room() => remembered(connection, &mut unwritten, &attempt, now),
                counted => counted,
            }
        };
        self.work(count).await
    }

    async fn take_back(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let (attempt, unwritten) = (attempt.clone(), self.unwritten().clone());
        let take_back = move |connection: &mut Connection| {
            let mut unwritten = unwritten.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let own = attempt.own().unwrap_or_else(|| attempt.pair());
            transaction.execute("DELETE FROM attempt WHERE subject = ?1", [own.key()])?;
            unwritten.forget(own.key());
            let shared = if attempt.device.is_some() { Vec::new() } else { attempt.shared().to_vec() };
            for subject in shared {
                let last = "DELETE FROM attempt WHERE number = (SELECT max(number) FROM attempt WHERE subject = ?1)";
                transaction.execute(last, [subject.key()])?;
            }
            Ok(transaction.commit()?)
        };
        self.work(take_back).await
    }
}

/// Counts an attempt, and with it what could not be written before.
fn written(
    connection: &mut Connection,
    unwritten: &mut Unwritten,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Option<Leave>, SqliteFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let since = since(now);
    transaction.execute("DELETE FROM attempt WHERE at <= ?1", [since])?;
    make_room(&transaction)?;
    let Some((subjects, leave)) = attempt.judged(|subject| lately(&transaction, unwritten, subject, since))? else { return Ok(None) };
    let mut insert = transaction.prepare_cached("INSERT INTO attempt (subject, at, is_network) VALUES (?1, ?2, ?3)")?;
    for (key, at) in unwritten.iter() {
        insert.execute(params![key, at, false])?;
    }
    for subject in subjects {
        insert.execute(params![subject.key(), now.timestamp_millis(), matches!(subject, AttemptSubject::Network(_))])?;
    }
    drop(insert);
    transaction.commit()?;
    unwritten.clear();
    Ok(Some(leave))
}

/// Counts an attempt in memory, upon what stands in the file.
fn remembered(
    connection: &Connection,
    unwritten: &mut Unwritten,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Option<Leave>, SqliteFault> {
    let since = since(now);
    unwritten.forget_until(since);
    let Some((subjects, leave)) = attempt.judged(|subject| lately(connection, unwritten, subject, since))? else { return Ok(None) };
    unwritten.add(subjects.iter().map(|subject| (subject.key(), now.timestamp_millis())));
    Ok(Some(leave))
}

/// Failures of a subject since a time.
fn lately(connection: &Connection, unwritten: &Unwritten, subject: &AttemptSubject<'_>, since: i64) -> Result<usize, SqliteFault> {
    let key = subject.key();
    let mut query = connection.prepare_cached("SELECT count(*) FROM attempt WHERE subject = ?1 AND at > ?2")?;
    let written: i64 = query.query_row(params![key, since], |row| row.get(0))?;
    Ok(usize::try_from(written).unwrap_or(usize::MAX) + unwritten.iter().filter(|(own, at)| *own == key && *at > since).count())
}

/// Where there are too many, made-up names are forgotten, and the networks from which they were
/// made up are not.
fn make_room(connection: &Connection) -> Result<(), SqliteFault> {
    let span: i64 = connection.query_row("SELECT coalesce(max(number) - min(number), 0) FROM attempt", [], |row| row.get(0))?;
    if span < MOST {
        return Ok(());
    }
    let count: i64 = connection.query_row("SELECT count(*) FROM attempt", [], |row| row.get(0))?;
    if count >= MOST {
        connection.execute("DELETE FROM attempt WHERE NOT is_network", [])?;
    }
    Ok(())
}

/// Failures at or before this time, in milliseconds since 1970, are forgotten.
fn since(now: DateTime<Utc>) -> i64 {
    (now - FAILURES_KEPT).timestamp_millis()
}
