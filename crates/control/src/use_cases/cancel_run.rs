//! Somebody wants a run to end.

use windlass_lifecycle::{RunId, Timestamp};

use crate::{
    advance::{advance, stop_run},
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
        stop_run(tx, &run, &format!("cancelled by {}", self.by), self.now).await?;
        let mut ids = self.ids;
        advance(tx, self.run, &mut ids, self.now).await
    }
}
