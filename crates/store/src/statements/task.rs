//! `task`, `step`, `output`, `annotation`, `summary`, `request_key`.

use windlass_control::{Annotation, Error, OutputRecord, Result, StepRecord, TaskRecord, TaskRows, Topic, Tx};
use windlass_lifecycle::{JobId, RunId, RunnerId, TaskId, Timestamp, step, task::State};

use super::{conclusion, json, to_json};
use crate::engine::{Columns, Db, Dialect, Engine, Val, corrupt};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, job, run, runner, fence, generation, created_at, state, renewed_at, asked_at, conclusion, ",
            "reason, finished_at FROM task ",
            $rest
        )
    };
}

fn read(c: &mut Columns) -> Result<TaskRecord> {
    Ok(TaskRecord {
        id: TaskId(c.int()?),
        job: JobId(c.int()?),
        run: RunId(c.int()?),
        runner: RunnerId(c.int()?),
        fence: c.int()?,
        generation: c.int()?,
        created: Timestamp(c.int()?),
        state: read_state(c)?,
    })
}

fn read_state(c: &mut Columns) -> Result<State> {
    let (word, renewed, asked) = (c.text()?, c.opt_int()?.map(Timestamp), c.opt_int()?.map(Timestamp));
    let (conclusion, reason, at) = (conclusion(c)?, c.opt_text()?, c.opt_int()?.map(Timestamp));
    match (word.as_str(), renewed, asked, conclusion, at) {
        ("assigned", Some(renewed), None, None, None) => Ok(State::Assigned { renewed }),
        ("running", Some(renewed), None, None, None) => Ok(State::Running { renewed }),
        ("cancelling", Some(renewed), Some(asked), None, None) => Ok(State::Cancelling { renewed, asked }),
        ("finished", None, None, Some(conclusion), Some(at)) => Ok(State::Finished { conclusion, reason, at }),
        _ => Err(corrupt(format!("task state '{word}'"))),
    }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Assigned { .. } => "assigned",
        State::Running { .. } => "running",
        State::Cancelling { .. } => "cancelling",
        State::Finished { .. } => "finished",
    }
}

/// state, `renewed_at`, `asked_at`, conclusion, reason, `finished_at`.
fn state_columns(state: &State) -> [Val; 6] {
    let word = word(state).into();
    match state {
        State::Assigned { renewed } | State::Running { renewed } => {
            [word, renewed.0.into(), Val::Null, Val::Null, Val::Null, Val::Null]
        }
        State::Cancelling { renewed, asked } => {
            [word, renewed.0.into(), asked.0.into(), Val::Null, Val::Null, Val::Null]
        }
        State::Finished { conclusion, reason, at } => {
            [word, Val::Null, Val::Null, conclusion.as_str().into(), reason.as_deref().into(), at.0.into()]
        }
    }
}

fn read_step(c: &mut Columns) -> Result<StepRecord> {
    Ok(StepRecord {
        position: c.int()?,
        id: c.text()?,
        name: c.text()?,
        outcome: conclusion(c)?,
        log_index: c.int()?,
        log_length: c.int()?,
        state: read_step_state(c)?,
    })
}

fn read_step_state(c: &mut Columns) -> Result<step::State> {
    let (word, since, at) = (c.text()?, c.opt_int()?.map(Timestamp), c.opt_int()?.map(Timestamp));
    match (word.as_str(), since, at, conclusion(c)?) {
        ("waiting", None, None, None) => Ok(step::State::Waiting),
        ("running", Some(since), None, None) => Ok(step::State::Running { since }),
        ("finished", since, Some(at), Some(conclusion)) => Ok(step::State::Finished { conclusion, since, at }),
        _ => Err(corrupt(format!("step state '{word}'"))),
    }
}

fn step_columns(step: &StepRecord) -> Vec<Val> {
    let (word, since, at, conclusion) = match &step.state {
        step::State::Waiting => ("waiting", None, None, None),
        step::State::Running { since } => ("running", Some(since.0), None, None),
        step::State::Finished { conclusion, since, at } => {
            ("finished", since.map(|since| since.0), Some(at.0), Some(conclusion.as_str()))
        }
    };
    vec![
        step.outcome.map(windlass_lifecycle::Conclusion::as_str).into(),
        step.log_index.into(),
        step.log_length.into(),
        word.into(),
        since.into(),
        at.into(),
        conclusion.into(),
    ]
}

impl<E: Engine> TaskRows for Db<E> {
    async fn insert_task(&mut self, task: &TaskRecord, steps: &[StepRecord]) -> Result<()> {
        let insert = "INSERT INTO task (id, job, run, runner, fence, generation, created_at, state, renewed_at,
                      asked_at, conclusion, reason, finished_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let mut values: Vec<Val> = vec![
            task.id.0.into(),
            task.job.0.into(),
            task.run.0.into(),
            task.runner.0.into(),
            task.fence.into(),
            task.generation.into(),
            task.created.0.into(),
        ];
        values.extend(state_columns(&task.state));
        self.execute(insert, values).await?;
        for step in steps {
            let insert = "INSERT INTO step (task, position, id, name, outcome, log_index, log_length, state,
                          started_at, finished_at, conclusion)
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
            let mut values: Vec<Val> =
                vec![task.id.0.into(), step.position.into(), step.id.as_str().into(), step.name.as_str().into()];
            values.extend(step_columns(step));
            self.execute(insert, values).await?;
        }
        self.ring(Topic::Run(task.run));
        Ok(())
    }

    async fn find_task(&mut self, id: TaskId) -> Result<TaskRecord> {
        self.first(select!("WHERE id = $1"), vec![id.0.into()], read)
            .await?
            .ok_or_else(|| Error::NotFound(format!("there is no task {id}")))
    }

    async fn tasks_of(&mut self, job: JobId) -> Result<Vec<TaskRecord>> {
        self.all(select!("WHERE job = $1 ORDER BY fence"), vec![job.0.into()], read).await
    }

    async fn live_tasks(&mut self) -> Result<Vec<TaskRecord>> {
        self.readable(select!("WHERE state <> 'finished' ORDER BY renewed_at, id LIMIT 1000"), vec![], read).await
    }

    async fn set_task_state(&mut self, task: &TaskRecord, next: &State) -> Result<()> {
        let update = "UPDATE task SET state = $1, renewed_at = $2, asked_at = $3, conclusion = $4, reason = $5,
                      finished_at = $6
                      WHERE id = $7 AND state = $8";
        let mut values: Vec<Val> = state_columns(next).into();
        values.extend([task.id.0.into(), word(&task.state).into()]);
        self.guarded(update, values).await?;
        self.ring(Topic::Task(task.id));
        self.ring(Topic::Run(task.run));
        Ok(())
    }

    async fn next_generation(&mut self, id: TaskId) -> Result<i64> {
        self.guarded("UPDATE task SET generation = generation + 1 WHERE id = $1", vec![id.0.into()]).await?;
        Ok(self.find_task(id).await?.generation)
    }

    async fn lock_request_key(&mut self, runner: RunnerId, key: &str) -> Result<()> {
        if E::DIALECT == Dialect::Sqlite {
            // One writer: there is no second call at the same time.
            return Ok(());
        }
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, $2))";
        self.execute(lock, vec![key.into(), runner.0.into()]).await
    }

    async fn tasks_named_by(&mut self, runner: RunnerId, key: &str) -> Result<Vec<TaskId>> {
        let select = "SELECT task FROM request_key WHERE runner = $1 AND name = $2 ORDER BY task";
        self.all(select, vec![runner.0.into(), key.into()], |c| Ok(TaskId(c.int()?))).await
    }

    async fn name_by(&mut self, runner: RunnerId, key: &str, task: TaskId) -> Result<()> {
        let insert = "INSERT INTO request_key (runner, name, task) VALUES ($1, $2, $3)";
        self.execute(insert, vec![runner.0.into(), key.into(), task.0.into()]).await
    }

    async fn steps_of(&mut self, task: TaskId) -> Result<Vec<StepRecord>> {
        let select = "SELECT position, id, name, outcome, log_index, log_length, state, started_at, finished_at,
                      conclusion FROM step WHERE task = $1 ORDER BY position";
        self.all(select, vec![task.0.into()], read_step).await
    }

    async fn set_step(&mut self, task: &TaskRecord, step: &StepRecord) -> Result<()> {
        let update = "UPDATE step SET outcome = $1, log_index = $2, log_length = $3, state = $4, started_at = $5,
                      finished_at = $6, conclusion = $7, name = $8 WHERE task = $9 AND position = $10";
        let mut values = step_columns(step);
        values.extend([step.name.as_str().into(), task.id.0.into(), step.position.into()]);
        self.guarded(update, values).await
    }

    async fn insert_output(&mut self, task: TaskId, output: &OutputRecord) -> Result<()> {
        let insert = "INSERT INTO output (task, name, value) VALUES ($1, $2, $3) ON CONFLICT (task, name) DO NOTHING";
        self.execute(insert, vec![task.0.into(), output.name.as_str().into(), output.value.as_str().into()]).await
    }

    async fn outputs_of(&mut self, task: TaskId) -> Result<Vec<OutputRecord>> {
        let select = "SELECT name, value FROM output WHERE task = $1 ORDER BY name";
        self.all(select, vec![task.0.into()], |c| Ok(OutputRecord { name: c.text()?, value: c.text()? })).await
    }

    async fn insert_annotation(&mut self, task: &TaskRecord, annotation: &Annotation) -> Result<()> {
        let insert = "INSERT INTO annotation (task, sequence, body) VALUES ($1, $2, $3)
                      ON CONFLICT (task, sequence) DO NOTHING";
        let body = to_json(annotation)?;
        self.execute(insert, vec![task.id.0.into(), annotation.sequence.into(), body.into()]).await
    }

    async fn annotations_of(&mut self, task: TaskId) -> Result<Vec<Annotation>> {
        let select = "SELECT body FROM annotation WHERE task = $1 ORDER BY sequence";
        self.all(select, vec![task.0.into()], |c| json(&c.text()?)).await
    }

    async fn set_summary(&mut self, task: &TaskRecord, step: i64, text: &str) -> Result<()> {
        let upsert = "INSERT INTO summary (task, step, body) VALUES ($1, $2, $3)
                      ON CONFLICT (task, step) DO UPDATE SET body = excluded.body";
        self.execute(upsert, vec![task.id.0.into(), step.into(), text.into()]).await
    }

    async fn summaries_of(&mut self, task: TaskId) -> Result<Vec<(i64, String)>> {
        let select = "SELECT step, body FROM summary WHERE task = $1 ORDER BY step";
        self.all(select, vec![task.0.into()], |c| Ok((c.int()?, c.text()?))).await
    }
}
