//! Runs, as people look at them.

use crate::{
    error::Result,
    ports::{Operation, RunFacet, RunFilter, Tx},
    records::{Annotation, EarlierAttempt, JobRecord, OutputRecord, RunRecord, RunnerRecord, StepRecord, TaskRecord},
};
use windlass_lifecycle::RunId;

/// The newest runs that fit, newest first.
#[derive(Clone, Debug)]
pub struct ListRuns(pub RunFilter);

impl Operation for ListRuns {
    type Answer = Vec<RunRecord>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Vec<RunRecord>> {
        tx.newest_runs(&RunFilter { limit: self.0.limit.clamp(1, 1_000), ..self.0.clone() }).await
    }
}

/// What runs can be filtered by: the values that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Full refs.
    pub refs: Vec<String>,
    /// Names of events.
    pub events: Vec<String>,
    /// Names of workflows.
    pub workflows: Vec<String>,
    /// People.
    pub actors: Vec<String>,
}

/// Reads the facets.
#[derive(Clone, Copy, Debug)]
pub struct FindFacets;

impl Operation for FindFacets {
    type Answer = Facets;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Facets> {
        Ok(Facets {
            refs: tx.run_facet(RunFacet::Ref).await?,
            events: tx.run_facet(RunFacet::Event).await?,
            workflows: tx.run_facet(RunFacet::Workflow).await?,
            actors: tx.run_facet(RunFacet::Actor).await?,
        })
    }
}

/// A run with everything in it.
#[derive(Clone, Debug)]
pub enum FindRun {
    /// By its row.
    Id(RunId),
    /// By the number that people use, in the repository of the newest run.
    Number(i64),
    /// The same, as it was in an earlier attempt.
    Attempt(i64, i64),
}

/// A run with its jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// The run.
    pub run: RunRecord,
    /// The attempt that is shown.
    pub attempt: i64,
    /// The attempts before the current one, oldest first.
    pub earlier: Vec<EarlierAttempt>,
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
            Self::Number(number) | Self::Attempt(number, _) => {
                let Some(run) = numbered(tx, *number).await? else { return Ok(None) };
                run
            }
        };
        let attempt = match self {
            Self::Attempt(_, attempt) if (1..=run.attempt).contains(attempt) => *attempt,
            Self::Attempt(..) => return Ok(None),
            Self::Id(_) | Self::Number(_) => run.attempt,
        };
        let earlier = tx.earlier_attempts(run.id).await?;
        let mut jobs = Vec::new();
        for job in tx.jobs_of_attempt(run.id, attempt).await? {
            jobs.push(view(tx, job).await?);
        }
        Ok(Some(RunView { run, attempt, earlier, jobs }))
    }
}

/// A job with everything that its runners told.
pub(super) async fn view<T: Tx>(tx: &mut T, job: JobRecord) -> Result<JobView> {
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
    Ok(JobView { job, attempts })
}

/// Only a run, without its jobs. Cost: two reads by index.
#[derive(Clone, Copy, Debug)]
pub struct FindRunRecord {
    /// The number that people use, in the repository of the newest run.
    pub number: i64,
}

impl Operation for FindRunRecord {
    type Answer = Option<RunRecord>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Option<RunRecord>> {
        numbered(tx, self.number).await
    }
}

/// The run that people call so, in the repository of the newest run.
pub(super) async fn numbered<T: Tx>(tx: &mut T, number: i64) -> Result<Option<RunRecord>> {
    let newest = RunFilter { limit: 1, ..RunFilter::default() };
    let Some(newest) = tx.newest_runs(&newest).await?.pop() else { return Ok(None) };
    tx.run_numbered(newest.repository, number).await
}
