//! `job`.

use windlass_control::{Error, JobRecord, JobRows, LegPlan, Result, Topic, Tx};
use windlass_lifecycle::{JobId, RunId, TaskId, Timestamp, job::State, placement};

use super::{conclusion, json, to_json};
use crate::engine::{Columns, Db, Engine, Val, corrupt};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, run, position, key, name, needs, steps, label_set, matrix, leg_index, leg_total, timeout_ms, ",
            "continue_on_error, fail_fast, payload, state, since, fence, task, conclusion, reason, finished_at ",
            "FROM job ",
            $rest
        )
    };
}

fn read(c: &mut Columns) -> Result<JobRecord> {
    Ok(JobRecord {
        id: JobId(c.int()?),
        run: RunId(c.int()?),
        position: c.int()?,
        key: c.text()?,
        name: c.text()?,
        needs: json(&c.text()?)?,
        steps: json(&c.text()?)?,
        leg: read_leg(c)?,
        state: read_state(c)?,
    })
}

fn read_leg(c: &mut Columns) -> Result<Option<LegPlan>> {
    let (labels, matrix, index, total) = (c.opt_text()?, c.opt_text()?, c.opt_int()?, c.opt_int()?);
    let (timeout, tolerated, fail_fast, payload) = (c.opt_int()?, c.opt_int()?, c.opt_int()?, c.opt_text()?);
    let Some(labels) = labels else { return Ok(None) };
    let missing = || corrupt("a planned job without a plan");
    Ok(Some(LegPlan {
        labels: json(&labels)?,
        matrix: json(&matrix.ok_or_else(missing)?)?,
        index: index.ok_or_else(missing)?,
        total: total.ok_or_else(missing)?,
        timeout_ms: timeout.ok_or_else(missing)?,
        continue_on_error: tolerated.ok_or_else(missing)? != 0,
        fail_fast: fail_fast.ok_or_else(missing)? != 0,
        payload: payload.ok_or_else(missing)?,
    }))
}

fn read_state(c: &mut Columns) -> Result<State> {
    let (word, since, fence, task) = (c.text()?, c.opt_int()?, c.int()?, c.opt_int()?);
    let (conclusion, reason, at) = (conclusion(c)?, c.opt_text()?, c.opt_int()?);
    match (word.as_str(), since, task, conclusion, at) {
        ("blocked", None, None, None, None) => Ok(State::Blocked),
        ("ready", Some(since), None, None, None) => Ok(State::Ready { since: Timestamp(since), fence }),
        ("running", None, Some(task), None, None) => Ok(State::Running { task: TaskId(task), fence }),
        ("finished", None, None, Some(conclusion), Some(at)) => {
            Ok(State::Finished { conclusion, reason, at: Timestamp(at) })
        }
        _ => Err(corrupt(format!("job state '{word}'"))),
    }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Blocked => "blocked",
        State::Ready { .. } => "ready",
        State::Running { .. } => "running",
        State::Finished { .. } => "finished",
    }
}

/// state, since, fence, task, conclusion, reason, `finished_at`.
fn state_columns(state: &State) -> [Val; 7] {
    let word = word(state).into();
    match state {
        State::Blocked => [word, Val::Null, 0.into(), Val::Null, Val::Null, Val::Null, Val::Null],
        State::Ready { since, fence } => {
            [word, since.0.into(), (*fence).into(), Val::Null, Val::Null, Val::Null, Val::Null]
        }
        State::Running { task, fence } => {
            [word, Val::Null, (*fence).into(), task.0.into(), Val::Null, Val::Null, Val::Null]
        }
        State::Finished { conclusion, reason, at } => {
            [word, Val::Null, 0.into(), Val::Null, conclusion.as_str().into(), reason.as_deref().into(), at.0.into()]
        }
    }
}

/// `label_set`, matrix, `leg_index`, `leg_total`, `timeout_ms`, `continue_on_error`, `fail_fast`, payload.
fn leg_columns(leg: Option<&LegPlan>) -> Result<[Val; 8]> {
    let Some(leg) = leg else { return Ok([const { Val::Null }; 8]) };
    Ok([
        to_json(&leg.labels)?.into(),
        to_json(&leg.matrix)?.into(),
        leg.index.into(),
        leg.total.into(),
        leg.timeout_ms.into(),
        leg.continue_on_error.into(),
        leg.fail_fast.into(),
        leg.payload.as_str().into(),
    ])
}

impl<E: Engine> JobRows for Db<E> {
    async fn insert_job(&mut self, job: &JobRecord) -> Result<()> {
        let insert = "INSERT INTO job (id, run, position, key, name, needs, steps, label_set, matrix, leg_index,
                      leg_total, timeout_ms, continue_on_error, fail_fast, payload, state, since, fence, task,
                      conclusion, reason, finished_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                      $20, $21, $22)";
        let mut values: Vec<Val> = vec![
            job.id.0.into(),
            job.run.0.into(),
            job.position.into(),
            job.key.as_str().into(),
            job.name.as_str().into(),
            to_json(&job.needs)?.into(),
            to_json(&job.steps)?.into(),
        ];
        values.extend(leg_columns(job.leg.as_ref())?);
        values.extend(state_columns(&job.state));
        self.execute(insert, values).await?;
        self.ring_for(job.run, &job.state);
        Ok(())
    }

    async fn find_job(&mut self, id: JobId) -> Result<JobRecord> {
        self.first(select!("WHERE id = $1"), vec![id.0.into()], read)
            .await?
            .ok_or_else(|| Error::NotFound(format!("there is no job {id}")))
    }

    async fn jobs_of(&mut self, run: RunId) -> Result<Vec<JobRecord>> {
        self.all(select!("WHERE run = $1 ORDER BY position, id"), vec![run.0.into()], read).await
    }

    async fn next_ready_job(&mut self, labels: &[String]) -> Result<Option<JobRecord>> {
        // Label sets are few, ready jobs may be many: the sets are judged here, the job is found by the index.
        let sets = "SELECT label_set, MIN(since) FROM job WHERE state = 'ready' GROUP BY label_set ORDER BY MIN(since)";
        for set in self.all(sets, vec![], Columns::text).await? {
            let wanted: Vec<String> = json(&set)?;
            if !placement::fits(&wanted, labels) {
                continue;
            }
            let next =
                select!("WHERE state = 'ready' AND label_set = $1 ORDER BY since, id LIMIT 1 FOR UPDATE SKIP LOCKED");
            if let Some(job) = self.first(next, vec![set.into()], read).await? {
                return Ok(Some(job));
            }
        }
        Ok(None)
    }

    async fn set_job_plan(&mut self, id: JobId, name: &str, leg: &LegPlan) -> Result<()> {
        let update = "UPDATE job SET label_set = $1, matrix = $2, leg_index = $3, leg_total = $4, timeout_ms = $5,
                      continue_on_error = $6, fail_fast = $7, payload = $8, name = $9
                      WHERE id = $10 AND state = 'blocked'";
        let mut values: Vec<Val> = leg_columns(Some(leg))?.into();
        values.extend([name.into(), id.0.into()]);
        self.guarded(update, values).await
    }

    async fn set_job_state(&mut self, job: &JobRecord, next: &State) -> Result<()> {
        let (task, fence) = match &job.state {
            State::Running { task, fence } => (task.0, *fence),
            State::Ready { fence, .. } => (0, *fence),
            State::Blocked | State::Finished { .. } => (0, 0),
        };
        let update = "UPDATE job SET state = $1, since = $2, fence = $3, task = $4, conclusion = $5, reason = $6,
                      finished_at = $7
                      WHERE id = $8 AND state = $9 AND COALESCE(task, 0) = $10 AND fence = $11";
        let mut values: Vec<Val> = state_columns(next).into();
        values.extend([job.id.0.into(), word(&job.state).into(), task.into(), fence.into()]);
        self.guarded(update, values).await?;
        self.ring_for(job.run, next);
        Ok(())
    }
}

impl<E: Engine> Db<E> {
    fn ring_for(&mut self, run: RunId, state: &State) {
        self.ring(Topic::Run(run));
        if matches!(state, State::Ready { .. }) {
            self.ring(Topic::ReadyJobs);
        }
    }
}
