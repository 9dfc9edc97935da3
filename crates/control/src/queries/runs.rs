//! Runs, as people look at them.

use crate::{
    error::Result,
    ports::{Operation, Tx},
    records::{Annotation, JobRecord, OutputRecord, RunRecord, RunnerRecord, StepRecord, TaskRecord},
};
use windlass_lifecycle::RunId;

/// The newest runs, newest first.
#[derive(Clone, Debug)]
pub struct ListRuns {
    /// At most so many.
    pub limit: i64,
}

impl Operation for ListRuns {
    type Answer = Vec<RunRecord>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Vec<RunRecord>> {
        tx.newest_runs(self.limit.clamp(1, 1_000)).await
    }
}

/// A run with everything in it.
#[derive(Clone, Debug)]
pub enum FindRun {
    /// By its row.
    Id(RunId),
    /// By the number that people use, in the repository of the newest run.
    Number(i64),
}

/// A run with its jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// The run.
    pub run: RunRecord,
    /// Its jobs in order.
    pub jobs: Vec<JobView>,
}

/// A job with its attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// The job.
    pub job: JobRecord,
    /// Its tasks, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// A task with what its runner told.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptView {
    /// The task.
    pub task: TaskRecord,
    /// Name of its runner.
    pub runner: String,
    /// Its steps.
    pub steps: Vec<StepRecord>,
    /// Its annotations.
    pub annotations: Vec<Annotation>,
    /// Step and summary.
    pub summaries: Vec<(i64, String)>,
    /// Its outputs.
    pub outputs: Vec<OutputRecord>,
}

impl RunView {
    /// The job that a person means by its key or its display name.
    pub fn job(&self, name: &str) -> Option<&JobView> {
        self.jobs
            .iter()
            .find(|view| view.job.name == name || view.job.id.to_string() == name)
            .or_else(|| self.jobs.iter().find(|view| view.job.key == name))
    }
}

impl Operation for FindRun {
    type Answer = Option<RunView>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Option<RunView>> {
        let run = match self {
            Self::Id(id) => tx.find_run(*id).await?,
            Self::Number(number) => {
                let Some(newest) = tx.newest_runs(1).await?.pop() else { return Ok(None) };
                let Some(run) = tx.run_numbered(newest.repository, *number).await? else { return Ok(None) };
                run
            }
        };
        let mut jobs = Vec::new();
        for job in tx.jobs_of(run.id).await? {
            let mut attempts = Vec::new();
            for task in tx.tasks_of(job.id).await? {
                let runner: RunnerRecord = tx.find_runner(task.runner).await?;
                attempts.push(AttemptView {
                    runner: runner.name,
                    steps: tx.steps_of(task.id).await?,
                    annotations: tx.annotations_of(task.id).await?,
                    summaries: tx.summaries_of(task.id).await?,
                    outputs: tx.outputs_of(task.id).await?,
                    task,
                });
            }
            jobs.push(JobView { job, attempts });
        }
        Ok(Some(RunView { run, jobs }))
    }
}
