//! A runner asks for work.

use serde_json::{Value as Json, json};
use windlass_lifecycle::{Conclusion, RunnerId, TaskId, Timestamp, job, runner, step, task};

use crate::{
    advance::needs_of,
    error::Result,
    ports::{Operation, Tx},
    records::{JobRecord, LegPlan, RunRecord, StepRecord, TaskRecord},
};

/// Hands the oldest ready job that fits to this runner, or the task that this request key already names.
#[derive(Clone, Debug)]
pub struct ClaimTask {
    /// Who asks.
    pub runner: RunnerId,
    /// The runner's name for this fetch, where it has one.
    pub request_key: Option<String>,
    /// The id of the task that may come of it.
    pub task: TaskId,
    /// When.
    pub now: Timestamp,
}

/// What a runner gets.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// Nothing fits at the moment.
    Nothing,
    /// A task: a new one, or again the one that an earlier call with this key got.
    Task(Box<Assignment>),
}

/// What an adapter needs to tell a runner about its task.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The task; its generation names its credentials.
    pub task: TaskRecord,
    /// The run it belongs to.
    pub run: RunRecord,
    /// The attempt of the run that made the job.
    pub attempt: i64,
    /// Key of the job.
    pub job_key: String,
    /// Display name of the job.
    pub job_name: String,
    /// What planning decided.
    pub leg: LegPlan,
    /// Ids of the steps, in order.
    pub step_ids: Vec<String>,
    /// Direct needs.
    pub needs: Vec<NeedOutputs>,
}

/// One job that the task's job needs.
#[derive(Clone, Debug)]
pub struct NeedOutputs {
    /// Its key.
    pub key: String,
    /// How it ended.
    pub result: Conclusion,
    /// Its outputs.
    pub outputs: Vec<(String, String)>,
}

impl Assignment {
    /// The `github` context of the job, but for what only an adapter knows (addresses, tokens).
    pub fn github(&self) -> serde_json::Map<String, Json> {
        let mut github = match &self.run.context {
            Json::Object(map) => map.clone(),
            _ => serde_json::Map::new(),
        };
        for (key, value) in [
            ("run_id", json!(self.run.id.to_string())),
            ("run_number", json!(self.run.number.to_string())),
            ("run_attempt", json!(self.attempt.to_string())),
            ("triggering_actor", json!(self.run.attempt_by)),
            ("job", json!(self.job_key)),
        ] {
            github.insert(key.into(), value);
        }
        github
    }
}

impl Operation for ClaimTask {
    type Answer = Claimed;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Claimed> {
        if let Some(key) = &self.request_key {
            tx.lock_request_key(self.runner, key).await?;
            for id in tx.tasks_named_by(self.runner, key).await? {
                let mut task = tx.find_task(id).await?;
                if !task.state.is_finished() {
                    task.generation = tx.next_generation(id).await?;
                    return assign(tx, task).await;
                }
            }
        }
        let runner = tx.find_runner(self.runner).await?;
        let Ok(next_runner) = runner::decide(&runner.state, runner::Event::Claimed { task: self.task }) else {
            return Ok(Claimed::Nothing);
        };
        let Some(job) = tx.next_ready_job(&runner.labels).await? else { return Ok(Claimed::Nothing) };
        let next = job::decide(&job.state, job::Event::Claimed { task: self.task }, self.now)?;
        tx.set_job_state(&job, &next).await?;
        if next_runner != runner.state {
            tx.set_runner_state(&runner, &next_runner).await?;
        }
        let job::State::Running { fence, .. } = next else { return Ok(Claimed::Nothing) };
        let task = TaskRecord {
            id: self.task,
            job: job.id,
            run: job.run,
            runner: self.runner,
            fence,
            generation: 1,
            created: self.now,
            state: task::State::Assigned { renewed: self.now },
        };
        tx.insert_task(&task, &first_steps(&job)).await?;
        if let Some(key) = &self.request_key {
            tx.name_by(self.runner, key, self.task).await?;
        }
        assign(tx, task).await
    }
}

fn first_steps(job: &JobRecord) -> Vec<StepRecord> {
    let waiting = |(position, plan): (i64, &crate::records::StepPlan)| StepRecord {
        position,
        id: plan.id.clone(),
        name: plan.name.clone(),
        outcome: None,
        log_index: 0,
        log_length: 0,
        state: step::State::Waiting,
    };
    (0..).zip(&job.steps).map(waiting).collect()
}

async fn assign<T: Tx>(tx: &mut T, task: TaskRecord) -> Result<Claimed> {
    let run = tx.find_run(task.run).await?;
    let job = tx.find_job(task.job).await?;
    let jobs = tx.jobs_of(task.run).await?;
    let needs = needs_of(tx, &job, &jobs).await?;
    let leg = job.leg.ok_or_else(|| crate::Error::Corrupt(format!("job {} runs but was never planned", job.id)))?;
    Ok(Claimed::Task(Box::new(Assignment {
        task,
        run,
        attempt: job.attempt,
        job_key: job.key,
        job_name: job.name,
        leg,
        step_ids: job.steps.into_iter().map(|step| step.id).collect(),
        needs: needs
            .into_iter()
            .map(|(key, need)| NeedOutputs { key, result: need.result, outputs: need.outputs.into_iter().collect() })
            .collect(),
    })))
}
