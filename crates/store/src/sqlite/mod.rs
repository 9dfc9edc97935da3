//! SQLite: one writer thread a file, many operations sharing one commit, readers beside them.

mod engine;
mod readers;
mod writer;

use std::path::Path;

use rusqlite::Connection;
use windlass_control::{Bells, LogState, Logs, Operation, Result, Store, Topic};
use windlass_joblog::{Mark, Row};
use windlass_lifecycle::TaskId;

use self::{readers::Readers, writer::Writer};
use crate::{
    engine::Db,
    logs::{self, Append, MAX_ROWS},
    migrations::{Migrations, SQLITE, SQLITE_LOGS},
};

/// What survives a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Everything that was answered.
    Full,
    /// Nothing need survive: the folder is thrown away with the process.
    ThrowAway,
}

/// The store in one folder: `windlass.sqlite`, and `logs.sqlite` with a writer of its own, so that a flood of output
/// never delays a claim.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    main: Writer,
    logs: Writer,
    main_readers: Readers,
    log_readers: Readers,
}

impl SqliteStore {
    /// Opens or makes the store in a folder. The error is a sentence with the place and the remedy.
    pub fn open(folder: &Path, durability: Durability, bells: Bells) -> std::result::Result<Self, String> {
        let main = folder.join("windlass.sqlite");
        let logs = folder.join("logs.sqlite");
        Ok(Self {
            main: Writer::start(open(&main, durability, &SQLITE)?, bells.clone()),
            logs: Writer::start(open(&logs, durability, &SQLITE_LOGS)?, bells.clone()),
            main_readers: Readers::new(main),
            log_readers: Readers::new(logs),
        })
    }
}

fn open(path: &Path, durability: Durability, migrations: &Migrations) -> std::result::Result<Connection, String> {
    let place = path.display().to_string();
    let failed = |error: rusqlite::Error| format!("{place} cannot be used: {error}");
    let mut connection = Connection::open(path).map_err(failed)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::ThrowAway => "OFF",
    };
    connection
        .execute_batch(&format!(
            // Durability first: the change of the journal is written by it.
            "PRAGMA synchronous = {synchronous}; PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; \
             PRAGMA foreign_keys = OFF;"
        ))
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(128);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    let missing = migrations.missing(version, &place)?;
    let transaction = connection.transaction().map_err(failed)?;
    for step in missing {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction.pragma_update(None, "user_version", migrations.steps.len() as i64).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    // Steps may make tables anew; what refers to them is checked again from here on.
    connection.execute_batch("PRAGMA foreign_keys = ON").map_err(failed)?;
    Ok(connection)
}

impl Store for SqliteStore {
    async fn run<O: Operation>(&self, operation: O) -> Result<O::Answer> {
        self.main
            .run(move |engine| {
                let mut db = Db::new(engine);
                let answer = engine::now(operation.run(&mut db));
                (answer, db.rings)
            })
            .await
    }

    async fn read<O: Operation>(&self, operation: O) -> Result<O::Answer> {
        self.main_readers.run(move |engine| engine::now(operation.run(&mut Db::new(engine)))).await
    }
}

impl Logs for SqliteStore {
    async fn append(&self, task: TaskId, index: u64, rows: Vec<Row>, seal: bool) -> Result<LogState> {
        let mut state = LogState::default();
        for (append, last) in in_chunks(task, index, rows, seal) {
            state = self
                .logs
                .run(move |engine| {
                    let mut db = Db::new(engine);
                    let answer = engine::now(logs::append(&mut db, &append));
                    let rings = if matches!(answer, Ok((_, true))) { vec![Topic::Log(task)] } else { Vec::new() };
                    (answer.map(|(state, _)| state), rings)
                })
                .await?;
            if last {
                break;
            }
        }
        Ok(state)
    }

    async fn rows(&self, task: TaskId, from: u64, limit: usize) -> Result<Vec<Row>> {
        self.log_readers.run(move |engine| engine::now(logs::rows(&mut Db::new(engine), task, from, limit))).await
    }

    async fn unsealed(&self) -> Result<Vec<TaskId>> {
        self.log_readers.run(|engine| engine::now(logs::unsealed(&mut Db::new(engine)))).await
    }

    async fn unpacked(&self) -> Result<Vec<TaskId>> {
        self.log_readers.run(|engine| engine::now(logs::unpacked(&mut Db::new(engine)))).await
    }

    async fn pack(&self, task: TaskId) -> Result<bool> {
        self.logs.run(move |engine| (engine::now(logs::pack(&mut Db::new(engine), task)), Vec::new())).await
    }

    async fn marks(&self, task: TaskId) -> Result<Vec<(u64, Mark)>> {
        self.log_readers.run(move |engine| engine::now(logs::marks(&mut Db::new(engine), task))).await
    }

    async fn log_state(&self, task: TaskId) -> Result<LogState> {
        self.log_readers.run(move |engine| engine::now(logs::state(&mut Db::new(engine), task))).await
    }
}

/// An offer in pieces that one operation may touch; only the last one seals.
pub(crate) fn in_chunks(
    task: TaskId,
    index: u64,
    mut rows: Vec<Row>,
    seal: bool,
) -> impl Iterator<Item = (Append, bool)> + Send {
    let mut index = index;
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let rest = if rows.len() > MAX_ROWS { rows.split_off(MAX_ROWS) } else { Vec::new() };
        let piece = std::mem::replace(&mut rows, rest);
        done = rows.is_empty();
        let first = index;
        index += piece.len() as u64;
        Some((Append::new(task, first, piece, seal && done), done))
    })
}
