//! The rows of a log as they come: subscribe, then look, then wait.

use std::time::Duration;

use tokio::time::Instant;
use windlass_control::{Core, Listener, Result, Store, Topic, queries::TaskEnded, reconcilers::GRACE};
use windlass_joblog::Row;
use windlass_lifecycle::TaskId;

/// Bells may be lost: look again after this long in any case.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Follows one stream from a row on.
pub(crate) struct Tail<S> {
    core: Core<S>,
    task: TaskId,
    listener: Listener,
    next: u64,
    follow: bool,
    /// Only so many rows before the end are of interest.
    window: u64,
    /// Since when the task is known to have ended without a sealed log.
    ended: Option<Instant>,
}

impl<S: Store> Tail<S> {
    /// A reader of a task's log from row number `from` (from 0) on. Without `follow` it ends where the log ends now.
    pub(crate) fn new(core: Core<S>, task: TaskId, from: u64, follow: bool) -> Self {
        let listener = core.bells.listen();
        Self { core, task, listener, next: from, follow, window: u64::MAX, ended: None }
    }

    /// Passes over what lies further before the end than so many rows.
    pub(crate) fn skipping(self, window: u64) -> Self {
        Self { window, ..self }
    }

    /// The next rows and the number of the first one, once there are any; `None` when no more will come.
    pub(crate) async fn next(&mut self, most: usize) -> Result<Option<(u64, Vec<Row>)>> {
        loop {
            let state = self.core.store.log_state(self.task).await?;
            if state.length > self.next {
                let from = self.next.max(state.length.saturating_sub(self.window));
                let rows = self.core.store.rows(self.task, from, most).await?;
                self.next = from + rows.len() as u64;
                return Ok(Some((from, rows)));
            }
            if state.sealed || !self.follow || self.is_over().await? {
                return Ok(None);
            }
            self.listener.hear(&[Topic::Log(self.task)], Instant::now() + LOOK_AGAIN).await;
        }
    }

    /// A task that ended without a word about its log gets the grace that its runner has.
    async fn is_over(&mut self) -> Result<bool> {
        if !self.core.read(TaskEnded(self.task)).await? {
            return Ok(false);
        }
        Ok(self.ended.get_or_insert_with(Instant::now).elapsed() > GRACE)
    }
}
