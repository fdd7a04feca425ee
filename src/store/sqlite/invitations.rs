use super::{
    accounts,
    ends::{end_calendar, end_sessions},
    sessions,
    store::SqliteStore,
};
use crate::{
    source::RecordId,
    store::{Account, Invitation, Invitations, Password, StoreError, Token},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::collections::BTreeMap;

#[async_trait]
impl Invitations for SqliteStore {
    async fn invite(&self, invitation: &Invitation, now: DateTime<Utc>) -> Result<Token, StoreError> {
        let (invitation, token) = (invitation.clone(), Token::random()?);
        let invite = move |connection: &mut Connection| {
            let (person, until) = (invitation.person(), now + invitation.age());
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if let Some(Account { person, disabled: true, .. }) = person.map(|id| accounts::find(&transaction, id)).transpose()?.flatten() {
                return Err(StoreError::ShutAccount(person.to_string()).into());
            }
            transaction.execute("DELETE FROM invitation WHERE person IS ?1 OR until <= ?2", params![person, now.timestamp()])?;
            let sql = "INSERT INTO invitation (token, person, until) VALUES (?1, ?2, ?3)";
            transaction.execute(sql, params![token.hash(), person, until.timestamp()])?;
            transaction.commit()?;
            Ok(token)
        };
        self.work(invite).await
    }

    async fn invitation(&self, token: &Token, now: DateTime<Utc>) -> Result<Option<Invitation>, StoreError> {
        let key = token.hash();
        self.work(move |connection| Ok(find(connection, key, now)?)).await
    }

    async fn open_links(&self, now: DateTime<Utc>) -> Result<BTreeMap<RecordId, DateTime<Utc>>, StoreError> {
        let open = move |connection: &mut Connection| {
            let mut query = connection.prepare("SELECT person, until FROM invitation WHERE person IS NOT NULL AND until > ?1")?;
            let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
            let links = query.query_map([now.timestamp()], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
            let link = |(person, until): (String, i64)| Some((RecordId(person.into()), DateTime::from_timestamp(until, 0)?));
            Ok(links.into_iter().filter_map(link).collect())
        };
        self.work(open).await
    }

    async fn accept(&self, token: &Token, person: &RecordId, password: &Password, now: DateTime<Utc>) -> Result<Option<Token>, StoreError> {
        let (key, person, password) = (token.hash(), person.clone(), password.clone());
        let accept = move |connection: &mut Connection| {
            // It writes in the end: two that began by reading would both have read the link as
            // unused.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            match find(&transaction, key, now)? {
                Some(Invitation::First) => {}
                Some(Invitation::Person(own)) if own == person => {}
                _ => return Ok(None),
            }
            transaction.execute("DELETE FROM invitation WHERE token = ?1 OR person = ?2", params![key, &*person.0])?;
            let sql = "INSERT INTO account (person, password) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET password = ?2";
            transaction.execute(sql, params![&*person.0, password.hash()])?;
            end_sessions(&transaction, &person.0)?;
            end_calendar(&transaction, &person.0)?;
            let opened = sessions::open(&transaction, &person.0, now)?;
            transaction.commit()?;
            Ok(Some(opened))
        };
        self.work(accept).await
    }
}

/// A link is dead where the account is shut, and the first one where there is an account.
fn find(connection: &Connection, key: [u8; 32], now: DateTime<Utc>) -> rusqlite::Result<Option<Invitation>> {
    let sql = "SELECT invitation.person FROM invitation LEFT JOIN account USING (person)
        WHERE token = ?1 AND until > ?2 AND NOT coalesce(disabled, 0)
        AND (invitation.person IS NOT NULL OR NOT EXISTS (SELECT 1 FROM account))";
    let read = |row: &Row<'_>| row.get::<_, Option<String>>(0);
    let found = connection.prepare_cached(sql)?.query_row(params![key, now.timestamp()], read).optional()?;
    Ok(found.map(|person| person.map_or(Invitation::First, |person| Invitation::Person(RecordId(person.into())))))
}
