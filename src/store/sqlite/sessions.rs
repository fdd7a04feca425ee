use super::{
    accounts,
    ends::{end_calendar, end_links, end_sessions, forget_devices},
    fault::SqliteFault,
    memory::KeptSession,
    store::SqliteStore,
};
use crate::{
    source::RecordId,
    store::{
        Account, Holder, OpenSession, Password, Presence, SESSION_AGE, SESSION_IDLE, Sessions, StoreError, Token,
        sessions::{SEEN_STEP, SESSIONS_OF_ONE},
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

#[async_trait]
impl Sessions for SqliteStore {
    async fn open_session(&self, account: &Account, now: DateTime<Utc>) -> Result<Option<Token>, StoreError> {
        let account = account.clone();
        let sign_in = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if accounts::find(&transaction, &account.person.0)?.is_none_or(|now| now != account || now.disabled) {
                return Ok(None);
            }
            let token = open(&transaction, &account.person.0, now)?;
            transaction.commit()?;
            Ok(Some(token))
        };
        self.work(sign_in).await
    }

    /// At most requests nothing has changed since the last, and no other thread is asked.
    async fn holder(&self, token: &Token, presence: Presence, now: DateTime<Utc>) -> Result<Option<Holder>, StoreError> {
        let key = token.hash();
        let Some(session) = self.session(key).await? else { return Ok(None) };
        let (idle, old) = limits(now);
        if session.seen <= idle || session.since <= old {
            return Ok(None);
        }
        if presence == Presence::Here && session.seen <= (now - SEEN_STEP).timestamp() {
            let sql = "UPDATE session SET seen = ?2 WHERE token = ?1";
            // On a full disk the session ends the sooner; that is no reason to turn the reader away
            // now.
            let _not_noted = self.work(move |connection| Ok(connection.execute(sql, params![key, now.timestamp()])?)).await;
        }
        Ok(Some(session.holder))
    }

    async fn set_sight(&self, token: &Token, person: Option<&RecordId>) -> Result<(), StoreError> {
        let (key, person) = (token.hash(), person.cloned());
        let set = move |connection: &mut Connection| {
            match &person {
                Some(person) => {
                    let sql = "INSERT INTO sight (token, person) VALUES (?1, ?2) ON CONFLICT (token) DO UPDATE SET person = ?2";
                    connection.execute(sql, params![key, &*person.0])?
                }
                None => connection.execute("DELETE FROM sight WHERE token = ?1", [key])?,
            };
            Ok(())
        };
        self.work(set).await
    }

    async fn sessions(&self, person: &RecordId, token: &Token, now: DateTime<Utc>) -> Result<Vec<OpenSession>, StoreError> {
        let (person, key, (idle, old)) = (person.clone(), token.hash(), limits(now));
        let open = move |connection: &mut Connection| {
            let sql =
                "SELECT since, seen, token = ?2 FROM session WHERE person = ?1 AND seen > ?3 AND since > ?4 ORDER BY since DESC, seen DESC";
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            let read = |row: &Row<'_>| Ok(OpenSession { since: at(row.get(0)?), seen: at(row.get(1)?), this: row.get(2)? });
            let mut query = connection.prepare_cached(sql)?;
            Ok(query.query_map(params![&*person.0, key, idle, old], read)?.collect::<rusqlite::Result<_>>()?)
        };
        self.work(open).await
    }

    async fn change_password(&self, token: &Token, person: &RecordId, password: &Password) -> Result<Option<Token>, StoreError> {
        let (key, person, password, renewed) = (token.hash(), person.clone(), password.clone(), Token::random()?);
        let change = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "UPDATE session SET token = ?2 WHERE token = ?1 AND person = ?3";
            if transaction.execute(sql, params![key, renewed.hash(), &*person.0])? == 0 {
                return Ok(None);
            }
            transaction.execute("DELETE FROM session WHERE person = ?1 AND token <> ?2", params![&*person.0, renewed.hash()])?;
            transaction.execute("UPDATE account SET password = ?2 WHERE person = ?1", params![&*person.0, password.hash()])?;
            end_links(&transaction, &person.0)?;
            end_calendar(&transaction, &person.0)?;
            forget_devices(&transaction, &person.0)?;
            transaction.commit()?;
            Ok(Some(renewed))
        };
        self.work(change).await
    }

    async fn close_session(&self, token: &Token) -> Result<(), StoreError> {
        let key = token.hash();
        self.end(move |connection| Ok(connection.execute("DELETE FROM session WHERE token = ?1", [key]).map(|_| ())?)).await
    }

    async fn close_sessions(&self, person: &RecordId) -> Result<(), StoreError> {
        let person = person.clone();
        let close = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if accounts::find(&transaction, &person.0)?.is_none() {
                return Err(StoreError::UnknownAccount(person.to_string()).into());
            }
            end_sessions(&transaction, &person.0)?;
            end_calendar(&transaction, &person.0)?;
            forget_devices(&transaction, &person.0)?;
            Ok(transaction.commit()?)
        };
        self.end(close).await
    }
}

impl SqliteStore {
    /// A session of an account that is open, as it is remembered or as it stands in the file.
    async fn session(&self, key: [u8; 32]) -> Result<Option<KeptSession>, StoreError> {
        if let Some(session) = self.memory().session(&key)? {
            return Ok(Some(session));
        }
        // Asked before: whatever changes from here on is another version.
        let version = self.memory().version();
        let session = self.work(move |connection| Ok(find(connection, key)?)).await?;
        if let (Some(version), Some(session)) = (version, &session) {
            self.memory().remember(version, key, session.clone());
        }
        Ok(session)
    }
}

fn find(connection: &Connection, key: [u8; 32]) -> rusqlite::Result<Option<KeptSession>> {
    let sql = "SELECT session.person, sight.person, since, seen FROM session JOIN account ON account.person = session.person
        LEFT JOIN sight USING (token) WHERE session.token = ?1 AND NOT disabled";
    let read = |row: &Row<'_>| {
        let (person, sight): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let holder = Holder { person: RecordId(person.into()), sight: sight.map(|person| RecordId(person.into())) };
        Ok(KeptSession { holder, since: row.get(2)?, seen: row.get(3)? })
    };
    connection.prepare_cached(sql)?.query_row([key], read).optional()
}

/// Opens a session, and ends those that are too old or too many.
pub(super) fn open(connection: &Connection, person: &str, now: DateTime<Utc>) -> Result<Token, SqliteFault> {
    let token = Token::random()?;
    let (idle, old) = limits(now);
    connection.execute("DELETE FROM session WHERE seen <= ?1 OR since <= ?2", params![idle, old])?;
    let sql = "INSERT INTO session (token, person, since, seen) VALUES (?1, ?2, ?3, ?3)";
    connection.execute(sql, params![token.hash(), person, now.timestamp()])?;
    let earliest = "DELETE FROM session WHERE person = ?1 AND token NOT IN
        (SELECT token FROM session WHERE person = ?1 ORDER BY since DESC, rowid DESC LIMIT ?2)";
    connection.execute(earliest, params![person, SESSIONS_OF_ONE])?;
    Ok(token)
}

/// Sessions last seen, or opened, at or before these have ended.
fn limits(now: DateTime<Utc>) -> (i64, i64) {
    ((now - SESSION_IDLE).timestamp(), (now - SESSION_AGE).timestamp())
}
