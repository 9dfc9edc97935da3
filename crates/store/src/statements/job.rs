//! `job`.

use windlass_control::{Error, JobRecord, JobRows, LegPlan, Result, Topic, Tx};
use windlass_lifecycle::{JobId, RunId, TaskId, Timestamp, job::State, placement};

use super::{conclusion, group, group_columns, json, to_json};
use crate::engine::{Columns, Db, Engine, Val, corrupt};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, run, position, key, name, needs, steps, label_set, matrix, leg_index, leg_total, timeout_ms, ",
            "continue_on_error, fail_fast, max_parallel, group_name, group_cancels, group_queues, payload, attempt, ",
            "superseded, state, since, fence, task, conclusion, reason, finished_at FROM job ",
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
        attempt: c.int()?,
        superseded: c.opt_int()?,
        state: read_state(c)?,
    })
}

fn read_leg(c: &mut Columns) -> Result<Option<LegPlan>> {
    let (labels, matrix, index, total) = (c.opt_text()?, c.opt_text()?, c.opt_int()?, c.opt_int()?);
    let (timeout, tolerated, fail_fast, max_parallel) = (c.opt_int()?, c.opt_int()?, c.opt_int()?, c.opt_int()?);
    let (group, payload) = (group(c)?, c.opt_text()?);
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
        max_parallel: max_parallel.ok_or_else(missing)?,
        group,
        payload: payload.ok_or_else(missing)?,
    }))
}

fn read_state(c: &mut Columns) -> Result<State> {
    let (word, since, fence, task) = (c.text()?, c.opt_int()?, c.int()?, c.opt_int()?);
    let (conclusion, reason, at) = (conclusion(c)?, c.opt_text()?, c.opt_int()?);
    match (word.as_str(), since, task, conclusion, at) {
        ("blocked", None, None, None, None) => Ok(State::Blocked),
        ("held", Some(since), None, None, None) => Ok(State::Held { since: Timestamp(since) }),
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
        State::Held { .. } => "held",
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
        State::Held { since } => [word, since.0.into(), 0.into(), Val::Null, Val::Null, Val::Null, Val::Null],
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

/// `label_set`, matrix, `leg_index`, `leg_total`, `timeout_ms`, `continue_on_error`, `fail_fast`, `max_parallel`, the group's
/// three, payload.
fn leg_columns(leg: Option<&LegPlan>) -> Result<[Val; 12]> {
    let Some(leg) = leg else { return Ok([const { Val::Null }; 12]) };
    let [group, cancels, queues] = group_columns(leg.group.as_ref());
    Ok([
        to_json(&leg.labels)?.into(),
        to_json(&leg.matrix)?.into(),
        leg.index.into(),
        leg.total.into(),
        leg.timeout_ms.into(),
        leg.continue_on_error.into(),
        leg.fail_fast.into(),
        leg.max_parallel.into(),
        group,
        cancels,
        queues,
        leg.payload.as_str().into(),
    ])
}

impl<E: Engine> JobRows for Db<E> {
    async fn insert_job(&mut self, job: &JobRecord) -> Result<()> {
        let insert = "INSERT INTO job (id, run, position, key, name, needs, steps, label_set, matrix, leg_index,
                      leg_total, timeout_ms, continue_on_error, fail_fast, max_parallel, group_name, group_cancels,
                      group_queues, payload, attempt, superseded, state, since, fence, task, conclusion, reason,
                      finished_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                      $20, $21, $22, $23, $24, $25, $26, $27, $28)";
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
        values.extend([job.attempt.into(), job.superseded.into()]);
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
        let sql = select!("WHERE run = $1 AND superseded IS NULL ORDER BY position, id");
        self.all(sql, vec![run.0.into()], read).await
    }

    async fn jobs_of_attempt(&mut self, run: RunId, attempt: i64) -> Result<Vec<JobRecord>> {
        let sql = select!(
            "WHERE run = $1 AND attempt <= $2 AND (superseded IS NULL OR superseded > $2) ORDER BY position, id"
        );
        self.all(sql, vec![run.0.into(), attempt.into()], read).await
    }

    async fn attempts_of(&mut self, job: &JobRecord) -> Result<Vec<JobRecord>> {
        let sql = select!("WHERE run = $1 AND key = $2 AND position = $3 ORDER BY attempt, id");
        self.all(sql, vec![job.run.0.into(), job.key.as_str().into(), job.position.into()], read).await
    }

    async fn supersede(&mut self, job: &JobRecord, attempt: i64) -> Result<()> {
        let update = "UPDATE job SET superseded = $1 WHERE id = $2 AND state = 'finished' AND superseded IS NULL";
        self.guarded(update, vec![attempt.into(), job.id.0.into()]).await
    }

    async fn jobs_in_group(&mut self, repository: i64, name: &str) -> Result<Vec<JobRecord>> {
        let sql = select!(
            "WHERE group_name = $2 AND state IN ('held', 'ready', 'running')
             AND run IN (SELECT id FROM run WHERE repository = $1 AND state <> 'finished') ORDER BY id"
        );
        self.all(sql, vec![repository.into(), name.into()], read).await
    }

    async fn ready_jobs(&mut self) -> Result<Vec<JobRecord>> {
        self.readable(select!("WHERE state = 'ready' ORDER BY since, id LIMIT 1000"), vec![], read).await
    }

    async fn next_ready_job(&mut self, labels: &[String]) -> Result<Option<JobRecord>> {
        // Label sets are few, ready jobs may be many: the sets are judged here, the job is found by the index.
        let sets = "SELECT label_set, MIN(since) FROM job WHERE state = 'ready' GROUP BY label_set
                    ORDER BY MIN(since), MIN(id)";
        for set in self.all(sets, vec![], Columns::text).await? {
            let wanted: Vec<String> = json(&set)?;
            if !placement::fits(&wanted, labels) {
                continue;
            }
            let next =
                select!("WHERE state = 'ready' AND label_set = $1 ORDER BY since, id LIMIT 1 FOR UPDATE SKIP LOCKED");
            match self.first(next, vec![set.clone().into()], read).await {
                Ok(None) => {}
                // A row that cannot be read must not stand before all others.
                Err(Error::Corrupt(error)) => {
                    tracing::error!(error, "a ready job is passed over");
                    let more = select!("WHERE state = 'ready' AND label_set = $1 ORDER BY since, id LIMIT 100");
                    if let Some(job) = self.readable(more, vec![set.into()], read).await?.into_iter().next() {
                        return Ok(Some(job));
                    }
                }
                found => return found,
            }
        }
        Ok(None)
    }

    async fn set_job_plan(&mut self, id: JobId, name: &str, leg: &LegPlan) -> Result<()> {
        let update = "UPDATE job SET label_set = $1, matrix = $2, leg_index = $3, leg_total = $4, timeout_ms = $5,
                      continue_on_error = $6, fail_fast = $7, max_parallel = $8, group_name = $9, group_cancels = $10,
                      group_queues = $11, payload = $12, name = $13
                      WHERE id = $14 AND state = 'blocked'";
        let mut values: Vec<Val> = leg_columns(Some(leg))?.into();
        values.extend([name.into(), id.0.into()]);
        self.guarded(update, values).await
    }

    async fn set_job_state(&mut self, job: &JobRecord, next: &State) -> Result<()> {
        let (task, fence) = match &job.state {
            State::Running { task, fence } => (task.0, *fence),
            State::Ready { fence, .. } => (0, *fence),
            State::Blocked | State::Held { .. } | State::Finished { .. } => (0, 0),
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
