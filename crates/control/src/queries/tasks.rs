//! What waiting calls ask about a task.

use windlass_lifecycle::{RunnerId, TaskId, task};

use crate::{
    error::{Error, Result},
    ports::{Operation, Tx},
};

/// Whether a task must stop: it was asked to, or it has ended without its runner.
#[derive(Clone, Debug)]
pub struct CancelAsked {
    /// Who asks.
    pub runner: RunnerId,
    /// About which task.
    pub task: TaskId,
}

impl Operation for CancelAsked {
    type Answer = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<bool> {
        let task = tx.find_task(self.task).await?;
        if task.runner != self.runner {
            return Err(Error::Forbidden("invalid runner for task".into()));
        }
        Ok(matches!(task.state, task::State::Cancelling { .. } | task::State::Finished { .. }))
    }
}

/// Whether a task has ended.
#[derive(Clone, Debug)]
pub struct TaskEnded(pub TaskId);

impl Operation for TaskEnded {
    type Answer = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<bool> {
        Ok(tx.find_task(self.0).await?.state.is_finished())
    }
}
