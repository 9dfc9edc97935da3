//! Read-only connections beside the writer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use windlass_control::{Error, Result};

use super::engine::{SqliteEngine, failed};

/// Connections that wait for the next reader; more are opened when all are busy and closed afterwards.
const KEPT: usize = 4;

/// Runs reads on blocking threads, each in a snapshot of its own.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    path: Arc<PathBuf>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), idle: Arc::default() }
    }

    /// Cost: one hop to a blocking thread and back.
    pub(crate) async fn run<A: Send + 'static>(
        &self,
        operation: impl FnOnce(SqliteEngine<'_>) -> Result<A> + Send + 'static,
    ) -> Result<A> {
        let readers = self.clone();
        tokio::task::spawn_blocking(move || {
            let mut connection = readers.take()?;
            connection.execute_batch("BEGIN").map_err(|error| failed(&error))?;
            let answer = operation(SqliteEngine { connection: &mut connection });
            if connection.execute_batch("ROLLBACK").is_ok() {
                readers.give_back(connection);
            }
            answer
        })
        .await
        .map_err(|error| Error::Store(error.to_string()))?
    }

    fn take(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.path.as_path(), flags).map_err(|error| failed(&error))?;
        connection.execute_batch("PRAGMA busy_timeout = 5000").map_err(|error| failed(&error))?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}
