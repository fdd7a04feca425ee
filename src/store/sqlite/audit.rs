//! What is verified of the access log in a folder. It makes no log, and writes nothing.

use super::{
    fault::SqliteFault,
    volume::{self, Volumes, connected, has, head},
    worker::aside,
};
use crate::store::{Audit, Backward, BrokenLine, Head, StoreError, chain::digest, log::OVERTAKEN};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::Row;
use std::path::{Path, PathBuf};

/// The access log in a folder, for whoever verifies it.
pub struct SqliteAudit(PathBuf);

impl SqliteAudit {
    pub fn of(folder: &Path) -> SqliteAudit {
        SqliteAudit(folder.to_owned())
    }

    async fn volumes<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Volumes) -> Result<T, SqliteFault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = self.0.clone();
        aside(move || work(&Volumes::of(&folder, connected(&folder)?)?)).await
    }
}

#[async_trait]
impl Audit for SqliteAudit {
    async fn verify(&self) -> Result<Option<BrokenLine>, StoreError> {
        self.volumes(verified).await
    }

    async fn backward(&self) -> Result<Vec<Backward>, StoreError> {
        self.volumes(backward).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        let folder = self.0.clone();
        aside(move || Ok(head(&connected(&folder)?)?)).await
    }

    async fn beginning(&self) -> Result<Head, StoreError> {
        self.volumes(Volumes::beginning).await
    }

    async fn has(&self, kept: &Head) -> Result<bool, StoreError> {
        let kept = kept.clone();
        let has = move |volumes: &Volumes| {
            for part in volumes.parts() {
                if has(&*part?, &kept)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        self.volumes(has).await
    }
}

fn verified(volumes: &Volumes) -> Result<Option<BrokenLine>, SqliteFault> {
    let mut head = volumes.beginning()?;
    for part in volumes.parts() {
        let part = part?;
        if volume::carried(&part)? != head {
            return Ok(Some(BrokenLine { number: head.number + 1 }));
        }
        let mut query = part.prepare("SELECT number, at, who, what, origin, record, allowed, digest FROM line ORDER BY number")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            match following(&head, row) {
                Some(next) => head = next,
                None => return Ok(Some(BrokenLine { number: head.number + 1 })),
            }
        }
    }
    Ok(None)
}

fn backward(volumes: &Volumes) -> Result<Vec<Backward>, SqliteFault> {
    let (mut latest, mut found) = (DateTime::<Utc>::MIN_UTC, Vec::new());
    for part in volumes.parts() {
        let part = part?;
        let mut query = part.prepare("SELECT number, at FROM line ORDER BY number")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let Ok(at) = row.get::<_, String>(1)?.parse() else { continue };
            if at < latest && latest - at > OVERTAKEN {
                found.push(Backward { number: row.get(0)?, at, before: latest });
            }
            latest = latest.max(at);
        }
    }
    Ok(found)
}

/// The head after a line of the table, if that line follows.
fn following(head: &Head, row: &Row<'_>) -> Option<Head> {
    let number = |column| row.get_ref(column).ok()?.as_i64().ok();
    let text = |column| row.get_ref(column).ok()?.as_str().ok();
    let own = number(0)?;
    let digest = digest(&head.digest, own, &[text(1)?, text(2)?, text(3)?, text(4)?, text(5)?], number(6)?);
    (own == head.number + 1 && digest == text(7)?).then_some(Head { number: own, digest })
}
