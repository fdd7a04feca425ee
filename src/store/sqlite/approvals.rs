use super::{fault::SqliteFault, store::SqliteStore};
use crate::{
    approval::{Approved, Paperwork, Registered, Remembered, Seal, Subject},
    source::RecordId,
    store::{Revision, SeenApprovals, Shared, StoreError, TrustedTexts},
};
use async_trait::async_trait;
use chrono::DateTime;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

#[async_trait]
impl SeenApprovals for SqliteStore {
    async fn remembered(&self) -> Result<Remembered, StoreError> {
        self.work(|connection| remembered(connection)).await
    }

    async fn shared_since(&self, known: Option<Revision>) -> Result<Option<Shared>, StoreError> {
        let shared = move |connection: &mut Connection| {
            // The revision, and what is of it.
            let transaction = connection.transaction()?;
            let revision = revision(&transaction)?;
            if known == Some(revision) {
                return Ok(None);
            }
            Ok(Some(Shared { revision, remembered: remembered(&transaction)?, trusted: trusted(&transaction)? }))
        };
        self.work(shared).await
    }

    async fn share(&self, known: Revision, news: &Remembered, trusted: &TrustedTexts) -> Result<Option<Revision>, StoreError> {
        let (news, trusted) = (news.clone(), trusted.clone());
        let share = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if revision(&transaction)? != known {
                return Ok(None);
            }
            remember(&transaction, &news)?;
            trust(&transaction, &trusted)?;
            let next = Revision(known.0 + 1);
            let sql = "INSERT INTO revision (only, number) VALUES (1, ?1) ON CONFLICT DO UPDATE SET number = ?1";
            transaction.execute(sql, [next.0])?;
            transaction.commit()?;
            Ok(Some(next))
        };
        self.work(share).await
    }

    async fn forget(&self, subject: &Subject) -> Result<bool, StoreError> {
        let subject = subject.clone();
        self.work(move |connection| forget(connection, &subject)).await
    }
}

fn remembered(connection: &Connection) -> Result<Remembered, SqliteFault> {
    let all = |sql: &str| -> rusqlite::Result<Vec<String>> { connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
    let lines = all("SELECT line FROM registered ORDER BY number")?;
    let lines = lines.iter().map(|line| Registered::read(line).ok_or_else(|| StoreError::Remembered(line.clone())));
    let mut approved = connection.prepare("SELECT id, seal, at, attached FROM approved")?;
    let approved = approved.query_map([], |row| Ok((row.get::<_, String>(0)?, read(row)?)))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let approved = approved
        .into_iter()
        .map(|(name, approved)| approved.map(|approved| (Subject::named(&name), approved)).ok_or(StoreError::Remembered(name)));
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

fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    Ok(Revision(connection.query_row("SELECT number FROM revision", [], |row| row.get(0)).optional()?.unwrap_or(0)))
}

fn trusted(connection: &Connection) -> rusqlite::Result<TrustedTexts> {
    let mut query = connection.prepare("SELECT path, text FROM trusted")?;
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?.as_str().into(), row.get::<_, String>(1)?.into()));
    query.query_map([], read)?.collect()
}

fn trust(connection: &Connection, texts: &TrustedTexts) -> rusqlite::Result<()> {
    for path in trusted(connection)?.keys().filter(|path| !texts.contains_key(*path)) {
        connection.execute("DELETE FROM trusted WHERE path = ?1", [&*path.0])?;
    }
    for (path, text) in texts {
        let sql = "INSERT INTO trusted (path, text) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET text = ?2 WHERE text <> ?2";
        connection.execute(sql, [&*path.0, &**text])?;
    }
    Ok(())
}

fn remember(transaction: &Connection, seen: &Remembered) -> Result<(), SqliteFault> {
    for line in &seen.lines {
        transaction.prepare_cached("INSERT INTO registered (line) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([line.to_string()])?;
    }
    for (subject, Approved { seal, at, attached }) in &seen.approved {
        let sql = "INSERT INTO approved (id, seal, at, attached) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET seal = ?2, at = ?3, attached = ?4";
        transaction.prepare_cached(sql)?.execute(params![
            subject.to_string(),
            seal.to_string(),
            at.to_rfc3339(),
            attached.cast_signed()
        ])?;
    }
    for id in &seen.ended {
        transaction.prepare_cached("INSERT INTO ended (id) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([&*id.0])?;
    }
    for (id, Paperwork { path, text }) in &seen.people {
        let sql = "INSERT INTO people (id, path, text) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET path = ?2, text = ?3";
        transaction.prepare_cached(sql)?.execute([&*id.0, &*path.0, &**text])?;
    }
    Ok(())
}

fn forget(connection: &mut Connection, subject: &Subject) -> Result<bool, SqliteFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let lines: Vec<_> = remembered(&transaction)?.lines.into_iter().filter(|line| line.subject == *subject).collect();
    let mut forgotten = 0;
    for line in lines {
        forgotten += transaction.execute("DELETE FROM registered WHERE line = ?1", [line.to_string()])?;
    }
    for table in ["approved", "ended", "people"] {
        forgotten += transaction.execute(&format!("DELETE FROM {table} WHERE id = ?1"), [subject.to_string()])?;
    }
    transaction.commit()?;
    Ok(forgotten > 0)
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
