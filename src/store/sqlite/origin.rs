use super::store::SqliteStore;
use crate::store::{ServedOrigin, StoreError};
use async_trait::async_trait;
use rusqlite::OptionalExtension;

#[async_trait]
impl ServedOrigin for SqliteStore {
    async fn served(&self) -> Result<Option<String>, StoreError> {
        self.work(|connection| Ok(connection.query_row("SELECT origin FROM served", [], |row| row.get(0)).optional()?)).await
    }

    async fn serve_at(&self, origin: &str) -> Result<(), StoreError> {
        let origin = origin.to_owned();
        let sql = "INSERT INTO served (only, origin) VALUES (1, ?1) ON CONFLICT DO UPDATE SET origin = ?1";
        self.work(move |connection| Ok(connection.execute(sql, [origin]).map(|_| ())?)).await
    }
}
