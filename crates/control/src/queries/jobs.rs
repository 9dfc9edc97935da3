//! One job, as people look at it.

use super::runs::{JobView, numbered, view};
use crate::{
    error::{Error, Result},
    ports::{Operation, Tx},
    records::{JobRecord, RunRecord},
};

/// A job of a run.
#[derive(Clone, Debug)]
pub struct FindJob {
    /// The number that people use, in the repository of the newest run.
    pub run: i64,
    /// Its display name or key in the latest attempt, or its id, which also names those of earlier attempts.
    pub job: String,
}

/// A job, its run and its other attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundJob {
    /// The run.
    pub run: RunRecord,
    /// The job with its tasks.
    pub view: JobView,
    /// Everything that was ever run for this job, this one included, oldest first.
    pub attempts: Vec<JobRecord>,
    /// The jobs of the same attempt of the run, in order.
    pub beside: Vec<JobRecord>,
}

impl Operation for FindJob {
    type Answer = FoundJob;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<FoundJob> {
        let no_run = || Error::NotFound(format!("there is no run {}", self.run));
        let run = numbered(tx, self.run).await?.ok_or_else(no_run)?;
        let latest = tx.jobs_of(run.id).await?;
        let named = latest
            .iter()
            .find(|job| job.name == self.job || job.id.to_string() == self.job)
            .or_else(|| latest.iter().find(|job| job.key == self.job));
        let job = match (named, self.job.parse()) {
            (Some(job), _) => job.clone(),
            (None, Ok(id)) => match tx.find_job(windlass_lifecycle::JobId(id)).await {
                Ok(job) if job.run == run.id => job,
                Ok(_) | Err(Error::NotFound(_)) => return Err(self.missing(&latest)),
                Err(error) => return Err(error),
            },
            (None, Err(_)) => return Err(self.missing(&latest)),
        };
        let attempts = tx.attempts_of(&job).await?;
        let shown = job.superseded.map_or(run.attempt, |superseded| superseded - 1);
        let beside = tx.jobs_of_attempt(run.id, shown).await?;
        Ok(FoundJob { run, view: view(tx, job).await?, attempts, beside })
    }
}

impl FindJob {
    fn missing(&self, jobs: &[JobRecord]) -> Error {
        let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::NotFound(format!("run {} has no job '{}': it has {names}", self.run, self.job))
    }
}
