//! Somebody wants a run to end.

use windlass_lifecycle::{RunId, Timestamp, job, run};

use crate::{
    advance::{advance, cancel_job},
    core::IdRange,
    error::Result,
    ports::{Operation, Tx},
};

/// Cancels what waits, asks what runs to stop; jobs that still wait for others are judged when those have ended, so
/// that `always()` jobs run.
#[derive(Clone, Debug)]
pub struct CancelRun {
    /// Which run.
    pub run: RunId,
    /// Who asks, for people.
    pub by: String,
    /// For legs that become ready.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

impl Operation for CancelRun {
    type Answer = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<()> {
        let run = tx.lock_run(self.run).await?;
        let next = run::decide(&run.state, run::Event::CancelAsked, self.now)?;
        if next != run.state {
            tx.set_run_state(&run, &next).await?;
        }
        let reason = format!("cancelled by {}", self.by);
        for job in tx.jobs_of(self.run).await? {
            if matches!(job.state, job::State::Ready { .. } | job::State::Running { .. }) {
                cancel_job(tx, &job, &reason, self.now).await?;
            }
        }
        let mut ids = self.ids;
        advance(tx, self.run, &mut ids, self.now).await
    }
}
