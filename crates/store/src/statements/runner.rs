//! `runner`, `registration_token`.

use windlass_control::{Error, Keys, Result, RunnerRecord, RunnerRows};
use windlass_lifecycle::{RunnerId, TaskId, Timestamp, runner::State};

use super::{json, to_json};
use crate::engine::{Columns, Db, Engine, Val, corrupt};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, uuid, name, labels, version, token_hash, state, ephemeral, task FROM runner ", $rest)
    };
}

fn read(c: &mut Columns) -> Result<RunnerRecord> {
    Ok(RunnerRecord {
        id: RunnerId(c.int()?),
        uuid: c.text()?,
        name: c.text()?,
        labels: json(&c.text()?)?,
        version: c.text()?,
        token_hash: c.blob()?,
        state: read_state(c)?,
    })
}

fn read_state(c: &mut Columns) -> Result<State> {
    let (word, ephemeral, task) = (c.text()?, c.flag()?, c.opt_int()?);
    match (word.as_str(), task) {
        ("enlisted", None) => Ok(State::Enlisted { ephemeral }),
        ("spent", Some(task)) => Ok(State::Spent { task: TaskId(task) }),
        ("retired", None) => Ok(State::Retired),
        _ => Err(corrupt(format!("runner state '{word}'"))),
    }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Enlisted { .. } => "enlisted",
        State::Spent { .. } => "spent",
        State::Retired => "retired",
    }
}

/// state, ephemeral, task.
fn state_columns(state: &State) -> [Val; 3] {
    let word = word(state).into();
    match state {
        State::Enlisted { ephemeral } => [word, (*ephemeral).into(), Val::Null],
        State::Spent { task } => [word, true.into(), task.0.into()],
        State::Retired => [word, false.into(), Val::Null],
    }
}

impl<E: Engine> RunnerRows for Db<E> {
    async fn insert_runner(&mut self, runner: &RunnerRecord, now: Timestamp) -> Result<()> {
        let insert = "INSERT INTO runner (id, uuid, name, labels, version, token_hash, created_at, state, ephemeral,
                      task) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let mut values: Vec<Val> = vec![
            runner.id.0.into(),
            runner.uuid.as_str().into(),
            runner.name.as_str().into(),
            to_json(&runner.labels)?.into(),
            runner.version.as_str().into(),
            runner.token_hash.clone().into(),
            now.0.into(),
        ];
        values.extend(state_columns(&runner.state));
        self.execute(insert, values).await
    }

    async fn find_runner(&mut self, id: RunnerId) -> Result<RunnerRecord> {
        self.first(select!("WHERE id = $1"), vec![id.0.into()], read)
            .await?
            .ok_or_else(|| Error::NotFound(format!("there is no runner {id}")))
    }

    async fn runner_called(&mut self, uuid: &str) -> Result<Option<RunnerRecord>> {
        self.first(select!("WHERE uuid = $1"), vec![uuid.into()], read).await
    }

    async fn runners(&mut self) -> Result<Vec<RunnerRecord>> {
        self.readable(select!("WHERE state <> 'retired' ORDER BY name, id"), vec![], read).await
    }

    async fn set_declaration(&mut self, id: RunnerId, labels: &[String], version: &str) -> Result<()> {
        let update = "UPDATE runner SET labels = $1, version = $2 WHERE id = $3";
        self.guarded(update, vec![to_json(&labels)?.into(), version.into(), id.0.into()]).await
    }

    async fn set_runner_state(&mut self, runner: &RunnerRecord, next: &State) -> Result<()> {
        let [state, ephemeral, task] = state_columns(next);
        let update = "UPDATE runner SET state = $1, ephemeral = $2, task = $3 WHERE id = $4 AND state = $5";
        self.guarded(update, vec![state, ephemeral, task, runner.id.0.into(), word(&runner.state).into()]).await
    }

    async fn set_registration_token(&mut self, hash: &[u8], now: Timestamp) -> Result<()> {
        let upsert = "INSERT INTO registration_token (id, hash, created_at) VALUES (1, $1, $2)
                      ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at";
        self.execute(upsert, vec![hash.to_vec().into(), now.0.into()]).await
    }

    async fn is_registration_token(&mut self, hash: &[u8]) -> Result<bool> {
        let stored = self.first("SELECT hash FROM registration_token", vec![], Columns::blob).await?;
        Ok(stored.is_some_and(|stored| Keys::same(&stored, hash)))
    }
}
