//! No runner that could take a job will ever come.

use windlass_lifecycle::{RunId, Timestamp, job, placement};

use crate::{
    advance::advance,
    core::IdRange,
    error::Result,
    ports::{Operation, Tx},
};

/// Ends the ready jobs of a run that want labels which none of the enlisted runners has: for a local run, which has no
/// other runners than its own.
#[derive(Clone, Debug)]
pub struct FailUnplaceable {
    /// Which run.
    pub run: RunId,
    /// For legs that become ready.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

impl Operation for FailUnplaceable {
    type Answer = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<()> {
        tx.lock_run(self.run).await?;
        let runners = tx.runners().await?;
        for job in tx.jobs_of(self.run).await? {
            let (job::State::Ready { .. }, Some(leg)) = (&job.state, &job.leg) else { continue };
            if runners.iter().any(|runner| placement::fits(&leg.labels, &runner.labels)) {
                continue;
            }
            let offered = runners.iter().map(|runner| runner.labels.join(", ")).collect::<Vec<_>>().join("; ");
            let reason =
                format!("no runner has all of the labels {}: there is one with {offered}", leg.labels.join(", "));
            tx.set_job_state(&job, &job::decide(&job.state, job::Event::NoRunner { reason }, self.now)?).await?;
        }
        let mut ids = self.ids;
        advance(tx, self.run, &mut ids, self.now).await
    }
}
