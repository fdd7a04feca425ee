//! Where the intranet was found when it was last begun to be served: other commands put that before the links that they print.

use super::{Store, StoreError};
use rusqlite::{OptionalExtension, params};

pub(super) const TABLE: &str = "
CREATE TABLE IF NOT EXISTS served (only INTEGER PRIMARY KEY CHECK (only = 1), origin TEXT NOT NULL) STRICT;";

impl Store {
    /// The scheme, the host and the port; nothing where nobody has served it yet.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn served(&self) -> Result<Option<String>, StoreError> {
        Ok(self.connection()?.query_row("SELECT origin FROM served", [], |row| row.get(0)).optional()?)
    }

    /// # Errors
    /// Where the store fails.
    pub fn serve_at(&self, origin: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO served (only, origin) VALUES (1, ?1) ON CONFLICT DO UPDATE SET origin = ?1";
        self.connection()?.execute(sql, params![origin])?;
        Ok(())
    }
}
