use super::{ends, fault::SqliteFault, store::SqliteStore};
use crate::{
    source::RecordId,
    store::{Account, Accounts, Password, StoreError},
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_account(&self, person: &RecordId, password: &Password) -> Result<(), StoreError> {
        let (person, password) = (person.clone(), password.clone());
        let add = move |connection: &mut Connection| {
            let sql = "INSERT INTO account (person, password) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            match connection.execute(sql, params![&*person.0, password.hash()])? {
                0 => Err(StoreError::KnownAccount(person.to_string()).into()),
                _ => Ok(()),
            }
        };
        self.work(add).await
    }

    async fn set_password(&self, person: &RecordId, password: &Password) -> Result<(), StoreError> {
        let (person, password) = (person.clone(), password.clone());
        let sql = "UPDATE account SET password = ?2 WHERE person = ?1";
        self.end(move |connection| change(connection, sql, &person, password.hash(), ends::end_all)).await
    }

    async fn disable(&self, person: &RecordId) -> Result<(), StoreError> {
        let person = person.clone();
        let sql = "UPDATE account SET disabled = ?2 WHERE person = ?1";
        self.end(move |connection| change(connection, sql, &person, true, ends::end_all)).await
    }

    async fn enable(&self, person: &RecordId) -> Result<(), StoreError> {
        let person = person.clone();
        let sql = "UPDATE account SET disabled = ?2 WHERE person = ?1";
        self.end(move |connection| change(connection, sql, &person, false, |_, _| Ok(()))).await
    }

    async fn account(&self, person: &str) -> Result<Option<Account>, StoreError> {
        let person = person.to_owned();
        self.work(move |connection| Ok(find(connection, &person)?)).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let all = |connection: &mut Connection| {
            let mut query = connection.prepare("SELECT person, password, disabled FROM account ORDER BY person")?;
            Ok(query.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
        };
        self.work(all).await
    }
}

/// Changes an account, and ends what hangs on it, in one.
fn change(
    connection: &mut Connection,
    sql: &str,
    person: &RecordId,
    value: impl rusqlite::ToSql,
    end: fn(&Connection, &str) -> rusqlite::Result<()>,
) -> Result<(), SqliteFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if transaction.execute(sql, params![&*person.0, value])? == 0 {
        return Err(StoreError::UnknownAccount(person.to_string()).into());
    }
    end(&transaction, &person.0)?;
    Ok(transaction.commit()?)
}

pub(super) fn find(connection: &Connection, person: &str) -> rusqlite::Result<Option<Account>> {
    let mut query = connection.prepare_cached("SELECT person, password, disabled FROM account WHERE person = ?1")?;
    query.query_row([person], read).optional()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Account> {
    let person: String = row.get(0)?;
    Ok(Account { person: RecordId(person.into()), password: Password::from_hash(row.get(1)?), disabled: row.get(2)? })
}
