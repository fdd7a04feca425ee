use super::store::SqliteStore;
use crate::{
    source::RecordId,
    store::{DEVICE_AGE, Devices, StoreError, Token, devices::DEVICES_OF_ONE},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

#[async_trait]
impl Devices for SqliteStore {
    async fn device(&self, token: &Token, person: &str, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let (key, person) = (token.hash(), person.to_owned());
        self.work(move |connection| Ok(find(connection, key, &person, now)?)).await
    }

    async fn note_device(&self, token: Option<&Token>, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let (token, person) = (token.cloned(), person.clone());
        let note = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let known = token.as_ref().map(|token| find(&transaction, token.hash(), &person.0, now)).transpose()?.flatten();
            let token = token.filter(|_| known.is_some()).map_or_else(Token::random, Ok)?;
            let sql = "INSERT INTO device (token, person, since) VALUES (?1, ?2, ?3) ON CONFLICT (token, person) DO UPDATE SET since = ?3";
            transaction.execute(sql, params![token.hash(), &*person.0, now.timestamp()])?;
            let oldest = "DELETE FROM device WHERE since <= ?2 OR (person = ?1 AND number NOT IN
                (SELECT number FROM device WHERE person = ?1 ORDER BY since DESC, number DESC LIMIT ?3))";
            transaction.execute(oldest, params![&*person.0, (now - DEVICE_AGE).timestamp(), DEVICES_OF_ONE])?;
            transaction.commit()?;
            Ok(token)
        };
        self.work(note).await
    }
}

fn find(connection: &Connection, key: [u8; 32], person: &str, now: DateTime<Utc>) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT number FROM device WHERE token = ?1 AND person = ?2 AND since > ?3";
    let mut query = connection.prepare_cached(sql)?;
    query.query_row(params![key, person, (now - DEVICE_AGE).timestamp()], |row| row.get(0)).optional()
}
