//! What the machine room shows: runners and settings.

use windlass_lifecycle::{Timestamp, runner::Presence, runner::presence};

use crate::{
    error::Result,
    ports::{Operation, RunFilter, Tx},
    records::{RepositoryRecord, RunnerRecord},
    signs::{RunnerSign, Signs},
};

/// Every runner that is not retired.
#[derive(Clone, Debug)]
pub struct Runners {
    /// Who was heard of.
    pub signs: Signs,
    /// When.
    pub now: Timestamp,
}

/// A runner and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerView {
    /// The runner.
    pub runner: RunnerRecord,
    /// Whether it is there.
    pub presence: Presence,
    /// When it called last and how many of its calls wait for work, if it has called since the start.
    pub sign: Option<RunnerSign>,
    /// Number of the run and name of the job of each live task.
    pub jobs: Vec<(i64, String)>,
}

impl Operation for Runners {
    type Answer = Vec<RunnerView>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Vec<RunnerView>> {
        let live = tx.live_tasks().await?;
        let mut views = Vec::new();
        for runner in tx.runners().await? {
            let mut jobs = Vec::new();
            for task in live.iter().filter(|task| task.runner == runner.id) {
                jobs.push((tx.find_run(task.run).await?.number, tx.find_job(task.job).await?.name));
            }
            let sign = self.signs.of_runner(runner.id);
            let called = sign.map(|sign| if sign.parked > 0 { self.now } else { sign.last_call });
            let presence = presence(called.unwrap_or_default(), jobs.len(), self.now);
            views.push(RunnerView { runner, presence, sign, jobs });
        }
        Ok(views)
    }
}

/// The repository of the newest run, if there is a run.
#[derive(Clone, Copy, Debug)]
pub struct Repository;

impl Operation for Repository {
    type Answer = Option<RepositoryRecord>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Option<RepositoryRecord>> {
        match tx.newest_runs(&RunFilter { limit: 1, ..RunFilter::default() }).await?.pop() {
            Some(run) => Ok(Some(tx.find_repository(run.repository).await?)),
            None => Ok(None),
        }
    }
}
