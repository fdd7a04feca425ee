use super::store::SqliteStore;
use crate::{
    source::RecordId,
    store::{Calendars, StoreError, Token},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

#[async_trait]
impl Calendars for SqliteStore {
    async fn open_calendar(&self, person: &RecordId, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let (person, secret) = (person.clone(), Token::random()?);
        let open = move |connection: &mut Connection| {
            let sql = "INSERT INTO calendar (person, secret, since) VALUES (?1, ?2, ?3)
                ON CONFLICT (person) DO UPDATE SET secret = ?2, since = ?3";
            connection.execute(sql, params![&*person.0, secret.hash(), now.timestamp()])?;
            Ok(secret)
        };
        self.work(open).await
    }

    async fn calendar(&self, secret: &Token) -> Result<Option<RecordId>, StoreError> {
        let key = secret.hash();
        let find = move |connection: &mut Connection| {
            let sql = "SELECT person FROM calendar JOIN account USING (person) WHERE secret = ?1 AND NOT disabled";
            let person = connection.prepare_cached(sql)?.query_row([key], |row| row.get::<_, String>(0)).optional()?;
            Ok(person.map(|person| RecordId(person.into())))
        };
        self.work(find).await
    }

    async fn calendar_since(&self, person: &RecordId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let person = person.clone();
        let find = move |connection: &mut Connection| {
            let mut query = connection.prepare_cached("SELECT since FROM calendar WHERE person = ?1")?;
            let since = query.query_row([&*person.0], |row| row.get(0)).optional()?;
            Ok(since.and_then(|since| DateTime::from_timestamp(since, 0)))
        };
        self.work(find).await
    }
}
