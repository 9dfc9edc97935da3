//! `repository`, `watched_ref`.

use windlass_control::{Error, RepositoryRecord, RepositoryRows, Result};
use windlass_lifecycle::Timestamp;

use crate::engine::{Columns, Db, Engine, corrupt};

fn read(c: &mut Columns) -> Result<RepositoryRecord> {
    Ok(RepositoryRecord { id: c.int()?, name: c.text()?, retry_lost: c.int()? })
}

impl<E: Engine> RepositoryRows for Db<E> {
    async fn repository(&mut self, name: &str, now: Timestamp) -> Result<RepositoryRecord> {
        let insert = "INSERT INTO repository (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        self.execute(insert, vec![name.into(), now.0.into()]).await?;
        let select = "SELECT id, name, retry_lost FROM repository WHERE name = $1";
        self.first(select, vec![name.into()], read).await?.ok_or_else(|| corrupt("a repository that was just stored"))
    }

    async fn find_repository(&mut self, id: i64) -> Result<RepositoryRecord> {
        let select = "SELECT id, name, retry_lost FROM repository WHERE id = $1";
        self.first(select, vec![id.into()], read)
            .await?
            .ok_or_else(|| Error::NotFound(format!("there is no repository {id}")))
    }

    async fn set_retry_lost(&mut self, id: i64, times: i64) -> Result<()> {
        self.guarded("UPDATE repository SET retry_lost = $1 WHERE id = $2", vec![times.into(), id.into()]).await
    }

    async fn watched_refs(&mut self, repository: i64) -> Result<Vec<(String, String)>> {
        let select = "SELECT name, sha FROM watched_ref WHERE repository = $1 ORDER BY name";
        self.all(select, vec![repository.into()], |c| Ok((c.text()?, c.text()?))).await
    }

    async fn set_watched_ref(&mut self, repository: i64, name: &str, sha: &str) -> Result<()> {
        if sha.is_empty() {
            let delete = "DELETE FROM watched_ref WHERE repository = $1 AND name = $2";
            return self.execute(delete, vec![repository.into(), name.into()]).await;
        }
        let upsert = "INSERT INTO watched_ref (repository, name, sha) VALUES ($1, $2, $3)
                      ON CONFLICT (repository, name) DO UPDATE SET sha = excluded.sha";
        self.execute(upsert, vec![repository.into(), name.into(), sha.into()]).await
    }
}
