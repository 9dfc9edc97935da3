//! `run`.

use windlass_control::{Error, Result, RunRecord, RunRows, Topic, Tx};
use windlass_lifecycle::{
    RunId, Timestamp,
    run::{Outcome, State},
};

use super::{json, to_json};
use crate::engine::{Columns, Db, Engine, Val, corrupt};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, repository, number, workflow_path, workflow_name, source, event, ref_name, sha, title, actor, ",
            "context, inputs, message, created_at, state, outcome, finished_at FROM run ",
            $rest
        )
    };
}

fn read(c: &mut Columns) -> Result<RunRecord> {
    Ok(RunRecord {
        id: RunId(c.int()?),
        repository: c.int()?,
        number: c.int()?,
        workflow_path: c.text()?,
        workflow_name: c.text()?,
        source: c.text()?,
        event: c.text()?,
        ref_name: c.text()?,
        sha: c.text()?,
        title: c.text()?,
        actor: c.text()?,
        context: json(&c.text()?)?,
        inputs: json(&c.text()?)?,
        message: c.opt_text()?,
        created: Timestamp(c.int()?),
        state: read_state(c)?,
    })
}

fn read_state(c: &mut Columns) -> Result<State> {
    let (word, outcome, at) = (c.text()?, c.opt_text()?, c.opt_int()?);
    match (word.as_str(), outcome.as_deref().and_then(Outcome::from_word), at) {
        ("active", None, None) => Ok(State::Active),
        ("cancelling", None, None) => Ok(State::Cancelling),
        ("finished", Some(outcome), Some(at)) => Ok(State::Finished { outcome, at: Timestamp(at) }),
        _ => Err(corrupt(format!("run state '{word}'"))),
    }
}

fn state_columns(state: &State) -> [Val; 3] {
    match state {
        State::Active => ["active".into(), Val::Null, Val::Null],
        State::Cancelling => ["cancelling".into(), Val::Null, Val::Null],
        State::Finished { outcome, at } => ["finished".into(), outcome.as_str().into(), at.0.into()],
    }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Active => "active",
        State::Cancelling => "cancelling",
        State::Finished { .. } => "finished",
    }
}

impl<E: Engine> Db<E> {
    async fn run_where(&mut self, sql: &'static str, id: RunId) -> Result<RunRecord> {
        self.first(sql, vec![id.0.into()], read).await?.ok_or_else(|| Error::NotFound(format!("there is no run {id}")))
    }
}

impl<E: Engine> RunRows for Db<E> {
    async fn insert_run(&mut self, run: &RunRecord) -> Result<i64> {
        // The repository's row is the root of its run numbers.
        self.all("SELECT id FROM repository WHERE id = $1 FOR UPDATE", vec![run.repository.into()], Columns::int)
            .await?;
        let next = "SELECT COALESCE(MAX(number), 0) + 1 FROM run WHERE repository = $1";
        let number = self.first(next, vec![run.repository.into()], Columns::int).await?.unwrap_or(1);
        let [state, outcome, finished_at] = state_columns(&run.state);
        let insert = "INSERT INTO run (id, repository, number, workflow_path, workflow_name, source, event, ref_name,
                      sha, title, actor, context, inputs, message, created_at, state, outcome, finished_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
        let values = vec![
            run.id.0.into(),
            run.repository.into(),
            number.into(),
            run.workflow_path.as_str().into(),
            run.workflow_name.as_str().into(),
            run.source.as_str().into(),
            run.event.as_str().into(),
            run.ref_name.as_str().into(),
            run.sha.as_str().into(),
            run.title.as_str().into(),
            run.actor.as_str().into(),
            to_json(&run.context)?.into(),
            to_json(&run.inputs)?.into(),
            run.message.as_deref().into(),
            run.created.0.into(),
            state,
            outcome,
            finished_at,
        ];
        self.execute(insert, values).await?;
        self.ring(Topic::Runs);
        Ok(number)
    }

    async fn find_run(&mut self, id: RunId) -> Result<RunRecord> {
        self.run_where(select!("WHERE id = $1"), id).await
    }

    async fn lock_run(&mut self, id: RunId) -> Result<RunRecord> {
        self.run_where(select!("WHERE id = $1 FOR UPDATE"), id).await
    }

    async fn run_numbered(&mut self, repository: i64, number: i64) -> Result<Option<RunRecord>> {
        let sql = select!("WHERE repository = $1 AND number = $2");
        self.first(sql, vec![repository.into(), number.into()], read).await
    }

    async fn newest_runs(&mut self, limit: i64) -> Result<Vec<RunRecord>> {
        self.all(select!("ORDER BY created_at DESC, id DESC LIMIT $1"), vec![limit.into()], read).await
    }

    async fn set_run_state(&mut self, run: &RunRecord, next: &State) -> Result<()> {
        let [state, outcome, finished_at] = state_columns(next);
        let update = "UPDATE run SET state = $1, outcome = $2, finished_at = $3 WHERE id = $4 AND state = $5";
        let values = vec![state, outcome, finished_at, run.id.0.into(), word(&run.state).into()];
        self.guarded(update, values).await?;
        self.ring(Topic::Run(run.id));
        self.ring(Topic::Runs);
        Ok(())
    }
}
