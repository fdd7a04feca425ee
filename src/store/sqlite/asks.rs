use super::store::SqliteStore;
use crate::{
    source::RecordId,
    store::{ASKS_A_DAY, Ask, Asks, NewAsk, StoreError, asks::ASK_KEPT},
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Row, TransactionBehavior, params};

#[async_trait]
impl Asks for SqliteStore {
    async fn ask(&self, asked: NewAsk, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let ask = move |connection: &mut Connection| {
            let NewAsk { person, record, purpose, until } = asked;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("DELETE FROM ask WHERE at <= ?1", [(now - ASK_KEPT).timestamp()])?;
            let sql = "SELECT count(*) FROM ask WHERE person = ?1 AND at > ?2";
            let day_ago = (now - TimeDelta::days(1)).timestamp();
            let lately: i64 = transaction.query_row(sql, params![&*person.0, day_ago], |row| row.get(0))?;
            if lately >= ASKS_A_DAY as i64 {
                return Ok(false);
            }
            let sql = "INSERT INTO ask (person, record, purpose, until, at) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.execute(sql, params![&*person.0, &*record.0, purpose, until.to_string(), now.timestamp()])?;
            transaction.commit()?;
            Ok(true)
        };
        self.work(ask).await
    }

    async fn open_asks(&self) -> Result<Vec<Ask>, StoreError> {
        let open = |connection: &mut Connection| {
            let sql = "SELECT number, person, record, purpose, until, at FROM ask WHERE number IN
                (SELECT max(number) FROM ask WHERE open GROUP BY person, record) ORDER BY number";
            let mut query = connection.prepare_cached(sql)?;
            let rows = query.query_map([], read)?.collect::<rusqlite::Result<Vec<Option<Ask>>>>()?;
            Ok(rows.into_iter().flatten().collect())
        };
        self.work(open).await
    }

    async fn take_ask(&self, ask: &Ask) -> Result<bool, StoreError> {
        let (person, record) = (ask.person.clone(), ask.record.clone());
        let sql = "UPDATE ask SET open = 0 WHERE person = ?1 AND record = ?2 AND open";
        self.work(move |connection| Ok(connection.execute(sql, params![&*person.0, &*record.0])? > 0)).await
    }

    async fn put_back(&self, ask: &Ask) -> Result<(), StoreError> {
        let number = ask.number;
        self.work(move |connection| Ok(connection.execute("UPDATE ask SET open = 1 WHERE number = ?1", [number]).map(|_| ())?)).await
    }
}

/// Nothing where somebody else has written into the table what is no day or no time.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Ask>> {
    let (number, person, record, purpose): (i64, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (until, at): (String, i64) = (row.get(4)?, row.get(5)?);
    let days = until.parse().ok().zip(DateTime::from_timestamp(at, 0));
    Ok(days.map(|(until, at)| Ask { number, person: RecordId(person.into()), record: RecordId(record.into()), purpose, until, at }))
}
