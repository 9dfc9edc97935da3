//! `run`.

use windlass_control::{EarlierAttempt, Error, Result, RunFacet, RunFilter, RunRecord, RunRows, Topic, Tx};
use windlass_lifecycle::{
    RunId, Timestamp,
    run::{Outcome, State},
};

use super::{group, group_columns, json, to_json};
use crate::engine::{Columns, Db, Engine, Val, corrupt};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, repository, number, workflow_path, workflow_name, source, event, ref_name, sha, title, actor, ",
            "context, inputs, message, created_at, attempt, attempt_by, attempt_at, group_name, group_cancels, ",
            "group_queues, state, outcome, finished_at FROM run ",
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
        attempt: c.int()?,
        attempt_by: c.text()?,
        attempt_at: Timestamp(c.int()?),
        group: group(c)?,
        state: read_state(c)?,
    })
}

fn read_state(c: &mut Columns) -> Result<State> {
    let (word, outcome, at) = (c.text()?, c.opt_text()?, c.opt_int()?);
    match (word.as_str(), outcome.as_deref().and_then(Outcome::from_word), at) {
        ("pending", None, None) => Ok(State::Pending),
        ("active", None, None) => Ok(State::Active),
        ("cancelling", None, None) => Ok(State::Cancelling),
        ("finished", Some(outcome), Some(at)) => Ok(State::Finished { outcome, at: Timestamp(at) }),
        _ => Err(corrupt(format!("run state '{word}'"))),
    }
}

fn state_columns(state: &State) -> [Val; 3] {
    match state {
        State::Pending => ["pending".into(), Val::Null, Val::Null],
        State::Active => ["active".into(), Val::Null, Val::Null],
        State::Cancelling => ["cancelling".into(), Val::Null, Val::Null],
        State::Finished { outcome, at } => ["finished".into(), outcome.as_str().into(), at.0.into()],
    }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Pending => "pending",
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
                      sha, title, actor, context, inputs, message, created_at, attempt, attempt_by, attempt_at,
                      group_name, group_cancels, group_queues, state, outcome, finished_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                      $20, $21, $22, $23, $24)";
        let mut values: Vec<Val> = vec![
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
            run.attempt.into(),
            run.attempt_by.as_str().into(),
            run.attempt_at.0.into(),
        ];
        values.extend(group_columns(run.group.as_ref()));
        values.extend([state, outcome, finished_at]);
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

    async fn newest_runs(&mut self, filter: &RunFilter) -> Result<Vec<RunRecord>> {
        // A filter that is not set is NULL. Ids rise with time.
        let sql = select!(
            "WHERE (CAST($1 AS TEXT) IS NULL OR ref_name = $1) AND (CAST($2 AS TEXT) IS NULL OR event = $2)
             AND (CAST($3 AS TEXT) IS NULL OR COALESCE(outcome, state) = $3)
             AND (CAST($4 AS TEXT) IS NULL OR workflow_name = $4)
             AND (CAST($5 AS TEXT) IS NULL OR actor = $5 OR attempt_by = $5)
             AND (CAST($6 AS BIGINT) IS NULL OR id < $6)
             ORDER BY id DESC LIMIT $7"
        );
        let text = |text: &Option<String>| Val::from(text.as_deref());
        let values = vec![
            text(&filter.ref_name),
            text(&filter.event),
            text(&filter.state),
            text(&filter.workflow),
            text(&filter.actor),
            filter.before.map(|run| run.0).into(),
            filter.limit.into(),
        ];
        self.readable(sql, values, read).await
    }

    async fn run_facet(&mut self, facet: RunFacet) -> Result<Vec<String>> {
        let sql = match facet {
            RunFacet::Ref => "SELECT DISTINCT ref_name FROM run ORDER BY ref_name LIMIT 200",
            RunFacet::Event => "SELECT DISTINCT event FROM run ORDER BY event LIMIT 200",
            RunFacet::Workflow => "SELECT DISTINCT workflow_name FROM run ORDER BY workflow_name LIMIT 200",
            RunFacet::Actor => "SELECT actor FROM run UNION SELECT attempt_by FROM run ORDER BY 1 LIMIT 200",
        };
        self.all(sql, vec![], Columns::text).await
    }

    async fn highest_id(&mut self) -> Result<i64> {
        let sql = "SELECT COALESCE(MAX(id), 0) FROM (SELECT MAX(id) AS id FROM run UNION ALL SELECT MAX(id) FROM job
                   UNION ALL SELECT MAX(id) FROM task UNION ALL SELECT MAX(id) FROM runner) AS ids";
        Ok(self.first(sql, vec![], Columns::int).await?.unwrap_or(0))
    }

    async fn open_runs(&mut self) -> Result<Vec<RunId>> {
        let sql = "SELECT id FROM run WHERE state <> 'finished' ORDER BY id LIMIT 1000";
        self.all(sql, vec![], |c| Ok(RunId(c.int()?))).await
    }

    async fn begin_attempt(
        &mut self,
        run: &RunRecord,
        earlier: &EarlierAttempt,
        by: &str,
        now: Timestamp,
    ) -> Result<()> {
        let insert = "INSERT INTO run_attempt (run, number, asked_by, asked_at, outcome, ended_at)
                      VALUES ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            run.id.0.into(),
            earlier.number.into(),
            earlier.by.as_str().into(),
            earlier.at.0.into(),
            earlier.outcome.map(Outcome::as_str).into(),
            earlier.ended.0.into(),
        ];
        self.execute(insert, values).await?;
        let update = "UPDATE run SET attempt = attempt + 1, attempt_by = $1, attempt_at = $2
                      WHERE id = $3 AND attempt = $4";
        self.guarded(update, vec![by.into(), now.0.into(), run.id.0.into(), run.attempt.into()]).await
    }

    async fn earlier_attempts(&mut self, run: RunId) -> Result<Vec<EarlierAttempt>> {
        let sql =
            "SELECT number, asked_by, asked_at, outcome, ended_at FROM run_attempt WHERE run = $1 ORDER BY number";
        self.all(sql, vec![run.0.into()], |c| {
            Ok(EarlierAttempt {
                number: c.int()?,
                by: c.text()?,
                at: Timestamp(c.int()?),
                outcome: c.opt_text()?.as_deref().and_then(Outcome::from_word),
                ended: Timestamp(c.int()?),
            })
        })
        .await
    }

    async fn lock_group(&mut self, repository: i64, name: &str) -> Result<()> {
        let insert = "INSERT INTO concurrency_group (repository, name) VALUES ($1, $2)
                      ON CONFLICT (repository, name) DO NOTHING";
        self.execute(insert, vec![repository.into(), name.into()]).await?;
        let lock = "SELECT repository FROM concurrency_group WHERE repository = $1 AND name = $2 FOR UPDATE";
        self.all(lock, vec![repository.into(), name.into()], Columns::int).await.map(|_| ())
    }

    async fn runs_in_group(&mut self, repository: i64, name: &str) -> Result<Vec<RunRecord>> {
        let sql = select!("WHERE repository = $1 AND group_name = $2 AND state <> 'finished' ORDER BY attempt_at, id");
        self.all(sql, vec![repository.into(), name.into()], read).await
    }

    async fn waiting_groups(&mut self) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT repository, group_name FROM run WHERE state = 'pending'
                   UNION SELECT run.repository, job.group_name FROM job JOIN run ON run.id = job.run
                   WHERE job.state = 'held' AND job.group_name IS NOT NULL";
        self.all(sql, vec![], |c| Ok((c.int()?, c.text()?))).await
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
