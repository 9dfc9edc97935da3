//! PostgreSQL: ordinary transactions from a pool; an operation that lost a race runs again.

mod engine;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::NoTls;
use windlass_control::{Bells, Error, LogState, Logs, Operation, Result, Store, Topic};
use windlass_joblog::{Mark, Row};
use windlass_lifecycle::TaskId;

use self::engine::{PostgresEngine, failed};
use crate::{
    engine::Db,
    logs::{self, Append},
    migrations::POSTGRES,
    sqlite::in_chunks,
};

/// Connections of one process.
const MAX_CONNECTIONS: usize = 16;
/// How often an operation is tried before its caller learns that the store is too busy.
const MAX_TRIES: usize = 20;
/// The advisory lock under which one process at a time changes the schema.
const SCHEMA_LOCK: i64 = 0x57_49_4e_44;

/// The store in one PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: Pool,
    bells: Bells,
}

impl PostgresStore {
    /// Connects and brings the schema up to date. The error is a sentence with the place and the remedy.
    pub async fn connect(url: &str, bells: Bells) -> std::result::Result<Self, String> {
        let config: tokio_postgres::Config =
            url.parse().map_err(|error| format!("the PostgreSQL address cannot be read: {error}"))?;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(MAX_CONNECTIONS)
            .build()
            .map_err(|error| format!("no pool of connections: {error}"))?;
        let store = Self { pool, bells };
        store.migrate().await?;
        Ok(store)
    }

    async fn migrate(&self) -> std::result::Result<(), String> {
        let failed = |error: tokio_postgres::Error| format!("the database cannot be used: {}", engine::said(&error));
        let mut client = self.pool.get().await.map_err(|error| format!("the database does not answer: {error}"))?;
        let transaction = client.transaction().await.map_err(failed)?;
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await.map_err(failed)?;
        transaction
            .batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
            .await
            .map_err(failed)?;
        let row = transaction.query_opt("SELECT version FROM schema_version", &[]).await.map_err(failed)?;
        let version = row.map_or(0, |row| row.get(0));
        for step in POSTGRES.missing(version, "the database")? {
            transaction.batch_execute(step).await.map_err(failed)?;
        }
        transaction.execute("DELETE FROM schema_version", &[]).await.map_err(failed)?;
        let known = POSTGRES.steps.len() as i64;
        transaction.execute("INSERT INTO schema_version VALUES ($1)", &[&known]).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| Error::Store(error.to_string()))
    }

    async fn try_run<O: Operation>(&self, operation: &O) -> Result<(O::Answer, Vec<Topic>)> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        let mut db = Db::new(PostgresEngine { transaction: &transaction });
        let answer = operation.run(&mut db).await?;
        let rings = db.rings;
        transaction.commit().await.map_err(|error| failed(&error))?;
        Ok((answer, rings))
    }

    async fn try_append(&self, append: &Append) -> Result<(LogState, bool)> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        let answer = logs::append(&mut Db::new(PostgresEngine { transaction: &transaction }), append).await?;
        transaction.commit().await.map_err(|error| failed(&error))?;
        Ok(answer)
    }
}

impl Store for PostgresStore {
    async fn run<O: Operation>(&self, operation: O) -> Result<O::Answer> {
        let mut tries = 1;
        loop {
            match self.try_run(&operation).await {
                Ok((answer, rings)) => {
                    rings.into_iter().for_each(|topic| self.bells.ring(topic));
                    return Ok(answer);
                }
                Err(Error::Stale) if tries < MAX_TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn read<O: Operation>(&self, operation: O) -> Result<O::Answer> {
        Ok(self.try_run(&operation).await?.0)
    }
}

impl Logs for PostgresStore {
    async fn append(&self, task: TaskId, index: u64, rows: Vec<Row>, seal: bool) -> Result<LogState> {
        let mut state = LogState::default();
        for (append, _) in in_chunks(task, index, rows, seal) {
            let changed;
            (state, changed) = self.try_append(&append).await?;
            if changed {
                self.bells.ring(Topic::Log(task));
            }
        }
        Ok(state)
    }

    async fn rows(&self, task: TaskId, from: u64, limit: usize) -> Result<Vec<Row>> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        logs::rows(&mut Db::new(PostgresEngine { transaction: &transaction }), task, from, limit).await
    }

    async fn unsealed(&self) -> Result<Vec<TaskId>> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        logs::unsealed(&mut Db::new(PostgresEngine { transaction: &transaction })).await
    }

    async fn unpacked(&self) -> Result<Vec<TaskId>> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        logs::unpacked(&mut Db::new(PostgresEngine { transaction: &transaction })).await
    }

    async fn pack(&self, task: TaskId) -> Result<bool> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        let done = logs::pack(&mut Db::new(PostgresEngine { transaction: &transaction }), task).await?;
        transaction.commit().await.map_err(|error| failed(&error))?;
        Ok(done)
    }

    async fn marks(&self, task: TaskId) -> Result<Vec<(u64, Mark)>> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        logs::marks(&mut Db::new(PostgresEngine { transaction: &transaction }), task).await
    }

    async fn log_state(&self, task: TaskId) -> Result<LogState> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed(&error))?;
        logs::state(&mut Db::new(PostgresEngine { transaction: &transaction }), task).await
    }
}
